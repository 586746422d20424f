// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that wait on ports and on port sets while membership changes: who
 * is woken, with which result, and who waits on (spec 1.10, 2.2, 2.4).
 */
#include <signal.h>

#include "lib/actor.h"
#include "lib/caller.h"
#include "lib/fixture.h"

#define THREADS	3

static void put(const struct mt_task *task, __u32 port, __u32 id)
{
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, id));
}

static __u32 member_of(const struct mt_task *task, __u32 set)
{
	__u32 port = mt_port(task);

	mt_must(mt_move_member(task, port, set));
	return port;
}

/* ---- on a port that joins ---- */

TEST_F(mach, port_changed)
{
	const struct mt_task *task = &self->task;
	static struct mt_caller waiting[THREADS];
	__u32 port = mt_port(task), set = mt_set(task);

	for (int i = 0; i < THREADS; i++)
		mt_start_receiver(&waiting[i], task, port);
	mt_must(mt_move_member(task, port, set));
	for (int i = 0; i < THREADS; i++) {
		EXPECT_EQ(MACH_RCV_PORT_CHANGED, mt_finish_call(&waiting[i]));
		EXPECT_EQ(MT_POISON, waiting[i].message.bytes[0]);
	}
	put(task, port, 1);
	EXPECT_EQ(1U, mt_next(task, set));
}

/* It is not told when the port leaves a set: nobody could wait on it then. */
TEST_F(mach, port_left_can_be_waited_on)
{
	const struct mt_task *task = &self->task;
	__u32 set = mt_set(task), port = member_of(task, set);
	struct mt_caller waiting;

	mt_must(mt_move_member(task, port, MACH_PORT_NULL));
	mt_start_receiver(&waiting, task, port);
	/* Failed attempts to move it are no change. */
	EXPECT_EQ(KERN_NOT_IN_SET,
		  mt_move_member(task, port, MACH_PORT_NULL));
	EXPECT_EQ(KERN_INVALID_NAME, mt_move_member(task, port, MT_UNUSED));
	EXPECT_EQ(KERN_INVALID_RIGHT, mt_move_member(task, port, port));
	EXPECT_TRUE(mt_still_blocked(&waiting));
	put(task, port, 2);
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&waiting));
	EXPECT_EQ(2U, waiting.message.head.id);
}

TEST_F(mach, in_set)
{
	const struct mt_task *task = &self->task;
	__u32 set = mt_set(task), port = member_of(task, set);
	struct mt_message message;

	put(task, port, 1);
	EXPECT_EQ(MACH_RCV_IN_SET, mt_receive(task, port, &message, 0));
	EXPECT_EQ(MACH_RCV_IN_SET,
		  mt_receive(task, port, &message, MT_FOREVER));
	EXPECT_EQ(MT_POISON, message.bytes[0]);
	EXPECT_EQ(1U, mt_queued(task, port));
	mt_must(mt_move_member(task, port, MACH_PORT_NULL));
	EXPECT_EQ(1U, mt_next(task, port));
	mt_must(mt_move_member(task, port, set));
	put(task, port, 2);
	EXPECT_EQ(MACH_RCV_IN_SET, mt_receive(task, port, &message, 0));
	/* A dead set is none. */
	mt_must(mt_destroy(task, set));
	EXPECT_EQ(2U, mt_next(task, port));
}

/* ---- on a set ---- */

TEST_F(mach, set_destroyed)
{
	const struct mt_task *task = &self->task;
	static struct mt_caller waiting[THREADS];

	for (int way = 0; way < 2; way++) {
		__u32 set = mt_set(task), port = member_of(task, set);

		for (int i = 0; i < THREADS; i++)
			mt_start_receiver(&waiting[i], task, set);
		mt_must(way ? mt_destroy(task, set) :
			      mt_mod_refs(task, set, MACH_PORT_RIGHT_PORT_SET,
					  -1));
		for (int i = 0; i < THREADS; i++) {
			EXPECT_EQ(MACH_RCV_PORT_DIED,
				  mt_finish_call(&waiting[i]));
			EXPECT_EQ(MT_POISON, waiting[i].message.bytes[0]);
		}
		put(task, port, 1);
		EXPECT_EQ(1U, mt_next(task, port));
	}
}

