// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* The self ports, the ports that a task keeps, and tasks by their file. */
#include <errno.h>

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

mach_port_t mach_thread_self(void)
{
	return new_name(MACH_IOC_THREAD_SELF);
}

mach_port_t mach_host_self(void)
{
	return new_name(MACH_IOC_HOST_SELF);
}

mach_port_t mach_reply_port(void)
{
	return new_name(MACH_IOC_REPLY_PORT);
}

kern_return_t libmach_own_task(mach_port_t task)
{
	if (!MACH_PORT_VALID(task))
		return MACH_SEND_INVALID_DEST;
	return task == mach_task_self() ? KERN_SUCCESS : KERN_FAILURE;
}

static kern_return_t call_special(unsigned long request, task_t task,
				  int which_port, mach_port_t *name)
{
	struct mach_ioc_special call = {
		.size = sizeof(call),
		.task = task,
		.which = (__u32)which_port,
		.name = *name,
	};

	if (libmach_call(request, &call))
		return MACH_SEND_INVALID_DEST;
	*name = call.name;
	return call.ret;
}

kern_return_t task_get_special_port(task_t task, int which_port,
				    mach_port_t *special_port)
{
	mach_port_t name = MACH_PORT_NULL;
	kern_return_t kr = call_special(MACH_IOC_TASK_GET_SPECIAL, task,
					which_port, &name);

	if (kr == KERN_SUCCESS)
		*special_port = name;
	return kr;
}

kern_return_t task_set_special_port(task_t task, int which_port,
				    mach_port_t special_port)
{
	return call_special(MACH_IOC_TASK_SET_SPECIAL, task, which_port,
			    &special_port);
}

/* The array has just the slots; the kernel judges a count above them. */
kern_return_t mach_ports_register(task_t target_task,
				  mach_port_array_t init_port_set,
				  mach_msg_type_number_t init_port_setCnt)
{
	struct mach_ioc_registered call = {
		.size = sizeof(call),
		.task = target_task,
		.count = init_port_setCnt,
	};

	for (__u32 i = 0; i < init_port_setCnt && i < TASK_PORT_REGISTER_MAX;
	     i++)
		call.ports[i] = init_port_set[i];
	if (libmach_call(MACH_IOC_PORTS_REGISTER, &call))
		return MACH_SEND_INVALID_DEST;
	return call.ret;
}

/* A descriptor that is none of the device is the caller's mistake. */
static kern_return_t call_file(unsigned long request, int fd,
			       mach_port_t *name)
{
	struct mach_ioc_file call = { .size = sizeof(call), .fd = fd };

	if (libmach_call(request, &call))
		return errno == EBADF ? KERN_INVALID_ARGUMENT :
					MACH_SEND_INVALID_DEST;
	*name = call.name;
	return call.ret;
}

kern_return_t mach_task_for_file(int fd, mach_port_t *task)
{
	mach_port_t name = MACH_PORT_NULL;
	kern_return_t kr = call_file(MACH_IOC_TASK_FOR_FILE, fd, &name);

	if (kr == KERN_SUCCESS)
		*task = name;
	return kr;
}

kern_return_t mach_inherit(int fd)
{
	mach_port_t none;

	return call_file(MACH_IOC_INHERIT, fd, &none);
}

kern_return_t mach_set_instance_bootstrap(mach_port_t port)
{
	return call_name(MACH_IOC_SET_BOOTSTRAP, &port);
}
