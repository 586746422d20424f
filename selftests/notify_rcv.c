// SPDX-License-Identifier: GPL-2.0
/*
 * MACH_RCV_NOTIFY: a reply right that arrives under a new name is watched from
 * its first moment on (K16).
 */
#include "lib/caller.h"
#include "lib/fixture.h"

#define SEND		MACH_PORT_TYPE_SEND
#define ONCE		MACH_PORT_TYPE_SEND_ONCE
#define WATCHED		MACH_PORT_TYPE_DNREQUEST

/* A client with a reply port; the server is the fixture's task. */
struct scene {
	struct mt_task client;
	__u32 reply;		/* the client's */
	__u32 dest;		/* the client's right for port */
	__u32 port;		/* ours */
	__u32 notify;		/* ours */
};

static void make_scene(struct scene *scene, const struct mt_task *task)
{
	mt_open(&scene->client);
	scene->reply = mt_receive_right(&scene->client);
	scene->port = mt_receive_right(task);
	scene->dest = mt_connect(&scene->client, task, scene->port);
	scene->notify = mt_receive_right(task);
}

static void ask(const struct scene *scene, __u32 disposition)
{
	struct mt_message message;

	mt_begin(&message, scene->dest, MACH_MSG_TYPE_COPY_SEND);
	if (disposition)
		mt_reply_to(&message, scene->reply, disposition);
	message.head.id = 321;
	mt_must(mt_send(&scene->client, &message));
}

static __s32 listen_on(const struct mt_task *task, struct mt_message *message,
		       __u32 port, __u32 notify)
{
	return mt_call(task, message, (struct mach_ioc_msg) {
		.option = MACH_RCV_MSG | MACH_RCV_NOTIFY | MACH_RCV_TIMEOUT,
		.rcv_name = port,
		.notify = notify,
	});
}

/* The name under which the reply right arrives. */
static __u32 hear(const struct mt_task *task, const struct scene *scene)
{
	struct mt_message message;

	mt_must(listen_on(task, &message, scene->port, scene->notify));
	mt_check(message.head.id == 321);
	return message.head.remote_port;
}

/* ---- installed ---- */

TEST_F(mach, K16_client_dies)
{
	static const struct {
		__u32 disposition, type;
	} rows[] = {
		{ MACH_MSG_TYPE_MAKE_SEND_ONCE, ONCE },
		{ MACH_MSG_TYPE_MAKE_SEND, SEND },
	};
	const struct mt_task *task = &self->task;
	struct scene scene;
	__u32 name;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		make_scene(&scene, task);
		ask(&scene, rows[i].disposition);
		name = hear(task, &scene);
		EXPECT_EQ(rows[i].type | WATCHED, mt_types(task, name));
		EXPECT_EQ(1U, mt_status(task, scene.notify).sorights);
		mt_close(&scene.client);
		EXPECT_TRUE(mt_notified(task, scene.notify,
					MACH_NOTIFY_DEAD_NAME, name));
		EXPECT_EQ(2U, mt_refs(task, name, MACH_PORT_RIGHT_DEAD_NAME));
		EXPECT_TRUE(mt_silent(task, scene.notify));
	}
}

TEST_F(mach, K16_reply_is_sent)
{
	const struct mt_task *task = &self->task;
	struct scene scene;
	__u32 name;

	make_scene(&scene, task);
	ask(&scene, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	name = hear(task, &scene);
	mt_must(mt_send_id(task, name, MACH_MSG_TYPE_MOVE_SEND_ONCE, 421));
	EXPECT_EQ(421U, mt_next(&scene.client, scene.reply));
	EXPECT_TRUE(mt_notified(task, scene.notify, MACH_NOTIFY_PORT_DELETED,
				name));
	EXPECT_TRUE(mt_silent(task, scene.notify));
}

/* The server's loop: RCV_NOTIFY, then SEND_CANCEL. */
TEST_F(mach, K16_with_send_cancel)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct scene scene;

	make_scene(&scene, task);
	for (__u32 i = 0; i < 10; i++) {
		ask(&scene, MACH_MSG_TYPE_MAKE_SEND_ONCE);
		mt_begin(&message, hear(task, &scene),
			 MACH_MSG_TYPE_MOVE_SEND_ONCE);
		message.head.id = i;
		EXPECT_EQ(MACH_MSG_SUCCESS,
			  mt_call(task, &message, (struct mach_ioc_msg) {
				.option = MACH_SEND_MSG | MACH_SEND_CANCEL,
				.notify = scene.notify,
			  }));
		EXPECT_EQ(i, mt_next(&scene.client, scene.reply));
	}
	EXPECT_TRUE(mt_silent(task, scene.notify));
}

