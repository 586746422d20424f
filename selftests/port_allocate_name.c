// SPDX-License-Identifier: GPL-2.0
/*
 * mach_port_allocate_name makes what mach_port_allocate makes, under the name
 * that the caller wants, if nothing else has it (spec 2).
 */
#include "lib/fixture.h"
#include "lib/mach_calls.h"

#define RECEIVE		MACH_PORT_RIGHT_RECEIVE
#define PORT_SET	MACH_PORT_RIGHT_PORT_SET
#define DEAD_NAME	MACH_PORT_RIGHT_DEAD_NAME

#define CHOSEN	0x00c0ffeeU

static const __u32 rights[] = { RECEIVE, PORT_SET, DEAD_NAME };

TEST_F(mach, receive_right)
{
	const struct mt_task *task = &self->task;
	struct mach_ioc_receive_status status;

	ASSERT_EQ(KERN_SUCCESS, mt_allocate_name(task, RECEIVE, CHOSEN));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(task, CHOSEN));
	status = mt_status(task, CHOSEN);
	EXPECT_EQ(MACH_PORT_NULL, status.pset);
	EXPECT_EQ(0U, status.seqno);
	EXPECT_EQ(0U, status.mscount);
	EXPECT_EQ(5U, status.qlimit);
	EXPECT_EQ(0U, status.msgcount);
	EXPECT_EQ(0U, status.sorights);
	EXPECT_EQ(0U, status.srights);
	EXPECT_EQ(0U, status.pdrequest);
	EXPECT_EQ(0U, status.nsrequest);
}

TEST_F(mach, receive_right_works)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;

	mt_must(mt_allocate_name(task, RECEIVE, CHOSEN));
	mt_must(mt_send_id(task, CHOSEN, MACH_MSG_TYPE_MAKE_SEND, 8));
	mt_must(mt_receive(task, CHOSEN, &message, 0));
	EXPECT_EQ(8U, message.head.id);
	EXPECT_EQ(CHOSEN, message.head.local_port);
}

TEST_F(mach, port_set)
{
	const struct mt_task *task = &self->task;
	__u32 member, count;

	ASSERT_EQ(KERN_SUCCESS, mt_allocate_name(task, PORT_SET, CHOSEN));
	EXPECT_EQ(MACH_PORT_TYPE_PORT_SET, mt_types(task, CHOSEN));
	EXPECT_EQ(KERN_SUCCESS,
		  mt_set_members(task, CHOSEN, &member, 1, &count));
	EXPECT_EQ(0U, count);
}

TEST_F(mach, dead_name)
{
	const struct mt_task *task = &self->task;

	ASSERT_EQ(KERN_SUCCESS, mt_allocate_name(task, DEAD_NAME, CHOSEN));
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, mt_types(task, CHOSEN));
	EXPECT_EQ(1U, mt_refs(task, CHOSEN, DEAD_NAME));
}

TEST_F(mach, any_name_but_two)
{
	static const __u32 names[] = {
		1, 2, 255, 256, 0x7fffffffU, 0x80000000U, 0xfffffffeU,
	};
	const struct mt_task *task = &self->task;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		/* The task's own name may be a small one. */
		if (names[i] == task->self)
			continue;
		EXPECT_EQ(KERN_SUCCESS,
			  mt_allocate_name(task, rights[i % 3], names[i]))
			TH_LOG("name %#x", names[i]);
		EXPECT_NE(MACH_PORT_TYPE_NONE, mt_types(task, names[i]));
		EXPECT_EQ(KERN_SUCCESS, mt_destroy(task, names[i]));
		EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, names[i]));
	}
}

TEST_F(mach, null_and_dead_are_no_names)
{
	for (size_t i = 0; i < ARRAY_SIZE(rights); i++) {
		EXPECT_EQ(KERN_INVALID_VALUE,
			  mt_allocate_name(&self->task, rights[i],
					   MACH_PORT_NULL));
		EXPECT_EQ(KERN_INVALID_VALUE,
			  mt_allocate_name(&self->task, rights[i],
					   MACH_PORT_DEAD));
	}
}

TEST_F(mach, bad_right)
{
	static const __u32 bad[] = {
		MACH_PORT_RIGHT_SEND, MACH_PORT_RIGHT_SEND_ONCE, 5, 6,
		0x80000000U, ~0U,
	};
	const struct mt_task *task = &self->task;
	__u64 names = mt_live(task, MT_LIVE(names));

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(KERN_INVALID_VALUE,
			  mt_allocate_name(task, bad[i], CHOSEN));
		/* The right is looked at before the name's user. */
		EXPECT_EQ(KERN_INVALID_VALUE,
			  mt_allocate_name(task, bad[i], task->self));
	}
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, CHOSEN));
	EXPECT_EQ(names, mt_live(task, MT_LIVE(names)));
}

TEST_F(mach, name_exists)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), gone = mt_receive_right(task);
	__u32 died = mt_make_send_once(task, gone);
	const __u32 used[] = {
		port, mt_receive_right(task), mt_make_send_once(task, port),
		mt_set(task), mt_dead_name(task), task->self, died,
	};
	__u64 names, ports;

	mt_must(mt_destroy(task, gone));
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, mt_types(task, died));
	names = mt_live(task, MT_LIVE(names));
	ports = mt_live(task, MT_LIVE(ports));
	for (size_t i = 0; i < ARRAY_SIZE(used); i++) {
		__u32 types = mt_types(task, used[i]);

		for (size_t j = 0; j < ARRAY_SIZE(rights); j++) {
			EXPECT_EQ(KERN_NAME_EXISTS,
				  mt_allocate_name(task, rights[j], used[i]))
				TH_LOG("case %zu", i);
		}
		EXPECT_EQ(types, mt_types(task, used[i]));
	}
	EXPECT_EQ(names, mt_live(task, MT_LIVE(names)));
	EXPECT_EQ(ports, mt_live(task, MT_LIVE(ports)));
}

TEST_F(mach, name_can_be_used_again)
{
	const struct mt_task *task = &self->task;

	for (int i = 0; i < 30; i++) {
		ASSERT_EQ(KERN_SUCCESS,
			  mt_allocate_name(task, rights[i % 3], CHOSEN));
		ASSERT_EQ(KERN_NAME_EXISTS,
			  mt_allocate_name(task, RECEIVE, CHOSEN));
		ASSERT_EQ(KERN_SUCCESS, mt_destroy(task, CHOSEN));
	}
}

#define MANY	300

/* Names that the kernel picks keep away from those that we took. */
TEST_F(mach, kernel_picks_other_names)
{
	const struct mt_task *task = &self->task;
	__u32 first = mt_receive_right(task), name;

	/* What a simple allocator would give next. */
	for (__u32 i = 1; i <= MANY; i++) {
		__s32 ret = mt_allocate_name(task, DEAD_NAME, first + i);

		ASSERT_TRUE(ret == KERN_SUCCESS || ret == KERN_NAME_EXISTS);
	}
	for (int i = 0; i < MANY; i++) {
		name = mt_receive_right(task);
		ASSERT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(task, name));
		ASSERT_TRUE(name <= first || name > first + MANY);
	}
}

TEST_HARNESS_MAIN
