// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* The mach_port_* calls with a name and one number. */
#include <mach/mach_port.h>
#include <mach_debug/mach_debug.h>

#include "internal.h"

/* In and out: *value. */
static kern_return_t call_value(unsigned long request, ipc_space_t task,
				mach_port_name_t name, __u64 *value)
{
	struct mach_ioc_value call = {
		.size = sizeof(call),
		.task = task,
		.name = name,
		.value = *value,
	};

	if (libmach_call(request, &call))
		return MACH_SEND_INVALID_DEST;
	*value = call.value;
	return call.ret;
}

static kern_return_t set_value(unsigned long request, ipc_space_t task,
			       mach_port_name_t name, __u64 value)
{
	return call_value(request, task, name, &value);
}

/* Leaves *value alone when it fails, as a stub of mig does. */
static kern_return_t get_value(unsigned long request, ipc_space_t task,
			       mach_port_name_t name, unsigned int *value)
{
	__u64 wide = 0;
	kern_return_t kr = call_value(request, task, name, &wide);

	if (kr == KERN_SUCCESS)
		*value = (unsigned int)wide;
	return kr;
}

kern_return_t mach_port_rename(ipc_space_t task, mach_port_name_t old_name,
			       mach_port_name_t new_name)
{
	return set_value(MACH_IOC_PORT_RENAME, task, old_name, new_name);
}

kern_return_t mach_port_set_qlimit(ipc_space_t task, mach_port_name_t name,
				   mach_port_msgcount_t qlimit)
{
	return set_value(MACH_IOC_PORT_SET_QLIMIT, task, name, qlimit);
}

kern_return_t mach_port_set_mscount(ipc_space_t task, mach_port_name_t name,
				    mach_port_mscount_t mscount)
{
	return set_value(MACH_IOC_PORT_SET_MSCOUNT, task, name, mscount);
}

kern_return_t mach_port_set_seqno(ipc_space_t task, mach_port_name_t name,
				  mach_port_seqno_t seqno)
{
	return set_value(MACH_IOC_PORT_SET_SEQNO, task, name, seqno);
}

kern_return_t mach_port_move_member(ipc_space_t task, mach_port_name_t member,
				    mach_port_name_t after)
{
	return set_value(MACH_IOC_PORT_MOVE_MEMBER, task, member, after);
}

kern_return_t mach_port_set_protected_payload(ipc_space_t task,
					      mach_port_name_t name,
					      rpc_uintptr_t payload)
{
	return set_value(MACH_IOC_PORT_SET_PAYLOAD, task, name, payload);
}

kern_return_t mach_port_clear_protected_payload(ipc_space_t task,
						mach_port_name_t name)
{
	return set_value(MACH_IOC_PORT_CLEAR_PAYLOAD, task, name, 0);
}

kern_return_t mach_port_get_srights(ipc_space_t task, mach_port_name_t name,
				    mach_port_rights_t *srights)
{
	return get_value(MACH_IOC_PORT_GET_SRIGHTS, task, name, srights);
}

kern_return_t mach_port_dnrequest_info(ipc_space_t task, mach_port_name_t name,
				       unsigned int *total, unsigned int *used)
{
	kern_return_t kr = get_value(MACH_IOC_PORT_DNREQUEST_INFO, task, name,
				     used);

	if (kr == KERN_SUCCESS)
		*total = *used;
	return kr;
}
