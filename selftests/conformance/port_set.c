// SPDX-License-Identifier: GPL-2.0
/* Calls on port sets: members, errors, destruction; port calls on a set. */
#include "conf.h"

static void move(const char *what, mach_port_t member, mach_port_t after)
{
	said(what, mach_port_move_member(mach_task_self(), member, after));
}

static void members(const char *what, mach_port_t set)
{
	mach_port_name_array_t names = NULL;
	mach_msg_type_number_t number = 0;
	kern_return_t kr;

	kr = mach_port_get_set_status(mach_task_self(), set, &names, &number);
	say("%s: %k", what, kr);
	if (kr)
		return;
	say("%s, number: %u", what, number);
	for (char c = 'A'; c <= 'Z'; c++)
		for (unsigned int i = 0; i < number; i++)
			if (names[i] == N(c))
				say("%s, member: %n", what, names[i]);
	if (number)
		vm_deallocate(mach_task_self(), (vm_address_t)names,
			      number * sizeof(*names));
}

static void errors(void)
{
	group("move_member");
	move("not in a set, to none", N('A'), MACH_PORT_NULL);
	move("into a set", N('A'), N('S'));
	move("into the same set", N('A'), N('S'));
	move("into another set", N('A'), N('T'));
	move("to none", N('A'), MACH_PORT_NULL);
	move("to none again", N('A'), MACH_PORT_NULL);
	move("into dead", N('A'), MACH_PORT_DEAD);
	move("into unused", N('A'), UNUSED);
	move("into a port", N('A'), N('B'));
	move("into itself", N('A'), N('A'));
	move("into a dead name", N('A'), N('D'));
	move("unused into a set", UNUSED, N('S'));
	move("unused into unused", UNUSED, UNUSED);
	move("unused to none", UNUSED, MACH_PORT_NULL);
	move("unused into a port", UNUSED, N('B'));
	move("null into a set", MACH_PORT_NULL, N('S'));
	move("dead into a set", MACH_PORT_DEAD, N('S'));
	move("dead name into a set", N('D'), N('S'));
	move("dead name into unused", N('D'), UNUSED);
	move("dead name into a port", N('D'), N('B'));
	move("dead name to none", N('D'), MACH_PORT_NULL);
	move("set into a set", N('T'), N('S'));
	move("set into itself", N('S'), N('S'));
	move("set to none", N('S'), MACH_PORT_NULL);
	move("send-once into a set", N('O'), N('S'));
	group("get_set_status");
	members("empty set", N('S'));
	move("A in", N('A'), N('S'));
	move("B in", N('B'), N('S'));
	members("two members", N('S'));
	members("a port", N('A'));
	members("a dead name", N('D'));
	members("send-once", N('O'));
	members("unused", UNUSED);
	members("null", MACH_PORT_NULL);
	members("dead", MACH_PORT_DEAD);
}

/* The port calls, on the name of a set. */
static void calls_on_a_set(void)
{
	mach_port_t s = N('S');
	mach_port_t task = mach_task_self(), out = 0;
	mach_port_urefs_t refs;
	mach_msg_type_name_t type;

	group("on a set");
	say_name(s);
	say_status(s);
	for (unsigned int right = 0; right < 7; right++)
		say("get_refs of right %u: %k", right,
		    mach_port_get_refs(task, s, right, &refs));
	for (unsigned int right = 0; right < 6; right++)
		for (int delta = -2; delta <= 1; delta++)
			if (right != MACH_PORT_RIGHT_PORT_SET || delta != -1)
				say("mod_refs of right %u by %d: %k", right,
				    delta,
				    mach_port_mod_refs(task, s, right, delta));
	said("deallocate", mach_port_deallocate(task, s));
	said("set_seqno", mach_port_set_seqno(task, s, 1));
	said("set_mscount", mach_port_set_mscount(task, s, 1));
	said("set_protected_payload",
	     mach_port_set_protected_payload(task, s, 1));
	said("clear_protected_payload",
	     mach_port_clear_protected_payload(task, s));
	said("dead-name request", ask(s, MACH_NOTIFY_DEAD_NAME, 0, N('N')));
	said("no-senders request", ask(s, MACH_NOTIFY_NO_SENDERS, 0, N('N')));
	said("port-destroyed request",
	     ask(s, MACH_NOTIFY_PORT_DESTROYED, 0, N('N')));
	drain(N('N'));
	said("insert another right there",
	     mach_port_insert_right(task, s, N('N'), MACH_MSG_TYPE_MAKE_SEND));
	said("extract_right", mach_port_extract_right(task, s,
						      MACH_MSG_TYPE_MAKE_SEND,
						      &out, &type));
	said("send to it", send_id(s, 1));
	said("allocate_name", mach_port_allocate_name(
		task, MACH_PORT_RIGHT_PORT_SET, s));
}

static void destruction(void)
{
	mach_port_t task = mach_task_self();

	group("destroy with members");
	send_id(N('A'), 1);
	send_id(N('B'), 2);
	send_id(N('A'), 3);
	said("destroy", mach_port_destroy(task, N('S')));
	say_name(N('S'));
	say_status(N('A'));
	say_status(N('B'));
	drain(N('A'));
	drain(N('B'));
	group("mod_refs with members");
	new_set('S');
	move("A in", N('A'), N('S'));
	said("mod_refs", mach_port_mod_refs(task, N('S'),
					    MACH_PORT_RIGHT_PORT_SET, -1));
	say_name(N('S'));
	say_status(N('A'));
	group("member destroyed");
	new_set('S');
	move("A in", N('A'), N('S'));
	move("B in", N('B'), N('S'));
	send_id(N('A'), 1);
	send_id(N('B'), 2);
	send_id(N('A'), 3);
	discard(N('A'));
	members("the rest", N('S'));
	drain(N('S'));
	group("receive right moved");
	send_id(N('B'), 4);
	must("give", mach_port_insert_right(peer(), N('P'), N('B'),
					    MACH_MSG_TYPE_MOVE_RECEIVE));
	members("the rest", N('S'));
	drain(N('S'));
	mach_port_destroy(peer(), N('P'));
}

PROGRAM(port_set)
{
	new_sendable('A', 1);
	new_sendable('B', 1);
	new_port('N');
	new_set('S');
	new_set('T');
	new_dead('D', 1);
	new_send_once('O', N('N'));
	errors();
	calls_on_a_set();
	destruction();
}
