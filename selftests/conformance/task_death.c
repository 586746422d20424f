// SPDX-License-Identifier: GPL-2.0
/* A task dies with rights, messages and a blocked thread. */
#include "conf.h"

static struct message m;

static void until_dead(mach_port_t name)
{
	mach_port_type_t type = 0;

	while (!mach_port_type(mach_task_self(), name, &type) &&
	       !(type & MACH_PORT_TYPE_DEAD_NAME))
		rest();
}

/* Waits, since Linux ends the rights of a dead process a little later. */
static void until_queued(mach_port_t port, unsigned int number)
{
	mach_port_status_t s = { 0 };

	while (!mach_port_get_receive_status(mach_task_self(), port, &s) &&
	       s.mps_msgcount < number)
		rest();
}

static void until_no_senders(mach_port_t port)
{
	mach_port_status_t s = { .mps_srights = 1 };

	while (!mach_port_get_receive_status(mach_task_self(), port, &s) &&
	       s.mps_srights)
		rest();
}

static void give(char letter, int disposition)
{
	must("give", mach_port_insert_right(peer(), N(letter), N(letter),
					    (unsigned int)disposition));
}

static void receive_rights(void)
{
	group("receive rights");
	new_sendable('A', 2);
	arm(N('A'), MACH_NOTIFY_DEAD_NAME, N('N'));
	new_send_once('O', N('A'));
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, N('Q'),
	      MACH_MSG_TYPE_MAKE_SEND_ONCE, 1);
	must("send", msg_send(&m));
	give('A', MACH_MSG_TYPE_MOVE_RECEIVE);
	say_name(N('A'));
	peer_kill();
	until_dead(N('A'));
	until_queued(N('N'), 1);
	until_queued(N('Q'), 1);
	say_name(N('A'));
	say_name(N('O'));
	drain(N('N'));
	drain(N('Q'));
	discard(N('A'));
	discard(N('O'));
}

static void send_rights(void)
{
	group("send rights");
	new_port('A');
	arm(N('A'), MACH_NOTIFY_DEAD_NAME, N('N'));
	give('A', MACH_MSG_TYPE_MAKE_SEND);
	give('Q', MACH_MSG_TYPE_MAKE_SEND_ONCE);
	must("ask", ask(N('A'), MACH_NOTIFY_NO_SENDERS, 0, N('N')));
	drain(N('N'));
	say_status(N('A'));
	peer_kill();
	until_queued(N('N'), 1);
	until_queued(N('Q'), 1);
	drain(N('N'));
	drain(N('Q'));
	say_status(N('A'));
	discard(N('A'));
	drain(N('N'));
}

static void peer_asks(void)
{
	arm(N('A'), MACH_NOTIFY_DEAD_NAME, N('B'));
	arm(N('B'), MACH_NOTIFY_DEAD_NAME, N('B'));
}

/* The dead task had asked for notifications itself. */
static void requests(void)
{
	group("requests");
	new_port('A');
	new_port('B');
	give('A', MACH_MSG_TYPE_MAKE_SEND);
	give('B', MACH_MSG_TYPE_MOVE_RECEIVE);
	in_peer(peer_asks);
	peer_kill();
	until_no_senders(N('A'));
	say_status(N('A'));
	discard(N('A'));
}

static void peer_sends(void)
{
	struct message own;

	begin(&own, N('A'), MACH_MSG_TYPE_COPY_SEND, N('Q'),
	      MACH_MSG_TYPE_MOVE_SEND_ONCE, 4);
	msg_send_option(&own, 0, 0, 0);
}

/* What it had sent stays; what it was about to send is lost. */
static void messages(void)
{
	group("message sent");
	new_port('A');
	give('A', MACH_MSG_TYPE_MAKE_SEND);
	give('Q', MACH_MSG_TYPE_MAKE_SEND_ONCE);
	in_peer(peer_sends);
	peer_kill();
	drain(N('Q'));
	must("receive", msg_receive(&m, N('A')));
	say_header("received", &m);
	mach_port_deallocate(mach_task_self(), m.head.msgh_remote_port);
	drain(N('Q'));
	group("blocked in a send");
	must("limit", mach_port_set_qlimit(mach_task_self(), N('A'), 0));
	give('A', MACH_MSG_TYPE_MAKE_SEND);
	give('Q', MACH_MSG_TYPE_MAKE_SEND_ONCE);
	peer_start(peer_sends);
	peer_blocked();
	say_status(N('A'));
	peer_kill();
	until_queued(N('Q'), 1);
	until_no_senders(N('A'));
	drain(N('Q'));
	say_status(N('A'));
	discard(N('A'));
}

static void peer_receives(void)
{
	struct message own;

	msg_receive_option(&own, 0, 64, N('A'), 0, 0);
}

static void receiver(void)
{
	group("blocked in a receive");
	new_sendable('A', 1);
	give('A', MACH_MSG_TYPE_MOVE_RECEIVE);
	peer_start(peer_receives);
	peer_blocked();
	peer_kill();
	until_dead(N('A'));
	say_name(N('A'));
	discard(N('A'));
}

/* Its task right, and calls with it. */
static void task_right(void)
{
	mach_port_t task, name;

	group("task right");
	task = peer();
	must("arm", ask(task, MACH_NOTIFY_DEAD_NAME, 0, N('N')));
	must("copy", mach_port_mod_refs(mach_task_self(), task,
					MACH_PORT_RIGHT_SEND, 1));
	relabel(task, 'T');
	must("copy back", mach_port_insert_right(mach_task_self(), N('T'),
						 N('T'),
						 MACH_MSG_TYPE_COPY_SEND));
	say_name(N('T'));
	must("rename", mach_port_rename(mach_task_self(), N('T'), task));
	peer_kill();
	until_queued(N('N'), 1);
	must("receive", msg_receive(&m, N('N')));
	say("note: %d", m.head.msgh_id);
	said("allocate", mach_port_allocate(task, MACH_PORT_RIGHT_RECEIVE,
					    &name));
}

PROGRAM(task_death)
{
	new_port('N');
	new_port('Q');
	receive_rights();
	send_rights();
	requests();
	messages();
	receiver();
	task_right();
}
