// SPDX-License-Identifier: GPL-2.0
/*
 * mach_port_destroy drops everything under a name, with all consequences of
 * the destruction matrix (spec 2.2).
 */
#include "lib/fixture.h"

TEST_F(mach, bad_name)
{
	EXPECT_EQ(KERN_INVALID_NAME, mt_destroy(&self->task, MACH_PORT_NULL));
	EXPECT_EQ(KERN_INVALID_NAME, mt_destroy(&self->task, MACH_PORT_DEAD));
	EXPECT_EQ(KERN_INVALID_NAME, mt_destroy(&self->task, MT_UNUSED));
}

TEST_F(mach, receive_makes_dead_names)
{
	const struct mt_task *task = &self->task;
	struct mt_task other;
	__u32 port = mt_receive_right(task), theirs;

	mt_open(&other);
	theirs = mt_connect(&other, task, port);
	mt_must(mt_mod_refs(&other, theirs, MACH_PORT_RIGHT_SEND, 2));
	EXPECT_EQ(KERN_SUCCESS, mt_destroy(task, port));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, port));
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, mt_types(&other, theirs));
	EXPECT_EQ(3U, mt_refs(&other, theirs, MACH_PORT_RIGHT_DEAD_NAME));
}

TEST_F(mach, receive_destroys_queued_messages)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), watched = mt_receive_right(task);
	__u64 messages = mt_live(task, MT_LIVE(messages));
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, watched, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_right(&message, watched, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_must(mt_send(task, &message));
	EXPECT_EQ(KERN_SUCCESS, mt_destroy(task, port));
	EXPECT_TRUE(mt_notified(task, watched, MACH_NOTIFY_SEND_ONCE, 0));
	EXPECT_TRUE(mt_notified(task, watched, MACH_NOTIFY_SEND_ONCE, 0));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(messages), messages));
}

TEST_F(mach, send)
{
	const struct mt_task *task = &self->task;
	struct mt_task other;
	__u32 port, name;

	mt_open(&other);
	port = mt_receive_right(&other);
	name = mt_connect(task, &other, port);
	mt_must(mt_mod_refs(task, name, MACH_PORT_RIGHT_SEND, 5));
	EXPECT_EQ(KERN_SUCCESS, mt_destroy(task, name));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, name));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(&other, port));
}

TEST_F(mach, send_once_tells_the_port)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);

	EXPECT_EQ(KERN_SUCCESS,
		  mt_destroy(task, mt_make_send_once(task, port)));
	EXPECT_TRUE(mt_notified(task, port, MACH_NOTIFY_SEND_ONCE, 0));
}

TEST_F(mach, dead_name)
{
	__u32 name = mt_dead_name(&self->task);

	mt_must(mt_mod_refs(&self->task, name, MACH_PORT_RIGHT_DEAD_NAME, 9));
	EXPECT_EQ(KERN_SUCCESS, mt_destroy(&self->task, name));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(&self->task, name));
}

TEST_F(mach, S2_2_no_senders_before_death)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), notify = mt_receive_right(task);

	mt_arm(task, port, MACH_NOTIFY_NO_SENDERS, notify);
	EXPECT_EQ(KERN_SUCCESS, mt_destroy(task, port));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_NO_SENDERS, 1));
	EXPECT_TRUE(mt_empty(task, notify));
}

TEST_F(mach, S2_2_request_of_a_dead_port_is_given_back)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), notify = mt_receive_right(task);

	mt_arm(task, port, MACH_NOTIFY_NO_SENDERS, notify);
	EXPECT_EQ(KERN_SUCCESS,
		  mt_mod_refs(task, port, MACH_PORT_RIGHT_RECEIVE, -1));
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, mt_types(task, port));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_SEND_ONCE, 0));
	EXPECT_TRUE(mt_empty(task, notify));
}

TEST_F(mach, name_can_be_used_again)
{
	const struct mt_task *task = &self->task;
	__u32 name = mt_receive_right(task), port = mt_receive_right(task);

	mt_must(mt_destroy(task, name));
	EXPECT_EQ(KERN_SUCCESS,
		  mt_insert(task, name, port, MACH_MSG_TYPE_MAKE_SEND_ONCE));
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE, mt_types(task, name));
}

TEST_F(mach, own_task_right)
{
	struct mt_task *task = &self->task;
	__u32 name = task->self;

	EXPECT_EQ(KERN_SUCCESS, mt_destroy(task, name));
	EXPECT_EQ(MACH_SEND_INVALID_DEST, mt_destroy(task, name));
	task->self = MACH_PORT_NULL;
	ASSERT_EQ(KERN_SUCCESS,
		  mt_name_call(task, MACH_IOC_TASK_SELF, &task->self));
	EXPECT_EQ(MACH_PORT_TYPE_SEND, mt_types(task, task->self));
}

TEST_HARNESS_MAIN
