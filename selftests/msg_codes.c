// SPDX-License-Identifier: GPL-2.0
/*
 * Every result of mach_msg that a program can provoke, each with its class:
 * what has become of the message, of its rights and of the queue (spec 1.10).
 *
 * Not provoked: SEND_IN_PROGRESS and RCV_IN_PROGRESS, which are never visible,
 * and SEND_NO_NOTIFY, for which the kernel must be out of memory at one moment.
 * MACH_MSG_VM_SPACE is ool_no_space.c's and ool_ports.c's.
 */
#include <signal.h>
#include <sys/mman.h>

#include "lib/actor.h"
#include "lib/caller.h"
#include "lib/fixture.h"

/* The letters of the spec; V: vanished, with success. */
enum class { N, D, R, Q, V, K, X, G };

#define SEND		MACH_PORT_TYPE_SEND
#define ALIVE		(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_DNREQUEST)
#define COPY_SEND	MACH_MSG_TYPE_COPY_SEND
#define MESSAGE_ID	4321

/* One message from sender to receiver, and what it carries. */
struct scene {
	struct mt_task sender, receiver;
	__u32 port;		/* the receiver's */
	__u32 dest;		/* the sender's right for it */
	__u32 reply;		/* the sender's: a send-once right is made */
	__u32 moved;		/* the sender's, with a send right that stays */
	__u32 grave;		/* the sender's: hears of moved's death */
	__u32 empty;		/* the receiver's: a port without messages */
	__u32 queued;		/* messages in port's queue before the send */
	struct mt_message message;
};

