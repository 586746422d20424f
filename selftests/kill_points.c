// SPDX-License-Identifier: GPL-2.0
/*
 * SIGKILL at every trace point of send and receive: a process is killed at the
 * n-th time that it passes one, for each point and n that there are.  What it
 * sent has arrived whole or not at all, what it was lent comes back, and
 * everybody who asked is told exactly once (issue 6; N35).
 *
 * Each point MACH_KILLS times (20).
 */
#include <stdlib.h>
#include <sys/wait.h>

#include "lib/actor.h"
#include "lib/caller.h"
#include "lib/fixture.h"
#include "lib/trace_point.h"

#define COPY_SEND	MACH_MSG_TYPE_COPY_SEND
#define MAKE_SEND	MACH_MSG_TYPE_MAKE_SEND
#define MAKE_ONCE	MACH_MSG_TYPE_MAKE_SEND_ONCE
#define MOVE_SEND	MACH_MSG_TYPE_MOVE_SEND
#define MOVE_ONCE	MACH_MSG_TYPE_MOVE_SEND_ONCE
#define MOVE_RECEIVE	MACH_MSG_TYPE_MOVE_RECEIVE

/* A message that has all that there is; others only fill a queue. */
#define RICH		0x51c4
#define PAGES		8UL
#define BYTES		(PAGES * MT_PAGE)
#define NAMES		3
/* Not killed, since a wait came to nothing: so often in a row at most. */
#define PATIENCE	20

static const char words[16] = "what was written";

/* ---- the rich message ---- */

/* What it is made of, under its sender's names. */
struct parcel {
	__u32 dest;			/* COPY_SEND */
	__u32 reply, reply_disposition;
	__u32 watched, watched_disposition;
	__u32 lent;			/* MOVE_RECEIVE */
	__u32 array, array_disposition;
	bool spoilt;			/* its last right does not exist */
};

enum item { WORDS, WATCHED, LENT, ARRAY, COPIED, MOVED };

static void pack(struct mt_message *message, const struct parcel *parcel)
{
	static __u32 names[NAMES];

	for (int i = 0; i < NAMES; i++)
		names[i] = parcel->array;
	mt_begin(message, parcel->dest, COPY_SEND);
	mt_reply_to(message, parcel->reply, parcel->reply_disposition);
	message->head.id = RICH;
	mt_put_data(message, words, sizeof(words));
	mt_put_right(message, parcel->watched, parcel->watched_disposition);
	mt_put_right(message, parcel->lent, MOVE_RECEIVE);
	mt_put_rights_array(message, names, NAMES, parcel->array_disposition,
			    0);
	mt_put_memory(message, mt_map_filled(PAGES, 1), BYTES, 0);
	mt_put_memory(message, mt_map_filled(PAGES, 2), BYTES,
		      MACH_MSG_DESC_DEALLOCATE);
	if (parcel->spoilt)
		mt_put_right(message, MT_UNUSED, COPY_SEND);
}

/* The parcel has arrived: is it all there?  Then it is given up. */
static bool unpack(const struct mt_task *task, struct mt_message *message)
{
	char *copied = mt_memory(message, COPIED);
	char *moved = mt_memory(message, MOVED);
	__u32 watched = mt_right(message, WATCHED);
	__u32 lent = mt_right(message, LENT);
	const __u32 *names = mt_rights_array(message, ARRAY, NAMES);
	bool whole;

	whole = !memcmp(mt_item(message, WORDS).data, words, sizeof(words)) &&
		mt_holds(copied, BYTES, 1) && mt_holds(moved, BYTES, 2) &&
		mt_types(task, watched) & MACH_PORT_TYPE_SEND &&
		mt_types(task, lent) & MACH_PORT_TYPE_RECEIVE &&
		mt_types(task, message->head.remote_port) ==
		MACH_PORT_TYPE_SEND_ONCE;
	for (int i = 0; i < NAMES; i++) {
		whole = whole && mt_types(task, names[i]) & MACH_PORT_TYPE_SEND;
		mt_must(mt_deallocate(task, names[i]));
	}
	mt_free_array(message, ARRAY);
	mt_unmap(copied, BYTES);
	mt_unmap(moved, BYTES);
	mt_must(mt_deallocate(task, watched));
	mt_must(mt_destroy(task, lent));
	mt_must(mt_deallocate(task, message->head.remote_port));
	return whole;
}

/* ---- scenarios ---- */

/* What the survivor does as soon as the victim sleeps. */
enum help { NONE, TAKE_ONE, DIE, SEND };

struct scenario {
	const char *name;
	bool receives;
	bool full;		/* the queue is, before the send */
	bool set;		/* received from a set */
	bool spoilt;
	__u32 flags, option, timeout, room;
	enum help help;
	/* Out: how often it passes each point. */
	unsigned long passed[MT_POINTS];
};

