// SPDX-License-Identifier: GPL-2.0
/*
 * mach_port_request_notification: what arms a notification, what fires it,
 * once, and what it says (spec 2.3; negative tests N21-N23).
 *
 * mt_notification() checks the form of every notification that arrives.
 */
#include "lib/fixture.h"

#define MAKE	MACH_MSG_TYPE_MAKE_SEND_ONCE
#define MOVE	MACH_MSG_TYPE_MOVE_SEND_ONCE

/* Two tasks: the first receives from port, the second may send to it. */
struct pair {
	struct mt_task other;
	__u32 port;		/* receive right of the fixture's task */
	__u32 theirs;		/* send right of the other task */
	__u32 notify;		/* receive right of the other task */
	__u32 mine;		/* receive right of the fixture's task */
};

static void make_pair(struct pair *pair, const struct mt_task *task)
{
	mt_open(&pair->other);
	pair->port = mt_receive_right(task);
	pair->mine = mt_receive_right(task);
	pair->notify = mt_receive_right(&pair->other);
	pair->theirs = mt_connect(&pair->other, task, pair->port);
}

/* ---- dead name ---- */

TEST_F(mach, dead_name)
{
	struct pair pair;

	make_pair(&pair, &self->task);
	mt_must(mt_mod_refs(&pair.other, pair.theirs, MACH_PORT_RIGHT_SEND,
			    1));
	mt_arm(&pair.other, pair.theirs, MACH_NOTIFY_DEAD_NAME, pair.notify);
	EXPECT_TRUE(mt_empty(&pair.other, pair.notify));
	mt_must(mt_destroy(&self->task, pair.port));
	EXPECT_TRUE(mt_notified(&pair.other, pair.notify,
				MACH_NOTIFY_DEAD_NAME, pair.theirs));
	/* Two references became three. */
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME,
		  mt_types(&pair.other, pair.theirs));
	EXPECT_EQ(3U, mt_refs(&pair.other, pair.theirs,
			      MACH_PORT_RIGHT_DEAD_NAME));
	EXPECT_TRUE(mt_empty(&pair.other, pair.notify));
}

TEST_F(mach, dead_name_at_close)
{
	struct pair pair;
	struct mt_task dying;
	__u32 right;

	make_pair(&pair, &self->task);
	mt_open(&dying);
	right = mt_connect(&pair.other, &dying, mt_receive_right(&dying));
	mt_arm(&pair.other, right, MACH_NOTIFY_DEAD_NAME, pair.notify);
	mt_close(&dying);
	EXPECT_TRUE(mt_notified(&pair.other, pair.notify,
				MACH_NOTIFY_DEAD_NAME, right));
}

TEST_F(mach, dead_name_of_send_once)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), notify = mt_receive_right(task);
	__u32 once = mt_make_send_once(task, port);

	mt_arm(task, once, MACH_NOTIFY_DEAD_NAME, notify);
	mt_must(mt_destroy(task, port));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_DEAD_NAME, once));
	EXPECT_EQ(2U, mt_refs(task, once, MACH_PORT_RIGHT_DEAD_NAME));
}

TEST_F(mach, dead_name_beside_receive)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), notify = mt_receive_right(task);

	mt_arm(task, port, MACH_NOTIFY_DEAD_NAME, notify);
	mt_must(mt_mod_refs(task, port, MACH_PORT_RIGHT_RECEIVE, -1));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_DEAD_NAME, port));
	EXPECT_EQ(2U, mt_refs(task, port, MACH_PORT_RIGHT_DEAD_NAME));
}

