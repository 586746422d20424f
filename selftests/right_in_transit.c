// SPDX-License-Identifier: GPL-2.0
/*
 * A port whose receive right is in a message: it takes messages, its senders
 * come and go, and whatever was requested of it stays requested, until it is
 * received or its message is destroyed (spec 2.1, 2.2).
 */
#include "lib/actor.h"
#include "lib/caller.h"
#include "lib/fixture.h"

#define COPY_SEND	MACH_MSG_TYPE_COPY_SEND
#define SEND		MACH_PORT_TYPE_SEND
#define RECEIVE		MACH_PORT_TYPE_RECEIVE

/* A port that travels in a message in the queue of a carrier. */
struct scene {
	struct mt_task client;
	__u32 port;		/* our name of it, once a receive right */
	__u32 right;		/* the client's send right */
	__u32 carrier;		/* ours */
	__u32 notify;		/* ours */
};

static void make_scene(struct scene *scene, const struct mt_task *task)
{
	mt_open(&scene->client);
	scene->port = mt_port(task);
	scene->right = mt_connect(&scene->client, task, scene->port);
	scene->carrier = mt_port(task);
	scene->notify = mt_receive_right(task);
}

static void depart(const struct scene *scene, const struct mt_task *task)
{
	mt_must(mt_carry(task, scene->carrier, scene->port));
}

/* The name under which it arrives. */
static __u32 arrive(const struct scene *scene, const struct mt_task *task)
{
	struct mt_message message;

	mt_must(mt_receive(task, scene->carrier, &message, 0));
	return mt_right(&message, 0);
}

/* ---- messages ---- */

TEST_F(mach, takes_messages)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct scene scene;
	__u32 port;

	make_scene(&scene, task);
	mt_must(mt_send_id(task, scene.port, COPY_SEND, 0));
	depart(&scene, task);
	mt_must(mt_send_id(task, scene.port, COPY_SEND, 1));
	mt_must(mt_send_id(&scene.client, scene.right, COPY_SEND, 2));
	port = arrive(&scene, task);
	for (__u32 i = 0; i < 3; i++) {
		mt_must(mt_receive(task, port, &message, 0));
		EXPECT_EQ(i, message.head.id);
		EXPECT_EQ(i, message.head.seqno);
	}
}

TEST_F(mach, queue_limit_holds)
{
	const struct mt_task *task = &self->task;
	struct mt_caller sender;
	struct scene scene;
	__u32 port;

	make_scene(&scene, task);
	mt_must(mt_set_qlimit(task, scene.port, 2));
	depart(&scene, task);
	mt_must(mt_send_id(&scene.client, scene.right, COPY_SEND, 0));
	mt_must(mt_send_id(&scene.client, scene.right, COPY_SEND, 1));
	EXPECT_EQ(MACH_SEND_TIMED_OUT,
		  mt_send_id(&scene.client, scene.right, COPY_SEND, 9));
	mt_start_sender(&sender, &scene.client, scene.right, 2);
	port = arrive(&scene, task);
	EXPECT_TRUE(mt_still_blocked(&sender));
	EXPECT_EQ(0U, mt_next(task, port));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&sender));
	EXPECT_EQ(1U, mt_next(task, port));
	EXPECT_EQ(2U, mt_next(task, port));
}

/* A sender that is blocked may give up while the port travels. */
TEST_F(mach, blocked_sender_times_out)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct scene scene;

	make_scene(&scene, task);
	mt_fill_queue(task, scene.port);
	depart(&scene, task);
	mt_begin(&message, scene.right, MACH_MSG_TYPE_MOVE_SEND);
	EXPECT_EQ(MACH_SEND_TIMED_OUT,
		  mt_send_wait(&scene.client, &message, 20));
	EXPECT_EQ(SEND, mt_types(&scene.client, message.head.remote_port));
	EXPECT_EQ(5U, mt_queued(task, arrive(&scene, task)));
}

