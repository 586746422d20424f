// SPDX-License-Identifier: GPL-2.0
/*
 * mach_port_get_srights counts the send rights that exist for a port, with
 * those in messages; mach_port_dnrequest_info the dead-name requests armed on
 * it (spec 2; negative tests N21, N25).
 */
#include "lib/fixture.h"
#include "lib/mach_calls.h"

static __u64 srights(const struct mt_task *task, __u32 port)
{
	__u64 count;

	mt_must(mt_srights(task, port, &count));
	return count;
}

static __u64 dnrequests(const struct mt_task *task, __u32 port)
{
	__u64 count;

	mt_must(mt_dnrequests(task, port, &count));
	return count;
}

/* References under one name are one right. */
TEST_F(mach, one_for_each_task)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	struct mt_task others[5];

	EXPECT_EQ(0ULL, srights(task, port));
	mt_make_send(task, port);
	EXPECT_EQ(1ULL, srights(task, port));
	mt_must(mt_mod_refs(task, port, MACH_PORT_RIGHT_SEND, 50));
	mt_make_send(task, port);
	EXPECT_EQ(1ULL, srights(task, port));
	for (int i = 0; i < 5; i++) {
		mt_open(&others[i]);
		mt_connect(&others[i], task, port);
		EXPECT_EQ(2ULL + i, srights(task, port));
	}
	for (int i = 0; i < 5; i++) {
		mt_close(&others[i]);
		for (int tries = 0; tries < 2000; tries++) {
			if (srights(task, port) == 5ULL - i)
				break;
			mt_sleep(5);
		}
		EXPECT_EQ(5ULL - i, srights(task, port));
	}
	mt_must(mt_mod_refs(task, port, MACH_PORT_RIGHT_SEND, -52));
	EXPECT_EQ(0ULL, srights(task, port));
}

TEST_F(mach, N21_rights_in_messages)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), carrier = mt_port(task);
	struct mt_message message;

	/* One each: destination, reply, three in the body. */
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 1));
	EXPECT_EQ(2ULL, srights(task, port));
	mt_begin(&message, carrier, MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, port, MACH_MSG_TYPE_MAKE_SEND);
	mt_put_right(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, port, MACH_MSG_TYPE_MAKE_SEND);
	mt_put_right(&message, port, MACH_MSG_TYPE_MOVE_SEND);
	mt_must(mt_send(task, &message));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(task, port));
	EXPECT_EQ(5ULL, srights(task, port));
	/* They all join under one name. */
	mt_must(mt_receive(task, carrier, &message, 0));
	EXPECT_EQ(4U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(2ULL, srights(task, port));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(1ULL, srights(task, port));
}

TEST_F(mach, message_that_is_destroyed)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), carrier = mt_port(task);
	struct mt_message message;

	mt_begin(&message, carrier, MACH_MSG_TYPE_COPY_SEND);
	for (int i = 0; i < 20; i++)
		mt_put_right(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_must(mt_send(task, &message));
	EXPECT_EQ(21ULL, srights(task, port));
	mt_must(mt_destroy(task, carrier));
	EXPECT_EQ(1ULL, srights(task, port));
}

TEST_F(mach, body_that_fails)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), carrier = mt_port(task);
	struct mt_message message;

	mt_begin(&message, carrier, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, port, MACH_MSG_TYPE_MAKE_SEND);
	mt_put_right(&message, MT_UNUSED, MACH_MSG_TYPE_COPY_SEND);
	EXPECT_EQ(MACH_SEND_INVALID_RIGHT, mt_send(task, &message));
	EXPECT_EQ(1ULL, srights(task, port));
	EXPECT_EQ(1ULL, srights(task, carrier));
}

TEST_F(mach, N24_rights_beyond_the_top_are_not_counted)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	mt_must(mt_mod_refs(task, port, MACH_PORT_RIGHT_SEND, 65533));
	for (int i = 0; i < 10; i++)
		mt_transfer(task, task, port, MACH_MSG_TYPE_COPY_SEND);
	EXPECT_EQ(65534U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(1ULL, srights(task, port));
	mt_must(mt_mod_refs(task, port, MACH_PORT_RIGHT_SEND, -65534));
	EXPECT_EQ(0ULL, srights(task, port));
}

TEST_F(mach, send_once_rights_do_not_count)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);

	mt_make_send_once(task, port);
	EXPECT_EQ(0ULL, srights(task, port));
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_MAKE_SEND_ONCE, 1));
	EXPECT_EQ(0ULL, srights(task, port));
}

