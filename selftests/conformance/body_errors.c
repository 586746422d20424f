// SPDX-License-Identifier: GPL-2.0
/* Bodies that are wrong: which code, and what is lost. */
#include "conf.h"

static struct message m;

static void start(void)
{
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	m.head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
}

static void finish(const char *what)
{
	if (!said(what, msg_send(&m))) {
		msg_receive(&m, N('A'));
		say_message(what, &m);
	}
	drain(N('A'));
}

static void malformed(void)
{
	group("malformed");
	start();
	put_type(&m, MACH_MSG_TYPE_BYTE, 8, 1, 1, 0);
	finish("data missing");
	start();
	put_type(&m, MACH_MSG_TYPE_BYTE, 8, 9, 1, 0);
	put_word(&m, 1);
	finish("data cut off");
	start();
	put_type(&m, MACH_MSG_TYPE_BYTE, 8, 1, 0, 0);
	finish("address missing");
	start();
	put_type(&m, MACH_MSG_TYPE_COPY_SEND, 64, 1, 1, 0);
	finish("right missing");
	start();
	put_type(&m, MACH_MSG_TYPE_COPY_SEND, 64, 2, 1, 0);
	put_word(&m, N('A'));
	finish("second right missing");
	start();
	put_type(&m, MACH_MSG_TYPE_BYTE, 0xffff, 0xffffffff, 1, 0);
	put_word(&m, 1);
	finish("huge data");
	start();
	put_type(&m, MACH_MSG_TYPE_COPY_SEND, 64, 0xffffffff, 1, 0);
	put_word(&m, N('A'));
	finish("very many rights");
	group("bad descriptor");
	start();
	put_type(&m, MACH_MSG_TYPE_COPY_SEND, 32, 1, 1, 0);
	put_word(&m, N('A'));
	finish("right of 32 bits in line");
	start();
	put_type(&m, MACH_MSG_TYPE_COPY_SEND, 8, 1, 1, 0);
	put_word(&m, N('A'));
	finish("right of 8 bits in line");
	start();
	put_type(&m, MACH_MSG_TYPE_COPY_SEND, 64, 1, 0, 0);
	put_word(&m, (uintptr_t)&(mach_port_t){ N('A') });
	finish("rights of 64 bits in an array");
	start();
	put_type(&m, MACH_MSG_TYPE_BYTE, 8, 8, 1, 1);
	put_word(&m, 1);
	finish("deallocate in line");
	start();
	put_type(&m, MACH_MSG_TYPE_COPY_SEND, 64, 1, 1, 1);
	put_word(&m, N('A'));
	finish("deallocate of a right in line");
	start();
	put_word(&m, 0x0000000821000808UL);
	put_word(&m, 1);
	finish("unused bits");
}

/* The same bodies without the bit are opaque, says the manual. */
static void not_complex(void)
{
	group("not complex");
	start();
	put_right(&m, N('A'), MACH_MSG_TYPE_MOVE_SEND);
	m.head.msgh_bits &= ~MACH_MSGH_BITS_COMPLEX;
	if (!said("a right", msg_send(&m))) {
		msg_receive(&m, N('A'));
		say_header("a right", &m);
		say("a right, body is: %s", m.body[1] == N('A') ?
		    "as sent" : "changed");
	}
	say_name(N('A'));
	start();
	put_word(&m, ~0UL);
	put_word(&m, 0x1234);
	m.head.msgh_bits &= ~MACH_MSGH_BITS_COMPLEX;
	if (!said("junk", msg_send(&m))) {
		msg_receive(&m, N('A'));
		say_header("junk", &m);
		say("junk is: %s", m.body[0] == ~0UL && m.body[1] == 0x1234 ?
		    "as sent" : "changed");
	}
}

/*
 * What came before the bad right is lost: a send right's reference, a
 * send-once right, a receive right, the reply right, the destination's.
 */
