// SPDX-License-Identifier: GPL-2.0
/*
 * MACH_RCV_LARGE: a message that does not fit stays where it is and the
 * caller learns its size, nothing else (K21).  One header and one port are
 * msg_size.c's; here are messages that carry, other receivers, and errors.
 */
#include <sys/mman.h>

#include "lib/caller.h"
#include "lib/fixture.h"

/* A message with one of everything, and how to see that it is untouched. */
struct scene {
	struct mt_task sender;
	__u32 port;		/* ours */
	__u32 moved;		/* the sender's receive right */
	__u32 reply;		/* the sender's */
	__u32 size;
};

static void make_scene(struct scene *scene, const struct mt_task *task)
{
	char *memory = mt_map_filled(8, 1);
	struct mt_message message;

	mt_open(&scene->sender);
	scene->port = mt_receive_right(task);
	scene->moved = mt_receive_right(&scene->sender);
	scene->reply = mt_receive_right(&scene->sender);
	mt_begin(&message, mt_connect(&scene->sender, task, scene->port),
		 MACH_MSG_TYPE_MOVE_SEND);
	mt_reply_to(&message, scene->reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_right(&message, scene->moved, MACH_MSG_TYPE_MOVE_RECEIVE);
	mt_put_memory(&message, memory, 8 * MT_PAGE, MACH_MSG_DESC_DEALLOCATE);
	message.head.id = 1500;
	scene->size = message.size;
	mt_must(mt_send(&scene->sender, &message));
}

static __s32 receive_large(const struct mt_task *task,
			   struct mt_message *message, __u32 port, __u32 room)
{
	return mt_call(task, message, (struct mach_ioc_msg) {
		.option = MACH_RCV_MSG | MACH_RCV_LARGE | MACH_RCV_TIMEOUT,
		.rcv_name = port,
		.rcv_size = room,
	});
}

/* Nothing but the size was written. */
static bool told_only_the_size(const struct mt_message *message, __u32 size)
{
	for (size_t i = 0; i < 256; i++)
		if ((i < 4 || i >= 8) && message->bytes[i] != MT_POISON)
			return false;
	return message->head.size == size;
}

static bool arrived_whole(const struct mt_task *task,
			  const struct scene *scene,
			  struct mt_message *message)
{
	return message->head.id == 1500 && message->head.seqno == 0 &&
	       message->head.size == scene->size &&
	       mt_types(task, message->head.remote_port) ==
	       MACH_PORT_TYPE_SEND_ONCE &&
	       mt_types(task, mt_right(message, 0)) ==
	       MACH_PORT_TYPE_RECEIVE &&
	       mt_holds(mt_memory(message, 1), 8 * MT_PAGE, 1);
}

TEST_F(mach, K21_nothing_arrives)
{
	const struct mt_task *task = &self->task;
	struct mach_ioc_stats before, after;
	struct mt_message message;
	struct scene scene;

	make_scene(&scene, task);
	before = mt_stats(task, MACH_STATS_MODULE);
	for (__u32 room = 32; room < scene.size; room += 4) {
		EXPECT_EQ(MACH_RCV_TOO_LARGE,
			  receive_large(task, &message, scene.port, room));
		EXPECT_TRUE(told_only_the_size(&message, scene.size));
	}
	after = mt_stats(task, MACH_STATS_MODULE);
	EXPECT_EQ(before.live_names, after.live_names);
	EXPECT_EQ(before.live_regions, after.live_regions);
	EXPECT_EQ(before.live_messages, after.live_messages);
	EXPECT_EQ(1U, mt_queued(task, scene.port));
	EXPECT_EQ(0U, mt_status(task, scene.port).seqno);
	EXPECT_EQ(1ULL, mt_senders(task, scene.port));
	EXPECT_TRUE(mt_empty(&scene.sender, scene.reply));

	EXPECT_EQ(MACH_MSG_SUCCESS,
		  receive_large(task, &message, scene.port, scene.size));
	EXPECT_TRUE(arrived_whole(task, &scene, &message));
	EXPECT_EQ(0ULL, mt_senders(task, scene.port));
}

TEST_F(mach, K21_repeatable)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct scene scene;

	make_scene(&scene, task);
	for (int i = 0; i < 500; i++) {
		ASSERT_EQ(MACH_RCV_TOO_LARGE,
			  receive_large(task, &message, scene.port, 48));
	}
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  receive_large(task, &message, scene.port, MT_ROOM));
	EXPECT_TRUE(arrived_whole(task, &scene, &message));
}

/* The way to use it: look, make room, take. */
TEST_F(mach, K21_growing_buffer)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), room;
	struct mt_message message;

	for (__u32 size = 64; size <= 8192; size *= 2) {
		mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
		message.size = size;
		mt_fill(message.bytes + 32, size - 32, size);
		mt_must(mt_send(task, &message));
		EXPECT_EQ(MACH_RCV_TOO_LARGE,
			  receive_large(task, &message, port, 32));
		room = message.head.size;
		EXPECT_EQ(size, room);
		EXPECT_EQ(MACH_RCV_TOO_LARGE,
			  receive_large(task, &message, port, room - 1));
		EXPECT_EQ(MACH_MSG_SUCCESS,
			  receive_large(task, &message, port, room));
		EXPECT_TRUE(mt_holds(message.bytes + 32, size - 32, size));
		EXPECT_EQ(MT_POISON, message.bytes[size]);
	}
}

