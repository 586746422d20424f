// SPDX-License-Identifier: MIT
/*
 * Notifications: the child gives the parent a right to one of its ports and
 * holds one to the parent's; when it dies the parent hears of both.
 */
#include <err.h>
#include <stdio.h>
#include <unistd.h>
#include <mach/mach.h>

struct message {
	mach_msg_header_t head;
	mach_msg_type_t type;
	mach_port_name_inlined_t port;
	char room[64];
};

static void child(void)
{
	struct message message = {
		.head.msgh_bits = MACH_MSGH_BITS_COMPLEX |
				  MACH_MSG_TYPE_COPY_SEND,
		.type = { .msgt_name = MACH_MSG_TYPE_MAKE_SEND,
			  .msgt_size = 64, .msgt_inline = TRUE,
			  .msgt_number = 1 },
		.port.name = mach_reply_port(),
	};

	task_get_bootstrap_port(mach_task_self(),
				&message.head.msgh_remote_port);
	mach_msg(&message.head, MACH_SEND_MSG, 48, 0, 0, 0, 0);
}

static void ask(mach_port_t name, int what, mach_port_t where)
{
	mach_port_t before;

	if (mach_port_request_notification(mach_task_self(), name, what, 1,
					   where, MACH_MSG_TYPE_MAKE_SEND_ONCE,
					   &before))
		errx(1, "no notification %d", what);
}

int main(void)
{
	mach_port_t task = mach_task_self(), port = mach_reply_port();
	struct message message;

	mach_port_insert_right(task, port, port, MACH_MSG_TYPE_MAKE_SEND);
	task_set_bootstrap_port(task, port);
	if (fork() == 0) {
		child();
		return 0;
	}
	mach_msg(&message.head, MACH_RCV_MSG, 0, sizeof(message), port, 0, 0);
	ask(message.port.name, MACH_NOTIFY_DEAD_NAME, port);
	for (int id = 0; id != MACH_NOTIFY_DEAD_NAME; id = message.head.msgh_id)
		mach_msg(&message.head, MACH_RCV_MSG, 0, sizeof(message),
			 port, 0, 0);
	printf("the child's port is dead\n");
	ask(port, MACH_NOTIFY_NO_SENDERS, port);
	/* Our own rights were the last. */
	task_set_bootstrap_port(task, MACH_PORT_NULL);
	mach_port_deallocate(task, port);
	mach_msg(&message.head, MACH_RCV_MSG, 0, sizeof(message), port, 0, 0);
	printf("notification %d: nobody can send any more\n",
	       message.head.msgh_id);
	return 0;
}