static void make_scene(struct scene *scene)
{
	struct mt_message *message = &scene->message;

	mt_open(&scene->sender);
	mt_open(&scene->receiver);
	scene->port = mt_receive_right(&scene->receiver);
	scene->empty = mt_receive_right(&scene->receiver);
	scene->dest = mt_connect(&scene->sender, &scene->receiver,
				 scene->port);
	scene->reply = mt_receive_right(&scene->sender);
	scene->moved = mt_port(&scene->sender);
	scene->grave = mt_receive_right(&scene->sender);
	mt_arm(&scene->sender, scene->moved, MACH_NOTIFY_DEAD_NAME,
	       scene->grave);
	scene->queued = 0;
	mt_begin(message, scene->dest, COPY_SEND);
	mt_reply_to(message, scene->reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_right(message, scene->moved, MACH_MSG_TYPE_MOVE_RECEIVE);
	message->head.id = MESSAGE_ID;
}

static void fill(struct scene *scene)
{
	mt_fill_queue(&scene->receiver, scene->port);
	scene->queued = MACH_PORT_QLIMIT_DEFAULT;
}

static void do_nothing(int number)
{
	(void)number;
}

/* A call that blocks, and what ends it. */
static __s32 interrupted(struct mt_caller *caller, const struct mt_task *task)
{
	struct sigaction action = { .sa_handler = do_nothing };

	mt_must(sigaction(SIGUSR1, &action, NULL));
	mt_start_call(caller, task);
	mt_must(pthread_kill(caller->thread, SIGUSR1));
	return mt_finish_call(caller);
}

/* ---- sending ---- */

static __s32 send_plainly(struct scene *scene)
{
	return mt_send_wait(&scene->sender, &scene->message, 0);
}

static __s32 send_option(struct scene *scene, __u32 option, __u32 notify)
{
	return mt_call(&scene->sender, &scene->message,
		       (struct mach_ioc_msg) {
			.option = MACH_SEND_MSG | option,
			.notify = notify,
		       });
}

static __s32 unreadable(struct scene *scene)
{
	struct mach_ioc_msg call = {
		.option = MACH_SEND_MSG,
		.msg = 8,
		.send_size = scene->message.size,
	};

	return mt_msg(&scene->sender, &call);
}

static __s32 partly_unreadable(struct scene *scene)
{
	char *pages = mt_map_filled(2, 1);
	char *start = pages + MT_PAGE - 40;
	struct mach_ioc_msg call = {
		.option = MACH_SEND_MSG,
		.msg = (unsigned long)start,
		.send_size = scene->message.size,
	};

	memcpy(start, &scene->message, scene->message.size);
	mt_unmap(pages + MT_PAGE, MT_PAGE);
	return mt_msg(&scene->sender, &call);
}

static __s32 bad_destination(struct scene *scene)
{
	scene->message.head.remote_port = MT_UNUSED;
	return send_plainly(scene);
}

static __s32 wrong_destination(struct scene *scene)
{
	scene->message.head.bits &= ~MACH_MSGH_BITS_REMOTE_MASK;
	scene->message.head.bits |= MACH_MSG_TYPE_MOVE_SEND_ONCE;
	return send_plainly(scene);
}

static __s32 full(struct scene *scene)
{
	fill(scene);
	return send_plainly(scene);
}

static __s32 full_until_signal(struct scene *scene)
{
	static struct mt_caller caller;
	__s32 ret;

	fill(scene);
	caller.call = (struct mach_ioc_msg) { .option = MACH_SEND_MSG };
	memcpy(&caller.message, &scene->message, sizeof(scene->message));
	ret = interrupted(&caller, &scene->sender);
	memcpy(&scene->message, &caller.message, sizeof(scene->message));
	return ret;
}

static __s32 forced(struct scene *scene)
{
	fill(scene);
	return send_option(scene, MACH_SEND_NOTIFY, scene->grave);
}

static __s32 forced_twice(struct scene *scene)
{
	struct mt_message message;

	fill(scene);
	mt_begin(&message, scene->dest, COPY_SEND);
	mt_check(mt_call(&scene->sender, &message, (struct mach_ioc_msg) {
			.option = MACH_SEND_MSG | MACH_SEND_NOTIFY,
			.notify = mt_receive_right(&scene->sender),
		 }) == MACH_SEND_WILL_NOTIFY);
	scene->queued++;
	return send_option(scene, MACH_SEND_NOTIFY, scene->grave);
}

static __s32 forced_without_notify(struct scene *scene)
{
	fill(scene);
	return send_option(scene, MACH_SEND_NOTIFY, MT_UNUSED);
}

static __s32 cancel_without_notify(struct scene *scene)
{
	return send_option(scene, MACH_SEND_CANCEL, MT_UNUSED);
}

static __s32 too_small(struct scene *scene)
{
	scene->message.size = 24;
	return send_plainly(scene);
}

static __s32 not_a_multiple(struct scene *scene)
{
	scene->message.size += 4;
	return send_plainly(scene);
}

static __s32 item_behind_the_end(struct scene *scene)
{
	mt_put(&scene->message, MACH_MSG_DESC(MACH_MSG_TYPE_BYTE, 8, 9,
					      MACH_MSG_DESC_INLINE));
	mt_put(&scene->message, 0);
	return send_plainly(scene);
}

static __s32 bad_reply(struct scene *scene)
{
	scene->message.head.local_port = MT_UNUSED;
	return send_plainly(scene);
}

static __s32 bad_right(struct scene *scene)
{
	mt_put_right(&scene->message, MT_UNUSED, COPY_SEND);
	return send_plainly(scene);
}

static __s32 bad_memory(struct scene *scene)
{
	mt_put_memory(&scene->message, (void *)8, 8, 0);
	return send_plainly(scene);
}

static __s32 bad_array(struct scene *scene)
{
	mt_put_rights_array(&scene->message, (__u32 *)8, 1, COPY_SEND, 0);
	return send_plainly(scene);
}

static __s32 too_much(struct scene *scene)
{
	__u64 before = mt_param("max_inline");
	__s32 ret;

	mt_set_param("max_inline", scene->message.size - 8);
	ret = send_plainly(scene);
	mt_set_param("max_inline", before);
	return ret;
}

static __s32 bad_type(struct scene *scene)
{
	mt_put(&scene->message, MACH_MSG_DESC(COPY_SEND, 32, 1,
					      MACH_MSG_DESC_INLINE));
	mt_put(&scene->message, 0);
	return send_plainly(scene);
}

static __s32 bad_header(struct scene *scene)
{
	scene->message.head.bits &= ~MACH_MSGH_BITS_REMOTE_MASK;
	scene->message.head.bits |= MACH_MSG_TYPE_MOVE_RECEIVE;
	return send_plainly(scene);
}

static __s32 reply_without_type(struct scene *scene)
{
	scene->message.head.bits &= ~MACH_MSGH_BITS_LOCAL_MASK;
	return send_plainly(scene);
}

static __s32 dies_while_blocked(struct scene *scene)
{
	static struct mt_caller caller;

	fill(scene);
	caller.call = (struct mach_ioc_msg) { .option = MACH_SEND_MSG };
	memcpy(&caller.message, &scene->message, sizeof(scene->message));
	mt_start_call(&caller, &scene->sender);
	mt_must(mt_destroy(&scene->receiver, scene->port));
	return mt_finish_call(&caller);
}

static __s32 circular(struct scene *scene)
{
	mt_begin(&scene->message, scene->moved, MACH_MSG_TYPE_MAKE_SEND);
	mt_reply_to(&scene->message, scene->reply,
		    MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_right(&scene->message, scene->moved,
		     MACH_MSG_TYPE_MOVE_RECEIVE);
	return send_plainly(scene);
}

struct row {
	const char *name;
	enum class class;
	__s32 ret;
	__s32 (*provoke)(struct scene *scene);
};

#define ROW(class, code, provoke) { #provoke, class, code, provoke }

static const struct row sends[] = {
	ROW(Q, MACH_MSG_SUCCESS, send_plainly),
	ROW(V, MACH_MSG_SUCCESS, dies_while_blocked),
	ROW(V, MACH_MSG_SUCCESS, circular),
	ROW(N, MACH_SEND_INVALID_DATA, unreadable),
	ROW(N, MACH_SEND_INVALID_DATA, partly_unreadable),
	ROW(N, MACH_SEND_INVALID_DEST, bad_destination),
	ROW(N, MACH_SEND_INVALID_DEST, wrong_destination),
	ROW(R, MACH_SEND_TIMED_OUT, full),
	ROW(Q, MACH_SEND_WILL_NOTIFY, forced),
	ROW(R, MACH_SEND_NOTIFY_IN_PROGRESS, forced_twice),
	ROW(R, MACH_SEND_INTERRUPTED, full_until_signal),
	ROW(N, MACH_SEND_MSG_TOO_SMALL, too_small),
	ROW(N, MACH_SEND_MSG_TOO_SMALL, not_a_multiple),
	/* Spec 7: found before anything is taken. */
	ROW(N, MACH_SEND_MSG_TOO_SMALL, item_behind_the_end),
	ROW(N, MACH_SEND_INVALID_REPLY, bad_reply),
	ROW(D, MACH_SEND_INVALID_RIGHT, bad_right),
	ROW(N, MACH_SEND_INVALID_NOTIFY, cancel_without_notify),
	ROW(R, MACH_SEND_INVALID_NOTIFY, forced_without_notify),
	ROW(D, MACH_SEND_INVALID_MEMORY, bad_memory),
	ROW(D, MACH_SEND_INVALID_MEMORY, bad_array),
	ROW(N, MACH_SEND_NO_BUFFER, too_much),
	/* Likewise. */
	ROW(N, MACH_SEND_INVALID_TYPE, bad_type),
	ROW(N, MACH_SEND_INVALID_HEADER, bad_header),
	ROW(N, MACH_SEND_INVALID_HEADER, reply_without_type),
};

static bool sender_has_all(struct scene *scene)
{
	return mt_types(&scene->sender, scene->moved) ==
	       (ALIVE | MACH_PORT_TYPE_RECEIVE) &&
	       mt_empty(&scene->sender, scene->grave);
}

static bool destroyed(struct scene *scene)
{
	return mt_types(&scene->sender, scene->moved) ==
	       MACH_PORT_TYPE_DEAD_NAME &&
	       mt_notified(&scene->sender, scene->grave,
			   MACH_NOTIFY_DEAD_NAME, scene->moved) &&
	       mt_once_wasted(&scene->sender, scene->reply);
}

/* The rights are somewhere, as good as ever. */
static bool on_its_way(struct scene *scene)
{
	return (mt_types(&scene->sender, scene->moved) & ~SEND) ==
	       MACH_PORT_TYPE_DNREQUEST &&
	       mt_empty(&scene->sender, scene->grave) &&
	       mt_empty(&scene->sender, scene->reply) &&
	       mt_status(&scene->sender, scene->reply).sorights == 1;
}

static bool came_back(struct scene *scene)
{
	struct mach_wire_header *head = &scene->message.head;

	return sender_has_all(scene) && head->id == MESSAGE_ID &&
	       head->bits == (MACH_MSGH_BITS_COMPLEX |
			      MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND,
					     MACH_MSG_TYPE_MOVE_SEND_ONCE)) &&
	       head->remote_port == scene->dest &&
	       mt_refs(&scene->sender, scene->dest, MACH_PORT_RIGHT_SEND) ==
	       2 &&
	       mt_types(&scene->sender, head->local_port) ==
	       MACH_PORT_TYPE_SEND_ONCE &&
	       mt_right(&scene->message, 0) == scene->moved;
}

static bool send_class_is(struct scene *scene, enum class class)
{
	__u32 queued = class == Q ? scene->queued + 1 : scene->queued;
	__u32 refs = class == R ? 2 : 1;

	if (class == V)
		return destroyed(scene);
	if (mt_refs(&scene->sender, scene->dest, MACH_PORT_RIGHT_SEND) !=
	    refs || mt_queued(&scene->receiver, scene->port) != queued)
		return false;
	switch (class) {
	case N:
		return sender_has_all(scene) &&
		       mt_silent(&scene->sender, scene->reply);
	case D:
		return destroyed(scene);
	case R:
		return came_back(scene);
	default:
		return on_its_way(scene);
	}
}

TEST_F(mach, S1_10_every_result_of_a_send)
{
	static struct scene scene;

	for (size_t i = 0; i < ARRAY_SIZE(sends); i++) {
		make_scene(&scene);
		EXPECT_EQ(sends[i].ret, sends[i].provoke(&scene))
			TH_LOG("%s", sends[i].name);
		EXPECT_TRUE(send_class_is(&scene, sends[i].class))
			TH_LOG("%s", sends[i].name);
		mt_close(&scene.sender);
		mt_close(&scene.receiver);
	}
}

/* ---- receiving ---- */

static __s32 receive_option(struct scene *scene, __u32 name, __u32 option,
			    __u32 room)
{
	return mt_call(&scene->receiver, &scene->message,
		       (struct mach_ioc_msg) {
			.option = MACH_RCV_MSG | option,
			.rcv_name = name,
			.rcv_size = room,
		       });
}

static __s32 receive_plainly(struct scene *scene)
{
	return receive_option(scene, scene->port, 0, 0);
}

static __s32 bad_name(struct scene *scene)
{
	return receive_option(scene, MT_UNUSED, 0, 0);
}

static __s32 no_receive_right(struct scene *scene)
{
	return receive_option(scene, scene->receiver.self, 0, 0);
}

static __s32 nothing_there(struct scene *scene)
{
	return receive_option(scene, scene->empty, MACH_RCV_TIMEOUT, 0);
}

static __s32 too_large_kept(struct scene *scene)
{
	return receive_option(scene, scene->port, MACH_RCV_LARGE, 40);
}

static __s32 too_large(struct scene *scene)
{
	return receive_option(scene, scene->port, 0, 40);
}

static __s32 signal_while_waiting(struct scene *scene)
{
	static struct mt_caller caller;

	caller.call = (struct mach_ioc_msg) {
		.option = MACH_RCV_MSG,
		.rcv_name = scene->empty,
	};
	return interrupted(&caller, &scene->receiver);
}

static __s32 joins_a_set(struct scene *scene)
{
	static struct mt_caller caller;

	mt_start_receiver(&caller, &scene->receiver, scene->empty);
	mt_must(mt_move_member(&scene->receiver, scene->empty,
			       mt_set(&scene->receiver)));
	return mt_finish_call(&caller);
}

static __s32 port_dies(struct scene *scene)
{
	static struct mt_caller caller;

	mt_start_receiver(&caller, &scene->receiver, scene->empty);
	mt_must(mt_destroy(&scene->receiver, scene->empty));
	return mt_finish_call(&caller);
}

static __s32 set_dies(struct scene *scene)
{
	static struct mt_caller caller;
	__u32 set = mt_set(&scene->receiver);

	mt_start_receiver(&caller, &scene->receiver, set);
	mt_must(mt_destroy(&scene->receiver, set));
	return mt_finish_call(&caller);
}

static __s32 in_a_set(struct scene *scene)
{
	__s32 ret;

	mt_must(mt_move_member(&scene->receiver, scene->port,
			       mt_set(&scene->receiver)));
	ret = receive_plainly(scene);
	mt_must(mt_move_member(&scene->receiver, scene->port,
			       MACH_PORT_NULL));
	return ret;
}

static __s32 bad_notify(struct scene *scene)
{
	return receive_option(scene, scene->port, MACH_RCV_NOTIFY, 0);
}

static __s32 not_writable(struct scene *scene)
{
	struct mach_ioc_msg call = {
		.option = MACH_RCV_MSG,
		.msg = 8,
		.rcv_size = MT_ROOM,
		.rcv_name = scene->port,
	};

	return mt_msg(&scene->receiver, &call);
}

static const struct row receives[] = {
	ROW(G, MACH_MSG_SUCCESS, receive_plainly),
	ROW(K, MACH_RCV_INVALID_NAME, bad_name),
	ROW(K, MACH_RCV_INVALID_NAME, no_receive_right),
	ROW(K, MACH_RCV_TIMED_OUT, nothing_there),
	ROW(K, MACH_RCV_TOO_LARGE, too_large_kept),
	ROW(X, MACH_RCV_TOO_LARGE, too_large),
	ROW(K, MACH_RCV_INTERRUPTED, signal_while_waiting),
	ROW(K, MACH_RCV_PORT_CHANGED, joins_a_set),
	ROW(X, MACH_RCV_INVALID_NOTIFY, bad_notify),
	ROW(G, MACH_RCV_INVALID_DATA, not_writable),
	ROW(K, MACH_RCV_PORT_DIED, port_dies),
	ROW(K, MACH_RCV_PORT_DIED, set_dies),
	ROW(K, MACH_RCV_IN_SET, in_a_set),
};

/* The header that class X leaves in the buffer. */
static bool header_says(const struct scene *scene)
{
	const struct mach_wire_header *head = &scene->message.head;

	return head->local_port == scene->port && head->size == 48 &&
	       head->remote_port == MACH_PORT_NULL && head->seqno == 0 &&
	       head->id == MESSAGE_ID;
}

static bool receive_class_is(struct scene *scene, enum class class)
{
	__u32 left = mt_queued(&scene->receiver, scene->port);

	switch (class) {
	case K:
		return left == 1 && on_its_way(scene) &&
		       mt_receive(&scene->receiver, scene->port,
				  &scene->message, 0) == MACH_MSG_SUCCESS &&
		       scene->message.head.seqno == 0 &&
		       mt_types(&scene->receiver,
				mt_right(&scene->message, 0)) ==
		       MACH_PORT_TYPE_RECEIVE;
	case X:
		return left == 0 && destroyed(scene) && header_says(scene);
	default:
		return left == 0 && on_its_way(scene);
	}
}

TEST_F(mach, S1_10_every_result_of_a_receive)
{
	static struct scene scene;

	for (size_t i = 0; i < ARRAY_SIZE(receives); i++) {
		make_scene(&scene);
		mt_must(send_plainly(&scene));
		EXPECT_EQ(receives[i].ret, receives[i].provoke(&scene))
			TH_LOG("%s", receives[i].name);
		EXPECT_TRUE(receive_class_is(&scene, receives[i].class))
			TH_LOG("%s", receives[i].name);
		mt_close(&scene.sender);
		mt_close(&scene.receiver);
	}
}

/* Class G means that the rights are there to be found. */
TEST_F(mach, S1_10_rights_of_a_message_that_was_not_seen)
{
	static struct scene scene;
	__u32 names[32], types[32], count, once = 0, receive = 0;

	make_scene(&scene);
	mt_must(send_plainly(&scene));
	EXPECT_EQ(MACH_RCV_INVALID_DATA, not_writable(&scene));
	mt_must(mt_names(&scene.receiver, names, types, 32, &count));
	for (__u32 i = 0; i < count; i++) {
		once += types[i] == MACH_PORT_TYPE_SEND_ONCE;
		receive += types[i] == MACH_PORT_TYPE_RECEIVE;
	}
	EXPECT_EQ(1U, once);
	EXPECT_EQ(3U, receive);
}

/* ---- the special bits ---- */

FIXTURE(user) {
	struct mt_task task;
};

FIXTURE_SETUP(user)
{
	const char *reason = mt_unavailable();

	if (reason)
		SKIP(_exit(MT_EXIT_SKIP), "%s", reason);
	mt_supervise();
	mt_become_fresh_user();
	mt_open(&self->task);
}

FIXTURE_TEARDOWN(user)
{
}

#define IPC_BITS	(MACH_MSG_IPC_SPACE | MACH_MSG_IPC_KERNEL)

/* No name for the reply right: X. */
TEST_F(user, S1_10_header_error)
{
	static struct scene scene;
	__s32 ret;

	make_scene(&scene);
	mt_must(send_plainly(&scene));
	mt_set_param("max_user_names", 1);
	ret = receive_plainly(&scene);
	mt_set_param("max_user_names", 1000);
	EXPECT_EQ(MACH_RCV_HEADER_ERROR, ret & ~MACH_MSG_MASK);
	EXPECT_TRUE(ret & IPC_BITS);
	EXPECT_FALSE(ret & MACH_MSG_MASK & ~IPC_BITS);
	EXPECT_TRUE(receive_class_is(&scene, X));
}

/* No name for the right in the body: it alone is lost. */
TEST_F(user, S1_10_body_error)
{
	static struct scene scene;
	struct mt_message *message = &scene.message;
	__s32 ret;

	make_scene(&scene);
	message->head.bits &= ~MACH_MSGH_BITS_LOCAL_MASK;
	message->head.local_port = MACH_PORT_NULL;
	mt_put_data(message, "still there", 11);
	mt_must(send_plainly(&scene));
	mt_set_param("max_user_names", 1);
	ret = receive_plainly(&scene);
	mt_set_param("max_user_names", 1000);
	EXPECT_EQ(MACH_RCV_BODY_ERROR, ret & ~MACH_MSG_MASK);
	EXPECT_TRUE(ret & IPC_BITS);
	EXPECT_FALSE(ret & MACH_MSG_MASK & ~IPC_BITS);
	message->size = message->head.size;
	EXPECT_EQ(MACH_PORT_NULL, mt_right(message, 0));
	EXPECT_EQ(0, memcmp("still there", mt_item(message, 1).data, 11));
	EXPECT_TRUE(mt_notified(&scene.sender, scene.grave,
				MACH_NOTIFY_DEAD_NAME, scene.moved));
	EXPECT_EQ(0U, mt_queued(&scene.receiver, scene.port));
}

/* A message comes back, but one of its rights has no name to come back to. */
TEST_F(user, S1_10_pseudo_receive_without_a_name)
{
	static struct scene scene;
	__s32 ret;

	make_scene(&scene);
	fill(&scene);
	mt_set_param("max_user_names", 1);
	ret = send_plainly(&scene);
	mt_set_param("max_user_names", 1000);
	EXPECT_EQ(MACH_SEND_TIMED_OUT, ret & ~MACH_MSG_MASK);
	EXPECT_TRUE(ret & IPC_BITS);
	/* Names that were known are no problem; the reply's was needed. */
	EXPECT_EQ(scene.dest, scene.message.head.remote_port);
	EXPECT_EQ((__u64)MACH_PORT_NULL, scene.message.head.local_port);
	EXPECT_EQ(scene.moved, mt_right(&scene.message, 0));
	EXPECT_TRUE(mt_once_wasted(&scene.sender, scene.reply));
	EXPECT_TRUE(sender_has_all(&scene));
}

TEST_HARNESS_MAIN
