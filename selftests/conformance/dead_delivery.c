// SPDX-License-Identifier: GPL-2.0
/* Ports that die while rights for them, or messages to them, are queued. */
#include "conf.h"

static struct message m;

static void give_receive(char letter)
{
	must("give", mach_port_insert_right(peer(), N(letter), N(letter),
					    MACH_MSG_TYPE_MOVE_RECEIVE));
}

/* The reply port dies while the message is queued. */
static void reply_dies(int disposition)
{
	group("reply port dies, %r", disposition);
	new_sendable('A', 1);
	new_port('R');
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, N('R'), disposition, 1);
	must("send", msg_send(&m));
	discard(N('R'));
	must("receive", msg_receive(&m, N('A')));
	say_header("received", &m);
	discard(N('A'));
}

static void body_dies(int disposition, int in_line)
{
	mach_port_t name = N('R');

	group("body's port dies, %r %s", disposition,
	      in_line ? "in line" : "array");
	new_sendable('A', 1);
	new_port('R');
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	if (in_line)
		put_right(&m, name, disposition);
	else
		put_rights(&m, &name, 1, disposition, 0);
	must("send", msg_send(&m));
	discard(N('R'));
	must("receive", msg_receive(&m, N('A')));
	say_message("received", &m);
	discard(N('A'));
}

/* The destination's queue is destroyed with these in it. */
static void queue_dies(void)
{
	group("queue dies");
	new_sendable('A', 1);
	new_sendable('S', 1);
	new_sendable('R', 1);
	arm(N('R'), MACH_NOTIFY_DEAD_NAME, N('Q'));
	arm(N('S'), MACH_NOTIFY_NO_SENDERS, N('Q'));
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, N('Q'),
	      MACH_MSG_TYPE_MAKE_SEND_ONCE, 1);
	put_right(&m, N('S'), MACH_MSG_TYPE_MOVE_SEND);
	put_right(&m, N('R'), MACH_MSG_TYPE_MOVE_RECEIVE);
	put_right(&m, N('Q'), MACH_MSG_TYPE_MAKE_SEND_ONCE);
	must("send", msg_send(&m));
	drain(N('Q'));
	discard(N('A'));
	drain(N('Q'));
	say_name(N('R'));
	say_name(N('S'));
	discard(N('R'));
	discard(N('S'));
	drain(N('Q'));
}

/* To a port whose death the sender has not noticed. */
static void to_the_dead(void)
{
	static const int dispositions[] = {
		MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MOVE_SEND,
	};

	for (size_t i = 0; i < ARRAY_SIZE(dispositions); i++) {
		group("to a dead port, %r", dispositions[i]);
		new_kind(KIND_DIED, 'A', 2);
		begin(&m, N('A'), dispositions[i], N('Q'),
		      MACH_MSG_TYPE_MAKE_SEND_ONCE, 1);
		put_right(&m, N('Q'), MACH_MSG_TYPE_MAKE_SEND_ONCE);
		said("send", msg_send(&m));
		say_name(N('A'));
		drain(N('Q'));
		discard(N('A'));
	}
	group("to a dead send-once right");
	new_port('A');
	new_send_once('O', N('A'));
	discard(N('A'));
	begin(&m, N('O'), MACH_MSG_TYPE_MOVE_SEND_ONCE, N('Q'),
	      MACH_MSG_TYPE_MAKE_SEND_ONCE, 1);
	said("send", msg_send(&m));
	say_name(N('O'));
	drain(N('Q'));
	discard(N('O'));
}

/* Dead-name requests, and what the port's death leaves of a name. */
static void requested(void)
{
	static const enum kind kinds[] = { KIND_SEND, KIND_BOTH };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		group("requested, %s", kind_name(kinds[i]));
		new_kind(kinds[i], 'A', 3);
		arm(N('A'), MACH_NOTIFY_DEAD_NAME, N('Q'));
		if (kinds[i] == KIND_BOTH)
			give_receive('A');
		must("die", mach_port_destroy(peer(), N('A')));
		drain(N('Q'));
		say_name(N('A'));
		said("deallocate", mach_port_deallocate(mach_task_self(),
							N('A')));
		say_name(N('A'));
		drain(N('Q'));
		discard(N('A'));
	}
}

/* A message to a set's member that dies before it is received. */
static void member_dies(void)
{
	group("member dies");
	new_sendable('A', 1);
	new_sendable('B', 1);
	new_set('S');
	mach_port_move_member(mach_task_self(), N('A'), N('S'));
	mach_port_move_member(mach_task_self(), N('B'), N('S'));
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, N('Q'),
	      MACH_MSG_TYPE_MAKE_SEND_ONCE, 1);
	must("send", msg_send(&m));
	must("send", send_id(N('B'), 2));
	discard(N('A'));
	drain(N('Q'));
	drain(N('S'));
	discard(N('S'));
	discard(N('B'));
}

PROGRAM(dead_delivery)
{
	static const int dispositions[] = {
		MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE,
	};

	new_port('Q');
	for (size_t i = 0; i < ARRAY_SIZE(dispositions); i++) {
		reply_dies(dispositions[i]);
		body_dies(dispositions[i], 1);
		body_dies(dispositions[i], 0);
	}
	queue_dies();
	to_the_dead();
	requested();
	member_dies();
}
