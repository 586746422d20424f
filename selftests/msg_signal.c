// SPDX-License-Identifier: GPL-2.0
/*
 * A signal ends a wait with SEND_INTERRUPTED or RCV_INTERRUPTED, whatever
 * SA_RESTART says: restarting is the library's business (spec 1.9, 1.10).
 * SIGKILL ends any wait.
 */
#include <signal.h>

#include "lib/actor.h"
#include "lib/fixture.h"

static int signals;

static void count_signal(int number)
{
	(void)number;
	signals++;
}

static void handle(int flags)
{
	struct sigaction action = {
		.sa_handler = count_signal,
		.sa_flags = flags,
	};

	mt_must(sigaction(SIGUSR1, &action, NULL));
}

TEST_F(mach, receive_interrupted)
{
	static const int flags[] = { 0, SA_RESTART };
	__u32 port = mt_receive_right(&self->task);
	struct mt_actor actor;

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		signals = 0;
		handle(flags[i]);
		mt_start_receive(&actor, &self->task, port);
		mt_must(pthread_kill(actor.thread, SIGUSR1));
		EXPECT_EQ(MACH_RCV_INTERRUPTED, mt_finish(&actor));
		EXPECT_EQ(1, signals);
		EXPECT_EQ(MT_POISON, actor.message.bytes[0]);
	}
}

TEST_F(mach, receive_interrupted_loses_nothing)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_actor actor;

	handle(0);
	mt_start_receive(&actor, task, port);
	mt_must(pthread_kill(actor.thread, SIGUSR1));
	EXPECT_EQ(MACH_RCV_INTERRUPTED, mt_finish(&actor));
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 6));
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mt_receive(task, port, &actor.message, 0));
	EXPECT_EQ(6U, actor.message.head.id);
}

TEST_F(mach, send_interrupted)
{
	static const int flags[] = { 0, SA_RESTART };
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), refs = 1;
	struct mt_actor actor;

	mt_fill_queue(task, port);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		handle(flags[i]);
		mt_begin(&actor.message, port, MACH_MSG_TYPE_COPY_SEND);
		actor.message.head.id = 1234;
		mt_start_send(&actor, task);
		mt_must(pthread_kill(actor.thread, SIGUSR1));
		EXPECT_EQ(MACH_SEND_INTERRUPTED, mt_finish(&actor));
		/* K13: the copied right came back as one more reference. */
		EXPECT_EQ(++refs, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
		EXPECT_EQ(1234U, actor.message.head.id);
	}
	for (int i = 0; i < MACH_PORT_QLIMIT_DEFAULT; i++)
		mt_must(mt_receive(task, port, &actor.message, 0));
	EXPECT_TRUE(mt_empty(task, port));
}

TEST_F(mach, send_again_as_it_came_back)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_actor actor;

	handle(0);
	mt_fill_queue(task, port);
	mt_begin(&actor.message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&actor.message, port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_start_send(&actor, task);
	mt_must(pthread_kill(actor.thread, SIGUSR1));
	EXPECT_EQ(MACH_SEND_INTERRUPTED, mt_finish(&actor));
	for (int i = 0; i < MACH_PORT_QLIMIT_DEFAULT; i++) {
		struct mt_message message;

		mt_must(mt_receive(task, port, &message, 0));
	}
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_send(task, &actor.message));
	EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
	mt_must(mt_receive(task, port, &actor.message, 0));
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE,
		  mt_types(task, mt_right(&actor.message, 0)));
}

/* A signal that nobody handles does not end the wait. */
TEST_F(mach, ignored_signal)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_actor actor;

	mt_check(signal(SIGUSR1, SIG_IGN) != SIG_ERR);
	mt_start_receive(&actor, task, port);
	mt_must(pthread_kill(actor.thread, SIGUSR1));
	mt_until_asleep(actor.tid);
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 6));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish(&actor));
}

static void block_in_send(struct mt_side *side, void *arg)
{
	struct mt_message message;

	(void)arg;
	for (;;) {
		mt_begin(&message, side->up, MACH_MSG_TYPE_COPY_SEND);
		mt_must(mt_send(&side->task, &message));
	}
}

static void block_in_receive(struct mt_side *side, void *arg)
{
	struct mt_message message;

	(void)arg;
	mt_receive(&side->task, side->port, &message, MT_FOREVER);
}

TEST_F(mach, N35_kill_a_blocked_sender)
{
	const struct mt_task *task = &self->task;
	__u64 tasks = mt_live(task, MT_LIVE(tasks));
	struct mt_message message;
	struct mt_peer peer;

	mt_spawn(&peer, task, block_in_send, NULL);
	mt_until_asleep(peer.pid);
	mt_kill(&peer);
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(tasks), tasks));
	/* What was queued is there, what was blocked is gone. */
	for (int i = 0; i < MACH_PORT_QLIMIT_DEFAULT; i++)
		EXPECT_EQ(MACH_MSG_SUCCESS,
			  mt_receive(task, peer.port, &message, 0));
	EXPECT_TRUE(mt_empty(task, peer.port));
}

TEST_F(mach, N35_kill_a_blocked_receiver)
{
	const struct mt_task *task = &self->task;
	__u64 tasks = mt_live(task, MT_LIVE(tasks));
	struct mt_peer peer;

	mt_spawn(&peer, task, block_in_receive, NULL);
	mt_until_asleep(peer.pid);
	mt_kill(&peer);
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(tasks), tasks));
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, mt_types(task, peer.right));
}

TEST_HARNESS_MAIN
