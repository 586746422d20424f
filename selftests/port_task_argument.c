// SPDX-License-Identifier: GPL-2.0
/*
 * The port calls work on the task that their task argument names: any send
 * right for a task does, another send right is INVALID_TASK, anything else
 * MACH_SEND_INVALID_DEST; this is looked at before all other arguments
 * (spec 1.11, 2).
 */
#include "lib/fixture.h"

/* All calls with arguments that are wrong in every other way. */
static __s32 all_calls(const struct mt_task *task)
{
	__u32 out;
	__s32 ret = mt_allocate(task, 99, &out);

	if (mt_destroy(task, MT_UNUSED) != ret ||
	    mt_deallocate(task, MT_UNUSED) != ret ||
	    mt_get_refs(task, MT_UNUSED, 99, &out) != ret ||
	    mt_mod_refs(task, MT_UNUSED, 99, 0) != ret ||
	    mt_get_type(task, MT_UNUSED, &out) != ret ||
	    mt_insert(task, 0, MT_UNUSED, 99) != ret ||
	    mt_request(task, MT_UNUSED, 99, 0, 0,
		       MACH_MSG_TYPE_MAKE_SEND_ONCE, &out) != ret)
		return MT_NO_RESULT;
	return ret;
}

TEST_F(mach, no_send_right)
{
	struct mt_task task = self->task;
	__u32 port = mt_receive_right(&self->task);
	const __u32 names[] = {
		MACH_PORT_NULL, MACH_PORT_DEAD, MT_UNUSED, port,
		mt_dead_name(&self->task),
		mt_make_send_once(&self->task, port),
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		task.self = names[i];
		EXPECT_EQ(MACH_SEND_INVALID_DEST, all_calls(&task))
			TH_LOG("case %zu", i);
	}
}

TEST_F(mach, send_right_of_another_port)
{
	struct mt_task task = self->task;

	task.self = mt_port(&self->task);
	EXPECT_EQ(KERN_INVALID_TASK, all_calls(&task));
}

TEST_F(mach, another_task)
{
	struct mt_task other, remote = self->task;
	__u32 name, theirs;

	mt_open(&other);
	remote.self = mt_task_right(&self->task, &other);
	for (int i = 0; i < 20; i++)
		mt_must(mt_allocate(&remote, MACH_PORT_RIGHT_RECEIVE, &name));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(&other, name));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(&self->task, name));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(&remote, name));
	EXPECT_EQ(1U, mt_refs(&remote, name, MACH_PORT_RIGHT_RECEIVE));

	theirs = mt_dead_name(&other);
	mt_must(mt_mod_refs(&remote, theirs, MACH_PORT_RIGHT_DEAD_NAME, 2));
	mt_must(mt_deallocate(&remote, theirs));
	EXPECT_EQ(2U, mt_refs(&other, theirs, MACH_PORT_RIGHT_DEAD_NAME));
	mt_must(mt_destroy(&remote, theirs));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(&other, theirs));
}

TEST_F(mach, request_on_another_tasks_name)
{
	struct mt_task other, remote = self->task;
	__u32 notify = mt_receive_right(&self->task), theirs;

	mt_open(&other);
	remote.self = mt_task_right(&self->task, &other);
	theirs = mt_port(&other);
	/* The notification goes to the caller, about the other's name. */
	mt_arm(&remote, theirs, MACH_NOTIFY_DEAD_NAME, notify);
	mt_must(mt_mod_refs(&other, theirs, MACH_PORT_RIGHT_RECEIVE, -1));
	EXPECT_TRUE(mt_notified(&self->task, notify, MACH_NOTIFY_DEAD_NAME,
				theirs));
}

TEST_F(mach, dead_task)
{
	struct mt_task other, remote = self->task;
	__u32 notify = mt_receive_right(&self->task);

	mt_open(&other);
	remote.self = mt_task_right(&self->task, &other);
	mt_arm(&self->task, remote.self, MACH_NOTIFY_DEAD_NAME, notify);
	mt_close(&other);
	EXPECT_TRUE(mt_notified(&self->task, notify, MACH_NOTIFY_DEAD_NAME,
				remote.self));
	EXPECT_EQ(MACH_SEND_INVALID_DEST, all_calls(&remote));
}

/* A message to a task port is answered, so that nobody waits for ever. */
TEST_F(mach, message_to_a_task_port)
{
	const struct mt_task *task = &self->task;
	__u32 reply = mt_receive_right(task);
	struct mt_message message;

	mt_begin(&message, task->self, MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	message.head.id = 4242;
	mt_must(mt_send(task, &message));
	mt_must(mt_receive(task, reply, &message, MT_FOREVER));
	EXPECT_EQ(4342U, message.head.id);
	EXPECT_EQ(48U, message.head.size);
	EXPECT_EQ(MACH_MSG_DESC(MACH_MSG_TYPE_INTEGER_32, 32, 1,
				MACH_MSG_DESC_INLINE),
		  message.words[4]);
	EXPECT_EQ(MIG_BAD_ID, (int)message.words[5]);
	EXPECT_EQ(0ULL, message.words[5] >> 32);
}

TEST_F(mach, message_to_a_task_port_is_destroyed)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	struct mt_message message;

	mt_begin(&message, task->self, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_must(mt_send(task, &message));
	EXPECT_TRUE(mt_notified(task, port, MACH_NOTIFY_SEND_ONCE, 0));
}

/* Nobody receives from a task port: the answer must not wait there. */
TEST_F(mach, answer_to_a_task_port_is_destroyed)
{
	const struct mt_task *task = &self->task;
	__u64 messages = mt_live(task, MT_LIVE(messages));
	struct mt_message message;

	for (int i = 0; i < 10; i++) {
		mt_begin(&message, task->self, MACH_MSG_TYPE_COPY_SEND);
		mt_reply_to(&message, task->self, MACH_MSG_TYPE_COPY_SEND);
		mt_must(mt_send(task, &message));
	}
	EXPECT_EQ(messages, mt_live(task, MT_LIVE(messages)));
}

TEST_HARNESS_MAIN
