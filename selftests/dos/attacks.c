// SPDX-License-Identifier: GPL-2.0
/*
 * The attacks: what another user can own, and do, to make the victim pay.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dos/dos.h"
#include "lib/caller.h"
#include "lib/descriptors.h"
#include "lib/listing.h"
#include "lib/pager.h"

#define MAKE_SEND	MACH_MSG_TYPE_MAKE_SEND
#define MAKE_SEND_ONCE	MACH_MSG_TYPE_MAKE_SEND_ONCE
#define LISTING		(1UL << 20)

/* ---- ports and names ---- */

static unsigned long fill_ports(struct dos_attacker *attacker,
				unsigned long count)
{
	unsigned long i;
	__u32 name;

	for (i = 0; i < count; i++)
		if (mt_allocate(&attacker->task, MACH_PORT_RIGHT_RECEIVE,
				&name))
			break;
	return i;
}

static void churn_ports(struct dos_attacker *attacker)
{
	__u32 name;

	if (!mt_allocate(&attacker->task, MACH_PORT_RIGHT_RECEIVE, &name))
		mt_must(mt_destroy(&attacker->task, name));
}

static unsigned long fill_dead_names(struct dos_attacker *attacker,
				     unsigned long count)
{
	unsigned long i;
	__u32 name;

	for (i = 0; i < count; i++)
		if (mt_allocate(&attacker->task, MACH_PORT_RIGHT_DEAD_NAME,
				&name))
			break;
	return i;
}

/* Names far apart, in the tree beyond the table. */
static unsigned long fill_far_names(struct dos_attacker *attacker,
				    unsigned long count)
{
	unsigned long i;

	for (i = 0; i < count; i++)
		if (mt_allocate_name(&attacker->task,
				     MACH_PORT_RIGHT_DEAD_NAME,
				     0x20000000 + i * 9973))
			break;
	return i;
}

/* A port goes into one of them and out of it. */
static unsigned long fill_sets(struct dos_attacker *attacker,
			       unsigned long count)
{
	unsigned long i;
	__u32 set;

	attacker->extra = mt_receive_right(&attacker->task);
	attacker->loaded = mt_set(&attacker->task);
	for (i = 0; i < count; i++)
		if (mt_allocate(&attacker->task, MACH_PORT_RIGHT_PORT_SET,
				&set))
			break;
	return i;
}

static void churn_sets(struct dos_attacker *attacker)
{
	mt_must(mt_move_member(&attacker->task, attacker->extra,
			       attacker->loaded));
	mt_must(mt_move_member(&attacker->task, attacker->extra, 0));
}

/* ---- messages ---- */

/* Five in each port, as many as it takes. */
static unsigned long fill_messages(struct dos_attacker *attacker,
				   unsigned long count)
{
	unsigned long i;
	__u32 port = 0;

	for (i = 0; i < count; i++) {
		if (i % 5 == 0 && mt_allocate(&attacker->task,
					      MACH_PORT_RIGHT_RECEIVE, &port))
			break;
		if (mt_send_id(&attacker->task, port, MAKE_SEND, i))
			break;
	}
	attacker->loaded = port;
	return i;
}

static unsigned long fill_send_once(struct dos_attacker *attacker,
				    unsigned long count)
{
	__u32 port = mt_port(&attacker->task);
	unsigned long i;

	for (i = 0; i < count; i++)
		if (mt_send_id(&attacker->task, port, MAKE_SEND_ONCE, i))
			break;
	attacker->loaded = port;
	return i;
}

static void churn_messages(struct dos_attacker *attacker)
{
	if (attacker->loaded &&
	    !mt_send_id(&attacker->task, attacker->loaded, MAKE_SEND_ONCE, 1))
		mt_next(&attacker->task, attacker->loaded);
}

/* A byte of each huge page. */
static unsigned long fill_huge(struct dos_attacker *attacker,
			       unsigned long count)
{
	__u32 port = mt_port(&attacker->task);
	struct mt_message message;
	unsigned long i;
	char *huge;

	for (i = 0; i < count; i++) {
		huge = mt_map_huge(1, 1);
		if (!huge)
			break;
		mt_begin(&message, port, MAKE_SEND_ONCE);
		mt_put_memory(&message, huge + 1000, 1, 0);
		if (mt_send(&attacker->task, &message))
			break;
		mt_unmap(huge, MT_HUGE);
	}
	attacker->loaded = port;
	return i;
}

/* The receive right @inner goes into the queue of @outer. */
static __s32 enclose(const struct mt_task *task, __u32 outer, __u32 inner)
{
	struct mt_message message;

	mt_begin(&message, outer, MAKE_SEND);
	mt_put_right(&message, inner, MACH_MSG_TYPE_MOVE_RECEIVE);
	return mt_send_wait(task, &message, 0);
}

