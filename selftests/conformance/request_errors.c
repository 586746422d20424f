// SPDX-License-Identifier: GPL-2.0
/* mach_port_request_notification: every id on every kind of name. */
#include "conf.h"

static void one(mach_port_t name, int id, unsigned int sync, mach_port_t right,
		unsigned int disposition)
{
	mach_port_t previous = MACH_PORT_NULL;
	kern_return_t kr;

	kr = mach_port_request_notification(mach_task_self(), name, id, sync,
					    right, disposition, &previous);
	say("id %d, sync %u, %r: %k", id, sync, (int)disposition, kr);
	if (!kr && previous != MACH_PORT_NULL)
		say("gives back: %n", previous);
	if (!kr && MACH_PORT_VALID(previous))
		mach_port_deallocate(mach_task_self(), previous);
	drain(N('Q'));
}

static void all_ids(void)
{
	static const int ids[] = {
		0, 64, MACH_NOTIFY_PORT_DELETED, MACH_NOTIFY_MSG_ACCEPTED,
		67, 68, MACH_NOTIFY_PORT_DESTROYED, MACH_NOTIFY_NO_SENDERS,
		MACH_NOTIFY_SEND_ONCE, MACH_NOTIFY_DEAD_NAME, 73, -1,
	};

	for (enum kind kind = 0; kind < KINDS; kind++)
		for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
			for (unsigned int sync = 0; sync < 2; sync++) {
				mach_port_t name = new_kind(kind, 'A', 1);

				group("%s", kind_name(kind));
				one(name, ids[i], sync, N('Q'),
				    MACH_MSG_TYPE_MAKE_SEND_ONCE);
				if (kind == KIND_DEAD_NAME ||
				    kind == KIND_DIED)
					say_name(name);
				end_kind(kind, 'A');
				drain(N('Q'));
			}
}

/* The right that is handed in. */
static void rights(void)
{
	static const int ids[] = { MACH_NOTIFY_DEAD_NAME,
				   MACH_NOTIFY_NO_SENDERS,
				   MACH_NOTIFY_PORT_DESTROYED };

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		new_sendable('A', 1);
		new_dead('D', 1);
		group("right");
		one(N('A'), ids[i], 0, MACH_PORT_NULL,
		    MACH_MSG_TYPE_MAKE_SEND_ONCE);
		one(N('A'), ids[i], 0, MACH_PORT_DEAD,
		    MACH_MSG_TYPE_MAKE_SEND_ONCE);
		one(N('A'), ids[i], 0, MACH_PORT_DEAD,
		    MACH_MSG_TYPE_MOVE_SEND_ONCE);
		one(N('A'), ids[i], 0, N('D'), MACH_MSG_TYPE_MOVE_SEND_ONCE);
		one(N('A'), ids[i], 0, UNUSED, MACH_MSG_TYPE_MAKE_SEND_ONCE);
		one(N('A'), ids[i], 0, new_send_once('O', N('Q')),
		    MACH_MSG_TYPE_MOVE_SEND_ONCE);
		say_name(N('O'));
		group("right, replaced");
		one(N('A'), ids[i], 0, N('Q'), MACH_MSG_TYPE_MAKE_SEND_ONCE);
		one(N('A'), ids[i], 0, MACH_PORT_NULL,
		    MACH_MSG_TYPE_MAKE_SEND_ONCE);
		one(N('A'), ids[i], 0, MACH_PORT_NULL,
		    MACH_MSG_TYPE_MOVE_SEND_ONCE);
		discard(N('A'));
		discard(N('D'));
		drain(N('Q'));
	}
}

/* A dead name, asked for with sync, gives its notification at once. */
static void dead_name_now(void)
{
	struct message m;

	group("dead name, at once");
	new_dead('D', 3);
	one(N('D'), MACH_NOTIFY_DEAD_NAME, 0, MACH_PORT_NULL,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE);
	one(N('D'), MACH_NOTIFY_DEAD_NAME, 1, MACH_PORT_NULL,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE);
	said("request", ask(N('D'), MACH_NOTIFY_DEAD_NAME, 1, N('Q')));
	must("receive", msg_receive(&m, N('Q')));
	say_message("note", &m);
	say_name(N('D'));
	discard(N('D'));
}

/* The port that the request's right is for dies first. */
static void previous_died(void)
{
	group("previous right died");
	new_sendable('A', 1);
	new_port('B');
	arm(N('A'), MACH_NOTIFY_DEAD_NAME, N('B'));
	discard(N('B'));
	one(N('A'), MACH_NOTIFY_DEAD_NAME, 0, N('Q'),
	    MACH_MSG_TYPE_MAKE_SEND_ONCE);
	discard(N('A'));
	drain(N('Q'));
}

PROGRAM(request_errors)
{
	new_port('Q');
	all_ids();
	rights();
	dead_name_now();
	previous_died();
}