TEST_F(mach, dead_name_in_every_task)
{
	struct pair first, second;

	make_pair(&first, &self->task);
	make_pair(&second, &self->task);
	second.theirs = mt_connect(&second.other, &self->task, first.port);
	mt_arm(&first.other, first.theirs, MACH_NOTIFY_DEAD_NAME,
	       first.notify);
	mt_arm(&second.other, second.theirs, MACH_NOTIFY_DEAD_NAME,
	       second.notify);
	mt_must(mt_destroy(&self->task, first.port));
	EXPECT_TRUE(mt_notified(&first.other, first.notify,
				MACH_NOTIFY_DEAD_NAME, first.theirs));
	EXPECT_TRUE(mt_notified(&second.other, second.notify,
				MACH_NOTIFY_DEAD_NAME, second.theirs));
}

TEST_F(mach, dead_name_requested_on_a_dead_name)
{
	const struct mt_task *task = &self->task;
	__u32 dead = mt_dead_name(task), notify = mt_receive_right(task);
	__u32 previous;

	EXPECT_EQ(KERN_SUCCESS, mt_request(task, dead, MACH_NOTIFY_DEAD_NAME,
					   1, notify, MAKE, &previous));
	EXPECT_EQ(MACH_PORT_NULL, previous);
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_DEAD_NAME, dead));
	EXPECT_EQ(2U, mt_refs(task, dead, MACH_PORT_RIGHT_DEAD_NAME));

	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  mt_request(task, dead, MACH_NOTIFY_DEAD_NAME, 0, notify,
			     MAKE, &previous));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_SEND_ONCE, 0));
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  mt_request(task, dead, MACH_NOTIFY_DEAD_NAME, 1,
			     MACH_PORT_NULL, MAKE, &previous));
	EXPECT_EQ(2U, mt_refs(task, dead, MACH_PORT_RIGHT_DEAD_NAME));
}

TEST_F(mach, dead_name_overflow)
{
	const struct mt_task *task = &self->task;
	__u32 dead = mt_dead_name(task), notify = mt_receive_right(task);
	__u32 previous;

	mt_must(mt_mod_refs(task, dead, MACH_PORT_RIGHT_DEAD_NAME, 65534));
	EXPECT_EQ(KERN_UREFS_OVERFLOW,
		  mt_request(task, dead, MACH_NOTIFY_DEAD_NAME, 1, notify,
			     MAKE, &previous));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_SEND_ONCE, 0));
	EXPECT_TRUE(mt_empty(task, notify));
}

/* A send right at its top has room for the reference of the notification. */
TEST_F(mach, dead_name_at_the_top)
{
	struct pair pair;

	make_pair(&pair, &self->task);
	mt_must(mt_mod_refs(&pair.other, pair.theirs, MACH_PORT_RIGHT_SEND,
			    65533));
	mt_arm(&pair.other, pair.theirs, MACH_NOTIFY_DEAD_NAME, pair.notify);
	mt_must(mt_destroy(&self->task, pair.port));
	EXPECT_TRUE(mt_notified(&pair.other, pair.notify,
				MACH_NOTIFY_DEAD_NAME, pair.theirs));
	EXPECT_EQ(65535U, mt_refs(&pair.other, pair.theirs,
				  MACH_PORT_RIGHT_DEAD_NAME));
}

/* ---- port deleted ---- */

TEST_F(mach, port_deleted_by_deallocate)
{
	struct pair pair;

	make_pair(&pair, &self->task);
	mt_must(mt_mod_refs(&pair.other, pair.theirs, MACH_PORT_RIGHT_SEND,
			    1));
	mt_arm(&pair.other, pair.theirs, MACH_NOTIFY_DEAD_NAME, pair.notify);
	mt_must(mt_deallocate(&pair.other, pair.theirs));
	EXPECT_TRUE(mt_empty(&pair.other, pair.notify));
	mt_must(mt_deallocate(&pair.other, pair.theirs));
	EXPECT_TRUE(mt_notified(&pair.other, pair.notify,
				MACH_NOTIFY_PORT_DELETED, pair.theirs));
	mt_must(mt_destroy(&self->task, pair.port));
	EXPECT_TRUE(mt_empty(&pair.other, pair.notify));
}

