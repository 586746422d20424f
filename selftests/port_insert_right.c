// SPDX-License-Identifier: GPL-2.0
/*
 * mach_port_insert_right puts a right of the caller under a name of the
 * caller's choice into a task, merges it with what the task knows of that
 * port, and consumes it even if that fails (spec 2).
 */
#include "lib/fixture.h"

#define CHOSEN	0x00c0ffeeU

TEST_F(mach, send_over_receive_merges)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);

	EXPECT_EQ(KERN_SUCCESS,
		  mt_insert(task, port, port, MACH_MSG_TYPE_MAKE_SEND));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_SEND,
		  mt_types(task, port));
	EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
}

TEST_F(mach, send_over_send_adds_a_reference)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	EXPECT_EQ(KERN_SUCCESS,
		  mt_insert(task, port, port, MACH_MSG_TYPE_MAKE_SEND));
	EXPECT_EQ(2U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(KERN_SUCCESS,
		  mt_insert(task, port, port, MACH_MSG_TYPE_COPY_SEND));
	EXPECT_EQ(3U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(KERN_SUCCESS,
		  mt_insert(task, port, port, MACH_MSG_TYPE_MOVE_SEND));
	EXPECT_EQ(3U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
}

TEST_F(mach, send_once_under_a_free_name)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);

	EXPECT_EQ(KERN_SUCCESS,
		  mt_insert(task, CHOSEN, port, MACH_MSG_TYPE_MAKE_SEND_ONCE));
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE, mt_types(task, CHOSEN));
	EXPECT_EQ(KERN_SUCCESS, mt_insert(task, CHOSEN + 1, CHOSEN,
					  MACH_MSG_TYPE_MOVE_SEND_ONCE));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, CHOSEN));
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE, mt_types(task, CHOSEN + 1));
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mt_send_id(task, CHOSEN + 1, MACH_MSG_TYPE_MOVE_SEND_ONCE,
			     77));
	EXPECT_EQ(77U, mt_notification(task, port).id);
}

TEST_F(mach, extreme_names)
{
	const struct mt_task *task = &self->task;
	static const __u32 names[] = { 0xfffffffeU, 0x80000000U, 0x7fffffffU };
	__u32 port = mt_receive_right(task);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		EXPECT_EQ(KERN_SUCCESS,
			  mt_insert(task, names[i], port,
				    MACH_MSG_TYPE_MAKE_SEND_ONCE));
		EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE, mt_types(task, names[i]));
	}
}

TEST_F(mach, receive_under_another_name)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);

	EXPECT_EQ(KERN_SUCCESS,
		  mt_insert(task, CHOSEN, port, MACH_MSG_TYPE_MOVE_RECEIVE));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, port));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(task, CHOSEN));
}

TEST_F(mach, receive_joins_send)
{
	const struct mt_task *task = &self->task;
	struct mt_task other, remote;
	__u32 port, name;

	mt_open(&other);
	remote = other;
	remote.self = mt_task_right(&other, task);
	port = mt_receive_right(&other);
	name = mt_connect(task, &other, port);
	EXPECT_EQ(KERN_SUCCESS,
		  mt_insert(&remote, name, port, MACH_MSG_TYPE_MOVE_RECEIVE));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_SEND,
		  mt_types(task, name));
}

TEST_F(mach, into_another_task)
{
	struct mt_task other, remote;
	__u32 port = mt_receive_right(&self->task);

	mt_open(&other);
	remote = self->task;
	remote.self = mt_task_right(&self->task, &other);
	EXPECT_EQ(KERN_SUCCESS,
		  mt_insert(&remote, CHOSEN, port, MACH_MSG_TYPE_MAKE_SEND));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(&self->task, CHOSEN));
	EXPECT_EQ(MACH_PORT_TYPE_SEND, mt_types(&other, CHOSEN));
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mt_send_id(&other, CHOSEN, MACH_MSG_TYPE_COPY_SEND, 1));
	EXPECT_FALSE(mt_empty(&self->task, port));
}

TEST_F(mach, bad_values)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);

	EXPECT_EQ(KERN_INVALID_VALUE,
		  mt_insert(task, MACH_PORT_NULL, port,
			    MACH_MSG_TYPE_MAKE_SEND));
	EXPECT_EQ(KERN_INVALID_VALUE,
		  mt_insert(task, MACH_PORT_DEAD, port,
			    MACH_MSG_TYPE_MAKE_SEND));
	for (__u32 type = 0; type < 32; type++) {
		if (type >= MACH_MSG_TYPE_MOVE_RECEIVE &&
		    type <= MACH_MSG_TYPE_MAKE_SEND_ONCE)
			continue;
		EXPECT_EQ(KERN_INVALID_VALUE,
			  mt_insert(task, CHOSEN, port, type))
			TH_LOG("type %u", type);
	}
	/* Only the low byte must not count. */
	EXPECT_EQ(KERN_INVALID_VALUE,
		  mt_insert(task, CHOSEN, port,
			    0x100 | MACH_MSG_TYPE_MAKE_SEND));
	EXPECT_EQ(KERN_INVALID_VALUE, mt_insert(task, CHOSEN, port, ~0U));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, CHOSEN));
}

