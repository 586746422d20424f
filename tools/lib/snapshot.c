// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* The listing of tasks, in a buffer that is large enough. */
#include <errno.h>
#include <stdlib.h>

#include <mach/linux.h>

#include "internal.h"

/* Names come and go between the call that asks for the size and the next. */
#define SLACK		(16 * 1024)
#define TRIES		16

static kern_return_t failure(void)
{
	switch (errno) {
	case EPERM:
		return KERN_NO_ACCESS;
	case ENOMEM:
		return KERN_RESOURCE_SHORTAGE;
	default:
		return MACH_SEND_INVALID_DEST;
	}
}

kern_return_t mach_snapshot(mach_port_t task, unsigned int flags,
			    struct mach_snapshot_record **records,
			    size_t *size)
{
	struct mach_ioc_snapshot call = {
		.size = sizeof(call),
		.flags = flags,
		.task = task,
	};
	void *buffer = NULL;

	for (int i = 0; i < TRIES; i++) {
		call.length = call.needed + call.needed / 4 + SLACK;
		free(buffer);
		buffer = malloc(call.length);
		if (!buffer)
			return KERN_RESOURCE_SHORTAGE;
		call.buffer = (uintptr_t)buffer;
		if (libmach_call(MACH_IOC_SNAPSHOT, &call))
			call.ret = failure();
		if (call.ret != KERN_NO_SPACE)
			break;
	}
	if (call.ret != KERN_SUCCESS) {
		free(buffer);
		return call.ret;
	}
	*records = buffer;
	*size = call.needed;
	return KERN_SUCCESS;
}