TEST_F(mach, empty_set_destroyed)
{
	const struct mt_task *task = &self->task;
	__u32 set = mt_set(task);
	struct mt_caller waiting;

	mt_start_receiver(&waiting, task, set);
	mt_must(mt_destroy(task, set));
	EXPECT_EQ(MACH_RCV_PORT_DIED, mt_finish_call(&waiting));
}

TEST_F(mach, any_member_wakes)
{
	const struct mt_task *task = &self->task;
	__u32 set = mt_set(task), member[4];
	struct mt_caller waiting;

	for (int i = 0; i < 4; i++)
		member[i] = member_of(task, set);
	for (__u32 i = 0; i < 4; i++) {
		mt_start_receiver(&waiting, task, set);
		put(task, member[3 - i], i);
		EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&waiting));
		EXPECT_EQ(i, waiting.message.head.id);
		EXPECT_EQ(member[3 - i], waiting.message.head.local_port);
	}
}

TEST_F(mach, later_member_wakes)
{
	const struct mt_task *task = &self->task;
	__u32 set = mt_set(task), port = mt_port(task);
	struct mt_caller waiting;

	mt_start_receiver(&waiting, task, set);
	put(task, port, 1);
	EXPECT_TRUE(mt_still_blocked(&waiting));
	/* It joins with a message ... */
	mt_must(mt_move_member(task, port, set));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&waiting));
	EXPECT_EQ(1U, waiting.message.head.id);
	EXPECT_EQ(port, waiting.message.head.local_port);
	/* ... or without. */
	mt_must(mt_move_member(task, port, MACH_PORT_NULL));
	mt_start_receiver(&waiting, task, set);
	mt_must(mt_move_member(task, port, set));
	EXPECT_TRUE(mt_still_blocked(&waiting));
	put(task, port, 2);
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&waiting));
	EXPECT_EQ(2U, waiting.message.head.id);
}

/* From one set to another: the waiters of the new one get the messages. */
TEST_F(mach, member_of_another_set_wakes)
{
	const struct mt_task *task = &self->task;
	__u32 first = mt_set(task), second = mt_set(task);
	__u32 port = member_of(task, first);
	static struct mt_caller waiting[2];

	put(task, port, 1);
	put(task, port, 2);
	put(task, port, 3);
	for (int i = 0; i < 2; i++)
		mt_start_receiver(&waiting[i], task, second);
	mt_must(mt_move_member(task, port, second));
	for (__u32 i = 0; i < 2; i++) {
		EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&waiting[i]));
		EXPECT_EQ(i + 1, waiting[i].message.head.id);
		EXPECT_EQ(i, waiting[i].message.head.seqno);
	}
	EXPECT_EQ(3U, mt_next(task, second));
}

TEST_F(mach, each_thread_gets_one)
{
	const struct mt_task *task = &self->task;
	static struct mt_caller waiting[THREADS];
	__u32 set = mt_set(task), member[THREADS];

	for (int i = 0; i < THREADS; i++)
		member[i] = member_of(task, set);
	for (int i = 0; i < THREADS; i++)
		mt_start_receiver(&waiting[i], task, set);
	for (__u32 i = 0; i < THREADS; i++)
		put(task, member[i], i);
	/* Who came first is served first. */
	for (__u32 i = 0; i < THREADS; i++) {
		EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&waiting[i]));
		EXPECT_EQ(i, waiting[i].message.head.id);
	}
	EXPECT_TRUE(mt_empty(task, set));
}

