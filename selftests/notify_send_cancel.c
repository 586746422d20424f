// SPDX-License-Identifier: GPL-2.0
/*
 * MACH_SEND_CANCEL: a send that gives up the destination's name does not make
 * the port-deleted notification that goes to the port that it names (K15).
 */
#include "lib/actor.h"
#include "lib/caller.h"
#include "lib/fixture.h"

#define CANCEL		(MACH_SEND_MSG | MACH_SEND_CANCEL)
#define MOVE_SEND	MACH_MSG_TYPE_MOVE_SEND
#define MOVE_ONCE	MACH_MSG_TYPE_MOVE_SEND_ONCE

/* Somebody else's port, and our watched names for it. */
struct scene {
	struct mt_task owner;
	__u32 port;		/* the owner's */
	__u32 right[2];		/* our send and send-once right, watched */
	__u32 notify;		/* our port: the requests of both */
};

static void make_scene(struct scene *scene, const struct mt_task *task)
{
	mt_open(&scene->owner);
	scene->port = mt_receive_right(&scene->owner);
	scene->right[0] = mt_connect(task, &scene->owner, scene->port);
	scene->right[1] = mt_transfer(&scene->owner, task, scene->port,
				      MACH_MSG_TYPE_MAKE_SEND_ONCE);
	scene->notify = mt_receive_right(task);
	for (int i = 0; i < 2; i++)
		mt_arm(task, scene->right[i], MACH_NOTIFY_DEAD_NAME,
		       scene->notify);
}

static __s32 cancel(const struct mt_task *task, __u32 dest, __u32 disposition,
		    __u32 notify)
{
	struct mt_message message;

	mt_begin(&message, dest, disposition);
	return mt_call(task, &message, (struct mach_ioc_msg) {
		.option = CANCEL | MACH_SEND_TIMEOUT,
		.notify = notify,
	});
}

TEST_F(mach, K15_suppressed)
{
	static const __u32 dispositions[] = { MOVE_SEND, MOVE_ONCE };
	const struct mt_task *task = &self->task;
	__u64 requests = mt_live(task, MT_LIVE(requests));
	struct scene scene;

	make_scene(&scene, task);
	EXPECT_EQ(2U, mt_status(task, scene.notify).sorights);
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(MACH_MSG_SUCCESS,
			  cancel(task, scene.right[i], dispositions[i],
				 scene.notify));
		EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, scene.right[i]));
		EXPECT_TRUE(mt_empty(task, scene.notify));
		EXPECT_EQ(1U - i, mt_status(task, scene.notify).sorights);
	}
	EXPECT_EQ(2U, mt_queued(&scene.owner, scene.port));
	/* Nor is anything told when the port dies. */
	mt_must(mt_destroy(&scene.owner, scene.port));
	EXPECT_TRUE(mt_silent(task, scene.notify));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(requests), requests));
}

TEST_F(mach, told_without_the_option)
{
	static const __u32 dispositions[] = { MOVE_SEND, MOVE_ONCE };
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct scene scene;

	make_scene(&scene, task);
	for (int i = 0; i < 2; i++) {
		mt_begin(&message, scene.right[i], dispositions[i]);
		EXPECT_EQ(MACH_MSG_SUCCESS,
			  mt_call(task, &message, (struct mach_ioc_msg) {
				.option = MACH_SEND_MSG,
				.notify = scene.notify,
			  }));
		EXPECT_TRUE(mt_notified(task, scene.notify,
					MACH_NOTIFY_PORT_DELETED,
					scene.right[i]));
	}
	EXPECT_TRUE(mt_silent(task, scene.notify));
}

TEST_F(mach, K15_told_to_another_port)
{
	const struct mt_task *task = &self->task;
	struct scene scene;

	make_scene(&scene, task);
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  cancel(task, scene.right[0], MOVE_SEND,
			 mt_receive_right(task)));
	EXPECT_TRUE(mt_notified(task, scene.notify, MACH_NOTIFY_PORT_DELETED,
				scene.right[0]));
}

