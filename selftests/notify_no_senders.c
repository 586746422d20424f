// SPDX-License-Identifier: GPL-2.0
/*
 * The no-senders notification: at the moment when the last send right goes,
 * wherever that right was, and with the make-send count of that moment
 * (spec 2.2, 2.3; negative test N21).
 */
#include "lib/caller.h"
#include "lib/fixture.h"
#include "lib/partner.h"

#define NO_SENDERS	MACH_NOTIFY_NO_SENDERS
#define MAKE		MACH_MSG_TYPE_MAKE_SEND_ONCE

/* A port whose only send right another task has. */
struct scene {
	struct mt_task client;
	__u32 port;		/* ours */
	__u32 right;		/* the client's */
	__u32 notify;		/* ours */
};

static void make_scene(struct scene *scene, const struct mt_task *task)
{
	mt_open(&scene->client);
	scene->port = mt_receive_right(task);
	scene->notify = mt_receive_right(task);
	scene->right = mt_connect(&scene->client, task, scene->port);
	mt_arm(task, scene->port, NO_SENDERS, scene->notify);
	mt_check(mt_senders(task, scene->port) == 1);
}

/* Told just once, and the request is gone. */
static bool told(const struct mt_task *task, const struct scene *scene,
		 __u32 count)
{
	return mt_notified(task, scene->notify, NO_SENDERS, count) &&
	       mt_silent(task, scene->notify) &&
	       !mt_status(task, scene->port).nsrequest &&
	       !mt_status(task, scene->port).srights;
}

static bool quiet(const struct mt_task *task, const struct scene *scene)
{
	return mt_empty(task, scene->notify) &&
	       mt_status(task, scene->port).nsrequest;
}

static __s32 request(const struct mt_task *task, const struct scene *scene,
		     __u32 sync, __u32 *previous)
{
	return mt_request(task, scene->port, NO_SENDERS, sync, scene->notify,
			  MAKE, previous);
}

/* ---- every way for the last one to go ---- */

static void last_goes(const struct mt_task *task, struct scene *scene,
		      int way)
{
	struct mt_task *client = &scene->client;
	struct mt_message message;

	switch (way) {
	case 0:
		mt_must(mt_deallocate(client, scene->right));
		break;
	case 1:
		mt_must(mt_mod_refs(client, scene->right,
				    MACH_PORT_RIGHT_SEND, -1));
		break;
	case 2:
		mt_must(mt_destroy(client, scene->right));
		break;
	case 3:
		mt_close(client);
		break;
	case 4: /* used as a destination: goes when the message is taken */
		mt_must(mt_send_id(client, scene->right,
				   MACH_MSG_TYPE_MOVE_SEND, 1));
		mt_check(quiet(task, scene));
		mt_must(mt_receive(task, scene->port, &message, 0));
		break;
	case 5: /* as a destination that is destroyed for its size */
		mt_must(mt_send_id(client, scene->right,
				   MACH_MSG_TYPE_MOVE_SEND, 1));
		mt_check(mt_call(task, &message, (struct mach_ioc_msg) {
				.option = MACH_RCV_MSG,
				.rcv_name = scene->port,
				.rcv_size = 8,
			 }) == MACH_RCV_TOO_LARGE);
		break;
	case 6: /* in a message that fails (K2) */
		mt_begin(&message, mt_port(client), MACH_MSG_TYPE_COPY_SEND);
		mt_put_right(&message, scene->right, MACH_MSG_TYPE_MOVE_SEND);
		mt_put_right(&message, MT_UNUSED, MACH_MSG_TYPE_COPY_SEND);
		mt_check(mt_send(client, &message) ==
			 MACH_SEND_INVALID_RIGHT);
		break;
	default: /* many references, one right */
		mt_must(mt_mod_refs(client, scene->right,
				    MACH_PORT_RIGHT_SEND, 500));
		mt_must(mt_mod_refs(client, scene->right,
				    MACH_PORT_RIGHT_SEND, -500));
		mt_check(quiet(task, scene));
		mt_must(mt_deallocate(client, scene->right));
	}
}

TEST_F(mach, last_one_goes)
{
	const struct mt_task *task = &self->task;
	struct scene scene;

	for (int way = 0; way < 8; way++) {
		make_scene(&scene, task);
		EXPECT_TRUE(quiet(task, &scene));
		last_goes(task, &scene, way);
		EXPECT_TRUE(told(task, &scene, 1)) TH_LOG("way %d", way);
	}
}

