/* SPDX-License-Identifier: MIT */
/*
 * Calls on a task and its memory, with the signatures that mig makes from
 * GNU Mach's mach.defs.
 *
 * For now these work on the caller's own task only: the right for any other
 * task gives KERN_INVALID_ARGUMENT.
 */
#ifndef _MACH_MACH_INTERFACE_H_
#define _MACH_MACH_INTERFACE_H_

#include <mach/kern_return.h>
#include <mach/mach_types.h>

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
 * One more reference to a send right for the TASK_KERNEL_PORT or the
 * TASK_BOOTSTRAP_PORT; MACH_PORT_NULL while no bootstrap port is set.
 */
kern_return_t task_get_special_port(task_t task, int which_port,
				    mach_port_t *special_port);

#ifdef __cplusplus
}
#endif

#endif /* _MACH_MACH_INTERFACE_H_ */
