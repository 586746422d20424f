// SPDX-License-Identifier: GPL-2.0
/*
 * Sending and receiving in one call: the receive half runs only if the send
 * returned just SUCCESS, and each half has its own use for the arguments that
 * they share (spec 2.4).
 */
#include "lib/actor.h"
#include "lib/caller.h"
#include "lib/fixture.h"

#define BOTH		(MACH_SEND_MSG | MACH_RCV_MSG)
#define COPY_SEND	MACH_MSG_TYPE_COPY_SEND

/* A port to send to, and one with a message waiting. */
struct scene {
	__u32 port, inbox;
};

static void make_scene(struct scene *scene, const struct mt_task *task)
{
	scene->port = mt_port(task);
	scene->inbox = mt_port(task);
	mt_must(mt_send_id(task, scene->inbox, COPY_SEND, 1000));
}

static __s32 both(const struct mt_task *task, const struct scene *scene,
		  struct mt_message *message, __u32 option, __u32 notify)
{
	return mt_call(task, message, (struct mach_ioc_msg) {
		.option = BOTH | option,
		.rcv_name = scene->inbox,
		.notify = notify,
	});
}

/* ---- when the receive half runs ---- */

TEST_F(mach, S2_4_after_success)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct scene scene;

	make_scene(&scene, task);
	mt_begin(&message, scene.port, COPY_SEND);
	message.head.id = 1;
	EXPECT_EQ(MACH_MSG_SUCCESS, both(task, &scene, &message, 0, 0));
	EXPECT_EQ(1000U, message.head.id);
	EXPECT_EQ(scene.inbox, message.head.local_port);
	EXPECT_EQ(1U, mt_next(task, scene.port));
}

/* Every way for a send not to be plain success. */
static __s32 send_otherwise(const struct mt_task *task,
			    const struct scene *scene, int way)
{
	struct mt_message message;
	__u32 notify = mt_receive_right(task);

	mt_begin(&message, scene->port, COPY_SEND);
	switch (way) {
	case 0:
		message.head.remote_port = MT_UNUSED;
		return both(task, scene, &message, 0, 0);
	case 1:
		mt_reply_to(&message, MT_UNUSED, COPY_SEND);
		return both(task, scene, &message, 0, 0);
	case 2:
		message.head.bits = 3;
		return both(task, scene, &message, 0, 0);
	case 3:
		message.size = 24;
		return both(task, scene, &message, 0, 0);
	case 4:
		mt_put_right(&message, MT_UNUSED, COPY_SEND);
		return both(task, scene, &message, 0, 0);
	case 5:
		mt_put_memory(&message, (void *)8, 8, 0);
		return both(task, scene, &message, 0, 0);
	case 6:
		return both(task, scene, &message, MACH_SEND_TIMEOUT, 0);
	case 7:
		return both(task, scene, &message, MACH_SEND_CANCEL,
			    MT_UNUSED);
	case 8:
		return both(task, scene, &message, MACH_SEND_NOTIFY,
			    MT_UNUSED);
	default: /* the first one is forced in, the second one is not */
		return both(task, scene, &message, MACH_SEND_NOTIFY, notify);
	}
}

TEST_F(mach, S2_4_not_after_anything_else)
{
	static const __s32 wanted[] = {
		MACH_SEND_INVALID_DEST, MACH_SEND_INVALID_REPLY,
		MACH_SEND_INVALID_HEADER, MACH_SEND_MSG_TOO_SMALL,
		MACH_SEND_INVALID_RIGHT, MACH_SEND_INVALID_MEMORY,
		MACH_SEND_TIMED_OUT, MACH_SEND_INVALID_NOTIFY,
		MACH_SEND_INVALID_NOTIFY, MACH_SEND_WILL_NOTIFY,
		MACH_SEND_NOTIFY_IN_PROGRESS,
	};
	const struct mt_task *task = &self->task;
	struct scene scene;

	make_scene(&scene, task);
	mt_fill_queue(task, scene.port);
	for (size_t way = 0; way < ARRAY_SIZE(wanted); way++) {
		EXPECT_EQ(wanted[way], send_otherwise(task, &scene, way))
			TH_LOG("way %zu", way);
		EXPECT_EQ(1U, mt_queued(task, scene.inbox));
	}
	EXPECT_EQ(1000U, mt_next(task, scene.inbox));
}

