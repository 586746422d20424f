// SPDX-License-Identifier: GPL-2.0
/*
 * mach_port_set_qlimit: how many messages wait before a sender must; raising
 * the limit lets that many more senders go on (spec 2, 2.4; negative test
 * N32).
 */
#include "lib/actor.h"
#include "lib/fixture.h"
#include "lib/mach_calls.h"

/* How many messages @port takes until a sender must wait. */
static __u32 room_of(const struct mt_task *task, __u32 port)
{
	__u32 count = 0;

	while (mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, count) ==
	       MACH_MSG_SUCCESS)
		count++;
	return count;
}

static void drain(const struct mt_task *task, __u32 port)
{
	while (!mt_empty(task, port))
		;
}

TEST_F(mach, every_limit)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	EXPECT_EQ(5U, room_of(task, port));
	drain(task, port);
	for (__u32 limit = 0; limit <= 16; limit++) {
		ASSERT_EQ(KERN_SUCCESS, mt_set_qlimit(task, port, limit));
		EXPECT_EQ(limit, mt_status(task, port).qlimit);
		EXPECT_EQ(limit, room_of(task, port));
		drain(task, port);
	}
}

TEST_F(mach, too_large)
{
	const struct mt_task *task = &self->task;
	struct mach_ioc_features features = { .size = sizeof(features) };
	__u32 port = mt_port(task);

	mt_must(mt_ioctl(task, MACH_IOC_FEATURES, &features));
	EXPECT_LE((__u32)MACH_PORT_QLIMIT_MAX, features.max_qlimit);
	EXPECT_EQ(KERN_SUCCESS,
		  mt_set_qlimit(task, port, features.max_qlimit));
	EXPECT_EQ(KERN_INVALID_VALUE,
		  mt_set_qlimit(task, port, features.max_qlimit + 1));
	EXPECT_EQ(KERN_INVALID_VALUE, mt_set_qlimit(task, port, 1U << 31));
	EXPECT_EQ(KERN_INVALID_VALUE, mt_set_qlimit(task, port, ~0U));
	/* The upper half counts. */
	EXPECT_EQ(KERN_INVALID_VALUE, mt_set_qlimit(task, port, 1ULL << 32));
	EXPECT_EQ(KERN_INVALID_VALUE,
		  mt_set_qlimit(task, port, (1ULL << 32) + 5));
	EXPECT_EQ(features.max_qlimit, mt_status(task, port).qlimit);
}

TEST_F(mach, errors_and_their_order)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	const __u32 wrong[] = {
		task->self, mt_make_send_once(task, port), mt_set(task),
		mt_dead_name(task),
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		EXPECT_EQ(KERN_INVALID_RIGHT, mt_set_qlimit(task, wrong[i], 3))
			TH_LOG("case %zu", i);
		EXPECT_EQ(KERN_INVALID_VALUE,
			  mt_set_qlimit(task, wrong[i], ~0U));
	}
	EXPECT_EQ(KERN_INVALID_NAME, mt_set_qlimit(task, MT_UNUSED, 3));
	EXPECT_EQ(KERN_INVALID_NAME, mt_set_qlimit(task, MACH_PORT_NULL, 3));
	EXPECT_EQ(KERN_INVALID_NAME, mt_set_qlimit(task, MACH_PORT_DEAD, 3));
	EXPECT_EQ(KERN_INVALID_VALUE, mt_set_qlimit(task, MT_UNUSED, ~0U));
	EXPECT_EQ(KERN_INVALID_VALUE,
		  mt_set_qlimit(task, MACH_PORT_NULL, ~0U));
}

TEST_F(mach, lowering_keeps_the_messages)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	mt_fill_queue(task, port);
	ASSERT_EQ(KERN_SUCCESS, mt_set_qlimit(task, port, 2));
	EXPECT_EQ(5U, mt_status(task, port).msgcount);
	for (__u32 id = 0; id < 3; id++) {
		/* 5, 4 and 3 are still too many. */
		EXPECT_EQ(MACH_SEND_TIMED_OUT,
			  mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 9));
		mt_must(mt_receive(task, port, &message, 0));
		EXPECT_EQ(id, message.head.id);
	}
	EXPECT_EQ(MACH_SEND_TIMED_OUT,
		  mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 9));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 9));
}

/* Waits until so many messages are in the queue. */
static bool queue_becomes(const struct mt_task *task, __u32 port, __u32 count)
{
	for (int tries = 0; tries < 2000; tries++) {
		if (mt_status(task, port).msgcount == count)
			return true;
		mt_sleep(5);
	}
	return false;
}

