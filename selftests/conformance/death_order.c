// SPDX-License-Identifier: GPL-2.0
/* Which notifications the end of a right produces, and in which order. */
#include "conf.h"

/* All requests go to one port, so that their order shows. */
static void armed(mach_port_t a)
{
	arm(a, MACH_NOTIFY_DEAD_NAME, N('Q'));
	arm(a, MACH_NOTIFY_NO_SENDERS, N('Q'));
}

static void in_queue(mach_port_t a)
{
	struct message m;

	begin(&m, a, MACH_MSG_TYPE_COPY_SEND, N('Q'),
	      MACH_MSG_TYPE_MAKE_SEND_ONCE, 1);
	put_right(&m, N('Q'), MACH_MSG_TYPE_MAKE_SEND_ONCE);
	put_right(&m, N('Q'), MACH_MSG_TYPE_MAKE_SEND_ONCE);
	must("send", msg_send(&m));
}

static void end(const char *what, int how, int queued)
{
	mach_port_t task = mach_task_self(), a = new_sendable('A', 1);

	group("%s, %s", what, queued ? "message queued" : "empty");
	armed(a);
	if (queued)
		in_queue(a);
	say_name(a);
	say_status(a);
	if (how == 0)
		said("call", mach_port_destroy(task, a));
	else if (how == 1)
		said("call", mach_port_mod_refs(task, a,
						MACH_PORT_RIGHT_RECEIVE, -1));
	else if (how == 2)
		said("call", mach_port_deallocate(task, a));
	else
		said("call", mach_port_mod_refs(task, a, MACH_PORT_RIGHT_SEND,
						-1));
	say_name(a);
	drain(N('Q'));
	discard(a);
	drain(N('Q'));
}

/* A receive right alone, with requests. */
static void receive_only(int how)
{
	mach_port_t task = mach_task_self(), a = new_port('A');

	group("receive right alone, %s", how ? "mod_refs" : "destroy");
	arm(a, MACH_NOTIFY_DEAD_NAME, N('Q'));
	must("mscount", mach_port_set_mscount(task, a, 3));
	said("no-senders, sync 5", ask(a, MACH_NOTIFY_NO_SENDERS, 5, N('R')));
	say_name(a);
	say_status(a);
	if (how)
		said("call", mach_port_mod_refs(task, a,
						MACH_PORT_RIGHT_RECEIVE, -1));
	else
		said("call", mach_port_destroy(task, a));
	say_name(a);
	drain(N('Q'));
	drain(N('R'));
}

/* Requests of several names for one port: the peer has two. */
static void peer_asks(void)
{
	new_port('Q');
	arm(N('B'), MACH_NOTIFY_DEAD_NAME, N('Q'));
	arm(N('O'), MACH_NOTIFY_DEAD_NAME, N('Q'));
	say_name(N('B'));
	say_name(N('O'));
}

static void peer_looks(void)
{
	drain(N('Q'));
	say_name(N('B'));
	say_name(N('O'));
}

static void two_tasks(void)
{
	mach_port_t a = new_sendable('A', 1);

	group("other task");
	must("give", mach_port_insert_right(peer(), N('B'), a,
					    MACH_MSG_TYPE_MAKE_SEND));
	must("give", mach_port_insert_right(peer(), N('O'), a,
					    MACH_MSG_TYPE_MAKE_SEND_ONCE));
	in_peer(peer_asks);
	said("destroy", mach_port_destroy(mach_task_self(), a));
	in_peer(peer_looks);
	in_peer(peer_looks);
}

PROGRAM(death_order)
{
	static const char *const calls[] = {
		"destroy", "mod_refs of receive", "deallocate",
		"mod_refs of send",
	};

	new_port('Q');
	new_port('R');
	for (int how = 0; how < 4; how++) {
		end(calls[how], how, 0);
		end(calls[how], how, 1);
	}
	receive_only(0);
	receive_only(1);
	two_tasks();
}
