// SPDX-License-Identifier: GPL-2.0
/*
 * A header that cannot be sent leaves everything as it was (class N), and
 * destination and reply are taken together or not at all (spec 1.10, K17).
 */
#include "lib/fixture.h"

#define MOVE_SEND	MACH_MSG_TYPE_MOVE_SEND
#define MOVE_SEND_ONCE	MACH_MSG_TYPE_MOVE_SEND_ONCE
#define COPY_SEND	MACH_MSG_TYPE_COPY_SEND
#define MAKE_SEND	MACH_MSG_TYPE_MAKE_SEND
#define MAKE_SEND_ONCE	MACH_MSG_TYPE_MAKE_SEND_ONCE

static __s32 send_header(const struct mt_task *task, __u32 dest,
			 __u32 dest_type, __u32 reply, __u32 reply_type)
{
	struct mt_message message;

	mt_begin(&message, dest, dest_type);
	mt_reply_to(&message, reply, reply_type);
	return mt_send_wait(task, &message, 0);
}

static bool may_send(__u32 type)
{
	return type >= MOVE_SEND && type <= MAKE_SEND_ONCE;
}

TEST_F(mach, destination_type)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	for (__u32 type = 0; type < 256; type++) {
		if (may_send(type))
			continue;
		EXPECT_EQ(MACH_SEND_INVALID_HEADER,
			  send_header(task, port, type, 0, 0))
			TH_LOG("type %u", type);
	}
	EXPECT_TRUE(mt_empty(task, port));
	EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
}

TEST_F(mach, reply_type)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), reply = mt_port(task);

	for (__u32 type = 0; type < 256; type++) {
		if (may_send(type))
			continue;
		EXPECT_EQ(MACH_SEND_INVALID_HEADER,
			  send_header(task, port, COPY_SEND, reply, type))
			TH_LOG("type %u", type);
		EXPECT_EQ(MACH_SEND_INVALID_HEADER,
			  send_header(task, port, COPY_SEND, MACH_PORT_DEAD,
				      type))
			TH_LOG("type %u", type);
	}
	/* The types are looked at before the names. */
	EXPECT_EQ(MACH_SEND_INVALID_HEADER,
		  send_header(task, MT_UNUSED, COPY_SEND, reply, 0));
	EXPECT_EQ(MACH_SEND_INVALID_HEADER,
		  send_header(task, MT_UNUSED, 0, MT_UNUSED, COPY_SEND));
	EXPECT_TRUE(mt_empty(task, port));
}

TEST_F(mach, invalid_destination)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), sender = mt_port(task);
	const struct {
		__u32 name, type;
	} rows[] = {
		{ MACH_PORT_NULL, COPY_SEND }, { MACH_PORT_DEAD, COPY_SEND },
		{ MACH_PORT_NULL, MAKE_SEND }, { MACH_PORT_DEAD, MOVE_SEND },
		{ MT_UNUSED, COPY_SEND }, { MT_UNUSED, MAKE_SEND_ONCE },
		{ mt_dead_name(task), COPY_SEND },
		{ mt_dead_name(task), MOVE_SEND },
		{ mt_dead_name(task), MOVE_SEND_ONCE },
		{ port, COPY_SEND }, { port, MOVE_SEND },
		{ port, MOVE_SEND_ONCE }, { sender, MOVE_SEND_ONCE },
		{ task->self, MAKE_SEND }, { task->self, MAKE_SEND_ONCE },
		{ mt_make_send_once(task, port), COPY_SEND },
		{ mt_make_send_once(task, port), MOVE_SEND },
		{ mt_make_send_once(task, port), MAKE_SEND },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		__u32 before = mt_types(task, rows[i].name);

		EXPECT_EQ(MACH_SEND_INVALID_DEST,
			  send_header(task, rows[i].name, rows[i].type, 0, 0))
			TH_LOG("row %zu", i);
		EXPECT_EQ(before, mt_types(task, rows[i].name))
			TH_LOG("row %zu", i);
	}
	EXPECT_TRUE(mt_empty(task, port));
}

TEST_F(mach, right_whose_port_died)
{
	const struct mt_task *task = &self->task;
	struct mt_task other;
	__u32 port, right;

	mt_open(&other);
	port = mt_receive_right(&other);
	right = mt_connect(task, &other, port);
	mt_must(mt_destroy(&other, port));
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  send_header(task, right, MOVE_SEND, 0, 0));
	EXPECT_EQ(1U, mt_refs(task, right, MACH_PORT_RIGHT_DEAD_NAME));
}

TEST_F(mach, invalid_reply)
{
	const struct mt_task *task = &self->task;
	__u32 dest = mt_port(task), port = mt_receive_right(task);
	const struct {
		__u32 name, type;
	} rows[] = {
		{ MT_UNUSED, COPY_SEND }, { MT_UNUSED, MAKE_SEND_ONCE },
		{ MT_UNUSED, MOVE_SEND_ONCE }, { port, COPY_SEND },
		{ port, MOVE_SEND }, { port, MOVE_SEND_ONCE },
		{ task->self, MAKE_SEND }, { task->self, MAKE_SEND_ONCE },
		{ task->self, MOVE_SEND_ONCE },
		{ mt_dead_name(task), MAKE_SEND },
		{ mt_make_send_once(task, port), COPY_SEND },
		{ mt_make_send_once(task, port), MOVE_SEND },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		__u32 before = mt_types(task, rows[i].name);

		EXPECT_EQ(MACH_SEND_INVALID_REPLY,
			  send_header(task, dest, MOVE_SEND, rows[i].name,
				      rows[i].type))
			TH_LOG("row %zu", i);
		EXPECT_EQ(1U, mt_refs(task, dest, MACH_PORT_RIGHT_SEND));
		EXPECT_EQ(before, mt_types(task, rows[i].name))
			TH_LOG("row %zu", i);
	}
	EXPECT_TRUE(mt_empty(task, dest));
}

