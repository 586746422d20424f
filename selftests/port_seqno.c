// SPDX-License-Identifier: GPL-2.0
/*
 * Sequence numbers: each port numbers the messages that leave its queue, and
 * mach_port_set_seqno says with which number it goes on (spec 2, 2.4; negative
 * test N38).
 */
#include "lib/fixture.h"
#include "lib/mach_calls.h"

/* Sends one message to @port and receives it from @from; its number. */
static __u32 pass(const struct mt_task *task, __u32 port, __u32 from)
{
	struct mt_message message;

	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 1));
	mt_must(mt_receive(task, from, &message, 0));
	return message.head.seqno;
}

TEST_F(mach, counts_from_0)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	for (__u32 i = 0; i < 5; i++) {
		EXPECT_EQ(i, mt_status(task, port).seqno);
		EXPECT_EQ(i, pass(task, port, port));
	}
}

TEST_F(mach, any_value)
{
	static const __u32 values[] = {
		0, 1, 0x7fffffffU, 0x80000000U, 0xfffffffeU, 0xffffffffU,
	};
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		EXPECT_EQ(KERN_SUCCESS, mt_set_seqno(task, port, values[i]));
		EXPECT_EQ(values[i], mt_status(task, port).seqno);
		EXPECT_EQ(values[i], pass(task, port, port));
	}
}

TEST_F(mach, N38_wraps_at_32_bits)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	mt_must(mt_set_seqno(task, port, ~0U));
	EXPECT_EQ(~0U, pass(task, port, port));
	EXPECT_EQ(0U, pass(task, port, port));
	EXPECT_EQ(1U, mt_status(task, port).seqno);
}

/* Numbers are given when a message leaves, not when it comes. */
TEST_F(mach, S2_4_applies_to_the_next_to_leave)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	for (__u32 id = 0; id < 3; id++)
		mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, id));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(0U, message.head.seqno);
	mt_must(mt_set_seqno(task, port, 500));
	for (__u32 id = 1; id < 3; id++) {
		mt_must(mt_receive(task, port, &message, 0));
		EXPECT_EQ(id, message.head.id);
		EXPECT_EQ(499 + id, message.head.seqno);
	}
}

TEST_F(mach, S2_4_members_of_a_set_count_apart)
{
	const struct mt_task *task = &self->task;
	__u32 set = mt_set(task), first = mt_port(task);
	__u32 second = mt_port(task);

	mt_must(mt_move_member(task, first, set));
	mt_must(mt_move_member(task, second, set));
	mt_must(mt_set_seqno(task, second, 70));
	for (__u32 i = 0; i < 3; i++) {
		EXPECT_EQ(i, pass(task, first, set));
		EXPECT_EQ(70 + i, pass(task, second, set));
	}
	EXPECT_EQ(3U, mt_status(task, first).seqno);
	EXPECT_EQ(73U, mt_status(task, second).seqno);
	/* Into and out of a set nothing changes. */
	mt_must(mt_move_member(task, second, MACH_PORT_NULL));
	EXPECT_EQ(73U, pass(task, second, second));
	mt_must(mt_move_member(task, second, set));
	EXPECT_EQ(74U, pass(task, second, set));
}

static __s32 receive_with(const struct mt_task *task, __u32 port,
			  __u32 rcv_size, __u32 option)
{
	struct mt_message message;
	struct mach_ioc_msg call = {
		.option = MACH_RCV_MSG | MACH_RCV_TIMEOUT | option,
		.msg = (unsigned long)&message,
		.rcv_size = rcv_size,
		.rcv_name = port,
	};

	return mt_msg(task, &call);
}

TEST_F(mach, S2_4_destroyed_messages_have_one_too)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 1));
	EXPECT_EQ(MACH_RCV_TOO_LARGE,
		  receive_with(task, port, 24, MACH_RCV_LARGE));
	EXPECT_EQ(0U, mt_status(task, port).seqno);
	EXPECT_EQ(MACH_RCV_TOO_LARGE, receive_with(task, port, 24, 0));
	EXPECT_EQ(1U, mt_status(task, port).seqno);
	EXPECT_EQ(1U, pass(task, port, port));
}

TEST_F(mach, empty_receive_has_none)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	EXPECT_TRUE(mt_empty(task, port));
	EXPECT_TRUE(mt_empty(task, port));
	EXPECT_EQ(0U, pass(task, port, port));
}

TEST_F(mach, S2_1_reset_by_a_move)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), moved;
	struct mt_task other;

	mt_open(&other);
	mt_must(mt_set_seqno(task, port, 12));
	moved = mt_transfer(task, &other, port, MACH_MSG_TYPE_MOVE_RECEIVE);
	EXPECT_EQ(0U, mt_status(&other, moved).seqno);
}

TEST_F(mach, errors)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);

	EXPECT_EQ(KERN_INVALID_VALUE, mt_set_seqno(task, port, 1ULL << 32));
	EXPECT_EQ(KERN_INVALID_VALUE, mt_set_seqno(task, port, ~0ULL));
	EXPECT_EQ(0U, mt_status(task, port).seqno);
	EXPECT_EQ(KERN_INVALID_NAME, mt_set_seqno(task, MT_UNUSED, 1));
	EXPECT_EQ(KERN_INVALID_NAME, mt_set_seqno(task, MACH_PORT_NULL, 1));
	EXPECT_EQ(KERN_INVALID_NAME, mt_set_seqno(task, MACH_PORT_DEAD, 1));
	EXPECT_EQ(KERN_INVALID_RIGHT, mt_set_seqno(task, task->self, 1));
	EXPECT_EQ(KERN_INVALID_RIGHT, mt_set_seqno(task, mt_set(task), 1));
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mt_set_seqno(task, mt_dead_name(task), 1));
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mt_set_seqno(task, mt_make_send_once(task, port), 1));
}

TEST_HARNESS_MAIN
