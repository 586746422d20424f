// SPDX-License-Identifier: GPL-2.0
/* Every disposition of the reply right, for every kind of name. */
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

	begin(&m, N('D'), MACH_MSG_TYPE_COPY_SEND, name, disposition, 1);
	say("%r: %k", disposition, msg_send(&m));
	if (MACH_PORT_VALID(name) && kind != KIND_UNUSED)
		say_name(name);
	if (!msg_receive(&m, N('D'))) {
		say_header("received", &m);
		if (MACH_PORT_VALID(m.head.msgh_remote_port)) {
			say_name(m.head.msgh_remote_port);
			if (m.head.msgh_remote_port != N('A'))
				discard(m.head.msgh_remote_port);
		}
	}
	drain(N('Q'));
	end_kind(kind, 'A');
}

/* Which of two errors is reported. */
static void precedence(void)
{
	struct message m;

	group("precedence");
	begin(&m, UNUSED, MACH_MSG_TYPE_COPY_SEND, UNUSED,
	      MACH_MSG_TYPE_COPY_SEND, 1);
	said("bad destination, bad reply", msg_send(&m));
	begin(&m, N('D'), 16, UNUSED, MACH_MSG_TYPE_COPY_SEND, 1);
	said("bad remote type, bad reply", msg_send(&m));
	begin(&m, UNUSED, MACH_MSG_TYPE_COPY_SEND, N('D'), 16, 1);
	said("bad destination, bad local type", msg_send(&m));
	begin(&m, UNUSED, MACH_MSG_TYPE_COPY_SEND, N('D'), 0, 1);
	said("bad destination, reply without type", msg_send(&m));
	begin(&m, N('D'), 16, N('D'), 16, 1);
	said("both types bad", msg_send(&m));
	begin(&m, MACH_PORT_NULL, MACH_MSG_TYPE_COPY_SEND, 0, 16, 1);
	said("null destination, bad local type", msg_send(&m));
	begin(&m, MACH_PORT_NULL, 0, 0, 0, 1);
	said("all null", msg_send(&m));
	begin(&m, N('D'), MACH_MSG_TYPE_MOVE_SEND_ONCE, UNUSED,
	      MACH_MSG_TYPE_COPY_SEND, 1);
	said("right missing, bad reply", msg_send(&m));
}

PROGRAM(header_local)
{
	new_port('Q');
	new_sendable('D', 1);
	for (enum kind kind = 0; kind < KINDS; kind++)
		for (size_t i = 0; i < ARRAY_SIZE(dispositions); i++) {
			group("%s", kind_name(kind));
			try(kind, dispositions[i], 1);
		}
	group("two references");
	try(KIND_BOTH, MACH_MSG_TYPE_MOVE_SEND, 2);
	try(KIND_SEND, MACH_MSG_TYPE_MOVE_SEND, 2);
	try(KIND_DEAD_NAME, MACH_MSG_TYPE_MOVE_SEND, 2);
	precedence();
}
