// SPDX-License-Identifier: GPL-2.0
/* In-line data: type names, sizes, numbers, flags, padding, port names. */
#include "conf.h"

static struct message m;

static void start(void)
{
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	m.head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
}

/* The complex bit is only kept with something complex beside the data. */
static void finish(const char *what)
{
	put_right(&m, MACH_PORT_NULL, MACH_MSG_TYPE_COPY_SEND);
	if (!said(what, msg_send(&m)) && !msg_receive(&m, N('A')))
		say_message(what, &m);
	drain(N('A'));
}

static void type_names(void)
{
	static const int names[] = {
		0, 1, 2, 3, 7, 8, 9, 10, 11, 12, 13, 14, 22, 23, 24, 100, 255,
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		group("type name %d", names[i]);
		start();
		put_type(&m, names[i], 32, 2, 1, 0);
		put_word(&m, 0x0123456789abcdefUL);
		finish("data");
	}
	group("port name");
	start();
	put_type(&m, MACH_MSG_TYPE_PORT_NAME, 32, 1, 1, 0);
	put_word(&m, N('A'));
	finish("owned");
	start();
	put_type(&m, MACH_MSG_TYPE_PORT_NAME, 32, 1, 1, 0);
	put_word(&m, UNUSED);
	finish("not owned");
}

/* bits x number: what it takes in line. */
static void sizes(int bits, unsigned int number)
{
	unsigned long bytes = ((unsigned long)bits * number + 7) / 8;

	group("%d bits x %u", bits, number);
	start();
	put_type(&m, MACH_MSG_TYPE_BYTE, bits, number, 1, 0);
	for (unsigned long i = 0; i < bytes; i += 8)
		put_word(&m, 0x1122334455667788UL * (i + 1));
	finish("data");
}

static void long_form(void)
{
	union {
		mach_msg_type_t type;
		uint64_t word;
	} u = { .word = 0 };

	for (int inline_ = 0; inline_ < 2; inline_++) {
		group("long form, %s", inline_ ? "in line" : "out of line");
		start();
		u.word = 0;
		u.type.msgt_name = MACH_MSG_TYPE_BYTE;
		u.type.msgt_size = 8;
		u.type.msgt_number = 8;
		u.type.msgt_inline = (unsigned int)inline_;
		u.type.msgt_longform = 1;
		put_word(&m, u.word);
		put_word(&m, inline_ ? 0x0807060504030201UL :
				       (uintptr_t)"abcdefgh");
		finish("data");
	}
	group("long form, ports");
	start();
	u.word = 0;
	u.type.msgt_name = MACH_MSG_TYPE_COPY_SEND;
	u.type.msgt_size = 64;
	u.type.msgt_number = 1;
	u.type.msgt_inline = 1;
	u.type.msgt_longform = 1;
	put_word(&m, u.word);
	put_word(&m, N('A'));
	finish("data");
}

/* Upper halves of what is 8 bytes wide. */
static void upper_halves(void)
{
	group("upper half");
	start();
	put_type(&m, MACH_MSG_TYPE_COPY_SEND, 64, 1, 1, 0);
	put_word(&m, 0xdeadbeef00000000UL | N('A'));
	finish("of a right");
	start();
	m.head.msgh_remote_port_do_not_use = 0xdeadbeef00000000UL | N('A');
	m.head.msgh_protected_payload = 0xdeadbeef00000000UL;
	finish("of the header");
}

PROGRAM(body_data)
{
	new_sendable('A', 1);
	type_names();
	sizes(8, 0);
	sizes(0, 5);
	sizes(0, 0);
	sizes(8, 1);
	sizes(8, 7);
	sizes(8, 8);
	sizes(8, 9);
	sizes(32, 1);
	sizes(32, 3);
	sizes(64, 2);
	sizes(16, 3);
	sizes(128, 2);
	sizes(800, 3);
	long_form();
	upper_halves();
}
