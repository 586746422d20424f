// SPDX-License-Identifier: GPL-2.0
/* mach_port_allocate, allocate_name and mach_reply_port. */
#include "conf.h"

static void plain(void)
{
	mach_port_t task = mach_task_self(), name;

	for (unsigned int right = 0; right <= 7; right++) {
		group("allocate right %u", right);
		name = MACH_PORT_NULL;
		if (said("call", mach_port_allocate(task, right, &name)))
			continue;
		say("name is: %s", MACH_PORT_VALID(name) ? "valid" : "bad");
		relabel(name, 'A');
		say_name(N('A'));
		if (right == MACH_PORT_RIGHT_RECEIVE)
			say_status(N('A'));
		discard(N('A'));
	}
	group("allocate right -1");
	said("call", mach_port_allocate(task, ~0U, &name));
	group("reply port");
	relabel(mach_reply_port(), 'A');
	say_name(N('A'));
	say_status(N('A'));
	discard(N('A'));
}

static void try(const char *what, unsigned int right, mach_port_t name)
{
	kern_return_t kr;

	kr = mach_port_allocate_name(mach_task_self(), right, name);
	say("right %u, %s: %k", right, what, kr);
	if (kr)
		return;
	say_name(name);
	discard(name);
}

static void by_name(void)
{
	group("allocate_name");
	new_port('P');
	new_set('S');
	new_dead('D', 1);
	new_send_once('O', N('P'));
	for (unsigned int right = 0; right <= 5; right++) {
		try("free", right, N('A'));
		try("null", right, MACH_PORT_NULL);
		try("dead", right, MACH_PORT_DEAD);
		try("a port", right, N('P'));
		try("a set", right, N('S'));
		try("a dead name", right, N('D'));
		try("a send-once right", right, N('O'));
		try("task", right, mach_task_self());
		try("a small number", right, 0x3fff);
	}
	group("name used again");
	for (int i = 0; i < 3; i++) {
		said("allocate", mach_port_allocate_name(
			mach_task_self(), MACH_PORT_RIGHT_RECEIVE, N('A')));
		said("destroy", mach_port_destroy(mach_task_self(), N('A')));
	}
}

PROGRAM(port_allocate)
{
	plain();
	by_name();
}