TEST_F(mach, forced_message)
{
	const struct mt_task *task = &self->task;
	__u32 accepted, port;
	struct mt_message message;
	struct scene scene;

	make_scene(&scene, task);
	accepted = mt_receive_right(&scene.client);
	mt_must(mt_set_qlimit(task, scene.port, 0));
	depart(&scene, task);
	mt_begin(&message, scene.right, COPY_SEND);
	EXPECT_EQ(MACH_SEND_WILL_NOTIFY,
		  mt_call(&scene.client, &message, (struct mach_ioc_msg) {
			.option = MACH_SEND_MSG | MACH_SEND_NOTIFY,
			.notify = accepted,
		  }));
	port = arrive(&scene, task);
	EXPECT_TRUE(mt_empty(&scene.client, accepted));
	EXPECT_EQ(0U, mt_next(task, port));
	EXPECT_TRUE(mt_notified(&scene.client, accepted,
				MACH_NOTIFY_MSG_ACCEPTED, scene.right));
}

/* ---- names and rights ---- */

TEST_F(mach, name_is_a_send_right)
{
	const struct mt_task *task = &self->task;
	struct mach_ioc_receive_status status;
	struct mt_message message;
	struct scene scene;
	__u64 count;

	make_scene(&scene, task);
	depart(&scene, task);
	EXPECT_EQ(SEND, mt_types(task, scene.port));
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mt_receive_status(task, scene.port, &status));
	EXPECT_EQ(KERN_INVALID_RIGHT, mt_srights(task, scene.port, &count));
	EXPECT_EQ(KERN_INVALID_RIGHT, mt_set_qlimit(task, scene.port, 1));
	EXPECT_EQ(KERN_INVALID_RIGHT, mt_set_payload(task, scene.port, 1));
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mt_move_member(task, scene.port, mt_set(task)));
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mt_mod_refs(task, scene.port, MACH_PORT_RIGHT_RECEIVE, 0));
	EXPECT_EQ(MACH_RCV_INVALID_NAME,
		  mt_receive(task, scene.port, &message, 0));
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  mt_send_id(task, scene.port, MACH_MSG_TYPE_MAKE_SEND, 1));
	EXPECT_EQ(scene.port, arrive(&scene, task));
	EXPECT_EQ(SEND | RECEIVE, mt_types(task, scene.port));
}

TEST_F(mach, name_without_a_send_right_is_gone)
{
	const struct mt_task *task = &self->task;
	struct scene scene;
	__u32 there;

	make_scene(&scene, task);
	mt_must(mt_deallocate(task, scene.port));
	depart(&scene, task);
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, scene.port));
	/* The name may be anything else by now. */
	mt_must(mt_allocate_name(task, MACH_PORT_RIGHT_PORT_SET, scene.port));
	there = arrive(&scene, task);
	EXPECT_NE(scene.port, there);
	EXPECT_EQ(RECEIVE, mt_types(task, there));
}

