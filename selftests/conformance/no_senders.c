// SPDX-License-Identifier: GPL-2.0
/* The no-senders notification: when it fires, when it waits, what it says. */
#include "conf.h"

static int request(mach_port_t port, unsigned int sync)
{
	return ask(port, MACH_NOTIFY_NO_SENDERS, sync, N('N'));
}

static void at_request(void)
{
	group("at the request");
	new_port('A');
	said("never a sender, sync 0", request(N('A'), 0));
	drain(N('N'));
	say_status(N('A'));
	said("never a sender, sync 1", request(N('A'), 1));
	drain(N('N'));
	say_status(N('A'));
	make_send(N('A'));
	say_status(N('A'));
	must("gone", mach_port_deallocate(mach_task_self(), N('A')));
	drain(N('N'));
	group("at the request, sync");
	must("mscount", mach_port_set_mscount(mach_task_self(), N('A'), 5));
	said("4 of 5", request(N('A'), 4));
	drain(N('N'));
	said("5 of 5", request(N('A'), 5));
	drain(N('N'));
	said("6 of 5", request(N('A'), 6));
	drain(N('N'));
	said("replaced by 5 of 5", request(N('A'), 5));
	drain(N('N'));
	said("all ones of 5", request(N('A'), ~0U));
	drain(N('N'));
	must("mscount", mach_port_set_mscount(mach_task_self(), N('A'), ~0U));
	drain(N('N'));
	said("0 of all ones", request(N('A'), 0));
	drain(N('N'));
	discard(N('A'));
}

/* Rights in a message count. */
static void in_transit(void)
{
	struct message m;

	group("in transit");
	new_port('A');
	new_sendable('B', 1);
	make_send(N('A'));
	must("request", request(N('A'), 0));
	begin(&m, N('B'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_right(&m, N('A'), MACH_MSG_TYPE_MOVE_SEND);
	said("send", msg_send(&m));
	say_name(N('A'));
	drain(N('N'));
	must("receive", msg_receive(&m, N('B')));
	say_name(N('A'));
	drain(N('N'));
	must("deallocate", mach_port_deallocate(mach_task_self(), N('A')));
	drain(N('N'));
	group("in transit, destroyed with the message");
	make_send(N('A'));
	must("request", request(N('A'), 0));
	begin(&m, N('B'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_right(&m, N('A'), MACH_MSG_TYPE_MOVE_SEND);
	must("send", msg_send(&m));
	discard(N('B'));
	drain(N('N'));
	group("in transit, as the destination");
	make_send(N('A'));
	must("request", request(N('A'), 0));
	begin(&m, N('A'), MACH_MSG_TYPE_MOVE_SEND, 0, 0, 2);
	must("send", msg_send(&m));
	say_name(N('A'));
	drain(N('N'));
	must("receive", msg_receive(&m, N('A')));
	drain(N('N'));
	discard(N('A'));
}

/* The receive right goes to another task, or through a message. */
static void moves(void)
{
	struct message m;

	group("receive right moves to the peer");
	new_sendable('A', 1);
	must("request", request(N('A'), 0));
	say_status(N('A'));
	must("give", mach_port_insert_right(peer(), N('P'), N('A'),
					    MACH_MSG_TYPE_MOVE_RECEIVE));
	drain(N('N'));
	said("deallocate", mach_port_deallocate(mach_task_self(), N('A')));
	drain(N('N'));
	mach_port_destroy(peer(), N('P'));
	drain(N('N'));
	group("receive right in a message");
	new_sendable('A', 1);
	new_sendable('B', 1);
	must("request", request(N('A'), 0));
	begin(&m, N('B'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_right(&m, N('A'), MACH_MSG_TYPE_MOVE_RECEIVE);
	must("send", msg_send(&m));
	drain(N('N'));
	said("deallocate", mach_port_deallocate(mach_task_self(), N('A')));
	drain(N('N'));
	must("receive", msg_receive(&m, N('B')));
	relabel(first_right(&m), 'C');
	say_status(N('C'));
	drain(N('N'));
	discard(N('C'));
	drain(N('N'));
	group("in a message, its last sender goes later");
	new_sendable('A', 1);
	must("request", request(N('A'), 0));
	begin(&m, N('B'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_right(&m, N('A'), MACH_MSG_TYPE_MOVE_RECEIVE);
	must("send", msg_send(&m));
	must("receive", msg_receive(&m, N('B')));
	say_message("message", &m);
	say_status(N('A'));
	drain(N('N'));
	said("deallocate", mach_port_deallocate(mach_task_self(), N('A')));
	drain(N('N'));
	discard(N('A'));
	discard(N('B'));
}

static void header(void)
{
	struct message m;

	group("the notification");
	new_sendable('A', 1);
	must("mscount", mach_port_set_mscount(mach_task_self(), N('A'), 77));
	must("request", request(N('A'), 0));
	must("deallocate", mach_port_deallocate(mach_task_self(), N('A')));
	must("receive", msg_receive(&m, N('N')));
	say_message("note", &m);
	discard(N('A'));
}

static void errors(void)
{
	mach_port_t previous;

	group("errors");
	new_sendable('A', 1);
	said("unused", request(UNUSED, 0));
	said("dead name", request(new_dead('D', 1), 0));
	said("set", request(new_set('S'), 0));
	said("send-once", request(new_send_once('O', N('A')), 0));
	must("give", mach_port_insert_right(peer(), N('P'), N('A'),
					    MACH_MSG_TYPE_MOVE_RECEIVE));
	said("send", request(N('A'), 0));
	drain(N('N'));
	discard(N('A'));
	mach_port_destroy(peer(), N('P'));
	group("cancelled");
	new_sendable('A', 1);
	must("request", request(N('A'), 0));
	said("cancel", mach_port_request_notification(
		mach_task_self(), N('A'), MACH_NOTIFY_NO_SENDERS, 0,
		MACH_PORT_NULL, MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	say("previous: %s", previous ? "a right" : "null");
	must("deallocate", mach_port_deallocate(mach_task_self(), previous));
	drain(N('N'));
	must("deallocate", mach_port_deallocate(mach_task_self(), N('A')));
	drain(N('N'));
	said("cancel with no senders", mach_port_request_notification(
		mach_task_self(), N('A'), MACH_NOTIFY_NO_SENDERS, 0,
		MACH_PORT_NULL, MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	drain(N('N'));
	discard(N('A'));
}

PROGRAM(no_senders)
{
	new_port('N');
	at_request();
	in_transit();
	moves();
	header();
	errors();
}
