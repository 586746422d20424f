// SPDX-License-Identifier: GPL-2.0
/*
 * mach_port_rename moves everything that is under a name to another name:
 * rights, references, requests, the queue, the membership in a set (spec 2,
 * 2.3; negative test N22).
 */
#include "lib/actor.h"
#include "lib/fixture.h"
#include "lib/mach_calls.h"

#define CHOSEN	0x00c0ffeeU

TEST_F(mach, receive_right_with_its_queue)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 1));
	ASSERT_EQ(KERN_SUCCESS, mt_rename(task, port, CHOSEN));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, port));
	EXPECT_EQ(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE,
		  mt_types(task, CHOSEN));
	EXPECT_EQ(1U, mt_refs(task, CHOSEN, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(MACH_RCV_INVALID_NAME, mt_receive(task, port, &message, 0));
	/* Sent to the old name, received under the new one. */
	mt_must(mt_receive(task, CHOSEN, &message, 0));
	EXPECT_EQ(1U, message.head.id);
	EXPECT_EQ(CHOSEN, message.head.local_port);
}

TEST_F(mach, receive_right_while_a_thread_receives)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_actor actor;

	mt_start_receive(&actor, task, port);
	ASSERT_EQ(KERN_SUCCESS, mt_rename(task, port, CHOSEN));
	mt_must(mt_send_id(task, CHOSEN, MACH_MSG_TYPE_COPY_SEND, 6));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish(&actor));
	EXPECT_EQ(6U, actor.message.head.id);
	EXPECT_EQ(CHOSEN, actor.message.head.local_port);
}

TEST_F(mach, send_right)
{
	const struct mt_task *task = &self->task;
	struct mt_task other;
	__u32 port, name;

	mt_open(&other);
	port = mt_receive_right(&other);
	name = mt_connect(task, &other, port);
	mt_must(mt_mod_refs(task, name, MACH_PORT_RIGHT_SEND, 6));
	ASSERT_EQ(KERN_SUCCESS, mt_rename(task, name, CHOSEN));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, name));
	EXPECT_EQ(7U, mt_refs(task, CHOSEN, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mt_send_id(task, CHOSEN, MACH_MSG_TYPE_COPY_SEND, 1));
	/* The port is known by its new name: the next right joins it. */
	EXPECT_EQ(CHOSEN, mt_connect(task, &other, port));
	EXPECT_EQ(8U, mt_refs(task, CHOSEN, MACH_PORT_RIGHT_SEND));
}

TEST_F(mach, send_once_right)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	__u32 once = mt_make_send_once(task, port);

	ASSERT_EQ(KERN_SUCCESS, mt_rename(task, once, CHOSEN));
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE, mt_types(task, CHOSEN));
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  mt_send_id(task, once, MACH_MSG_TYPE_MOVE_SEND_ONCE, 3));
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mt_send_id(task, CHOSEN, MACH_MSG_TYPE_MOVE_SEND_ONCE, 3));
	EXPECT_EQ(3U, mt_notification(task, port).id);
}

TEST_F(mach, dead_name)
{
	const struct mt_task *task = &self->task;
	__u32 name = mt_dead_name(task);

	mt_must(mt_mod_refs(task, name, MACH_PORT_RIGHT_DEAD_NAME, 4));
	ASSERT_EQ(KERN_SUCCESS, mt_rename(task, name, CHOSEN));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, name));
	EXPECT_EQ(5U, mt_refs(task, CHOSEN, MACH_PORT_RIGHT_DEAD_NAME));
}

TEST_F(mach, right_whose_port_died)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	__u32 once = mt_make_send_once(task, port);

	mt_must(mt_destroy(task, port));
	ASSERT_EQ(KERN_SUCCESS, mt_rename(task, once, CHOSEN));
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, mt_types(task, CHOSEN));
	EXPECT_EQ(1U, mt_refs(task, CHOSEN, MACH_PORT_RIGHT_DEAD_NAME));
}

TEST_F(mach, port_set)
{
	const struct mt_task *task = &self->task;
	__u32 set = mt_set(task), port = mt_port(task), member, count;
	struct mt_message message;

	mt_must(mt_move_member(task, port, set));
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 2));
	ASSERT_EQ(KERN_SUCCESS, mt_rename(task, set, CHOSEN));
	EXPECT_EQ(MACH_PORT_TYPE_PORT_SET, mt_types(task, CHOSEN));
	EXPECT_EQ(CHOSEN, mt_status(task, port).pset);
	mt_must(mt_set_members(task, CHOSEN, &member, 1, &count));
	EXPECT_EQ(1U, count);
	EXPECT_EQ(port, member);
	EXPECT_EQ(MACH_RCV_INVALID_NAME, mt_receive(task, set, &message, 0));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_receive(task, CHOSEN, &message, 0));
	EXPECT_EQ(port, message.head.local_port);
}