/* Where a right may be on its way, and what ends that. */
enum place { AS_REPLY, IN_BODY, IN_ARRAY, AS_DESTINATION, PLACES };

static void put_on_its_way(const struct mt_task *client, __u32 carrier,
			   __u32 right, enum place place)
{
	struct mt_message message;

	if (place == AS_DESTINATION) {
		mt_must(mt_send_id(client, right, MACH_MSG_TYPE_MOVE_SEND, 1));
		return;
	}
	mt_begin(&message, carrier, MACH_MSG_TYPE_COPY_SEND);
	if (place == AS_REPLY)
		mt_reply_to(&message, right, MACH_MSG_TYPE_MOVE_SEND);
	else if (place == IN_BODY)
		mt_put_right(&message, right, MACH_MSG_TYPE_MOVE_SEND);
	else
		mt_put_rights_array(&message, &right, 1,
				    MACH_MSG_TYPE_MOVE_SEND, 0);
	mt_must(mt_send(client, &message));
}

TEST_F(mach, rights_in_transit_count)
{
	const struct mt_task *task = &self->task;
	struct scene scene;
	__u32 carrier;

	for (int place = 0; place < PLACES; place++) {
		make_scene(&scene, task);
		carrier = mt_port(&scene.client);
		put_on_its_way(&scene.client, carrier, scene.right, place);
		EXPECT_EQ(MACH_PORT_TYPE_NONE,
			  mt_types(&scene.client, scene.right));
		EXPECT_TRUE(quiet(task, &scene)) TH_LOG("place %d", place);
		EXPECT_EQ(1ULL, mt_senders(task, scene.port));
		EXPECT_EQ(1U, mt_status(task, scene.port).srights);
		if (place == AS_DESTINATION) {
			EXPECT_EQ(1U, mt_next(task, scene.port));
		} else {
			mt_must(mt_destroy(&scene.client, carrier));
		}
		EXPECT_TRUE(told(task, &scene, 1)) TH_LOG("place %d", place);
	}
}

/* Received by its own receiver: the right is a name's again, not gone. */
TEST_F(mach, right_comes_home)
{
	const struct mt_task *task = &self->task;
	struct scene scene;

	make_scene(&scene, task);
	EXPECT_EQ(scene.port,
		  mt_transfer(&scene.client, task, scene.right,
			      MACH_MSG_TYPE_MOVE_SEND));
	EXPECT_TRUE(quiet(task, &scene));
	mt_must(mt_deallocate(task, scene.port));
	EXPECT_TRUE(told(task, &scene, 1));
}

TEST_F(mach, special_and_registered_ports_count)
{
	const struct mt_task *task = &self->task;
	struct scene scene;
	__u32 ports[4] = {};

	make_scene(&scene, task);
	ports[2] = scene.right;
	mt_must(mt_register(&scene.client, ports, 3));
	mt_must(mt_set_special(&scene.client, MACH_TASK_EXCEPTION_PORT,
			       scene.right));
	EXPECT_EQ(3ULL, mt_senders(task, scene.port));
	mt_must(mt_deallocate(&scene.client, scene.right));
	EXPECT_TRUE(quiet(task, &scene));
	mt_must(mt_register(&scene.client, ports, 0));
	EXPECT_TRUE(quiet(task, &scene));
	mt_must(mt_set_special(&scene.client, MACH_TASK_EXCEPTION_PORT,
			       MACH_PORT_NULL));
	EXPECT_TRUE(told(task, &scene, 1));
}

/* ---- the protocol of counts ---- */

/* A server that has just been told makes a right for a new client. */
TEST_F(mach, S2_3_sync_with_a_right_on_its_way)
{
	const struct mt_task *task = &self->task;
	struct scene scene;
	__u32 previous, there;

	make_scene(&scene, task);
	/* Two made, the second still unseen by its client. */
	there = mt_transfer(task, &scene.client, scene.port,
			    MACH_MSG_TYPE_MAKE_SEND);
	EXPECT_EQ(scene.right, there);
	mt_must(mt_mod_refs(&scene.client, there, MACH_PORT_RIGHT_SEND, -2));
	EXPECT_TRUE(told(task, &scene, 2));

	/* A count that is behind: there may be one that was not counted. */
	EXPECT_EQ(KERN_SUCCESS, request(task, &scene, 3, &previous));
	EXPECT_TRUE(quiet(task, &scene));
	there = mt_transfer(task, &scene.client, scene.port,
			    MACH_MSG_TYPE_MAKE_SEND);
	EXPECT_TRUE(quiet(task, &scene));
	mt_must(mt_deallocate(&scene.client, there));
	EXPECT_TRUE(told(task, &scene, 3));

	/* Up to date: at once. */
	EXPECT_EQ(KERN_SUCCESS, request(task, &scene, 3, &previous));
	EXPECT_EQ(MACH_PORT_NULL, previous);
	EXPECT_TRUE(told(task, &scene, 3));
}

