/* SPDX-License-Identifier: MIT */
/* GNU Mach's own calls, with the signatures that mig makes of gnumach.defs. */
#ifndef _MACH_GNUMACH_H_
#define _MACH_GNUMACH_H_

#include <mach/kern_return.h>
#include <mach/mach_types.h>
#include <mach/vm_wire.h>
#include <mach_debug/mach_debug_types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Keeps all of task in memory: what is there, what will be, or no longer. */
kern_return_t vm_wire_all(mach_port_t host, vm_task_t task, vm_wire_t flags);

/*
 * The name that ps shows; Linux keeps 15 characters of it.  Of the own task,
 * and of the calling thread.
 */
kern_return_t task_set_name(task_t task, const_kernel_debug_name_t name);
kern_return_t thread_set_name(thread_t thread, const_kernel_debug_name_t name);
kern_return_t thread_get_name(thread_t thread, kernel_debug_name_t name);

#ifdef __cplusplus
}
#endif

#endif /* _MACH_GNUMACH_H_ */
