// SPDX-License-Identifier: GPL-2.0
/*
 * mach_port_get_receive_status tells nine things about a port, each of which
 * changes with what it counts; most start anew when the receive right moves
 * (spec 2, 2.1).
 */
#include "lib/fixture.h"
#include "lib/mach_calls.h"

TEST_F(mach, new_port)
{
	const struct mt_task *task = &self->task;
	struct mach_ioc_receive_status status;

	ASSERT_EQ(KERN_SUCCESS,
		  mt_receive_status(task, mt_receive_right(task), &status));
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

TEST_F(mach, reply_port)
{
	const struct mt_task *task = &self->task;
	struct mach_ioc_receive_status status;
	__u32 name = MACH_PORT_NULL;

	mt_must(mt_name_call(task, MACH_IOC_REPLY_PORT, &name));
	status = mt_status(task, name);
	EXPECT_EQ(5U, status.qlimit);
	EXPECT_EQ(0U, status.srights);
}

TEST_F(mach, port_set)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), set = mt_set(task);

	mt_must(mt_move_member(task, port, set));
	EXPECT_EQ(set, mt_status(task, port).pset);
	mt_must(mt_move_member(task, port, MACH_PORT_NULL));
	EXPECT_EQ(MACH_PORT_NULL, mt_status(task, port).pset);
	mt_must(mt_move_member(task, port, set));
	mt_must(mt_destroy(task, set));
	EXPECT_EQ(MACH_PORT_NULL, mt_status(task, port).pset);
}

TEST_F(mach, messages)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	for (__u32 i = 1; i <= 4; i++) {
		mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, i));
		EXPECT_EQ(i, mt_status(task, port).msgcount);
		EXPECT_EQ(0U, mt_status(task, port).seqno);
	}
	for (__u32 i = 1; i <= 4; i++) {
		mt_must(mt_receive(task, port, &message, 0));
		EXPECT_EQ(4 - i, mt_status(task, port).msgcount);
		EXPECT_EQ(i, mt_status(task, port).seqno);
		/* What the message said was the number before. */
		EXPECT_EQ(i - 1, message.head.seqno);
	}
}

/* S2.4: beyond the limit, but counted. */
TEST_F(mach, S2_4_messages_to_send_once_rights)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);

	for (__u32 i = 1; i <= 9; i++) {
		mt_must(mt_send_id(task, port, MACH_MSG_TYPE_MAKE_SEND_ONCE,
				   i));
		EXPECT_EQ(i, mt_status(task, port).msgcount);
		EXPECT_EQ(i, mt_status(task, port).sorights);
	}
	EXPECT_EQ(0U, mt_status(task, port).srights);
	EXPECT_EQ(0U, mt_status(task, port).mscount);
}

TEST_F(mach, send_once_rights)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), once;
	struct mt_message message;

	once = mt_make_send_once(task, port);
	mt_make_send_once(task, port);
	EXPECT_EQ(2U, mt_status(task, port).sorights);
	/* Used, but not received: the message holds it. */
	mt_must(mt_send_id(task, once, MACH_MSG_TYPE_MOVE_SEND_ONCE, 1));
	EXPECT_EQ(2U, mt_status(task, port).sorights);
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(1U, mt_status(task, port).sorights);
}

TEST_F(mach, send_rights)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);

	for (__u32 i = 1; i <= 3; i++) {
		mt_make_send(task, port);
		EXPECT_EQ(i, mt_status(task, port).mscount);
		/* Only whether there are some. */
		EXPECT_EQ(1U, mt_status(task, port).srights);
	}
	mt_must(mt_mod_refs(task, port, MACH_PORT_RIGHT_SEND, -3));
	EXPECT_EQ(3U, mt_status(task, port).mscount);
	EXPECT_EQ(0U, mt_status(task, port).srights);
}

