// SPDX-License-Identifier: GPL-2.0
/*
 * Death with everything in flight: a port tells in a fixed order, and tasks
 * that hold each other's rights, messages and requests may die in any order
 * and in any way; whoever is left hears of each thing once (spec 2.2; negative
 * tests N20, N35).
 */
#include <fcntl.h>

#include "lib/actor.h"
#include "lib/caller.h"
#include "lib/fixture.h"

#define COPY_SEND	MACH_MSG_TYPE_COPY_SEND
#define MAKE_SEND	MACH_MSG_TYPE_MAKE_SEND
#define MAKE_ONCE	MACH_MSG_TYPE_MAKE_SEND_ONCE
#define MOVE_ONCE	MACH_MSG_TYPE_MOVE_SEND_ONCE
#define MOVE_RECEIVE	MACH_MSG_TYPE_MOVE_RECEIVE

/* ---- one port ---- */

/* A port with all that can be armed, all of it to one notify port. */
static __u32 armed_port(const struct mt_task *task, __u32 notify)
{
	__u32 port = mt_port(task), names[2] = { notify, notify };
	struct mt_message message;

	mt_arm(task, port, MACH_NOTIFY_NO_SENDERS, notify);
	mt_arm(task, port, MACH_NOTIFY_DEAD_NAME, notify);
	mt_begin(&message, port, COPY_SEND);
	mt_reply_to(&message, notify, MAKE_ONCE);
	mt_put_right(&message, notify, MAKE_ONCE);
	mt_put_rights_array(&message, names, 2, MAKE_ONCE, 0);
	mt_must(mt_send(task, &message));
	return port;
}

TEST_F(mach, S2_2_order_when_the_port_dies)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task);
	__u32 port = armed_port(task, notify);

	mt_must(mt_mod_refs(task, port, MACH_PORT_RIGHT_RECEIVE, -1));
	/* The no-senders request, then the message's four rights. */
	for (int i = 0; i < 5; i++) {
		EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_SEND_ONCE,
					0));
	}
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_DEAD_NAME, port));
	EXPECT_TRUE(mt_silent(task, notify));
}

TEST_F(mach, S2_2_order_when_the_name_is_destroyed)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task), port, others;
	struct mt_message message;
	struct mt_task other;

	mt_open(&other);
	port = mt_port(task);
	others = mt_connect(&other, task, port);
	mt_must(mt_deallocate(&other, others));
	mt_arm(task, port, MACH_NOTIFY_NO_SENDERS, notify);
	mt_arm(task, port, MACH_NOTIFY_DEAD_NAME, notify);
	mt_begin(&message, mt_make_send_once(task, port), MOVE_ONCE);
	mt_put_right(&message, notify, MAKE_ONCE);
	mt_must(mt_send(task, &message));
	mt_must(mt_destroy(task, port));
	/* S2.2: the last send right goes first, and then the port dies. */
	EXPECT_EQ(MACH_NOTIFY_SEND_ONCE + MACH_NOTIFY_NO_SENDERS,
		  mt_notification(task, notify).id +
		  mt_notification(task, notify).id);
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_PORT_DELETED,
				port));
	EXPECT_TRUE(mt_silent(task, notify));
}

/* ---- three tasks that hold each other ---- */

#define TASKS	3

struct party {
	struct mt_task task;
	__u32 notify;		/* requests of this one */
	__u32 alarm;		/* others have send-once rights for it */
	__u32 set;
};

static void make_party(struct party *party)
{
	mt_open(&party->task);
	party->notify = mt_receive_right(&party->task);
	party->alarm = mt_receive_right(&party->task);
	party->set = mt_set(&party->task);
}

/* @of watches a port of @whose, and has a forced message in its queue. */
static void watch_and_force(struct party *of, struct party *whose)
{
	__u32 port = mt_receive_right(&whose->task), right;
	struct mt_message message;

	mt_must(mt_move_member(&whose->task, port, whose->set));
	right = mt_connect(&of->task, &whose->task, port);
	mt_arm(&of->task, right, MACH_NOTIFY_DEAD_NAME, of->notify);
	mt_must(mt_set_qlimit(&whose->task, port, 0));
	mt_begin(&message, right, COPY_SEND);
	mt_put_right(&message, right, COPY_SEND);
	mt_check(mt_call(&of->task, &message, (struct mach_ioc_msg) {
			.option = MACH_SEND_MSG | MACH_SEND_NOTIFY,
			.notify = of->notify,
		 }) == MACH_SEND_WILL_NOTIFY);
}