TEST_F(mach, one_message_wakes_one)
{
	const struct mt_task *task = &self->task;
	static struct mt_caller waiting[2];
	__u32 set = mt_set(task), port = member_of(task, set);

	for (int i = 0; i < 2; i++)
		mt_start_receiver(&waiting[i], task, set);
	put(task, port, 1);
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&waiting[0]));
	EXPECT_TRUE(mt_still_blocked(&waiting[1]));
	put(task, port, 2);
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&waiting[1]));
	EXPECT_EQ(2U, waiting[1].message.head.id);
}

/* ---- changes that are none for who waits on the set ---- */

TEST_F(mach, members_leave_and_die)
{
	const struct mt_task *task = &self->task;
	__u32 set = mt_set(task), leaving = member_of(task, set);
	__u32 dying = member_of(task, set), moving = member_of(task, set);
	__u32 left = mt_set(task), there;
	struct mt_caller waiting;
	struct mt_task other;

	mt_open(&other);
	mt_start_receiver(&waiting, task, set);
	mt_must(mt_move_member(task, leaving, left));
	mt_must(mt_destroy(task, dying));
	there = mt_transfer(task, &other, moving, MACH_MSG_TYPE_MOVE_RECEIVE);
	/* What is sent to them now is not for this set. */
	put(task, leaving, 1);
	put(task, moving, 2);
	EXPECT_TRUE(mt_still_blocked(&waiting));
	EXPECT_EQ(1U, mt_next(task, left));
	EXPECT_EQ(2U, mt_next(&other, there));
	put(task, member_of(task, set), 3);
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&waiting));
	EXPECT_EQ(3U, waiting.message.head.id);
}

TEST_F(mach, renaming)
{
	const struct mt_task *task = &self->task;
	__u32 set = mt_set(task), port = member_of(task, set);
	struct mt_caller waiting;

	mt_start_receiver(&waiting, task, set);
	mt_must(mt_rename(task, set, MT_UNUSED));
	mt_must(mt_rename(task, port, MT_UNUSED + 1));
	EXPECT_TRUE(mt_still_blocked(&waiting));
	put(task, MT_UNUSED + 1, 4);
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&waiting));
	EXPECT_EQ(MT_UNUSED + 1, waiting.message.head.local_port);
}

TEST_F(mach, same_set)
{
	const struct mt_task *task = &self->task;
	__u32 set = mt_set(task), port = member_of(task, set);
	struct mt_caller waiting;

	mt_start_receiver(&waiting, task, set);
	mt_must(mt_move_member(task, port, set));
	EXPECT_TRUE(mt_still_blocked(&waiting));
	put(task, port, 4);
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&waiting));
}

/* ---- sizes ---- */

/* S2.4: who is too small is told; the message goes to the next in line. */
TEST_F(mach, S2_4_large)
{
	const struct mt_task *task = &self->task;
	__u32 set = mt_set(task), port = member_of(task, set);
	static struct mt_caller small, big;
	struct mt_message message;

	small.call = (struct mach_ioc_msg) {
		.option = MACH_RCV_MSG | MACH_RCV_LARGE,
		.rcv_name = set,
		.rcv_size = 32,
	};
	mt_start_call(&small, task);
	mt_start_receiver(&big, task, set);
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_data(&message, "too much", 8);
	message.head.id = 3;
	mt_must(mt_send(task, &message));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&big));
	EXPECT_EQ(3U, big.message.head.id);
	/* So that a mistake is no hang. */
	if (mt_still_blocked(&small))
		put(task, port, 4);
	EXPECT_EQ(MACH_RCV_TOO_LARGE, mt_finish_call(&small));
	EXPECT_EQ(48U, small.message.head.size);
}

