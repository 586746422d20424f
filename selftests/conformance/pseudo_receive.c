// SPDX-License-Identifier: GPL-2.0
/* A message that could not be queued comes back: in which form. */
#include "conf.h"

/* A full queue; the send right's references are counted afterwards. */
static mach_port_t full(char letter, unsigned int refs)
{
	mach_port_t port = new_sendable(letter, refs);

	must("limit", mach_port_set_qlimit(mach_task_self(), port, 0));
	return port;
}

static void say_back(const struct message *m)
{
	say_message("back", m);
	say_name(N('A'));
	say_status(N('A'));
}

static void header(int remote, int local)
{
	mach_port_t a = full('A', 1);
	struct message m;

	group("header %r, reply %r", remote, local);
	new_sendable('R', 1);
	new_send_once('O', N('R'));
	begin(&m, a, remote,
	      local ? local == MACH_MSG_TYPE_MOVE_SEND_ONCE ? N('O') : N('R') :
		      MACH_PORT_NULL, local, 5);
	said("send", msg_send(&m));
	say_back(&m);
	say_name(N('R'));
	say_status(N('R'));
	if (MACH_PORT_VALID(m.head.msgh_local_port))
		say_name(m.head.msgh_local_port);
	/* As it is, it can be sent again. */
	must("limit", mach_port_set_qlimit(mach_task_self(), a, 5));
	m.size = m.head.msgh_size;
	said("send again", msg_send(&m));
	if (!msg_receive(&m, a)) {
		say_header("received", &m);
		if (m.head.msgh_remote_port != N('R'))
			discard(m.head.msgh_remote_port);
	}
	say_name(a);
	discard(a);
	discard(N('O'));
	discard(N('R'));
}

static void body(enum kind kind, int disposition, int in_line)
{
	mach_port_t a = full('A', 1), name, back;
	struct message m;

	group("%s, %s %r", in_line ? "in line" : "array", kind_name(kind),
	      disposition);
	name = new_kind(kind, 'B', 1);
	if (kind == KIND_BOTH) {
		must("seqno", mach_port_set_seqno(mach_task_self(), name, 3));
		must("mscount", mach_port_set_mscount(mach_task_self(), name,
						      4));
		must("send", send_id(name, 9));
	}
	begin(&m, a, MACH_MSG_TYPE_COPY_SEND, 0, 0, 6);
	if (in_line)
		put_right(&m, name, disposition);
	else
		put_rights(&m, &name, 1, disposition, 0);
	said("send", msg_send(&m));
	say_back(&m);
	back = first_right(&m);
	if (MACH_PORT_VALID(name))
		say_name(name);
	if (kind == KIND_BOTH)
		say_status(name);
	if (MACH_PORT_VALID(back) && back != name) {
		say_name(back);
		discard(back);
	}
	discard(a);
	end_kind(kind, 'B');
	drain(N('Q'));
}

static void bodies(void)
{
	static const struct {
		enum kind kind;
		int disposition;
	} list[] = {
		{ KIND_NULL, MACH_MSG_TYPE_COPY_SEND },
		{ KIND_DEAD, MACH_MSG_TYPE_MOVE_SEND },
		{ KIND_DEAD_NAME, MACH_MSG_TYPE_COPY_SEND },
		{ KIND_BOTH, MACH_MSG_TYPE_MOVE_RECEIVE },
		{ KIND_RECEIVE, MACH_MSG_TYPE_MOVE_RECEIVE },
		{ KIND_BOTH, MACH_MSG_TYPE_MOVE_SEND },
		{ KIND_BOTH, MACH_MSG_TYPE_COPY_SEND },
		{ KIND_BOTH, MACH_MSG_TYPE_MAKE_SEND },
		{ KIND_BOTH, MACH_MSG_TYPE_MAKE_SEND_ONCE },
		{ KIND_SEND, MACH_MSG_TYPE_MOVE_SEND },
		{ KIND_SEND, MACH_MSG_TYPE_COPY_SEND },
		{ KIND_SEND_ONCE, MACH_MSG_TYPE_MOVE_SEND_ONCE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		body(list[i].kind, list[i].disposition, 1);
		body(list[i].kind, list[i].disposition, 0);
	}
}

static void memory(int deallocate)
{
	mach_port_t a = full('A', 1);
	vm_address_t page = 0;
	struct message m;
	char *back;

	group("memory, %s", deallocate ? "deallocate" : "copy");
	must("vm_allocate", vm_allocate(mach_task_self(), &page, PAGE, 1));
	*(char *)page = 42;
	begin(&m, a, MACH_MSG_TYPE_COPY_SEND, 0, 0, 7);
	put_memory(&m, (char *)page, 1, deallocate);
	said("send", msg_send(&m));
	say_back(&m);
	back = first_memory(&m);
	say("byte is: %d", back ? *back : -1);
	if (!deallocate)
		say("address is: %s", back == (char *)page ? "the same" :
							     "another");
	discard(a);
}

/* A move of the last reference: the name comes back. */
static void last_reference(void)
{
	struct message m;

	group("move of the last reference");
	new_kind(KIND_SEND, 'B', 1);
	must("limit", mach_port_set_qlimit(peer(), N('B'), 0));
	arm(N('B'), MACH_NOTIFY_DEAD_NAME, N('Q'));
	begin(&m, N('B'), MACH_MSG_TYPE_MOVE_SEND, 0, 0, 8);
	said("send", msg_send(&m));
	say("remote is: %s", m.head.msgh_remote_port ? "a name" : "null");
	relabel(m.head.msgh_remote_port, 'C');
	say_name(N('C'));
	drain(N('Q'));
	discard(N('C'));
	mach_port_destroy(peer(), N('B'));
}

PROGRAM(pseudo_receive)
{
	static const int remote[] = { MACH_MSG_TYPE_COPY_SEND,
		MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_MAKE_SEND };
	static const int local[] = { 0, MACH_MSG_TYPE_MOVE_SEND,
		MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND,
		MACH_MSG_TYPE_MAKE_SEND_ONCE, MACH_MSG_TYPE_MOVE_SEND_ONCE };

	new_port('Q');
	for (size_t i = 0; i < ARRAY_SIZE(remote); i++)
		for (size_t j = 0; j < ARRAY_SIZE(local); j++)
			header(remote[i], local[j]);
	bodies();
	memory(0);
	memory(1);
	last_reference();
}