TEST_F(mach, references_and_renaming)
{
	const struct mt_task *task = &self->task;
	struct scene scene;

	make_scene(&scene, task);
	depart(&scene, task);
	mt_must(mt_mod_refs(task, scene.port, MACH_PORT_RIGHT_SEND, 6));
	EXPECT_EQ(7U, mt_refs(task, scene.port, MACH_PORT_RIGHT_SEND));
	mt_must(mt_rename(task, scene.port, MT_UNUSED));
	mt_must(mt_deallocate(task, MT_UNUSED));
	EXPECT_EQ(MT_UNUSED, arrive(&scene, task));
	EXPECT_EQ(6U, mt_refs(task, MT_UNUSED, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(SEND | RECEIVE, mt_types(task, MT_UNUSED));
	EXPECT_EQ(2ULL, mt_senders(task, MT_UNUSED));
}

/* Send rights travel while their receive right does. */
TEST_F(mach, send_rights_are_copied_and_moved)
{
	const struct mt_task *task = &self->task;
	struct mt_task third;
	struct scene scene;
	__u32 copy, port;

	mt_open(&third);
	make_scene(&scene, task);
	depart(&scene, task);
	copy = mt_transfer(&scene.client, &third, scene.right, COPY_SEND);
	EXPECT_EQ(scene.port,
		  mt_transfer(&scene.client, task, scene.right,
			      MACH_MSG_TYPE_MOVE_SEND));
	mt_must(mt_send_id(&third, copy, MACH_MSG_TYPE_MOVE_SEND, 4));
	port = arrive(&scene, task);
	EXPECT_EQ(2ULL, mt_senders(task, port));
	EXPECT_EQ(4U, mt_next(task, port));
	EXPECT_EQ(1ULL, mt_senders(task, port));
	EXPECT_EQ(2U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
}

TEST_F(mach, receiver_with_a_send_right)
{
	const struct mt_task *task = &self->task;
	struct scene scene;
	__u32 there;

	make_scene(&scene, task);
	there = mt_transfer(task, &scene.client, scene.port,
			    MACH_MSG_TYPE_MOVE_RECEIVE);
	EXPECT_EQ(scene.right, there);
	EXPECT_EQ(SEND | RECEIVE, mt_types(&scene.client, there));
	EXPECT_EQ(SEND, mt_types(task, scene.port));
}

/* S2.1, what a port keeps and what it loses on its way. */
TEST_F(mach, S2_1_attributes)
{
	const struct mt_task *task = &self->task;
	struct mach_ioc_receive_status status;
	struct mt_message message;
	struct scene scene;
	__u32 port, set;

	make_scene(&scene, task);
	set = mt_set(task);
	mt_must(mt_move_member(task, scene.port, set));
	mt_must(mt_set_payload(task, scene.port, 99));
	mt_must(mt_set_qlimit(task, scene.port, 9));
	mt_must(mt_set_seqno(task, scene.port, 30));
	mt_arm(task, scene.port, MACH_NOTIFY_NO_SENDERS, scene.notify);
	mt_arm(task, scene.port, MACH_NOTIFY_PORT_DESTROYED, scene.notify);
	mt_make_send_once(task, scene.port);
	mt_must(mt_send_id(task, scene.port, COPY_SEND, 1));
	depart(&scene, task);
	port = arrive(&scene, task);
	status = mt_status(task, port);
	EXPECT_EQ(MACH_PORT_NULL, status.pset);
	EXPECT_EQ(0U, status.seqno);
	EXPECT_EQ(0U, status.mscount);
	EXPECT_EQ(9U, status.qlimit);
	EXPECT_EQ(1U, status.msgcount);
	EXPECT_EQ(1U, status.sorights);
	EXPECT_EQ(1U, status.srights);
	EXPECT_EQ(1U, status.pdrequest);
	EXPECT_EQ(1U, status.nsrequest);
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND),
		  message.head.bits);
	EXPECT_EQ(port, message.head.local_port);
}

/* ---- requests ---- */

TEST_F(mach, dead_name_requested_on_the_way)
{
	const struct mt_task *task = &self->task;
	struct scene scene;

	for (int arrives = 0; arrives < 2; arrives++) {
		make_scene(&scene, task);
		depart(&scene, task);
		mt_arm(task, scene.port, MACH_NOTIFY_DEAD_NAME, scene.notify);
		if (arrives) {
			EXPECT_EQ(scene.port, arrive(&scene, task));
			EXPECT_EQ(SEND | RECEIVE | MACH_PORT_TYPE_DNREQUEST,
				  mt_types(task, scene.port));
			mt_must(mt_mod_refs(task, scene.port,
					    MACH_PORT_RIGHT_RECEIVE, -1));
		} else {
			mt_must(mt_destroy(task, scene.carrier));
		}
		EXPECT_TRUE(mt_notified(task, scene.notify,
					MACH_NOTIFY_DEAD_NAME, scene.port));
		EXPECT_EQ(2U, mt_refs(task, scene.port,
				      MACH_PORT_RIGHT_DEAD_NAME));
	}
}

/* The last sender's end is told by a port that nobody has. */
TEST_F(mach, no_senders_on_the_way)
{
	const struct mt_task *task = &self->task;
	struct scene scene;
	__u32 port;

	make_scene(&scene, task);
	mt_must(mt_deallocate(task, scene.port));
	mt_arm(task, scene.port, MACH_NOTIFY_NO_SENDERS, scene.notify);
	depart(&scene, task);
	EXPECT_TRUE(mt_empty(task, scene.notify));
	mt_must(mt_deallocate(&scene.client, scene.right));
	EXPECT_TRUE(mt_notified(task, scene.notify, MACH_NOTIFY_NO_SENDERS,
				0));
	port = arrive(&scene, task);
	EXPECT_EQ(0U, mt_status(task, port).nsrequest);
	EXPECT_TRUE(mt_silent(task, scene.notify));
}

/* A message in the port's queue may hold the last of its own rights. */
TEST_F(mach, last_right_in_the_ports_own_queue)
{
	const struct mt_task *task = &self->task;
	struct scene scene;
	__u32 port;

	make_scene(&scene, task);
	mt_must(mt_deallocate(task, scene.port));
	mt_arm(task, scene.port, MACH_NOTIFY_NO_SENDERS, scene.notify);
	mt_must(mt_send_id(&scene.client, scene.right,
			   MACH_MSG_TYPE_MOVE_SEND, 5));
	depart(&scene, task);
	EXPECT_TRUE(mt_empty(task, scene.notify));
	port = arrive(&scene, task);
	EXPECT_EQ(5U, mt_next(task, port));
	EXPECT_TRUE(mt_notified(task, scene.notify, MACH_NOTIFY_NO_SENDERS,
				0));
}

/* ---- death on the way ---- */

TEST_F(mach, N20_carrier_dies)
{
	const struct mt_task *task = &self->task;
	__u32 watched = mt_receive_right(task), watch;
	struct mt_message message;
	struct mt_caller sender;
	struct scene scene;

	make_scene(&scene, task);
	watch = mt_receive_right(&scene.client);
	mt_arm(&scene.client, scene.right, MACH_NOTIFY_DEAD_NAME, watch);
	mt_arm(task, scene.port, MACH_NOTIFY_NO_SENDERS, scene.notify);
	mt_must(mt_set_qlimit(task, scene.port, 1));
	depart(&scene, task);
	mt_begin(&message, scene.port, COPY_SEND);
	mt_put_right(&message, watched, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_must(mt_send(task, &message));
	mt_start_sender(&sender, &scene.client, scene.right, 8);
	mt_must(mt_destroy(task, scene.carrier));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&sender));
	EXPECT_TRUE(mt_once_wasted(task, scene.notify));
	EXPECT_TRUE(mt_once_wasted(task, watched));
	EXPECT_TRUE(mt_notified(&scene.client, watch, MACH_NOTIFY_DEAD_NAME,
				scene.right));
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, mt_types(task, scene.port));
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  mt_send_id(&scene.client, scene.right, COPY_SEND, 1));
}