/* @of is told when @whose has no more of its rights, of any kind. */
static void lend(struct party *of, struct party *whose)
{
	__u32 port = mt_receive_right(&of->task), there, once, previous;
	__u32 ports[MACH_TASK_PORT_REGISTER_MAX] = {};

	/* A send right in three places. */
	there = mt_connect(&whose->task, &of->task, port);
	mt_arm(&of->task, port, MACH_NOTIFY_NO_SENDERS, of->notify);
	mt_must(mt_set_special(&whose->task, MACH_TASK_EXCEPTION_PORT,
			       there));
	ports[1] = there;
	mt_must(mt_register(&whose->task, ports, 2));
	/* A send-once right. */
	mt_transfer(&of->task, &whose->task, of->alarm, MAKE_ONCE);
	/* A receive right that comes home. */
	once = mt_transfer(&of->task, &whose->task, of->notify, MAKE_ONCE);
	port = mt_receive_right(&whose->task);
	mt_must(mt_request(&whose->task, port, MACH_NOTIFY_PORT_DESTROYED, 0,
			   once, MOVE_ONCE, &previous));
}

/* A message of @of in the queue of @whose, with one of everything. */
static void leave_message(struct party *of, struct party *whose)
{
	__u32 port = mt_port(&whose->task), dest, moved, names[2];
	char *memory = mt_map_filled(4, 1);
	struct mt_message message;

	dest = mt_connect(&of->task, &whose->task, port);
	moved = mt_port(&of->task);
	mt_arm(&of->task, moved, MACH_NOTIFY_DEAD_NAME, of->notify);
	names[0] = names[1] = of->alarm;
	mt_begin(&message, dest, MACH_MSG_TYPE_MOVE_SEND);
	mt_reply_to(&message, of->alarm, MAKE_ONCE);
	mt_put_right(&message, moved, MOVE_RECEIVE);
	mt_put_rights_array(&message, names, 2, MAKE_ONCE, 0);
	mt_put_memory(&message, memory, 4 * MT_PAGE, MACH_MSG_DESC_DEALLOCATE);
	mt_must(mt_send(&of->task, &message));
}

/* What one survivor hears when one other dies. */
struct heard {
	int dead_names, no_senders, destroyed, send_once, alarms;
};

static struct heard listen_to(struct party *party)
{
	struct heard heard = {};
	struct mt_message message;

	for (int i = 0; i < 5; i++) {
		mt_must(mt_receive(&party->task, party->notify, &message,
				   MT_LONG));
		heard.dead_names += message.head.id == MACH_NOTIFY_DEAD_NAME;
		heard.no_senders += message.head.id == MACH_NOTIFY_NO_SENDERS;
		heard.destroyed += message.head.id ==
				   MACH_NOTIFY_PORT_DESTROYED;
		heard.send_once += message.head.id == MACH_NOTIFY_SEND_ONCE;
	}
	for (int i = 0; i < 4; i++)
		heard.alarms += mt_notified(&party->task, party->alarm,
					    MACH_NOTIFY_SEND_ONCE, 0);
	mt_check(mt_empty(&party->task, party->notify));
	mt_check(mt_empty(&party->task, party->alarm));
	return heard;
}

static bool heard_all(const struct heard *heard)
{
	/* Of watch_and_force() and leave_message() ... */
	return heard->dead_names == 2 && heard->send_once == 1 &&
	       /* ... of lend(), with one alarm of four. */
	       heard->no_senders == 1 && heard->destroyed == 1 &&
	       heard->alarms == 4;
}

