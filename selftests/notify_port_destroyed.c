// SPDX-License-Identifier: GPL-2.0
/*
 * The port-destroyed notification: a receive right that would die travels in
 * it instead, with its queue and its senders; the request is used up (spec
 * 2.2, 2.3, K12).
 *
 * mt_destroyed() checks the form of each notification.
 */
#include "lib/actor.h"
#include "lib/caller.h"
#include "lib/fixture.h"

#define MAKE	MACH_MSG_TYPE_MAKE_SEND_ONCE

/* A port that another task can send to, and who hears of its death. */
struct scene {
	struct mt_task other;
	__u32 port;		/* receive right of the fixture's task */
	__u32 theirs;		/* the other's send right for it */
	__u32 notify;		/* receive right of the fixture's task */
	__u32 watch;		/* the other's: its dead-name requests */
};

static void make_scene(struct scene *scene, const struct mt_task *task)
{
	mt_open(&scene->other);
	scene->port = mt_receive_right(task);
	scene->notify = mt_receive_right(task);
	scene->theirs = mt_connect(&scene->other, task, scene->port);
	scene->watch = mt_receive_right(&scene->other);
	mt_arm(task, scene->port, MACH_NOTIFY_PORT_DESTROYED, scene->notify);
	mt_arm(&scene->other, scene->theirs, MACH_NOTIFY_DEAD_NAME,
	       scene->watch);
}

static bool alive(const struct scene *scene)
{
	return mt_types(&scene->other, scene->theirs) ==
	       (MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_DNREQUEST) &&
	       mt_empty(&scene->other, scene->watch);
}

static bool dead(const struct scene *scene)
{
	return mt_notified(&scene->other, scene->watch, MACH_NOTIFY_DEAD_NAME,
			   scene->theirs) &&
	       mt_types(&scene->other, scene->theirs) ==
	       MACH_PORT_TYPE_DEAD_NAME;
}

static __s32 drop_receive(const struct mt_task *task, __u32 port, int way)
{
	return way ? mt_destroy(task, port) :
		     mt_mod_refs(task, port, MACH_PORT_RIGHT_RECEIVE, -1);
}

/* ---- it fires, once ---- */

TEST_F(mach, port_survives)
{
	const struct mt_task *task = &self->task;
	struct scene scene;
	__u32 port;

	for (int way = 0; way < 2; way++) {
		make_scene(&scene, task);
		EXPECT_EQ(1U, mt_status(task, scene.port).pdrequest);
		EXPECT_EQ(1U, mt_status(task, scene.notify).sorights);
		EXPECT_TRUE(mt_empty(task, scene.notify));
		EXPECT_EQ(KERN_SUCCESS,
			  drop_receive(task, scene.port, way));
		EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, scene.port));
		port = mt_destroyed(task, scene.notify);
		EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(task, port));
		EXPECT_TRUE(alive(&scene));
		EXPECT_EQ(0U, mt_status(task, port).pdrequest);
		EXPECT_TRUE(mt_silent(task, scene.notify));
		/* The request is used up: now it dies. */
		mt_must(drop_receive(task, port, way));
		EXPECT_TRUE(dead(&scene));
		EXPECT_TRUE(mt_silent(task, scene.notify));
	}
}

TEST_F(mach, again_and_again)
{
	const struct mt_task *task = &self->task;
	struct scene scene;
	__u32 port;

	make_scene(&scene, task);
	port = scene.port;
	for (int i = 0; i < 50; i++) {
		mt_must(mt_destroy(task, port));
		port = mt_destroyed(task, scene.notify);
		mt_arm(task, port, MACH_NOTIFY_PORT_DESTROYED, scene.notify);
	}
	EXPECT_TRUE(alive(&scene));
	mt_must(mt_deallocate(task, mt_cancel(task, port,
					      MACH_NOTIFY_PORT_DESTROYED)));
	EXPECT_TRUE(mt_once_wasted(task, scene.notify));
	mt_must(mt_destroy(task, port));
	EXPECT_TRUE(dead(&scene));
}

