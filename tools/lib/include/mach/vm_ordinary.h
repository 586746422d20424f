/* SPDX-License-Identifier: MIT */
/* What Mach needs not: received memory as memory of any kind (not Mach's). */
#ifndef _MACH_VM_ORDINARY_H_
#define _MACH_VM_ORDINARY_H_

#include <mach/kern_return.h>
#include <mach/std_types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Makes every page of received memory that the range touches ordinary
 * anonymous memory with the same content, at the same place: good for
 * O_DIRECT, vmsplice, io_uring, shared futexes, core dumps.  Other memory in
 * the range stays what it is.  It costs a copy.
 *
 * As with realloc(), no other thread may write there meanwhile: its write
 * could be lost.  Reading is safe.
 *
 * KERN_INVALID_ADDRESS: a hole; KERN_PROTECTION_FAILURE: not readable, and
 * nothing is done.  KERN_NO_SPACE, KERN_RESOURCE_SHORTAGE: no room for it;
 * some of it may be ordinary already.  KERN_FAILURE: no /proc.
 */
kern_return_t mach_vm_make_ordinary(vm_address_t address, vm_size_t size);

#ifdef __cplusplus
}
#endif

#endif /* _MACH_VM_ORDINARY_H_ */