/* As long as the name stays its request stays. */
TEST_F(mach, K15_name_that_stays)
{
	const struct mt_task *task = &self->task;
	struct scene scene;
	__u32 watched = MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_DNREQUEST;

	make_scene(&scene, task);
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  cancel(task, scene.right[0], MACH_MSG_TYPE_COPY_SEND,
			 scene.notify));
	EXPECT_EQ(watched, mt_types(task, scene.right[0]));
	mt_must(mt_mod_refs(task, scene.right[0], MACH_PORT_RIGHT_SEND, 1));
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  cancel(task, scene.right[0], MOVE_SEND, scene.notify));
	EXPECT_EQ(watched, mt_types(task, scene.right[0]));
	mt_must(mt_destroy(&scene.owner, scene.port));
	/* Both names are told of the death. */
	EXPECT_EQ(MACH_NOTIFY_DEAD_NAME,
		  mt_notification(task, scene.notify).id);
	EXPECT_EQ(MACH_NOTIFY_DEAD_NAME,
		  mt_notification(task, scene.notify).id);
	EXPECT_TRUE(mt_silent(task, scene.notify));
}

/* Only the destination's: not the reply right's, not the body's. */
TEST_F(mach, K15_other_rights_of_the_message)
{
	const struct mt_task *task = &self->task;
	struct scene scene, second;
	struct mt_message message;
	__u32 carried;

	make_scene(&scene, task);
	make_scene(&second, task);
	carried = mt_connect(task, &second.owner,
			     mt_receive_right(&second.owner));
	mt_arm(task, carried, MACH_NOTIFY_DEAD_NAME, scene.notify);
	mt_arm(task, second.notify, MACH_NOTIFY_DEAD_NAME, scene.notify);
	mt_begin(&message, scene.right[0], MOVE_SEND);
	mt_reply_to(&message, scene.right[1], MOVE_ONCE);
	mt_put_right(&message, carried, MOVE_SEND);
	mt_put_right(&message, second.notify, MACH_MSG_TYPE_MOVE_RECEIVE);
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mt_call(task, &message, (struct mach_ioc_msg) {
			.option = CANCEL,
			.notify = scene.notify,
		  }));
	EXPECT_TRUE(mt_notified(task, scene.notify, MACH_NOTIFY_PORT_DELETED,
				scene.right[1]));
	EXPECT_TRUE(mt_notified(task, scene.notify, MACH_NOTIFY_PORT_DELETED,
				carried));
	EXPECT_TRUE(mt_notified(task, scene.notify, MACH_NOTIFY_PORT_DELETED,
				second.notify));
	EXPECT_TRUE(mt_silent(task, scene.notify));
}

/* Destination and reply by one name, which goes. */
TEST_F(mach, K15_destination_is_the_reply_port)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct scene scene;

	make_scene(&scene, task);
	mt_begin(&message, scene.right[0], MOVE_SEND);
	mt_reply_to(&message, scene.right[0], MACH_MSG_TYPE_COPY_SEND);
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mt_call(task, &message, (struct mach_ioc_msg) {
			.option = CANCEL,
			.notify = scene.notify,
		  }));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, scene.right[0]));
	EXPECT_TRUE(mt_empty(task, scene.notify));
	EXPECT_EQ(1U, mt_status(task, scene.notify).sorights);
}

TEST_F(mach, destination_without_a_request)
{
	const struct mt_task *task = &self->task;
	struct scene scene;

	make_scene(&scene, task);
	mt_must(mt_deallocate(task, mt_cancel(task, scene.right[0],
					      MACH_NOTIFY_DEAD_NAME)));
	EXPECT_TRUE(mt_notified(task, scene.notify, MACH_NOTIFY_SEND_ONCE,
				0));
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  cancel(task, scene.right[0], MOVE_SEND, scene.notify));
	EXPECT_TRUE(mt_empty(task, scene.notify));
}