TEST_F(mach, previous_and_cancel)
{
	const struct mt_task *task = &self->task;
	struct scene scene;
	__u32 second, previous;

	make_scene(&scene, task);
	second = mt_receive_right(task);
	EXPECT_EQ(KERN_SUCCESS,
		  mt_request(task, scene.port, MACH_NOTIFY_PORT_DESTROYED, 0,
			     second, MAKE, &previous));
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE, mt_types(task, previous));
	mt_must(mt_send_id(task, previous, MACH_MSG_TYPE_MOVE_SEND_ONCE, 9));
	EXPECT_EQ(9U, mt_next(task, scene.notify));
	EXPECT_EQ(1U, mt_status(task, scene.port).pdrequest);

	previous = mt_cancel(task, scene.port, MACH_NOTIFY_PORT_DESTROYED);
	EXPECT_EQ(0U, mt_status(task, scene.port).pdrequest);
	mt_must(mt_send_id(task, previous, MACH_MSG_TYPE_MOVE_SEND_ONCE, 8));
	EXPECT_EQ(8U, mt_next(task, second));
	EXPECT_EQ(MACH_PORT_NULL,
		  mt_cancel(task, scene.port, MACH_NOTIFY_PORT_DESTROYED));

	mt_must(mt_destroy(task, scene.port));
	EXPECT_TRUE(dead(&scene));
	EXPECT_TRUE(mt_silent(task, scene.notify));
	EXPECT_TRUE(mt_silent(task, second));
}

/* ---- what the port keeps and what it loses ---- */

TEST_F(mach, S2_1_queue_stays_and_numbers_start_anew)
{
	const struct mt_task *task = &self->task;
	struct mach_ioc_receive_status status;
	struct mt_message message;
	struct scene scene;
	__u32 port, set;

	make_scene(&scene, task);
	set = mt_set(task);
	mt_must(mt_move_member(task, scene.port, set));
	mt_must(mt_set_payload(task, scene.port, 0x1111222233334444));
	mt_must(mt_set_qlimit(task, scene.port, 7));
	mt_must(mt_set_seqno(task, scene.port, 40));
	mt_must(mt_set_mscount(task, scene.port, 50));
	for (__u32 i = 0; i < 3; i++)
		mt_must(mt_send_id(&scene.other, scene.theirs,
				   MACH_MSG_TYPE_COPY_SEND, i));
	mt_must(mt_destroy(task, scene.port));
	EXPECT_TRUE(mt_empty(task, set));
	port = mt_destroyed(task, scene.notify);
	status = mt_status(task, port);
	EXPECT_EQ(MACH_PORT_NULL, status.pset);
	EXPECT_EQ(0U, status.seqno);
	EXPECT_EQ(0U, status.mscount);
	EXPECT_EQ(7U, status.qlimit);
	EXPECT_EQ(3U, status.msgcount);
	EXPECT_EQ(1U, status.srights);
	for (__u32 i = 0; i < 3; i++) {
		mt_must(mt_receive(task, port, &message, 0));
		EXPECT_EQ(i, message.head.id);
		EXPECT_EQ(i, message.head.seqno);
		EXPECT_EQ(MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND),
			  message.head.bits);
		EXPECT_EQ(port, message.head.local_port);
	}
}

TEST_F(mach, senders_do_not_notice)
{
	const struct mt_task *task = &self->task;
	struct mt_caller sender;
	struct scene scene;
	__u32 port;

	make_scene(&scene, task);
	mt_fill_queue(task, scene.port);
	mt_start_sender(&sender, &scene.other, scene.theirs, 100);
	mt_must(mt_destroy(task, scene.port));
	/* Its queue is as full as ever while the right is on its way. */
	EXPECT_EQ(MACH_SEND_TIMED_OUT,
		  mt_send_id(&scene.other, scene.theirs,
			     MACH_MSG_TYPE_COPY_SEND, 9));
	EXPECT_TRUE(mt_still_blocked(&sender));
	port = mt_destroyed(task, scene.notify);
	for (__u32 i = 0; i < 5; i++) {
		EXPECT_EQ(i, mt_next(task, port));
	}
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&sender));
	EXPECT_EQ(100U, mt_next(task, port));
	EXPECT_TRUE(mt_empty(&scene.other, scene.watch));
}

TEST_F(mach, receivers_are_told)
{
	const struct mt_task *task = &self->task;
	struct mt_caller receiver;
	struct scene scene;

	make_scene(&scene, task);
	mt_start_receiver(&receiver, task, scene.port);
	mt_must(mt_destroy(task, scene.port));
	EXPECT_EQ(MACH_RCV_PORT_DIED, mt_finish_call(&receiver));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE,
		  mt_types(task, mt_destroyed(task, scene.notify)));
}

