// SPDX-License-Identifier: GPL-2.0
/*
 * Receive rights in queues of ports in queues ... die one after the other,
 * without recursion, whoever starts it (spec 2.2; negative test N31).
 */
#include "lib/fixture.h"

/* A chain of @count ports, each in the next one's queue; the last name. */
static __u32 make_chain(const struct mt_task *task, int count)
{
	__u32 inner = mt_receive_right(task);

	while (--count) {
		__u32 outer = mt_receive_right(task);
		struct mt_message message;

		mt_begin(&message, outer, MACH_MSG_TYPE_MAKE_SEND);
		mt_put_right(&message, inner, MACH_MSG_TYPE_MOVE_RECEIVE);
		mt_must(mt_send(task, &message));
		inner = outer;
	}
	return inner;
}

TEST_F(mach, N31_destroy)
{
	static const int depths[] = { 2, 1000, 10000 };
	const struct mt_task *task = &self->task;
	__u64 ports = mt_live(task, MT_LIVE(ports));
	__u64 messages = mt_live(task, MT_LIVE(messages));

	for (size_t i = 0; i < ARRAY_SIZE(depths); i++) {
		__u32 last = make_chain(task, depths[i]);

		EXPECT_EQ(ports + depths[i], mt_live(task, MT_LIVE(ports)));
		EXPECT_EQ(KERN_SUCCESS, mt_destroy(task, last));
		EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(ports), ports));
		EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(messages),
					    messages));
	}
}

TEST_F(mach, N31_innermost_death_is_told)
{
	const struct mt_task *task = &self->task;
	__u32 inner = mt_port(task), notify = mt_receive_right(task);
	__u32 outer = inner;

	mt_arm(task, inner, MACH_NOTIFY_DEAD_NAME, notify);
	for (int i = 0; i < 1000; i++) {
		__u32 next = mt_receive_right(task);
		struct mt_message message;

		mt_begin(&message, next, MACH_MSG_TYPE_MAKE_SEND);
		mt_put_right(&message, outer, MACH_MSG_TYPE_MOVE_RECEIVE);
		mt_must(mt_send(task, &message));
		outer = next;
	}
	mt_must(mt_destroy(task, outer));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_DEAD_NAME, inner));
}

TEST_F(mach, N31_exit)
{
	/* The fixture waits for all of them to be gone. */
	make_chain(&self->task, 10000);
}

TEST_F(mach, N31_close)
{
	__u64 ports = mt_live(&self->task, MT_LIVE(ports));
	struct mt_task other;

	mt_open(&other);
	make_chain(&other, 1000);
	mt_close(&other);
	EXPECT_TRUE(mt_live_becomes(&self->task, MT_LIVE(ports), ports));
}

/* A tree: each message carries many ports with full queues. */
static __u32 make_tree(const struct mt_task *task, int depth)
{
	__u32 port = mt_receive_right(task);
	struct mt_message message;

	if (!depth)
		return port;
	for (int i = 0; i < 4; i++) {
		mt_begin(&message, port, MACH_MSG_TYPE_MAKE_SEND);
		for (int j = 0; j < 3; j++)
			mt_put_right(&message, make_tree(task, depth - 1),
				     MACH_MSG_TYPE_MOVE_RECEIVE);
		mt_must(mt_send(task, &message));
	}
	return port;
}

TEST_F(mach, N31_tree)
{
	const struct mt_task *task = &self->task;
	__u64 ports = mt_live(task, MT_LIVE(ports));

	mt_must(mt_destroy(task, make_tree(task, 3)));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(ports), ports));
}

TEST_HARNESS_MAIN
