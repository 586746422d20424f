// SPDX-License-Identifier: GPL-2.0
/* MACH_SEND_NOTIFY: the forced message, its request, msg-accepted. */
#include "conf.h"

#define NOTIFY	MACH_SEND_NOTIFY

static int forced(mach_port_t to, int disposition, int id, mach_port_t notify)
{
	struct message m;

	begin(&m, to, disposition, 0, 0, id);
	return msg_send_option(&m, NOTIFY, 0, notify);
}

/* A port with a full queue of one message. */
static mach_port_t new_full(char letter)
{
	mach_port_t port = new_sendable(letter, 1);

	must("qlimit", mach_port_set_qlimit(mach_task_self(), port, 1));
	must("fill", send_id(port, 1));
	return port;
}

static void receive_one(mach_port_t from)
{
	struct message m;
	int mr = msg_receive(&m, from);

	if (mr)
		say("receive: %k", mr);
	else
		say("receive: message %d", m.head.msgh_id);
}

static void not_full(void)
{
	mach_port_t a = new_sendable('A', 1);

	group("queue not full");
	said("send", forced(a, MACH_MSG_TYPE_COPY_SEND, 2, N('N')));
	say_name(a);
	said("with a null notify",
	     forced(a, MACH_MSG_TYPE_COPY_SEND, 3, MACH_PORT_NULL));
	said("with an unused notify",
	     forced(a, MACH_MSG_TYPE_COPY_SEND, 4, UNUSED));
	drain(a);
	drain(N('N'));
	discard(a);
}

static void accepted(void)
{
	mach_port_t a = new_full('A');

	group("queue full");
	said("send", forced(a, MACH_MSG_TYPE_COPY_SEND, 2, N('N')));
	say_name(a);
	say_status(a);
	said("once more", forced(a, MACH_MSG_TYPE_COPY_SEND, 3, N('N')));
	said("a plain send", send_id(a, 4));
	drain(N('N'));
	receive_one(a);
	drain(N('N'));
	say_name(a);
	said("a second while the first is queued",
	     forced(a, MACH_MSG_TYPE_COPY_SEND, 5, N('N')));
	receive_one(a);
	say_name(a);
	drain(N('N'));
	said("again", forced(a, MACH_MSG_TYPE_COPY_SEND, 6, N('N')));
	drain(a);
	drain(N('N'));
	discard(a);
}

static void header(void)
{
	mach_port_t a = new_full('A');
	struct message m;

	group("the notification");
	said("send", forced(a, MACH_MSG_TYPE_COPY_SEND, 2, N('N')));
	receive_one(a);
	receive_one(a);
	said("receive", msg_receive(&m, N('N')));
	say_message("note", &m);
	discard(a);
}

static void bad_notify(const char *what, mach_port_t notify)
{
	mach_port_t a = new_full('A');

	group("notify is %s", what);
	said("send", forced(a, MACH_MSG_TYPE_COPY_SEND, 2, notify));
	say_name(a);
	say_status(a);
	discard(a);
}

/* The message that comes back holds rights, as for any pseudo-receive. */
static void comes_back(void)
{
	mach_port_t a = new_full('A');
	struct message m;

	group("comes back");
	begin(&m, a, MACH_MSG_TYPE_COPY_SEND, N('N'),
	      MACH_MSG_TYPE_MAKE_SEND_ONCE, 2);
	said("send", msg_send_option(&m, NOTIFY, 0, MACH_PORT_NULL));
	say_header("header", &m);
	say_name(a);
	discard(a);
	mach_port_deallocate(mach_task_self(), m.head.msgh_local_port);
	drain(N('N'));
}

/* Whoever ends the destination. */
static void destroyed(const char *what, int by_mod_refs)
{
	mach_port_t a = new_full('A');
	struct message m;

	group("%s", what);
	said("send", forced(a, MACH_MSG_TYPE_COPY_SEND, 2, N('N')));
	if (by_mod_refs)
		mach_port_mod_refs(mach_task_self(), a,
				   MACH_PORT_RIGHT_RECEIVE, -1);
	else
		mach_port_destroy(mach_task_self(), a);
	say_name(a);
	if (!msg_receive(&m, N('N')))
		say_message("note", &m);
	drain(N('N'));
	discard(a);
}

/* The name is gone before the message is received. */
static void name_gone(const char *what, int disposition)
{
	mach_port_t a = new_port('A'), name;
	mach_msg_type_name_t type;
	struct message m;

	group("%s", what);
	must("qlimit", mach_port_set_qlimit(mach_task_self(), a, 1));
	must("give", mach_port_insert_right(peer(), N('B'), a,
					    MACH_MSG_TYPE_MOVE_RECEIVE));
	must("extract", mach_port_extract_right(peer(), N('B'),
						MACH_MSG_TYPE_MAKE_SEND,
						&name, &type));
	relabel(name, 'A');
	must("qlimit", mach_port_set_qlimit(peer(), N('B'), 1));
	must("fill", send_id(N('A'), 1));
	said("send", forced(N('A'), disposition, 2, N('N')));
	say_name(N('A'));
	mach_port_deallocate(mach_task_self(), N('A'));
	say_name(N('A'));
	drain(N('N'));
	must("take back",
	     mach_port_extract_right(peer(), N('B'),
				     MACH_MSG_TYPE_MOVE_RECEIVE, &name, &type));
	relabel(name, 'C');
	receive_one(N('C'));
	drain(N('N'));
	receive_one(N('C'));
	if (!msg_receive(&m, N('N')))
		say_message("note", &m);
	discard(N('C'));
	drain(N('N'));
}