TEST_F(mach, port_deleted_by_destroy)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task), name;

	name = mt_receive_right(task);
	mt_arm(task, name, MACH_NOTIFY_DEAD_NAME, notify);
	mt_must(mt_destroy(task, name));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_PORT_DELETED, name));

	name = mt_port(task);
	mt_arm(task, name, MACH_NOTIFY_DEAD_NAME, notify);
	mt_must(mt_destroy(task, name));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_PORT_DELETED, name));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, name));
}

TEST_F(mach, port_deleted_by_mod_refs)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task), port = mt_receive_right(task);
	__u32 once = mt_make_send_once(task, port);

	mt_arm(task, once, MACH_NOTIFY_DEAD_NAME, notify);
	mt_must(mt_mod_refs(task, once, MACH_PORT_RIGHT_SEND_ONCE, -1));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_PORT_DELETED, once));

	mt_arm(task, port, MACH_NOTIFY_DEAD_NAME, notify);
	mt_must(mt_mod_refs(task, port, MACH_PORT_RIGHT_RECEIVE, -1));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_PORT_DELETED, port));
}

TEST_F(mach, port_deleted_by_moving)
{
	struct pair pair;
	__u32 right;

	make_pair(&pair, &self->task);
	mt_arm(&pair.other, pair.theirs, MACH_NOTIFY_DEAD_NAME, pair.notify);
	right = mt_transfer(&pair.other, &self->task, pair.theirs,
			    MACH_MSG_TYPE_MOVE_SEND);
	EXPECT_EQ(pair.port, right);
	EXPECT_TRUE(mt_notified(&pair.other, pair.notify,
				MACH_NOTIFY_PORT_DELETED, pair.theirs));

	right = mt_receive_right(&pair.other);
	mt_arm(&pair.other, right, MACH_NOTIFY_DEAD_NAME, pair.notify);
	mt_transfer(&pair.other, &self->task, right,
		    MACH_MSG_TYPE_MOVE_RECEIVE);
	EXPECT_TRUE(mt_notified(&pair.other, pair.notify,
				MACH_NOTIFY_PORT_DELETED, right));
}

TEST_F(mach, port_deleted_by_using_send_once)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task), port = mt_receive_right(task);
	__u32 once = mt_make_send_once(task, port);

	mt_arm(task, once, MACH_NOTIFY_DEAD_NAME, notify);
	mt_must(mt_send_id(task, once, MOVE, 5));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_PORT_DELETED, once));
}

TEST_F(mach, moving_the_receive_right_keeps_the_request_of_send)
{
	struct pair pair;
	const struct mt_task *task = &self->task;
	__u32 port, right;

	make_pair(&pair, task);
	port = mt_port(task);
	mt_arm(task, port, MACH_NOTIFY_DEAD_NAME, pair.mine);
	right = mt_transfer(task, &pair.other, port,
			    MACH_MSG_TYPE_MOVE_RECEIVE);
	EXPECT_TRUE(mt_empty(task, pair.mine));
	EXPECT_EQ(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_DNREQUEST,
		  mt_types(task, port));
	mt_must(mt_destroy(&pair.other, right));
	EXPECT_TRUE(mt_notified(task, pair.mine, MACH_NOTIFY_DEAD_NAME, port));
}

/* ---- no senders ---- */

TEST_F(mach, no_senders_by_deallocate)
{
	struct pair pair;

	make_pair(&pair, &self->task);
	mt_must(mt_mod_refs(&pair.other, pair.theirs, MACH_PORT_RIGHT_SEND,
			    1));
	mt_arm(&self->task, pair.port, MACH_NOTIFY_NO_SENDERS, pair.mine);
	mt_must(mt_deallocate(&pair.other, pair.theirs));
	EXPECT_TRUE(mt_empty(&self->task, pair.mine));
	mt_must(mt_deallocate(&pair.other, pair.theirs));
	EXPECT_TRUE(mt_notified(&self->task, pair.mine, MACH_NOTIFY_NO_SENDERS,
				1));
	/* The request is used up. */
	mt_make_send(&self->task, pair.port);
	mt_must(mt_deallocate(&self->task, pair.port));
	EXPECT_TRUE(mt_empty(&self->task, pair.mine));
}