static void tangle(struct party *parties)
{
	for (int i = 0; i < TASKS; i++)
		make_party(&parties[i]);
	for (int i = 0; i < TASKS; i++)
		for (int j = 0; j < TASKS; j++) {
			if (i == j)
				continue;
			watch_and_force(&parties[i], &parties[j]);
			lend(&parties[i], &parties[j]);
			leave_message(&parties[i], &parties[j]);
		}
}

/* All objects but the port, name and task of the looker. */
static bool as_before(const struct mt_task *task,
		      const struct mach_ioc_stats *before)
{
	return mt_live_settles(task, before) &&
	       mt_live_becomes(task, MT_LIVE(pages), before->live_pages) &&
	       mt_live_becomes(task, MT_LIVE(bytes), before->live_bytes) &&
	       mt_live_becomes(task, MT_LIVE(sets), before->live_sets);
}

TEST_F(mach, N35_three_tasks_in_every_order)
{
	static const int orders[][TASKS] = {
		{ 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
		{ 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
	};
	const struct mt_task *task = &self->task;
	struct mach_ioc_stats before = mt_stats(task, MACH_STATS_MODULE);

	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		struct party parties[TASKS];
		struct heard heard;

		tangle(parties);
		for (int death = 0; death < TASKS; death++) {
			mt_close(&parties[orders[i][death]].task);
			for (int left = death + 1; left < TASKS; left++) {
				heard = listen_to(&parties[orders[i][left]]);
				EXPECT_TRUE(heard_all(&heard))
					TH_LOG("order %zu, death %d", i,
					       death);
			}
		}
		EXPECT_TRUE(as_before(task, &before));
	}
}

TEST_F(mach, N35_three_tasks_at_once)
{
	const struct mt_task *task = &self->task;
	struct mach_ioc_stats before = mt_stats(task, MACH_STATS_MODULE);

	for (int round = 0; round < 10; round++) {
		struct party parties[TASKS];

		tangle(parties);
		for (int i = 0; i < TASKS; i++)
			mt_close(&parties[(i + round) % TASKS].task);
		EXPECT_TRUE(as_before(task, &before));
	}
}

/* ---- ports that the kernel holds for a task ---- */

TEST_F(mach, special_and_registered_ports_die)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), name, count;
	__u32 ports[MACH_TASK_PORT_REGISTER_MAX] = { port };

	mt_must(mt_register(task, ports, 1));
	mt_must(mt_set_special(task, MACH_TASK_EXCEPTION_PORT, port));
	EXPECT_EQ(3ULL, mt_senders(task, port));
	mt_must(mt_destroy(task, port));
	/* S2.1: a right whose port has died arrives dead. */
	EXPECT_EQ(KERN_SUCCESS,
		  mt_get_special(task, MACH_TASK_EXCEPTION_PORT, &name));
	EXPECT_EQ(MACH_PORT_DEAD, name);
	EXPECT_EQ(KERN_SUCCESS, mt_lookup(task, ports, &count));
	EXPECT_EQ(MACH_PORT_DEAD, ports[0]);
	EXPECT_EQ(MACH_PORT_NULL, ports[1]);
}

/* The task's own port tells of its death, and is of no more use. */
TEST_F(mach, task_port)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task), name;
	struct mt_task other, remote;

	mt_open(&other);
	remote.fd = task->fd;
	remote.self = mt_task_right(task, &other);
	mt_arm(task, remote.self, MACH_NOTIFY_DEAD_NAME, notify);
	mt_close(&other);
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_DEAD_NAME,
				remote.self));
	EXPECT_EQ((__s32)MACH_SEND_INVALID_DEST,
		  mt_allocate(&remote, MACH_PORT_RIGHT_RECEIVE, &name));
	EXPECT_EQ(2U, mt_refs(task, remote.self, MACH_PORT_RIGHT_DEAD_NAME));
}

/* ---- a process, with threads that wait ---- */

struct ending {
	void (*end)(struct mt_side *side);
};

static struct mt_caller waiting[4];

