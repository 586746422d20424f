// SPDX-License-Identifier: GPL-2.0
/*
 * The option word: neither SEND nor RCV does nothing, unknown bits mean
 * nothing, both do first the one and then, if it succeeded, the other
 * (spec 1.9, 2.4).
 */
#include "lib/fixture.h"

TEST_F(mach, neither)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;
	struct mach_ioc_msg call = {
		.option = MACH_SEND_TIMEOUT | MACH_RCV_TIMEOUT,
		.msg = (unsigned long)&message,
		.send_size = 32,
		.rcv_size = MT_ROOM,
		.rcv_name = port,
	};

	mt_begin(&message, port, MACH_MSG_TYPE_MOVE_SEND);
	message.words[4] = 7;
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_msg(task, &call));
	EXPECT_EQ(port, message.head.remote_port);
	EXPECT_EQ(7ULL, message.words[4]);
	EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
	EXPECT_TRUE(mt_empty(task, port));

	memset(&call, 0, sizeof(call));
	call.msg = ~0ULL;
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_msg(task, &call));
}

TEST_F(mach, unknown_bits)
{
	static const __u32 known = MACH_SEND_MSG | MACH_RCV_MSG |
		MACH_SEND_TIMEOUT | MACH_SEND_NOTIFY | MACH_SEND_INTERRUPT |
		MACH_SEND_CANCEL | MACH_RCV_TIMEOUT | MACH_RCV_NOTIFY |
		MACH_RCV_INTERRUPT | MACH_RCV_LARGE;
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	for (int bit = 0; bit < 32; bit++) {
		struct mach_ioc_msg call = {
			.option = MACH_SEND_MSG | MACH_RCV_MSG |
				  MACH_RCV_TIMEOUT | (1U << bit),
			.msg = (unsigned long)&message,
			.send_size = 32,
			.rcv_size = MT_ROOM,
			.rcv_name = port,
		};

		if (known & (1U << bit))
			continue;
		mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
		EXPECT_EQ(MACH_MSG_SUCCESS, mt_msg(task, &call))
			TH_LOG("bit %d", bit);
		EXPECT_EQ(port, message.head.local_port);
	}
}

/* The library's own bits do nothing here. */
TEST_F(mach, library_bits)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;
	struct mach_ioc_msg call = {
		.option = MACH_SEND_MSG | MACH_RCV_MSG | MACH_SEND_INTERRUPT |
			  MACH_RCV_INTERRUPT,
		.msg = (unsigned long)&message,
		.send_size = 32,
		.rcv_size = MT_ROOM,
		.rcv_name = port,
	};

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_msg(task, &call));
}

TEST_F(mach, S2_4_bad_receive_name_is_seen_after_the_send)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;
	struct mach_ioc_msg call = {
		.option = MACH_SEND_MSG | MACH_RCV_MSG,
		.msg = (unsigned long)&message,
		.send_size = 32,
		.rcv_size = MT_ROOM,
		.rcv_name = MT_UNUSED,
	};

	mt_begin(&message, port, MACH_MSG_TYPE_MOVE_SEND);
	message.head.id = 404;
	EXPECT_EQ(MACH_RCV_INVALID_NAME, mt_msg(task, &call));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(task, port));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(404U, message.head.id);
}

TEST_F(mach, failed_send_does_not_receive)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;
	struct mach_ioc_msg call = {
		.option = MACH_SEND_MSG | MACH_RCV_MSG,
		.msg = (unsigned long)&message,
		.send_size = 32,
		.rcv_size = MT_ROOM,
		.rcv_name = port,
	};

	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 1));
	mt_begin(&message, MT_UNUSED, MACH_MSG_TYPE_COPY_SEND);
	EXPECT_EQ(MACH_SEND_INVALID_DEST, mt_msg(task, &call));
	EXPECT_FALSE(mt_empty(task, port));
}

TEST_F(mach, timeouts_are_each_for_its_half)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), other = mt_receive_right(task);
	struct mt_message message;
	struct mach_ioc_msg call = {
		.option = MACH_SEND_MSG | MACH_RCV_MSG | MACH_RCV_TIMEOUT,
		.msg = (unsigned long)&message,
		.send_size = 32,
		.rcv_size = MT_ROOM,
		.rcv_name = other,
		.timeout = 10,
	};

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	EXPECT_EQ(MACH_RCV_TIMED_OUT, mt_msg(task, &call));
	EXPECT_FALSE(mt_empty(task, port));
}

/* SEND|RCV of an out-sized reply, with and without LARGE. */
TEST_F(mach, send_and_receive_too_large)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;
	struct mach_ioc_msg call = {
		.option = MACH_SEND_MSG | MACH_RCV_MSG | MACH_RCV_LARGE,
		.msg = (unsigned long)&message,
		.send_size = 64,
		.rcv_size = 32,
		.rcv_name = port,
	};

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	message.head.id = 9;
	EXPECT_EQ(MACH_RCV_TOO_LARGE, mt_msg(task, &call));
	EXPECT_EQ(64U, message.head.size);
	EXPECT_EQ(port, message.head.remote_port);
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(9U, message.head.id);
	EXPECT_EQ(64U, message.head.size);
}

TEST_HARNESS_MAIN
