// SPDX-License-Identifier: GPL-2.0
/* mach_msg: options alone and together, bad receive names, time-outs. */
#include "conf.h"

static void options(void)
{
	static const unsigned int more[] = {
		0, 4, 8, 0x1000, 0x10000, 0x100000, 0x40000000,
	};
	struct message m;

	group("option");
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	for (size_t i = 0; i < ARRAY_SIZE(more); i++) {
		say("0x%x without send and receive: %k", more[i],
		    mach_msg(&m.head, (int)more[i], 32, 32, N('A'), 0, 0));
		say("0x%x with send: %k", more[i],
		    mach_msg(&m.head, (int)more[i] | MACH_SEND_MSG, 32, 0, 0,
			     0, 0));
		say("0x%x with receive: %k", more[i],
		    msg_receive_option(&m, (int)more[i] | MACH_RCV_TIMEOUT, 64,
				       N('A'), 0, 0));
		begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	}
	drain(N('A'));
	group("nothing at all");
	said("call", mach_msg(NULL, 0, 0, 0, 0, 0, 0));
}

/* The internal option must not break the queue limit. */
static void send_always(void)
{
	struct message m;

	group("internal option");
	must("limit", mach_port_set_qlimit(mach_task_self(), N('A'), 1));
	for (int i = 1; i <= 2; i++) {
		begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, 0, 0, i);
		say("send %d: %k", i,
		    msg_send_option(&m, 0x10000 | MACH_SEND_TIMEOUT, 0, 0));
	}
	drain(N('A'));
	must("limit", mach_port_set_qlimit(mach_task_self(), N('A'), 5));
}

static void both(void)
{
	struct message m;

	group("send and receive");
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	said("to the own port", mach_msg(&m.head, MACH_SEND_MSG | MACH_RCV_MSG,
					 32, 64, N('A'), 0, 0));
	say_header("received", &m);
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 2);
	said("bad receive name",
	     mach_msg(&m.head, MACH_SEND_MSG | MACH_RCV_MSG, 32, 64, UNUSED,
		      0, 0));
	drain(N('A'));
	begin(&m, UNUSED, MACH_MSG_TYPE_COPY_SEND, 0, 0, 3);
	said("bad destination and receive name",
	     mach_msg(&m.head, MACH_SEND_MSG | MACH_RCV_MSG, 32, 64, UNUSED,
		      0, 0));
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 4);
	said("receive buffer too small",
	     mach_msg(&m.head, MACH_SEND_MSG | MACH_RCV_MSG | MACH_RCV_LARGE,
		      32, 16, N('A'), 0, 0));
	drain(N('A'));
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 5);
	said("receive times out",
	     mach_msg(&m.head, MACH_SEND_MSG | MACH_RCV_MSG | MACH_RCV_TIMEOUT,
		      32, 64, N('B'), 0, 0));
	drain(N('A'));
}

static void receive_names(void)
{
	struct message m;

	for (enum kind kind = 0; kind < KINDS; kind++) {
		mach_port_t name = new_kind(kind, 'K', 1);

		group("receive from %s", kind_name(kind));
		said("plain", msg_receive(&m, name));
		said("rcv_size 0", msg_receive_option(&m, MACH_RCV_TIMEOUT, 0,
						      name, 0, 0));
		said("large, rcv_size 0",
		     msg_receive_option(&m, MACH_RCV_TIMEOUT | MACH_RCV_LARGE,
					0, name, 0, 0));
		end_kind(kind, 'K');
	}
	group("receive from a member");
	new_set('S');
	must("move", mach_port_move_member(mach_task_self(), N('A'), N('S')));
	said("empty", msg_receive(&m, N('A')));
	must("send", send_id(N('A'), 1));
	said("not empty", msg_receive(&m, N('A')));
	said("from the set", msg_receive(&m, N('S')));
	discard(N('S'));
	said("set destroyed", msg_receive(&m, N('A')));
}

static void time_outs(void)
{
	struct message m;

	group("time-outs");
	said("receive, 1 ms", msg_receive_option(&m, MACH_RCV_TIMEOUT, 64,
						 N('A'), 1, 0));
	said("receive, 30 ms", msg_receive_option(&m, MACH_RCV_TIMEOUT, 64,
						  N('A'), 30, 0));
	must("limit", mach_port_set_qlimit(mach_task_self(), N('A'), 0));
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	said("send, 0 ms", msg_send_option(&m, MACH_SEND_TIMEOUT, 0, 0));
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	said("send, 30 ms", msg_send_option(&m, MACH_SEND_TIMEOUT, 30, 0));
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	said("send, 30 ms, with receive",
	     mach_msg(&m.head, MACH_SEND_MSG | MACH_RCV_MSG |
		      MACH_SEND_TIMEOUT | MACH_RCV_TIMEOUT, 32, 64, N('A'),
		      30, 0));
	drain(N('A'));
}

PROGRAM(msg_options)
{
	new_port('Q');
	new_sendable('A', 1);
	new_port('B');
	options();
	send_always();
	both();
	receive_names();
	time_outs();
}
