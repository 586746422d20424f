// SPDX-License-Identifier: GPL-2.0
/*
 * The calls on received memory: see memory_calls.h.
 */
#include <linux/errno.h>
#include <linux/mach.h>

#include "memory_calls.h"
#include "ordinary.h"
#include "space.h"

int mach_call_memory_ordinary(struct mach_space *space, void *data)
{
	struct mach_ioc_range *args = data;
	int err;

	err = mach_ordinary_convert(space->mapping, args->address,
				    args->length, &space->stats);
	if (err == -EINTR)
		return err;
	if (err)
		args->ret = err == -EFAULT ? KERN_INVALID_ADDRESS :
					     KERN_RESOURCE_SHORTAGE;
	else
		args->ret = KERN_SUCCESS;
	return 0;
}