static void lost(void)
{
	mach_port_t task = mach_task_self();

	group("bad right after good ones");
	new_sendable('D', 2);
	new_sendable('S', 2);
	new_port('Q');
	new_send_once('O', N('Q'));
	new_sendable('R', 1);
	must("send", send_id(N('R'), 1));
	arm(N('R'), MACH_NOTIFY_DEAD_NAME, N('Q'));
	arm(N('S'), MACH_NOTIFY_NO_SENDERS, N('Q'));
	begin(&m, N('D'), MACH_MSG_TYPE_MOVE_SEND, N('Q'),
	      MACH_MSG_TYPE_MAKE_SEND_ONCE, 2);
	put_right(&m, N('S'), MACH_MSG_TYPE_MOVE_SEND);
	put_right(&m, N('O'), MACH_MSG_TYPE_MOVE_SEND_ONCE);
	put_right(&m, N('R'), MACH_MSG_TYPE_MOVE_RECEIVE);
	put_right(&m, UNUSED, MACH_MSG_TYPE_COPY_SEND);
	put_right(&m, N('S'), MACH_MSG_TYPE_MOVE_SEND);
	said("send", msg_send(&m));
	say("buffer is: %s", m.head.msgh_remote_port == N('D') &&
	    m.head.msgh_local_port == N('Q') && m.body[1] == N('S') ?
	    "as before" : "changed");
	say_name(N('D'));
	say_name(N('S'));
	say_name(N('O'));
	say_name(N('R'));
	drain(N('Q'));
	said("deallocate", mach_port_deallocate(task, N('S')));
	drain(N('Q'));
	for (char c = 'D'; c <= 'S'; c++)
		discard(N(c));
}

/* A body whose second item is malformed. */
static void lost_to_a_malformed_item(void)
{
	group("malformed after a good right");
	new_sendable('S', 2);
	new_send_once('O', N('A'));
	start();
	put_right(&m, N('S'), MACH_MSG_TYPE_MOVE_SEND);
	put_right(&m, N('O'), MACH_MSG_TYPE_MOVE_SEND_ONCE);
	put_type(&m, MACH_MSG_TYPE_BYTE, 8, 8, 1, 0);
	said("send", msg_send(&m));
	say_name(N('S'));
	say_name(N('O'));
	drain(N('A'));
	discard(N('S'));
	discard(N('O'));
	drain(N('A'));
}

static void lost_memory(void)
{
	vm_address_t pages = 0, after = 0;

	group("bad right after memory");
	must("vm_allocate", vm_allocate(mach_task_self(), &pages, 2 * PAGE,
					1));
	*(char *)pages = 1;
	start();
	put_memory(&m, (char *)pages, PAGE, 1);
	put_right(&m, UNUSED, MACH_MSG_TYPE_COPY_SEND);
	said("send", msg_send(&m));
	after = pages;
	said("allocate just there", vm_allocate(mach_task_self(), &after, PAGE,
						0));
	vm_deallocate(mach_task_self(), pages, 2 * PAGE);
}

/* Which error when two items are wrong. */
static void precedence(void)
{
	group("two errors");
	start();
	put_right(&m, UNUSED, MACH_MSG_TYPE_COPY_SEND);
	put_type(&m, MACH_MSG_TYPE_BYTE, 8, 1, 1, 0);
	finish("bad right, then data missing");
	start();
	put_memory(&m, (char *)8, 8, 0);
	put_right(&m, UNUSED, MACH_MSG_TYPE_COPY_SEND);
	finish("bad memory, then bad right");
	start();
	put_right(&m, UNUSED, MACH_MSG_TYPE_COPY_SEND);
	put_memory(&m, (char *)8, 8, 0);
	finish("bad right, then bad memory");
	begin(&m, UNUSED, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_right(&m, UNUSED, MACH_MSG_TYPE_COPY_SEND);
	finish("bad destination, then bad right");
}

PROGRAM(body_errors)
{
	new_sendable('A', 2);
	malformed();
	not_complex();
	lost();
	lost_to_a_malformed_item();
	lost_memory();
	precedence();
}