TEST_F(mach, no_senders_by_death)
{
	struct pair pair;

	make_pair(&pair, &self->task);
	mt_arm(&self->task, pair.port, MACH_NOTIFY_NO_SENDERS, pair.mine);
	mt_close(&pair.other);
	EXPECT_TRUE(mt_notified(&self->task, pair.mine, MACH_NOTIFY_NO_SENDERS,
				1));
}

TEST_F(mach, no_senders_counts_make_send)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), notify = mt_receive_right(task);

	mt_make_send(task, port);
	mt_make_send(task, port);
	mt_arm(task, port, MACH_NOTIFY_NO_SENDERS, notify);
	mt_must(mt_mod_refs(task, port, MACH_PORT_RIGHT_SEND, -3));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_NO_SENDERS, 3));
}

TEST_F(mach, no_senders_at_once)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), notify = mt_receive_right(task);
	__u32 previous;

	EXPECT_EQ(KERN_SUCCESS, mt_request(task, port, MACH_NOTIFY_NO_SENDERS,
					   0, notify, MAKE, &previous));
	EXPECT_EQ(MACH_PORT_NULL, previous);
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_NO_SENDERS, 0));
}

TEST_F(mach, no_senders_waits_for_sync)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), notify = mt_receive_right(task);
	__u32 previous;

	EXPECT_EQ(KERN_SUCCESS, mt_request(task, port, MACH_NOTIFY_NO_SENDERS,
					   1, notify, MAKE, &previous));
	EXPECT_TRUE(mt_empty(task, notify));
	mt_make_send(task, port);
	EXPECT_TRUE(mt_empty(task, notify));
	mt_must(mt_deallocate(task, port));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_NO_SENDERS, 1));
}

TEST_F(mach, no_senders_counts_rights_in_transit)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), notify = mt_receive_right(task);
	__u32 carrier = mt_port(task);
	struct mt_message message;

	mt_begin(&message, carrier, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, port, MACH_MSG_TYPE_MOVE_SEND);
	mt_must(mt_send(task, &message));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(task, port));
	mt_arm(task, port, MACH_NOTIFY_NO_SENDERS, notify);
	EXPECT_TRUE(mt_empty(task, notify));
	mt_must(mt_destroy(task, carrier));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_NO_SENDERS, 1));
}

TEST_F(mach, no_senders_counts_the_messages_destination)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), notify = mt_receive_right(task);
	struct mt_message message;

	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_MOVE_SEND, 1));
	mt_arm(task, port, MACH_NOTIFY_NO_SENDERS, notify);
	EXPECT_TRUE(mt_empty(task, notify));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_NO_SENDERS, 1));
}

TEST_F(mach, send_once_rights_are_no_senders)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), notify = mt_receive_right(task);

	mt_make_send_once(task, port);
	mt_arm(task, port, MACH_NOTIFY_NO_SENDERS, notify);
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_NO_SENDERS, 0));
}

/* ---- send once ---- */

TEST_F(mach, N23_send_once_when_the_holder_dies)
{
	struct pair pair;

	make_pair(&pair, &self->task);
	mt_transfer(&self->task, &pair.other, pair.mine, MAKE);
	mt_close(&pair.other);
	EXPECT_TRUE(mt_notified(&self->task, pair.mine, MACH_NOTIFY_SEND_ONCE,
				0));
	EXPECT_TRUE(mt_empty(&self->task, pair.mine));
}

TEST_F(mach, N23_request_dies_with_its_name_space)
{
	struct pair pair;
	__u32 foreign, previous;

	make_pair(&pair, &self->task);
	foreign = mt_transfer(&self->task, &pair.other, pair.mine, MAKE);
	mt_must(mt_request(&pair.other, pair.theirs, MACH_NOTIFY_DEAD_NAME, 0,
			   foreign, MOVE, &previous));
	mt_close(&pair.other);
	/* The name goes without the port's dying. */
	EXPECT_TRUE(mt_notified(&self->task, pair.mine,
				MACH_NOTIFY_PORT_DELETED, pair.theirs));
}

