// SPDX-License-Identifier: GPL-2.0
/*
 * A port with a protected payload says the payload instead of its name in the
 * messages that are received from it, until that is cleared or the receive
 * right moves (spec 1.2, 2, K18).
 */
#include "lib/actor.h"
#include "lib/fixture.h"
#include "lib/mach_calls.h"

#define PAYLOAD	0x8123456789abcdefULL

/* The local port and its type of the next message from @from. */
static __u64 local_of(const struct mt_task *task, __u32 from, __u32 *type)
{
	struct mt_message message;

	mt_must(mt_receive(task, from, &message, 0));
	*type = MACH_MSGH_BITS_LOCAL(message.head.bits);
	return message.head.local_port;
}

static __u64 pass(const struct mt_task *task, __u32 port, __u32 disposition,
		  __u32 *type)
{
	mt_must(mt_send_id(task, port, disposition, 1));
	return local_of(task, port, type);
}

TEST_F(mach, none)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), type;

	EXPECT_EQ(port, pass(task, port, MACH_MSG_TYPE_COPY_SEND, &type));
	EXPECT_EQ(MACH_MSG_TYPE_PORT_SEND, type);
}

TEST_F(mach, any_value)
{
	static const __u64 values[] = {
		0, 1, 0xffffffffULL, 1ULL << 32, 1ULL << 63, ~0ULL, PAYLOAD,
	};
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), type;

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		ASSERT_EQ(KERN_SUCCESS, mt_set_payload(task, port, values[i]));
		EXPECT_EQ(values[i],
			  pass(task, port, MACH_MSG_TYPE_COPY_SEND, &type));
		EXPECT_EQ(MACH_MSG_TYPE_PROTECTED_PAYLOAD, type);
		/* Whatever the message was sent to. */
		EXPECT_EQ(values[i],
			  pass(task, port, MACH_MSG_TYPE_MAKE_SEND_ONCE,
			       &type));
		EXPECT_EQ(MACH_MSG_TYPE_PROTECTED_PAYLOAD, type);
	}
}

TEST_F(mach, cleared)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), type;

	/* Nothing to clear is no error. */
	EXPECT_EQ(KERN_SUCCESS, mt_clear_payload(task, port));
	mt_must(mt_set_payload(task, port, PAYLOAD));
	EXPECT_EQ(KERN_SUCCESS, mt_clear_payload(task, port));
	EXPECT_EQ(port, pass(task, port, MACH_MSG_TYPE_COPY_SEND, &type));
	EXPECT_EQ(MACH_MSG_TYPE_PORT_SEND, type);
	EXPECT_EQ(port, pass(task, port, MACH_MSG_TYPE_MAKE_SEND_ONCE, &type));
	EXPECT_EQ(MACH_MSG_TYPE_PORT_SEND_ONCE, type);
}

/* What counts is the payload at the time of the receive. */
TEST_F(mach, set_while_messages_wait)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), type;

	for (int i = 0; i < 3; i++)
		mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 1));
	mt_must(mt_set_payload(task, port, 1));
	EXPECT_EQ(1ULL, local_of(task, port, &type));
	mt_must(mt_set_payload(task, port, 2));
	EXPECT_EQ(2ULL, local_of(task, port, &type));
	mt_must(mt_clear_payload(task, port));
	EXPECT_EQ(port, local_of(task, port, &type));
	EXPECT_EQ(MACH_MSG_TYPE_PORT_SEND, type);
}

TEST_F(mach, waiting_receiver)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_actor actor;

	mt_start_receive(&actor, task, port);
	mt_must(mt_set_payload(task, port, PAYLOAD));
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 1));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish(&actor));
	EXPECT_EQ(PAYLOAD, actor.message.head.local_port);
	EXPECT_EQ(MACH_MSGH_BITS(0, MACH_MSG_TYPE_PROTECTED_PAYLOAD),
		  actor.message.head.bits);
}

TEST_F(mach, members_of_a_set)
{
	const struct mt_task *task = &self->task;
	__u32 set = mt_set(task), first = mt_port(task);
	__u32 second = mt_port(task), type;

	mt_must(mt_set_payload(task, first, 11));
	mt_must(mt_move_member(task, first, set));
	mt_must(mt_move_member(task, second, set));
	mt_must(mt_send_id(task, first, MACH_MSG_TYPE_COPY_SEND, 1));
	EXPECT_EQ(11ULL, local_of(task, set, &type));
	EXPECT_EQ(MACH_MSG_TYPE_PROTECTED_PAYLOAD, type);
	mt_must(mt_send_id(task, second, MACH_MSG_TYPE_COPY_SEND, 1));
	EXPECT_EQ(second, local_of(task, set, &type));
	EXPECT_EQ(MACH_MSG_TYPE_PORT_SEND, type);
}