static struct scenario sends[] = {
	{ .name = "send" },
	{ .name = "send and wait", .full = true, .help = TAKE_ONE },
	{ .name = "send and give up", .full = true, .option = MACH_SEND_TIMEOUT,
	  .timeout = 1 },
	{ .name = "send to who dies", .full = true, .help = DIE },
	{ .name = "send what fails", .spoilt = true },
};

static struct scenario receives[] = {
	{ .name = "receive", .receives = true },
	{ .name = "receive and wait", .receives = true, .help = SEND },
	{ .name = "receive from a set", .receives = true, .set = true },
	{ .name = "receive ordinary memory", .receives = true, .flags = MACH_MSG_ORDINARY },
	{ .name = "receive with too little room", .receives = true,
	  .room = MACH_MSG_HEADER_SIZE },
};

/* ---- the victim ---- */

static void send_it(struct mt_side *side, const struct scenario *scenario,
		    struct mt_message *message)
{
	struct parcel parcel = {
		.dest = side->up,
		.reply = message->head.remote_port,
		.reply_disposition = MOVE_ONCE,
		.watched = mt_right(message, 0),
		.watched_disposition = MOVE_SEND,
		.lent = mt_right(message, 1),
		.array = side->up,
		.array_disposition = COPY_SEND,
		.spoilt = scenario->spoilt,
	};

	pack(message, &parcel);
	mt_tell(side->to, 0);
	mt_await(side->from);
	mt_call(&side->task, message, (struct mach_ioc_msg) {
		.option = MACH_SEND_MSG | scenario->option,
		.timeout = scenario->timeout,
	});
}

static void receive_it(struct mt_side *side, const struct scenario *scenario,
		       struct mt_message *message)
{
	__u32 source = mt_right(message, 0);

	if (scenario->set) {
		__u32 set = mt_set(&side->task);

		mt_must(mt_move_member(&side->task, source, set));
		source = set;
	}
	mt_tell(side->to, 0);
	mt_await(side->from);
	mt_call(&side->task, message, (struct mach_ioc_msg) {
		.flags = scenario->flags,
		.option = MACH_RCV_MSG | scenario->option,
		.rcv_name = source,
		.rcv_size = scenario->room,
	});
}

static void victim(struct mt_side *side, void *arg)
{
	const struct scenario *scenario = arg;
	struct mt_message message;

	mt_must(mt_receive(&side->task, side->port, &message, MT_LONG));
	if (scenario->receives)
		receive_it(side, scenario, &message);
	else
		send_it(side, scenario, &message);
}

/* ---- who is left ---- */

struct round {
	const struct scenario *scenario;
	struct mt_peer peer;
	__u32 notify;		/* all requests */
	__u32 alarm;		/* of the one send-once right */
	__u32 watched;		/* of the one send right */
	__u32 lent;		/* goes away and must come back */
	__u32 source;		/* what the victim receives from */
};

static void send_parcel(struct round *round, const struct mt_task *task)
{
	struct parcel parcel = {
		.dest = round->source,
		.reply = round->alarm,
		.reply_disposition = MAKE_ONCE,
		.watched = round->watched,
		.watched_disposition = MAKE_SEND,
		.lent = round->lent,
		.array = round->peer.port,
		.array_disposition = MAKE_SEND,
	};
	struct mt_message message;

	pack(&message, &parcel);
	mt_must(mt_send(task, &message));
	mt_unmap(mt_memory(&message, COPIED), BYTES);
}

/* The rights that a sender's parcel is made of. */
static void lend_parcel(struct round *round, const struct mt_task *task)
{
	struct mt_message message;

	mt_begin(&message, round->peer.right, COPY_SEND);
	mt_reply_to(&message, round->alarm, MAKE_ONCE);
	mt_put_right(&message, round->watched, MAKE_SEND);
	mt_put_right(&message, round->lent, MOVE_RECEIVE);
	mt_must(mt_send(task, &message));
	if (round->scenario->full)
		mt_fill_queue(task, round->peer.port);
}

static void lend_source(struct round *round, const struct mt_task *task)
{
	mt_arm(task, round->source, MACH_NOTIFY_PORT_DESTROYED,
	       round->notify);
	mt_must(mt_carry(task, round->peer.right, round->source));
	if (round->scenario->help != SEND)
		send_parcel(round, task);
}

