// SPDX-License-Identifier: GPL-2.0
/* Names of each kind. */
#include "conf.h"

static const char *const names[KINDS] = {
	[KIND_NULL] = "null",
	[KIND_DEAD] = "dead",
	[KIND_UNUSED] = "unused",
	[KIND_RECEIVE] = "receive",
	[KIND_BOTH] = "send and receive",
	[KIND_SEND] = "send",
	[KIND_SEND_ONCE] = "send-once",
	[KIND_DEAD_NAME] = "dead name",
	[KIND_DIED] = "send, port died",
	[KIND_SET] = "port set",
};

const char *kind_name(enum kind kind)
{
	return names[kind];
}

static mach_port_t new_send(char letter, mach_port_urefs_t refs)
{
	mach_port_t port = new_sendable(letter, refs);

	must("give", mach_port_insert_right(peer(), port, port,
					    MACH_MSG_TYPE_MOVE_RECEIVE));
	return port;
}

mach_port_t new_kind(enum kind kind, char letter, mach_port_urefs_t refs)
{
	switch (kind) {
	case KIND_NULL:
		return MACH_PORT_NULL;
	case KIND_DEAD:
		return MACH_PORT_DEAD;
	case KIND_RECEIVE:
		return new_port(letter);
	case KIND_BOTH:
		return new_sendable(letter, refs);
	case KIND_SEND:
		return new_send(letter, refs);
	case KIND_SEND_ONCE:
		return new_send_once(letter, N('Q'));
	case KIND_DEAD_NAME:
		return new_dead(letter, refs);
	case KIND_DIED:
		new_send(letter, refs);
		must("die", mach_port_destroy(peer(), N(letter)));
		return N(letter);
	case KIND_SET:
		return new_set(letter);
	default:
		return N(letter);
	}
}

void end_kind(enum kind kind, char letter)
{
	mach_port_type_t type;

	discard(N(letter));
	if (kind == KIND_SEND && !mach_port_type(peer(), N(letter), &type))
		must("destroy", mach_port_destroy(peer(), N(letter)));
}