TEST_F(mach, reply_right_is_as_usual)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), reply = mt_receive_right(task);
	struct mt_message message;

	mt_must(mt_set_payload(task, port, PAYLOAD));
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_data(&message, "x", 1);
	mt_must(mt_send(task, &message));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND_ONCE,
				 MACH_MSG_TYPE_PROTECTED_PAYLOAD),
		  message.head.bits & ~MACH_MSGH_BITS_COMPLEX);
	EXPECT_EQ(PAYLOAD, message.head.local_port);
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE,
		  mt_types(task, message.head.remote_port));
}

TEST_F(mach, notifications_say_it_too)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), type;

	mt_must(mt_set_payload(task, port, PAYLOAD));
	mt_must(mt_deallocate(task, mt_make_send_once(task, port)));
	EXPECT_EQ(PAYLOAD, local_of(task, port, &type));
	EXPECT_EQ(MACH_MSG_TYPE_PROTECTED_PAYLOAD, type);
}

/* Cleared when the right leaves, so a message in the queue says a name. */
TEST_F(mach, S2_1_cleared_by_a_move)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), moved, type;
	struct mt_task other;

	mt_open(&other);
	mt_must(mt_set_payload(task, port, PAYLOAD));
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 1));
	moved = mt_transfer(task, &other, port, MACH_MSG_TYPE_MOVE_RECEIVE);
	EXPECT_EQ(moved, local_of(&other, moved, &type));
	EXPECT_EQ(MACH_MSG_TYPE_PORT_SEND, type);
	/* Also when it comes back. */
	EXPECT_EQ(port, mt_transfer(&other, task, moved,
				    MACH_MSG_TYPE_MOVE_RECEIVE));
	EXPECT_EQ(port, pass(task, port, MACH_MSG_TYPE_COPY_SEND, &type));
	EXPECT_EQ(MACH_MSG_TYPE_PORT_SEND, type);
}

TEST_F(mach, K13_cleared_by_a_send_that_failed)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), full = mt_port(task), type;
	struct mt_message message;

	mt_fill_queue(task, full);
	mt_must(mt_set_payload(task, port, PAYLOAD));
	mt_begin(&message, full, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, port, MACH_MSG_TYPE_MOVE_RECEIVE);
	EXPECT_EQ(MACH_SEND_TIMED_OUT, mt_send_wait(task, &message, 0));
	EXPECT_EQ(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE,
		  mt_types(task, port));
	EXPECT_EQ(port, pass(task, port, MACH_MSG_TYPE_COPY_SEND, &type));
	EXPECT_EQ(MACH_MSG_TYPE_PORT_SEND, type);
}

TEST_F(mach, errors)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	const struct {
		__u32 name;
		__s32 ret;
	} rows[] = {
		{ MACH_PORT_NULL, KERN_INVALID_NAME },
		{ MACH_PORT_DEAD, KERN_INVALID_NAME },
		{ MT_UNUSED, KERN_INVALID_NAME },
		{ task->self, KERN_INVALID_RIGHT },
		{ mt_make_send_once(task, port), KERN_INVALID_RIGHT },
		{ mt_set(task), KERN_INVALID_RIGHT },
		{ mt_dead_name(task), KERN_INVALID_RIGHT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(rows[i].ret, mt_set_payload(task, rows[i].name, 1))
			TH_LOG("row %zu", i);
		EXPECT_EQ(rows[i].ret, mt_clear_payload(task, rows[i].name))
			TH_LOG("row %zu", i);
	}
}

TEST_F(mach, value_of_clear_must_be_0)
{
	const struct mt_task *task = &self->task;
	struct mach_ioc_value call = {
		.size = sizeof(call),
		.task = task->self,
		.name = mt_receive_right(task),
		.value = 1,
	};
	int error = mt_ioctl(task, MACH_IOC_PORT_CLEAR_PAYLOAD, &call);

	EXPECT_TRUE(error == -EINVAL || call.ret == KERN_INVALID_VALUE)
		TH_LOG("%d %d", error, call.ret);
}

TEST_HARNESS_MAIN
