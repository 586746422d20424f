/* SPDX-License-Identifier: MIT */
/*
 * Calls on a task and its memory, with the signatures that mig makes from
 * GNU Mach's mach.defs.
 *
 * For now vm_allocate() and vm_deallocate() work on the caller's own task
 * only: the right for any other task gives KERN_INVALID_ARGUMENT.
 */
#ifndef _MACH_MACH_INTERFACE_H_
#define _MACH_MACH_INTERFACE_H_

#include <mach/kern_return.h>
#include <mach/mach_param.h>
#include <mach/mach_types.h>
#include <mach/message.h>

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

#ifdef __cplusplus
}
#endif

#endif /* _MACH_MACH_INTERFACE_H_ */