/* ---- swapping and cancelling ---- */

TEST_F(mach, second_request_returns_the_first)
{
	static const __u32 ids[] = {
		MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_NO_SENDERS,
	};
	const struct mt_task *task = &self->task;

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		__u32 port = mt_port(task), previous;
		__u32 first = mt_receive_right(task);
		__u32 second = mt_receive_right(task);

		mt_arm(task, port, ids[i], first);
		ASSERT_EQ(KERN_SUCCESS,
			  mt_request(task, port, ids[i], 0, second, MAKE,
				     &previous));
		ASSERT_EQ(MACH_PORT_TYPE_SEND_ONCE, mt_types(task, previous));
		mt_must(mt_send_id(task, previous, MOVE, 99));
		EXPECT_EQ(99U, mt_notification(task, first).id);
		ASSERT_EQ(KERN_SUCCESS,
			  mt_request(task, port, ids[i], 0, MACH_PORT_NULL,
				     MAKE, &previous));
		mt_must(mt_send_id(task, previous, MOVE, 98));
		EXPECT_EQ(98U, mt_notification(task, second).id);
		mt_must(mt_destroy(task, port));
		EXPECT_TRUE(mt_empty(task, first));
		EXPECT_TRUE(mt_empty(task, second));
	}
}

TEST_F(mach, cancel_without_request)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), previous;

	EXPECT_EQ(KERN_SUCCESS,
		  mt_request(task, port, MACH_NOTIFY_DEAD_NAME, 0,
			     MACH_PORT_NULL, MAKE, &previous));
	EXPECT_EQ(MACH_PORT_NULL, previous);
	EXPECT_EQ(KERN_SUCCESS,
		  mt_request(task, port, MACH_NOTIFY_NO_SENDERS, 0,
			     MACH_PORT_NULL, MAKE, &previous));
	EXPECT_EQ(MACH_PORT_NULL, previous);
}

TEST_F(mach, notify_by_moving_send_once)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), notify = mt_receive_right(task), previous;
	__u32 once = mt_make_send_once(task, notify);

	EXPECT_EQ(KERN_SUCCESS, mt_request(task, port, MACH_NOTIFY_DEAD_NAME,
					   0, once, MOVE, &previous));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, once));
	mt_must(mt_mod_refs(task, port, MACH_PORT_RIGHT_RECEIVE, -1));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_DEAD_NAME, port));
}

TEST_F(mach, notify_port_that_died)
{
	struct pair pair;

	make_pair(&pair, &self->task);
	mt_arm(&pair.other, pair.theirs, MACH_NOTIFY_DEAD_NAME, pair.notify);
	mt_must(mt_destroy(&pair.other, pair.notify));
	mt_must(mt_destroy(&self->task, pair.port));
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME,
		  mt_types(&pair.other, pair.theirs));
}

/* Notifications come even if the queue is full. */
TEST_F(mach, queue_limit_does_not_count)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_port(task), ports[20];

	for (int i = 0; i < MACH_PORT_QLIMIT_DEFAULT; i++)
		mt_must(mt_send_id(task, notify, MACH_MSG_TYPE_COPY_SEND, i));
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++) {
		ports[i] = mt_port(task);
		mt_arm(task, ports[i], MACH_NOTIFY_NO_SENDERS, notify);
		mt_must(mt_deallocate(task, ports[i]));
	}
	for (int i = 0; i < MACH_PORT_QLIMIT_DEFAULT; i++) {
		struct mt_message message;

		mt_must(mt_receive(task, notify, &message, 0));
	}
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++) {
		EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_NO_SENDERS,
					1));
	}
}

/* ---- errors ---- */