static void begin(struct round *round, const struct mt_task *task)
{
	mt_spawn(&round->peer, task, victim, (void *)round->scenario);
	round->notify = mt_receive_right(task);
	round->alarm = mt_receive_right(task);
	round->watched = mt_receive_right(task);
	round->lent = mt_receive_right(task);
	round->source = mt_port(task);
	mt_arm(task, round->lent, MACH_NOTIFY_PORT_DESTROYED, round->notify);
	mt_arm(task, round->peer.right, MACH_NOTIFY_DEAD_NAME, round->notify);
	if (round->scenario->receives)
		lend_source(round, task);
	else
		lend_parcel(round, task);
	mt_await(round->peer.from);
}

static void arm_senders(struct round *round, const struct mt_task *task)
{
	__u32 previous;

	/* At once, if it has come and gone already. */
	mt_must(mt_request(task, round->watched, MACH_NOTIFY_NO_SENDERS, 1,
			   round->notify, MAKE_ONCE, &previous));
}

static void help(struct round *round, const struct mt_task *task)
{
	struct mt_message message;

	switch (round->scenario->help) {
	case TAKE_ONE:
		mt_must(mt_receive(task, round->peer.port, &message, 0));
		break;
	case DIE:
		mt_must(mt_destroy(task, round->peer.port));
		break;
	case SEND:
		send_parcel(round, task);
		break;
	default:
		break;
	}
}

/* Waits for the death of the victim; helps it when it sleeps. */
static int follow(struct round *round, const struct mt_task *task,
		  int blocked)
{
	bool helped = round->scenario->help == NONE;
	int status;

	mt_tell(round->peer.to, 0);
	while (!helped && waitpid(round->peer.pid, &status, WNOHANG) == 0) {
		if (mt_point_count(blocked)) {
			help(round, task);
			helped = true;
		} else {
			mt_sleep(1);
		}
	}
	if (!helped) {
		/* It never came so far. */
		help(round, task);
		return status;
	}
	return mt_wait_pid(round->peer.pid);
}

/* ---- what must be true of every death ---- */

/* What is in the queue now; false: not one parcel, or not whole. */
static bool drain(const struct mt_task *task, __u32 port, int *arrived)
{
	struct mt_message message;

	while (!mt_receive(task, port, &message, 0)) {
		if (message.head.id != RICH)
			continue;
		if (++*arrived > 1 || !unpack(task, &message))
			return false;
	}
	return true;
}

/* One of each kind, and each right back once. */
static bool told_once(struct round *round, const struct mt_task *task,
		      int *arrived)
{
	int back = round->scenario->receives ? 2 : 1;
	int dead = 0, senders = 0, destroyed = 0, sources = 0;
	struct mt_message message;

	while (dead + senders + destroyed < back + 2) {
		__u32 name;

		if (mt_receive(task, round->notify, &message, MT_LONG))
			return false;
		switch (message.head.id) {
		case MACH_NOTIFY_DEAD_NAME:
			dead++;
			break;
		case MACH_NOTIFY_NO_SENDERS:
			senders++;
			break;
		case MACH_NOTIFY_PORT_DESTROYED:
			destroyed++;
			name = mt_right(&message, 0);
			sources += name == round->source;
			if (name == round->source &&
			    !drain(task, name, arrived))
				return false;
			mt_must(mt_destroy(task, name));
			break;
		default:
			return false;
		}
	}
	return dead == 1 && senders == 1 && destroyed == back &&
	       sources == back - 1;
}

static bool silent_now(struct round *round, const struct mt_task *task)
{
	struct mt_message message;

	if (mt_receive(task, round->alarm, &message, MT_LONG) ||
	    message.head.id != MACH_NOTIFY_SEND_ONCE)
		return false;
	return mt_silent(task, round->alarm) &&
	       mt_silent(task, round->notify) &&
	       mt_silent(task, round->watched) &&
	       !mt_senders(task, round->watched);
}

static void clean_up(struct round *round, const struct mt_task *task)
{
	mt_must(mt_destroy(task, round->notify));
	mt_must(mt_destroy(task, round->alarm));
	mt_must(mt_destroy(task, round->watched));
	mt_must(mt_destroy(task, round->peer.right));
	if (!round->scenario->receives)
		mt_must(mt_destroy(task, round->source));
	if (round->scenario->help != DIE)
		mt_must(mt_destroy(task, round->peer.port));
	close(round->peer.to);
	close(round->peer.from);
}

static bool as_before(const struct mt_task *task,
		      const struct mach_ioc_stats *before)
{
	return mt_live_settles(task, before) &&
	       mt_live_becomes(task, MT_LIVE(pages), before->live_pages) &&
	       mt_live_becomes(task, MT_LIVE(sets), before->live_sets);
}

/* ---- the test ---- */

struct points {
	struct mt_point all[MT_POINTS];
	int count, blocked;
	unsigned long kills[MT_POINTS];
	unsigned long arrived;
};

