// SPDX-License-Identifier: GPL-2.0
/* MACH_SEND_CANCEL: which port-deleted notifications it suppresses. */
#include "conf.h"

/* A send-once right to Q, with a dead-name request to where. */
static mach_port_t requested(mach_port_t where)
{
	mach_port_t once = new_send_once('O', N('Q'));

	arm(once, MACH_NOTIFY_DEAD_NAME, where);
	return once;
}

static void once(const char *what, mach_port_t where, int option,
		 mach_port_t notify)
{
	struct message m;

	group("%s", what);
	begin(&m, requested(where), MACH_MSG_TYPE_MOVE_SEND_ONCE, 0, 0, 5);
	said("send", msg_send_option(&m, option, 0, notify));
	say_name(N('O'));
	discard(N('O'));
	drain(N('Q'));
	drain(where);
}

/* The last reference of a send right goes with the destination. */
static void send_right(const char *what, unsigned int refs, int disposition,
		       int reply, int option)
{
	mach_port_t a = new_port('A'), name;
	mach_msg_type_name_t type;
	struct message m;

	group("%s", what);
	/* A send right apart from its receive right: through the peer. */
	must("give", mach_port_insert_right(peer(), N('B'), a,
					    MACH_MSG_TYPE_MOVE_RECEIVE));
	for (; refs; refs--) {
		must("extract",
		     mach_port_extract_right(peer(), N('B'),
					     MACH_MSG_TYPE_MAKE_SEND, &name,
					     &type));
	}
	relabel(name, 'A');
	arm(N('A'), MACH_NOTIFY_DEAD_NAME, N('N'));
	begin(&m, N('A'), disposition, reply ? N('A') : 0, reply, 5);
	said("send", msg_send_option(&m, option, 0, N('N')));
	say_name(N('A'));
	discard(N('A'));
	drain(N('N'));
	must("take away", mach_port_destroy(peer(), N('B')));
}

/* Only the destination's request is meant, not that of other rights. */
static void reply_right(void)
{
	struct message m;

	group("reply right");
	new_send_once('R', N('Q'));
	arm(N('R'), MACH_NOTIFY_DEAD_NAME, N('N'));
	begin(&m, requested(N('N')), MACH_MSG_TYPE_MOVE_SEND_ONCE, N('R'),
	      MACH_MSG_TYPE_MOVE_SEND_ONCE, 5);
	said("send", msg_send_option(&m, MACH_SEND_CANCEL, 0, N('N')));
	drain(N('N'));
	drain(N('Q'));
	group("reply right alone");
	new_sendable('A', 1);
	new_send_once('R', N('Q'));
	arm(N('R'), MACH_NOTIFY_DEAD_NAME, N('N'));
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, N('R'),
	      MACH_MSG_TYPE_MOVE_SEND_ONCE, 5);
	said("send", msg_send_option(&m, MACH_SEND_CANCEL, 0, N('N')));
	drain(N('N'));
	discard(N('A'));
	drain(N('Q'));
}

static void bad_notify(const char *what, mach_port_t notify)
{
	struct message m;

	group("notify is %s", what);
	begin(&m, requested(N('N')), MACH_MSG_TYPE_MOVE_SEND_ONCE, 0, 0, 5);
	said("send", msg_send_option(&m, MACH_SEND_CANCEL, 0, notify));
	say_name(N('O'));
	discard(N('O'));
	drain(N('N'));
	drain(N('Q'));
}

/* Which error comes first. */
static void precedence(void)
{
	struct message m;

	group("precedence");
	begin(&m, UNUSED, MACH_MSG_TYPE_COPY_SEND, 0, 0, 5);
	said("bad destination and bad notify",
	     msg_send_option(&m, MACH_SEND_CANCEL, 0, MACH_PORT_NULL));
	begin(&m, N('N'), 99, 0, 0, 5);
	said("bad header and bad notify",
	     msg_send_option(&m, MACH_SEND_CANCEL, 0, MACH_PORT_NULL));
	begin(&m, N('Q'), MACH_MSG_TYPE_MAKE_SEND, UNUSED,
	      MACH_MSG_TYPE_COPY_SEND, 5);
	said("bad reply and bad notify",
	     msg_send_option(&m, MACH_SEND_CANCEL, 0, MACH_PORT_NULL));
	m.size = 24;
	said("too small and bad notify",
	     msg_send_option(&m, MACH_SEND_CANCEL, 0, MACH_PORT_NULL));
	begin(&m, N('Q'), MACH_MSG_TYPE_MAKE_SEND, 0, 0, 5);
	said("bad notify without the option", msg_send_option(&m, 0, 0, UNUSED));
	drain(N('Q'));
}

PROGRAM(send_cancel)
{
	new_port('N');
	new_port('Q');
	new_port('P');
	once("not cancelled", N('N'), 0, 0);
	once("cancelled", N('N'), MACH_SEND_CANCEL, N('N'));
	once("another port", N('N'), MACH_SEND_CANCEL, N('P'));
	once("to itself", N('Q'), MACH_SEND_CANCEL, N('Q'));
	send_right("move send, not cancelled", 1, MACH_MSG_TYPE_MOVE_SEND, 0,
		   0);
	send_right("move send, cancelled", 1, MACH_MSG_TYPE_MOVE_SEND, 0,
		   MACH_SEND_CANCEL);
	send_right("move send of two, cancelled", 2, MACH_MSG_TYPE_MOVE_SEND, 0,
		   MACH_SEND_CANCEL);
	send_right("copy send, cancelled", 1, MACH_MSG_TYPE_COPY_SEND, 0,
		   MACH_SEND_CANCEL);
	send_right("both moved, not cancelled", 2, MACH_MSG_TYPE_MOVE_SEND,
		   MACH_MSG_TYPE_MOVE_SEND, 0);
	send_right("both moved, cancelled", 2, MACH_MSG_TYPE_MOVE_SEND,
		   MACH_MSG_TYPE_MOVE_SEND, MACH_SEND_CANCEL);
	send_right("both moved of three, cancelled", 3, MACH_MSG_TYPE_MOVE_SEND,
		   MACH_MSG_TYPE_MOVE_SEND, MACH_SEND_CANCEL);
	send_right("copied and moved, cancelled", 1, MACH_MSG_TYPE_COPY_SEND,
		   MACH_MSG_TYPE_MOVE_SEND, MACH_SEND_CANCEL);
	send_right("moved and copied, cancelled", 1, MACH_MSG_TYPE_MOVE_SEND,
		   MACH_MSG_TYPE_COPY_SEND, MACH_SEND_CANCEL);
	reply_right();
	bad_notify("null", MACH_PORT_NULL);
	bad_notify("dead", MACH_PORT_DEAD);
	bad_notify("unused", UNUSED);
	new_dead('D', 1);
	bad_notify("a dead name", N('D'));
	new_set('S');
	bad_notify("a port set", N('S'));
	bad_notify("a send-once right", new_send_once('T', N('P')));
	precedence();
}
