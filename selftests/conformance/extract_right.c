// SPDX-License-Identifier: GPL-2.0
/* mach_port_extract_right: every disposition of every right. */
#include "conf.h"

static const int dispositions[] = {
	MACH_MSG_TYPE_MOVE_RECEIVE, MACH_MSG_TYPE_MOVE_SEND,
	MACH_MSG_TYPE_MOVE_SEND_ONCE, MACH_MSG_TYPE_COPY_SEND,
	MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE,
};

static void try(mach_port_t task, mach_port_t name, unsigned int disposition)
{
	mach_port_t right = MACH_PORT_NULL;
	mach_msg_type_name_t type = 0;
	kern_return_t kr;

	kr = mach_port_extract_right(task, name, disposition, &right, &type);
	say("%r: %k", (int)disposition, kr);
	if (kr)
		return;
	say("%r gave: %n %r", (int)disposition, right, (int)type);
	if (MACH_PORT_VALID(right)) {
		say_name(right);
		if (right != name)
			discard(right);
	}
}

static void make(char kind)
{
	if (kind == 'r')
		new_port('A');
	else if (kind == 'b')
		new_sendable('A', 2);
	else if (kind == 'o')
		new_send_once('A', N('Q'));
	else if (kind == 'd')
		new_dead('A', 2);
	else if (kind == 'p')
		new_set('A');
	else {
		new_sendable('A', 2);
		must("give", mach_port_insert_right(
			peer(), N('P'), N('A'), MACH_MSG_TYPE_MOVE_RECEIVE));
	}
}

static void own(const char *what, char kind)
{
	group("own task, %s", what);
	for (size_t i = 0; i < ARRAY_SIZE(dispositions); i++) {
		make(kind);
		try(mach_task_self(), N('A'), (unsigned int)dispositions[i]);
		say_name(N('A'));
		discard(N('A'));
		if (kind == 's')
			mach_port_destroy(peer(), N('P'));
		drain(N('Q'));
	}
}

static void peer_makes(void)
{
	char kind = (char)shared[0];

	discard(N('A'));
	if (kind == 'o')
		discard(N('Q'));
	if (kind == 'o')
		new_port('Q');
	make(kind);
}

static void peer_says(void)
{
	say_name(N('A'));
	discard(N('A'));
}

static void of_peer(const char *what, char kind)
{
	shared[0] = (unsigned long)kind;
	for (size_t i = 0; i < ARRAY_SIZE(dispositions); i++) {
		group("other task, %s", what);
		in_peer(peer_makes);
		try(peer(), N('A'), (unsigned int)dispositions[i]);
		group("other task, %s, there", what);
		in_peer(peer_says);
	}
}

static void errors(void)
{
	static const unsigned int bad[] = { 0, 1, 15, 22, 23, 99, ~0U };

	group("errors");
	new_sendable('A', 1);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		try(mach_task_self(), N('A'), bad[i]);
	group("errors, unused name");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		try(mach_task_self(), UNUSED, bad[i]);
	for (size_t i = 0; i < ARRAY_SIZE(dispositions); i++)
		try(mach_task_self(), UNUSED, (unsigned int)dispositions[i]);
	group("errors, null");
	try(mach_task_self(), MACH_PORT_NULL, MACH_MSG_TYPE_COPY_SEND);
	group("errors, dead");
	try(mach_task_self(), MACH_PORT_DEAD, MACH_MSG_TYPE_COPY_SEND);
	group("errors, bad task");
	try(UNUSED, N('A'), MACH_MSG_TYPE_COPY_SEND);
	drain(N('A'));
	discard(N('A'));
}

PROGRAM(extract_right)
{
	new_port('Q');
	own("receive", 'r');
	own("send and receive", 'b');
	own("send", 's');
	own("send-once", 'o');
	own("dead name", 'd');
	own("port set", 'p');
	of_peer("receive", 'r');
	of_peer("send and receive", 'b');
	of_peer("send-once", 'o');
	of_peer("dead name", 'd');
	of_peer("port set", 'p');
	errors();
}