static void renamed(void)
{
	mach_port_t a = new_full('A');

	group("renamed");
	said("send", forced(a, MACH_MSG_TYPE_COPY_SEND, 2, N('N')));
	said("rename", mach_port_rename(mach_task_self(), a, N('Z')));
	say_name(N('Z'));
	drain(N('Z'));
	drain(N('N'));
	say_name(N('Z'));
	discard(N('Z'));
}

/* Two names of one port in two tasks: each may have one outstanding. */
static void in_peer_too(void)
{
	struct message m;

	begin(&m, N('B'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 3);
	said("the peer's send", msg_send_option(&m, NOTIFY, 0, new_port('M')));
	say_name(N('B'));
}

static void peer_drains(void)
{
	drain(N('M'));
	discard(N('B'));
	discard(N('M'));
}

static void two_tasks(void)
{
	mach_port_t a = new_full('A');

	group("two tasks");
	must("give", mach_port_insert_right(peer(), N('B'), a,
					    MACH_MSG_TYPE_MAKE_SEND));
	said("send", forced(a, MACH_MSG_TYPE_COPY_SEND, 2, N('N')));
	in_peer(in_peer_too);
	say_status(a);
	drain(a);
	drain(N('N'));
	in_peer(peer_drains);
	discard(a);
}

/* The receive right moves while the forced message is queued. */
static void moved(void)
{
	mach_port_t a = new_full('A');

	group("receive right moved");
	said("send", forced(a, MACH_MSG_TYPE_COPY_SEND, 2, N('N')));
	must("give", mach_port_insert_right(peer(), N('B'), a,
					    MACH_MSG_TYPE_MOVE_RECEIVE));
	say_name(a);
	drain(N('N'));
	must("destroy", mach_port_destroy(peer(), N('B')));
	drain(N('N'));
	say_name(a);
	discard(a);
}

/* The notify port dies first. */
static void notify_dies(void)
{
	mach_port_t a = new_full('A');
	mach_port_t m = new_port('M');

	group("notify port dies");
	said("send", forced(a, MACH_MSG_TYPE_COPY_SEND, 2, m));
	say_status(m);
	discard(m);
	say_name(a);
	drain(a);
	say_name(a);
	discard(a);
}

static void to_send_once(void)
{
	mach_port_t a = new_full('A');

	group("to a send-once right");
	new_send_once('O', a);
	said("send", forced(N('O'), MACH_MSG_TYPE_MOVE_SEND_ONCE, 2, N('N')));
	say_name(N('O'));
	drain(a);
	drain(N('N'));
	discard(a);
}

static void to_dead(void)
{
	mach_port_t a = new_sendable('A', 1);

	group("to a dead name");
	mach_port_mod_refs(mach_task_self(), a, MACH_PORT_RIGHT_RECEIVE, -1);
	said("send", forced(a, MACH_MSG_TYPE_COPY_SEND, 2, N('N')));
	discard(a);
}

/* A wait first, if asked for. */
static void with_timeout(void)
{
	mach_port_t a = new_full('A');
	struct message m;

	group("with a timeout");
	begin(&m, a, MACH_MSG_TYPE_COPY_SEND, 0, 0, 2);
	said("send", msg_send_option(&m, NOTIFY | MACH_SEND_TIMEOUT, 20, N('N')));
	say_name(a);
	drain(a);
	drain(N('N'));
	discard(a);
}

/* make-send: the name has a receive right and no send right. */
static void by_receive_right(void)
{
	mach_port_t a = new_port('A');

	group("by the receive right");
	must("qlimit", mach_port_set_qlimit(mach_task_self(), a, 0));
	said("send", forced(a, MACH_MSG_TYPE_MAKE_SEND, 2, N('N')));
	say_name(a);
	drain(a);
	drain(N('N'));
	discard(a);
}

PROGRAM(send_notify)
{
	new_port('N');
	not_full();
	accepted();
	header();
	bad_notify("null", MACH_PORT_NULL);
	bad_notify("dead", MACH_PORT_DEAD);
	bad_notify("unused", UNUSED);
	bad_notify("a dead name", new_dead('D', 1));
	bad_notify("a port set", new_set('S'));
	comes_back();
	destroyed("destroyed", 0);
	destroyed("destroyed, the send right stays", 1);
	name_gone("name gone", MACH_MSG_TYPE_COPY_SEND);
	name_gone("move send of the last reference", MACH_MSG_TYPE_MOVE_SEND);
	renamed();
	two_tasks();
	moved();
	notify_dies();
	to_send_once();
	to_dead();
	with_timeout();
	by_receive_right();
}
