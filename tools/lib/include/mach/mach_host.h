/* SPDX-License-Identifier: MIT */
/* Calls on the host, with the signatures that mig makes from mach_host.defs. */
#ifndef _MACH_MACH_HOST_H_
#define _MACH_MACH_HOST_H_

#include <mach/kern_return.h>
#include <mach/mach_types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Keeps every page that the range touches in memory, or no longer
 * (VM_PROT_NONE).  host is mach_host_self(); RLIMIT_MEMLOCK bounds it.
 */
kern_return_t vm_wire(mach_port_t host, vm_task_t task, vm_address_t address,
		      vm_size_t size, vm_prot_t access);

#ifdef __cplusplus
}
#endif

#endif /* _MACH_MACH_HOST_H_ */
