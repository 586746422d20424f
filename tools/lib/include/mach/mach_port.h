/* SPDX-License-Identifier: MIT */
/*
 * Calls on the port names of a task, with the signatures that mig makes from
 * GNU Mach's mach_port.defs.
 *
 * task is a send right for a task: mach_task_self(), or one that was
 * received.  A name that is none gives MACH_SEND_INVALID_DEST, a send right
 * for something else KERN_INVALID_TASK.
 */
#ifndef _MACH_MACH_PORT_H_
#define _MACH_MACH_PORT_H_

#include <mach/kern_return.h>
#include <mach/mach_types.h>
#include <mach/message.h>
#include <mach/port.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * All names and their types, in two arrays of the caller's own, to be freed
 * with vm_deallocate(); NULL when there is no name.
 */
kern_return_t mach_port_names(ipc_space_t task, mach_port_name_array_t *names,
			      mach_msg_type_number_t *namesCnt,
			      mach_port_type_array_t *types,
			      mach_msg_type_number_t *typesCnt);
kern_return_t mach_port_type(ipc_space_t task, mach_port_name_t name,
			     mach_port_type_t *ptype);
kern_return_t mach_port_rename(ipc_space_t task, mach_port_name_t old_name,
			       mach_port_name_t new_name);

kern_return_t mach_port_allocate_name(ipc_space_t task,
				      mach_port_right_t right,
				      mach_port_name_t name);
kern_return_t mach_port_allocate(ipc_space_t task, mach_port_right_t right,
				 mach_port_name_t *name);
kern_return_t mach_port_destroy(ipc_space_t task, mach_port_name_t name);
kern_return_t mach_port_deallocate(ipc_space_t task, mach_port_name_t name);
kern_return_t mach_port_get_refs(ipc_space_t task, mach_port_name_t name,
				 mach_port_right_t right,
				 mach_port_urefs_t *refs);
kern_return_t mach_port_mod_refs(ipc_space_t task, mach_port_name_t name,
				 mach_port_right_t right,
				 mach_port_delta_t delta);

/* poly, with its disposition polyPoly, is a right of the caller. */
kern_return_t mach_port_insert_right(ipc_space_t task, mach_port_name_t name,
				     mach_port_t poly,
				     mach_msg_type_name_t polyPoly);

/* *poly becomes a right of the caller, of the type *polyPoly. */
kern_return_t mach_port_extract_right(ipc_space_t task, mach_port_name_t name,
				      mach_msg_type_name_t msgt_name,
				      mach_port_t *poly,
				      mach_msg_type_name_t *polyPoly);

/* notify and *previous are rights of the caller. */
kern_return_t mach_port_request_notification(ipc_space_t task,
					     mach_port_name_t name,
					     mach_msg_id_t id,
					     mach_port_mscount_t sync,
					     mach_port_t notify,
					     mach_msg_type_name_t notifyPoly,
					     mach_port_t *previous);

/* name denotes a receive right. */
kern_return_t mach_port_get_receive_status(ipc_space_t task,
					   mach_port_name_t name,
					   mach_port_status_t *status);
kern_return_t mach_port_set_qlimit(ipc_space_t task, mach_port_name_t name,
				   mach_port_msgcount_t qlimit);
kern_return_t mach_port_set_mscount(ipc_space_t task, mach_port_name_t name,
				    mach_port_mscount_t mscount);
kern_return_t mach_port_set_seqno(ipc_space_t task, mach_port_name_t name,
				  mach_port_seqno_t seqno);
kern_return_t mach_port_set_protected_payload(ipc_space_t task,
					      mach_port_name_t name,
					      rpc_uintptr_t payload);
kern_return_t mach_port_clear_protected_payload(ipc_space_t task,
						mach_port_name_t name);

/* Into the port set after, or out of its set if after is MACH_PORT_NULL. */
kern_return_t mach_port_move_member(ipc_space_t task, mach_port_name_t member,
				    mach_port_name_t after);
/* The members, in an array to be freed with vm_deallocate(), or NULL. */
kern_return_t mach_port_get_set_status(ipc_space_t task, mach_port_name_t name,
				       mach_port_name_array_t *members,
				       mach_msg_type_number_t *membersCnt);

#ifdef __cplusplus
}
#endif

#endif /* _MACH_MACH_PORT_H_ */