/* The request belongs to the port, whatever became of its notify port. */
TEST_F(mach, K15_notify_port_that_moved)
{
	const struct mt_task *task = &self->task;
	struct scene scene;
	__u32 there;

	make_scene(&scene, task);
	there = mt_transfer(task, &scene.owner, scene.notify,
			    MACH_MSG_TYPE_MOVE_RECEIVE);
	EXPECT_EQ(MACH_SEND_INVALID_NOTIFY,
		  cancel(task, scene.right[0], MOVE_SEND, scene.notify));
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  cancel(task, scene.right[0], MOVE_SEND,
			 mt_receive_right(task)));
	EXPECT_TRUE(mt_notified(&scene.owner, there, MACH_NOTIFY_PORT_DELETED,
				scene.right[0]));
}

/* ---- errors: class N ---- */

TEST_F(mach, K15_invalid_notify)
{
	const struct mt_task *task = &self->task;
	struct scene scene;

	make_scene(&scene, task);
	{
		const __u32 names[] = {
			MACH_PORT_NULL, MACH_PORT_DEAD, MT_UNUSED, task->self,
			scene.right[0], scene.right[1], mt_dead_name(task),
			mt_set(task),
		};

		for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
			EXPECT_EQ(MACH_SEND_INVALID_NOTIFY,
				  cancel(task, scene.right[0], MOVE_SEND,
					 names[i])) TH_LOG("row %zu", i);
			EXPECT_EQ(MACH_PORT_TYPE_SEND |
				  MACH_PORT_TYPE_DNREQUEST,
				  mt_types(task, scene.right[0]));
			EXPECT_EQ(1U, mt_refs(task, scene.right[0],
					      MACH_PORT_RIGHT_SEND));
			/* It is seen before the destination. */
			EXPECT_EQ(MACH_SEND_INVALID_NOTIFY,
				  cancel(task, MT_UNUSED, MOVE_SEND,
					 names[i]));
		}
	}
	EXPECT_EQ(0U, mt_queued(&scene.owner, scene.port));
	EXPECT_TRUE(mt_empty(task, scene.notify));
}

/* A send that fails keeps the request and its right. */
TEST_F(mach, failing_send)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct scene scene;

	make_scene(&scene, task);
	mt_begin(&message, scene.right[0], MOVE_SEND);
	mt_reply_to(&message, MT_UNUSED, MACH_MSG_TYPE_COPY_SEND);
	EXPECT_EQ(MACH_SEND_INVALID_REPLY,
		  mt_call(task, &message, (struct mach_ioc_msg) {
			.option = CANCEL,
			.notify = scene.notify,
		  }));
	EXPECT_EQ(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_DNREQUEST,
		  mt_types(task, scene.right[0]));
	EXPECT_EQ(2U, mt_status(task, scene.notify).sorights);
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  cancel(task, scene.right[0], MOVE_ONCE, scene.notify));
	EXPECT_EQ(2U, mt_status(task, scene.notify).sorights);
}

/* Class R: the right comes back, the name and its request had gone. */
TEST_F(mach, K13_destination_is_full)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct scene scene;

	make_scene(&scene, task);
	mt_fill_queue(&scene.owner, scene.port);
	mt_begin(&message, scene.right[0], MOVE_SEND);
	EXPECT_EQ(MACH_SEND_TIMED_OUT,
		  mt_call(task, &message, (struct mach_ioc_msg) {
			.option = CANCEL | MACH_SEND_TIMEOUT,
			.notify = scene.notify,
		  }));
	EXPECT_EQ(MACH_PORT_TYPE_SEND,
		  mt_types(task, message.head.remote_port));
	EXPECT_TRUE(mt_empty(task, scene.notify));
	EXPECT_EQ(1U, mt_status(task, scene.notify).sorights);
}

TEST_HARNESS_MAIN
