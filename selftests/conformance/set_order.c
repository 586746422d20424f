// SPDX-License-Identifier: GPL-2.0
/* In which order a port set delivers what its members hold. */
#include "conf.h"

static void two_members(void)
{
	mach_port_t s = new_set('S');
	mach_port_t a = new_sendable('A', 1), b = new_sendable('B', 1);

	mach_port_move_member(mach_task_self(), a, s);
	mach_port_move_member(mach_task_self(), b, s);
	send_id(a, 1);
	send_id(a, 2);
	send_id(b, 11);
	send_id(a, 3);
	send_id(b, 12);
	say_status(a);
	say_status(b);
	drain(s);
	discard(s);
	discard(a);
	discard(b);
}

static void member_added_with_messages(void)
{
	mach_port_t s = new_set('S');
	mach_port_t a = new_sendable('A', 1), b = new_sendable('B', 1);

	mach_port_move_member(mach_task_self(), a, s);
	send_id(a, 1);
	send_id(b, 11);
	send_id(a, 2);
	send_id(b, 12);
	send_id(a, 3);
	said("move B in", mach_port_move_member(mach_task_self(), b, s));
	send_id(a, 4);
	send_id(b, 13);
	drain(s);
	discard(s);
	discard(a);
	discard(b);
}

static void member_removed_with_messages(void)
{
	mach_port_t s = new_set('S');
	mach_port_t a = new_sendable('A', 1), b = new_sendable('B', 1);

	mach_port_move_member(mach_task_self(), a, s);
	mach_port_move_member(mach_task_self(), b, s);
	send_id(a, 1);
	send_id(b, 11);
	send_id(a, 2);
	send_id(b, 12);
	said("move A out", mach_port_move_member(mach_task_self(), a, 0));
	drain(s);
	drain(a);
	discard(s);
	discard(a);
	discard(b);
}

static void member_moved_to_another_set(void)
{
	mach_port_t s = new_set('S'), t = new_set('T');
	mach_port_t a = new_sendable('A', 1), b = new_sendable('B', 1);

	mach_port_move_member(mach_task_self(), a, s);
	mach_port_move_member(mach_task_self(), b, t);
	send_id(a, 1);
	send_id(b, 11);
	send_id(a, 2);
	said("move A to T", mach_port_move_member(mach_task_self(), a, t));
	drain(s);
	drain(t);
	discard(s);
	discard(t);
	discard(a);
	discard(b);
}

/* Three members, refilled while it is emptied: nobody starves. */
static void refilled(void)
{
	mach_port_t s = new_set('S');
	struct message m;

	for (char c = 'A'; c <= 'C'; c++) {
		new_sendable(c, 1);
		mach_port_move_member(mach_task_self(), N(c), s);
		send_id(N(c), c * 10);
	}
	for (int i = 1; i <= 9; i++) {
		must("receive", msg_receive(&m, s));
		say("receive %d: message %d at %n", i, m.head.msgh_id,
		    m.head.msgh_local_port);
		send_id(m.head.msgh_local_port, m.head.msgh_id + 1);
	}
	discard(s);
	for (char c = 'A'; c <= 'C'; c++)
		discard(N(c));
}

PROGRAM(set_order)
{
	group("two members");
	two_members();
	group("added with messages");
	member_added_with_messages();
	group("removed with messages");
	member_removed_with_messages();
	group("moved to another set");
	member_moved_to_another_set();
	group("refilled");
	refilled();
}
