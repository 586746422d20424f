// SPDX-License-Identifier: GPL-2.0
/* mach_port_rename: its errors, and what moves with a name. */
#include "conf.h"

static void try(const char *what, mach_port_t from, mach_port_t to)
{
	said(what, mach_port_rename(mach_task_self(), from, to));
}

static void errors(void)
{
	group("errors");
	try("unused to unused", UNUSED, N('!'));
	try("unused to used", UNUSED, N('B'));
	try("unused to null", UNUSED, MACH_PORT_NULL);
	try("unused to dead", UNUSED, MACH_PORT_DEAD);
	try("used to null", N('A'), MACH_PORT_NULL);
	try("used to dead", N('A'), MACH_PORT_DEAD);
	try("used to used", N('A'), N('B'));
	try("used to itself", N('A'), N('A'));
	try("unused to itself", UNUSED, UNUSED);
	try("null to unused", MACH_PORT_NULL, UNUSED);
	try("null to null", MACH_PORT_NULL, MACH_PORT_NULL);
	try("dead to unused", MACH_PORT_DEAD, UNUSED);
	try("dead to used", MACH_PORT_DEAD, N('B'));
	try("null to used", MACH_PORT_NULL, N('B'));
	say_name(N('A'));
	say_name(N('B'));
	say_name(UNUSED);
}

static void each_right(void)
{
	group("send and receive");
	new_sendable('C', 3);
	try("rename", N('C'), N('Z'));
	say_name(N('C'));
	say_name(N('Z'));
	send_id(N('Z'), 1);
	drain(N('Z'));
	discard(N('Z'));
	group("send-once");
	new_send_once('C', N('A'));
	try("rename", N('C'), N('Z'));
	say_name(N('Z'));
	discard(N('Z'));
	drain(N('A'));
	group("dead name");
	new_dead('C', 4);
	try("rename", N('C'), N('Z'));
	say_name(N('Z'));
	discard(N('Z'));
	group("port set");
	new_set('C');
	new_sendable('M', 1);
	mach_port_move_member(mach_task_self(), N('M'), N('C'));
	try("rename the set", N('C'), N('Z'));
	say_name(N('Z'));
	say_status(N('M'));
	try("rename the member", N('M'), N('L'));
	say_status(N('L'));
	send_id(N('L'), 2);
	drain(N('Z'));
	discard(N('Z'));
	discard(N('L'));
}

/* A queued message says the name at the time of the receive. */
static void queued(void)
{
	mach_port_t c = new_sendable('C', 1);
	struct message m;

	group("queued message");
	begin(&m, c, MACH_MSG_TYPE_COPY_SEND, c, MACH_MSG_TYPE_COPY_SEND, 9);
	put_right(&m, c, MACH_MSG_TYPE_COPY_SEND);
	must("send", msg_send(&m));
	try("rename", c, N('Z'));
	must("receive", msg_receive(&m, N('Z')));
	say_message("message", &m);
	discard(N('Z'));
}

static void dead_name_request(void)
{
	mach_port_t c = new_sendable('C', 1);

	group("dead-name request");
	arm(c, MACH_NOTIFY_DEAD_NAME, N('B'));
	try("rename", c, N('Z'));
	say_name(N('Z'));
	mach_port_mod_refs(mach_task_self(), N('Z'), MACH_PORT_RIGHT_RECEIVE,
			   -1);
	drain(N('B'));
	say_name(N('Z'));
	discard(N('Z'));
}

/* A right that died and was not looked at since. */
static void died(void)
{
	mach_port_t a = N('A');

	group("died in the peer");
	must("give", mach_port_insert_right(peer(), N('P'), a,
					    MACH_MSG_TYPE_MOVE_RECEIVE));
	say_name(a);
	must("destroy", mach_port_destroy(peer(), N('P')));
	try("rename", a, N('Z'));
	say_name(N('Z'));
	discard(N('Z'));
}

PROGRAM(port_rename)
{
	new_sendable('A', 1);
	new_port('B');
	errors();
	each_right();
	queued();
	dead_name_request();
	died();
}
