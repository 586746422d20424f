// SPDX-License-Identifier: GPL-2.0
/* The rights of a task for itself: counted, sent, used as any other. */
#include "conf.h"

static mach_port_urefs_t refs(mach_port_t name)
{
	mach_port_urefs_t count = 0;

	must("get_refs", mach_port_get_refs(mach_task_self(), name,
					    MACH_PORT_RIGHT_SEND, &count));
	return count;
}

static void counted(const char *what, mach_port_t (*trap)(void))
{
	mach_port_t first = trap(), second;
	mach_port_urefs_t before = refs(first);

	group("%s", what);
	second = trap();
	say("same name: %d", first == second);
	say("references more: %u", refs(first) - before);
	said("deallocate", mach_port_deallocate(mach_task_self(), first));
	say("references more: %u", refs(first) - before);
	said("deallocate", mach_port_deallocate(mach_task_self(), first));
}

static mach_port_t task_trap(void)
{
	return (mach_task_self)();
}

/* All three in one message. */
static void sent(void)
{
	mach_port_t names[3] = { (mach_task_self)(), mach_thread_self(),
				 mach_host_self() };
	const mach_port_t *got;
	struct message m;

	group("sent");
	new_sendable('A', 1);
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_rights(&m, names, 3, MACH_MSG_TYPE_MOVE_SEND, 0);
	said("send", msg_send(&m));
	must("receive", msg_receive(&m, N('A')));
	say_header("received", &m);
	got = first_memory(&m);
	for (int i = 0; i < 3; i++)
		say("right %d, same name: %d", i, got[i] == names[i]);
	discard(N('A'));
}

/* A message to the task with an id that it does not know. */
static void unknown_id(const char *what, mach_port_t to)
{
	struct message m;

	group("unknown id to %s", what);
	begin(&m, to, MACH_MSG_TYPE_COPY_SEND, N('R'),
	      MACH_MSG_TYPE_MAKE_SEND_ONCE, 77777);
	said("send", msg_send(&m));
	if (said("reply", msg_receive(&m, N('R'))))
		return;
	say_header("reply", &m);
	say("return code: %k", (int)m.body[1]);
	begin(&m, to, MACH_MSG_TYPE_COPY_SEND, 0, 0, 77777);
	said("send without a reply port", msg_send(&m));
	begin(&m, to, MACH_MSG_TYPE_COPY_SEND, 0, 0, 77777);
	put_right(&m, N('R'), MACH_MSG_TYPE_MAKE_SEND_ONCE);
	said("send with a right", msg_send(&m));
	drain(N('R'));
}

/* A right that is none for a task, where one is wanted. */
static void not_a_task(void)
{
	mach_port_t out;

	group("not a task");
	said("thread", mach_port_allocate(mach_thread_self(),
					  MACH_PORT_RIGHT_RECEIVE, &out));
	said("host", mach_port_allocate(mach_host_self(),
					MACH_PORT_RIGHT_RECEIVE, &out));
	said("null", mach_port_allocate(MACH_PORT_NULL,
					MACH_PORT_RIGHT_RECEIVE, &out));
	said("dead", mach_port_allocate(MACH_PORT_DEAD,
					MACH_PORT_RIGHT_RECEIVE, &out));
	said("unused", mach_port_allocate(UNUSED, MACH_PORT_RIGHT_RECEIVE,
					  &out));
	said("dead name", mach_port_allocate(new_dead('D', 1),
					     MACH_PORT_RIGHT_RECEIVE, &out));
	said("port set", mach_port_allocate(new_set('S'),
					    MACH_PORT_RIGHT_RECEIVE, &out));
	said("receive right", mach_port_allocate(new_port('P'),
						 MACH_PORT_RIGHT_RECEIVE,
						 &out));
}

PROGRAM(self_rights)
{
	new_port('R');
	counted("task", task_trap);
	counted("thread", mach_thread_self);
	counted("host", mach_host_self);
	sent();
	unknown_id("the task", mach_task_self());
	unknown_id("the thread", mach_thread_self());
	unknown_id("the host", mach_host_self());
	not_a_task();
}
