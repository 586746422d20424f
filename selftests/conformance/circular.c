// SPDX-License-Identifier: GPL-2.0
/* Receive rights in messages to themselves: destroyed, and SUCCESS. */
#include "conf.h"

static struct message m;

static void put_receive(mach_port_t to, char letter)
{
	begin(&m, to, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_right(&m, N(letter), MACH_MSG_TYPE_MOVE_RECEIVE);
}

static void itself(void)
{
	group("into its own queue");
	new_sendable('A', 1);
	new_send_once('O', N('A'));
	arm(N('A'), MACH_NOTIFY_DEAD_NAME, N('Q'));
	must("queue", send_id(N('A'), 5));
	put_receive(N('A'), 'A');
	put_right(&m, N('Q'), MACH_MSG_TYPE_MAKE_SEND_ONCE);
	said("send", msg_send(&m));
	say_name(N('A'));
	say_name(N('O'));
	drain(N('Q'));
	discard(N('A'));
	discard(N('O'));
}

/* Each of several goes into the queue of the next one. */
static void ring(unsigned int length)
{
	group("ring of %u", length);
	for (unsigned int i = 0; i < length; i++) {
		new_sendable((char)('a' + i), 1);
		arm(N('a' + i), MACH_NOTIFY_DEAD_NAME, N('Q'));
	}
	for (unsigned int i = 0; i < length; i++) {
		put_receive(N('a' + (i + 1) % length), (char)('a' + i));
		say("send %u: %k", i, msg_send(&m));
		drain_number(N('Q'));
	}
	/* Two references: each had its dead-name notification. */
	for (unsigned int i = 0; i < length; i++) {
		say_name(N('a' + i));
		discard(N('a' + i));
	}
}

/* A port's queue holds the next: no ring until somebody closes it. */
static void chain(void)
{
	group("chain");
	for (char c = 'a'; c <= 'd'; c++) {
		new_sendable(c, 1);
		arm(N(c), MACH_NOTIFY_DEAD_NAME, N('Q'));
	}
	for (char c = 'a'; c < 'd'; c++) {
		put_receive(N(c + 1), c);
		must("send", msg_send(&m));
	}
	drain(N('Q'));
	said("destroy the last", mach_port_mod_refs(
		mach_task_self(), N('d'), MACH_PORT_RIGHT_RECEIVE, -1));
	for (char c = 'a'; c <= 'd'; c++) {
		say_name(N(c));
		discard(N(c));
	}
	drain_number(N('Q'));
}

static void in_an_array(void)
{
	mach_port_t names[2] = { N('B'), N('A') };

	group("in an array");
	new_sendable('A', 1);
	new_sendable('B', 1);
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, N('Q'),
	      MACH_MSG_TYPE_MAKE_SEND_ONCE, 1);
	put_rights(&m, names, 2, MACH_MSG_TYPE_MOVE_RECEIVE, 0);
	said("send", msg_send(&m));
	say_name(N('A'));
	say_name(N('B'));
	drain(N('Q'));
	discard(N('A'));
	discard(N('B'));
}

/* The destination is held by send-once rights in queues. */
static void through_a_reply(void)
{
	group("to a send-once right");
	new_sendable('A', 1);
	new_send_once('O', N('A'));
	begin(&m, N('O'), MACH_MSG_TYPE_MOVE_SEND_ONCE, 0, 0, 1);
	put_right(&m, N('A'), MACH_MSG_TYPE_MOVE_RECEIVE);
	said("send", msg_send(&m));
	say_name(N('A'));
	say_name(N('O'));
	discard(N('A'));
}

/* Full queues: the circle is found all the same. */
static void full(void)
{
	group("full queue");
	new_sendable('A', 1);
	must("limit", mach_port_set_qlimit(mach_task_self(), N('A'), 0));
	put_receive(N('A'), 'A');
	said("send", msg_send(&m));
	say_message("back", &m);
	say_name(N('A'));
	discard(N('A'));
}

PROGRAM(circular)
{
	new_port('Q');
	itself();
	ring(2);
	ring(3);
	ring(10);
	chain();
	in_an_array();
	through_a_reply();
	full();
}
