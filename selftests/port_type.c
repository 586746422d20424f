// SPDX-License-Identifier: GPL-2.0
/*
 * mach_port_type tells all rights under a name, and whether a dead-name
 * request is armed on it (spec 2).
 */
#include "lib/fixture.h"

TEST_F(mach, each_kind)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);

	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(task, port));
	mt_make_send(task, port);
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_SEND,
		  mt_types(task, port));
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE,
		  mt_types(task, mt_make_send_once(task, port)));
	EXPECT_EQ(MACH_PORT_TYPE_SEND, mt_types(task, task->self));
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, mt_types(task, mt_dead_name(task)));
}

TEST_F(mach, right_whose_port_died)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	__u32 once = mt_make_send_once(task, port);

	mt_must(mt_destroy(task, port));
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, mt_types(task, once));
}

TEST_F(mach, dead_name_request)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), notify = mt_receive_right(task), previous;

	mt_arm(task, port, MACH_NOTIFY_DEAD_NAME, notify);
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_SEND |
			MACH_PORT_TYPE_DNREQUEST,
		  mt_types(task, port));
	mt_must(mt_request(task, port, MACH_NOTIFY_DEAD_NAME, 0,
			   MACH_PORT_NULL, MACH_MSG_TYPE_MAKE_SEND_ONCE,
			   &previous));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_SEND,
		  mt_types(task, port));
}

TEST_F(mach, no_senders_request_does_not_show)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	mt_arm(task, port, MACH_NOTIFY_NO_SENDERS, mt_receive_right(task));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_SEND,
		  mt_types(task, port));
}

TEST_F(mach, bad_name)
{
	__u32 type;

	EXPECT_EQ(KERN_INVALID_NAME, mt_get_type(&self->task, 0, &type));
	EXPECT_EQ(KERN_INVALID_NAME, mt_get_type(&self->task, ~0U, &type));
	EXPECT_EQ(KERN_INVALID_NAME,
		  mt_get_type(&self->task, MT_UNUSED, &type));
}

TEST_HARNESS_MAIN
