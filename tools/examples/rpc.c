// SPDX-License-Identifier: MIT
/*
 * A remote procedure call by hand: the child asks, the parent answers.  The
 * child finds the parent's port as its bootstrap port, which fork inherits.
 */
#include <err.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <mach/mach.h>

struct message {
	mach_msg_header_t head;
	long number;
};

static void client(void)
{
	mach_port_t server, reply = mach_reply_port();
	struct message message = { .number = 6 };

	if (task_get_bootstrap_port(mach_task_self(), &server))
		errx(1, "no bootstrap port");
	message.head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND,
						MACH_MSG_TYPE_MAKE_SEND_ONCE);
	message.head.msgh_remote_port = server;
	message.head.msgh_local_port = reply;	/* where the answer goes */
	if (mach_msg(&message.head, MACH_SEND_MSG | MACH_RCV_MSG,
		     sizeof(message), sizeof(message), reply, 0, 0))
		errx(1, "the call failed");
	printf("client: 6 * 7 = %ld\n", message.number);
}

int main(void)
{
	mach_port_t task = mach_task_self(), port;
	struct message message;

	mach_port_allocate(task, MACH_PORT_RIGHT_RECEIVE, &port);
	mach_port_insert_right(task, port, port, MACH_MSG_TYPE_MAKE_SEND);
	if (task_set_bootstrap_port(task, port))
		errx(1, "no port");
	if (fork() == 0) {
		client();
		return 0;
	}
	if (mach_msg(&message.head, MACH_RCV_MSG, 0, sizeof(message), port, 0,
		     0))
		errx(1, "receiving");
	/* What arrived as the remote port is the right to reply, once. */
	message.head.msgh_bits = MACH_MSG_TYPE_MOVE_SEND_ONCE;
	message.head.msgh_local_port = MACH_PORT_NULL;
	message.number *= 7;
	if (mach_msg(&message.head, MACH_SEND_MSG, sizeof(message), 0, 0, 0,
		     0))
		errx(1, "replying");
	return wait(NULL) < 0;
}
