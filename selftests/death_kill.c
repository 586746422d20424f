// SPDX-License-Identifier: GPL-2.0
/*
 * kill -9 at any point: a process that does all kinds of things in two
 * threads, and waits in a third, is killed; all that it had is gone, all that
 * it was lent is given back, and everybody who asked is told exactly once
 * (negative tests N20, N35).
 */
#include <stdlib.h>

#include "lib/actor.h"
#include "lib/caller.h"
#include "lib/fixture.h"

#define ROUNDS		200
#define COPY_SEND	MACH_MSG_TYPE_COPY_SEND
#define MAKE_SEND	MACH_MSG_TYPE_MAKE_SEND
#define MAKE_ONCE	MACH_MSG_TYPE_MAKE_SEND_ONCE
#define MOVE_RECEIVE	MACH_MSG_TYPE_MOVE_RECEIVE

/* ---- the victim ---- */

struct worker {
	const struct mt_side *side;
	unsigned int seed;
	__u32 port, set;	/* its own */
	__u32 once, lent;	/* from the parent; 0 in the second thread */
	char *memory;
};

static void pass_rights(struct worker *worker)
{
	const struct mt_task *task = &worker->side->task;
	__u32 names[2] = { mt_port(task), worker->port };
	struct mt_message message;

	mt_begin(&message, worker->port, COPY_SEND);
	mt_reply_to(&message, names[0], MAKE_ONCE);
	mt_put_right(&message, names[0], MOVE_RECEIVE);
	mt_put_rights_array(&message, names, 2, COPY_SEND, 0);
	mt_send_wait(task, &message, 0);
	/* Whether it was taken or came back, it is given up now. */
	if (rand_r(&worker->seed) % 2)
		mt_destroy(task, names[0]);
}

static void pass_memory(struct worker *worker)
{
	struct mt_message message;

	mt_begin(&message, worker->port, COPY_SEND);
	mt_put_memory(&message, worker->memory, 8 * MT_PAGE, 0);
	mt_send_wait(&worker->side->task, &message, 0);
}

/* The receive right that was lent goes round by a queue. */
static void pass_lent(struct worker *worker)
{
	const struct mt_task *task = &worker->side->task;
	struct mt_message message;
	__u32 carrier;

	if (!worker->lent)
		return;
	carrier = mt_port(task);
	mt_must(mt_carry(task, carrier, worker->lent));
	mt_must(mt_receive(task, carrier, &message, MT_LONG));
	worker->lent = mt_right(&message, 0);
	mt_must(mt_destroy(task, carrier));
}

static void watch_something(struct worker *worker)
{
	const struct mt_task *task = &worker->side->task;
	__u32 port = mt_port(task), previous;

	mt_request(task, port, MACH_NOTIFY_NO_SENDERS, 0, worker->port,
		   MAKE_ONCE, &previous);
	mt_request(task, port, MACH_NOTIFY_DEAD_NAME, 0, worker->port,
		   MAKE_ONCE, &previous);
	mt_request(task, worker->side->up, MACH_NOTIFY_DEAD_NAME, 0,
		   worker->port, MAKE_ONCE, &previous);
	if (rand_r(&worker->seed) % 2)
		mt_destroy(task, port);
}

static void move_about(struct worker *worker)
{
	const struct mt_task *task = &worker->side->task;

	if (rand_r(&worker->seed) % 2) {
		mt_move_member(task, worker->port, worker->set);
	} else {
		mt_destroy(task, worker->set);
		worker->set = mt_set(task);
	}
}

static void receive_something(struct worker *worker)
{
	const struct mt_task *task = &worker->side->task;
	struct mt_message message;
	__s32 ret = mt_receive(task, worker->port, &message, 0);

	if (ret == MACH_RCV_IN_SET)
		mt_receive(task, worker->set, &message, 0);
}

static void send_up(struct worker *worker)
{
	struct mt_message message;

	mt_begin(&message, worker->side->up, COPY_SEND);
	mt_put_right(&message, worker->port, MAKE_SEND);
	mt_send_wait(&worker->side->task, &message, 0);
	if (worker->once && rand_r(&worker->seed) % 8 == 0) {
		mt_send_id(&worker->side->task, worker->once,
			   MACH_MSG_TYPE_MOVE_SEND_ONCE, 5);
		worker->once = MACH_PORT_NULL;
	}
}

static void *work(void *arg)
{
	static void (*const jobs[])(struct worker *worker) = {
		pass_rights, pass_memory, pass_lent, watch_something,
		move_about, receive_something, receive_something, send_up,
	};
	struct worker *worker = arg;

	worker->port = mt_port(&worker->side->task);
	worker->set = mt_set(&worker->side->task);
	worker->memory = mt_map_filled(8, 1);
	while (worker->memory)
		jobs[rand_r(&worker->seed) % ARRAY_SIZE(jobs)](worker);
	return NULL;
}