/* Each receive right in a message to the next one. */
static unsigned long fill_chain(struct dos_attacker *attacker,
				unsigned long count)
{
	__u32 inner = mt_port(&attacker->task), outer;
	unsigned long i;

	attacker->loaded = inner;
	for (i = 0; i < count; i++) {
		if (mt_allocate(&attacker->task, MACH_PORT_RIGHT_RECEIVE,
				&outer) ||
		    enclose(&attacker->task, outer, inner))
			break;
		inner = outer;
	}
	return i;
}

/* Into the queue at the far end of the chain: all of it is looked at. */
static void lengthen_chain(struct dos_attacker *attacker)
{
	const struct mt_task *task = &attacker->task;
	struct mt_message message;
	__u32 port;

	if (mt_allocate(task, MACH_PORT_RIGHT_RECEIVE, &port))
		return;
	mt_begin(&message, attacker->loaded, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, port, MACH_MSG_TYPE_MOVE_RECEIVE);
	/* The queue is full soon: then it comes back, under a new name. */
	if (mt_send_wait(task, &message, 0) == MACH_SEND_TIMED_OUT) {
		mt_must(mt_deallocate(task, attacker->loaded));
		mt_must(mt_destroy(task, mt_right(&message, 0)));
	}
}

/* ---- listings ---- */

static char *listing;

static void list_self(struct dos_attacker *attacker)
{
	struct mach_ioc_snapshot call = {
		.task = attacker->task.self,
		.buffer = (unsigned long)listing,
		.length = LISTING,
	};

	mt_must(mt_snapshot(&attacker->task, &call));
}

static void *list_into_nothing(void *arg)
{
	struct dos_attacker *attacker = arg;
	struct mt_pager pager;
	struct mach_ioc_snapshot call = {
		.task = attacker->task.self,
		.length = LISTING,
	};
	char *memory = mt_map(LISTING / MT_PAGE);

	mt_check(mt_pager_watch(&pager, memory, LISTING,
				UFFDIO_REGISTER_MODE_MISSING, 0));
	call.buffer = (unsigned long)memory;
	mt_snapshot(&attacker->task, &call);
	return NULL;
}

/* One listing stands still for ever, others run. */
static unsigned long fill_listing(struct dos_attacker *attacker,
				  unsigned long count)
{
	unsigned long made = fill_dead_names(attacker, count);
	pthread_t thread;

	listing = mt_map_filled(LISTING / MT_PAGE, 1);
	mt_must(pthread_create(&thread, NULL, list_into_nothing, attacker));
	mt_sleep(20);
	return made;
}

/* ---- threads ---- */

struct waiting {
	struct mt_task task;
	__u32 port;
	__u32 timeout;
};

static void *wait_in_turns(void *arg)
{
	struct waiting *waiting = arg;
	struct mach_wire_header head;
	struct mach_ioc_msg call = {
		.option = MACH_RCV_MSG | MACH_RCV_TIMEOUT,
		.msg = (unsigned long)&head,
		.rcv_size = sizeof(head),
		.rcv_name = waiting->port,
		.timeout = waiting->timeout,
	};

	while (mt_msg(&waiting->task, &call) == MACH_RCV_TIMED_OUT)
		;
	return NULL;
}

static void *send_in_turns(void *arg)
{
	struct waiting *waiting = arg;
	struct mach_wire_header head = {
		.bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
		.remote_port = waiting->port,
	};
	struct mach_ioc_msg call = {
		.option = MACH_SEND_MSG | MACH_SEND_TIMEOUT,
		.msg = (unsigned long)&head,
		.send_size = sizeof(head),
		.timeout = waiting->timeout,
	};
	__s32 ret;

	do
		ret = mt_msg(&waiting->task, &call);
	while (ret == MACH_SEND_TIMED_OUT || ret == MACH_MSG_SUCCESS);
	return NULL;
}

static unsigned long start(unsigned long count, void *(*turn)(void *),
			   const struct waiting *what)
{
	struct waiting *waiting = malloc(sizeof(*waiting));
	pthread_attr_t attr;
	pthread_t thread;
	unsigned long i;

	*waiting = *what;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 32768);
	for (i = 0; i < count; i++)
		if (pthread_create(&thread, &attr, turn, waiting))
			break;
	return i;
}

/* Some of them often, most of them some time. */
static unsigned long fill_timers(struct dos_attacker *attacker,
				 unsigned long count)
{
	struct waiting waiting = {
		.task = attacker->task,
		.port = mt_receive_right(&attacker->task),
		.timeout = 1000000,
	};
	unsigned long made = start(count, wait_in_turns, &waiting);

	waiting.timeout = 5;
	return made + start(10, wait_in_turns, &waiting);
}

/* The port that the victim shows: its queue is full, and many wait for it. */
static unsigned long fill_senders(struct dos_attacker *attacker,
				  unsigned long count)
{
	struct waiting waiting = {
		.task = attacker->task,
		.port = attacker->side->up,
		.timeout = 1000000,
	};

	return start(count, send_in_turns, &waiting);
}