/* Sync matters when it is asked, not later. */
TEST_F(mach, S2_3_sync_is_looked_at_once)
{
	const struct mt_task *task = &self->task;
	struct scene scene;
	__u32 previous;

	make_scene(&scene, task);
	mt_must(mt_deallocate(&scene.client, scene.right));
	EXPECT_TRUE(told(task, &scene, 1));
	EXPECT_EQ(KERN_SUCCESS, request(task, &scene, 100, &previous));
	mt_must(mt_set_mscount(task, scene.port, 100));
	EXPECT_TRUE(quiet(task, &scene));
	mt_must(mt_set_mscount(task, scene.port, 7));
	mt_make_send(task, scene.port);
	EXPECT_TRUE(quiet(task, &scene));
	mt_must(mt_deallocate(task, scene.port));
	EXPECT_TRUE(told(task, &scene, 8));
}

TEST_F(mach, N21_count_wraps)
{
	const struct mt_task *task = &self->task;
	struct scene scene;
	__u32 previous;

	make_scene(&scene, task);
	EXPECT_EQ(KERN_INVALID_VALUE,
		  mt_set_mscount(task, scene.port, 1ULL << 32));
	mt_must(mt_set_mscount(task, scene.port, 0xffffffff));
	EXPECT_EQ(0xffffffffU, mt_status(task, scene.port).mscount);
	mt_must(mt_deallocate(&scene.client, scene.right));
	EXPECT_TRUE(told(task, &scene, 0xffffffff));

	EXPECT_EQ(KERN_SUCCESS,
		  request(task, &scene, 0xffffffff, &previous));
	EXPECT_TRUE(told(task, &scene, 0xffffffff));
	mt_make_send(task, scene.port);
	EXPECT_EQ(0U, mt_status(task, scene.port).mscount);
	EXPECT_EQ(KERN_SUCCESS, request(task, &scene, 0, &previous));
	EXPECT_TRUE(quiet(task, &scene));
	mt_must(mt_deallocate(task, scene.port));
	EXPECT_TRUE(told(task, &scene, 0));
	/* 0 is less than 2^32 - 1, whatever came before. */
	EXPECT_EQ(KERN_SUCCESS,
		  request(task, &scene, 0xffffffff, &previous));
	EXPECT_TRUE(quiet(task, &scene));
}

TEST_F(mach, copies_are_not_counted)
{
	const struct mt_task *task = &self->task;
	struct scene scene;
	struct mt_task third;
	__u32 copy;

	mt_open(&third);
	make_scene(&scene, task);
	copy = mt_transfer(&scene.client, &third, scene.right,
			   MACH_MSG_TYPE_COPY_SEND);
	EXPECT_EQ(1U, mt_status(task, scene.port).mscount);
	EXPECT_EQ(2ULL, mt_senders(task, scene.port));
	mt_must(mt_deallocate(&scene.client, scene.right));
	EXPECT_TRUE(quiet(task, &scene));
	mt_must(mt_deallocate(&third, copy));
	EXPECT_TRUE(told(task, &scene, 1));
}

/* ---- the receive right moves ---- */

TEST_F(mach, request_moves_with_the_receive_right)
{
	const struct mt_task *task = &self->task;
	struct scene scene;
	struct mt_task third;
	__u32 there;

	mt_open(&third);
	make_scene(&scene, task);
	there = mt_transfer(task, &third, scene.port,
			    MACH_MSG_TYPE_MOVE_RECEIVE);
	EXPECT_EQ(0U, mt_status(&third, there).mscount);
	EXPECT_EQ(1U, mt_status(&third, there).nsrequest);
	mt_make_send(&third, there);
	mt_make_send(&third, there);
	mt_must(mt_destroy(&scene.client, scene.right));
	EXPECT_TRUE(mt_empty(task, scene.notify));
	mt_must(mt_mod_refs(&third, there, MACH_PORT_RIGHT_SEND, -2));
	/* Counted since it moved. */
	EXPECT_TRUE(mt_notified(task, scene.notify, NO_SENDERS, 2));
	EXPECT_TRUE(mt_silent(task, scene.notify));
}

