// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* Who is who: tasks, and the senders of messages. */
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <mach/linux.h>

#include "internal.h"

kern_return_t mach_task_identity(mach_port_t task,
				 struct mach_trailer *identity)
{
	struct mach_ioc_identity call = { .size = sizeof(call), .task = task };

	if (libmach_call(MACH_IOC_TASK_IDENTITY, &call))
		return MACH_SEND_INVALID_DEST;
	if (call.ret == KERN_SUCCESS)
		*identity = (struct mach_trailer){
			.size = sizeof(*identity),
			.task_id = call.task_id,
			.pid = call.pid,
			.uid = call.uid,
			.gid = call.gid,
		};
	return call.ret;
}

kern_return_t mach_task_confirm(uint64_t task_id, int pid)
{
	struct mach_ioc_confirm call = {
		.size = sizeof(call),
		.pid = pid,
		.task_id = task_id,
	};

	if (libmach_call(MACH_IOC_TASK_CONFIRM, &call))
		return KERN_FAILURE;
	return call.ret;
}

/*
 * In this order: who has the pid after the pidfd was made, and had it when
 * the message was sent, had it in between.
 */
int mach_sender_pidfd(const struct mach_trailer *trailer)
{
	int fd;

	if (trailer->pid <= 0) {
		errno = ESRCH;
		return -1;
	}
	fd = (int)syscall(SYS_pidfd_open, trailer->pid, 0);
	if (fd < 0)
		return -1;
	if (mach_task_confirm(trailer->task_id, trailer->pid)) {
		close(fd);
		errno = ESRCH;
		return -1;
	}
	return fd;
}
