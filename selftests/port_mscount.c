// SPDX-License-Identifier: GPL-2.0
/*
 * mach_port_set_mscount, and what the make-send count is for: it tells in a
 * no-senders notification how many rights had been made, and holds back one
 * that was asked for too early (spec 2, 2.3; negative test N21).
 */
#include "lib/fixture.h"
#include "lib/mach_calls.h"

/* Asks for no-senders with @sync; a previous request is an error. */
static __s32 ask(const struct mt_task *task, __u32 port, __u32 sync,
		 __u32 notify)
{
	__u32 previous;
	__s32 ret = mt_request(task, port, MACH_NOTIFY_NO_SENDERS, sync,
			       notify, MACH_MSG_TYPE_MAKE_SEND_ONCE,
			       &previous);

	return previous == MACH_PORT_NULL ? ret : MT_NO_RESULT;
}

TEST_F(mach, any_value)
{
	static const __u32 values[] = {
		0, 1, 0x7fffffffU, 0x80000000U, 0xfffffffeU, 0xffffffffU,
	};
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		EXPECT_EQ(KERN_SUCCESS, mt_set_mscount(task, port, values[i]));
		EXPECT_EQ(values[i], mt_status(task, port).mscount);
	}
}

TEST_F(mach, counts_from_there)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);

	mt_must(mt_set_mscount(task, port, 1000));
	mt_make_send(task, port);
	EXPECT_EQ(1001U, mt_status(task, port).mscount);
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_MAKE_SEND, 1));
	EXPECT_EQ(1002U, mt_status(task, port).mscount);
	/* Neither a copy nor a send-once right counts. */
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 1));
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_MAKE_SEND_ONCE, 1));
	EXPECT_EQ(1002U, mt_status(task, port).mscount);
}

TEST_F(mach, N21_wraps_at_32_bits)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), notify = mt_receive_right(task);

	mt_must(mt_set_mscount(task, port, ~0U));
	mt_make_send(task, port);
	EXPECT_EQ(0U, mt_status(task, port).mscount);
	mt_must(ask(task, port, 0, notify));
	mt_must(mt_deallocate(task, port));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_NO_SENDERS, 0));
}

TEST_F(mach, notification_tells_it)
{
	static const __u32 values[] = { 0, 7, 0x80000000U, 0xffffffffU };
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task);

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		__u32 port = mt_port(task);

		mt_must(mt_set_mscount(task, port, values[i]));
		mt_must(ask(task, port, 0, notify));
		mt_must(mt_deallocate(task, port));
		EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_NO_SENDERS,
					values[i]));
	}
}

TEST_F(mach, S2_3_sync_is_compared_when_asked)
{
	static const struct {
		__u32 mscount, sync;
		bool at_once;
	} rows[] = {
		{ 0, 0, true }, { 0, 1, false }, { 5, 4, true },
		{ 5, 5, true }, { 5, 6, false }, { 0, ~0U, false },
		{ ~0U, ~0U, true }, { 0x80000000U, 0x7fffffffU, true },
		{ 0x7fffffffU, 0x80000000U, false },
	};
	const struct mt_task *task = &self->task;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		__u32 port = mt_receive_right(task);
		__u32 notify = mt_receive_right(task);

		mt_must(mt_set_mscount(task, port, rows[i].mscount));
		mt_must(ask(task, port, rows[i].sync, notify));
		EXPECT_EQ(!rows[i].at_once, mt_status(task, port).nsrequest)
			TH_LOG("row %zu", i);
		EXPECT_EQ(rows[i].at_once, !mt_empty(task, notify))
			TH_LOG("row %zu", i);
	}
}

/* Only the request looks at sync: later the last right alone decides. */
TEST_F(mach, S2_3_sync_is_forgotten)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), notify = mt_receive_right(task);

	mt_must(ask(task, port, 1000, notify));
	mt_make_send(task, port);
	mt_must(mt_deallocate(task, port));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_NO_SENDERS, 1));
}

/* Setting the count fires nothing by itself. */
TEST_F(mach, armed_request_waits)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), notify = mt_receive_right(task);

	mt_must(ask(task, port, 3, notify));
	mt_must(mt_set_mscount(task, port, 3));
	mt_must(mt_set_mscount(task, port, 100));
	EXPECT_TRUE(mt_empty(task, notify));
	mt_make_send(task, port);
	mt_must(mt_deallocate(task, port));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_NO_SENDERS, 101));
}

/*
 * The protocol of the manual: a server that was told of the count that it
 * knew may die; a right made meanwhile delays the notification.
 */
TEST_F(mach, S2_3_right_made_meanwhile)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), notify = mt_receive_right(task);
	__u32 carrier = mt_port(task), known;
	struct mt_message message;

	mt_make_send(task, port);
	known = mt_status(task, port).mscount;
	/* One more is on its way when the first one goes. */
	mt_begin(&message, carrier, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, port, MACH_MSG_TYPE_MAKE_SEND);
	mt_must(mt_send(task, &message));
	mt_must(mt_deallocate(task, port));
	mt_must(ask(task, port, known, notify));
	EXPECT_TRUE(mt_empty(task, notify));
	mt_must(mt_receive(task, carrier, &message, 0));
	EXPECT_EQ(port, mt_right(&message, 0));
	EXPECT_TRUE(mt_empty(task, notify));
	mt_must(mt_deallocate(task, port));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_NO_SENDERS,
				known + 1));
}

TEST_F(mach, S2_1_reset_by_a_move)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), notify = mt_receive_right(task), moved;
	struct mt_task other;

	mt_open(&other);
	mt_must(mt_set_mscount(task, port, 9));
	mt_must(ask(task, port, 0, notify));
	moved = mt_transfer(task, &other, port, MACH_MSG_TYPE_MOVE_RECEIVE);
	EXPECT_EQ(0U, mt_status(&other, moved).mscount);
	/* The request has travelled with the right. */
	mt_must(mt_deallocate(task, port));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_NO_SENDERS, 0));
}

TEST_F(mach, errors)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);

	EXPECT_EQ(KERN_INVALID_VALUE, mt_set_mscount(task, port, 1ULL << 32));
	EXPECT_EQ(KERN_INVALID_VALUE, mt_set_mscount(task, port, ~0ULL));
	EXPECT_EQ(0U, mt_status(task, port).mscount);
	EXPECT_EQ(KERN_INVALID_NAME, mt_set_mscount(task, MT_UNUSED, 1));
	EXPECT_EQ(KERN_INVALID_NAME, mt_set_mscount(task, MACH_PORT_NULL, 1));
	EXPECT_EQ(KERN_INVALID_NAME, mt_set_mscount(task, MACH_PORT_DEAD, 1));
	EXPECT_EQ(KERN_INVALID_RIGHT, mt_set_mscount(task, task->self, 1));
	EXPECT_EQ(KERN_INVALID_RIGHT, mt_set_mscount(task, mt_set(task), 1));
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mt_set_mscount(task, mt_dead_name(task), 1));
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mt_set_mscount(task, mt_make_send_once(task, port), 1));
}

TEST_HARNESS_MAIN
