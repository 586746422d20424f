// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* Calls about the own task that hand out a name. */
#include <mach/linux.h>
#include <mach/mach_init.h>
#include <mach/mach_interface.h>
#include <mach/mach_traps.h>
#include <mach/message.h>

#include "internal.h"

static kern_return_t call_name(unsigned long request, mach_port_t *name)
{
	struct mach_ioc_name call = { .size = sizeof(call), .name = *name };

	if (libmach_call(request, &call))
		return MACH_SEND_INVALID_DEST;
	*name = call.name;
	return call.ret;
}

static mach_port_t new_name(unsigned long request)
{
	mach_port_t name = MACH_PORT_NULL;

	return call_name(request, &name) ? MACH_PORT_NULL : name;
}

mach_port_t (mach_task_self)(void)
{
	return new_name(MACH_IOC_TASK_SELF);
}

mach_port_t mach_reply_port(void)
{
	return new_name(MACH_IOC_REPLY_PORT);
}

kern_return_t libmach_own_task(mach_port_t task)
{
	if (!MACH_PORT_VALID(task))
		return MACH_SEND_INVALID_DEST;
	return task == mach_task_self() ? KERN_SUCCESS : KERN_INVALID_ARGUMENT;
}

kern_return_t task_get_special_port(task_t task, int which_port,
				    mach_port_t *special_port)
{
	kern_return_t kr = libmach_own_task(task);
	mach_port_t name = MACH_PORT_NULL;

	if (kr != KERN_SUCCESS)
		return kr;
	if (which_port == TASK_KERNEL_PORT)
		kr = call_name(MACH_IOC_TASK_SELF, &name);
	else if (which_port == TASK_BOOTSTRAP_PORT)
		kr = call_name(MACH_IOC_GET_BOOTSTRAP, &name);
	else
		kr = KERN_INVALID_ARGUMENT;
	if (kr == KERN_SUCCESS)
		*special_port = name;
	return kr;
}

kern_return_t mach_set_instance_bootstrap(mach_port_t port)
{
	return call_name(MACH_IOC_SET_BOOTSTRAP, &port);
}
