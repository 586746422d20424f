/* SPDX-License-Identifier: MIT */
/* Copyright (c) The mach authors */
/* What the files of libmach share; not installed. */
#ifndef LIBMACH_INTERNAL_H
#define LIBMACH_INTERNAL_H

#include <stdatomic.h>
#include <sys/ioctl.h>

#include <mach/kern_return.h>
#include <mach/port.h>

/* The descriptor of /dev/mach, -1 while it is not open: device.c. */
extern _Atomic int libmach_fd;

/* Opens /dev/mach if it is not; -1 after one line on standard error. */
int libmach_open(void);

/* Around a fork in which the child inherits; in the child, go_on: fork.c. */
void libmach_fork_begin(void);
void libmach_fork_wait(void);
void libmach_fork_go_on(void);

/* The child's only thread has no reply port yet: mig_support.c. */
void libmach_forget_reply_port(void);

/* KERN_SUCCESS if task is the own one, KERN_FAILURE if it is another name. */
kern_return_t libmach_own_task(mach_port_t task);

/* One ioctl on the task: 0, or -1 when there is no task to call. */
static inline int libmach_call(unsigned long request, void *argument)
{
	int fd = atomic_load_explicit(&libmach_fd, memory_order_acquire);

	if (__builtin_expect(fd < 0, 0)) {
		fd = libmach_open();
		if (fd < 0)
			return -1;
	}
	return ioctl(fd, request, argument) < 0 ? -1 : 0;
}

#endif /* LIBMACH_INTERNAL_H */
