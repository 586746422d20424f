/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files that are polled for messages: one for a receive right or a port set.
 *
 * Such a file tells readiness and nothing else, to whoever has it.  It holds a
 * reference to the port or set, none to the task, and hangs up for good when
 * the task has lost the receive right or the set.
 */
#ifndef MACH_POLL_FILE_H
#define MACH_POLL_FILE_H

#include <linux/types.h>

struct file;
struct mach_space;

/*
 * A file for @name.  Takes space->lock.  KERN_SUCCESS, KERN_INVALID_NAME,
 * KERN_INVALID_RIGHT (neither receive right nor set), KERN_RESOURCE_SHORTAGE.
 */
int mach_poll_file_create(struct mach_space *space, u32 name,
			  struct file **out);

#endif /* MACH_POLL_FILE_H */