/* The same when the message comes with a member that joins. */
TEST_F(mach, S2_4_large_by_joining)
{
	const struct mt_task *task = &self->task;
	__u32 set = mt_set(task), port = mt_port(task);
	struct mt_message message;
	struct mt_caller small;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_data(&message, "too much", 8);
	message.head.id = 3;
	mt_must(mt_send(task, &message));
	small.call = (struct mach_ioc_msg) {
		.option = MACH_RCV_MSG | MACH_RCV_LARGE,
		.rcv_name = set,
		.rcv_size = 32,
	};
	mt_start_call(&small, task);
	mt_must(mt_move_member(task, port, set));
	EXPECT_EQ(MACH_RCV_TOO_LARGE, mt_finish_call(&small));
	EXPECT_EQ(48U, small.message.head.size);
	EXPECT_EQ(0U, mt_status(task, port).seqno);
	EXPECT_EQ(3U, mt_next(task, set));
}

/* ---- time-outs and signals ---- */

TEST_F(mach, timeout)
{
	static const __u32 lengths[] = { 1, 7, 30, 100 };
	const struct mt_task *task = &self->task;
	__u32 set = mt_set(task), port = member_of(task, set);
	struct mt_message message;

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		__u64 start = mt_now();

		EXPECT_EQ(MACH_RCV_TIMED_OUT,
			  mt_receive(task, set, &message, lengths[i]));
		EXPECT_LE(lengths[i], mt_now() - start);
	}
	/* Nobody is left behind who would swallow this. */
	put(task, port, 1);
	EXPECT_EQ(1U, mt_next(task, set));
}

static void do_nothing(int number)
{
	(void)number;
}

TEST_F(mach, signal)
{
	struct sigaction action = { .sa_handler = do_nothing };
	const struct mt_task *task = &self->task;
	__u32 set = mt_set(task), port = member_of(task, set);
	struct mt_caller waiting;

	mt_must(sigaction(SIGUSR1, &action, NULL));
	mt_start_receiver(&waiting, task, set);
	mt_must(pthread_kill(waiting.thread, SIGUSR1));
	EXPECT_EQ(MACH_RCV_INTERRUPTED, mt_finish_call(&waiting));
	EXPECT_EQ(MT_POISON, waiting.message.bytes[0]);
	put(task, port, 1);
	EXPECT_EQ(1U, mt_next(task, set));
}

/* ---- against each other ---- */

struct crowd {
	const struct mt_task *task;
	__u32 set;
	__u32 got;
};

static void *take(void *arg)
{
	struct crowd *crowd = arg;
	struct mt_message message;

	while (!mt_receive(crowd->task, crowd->set, &message, MT_FOREVER))
		__atomic_fetch_add(&crowd->got, 1, __ATOMIC_RELAXED);
	return NULL;
}

static bool has_taken(struct crowd *crowd, __u32 count)
{
	return __atomic_load_n(&crowd->got, __ATOMIC_RELAXED) == count;
}

/* N20: members come, go and get messages; every message is taken once. */
TEST_F(mach, N20_crowd_on_a_set_that_changes)
{
	const struct mt_task *task = &self->task;
	struct crowd crowd = { .task = task, .set = mt_set(task) };
	__u32 member[4], sent = 1000;
	struct mt_message message;
	pthread_t threads[4];

	for (int i = 0; i < 4; i++) {
		member[i] = member_of(task, crowd.set);
		mt_must(pthread_create(&threads[i], NULL, take, &crowd));
	}
	for (int round = 0; round < 1000; round++) {
		__u32 port = member[round % 4];

		mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
		mt_must(mt_send(task, &message));
		mt_must(mt_move_member(task, port, MACH_PORT_NULL));
		/* Nobody takes it there: it may be full. */
		if (!mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, round))
			sent++;
		mt_must(mt_move_member(task, port, crowd.set));
	}
	for (int i = 0; i < 2000 && !has_taken(&crowd, sent); i++)
		mt_sleep(5);
	mt_must(mt_destroy(task, crowd.set));
	for (int i = 0; i < 4; i++)
		mt_must(pthread_join(threads[i], NULL));
	EXPECT_EQ(sent, crowd.got);
}

TEST_HARNESS_MAIN
