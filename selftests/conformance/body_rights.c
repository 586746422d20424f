// SPDX-License-Identifier: GPL-2.0
/* Every disposition of a right in the body, for every kind of name. */
#include "conf.h"

static const int dispositions[] = {
	MACH_MSG_TYPE_MOVE_RECEIVE, MACH_MSG_TYPE_MOVE_SEND,
	MACH_MSG_TYPE_MOVE_SEND_ONCE, MACH_MSG_TYPE_COPY_SEND,
	MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE,
};

static void say_arrived(const struct message *m)
{
	mach_port_t name = first_right(m);

	say_message("received", m);
	if (!MACH_PORT_VALID(name))
		return;
	say_name(name);
	if (name != N('A'))
		discard(name);
}

static void try(enum kind kind, int disposition, unsigned int refs,
		int in_line)
{
	mach_port_t name = new_kind(kind, 'A', refs);
	struct message m;

	begin(&m, N('D'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	if (in_line)
		put_right(&m, name, disposition);
	else
		put_rights(&m, &name, 1, disposition, 0);
	say("%r: %k", disposition, msg_send(&m));
	if (MACH_PORT_VALID(name) && kind != KIND_UNUSED)
		say_name(name);
	if (!msg_receive(&m, N('D')))
		say_arrived(&m);
	drain(N('Q'));
	end_kind(kind, 'A');
}

static void all(int in_line)
{
	for (enum kind kind = 0; kind < KINDS; kind++)
		for (size_t i = 0; i < ARRAY_SIZE(dispositions); i++) {
			group("%s, %s", in_line ? "in line" : "array",
			      kind_name(kind));
			try(kind, dispositions[i], 2, in_line);
		}
}

/* With one reference the name goes, or becomes what is left. */
static void last_reference(void)
{
	group("last reference");
	try(KIND_BOTH, MACH_MSG_TYPE_MOVE_SEND, 1, 1);
	try(KIND_SEND, MACH_MSG_TYPE_MOVE_SEND, 1, 1);
	try(KIND_DEAD_NAME, MACH_MSG_TYPE_MOVE_SEND, 1, 1);
	try(KIND_DEAD_NAME, MACH_MSG_TYPE_MOVE_SEND_ONCE, 1, 1);
	try(KIND_BOTH, MACH_MSG_TYPE_MOVE_RECEIVE, 1, 1);
}

PROGRAM(body_rights)
{
	new_port('Q');
	new_sendable('D', 1);
	all(1);
	all(0);
	last_reference();
}
