// SPDX-License-Identifier: GPL-2.0
/* The queue limit: its values, blocked senders, lowering and raising. */
#include "conf.h"

static mach_port_t target;
static volatile int results[THREADS];

static void set(const char *what, mach_port_t port, unsigned int limit)
{
	said(what, mach_port_set_qlimit(mach_task_self(), port, limit));
}

static void errors(void)
{
	group("errors");
	new_port('A');
	set("16", N('A'), 16);
	set("17", N('A'), 17);
	set("all ones", N('A'), ~0U);
	set("0", N('A'), 0);
	say_status(N('A'));
	set("17, unused name", UNUSED, 17);
	set("5, unused name", UNUSED, 5);
	set("5, null", MACH_PORT_NULL, 5);
	set("5, dead", MACH_PORT_DEAD, 5);
	set("5, port set", new_set('S'), 5);
	set("17, port set", N('S'), 17);
	set("5, dead name", new_dead('D', 1), 5);
	set("5, send-once", new_send_once('O', N('A')), 5);
	discard(N('O'));
	discard(N('A'));
	discard(N('S'));
	discard(N('D'));
}

static void limits(void)
{
	group("default");
	new_sendable('A', 1);
	for (int i = 1; i <= 6; i++)
		say("send %d: %k", i, send_id(N('A'), i));
	group("lowered to 2");
	set("set", N('A'), 2);
	say_status(N('A'));
	said("send", send_id(N('A'), 7));
	drain(N('A'));
	for (int i = 1; i <= 3; i++)
		say("send %d: %k", i, send_id(N('A'), i));
	group("zero");
	drain(N('A'));
	set("set", N('A'), 0);
	said("send", send_id(N('A'), 1));
	new_send_once('O', N('A'));
	{
		struct message m;

		begin(&m, N('O'), MACH_MSG_TYPE_MOVE_SEND_ONCE, 0, 0, 2);
		said("send to a send-once right", msg_send(&m));
	}
	say_status(N('A'));
	group("raised");
	set("set", N('A'), 3);
	for (int i = 3; i <= 5; i++)
		say("send %d: %k", i, send_id(N('A'), i));
	drain(N('A'));
	discard(N('A'));
}

static void send_and_wait(int thread)
{
	struct message m;

	begin(&m, target, MACH_MSG_TYPE_COPY_SEND, 0, 0, 100 + thread);
	results[thread] = msg_send_option(&m, 0, 0, 0);
}

static void sender0(void) { send_and_wait(0); }
static void sender1(void) { send_and_wait(1); }
static void sender2(void) { send_and_wait(2); }

static void (*const senders[])(void) = { sender0, sender1, sender2 };

static void block_three(unsigned int limit)
{
	target = new_sendable('A', 1);
	must("limit", mach_port_set_qlimit(mach_task_self(), target, limit));
	for (unsigned int i = 0; i < limit; i++)
		must("fill", send_id(target, (int)i));
	for (int i = 0; i < 3; i++) {
		results[i] = -1;
		thread_start(i, senders[i]);
		thread_blocked(i);
	}
}

static void join_three(void)
{
	for (int i = 0; i < 3; i++) {
		thread_join(i);
		say("sender %d: %k", i, results[i]);
	}
}

static void blocked(void)
{
	unsigned int seen = 0;
	struct message m;

	group("blocked senders");
	block_three(1);
	say_status(target);
	said("poll", send_id(target, 9));
	/* Who of the three comes first is not said. */
	for (int i = 0; i < 4; i++) {
		must("receive", msg_receive_option(&m, 0, 64, target, 0, 0));
		if (i)
			seen |= 1U << (m.head.msgh_id - 100);
		else
			say("first: message %d", m.head.msgh_id);
	}
	say("messages of the three: %x", seen);
	join_three();
	discard(target);
	group("raised by 3 from 0");
	block_three(0);
	set("set", target, 3);
	join_three();
	say_status(target);
	discard(target);
	group("port dies");
	block_three(1);
	mach_port_mod_refs(mach_task_self(), target, MACH_PORT_RIGHT_RECEIVE,
			   -1);
	join_three();
	say_name(target);
	discard(target);
	group("receive right moves");
	block_three(1);
	must("give", mach_port_insert_right(peer(), N('P'), target,
					    MACH_MSG_TYPE_MOVE_RECEIVE));
	must("raise", mach_port_set_qlimit(peer(), N('P'), 16));
	join_three();
	mach_port_destroy(peer(), N('P'));
	say_name(target);
	discard(target);
}

PROGRAM(qlimit)
{
	errors();
	limits();
	blocked();
}