TEST_F(mach, member_of_a_set)
{
	const struct mt_task *task = &self->task;
	__u32 set = mt_set(task), port = mt_port(task), member, count;
	struct mt_message message;

	mt_must(mt_move_member(task, port, set));
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 2));
	ASSERT_EQ(KERN_SUCCESS, mt_rename(task, port, CHOSEN));
	mt_must(mt_set_members(task, set, &member, 1, &count));
	EXPECT_EQ(1U, count);
	EXPECT_EQ(CHOSEN, member);
	EXPECT_EQ(set, mt_status(task, CHOSEN).pset);
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_receive(task, set, &message, 0));
	EXPECT_EQ(CHOSEN, message.head.local_port);
}

TEST_F(mach, attributes_stay)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), notify = mt_receive_right(task);
	struct mach_ioc_receive_status before, after;

	mt_must(mt_set_qlimit(task, port, 9));
	mt_must(mt_set_mscount(task, port, 10));
	mt_must(mt_set_seqno(task, port, 11));
	mt_arm(task, port, MACH_NOTIFY_NO_SENDERS, notify);
	mt_arm(task, port, MACH_NOTIFY_PORT_DESTROYED, notify);
	before = mt_status(task, port);
	ASSERT_EQ(KERN_SUCCESS, mt_rename(task, port, CHOSEN));
	after = mt_status(task, CHOSEN);
	before.name = CHOSEN;
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
	EXPECT_TRUE(mt_empty(task, notify));
}

TEST_F(mach, payload_stays)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	mt_must(mt_set_payload(task, port, 0x123456789abcdefULL));
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 2));
	ASSERT_EQ(KERN_SUCCESS, mt_rename(task, port, CHOSEN));
	mt_must(mt_receive(task, CHOSEN, &message, 0));
	EXPECT_EQ(0x123456789abcdefULL, message.head.local_port);
}

/* The four ways in which a dead-name request ends, all with the new name. */
TEST_F(mach, S2_3_dead_name_carries_the_new_name)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task), port, name;
	struct mt_task other;

	mt_open(&other);
	port = mt_receive_right(&other);
	name = mt_connect(task, &other, port);
	mt_arm(task, name, MACH_NOTIFY_DEAD_NAME, notify);
	ASSERT_EQ(KERN_SUCCESS, mt_rename(task, name, CHOSEN));
	EXPECT_EQ(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_DNREQUEST,
		  mt_types(task, CHOSEN));
	EXPECT_TRUE(mt_empty(task, notify));
	mt_must(mt_destroy(&other, port));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_DEAD_NAME, CHOSEN));
	EXPECT_EQ(2U, mt_refs(task, CHOSEN, MACH_PORT_RIGHT_DEAD_NAME));
	EXPECT_TRUE(mt_empty(task, notify));
}

TEST_F(mach, S2_3_port_deleted_carries_the_new_name)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task), port = mt_port(task);
	__u32 once = mt_make_send_once(task, port);

	mt_arm(task, port, MACH_NOTIFY_DEAD_NAME, notify);
	mt_must(mt_rename(task, port, CHOSEN));
	mt_must(mt_destroy(task, CHOSEN));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_PORT_DELETED,
				CHOSEN));
	port = mt_receive_right(task);
	once = mt_make_send_once(task, port);
	mt_arm(task, once, MACH_NOTIFY_DEAD_NAME, notify);
	mt_must(mt_rename(task, once, CHOSEN));
	mt_must(mt_deallocate(task, CHOSEN));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_PORT_DELETED,
				CHOSEN));
}

TEST_F(mach, request_can_be_cancelled_under_the_new_name)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task), port = mt_port(task), previous;

	mt_arm(task, port, MACH_NOTIFY_DEAD_NAME, notify);
	mt_must(mt_rename(task, port, CHOSEN));
	EXPECT_EQ(KERN_SUCCESS,
		  mt_request(task, CHOSEN, MACH_NOTIFY_DEAD_NAME, 0,
			     MACH_PORT_NULL, MACH_MSG_TYPE_MAKE_SEND_ONCE,
			     &previous));
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE, mt_types(task, previous));
	EXPECT_EQ(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE,
		  mt_types(task, CHOSEN));
}

/* The old name, used by another port: nobody is told of that one. */
TEST_F(mach, N22_old_name_used_again)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task), port = mt_port(task);

	mt_arm(task, port, MACH_NOTIFY_DEAD_NAME, notify);
	mt_must(mt_rename(task, port, CHOSEN));
	mt_must(mt_allocate_name(task, MACH_PORT_RIGHT_RECEIVE, port));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(task, port));
	mt_must(mt_destroy(task, port));
	EXPECT_TRUE(mt_empty(task, notify));
	mt_must(mt_mod_refs(task, CHOSEN, MACH_PORT_RIGHT_RECEIVE, -1));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_DEAD_NAME, CHOSEN));
}

