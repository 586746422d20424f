/* SPDX-License-Identifier: MIT */
/* Copyright (c) The mach authors */
/*
 * Maximum protections.  Linux keeps none for private memory, so the library
 * does: a table of the ranges whose maximum is less than VM_PROT_ALL.  Only
 * vm_protect() and vm_region() look at it; mprotect() is not bound by it.
 *
 * Memory that goes without vm_deallocate() (munmap, or moved in a message)
 * stays in the table.  What takes its place is not mistaken for it if it is
 * received memory or of another file, and not if vm_allocate() or vm_map()
 * made it.
 */
#ifndef LIBMACH_VM_MAX_H
#define LIBMACH_VM_MAX_H

#include "vm_maps.h"

/* Is there anything in the table? */
bool libmach_max_any(void);
/* What all of @piece may get. */
vm_prot_t libmach_max_of(const struct libmach_region *piece);
/* KERN_RESOURCE_SHORTAGE: nothing has changed. */
kern_return_t libmach_max_set(const struct libmach_region *piece,
			      vm_prot_t max);
void libmach_max_forget(vm_address_t start, vm_address_t end);

#endif /* LIBMACH_VM_MAX_H */
