// SPDX-License-Identifier: GPL-2.0
/*
 * mach_port_extract_right gives the caller a right of a task as if that task
 * had sent it in a message (spec 2, 2.1).
 */
#include "lib/fixture.h"
#include "lib/mach_calls.h"

#define SEND		MACH_PORT_TYPE_SEND
#define RECEIVE		MACH_PORT_TYPE_RECEIVE
#define SEND_ONCE	MACH_PORT_TYPE_SEND_ONCE

/* The caller, another task and the caller's right to work on it. */
struct pair {
	struct mt_task other, remote;
	__u32 port;		/* of the other: receive and send */
};

static void make_pair(struct pair *pair, const struct mt_task *task)
{
	mt_open(&pair->other);
	pair->remote = *task;
	pair->remote.self = mt_task_right(task, &pair->other);
	pair->port = mt_port(&pair->other);
}

TEST_F(mach, each_disposition)
{
	static const struct {
		__u32 disposition, poly_type, arrives, stays;
	} rows[] = {
		{ MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_PORT_SEND, SEND,
		  SEND | RECEIVE },
		{ MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_PORT_SEND, SEND,
		  SEND | RECEIVE },
		{ MACH_MSG_TYPE_MAKE_SEND_ONCE, MACH_MSG_TYPE_PORT_SEND_ONCE,
		  SEND_ONCE, SEND | RECEIVE },
		{ MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_PORT_SEND, SEND,
		  RECEIVE },
		{ MACH_MSG_TYPE_MOVE_RECEIVE, MACH_MSG_TYPE_PORT_RECEIVE,
		  RECEIVE, SEND },
	};
	const struct mt_task *task = &self->task;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		__u32 poly, poly_type;
		struct pair pair;

		make_pair(&pair, task);
		ASSERT_EQ(KERN_SUCCESS,
			  mt_extract(&pair.remote, pair.port,
				     rows[i].disposition, &poly, &poly_type))
			TH_LOG("row %zu", i);
		EXPECT_EQ(rows[i].poly_type, poly_type);
		EXPECT_EQ(rows[i].arrives, mt_types(task, poly));
		EXPECT_EQ(rows[i].stays, mt_types(&pair.other, pair.port));
		mt_close(&pair.other);
	}
}

TEST_F(mach, send_once_right)
{
	const struct mt_task *task = &self->task;
	__u32 once, poly, poly_type;
	struct pair pair;

	make_pair(&pair, task);
	once = mt_make_send_once(&pair.other, pair.port);
	ASSERT_EQ(KERN_SUCCESS,
		  mt_extract(&pair.remote, once,
			     MACH_MSG_TYPE_MOVE_SEND_ONCE, &poly, &poly_type));
	EXPECT_EQ(MACH_MSG_TYPE_PORT_SEND_ONCE, poly_type);
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(&pair.other, once));
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mt_send_id(task, poly, MACH_MSG_TYPE_MOVE_SEND_ONCE, 4));
	EXPECT_EQ(4U, mt_notification(&pair.other, pair.port).id);
}

TEST_F(mach, rights_join_what_the_caller_has)
{
	const struct mt_task *task = &self->task;
	__u32 first, second, poly_type;
	struct pair pair;

	make_pair(&pair, task);
	first = mt_connect(task, &pair.other, pair.port);
	for (__u32 refs = 2; refs < 5; refs++) {
		ASSERT_EQ(KERN_SUCCESS,
			  mt_extract(&pair.remote, pair.port,
				     MACH_MSG_TYPE_MAKE_SEND, &second,
				     &poly_type));
		EXPECT_EQ(first, second);
		EXPECT_EQ(refs, mt_refs(task, first, MACH_PORT_RIGHT_SEND));
	}
	ASSERT_EQ(KERN_SUCCESS,
		  mt_extract(&pair.remote, pair.port,
			     MACH_MSG_TYPE_MOVE_RECEIVE, &second, &poly_type));
	EXPECT_EQ(first, second);
	EXPECT_EQ(SEND | RECEIVE, mt_types(task, first));
}

