/* SPDX-License-Identifier: MIT */
/*
 * What GNU Mach counts for the sake of debugging, with the signatures that
 * mig makes from mach_debug.defs.
 */
#ifndef _MACH_DEBUG_MACH_DEBUG_H_
#define _MACH_DEBUG_MACH_DEBUG_H_

#include <mach/kern_return.h>
#include <mach/mach_types.h>
#include <mach/port.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How many send rights exist for the port; name denotes a receive right. */
kern_return_t mach_port_get_srights(ipc_space_t task, mach_port_name_t name,
				    mach_port_rights_t *srights);

/*
 * How many dead-name requests are armed on the port; name denotes a receive
 * right.  There is no table with free slots here: *total is *used.
 */
kern_return_t mach_port_dnrequest_info(ipc_space_t task, mach_port_name_t name,
				       unsigned int *total,
				       unsigned int *used);

#ifdef __cplusplus
}
#endif

#endif /* _MACH_DEBUG_MACH_DEBUG_H_ */
