// SPDX-License-Identifier: GPL-2.0
/* MACH_RCV_NOTIFY: a dead-name request for the reply right that arrives. */
#include "conf.h"

static int receive_notify(struct message *m, mach_port_t notify)
{
	return msg_receive_option(m, MACH_RCV_NOTIFY | MACH_RCV_TIMEOUT,
			      sizeof(m->head) + sizeof(m->body), N('A'), 0,
			      notify);
}

/* Sends to A with this reply right and receives with the option. */
static void reply(const char *what, mach_port_t name, int disposition)
{
	mach_port_t arrived;
	struct message m;

	group("%s", what);
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, name, disposition, 3);
	said("send", msg_send(&m));
	said("receive", receive_notify(&m, N('N')));
	say_header("header", &m);
	arrived = m.head.msgh_remote_port;
	if (!MACH_PORT_VALID(arrived))
		return;
	say_name(arrived);
	say_status(N('N'));
	drain(N('N'));
	said("deallocate", mach_port_deallocate(mach_task_self(), arrived));
	drain(N('N'));
}

static void peer_sends(void)
{
	struct message m;

	new_port('R');
	begin(&m, N('B'), MACH_MSG_TYPE_COPY_SEND, N('R'), (int)shared[0], 4);
	said("send", msg_send(&m));
	discard(N('B'));
}

static void peer_ends_reply_port(void)
{
	discard(N('R'));
}

/* The reply right's port dies: after the receive, or before. */
static void dies(int disposition, int before)
{
	struct message m;

	group("reply port dies %s, %r", before ? "before" : "after",
	      disposition);
	must("give", mach_port_insert_right(peer(), N('B'), N('A'),
					    MACH_MSG_TYPE_MAKE_SEND));
	shared[0] = (unsigned long)disposition;
	in_peer(peer_sends);
	if (before)
		in_peer(peer_ends_reply_port);
	said("receive", receive_notify(&m, N('N')));
	say_header("header", &m);
	if (MACH_PORT_VALID(m.head.msgh_remote_port)) {
		relabel(m.head.msgh_remote_port, 'X');
		say_name(N('X'));
	}
	if (!before)
		in_peer(peer_ends_reply_port);
	drain(N('N'));
	say_name(N('X'));
	discard(N('X'));
}

/* Twice the same send right: the second one finds the name. */
static void coalesces(void)
{
	mach_port_t previous = MACH_PORT_NULL;
	struct message m;

	group("second reply coalesces");
	must("give", mach_port_insert_right(peer(), N('B'), N('A'),
					    MACH_MSG_TYPE_MAKE_SEND));
	shared[0] = MACH_MSG_TYPE_MAKE_SEND;
	in_peer(peer_sends);
	must("receive", msg_receive(&m, N('A')));
	relabel(m.head.msgh_remote_port, 'X');
	must("give", mach_port_insert_right(peer(), N('B'), N('A'),
					    MACH_MSG_TYPE_MAKE_SEND));
	in_peer(peer_ends_reply_port);
	say_name(N('X'));
	discard(N('X'));
	in_peer(peer_sends);
	said("first, with the option", receive_notify(&m, N('N')));
	relabel(m.head.msgh_remote_port, 'X');
	say_name(N('X'));
	/* Disarm, so that a request by the second one would show. */
	said("cancel", mach_port_request_notification(
		mach_task_self(), N('X'), MACH_NOTIFY_DEAD_NAME, 0,
		MACH_PORT_NULL, MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	say("previous: %s", previous ? "a right" : "null");
	mach_port_deallocate(mach_task_self(), previous);
	drain(N('N'));
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, N('X'),
	      MACH_MSG_TYPE_COPY_SEND, 5);
	said("send", msg_send(&m));
	said("second, with the option", receive_notify(&m, N('N')));
	say_header("header", &m);
	say_name(N('X'));
	in_peer(peer_ends_reply_port);
	drain(N('N'));
	discard(N('X'));
}

static void bad_notify(const char *what, mach_port_t notify, int with_reply)
{
	struct message m;

	group("notify is %s, %s", what, with_reply ? "reply" : "no reply");
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, with_reply ? N('Q') : 0,
	      with_reply ? MACH_MSG_TYPE_MAKE_SEND_ONCE : 0, 6);
	put_right(&m, N('Q'), MACH_MSG_TYPE_MAKE_SEND_ONCE);
	said("send", msg_send(&m));
	said("receive", receive_notify(&m, notify));
	say_header("header", &m);
	drain(N('Q'));
	drain(N('A'));
}

static void empty_queue(void)
{
	struct message m;

	group("nothing queued");
	said("bad notify", receive_notify(&m, UNUSED));
	said("bad name and bad notify",
	     msg_receive_option(&m, MACH_RCV_NOTIFY | MACH_RCV_TIMEOUT, 64, UNUSED,
			    0, UNUSED));
}

PROGRAM(rcv_notify)
{
	new_sendable('A', 1);
	new_port('N');
	new_port('Q');
	new_sendable('S', 1);
	reply("no reply", 0, 0);
	reply("dead reply", MACH_PORT_DEAD, MACH_MSG_TYPE_COPY_SEND);
	reply("send-once made here", N('Q'), MACH_MSG_TYPE_MAKE_SEND_ONCE);
	reply("send right, receive right here", N('S'),
	      MACH_MSG_TYPE_COPY_SEND);
	dies(MACH_MSG_TYPE_MAKE_SEND, 0);
	dies(MACH_MSG_TYPE_MAKE_SEND_ONCE, 0);
	dies(MACH_MSG_TYPE_MAKE_SEND, 1);
	dies(MACH_MSG_TYPE_MAKE_SEND_ONCE, 1);
	coalesces();
	bad_notify("null", MACH_PORT_NULL, 1);
	bad_notify("null", MACH_PORT_NULL, 0);
	bad_notify("unused", UNUSED, 1);
	bad_notify("unused", UNUSED, 0);
	bad_notify("a dead name", new_dead('D', 1), 1);
	bad_notify("a send-once right", new_send_once('O', N('Q')), 1);
	empty_queue();
}
