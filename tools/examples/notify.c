// SPDX-License-Identifier: MIT
/* Notifications: the child gives the parent a right for a port of its own,
 * and the parent hears of that port's death; then of its own last sender. */
#include <stdio.h>
#include <unistd.h>
#include <mach/mach.h>

static struct {
	mach_msg_header_t head;
	char room[64];		/* for what a notification says */
} message;

/* What is the local port here is a right for the parent; we wait for word. */
static int child(void)
{
	mach_port_t port = mach_reply_port();
	mach_msg_header_t hello = { .msgh_local_port = port };

	hello.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND,
					 MACH_MSG_TYPE_MAKE_SEND);
	task_get_bootstrap_port(mach_task_self(), &hello.msgh_remote_port);
	return mach_msg(&hello, MACH_SEND_MSG | MACH_RCV_MSG, sizeof(hello),
			sizeof(hello), port, 0, 0);
}

static void ask(mach_port_t name, int what, mach_port_t where)
{
	mach_port_t before;

	mach_port_request_notification(mach_task_self(), name, what, 1, where,
				       MACH_MSG_TYPE_MAKE_SEND_ONCE, &before);
}

static void hear(mach_port_t port, const char *what)
{
	mach_msg(&message.head, MACH_RCV_MSG, 0, sizeof(message), port, 0, 0);
	printf("message %d: %s\n", message.head.msgh_id, what);
}

int main(void)
{
	mach_port_t task = mach_task_self(), port = mach_reply_port();

	mach_port_insert_right(task, port, port, MACH_MSG_TYPE_MAKE_SEND);
	task_set_bootstrap_port(task, port);
	if (fork() == 0)
		return child();
	hear(port, "hello");
	ask(message.head.msgh_remote_port, MACH_NOTIFY_DEAD_NAME, port);
	message.head.msgh_bits = MACH_MSG_TYPE_COPY_SEND;
	message.head.msgh_local_port = MACH_PORT_NULL;
	mach_msg(&message.head, MACH_SEND_MSG, 32, 0, 0, 0, 0);
	hear(port, "the child's port is dead");
	ask(port, MACH_NOTIFY_NO_SENDERS, port);
	task_set_bootstrap_port(task, MACH_PORT_NULL);
	mach_port_deallocate(task, port);
	hear(port, "nobody can send any more");
	return 0;
}
