/* SPDX-License-Identifier: MIT */
/* Copyright (c) The mach authors */
/*
 * The process behind another task's right; not installed.
 *
 * Holding the right is not enough here: the kernel lets the caller look only
 * into processes that it may trace (ptrace(2), "access mode checking").
 */
#ifndef LIBMACH_FOREIGN_H
#define LIBMACH_FOREIGN_H

#include <stdbool.h>
#include <sys/types.h>

#include <mach/kern_return.h>
#include <mach/mach_types.h>

struct libmach_foreign {
	__u64 task_id;
	pid_t pid;		/* in the caller's namespace */
};

/*
 * Which process it is.  MACH_SEND_INVALID_DEST, KERN_INVALID_TASK: no right
 * for a task.  KERN_NO_ACCESS: a process that the caller cannot see.
 */
kern_return_t libmach_foreign_find(mach_port_t task,
				   struct libmach_foreign *foreign);
/*
 * Had the process the task's memory all the time since libmach_foreign_find()?
 * Then what was opened of /proc/PID in between is the task's, and stays so:
 * such a file keeps the memory, not the number.
 */
bool libmach_foreign_confirm(const struct libmach_foreign *foreign);

/*
 * /proc/PID/@name.  KERN_NO_ACCESS: the caller may not; errno has the rest.
 */
kern_return_t libmach_foreign_open(const struct libmach_foreign *foreign,
				   const char *name, int flags, int *fd);

/* The calls on another task's memory: vm_foreign.c */
kern_return_t libmach_foreign_read(mach_port_t task, vm_address_t address,
				   vm_size_t size, pointer_t *data);
kern_return_t libmach_foreign_write(mach_port_t task, vm_address_t address,
				    pointer_t data, vm_size_t size);
kern_return_t libmach_foreign_copy(mach_port_t task, vm_address_t source,
				   vm_size_t size, vm_address_t dest);

#endif /* LIBMACH_FOREIGN_H */
