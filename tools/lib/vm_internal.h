/* SPDX-License-Identifier: MIT */
/* Copyright (c) The mach authors */
/* What the vm_ files of libmach share; not installed. */
#ifndef LIBMACH_VM_INTERNAL_H
#define LIBMACH_VM_INTERNAL_H

#include <stdbool.h>
#include <sys/mman.h>

#include <mach/kern_return.h>
#include <mach/mach_types.h>

/*
 * KERN_SUCCESS if @task is the own one, KERN_FAILURE if it is another task,
 * else what a call returns.
 */
kern_return_t libmach_vm_task(mach_port_t task);

/* The pages that a range touches; false if it wraps.  @size is not 0. */
bool libmach_vm_range(vm_address_t address, vm_size_t size,
		      vm_address_t *start, vm_address_t *end);

/*
 * Copies bytes without a SIGSEGV: KERN_MEMORY_ERROR if either side cannot be
 * accessed, and then some have been copied.  vm_data.c
 */
kern_return_t libmach_vm_fill(vm_address_t to, vm_address_t from,
			      vm_size_t size);

static inline bool libmach_is_inheritance(vm_inherit_t inheritance)
{
	return inheritance == VM_INHERIT_SHARE ||
	       inheritance == VM_INHERIT_COPY ||
	       inheritance == VM_INHERIT_NONE;
}

static inline int libmach_prot(vm_prot_t protection)
{
	return (protection & VM_PROT_READ ? PROT_READ : 0) |
	       (protection & VM_PROT_WRITE ? PROT_WRITE : 0) |
	       (protection & VM_PROT_EXECUTE ? PROT_EXEC : 0);
}

#endif /* LIBMACH_VM_INTERNAL_H */