TEST_F(mach, K16_by_a_set)
{
	const struct mt_task *task = &self->task;
	__u32 set = mt_set(task), name;
	struct mt_message message;
	struct scene scene;

	make_scene(&scene, task);
	mt_must(mt_move_member(task, scene.port, set));
	ask(&scene, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  listen_on(task, &message, set, scene.notify));
	name = message.head.remote_port;
	EXPECT_EQ(ONCE | WATCHED, mt_types(task, name));
	mt_must(mt_destroy(&scene.client, scene.reply));
	EXPECT_TRUE(mt_notified(task, scene.notify, MACH_NOTIFY_DEAD_NAME,
				name));
}

TEST_F(mach, K16_waiting_receiver)
{
	const struct mt_task *task = &self->task;
	struct mt_caller server;
	struct scene scene;

	make_scene(&scene, task);
	server.call = (struct mach_ioc_msg) {
		.option = MACH_RCV_MSG | MACH_RCV_NOTIFY,
		.rcv_name = scene.port,
		.notify = scene.notify,
	};
	mt_start_call(&server, task);
	ask(&scene, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&server));
	EXPECT_EQ(ONCE | WATCHED,
		  mt_types(task, server.message.head.remote_port));
}

/* The port that is received from may be the one that is told. */
TEST_F(mach, notify_is_the_receiving_port)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct scene scene;

	make_scene(&scene, task);
	ask(&scene, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  listen_on(task, &message, scene.port, scene.port));
	mt_must(mt_destroy(&scene.client, scene.reply));
	EXPECT_TRUE(mt_notified(task, scene.port, MACH_NOTIFY_DEAD_NAME,
				message.head.remote_port));
}

/* One's own port: a send-once right has a new name all the same. */
TEST_F(mach, K16_own_reply_port)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), reply = mt_receive_right(task);
	__u32 notify = mt_receive_right(task);
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_must(mt_send(task, &message));
	EXPECT_EQ(MACH_MSG_SUCCESS, listen_on(task, &message, port, notify));
	EXPECT_EQ(ONCE | WATCHED, mt_types(task, message.head.remote_port));
	/* A send right joins the receive right: nothing new. */
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, reply, MACH_MSG_TYPE_MAKE_SEND);
	mt_must(mt_send(task, &message));
	EXPECT_EQ(MACH_MSG_SUCCESS, listen_on(task, &message, port, notify));
	EXPECT_EQ(reply, message.head.remote_port);
	EXPECT_EQ(SEND | MACH_PORT_TYPE_RECEIVE, mt_types(task, reply));
}

/* ---- not installed ---- */

TEST_F(mach, K16_known_name)
{
	const struct mt_task *task = &self->task;
	struct scene scene;
	__u32 name;

	make_scene(&scene, task);
	name = mt_connect(task, &scene.client, scene.reply);
	ask(&scene, MACH_MSG_TYPE_MAKE_SEND);
	EXPECT_EQ(name, hear(task, &scene));
	EXPECT_EQ(SEND, mt_types(task, name));
	EXPECT_EQ(2U, mt_refs(task, name, MACH_PORT_RIGHT_SEND));
	EXPECT_TRUE(mt_silent(task, scene.notify));
}

/* What the name was watched by before stays what it is. */
TEST_F(mach, K16_name_that_is_watched)
{
	const struct mt_task *task = &self->task;
	struct scene scene;
	__u32 name, first;

	make_scene(&scene, task);
	first = mt_receive_right(task);
	name = mt_connect(task, &scene.client, scene.reply);
	mt_arm(task, name, MACH_NOTIFY_DEAD_NAME, first);
	ask(&scene, MACH_MSG_TYPE_MAKE_SEND);
	EXPECT_EQ(name, hear(task, &scene));
	mt_must(mt_destroy(&scene.client, scene.reply));
	EXPECT_TRUE(mt_notified(task, first, MACH_NOTIFY_DEAD_NAME, name));
	EXPECT_TRUE(mt_silent(task, scene.notify));
}

TEST_F(mach, K16_no_reply_port)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct scene scene;

	make_scene(&scene, task);
	ask(&scene, 0);
	EXPECT_EQ(MACH_PORT_NULL, hear(task, &scene));
	/* A dead one, and one that dies on the way. */
	mt_begin(&message, scene.dest, MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, MACH_PORT_DEAD, MACH_MSG_TYPE_COPY_SEND);
	message.head.id = 321;
	mt_must(mt_send(&scene.client, &message));
	EXPECT_EQ(MACH_PORT_DEAD, hear(task, &scene));
	ask(&scene, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_must(mt_destroy(&scene.client, scene.reply));
	EXPECT_EQ(MACH_PORT_DEAD, hear(task, &scene));
	EXPECT_TRUE(mt_silent(task, scene.notify));
}

