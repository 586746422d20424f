// SPDX-License-Identifier: GPL-2.0
/* msgh_bits: unused bits, COMPLEX without and with something complex. */
#include "conf.h"

static void bits(const char *what, unsigned int more)
{
	struct message m;

	group("%s", what);
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	m.head.msgh_bits |= more;
	said("send", msg_send(&m));
	if (!msg_receive(&m, N('A')))
		say_header("received", &m);
}

static void complex(const char *what, struct message *m)
{
	group("%s", what);
	m->head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
	said("send", msg_send(m));
	if (!msg_receive(m, N('A'))) {
		say_message("received", m);
		discard(first_right(m));
	}
}

static void kinds_of_body(void)
{
	static char data[16];
	struct message m;

	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	complex("complex, empty", &m);
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_data(&m, data, 8);
	complex("complex, in-line data", &m);
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_type(&m, MACH_MSG_TYPE_COPY_SEND, 64, 0, 1, 0);
	complex("complex, no ports in line", &m);
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_rights(&m, NULL, 0, MACH_MSG_TYPE_COPY_SEND, 0);
	complex("complex, no ports in an array", &m);
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_right(&m, MACH_PORT_NULL, MACH_MSG_TYPE_COPY_SEND);
	complex("complex, null", &m);
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_right(&m, MACH_PORT_DEAD, MACH_MSG_TYPE_MAKE_SEND);
	complex("complex, dead", &m);
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_memory(&m, NULL, 0, 0);
	complex("complex, null region", &m);
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_type(&m, MACH_MSG_TYPE_PORT_NAME, 32, 1, 1, 0);
	put_word(&m, N('A'));
	complex("complex, a name as data", &m);
}

PROGRAM(msg_bits)
{
	new_sendable('A', 1);
	bits("none", 0);
	bits("0x40000000", 0x40000000);
	bits("0x20000000", 0x20000000);
	bits("0x10000000", 0x10000000);
	bits("0x08000000", 0x08000000);
	bits("0x00010000", 0x00010000);
	bits("0x7fff0000", 0x7fff0000);
	bits("0x80000000", 0x80000000);
	kinds_of_body();
}
