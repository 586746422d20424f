// SPDX-License-Identifier: GPL-2.0
/*
 * Ports and sets that die, move or change under the calls of another thread:
 * each message is received once or destroyed once, each waiter has a
 * documented result, and all counters agree afterwards (negative tests N20,
 * N37; K18).
 */
#include "lib/caller.h"
#include "lib/fixture.h"
#include "lib/partner.h"

#define ROUNDS		200
#define COPY_SEND	MACH_MSG_TYPE_COPY_SEND
#define MAKE_ONCE	MACH_MSG_TYPE_MAKE_SEND_ONCE

/* What the other thread works on. */
struct target {
	__u32 port, set, other;
	__u32 got;
	unsigned int round;
	__s32 ret;
};

/* A message with a send-once right for @watched. */
static __s32 send_watched(const struct mt_task *task, __u32 port,
			  __u32 watched)
{
	struct mt_message message;

	mt_begin(&message, port, COPY_SEND);
	mt_put_right(&message, watched, MAKE_ONCE);
	return mt_send_wait(task, &message, 0);
}

/* Gives up the right that came with the message. */
static void drop_right(const struct mt_task *task, struct mt_message *message)
{
	mt_must(mt_deallocate(task, mt_right(message, 0)));
}

static void die(const struct mt_task *task, void *arg)
{
	struct target *target = arg;

	mt_lag(target->round++);
	target->ret = mt_destroy(task, target->port);
}

/* Exactly @count rights were given up or destroyed, and none is left. */
static bool all_told(const struct mt_task *task, __u32 watched, int count)
{
	while (count--)
		if (!mt_notified(task, watched, MACH_NOTIFY_SEND_ONCE, 0))
			return false;
	return mt_silent(task, watched);
}

TEST_F(mach, N37_receives_against_death)
{
	const struct mt_task *task = &self->task;
	__u64 messages = mt_live(task, MT_LIVE(messages));
	__u32 watched = mt_receive_right(task);
	struct target target = { .round = 0 };
	struct mt_partner partner;
	int received = 0;

	mt_start_partner(&partner, task, die, &target, ROUNDS);
	for (int round = 0; round < ROUNDS; round++) {
		struct mt_message message;
		__s32 ret;

		target.port = mt_port(task);
		for (int i = 0; i < 5; i++)
			mt_must(send_watched(task, target.port, watched));
		mt_meet(&partner);
		while (!(ret = mt_receive(task, target.port, &message, 0))) {
			/* K18: it died between dequeue and delivery. */
			ASSERT_TRUE(message.head.local_port == target.port ||
				    message.head.local_port ==
				    MACH_PORT_DEAD);
			drop_right(task, &message);
			received++;
		}
		mt_meet(&partner);
		ASSERT_TRUE(ret == MACH_RCV_INVALID_NAME ||
			    ret == MACH_RCV_PORT_DIED ||
			    ret == MACH_RCV_TIMED_OUT)
			TH_LOG("result %#x", ret);
		ASSERT_TRUE(all_told(task, watched, 5));
	}
	mt_end_partner(&partner);
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(messages), messages));
	TH_LOG("%d of %d received", received, 5 * ROUNDS);
}

/* Many rights make the delivery long; the port may die in the middle. */
TEST_F(mach, N37_delivery_against_death)
{
	const struct mt_task *task = &self->task;
	__u32 watched = mt_receive_right(task), names[200];
	struct target target = { .round = 0 };
	struct mt_partner partner;
	int dead = 0;

	for (int i = 0; i < 200; i++)
		names[i] = watched;
	mt_start_partner(&partner, task, die, &target, ROUNDS / 4);
	for (int round = 0; round < ROUNDS / 4; round++) {
		struct mt_message message;
		const __u32 *array;
		__s32 ret;

		target.port = mt_port(task);
		mt_begin(&message, target.port, COPY_SEND);
		mt_reply_to(&message, watched, MAKE_ONCE);
		mt_put_rights_array(&message, names, 200, MAKE_ONCE, 0);
		mt_must(mt_send(task, &message));
		mt_meet(&partner);
		ret = mt_receive(task, target.port, &message, 0);
		mt_meet(&partner);
		if (ret == MACH_MSG_SUCCESS) {
			dead += message.head.local_port == MACH_PORT_DEAD;
			array = mt_rights_array(&message, 0, 200);
			for (int i = 0; i < 200; i++)
				mt_must(mt_deallocate(task, array[i]));
			mt_free_array(&message, 0);
			mt_must(mt_deallocate(task,
					      message.head.remote_port));
		}
		ASSERT_TRUE(all_told(task, watched, 201));
	}
	mt_end_partner(&partner);
	TH_LOG("%d died during the delivery", dead);
}

