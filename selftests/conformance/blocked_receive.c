// SPDX-License-Identifier: GPL-2.0
/* A thread waits in a receive, and something happens to what it waits on. */
#include "conf.h"

static mach_port_t from;
static int option;
static mach_msg_size_t room;
static volatile int result;
static struct message m;

static void receiver(void)
{
	result = msg_receive_option(&m, option, room, from, 5000, 0);
}

/* Starts the waiting; then comes what the caller does. */
static void block(const char *what, mach_port_t name)
{
	group("%s", what);
	from = name;
	result = -1;
	option = 0;
	room = sizeof(m.head) + sizeof(m.body);
	thread_start(0, receiver);
	thread_blocked(0);
}

static void join(void)
{
	thread_join(0);
	said("receiver", result);
	if (!result)
		say_header("received", &m);
}

static void on_a_port(void)
{
	mach_port_t task = mach_task_self();

	new_sendable('A', 1);
	new_set('S');
	block("port, a message comes", N('A'));
	must("send", send_id(N('A'), 1));
	join();
	block("port, moved into a set", N('A'));
	said("move", mach_port_move_member(task, N('A'), N('S')));
	join();
	must("move out", mach_port_move_member(task, N('A'), 0));
	block("port, renamed", N('A'));
	said("rename", mach_port_rename(task, N('A'), N('B')));
	must("send", send_id(N('B'), 2));
	join();
	must("rename", mach_port_rename(task, N('B'), N('A')));
	block("port, gets a payload", N('A'));
	must("set", mach_port_set_protected_payload(task, N('A'), 3));
	must("send", send_id(N('A'), 3));
	join();
	must("clear", mach_port_clear_protected_payload(task, N('A')));
	block("port, seqno set", N('A'));
	must("seqno", mach_port_set_seqno(task, N('A'), 50));
	must("send", send_id(N('A'), 4));
	join();
	block("port, destroyed", N('A'));
	said("destroy", mach_port_destroy(task, N('A')));
	join();
	new_sendable('A', 1);
	block("port, receive right dropped", N('A'));
	said("mod_refs", mach_port_mod_refs(task, N('A'),
					    MACH_PORT_RIGHT_RECEIVE, -1));
	join();
	discard(N('A'));
	new_sendable('A', 1);
	block("port, receive right moves", N('A'));
	said("insert", mach_port_insert_right(peer(), N('P'), N('A'),
					      MACH_MSG_TYPE_MOVE_RECEIVE));
	join();
	mach_port_destroy(peer(), N('P'));
	discard(N('A'));
	discard(N('S'));
}

/* The message is too large for the one who waits. */
static void too_large(int large)
{
	struct message big;

	new_sendable('A', 1);
	group("too large, %s", large ? "large" : "not large");
	from = N('A');
	option = large ? MACH_RCV_LARGE : 0;
	room = 40;
	result = -1;
	thread_start(0, receiver);
	thread_blocked(0);
	begin(&big, N('A'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 9);
	put_word(&big, 0);
	put_word(&big, 0);
	must("send", msg_send(&big));
	thread_join(0);
	said("receiver", result);
	say("size: %u", m.head.msgh_size);
	say_status(N('A'));
	drain(N('A'));
	discard(N('A'));
}

static void on_a_set(void)
{
	mach_port_t task = mach_task_self();

	new_sendable('A', 1);
	new_sendable('B', 1);
	new_set('S');
	new_set('T');
	block("set, empty, member with a message", N('S'));
	must("send", send_id(N('A'), 1));
	said("move", mach_port_move_member(task, N('A'), N('S')));
	join();
	block("set, message to a member", N('S'));
	must("send", send_id(N('A'), 2));
	join();
	block("set, member leaves", N('S'));
	said("move", mach_port_move_member(task, N('A'), N('T')));
	must("send", send_id(N('A'), 3));
	must("move", mach_port_move_member(task, N('B'), N('S')));
	must("send", send_id(N('B'), 4));
	join();
	drain(N('T'));
	block("set, member destroyed", N('S'));
	discard(N('B'));
	must("move", mach_port_move_member(task, N('A'), N('S')));
	must("send", send_id(N('A'), 5));
	join();
	block("set, renamed", N('S'));
	said("rename", mach_port_rename(task, N('S'), N('R')));
	must("send", send_id(N('A'), 6));
	join();
	block("set, destroyed", N('R'));
	said("destroy", mach_port_destroy(task, N('R')));
	join();
	block("set, mod_refs", N('T'));
	said("mod_refs", mach_port_mod_refs(task, N('T'),
					    MACH_PORT_RIGHT_PORT_SET, -1));
	join();
	discard(N('A'));
}

/* One waits on the port, one on the set it is then moved into. */
static volatile int set_result;

static void set_receiver(void)
{
	struct message own;

	set_result = msg_receive_option(&own, 0, 64, N('S'), 0, 0);
	say("the set's receiver has: message %d", own.head.msgh_id);
}

static void port_and_set(void)
{
	new_sendable('A', 1);
	new_set('S');
	block("port and set", N('A'));
	thread_start(1, set_receiver);
	thread_blocked(1);
	said("move", mach_port_move_member(mach_task_self(), N('A'), N('S')));
	thread_join(0);
	said("the port's receiver", result);
	must("send", send_id(N('A'), 8));
	thread_join(1);
	said("the set's receiver", set_result);
	discard(N('A'));
	discard(N('S'));
}

PROGRAM(blocked_receive)
{
	on_a_port();
	too_large(0);
	too_large(1);
	on_a_set();
	port_and_set();
}
