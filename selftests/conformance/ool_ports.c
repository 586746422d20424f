// SPDX-License-Identifier: GPL-2.0
/* Arrays of rights out of line. */
#include "conf.h"

static struct message m;

static void start(void)
{
	begin(&m, N('D'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
}

static void finish(void)
{
	if (!said("send", msg_send(&m)) && !msg_receive(&m, N('D')))
		say_message("received", &m);
}

/* Rights of one disposition to several ports, and names that are none. */
static void mixed(int disposition)
{
	mach_port_t names[5] = { N('A'), MACH_PORT_NULL, N('B'),
				 MACH_PORT_DEAD, N('A') };
	const mach_port_t *got;

	group("%r", disposition);
	new_sendable('A', 3);
	new_sendable('B', 3);
	start();
	put_rights(&m, names, 5, disposition, 0);
	finish();
	got = first_memory(&m);
	if (disposition == MACH_MSG_TYPE_MAKE_SEND_ONCE) {
		discard(got[0]);
		discard(got[2]);
		discard(got[4]);
	}
	say_name(N('A'));
	say_name(N('B'));
	say_status(N('A'));
	drain(N('A'));
	discard(N('A'));
	discard(N('B'));
}

static void receive_rights(void)
{
	mach_port_t names[2] = { N('A'), N('B') };
	const mach_port_t *got;

	group("receive rights");
	new_port('A');
	new_sendable('B', 1);
	must("queue", send_id(N('B'), 5));
	start();
	put_rights(&m, names, 2, MACH_MSG_TYPE_MOVE_RECEIVE, 0);
	must("send", msg_send(&m));
	say_name(N('A'));
	say_name(N('B'));
	must("receive", msg_receive(&m, N('D')));
	say_message("received", &m);
	got = first_memory(&m);
	relabel(got[0], 'X');
	say_name(N('X'));
	say_name(N('B'));
	drain(N('B'));
	discard(N('X'));
	discard(N('B'));
	group("one receive right twice");
	new_port('A');
	names[1] = N('A');
	start();
	put_rights(&m, names, 2, MACH_MSG_TYPE_MOVE_RECEIVE, 0);
	finish();
	say_name(N('A'));
}

/* A bad name in the middle: what came before is lost, the rest is not. */
static void bad_name(void)
{
	mach_port_t names[3] = { N('A'), UNUSED, N('B') };

	group("bad name in the middle");
	new_sendable('A', 2);
	new_sendable('B', 2);
	start();
	put_rights(&m, names, 3, MACH_MSG_TYPE_MOVE_SEND, 0);
	finish();
	say_name(N('A'));
	say_name(N('B'));
	discard(N('A'));
	discard(N('B'));
}

static void empty(void)
{
	group("empty");
	start();
	put_rights(&m, NULL, 0, MACH_MSG_TYPE_MAKE_SEND, 0);
	finish();
	group("empty, bad address");
	start();
	put_rights(&m, (void *)1, 0, MACH_MSG_TYPE_MAKE_SEND_ONCE, 1);
	finish();
	group("bad address");
	start();
	put_rights(&m, (void *)8, 1, MACH_MSG_TYPE_COPY_SEND, 0);
	finish();
	/* Not with a null address: that makes GNU Mach panic. */
}

static void deallocated(void)
{
	vm_address_t pages = 0, again;
	mach_port_t *names;

	group("deallocate");
	new_sendable('A', 1);
	must("vm_allocate", vm_allocate(mach_task_self(), &pages, PAGE, 1));
	names = (mach_port_t *)pages;
	names[0] = N('A');
	names[1] = MACH_PORT_NULL;
	start();
	put_rights(&m, names, 2, MACH_MSG_TYPE_COPY_SEND, 1);
	must("send", msg_send(&m));
	again = pages;
	said("allocate just there",
	     vm_allocate(mach_task_self(), &again, PAGE, 0));
	must("receive", msg_receive(&m, N('D')));
	say_message("received", &m);
	group("deallocate, bad right");
	names[0] = UNUSED;
	start();
	put_rights(&m, names, 1, MACH_MSG_TYPE_COPY_SEND, 1);
	finish();
	again = pages;
	said("allocate just there",
	     vm_allocate(mach_task_self(), &again, PAGE, 0));
	discard(N('A'));
}

/* As many names as fill a page: what is freed with them. */
static void page_of_names(void)
{
	vm_address_t pages = 0, again;

	group("deallocate, a page of names");
	must("vm_allocate", vm_allocate(mach_task_self(), &pages, 3 * PAGE,
					1));
	start();
	put_rights(&m, (mach_port_t *)pages, PAGE / 4,
		   MACH_MSG_TYPE_COPY_SEND, 1);
	said("send", msg_send(&m));
	for (unsigned int i = 0; i < 3; i++) {
		again = pages + i * PAGE;
		say("page %u is: %s", i,
		    vm_allocate(mach_task_self(), &again, PAGE, 0) ?
		    "there" : "gone");
	}
	must("receive", msg_receive(&m, N('D')));
	say_header("received", &m);
	vm_deallocate(mach_task_self(), pages, 3 * PAGE);
}

/* Rights of a message that is never received. */
static void destroyed(void)
{
	mach_port_t names[3] = { N('Q'), N('Q'), N('Q') };

	group("destroyed with the message");
	new_port('Q');
	new_sendable('E', 1);
	begin(&m, N('E'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_rights(&m, names, 3, MACH_MSG_TYPE_MAKE_SEND_ONCE, 0);
	must("send", msg_send(&m));
	say_status(N('Q'));
	discard(N('E'));
	drain(N('Q'));
	discard(N('Q'));
}

static void many(void)
{
	static mach_port_t names[3000];
	const mach_port_t *got;
	unsigned int same = 0;

	group("3000 rights");
	new_sendable('A', 1);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		names[i] = N('A');
	start();
	put_rights(&m, names, ARRAY_SIZE(names), MACH_MSG_TYPE_MAKE_SEND, 0);
	said("send", msg_send(&m));
	said("receive", msg_receive(&m, N('D')));
	say_header("received", &m);
	got = first_memory(&m);
	for (size_t i = 0; got && i < ARRAY_SIZE(names); i++)
		same += got[i] == N('A');
	say("names that are A: %u", same);
	say_name(N('A'));
	say_status(N('A'));
	discard(N('A'));
}

PROGRAM(ool_ports)
{
	new_sendable('D', 1);
	mixed(MACH_MSG_TYPE_COPY_SEND);
	mixed(MACH_MSG_TYPE_MOVE_SEND);
	mixed(MACH_MSG_TYPE_MAKE_SEND);
	mixed(MACH_MSG_TYPE_MAKE_SEND_ONCE);
	receive_rights();
	bad_name();
	empty();
	deallocated();
	page_of_names();
	destroyed();
	many();
}