TEST_F(mach, N21_last_one_goes_while_the_receive_right_is_on_its_way)
{
	const struct mt_task *task = &self->task;
	struct scene scene;
	__u32 carrier;

	make_scene(&scene, task);
	carrier = mt_port(task);
	mt_must(mt_carry(task, carrier, scene.port));
	mt_must(mt_deallocate(&scene.client, scene.right));
	EXPECT_TRUE(mt_notified(task, scene.notify, NO_SENDERS, 0));
	EXPECT_TRUE(mt_silent(task, scene.notify));
}

/* ---- the port dies ---- */

/* S2.2: "throw away" means that the send-once right is destroyed. */
TEST_F(mach, S2_2_port_dies)
{
	const struct mt_task *task = &self->task;
	struct scene scene;

	make_scene(&scene, task);
	mt_must(mt_destroy(task, scene.port));
	EXPECT_TRUE(mt_once_wasted(task, scene.notify));
	make_scene(&scene, task);
	mt_must(mt_mod_refs(task, scene.port, MACH_PORT_RIGHT_RECEIVE, -1));
	EXPECT_TRUE(mt_once_wasted(task, scene.notify));
}

TEST_F(mach, S2_2_destroy_and_mod_refs_differ)
{
	const struct mt_task *task = &self->task;
	struct scene scene;

	/* The last send right goes first, and then the receive right. */
	make_scene(&scene, task);
	mt_make_send(task, scene.port);
	mt_must(mt_deallocate(&scene.client, scene.right));
	mt_must(mt_destroy(task, scene.port));
	EXPECT_TRUE(mt_notified(task, scene.notify, NO_SENDERS, 2));
	EXPECT_TRUE(mt_silent(task, scene.notify));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, scene.port));

	/* The port dies first, and the send right is a dead name. */
	make_scene(&scene, task);
	mt_make_send(task, scene.port);
	mt_must(mt_deallocate(&scene.client, scene.right));
	mt_must(mt_mod_refs(task, scene.port, MACH_PORT_RIGHT_RECEIVE, -1));
	EXPECT_TRUE(mt_once_wasted(task, scene.notify));
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, mt_types(task, scene.port));
	mt_must(mt_deallocate(task, scene.port));
	EXPECT_TRUE(mt_silent(task, scene.notify));

	/* Not the last one: the same in both cases. */
	make_scene(&scene, task);
	mt_make_send(task, scene.port);
	mt_must(mt_destroy(task, scene.port));
	EXPECT_TRUE(mt_once_wasted(task, scene.notify));
}

/* It has itself to tell, and its queue dies with it. */
TEST_F(mach, told_to_the_port_itself)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	mt_arm(task, port, NO_SENDERS, port);
	mt_must(mt_deallocate(task, port));
	EXPECT_TRUE(mt_notified(task, port, NO_SENDERS, 1));
	mt_make_send(task, port);
	mt_arm(task, port, NO_SENDERS, port);
	mt_must(mt_destroy(task, port));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, port));
}

/* ---- against each other ---- */

#define ROUNDS	200

/* What the other thread gives up. */
struct loser {
	__u32 name, port;
};

static void drop_right(const struct mt_task *task, void *arg)
{
	struct loser *loser = arg;

	mt_must(mt_deallocate(task, loser->name));
}

static void drop_port(const struct mt_task *task, void *arg)
{
	struct loser *loser = arg;

	mt_must(mt_mod_refs(task, loser->port, MACH_PORT_RIGHT_RECEIVE, -1));
}

