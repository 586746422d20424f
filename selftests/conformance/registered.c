// SPDX-License-Identifier: GPL-2.0
/* mach_ports_register and mach_ports_lookup; the special ports of a task. */
#include "conf.h"

static mach_port_t from_letters(mach_port_t *names, const char *letters)
{
	mach_port_t number = 0;

	for (; *letters; letters++)
		names[number++] = *letters == '0' ? MACH_PORT_NULL :
				  *letters == '~' ? MACH_PORT_DEAD :
						    N(*letters);
	return number;
}

static void lookup(mach_port_t task)
{
	mach_port_array_t ports = NULL;
	mach_msg_type_number_t number = 0;

	said("lookup", mach_ports_lookup(task, &ports, &number));
	say("lookup, number: %u", number);
	for (unsigned int i = 0; i < number; i++) {
		say("lookup, slot %u: %n", i, ports[i]);
		if (MACH_PORT_VALID(ports[i]))
			mach_port_deallocate(mach_task_self(), ports[i]);
	}
	if (number)
		vm_deallocate(mach_task_self(), (vm_address_t)ports,
			      number * sizeof(*ports));
}

static void try(const char *letters)
{
	mach_port_t names[8];
	unsigned int number = from_letters(names, letters);

	group("register %s", *letters ? letters : "nothing");
	said("register", mach_ports_register(mach_task_self(), names, number));
	lookup(mach_task_self());
}

static void say_two(void)
{
	say_name(N('A'));
	say_name(N('B'));
	say_status(N('A'));
}

static void registered(void)
{
	group("at the start");
	lookup(mach_task_self());
	say_two();
	try("AB");
	say_two();
	try("B");
	say_two();
	try("");
	say_two();
	try("0A0B");
	try("AAAA");
	say_two();
	try("AAAAA");
	say_two();
	try("~B");
	try("D");
	say_name(N('D'));
	try("AR");
	try("AO");
	say_name(N('O'));
	try("S");
	try("A?");
	say_two();
	drain(N('R'));
	try("A");
	group("after its port died");
	mach_port_mod_refs(mach_task_self(), N('A'), MACH_PORT_RIGHT_RECEIVE,
			   -1);
	lookup(mach_task_self());
	say_name(N('A'));
	try("");
	discard(N('A'));
}

static void get(mach_port_t task, int which)
{
	mach_port_t port = 0xdead;

	say("get %d: %k", which, task_get_special_port(task, which, &port));
	if (port != 0xdead)
		say("get %d gave: %n", which, port);
	if (port != 0xdead && port != mach_task_self() &&
	    MACH_PORT_VALID(port))
		mach_port_deallocate(mach_task_self(), port);
}

static void set(mach_port_t task, int which, mach_port_t port)
{
	say("set %d to %n: %k", which, port,
	    task_set_special_port(task, which, port));
}

static void special(void)
{
	mach_port_t task = mach_task_self();

	new_sendable('A', 1);
	group("special ports");
	get(task, TASK_KERNEL_PORT);
	set(task, TASK_BOOTSTRAP_PORT, MACH_PORT_NULL);
	set(task, TASK_EXCEPTION_PORT, MACH_PORT_NULL);
	get(task, TASK_BOOTSTRAP_PORT);
	get(task, TASK_EXCEPTION_PORT);
	set(task, TASK_BOOTSTRAP_PORT, N('A'));
	get(task, TASK_BOOTSTRAP_PORT);
	say_two();
	set(task, TASK_EXCEPTION_PORT, N('A'));
	get(task, TASK_EXCEPTION_PORT);
	set(task, TASK_BOOTSTRAP_PORT, N('B'));
	set(task, TASK_EXCEPTION_PORT, N('B'));
	say_two();
	group("special ports, bad port");
	set(task, TASK_BOOTSTRAP_PORT, MACH_PORT_DEAD);
	get(task, TASK_BOOTSTRAP_PORT);
	set(task, TASK_BOOTSTRAP_PORT, N('D'));
	get(task, TASK_BOOTSTRAP_PORT);
	set(task, TASK_BOOTSTRAP_PORT, N('R'));
	get(task, TASK_BOOTSTRAP_PORT);
	set(task, TASK_BOOTSTRAP_PORT, N('S'));
	set(task, TASK_BOOTSTRAP_PORT, UNUSED);
	set(task, TASK_BOOTSTRAP_PORT, N('O'));
	say_name(N('O'));
	group("special ports, bad index");
	for (int which = -1; which <= 7; which++)
		if (which != 1 && which != 3 && which != 4) {
			get(task, which);
			set(task, which, N('B'));
		}
	group("special ports, the port dies");
	set(task, TASK_BOOTSTRAP_PORT, N('A'));
	mach_port_mod_refs(task, N('A'), MACH_PORT_RIGHT_RECEIVE, -1);
	get(task, TASK_BOOTSTRAP_PORT);
	set(task, TASK_BOOTSTRAP_PORT, MACH_PORT_NULL);
	get(task, TASK_BOOTSTRAP_PORT);
}

/* A new kernel port: what mach_task_self() then is. */
static void kernel_port(void)
{
	mach_port_t task = mach_task_self(), old, self;

	group("kernel port");
	must("old", task_get_special_port(task, TASK_KERNEL_PORT, &old));
	new_sendable('K', 1);
	set(task, TASK_KERNEL_PORT, N('K'));
	self = (mach_task_self)();
	say("the trap gives: %n", self);
	get(task, TASK_KERNEL_PORT);
	say_name(N('K'));
	set(task, TASK_KERNEL_PORT, old);
	self = (mach_task_self)();
	say("the trap gives: %n", self);
}

static void peer_looks(void)
{
	lookup(mach_task_self());
	get(mach_task_self(), TASK_BOOTSTRAP_PORT);
	get(mach_task_self(), TASK_EXCEPTION_PORT);
	get(mach_task_self(), TASK_KERNEL_PORT);
}

/* A new task has them from its parent. */
static void inherited(void)
{
	mach_port_t names[4] = { N('B'), 0, 0, 0 };

	group("inherited");
	must("register", mach_ports_register(mach_task_self(), names, 1));
	set(mach_task_self(), TASK_BOOTSTRAP_PORT, N('B'));
	set(mach_task_self(), TASK_EXCEPTION_PORT, MACH_PORT_NULL);
	group("inherited, there");
	in_peer(peer_looks);
	group("of the other task");
	lookup(peer());
	get(peer(), TASK_BOOTSTRAP_PORT);
	get(peer(), TASK_EXCEPTION_PORT);
}

PROGRAM(registered)
{
	new_sendable('A', 1);
	new_sendable('B', 1);
	new_dead('D', 2);
	new_port('R');
	new_set('S');
	new_send_once('O', N('R'));
	registered();
	special();
	kernel_port();
	inherited();
}