/* Destroyed on the way is success: the receive half runs. */
TEST_F(mach, S2_4_after_a_message_that_vanished)
{
	const struct mt_task *task = &self->task;
	struct mt_caller caller;
	struct mt_message message;
	struct scene scene;

	make_scene(&scene, task);
	mt_begin(&message, scene.port, COPY_SEND);
	mt_put_right(&message, scene.port, MACH_MSG_TYPE_MOVE_RECEIVE);
	EXPECT_EQ(MACH_MSG_SUCCESS, both(task, &scene, &message, 0, 0));
	EXPECT_EQ(1000U, message.head.id);

	make_scene(&scene, task);
	mt_fill_queue(task, scene.port);
	caller.call = (struct mach_ioc_msg) {
		.option = BOTH,
		.rcv_name = scene.inbox,
	};
	mt_begin(&caller.message, scene.port, COPY_SEND);
	mt_start_call(&caller, task);
	EXPECT_EQ(1U, mt_queued(task, scene.inbox));
	mt_must(mt_destroy(task, scene.port));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&caller));
	EXPECT_EQ(1000U, caller.message.head.id);
}

TEST_F(mach, neither_half)
{
	const struct mt_task *task = &self->task;
	struct mach_ioc_msg call = {
		.option = MACH_SEND_TIMEOUT | MACH_RCV_TIMEOUT |
			  MACH_RCV_LARGE | MACH_SEND_NOTIFY,
		.msg = 8,
		.send_size = 7,
		.rcv_size = 7,
		.rcv_name = MT_UNUSED,
		.notify = MT_UNUSED,
	};

	EXPECT_EQ(MACH_MSG_SUCCESS, mt_msg(task, &call));
	call.option = 0;
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_msg(task, &call));
}

/* ---- what the send does to the receive ---- */

/* The name is looked up when it is needed. */
TEST_F(mach, S2_4_receive_right_sent_away)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct scene scene;

	make_scene(&scene, task);
	mt_begin(&message, scene.port, COPY_SEND);
	mt_put_right(&message, scene.inbox, MACH_MSG_TYPE_MOVE_RECEIVE);
	EXPECT_EQ(MACH_RCV_INVALID_NAME, both(task, &scene, &message, 0, 0));
	mt_must(mt_receive(task, scene.port, &message, 0));
	EXPECT_EQ(scene.inbox, mt_right(&message, 0));
	EXPECT_EQ(1000U, mt_next(task, scene.inbox));
}

TEST_F(mach, S2_4_receive_errors_after_the_send)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct scene scene;
	__u32 set, sent = 0;

	make_scene(&scene, task);
	set = mt_set(task);
	mt_must(mt_move_member(task, scene.inbox, set));
	mt_begin(&message, scene.port, COPY_SEND);
	message.head.id = sent++;
	EXPECT_EQ(MACH_RCV_IN_SET, both(task, &scene, &message, 0, 0));
	mt_must(mt_move_member(task, scene.inbox, MACH_PORT_NULL));

	mt_begin(&message, scene.port, COPY_SEND);
	message.head.id = sent++;
	EXPECT_EQ(MACH_RCV_INVALID_NOTIFY,
		  both(task, &scene, &message, MACH_RCV_NOTIFY, MT_UNUSED));
	mt_begin(&message, scene.port, COPY_SEND);
	message.head.id = sent++;
	EXPECT_EQ(MACH_RCV_TIMED_OUT,
		  both(task, &scene, &message, MACH_RCV_TIMEOUT, 0));
	for (__u32 i = 0; i < sent; i++) {
		EXPECT_EQ(i, mt_next(task, scene.port));
	}
	EXPECT_EQ(0U, mt_queued(task, scene.inbox));
}

/* To oneself, with everything, in one buffer. */
TEST_F(mach, to_oneself)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), carried = mt_port(task);
	char *memory = mt_map_filled(8, 1);
	struct mt_message message;

	mt_begin(&message, port, COPY_SEND);
	mt_reply_to(&message, port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_right(&message, carried, MACH_MSG_TYPE_MOVE_RECEIVE);
	mt_put_memory(&message, memory, 8 * MT_PAGE, MACH_MSG_DESC_DEALLOCATE);
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mt_call(task, &message, (struct mach_ioc_msg) {
			.option = BOTH,
			.rcv_name = port,
			.rcv_size = message.size,
		  }));
	EXPECT_EQ(carried, mt_right(&message, 0));
	EXPECT_TRUE(mt_holds(mt_memory(&message, 1), 8 * MT_PAGE, 1));
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE,
		  mt_types(task, message.head.remote_port));
}

