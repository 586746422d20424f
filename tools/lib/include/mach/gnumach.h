/* SPDX-License-Identifier: MIT */
/* GNU Mach's own calls, with the signatures that mig makes of gnumach.defs. */
#ifndef _MACH_GNUMACH_H_
#define _MACH_GNUMACH_H_

#include <mach/kern_return.h>
#include <mach/mach_types.h>
#include <mach/vm_wire.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Keeps all of task in memory: what is there, what will be, or no longer. */
kern_return_t vm_wire_all(mach_port_t host, vm_task_t task, vm_wire_t flags);

#ifdef __cplusplus
}
#endif

#endif /* _MACH_GNUMACH_H_ */