/* Each error destroys the send-once right that came with the call, once. */
static bool refused(const struct mt_task *task, __s32 wanted, __u32 name,
		    __u32 id, __u32 sync)
{
	__u32 notify = mt_receive_right(task), previous;
	__s32 made = mt_request(task, name, id, sync, notify, MAKE, &previous);
	bool told = mt_notified(task, notify, MACH_NOTIFY_SEND_ONCE, 0);
	__u32 once = mt_make_send_once(task, notify);
	__s32 moved = mt_request(task, name, id, sync, once, MOVE, &previous);

	if (made != wanted || moved != wanted)
		fprintf(stderr, "# results %#x and %#x, not %#x\n", made,
			moved, wanted);
	return told && made == wanted && moved == wanted &&
	       mt_notified(task, notify, MACH_NOTIFY_SEND_ONCE, 0) &&
	       mt_types(task, once) == MACH_PORT_TYPE_NONE &&
	       mt_empty(task, notify);
}

TEST_F(mach, N23_errors)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), once = mt_make_send_once(task, port);
	__u32 dead = mt_dead_name(task);

	EXPECT_TRUE(refused(task, KERN_INVALID_VALUE, port, 0, 0));
	EXPECT_TRUE(refused(task, KERN_INVALID_VALUE, port,
			    MACH_NOTIFY_MSG_ACCEPTED, 0));
	EXPECT_TRUE(refused(task, KERN_INVALID_VALUE, port, ~0U, 0));
	EXPECT_TRUE(refused(task, KERN_INVALID_VALUE, MT_UNUSED, 99, 0));
	EXPECT_TRUE(refused(task, KERN_INVALID_NAME, MT_UNUSED,
			    MACH_NOTIFY_DEAD_NAME, 0));
	EXPECT_TRUE(refused(task, KERN_INVALID_NAME, MACH_PORT_NULL,
			    MACH_NOTIFY_NO_SENDERS, 0));
	EXPECT_TRUE(refused(task, KERN_INVALID_NAME, MACH_PORT_DEAD,
			    MACH_NOTIFY_DEAD_NAME, 1));
	EXPECT_TRUE(refused(task, KERN_INVALID_RIGHT, task->self,
			    MACH_NOTIFY_NO_SENDERS, 0));
	EXPECT_TRUE(refused(task, KERN_INVALID_RIGHT, once,
			    MACH_NOTIFY_NO_SENDERS, 0));
	EXPECT_TRUE(refused(task, KERN_INVALID_RIGHT, dead,
			    MACH_NOTIFY_NO_SENDERS, 0));
	EXPECT_TRUE(refused(task, KERN_INVALID_ARGUMENT, dead,
			    MACH_NOTIFY_DEAD_NAME, 0));
}

TEST_F(mach, bad_notify)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), plain = mt_receive_right(task), previous;

	EXPECT_EQ(KERN_INVALID_CAPABILITY,
		  mt_request(task, port, MACH_NOTIFY_DEAD_NAME, 0,
			     MACH_PORT_DEAD, MAKE, &previous));
	/* The dead right is seen before the unknown id and name. */
	EXPECT_EQ(KERN_INVALID_CAPABILITY,
		  mt_request(task, MT_UNUSED, 99, 0, MACH_PORT_DEAD, MAKE,
			     &previous));
	EXPECT_NE(KERN_SUCCESS,
		  mt_request(task, port, MACH_NOTIFY_DEAD_NAME, 0, MT_UNUSED,
			     MAKE, &previous));
	EXPECT_NE(KERN_SUCCESS,
		  mt_request(task, port, MACH_NOTIFY_DEAD_NAME, 0, plain,
			     MOVE, &previous));
	EXPECT_NE(KERN_SUCCESS,
		  mt_request(task, port, MACH_NOTIFY_DEAD_NAME, 0, port,
			     MACH_MSG_TYPE_MAKE_SEND, &previous));
	EXPECT_EQ(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE,
		  mt_types(task, port));
	EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(task, plain));
}

TEST_HARNESS_MAIN