/* ---- arguments that are shared ---- */

/* The time-out of a send that need not wait is all left for the receive. */
TEST_F(mach, one_timeout_for_two)
{
	const struct mt_task *task = &self->task;
	__u32 empty = mt_receive_right(task);
	struct mt_message message;
	struct mach_ioc_msg call = {
		.option = BOTH | MACH_SEND_TIMEOUT | MACH_RCV_TIMEOUT,
		.rcv_name = empty,
		.timeout = 40,
	};
	struct scene scene;
	__u64 start;

	make_scene(&scene, task);
	mt_begin(&message, scene.port, COPY_SEND);
	start = mt_now();
	EXPECT_EQ(MACH_RCV_TIMED_OUT, mt_call(task, &message, call));
	EXPECT_LE(40U, mt_now() - start);

	/* The send alone may run out of it. */
	mt_next(task, scene.port);
	mt_fill_queue(task, scene.port);
	mt_begin(&message, scene.port, COPY_SEND);
	call.option = BOTH | MACH_SEND_TIMEOUT;
	start = mt_now();
	EXPECT_EQ(MACH_SEND_TIMED_OUT, mt_call(task, &message, call));
	EXPECT_LE(40U, mt_now() - start);
}

/* RCV_TIMEOUT alone does not hurry the send. */
TEST_F(mach, timeout_of_the_receive_alone)
{
	const struct mt_task *task = &self->task;
	struct mt_caller caller;
	struct scene scene;

	make_scene(&scene, task);
	mt_fill_queue(task, scene.port);
	caller.call = (struct mach_ioc_msg) {
		.option = BOTH | MACH_RCV_TIMEOUT,
		.rcv_name = scene.inbox,
		.timeout = 1,
	};
	mt_begin(&caller.message, scene.port, COPY_SEND);
	mt_start_call(&caller, task);
	EXPECT_TRUE(mt_still_blocked(&caller));
	EXPECT_EQ(0U, mt_next(task, scene.port));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&caller));
	EXPECT_EQ(1000U, caller.message.head.id);
}

/* One notify name: for the send's cancel and for the receive's request. */
TEST_F(mach, one_notify_for_two)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task), once, name;
	struct mt_message message;
	struct mt_task client;
	struct scene scene;
	__u32 reply;

	mt_open(&client);
	make_scene(&scene, task);
	mt_next(task, scene.inbox);
	reply = mt_receive_right(&client);
	mt_begin(&message, mt_connect(&client, task, scene.inbox),
		 MACH_MSG_TYPE_MOVE_SEND);
	mt_reply_to(&message, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_must(mt_send(&client, &message));

	once = mt_make_send_once(task, scene.port);
	mt_arm(task, once, MACH_NOTIFY_DEAD_NAME, notify);
	mt_begin(&message, once, MACH_MSG_TYPE_MOVE_SEND_ONCE);
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  both(task, &scene, &message,
		       MACH_SEND_CANCEL | MACH_RCV_NOTIFY, notify));
	EXPECT_TRUE(mt_empty(task, notify));
	name = message.head.remote_port;
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE | MACH_PORT_TYPE_DNREQUEST,
		  mt_types(task, name));
	mt_must(mt_destroy(&client, reply));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_DEAD_NAME, name));
	EXPECT_TRUE(mt_silent(task, notify));
}

/* Sizes are each for its half: a short answer to a long question. */
TEST_F(mach, sizes_are_each_for_its_half)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct scene scene;

	make_scene(&scene, task);
	mt_begin(&message, scene.port, COPY_SEND);
	message.size = 4096;
	mt_fill(message.bytes + 32, 4096 - 32, 3);
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mt_call(task, &message, (struct mach_ioc_msg) {
			.option = BOTH,
			.rcv_name = scene.inbox,
			.rcv_size = 32,
		  }));
	EXPECT_EQ(32U, message.head.size);
	/* Behind the answer the question is untouched. */
	EXPECT_TRUE(mt_holds(message.bytes + 32, 4096 - 32, 3));
	mt_must(mt_receive(task, scene.port, &message, 0));
	EXPECT_EQ(4096U, message.head.size);
}

TEST_HARNESS_MAIN
