// SPDX-License-Identifier: GPL-2.0
/*
 * Signals during calls that do more than one thing: what has been done stays
 * done, what has not comes back, and who repeats as the library does loses
 * nothing (spec 1.9, 1.10, K13).  Plain sends and receives are msg_signal.c's.
 */
#include <signal.h>

#include "lib/actor.h"
#include "lib/caller.h"
#include "lib/fixture.h"

#define COPY_SEND	MACH_MSG_TYPE_COPY_SEND

static void do_nothing(int number)
{
	(void)number;
}

static void handle_signals(void)
{
	struct sigaction action = { .sa_handler = do_nothing };

	mt_must(sigaction(SIGUSR1, &action, NULL));
}

static __s32 interrupt(struct mt_caller *caller)
{
	mt_must(pthread_kill(caller->thread, SIGUSR1));
	return mt_finish_call(caller);
}

/* ---- both halves ---- */

TEST_F(mach, in_the_receive_half)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), reply = mt_receive_right(task);
	struct mt_caller caller;

	handle_signals();
	caller.call = (struct mach_ioc_msg) {
		.option = MACH_SEND_MSG | MACH_RCV_MSG,
		.rcv_name = reply,
	};
	mt_begin(&caller.message, port, COPY_SEND);
	mt_reply_to(&caller.message, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	caller.message.head.id = 14;
	mt_start_call(&caller, task);
	EXPECT_EQ(MACH_RCV_INTERRUPTED, interrupt(&caller));
	/* Sent once; the buffer still holds what was sent. */
	EXPECT_EQ(1U, mt_queued(task, port));
	EXPECT_EQ(14U, caller.message.head.id);
	EXPECT_EQ(port, caller.message.head.remote_port);
	EXPECT_EQ(14U, mt_next(task, port));
}

TEST_F(mach, in_the_send_half)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), reply = mt_port(task);
	struct mt_caller caller;

	handle_signals();
	mt_fill_queue(task, port);
	mt_must(mt_send_id(task, reply, COPY_SEND, 99));
	caller.call = (struct mach_ioc_msg) {
		.option = MACH_SEND_MSG | MACH_RCV_MSG,
		.rcv_name = reply,
	};
	mt_begin(&caller.message, port, COPY_SEND);
	mt_reply_to(&caller.message, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	caller.message.head.id = 14;
	mt_start_call(&caller, task);
	EXPECT_EQ(MACH_SEND_INTERRUPTED, interrupt(&caller));
	/* Nothing was received; the message came back to be sent again. */
	EXPECT_EQ(1U, mt_queued(task, reply));
	EXPECT_EQ(14U, caller.message.head.id);
	EXPECT_EQ(MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND,
				 MACH_MSG_TYPE_MOVE_SEND_ONCE),
		  caller.message.head.bits);
	EXPECT_EQ(5U, mt_queued(task, port));
	EXPECT_EQ(1U, mt_status(task, reply).sorights);
}

/* The two bits are the library's: the kernel interrupts with and without. */
TEST_F(mach, S1_9_interrupt_bits)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), empty = mt_receive_right(task);
	struct mt_caller caller;

	handle_signals();
	caller.call = (struct mach_ioc_msg) {
		.option = MACH_RCV_MSG | MACH_RCV_INTERRUPT |
			  MACH_SEND_INTERRUPT,
		.rcv_name = empty,
	};
	mt_start_call(&caller, task);
	EXPECT_EQ(MACH_RCV_INTERRUPTED, interrupt(&caller));

	mt_fill_queue(task, port);
	caller.call = (struct mach_ioc_msg) {
		.option = MACH_SEND_MSG | MACH_RCV_INTERRUPT |
			  MACH_SEND_INTERRUPT,
	};
	mt_begin(&caller.message, port, COPY_SEND);
	mt_start_call(&caller, task);
	EXPECT_EQ(MACH_SEND_INTERRUPTED, interrupt(&caller));
}