TEST_F(mach, special_and_registered_ports)
{
	const struct mt_task *task = &self->task;
	const __u32 none[MACH_TASK_PORT_REGISTER_MAX] = { 0 };
	__u32 port = mt_port(task);
	const __u32 ports[MACH_TASK_PORT_REGISTER_MAX] = { port, port };

	mt_must(mt_set_special(task, MACH_TASK_EXCEPTION_PORT, port));
	EXPECT_EQ(2ULL, srights(task, port));
	mt_must(mt_register(task, ports, 2));
	EXPECT_EQ(4ULL, srights(task, port));
	mt_must(mt_register(task, none, 0));
	EXPECT_EQ(2ULL, srights(task, port));
	mt_must(mt_set_special(task, MACH_TASK_EXCEPTION_PORT,
			       MACH_PORT_NULL));
	EXPECT_EQ(1ULL, srights(task, port));
}

TEST_F(mach, moved_receive_right)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), moved;
	struct mt_task other;

	mt_open(&other);
	moved = mt_transfer(task, &other, port, MACH_MSG_TYPE_MOVE_RECEIVE);
	EXPECT_EQ(1ULL, srights(&other, moved));
	mt_must(mt_deallocate(task, port));
	EXPECT_EQ(0ULL, srights(&other, moved));
}

/* ---- dead-name requests ---- */

TEST_F(mach, dead_name_requests)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), notify = mt_receive_right(task), previous;
	struct mt_task others[3];
	__u32 names[3];

	EXPECT_EQ(0ULL, dnrequests(task, port));
	mt_arm(task, port, MACH_NOTIFY_DEAD_NAME, notify);
	EXPECT_EQ(1ULL, dnrequests(task, port));
	for (int i = 0; i < 3; i++) {
		mt_open(&others[i]);
		names[i] = mt_connect(&others[i], task, port);
		mt_arm(&others[i], names[i], MACH_NOTIFY_DEAD_NAME,
		       mt_receive_right(&others[i]));
		EXPECT_EQ(2ULL + i, dnrequests(task, port));
	}
	/* Replaced, it is still one. */
	mt_must(mt_request(task, port, MACH_NOTIFY_DEAD_NAME, 0, notify,
			   MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	EXPECT_EQ(4ULL, dnrequests(task, port));
	/* Cancelled; deleted with its name; renamed. */
	mt_must(mt_request(task, port, MACH_NOTIFY_DEAD_NAME, 0,
			   MACH_PORT_NULL, MACH_MSG_TYPE_MAKE_SEND_ONCE,
			   &previous));
	EXPECT_EQ(3ULL, dnrequests(task, port));
	mt_must(mt_deallocate(&others[0], names[0]));
	EXPECT_EQ(2ULL, dnrequests(task, port));
	mt_must(mt_rename(&others[1], names[1], MT_UNUSED));
	EXPECT_EQ(2ULL, dnrequests(task, port));
	mt_must(mt_deallocate(&others[1], MT_UNUSED));
	EXPECT_EQ(1ULL, dnrequests(task, port));
}

TEST_F(mach, other_requests_are_not_counted)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), notify = mt_receive_right(task);

	mt_arm(task, port, MACH_NOTIFY_NO_SENDERS, notify);
	mt_arm(task, port, MACH_NOTIFY_PORT_DESTROYED, notify);
	EXPECT_EQ(0ULL, dnrequests(task, port));
	/* The send-once right of a request is no send right. */
	EXPECT_EQ(0ULL, srights(task, notify));
}

TEST_F(mach, errors)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	const struct {
		__u32 name;
		__s32 ret;
	} rows[] = {
		{ MACH_PORT_NULL, KERN_INVALID_NAME },
		{ MACH_PORT_DEAD, KERN_INVALID_NAME },
		{ MT_UNUSED, KERN_INVALID_NAME },
		{ task->self, KERN_INVALID_RIGHT },
		{ mt_make_send_once(task, port), KERN_INVALID_RIGHT },
		{ mt_set(task), KERN_INVALID_RIGHT },
		{ mt_dead_name(task), KERN_INVALID_RIGHT },
	};
	__u64 count;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(rows[i].ret, mt_srights(task, rows[i].name, &count))
			TH_LOG("row %zu", i);
		EXPECT_EQ(rows[i].ret,
			  mt_dnrequests(task, rows[i].name, &count))
			TH_LOG("row %zu", i);
	}
}

TEST_HARNESS_MAIN
