// SPDX-License-Identifier: GPL-2.0
/*
 * mach_port_deallocate takes one user reference of a send, send-once or dead
 * right away and leaves a receive right alone (spec 2).
 */
#include "lib/fixture.h"

TEST_F(mach, send)
{
	const struct mt_task *task = &self->task;
	struct mt_task other;
	__u32 name;

	mt_open(&other);
	name = mt_connect(task, &other, mt_receive_right(&other));
	mt_must(mt_mod_refs(task, name, MACH_PORT_RIGHT_SEND, 1));
	EXPECT_EQ(KERN_SUCCESS, mt_deallocate(task, name));
	EXPECT_EQ(1U, mt_refs(task, name, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(KERN_SUCCESS, mt_deallocate(task, name));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, name));
	EXPECT_EQ(KERN_INVALID_NAME, mt_deallocate(task, name));
}

TEST_F(mach, send_beside_receive)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	EXPECT_EQ(KERN_SUCCESS, mt_deallocate(task, port));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(task, port));
	EXPECT_EQ(KERN_INVALID_RIGHT, mt_deallocate(task, port));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(task, port));
}

TEST_F(mach, receive_alone)
{
	__u32 port = mt_receive_right(&self->task);

	EXPECT_EQ(KERN_INVALID_RIGHT, mt_deallocate(&self->task, port));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(&self->task, port));
}

TEST_F(mach, send_once_tells_the_port)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	__u32 once = mt_make_send_once(task, port);

	EXPECT_EQ(KERN_SUCCESS, mt_deallocate(task, once));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, once));
	EXPECT_TRUE(mt_notified(task, port, MACH_NOTIFY_SEND_ONCE, 0));
	EXPECT_TRUE(mt_empty(task, port));
}

TEST_F(mach, dead_name)
{
	const struct mt_task *task = &self->task;
	__u32 name = mt_dead_name(task);

	mt_must(mt_mod_refs(task, name, MACH_PORT_RIGHT_DEAD_NAME, 1));
	EXPECT_EQ(KERN_SUCCESS, mt_deallocate(task, name));
	EXPECT_EQ(1U, mt_refs(task, name, MACH_PORT_RIGHT_DEAD_NAME));
	EXPECT_EQ(KERN_SUCCESS, mt_deallocate(task, name));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, name));
}

TEST_F(mach, right_whose_port_died)
{
	const struct mt_task *task = &self->task;
	struct mt_task other;
	__u32 port, name;

	mt_open(&other);
	port = mt_receive_right(&other);
	name = mt_connect(task, &other, port);
	mt_must(mt_mod_refs(task, name, MACH_PORT_RIGHT_SEND, 1));
	mt_must(mt_destroy(&other, port));
	EXPECT_EQ(KERN_SUCCESS, mt_deallocate(task, name));
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, mt_types(task, name));
	EXPECT_EQ(1U, mt_refs(task, name, MACH_PORT_RIGHT_DEAD_NAME));
}

TEST_F(mach, bad_name)
{
	EXPECT_EQ(KERN_INVALID_NAME,
		  mt_deallocate(&self->task, MACH_PORT_NULL));
	EXPECT_EQ(KERN_INVALID_NAME,
		  mt_deallocate(&self->task, MACH_PORT_DEAD));
	EXPECT_EQ(KERN_INVALID_NAME, mt_deallocate(&self->task, MT_UNUSED));
}

TEST_HARNESS_MAIN