static void take_one(const struct mt_task *task, void *arg)
{
	struct target *target = arg;
	struct mt_message message;

	target->ret = mt_receive(task, target->port, &message, 50);
	if (!target->ret)
		drop_right(task, &message);
}

/* Two receivers, one message, and the port goes to a third party. */
TEST_F(mach, N37_receive_against_move)
{
	const struct mt_task *task = &self->task;
	__u32 watched = mt_receive_right(task), carrier = mt_port(task);
	struct mt_partner partner;
	struct target target;
	int stayed = 0;

	mt_start_partner(&partner, task, take_one, &target, ROUNDS);
	for (int round = 0; round < ROUNDS; round++) {
		struct mt_message message;
		__u32 port;

		port = target.port = mt_port(task);
		mt_must(send_watched(task, target.port, watched));
		mt_meet(&partner);
		mt_must(mt_carry(task, carrier, port));
		mt_meet(&partner);
		mt_must(mt_receive(task, carrier, &message, 0));
		port = mt_right(&message, 0);
		ASSERT_TRUE(target.ret == MACH_MSG_SUCCESS ||
			    target.ret == MACH_RCV_INVALID_NAME ||
			    target.ret == MACH_RCV_PORT_DIED)
			TH_LOG("result %#x", target.ret);
		/* Taken, or moved along; not both. */
		ASSERT_EQ(target.ret == MACH_MSG_SUCCESS ? 0U : 1U,
			  mt_queued(task, port));
		stayed += target.ret == MACH_MSG_SUCCESS;
		mt_must(mt_destroy(task, port));
		ASSERT_TRUE(all_told(task, watched, 1));
	}
	mt_end_partner(&partner);
	TH_LOG("%d of %d received before it moved", stayed, ROUNDS);
}

/* ---- sets ---- */

static void take_from_set(const struct mt_task *task, void *arg)
{
	struct target *target = arg;
	struct mt_message message;

	target->got = 0;
	while (!(target->ret = mt_receive(task, target->set, &message, 0))) {
		drop_right(task, &message);
		target->got++;
	}
}

TEST_F(mach, N20_member_dies_under_a_receive_on_its_set)
{
	const struct mt_task *task = &self->task;
	__u32 watched = mt_receive_right(task);
	struct target target = { .set = mt_set(task) };
	struct mt_partner partner;

	mt_start_partner(&partner, task, take_from_set, &target, ROUNDS);
	for (int round = 0; round < ROUNDS; round++) {
		__u32 dying = mt_port(task), staying = mt_port(task);

		mt_must(mt_move_member(task, dying, target.set));
		mt_must(mt_move_member(task, staying, target.set));
		for (int i = 0; i < 3; i++) {
			mt_must(send_watched(task, dying, watched));
			mt_must(send_watched(task, staying, watched));
		}
		mt_meet(&partner);
		mt_must(mt_destroy(task, dying));
		mt_meet(&partner);
		ASSERT_EQ(MACH_RCV_TIMED_OUT, target.ret);
		ASSERT_LE(3U, target.got);
		ASSERT_EQ(0U, mt_queued(task, staying));
		ASSERT_TRUE(all_told(task, watched, 6));
		mt_must(mt_destroy(task, staying));
	}
	mt_end_partner(&partner);
}