/* The killer, or what counts, is @watch; false: something is wrong. */
static bool finish(struct points *points, struct round *round,
		   const struct mt_task *task, bool *killed)
{
	const struct mt_point *blocked = &points->all[points->blocked];
	int asleep = mt_count_point(blocked, round->peer.pid);
	int status = follow(round, task, asleep);
	int arrived = 0;
	bool ok = true;

	close(asleep);
	*killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	mt_check(*killed || (WIFEXITED(status) && !WEXITSTATUS(status)));
	arm_senders(round, task);
	if (!round->scenario->receives && round->scenario->help != DIE)
		ok = drain(task, round->peer.port, &arrived);
	ok = ok && told_once(round, task, &arrived) && silent_now(round, task);
	points->arrived += arrived;
	return ok;
}

/* How often each point is passed when nobody kills. */
static bool count_points(struct points *points, struct scenario *scenario,
			 const struct mt_task *task)
{
	struct mach_ioc_stats before = mt_stats(task, MACH_STATS_MODULE);
	struct round round = { .scenario = scenario };
	int fds[MT_POINTS], i;
	bool killed, ok;

	begin(&round, task);
	for (i = 0; i < points->count; i++)
		fds[i] = mt_count_point(&points->all[i], round.peer.pid);
	ok = finish(points, &round, task, &killed) && !killed;
	for (i = 0; i < points->count; i++) {
		scenario->passed[i] = mt_point_count(fds[i]);
		close(fds[i]);
	}
	clean_up(&round, task);
	return ok && as_before(task, &before);
}

static bool kill_at(struct points *points, const struct scenario *scenario,
		    const struct mt_task *task, int point,
		    unsigned long number)
{
	struct mach_ioc_stats before = mt_stats(task, MACH_STATS_MODULE);
	bool killed = false, ok = true;

	for (int i = 0; ok && !killed && i < PATIENCE; i++) {
		struct round round = { .scenario = scenario };
		int fd;

		begin(&round, task);
		fd = mt_kill_at_point(&points->all[point], round.peer.pid,
				      number);
		ok = finish(points, &round, task, &killed);
		close(fd);
		clean_up(&round, task);
		ok = ok && as_before(task, &before);
	}
	points->kills[point]++;
	return ok && killed;
}

static unsigned long wanted_kills(void)
{
	const char *wanted = getenv("MACH_KILLS");

	return wanted ? strtoul(wanted, NULL, 0) : 20;
}

/* Once at each passing of one point; how many there were, or -1. */
static int kill_at_all(struct points *points, const struct scenario *scenario,
		       const struct mt_task *task, int point)
{
	unsigned long passed = scenario->passed[point];

	for (unsigned long n = 1; n <= passed; n++) {
		if (kill_at(points, scenario, task, point, n))
			continue;
		printf("# %s, killed at %s %lu\n", scenario->name,
		       points->all[point].name, n);
		return -1;
	}
	return passed;
}

/* Until each point has had its share. */
static bool kill_all(struct points *points, const struct mt_task *task,
		     const struct scenario *list, int count, int point)
{
	unsigned long wanted = wanted_kills();
	int some, passed = 1;

	while (passed && points->kills[point] < wanted) {
		passed = 0;
		for (int s = 0; s < count; s++) {
			some = kill_at_all(points, &list[s], task, point);
			if (some < 0)
				return false;
			passed += some;
		}
	}
	return true;
}

static void run(struct __test_metadata *_metadata, const struct mt_task *task,
		struct scenario *list, int count)
{
	static struct points points;

	points.count = mt_find_points(points.all);
	if (!points.count)
		SKIP(return, "no tracefs, or no perf events");
	for (int i = 0; i < points.count; i++)
		if (!strcmp(points.all[i].name, "blocked"))
			points.blocked = i;
	mt_share_all();
	for (int s = 0; s < count; s++) {
		ASSERT_TRUE(count_points(&points, &list[s], task))
			TH_LOG("%s, not killed", list[s].name);
	}
	for (int i = 0; i < points.count; i++) {
		ASSERT_TRUE(kill_all(&points, task, list, count, i));
		if (points.kills[i])
			TH_LOG("%s: %lu kills", points.all[i].name,
			       points.kills[i]);
	}
	TH_LOG("%lu messages arrived", points.arrived);
}

TEST_F_TIMEOUT(mach, N35_killed_at_each_point_of_send, 36000)
{
	run(_metadata, &self->task, sends, ARRAY_SIZE(sends));
}

TEST_F_TIMEOUT(mach, N35_killed_at_each_point_of_receive, 36000)
{
	run(_metadata, &self->task, receives, ARRAY_SIZE(receives));
}

TEST_HARNESS_MAIN
