// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* Between port names and file descriptors. */
#include <errno.h>

#include <mach/fileport.h>
#include <mach/linux.h>

#include "internal.h"

/* A descriptor or flags that make no sense are the caller's mistake. */
static kern_return_t call_descriptor(unsigned long request,
				     struct mach_ioc_descriptor *call)
{
	call->size = sizeof(*call);
	if (!libmach_call(request, call))
		return call->ret;
	return errno == EBADF || errno == EINVAL ? KERN_INVALID_ARGUMENT :
						   MACH_SEND_INVALID_DEST;
}

static kern_return_t make_fd(unsigned long request, mach_port_t name,
			     int flags, int *fd)
{
	struct mach_ioc_descriptor call = {
		.name = name,
		.flags = (__u32)flags,
	};
	kern_return_t kr = call_descriptor(request, &call);

	if (kr == KERN_SUCCESS)
		*fd = call.fd;
	return kr;
}

static kern_return_t make_name(unsigned long request, int fd,
			       mach_port_t *name)
{
	struct mach_ioc_descriptor call = { .fd = fd };
	kern_return_t kr = call_descriptor(request, &call);

	if (kr == KERN_SUCCESS)
		*name = call.name;
	return kr;
}

kern_return_t mach_port_poll_fd(mach_port_t name, int flags, int *fd)
{
	return make_fd(MACH_IOC_PORT_POLL_FD, name, flags, fd);
}

kern_return_t mach_port_to_fd(mach_port_t name, int flags, int *fd)
{
	return make_fd(MACH_IOC_RIGHT_MAKE_FD, name, flags, fd);
}

kern_return_t mach_port_from_fd(int fd, mach_port_t *name)
{
	return make_name(MACH_IOC_RIGHT_FROM_FD, fd, name);
}

/*
 * ---- Darwin's two, which speak in errno ----
 */

/* shortage: what this caller has run out of. */
static int fail(kern_return_t kr, int shortage)
{
	switch (kr) {
	case KERN_RESOURCE_SHORTAGE:
	case KERN_NO_SPACE:
		errno = shortage;
		break;
	case KERN_NO_ACCESS:
		errno = EACCES;
		break;
	case MACH_SEND_INVALID_DEST:
		break;		/* errno says why there is no task */
	default:
		errno = EINVAL;
	}
	return -1;
}

int fileport_makeport(int fd, fileport_t *port)
{
	struct mach_ioc_descriptor call = { .size = sizeof(call), .fd = fd };

	/* EBADF is told apart from a file that no port may carry. */
	if (libmach_call(MACH_IOC_FILEPORT_MAKE, &call))
		return -1;
	if (call.ret != KERN_SUCCESS)
		return fail(call.ret, EAGAIN);
	*port = call.name;
	return 0;
}

int fileport_makefd(fileport_t port)
{
	int fd = -1;
	kern_return_t kr = make_fd(MACH_IOC_FILEPORT_FD, port, MACH_FD_CLOEXEC,
				   &fd);

	return kr == KERN_SUCCESS ? fd : fail(kr, EMFILE);
}
