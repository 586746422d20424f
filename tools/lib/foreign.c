// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* The process behind another task's right: see foreign.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include <mach/message.h>

#include "foreign.h"
#include "internal.h"

kern_return_t libmach_foreign_find(mach_port_t task,
				   struct libmach_foreign *foreign)
{
	struct mach_ioc_identity call = { .size = sizeof(call), .task = task };

	if (!MACH_PORT_VALID(task) ||
	    libmach_call(MACH_IOC_TASK_IDENTITY, &call))
		return MACH_SEND_INVALID_DEST;
	if (call.ret != KERN_SUCCESS)
		return call.ret;
	foreign->task_id = call.task_id;
	foreign->pid = call.pid;
	return call.pid > 0 ? KERN_SUCCESS : KERN_NO_ACCESS;
}

bool libmach_foreign_confirm(const struct libmach_foreign *foreign)
{
	struct mach_ioc_confirm call = {
		.size = sizeof(call),
		.pid = foreign->pid,
		.task_id = foreign->task_id,
	};

	return !libmach_call(MACH_IOC_TASK_CONFIRM, &call) &&
	       call.ret == KERN_SUCCESS;
}

kern_return_t libmach_foreign_open(const struct libmach_foreign *foreign,
				   const char *name, int flags, int *fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)foreign->pid, name);
	*fd = open(path, flags | O_CLOEXEC);
	if (*fd >= 0)
		return KERN_SUCCESS;
	switch (errno) {
	case EACCES:
	case EPERM:
		return KERN_NO_ACCESS;
	case ENOENT:		/* it has ended */
	case ESRCH:
		return MACH_SEND_INVALID_DEST;
	default:
		return KERN_RESOURCE_SHORTAGE;
	}
}
