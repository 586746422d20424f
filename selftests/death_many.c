// SPDX-License-Identifier: GPL-2.0
/*
 * Deaths by the hundred thousand: processes that end in every manner, several
 * at once, in the middle of whatever they do.  Each lends an observer rights
 * for its ports and is lent rights; each request must bring exactly one
 * notification for each death, whenever it was armed (issue 6; N20, N35).
 *
 * usage: as all hammers (lib/hammer.h); a minute of `-t` prints one line.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/caller.h"
#include "lib/hammer.h"

#define COPY_SEND	MACH_MSG_TYPE_COPY_SEND
#define MAKE_SEND	MACH_MSG_TYPE_MAKE_SEND
#define MAKE_ONCE	MACH_MSG_TYPE_MAKE_SEND_ONCE
#define MOVE_SEND	MACH_MSG_TYPE_MOVE_SEND
#define MOVE_RECEIVE	MACH_MSG_TYPE_MOVE_RECEIVE

/* Victims that live at the same time. */
#define CROWD		12
/* Rights that each lends: two ports and a thread. */
#define LENT		3
/* For a notification, on an emulated debug kernel that has other work. */
#define PATIENCE	60000U
#define REPORT		60000U
/* A word of the command line: what exec makes of a victim. */
#define IDLE		"idle"

enum manner {
	KILL,		/* SIGKILL while it works */
	EXIT,
	CRASH,		/* a signal of its own */
	EXEC,		/* the address space dies, the process does not */
	CLOSE,		/* the task dies, the process does not */
	LEADER,		/* its first thread is gone when it is killed */
	HEIR,		/* a child still has its descriptor */
	MANNERS,
	ANY = MANNERS
};

static const char *const manner_names[] = {
	"kill", "exit", "crash", "exec", "close", "leader", "heir",
};

/* ---- the victim ---- */

struct victim {
	struct mt_task task;
	__u32 port, moving;	/* receive rights */
	__u32 carrier;
	__u32 watched;		/* the only send right, lent to us */
	char *memory;
};

static void say_hello(struct victim *victim, unsigned int index)
{
	__u32 up = MACH_PORT_NULL;
	struct mt_message message;

	mt_must(mt_name_call(&victim->task, MACH_IOC_GET_BOOTSTRAP, &up));
	mt_begin(&message, up, MOVE_SEND);
	message.head.id = index;
	mt_put_right(&message, victim->port, MAKE_SEND);
	mt_put_right(&message, victim->moving, MAKE_SEND);
	mt_put_right(&message, mt_thread_self(&victim->task), MOVE_SEND);
	mt_must(mt_send(&victim->task, &message));
}

/* A right that must not get lost goes round by a queue. */
static void pass(struct victim *victim, __u32 *name, __u32 disposition)
{
	struct mt_message message;

	mt_begin(&message, victim->carrier, COPY_SEND);
	mt_put_right(&message, *name, disposition);
	mt_put_memory(&message, victim->memory, 2 * MT_PAGE, 0);
	mt_must(mt_send(&victim->task, &message));
	mt_must(mt_receive(&victim->task, victim->carrier, &message,
			   PATIENCE));
	*name = mt_right(&message, 0);
	mt_unmap(mt_memory(&message, 1), 2 * MT_PAGE);
}

static void take_loan(struct victim *victim, __u32 milliseconds)
{
	struct mt_message message;

	if (mt_receive(&victim->task, victim->port, &message, milliseconds))
		return;
	/* Its reply right, which is send-once, is just kept. */
	victim->watched = mt_right(&message, 0);
}

static void work(struct victim *victim, unsigned int rounds)
{
	while (rounds--) {
		switch (mt_random(3)) {
		case 0:
			pass(victim, &victim->moving, MOVE_RECEIVE);
			break;
		case 1:
			if (victim->watched)
				pass(victim, &victim->watched, MOVE_SEND);
			break;
		case 2:
			if (!victim->watched)
				take_loan(victim, 0);
			break;
		}
	}
}

static void *work_on(void *arg)
{
	struct victim *victim = arg;

	/* It asks for its own port: that of an ended thread dies. */
	mt_must(mt_deallocate(&victim->task, mt_thread_self(&victim->task)));
	for (;;)
		work(victim, 100);
	return NULL;
}

static void idle(void)
{
	for (;;)
		pause();
}

static void leave_to_thread(struct victim *victim)
{
	pthread_t thread;

	mt_must(pthread_create(&thread, NULL, work_on, victim));
	/* Just this thread. */
	syscall(SYS_exit, 0);
}

static void leave_heir(struct victim *victim)
{
	pid_t pid = fork();

	mt_check(pid >= 0);
	if (pid == 0)
		idle();
	work(victim, -1U);
}

