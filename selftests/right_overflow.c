// SPDX-License-Identifier: GPL-2.0
/*
 * References beyond all bounds: a name counts to 65,534 and stays there, and
 * rights in queues are bounded by what their user may have in queues (spec
 * 1.12, 2.1; negative tests N24, N25).
 */
#include "lib/fixture.h"
#include "lib/mach_calls.h"

#define SEND	MACH_PORT_RIGHT_SEND
#define DEAD	MACH_PORT_RIGHT_DEAD_NAME
#define TOP	65534U

/* As many rights as a message may have by default. */
#define MANY	4096

static void fill(__u32 *names, __u32 name)
{
	for (int i = 0; i < MANY; i++)
		names[i] = name;
}

static __u64 senders(const struct mt_task *task, __u32 port)
{
	__u64 count;

	mt_must(mt_srights(task, port, &count));
	return count;
}

/* One message with MANY rights for @name to a port of @to. */
static __s32 send_many(const struct mt_task *task, __u32 dest, __u32 name,
		       __u32 disposition)
{
	static __u32 names[MANY];
	struct mt_message message;

	fill(names, name);
	mt_begin(&message, dest, MACH_MSG_TYPE_COPY_SEND);
	mt_put_rights_array(&message, names, MANY, disposition, 0);
	return mt_send_wait(task, &message, 0);
}

static __u32 receive_many(const struct mt_task *task, __u32 port)
{
	struct mt_message message;
	const __u32 *got;
	__u32 name;

	mt_must(mt_receive(task, port, &message, 0));
	got = mt_rights_array(&message, 0, MANY);
	name = got[0];
	for (int i = 1; i < MANY; i++)
		mt_check(got[i] == name);
	mt_free_array(&message, 0);
	return name;
}

/* 69,632 times the same right. */
TEST_F(mach, N24_received_more_often_than_counted)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), dest, name = 0, wanted = 0, in;
	struct mt_task other;

	mt_open(&other);
	in = mt_receive_right(&other);
	dest = mt_connect(task, &other, in);
	for (int i = 0; i < 17; i++) {
		mt_must(send_many(task, dest, port, MACH_MSG_TYPE_MAKE_SEND));
		name = receive_many(&other, in);
		wanted = wanted + MANY > TOP ? TOP : wanted + MANY;
		ASSERT_EQ(wanted, mt_refs(&other, name, SEND));
		/* However often, it is one right. */
		ASSERT_EQ(1ULL, senders(task, port));
	}
	EXPECT_EQ(17U * MANY, mt_status(task, port).mscount);
	/* All that are counted can be given up, and then it is gone. */
	EXPECT_EQ(KERN_INVALID_VALUE,
		  mt_mod_refs(&other, name, SEND, -(__s32)TOP - 1));
	EXPECT_EQ(KERN_SUCCESS,
		  mt_mod_refs(&other, name, SEND, -(__s32)TOP));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(&other, name));
	EXPECT_EQ(0ULL, senders(task, port));
}

/* Beyond the top rights are lost, but no-senders is not. */
TEST_F(mach, N24_no_senders_after_the_top)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), notify = mt_receive_right(task);
	__u32 dest = mt_port(task);

	mt_must(mt_mod_refs(task, port, SEND, TOP - 1));
	mt_must(send_many(task, dest, port, MACH_MSG_TYPE_COPY_SEND));
	EXPECT_EQ(1ULL + MANY, senders(task, port));
	EXPECT_EQ(port, receive_many(task, dest));
	EXPECT_EQ(TOP, mt_refs(task, port, SEND));
	mt_arm(task, port, MACH_NOTIFY_NO_SENDERS, notify);
	mt_must(mt_mod_refs(task, port, SEND, 1 - (__s32)TOP));
	EXPECT_TRUE(mt_empty(task, notify));
	mt_must(mt_deallocate(task, port));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_NO_SENDERS, 1));
}

TEST_F(mach, N24_replies_at_the_top)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), dest = mt_port(task);
	struct mt_message message;

	mt_must(mt_mod_refs(task, port, SEND, TOP - 2));
	for (__u32 i = 0; i < 4; i++) {
		mt_begin(&message, dest, MACH_MSG_TYPE_COPY_SEND);
		mt_reply_to(&message, port, MACH_MSG_TYPE_MAKE_SEND);
		mt_must(mt_send(task, &message));
		ASSERT_EQ(MACH_MSG_SUCCESS,
			  mt_receive(task, dest, &message, 0));
		EXPECT_EQ(port, message.head.remote_port);
		EXPECT_EQ(TOP, mt_refs(task, port, SEND));
	}
	EXPECT_EQ(1ULL, senders(task, port));
}

