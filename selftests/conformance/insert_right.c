// SPDX-License-Identifier: GPL-2.0
/* mach_port_insert_right: names, dispositions, what exists there already. */
#include "conf.h"

static const unsigned int dispositions[] = {
	0, 15, MACH_MSG_TYPE_MOVE_RECEIVE, MACH_MSG_TYPE_MOVE_SEND,
	MACH_MSG_TYPE_MOVE_SEND_ONCE, MACH_MSG_TYPE_COPY_SEND,
	MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE, 22, 255,
};

static void insert(mach_port_t task, mach_port_t name, mach_port_t right,
		   unsigned int disposition)
{
	say("%r: %k", (int)disposition,
	    mach_port_insert_right(task, name, right, disposition));
}

static void state(enum kind kind, mach_port_t right)
{
	if (MACH_PORT_VALID(right) && kind != KIND_UNUSED)
		say_name(right);
	say_name(N('B'));
	drain(N('Q'));
}

/* Under a free name of the same task. */
static void free_name(void)
{
	for (enum kind kind = 0; kind < KINDS; kind++)
		for (size_t i = 0; i < ARRAY_SIZE(dispositions); i++) {
			mach_port_t right = new_kind(kind, 'A', 2);

			group("%s, free name", kind_name(kind));
			insert(mach_task_self(), N('B'), right,
			       dispositions[i]);
			state(kind, right);
			discard(N('B'));
			end_kind(kind, 'A');
			drain(N('Q'));
		}
}

/* Under its own name. */
static void own_name(void)
{
	for (enum kind kind = KIND_UNUSED; kind < KINDS; kind++)
		for (size_t i = 2; i < 8; i++) {
			mach_port_t right = new_kind(kind, 'A', 2);

			group("%s, own name", kind_name(kind));
			insert(mach_task_self(), right, right,
			       dispositions[i]);
			say_name(right);
			if (kind == KIND_BOTH || kind == KIND_RECEIVE)
				say_status(right);
			end_kind(kind, 'A');
			drain(N('Q'));
		}
}

/* Where the target has something else under the name. */
static void taken_name(void)
{
	for (enum kind there = KIND_RECEIVE; there < KINDS; there++) {
		for (size_t i = 2; i < 8; i++) {
			new_sendable('A', 1);
			new_send_once('O', N('Q'));
			new_kind(there, 'B', 2);
			group("onto %s", kind_name(there));
			insert(mach_task_self(), N('B'),
			       dispositions[i] == MACH_MSG_TYPE_MOVE_SEND_ONCE ?
			       N('O') : N('A'), dispositions[i]);
			say_name(N('A'));
			say_name(N('B'));
			drain(N('Q'));
			discard(N('A'));
			discard(N('O'));
			end_kind(there, 'B');
			drain(N('Q'));
		}
	}
}

static void bad_names(void)
{
	static const mach_port_t names[] = { MACH_PORT_NULL, MACH_PORT_DEAD };

	for (int i = 0; i < 2; i++) {
		group("name %s", i ? "dead" : "null");
		new_sendable('A', 1);
		insert(mach_task_self(), names[i], N('A'),
		       MACH_MSG_TYPE_MAKE_SEND);
		insert(mach_task_self(), names[i], N('A'),
		       MACH_MSG_TYPE_MAKE_SEND_ONCE);
		insert(mach_task_self(), names[i], N('A'),
		       MACH_MSG_TYPE_MOVE_SEND);
		insert(mach_task_self(), names[i], MACH_PORT_NULL,
		       MACH_MSG_TYPE_COPY_SEND);
		insert(mach_task_self(), names[i], MACH_PORT_DEAD,
		       MACH_MSG_TYPE_COPY_SEND);
		say_name(N('A'));
		say_status(N('A'));
		drain(N('A'));
		discard(N('A'));
	}
}

/* Into another task, where the port is or is not known. */
static void peer_says(void)
{
	say_name(N('A'));
	say_name(N('B'));
}

static void other_task(void)
{
	group("other task");
	new_sendable('A', 2);
	insert(peer(), N('A'), N('A'), MACH_MSG_TYPE_COPY_SEND);
	insert(peer(), N('A'), N('A'), MACH_MSG_TYPE_COPY_SEND);
	insert(peer(), N('B'), N('A'), MACH_MSG_TYPE_COPY_SEND);
	insert(peer(), N('B'), N('A'), MACH_MSG_TYPE_MAKE_SEND_ONCE);
	insert(peer(), N('B'), N('A'), MACH_MSG_TYPE_MAKE_SEND_ONCE);
	insert(peer(), N('A'), N('A'), MACH_MSG_TYPE_MAKE_SEND_ONCE);
	say_status(N('A'));
	drain(N('A'));
	group("other task, there");
	in_peer(peer_says);
	group("other task, receive joins send");
	insert(peer(), N('A'), N('A'), MACH_MSG_TYPE_MOVE_RECEIVE);
	say_name(N('A'));
	group("other task, there, after that");
	in_peer(peer_says);
	group("bad task");
	insert(UNUSED, N('A'), N('A'), MACH_MSG_TYPE_COPY_SEND);
	insert(MACH_PORT_NULL, N('A'), N('A'), MACH_MSG_TYPE_COPY_SEND);
	insert(MACH_PORT_DEAD, N('A'), N('A'), MACH_MSG_TYPE_COPY_SEND);
	insert(UNUSED, N('A'), UNUSED, MACH_MSG_TYPE_COPY_SEND);
	discard(N('A'));
}

PROGRAM(insert_right)
{
	new_port('Q');
	free_name();
	own_name();
	taken_name();
	bad_names();
	other_task();
}
