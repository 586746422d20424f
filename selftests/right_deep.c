// SPDX-License-Identifier: GPL-2.0
/*
 * A hundred thousand receive rights, each in the queue of the next, by plain
 * messages, by out-of-line arrays and by port-destroyed notifications: they
 * die without recursion, and others can work meanwhile (spec 2.2; negative
 * test N31).  Smaller depths and trees are right_nested.c's.
 */
#include "lib/actor.h"
#include "lib/caller.h"
#include "lib/fixture.h"

#define DEPTH		100000
#define SOME		5000
#define MAKE_SEND	MACH_MSG_TYPE_MAKE_SEND
#define MOVE_RECEIVE	MACH_MSG_TYPE_MOVE_RECEIVE

/* What is there, so that it can be seen to go. */
struct count {
	__u64 ports, messages, requests, objects;
};

static struct count count_all(const struct mt_task *task)
{
	struct mach_ioc_stats stats = mt_stats(task, MACH_STATS_MODULE);

	return (struct count) {
		stats.live_ports, stats.live_messages, stats.live_requests,
		stats.live_objects,
	};
}

/* No time limit to speak of: the machine may be an emulator. */
static bool comes_back_to(const struct mt_task *task,
			  const struct count *before)
{
	for (int i = 0; i < 3000; i++) {
		struct count now = count_all(task);

		if (!memcmp(&now, before, sizeof(now)))
			return true;
		mt_sleep(20);
	}
	return false;
}

/* Puts the receive right @inner into the queue of @outer, some way. */
typedef void put(const struct mt_task *task, __u32 outer, __u32 inner);

static void put_plainly(const struct mt_task *task, __u32 outer, __u32 inner)
{
	struct mt_message message;

	mt_begin(&message, outer, MAKE_SEND);
	mt_put_right(&message, inner, MOVE_RECEIVE);
	mt_must(mt_send(task, &message));
}

static void put_in_array(const struct mt_task *task, __u32 outer, __u32 inner)
{
	struct mt_message message;

	mt_begin(&message, outer, MAKE_SEND);
	mt_put_rights_array(&message, &inner, 1, MOVE_RECEIVE, 0);
	mt_must(mt_send(task, &message));
}

static void put_by_dying(const struct mt_task *task, __u32 outer, __u32 inner)
{
	mt_arm(task, inner, MACH_NOTIFY_PORT_DESTROYED, outer);
	mt_must(mt_destroy(task, inner));
}

/* One after the other of them. */
static void put_somehow(const struct mt_task *task, __u32 outer, __u32 inner)
{
	static put *const ways[] = { put_plainly, put_in_array, put_by_dying };
	static unsigned int turn;

	ways[turn++ % ARRAY_SIZE(ways)](task, outer, inner);
}

static put *const ways[] = {
	put_plainly, put_in_array, put_by_dying, put_somehow,
};

/* The name of the outermost. */
static __u32 make_chain(const struct mt_task *task, int depth, put *put)
{
	__u32 inner = mt_receive_right(task);

	while (--depth) {
		__u32 outer = mt_receive_right(task);

		put(task, outer, inner);
		inner = outer;
	}
	return inner;
}

struct other_user {
	struct mt_task task;
	__u32 done;
	bool stop;
};

