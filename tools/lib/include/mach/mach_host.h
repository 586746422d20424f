/* SPDX-License-Identifier: MIT */
/* Calls on the host, with the signatures that mig makes from mach_host.defs. */
#ifndef _MACH_MACH_HOST_H_
#define _MACH_MACH_HOST_H_

#include <mach/kern_return.h>
#include <mach/mach_types.h>
#include <mach/message.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * host is mach_host_self() in all of these; another right gives
 * KERN_INVALID_HOST, no right MACH_SEND_INVALID_DEST.
 *
 * What the host is, by flavor: <mach/host_info.h>.  host_info_outCnt is the
 * room in words, and then how many were given.
 */
kern_return_t host_info(host_t host, int flavor, host_info_t host_info_out,
			mach_msg_type_number_t *host_info_outCnt);

/* "Linux", its release and version, and the ABI of the module mach. */
kern_return_t host_kernel_version(host_t host,
				  kernel_version_t kernel_version);
kern_return_t host_get_kernel_version(host_t host,
				      kernel_version_t kernel_version);

/* Since the epoch; and since the machine was booted. */
kern_return_t host_get_time(host_t host, time_value_t *current_time);
kern_return_t host_get_time64(host_t host, time_value64_t *current_time);
kern_return_t host_get_uptime64(host_t host, time_value64_t *uptime);

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
