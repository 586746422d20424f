// SPDX-License-Identifier: GPL-2.0
/*
 * MACH_SEND_NOTIFY: one message may be forced into a full queue by each name;
 * msg-accepted tells when it has been taken out again (spec 2.3, K14).
 */
#include <signal.h>

#include "lib/actor.h"
#include "lib/caller.h"
#include "lib/fixture.h"
#include "lib/partner.h"

#define ACCEPTED	MACH_NOTIFY_MSG_ACCEPTED
#define MARKED		MACH_PORT_TYPE_MAREQUEST

/* A full port of another task. */
struct scene {
	struct mt_task owner;
	__u32 port;		/* the owner's */
	__u32 dest;		/* our send right for it */
	__u32 notify;		/* our receive right */
};

static void make_scene(struct scene *scene, const struct mt_task *task)
{
	mt_open(&scene->owner);
	scene->port = mt_receive_right(&scene->owner);
	scene->dest = mt_connect(task, &scene->owner, scene->port);
	scene->notify = mt_receive_right(task);
	mt_fill_queue(&scene->owner, scene->port);
}

static __s32 force(const struct mt_task *task, __u32 dest, __u32 disposition,
		   __u32 notify, __u32 id)
{
	struct mt_message message;

	mt_begin(&message, dest, disposition);
	message.head.id = id;
	return mt_call(task, &message, (struct mach_ioc_msg) {
		.option = MACH_SEND_MSG | MACH_SEND_NOTIFY,
		.notify = notify,
	});
}

static __s32 force_copy(const struct mt_task *task, const struct scene *scene,
			__u32 id)
{
	return force(task, scene->dest, MACH_MSG_TYPE_COPY_SEND,
		     scene->notify, id);
}

/* The queue as mt_fill_queue() left it. */
static void drain(const struct mt_task *task, __u32 port)
{
	for (__u32 i = 0; i < MACH_PORT_QLIMIT_DEFAULT; i++)
		mt_check(mt_next(task, port) == i);
}

static bool marked(const struct mt_task *task, __u32 name)
{
	return mt_types(task, name) & MARKED;
}

/* ---- forced, accepted, told ---- */

TEST_F(mach, K14_will_notify)
{
	const struct mt_task *task = &self->task;
	struct scene scene;

	make_scene(&scene, task);
	EXPECT_EQ(MACH_SEND_WILL_NOTIFY, force_copy(task, &scene, 100));
	EXPECT_EQ(6U, mt_queued(&scene.owner, scene.port));
	EXPECT_EQ(MACH_PORT_TYPE_SEND | MARKED, mt_types(task, scene.dest));
	EXPECT_EQ(1U, mt_refs(task, scene.dest, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(1U, mt_status(task, scene.notify).sorights);

	drain(&scene.owner, scene.port);
	EXPECT_TRUE(mt_empty(task, scene.notify));
	EXPECT_TRUE(marked(task, scene.dest));
	EXPECT_EQ(100U, mt_next(&scene.owner, scene.port));
	EXPECT_EQ(MACH_PORT_TYPE_SEND, mt_types(task, scene.dest));
	EXPECT_TRUE(mt_notified(task, scene.notify, ACCEPTED, scene.dest));
	EXPECT_TRUE(mt_silent(task, scene.notify));
}

TEST_F(mach, K14_nothing_special_while_there_is_room)
{
	const struct mt_task *task = &self->task;
	struct scene scene;

	make_scene(&scene, task);
	mt_next(&scene.owner, scene.port);
	EXPECT_EQ(MACH_MSG_SUCCESS, force_copy(task, &scene, 100));
	EXPECT_EQ(MACH_PORT_TYPE_SEND, mt_types(task, scene.dest));
	for (__u32 i = 1; i < 5; i++) {
		EXPECT_EQ(i, mt_next(&scene.owner, scene.port));
	}
	/* The notify name is not even looked at. */
	EXPECT_EQ(100U, mt_next(&scene.owner, scene.port));
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  force(task, scene.dest, MACH_MSG_TYPE_COPY_SEND,
			MT_UNUSED, 1));
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  force(task, scene.dest, MACH_MSG_TYPE_COPY_SEND,
			MACH_PORT_NULL, 1));
	EXPECT_TRUE(mt_silent(task, scene.notify));
}

