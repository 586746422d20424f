// SPDX-License-Identifier: GPL-2.0
/*
 * Senders at a full queue: who waits, who need not, who goes first, and that
 * nothing from user space gets past the limits (spec 2.4; negative test N32).
 * The call that sets the limit is port_qlimit.c's.
 */
#include <signal.h>

#include "lib/actor.h"
#include "lib/caller.h"
#include "lib/fixture.h"

#define COPY_SEND	MACH_MSG_TYPE_COPY_SEND
#define SENDERS		4

static void start_senders(struct mt_caller *senders,
			  const struct mt_task *task, __u32 port)
{
	for (int i = 0; i < SENDERS; i++)
		mt_start_sender(&senders[i], task, port, 100 + i);
}

/* ---- who waits ---- */

TEST_F(mach, N32_no_bit_of_the_options_gets_in)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	mt_must(mt_set_qlimit(task, port, 0));
	/* Not SEND_NOTIFY, CANCEL or RCV_MSG, which mean something. */
	for (int bit = 6; bit < 32; bit++) {
		__u32 option = MACH_SEND_MSG | MACH_SEND_TIMEOUT | 1U << bit;

		if (1U << bit == MACH_SEND_CANCEL)
			continue;
		mt_begin(&message, port, COPY_SEND);
		EXPECT_EQ(MACH_SEND_TIMED_OUT,
			  mt_call(task, &message, (struct mach_ioc_msg) {
				.option = option,
			  })) TH_LOG("bit %d", bit);
		/* As it came back it is no more welcome. */
		EXPECT_EQ(MACH_SEND_TIMED_OUT,
			  mt_call(task, &message, (struct mach_ioc_msg) {
				.option = option,
			  }));
	}
	EXPECT_EQ(0U, mt_queued(task, port));
}

/* Nor a bit of the header. */
TEST_F(mach, N32_no_bit_of_the_header_gets_in)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	mt_must(mt_set_qlimit(task, port, 0));
	for (int bit = 16; bit < 32; bit++) {
		mt_begin(&message, port, COPY_SEND);
		message.head.bits |= 1U << bit;
		EXPECT_EQ(MACH_SEND_TIMED_OUT,
			  mt_send_wait(task, &message, 0))
			TH_LOG("bit %d", bit);
	}
	EXPECT_EQ(0U, mt_queued(task, port));
}

TEST_F(mach, S2_4_send_once_rights_do_not_wait)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), once;
	struct mt_caller sender;

	mt_must(mt_set_qlimit(task, port, 0));
	mt_start_sender(&sender, task, port, 50);
	for (__u32 i = 0; i < 40; i++) {
		once = mt_make_send_once(task, port);
		mt_must(mt_send_id(task, i % 2 ? once : port,
				   i % 2 ? MACH_MSG_TYPE_MOVE_SEND_ONCE :
					   MACH_MSG_TYPE_MAKE_SEND_ONCE, i));
	}
	EXPECT_EQ(40U, mt_queued(task, port));
	/* They count, but taking them lets nobody in where 0 may be. */
	for (__u32 i = 0; i < 40; i++) {
		EXPECT_EQ(i, mt_next(task, port));
	}
	EXPECT_TRUE(mt_still_blocked(&sender));
	mt_must(mt_set_qlimit(task, port, 1));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&sender));
	EXPECT_EQ(50U, mt_next(task, port));
}

/* Send-once messages take up the room of others. */
TEST_F(mach, S2_4_send_once_rights_count)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_caller sender;

	for (__u32 i = 0; i < 7; i++)
		mt_must(mt_send_id(task, port, MACH_MSG_TYPE_MAKE_SEND_ONCE,
				   i));
	mt_start_sender(&sender, task, port, 50);
	for (__u32 i = 0; i < 2; i++) {
		EXPECT_EQ(i, mt_next(task, port));
		EXPECT_TRUE(mt_still_blocked(&sender));
	}
	EXPECT_EQ(2U, mt_next(task, port));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&sender));
	EXPECT_EQ(5U, mt_queued(task, port));
}