/* ---- descriptors and tasks ---- */

static unsigned long fill_polls(struct dos_attacker *attacker,
				unsigned long count)
{
	__u32 port = mt_port(&attacker->task);
	int epoll = epoll_create1(EPOLL_CLOEXEC), fd;
	struct epoll_event event = { .events = EPOLLIN };
	unsigned long i;

	for (i = 0; i < count; i++) {
		if (mt_poll_fd(&attacker->task, port, 0, &fd))
			break;
		mt_must(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
	}
	attacker->loaded = port;
	return i;
}

/* Of many users, each of whom has an account. */
static unsigned long fill_tasks(struct dos_attacker *attacker,
				unsigned long count)
{
	struct mt_task task;
	unsigned long i;

	(void)attacker;
	for (i = 0; i < count; i++) {
		/* This thread's alone: one of the others stands still. */
		mt_must(syscall(SYS_setresuid, 100000 + i, -1, -1));
		mt_open(&task);
		mt_port(&task);
	}
	return i;
}

/* Each task asks for the death of the port that the victim shows. */
static unsigned long fill_requests(struct dos_attacker *attacker,
				   unsigned long count)
{
	struct mt_task task;
	unsigned long i;
	__u32 name;

	for (i = 0; i < count; i++) {
		mt_open(&task);
		name = mt_transfer(&attacker->task, &task, attacker->side->up,
				   MACH_MSG_TYPE_COPY_SEND);
		mt_arm(&task, name, MACH_NOTIFY_DEAD_NAME,
		       mt_receive_right(&task));
	}
	return i;
}

/* ---- all of them ---- */

static unsigned long fill_nothing(struct dos_attacker *attacker,
				  unsigned long count)
{
	(void)attacker;
	return count;
}

const struct dos_attack dos_nobody = {
	"nobody", NULL, fill_nothing, NULL, 1, 0, false
};

const struct dos_attack dos_attacks[] = {
	{ "ports", "max_user_ports", fill_ports, churn_ports, 1, 0, false },
	{ "dead names", "max_user_names", fill_dead_names, NULL, 1, 0, false },
	{ "far names", "max_user_names", fill_far_names, NULL, 1, 0, false },
	{ "port sets", "max_user_ports", fill_sets, churn_sets, 2, 0, false },
	{ "messages", NULL, fill_messages, churn_messages, 1, 0, false },
	{ "send-once flood", "max_user_send_once", fill_send_once,
	  churn_messages, 1, 0, false },
	{ "bytes of huge pages", NULL, fill_huge, churn_messages, 100, 0,
	  true },
	{ "chain of ports", NULL, fill_chain, lengthen_chain, 1, 0, false },
	{ "listings", NULL, fill_listing, list_self, 2, 0, false },
	{ "timers", NULL, fill_timers, NULL, 200, 0, false },
	{ "blocked senders", NULL, fill_senders, NULL, 400, DOS_SNAPSHOT,
	  false },
	{ "poll descriptors", NULL, fill_polls, churn_messages, 20, 0, false },
	{ "tasks of users", NULL, fill_tasks, NULL, 20, 0, false },
	{ "requests", NULL, fill_requests, NULL, 100, 0, false },
};

const unsigned int dos_attack_count =
	sizeof(dos_attacks) / sizeof(dos_attacks[0]);

static unsigned long fill(struct dos_attacker *attackers,
			  const struct dos_order *order)
{
	unsigned long made = 0;
	unsigned int i;

	if (order->attack)
		return order->attack->fill(attackers, order->count);
	for (i = 0; i < dos_attack_count; i++)
		made += dos_attacks[i].fill(&attackers[i], order->count /
					    dos_attacks[i].share / 4);
	return made;
}

static void load(struct dos_attacker *attackers,
		 const struct dos_order *order)
{
	unsigned int i;

	if (order->attack) {
		if (order->attack->load)
			order->attack->load(attackers);
		else
			mt_sleep(10);
		return;
	}
	for (i = 0; i < dos_attack_count; i++)
		if (dos_attacks[i].load)
			dos_attacks[i].load(&attackers[i]);
}

void dos_attack(struct mt_side *side, void *arg)
{
	struct rlimit many = { 65536, 65536 };
	struct dos_attacker attackers[sizeof(dos_attacks) /
				      sizeof(dos_attacks[0])];
	const struct dos_order *order = arg;
	struct sched_param normal = { 0 };
	unsigned int i;

	/* What the victim is, a child of its process is at first, too. */
	mt_must(sched_setscheduler(0, SCHED_OTHER, &normal));
	mt_must(setrlimit(RLIMIT_NOFILE, &many));
	for (i = 0; i < dos_attack_count; i++)
		attackers[i] = (struct dos_attacker) {
			.side = side,
			.task = side->task,
		};
	mt_tell(side->to, fill(attackers, order));
	mt_await(side->from);
	for (;; ++*order->turns)
		load(attackers, order);
}