/* In a carrier that itself travels, and so on. */
TEST_F(mach, carriers_in_carriers)
{
	const struct mt_task *task = &self->task;
	struct scene scene;
	__u32 outer[10], port;

	make_scene(&scene, task);
	depart(&scene, task);
	port = scene.carrier;
	for (int i = 0; i < 10; i++) {
		outer[i] = mt_port(task);
		mt_must(mt_carry(task, outer[i], port));
		if (i < MACH_PORT_QLIMIT_DEFAULT)
			mt_must(mt_send_id(&scene.client, scene.right,
					   COPY_SEND, i));
		port = outer[i];
	}
	for (int i = 9; i >= 0; i--) {
		struct mt_message message;

		mt_must(mt_receive(task, outer[i], &message, 0));
		EXPECT_EQ(i ? outer[i - 1] : scene.carrier,
			  mt_right(&message, 0));
	}
	EXPECT_EQ(scene.port, arrive(&scene, task));
	for (__u32 i = 0; i < 5; i++) {
		EXPECT_EQ(i, mt_next(task, scene.port));
	}
}

/* ---- against each other ---- */

struct sender {
	const struct mt_task *task;
	__u32 right;
};

static void *send_numbers(void *arg)
{
	struct sender *sender = arg;
	struct mt_message message;

	for (__u32 i = 0; i < 1000; i++) {
		mt_begin(&message, sender->right, COPY_SEND);
		message.head.id = i;
		mt_must(mt_send(sender->task, &message));
	}
	return NULL;
}

/* N20: a port goes from hand to hand under its sender, nothing is lost. */
TEST_F(mach, N20_passed_about_under_a_sender)
{
	const struct mt_task *task = &self->task;
	struct sender sender;
	struct scene scene;
	pthread_t thread;
	__u32 next = 0;

	make_scene(&scene, task);
	sender.task = &scene.client;
	sender.right = scene.right;
	mt_must(pthread_create(&thread, NULL, send_numbers, &sender));
	while (next < 1000) {
		__u32 id;

		depart(&scene, task);
		scene.port = arrive(&scene, task);
		while ((id = mt_next(task, scene.port)) != MT_NOTHING) {
			ASSERT_EQ(next++, id);
		}
	}
	mt_must(pthread_join(thread, NULL));
	EXPECT_EQ(MT_NOTHING, mt_next(task, scene.port));
}

TEST_HARNESS_MAIN