/* The no-senders request goes with the port, and so do send-once rights. */
TEST_F(mach, other_rights_and_requests_stay)
{
	const struct mt_task *task = &self->task;
	struct scene scene;
	__u32 port, senders, once;

	make_scene(&scene, task);
	senders = mt_receive_right(task);
	mt_arm(task, scene.port, MACH_NOTIFY_NO_SENDERS, senders);
	once = mt_make_send_once(task, scene.port);
	mt_must(mt_destroy(task, scene.port));
	EXPECT_TRUE(mt_empty(task, senders));
	port = mt_destroyed(task, scene.notify);
	EXPECT_EQ(1U, mt_status(task, port).nsrequest);
	EXPECT_EQ(1U, mt_status(task, port).sorights);
	mt_must(mt_send_id(task, once, MACH_MSG_TYPE_MOVE_SEND_ONCE, 3));
	EXPECT_EQ(3U, mt_next(task, port));
	mt_must(mt_destroy(&scene.other, scene.theirs));
	EXPECT_TRUE(mt_notified(task, senders, MACH_NOTIFY_NO_SENDERS, 0));
	EXPECT_TRUE(mt_notified(&scene.other, scene.watch,
				MACH_NOTIFY_PORT_DELETED, scene.theirs));
}

/* S2.2: with the last send right destroyed along with it, both are told. */
TEST_F(mach, S2_2_destroyed_with_the_last_send_right)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), notify = mt_receive_right(task);
	__u32 senders = mt_receive_right(task);

	mt_arm(task, port, MACH_NOTIFY_PORT_DESTROYED, notify);
	mt_arm(task, port, MACH_NOTIFY_NO_SENDERS, senders);
	mt_must(mt_destroy(task, port));
	EXPECT_TRUE(mt_notified(task, senders, MACH_NOTIFY_NO_SENDERS, 1));
	port = mt_destroyed(task, notify);
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(task, port));
	EXPECT_EQ(0U, mt_status(task, port).srights);
	EXPECT_EQ(0U, mt_status(task, port).nsrequest);
}

/* The count of senders is right, whatever became of the name. */
TEST_F(mach, send_right_beside_the_receive_right)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), notify = mt_receive_right(task), there;

	mt_arm(task, port, MACH_NOTIFY_PORT_DESTROYED, notify);
	mt_must(mt_mod_refs(task, port, MACH_PORT_RIGHT_RECEIVE, -1));
	there = mt_destroyed(task, notify);
	EXPECT_EQ(mt_types(task, port) & MACH_PORT_TYPE_SEND ? 1ULL : 0ULL,
		  mt_senders(task, there));
	EXPECT_EQ(1U, mt_refs(task, port, mt_types(task, port) &
			      MACH_PORT_TYPE_SEND ? MACH_PORT_RIGHT_SEND :
			      MACH_PORT_RIGHT_DEAD_NAME));
}

/* ---- the request travels with the receive right ---- */

TEST_F(mach, request_moves_with_the_right)
{
	const struct mt_task *task = &self->task;
	struct scene scene;
	__u32 there, port;

	make_scene(&scene, task);
	there = mt_transfer(task, &scene.other, scene.port,
			    MACH_MSG_TYPE_MOVE_RECEIVE);
	EXPECT_EQ(1U, mt_status(&scene.other, there).pdrequest);
	EXPECT_FALSE(mt_silent(task, scene.notify));
	mt_must(mt_destroy(&scene.other, there));
	port = mt_destroyed(task, scene.notify);
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(task, port));
	EXPECT_TRUE(mt_silent(task, scene.notify));
}

TEST_F(mach, message_that_carries_it_is_destroyed)
{
	const struct mt_task *task = &self->task;
	struct scene scene;
	__u32 carrier;

	make_scene(&scene, task);
	carrier = mt_port(task);
	mt_must(mt_carry(task, carrier, scene.port));
	EXPECT_TRUE(mt_empty(task, scene.notify));
	mt_must(mt_destroy(task, carrier));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE,
		  mt_types(task, mt_destroyed(task, scene.notify)));
	EXPECT_TRUE(alive(&scene));
}

