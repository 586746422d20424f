/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Descriptors of /dev/mach: from a caller's descriptor to the task behind it.
 */
#ifndef MACH_DESCRIPTOR_H
#define MACH_DESCRIPTOR_H

#include <linux/types.h>

struct file;
struct file_operations;
struct mach_space;

/* What tells our files from others; set by the top, once. */
extern const struct file_operations *mach_descriptor_fops;

/* With a reference; NULL: no such descriptor, or not one of /dev/mach. */
struct mach_space *mach_descriptor_space(int fd);

/* A file of this module, of whatever kind: such a one goes into no port. */
bool mach_descriptor_is_ours(const struct file *file);

#endif /* MACH_DESCRIPTOR_H */
