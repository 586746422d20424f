// SPDX-License-Identifier: MIT
/* 16 MiB from the child to the parent: no page is copied, none is shared
 * writably: what either writes later, the other does not see. */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <mach/mach.h>

#define BYTES	(16 << 20)

struct message {
	mach_msg_header_t head;
	mach_msg_type_t type;
	vm_address_t address;
};

static void child(void)
{
	struct message message = {
		.head.msgh_bits = MACH_MSGH_BITS_COMPLEX |
				  MACH_MSG_TYPE_COPY_SEND,
		.type.msgt_name = MACH_MSG_TYPE_BYTE,
		.type.msgt_size = 8,		/* bits; not inline */
		.type.msgt_number = BYTES,
	};
	mach_port_t task = mach_task_self();

	task_get_bootstrap_port(task, &message.head.msgh_remote_port);
	if (vm_allocate(task, &message.address, BYTES, TRUE))
		errx(1, "no memory");
	memset((char *)message.address, 'm', BYTES);
	if (mach_msg(&message.head, MACH_SEND_MSG, sizeof(message), 0, 0, 0,
		     0))
		errx(1, "sending");
	memset((char *)message.address, 'x', BYTES);
}

int main(void)
{
	mach_port_t task = mach_task_self(), port;
	struct message message;
	size_t good = 0;

	mach_port_allocate(task, MACH_PORT_RIGHT_RECEIVE, &port);
	mach_port_insert_right(task, port, port, MACH_MSG_TYPE_MAKE_SEND);
	task_set_bootstrap_port(task, port);
	if (fork() == 0) {
		child();
		return 0;
	}
	if (mach_msg(&message.head, MACH_RCV_MSG, 0, sizeof(message), port, 0,
		     0))
		errx(1, "receiving");
	for (size_t i = 0; i < message.type.msgt_number; i++)
		good += ((char *)message.address)[i] == 'm';
	printf("%zu of %d bytes are as they were sent\n", good, BYTES);
	return vm_deallocate(task, message.address, BYTES);
}