TEST_F(mach, K14_one_at_a_time)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct scene scene;

	make_scene(&scene, task);
	EXPECT_EQ(MACH_SEND_WILL_NOTIFY, force_copy(task, &scene, 100));
	/* Class R: it comes back, with its right as one more reference. */
	mt_begin(&message, scene.dest, MACH_MSG_TYPE_COPY_SEND);
	message.head.id = 77;
	EXPECT_EQ(MACH_SEND_NOTIFY_IN_PROGRESS,
		  mt_call(task, &message, (struct mach_ioc_msg) {
			.option = MACH_SEND_MSG | MACH_SEND_NOTIFY,
			.notify = scene.notify,
		  }));
	EXPECT_EQ(MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND, 0),
		  message.head.bits);
	EXPECT_EQ(scene.dest, message.head.remote_port);
	EXPECT_EQ(77U, message.head.id);
	EXPECT_EQ(2U, mt_refs(task, scene.dest, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(6U, mt_queued(&scene.owner, scene.port));
	EXPECT_EQ(1U, mt_status(task, scene.notify).sorights);

	/* With the first one taken the next may be forced. */
	drain(&scene.owner, scene.port);
	EXPECT_EQ(100U, mt_next(&scene.owner, scene.port));
	mt_fill_queue(&scene.owner, scene.port);
	EXPECT_EQ(MACH_SEND_WILL_NOTIFY, force_copy(task, &scene, 101));
	drain(&scene.owner, scene.port);
	EXPECT_EQ(101U, mt_next(&scene.owner, scene.port));
	for (int i = 0; i < 2; i++) {
		EXPECT_TRUE(mt_notified(task, scene.notify, ACCEPTED,
					scene.dest));
	}
	EXPECT_TRUE(mt_silent(task, scene.notify));
}

/* One for each name: other ports and other tasks have theirs. */
TEST_F(mach, K14_one_for_each_name)
{
	const struct mt_task *task = &self->task;
	struct scene scene, second;
	__u32 theirs, notify;

	make_scene(&scene, task);
	make_scene(&second, task);
	theirs = mt_connect(&second.owner, &scene.owner, scene.port);
	notify = mt_receive_right(&second.owner);
	EXPECT_EQ(MACH_SEND_WILL_NOTIFY, force_copy(task, &scene, 100));
	EXPECT_EQ(MACH_SEND_WILL_NOTIFY,
		  force(task, second.dest, MACH_MSG_TYPE_COPY_SEND,
			scene.notify, 101));
	EXPECT_EQ(MACH_SEND_WILL_NOTIFY,
		  force(&second.owner, theirs, MACH_MSG_TYPE_COPY_SEND,
			notify, 102));
	EXPECT_EQ(MACH_SEND_NOTIFY_IN_PROGRESS,
		  force_copy(task, &scene, 103));
	drain(&scene.owner, scene.port);
	EXPECT_EQ(100U, mt_next(&scene.owner, scene.port));
	EXPECT_TRUE(mt_notified(task, scene.notify, ACCEPTED, scene.dest));
	EXPECT_TRUE(mt_empty(task, scene.notify));
	EXPECT_TRUE(mt_empty(&second.owner, notify));
	EXPECT_EQ(102U, mt_next(&scene.owner, scene.port));
	EXPECT_TRUE(mt_notified(&second.owner, notify, ACCEPTED, theirs));
	drain(&second.owner, second.port);
	EXPECT_EQ(101U, mt_next(&second.owner, second.port));
	EXPECT_TRUE(mt_notified(task, scene.notify, ACCEPTED, second.dest));
}

/* Forced messages wait behind the others, and others behind them. */
TEST_F(mach, queue_with_a_forced_message)
{
	const struct mt_task *task = &self->task;
	struct mt_caller sender;
	struct scene scene;

	make_scene(&scene, task);
	EXPECT_EQ(MACH_SEND_WILL_NOTIFY, force_copy(task, &scene, 100));
	mt_start_sender(&sender, &scene.owner,
			mt_connect(&scene.owner, &scene.owner, scene.port),
			200);
	EXPECT_EQ(0U, mt_next(&scene.owner, scene.port));
	/* Six were there: one less is not yet room. */
	EXPECT_TRUE(mt_still_blocked(&sender));
	EXPECT_EQ(1U, mt_next(&scene.owner, scene.port));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&sender));
	for (__u32 i = 2; i < 5; i++) {
		EXPECT_EQ(i, mt_next(&scene.owner, scene.port));
	}
	EXPECT_EQ(100U, mt_next(&scene.owner, scene.port));
	EXPECT_EQ(200U, mt_next(&scene.owner, scene.port));
	EXPECT_TRUE(mt_notified(task, scene.notify, ACCEPTED, scene.dest));
}