static void end_by(struct victim *victim, enum manner manner)
{
	switch (manner) {
	case EXIT:
		_exit(0);
	case CRASH:
		raise(SIGSEGV);
		break;
	case EXEC:
		execl("/proc/self/exe", "death_many", IDLE, NULL);
		break;
	case CLOSE:
		mt_close(&victim->task);
		idle();
		break;
	case LEADER:
		leave_to_thread(victim);
		break;
	case HEIR:
		leave_heir(victim);
		break;
	default:
		work(victim, -1U);
	}
	_exit(1);
}

static void live(unsigned int index, enum manner manner)
{
	struct victim victim = { .watched = MACH_PORT_NULL };

	/* A group, in which an heir is found. */
	mt_must(setpgid(0, 0));
	mt_spread(mt_random(16));
	mt_open(&victim.task);
	victim.port = mt_receive_right(&victim.task);
	victim.moving = mt_receive_right(&victim.task);
	victim.carrier = mt_port(&victim.task);
	victim.memory = mt_map_filled(2, 1);
	say_hello(&victim, index);
	/* Else it may be dead before anybody has asked to be told. */
	if (mt_random(4))
		take_loan(&victim, MT_FOREVER);
	work(&victim, mt_random(8));
	end_by(&victim, manner);
}

/* ---- who watches ---- */

/* What the observer has of one victim. */
struct seat {
	enum manner manner;
	pid_t pid;
	__u32 lent[LENT];	/* its rights; dead names later */
	__u32 watched;		/* the send right was lent */
	__u32 notify;		/* for all requests; a send-once was lent */
	unsigned int due;	/* notifications, a bit each */
};

/* Bits of seat->due; before them those of the rights that it lends. */
#define SENDERS		(1U << LENT)
#define ONCE		(2U << LENT)

struct crowd {
	const struct mt_task *task;
	__u32 hello;
	unsigned long deaths;	/* that somebody had to be told of */
	unsigned long told;
	struct mach_ioc_stats before;
	struct seat seats[CROWD];
};

static void admit(struct crowd *crowd, unsigned int index, enum manner manner)
{
	struct seat *seat = &crowd->seats[index];

	seat->manner = manner;
	seat->due = 0;
	seat->notify = mt_receive_right(crowd->task);
	seat->watched = mt_receive_right(crowd->task);
	mt_random(2);		/* no child repeats its sister's numbers */
	seat->pid = mt_fork();
	if (seat->pid == 0)
		live(index, manner);
}

static void arm(struct crowd *crowd, struct seat *seat)
{
	__u32 previous;

	/* It may be dead by now: then the request is answered at once. */
	for (int i = 0; i < LENT; i++) {
		if (seat->lent[i] == MACH_PORT_DEAD)
			continue;
		mt_must(mt_request(crowd->task, seat->lent[i],
				   MACH_NOTIFY_DEAD_NAME, 1, seat->notify,
				   MAKE_ONCE, &previous));
		seat->due |= 1U << i;
	}
}

/* The only send right for one port, and a send-once right. */
static void lend(struct crowd *crowd, struct seat *seat)
{
	struct mt_message message;
	__u32 previous;
	__s32 ret;

	mt_begin(&message, seat->lent[0], COPY_SEND);
	mt_reply_to(&message, seat->notify, MAKE_ONCE);
	mt_put_right(&message, seat->watched, MAKE_SEND);
	ret = mt_send(crowd->task, &message);
	if (ret == MACH_SEND_INVALID_DEST)
		return;
	mt_must(ret);
	seat->due |= SENDERS | ONCE;
	mt_must(mt_request(crowd->task, seat->watched, MACH_NOTIFY_NO_SENDERS,
			   1, seat->notify, MAKE_ONCE, &previous));
}

static struct seat *greet(struct crowd *crowd)
{
	struct mt_message message;
	struct seat *seat;

	mt_must(mt_receive(crowd->task, crowd->hello, &message, PATIENCE));
	mt_check(message.head.id < CROWD);
	seat = &crowd->seats[message.head.id];
	for (int i = 0; i < LENT; i++)
		seat->lent[i] = mt_right(&message, i);
	return seat;
}

/* The process goes on; its task must be gone all the same. */
static bool outlives(enum manner manner)
{
	return manner == EXEC || manner == CLOSE;
}

static void strike(const struct seat *seat)
{
	if (!outlives(seat->manner))
		kill(seat->pid, SIGKILL);
}

/* The victim dies before, between or after these, or long after. */
static void serve(struct crowd *crowd, struct seat *seat)
{
	unsigned int moment = mt_random(4);

	if (moment == 0)
		strike(seat);
	arm(crowd, seat);
	if (moment == 1)
		strike(seat);
	lend(crowd, seat);
	if (moment == 2)
		strike(seat);
}

