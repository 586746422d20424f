// SPDX-License-Identifier: GPL-2.0
/* Destination and reply under one name: handled together, or not at all. */
#include "conf.h"

static const int dispositions[] = {
	MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_MOVE_SEND_ONCE,
	MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND,
	MACH_MSG_TYPE_MAKE_SEND_ONCE,
};

/* The right is removed from the peer, where the messages went. */
static void peer_drains(void)
{
	struct message m;

	if (!msg_receive(&m, N('A'))) {
		say_header("received there", &m);
		discard(m.head.msgh_remote_port);
	}
}

static void try(enum kind kind, unsigned int refs, int remote, int local)
{
	mach_port_t name = new_kind(kind, 'A', refs);
	struct message m;

	begin(&m, name, remote, name, local, 1);
	say("%r and %r: %k", remote, local, msg_send(&m));
	say_name(name);
	if (kind == KIND_BOTH || kind == KIND_RECEIVE) {
		say_status(name);
		if (!msg_receive(&m, name)) {
			say_header("received", &m);
			say_name(name);
			if (m.head.msgh_remote_port != name)
				discard(m.head.msgh_remote_port);
		}
	} else if (kind == KIND_SEND) {
		in_peer(peer_drains);
	}
	drain(N('Q'));
	end_kind(kind, 'A');
}

PROGRAM(header_pair)
{
	static const enum kind kinds[] = {
		KIND_RECEIVE, KIND_BOTH, KIND_SEND, KIND_SEND_ONCE,
		KIND_DEAD_NAME, KIND_DIED, KIND_SET, KIND_UNUSED,
	};

	new_port('Q');
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++)
		for (unsigned int refs = 1; refs <= 2; refs++) {
			if (refs == 2 && kinds[k] != KIND_BOTH &&
			    kinds[k] != KIND_SEND)
				continue;
			for (size_t i = 0; i < 25; i++) {
				group("%s, %u", kind_name(kinds[k]), refs);
				try(kinds[k], refs, dispositions[i / 5],
				    dispositions[i % 5]);
			}
		}
}
