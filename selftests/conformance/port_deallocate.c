// SPDX-License-Identifier: GPL-2.0
/* mach_port_deallocate and mach_port_destroy, on every kind of name. */
#include "conf.h"

static void try(enum kind kind, unsigned int refs, int destroy)
{
	mach_port_t name = new_kind(kind, 'A', refs);
	kern_return_t kr;

	group("%s, %s, %u", destroy ? "destroy" : "deallocate",
	      kind_name(kind), refs);
	for (int i = 1; i <= 3; i++) {
		kr = destroy ? mach_port_destroy(mach_task_self(), name) :
			       mach_port_deallocate(mach_task_self(), name);
		say("call %d: %k", i, kr);
		if (MACH_PORT_VALID(name))
			say_name(name);
		drain(N('Q'));
	}
	end_kind(kind, 'A');
}

/* What the port's other rights see. */
static void others(void)
{
	mach_port_t a = new_port('A');

	group("send-once right of a port with a queue");
	new_send_once('O', a);
	said("deallocate", mach_port_deallocate(mach_task_self(), N('O')));
	drain(a);
	new_send_once('O', a);
	said("destroy", mach_port_destroy(mach_task_self(), N('O')));
	drain(a);
	new_send_once('O', a);
	said("mod_refs", mach_port_mod_refs(mach_task_self(), N('O'),
					    MACH_PORT_RIGHT_SEND_ONCE, -1));
	drain(a);
	group("port of a send-once right");
	new_send_once('O', a);
	said("destroy", mach_port_destroy(mach_task_self(), a));
	say_name(N('O'));
	said("deallocate", mach_port_deallocate(mach_task_self(), N('O')));
	say_name(N('O'));
}

PROGRAM(port_deallocate)
{
	new_port('Q');
	for (int destroy = 0; destroy < 2; destroy++)
		for (enum kind kind = 0; kind < KINDS; kind++) {
			try(kind, 1, destroy);
			if (kind == KIND_BOTH || kind == KIND_SEND ||
			    kind == KIND_DEAD_NAME || kind == KIND_DIED)
				try(kind, 2, destroy);
		}
	others();
}