/* The first message counts, though the second would fit. */
TEST_F(mach, K21_does_not_look_past_the_first)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct scene scene;

	make_scene(&scene, task);
	mt_must(mt_send_id(task, scene.port, MACH_MSG_TYPE_MAKE_SEND, 2));
	EXPECT_EQ(MACH_RCV_TOO_LARGE,
		  receive_large(task, &message, scene.port, 48));
	EXPECT_EQ(scene.size, message.head.size);
	EXPECT_EQ(2U, mt_queued(task, scene.port));
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mt_receive(task, scene.port, &message, 0));
	EXPECT_TRUE(arrived_whole(task, &scene, &message));
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  receive_large(task, &message, scene.port, 32));
	EXPECT_EQ(2U, message.head.id);
}

/* ---- others ---- */

TEST_F(mach, K21_taken_by_another_task)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct scene scene;
	struct mt_task other;
	__u32 there;

	mt_open(&other);
	make_scene(&scene, task);
	EXPECT_EQ(MACH_RCV_TOO_LARGE,
		  receive_large(task, &message, scene.port, 48));
	there = mt_transfer(task, &other, scene.port,
			    MACH_MSG_TYPE_MOVE_RECEIVE);
	EXPECT_EQ(MACH_RCV_TOO_LARGE,
		  receive_large(&other, &message, there, 48));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_receive(&other, there, &message, 0));
	EXPECT_TRUE(arrived_whole(&other, &scene, &message));
}

/* S2.4: each who waits with too little room is told; the first who has room,
 * or does not ask for LARGE, gets it.
 */
TEST_F(mach, S2_4_row_of_waiters)
{
	static struct mt_caller waiting[4];
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	for (int i = 0; i < 4; i++) {
		waiting[i].call = (struct mach_ioc_msg) {
			.option = MACH_RCV_MSG | MACH_RCV_LARGE,
			.rcv_name = port,
			.rcv_size = i < 2 ? 32 + 8 * i : 4096,
		};
		mt_start_call(&waiting[i], task);
	}
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	message.size = 128;
	message.head.id = 8;
	mt_must(mt_send(task, &message));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&waiting[2]));
	EXPECT_EQ(8U, waiting[2].message.head.id);
	/* So that a mistake is no hang. */
	for (int i = 0; i < 2; i++) {
		if (mt_still_blocked(&waiting[i]))
			mt_must(mt_send_id(task, port,
					   MACH_MSG_TYPE_COPY_SEND, 9));
		EXPECT_EQ(MACH_RCV_TOO_LARGE, mt_finish_call(&waiting[i]));
		EXPECT_TRUE(told_only_the_size(&waiting[i].message, 128));
	}
	EXPECT_TRUE(mt_still_blocked(&waiting[3]));
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 10));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&waiting[3]));
	EXPECT_EQ(1U, waiting[3].message.head.seqno);
}

/* ---- buffers ---- */

/* Not even the size can be written: the message stays all the same. */
TEST_F(mach, K21_bad_buffer)
{
	const struct mt_task *task = &self->task;
	char *page = mt_map_filled(1, 1);
	struct mt_message message;
	struct scene scene;
	struct mach_ioc_msg call = {
		.option = MACH_RCV_MSG | MACH_RCV_LARGE,
		.rcv_size = 48,
	};
	const void *buffers[] = { NULL, page, (void *)-4096L };

	make_scene(&scene, task);
	mt_must(mprotect(page, MT_PAGE, PROT_READ));
	for (size_t i = 0; i < ARRAY_SIZE(buffers); i++) {
		call.rcv_name = scene.port;
		call.msg = (unsigned long)buffers[i];
		EXPECT_EQ(MACH_RCV_TOO_LARGE, mt_msg(task, &call))
			TH_LOG("row %zu", i);
	}
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mt_receive(task, scene.port, &message, 0));
	EXPECT_TRUE(arrived_whole(task, &scene, &message));
}

TEST_F(mach, K21_with_a_send_before)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct scene scene;

	make_scene(&scene, task);
	mt_begin(&message, scene.port, MACH_MSG_TYPE_MAKE_SEND);
	message.head.id = 2;
	EXPECT_EQ(MACH_RCV_TOO_LARGE,
		  mt_call(task, &message, (struct mach_ioc_msg) {
			.option = MACH_SEND_MSG | MACH_RCV_MSG |
				  MACH_RCV_LARGE,
			.rcv_name = scene.port,
			.rcv_size = 48,
		  }));
	/* The buffer is what was sent, but for the size. */
	EXPECT_EQ(MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0),
		  message.head.bits);
	EXPECT_EQ(scene.port, message.head.remote_port);
	EXPECT_EQ(scene.size, message.head.size);
	EXPECT_EQ(2U, mt_queued(task, scene.port));
}

/* Without LARGE the same message is lost, with all that it carries. */
TEST_F(mach, without_the_option)
{
	const struct mt_task *task = &self->task;
	__u64 objects = mt_live(task, MT_LIVE(objects));
	struct mt_message message;
	struct scene scene;

	make_scene(&scene, task);
	EXPECT_EQ(MACH_RCV_TOO_LARGE,
		  mt_call(task, &message, (struct mach_ioc_msg) {
			.option = MACH_RCV_MSG,
			.rcv_name = scene.port,
			.rcv_size = scene.size - 8,
		  }));
	EXPECT_EQ(scene.size, message.head.size);
	EXPECT_EQ(1500U, message.head.id);
	EXPECT_EQ(scene.port, message.head.local_port);
	EXPECT_EQ((__u64)MACH_PORT_NULL, message.head.remote_port);
	EXPECT_EQ(MT_POISON, message.bytes[32]);
	EXPECT_TRUE(mt_once_wasted(&scene.sender, scene.reply));
	EXPECT_EQ(0U, mt_queued(task, scene.port));
	EXPECT_EQ(0ULL, mt_senders(task, scene.port));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(objects), objects));
}

TEST_HARNESS_MAIN
