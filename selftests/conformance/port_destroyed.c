// SPDX-License-Identifier: GPL-2.0
/* The port-destroyed notification: its form, and what the port keeps. */
#include "conf.h"

static void dirty(mach_port_t port)
{
	mach_port_t task = mach_task_self();

	must("seqno", mach_port_set_seqno(task, port, 40));
	must("mscount", mach_port_set_mscount(task, port, 30));
	must("qlimit", mach_port_set_qlimit(task, port, 7));
	must("payload", mach_port_set_protected_payload(task, port, 1234));
	must("set", mach_port_move_member(task, port, N('S')));
	must("send", send_id(port, 1));
	must("send", send_id(port, 2));
	arm(port, MACH_NOTIFY_NO_SENDERS, N('O'));
	arm(port, MACH_NOTIFY_DEAD_NAME, N('D'));
}

static void others(void)
{
	drain(N('O'));
	drain(N('D'));
}

/* What the receiver of the notification finds. */
static void look(void)
{
	struct message m;
	int mr = msg_receive(&m, N('N'));

	if (said("receive the note", mr))
		return;
	say_message("note", &m);
	relabel(first_right(&m), 'X');
	say_name(N('X'));
	say_status(N('X'));
	drain(N('X'));
	drain(N('S'));
}

static void by(const char *what, int how, int with_send)
{
	mach_port_t task = mach_task_self();
	mach_port_t a = with_send ? new_sendable('A', 1) : new_port('A');

	group("%s, %s", what, with_send ? "send right kept" : "no send right");
	if (with_send)
		dirty(a);
	arm(a, MACH_NOTIFY_PORT_DESTROYED, N('N'));
	say_status(a);
	if (how == 0)
		said("call", mach_port_destroy(task, a));
	else
		said("call", mach_port_mod_refs(task, a,
						MACH_PORT_RIGHT_RECEIVE, -1));
	say_name(a);
	others();
	look();
	others();
	/* The request is used up. */
	said("destroy again", mach_port_destroy(task, N('X')));
	drain(N('N'));
	others();
	discard(a);
}

static void in_a_message(void)
{
	struct message m;

	group("right in a message that is destroyed");
	new_sendable('A', 1);
	new_sendable('B', 1);
	dirty(N('A'));
	arm(N('A'), MACH_NOTIFY_PORT_DESTROYED, N('N'));
	begin(&m, N('B'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 3);
	put_right(&m, N('A'), MACH_MSG_TYPE_MOVE_RECEIVE);
	said("send", msg_send(&m));
	say_name(N('A'));
	others();
	said("destroy B", mach_port_destroy(mach_task_self(), N('B')));
	look();
	others();
	discard(N('A'));
	if (N('X') != N('A'))
		discard(N('X'));
	others();
}

static void peer_gets(void)
{
	group("task dies, there");
	say_status(N('P'));
}

static void task_dies(void)
{
	group("task dies");
	new_sendable('A', 1);
	arm(N('A'), MACH_NOTIFY_PORT_DESTROYED, N('N'));
	must("give", mach_port_insert_right(peer(), N('P'), N('A'),
					    MACH_MSG_TYPE_MOVE_RECEIVE));
	in_peer(peer_gets);
	group("task dies");
	say_name(N('A'));
	peer_kill();
	while (msg_receive_option(&(struct message){ 0 }, MACH_RCV_TIMEOUT |
			      MACH_RCV_LARGE, 0, N('N'), 0, 0) ==
	       MACH_RCV_TIMED_OUT)
		rest();
	look();
	discard(N('X'));
	discard(N('A'));
}

/* The notification would go to the very port that dies. */
static void circular(void)
{
	mach_port_t task = mach_task_self();

	group("request to itself");
	new_port('A');
	arm(N('A'), MACH_NOTIFY_PORT_DESTROYED, N('A'));
	said("destroy", mach_port_destroy(task, N('A')));
	say_name(N('A'));
	group("two that ask for each other");
	new_sendable('A', 1);
	new_sendable('B', 1);
	arm(N('A'), MACH_NOTIFY_PORT_DESTROYED, N('B'));
	arm(N('B'), MACH_NOTIFY_PORT_DESTROYED, N('A'));
	said("receive of A goes", mach_port_mod_refs(
		task, N('A'), MACH_PORT_RIGHT_RECEIVE, -1));
	say_name(N('A'));
	say_status(N('B'));
	said("receive of B goes", mach_port_mod_refs(
		task, N('B'), MACH_PORT_RIGHT_RECEIVE, -1));
	say_name(N('A'));
	say_name(N('B'));
	discard(N('A'));
	discard(N('B'));
}

/* The request's port is dead by then. */
static void dead_request(void)
{
	mach_port_t task = mach_task_self();

	group("notify port is dead");
	new_sendable('A', 1);
	new_port('M');
	arm(N('A'), MACH_NOTIFY_PORT_DESTROYED, N('M'));
	discard(N('M'));
	say_status(N('A'));
	said("receive goes", mach_port_mod_refs(task, N('A'),
						MACH_PORT_RIGHT_RECEIVE, -1));
	say_name(N('A'));
	discard(N('A'));
}

PROGRAM(port_destroyed)
{
	new_port('N');
	new_port('O');
	new_port('D');
	new_set('S');
	by("mach_port_destroy", 0, 0);
	by("mach_port_destroy", 0, 1);
	by("mod_refs", 1, 0);
	by("mod_refs", 1, 1);
	in_a_message();
	task_dies();
	circular();
	dead_request();
}