/* It is about the reply right, not about the rights in the body. */
TEST_F(mach, body_is_not_watched)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct scene scene;

	make_scene(&scene, task);
	mt_begin(&message, scene.dest, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, scene.reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_right(&message, scene.reply, MACH_MSG_TYPE_MAKE_SEND);
	mt_must(mt_send(&scene.client, &message));
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  listen_on(task, &message, scene.port, scene.notify));
	EXPECT_EQ(ONCE, mt_types(task, mt_right(&message, 0)));
	EXPECT_EQ(SEND, mt_types(task, mt_right(&message, 1)));
	EXPECT_TRUE(mt_silent(task, scene.notify));
}

/* ---- errors: class X ---- */

/* Gone, destroyed, and the header as the manual has it. */
TEST_F(mach, K16_invalid_notify)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct scene scene;
	__u32 seqno = 0;

	make_scene(&scene, task);
	{
		const __u32 names[] = {
			MACH_PORT_NULL, MACH_PORT_DEAD, MT_UNUSED, task->self,
			mt_dead_name(task), mt_set(task),
			mt_make_send_once(task, scene.notify),
		};

		for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
			ask(&scene, MACH_MSG_TYPE_MAKE_SEND_ONCE);
			EXPECT_EQ(MACH_RCV_INVALID_NOTIFY,
				  listen_on(task, &message, scene.port,
					    names[i])) TH_LOG("row %zu", i);
			EXPECT_EQ(scene.port, message.head.local_port);
			EXPECT_EQ((__u64)MACH_PORT_NULL,
				  message.head.remote_port);
			EXPECT_EQ(seqno++, message.head.seqno);
			EXPECT_EQ(321U, message.head.id);
			EXPECT_EQ(32U, message.head.size);
			EXPECT_EQ(MT_POISON, message.bytes[32]);
			EXPECT_TRUE(mt_once_wasted(&scene.client,
						   scene.reply));
			EXPECT_EQ(0U, mt_queued(task, scene.port));
		}
	}
}

/* What the body carries is destroyed with it; the size is the real one. */
TEST_F(mach, K16_invalid_notify_with_a_body)
{
	const struct mt_task *task = &self->task;
	__u64 pages = mt_live(task, MT_LIVE(pages));
	char *memory = mt_map_filled(8, 1);
	struct mt_message message;
	struct scene scene;
	__u32 moved;

	make_scene(&scene, task);
	moved = mt_receive_right(&scene.client);
	mt_begin(&message, scene.dest, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, moved, MACH_MSG_TYPE_MOVE_RECEIVE);
	mt_put_right(&message, scene.reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_memory(&message, memory, 8 * MT_PAGE, MACH_MSG_DESC_DEALLOCATE);
	mt_must(mt_send(&scene.client, &message));
	EXPECT_EQ(MACH_RCV_INVALID_NOTIFY,
		  listen_on(task, &message, scene.port, MT_UNUSED));
	EXPECT_EQ(80U, message.head.size);
	EXPECT_EQ(MT_POISON, message.bytes[32]);
	EXPECT_TRUE(mt_once_wasted(&scene.client, scene.reply));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(pages), pages));
}

/* Even if there is nothing to watch. */
TEST_F(mach, K16_invalid_notify_without_a_reply_port)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct scene scene;

	make_scene(&scene, task);
	ask(&scene, 0);
	EXPECT_EQ(MACH_RCV_INVALID_NOTIFY,
		  listen_on(task, &message, scene.port, MT_UNUSED));
	EXPECT_TRUE(mt_empty(task, scene.port));
	mt_begin(&message, scene.dest, MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, MACH_PORT_DEAD, MACH_MSG_TYPE_COPY_SEND);
	mt_must(mt_send(&scene.client, &message));
	EXPECT_EQ(MACH_RCV_INVALID_NOTIFY,
		  listen_on(task, &message, scene.port, MT_UNUSED));
	EXPECT_EQ((__u64)MACH_PORT_DEAD, message.head.remote_port);
}

/* No message, no look at the notify port. */
TEST_F(mach, errors_that_come_first)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct scene scene;

	make_scene(&scene, task);
	EXPECT_EQ(MACH_RCV_TIMED_OUT,
		  listen_on(task, &message, scene.port, MT_UNUSED));
	EXPECT_EQ(MACH_RCV_INVALID_NAME,
		  listen_on(task, &message, MT_UNUSED, MT_UNUSED));
	ask(&scene, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	EXPECT_EQ(MACH_RCV_TOO_LARGE,
		  mt_call(task, &message, (struct mach_ioc_msg) {
			.option = MACH_RCV_MSG | MACH_RCV_NOTIFY |
				  MACH_RCV_LARGE,
			.rcv_name = scene.port,
			.rcv_size = 24,
			.notify = MT_UNUSED,
		  }));
	EXPECT_EQ(1U, mt_queued(task, scene.port));
}

TEST_HARNESS_MAIN