TEST_F(mach, queue_limit_zero)
{
	const struct mt_task *task = &self->task;
	struct scene scene;

	make_scene(&scene, task);
	drain(&scene.owner, scene.port);
	mt_must(mt_set_qlimit(&scene.owner, scene.port, 0));
	EXPECT_EQ(MACH_SEND_WILL_NOTIFY, force_copy(task, &scene, 100));
	EXPECT_EQ(MACH_SEND_NOTIFY_IN_PROGRESS,
		  force_copy(task, &scene, 101));
	EXPECT_EQ(100U, mt_next(&scene.owner, scene.port));
	EXPECT_TRUE(mt_notified(task, scene.notify, ACCEPTED, scene.dest));
}

/* Rights and memory of a forced message are like any other's. */
TEST_F(mach, forced_message_carries)
{
	const struct mt_task *task = &self->task;
	__u32 carried = mt_receive_right(task), reply = mt_receive_right(task);
	char *memory = mt_map_filled(8, 1);
	struct mt_message message;
	struct scene scene;

	make_scene(&scene, task);
	mt_begin(&message, scene.dest, MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_right(&message, carried, MACH_MSG_TYPE_MOVE_RECEIVE);
	mt_put_memory(&message, memory, 8 * MT_PAGE, MACH_MSG_DESC_DEALLOCATE);
	EXPECT_EQ(MACH_SEND_WILL_NOTIFY,
		  mt_call(task, &message, (struct mach_ioc_msg) {
			.option = MACH_SEND_MSG | MACH_SEND_NOTIFY,
			.notify = scene.notify,
		  }));
	EXPECT_FALSE(mt_mapped(memory));
	drain(&scene.owner, scene.port);
	mt_must(mt_receive(&scene.owner, scene.port, &message, 0));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE,
		  mt_types(&scene.owner, mt_right(&message, 0)));
	EXPECT_TRUE(mt_holds(mt_memory(&message, 1), 8 * MT_PAGE, 1));
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE,
		  mt_types(&scene.owner, message.head.remote_port));
}

/* ---- the name ---- */

TEST_F(mach, K14_renamed_while_pending)
{
	const struct mt_task *task = &self->task;
	struct scene scene;

	make_scene(&scene, task);
	EXPECT_EQ(MACH_SEND_WILL_NOTIFY, force_copy(task, &scene, 100));
	mt_must(mt_rename(task, scene.dest, MT_UNUSED));
	EXPECT_TRUE(marked(task, MT_UNUSED));
	EXPECT_EQ(MACH_SEND_NOTIFY_IN_PROGRESS,
		  force(task, MT_UNUSED, MACH_MSG_TYPE_COPY_SEND,
			scene.notify, 1));
	/* Who takes the old name has nothing to do with it. */
	mt_must(mt_allocate_name(task, MACH_PORT_RIGHT_RECEIVE, scene.dest));
	EXPECT_FALSE(marked(task, scene.dest));
	drain(&scene.owner, scene.port);
	EXPECT_EQ(100U, mt_next(&scene.owner, scene.port));
	EXPECT_TRUE(mt_notified(task, scene.notify, ACCEPTED, MT_UNUSED));
	EXPECT_FALSE(marked(task, MT_UNUSED));
}

