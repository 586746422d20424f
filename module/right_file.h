/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files that hold a send right: it travels with the descriptor, over a socket
 * or through exec, and goes with the last descriptor.
 *
 * A right for a fileport is refused.  A port's queue dies with the task that
 * has the receive right, but a fileport lives by its send rights alone: held
 * by a file in the queue of the socket that it carries, it would live by
 * itself for ever.
 */
#ifndef MACH_RIGHT_FILE_H
#define MACH_RIGHT_FILE_H

#include <linux/types.h>

struct file;
struct mach_aftermath;
struct mach_carried;
struct mach_space;

/*
 * A file with a send right of @name: a copy, or one user reference of it
 * (@move).  Takes space->lock.  KERN_SUCCESS, KERN_INVALID_NAME,
 * KERN_INVALID_RIGHT (no send right, or dead), KERN_INVALID_ARGUMENT (for a
 * fileport), KERN_RESOURCE_SHORTAGE.
 */
int mach_right_file_create(struct mach_space *space, u32 name, bool move,
			   struct file **out, struct mach_aftermath *after);

/*
 * A copy of the right in @file; DEAD if its port has died.  False: not a file
 * of this kind.
 */
bool mach_right_file_copy(const struct file *file, struct mach_carried *out);

#endif /* MACH_RIGHT_FILE_H */
