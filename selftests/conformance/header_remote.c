// SPDX-License-Identifier: GPL-2.0
/* Every disposition of the destination, for every kind of name. */
#include "conf.h"

static const int dispositions[] = {
	0, 1, 15, MACH_MSG_TYPE_MOVE_RECEIVE, MACH_MSG_TYPE_MOVE_SEND,
	MACH_MSG_TYPE_MOVE_SEND_ONCE, MACH_MSG_TYPE_COPY_SEND,
	MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE, 22, 23, 255,
};

static void try(enum kind kind, int disposition, unsigned int refs)
{
	mach_port_t name = new_kind(kind, 'A', refs);
	struct message m;

	begin(&m, name, disposition, MACH_PORT_NULL, 0, 1);
	say("%r: %k", disposition, msg_send(&m));
	if (MACH_PORT_VALID(name) && kind != KIND_UNUSED)
		say_name(name);
	if (kind == KIND_RECEIVE || kind == KIND_BOTH) {
		if (!msg_receive(&m, name))
			say_header("received", &m);
		say_status(name);
	}
	drain(N('Q'));
	end_kind(kind, 'A');
}

PROGRAM(header_remote)
{
	new_port('Q');
	for (enum kind kind = 0; kind < KINDS; kind++)
		for (size_t i = 0; i < ARRAY_SIZE(dispositions); i++) {
			group("%s", kind_name(kind));
			try(kind, dispositions[i], 1);
		}
	group("two references");
	try(KIND_BOTH, MACH_MSG_TYPE_MOVE_SEND, 2);
	try(KIND_SEND, MACH_MSG_TYPE_MOVE_SEND, 2);
	try(KIND_DEAD_NAME, MACH_MSG_TYPE_MOVE_SEND, 2);
}