static void drop(const struct mt_task *task, __u32 name, int way)
{
	switch (way) {
	case 0:
		mt_must(mt_deallocate(task, name));
		break;
	case 1:
		mt_must(mt_destroy(task, name));
		break;
	default:
		mt_must(mt_mod_refs(task, name, MACH_PORT_RIGHT_SEND, -1));
	}
}

TEST_F(mach, K14_name_is_gone_meanwhile)
{
	const struct mt_task *task = &self->task;
	struct scene scene;

	for (int way = 0; way < 3; way++) {
		make_scene(&scene, task);
		EXPECT_EQ(MACH_SEND_WILL_NOTIFY,
			  force_copy(task, &scene, 100));
		drop(task, scene.dest, way);
		EXPECT_TRUE(mt_empty(task, scene.notify));
		/* N22: the name of something else now. */
		mt_must(mt_allocate_name(task, MACH_PORT_RIGHT_RECEIVE,
					 scene.dest));
		EXPECT_FALSE(marked(task, scene.dest));
		drain(&scene.owner, scene.port);
		EXPECT_EQ(100U, mt_next(&scene.owner, scene.port));
		EXPECT_TRUE(mt_notified(task, scene.notify, ACCEPTED,
					MACH_PORT_NULL));
		EXPECT_EQ(MACH_PORT_TYPE_RECEIVE,
			  mt_types(task, scene.dest));
	}
}

/* A new name for the same port starts afresh. */
TEST_F(mach, K14_new_name_for_the_same_port)
{
	const struct mt_task *task = &self->task;
	struct scene scene;
	__u32 again;

	make_scene(&scene, task);
	EXPECT_EQ(MACH_SEND_WILL_NOTIFY, force_copy(task, &scene, 100));
	mt_must(mt_deallocate(task, scene.dest));
	again = mt_connect(task, &scene.owner, scene.port);
	EXPECT_FALSE(marked(task, again));
	EXPECT_EQ(MACH_SEND_WILL_NOTIFY,
		  force(task, again, MACH_MSG_TYPE_COPY_SEND, scene.notify,
			101));
	drain(&scene.owner, scene.port);
	EXPECT_EQ(100U, mt_next(&scene.owner, scene.port));
	EXPECT_TRUE(mt_notified(task, scene.notify, ACCEPTED,
				MACH_PORT_NULL));
	EXPECT_TRUE(marked(task, again));
	EXPECT_EQ(101U, mt_next(&scene.owner, scene.port));
	EXPECT_TRUE(mt_notified(task, scene.notify, ACCEPTED, again));
}

TEST_F(mach, K14_last_reference_moved)
{
	const struct mt_task *task = &self->task;
	struct scene scene;

	make_scene(&scene, task);
	EXPECT_EQ(MACH_SEND_WILL_NOTIFY,
		  force(task, scene.dest, MACH_MSG_TYPE_MOVE_SEND,
			scene.notify, 100));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, scene.dest));
	drain(&scene.owner, scene.port);
	EXPECT_EQ(100U, mt_next(&scene.owner, scene.port));
	EXPECT_TRUE(mt_notified(task, scene.notify, ACCEPTED,
				MACH_PORT_NULL));
	EXPECT_TRUE(mt_silent(task, scene.notify));
}