/* Whoever waits to receive does not make a limit of 0 a limit of 1. */
TEST_F(mach, limit_comes_before_a_waiting_receiver)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_caller receiver;

	mt_must(mt_set_qlimit(task, port, 0));
	mt_start_receiver(&receiver, task, port);
	EXPECT_EQ(MACH_SEND_TIMED_OUT, mt_send_id(task, port, COPY_SEND, 1));
	EXPECT_TRUE(mt_still_blocked(&receiver));
	mt_must(mt_set_qlimit(task, port, 1));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_send_id(task, port, COPY_SEND, 2));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&receiver));
	EXPECT_EQ(2U, receiver.message.head.id);
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_send_id(task, port, COPY_SEND, 3));
	EXPECT_EQ(MACH_SEND_TIMED_OUT, mt_send_id(task, port, COPY_SEND, 4));
}

/* ---- who goes first ---- */

TEST_F(mach, S2_4_first_come_first_served)
{
	static struct mt_caller senders[SENDERS];
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), from;

	mt_must(mt_set_qlimit(task, port, 1));
	mt_must(mt_send_id(task, port, COPY_SEND, 0));
	start_senders(senders, task, port);
	EXPECT_EQ(0U, mt_next_of(task, port, &from));
	for (__u32 i = 0; i < SENDERS; i++) {
		EXPECT_EQ(100 + i, mt_next_of(task, port, &from));
		EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&senders[i]));
	}
}

/* Of several tasks, and by several rights. */
TEST_F(mach, S2_4_senders_of_several_tasks)
{
	static struct mt_caller senders[SENDERS];
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), from;
	struct mt_task other[SENDERS];

	mt_fill_queue(task, port);
	for (int i = 0; i < SENDERS; i++) {
		mt_open(&other[i]);
		mt_start_sender(&senders[i], &other[i],
				mt_connect(&other[i], task, port), 100 + i);
	}
	for (__u32 i = 0; i < 5; i++) {
		EXPECT_EQ(i, mt_next_of(task, port, &from));
	}
	for (__u32 i = 0; i < SENDERS; i++) {
		EXPECT_EQ(100 + i, mt_next_of(task, port, &from));
		EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&senders[i]));
	}
}

static void do_nothing(int number)
{
	(void)number;
}

/* One who gives up makes no gap and takes no turn. */
TEST_F(mach, N32_one_gives_up)
{
	struct sigaction action = { .sa_handler = do_nothing };
	static struct mt_caller senders[SENDERS];
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), from;

	mt_must(sigaction(SIGUSR1, &action, NULL));
	mt_must(mt_set_qlimit(task, port, 1));
	mt_must(mt_send_id(task, port, COPY_SEND, 0));
	start_senders(senders, task, port);
	mt_must(pthread_kill(senders[1].thread, SIGUSR1));
	EXPECT_EQ(MACH_SEND_INTERRUPTED, mt_finish_call(&senders[1]));
	EXPECT_EQ(0U, mt_next_of(task, port, &from));
	EXPECT_EQ(100U, mt_next_of(task, port, &from));
	EXPECT_EQ(102U, mt_next_of(task, port, &from));
	EXPECT_EQ(103U, mt_next_of(task, port, &from));
	for (int i = 0; i < SENDERS; i += 1 + !i) {
		EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&senders[i]));
	}
	EXPECT_EQ(0U, mt_queued(task, port));
}

static void block(struct mt_side *side, void *arg)
{
	struct mt_message message;

	(void)arg;
	mt_await(side->from);
	mt_begin(&message, side->up, COPY_SEND);
	mt_tell(side->to, 0);
	mt_must(mt_send(&side->task, &message));
}

/* Those who wait go on when one of them is killed. */
TEST_F(mach, N32_one_is_killed)
{
	const struct mt_task *task = &self->task;
	struct mt_caller last;
	struct mt_peer peer;

	mt_spawn(&peer, task, block, NULL);
	mt_must(mt_set_qlimit(task, peer.port, 0));
	mt_tell(peer.to, 0);
	mt_await(peer.from);
	mt_until_asleep(peer.pid);
	mt_make_send(task, peer.port);
	mt_start_sender(&last, task, peer.port, 103);
	mt_kill(&peer);
	EXPECT_TRUE(mt_still_blocked(&last));
	mt_must(mt_set_qlimit(task, peer.port, 1));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&last));
	EXPECT_EQ(103U, mt_next(task, peer.port));
	EXPECT_EQ(0U, mt_queued(task, peer.port));
}

struct crowd {
	const struct mt_task *task;
	__u32 port, first;
};

static void *send_many(void *arg)
{
	struct crowd *crowd = arg;
	struct mt_message message;

	for (__u32 i = 0; i < 200; i++) {
		mt_begin(&message, crowd->port, COPY_SEND);
		message.head.id = crowd->first + i;
		mt_must(mt_send(crowd->task, &message));
	}
	return NULL;
}

