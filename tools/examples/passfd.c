// SPDX-License-Identifier: MIT
/* An open file as a port right: the child opens it, the parent reads it. */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <mach/fileport.h>
#include <mach/mach.h>

struct message {
	mach_msg_header_t head;
	mach_msg_type_t type;
	mach_port_name_inlined_t file;
};

static void child(void)
{
	struct message message = {
		.head.msgh_bits = MACH_MSGH_BITS_COMPLEX |
				  MACH_MSG_TYPE_COPY_SEND,
		.type = { .msgt_name = MACH_MSG_TYPE_MOVE_SEND,
			  .msgt_size = 64, .msgt_inline = TRUE,
			  .msgt_number = 1 },
	};
	int fd = memfd_create("example", MFD_CLOEXEC);

	if (fd < 0 || write(fd, "written by the child\n", 21) != 21)
		err(1, "memfd");
	if (fileport_makeport(fd, &message.file.name))
		errx(1, "no port for it");
	task_get_bootstrap_port(mach_task_self(),
				&message.head.msgh_remote_port);
	mach_msg(&message.head, MACH_SEND_MSG, sizeof(message), 0, 0, 0, 0);
}

int main(void)
{
	mach_port_t port = mach_reply_port();
	struct message message;
	char text[64] = "";
	int fd;

	mach_port_insert_right(mach_task_self(), port, port,
			       MACH_MSG_TYPE_MAKE_SEND);
	task_set_bootstrap_port(mach_task_self(), port);
	if (fork() == 0) {
		child();
		return 0;
	}
	wait(NULL);		/* the file lives in the message */
	mach_msg(&message.head, MACH_RCV_MSG, 0, sizeof(message), port, 0, 0);
	fd = fileport_makefd(message.file.name);
	if (fd < 0 || pread(fd, text, sizeof(text) - 1, 0) < 0)
		err(1, "reading");
	printf("%s", text);
	return 0;
}