/* The name may be that of the receive right. */
TEST_F(mach, K14_own_port)
{
	static const __u32 dispositions[] = {
		MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MOVE_SEND,
		MACH_MSG_TYPE_COPY_SEND,
	};
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task);

	for (size_t i = 0; i < ARRAY_SIZE(dispositions); i++) {
		__u32 port = mt_port(task);

		mt_fill_queue(task, port);
		EXPECT_EQ(MACH_SEND_WILL_NOTIFY,
			  force(task, port, dispositions[i], notify, 100));
		EXPECT_TRUE(marked(task, port));
		EXPECT_EQ(MACH_SEND_NOTIFY_IN_PROGRESS,
			  force(task, port, MACH_MSG_TYPE_MAKE_SEND, notify,
				101));
		drain(task, port);
		EXPECT_EQ(100U, mt_next(task, port));
		EXPECT_TRUE(mt_notified(task, notify, ACCEPTED, port));
		EXPECT_FALSE(marked(task, port));
	}
}

/* Part of the name goes, the name stays. */
TEST_F(mach, K14_send_right_goes_from_beside_the_receive_right)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), notify = mt_receive_right(task);

	mt_fill_queue(task, port);
	EXPECT_EQ(MACH_SEND_WILL_NOTIFY,
		  force(task, port, MACH_MSG_TYPE_COPY_SEND, notify, 100));
	mt_must(mt_deallocate(task, port));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE | MARKED, mt_types(task, port));
	drain(task, port);
	EXPECT_EQ(100U, mt_next(task, port));
	EXPECT_TRUE(mt_notified(task, notify, ACCEPTED, port));
}

/* ---- the notify port ---- */

TEST_F(mach, K14_invalid_notify)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct scene scene;
	__u32 refs = 1;

	make_scene(&scene, task);
	{
		const __u32 names[] = {
			MACH_PORT_NULL, MACH_PORT_DEAD, MT_UNUSED, task->self,
			scene.dest, mt_dead_name(task), mt_set(task),
			mt_make_send_once(task, scene.notify),
		};

		for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
			mt_begin(&message, scene.dest,
				 MACH_MSG_TYPE_COPY_SEND);
			EXPECT_EQ(MACH_SEND_INVALID_NOTIFY,
				  mt_call(task, &message,
					  (struct mach_ioc_msg) {
				.option = MACH_SEND_MSG | MACH_SEND_NOTIFY,
				.notify = names[i],
				  })) TH_LOG("row %zu", i);
			/* Class R */
			EXPECT_EQ(MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND, 0),
				  message.head.bits);
			EXPECT_EQ(++refs, mt_refs(task, scene.dest,
						  MACH_PORT_RIGHT_SEND));
		}
	}
	EXPECT_FALSE(marked(task, scene.dest));
	EXPECT_EQ(5U, mt_queued(&scene.owner, scene.port));
	/* A mistake does not use up the one. */
	EXPECT_EQ(MACH_SEND_WILL_NOTIFY, force_copy(task, &scene, 100));
}

TEST_F(mach, notify_port_may_be_the_destination)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	mt_fill_queue(task, port);
	EXPECT_EQ(MACH_SEND_WILL_NOTIFY,
		  force(task, port, MACH_MSG_TYPE_COPY_SEND, port, 100));
	drain(task, port);
	EXPECT_EQ(100U, mt_next(task, port));
	EXPECT_TRUE(mt_notified(task, port, ACCEPTED, port));
	EXPECT_TRUE(mt_silent(task, port));
}

TEST_F(mach, notify_port_dies_or_moves)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct scene scene;
	__u32 there;

	make_scene(&scene, task);
	EXPECT_EQ(MACH_SEND_WILL_NOTIFY, force_copy(task, &scene, 100));
	mt_must(mt_destroy(task, scene.notify));
	EXPECT_TRUE(marked(task, scene.dest));
	drain(&scene.owner, scene.port);
	EXPECT_EQ(100U, mt_next(&scene.owner, scene.port));
	EXPECT_FALSE(marked(task, scene.dest));

	/* The name is told in terms of who forced it, whoever hears it. */
	scene.notify = mt_receive_right(task);
	mt_fill_queue(&scene.owner, scene.port);
	EXPECT_EQ(MACH_SEND_WILL_NOTIFY, force_copy(task, &scene, 101));
	there = mt_transfer(task, &scene.owner, scene.notify,
			    MACH_MSG_TYPE_MOVE_RECEIVE);
	drain(&scene.owner, scene.port);
	EXPECT_EQ(101U, mt_next(&scene.owner, scene.port));
	mt_must(mt_receive(&scene.owner, there, &message, 0));
	EXPECT_EQ(ACCEPTED, message.head.id);
	EXPECT_EQ(scene.dest, message.words[5]);
}