/* Send rights peg at their top, as with a message (N24). */
TEST_F(mach, N24_at_the_top)
{
	const struct mt_task *task = &self->task;
	__u32 poly, poly_type, mine;
	struct pair pair;

	make_pair(&pair, task);
	mine = mt_connect(task, &pair.other, pair.port);
	mt_must(mt_mod_refs(task, mine, MACH_PORT_RIGHT_SEND, 65533));
	EXPECT_EQ(KERN_SUCCESS,
		  mt_extract(&pair.remote, pair.port, MACH_MSG_TYPE_MAKE_SEND,
			     &poly, &poly_type));
	EXPECT_EQ(mine, poly);
	EXPECT_EQ(65534U, mt_refs(task, mine, MACH_PORT_RIGHT_SEND));
}

TEST_F(mach, counts_of_the_port)
{
	struct mach_ioc_receive_status status;
	__u32 poly, poly_type;
	struct pair pair;
	__u64 srights;

	make_pair(&pair, &self->task);
	mt_must(mt_extract(&pair.remote, pair.port, MACH_MSG_TYPE_MAKE_SEND,
			   &poly, &poly_type));
	mt_must(mt_extract(&pair.remote, pair.port,
			   MACH_MSG_TYPE_MAKE_SEND_ONCE, &poly, &poly_type));
	status = mt_status(&pair.other, pair.port);
	EXPECT_EQ(2U, status.mscount);
	EXPECT_EQ(1U, status.sorights);
	mt_must(mt_srights(&pair.other, pair.port, &srights));
	EXPECT_EQ(2ULL, srights);
}

TEST_F(mach, from_oneself)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), poly, poly_type;

	ASSERT_EQ(KERN_SUCCESS, mt_extract(task, port, MACH_MSG_TYPE_MAKE_SEND,
					   &poly, &poly_type));
	EXPECT_EQ(port, poly);
	EXPECT_EQ(SEND | RECEIVE, mt_types(task, port));
	ASSERT_EQ(KERN_SUCCESS, mt_extract(task, port, MACH_MSG_TYPE_MOVE_SEND,
					   &poly, &poly_type));
	EXPECT_EQ(port, poly);
	EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
	ASSERT_EQ(KERN_SUCCESS,
		  mt_extract(task, port, MACH_MSG_TYPE_MAKE_SEND_ONCE, &poly,
			     &poly_type));
	EXPECT_NE(port, poly);
	EXPECT_EQ(SEND_ONCE, mt_types(task, poly));
	ASSERT_EQ(KERN_SUCCESS,
		  mt_extract(task, port, MACH_MSG_TYPE_MOVE_RECEIVE, &poly,
			     &poly_type));
	EXPECT_EQ(port, poly);
	EXPECT_EQ(SEND | RECEIVE, mt_types(task, port));
}

TEST_F(mach, queue_moves_along)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	__u32 poly, poly_type;
	struct pair pair;

	make_pair(&pair, task);
	mt_must(mt_send_id(&pair.other, pair.port, MACH_MSG_TYPE_COPY_SEND,
			   31));
	mt_must(mt_extract(&pair.remote, pair.port, MACH_MSG_TYPE_MOVE_RECEIVE,
			   &poly, &poly_type));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_receive(task, poly, &message, 0));
	EXPECT_EQ(31U, message.head.id);
}

/* The task loses the name, and its request says so. */
TEST_F(mach, S2_3_port_deleted)
{
	__u32 notify, poly, poly_type, name;
	struct pair pair;

	make_pair(&pair, &self->task);
	notify = mt_receive_right(&pair.other);
	name = mt_receive_right(&pair.other);
	mt_arm(&pair.other, name, MACH_NOTIFY_DEAD_NAME, notify);
	mt_must(mt_extract(&pair.remote, name, MACH_MSG_TYPE_MOVE_RECEIVE,
			   &poly, &poly_type));
	EXPECT_TRUE(mt_notified(&pair.other, notify, MACH_NOTIFY_PORT_DELETED,
				name));
}

