// SPDX-License-Identifier: GPL-2.0
/*
 * mach_port_get_receive_status and the calls that set what it shows; the
 * protected payload; counts of mach_debug.
 */
#include "conf.h"

static void on_each_kind(void)
{
	mach_port_t task = mach_task_self();

	for (enum kind kind = 0; kind < KINDS; kind++) {
		mach_port_t name = new_kind(kind, 'A', 2);

		group("%s", kind_name(kind));
		say_status(name);
		said("set_qlimit", mach_port_set_qlimit(task, name, 3));
		said("set_qlimit too high",
		     mach_port_set_qlimit(task, name, 17));
		said("set_mscount", mach_port_set_mscount(task, name, 7));
		said("set_seqno", mach_port_set_seqno(task, name, 9));
		said("set_payload",
		     mach_port_set_protected_payload(task, name, 11));
		if (kind == KIND_RECEIVE || kind == KIND_BOTH)
			say_status(name);
		said("clear_payload",
		     mach_port_clear_protected_payload(task, name));
		end_kind(kind, 'A');
	}
}

/* mscount counts made send rights, seqno received messages. */
static void counts(void)
{
	struct message m;

	group("mscount");
	new_port('A');
	must("set", mach_port_set_mscount(mach_task_self(), N('A'), ~0U));
	make_send(N('A'));
	say_status(N('A'));
	begin(&m, N('A'), MACH_MSG_TYPE_MAKE_SEND, N('A'),
	      MACH_MSG_TYPE_MAKE_SEND, 1);
	put_right(&m, N('A'), MACH_MSG_TYPE_MAKE_SEND);
	put_right(&m, N('A'), MACH_MSG_TYPE_COPY_SEND);
	put_right(&m, N('A'), MACH_MSG_TYPE_MAKE_SEND_ONCE);
	must("send", msg_send(&m));
	say_status(N('A'));
	must("receive", msg_receive(&m, N('A')));
	say_status(N('A'));
	say_name(N('A'));
	group("seqno");
	must("set", mach_port_set_seqno(mach_task_self(), N('A'), ~0U - 1));
	for (int i = 0; i < 4; i++)
		must("send", send_id(N('A'), i));
	drain(N('A'));
	say_status(N('A'));
	discard(N('A'));
}

static void received(const char *what, mach_port_t from)
{
	struct message m;

	must("receive", msg_receive(&m, from));
	say_header(what, &m);
}

static void payload(void)
{
	mach_port_t task = mach_task_self();
	struct message m;

	group("payload");
	new_sendable('A', 1);
	must("send", send_id(N('A'), 1));
	must("set", mach_port_set_protected_payload(task, N('A'), 5));
	must("send", send_id(N('A'), 2));
	received("sent before", N('A'));
	received("sent after", N('A'));
	must("set", mach_port_set_protected_payload(task, N('A'),
						    0x123456789abcdef0UL));
	must("send", send_id(N('A'), 3));
	begin(&m, N('A'), MACH_MSG_TYPE_MAKE_SEND_ONCE, N('A'),
	      MACH_MSG_TYPE_MAKE_SEND_ONCE, 4);
	must("send", msg_send(&m));
	received("64 bits", N('A'));
	received("to a send-once right, with a reply", N('A'));
	must("set", mach_port_set_protected_payload(task, N('A'), 0));
	must("send", send_id(N('A'), 5));
	received("zero", N('A'));
	must("clear", mach_port_clear_protected_payload(task, N('A')));
	said("clear again", mach_port_clear_protected_payload(task, N('A')));
	must("send", send_id(N('A'), 6));
	received("cleared", N('A'));
	group("payload, through a set");
	must("set", mach_port_set_protected_payload(task, N('A'), 7));
	new_set('S');
	must("move", mach_port_move_member(task, N('A'), N('S')));
	must("send", send_id(N('A'), 7));
	received("received", N('S'));
	group("payload, notification");
	new_sendable('B', 1);
	arm(N('B'), MACH_NOTIFY_DEAD_NAME, N('A'));
	discard(N('B'));
	received("received", N('S'));
	group("payload, the right moves");
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 8);
	new_sendable('B', 1);
	begin(&m, N('B'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 8);
	put_right(&m, N('A'), MACH_MSG_TYPE_MOVE_RECEIVE);
	must("send", msg_send(&m));
	must("receive", msg_receive(&m, N('B')));
	must("send", send_id(N('A'), 9));
	received("received", N('A'));
	discard(N('A'));
	discard(N('B'));
	discard(N('S'));
}

/* What the manual calls the attributes, after the receive right has moved. */
static void moved(void)
{
	struct message m;

	group("after a move");
	new_sendable('A', 2);
	new_sendable('B', 1);
	must("seqno", mach_port_set_seqno(mach_task_self(), N('A'), 5));
	must("mscount", mach_port_set_mscount(mach_task_self(), N('A'), 6));
	must("qlimit", mach_port_set_qlimit(mach_task_self(), N('A'), 7));
	arm(N('A'), MACH_NOTIFY_PORT_DESTROYED, N('Q'));
	arm(N('A'), MACH_NOTIFY_NO_SENDERS, N('Q'));
	must("send", send_id(N('A'), 1));
	begin(&m, N('B'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 8);
	put_right(&m, N('A'), MACH_MSG_TYPE_MOVE_RECEIVE);
	must("send", msg_send(&m));
	must("queue more", send_id(N('A'), 2));
	must("receive", msg_receive(&m, N('B')));
	say_status(N('A'));
	drain(N('A'));
	discard(N('A'));
	discard(N('B'));
	drain(N('Q'));
}

PROGRAM(receive_status)
{
	new_port('Q');
	on_each_kind();
	counts();
	payload();
	moved();
}
