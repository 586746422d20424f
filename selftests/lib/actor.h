/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A thread that sends or receives one message and is known to be blocked in
 * it before the test goes on.
 */
#ifndef MACH_ACTOR_H
#define MACH_ACTOR_H

#include <pthread.h>

#include "mach_test.h"

struct mt_actor {
	const struct mt_task *task;
	__u32 port;
	pthread_t thread;
	pid_t tid;
	__s32 ret;
	struct mt_message message;	/* built by the caller, or received */
};

/* actor->message is sent as it is. */
void mt_start_send(struct mt_actor *actor, const struct mt_task *task);
void mt_start_receive(struct mt_actor *actor, const struct mt_task *task,
		      __u32 port);
/* The result of its call. */
__s32 mt_finish(struct mt_actor *actor);

/* Fill the queue of a port to its limit, with ids from 0 on. */
void mt_fill_queue(const struct mt_task *task, __u32 port);

#endif /* MACH_ACTOR_H */
