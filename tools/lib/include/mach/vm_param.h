/* SPDX-License-Identifier: MIT */
/* The page size as a constant; vm_page_size is the same. */
#ifndef _MACH_VM_PARAM_H_
#define _MACH_VM_PARAM_H_

#include <mach/machine/vm_param.h>
#include <mach/machine/vm_types.h>

/* Other headers of the system define these, too. */
#ifndef PAGE_SIZE
#define PAGE_SIZE	(1 << PAGE_SHIFT)
#endif
#ifndef PAGE_MASK
#define PAGE_MASK	(PAGE_SIZE - 1)
#endif

#define atop(x)	(((vm_size_t)(x)) >> PAGE_SHIFT)
#define ptoa(x)	((vm_offset_t)(x) << PAGE_SHIFT)

#ifndef round_page
#define round_page(x) \
	((((vm_offset_t)(x)) + I386_PGBYTES - 1) & \
	 ~(vm_offset_t)(I386_PGBYTES - 1))
#define trunc_page(x) \
	(((vm_offset_t)(x)) & ~(vm_offset_t)(I386_PGBYTES - 1))
#endif

#define page_aligned(x)	((((vm_offset_t)(x)) & (I386_PGBYTES - 1)) == 0)

#endif /* _MACH_VM_PARAM_H_ */