/* ---- other ends ---- */

/* Spec 7: the manual's send-once notification, not GNU Mach's msg-accepted. */
TEST_F(mach, S7_port_destroyed_before_it_was_taken)
{
	const struct mt_task *task = &self->task;
	struct scene scene;

	for (int way = 0; way < 3; way++) {
		make_scene(&scene, task);
		EXPECT_EQ(MACH_SEND_WILL_NOTIFY,
			  force_copy(task, &scene, 100));
		if (way == 0)
			mt_must(mt_destroy(&scene.owner, scene.port));
		else if (way == 1)
			mt_close(&scene.owner);
		else
			mt_must(mt_deallocate(task, scene.dest));
		if (way == 2)
			mt_close(&scene.owner);
		EXPECT_TRUE(mt_notified(task, scene.notify,
					MACH_NOTIFY_SEND_ONCE, 0));
		EXPECT_TRUE(mt_silent(task, scene.notify));
		EXPECT_EQ(way == 2 ? MACH_PORT_TYPE_NONE :
				     MACH_PORT_TYPE_DEAD_NAME,
			  mt_types(task, scene.dest));
	}
}

TEST_F(mach, S7_own_port_destroyed_before_it_was_taken)
{
	const struct mt_task *task = &self->task;

	for (int way = 0; way < 2; way++) {
		__u32 port = mt_port(task), notify = mt_receive_right(task);

		mt_fill_queue(task, port);
		EXPECT_EQ(MACH_SEND_WILL_NOTIFY,
			  force(task, port, MACH_MSG_TYPE_COPY_SEND, notify,
				100));
		mt_must(way ? mt_destroy(task, port) :
			      mt_mod_refs(task, port, MACH_PORT_RIGHT_RECEIVE,
					  -1));
		EXPECT_TRUE(mt_once_wasted(task, notify));
		EXPECT_EQ(way ? MACH_PORT_TYPE_NONE :
				MACH_PORT_TYPE_DEAD_NAME,
			  mt_types(task, port));
	}
}

TEST_F(mach, receive_right_moves_meanwhile)
{
	const struct mt_task *task = &self->task;
	struct mt_task third;
	struct scene scene;
	__u32 there;

	mt_open(&third);
	make_scene(&scene, task);
	EXPECT_EQ(MACH_SEND_WILL_NOTIFY, force_copy(task, &scene, 100));
	there = mt_transfer(&scene.owner, &third, scene.port,
			    MACH_MSG_TYPE_MOVE_RECEIVE);
	EXPECT_TRUE(marked(task, scene.dest));
	drain(&third, there);
	EXPECT_TRUE(mt_empty(task, scene.notify));
	EXPECT_EQ(100U, mt_next(&third, there));
	EXPECT_TRUE(mt_notified(task, scene.notify, ACCEPTED, scene.dest));
}

TEST_F(mach, through_a_set)
{
	const struct mt_task *task = &self->task;
	struct scene scene;
	__u32 set;

	make_scene(&scene, task);
	EXPECT_EQ(MACH_SEND_WILL_NOTIFY, force_copy(task, &scene, 100));
	set = mt_set(&scene.owner);
	mt_must(mt_move_member(&scene.owner, scene.port, set));
	drain(&scene.owner, set);
	EXPECT_TRUE(mt_empty(task, scene.notify));
	EXPECT_EQ(100U, mt_next(&scene.owner, set));
	EXPECT_TRUE(mt_notified(task, scene.notify, ACCEPTED, scene.dest));
}