/* K2: a body that fails destroys the right that it had already taken. */
TEST_F(mach, K2_message_that_fails)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct scene scene;
	__u32 dest;

	make_scene(&scene, task);
	dest = mt_port(task);
	mt_begin(&message, dest, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, scene.port, MACH_MSG_TYPE_MOVE_RECEIVE);
	mt_put_right(&message, MT_UNUSED, MACH_MSG_TYPE_COPY_SEND);
	EXPECT_EQ(MACH_SEND_INVALID_RIGHT, mt_send(task, &message));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE,
		  mt_types(task, mt_destroyed(task, scene.notify)));
	EXPECT_TRUE(alive(&scene));
}

/* A notification that nobody reads is a message like others. */
TEST_F(mach, notification_is_destroyed_unread)
{
	const struct mt_task *task = &self->task;
	struct scene scene;

	make_scene(&scene, task);
	mt_must(mt_destroy(task, scene.port));
	EXPECT_TRUE(alive(&scene));
	mt_must(mt_destroy(task, scene.notify));
	EXPECT_TRUE(dead(&scene));
}

TEST_F(mach, notify_port_is_dead)
{
	const struct mt_task *task = &self->task;
	struct scene scene;

	make_scene(&scene, task);
	mt_must(mt_destroy(task, scene.notify));
	EXPECT_EQ(1U, mt_status(task, scene.port).pdrequest);
	mt_must(mt_destroy(task, scene.port));
	EXPECT_TRUE(dead(&scene));
}

/* Not even a full queue stops it: it is sent to a send-once right. */
TEST_F(mach, full_notify_port)
{
	const struct mt_task *task = &self->task;
	struct scene scene;

	make_scene(&scene, task);
	mt_must(mt_set_qlimit(task, scene.notify, 0));
	mt_must(mt_destroy(task, scene.port));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE,
		  mt_types(task, mt_destroyed(task, scene.notify)));
}

/* ---- who takes it ---- */

TEST_F(mach, task_death)
{
	const struct mt_task *task = &self->task;
	struct mt_task dying;
	__u32 port[3], notify[3], mine, previous;

	mt_open(&dying);
	for (int i = 0; i < 3; i++) {
		port[i] = mt_port(&dying);
		notify[i] = mt_receive_right(task);
		mine = mt_transfer(task, &dying, notify[i], MAKE);
		mt_must(mt_request(&dying, port[i],
				   MACH_NOTIFY_PORT_DESTROYED, 0, mine,
				   MACH_MSG_TYPE_MOVE_SEND_ONCE, &previous));
		mt_must(mt_send_id(&dying, port[i], MACH_MSG_TYPE_COPY_SEND,
				   60 + i));
	}
	/* One has its receive right in another one's queue. */
	mt_must(mt_carry(&dying, port[1], port[0]));
	mt_close(&dying);
	mine = mt_destroyed(task, notify[1]);
	EXPECT_EQ(61U, mt_next(task, mine));
	EXPECT_EQ(1U, mt_queued(task, mine));
	EXPECT_TRUE(mt_empty(task, notify[0]));
	mt_must(mt_destroy(task, mine));
	for (__u32 i = 0; i < 3; i += 2) {
		mine = mt_destroyed(task, notify[i]);
		EXPECT_EQ(60 + i, mt_next(task, mine));
		EXPECT_EQ(0ULL, mt_senders(task, mine));
	}
	for (int i = 0; i < 3; i++) {
		EXPECT_TRUE(mt_silent(task, notify[i]));
	}
}

static void own_and_wait(struct mt_side *side, void *arg)
{
	struct mt_message message;

	(void)arg;
	mt_must(mt_receive(&side->task, side->port, &message, MT_LONG));
	mt_check(mt_types(&side->task, mt_right(&message, 0)) ==
		 MACH_PORT_TYPE_RECEIVE);
	mt_tell(side->to, 0);
	mt_await(side->from);
}

