// SPDX-License-Identifier: GPL-2.0
/* The port calls on another task, by its task right. */
#include "conf.h"

static void peer_looks(void)
{
	for (char c = 'A'; c <= 'E'; c++)
		say_name(N(c));
	say_status(N('A'));
}

static void there(void)
{
	group("there");
	in_peer(peer_looks);
	group("here");
}

static void make(mach_port_t task)
{
	mach_port_t name = MACH_PORT_NULL;

	said("allocate_name", mach_port_allocate_name(
		task, MACH_PORT_RIGHT_RECEIVE, N('A')));
	said("allocate_name again", mach_port_allocate_name(
		task, MACH_PORT_RIGHT_RECEIVE, N('A')));
	said("allocate_name, set", mach_port_allocate_name(
		task, MACH_PORT_RIGHT_PORT_SET, N('B')));
	said("allocate_name, dead", mach_port_allocate_name(
		task, MACH_PORT_RIGHT_DEAD_NAME, N('C')));
	said("allocate", mach_port_allocate(task, MACH_PORT_RIGHT_RECEIVE,
					    &name));
	said("rename", mach_port_rename(task, name, N('D')));
	said("insert_right", mach_port_insert_right(
		task, N('E'), N('H'), MACH_MSG_TYPE_MAKE_SEND));
	there();
}

static void ask_about(mach_port_t task)
{
	mach_port_type_t type = 0;
	mach_port_urefs_t refs = 99;
	mach_port_status_t status;
	mach_port_name_array_t names, members;
	mach_port_type_array_t types;
	mach_msg_type_number_t number = 0, number2 = 0;

	said("type", mach_port_type(task, N('A'), &type));
	say("type is: %t", type);
	said("get_refs", mach_port_get_refs(task, N('C'),
					    MACH_PORT_RIGHT_DEAD_NAME, &refs));
	say("refs are: %u", refs);
	said("get_receive_status", mach_port_get_receive_status(task, N('A'),
								&status));
	say("status: qlimit %u mscount %u seqno %u, set %n", status.mps_qlimit,
	    status.mps_mscount, status.mps_seqno, status.mps_pset);
	said("get_set_status", mach_port_get_set_status(task, N('B'), &members,
							&number));
	say("members: %u", number);
	said("names", mach_port_names(task, &names, &number, &types,
				      &number2));
	for (char c = 'A'; c <= 'Z'; c++)
		for (unsigned int i = 0; i < number; i++)
			if (names[i] == N(c))
				say("has: %n %t", names[i], types[i]);
	/* The arrays are the caller's own memory. */
	said("free", vm_deallocate(mach_task_self(), (vm_address_t)names, 1));
}

static void change(mach_port_t task)
{
	said("set_qlimit", mach_port_set_qlimit(task, N('A'), 3));
	said("set_mscount", mach_port_set_mscount(task, N('A'), 4));
	said("set_seqno", mach_port_set_seqno(task, N('A'), 5));
	said("move_member", mach_port_move_member(task, N('A'), N('B')));
	said("set_payload", mach_port_set_protected_payload(task, N('A'), 6));
	said("mod_refs", mach_port_mod_refs(task, N('C'),
					    MACH_PORT_RIGHT_DEAD_NAME, 7));
	ask_about(task);
	there();
	said("clear_payload", mach_port_clear_protected_payload(task,
								N('A')));
	said("move_member", mach_port_move_member(task, N('A'), 0));
}

/* The notification says the name in the task it was asked for. */
static void requests(mach_port_t task)
{
	mach_port_t previous = MACH_PORT_NULL;

	said("dead-name request", mach_port_request_notification(
		task, N('E'), MACH_NOTIFY_DEAD_NAME, 0, N('H'),
		MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	said("port-destroyed request", mach_port_request_notification(
		task, N('D'), MACH_NOTIFY_PORT_DESTROYED, 0, N('H'),
		MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	said("no-senders request", mach_port_request_notification(
		task, N('A'), MACH_NOTIFY_NO_SENDERS, 0, N('H'),
		MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	drain(N('H'));
	said("deallocate", mach_port_deallocate(task, N('E')));
	drain(N('H'));
	said("destroy", mach_port_destroy(task, N('D')));
	drain(N('H'));
	there();
}

PROGRAM(other_task)
{
	mach_port_t task = peer();

	group("here");
	new_port('H');
	make(task);
	ask_about(task);
	change(task);
	requests(task);
	said("mod_refs", mach_port_mod_refs(task, N('A'),
					    MACH_PORT_RIGHT_RECEIVE, -1));
	said("destroy", mach_port_destroy(task, N('B')));
	said("destroy", mach_port_destroy(task, N('C')));
	there();
}