/* Taken out and destroyed for its size is taken out; kept is kept. */
TEST_F(mach, too_large)
{
	const struct mt_task *task = &self->task;
	struct mach_ioc_msg call = { .rcv_size = 24 };
	struct mt_message message;
	struct scene scene;

	make_scene(&scene, task);
	EXPECT_EQ(MACH_SEND_WILL_NOTIFY, force_copy(task, &scene, 100));
	drain(&scene.owner, scene.port);
	call.rcv_name = scene.port;
	call.option = MACH_RCV_MSG | MACH_RCV_LARGE;
	EXPECT_EQ(MACH_RCV_TOO_LARGE, mt_call(&scene.owner, &message, call));
	EXPECT_TRUE(mt_empty(task, scene.notify));
	EXPECT_TRUE(marked(task, scene.dest));
	call.option = MACH_RCV_MSG;
	EXPECT_EQ(MACH_RCV_TOO_LARGE, mt_call(&scene.owner, &message, call));
	EXPECT_TRUE(mt_notified(task, scene.notify, ACCEPTED, scene.dest));
	EXPECT_FALSE(marked(task, scene.dest));
}

TEST_F(mach, sender_dies_meanwhile)
{
	const struct mt_task *task = &self->task;
	__u64 requests = mt_live(task, MT_LIVE(requests));
	struct mt_message message;
	__u32 port = mt_port(task), notify;
	struct mt_task other;
	__u32 right;

	mt_fill_queue(task, port);
	mt_open(&other);
	right = mt_connect(&other, task, port);
	notify = mt_receive_right(&other);
	EXPECT_EQ(MACH_SEND_WILL_NOTIFY,
		  force(&other, right, MACH_MSG_TYPE_COPY_SEND, notify, 100));
	mt_close(&other);
	mt_sleep(30);
	/* What it sent is there all the same. */
	drain(task, port);
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(100U, message.head.id);
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(requests), requests));
}

/* ---- destinations that do not block ---- */

TEST_F(mach, send_once_destination)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), notify = mt_receive_right(task), once;

	mt_fill_queue(task, port);
	once = mt_make_send_once(task, port);
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  force(task, once, MACH_MSG_TYPE_MOVE_SEND_ONCE, notify, 1));
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  force(task, port, MACH_MSG_TYPE_MAKE_SEND_ONCE, notify, 2));
	EXPECT_EQ(7U, mt_queued(task, port));
	EXPECT_FALSE(marked(task, port));
	EXPECT_TRUE(mt_silent(task, notify));
}

TEST_F(mach, K14_dead_destination)
{
	const struct mt_task *task = &self->task;
	struct mt_caller sender;
	struct scene scene;

	make_scene(&scene, task);
	/* It dies while the send waits: destroyed, which is no error. */
	sender.call = (struct mach_ioc_msg) {
		.option = MACH_SEND_MSG | MACH_SEND_NOTIFY |
			  MACH_SEND_TIMEOUT,
		.timeout = MT_LONG,
		.notify = scene.notify,
	};
	mt_begin(&sender.message, scene.dest, MACH_MSG_TYPE_COPY_SEND);
	mt_start_call(&sender, task);
	mt_must(mt_destroy(&scene.owner, scene.port));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&sender));
	EXPECT_TRUE(mt_silent(task, scene.notify));
	/* Dead before: class N, as for any send. */
	EXPECT_EQ(MACH_SEND_INVALID_DEST, force_copy(task, &scene, 1));
}

/* ---- with a time-out ---- */