TEST_F(mach, N21_arming_against_the_last_ones_end)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task), previous;
	struct mt_task client;
	struct mt_partner partner;
	struct loser loser;

	mt_open(&client);
	mt_start_partner(&partner, &client, drop_right, &loser, ROUNDS);
	for (int round = 0; round < ROUNDS; round++) {
		__u32 port = mt_receive_right(task);

		loser.name = mt_connect(&client, task, port);
		mt_meet(&partner);
		mt_must(mt_request(task, port, NO_SENDERS, round % 2, notify,
				   MAKE, &previous));
		mt_meet(&partner);
		ASSERT_TRUE(mt_notified(task, notify, NO_SENDERS, 1));
		ASSERT_TRUE(mt_silent(task, notify));
		ASSERT_EQ(0U, mt_status(task, port).nsrequest);
		mt_must(mt_destroy(task, port));
	}
	mt_end_partner(&partner);
}

/* The count tells the server whether it has made one since. */
TEST_F(mach, N21_making_against_the_last_ones_end)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task);
	struct mt_task client;
	struct mt_partner partner;
	struct loser loser;
	int stale = 0;

	mt_open(&client);
	mt_start_partner(&partner, &client, drop_right, &loser, ROUNDS);
	for (int round = 0; round < ROUNDS; round++) {
		__u32 port = mt_receive_right(task);
		struct mt_note note;

		loser.name = mt_connect(&client, task, port);
		mt_arm(task, port, NO_SENDERS, notify);
		mt_meet(&partner);
		mt_lag(round);
		mt_make_send(task, port);
		mt_meet(&partner);
		if (mt_status(task, port).nsrequest) {
			ASSERT_TRUE(mt_empty(task, notify));
			mt_must(mt_deallocate(task, port));
			ASSERT_TRUE(mt_notified(task, notify, NO_SENDERS, 2));
		} else {
			/* Too late: 1 says that the second is not in it. */
			note = mt_notification(task, notify);
			ASSERT_EQ(NO_SENDERS, note.id);
			ASSERT_EQ(1U, note.value);
			mt_must(mt_deallocate(task, port));
			stale++;
		}
		ASSERT_TRUE(mt_silent(task, notify));
		mt_must(mt_destroy(task, port));
	}
	mt_end_partner(&partner);
	TH_LOG("%d of %d before the second was made", stale, ROUNDS);
}

TEST_F(mach, N21_moving_against_the_last_ones_end)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task), carrier = mt_port(task);
	struct mt_message message;
	struct mt_task client;
	struct mt_partner partner;
	struct loser loser;

	mt_open(&client);
	mt_start_partner(&partner, &client, drop_right, &loser, ROUNDS);
	for (int round = 0; round < ROUNDS; round++) {
		__u32 port = mt_receive_right(task);
		struct mt_note note;

		loser.name = mt_connect(&client, task, port);
		mt_arm(task, port, NO_SENDERS, notify);
		mt_meet(&partner);
		mt_must(mt_carry(task, carrier, port));
		mt_must(mt_receive(task, carrier, &message, 0));
		mt_meet(&partner);
		note = mt_notification(task, notify);
		ASSERT_EQ(NO_SENDERS, note.id);
		/* Before it moved, or after. */
		ASSERT_GE(1U, note.value);
		ASSERT_TRUE(mt_silent(task, notify));
		mt_must(mt_destroy(task, mt_right(&message, 0)));
	}
	mt_end_partner(&partner);
}

/* The port dies as its last send right does: one of the two is told. */
TEST_F(mach, N21_port_and_last_right_die)
{
	const struct mt_task *task = &self->task;
	struct mt_task client;
	struct mt_partner partner;
	struct loser loser;
	__u32 notify;

	mt_open(&client);
	notify = mt_receive_right(&client);
	mt_start_partner(&partner, task, drop_port, &loser, ROUNDS);
	for (int round = 0; round < ROUNDS; round++) {
		struct mt_note note;
		__u32 right, once, previous;

		loser.port = mt_receive_right(task);
		right = mt_connect(&client, task, loser.port);
		once = mt_transfer(&client, task, notify, MAKE);
		mt_must(mt_request(task, loser.port, NO_SENDERS, 0, once,
				   MACH_MSG_TYPE_MOVE_SEND_ONCE, &previous));
		mt_meet(&partner);
		mt_must(mt_deallocate(&client, right));
		mt_meet(&partner);
		note = mt_notification(&client, notify);
		ASSERT_TRUE((note.id == NO_SENDERS && note.value == 1) ||
			    note.id == MACH_NOTIFY_SEND_ONCE);
		ASSERT_TRUE(mt_silent(&client, notify));
	}
	mt_end_partner(&partner);
}

TEST_HARNESS_MAIN
