// SPDX-License-Identifier: GPL-2.0
/* mach_port_get_srights and mach_port_dnrequest_info: exact counts. */
#include "conf.h"

static void counts(const char *what, mach_port_t name)
{
	mach_port_rights_t rights = 99;
	unsigned int total = 99, used = 99;
	kern_return_t kr;

	kr = mach_port_get_srights(mach_task_self(), name, &rights);
	say("%s, send rights: %k", what, kr);
	if (!kr)
		say("%s, send rights, number: %u", what, rights);
	kr = mach_port_dnrequest_info(mach_task_self(), name, &total, &used);
	say("%s, requests: %k", what, kr);
	/* The size of the table is the kernel's own affair. */
	if (!kr)
		say("%s, requests, number: %u", what, used);
}

PROGRAM(debug_counts)
{
	struct message m;

	new_port('Q');
	for (enum kind kind = 0; kind < KINDS; kind++) {
		counts(kind_name(kind), new_kind(kind, 'A', 3));
		end_kind(kind, 'A');
	}
	new_port('A');
	make_send(N('A'));
	must("refs", mach_port_mod_refs(mach_task_self(), N('A'),
					MACH_PORT_RIGHT_SEND, 5));
	counts("six references, one right", N('A'));
	must("give", mach_port_insert_right(peer(), N('A'), N('A'),
					    MACH_MSG_TYPE_COPY_SEND));
	counts("another task", N('A'));
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, N('A'),
	      MACH_MSG_TYPE_COPY_SEND, 1);
	put_right(&m, N('A'), MACH_MSG_TYPE_MAKE_SEND);
	must("send", msg_send(&m));
	counts("in a message", N('A'));
	must("receive", msg_receive(&m, N('A')));
	counts("received", N('A'));
	arm(N('A'), MACH_NOTIFY_DEAD_NAME, N('Q'));
	counts("one request", N('A'));
	arm(N('A'), MACH_NOTIFY_DEAD_NAME, N('Q'));
	counts("replaced", N('A'));
	new_send_once('O', N('A'));
	arm(N('O'), MACH_NOTIFY_DEAD_NAME, N('Q'));
	counts("two names", N('A'));
	discard(N('O'));
	counts("one name", N('A'));
	mach_port_destroy(peer(), N('A'));
	counts("other task's right gone", N('A'));
}