TEST_F(mach, with_a_timeout)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	struct mt_caller caller;

	handle_signals();
	caller.call = (struct mach_ioc_msg) {
		.option = MACH_RCV_MSG | MACH_RCV_TIMEOUT,
		.rcv_name = port,
		.timeout = MT_LONG,
	};
	mt_start_call(&caller, task);
	EXPECT_EQ(MACH_RCV_INTERRUPTED, interrupt(&caller));
}

/* A signal that came before: a poll does not wait, so it is not interrupted. */
TEST_F(mach, pending_signal_and_a_poll)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	sigset_t set;

	handle_signals();
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	mt_must(sigprocmask(SIG_BLOCK, &set, NULL));
	mt_must(raise(SIGUSR1));
	/* Blocked, it does not even end a wait. */
	EXPECT_EQ(MACH_RCV_TIMED_OUT,
		  mt_receive(task, port, &(struct mt_message) {}, 20));
	mt_fill_queue(task, port);
	EXPECT_EQ(MACH_SEND_TIMED_OUT, mt_send_id(task, port, COPY_SEND, 1));
	mt_must(sigprocmask(SIG_UNBLOCK, &set, NULL));
}

/* ---- what comes back ---- */

TEST_F(mach, K13_everything_comes_back)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), moved = mt_port(task);
	__u32 reply = mt_receive_right(task);
	char *memory = mt_map_filled(8, 1);
	struct mt_caller caller;

	handle_signals();
	mt_fill_queue(task, port);
	caller.call = (struct mach_ioc_msg) { .option = MACH_SEND_MSG };
	mt_begin(&caller.message, port, COPY_SEND);
	mt_reply_to(&caller.message, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_right(&caller.message, moved, MACH_MSG_TYPE_MOVE_RECEIVE);
	mt_put_rights_array(&caller.message, &reply, 1,
			    MACH_MSG_TYPE_MAKE_SEND, 0);
	mt_put_memory(&caller.message, memory, 8 * MT_PAGE,
		      MACH_MSG_DESC_DEALLOCATE);
	mt_start_call(&caller, task);
	EXPECT_EQ(MACH_SEND_INTERRUPTED, interrupt(&caller));
	EXPECT_EQ(moved, mt_right(&caller.message, 0));
	EXPECT_EQ(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE,
		  mt_types(task, moved));
	EXPECT_EQ(reply, *mt_rights_array(&caller.message, 1, 1));
	EXPECT_EQ(1U, mt_refs(task, reply, MACH_PORT_RIGHT_SEND));
	EXPECT_TRUE(mt_holds(mt_memory(&caller.message, 2), 8 * MT_PAGE, 1));
	/* And may be sent as it is. */
	for (__u32 i = 0; i < 5; i++) {
		EXPECT_EQ(i, mt_next(task, port));
	}
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_send(task, &caller.message));
	mt_must(mt_receive(task, port, &caller.message, 0));
	EXPECT_EQ(moved, mt_right(&caller.message, 0));
}

/* ---- storms ---- */

struct storm {
	pthread_t victim;
	bool stop;
};

static void *make_storm(void *arg)
{
	struct storm *storm = arg;

	while (!__atomic_load_n(&storm->stop, __ATOMIC_ACQUIRE)) {
		pthread_kill(storm->victim, SIGUSR1);
		sched_yield();
	}
	return NULL;
}

/* As the library does: the whole call, or its receive half again. */
static __s32 call_again(const struct mt_task *task,
			struct mt_message *message, struct mach_ioc_msg call)
{
	__s32 ret = mt_call(task, message, call);

	while (ret == MACH_SEND_INTERRUPTED)
		ret = mt_call(task, message, call);
	call.option &= ~MACH_SEND_MSG;
	while (ret == MACH_RCV_INTERRUPTED)
		ret = mt_call(task, message, call);
	return ret;
}

