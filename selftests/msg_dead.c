// SPDX-License-Identifier: GPL-2.0
/*
 * Ports that die or leave while somebody waits on them (spec 1.10, 2.2;
 * negative tests N20, N37).
 */
#include "lib/actor.h"
#include "lib/fixture.h"

TEST_F(mach, send_to_a_dead_port)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	__u32 once = mt_make_send_once(task, port);

	mt_must(mt_destroy(task, port));
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  mt_send_id(task, once, MACH_MSG_TYPE_MOVE_SEND_ONCE, 1));
	EXPECT_EQ(1U, mt_refs(task, once, MACH_PORT_RIGHT_DEAD_NAME));
}

TEST_F(mach, N20_port_dies_under_a_blocked_sender)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), watched = mt_receive_right(task);
	struct mt_actor actor;

	mt_fill_queue(task, port);
	mt_begin(&actor.message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&actor.message, watched, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_start_send(&actor, task);
	mt_must(mt_destroy(task, port));
	/* The message was on its way: it is destroyed, that is no error. */
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish(&actor));
	EXPECT_TRUE(mt_notified(task, watched, MACH_NOTIFY_SEND_ONCE, 0));
}

TEST_F(mach, N20_port_dies_under_a_blocked_receiver)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	struct mt_actor actor;

	mt_start_receive(&actor, task, port);
	mt_must(mt_destroy(task, port));
	EXPECT_EQ(MACH_RCV_PORT_DIED, mt_finish(&actor));
	EXPECT_EQ(MT_POISON, actor.message.bytes[0]);
}

TEST_F(mach, receive_right_moves_away_under_a_receiver)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), moved;
	struct mt_actor actor;
	struct mt_task other;

	mt_open(&other);
	mt_start_receive(&actor, task, port);
	moved = mt_transfer(task, &other, port, MACH_MSG_TYPE_MOVE_RECEIVE);
	EXPECT_EQ(MACH_RCV_PORT_DIED, mt_finish(&actor));
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 5));
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mt_receive(&other, moved, &actor.message, 0));
}

TEST_F(mach, blocked_sender_follows_a_moved_port)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), moved;
	struct mt_message message;
	struct mt_actor actor;
	struct mt_task other;

	mt_open(&other);
	mt_fill_queue(task, port);
	mt_begin(&actor.message, port, MACH_MSG_TYPE_COPY_SEND);
	actor.message.head.id = 66;
	mt_start_send(&actor, task);
	moved = mt_transfer(task, &other, port, MACH_MSG_TYPE_MOVE_RECEIVE);
	for (int i = 0; i < MACH_PORT_QLIMIT_DEFAULT; i++)
		mt_must(mt_receive(&other, moved, &message, 0));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish(&actor));
	mt_must(mt_receive(&other, moved, &message, MT_FOREVER));
	EXPECT_EQ(66U, message.head.id);
}

TEST_F(mach, queue_moves_with_the_receive_right)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), moved;
	struct mt_message message;
	struct mt_task other;

	mt_open(&other);
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 1));
	mt_must(mt_receive(task, port, &message, 0));
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 2));
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 3));
	moved = mt_transfer(task, &other, port, MACH_MSG_TYPE_MOVE_RECEIVE);
	mt_must(mt_receive(&other, moved, &message, 0));
	EXPECT_EQ(2U, message.head.id);
	/* S2.1: moving starts the numbers anew. */
	EXPECT_EQ(0U, message.head.seqno);
	mt_must(mt_receive(&other, moved, &message, 0));
	EXPECT_EQ(3U, message.head.id);
	EXPECT_EQ(1U, message.head.seqno);
}

TEST_F(mach, receive_from_what_is_no_receive_right)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), gone = mt_receive_right(task);
	const __u32 names[] = {
		MACH_PORT_NULL, MACH_PORT_DEAD, MT_UNUSED, task->self, gone,
		mt_dead_name(task), mt_make_send_once(task, port),
	};
	struct mt_message message;

	mt_must(mt_destroy(task, gone));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		EXPECT_EQ(MACH_RCV_INVALID_NAME,
			  mt_receive(task, names[i], &message, MT_FOREVER))
			TH_LOG("case %zu", i);
		EXPECT_EQ(MT_POISON, message.bytes[0]);
	}
}

TEST_F(mach, own_file_closes_under_a_receiver)
{
	/* The thread's call holds the file: the task lives until it ends. */
	const struct mt_task *task = &self->task;
	struct mt_actor actor;
	struct mt_task other;
	__u32 port, right;

	mt_open(&other);
	port = mt_receive_right(&other);
	right = mt_connect(task, &other, port);
	mt_start_receive(&actor, &other, port);
	mt_close(&other);
	mt_must(mt_send_id(task, right, MACH_MSG_TYPE_COPY_SEND, 12));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish(&actor));
	EXPECT_EQ(12U, actor.message.head.id);
	for (int i = 0; i < 400; i++) {
		if (mt_types(task, right) == MACH_PORT_TYPE_DEAD_NAME)
			break;
		mt_sleep(5);
	}
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, mt_types(task, right));
}

TEST_F(mach, many_messages_die_with_their_port)
{
	const struct mt_task *task = &self->task;
	__u64 messages = mt_live(task, MT_LIVE(messages));
	__u64 bytes = mt_live(task, MT_LIVE(bytes));
	__u32 port = mt_port(task);

	for (int i = 0; i < 1000; i++)
		mt_must(mt_send_id(task, port, MACH_MSG_TYPE_MAKE_SEND_ONCE,
				   i));
	EXPECT_EQ(messages + 1000, mt_live(task, MT_LIVE(messages)));
	mt_must(mt_destroy(task, port));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(messages), messages));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(bytes), bytes));
}

TEST_HARNESS_MAIN
