/* SPDX-License-Identifier: MIT */
/*
 * Calls on a task and its memory, with the signatures that mig makes from
 * GNU Mach's mach.defs.
 *
 * The vm_ calls work on the caller's own task.  On another one, whose right
 * one has, do vm_read(), vm_write(), vm_copy(), vm_region() and task_info(),
 * if the caller may trace its process (ptrace(2)), else KERN_NO_ACCESS; and
 * vm_statistics(), which is about the machine.  The others give KERN_FAILURE
 * for another task.  No address makes them crash.
 */
#ifndef _MACH_MACH_INTERFACE_H_
#define _MACH_MACH_INTERFACE_H_

#include <mach/kern_return.h>
#include <mach/mach_param.h>
#include <mach/mach_types.h>
#include <mach/memory_object.h>
#include <mach/message.h>
#include <mach/vm_statistics.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * size bytes of zeroes, rounded up to pages: anywhere, or exactly at *address
 * (rounded down), where nothing may be (KERN_NO_SPACE).  size 0 succeeds and
 * sets *address to 0.
 */
kern_return_t vm_allocate(vm_task_t target_task, vm_address_t *address,
			  vm_size_t size, boolean_t anywhere);

/* Frees every page that the range touches; holes in it are no error. */
kern_return_t vm_deallocate(vm_task_t target_task, vm_address_t address,
			    vm_size_t size);

/*
 * As vm_allocate(), with protections and inheritance; no bit of mask is set in
 * the address.  memory_object must be MEMORY_OBJECT_NULL.
 */
kern_return_t vm_map(vm_task_t target_task, vm_address_t *address,
		     vm_size_t size, vm_address_t mask, boolean_t anywhere,
		     memory_object_t memory_object, vm_offset_t offset,
		     boolean_t copy, vm_prot_t cur_protection,
		     vm_prot_t max_protection, vm_inherit_t inheritance);

/*
 * The protection of every page that the range touches; or the most that
 * vm_protect() will give it, to which the protection is lowered.
 */
kern_return_t vm_protect(vm_task_t target_task, vm_address_t address,
			 vm_size_t size, boolean_t set_maximum,
			 vm_prot_t new_protection);

/* What a child gets of it: VM_INHERIT_NONE, or what it was made for. */
kern_return_t vm_inherit(vm_task_t target_task, vm_address_t address,
			 vm_size_t size, vm_inherit_t new_inheritance);

/* The region that address is in, or the next one above it. */
kern_return_t vm_region(vm_task_t target_task, vm_address_t *address,
			vm_size_t *size, vm_prot_t *protection,
			vm_prot_t *max_protection, vm_inherit_t *inheritance,
			boolean_t *is_shared, memory_object_name_t *object_name,
			vm_offset_t *offset);

/* A copy at a new address, to be freed with vm_deallocate(). */
kern_return_t vm_read(vm_task_t target_task, vm_address_t address,
		      vm_size_t size, pointer_t *data,
		      mach_msg_type_number_t *data_count);

/*
 * Overwrite memory that is there and writable; addresses and sizes are whole
 * pages, and may overlap.
 */
kern_return_t vm_write(vm_task_t target_task, vm_address_t address,
		       pointer_t data, mach_msg_type_number_t data_count);
kern_return_t vm_copy(vm_task_t target_task, vm_address_t source_address,
		      vm_size_t size, vm_address_t dest_address);

/* Of the machine, since it was booted. */
kern_return_t vm_statistics(vm_task_t target_task,
			    vm_statistics_data_t *vm_stats);

/*
 * A send right for the special port which_port (TASK_KERNEL_PORT, ...), or
 * MACH_PORT_NULL; and replacing it by a copy of a send right of the caller,
 * or by MACH_PORT_NULL.
 */
kern_return_t task_get_special_port(task_t task, int which_port,
				    mach_port_t *special_port);
kern_return_t task_set_special_port(task_t task, int which_port,
				    mach_port_t special_port);

/*
 * Ports that a task keeps for the tasks that it makes: up to
 * TASK_PORT_REGISTER_MAX copies of send rights of the caller.  Looking them
 * up gives always that many, in an array to be freed with vm_deallocate().
 */
kern_return_t mach_ports_register(task_t target_task,
				  mach_port_array_t init_port_set,
				  mach_msg_type_number_t init_port_setCnt);
kern_return_t mach_ports_lookup(task_t target_task,
				mach_port_array_t *init_port_set,
				mach_msg_type_number_t *init_port_setCnt);

/*
 * What a task is, by flavor: <mach/task_info.h>; and the calling thread:
 * THREAD_BASIC_INFO.  The count is the room in words, and then how
 * many were given.
 */
kern_return_t task_info(task_t target_task, int flavor,
			task_info_t task_info_out,
			mach_msg_type_number_t *task_info_outCnt);
kern_return_t thread_info(thread_t target_thread, int flavor,
			  thread_info_t thread_info_out,
			  mach_msg_type_number_t *thread_info_outCnt);

/*
 * End a task, as SIGKILL does (KERN_NO_ACCESS if the caller must not); end the
 * calling thread.
 */
kern_return_t task_terminate(task_t target_task);
kern_return_t thread_terminate(thread_t target_thread);

/*
 * The calling thread's: THREAD_KERNEL_PORT is mach_thread_self(), there is no
 * other.
 */
kern_return_t thread_get_special_port(thread_t thread, int which_port,
				      mach_port_t *special_port);

/*
 * Processes and threads are Linux's to make and to stop: use fork(2),
 * pthread_create(3), kill(2), ptrace(2).  These are here for programs that
 * check for errors.  They give KERN_FAILURE for any task or thread, and
 * MACH_SEND_INVALID_DEST for what is none.
 */
kern_return_t task_create(task_t target_task, boolean_t inherit_memory,
			  task_t *child_task);
kern_return_t task_threads(task_t target_task, thread_array_t *thread_list,
			   mach_msg_type_number_t *thread_listCnt);
kern_return_t task_suspend(task_t target_task);
kern_return_t task_resume(task_t target_task);
kern_return_t thread_create(task_t parent_task, thread_t *child_thread);
kern_return_t thread_get_state(thread_t target_thread, int flavor,
			       thread_state_t old_state,
			       mach_msg_type_number_t *old_stateCnt);
kern_return_t thread_set_state(thread_t target_thread, int flavor,
			       thread_state_t new_state,
			       mach_msg_type_number_t new_stateCnt);
kern_return_t thread_suspend(thread_t target_thread);
kern_return_t thread_resume(thread_t target_thread);
kern_return_t thread_abort(thread_t target_thread);
kern_return_t thread_set_special_port(thread_t thread, int which_port,
				      mach_port_t special_port);

#ifdef __cplusplus
}
#endif

#endif /* _MACH_MACH_INTERFACE_H_ */