/* Class N: nothing of the reply, the destination or the body has moved. */
TEST_F(mach, nothing_happened)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), gone = mt_dead_name(task);
	__u32 once = mt_make_send_once(task, port), body = mt_port(task);
	void *memory = mt_map_filled(2, 1);
	struct mt_message message, copy;

	mt_begin(&message, gone, MOVE_SEND);
	mt_reply_to(&message, once, MOVE_SEND_ONCE);
	mt_put_right(&message, body, MACH_MSG_TYPE_MOVE_RECEIVE);
	mt_put_right(&message, body, MOVE_SEND);
	mt_put_memory(&message, memory, 2 * MT_PAGE,
		      MACH_MSG_DESC_DEALLOCATE);
	memcpy(&copy, &message, message.size);
	EXPECT_EQ(MACH_SEND_INVALID_DEST, mt_send(task, &message));
	EXPECT_EQ(0, memcmp(&copy, &message, message.size));
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE, mt_types(task, once));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_SEND,
		  mt_types(task, body));
	EXPECT_EQ(1U, mt_refs(task, gone, MACH_PORT_RIGHT_DEAD_NAME));
	EXPECT_TRUE(mt_holds(memory, 2 * MT_PAGE, 1));
	EXPECT_TRUE(mt_empty(task, port));
}

TEST_F(mach, K17_one_reference_for_both)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct mt_task other;
	__u32 port, right;

	mt_open(&other);
	port = mt_receive_right(&other);
	right = mt_connect(task, &other, port);
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  send_header(task, right, MOVE_SEND, right, COPY_SEND));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, right));
	mt_must(mt_receive(&other, port, &message, 0));
	EXPECT_EQ(port, message.head.remote_port);

	right = mt_connect(task, &other, port);
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  send_header(task, right, COPY_SEND, right, MOVE_SEND));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, right));
	mt_must(mt_receive(&other, port, &message, 0));
	EXPECT_EQ(port, message.head.remote_port);
}

TEST_F(mach, K17_one_reference_moved_twice)
{
	const struct mt_task *task = &self->task;
	struct mt_task other;
	__u32 port, right;
	__s32 ret;

	mt_open(&other);
	port = mt_receive_right(&other);
	right = mt_connect(task, &other, port);
	ret = send_header(task, right, MOVE_SEND, right, MOVE_SEND);
	EXPECT_TRUE(ret == MACH_SEND_INVALID_DEST ||
		    ret == MACH_SEND_INVALID_REPLY)
		TH_LOG("result %#x", ret);
	EXPECT_EQ(1U, mt_refs(task, right, MACH_PORT_RIGHT_SEND));
	EXPECT_TRUE(mt_empty(&other, port));

	mt_must(mt_mod_refs(task, right, MACH_PORT_RIGHT_SEND, 1));
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  send_header(task, right, MOVE_SEND, right, MOVE_SEND));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, right));
}

TEST_F(mach, K17_make_and_move_of_one_name)
{
	static const __u32 types[] = {
		MOVE_SEND, COPY_SEND, MAKE_SEND, MAKE_SEND_ONCE,
	};
	const struct mt_task *task = &self->task;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(types); j++) {
			__u32 port = mt_port(task);

			if (types[i] == MOVE_SEND && types[j] == MOVE_SEND)
				continue;
			EXPECT_EQ(MACH_MSG_SUCCESS,
				  send_header(task, port, types[i], port,
					      types[j]))
				TH_LOG("%u %u", types[i], types[j]);
		}
	}
}

TEST_F(mach, K17_send_once_as_both)
{
	static const __u32 types[] = {
		MOVE_SEND, MOVE_SEND_ONCE, COPY_SEND, MAKE_SEND,
		MAKE_SEND_ONCE,
	};
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	__u32 once = mt_make_send_once(task, port);

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		/* GNU Mach looks at the reply right alone before. */
		EXPECT_EQ(types[i] == MOVE_SEND_ONCE ?
			  MACH_SEND_INVALID_DEST : MACH_SEND_INVALID_REPLY,
			  send_header(task, once, MOVE_SEND_ONCE, once,
				      types[i]))
			TH_LOG("%u", types[i]);
		EXPECT_EQ(MACH_SEND_INVALID_DEST,
			  send_header(task, once, types[i], once,
				      MOVE_SEND_ONCE))
			TH_LOG("%u", types[i]);
	}
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE, mt_types(task, once));
	EXPECT_TRUE(mt_empty(task, port));
}

TEST_F(mach, make_send_counts)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), notify = mt_receive_right(task);
	struct mt_message message;

	/* Two were made: by the destination and by the reply. */
	mt_must(send_header(task, port, MAKE_SEND, port, MAKE_SEND));
	mt_must(mt_receive(task, port, &message, 0));
	mt_arm(task, port, MACH_NOTIFY_NO_SENDERS, notify);
	mt_must(mt_deallocate(task, port));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_NO_SENDERS, 2));
}

TEST_F(mach, moved_destination_is_used_up)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	__u32 port = mt_port(task);

	mt_must(mt_mod_refs(task, port, MACH_PORT_RIGHT_SEND, 1));
	mt_must(send_header(task, port, MOVE_SEND, 0, 0));
	EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
	mt_must(send_header(task, port, MOVE_SEND, 0, 0));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(task, port));
	/* K18: receiving uses the message's own right up. */
	mt_must(mt_receive(task, port, &message, 0));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(task, port));
}

TEST_HARNESS_MAIN
