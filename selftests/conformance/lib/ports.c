// SPDX-License-Identifier: GPL-2.0
/* Port names with a letter, and lines about what they denote. */
#include "conf.h"

static mach_port_t new_name(char letter, mach_port_right_t right)
{
	must("mach_port_allocate_name",
	     mach_port_allocate_name(mach_task_self(), right, N(letter)));
	return N(letter);
}

mach_port_t new_port(char letter)
{
	return new_name(letter, MACH_PORT_RIGHT_RECEIVE);
}

mach_port_t new_set(char letter)
{
	return new_name(letter, MACH_PORT_RIGHT_PORT_SET);
}

mach_port_t new_dead(char letter, mach_port_urefs_t refs)
{
	mach_port_t name = new_name(letter, MACH_PORT_RIGHT_DEAD_NAME);

	must("mach_port_mod_refs",
	     mach_port_mod_refs(mach_task_self(), name,
				MACH_PORT_RIGHT_DEAD_NAME, (int)refs - 1));
	return name;
}

void make_send(mach_port_t port)
{
	must("make_send",
	     mach_port_insert_right(mach_task_self(), port, port,
				    MACH_MSG_TYPE_MAKE_SEND));
}

mach_port_t new_sendable(char letter, mach_port_urefs_t refs)
{
	mach_port_t port = new_port(letter);

	for (; refs; refs--)
		make_send(port);
	return port;
}

mach_port_t new_send_once(char letter, mach_port_t port)
{
	must("new_send_once",
	     mach_port_insert_right(mach_task_self(), N(letter), port,
				    MACH_MSG_TYPE_MAKE_SEND_ONCE));
	return N(letter);
}

mach_port_t relabel(mach_port_t name, char letter)
{
	if (name != N(letter))
		must("mach_port_rename",
		     mach_port_rename(mach_task_self(), name, N(letter)));
	return N(letter);
}

void discard(mach_port_t name)
{
	mach_port_type_t type;

	if (!mach_port_type(mach_task_self(), name, &type))
		mach_port_destroy(mach_task_self(), name);
}

void say_name(mach_port_t name)
{
	static const char *const rights[] = {
		"send", "receive", "send-once", "port-set", "dead-name",
	};
	mach_port_urefs_t refs[MACH_PORT_RIGHT_NUMBER] = { 0 };
	mach_port_type_t type = 0;
	kern_return_t kr;

	kr = mach_port_type(mach_task_self(), name, &type);
	if (kr) {
		say("%n is: %k", name, kr);
		return;
	}
	for (unsigned int i = 0; i < MACH_PORT_RIGHT_NUMBER; i++) {
		kr = mach_port_get_refs(mach_task_self(), name, i, &refs[i]);
		if (kr)
			say("%n, references of %s: %k", name, rights[i], kr);
	}
	say("%n is: %t, references %u %u %u %u %u", name, type, refs[0],
	    refs[1], refs[2], refs[3], refs[4]);
}

void say_status(mach_port_t name)
{
	mach_port_status_t s;
	kern_return_t kr;

	kr = mach_port_get_receive_status(mach_task_self(), name, &s);
	if (kr) {
		say("status of %n: %k", name, kr);
		return;
	}
	say("status of %n: set %n seqno %u mscount %u qlimit %u msgcount %u "
	    "sorights %u srights %d pdrequest %d nsrequest %d", name,
	    s.mps_pset, s.mps_seqno, s.mps_mscount, s.mps_qlimit,
	    s.mps_msgcount, s.mps_sorights, s.mps_srights, s.mps_pdrequest,
	    s.mps_nsrequest);
}