/* Threads blocked in a send, on a port, on a set, and with a forced message. */
static void entangle_and_end(struct mt_side *side, void *arg)
{
	struct ending *ending = arg;
	const struct mt_task *task = &side->task;
	struct party us = { .task = *task };
	__u32 port = mt_port(task);

	mt_await(side->from);
	us.notify = mt_receive_right(task);
	us.alarm = mt_receive_right(task);
	us.set = mt_set(task);
	leave_message(&us, &us);
	lend(&us, &us);
	watch_and_force(&us, &us);
	mt_fill_queue(task, port);
	mt_start_sender(&waiting[0], task, port, 1);
	mt_start_receiver(&waiting[1], task, mt_set(task));
	mt_start_receiver(&waiting[2], task, mt_receive_right(task));
	/* The parent's queue is full. */
	mt_start_sender(&waiting[3], task, side->up, 50);
	mt_tell(side->to, 0);
	mt_await(side->from);
	ending->end(side);
	for (;;)
		mt_sleep(1000);
}

static void end_by_exit(struct mt_side *side)
{
	(void)side;
	_exit(0);
}

static void end_by_exec(struct mt_side *side)
{
	mt_must(fcntl(side->task.fd, F_SETFD, 0));
	execlp("true", "true", NULL);
	_exit(127);
}

static void end_by_signal(struct mt_side *side)
{
	(void)side;
	abort();
}

/* Another thread than the first one. */
static void *exit_group(void *arg)
{
	(void)arg;
	_exit(0);
}

static void end_by_thread(struct mt_side *side)
{
	pthread_t thread;

	(void)side;
	mt_must(pthread_create(&thread, NULL, exit_group, NULL));
}

static void wait_to_be_killed(struct mt_side *side)
{
	(void)side;
}

TEST_F(mach, N35_every_way_to_end_a_process)
{
	static struct ending endings[] = {
		{ end_by_exit }, { end_by_exec }, { end_by_signal },
		{ end_by_thread }, { wait_to_be_killed },
	};
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task);

	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		struct mach_ioc_stats before;
		struct mt_peer peer;

		before = mt_stats(task, MACH_STATS_MODULE);
		mt_spawn(&peer, task, entangle_and_end, &endings[i]);
		mt_fill_queue(task, peer.port);
		mt_arm(task, peer.right, MACH_NOTIFY_DEAD_NAME, notify);
		mt_tell(peer.to, 0);
		mt_await(peer.from);
		mt_tell(peer.to, 0);
		if (endings[i].end == wait_to_be_killed)
			mt_kill(&peer);
		EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_DEAD_NAME,
					peer.right));
		if (endings[i].end != wait_to_be_killed)
			mt_join(&peer);
		/* The blocked message has gone with its sender. */
		for (__u32 id = 0; id < 5; id++) {
			EXPECT_EQ(id, mt_next(task, peer.port));
		}
		EXPECT_EQ(MT_NOTHING, mt_next(task, peer.port));
		mt_must(mt_destroy(task, peer.port));
		mt_must(mt_destroy(task, peer.right));
		EXPECT_TRUE(as_before(task, &before)) TH_LOG("way %zu", i);
		close(peer.to);
		close(peer.from);
	}
}

/* Parties that are blocked on the one who dies. */
static void own_a_full_port(struct mt_side *side, void *arg)
{
	(void)arg;
	mt_fill_queue(&side->task, side->port);
	mt_tell(side->to, 0);
	mt_await(side->from);
}

TEST_F(mach, N20_blocked_senders_of_one_who_is_killed)
{
	static struct mt_caller senders[3];
	const struct mt_task *task = &self->task;
	__u32 watched = mt_receive_right(task);
	struct mt_peer peer;

	mt_spawn(&peer, task, own_a_full_port, NULL);
	mt_await(peer.from);
	for (int i = 0; i < 3; i++) {
		struct mt_message *message = &senders[i].message;

		senders[i].call = (struct mach_ioc_msg) {
			.option = MACH_SEND_MSG,
		};
		mt_begin(message, peer.right, COPY_SEND);
		mt_reply_to(message, watched, MAKE_ONCE);
		mt_start_call(&senders[i], task);
	}
	mt_kill(&peer);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&senders[i]));
		EXPECT_TRUE(mt_notified(task, watched, MACH_NOTIFY_SEND_ONCE,
					0));
	}
	EXPECT_TRUE(mt_silent(task, watched));
}

TEST_HARNESS_MAIN