/* Forced into a full queue; whose acceptance is told with the new name. */
TEST_F(mach, msg_accepted_carries_the_new_name)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task), name, port;
	struct mt_message message;
	struct mt_task other;
	struct mach_ioc_msg call = {
		.option = MACH_SEND_MSG | MACH_SEND_NOTIFY | MACH_SEND_TIMEOUT,
		.msg = (unsigned long)&message,
		.send_size = 32,
		.notify = notify,
	};

	mt_open(&other);
	port = mt_receive_right(&other);
	name = mt_connect(task, &other, port);
	mt_fill_queue(&other, port);
	mt_begin(&message, name, MACH_MSG_TYPE_COPY_SEND);
	ASSERT_EQ(MACH_SEND_WILL_NOTIFY, mt_msg(task, &call));
	EXPECT_EQ(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_MAREQUEST,
		  mt_types(task, name));
	ASSERT_EQ(KERN_SUCCESS, mt_rename(task, name, CHOSEN));
	EXPECT_EQ(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_MAREQUEST,
		  mt_types(task, CHOSEN));
	for (int i = 0; i <= MACH_PORT_QLIMIT_DEFAULT; i++) {
		EXPECT_TRUE(mt_empty(task, notify));
		mt_must(mt_receive(&other, port, &message, 0));
	}
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_MSG_ACCEPTED,
				CHOSEN));
	EXPECT_EQ(MACH_PORT_TYPE_SEND, mt_types(task, CHOSEN));
}

TEST_F(mach, own_task_right)
{
	struct mt_task *task = &self->task;
	__u32 old = task->self;

	ASSERT_EQ(KERN_SUCCESS, mt_rename(task, old, CHOSEN));
	EXPECT_EQ(MACH_SEND_INVALID_DEST, mt_destroy(task, old));
	task->self = CHOSEN;
	EXPECT_EQ(MACH_PORT_TYPE_SEND, mt_types(task, CHOSEN));
	EXPECT_EQ(CHOSEN, mt_task_self(task));
}

TEST_F(mach, new_name_is_no_name)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	EXPECT_EQ(KERN_INVALID_VALUE, mt_rename(task, port, MACH_PORT_NULL));
	EXPECT_EQ(KERN_INVALID_VALUE, mt_rename(task, port, MACH_PORT_DEAD));
	EXPECT_EQ(KERN_INVALID_VALUE,
		  mt_rename(task, MT_UNUSED, MACH_PORT_NULL));
	EXPECT_EQ(KERN_INVALID_VALUE,
		  mt_rename(task, MACH_PORT_NULL, MACH_PORT_DEAD));
	EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
}

TEST_F(mach, more_than_32_bits)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mach_ioc_value call = {
		.size = sizeof(call),
		.task = task->self,
		.name = port,
		.value = 1ULL << 32 | CHOSEN,
	};

	mt_must(mt_ioctl(task, MACH_IOC_PORT_RENAME, &call));
	EXPECT_EQ(KERN_INVALID_VALUE, call.ret);
	EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, CHOSEN));
}

TEST_F(mach, name_exists_comes_first)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	const __u32 used[] = {
		port, mt_receive_right(task), mt_make_send_once(task, port),
		mt_set(task), mt_dead_name(task), task->self,
	};

	for (size_t i = 0; i < ARRAY_SIZE(used); i++) {
		__u32 types = mt_types(task, used[i]);

		EXPECT_EQ(KERN_NAME_EXISTS, mt_rename(task, port, used[i]))
			TH_LOG("case %zu", i);
		EXPECT_EQ(KERN_NAME_EXISTS,
			  mt_rename(task, MT_UNUSED, used[i]));
		EXPECT_EQ(KERN_NAME_EXISTS, mt_rename(task, used[i], used[i]));
		EXPECT_EQ(types, mt_types(task, used[i]));
	}
	EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
}

TEST_F(mach, old_name_is_not_in_use)
{
	static const __u32 names[] = {
		MACH_PORT_NULL, MACH_PORT_DEAD, MT_UNUSED,
	};
	const struct mt_task *task = &self->task;
	__u64 live = mt_live(task, MT_LIVE(names));

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		EXPECT_EQ(KERN_INVALID_NAME,
			  mt_rename(task, names[i], CHOSEN));
		EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, CHOSEN));
	}
	EXPECT_EQ(KERN_INVALID_NAME, mt_rename(task, MT_UNUSED, MT_UNUSED));
	EXPECT_EQ(live, mt_live(task, MT_LIVE(names)));
}

TEST_F(mach, there_and_back)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	__u64 live = mt_live(task, MT_LIVE(names));

	for (int i = 0; i < 200; i++) {
		ASSERT_EQ(KERN_SUCCESS, mt_rename(task, port, CHOSEN + i));
		ASSERT_EQ(KERN_SUCCESS, mt_rename(task, CHOSEN + i, port));
	}
	EXPECT_EQ(live, mt_live(task, MT_LIVE(names)));
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 1));
}

TEST_HARNESS_MAIN
