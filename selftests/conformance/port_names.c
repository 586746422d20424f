// SPDX-License-Identifier: GPL-2.0
/* mach_port_names and mach_port_type, for each right and each request. */
#include "conf.h"

static void list(const char *what)
{
	mach_port_name_array_t names = NULL;
	mach_port_type_array_t types = NULL;
	mach_msg_type_number_t number = 0, type_number = 0;

	group("%s", what);
	said("mach_port_names", mach_port_names(mach_task_self(), &names,
						&number, &types,
						&type_number));
	say("counts are: %s", number == type_number ? "equal" : "different");
	for (char c = 'A'; c <= 'Z'; c++)
		for (unsigned int i = 0; i < number; i++)
			if (names[i] == N(c))
				say("%n: %t", names[i], types[i]);
	vm_deallocate(mach_task_self(), (vm_address_t)names,
		      number * sizeof(*names));
	vm_deallocate(mach_task_self(), (vm_address_t)types,
		      number * sizeof(*types));
}

static void give_away(char letter)
{
	must("give", mach_port_insert_right(peer(), N(letter), N(letter),
					    MACH_MSG_TYPE_MOVE_RECEIVE));
}

PROGRAM(port_names)
{
	new_port('A');
	new_sendable('B', 2);
	new_set('C');
	new_dead('D', 3);
	new_send_once('E', N('A'));
	new_sendable('F', 1);
	mach_port_move_member(mach_task_self(), N('F'), N('C'));
	new_sendable('G', 1);
	arm(N('G'), MACH_NOTIFY_DEAD_NAME, N('A'));
	new_sendable('H', 1);
	arm(N('H'), MACH_NOTIFY_NO_SENDERS, N('A'));
	arm(N('H'), MACH_NOTIFY_PORT_DESTROYED, N('A'));
	new_send_once('I', N('B'));
	arm(N('I'), MACH_NOTIFY_DEAD_NAME, N('A'));
	new_sendable('J', 1);
	arm(N('J'), MACH_NOTIFY_DEAD_NAME, N('A'));
	new_sendable('K', 1);
	give_away('J');
	give_away('K');
	new_port('L');
	arm(N('L'), MACH_NOTIFY_DEAD_NAME, N('A'));
	list("alive");
	mach_port_destroy(peer(), N('J'));
	mach_port_destroy(peer(), N('K'));
	list("J and K died");
	say_name(N('J'));
	say_name(N('K'));
	list("after a look at them");
	mach_port_destroy(mach_task_self(), N('B'));
	list("B died");
	say_name(N('I'));
	list("after a look at I");
	drain(N('A'));
	group("");
	say_name(UNUSED);
	say_name(MACH_PORT_NULL);
	say_name(MACH_PORT_DEAD);
}