TEST_F(mach, K14_timeout_first)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct mt_caller sender;
	struct scene scene;
	__u64 start;

	make_scene(&scene, task);
	mt_begin(&message, scene.dest, MACH_MSG_TYPE_COPY_SEND);
	start = mt_now();
	EXPECT_EQ(MACH_SEND_WILL_NOTIFY,
		  mt_call(task, &message, (struct mach_ioc_msg) {
			.option = MACH_SEND_MSG | MACH_SEND_NOTIFY |
				  MACH_SEND_TIMEOUT,
			.timeout = 50,
			.notify = scene.notify,
		  }));
	EXPECT_LE(50U, mt_now() - start);
	drain(&scene.owner, scene.port);
	mt_next(&scene.owner, scene.port);
	EXPECT_TRUE(mt_notified(task, scene.notify, ACCEPTED, scene.dest));

	/* Room in time: an ordinary send. */
	mt_fill_queue(&scene.owner, scene.port);
	sender.call = (struct mach_ioc_msg) {
		.option = MACH_SEND_MSG | MACH_SEND_NOTIFY |
			  MACH_SEND_TIMEOUT,
		.timeout = MT_LONG,
		.notify = scene.notify,
	};
	mt_begin(&sender.message, scene.dest, MACH_MSG_TYPE_COPY_SEND);
	mt_start_call(&sender, task);
	mt_next(&scene.owner, scene.port);
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&sender));
	EXPECT_FALSE(marked(task, scene.dest));
	EXPECT_TRUE(mt_silent(task, scene.notify));
}

static void do_nothing(int number)
{
	(void)number;
}

/* A signal ends the wait before anything is forced. */
TEST_F(mach, interrupted)
{
	struct sigaction action = { .sa_handler = do_nothing };
	const struct mt_task *task = &self->task;
	struct mt_caller sender;
	struct scene scene;

	make_scene(&scene, task);
	mt_must(sigaction(SIGUSR1, &action, NULL));
	sender.call = (struct mach_ioc_msg) {
		.option = MACH_SEND_MSG | MACH_SEND_NOTIFY |
			  MACH_SEND_TIMEOUT,
		.timeout = MT_LONG,
		.notify = scene.notify,
	};
	mt_begin(&sender.message, scene.dest, MACH_MSG_TYPE_COPY_SEND);
	mt_start_call(&sender, task);
	mt_must(pthread_kill(sender.thread, SIGUSR1));
	EXPECT_EQ(MACH_SEND_INTERRUPTED, mt_finish_call(&sender));
	EXPECT_EQ(2U, mt_refs(task, scene.dest, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(5U, mt_queued(&scene.owner, scene.port));
	EXPECT_FALSE(marked(task, scene.dest));
	EXPECT_TRUE(mt_silent(task, scene.notify));
}

struct rival {
	const struct scene *scene;
	__s32 ret;
};

static void force_too(const struct mt_task *task, void *arg)
{
	struct rival *rival = arg;

	rival->ret = force_copy(task, rival->scene, 2);
}

/* Two forced messages at once: just one gets in. */
TEST_F(mach, N32_two_at_once)
{
	const struct mt_task *task = &self->task;
	struct mt_partner partner;
	struct scene scene;
	struct rival rival = { .scene = &scene };
	__s32 ret;

	make_scene(&scene, task);
	mt_start_partner(&partner, task, force_too, &rival, 200);
	for (int round = 0; round < 200; round++) {
		mt_meet(&partner);
		ret = force_copy(task, &scene, 1);
		mt_meet(&partner);
		ASSERT_EQ(MACH_SEND_WILL_NOTIFY +
			  MACH_SEND_NOTIFY_IN_PROGRESS, ret + rival.ret);
		ASSERT_EQ(6U, mt_queued(&scene.owner, scene.port));
		drain(&scene.owner, scene.port);
		ASSERT_EQ(ret == MACH_SEND_WILL_NOTIFY ? 1U : 2U,
			  mt_next(&scene.owner, scene.port));
		ASSERT_TRUE(mt_notified(task, scene.notify, ACCEPTED,
					scene.dest));
		ASSERT_TRUE(mt_silent(task, scene.notify));
		mt_fill_queue(&scene.owner, scene.port);
	}
	mt_end_partner(&partner);
}

TEST_HARNESS_MAIN
