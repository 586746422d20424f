// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that block in one call: see actor.h.
 */
#include <sys/syscall.h>
#include <unistd.h>

#include "actor.h"

static void say_who(struct mt_actor *actor)
{
	__atomic_store_n(&actor->tid, syscall(SYS_gettid), __ATOMIC_RELEASE);
}

static void *act_send(void *arg)
{
	struct mt_actor *actor = arg;

	say_who(actor);
	actor->ret = mt_send(actor->task, &actor->message);
	return NULL;
}

static void *act_receive(void *arg)
{
	struct mt_actor *actor = arg;

	say_who(actor);
	actor->ret = mt_receive(actor->task, actor->port, &actor->message,
				MT_FOREVER);
	return NULL;
}

static void start(struct mt_actor *actor, const struct mt_task *task,
		  void *(*act)(void *))
{
	actor->task = task;
	actor->tid = 0;
	mt_must(pthread_create(&actor->thread, NULL, act, actor));
	while (!__atomic_load_n(&actor->tid, __ATOMIC_ACQUIRE))
		mt_sleep(1);
	mt_until_asleep(actor->tid);
}

void mt_start_send(struct mt_actor *actor, const struct mt_task *task)
{
	start(actor, task, act_send);
}

void mt_start_receive(struct mt_actor *actor, const struct mt_task *task,
		      __u32 port)
{
	actor->port = port;
	start(actor, task, act_receive);
}

__s32 mt_finish(struct mt_actor *actor)
{
	mt_must(pthread_join(actor->thread, NULL));
	return actor->ret;
}

void mt_fill_queue(const struct mt_task *task, __u32 port)
{
	__u32 id;

	for (id = 0; id < MACH_PORT_QLIMIT_DEFAULT; id++)
		mt_must(mt_send_id(task, port, MACH_MSG_TYPE_MAKE_SEND, id));
}
