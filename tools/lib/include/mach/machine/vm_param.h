/* SPDX-License-Identifier: MIT */
/* Pages and addresses of an x86-64, as in GNU Mach. */
#ifndef _MACH_I386_VM_PARAM_H_
#define _MACH_I386_VM_PARAM_H_

#include <mach/machine/vm_types.h>

#define BYTE_SIZE	8

#define I386_PGBYTES	4096
#define I386_PGSHIFT	12

#ifndef PAGE_SHIFT
#define PAGE_SHIFT	I386_PGSHIFT
#endif

#define VM_MIN_ADDRESS	((vm_offset_t)0)
#define VM_MAX_ADDRESS	((vm_offset_t)0x800000000000)

#endif /* _MACH_I386_VM_PARAM_H_ */
