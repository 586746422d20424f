// SPDX-License-Identifier: GPL-2.0
/* The port-deleted notification: every way in which a name goes. */
#include "conf.h"

static struct message m;

static mach_port_t armed(enum kind kind, unsigned int refs)
{
	new_kind(kind, 'A', refs);
	arm(N('A'), MACH_NOTIFY_DEAD_NAME, N('N'));
	return N('A');
}

static void finish(enum kind kind)
{
	say_name(N('A'));
	drain(N('N'));
	end_kind(kind, 'A');
	drain(N('N'));
	drain(N('Q'));
}

static void by_call(enum kind kind, unsigned int refs)
{
	mach_port_t task = mach_task_self();

	group("%s %u, deallocate", kind_name(kind), refs);
	said("call", mach_port_deallocate(task, armed(kind, refs)));
	finish(kind);
	group("%s %u, destroy", kind_name(kind), refs);
	said("call", mach_port_destroy(task, armed(kind, refs)));
	finish(kind);
	group("%s %u, mod_refs of send", kind_name(kind), refs);
	said("call", mach_port_mod_refs(task, armed(kind, refs),
					MACH_PORT_RIGHT_SEND, -(int)refs));
	finish(kind);
	group("%s %u, mod_refs of receive", kind_name(kind), refs);
	said("call", mach_port_mod_refs(task, armed(kind, refs),
					MACH_PORT_RIGHT_RECEIVE, -1));
	finish(kind);
	group("%s %u, mod_refs of send-once", kind_name(kind), refs);
	said("call", mach_port_mod_refs(task, armed(kind, refs),
					MACH_PORT_RIGHT_SEND_ONCE, -1));
	finish(kind);
}

/* As destination, as reply, in a body, by extract and by insert. */
static void by_message(enum kind kind, int disposition)
{
	mach_port_t out;
	mach_msg_type_name_t type;

	group("%s, destination %r", kind_name(kind), disposition);
	begin(&m, armed(kind, 1), disposition, 0, 0, 1);
	said("send", msg_send(&m));
	finish(kind);
	group("%s, reply %r", kind_name(kind), disposition);
	begin(&m, N('D'), MACH_MSG_TYPE_COPY_SEND, armed(kind, 1), disposition,
	      1);
	said("send", msg_send(&m));
	finish(kind);
	drain(N('D'));
	group("%s, body %r", kind_name(kind), disposition);
	begin(&m, N('D'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_right(&m, armed(kind, 1), disposition);
	said("send", msg_send(&m));
	finish(kind);
	drain(N('D'));
	group("%s, extract %r", kind_name(kind), disposition);
	out = MACH_PORT_NULL;
	said("extract", mach_port_extract_right(mach_task_self(),
						armed(kind, 1),
						(unsigned int)disposition,
						&out, &type));
	finish(kind);
	discard(out);
	group("%s, insert %r", kind_name(kind), disposition);
	said("insert", mach_port_insert_right(peer(), N('X'), armed(kind, 1),
					      (unsigned int)disposition));
	finish(kind);
	mach_port_destroy(peer(), N('X'));
	drain(N('Q'));
}

/* The receive right goes and the send right stays: the request stays. */
static void receive_goes(void)
{
	group("receive right of both goes");
	new_sendable('A', 1);
	arm(N('A'), MACH_NOTIFY_DEAD_NAME, N('N'));
	must("give", mach_port_insert_right(peer(), N('A'), N('A'),
					    MACH_MSG_TYPE_MOVE_RECEIVE));
	say_name(N('A'));
	drain(N('N'));
	must("destroy", mach_port_destroy(peer(), N('A')));
	drain(N('N'));
	say_name(N('A'));
	discard(N('A'));
	group("the notification");
	said("call", mach_port_destroy(mach_task_self(),
				       armed(KIND_SEND_ONCE, 1)));
	must("receive", msg_receive(&m, N('N')));
	say_message("note", &m);
	drain(N('Q'));
}

PROGRAM(port_deleted)
{
	new_port('N');
	new_port('Q');
	new_sendable('D', 1);
	by_call(KIND_RECEIVE, 1);
	by_call(KIND_BOTH, 1);
	by_call(KIND_BOTH, 2);
	by_call(KIND_SEND, 1);
	by_call(KIND_SEND, 2);
	by_call(KIND_SEND_ONCE, 1);
	by_message(KIND_RECEIVE, MACH_MSG_TYPE_MOVE_RECEIVE);
	by_message(KIND_BOTH, MACH_MSG_TYPE_MOVE_RECEIVE);
	by_message(KIND_BOTH, MACH_MSG_TYPE_MOVE_SEND);
	by_message(KIND_SEND, MACH_MSG_TYPE_MOVE_SEND);
	by_message(KIND_SEND, MACH_MSG_TYPE_COPY_SEND);
	by_message(KIND_SEND_ONCE, MACH_MSG_TYPE_MOVE_SEND_ONCE);
	receive_goes();
}
