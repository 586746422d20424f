// SPDX-License-Identifier: GPL-2.0
/*
 * Descriptors of /dev/mach: see descriptor.h.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>

#include "descriptor.h"
#include "space.h"

const struct file_operations *mach_descriptor_fops;

struct mach_space *mach_descriptor_space(int fd)
{
	struct mach_space *space = NULL;
	struct file *file = fget(fd);

	if (!file)
		return NULL;
	if (file->f_op == mach_descriptor_fops)
		space = mach_space_get(file->private_data);
	fput(file);
	return space;
}

bool mach_descriptor_is_ours(const struct file *file)
{
	return file->f_op->owner == THIS_MODULE;
}