/* The bit of a notification that can only be about this victim, or 0. */
static unsigned int which(const struct seat *seat, struct mt_message *message)
{
	switch (message->head.id) {
	case MACH_NOTIFY_DEAD_NAME:
		for (int i = 0; i < LENT; i++)
			if (mt_item(message, 0).data[0] == seat->lent[i])
				return 1U << i;
		return 0;
	case MACH_NOTIFY_NO_SENDERS:
		return SENDERS;
	case MACH_NOTIFY_SEND_ONCE:
		return ONCE;
	}
	return 0;
}

/* As many as are due, and all different. */
static bool told(struct crowd *crowd, const struct seat *seat)
{
	unsigned int due = seat->due, bit;
	struct mt_message message;

	crowd->deaths += !!due;
	while (due) {
		if (mt_receive(crowd->task, seat->notify, &message, PATIENCE))
			return false;
		bit = which(seat, &message);
		if (!(due & bit))
			return false;
		due &= ~bit;
		crowd->told++;
	}
	return true;
}

/* What came later than all that was due; and no right that could bring it. */
static bool told_no_more(struct crowd *crowd, const struct seat *seat)
{
	return mt_silent(crowd->task, seat->notify) &&
	       mt_silent(crowd->task, seat->watched) &&
	       !mt_senders(crowd->task, seat->watched);
}

static void bury(struct crowd *crowd, struct seat *seat)
{
	const struct mt_task *task = crowd->task;

	if (!told_no_more(crowd, seat))
		mt_violation("%s: told too much", manner_names[seat->manner]);
	for (int i = 0; i < LENT; i++) {
		if (seat->lent[i] == MACH_PORT_DEAD)
			continue;
		if (mt_types(task, seat->lent[i]) != MACH_PORT_TYPE_DEAD_NAME)
			mt_violation("%s: its right %d lives",
				     manner_names[seat->manner], i);
		mt_must(mt_destroy(task, seat->lent[i]));
	}
	mt_must(mt_destroy(task, seat->watched));
	mt_must(mt_destroy(task, seat->notify));
}

static bool gone(struct crowd *crowd)
{
	return mt_live_settles(crowd->task, &crowd->before);
}

/* And its heir, which is ours now. */
static void reap(const struct seat *seat)
{
	kill(-seat->pid, SIGKILL);
	while (waitpid(-seat->pid, NULL, 0) > 0)
		;
}

static void one_crowd(struct crowd *crowd, enum manner manner)
{
	for (int i = 0; i < CROWD; i++)
		admit(crowd, i, manner == ANY ? mt_random(MANNERS) : manner);
	for (int i = 0; i < CROWD; i++)
		serve(crowd, greet(crowd));
	if (mt_random(2))
		mt_sleep(mt_random(5));
	for (int i = 0; i < CROWD; i++)
		strike(&crowd->seats[i]);
	for (int i = 0; i < CROWD; i++)
		if (!told(crowd, &crowd->seats[i]))
			mt_violation("%s: not told once of each",
				     manner_names[crowd->seats[i].manner]);
	for (int i = 0; i < CROWD; i++)
		reap(&crowd->seats[i]);
	for (int i = 0; i < CROWD && !mt_violated(); i++)
		bury(crowd, &crowd->seats[i]);
	if (!mt_violated() && !gone(crowd))
		mt_violation("something is left of them");
}

/* ---- the frame ---- */

static void report(const char *name, const struct crowd *crowd, __u64 begin)
{
	printf("# %s: %lu deaths, %lu notifications, %llu s\n", name,
	       crowd->deaths, crowd->told, (mt_now() - begin) / 1000ULL);
	fflush(stdout);
}

static int run(const struct mt_scenario *scenario)
{
	__u64 begin = mt_now(), last = begin;
	struct mt_task task;
	struct crowd crowd = { .task = &task };
	__u32 offered;

	mt_must(prctl(PR_SET_CHILD_SUBREAPER, 1));
	mt_open(&task);
	crowd.hello = offered = mt_port(&task);
	mt_must(mt_name_call(&task, MACH_IOC_SET_BOOTSTRAP, &offered));
	crowd.before = mt_stats(&task, MACH_STATS_MODULE);
	while (mt_hammer_on(3)) {
		one_crowd(&crowd, scenario->kind);
		if (mt_now() - last < REPORT)
			continue;
		last = mt_now();
		report(scenario->name, &crowd, begin);
	}
	report(scenario->name, &crowd, begin);
	return KSFT_PASS;
}

static const struct mt_scenario scenarios[] = {
	{ "kill", run, KILL },
	{ "exit", run, EXIT },
	{ "crash", run, CRASH },
	{ "exec", run, EXEC },
	{ "close", run, CLOSE },
	{ "leader", run, LEADER },
	{ "heir", run, HEIR },
	{ "any", run, ANY },
};

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], IDLE))
		idle();
	return mt_hammer_main(argc, argv, scenarios, ARRAY_SIZE(scenarios));
}