static void *use_ports(void *arg)
{
	struct other_user *user = arg;
	__u32 port = mt_port(&user->task);

	while (!__atomic_load_n(&user->stop, __ATOMIC_ACQUIRE)) {
		mt_must(mt_send_id(&user->task, port, MACH_MSG_TYPE_COPY_SEND,
				   1));
		mt_check(mt_next(&user->task, port) == 1);
		__atomic_fetch_add(&user->done, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* While they go, another task's calls go on. */
TEST_F_TIMEOUT(mach, N31_hundred_thousand, 900)
{
	const struct mt_task *task = &self->task;
	struct count before = count_all(task);
	__u32 outer = make_chain(task, DEPTH, put_somehow), then, after;
	struct other_user user = {};
	pthread_t thread;

	EXPECT_EQ(before.ports + DEPTH, mt_live(task, MT_LIVE(ports)));
	mt_open(&user.task);
	mt_must(pthread_create(&thread, NULL, use_ports, &user));
	while (!__atomic_load_n(&user.done, __ATOMIC_RELAXED))
		mt_sleep(1);
	then = __atomic_load_n(&user.done, __ATOMIC_RELAXED);
	EXPECT_EQ(KERN_SUCCESS, mt_destroy(task, outer));
	after = __atomic_load_n(&user.done, __ATOMIC_RELAXED);
	__atomic_store_n(&user.stop, true, __ATOMIC_RELEASE);
	mt_must(pthread_join(thread, NULL));
	EXPECT_LT(then, after);
	mt_close(&user.task);
	EXPECT_TRUE(comes_back_to(task, &before));
}

/* By a call, and by the death of a task that has a name for the last only. */
TEST_F_TIMEOUT(mach, N31_each_way, 900)
{
	const struct mt_task *task = &self->task;
	struct count before = count_all(task);
	struct mt_task other;

	for (size_t way = 0; way < ARRAY_SIZE(ways); way++) {
		mt_must(mt_destroy(task, make_chain(task, SOME, ways[way])));
		EXPECT_TRUE(comes_back_to(task, &before))
			TH_LOG("way %zu", way);
		mt_open(&other);
		make_chain(&other, SOME, ways[way]);
		mt_close(&other);
		EXPECT_TRUE(comes_back_to(task, &before))
			TH_LOG("way %zu", way);
	}
}

/*
 * Each asks for its right to be sent to the next, and the task dies: which of
 * them is still there when its turn comes depends on the order of names.
 */
TEST_F_TIMEOUT(mach, N31_task_dies_with_requests, 900)
{
	const struct mt_task *task = &self->task;
	struct count before = count_all(task);
	static __u32 port[SOME];
	struct mt_task other;

	for (int way = 0; way < 3; way++) {
		mt_open(&other);
		for (int i = 0; i < SOME; i++)
			port[i] = mt_receive_right(&other);
		for (int i = 0; i < SOME; i++) {
			int next = way == 0 ? i + 1 : way == 1 ? i - 1 :
				   (i * 7919 + 1) % SOME;

			if (next < 0 || next == SOME)
				continue;
			mt_arm(&other, port[i], MACH_NOTIFY_PORT_DESTROYED,
			       port[next]);
		}
		mt_close(&other);
		EXPECT_TRUE(comes_back_to(task, &before))
			TH_LOG("way %d", way);
	}
}

/* Not received but for the outer half. */
TEST_F_TIMEOUT(mach, N31_unpacked_by_half, 900)
{
	const struct mt_task *task = &self->task;
	struct count before = count_all(task);
	__u32 outer = make_chain(task, 2000, put_plainly);
	struct mt_message message;

	for (int i = 0; i < 1000; i++) {
		mt_must(mt_receive(task, outer, &message, 0));
		mt_must(mt_destroy(task, outer));
		outer = mt_right(&message, 0);
	}
	EXPECT_EQ(before.ports + 1000, mt_live(task, MT_LIVE(ports)));
	mt_must(mt_destroy(task, outer));
	EXPECT_TRUE(comes_back_to(task, &before));
}

/* A sender that is blocked at the innermost of them all. */
TEST_F_TIMEOUT(mach, N31_blocked_sender_inside, 900)
{
	const struct mt_task *task = &self->task;
	__u32 inner = mt_port(task), outer = inner;
	struct mt_caller sender;

	mt_fill_queue(task, inner);
	mt_start_sender(&sender, task, inner, 9);
	for (int i = 0; i < SOME; i++) {
		__u32 next = mt_receive_right(task);

		put_plainly(task, next, outer);
		outer = next;
	}
	EXPECT_TRUE(mt_still_blocked(&sender));
	mt_must(mt_destroy(task, outer));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&sender));
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, mt_types(task, inner));
}

TEST_HARNESS_MAIN