static void kill_set(const struct mt_task *task, void *arg)
{
	struct target *target = arg;

	target->ret = mt_destroy(task, target->set);
}

TEST_F(mach, N20_set_dies_under_a_move)
{
	const struct mt_task *task = &self->task;
	__u64 sets = mt_live(task, MT_LIVE(sets));
	__u32 port = mt_port(task), first = mt_set(task);
	struct mt_partner partner;
	struct target target;

	mt_must(mt_send_id(task, port, COPY_SEND, 8));
	mt_start_partner(&partner, task, kill_set, &target, ROUNDS);
	for (int round = 0; round < ROUNDS; round++) {
		__s32 ret;

		mt_move_member(task, port, round % 2 ? first : MACH_PORT_NULL);
		target.set = mt_set(task);
		mt_meet(&partner);
		ret = mt_move_member(task, port, target.set);
		mt_meet(&partner);
		ASSERT_EQ(KERN_SUCCESS, target.ret);
		ASSERT_TRUE(ret == KERN_SUCCESS || ret == KERN_INVALID_NAME)
			TH_LOG("result %#x", ret);
		/* In no set, or where it was; the message with it. */
		ASSERT_EQ(ret && round % 2 ? first : MACH_PORT_NULL,
			  mt_status(task, port).pset);
		ASSERT_EQ(1U, mt_queued(task, port));
	}
	mt_end_partner(&partner);
	mt_move_member(task, port, MACH_PORT_NULL);
	EXPECT_EQ(8U, mt_next(task, port));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(sets), sets + 1));
}

static void join_set(const struct mt_task *task, void *arg)
{
	struct target *target = arg;

	mt_lag(target->round++);
	target->ret = mt_move_member(task, target->port, target->set);
}

/* Who waits on the port is told, whatever else arrives. */
TEST_F(mach, N20_joining_under_a_receive)
{
	const struct mt_task *task = &self->task;
	struct target target = { .set = mt_set(task) };
	struct mt_partner partner;
	int changed = 0;

	mt_start_partner(&partner, task, join_set, &target, ROUNDS);
	for (int round = 0; round < ROUNDS; round++) {
		struct mt_message message;
		__s32 ret;

		target.port = mt_port(task);
		if (round % 2)
			mt_must(mt_send_id(task, target.port, COPY_SEND, 1));
		mt_meet(&partner);
		ret = mt_receive(task, target.port, &message, MT_LONG);
		mt_meet(&partner);
		ASSERT_EQ(KERN_SUCCESS, target.ret);
		ASSERT_TRUE(ret == MACH_RCV_PORT_CHANGED ||
			    ret == MACH_RCV_IN_SET ||
			    (ret == MACH_MSG_SUCCESS && round % 2))
			TH_LOG("result %#x", ret);
		changed += ret == MACH_RCV_PORT_CHANGED;
		ASSERT_EQ(ret && round % 2 ? 1U : 0U,
			  mt_queued(task, target.port));
		mt_must(mt_destroy(task, target.port));
	}
	mt_end_partner(&partner);
	TH_LOG("%d of %d were told that it changed", changed, ROUNDS);
}

/* ---- receive rights with requests ---- */

static void destroy_or_move(const struct mt_task *task, void *arg)
{
	struct target *target = arg;

	mt_lag(target->round++);
	target->ret = mt_carry(task, target->other, target->port);
}

