// SPDX-License-Identifier: GPL-2.0
/* mach_port_mod_refs and get_refs: every right, every kind, every delta. */
#include "conf.h"

static const int deltas[] = { 0, 1, -1, 2, -2, 3, -3, 65533, 65534, 0x7fffffff,
			      -0x7fffffff - 1 };

static void try(enum kind kind, unsigned int right, int delta)
{
	mach_port_t name = new_kind(kind, 'A', 2);
	mach_port_type_t type;

	say("right %u by %d: %k", right, delta,
	    mach_port_mod_refs(mach_task_self(), name, right, delta));
	if (MACH_PORT_VALID(name) &&
	    !mach_port_type(mach_task_self(), name, &type))
		say_name(name);
	end_kind(kind, 'A');
}

static void all_deltas(void)
{
	for (enum kind kind = 0; kind < KINDS; kind++)
		for (unsigned int right = 0; right <= 5; right++)
			for (size_t i = 0; i < ARRAY_SIZE(deltas); i++) {
				group("%s", kind_name(kind));
				try(kind, right, deltas[i]);
			}
	group("");
	drain(N('Q'));
}

static void get_refs(void)
{
	mach_port_urefs_t refs;

	for (enum kind kind = 0; kind < KINDS; kind++) {
		mach_port_t name = new_kind(kind, 'A', 2);

		group("get_refs, %s", kind_name(kind));
		for (unsigned int right = 0; right <= 6; right++) {
			kern_return_t kr;

			refs = 99;
			kr = mach_port_get_refs(mach_task_self(), name, right,
						&refs);
			say("right %u: %k", right, kr);
			if (!kr)
				say("right %u, references: %u", right, refs);
		}
		end_kind(kind, 'A');
	}
}

/* The largest counts, and one more. */
static void step(mach_port_t name, unsigned int right, int delta)
{
	say("by %d: %k", delta, mach_port_mod_refs(mach_task_self(), name,
						   right, delta));
	say_name(name);
}

static void limits(void)
{
	group("limit of a send right");
	new_sendable('A', 1);
	step(N('A'), MACH_PORT_RIGHT_SEND, 65532);
	step(N('A'), MACH_PORT_RIGHT_SEND, 1);
	step(N('A'), MACH_PORT_RIGHT_SEND, 1);
	step(N('A'), MACH_PORT_RIGHT_SEND, 2);
	said("one more by insert_right",
	     mach_port_insert_right(mach_task_self(), N('A'), N('A'),
				    MACH_MSG_TYPE_MAKE_SEND));
	say_status(N('A'));
	arm(N('A'), MACH_NOTIFY_DEAD_NAME, N('Q'));
	mach_port_mod_refs(mach_task_self(), N('A'), MACH_PORT_RIGHT_RECEIVE,
			   -1);
	say_name(N('A'));
	step(N('A'), MACH_PORT_RIGHT_DEAD_NAME, 1);
	discard(N('A'));
	drain(N('Q'));
	group("limit of a dead name");
	new_dead('D', 1);
	step(N('D'), MACH_PORT_RIGHT_DEAD_NAME, 65533);
	step(N('D'), MACH_PORT_RIGHT_DEAD_NAME, 1);
	step(N('D'), MACH_PORT_RIGHT_DEAD_NAME, 1);
	said("request", ask(N('D'), MACH_NOTIFY_DEAD_NAME, 1, N('Q')));
	say_name(N('D'));
	step(N('D'), MACH_PORT_RIGHT_DEAD_NAME, -1);
	said("request", ask(N('D'), MACH_NOTIFY_DEAD_NAME, 1, N('Q')));
	say_name(N('D'));
	drain(N('Q'));
	discard(N('D'));
}

/* A right that arrives at the limit is lost silently. */
static void arrives_at_the_limit(void)
{
	struct message m;

	group("send right arrives at the limit");
	new_sendable('A', 1);
	new_sendable('B', 1);
	step(N('A'), MACH_PORT_RIGHT_SEND, 65533);
	for (int i = 0; i < 2; i++) {
		begin(&m, N('B'), MACH_MSG_TYPE_COPY_SEND, N('A'),
		      MACH_MSG_TYPE_COPY_SEND, 1);
		put_right(&m, N('A'), MACH_MSG_TYPE_COPY_SEND);
		must("send", msg_send(&m));
		said("receive", msg_receive(&m, N('B')));
		say_message("message", &m);
		say_name(N('A'));
		say_status(N('A'));
	}
	discard(N('A'));
	discard(N('B'));
}

PROGRAM(port_mod_refs)
{
	new_port('Q');
	all_deltas();
	get_refs();
	limits();
	arrives_at_the_limit();
}