/* A backup server: the kill -9 of the first does not lose a message. */
TEST_F(mach, N35_receiver_is_killed)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct scene scene;
	struct mt_peer peer;
	__u32 port;

	make_scene(&scene, task);
	mt_spawn(&peer, task, own_and_wait, NULL);
	mt_must(mt_carry(task, peer.right, scene.port));
	for (__u32 i = 0; i < 5; i++)
		mt_must(mt_send_id(&scene.other, scene.theirs,
				   MACH_MSG_TYPE_COPY_SEND, i));
	mt_await(peer.from);
	mt_kill(&peer);
	port = mt_destroyed(task, scene.notify);
	for (__u32 i = 0; i < 5; i++) {
		mt_must(mt_receive(task, port, &message, 0));
		EXPECT_EQ(i, message.head.id);
	}
	EXPECT_TRUE(alive(&scene));
}

/* ---- chains and rings ---- */

TEST_F(mach, chain)
{
	const struct mt_task *task = &self->task;
	__u32 port[20], notify = mt_receive_right(task), next;

	for (int i = 0; i < 20; i++)
		port[i] = mt_receive_right(task);
	for (int i = 0; i < 20; i++)
		mt_arm(task, port[i], MACH_NOTIFY_PORT_DESTROYED,
		       i < 19 ? port[i + 1] : notify);
	/* Each goes into the queue of the next. */
	for (int i = 0; i < 20; i++)
		mt_must(mt_destroy(task, port[i]));
	next = notify;
	for (int i = 0; i < 20; i++) {
		next = mt_destroyed(task, next);
		EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(task, next));
	}
	EXPECT_TRUE(mt_empty(task, next));
}

/* A port that is to be told of its own end: there is nobody to tell. */
TEST_F(mach, K12_notify_is_the_port)
{
	const struct mt_task *task = &self->task;
	__u64 messages = mt_live(task, MT_LIVE(messages));
	__u64 ports = mt_live(task, MT_LIVE(ports));

	for (int way = 0; way < 2; way++) {
		__u32 port = mt_receive_right(task);

		mt_arm(task, port, MACH_NOTIFY_PORT_DESTROYED, port);
		mt_must(drop_receive(task, port, way));
		EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, port));
		EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(ports), ports));
		EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(messages),
					    messages));
	}
}

TEST_F(mach, K12_notify_is_in_the_ports_own_queue)
{
	const struct mt_task *task = &self->task;
	__u64 messages = mt_live(task, MT_LIVE(messages));
	__u64 ports = mt_live(task, MT_LIVE(ports));
	struct scene scene;

	make_scene(&scene, task);
	mt_make_send(task, scene.port);
	mt_must(mt_carry(task, scene.port, scene.notify));
	mt_must(mt_mod_refs(task, scene.port, MACH_PORT_RIGHT_RECEIVE, -1));
	EXPECT_TRUE(dead(&scene));
	mt_close(&scene.other);
	mt_must(mt_deallocate(task, scene.port));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(ports), ports));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(messages), messages));
}

TEST_F(mach, K12_rings)
{
	static const int sizes[] = { 2, 3, 100 };
	const struct mt_task *task = &self->task;
	__u64 messages = mt_live(task, MT_LIVE(messages));
	__u64 ports = mt_live(task, MT_LIVE(ports));
	__u32 ring[100];

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		int count = sizes[i];

		for (int j = 0; j < count; j++)
			ring[j] = mt_receive_right(task);
		for (int j = 0; j < count; j++)
			mt_arm(task, ring[j], MACH_NOTIFY_PORT_DESTROYED,
			       ring[(j + 1) % count]);
		for (int j = 0; j + 1 < count; j++)
			mt_must(mt_destroy(task, ring[j]));
		EXPECT_EQ(ports + count, mt_live(task, MT_LIVE(ports)));
		mt_must(mt_destroy(task, ring[count - 1]));
		EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(ports), ports));
		EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(messages),
					    messages));
	}
}

/* A ring that a task leaves behind is the fixture's to find. */
TEST_F(mach, K12_ring_left_at_exit)
{
	const struct mt_task *task = &self->task;
	__u32 ring[100];

	for (int i = 0; i < 100; i++)
		ring[i] = mt_receive_right(task);
	for (int i = 0; i < 100; i++)
		mt_arm(task, ring[i], MACH_NOTIFY_PORT_DESTROYED,
		       ring[(i + 1) % 100]);
	for (int i = 0; i < 50; i++)
		mt_must(mt_destroy(task, ring[i * 2]));
}

TEST_HARNESS_MAIN
