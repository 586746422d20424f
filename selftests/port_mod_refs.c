// SPDX-License-Identifier: GPL-2.0
/*
 * mach_port_mod_refs changes the references of one right, within its bounds,
 * and destroys the right at 0 (spec 2; negative test N24).
 */
#include <limits.h>

#include "lib/fixture.h"

#define SEND		MACH_PORT_RIGHT_SEND
#define RECEIVE		MACH_PORT_RIGHT_RECEIVE
#define SEND_ONCE	MACH_PORT_RIGHT_SEND_ONCE
#define PORT_SET	MACH_PORT_RIGHT_PORT_SET
#define DEAD_NAME	MACH_PORT_RIGHT_DEAD_NAME

TEST_F(mach, send)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	EXPECT_EQ(KERN_SUCCESS, mt_mod_refs(task, port, SEND, 9));
	EXPECT_EQ(10U, mt_refs(task, port, SEND));
	EXPECT_EQ(KERN_SUCCESS, mt_mod_refs(task, port, SEND, -4));
	EXPECT_EQ(6U, mt_refs(task, port, SEND));
	EXPECT_EQ(KERN_INVALID_VALUE, mt_mod_refs(task, port, SEND, -7));
	EXPECT_EQ(6U, mt_refs(task, port, SEND));
	EXPECT_EQ(KERN_SUCCESS, mt_mod_refs(task, port, SEND, -6));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(task, port));
}

TEST_F(mach, N24_send_bounds)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	EXPECT_EQ(KERN_UREFS_OVERFLOW, mt_mod_refs(task, port, SEND, INT_MAX));
	EXPECT_EQ(KERN_UREFS_OVERFLOW, mt_mod_refs(task, port, SEND, 65534));
	EXPECT_EQ(KERN_INVALID_VALUE, mt_mod_refs(task, port, SEND, INT_MIN));
	EXPECT_EQ(1U, mt_refs(task, port, SEND));
	EXPECT_EQ(KERN_SUCCESS, mt_mod_refs(task, port, SEND, 65533));
	EXPECT_EQ(65534U, mt_refs(task, port, SEND));
	EXPECT_EQ(KERN_UREFS_OVERFLOW, mt_mod_refs(task, port, SEND, 1));
	EXPECT_EQ(65534U, mt_refs(task, port, SEND));
}

TEST_F(mach, N24_received_rights_peg)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	mt_must(mt_mod_refs(task, port, SEND, 65532));
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(port, mt_transfer(task, task, port,
					    MACH_MSG_TYPE_MAKE_SEND));
	}
	EXPECT_EQ(65534U, mt_refs(task, port, SEND));
	EXPECT_EQ(KERN_SUCCESS, mt_mod_refs(task, port, SEND, -65534));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(task, port));
}

TEST_F(mach, N24_dead_name_bounds)
{
	const struct mt_task *task = &self->task;
	__u32 name = mt_dead_name(task);

	EXPECT_EQ(KERN_UREFS_OVERFLOW,
		  mt_mod_refs(task, name, DEAD_NAME, INT_MAX));
	EXPECT_EQ(KERN_SUCCESS, mt_mod_refs(task, name, DEAD_NAME, 65534));
	EXPECT_EQ(65535U, mt_refs(task, name, DEAD_NAME));
	EXPECT_EQ(KERN_UREFS_OVERFLOW, mt_mod_refs(task, name, DEAD_NAME, 1));
	EXPECT_EQ(KERN_INVALID_VALUE,
		  mt_mod_refs(task, name, DEAD_NAME, -65536));
	EXPECT_EQ(KERN_INVALID_VALUE,
		  mt_mod_refs(task, name, DEAD_NAME, INT_MIN));
	EXPECT_EQ(KERN_SUCCESS, mt_mod_refs(task, name, DEAD_NAME, -65535));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, name));
}

TEST_F(mach, receive)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);

	EXPECT_EQ(KERN_SUCCESS, mt_mod_refs(task, port, RECEIVE, 0));
	EXPECT_EQ(KERN_INVALID_VALUE, mt_mod_refs(task, port, RECEIVE, 1));
	EXPECT_EQ(KERN_INVALID_VALUE, mt_mod_refs(task, port, RECEIVE, -2));
	EXPECT_EQ(KERN_INVALID_VALUE,
		  mt_mod_refs(task, port, RECEIVE, INT_MIN));
	EXPECT_EQ(KERN_SUCCESS, mt_mod_refs(task, port, RECEIVE, -1));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, port));
}

