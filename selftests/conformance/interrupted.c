// SPDX-License-Identifier: GPL-2.0
/* An interrupted mach_msg: the codes, the two options, the restart. */
#include "conf.h"

static struct message m;
static int option;
static volatile int result;

static void receiver(void)
{
	result = msg_receive_option(&m, option, 64, N('A'), 0, 0);
}

static void sender(void)
{
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, N('R'),
	      MACH_MSG_TYPE_MAKE_SEND_ONCE, 7);
	put_right(&m, N('R'), MACH_MSG_TYPE_MAKE_SEND);
	result = msg_send_option(&m, option, 0, 0);
}

static void both(void)
{
	begin(&m, N('A'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 8);
	result = mach_msg(&m.head, MACH_SEND_MSG | MACH_RCV_MSG | option, 32,
			  64, N('B'), 0, 0);
}

static void interrupt(void (*body)(void), int with)
{
	result = -1;
	option = with;
	thread_start(0, body);
	thread_blocked(0);
	thread_interrupt(0);
}

static void receives(void)
{
	group("receive, with the option");
	interrupt(receiver, MACH_RCV_INTERRUPT);
	thread_join(0);
	said("result", result);
	group("receive, started again");
	interrupt(receiver, 0);
	thread_blocked(0);
	must("send", send_id(N('A'), 1));
	thread_join(0);
	said("result", result);
	say_header("received", &m);
}

static void sends(void)
{
	must("limit", mach_port_set_qlimit(mach_task_self(), N('A'), 0));
	group("send, with the option");
	interrupt(sender, MACH_SEND_INTERRUPT);
	thread_join(0);
	said("result", result);
	say_message("back", &m);
	say_name(N('A'));
	say_name(N('R'));
	mach_port_deallocate(mach_task_self(), m.head.msgh_local_port);
	drain(N('R'));
	group("send, started again");
	interrupt(sender, 0);
	thread_blocked(0);
	must("limit", mach_port_set_qlimit(mach_task_self(), N('A'), 5));
	thread_join(0);
	said("result", result);
	must("receive", msg_receive(&m, N('A')));
	say_message("received", &m);
	say_name(N('A'));
	say_name(N('R'));
	mach_port_deallocate(mach_task_self(), m.head.msgh_remote_port);
	drain(N('R'));
}

/* The receive of a call that has sent: it must not send again. */
static void both_parts(void)
{
	group("send and receive, with the option");
	interrupt(both, MACH_RCV_INTERRUPT);
	thread_join(0);
	said("result", result);
	drain(N('A'));
	group("send and receive, started again");
	interrupt(both, 0);
	thread_blocked(0);
	must("send", send_id(N('B'), 9));
	thread_join(0);
	said("result", result);
	say_header("received", &m);
	drain(N('A'));
}

PROGRAM(interrupted)
{
	new_sendable('A', 1);
	new_sendable('B', 1);
	new_port('R');
	receives();
	sends();
	both_parts();
}