TEST_F(mach, null_or_dead_right)
{
	static const __u32 types[] = {
		MACH_MSG_TYPE_MOVE_RECEIVE, MACH_MSG_TYPE_MOVE_SEND,
		MACH_MSG_TYPE_MOVE_SEND_ONCE, MACH_MSG_TYPE_COPY_SEND,
		MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE,
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		EXPECT_EQ(KERN_INVALID_CAPABILITY,
			  mt_insert(&self->task, CHOSEN, MACH_PORT_NULL,
				    types[i]));
		EXPECT_EQ(KERN_INVALID_CAPABILITY,
			  mt_insert(&self->task, CHOSEN, MACH_PORT_DEAD,
				    types[i]));
	}
}

TEST_F(mach, dead_name_as_right)
{
	const struct mt_task *task = &self->task;
	__u32 dead = mt_dead_name(task);

	EXPECT_EQ(KERN_INVALID_CAPABILITY,
		  mt_insert(task, CHOSEN, dead, MACH_MSG_TYPE_COPY_SEND));
	EXPECT_EQ(1U, mt_refs(task, dead, MACH_PORT_RIGHT_DEAD_NAME));
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mt_insert(task, CHOSEN, dead, MACH_MSG_TYPE_MOVE_RECEIVE));
	EXPECT_EQ(KERN_INVALID_CAPABILITY,
		  mt_insert(task, CHOSEN, dead, MACH_MSG_TYPE_MOVE_SEND));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, dead));
}

TEST_F(mach, right_that_is_not_there)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);

	EXPECT_EQ(KERN_INVALID_NAME,
		  mt_insert(task, CHOSEN, MT_UNUSED, MACH_MSG_TYPE_MAKE_SEND));
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mt_insert(task, CHOSEN, port, MACH_MSG_TYPE_COPY_SEND));
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mt_insert(task, CHOSEN, port, MACH_MSG_TYPE_MOVE_SEND_ONCE));
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mt_insert(task, CHOSEN, task->self,
			    MACH_MSG_TYPE_MAKE_SEND));
}

TEST_F(mach, right_exists_before_name_exists)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), taken = mt_dead_name(task);

	EXPECT_EQ(KERN_RIGHT_EXISTS,
		  mt_insert(task, CHOSEN, port, MACH_MSG_TYPE_MAKE_SEND));
	EXPECT_EQ(KERN_RIGHT_EXISTS,
		  mt_insert(task, taken, port, MACH_MSG_TYPE_MAKE_SEND));
	EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
}

TEST_F(mach, name_exists)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), taken = mt_dead_name(task);
	__u32 once = mt_make_send_once(task, port);
	struct mt_task other, remote;
	__u32 theirs;

	mt_open(&other);
	remote = other;
	remote.self = mt_task_right(&other, task);
	theirs = mt_receive_right(&other);
	EXPECT_EQ(KERN_NAME_EXISTS,
		  mt_insert(&remote, taken, theirs, MACH_MSG_TYPE_MAKE_SEND));
	EXPECT_EQ(KERN_NAME_EXISTS,
		  mt_insert(&remote, once, theirs, MACH_MSG_TYPE_MAKE_SEND));
	EXPECT_EQ(KERN_NAME_EXISTS,
		  mt_insert(&remote, port, theirs, MACH_MSG_TYPE_MAKE_SEND));
	/* A send-once right never joins. */
	EXPECT_EQ(KERN_NAME_EXISTS,
		  mt_insert(task, port, port, MACH_MSG_TYPE_MAKE_SEND_ONCE));
}

TEST_F(mach, N24_reference_overflow)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	mt_must(mt_mod_refs(task, port, MACH_PORT_RIGHT_SEND, 65533));
	EXPECT_EQ(KERN_UREFS_OVERFLOW,
		  mt_insert(task, port, port, MACH_MSG_TYPE_MAKE_SEND));
	EXPECT_EQ(65534U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
}

TEST_F(mach, failure_consumes_send)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	mt_must(mt_mod_refs(task, port, MACH_PORT_RIGHT_SEND, 1));
	EXPECT_EQ(KERN_RIGHT_EXISTS,
		  mt_insert(task, CHOSEN, port, MACH_MSG_TYPE_MOVE_SEND));
	EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
}

TEST_F(mach, failure_consumes_send_once)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), taken = mt_dead_name(task);
	__u32 once = mt_make_send_once(task, port);

	EXPECT_EQ(KERN_NAME_EXISTS,
		  mt_insert(task, taken, port, MACH_MSG_TYPE_MAKE_SEND_ONCE));
	EXPECT_TRUE(mt_notified(task, port, MACH_NOTIFY_SEND_ONCE, 0));
	EXPECT_EQ(KERN_NAME_EXISTS,
		  mt_insert(task, taken, once, MACH_MSG_TYPE_MOVE_SEND_ONCE));
	EXPECT_TRUE(mt_notified(task, port, MACH_NOTIFY_SEND_ONCE, 0));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, once));
	EXPECT_TRUE(mt_empty(task, port));
}

TEST_F(mach, failure_consumes_receive)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	EXPECT_EQ(KERN_RIGHT_EXISTS,
		  mt_insert(task, CHOSEN, port, MACH_MSG_TYPE_MOVE_RECEIVE));
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, mt_types(task, port));
}

TEST_HARNESS_MAIN