TEST_F(mach, receive_leaves_a_dead_name_for_send)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	mt_must(mt_mod_refs(task, port, SEND, 2));
	EXPECT_EQ(KERN_SUCCESS, mt_mod_refs(task, port, RECEIVE, -1));
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, mt_types(task, port));
	EXPECT_EQ(3U, mt_refs(task, port, DEAD_NAME));
}

TEST_F(mach, send_once)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	__u32 once = mt_make_send_once(task, port);

	EXPECT_EQ(KERN_SUCCESS, mt_mod_refs(task, once, SEND_ONCE, 0));
	EXPECT_EQ(KERN_INVALID_VALUE, mt_mod_refs(task, once, SEND_ONCE, 1));
	EXPECT_EQ(KERN_INVALID_VALUE, mt_mod_refs(task, once, SEND_ONCE, -2));
	EXPECT_EQ(KERN_SUCCESS, mt_mod_refs(task, once, SEND_ONCE, -1));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, once));
	EXPECT_TRUE(mt_notified(task, port, MACH_NOTIFY_SEND_ONCE, 0));
}

TEST_F(mach, right_that_just_died)
{
	const struct mt_task *task = &self->task;
	__u32 first = mt_receive_right(task), second = mt_receive_right(task);
	__u32 once = mt_make_send_once(task, first);
	struct mt_task other;
	__u32 name;

	mt_open(&other);
	name = mt_connect(&other, task, second);
	mt_must(mt_destroy(task, first));
	mt_must(mt_destroy(task, second));
	EXPECT_EQ(KERN_INVALID_RIGHT, mt_mod_refs(task, once, SEND_ONCE, -1));
	EXPECT_EQ(1U, mt_refs(task, once, DEAD_NAME));
	EXPECT_EQ(KERN_INVALID_RIGHT, mt_mod_refs(&other, name, SEND, 1));
	EXPECT_EQ(1U, mt_refs(&other, name, DEAD_NAME));
}

/* A delta of 0 asks whether the right is there. */
TEST_F(mach, delta_0_tests)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), once = mt_make_send_once(task, port);
	const struct {
		__u32 name, types;
	} rows[] = {
		{ port, MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE },
		{ mt_receive_right(task), MACH_PORT_TYPE_RECEIVE },
		{ once, MACH_PORT_TYPE_SEND_ONCE },
		{ mt_dead_name(task), MACH_PORT_TYPE_DEAD_NAME },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (__u32 right = SEND; right <= DEAD_NAME; right++) {
			EXPECT_EQ(rows[i].types & MACH_PORT_TYPE(right) ?
					KERN_SUCCESS : KERN_INVALID_RIGHT,
				  mt_mod_refs(task, rows[i].name, right, 0))
				TH_LOG("row %zu right %u", i, right);
		}
	}
}

TEST_F(mach, errors_and_their_order)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);

	EXPECT_EQ(KERN_INVALID_VALUE, mt_mod_refs(task, port, 5, 0));
	EXPECT_EQ(KERN_INVALID_VALUE, mt_mod_refs(task, MT_UNUSED, 5, 0));
	EXPECT_EQ(KERN_INVALID_VALUE, mt_mod_refs(task, MT_UNUSED, ~0U, 0));
	EXPECT_EQ(KERN_INVALID_NAME, mt_mod_refs(task, MT_UNUSED, SEND, 0));
	EXPECT_EQ(KERN_INVALID_NAME, mt_mod_refs(task, 0, SEND, 0));
	EXPECT_EQ(KERN_INVALID_NAME, mt_mod_refs(task, ~0U, DEAD_NAME, 0));
	/* The right is looked at before the value. */
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mt_mod_refs(task, port, SEND_ONCE, INT_MAX));
	EXPECT_EQ(KERN_INVALID_RIGHT, mt_mod_refs(task, port, PORT_SET, 7));
	EXPECT_EQ(KERN_INVALID_RIGHT, mt_mod_refs(task, port, SEND, INT_MIN));
}

TEST_HARNESS_MAIN