struct server {
	const struct mt_task *task;
	__u32 port;
};

/* Answers each request with its number, until it is 0. */
static void *serve(void *arg)
{
	struct server *server = arg;
	struct mt_message message;
	__u32 id;

	do {
		mt_must(mt_receive(server->task, server->port, &message,
				   MT_LONG));
		id = message.head.id;
		mt_begin(&message, message.head.remote_port,
			 MACH_MSG_TYPE_MOVE_SEND_ONCE);
		message.head.id = id + 100000;
		mt_must(mt_send(server->task, &message));
	} while (id);
	return NULL;
}

TEST_F(mach, storm_over_remote_procedure_calls)
{
	const struct mt_task *task = &self->task;
	__u32 reply = mt_receive_right(task);
	struct server server = { task, mt_port(task) };
	struct storm storm = { .victim = pthread_self() };
	struct mt_message message;
	pthread_t threads[2];

	handle_signals();
	mt_must(pthread_create(&threads[0], NULL, serve, &server));
	mt_must(pthread_create(&threads[1], NULL, make_storm, &storm));
	for (__u32 i = 500; i-- > 0;) {
		mt_begin(&message, server.port, COPY_SEND);
		mt_reply_to(&message, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
		message.head.id = i;
		ASSERT_EQ(MACH_MSG_SUCCESS,
			  call_again(task, &message, (struct mach_ioc_msg) {
				.option = MACH_SEND_MSG | MACH_RCV_MSG,
				.rcv_name = reply,
			  }));
		ASSERT_EQ(i + 100000, message.head.id);
	}
	__atomic_store_n(&storm.stop, true, __ATOMIC_RELEASE);
	mt_must(pthread_join(threads[0], NULL));
	mt_must(pthread_join(threads[1], NULL));
	EXPECT_TRUE(mt_silent(task, reply));
	EXPECT_EQ(0U, mt_queued(task, server.port));
}

struct slow_reader {
	const struct mt_task *task;
	__u32 port, last;
	bool in_order;
};

static void *read_slowly(void *arg)
{
	struct slow_reader *reader = arg;
	__u32 port;

	reader->in_order = true;
	for (__u32 i = 0; i < reader->last; i++)
		if (mt_next_of(reader->task, reader->port, &port) != i)
			reader->in_order = false;
	return NULL;
}

/* Senders at a full queue, where each wait may be interrupted. */
TEST_F(mach, storm_over_blocked_sends)
{
	const struct mt_task *task = &self->task;
	struct storm storm = { .victim = pthread_self() };
	struct slow_reader reader = { task, mt_port(task), 500, false };
	__u32 carried = mt_receive_right(task);
	struct mt_message message;
	pthread_t threads[2];

	handle_signals();
	mt_must(mt_set_qlimit(task, reader.port, 1));
	mt_must(pthread_create(&threads[0], NULL, read_slowly, &reader));
	mt_must(pthread_create(&threads[1], NULL, make_storm, &storm));
	for (__u32 i = 0; i < reader.last; i++) {
		mt_begin(&message, reader.port, MACH_MSG_TYPE_MAKE_SEND);
		mt_put_right(&message, carried, MACH_MSG_TYPE_MAKE_SEND);
		message.head.id = i;
		ASSERT_EQ(MACH_MSG_SUCCESS,
			  call_again(task, &message, (struct mach_ioc_msg) {
				.option = MACH_SEND_MSG,
			  }));
	}
	mt_must(pthread_join(threads[0], NULL));
	__atomic_store_n(&storm.stop, true, __ATOMIC_RELEASE);
	mt_must(pthread_join(threads[1], NULL));
	EXPECT_TRUE(reader.in_order);
	/* One reference for each message, however often it came back. */
	EXPECT_EQ(500U, mt_refs(task, carried, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(0U, mt_queued(task, reader.port));
}

TEST_HARNESS_MAIN
