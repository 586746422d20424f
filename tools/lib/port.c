// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* mach_port_*: each is one ioctl. */
#include <mach/mach_port.h>

#include "internal.h"

/* A task that cannot be called is a dead destination, as in an RPC to it. */
static kern_return_t call_port(unsigned long request,
			       struct mach_ioc_port *call)
{
	call->size = sizeof(*call);
	return libmach_call(request, call) ? MACH_SEND_INVALID_DEST : call->ret;
}

kern_return_t mach_port_allocate(ipc_space_t task, mach_port_right_t right,
				 mach_port_name_t *name)
{
	struct mach_ioc_port call = { .task = task, .right = right };
	kern_return_t kr = call_port(MACH_IOC_PORT_ALLOCATE, &call);

	if (kr == KERN_SUCCESS)
		*name = call.name;
	return kr;
}

kern_return_t mach_port_allocate_name(ipc_space_t task,
				      mach_port_right_t right,
				      mach_port_name_t name)
{
	struct mach_ioc_port call = {
		.task = task, .name = name, .right = right,
	};

	return call_port(MACH_IOC_PORT_ALLOCATE_NAME, &call);
}

kern_return_t mach_port_destroy(ipc_space_t task, mach_port_name_t name)
{
	struct mach_ioc_port call = { .task = task, .name = name };

	return call_port(MACH_IOC_PORT_DESTROY, &call);
}

kern_return_t mach_port_deallocate(ipc_space_t task, mach_port_name_t name)
{
	struct mach_ioc_port call = { .task = task, .name = name };

	return call_port(MACH_IOC_PORT_DEALLOCATE, &call);
}

kern_return_t mach_port_get_refs(ipc_space_t task, mach_port_name_t name,
				 mach_port_right_t right,
				 mach_port_urefs_t *refs)
{
	struct mach_ioc_port call = {
		.task = task, .name = name, .right = right,
	};
	kern_return_t kr = call_port(MACH_IOC_PORT_GET_REFS, &call);

	if (kr == KERN_SUCCESS)
		*refs = call.refs;
	return kr;
}

kern_return_t mach_port_mod_refs(ipc_space_t task, mach_port_name_t name,
				 mach_port_right_t right,
				 mach_port_delta_t delta)
{
	struct mach_ioc_port call = {
		.task = task, .name = name, .right = right, .delta = delta,
	};

	return call_port(MACH_IOC_PORT_MOD_REFS, &call);
}

kern_return_t mach_port_type(ipc_space_t task, mach_port_name_t name,
			     mach_port_type_t *ptype)
{
	struct mach_ioc_port call = { .task = task, .name = name };
	kern_return_t kr = call_port(MACH_IOC_PORT_TYPE, &call);

	if (kr == KERN_SUCCESS)
		*ptype = call.type;
	return kr;
}

kern_return_t mach_port_insert_right(ipc_space_t task, mach_port_name_t name,
				     mach_port_t poly,
				     mach_msg_type_name_t polyPoly)
{
	struct mach_ioc_insert call = {
		.size = sizeof(call),
		.task = task,
		.name = name,
		.poly = poly,
		.poly_type = polyPoly,
	};

	if (libmach_call(MACH_IOC_PORT_INSERT_RIGHT, &call))
		return MACH_SEND_INVALID_DEST;
	return call.ret;
}

kern_return_t mach_port_extract_right(ipc_space_t task, mach_port_name_t name,
				      mach_msg_type_name_t msgt_name,
				      mach_port_t *poly,
				      mach_msg_type_name_t *polyPoly)
{
	struct mach_ioc_extract call = {
		.size = sizeof(call),
		.task = task,
		.name = name,
		.disposition = msgt_name,
	};

	if (libmach_call(MACH_IOC_PORT_EXTRACT_RIGHT, &call))
		return MACH_SEND_INVALID_DEST;
	if (call.ret == KERN_SUCCESS) {
		*poly = call.poly;
		*polyPoly = call.poly_type;
	}
	return call.ret;
}

kern_return_t mach_port_request_notification(ipc_space_t task,
					     mach_port_name_t name,
					     mach_msg_id_t id,
					     mach_port_mscount_t sync,
					     mach_port_t notify,
					     mach_msg_type_name_t notifyPoly,
					     mach_port_t *previous)
{
	struct mach_ioc_notification call = {
		.size = sizeof(call),
		.task = task,
		.name = name,
		.id = (__u32)id,
		.sync = sync,
		.notify = notify,
		.notify_type = notifyPoly,
	};

	if (libmach_call(MACH_IOC_PORT_REQUEST_NOTIFICATION, &call))
		return MACH_SEND_INVALID_DEST;
	if (call.ret == KERN_SUCCESS)
		*previous = call.previous;
	return call.ret;
}

kern_return_t mach_port_get_receive_status(ipc_space_t task,
					   mach_port_name_t name,
					   mach_port_status_t *status)
{
	struct mach_ioc_receive_status call = {
		.size = sizeof(call),
		.task = task,
		.name = name,
	};

	if (libmach_call(MACH_IOC_PORT_GET_RECEIVE_STATUS, &call))
		return MACH_SEND_INVALID_DEST;
	if (call.ret != KERN_SUCCESS)
		return call.ret;
	*status = (mach_port_status_t){
		.mps_pset = call.pset,
		.mps_seqno = call.seqno,
		.mps_mscount = call.mscount,
		.mps_qlimit = call.qlimit,
		.mps_msgcount = call.msgcount,
		.mps_sorights = call.sorights,
		.mps_srights = (boolean_t)call.srights,
		.mps_pdrequest = (boolean_t)call.pdrequest,
		.mps_nsrequest = (boolean_t)call.nsrequest,
	};
	return KERN_SUCCESS;
}
