/* SPDX-License-Identifier: MIT */
/*
 * What the library keeps per process: the name of the own task and the page
 * size.  Nothing needs to be initialised; the first call opens /dev/mach.
 */
#ifndef _MACH_MACH_INIT_H_
#define _MACH_MACH_INIT_H_

#include <mach/mach_traps.h>
#include <mach/port.h>
#include <mach/vm_types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The name of the own task: always the same one, its reference is the
 * library's and must not be deallocated.  MACH_PORT_NULL when /dev/mach
 * cannot be used.  A forked child has its own.
 */
mach_port_t __mach_task_self(void);
#define mach_task_self()	(__mach_task_self())

extern vm_size_t vm_page_size;

/* Also in <mach/vm_param.h>. */
#ifndef round_page
#define round_page(x) \
	((((vm_offset_t)(x)) + vm_page_size - 1) & ~(vm_page_size - 1))
#define trunc_page(x)	(((vm_offset_t)(x)) & ~(vm_page_size - 1))
#endif

#ifdef __cplusplus
}
#endif

#endif /* _MACH_MACH_INIT_H_ */