/* A receive right is moved, or it dies and is announced: one of the two. */
TEST_F(mach, N20_move_against_death_with_a_request)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task), moved = 0;
	struct target target = { .other = mt_port(task) };
	struct mt_partner partner;

	mt_start_partner(&partner, task, destroy_or_move, &target, ROUNDS);
	for (int round = 0; round < ROUNDS; round++) {
		__u32 port = mt_receive_right(task);
		struct mt_message message;
		__s32 ret;

		target.port = port;
		mt_arm(task, port, MACH_NOTIFY_PORT_DESTROYED, notify);
		mt_meet(&partner);
		ret = mt_mod_refs(task, port, MACH_PORT_RIGHT_RECEIVE, -1);
		mt_meet(&partner);
		if (target.ret == MACH_MSG_SUCCESS) {
			ASSERT_EQ(KERN_INVALID_NAME, ret);
			ASSERT_TRUE(mt_empty(task, notify));
			mt_must(mt_receive(task, target.other, &message, 0));
			port = mt_right(&message, 0);
			mt_must(mt_destroy(task, port));
			moved++;
		} else {
			ASSERT_EQ(MACH_SEND_INVALID_RIGHT, target.ret);
			ASSERT_EQ(KERN_SUCCESS, ret);
		}
		mt_must(mt_destroy(task, mt_destroyed(task, notify)));
		ASSERT_TRUE(mt_silent(task, notify));
	}
	mt_end_partner(&partner);
	TH_LOG("%u of %d moved", moved, ROUNDS);
}

static void arm_request(const struct mt_task *task, void *arg)
{
	struct target *target = arg;
	__u32 previous;

	target->ret = mt_request(task, target->port,
				 MACH_NOTIFY_PORT_DESTROYED, 0, target->other,
				 MAKE_ONCE, &previous);
}

/* Armed in time, or refused: the send-once right is used once either way. */
TEST_F(mach, N20_arming_against_death)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task);
	struct target target = { .other = notify };
	struct mt_partner partner;

	mt_start_partner(&partner, task, arm_request, &target, ROUNDS);
	for (int round = 0; round < ROUNDS; round++) {
		target.port = mt_receive_right(task);
		mt_meet(&partner);
		mt_must(mt_destroy(task, target.port));
		mt_meet(&partner);
		if (target.ret == KERN_SUCCESS) {
			mt_must(mt_destroy(task, mt_destroyed(task, notify)));
		} else {
			ASSERT_EQ(KERN_INVALID_NAME, target.ret);
			ASSERT_TRUE(mt_notified(task, notify,
						MACH_NOTIFY_SEND_ONCE, 0));
		}
		ASSERT_TRUE(mt_silent(task, notify));
	}
	mt_end_partner(&partner);
}

/* ---- tasks ---- */

struct doomed {
	struct mt_task task;
};

static void close_task(const struct mt_task *task, void *arg)
{
	struct doomed *doomed = arg;

	(void)task;
	mt_close(&doomed->task);
}

/* A task dies while it is being sent to, and while it is asked about. */
TEST_F(mach, N20_task_dies_under_sends)
{
	const struct mt_task *task = &self->task;
	__u32 watched = mt_receive_right(task);
	struct mt_partner partner;
	struct doomed doomed;

	mt_start_partner(&partner, task, close_task, &doomed, ROUNDS / 4);
	for (int round = 0; round < ROUNDS / 4; round++) {
		__u32 right, remote_name, sent = 0;
		struct mt_task remote;
		__s32 ret;

		mt_open(&doomed.task);
		right = mt_connect(task, &doomed.task,
				   mt_receive_right(&doomed.task));
		remote.fd = task->fd;
		remote.self = mt_task_right(task, &doomed.task);
		mt_meet(&partner);
		for (int i = 0; i < 5; i++) {
			ret = send_watched(task, right, watched);
			ASSERT_TRUE(ret == MACH_MSG_SUCCESS ||
				    ret == MACH_SEND_INVALID_DEST ||
				    ret == MACH_SEND_TIMED_OUT)
				TH_LOG("result %#x", ret);
			sent += ret == MACH_MSG_SUCCESS;
			ret = mt_allocate(&remote, MACH_PORT_RIGHT_RECEIVE,
					  &remote_name);
			ASSERT_TRUE(ret == KERN_SUCCESS ||
				    ret == KERN_INVALID_TASK ||
				    ret == (__s32)MACH_SEND_INVALID_DEST)
				TH_LOG("result %#x", ret);
		}
		mt_meet(&partner);
		ASSERT_TRUE(all_told(task, watched, sent));
		mt_must(mt_destroy(task, right));
		mt_must(mt_destroy(task, remote.self));
	}
	mt_end_partner(&partner);
}

TEST_HARNESS_MAIN