static void victim(struct mt_side *side, void *arg)
{
	struct worker workers[2] = { { .side = side }, { .side = side } };
	unsigned int *seed = arg;
	struct mt_message message;
	pthread_t thread;

	mt_must(mt_receive(&side->task, side->port, &message, MT_LONG));
	workers[0].once = message.head.remote_port;
	/* The only send right for the parent's port is just kept. */
	mt_right(&message, 0);
	workers[0].lent = mt_right(&message, 1);
	for (int i = 0; i < 2; i++) {
		workers[i].seed = *seed + i;
		mt_must(pthread_create(&thread, NULL, work, &workers[i]));
	}
	/* The message that the parent forced in may be taken, or not. */
	if (*seed % 2)
		mt_receive(&side->task, side->port, &message, MT_FOREVER);
	mt_receive(&side->task, mt_receive_right(&side->task), &message,
		   MT_FOREVER);
}

/* ---- who is left ---- */

struct round {
	struct mt_peer peer;
	__u32 notify;		/* all requests */
	__u32 alarm;		/* a send-once right was lent */
	__u32 watched;		/* the only send right was lent */
	__u32 lent;		/* the receive right was lent */
};

/* Lend one of everything, and force a message behind it. */
static void lend(struct round *round, const struct mt_task *task)
{
	struct mt_message message;

	round->notify = mt_receive_right(task);
	round->alarm = mt_receive_right(task);
	round->watched = mt_receive_right(task);
	round->lent = mt_receive_right(task);
	mt_begin(&message, round->peer.right, COPY_SEND);
	mt_reply_to(&message, round->alarm, MAKE_ONCE);
	mt_put_right(&message, round->watched, MAKE_SEND);
	mt_arm(task, round->lent, MACH_NOTIFY_PORT_DESTROYED, round->notify);
	mt_put_right(&message, round->lent, MOVE_RECEIVE);
	mt_must(mt_send(task, &message));
	mt_arm(task, round->watched, MACH_NOTIFY_NO_SENDERS, round->notify);
	mt_arm(task, round->peer.right, MACH_NOTIFY_DEAD_NAME,
	       round->notify);
}

/* Forced in if the queue is full, which it is as long as nobody reads it. */
static void force(struct round *round, const struct mt_task *task)
{
	struct mt_message message;
	__s32 ret;

	do {
		mt_begin(&message, round->peer.right, COPY_SEND);
		ret = mt_call(task, &message, (struct mach_ioc_msg) {
			.option = MACH_SEND_MSG | MACH_SEND_NOTIFY,
			.notify = round->notify,
		});
	} while (ret == MACH_MSG_SUCCESS);
	mt_check(ret == MACH_SEND_WILL_NOTIFY);
}

/* One of each, and of msg-accepted and send-once one in all. */
static bool told_once(struct round *round, const struct mt_task *task)
{
	int dead = 0, senders = 0, destroyed = 0, accepted = 0;
	struct mt_message message;
	__u32 back = MACH_PORT_NULL;

	for (int i = 0; i < 4; i++) {
		mt_must(mt_receive(task, round->notify, &message, MT_LONG));
		switch (message.head.id) {
		case MACH_NOTIFY_DEAD_NAME:
			dead++;
			break;
		case MACH_NOTIFY_NO_SENDERS:
			senders++;
			break;
		case MACH_NOTIFY_PORT_DESTROYED:
			destroyed++;
			back = mt_right(&message, 0);
			break;
		default:
			accepted++;
		}
	}
	if (dead != 1 || senders != 1 || destroyed != 1 || accepted != 1)
		return false;
	mt_must(mt_destroy(task, back));
	mt_must(mt_receive(task, round->alarm, &message, MT_LONG));
	return mt_silent(task, round->alarm) &&
	       mt_silent(task, round->notify) &&
	       mt_silent(task, round->watched) &&
	       !mt_senders(task, round->watched);
}

static void clean_up(struct round *round, const struct mt_task *task)
{
	mt_must(mt_destroy(task, round->notify));
	mt_must(mt_destroy(task, round->alarm));
	mt_must(mt_destroy(task, round->watched));
	mt_must(mt_destroy(task, round->peer.port));
	mt_must(mt_destroy(task, round->peer.right));
	close(round->peer.to);
	close(round->peer.from);
}

static bool as_before(const struct mt_task *task,
		      const struct mach_ioc_stats *before)
{
	return mt_live_settles(task, before) &&
	       mt_live_becomes(task, MT_LIVE(sets), before->live_sets);
}

TEST_F_TIMEOUT(mach, N35_killed_at_any_point, 900)
{
	const struct mt_task *task = &self->task;
	struct mach_ioc_stats before = mt_stats(task, MACH_STATS_MODULE);
	const char *wanted = getenv("MACH_SEED");
	unsigned int seed = wanted ? atoi(wanted) : getpid();

	TH_LOG("MACH_SEED=%u", seed);
	for (int i = 0; i < ROUNDS; i++) {
		unsigned int own_seed = rand_r(&seed);
		struct round round;

		mt_spawn(&round.peer, task, victim, &own_seed);
		lend(&round, task);
		force(&round, task);
		mt_sleep(rand_r(&seed) % 8);
		mt_kill(&round.peer);
		ASSERT_TRUE(told_once(&round, task)) TH_LOG("round %d", i);
		clean_up(&round, task);
		ASSERT_TRUE(as_before(task, &before)) TH_LOG("round %d", i);
	}
}

TEST_HARNESS_MAIN
