// SPDX-License-Identifier: GPL-2.0
/*
 * A message that could not be queued in time comes back to its sender by
 * pseudo-receive (K13): the rights as body rights, header not reversed, ready
 * to be sent again.
 */
#include "lib/actor.h"
#include "lib/fixture.h"

TEST_F(mach, K13_copied_destination)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	mt_fill_queue(task, port);
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	message.head.id = 17;
	EXPECT_EQ(MACH_SEND_TIMED_OUT, mt_send_wait(task, &message, 0));
	EXPECT_EQ(MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND, 0),
		  message.head.bits);
	EXPECT_EQ(port, message.head.remote_port);
	EXPECT_EQ(MACH_PORT_NULL, message.head.local_port);
	EXPECT_EQ(17U, message.head.id);
	EXPECT_EQ(32U, message.head.size);
	EXPECT_EQ(2U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
}

TEST_F(mach, K13_moved_destination)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct mt_task other;
	__u32 port, right;

	mt_open(&other);
	port = mt_receive_right(&other);
	right = mt_connect(task, &other, port);
	mt_fill_queue(&other, port);
	mt_begin(&message, right, MACH_MSG_TYPE_MOVE_SEND);
	EXPECT_EQ(MACH_SEND_TIMED_OUT, mt_send_wait(task, &message, 0));
	EXPECT_EQ(MACH_PORT_TYPE_SEND,
		  mt_types(task, message.head.remote_port));
	EXPECT_EQ(1U, mt_refs(task, message.head.remote_port,
			      MACH_PORT_RIGHT_SEND));
}

TEST_F(mach, K13_made_rights_stay_made)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), notify = mt_receive_right(task);
	struct mt_message message;

	mt_fill_queue(task, port);	/* makes 5 */
	mt_begin(&message, port, MACH_MSG_TYPE_MAKE_SEND);
	EXPECT_EQ(MACH_SEND_TIMED_OUT, mt_send_wait(task, &message, 0));
	EXPECT_EQ(MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND, 0),
		  message.head.bits);
	EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
	for (int i = 0; i < MACH_PORT_QLIMIT_DEFAULT; i++)
		mt_must(mt_receive(task, port, &message, 0));
	mt_arm(task, port, MACH_NOTIFY_NO_SENDERS, notify);
	mt_must(mt_deallocate(task, port));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_NO_SENDERS, 6));
}

TEST_F(mach, K13_reply_right)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), reply = mt_receive_right(task), once;
	struct mt_message message;

	mt_fill_queue(task, port);
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	EXPECT_EQ(MACH_SEND_TIMED_OUT, mt_send_wait(task, &message, 0));
	EXPECT_EQ(MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND,
				 MACH_MSG_TYPE_MOVE_SEND_ONCE),
		  message.head.bits);
	EXPECT_EQ(port, message.head.remote_port);
	once = message.head.local_port;
	EXPECT_NE(reply, once);
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE, mt_types(task, once));
	EXPECT_TRUE(mt_empty(task, reply));
	mt_must(mt_deallocate(task, once));
	EXPECT_TRUE(mt_notified(task, reply, MACH_NOTIFY_SEND_ONCE, 0));
}

TEST_F(mach, K13_null_and_dead_reply)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	mt_fill_queue(task, port);
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, MACH_PORT_DEAD, MACH_MSG_TYPE_COPY_SEND);
	EXPECT_EQ(MACH_SEND_TIMED_OUT, mt_send_wait(task, &message, 0));
	EXPECT_EQ((__u64)MACH_PORT_DEAD, message.head.local_port);
	EXPECT_EQ(MACH_MSGH_BITS(17, 17), message.head.bits);
}

TEST_F(mach, K13_body_rights)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), carried = mt_port(task), other;
	struct mt_message message;

	other = mt_receive_right(task);
	mt_fill_queue(task, port);
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, carried, MACH_MSG_TYPE_MOVE_SEND);
	mt_put_right(&message, carried, MACH_MSG_TYPE_MOVE_RECEIVE);
	mt_put_right(&message, other, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_right(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, MACH_PORT_NULL, MACH_MSG_TYPE_MAKE_SEND);
	EXPECT_EQ(MACH_SEND_TIMED_OUT, mt_send_wait(task, &message, 0));
	EXPECT_TRUE(message.head.bits & MACH_MSGH_BITS_COMPLEX);
	EXPECT_EQ(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE,
		  mt_types(task, mt_right(&message, 0)));
	EXPECT_EQ(mt_right(&message, 0), mt_right(&message, 1));
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE,
		  mt_types(task, mt_right(&message, 2)));
	EXPECT_EQ(port, mt_right(&message, 3));
	EXPECT_EQ(3U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(MACH_PORT_NULL, mt_right(&message, 4));
}

TEST_F(mach, K13_moved_memory)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	char *memory = mt_map_filled(8, 1), *back;
	struct mt_message message;
	struct mt_item item;

	mt_fill_queue(task, port);
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_memory(&message, memory, 8 * MT_PAGE,
		      MACH_MSG_DESC_DEALLOCATE);
	EXPECT_EQ(MACH_SEND_TIMED_OUT, mt_send_wait(task, &message, 0));
	back = mt_memory(&message, 0);
	EXPECT_TRUE(mt_holds(back, 8 * MT_PAGE, 1));
	item = mt_item(&message, 0);
	EXPECT_TRUE(item.desc & MACH_MSG_DESC_DEALLOCATE);
	memset(back, 9, 8 * MT_PAGE);
}

TEST_F(mach, K13_copied_memory)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	char *memory = mt_map_filled(8, 1), *back;
	struct mt_message message;
	struct mt_item item;

	mt_fill_queue(task, port);
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_memory(&message, memory + 100, 7 * MT_PAGE, 0);
	EXPECT_EQ(MACH_SEND_TIMED_OUT, mt_send_wait(task, &message, 0));
	back = mt_memory(&message, 0);
	EXPECT_NE(memory + 100, back);
	EXPECT_EQ(0, memcmp(memory + 100, back, 7 * MT_PAGE));
	item = mt_item(&message, 0);
	EXPECT_TRUE(item.desc & MACH_MSG_DESC_DEALLOCATE);
}

TEST_F(mach, K13_sent_again_verbatim)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), carried = mt_receive_right(task);
	char *memory = mt_map_filled(8, 1);
	struct mt_message message, in;

	mt_fill_queue(task, port);
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, carried, MACH_MSG_TYPE_MOVE_RECEIVE);
	mt_put_memory(&message, memory, 8 * MT_PAGE,
		      MACH_MSG_DESC_DEALLOCATE);
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(MACH_SEND_TIMED_OUT,
			  mt_send_wait(task, &message, 1));
	}
	EXPECT_EQ(2U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
	for (int i = 0; i < MACH_PORT_QLIMIT_DEFAULT; i++)
		mt_must(mt_receive(task, port, &in, 0));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_send_wait(task, &message, 0));
	mt_must(mt_receive(task, port, &in, 0));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(task, mt_right(&in, 0)));
	EXPECT_TRUE(mt_holds(mt_memory(&in, 1), 8 * MT_PAGE, 1));
	EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
}

TEST_F(mach, K13_simple_body_comes_back)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	mt_fill_queue(task, port);
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	message.size = 256;
	mt_fill(message.bytes + 32, 256 - 32, 4);
	EXPECT_EQ(MACH_SEND_TIMED_OUT, mt_send_wait(task, &message, 0));
	EXPECT_TRUE(mt_holds(message.bytes + 32, 256 - 32, 4));
	EXPECT_EQ(256U, message.head.size);
}

TEST_HARNESS_MAIN
