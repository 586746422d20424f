// SPDX-License-Identifier: GPL-2.0
/*
 * mach_port_allocate and mach_reply_port make what the manual says: a fresh,
 * empty receive right without senders, or a dead name with one reference,
 * under an unused name (spec 2).
 */
#include "lib/fixture.h"

TEST_F(mach, receive_right)
{
	const struct mt_task *task = &self->task;
	__u32 name;

	ASSERT_EQ(KERN_SUCCESS,
		  mt_allocate(task, MACH_PORT_RIGHT_RECEIVE, &name));
	EXPECT_NE(MACH_PORT_NULL, name);
	EXPECT_NE(MACH_PORT_DEAD, name);
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(task, name));
	EXPECT_EQ(1U, mt_refs(task, name, MACH_PORT_RIGHT_RECEIVE));
	EXPECT_EQ(0U, mt_refs(task, name, MACH_PORT_RIGHT_SEND));
	EXPECT_TRUE(mt_empty(task, name));
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  mt_send_id(task, name, MACH_MSG_TYPE_COPY_SEND, 0));
}

TEST_F(mach, receive_right_seqno_starts_at_0)
{
	__u32 port = mt_port(&self->task);
	struct mt_message message;

	mt_must(mt_send_id(&self->task, port, MACH_MSG_TYPE_COPY_SEND, 1));
	mt_must(mt_receive(&self->task, port, &message, 0));
	EXPECT_EQ(0U, message.head.seqno);
}

TEST_F(mach, dead_name)
{
	const struct mt_task *task = &self->task;
	__u32 name;

	ASSERT_EQ(KERN_SUCCESS,
		  mt_allocate(task, MACH_PORT_RIGHT_DEAD_NAME, &name));
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, mt_types(task, name));
	EXPECT_EQ(1U, mt_refs(task, name, MACH_PORT_RIGHT_DEAD_NAME));
	EXPECT_EQ(0U, mt_refs(task, name, MACH_PORT_RIGHT_RECEIVE));
}

TEST_F(mach, bad_right)
{
	static const __u32 bad[] = {
		MACH_PORT_RIGHT_SEND, MACH_PORT_RIGHT_SEND_ONCE, 5, 6,
		0x80000000U, ~0U,
	};
	__u64 names = mt_live(&self->task, MT_LIVE(names));
	__u32 name;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(KERN_INVALID_VALUE,
			  mt_allocate(&self->task, bad[i], &name));
	}
	EXPECT_EQ(names, mt_live(&self->task, MT_LIVE(names)));
}

#define MANY	2000

TEST_F(mach, names_are_unique)
{
	static __u32 names[MANY];

	for (int i = 0; i < MANY; i++)
		names[i] = i & 1 ? mt_receive_right(&self->task) :
				   mt_dead_name(&self->task);
	for (int i = 0; i < MANY; i++) {
		ASSERT_EQ(i & 1 ? MACH_PORT_TYPE_RECEIVE :
				  MACH_PORT_TYPE_DEAD_NAME,
			  mt_types(&self->task, names[i]));
		ASSERT_EQ(KERN_SUCCESS, mt_destroy(&self->task, names[i]));
		ASSERT_EQ(MACH_PORT_TYPE_NONE,
			  mt_types(&self->task, names[i]));
	}
}

TEST_F(mach, reply_port)
{
	__u32 first = MACH_PORT_NULL, second = MACH_PORT_NULL;

	ASSERT_EQ(KERN_SUCCESS, mt_name_call(&self->task, MACH_IOC_REPLY_PORT,
					     &first));
	ASSERT_EQ(KERN_SUCCESS, mt_name_call(&self->task, MACH_IOC_REPLY_PORT,
					     &second));
	EXPECT_NE(first, second);
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(&self->task, first));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(&self->task, second));
}

TEST_F(mach, task_self_adds_a_reference)
{
	const struct mt_task *task = &self->task;
	__u32 refs = mt_refs(task, task->self, MACH_PORT_RIGHT_SEND);
	__u32 name = MACH_PORT_NULL;

	ASSERT_EQ(KERN_SUCCESS,
		  mt_name_call(task, MACH_IOC_TASK_SELF, &name));
	EXPECT_EQ(task->self, name);
	EXPECT_EQ(MACH_PORT_TYPE_SEND, mt_types(task, name));
	EXPECT_EQ(refs + 1, mt_refs(task, name, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(KERN_SUCCESS, mt_deallocate(task, name));
	EXPECT_EQ(refs, mt_refs(task, name, MACH_PORT_RIGHT_SEND));
}

TEST_HARNESS_MAIN