TEST_F(mach, send_rights_in_transit)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), carrier = mt_port(task);
	struct mt_message message;

	mt_begin(&message, carrier, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, port, MACH_MSG_TYPE_MOVE_SEND);
	mt_must(mt_send(task, &message));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(task, port));
	EXPECT_EQ(1U, mt_status(task, port).srights);
	mt_must(mt_destroy(task, carrier));
	EXPECT_EQ(0U, mt_status(task, port).srights);
}

TEST_F(mach, requests)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), notify = mt_receive_right(task), previous;

	mt_arm(task, port, MACH_NOTIFY_NO_SENDERS, notify);
	EXPECT_EQ(1U, mt_status(task, port).nsrequest);
	EXPECT_EQ(0U, mt_status(task, port).pdrequest);
	mt_arm(task, port, MACH_NOTIFY_PORT_DESTROYED, notify);
	EXPECT_EQ(1U, mt_status(task, port).nsrequest);
	EXPECT_EQ(1U, mt_status(task, port).pdrequest);
	EXPECT_EQ(2U, mt_status(task, notify).sorights);
	mt_must(mt_deallocate(task, port));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_NO_SENDERS, 1));
	EXPECT_EQ(0U, mt_status(task, port).nsrequest);
	mt_must(mt_request(task, port, MACH_NOTIFY_PORT_DESTROYED, 0,
			   MACH_PORT_NULL, MACH_MSG_TYPE_MAKE_SEND_ONCE,
			   &previous));
	EXPECT_EQ(0U, mt_status(task, port).pdrequest);
	mt_must(mt_deallocate(task, previous));
}

TEST_F(mach, S2_1_moved_receive_right)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), notify = mt_receive_right(task), moved;
	struct mach_ioc_receive_status status;
	struct mt_message message;
	struct mt_task other;

	mt_open(&other);
	mt_must(mt_set_qlimit(task, port, 7));
	mt_must(mt_set_mscount(task, port, 50));
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 1));
	mt_must(mt_receive(task, port, &message, 0));
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 2));
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 3));
	mt_make_send_once(task, port);
	mt_arm(task, port, MACH_NOTIFY_NO_SENDERS, notify);
	mt_must(mt_move_member(task, port, mt_set(task)));

	moved = mt_transfer(task, &other, port, MACH_MSG_TYPE_MOVE_RECEIVE);
	status = mt_status(&other, moved);
	EXPECT_EQ(MACH_PORT_NULL, status.pset);
	EXPECT_EQ(0U, status.seqno);
	EXPECT_EQ(0U, status.mscount);
	EXPECT_EQ(7U, status.qlimit);
	EXPECT_EQ(2U, status.msgcount);
	EXPECT_EQ(1U, status.sorights);
	EXPECT_EQ(1U, status.srights);
	EXPECT_EQ(0U, status.pdrequest);
	EXPECT_EQ(1U, status.nsrequest);
	mt_must(mt_receive(&other, moved, &message, 0));
	EXPECT_EQ(2U, message.head.id);
	EXPECT_EQ(0U, message.head.seqno);
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
	struct mach_ioc_receive_status status;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(rows[i].ret,
			  mt_receive_status(task, rows[i].name, &status))
			TH_LOG("row %zu", i);
	}
}

/* N11: nothing of the caller's struct is mistaken for an answer. */
TEST_F(mach, N11_all_fields_are_written)
{
	const struct mt_task *task = &self->task;
	struct mach_ioc_receive_status status;

	memset(&status, 0xff, sizeof(status));
	status.size = sizeof(status);
	status.flags = 0;
	status.task = task->self;
	status.name = mt_receive_right(task);
	mt_must(mt_ioctl(task, MACH_IOC_PORT_GET_RECEIVE_STATUS, &status));
	EXPECT_EQ(KERN_SUCCESS, status.ret);
	EXPECT_EQ(5U, status.pset + status.seqno + status.mscount +
			status.qlimit + status.msgcount + status.sorights +
			status.srights + status.pdrequest + status.nsrequest);
}

TEST_HARNESS_MAIN