#define SENDERS	4

static void start_senders(struct mt_actor *actors, const struct mt_task *task,
			  __u32 port)
{
	for (int i = 0; i < SENDERS; i++) {
		mt_begin(&actors[i].message, port, MACH_MSG_TYPE_COPY_SEND);
		actors[i].message.head.id = 100 + i;
		mt_start_send(&actors[i], task);
	}
}

TEST_F(mach, raising_wakes_as_many_senders)
{
	const struct mt_task *task = &self->task;
	static struct mt_actor actors[SENDERS];
	__u32 port = mt_port(task);
	struct mt_message message;

	mt_must(mt_set_qlimit(task, port, 1));
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 0));
	start_senders(actors, task, port);
	EXPECT_EQ(1U, mt_status(task, port).msgcount);

	mt_must(mt_set_qlimit(task, port, 3));
	EXPECT_TRUE(queue_becomes(task, port, 3));
	/* Who came first goes first; two go, two stay. */
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish(&actors[0]));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish(&actors[1]));
	mt_until_asleep(actors[2].tid);
	mt_until_asleep(actors[3].tid);
	EXPECT_EQ(3U, mt_status(task, port).msgcount);

	mt_must(mt_set_qlimit(task, port, 16));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish(&actors[2]));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish(&actors[3]));
	EXPECT_EQ(5U, mt_status(task, port).msgcount);
	mt_must(mt_receive(task, port, &message, 0));
	for (int i = 0; i < SENDERS; i++) {
		mt_must(mt_receive(task, port, &message, 0));
		EXPECT_LE(100U, message.head.id);
	}
}

TEST_F(mach, raising_below_the_queue_wakes_nobody)
{
	const struct mt_task *task = &self->task;
	struct mt_actor actor;
	__u32 port = mt_port(task);

	mt_fill_queue(task, port);
	mt_must(mt_set_qlimit(task, port, 1));
	mt_begin(&actor.message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_start_send(&actor, task);
	mt_must(mt_set_qlimit(task, port, 4));
	mt_sleep(50);
	mt_until_asleep(actor.tid);
	EXPECT_EQ(5U, mt_status(task, port).msgcount);
	mt_must(mt_set_qlimit(task, port, 6));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish(&actor));
	EXPECT_EQ(6U, mt_status(task, port).msgcount);
}

TEST_F(mach, N32_limit_0_blocks_until_raised)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct mt_actor actor;
	__u32 port = mt_port(task);

	mt_must(mt_set_qlimit(task, port, 0));
	EXPECT_EQ(MACH_SEND_TIMED_OUT,
		  mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 1));
	EXPECT_EQ(2U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
	mt_must(mt_deallocate(task, port));
	mt_begin(&actor.message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_start_send(&actor, task);
	EXPECT_TRUE(mt_empty(task, port));
	/* Send-once rights do not care. */
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mt_send_id(task, port, MACH_MSG_TYPE_MAKE_SEND_ONCE, 2));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(2U, message.head.id);
	mt_must(mt_set_qlimit(task, port, 1));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish(&actor));
	EXPECT_FALSE(mt_empty(task, port));
}

/* Lowered while a sender waits, and the queue drained to the new limit. */
TEST_F(mach, N32_lowered_while_blocked)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct mt_actor actor;
	__u32 port = mt_port(task);

	mt_fill_queue(task, port);
	mt_begin(&actor.message, port, MACH_MSG_TYPE_COPY_SEND);
	actor.message.head.id = 77;
	mt_start_send(&actor, task);
	mt_must(mt_set_qlimit(task, port, 1));
	for (__u32 id = 0; id < 5; id++) {
		mt_must(mt_receive(task, port, &message, 0));
		EXPECT_EQ(id, message.head.id);
	}
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish(&actor));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(77U, message.head.id);
}

TEST_F(mach, limit_moves_with_the_receive_right)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), moved;
	struct mt_task other;

	mt_open(&other);
	mt_must(mt_set_qlimit(task, port, 3));
	moved = mt_transfer(task, &other, port, MACH_MSG_TYPE_MOVE_RECEIVE);
	EXPECT_EQ(3U, mt_status(&other, moved).qlimit);
	EXPECT_EQ(3U, room_of(task, port));
}

TEST_HARNESS_MAIN
