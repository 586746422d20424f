// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting: a port holds five messages, the sixth sender waits; time-outs of 0
 * poll, others last as long as they say; who waits is served in turn
 * (spec 1.10, 2.4; negative tests N32, N38).
 */
#include "lib/actor.h"
#include "lib/fixture.h"

TEST_F(mach, receive_polls)
{
	__u32 port = mt_receive_right(&self->task);
	struct mt_message message;

	EXPECT_EQ(MACH_RCV_TIMED_OUT,
		  mt_receive(&self->task, port, &message, 0));
	EXPECT_EQ(MT_POISON, message.bytes[0]);
}

/* Not a moment less: of lengths that no clock tick divides. */
static const __u32 lengths[] = { 1, 3, 5, 7, 9, 11, 13, 17, 23, 100 };

TEST_F(mach, receive_waits)
{
	__u32 port = mt_receive_right(&self->task);
	struct mt_message message;

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		__u64 start = mt_now();

		EXPECT_EQ(MACH_RCV_TIMED_OUT,
			  mt_receive(&self->task, port, &message,
				     lengths[i]));
		EXPECT_LE(lengths[i], mt_now() - start);
	}
}

TEST_F(mach, qlimit_is_five)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	mt_fill_queue(task, port);
	EXPECT_EQ(MACH_SEND_TIMED_OUT,
		  mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 5));
	for (__u32 i = 0; i < MACH_PORT_QLIMIT_DEFAULT; i++) {
		mt_must(mt_receive(task, port, &message, 0));
		EXPECT_EQ(i, message.head.id);
	}
	EXPECT_TRUE(mt_empty(task, port));
}

TEST_F(mach, send_waits)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	mt_fill_queue(task, port);
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		__u64 start = mt_now();

		EXPECT_EQ(MACH_SEND_TIMED_OUT,
			  mt_send_wait(task, &message, lengths[i]));
		EXPECT_LE(lengths[i], mt_now() - start);
	}
}

/* Send-once rights pass, and count nevertheless. */
TEST_F(mach, S2_4_send_once_passes_a_full_queue)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	mt_fill_queue(task, port);
	for (__u32 i = 0; i < 10; i++) {
		EXPECT_EQ(MACH_MSG_SUCCESS,
			  mt_send_id(task, port,
				     MACH_MSG_TYPE_MAKE_SEND_ONCE, 100 + i));
	}
	for (int i = 0; i < 10; i++)
		mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(104U, message.head.id);
	EXPECT_EQ(MACH_SEND_TIMED_OUT,
		  mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 0));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 0));
}

/* The internal SEND_ALWAYS gives a user nothing. */
TEST_F(mach, N32_send_always)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	__u32 port = mt_port(task);
	struct mach_ioc_msg call = {
		.option = MACH_SEND_MSG | MACH_SEND_TIMEOUT | 0x10000,
		.msg = (unsigned long)&message,
		.send_size = 32,
	};

	mt_fill_queue(task, port);
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	EXPECT_EQ(MACH_SEND_TIMED_OUT, mt_msg(task, &call));
}

TEST_F(mach, N38_longest_timeout)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;
	struct mach_ioc_msg call = {
		.option = MACH_SEND_MSG | MACH_RCV_MSG | MACH_SEND_TIMEOUT |
			  MACH_RCV_TIMEOUT,
		.msg = (unsigned long)&message,
		.send_size = 32,
		.rcv_size = MT_ROOM,
		.rcv_name = port,
		.timeout = ~0U,
	};

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_msg(task, &call));
}

/* Without the option bit the number means nothing. */
TEST_F(mach, timeout_without_the_option)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;
	struct mach_ioc_msg call = {
		.option = MACH_SEND_MSG,
		.msg = (unsigned long)&message,
		.send_size = 32,
		.timeout = 1,
	};

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_msg(task, &call));
}

TEST_F(mach, blocked_receiver_gets_the_message)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_actor actor;

	mt_start_receive(&actor, task, port);
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 31));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish(&actor));
	EXPECT_EQ(31U, actor.message.head.id);
	EXPECT_EQ(0U, actor.message.head.seqno);
}

TEST_F(mach, S2_4_blocked_senders_go_in_turn)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	static struct mt_actor actors[3];
	struct mt_message message;

	mt_fill_queue(task, port);
	for (int i = 0; i < 3; i++) {
		mt_begin(&actors[i].message, port, MACH_MSG_TYPE_COPY_SEND);
		actors[i].message.head.id = 100 + i;
		mt_start_send(&actors[i], task);
	}
	for (__u32 i = 0; i < 5 + 3; i++) {
		mt_must(mt_receive(task, port, &message, MT_FOREVER));
		EXPECT_EQ(i < 5 ? i : 95 + i, message.head.id);
		EXPECT_EQ(i, message.head.seqno);
	}
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish(&actors[i]));
	}
}

TEST_F(mach, S2_4_blocked_receivers_go_in_turn)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	static struct mt_actor actors[3];

	for (int i = 0; i < 3; i++)
		mt_start_receive(&actors[i], task, port);
	for (__u32 i = 0; i < 3; i++)
		mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, i));
	for (__u32 i = 0; i < 3; i++) {
		EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish(&actors[i]));
		EXPECT_EQ(i, actors[i].message.head.id);
	}
}

/* Nobody else may use the place that a timed-out sender gave up. */
TEST_F(mach, send_times_out_then_queue_works)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	mt_fill_queue(task, port);
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	EXPECT_EQ(MACH_SEND_TIMED_OUT, mt_send_wait(task, &message, 20));
	for (int i = 0; i < 5; i++)
		mt_must(mt_receive(task, port, &message, 0));
	EXPECT_TRUE(mt_empty(task, port));
	mt_fill_queue(task, port);
	EXPECT_EQ(MACH_SEND_TIMED_OUT,
		  mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 9));
}

TEST_HARNESS_MAIN
