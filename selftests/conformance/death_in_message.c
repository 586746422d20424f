// SPDX-License-Identifier: GPL-2.0
/*
 * Receive rights that die with a message, where the end of one has to do with
 * the next one: in which order others are told.
 */
#include "conf.h"

static struct message m;

/*
 * A tells D when it is destroyed, C tells Q, and D, which is in the same
 * message, just dies.  D has a message in its queue, which tells Q that it died.
 */
static void make_ports(void)
{
	for (const char *letter = "ACD"; *letter; letter++) {
		new_sendable(*letter, 1);
		arm(N(*letter), MACH_NOTIFY_DEAD_NAME, N('Q'));
	}
	arm(N('A'), MACH_NOTIFY_PORT_DESTROYED, N('D'));
	arm(N('C'), MACH_NOTIFY_PORT_DESTROYED, N('Q'));
	begin(&m, N('D'), MACH_MSG_TYPE_COPY_SEND, N('Q'),
	      MACH_MSG_TYPE_MAKE_SEND_ONCE, 1);
	must("queue", msg_send(&m));
}

static void put_ports(const char *order)
{
	begin(&m, N('E'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 2);
	for (; *order; order++)
		put_right(&m, N(*order), MACH_MSG_TYPE_MOVE_RECEIVE);
}

static void say_end_of(void)
{
	drain(N('Q'));
	say_name(N('A'));
	say_name(N('C'));
	say_name(N('D'));
	discard(N('A'));
	discard(N('C'));
	discard(N('D'));
	drain(N('Q'));
}

/* The last right is none: what was taken before is destroyed. */
static void not_sent(const char *order)
{
	group("not sent, %s", order);
	make_ports();
	put_ports(order);
	put_right(&m, UNUSED, MACH_MSG_TYPE_MOVE_RECEIVE);
	said("send", msg_send(&m));
	say_end_of();
}

/* Destroyed with the port in whose queue it is. */
static void not_received(const char *order)
{
	group("not received, %s", order);
	make_ports();
	put_ports(order);
	said("send", msg_send(&m));
	said("destroy", mach_port_destroy(mach_task_self(), N('E')));
	say_end_of();
	new_sendable('E', 1);
}

PROGRAM(death_in_message)
{
	static const char *const orders[] = {
		"ACD", "ADC", "CAD", "CDA", "DAC", "DCA",
	};

	new_port('Q');
	new_sendable('E', 1);
	for (unsigned int i = 0; i < 6; i++)
		not_sent(orders[i]);
	for (unsigned int i = 0; i < 6; i++)
		not_received(orders[i]);
}
