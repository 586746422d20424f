/* SPDX-License-Identifier: MIT */
/*
 * The scalar types everything else is made of (GNU Mach has them in
 * <mach/machine/vm_types.h>, which includes this file here too).
 */
#ifndef _MACH_VM_TYPES_H_
#define _MACH_VM_TYPES_H_

#include <stdint.h>

typedef unsigned int natural_t;
typedef int integer_t;
typedef unsigned long long_natural_t;
typedef long long_integer_t;

typedef uintptr_t vm_offset_t;
typedef vm_offset_t *vm_offset_array_t;
typedef uintptr_t vm_size_t;
typedef vm_size_t *vm_size_array_t;

/* Types of the user/kernel interface; in user space the native ones. */
typedef uintptr_t rpc_uintptr_t;
typedef vm_offset_t rpc_vm_address_t;
typedef vm_offset_t rpc_vm_offset_t;
typedef vm_size_t rpc_vm_size_t;
typedef rpc_vm_offset_t *rpc_vm_offset_array_t;
typedef rpc_vm_size_t *rpc_vm_size_array_t;
typedef long_natural_t rpc_long_natural_t;
typedef long_integer_t rpc_long_integer_t;

#define MACH_MSG_TYPE_INTEGER_T	MACH_MSG_TYPE_INTEGER_32

#endif /* _MACH_VM_TYPES_H_ */
