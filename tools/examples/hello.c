// SPDX-License-Identifier: MIT
/* A port, a message to it, and the message back out of it. */
#include <stdio.h>
#include <string.h>
#include <mach/mach.h>

struct message {
	mach_msg_header_t head;
	char text[32];		/* a simple message: its body is ours */
};

int main(void)
{
	mach_port_t task = mach_task_self(), port;
	struct message message;
	kern_return_t kr;

	/* The receive right, and under the same name a right to send. */
	kr = mach_port_allocate(task, MACH_PORT_RIGHT_RECEIVE, &port);
	if (kr == KERN_SUCCESS)
		kr = mach_port_insert_right(task, port, port,
					    MACH_MSG_TYPE_MAKE_SEND);
	if (kr != KERN_SUCCESS) {
		mach_error("no port", kr);
		return 1;
	}

	message = (struct message){
		.head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
		.head.msgh_remote_port = port,
		.head.msgh_id = 42,
		.text = "hello, port",
	};
	kr = mach_msg(&message.head, MACH_SEND_MSG, sizeof(message), 0,
		      MACH_PORT_NULL, MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL);
	if (kr != MACH_MSG_SUCCESS) {
		mach_error("sending", kr);
		return 1;
	}

	memset(&message, 0, sizeof(message));
	kr = mach_msg(&message.head, MACH_RCV_MSG, 0, sizeof(message), port,
		      MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL);
	if (kr != MACH_MSG_SUCCESS) {
		mach_error("receiving", kr);
		return 1;
	}
	printf("message %d: %s\n", message.head.msgh_id, message.text);
	return mach_port_destroy(task, port);
}
