// SPDX-License-Identifier: GPL-2.0
/* send_size and rcv_size: too small, odd, too large for the buffer. */
#include "conf.h"

static void send_sizes(void)
{
	static const unsigned int sizes[] = {
		0, 1, 4, 8, 24, 28, 31, 32, 33, 36, 40, 44, 48,
	};
	struct message m;

	group("send_size");
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
		put_type(&m, MACH_MSG_TYPE_BYTE, 8, 0, 1, 0);
		put_type(&m, MACH_MSG_TYPE_BYTE, 8, 0, 1, 0);
		m.size = sizes[i];
		say("%u: %k", sizes[i], msg_send(&m));
		if (!msg_receive(&m, N('A')))
			say_header("received", &m);
	}
}

/* msgh_size is for the receiver only. */
static void header_size(void)
{
	struct message m;

	group("msgh_size is ignored");
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	m.head.msgh_size = 0;
	said("0", mach_msg(&m.head, MACH_SEND_MSG, 32, 0, 0, 0, 0));
	m.head.msgh_size = ~0U;
	said("all ones", mach_msg(&m.head, MACH_SEND_MSG, 32, 0, 0, 0, 0));
	m.head.msgh_seqno = 77;
	said("seqno", mach_msg(&m.head, MACH_SEND_MSG, 32, 0, 0, 0, 0));
	for (int i = 0; i < 3; i++) {
		must("receive", msg_receive(&m, N('A')));
		say_header("received", &m);
	}
}

static void field(const char *what, unsigned int value)
{
	if (value == 0xa5a5a5a5)
		say("%s: as before", what);
	else
		say("%s: 0x%x", what, value);
}

/* What the kernel wrote of a message that did not fit. */
static void written(const struct message *m)
{
	mach_port_t remote = m->head.msgh_remote_port;
	mach_port_t local = m->head.msgh_local_port;

	field("bits", m->head.msgh_bits);
	field("size", m->head.msgh_size);
	field("seqno", m->head.msgh_seqno);
	field("id", (unsigned int)m->head.msgh_id);
	if (remote == 0xa5a5a5a5)
		say("remote: as before");
	else
		say("remote: %n", remote);
	if (local == 0xa5a5a5a5)
		say("local: as before");
	else
		say("local: %n", local);
	say("body: %s", m->body[0] == 0xa5a5a5a5a5a5a5a5UL ?
	    "as before" : "written");
}

static void too_large(const char *what, int option, unsigned int size)
{
	struct message m;

	group("%s, rcv_size %u", what, size);
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, N('Q'),
	      MACH_MSG_TYPE_MAKE_SEND_ONCE, 1);
	put_right(&m, N('Q'), MACH_MSG_TYPE_MAKE_SEND_ONCE);
	must("send", msg_send(&m));
	said("receive", msg_receive_option(&m, option | MACH_RCV_TIMEOUT, size,
					   N('A'), 0, 0));
	written(&m);
	say_status(N('A'));
	said("receive again",
	     msg_receive_option(&m, option | MACH_RCV_TIMEOUT, size, N('A'),
				0, 0));
	drain(N('A'));
	drain(N('Q'));
}

PROGRAM(msg_size)
{
	static const unsigned int sizes[] = { 47, 40, 32 };

	new_sendable('A', 1);
	new_port('Q');
	send_sizes();
	header_size();
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		too_large("not large", 0, sizes[i]);
		too_large("large", MACH_RCV_LARGE, sizes[i]);
	}
	too_large("not large", 0, 16);
	too_large("not large", 0, 0);
	too_large("large", MACH_RCV_LARGE, 8);
	too_large("large", MACH_RCV_LARGE, 4);
	too_large("large", MACH_RCV_LARGE, 0);
}