TEST_F(mach, dead_name)
{
	__u32 dead, poly, poly_type;
	struct pair pair;

	make_pair(&pair, &self->task);
	dead = mt_dead_name(&pair.other);
	mt_must(mt_mod_refs(&pair.other, dead, MACH_PORT_RIGHT_DEAD_NAME, 2));
	ASSERT_EQ(KERN_SUCCESS,
		  mt_extract(&pair.remote, dead, MACH_MSG_TYPE_COPY_SEND,
			     &poly, &poly_type));
	EXPECT_EQ(MACH_PORT_DEAD, poly);
	EXPECT_EQ(MACH_MSG_TYPE_PORT_SEND, poly_type);
	EXPECT_EQ(3U, mt_refs(&pair.other, dead, MACH_PORT_RIGHT_DEAD_NAME));
	ASSERT_EQ(KERN_SUCCESS,
		  mt_extract(&pair.remote, dead, MACH_MSG_TYPE_MOVE_SEND,
			     &poly, &poly_type));
	EXPECT_EQ(MACH_PORT_DEAD, poly);
	EXPECT_EQ(MACH_MSG_TYPE_PORT_SEND, poly_type);
	ASSERT_EQ(KERN_SUCCESS,
		  mt_extract(&pair.remote, dead, MACH_MSG_TYPE_MOVE_SEND_ONCE,
			     &poly, &poly_type));
	EXPECT_EQ(MACH_PORT_DEAD, poly);
	EXPECT_EQ(MACH_MSG_TYPE_PORT_SEND_ONCE, poly_type);
	EXPECT_EQ(1U, mt_refs(&pair.other, dead, MACH_PORT_RIGHT_DEAD_NAME));
}

TEST_F(mach, bad_disposition)
{
	static const __u32 bad[] = {
		0, 1, 15, 22, 23, 24, 255, 0x100 | MACH_MSG_TYPE_MAKE_SEND,
		~0U,
	};
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), poly, poly_type;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(KERN_INVALID_VALUE,
			  mt_extract(task, port, bad[i], &poly, &poly_type))
			TH_LOG("%u", bad[i]);
		/* Looked at before the name. */
		EXPECT_EQ(KERN_INVALID_VALUE,
			  mt_extract(task, MT_UNUSED, bad[i], &poly,
				     &poly_type));
	}
	EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
}

TEST_F(mach, errors)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), poly, poly_type;
	const struct {
		__u32 name, disposition;
		__s32 ret;
	} rows[] = {
		{ MT_UNUSED, MACH_MSG_TYPE_COPY_SEND, KERN_INVALID_NAME },
		{ MACH_PORT_NULL, MACH_MSG_TYPE_COPY_SEND, KERN_INVALID_NAME },
		{ MACH_PORT_DEAD, MACH_MSG_TYPE_MOVE_SEND, KERN_INVALID_NAME },
		{ port, MACH_MSG_TYPE_COPY_SEND, KERN_INVALID_RIGHT },
		{ port, MACH_MSG_TYPE_MOVE_SEND_ONCE, KERN_INVALID_RIGHT },
		{ task->self, MACH_MSG_TYPE_MAKE_SEND, KERN_INVALID_RIGHT },
		{ task->self, MACH_MSG_TYPE_MOVE_RECEIVE, KERN_INVALID_RIGHT },
		{ mt_set(task), MACH_MSG_TYPE_COPY_SEND, KERN_INVALID_RIGHT },
		{ mt_dead_name(task), MACH_MSG_TYPE_MAKE_SEND,
		  KERN_INVALID_RIGHT },
		{ mt_dead_name(task), MACH_MSG_TYPE_MOVE_RECEIVE,
		  KERN_INVALID_RIGHT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		__u32 types = mt_types(task, rows[i].name);

		EXPECT_EQ(rows[i].ret,
			  mt_extract(task, rows[i].name, rows[i].disposition,
				     &poly, &poly_type))
			TH_LOG("row %zu", i);
		EXPECT_EQ(types, mt_types(task, rows[i].name));
	}
}

TEST_HARNESS_MAIN