/* K13: what comes back must not be more than there was room for. */
TEST_F(mach, N24_message_that_comes_back_at_the_top)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), full = mt_port(task);
	struct mt_message message;

	mt_must(mt_mod_refs(task, port, SEND, TOP - 1));
	mt_must(mt_set_qlimit(task, full, 0));
	for (int i = 0; i < 3; i++) {
		mt_begin(&message, full, MACH_MSG_TYPE_COPY_SEND);
		mt_put_right(&message, port, MACH_MSG_TYPE_MAKE_SEND);
		ASSERT_EQ(MACH_SEND_TIMED_OUT,
			  mt_send_wait(task, &message, 0));
		EXPECT_EQ(port, mt_right(&message, 0));
		EXPECT_EQ(TOP, mt_refs(task, port, SEND));
		EXPECT_EQ(1ULL, senders(task, port));
	}
	/* Its own destination too. */
	mt_must(mt_mod_refs(task, full, SEND,
			    TOP - mt_refs(task, full, SEND)));
	mt_begin(&message, full, MACH_MSG_TYPE_COPY_SEND);
	ASSERT_EQ(MACH_SEND_TIMED_OUT, mt_send_wait(task, &message, 0));
	EXPECT_EQ(TOP, mt_refs(task, full, SEND));
}

TEST_F(mach, N24_dead_name_after_the_top)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), notify = mt_receive_right(task), previous;

	mt_must(mt_mod_refs(task, port, SEND, TOP - 1));
	mt_arm(task, port, MACH_NOTIFY_DEAD_NAME, notify);
	mt_must(mt_mod_refs(task, port, MACH_PORT_RIGHT_RECEIVE, -1));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_DEAD_NAME, port));
	EXPECT_EQ(TOP + 1, mt_refs(task, port, DEAD));
	EXPECT_EQ(KERN_UREFS_OVERFLOW, mt_mod_refs(task, port, DEAD, 1));
	EXPECT_EQ(KERN_UREFS_OVERFLOW,
		  mt_request(task, port, MACH_NOTIFY_DEAD_NAME, 1, notify,
			     MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_SEND_ONCE, 0));
	EXPECT_EQ(TOP + 1, mt_refs(task, port, DEAD));
}

/* ---- rights in queues (N25) ---- */

/* Rights for one port by the thousand: the user's limit ends it. */
static void flood(struct __test_metadata *_metadata,
		  const struct mt_task *task, __u32 disposition)
{
	__u32 port = mt_port(task), dest = mt_port(task);
	__u64 messages = 0, before = senders(task, port);
	__s32 ret = MACH_MSG_SUCCESS;

	/* The queue is no limit for messages to send-once rights. */
	while (messages < 2000) {
		static __u32 names[MANY];
		struct mt_message message;

		fill(names, port);
		mt_begin(&message, dest, MACH_MSG_TYPE_MAKE_SEND_ONCE);
		mt_put_rights_array(&message, names, MANY, disposition, 0);
		ret = mt_send_wait(task, &message, 0);
		if (ret != MACH_MSG_SUCCESS)
			break;
		messages++;
	}
	EXPECT_EQ(MACH_SEND_NO_BUFFER, ret);
	EXPECT_LT(0ULL, messages);
	EXPECT_EQ(before + messages * MANY, senders(task, port));
	EXPECT_EQ(1U, mt_refs(task, port, SEND));
	/* What the last one would have taken is not missing. */
	mt_must(mt_destroy(task, dest));
	for (int tries = 0; tries < 2000; tries++) {
		if (senders(task, port) == before)
			break;
		mt_sleep(5);
	}
	EXPECT_EQ(before, senders(task, port));
}

TEST_F(mach, N25_copied_rights)
{
	mt_become_fresh_user();
	mt_set_param("max_user_bytes", 1 << 20);
	mt_close(&self->task);
	mt_open(&self->task);
	flood(_metadata, &self->task, MACH_MSG_TYPE_COPY_SEND);
}

TEST_F(mach, N25_made_rights)
{
	mt_become_fresh_user();
	mt_set_param("max_user_bytes", 1 << 20);
	mt_close(&self->task);
	mt_open(&self->task);
	flood(_metadata, &self->task, MACH_MSG_TYPE_MAKE_SEND);
}

TEST_HARNESS_MAIN