/* Each thread's messages come in its order, whatever the limit does. */
TEST_F(mach, N32_crowd_while_the_limit_changes)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), from, next[SENDERS] = {};
	struct crowd crowd[SENDERS];
	pthread_t threads[SENDERS];

	for (int i = 0; i < SENDERS; i++) {
		crowd[i] = (struct crowd) { task, port, i * 1000 };
		mt_must(pthread_create(&threads[i], NULL, send_many,
				       &crowd[i]));
	}
	for (int i = 0; i < 200 * SENDERS; i++) {
		__u32 limit = i * 7 % 12, id;

		mt_must(mt_set_qlimit(task, port, limit));
		if (!limit && !mt_queued(task, port))
			mt_must(mt_set_qlimit(task, port, 1));
		id = mt_next_of(task, port, &from);
		ASSERT_EQ(next[id / 1000]++, id % 1000);
	}
	for (int i = 0; i < SENDERS; i++)
		mt_must(pthread_join(threads[i], NULL));
	EXPECT_EQ(0U, mt_queued(task, port));
}

/* ---- floods ---- */

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

/* The owner of the port is charged; and it is not for ever. */
TEST_F(user, N32_flood_of_send_once_messages)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), sent = 0;
	__s32 ret;

	mt_set_param("max_user_send_once", 50);
	for (int round = 0; round < 3; round++) {
		for (sent = 0; sent < 1000; sent++) {
			ret = mt_send_id(task, port,
					 MACH_MSG_TYPE_MAKE_SEND_ONCE, sent);
			if (ret)
				break;
		}
		EXPECT_EQ(MACH_SEND_NO_BUFFER, ret);
		EXPECT_EQ(50U, sent);
		EXPECT_EQ(50U, mt_queued(task, port));
		for (__u32 i = 0; i < sent; i++) {
			EXPECT_EQ(i, mt_next(task, port));
		}
	}
}

/* A right that exists already can be used: notifications must get in. */
TEST_F(user, N32_flood_does_not_stop_those_who_have_a_right)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), once[10], dying = mt_port(task);

	for (int i = 0; i < 10; i++)
		once[i] = mt_make_send_once(task, port);
	mt_arm(task, dying, MACH_NOTIFY_NO_SENDERS, port);
	mt_set_param("max_user_send_once", 11);
	EXPECT_EQ(MACH_SEND_NO_BUFFER,
		  mt_send_id(task, port, MACH_MSG_TYPE_MAKE_SEND_ONCE, 1));
	for (__u32 i = 0; i < 10; i++) {
		EXPECT_EQ(MACH_MSG_SUCCESS,
			  mt_send_id(task, once[i],
				     MACH_MSG_TYPE_MOVE_SEND_ONCE, i));
	}
	mt_must(mt_deallocate(task, dying));
	for (__u32 i = 0; i < 10; i++) {
		EXPECT_EQ(i, mt_next(task, port));
	}
	EXPECT_TRUE(mt_notified(task, port, MACH_NOTIFY_NO_SENDERS, 1));
}

/* Forced messages and waiting senders are charged as any other. */
TEST_F(user, N32_bytes_of_forced_and_waiting_messages)
{
	const struct mt_task *task = &self->task;
	__u64 bytes = mt_live(task, MT_LIVE(bytes));
	__u32 port, notify = mt_receive_right(task), forced = 0;
	struct mt_message message;
	__s32 ret = MACH_SEND_WILL_NOTIFY;

	mt_set_param("max_user_bytes", 64 * 1024);
	while (forced < 100 && ret == MACH_SEND_WILL_NOTIFY) {
		port = mt_port(task);
		mt_must(mt_set_qlimit(task, port, 0));
		mt_begin(&message, port, COPY_SEND);
		message.size = 8192;
		ret = mt_call(task, &message, (struct mach_ioc_msg) {
			.option = MACH_SEND_MSG | MACH_SEND_NOTIFY,
			.notify = notify,
		});
		forced++;
	}
	EXPECT_EQ(MACH_SEND_NO_BUFFER, ret);
	EXPECT_GE(9U, forced);
	EXPECT_GE(bytes + 64 * 1024, mt_live(task, MT_LIVE(bytes)));
}

TEST_HARNESS_MAIN
