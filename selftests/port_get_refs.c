// SPDX-License-Identifier: GPL-2.0
/*
 * mach_port_get_refs counts the references of one right under a name and says
 * 0 for a right that is not there (spec 2).
 */
#include "lib/fixture.h"

TEST_F(mach, each_right)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), once = mt_make_send_once(task, port);
	__u32 dead = mt_dead_name(task);
	const struct {
		__u32 name;
		__u32 refs[MACH_PORT_RIGHT_NUMBER];
	} rows[] = {
		/* SEND, RECEIVE, SEND_ONCE, PORT_SET, DEAD_NAME */
		{ port, { 3, 1, 0, 0, 0 } },
		{ once, { 0, 0, 1, 0, 0 } },
		{ dead, { 0, 0, 0, 0, 1 } },
		{ mt_receive_right(task), { 0, 1, 0, 0, 0 } },
	};

	mt_must(mt_mod_refs(task, port, MACH_PORT_RIGHT_SEND, 2));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (__u32 right = 0; right < 5; right++) {
			EXPECT_EQ(rows[i].refs[right],
				  mt_refs(task, rows[i].name, right))
				TH_LOG("row %zu right %u", i, right);
		}
	}
}

TEST_F(mach, send_right_whose_port_died)
{
	const struct mt_task *task = &self->task;
	struct mt_task other;
	__u32 port, name;

	mt_open(&other);
	port = mt_receive_right(&other);
	name = mt_connect(task, &other, port);
	mt_must(mt_mod_refs(task, name, MACH_PORT_RIGHT_SEND, 3));
	mt_must(mt_destroy(&other, port));
	EXPECT_EQ(0U, mt_refs(task, name, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(4U, mt_refs(task, name, MACH_PORT_RIGHT_DEAD_NAME));
}

TEST_F(mach, errors_and_their_order)
{
	__u32 port = mt_receive_right(&self->task), refs;

	EXPECT_EQ(KERN_INVALID_VALUE,
		  mt_get_refs(&self->task, port, 5, &refs));
	EXPECT_EQ(KERN_INVALID_VALUE,
		  mt_get_refs(&self->task, port, ~0U, &refs));
	EXPECT_EQ(KERN_INVALID_VALUE,
		  mt_get_refs(&self->task, MT_UNUSED, 5, &refs));
	EXPECT_EQ(KERN_INVALID_NAME,
		  mt_get_refs(&self->task, MT_UNUSED, 0, &refs));
	EXPECT_EQ(KERN_INVALID_NAME,
		  mt_get_refs(&self->task, MACH_PORT_NULL, 0, &refs));
	EXPECT_EQ(KERN_INVALID_NAME,
		  mt_get_refs(&self->task, MACH_PORT_DEAD, 4, &refs));
}

TEST_HARNESS_MAIN
