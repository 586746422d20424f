// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/*
 * Received memory made ordinary: copied into anonymous memory, which then
 * takes its place in one step.  Who only reads sees the same bytes all the
 * time.
 */
#include <errno.h>
#include <sys/mman.h>

#include <mach/vm_ordinary.h>

#include "vm_internal.h"
#include "vm_maps.h"

/*
 * mremap() checks for everything that it can run out of before it takes the
 * old mapping away.
 */
static kern_return_t put_in_place(const struct libmach_region *piece,
				  void *copy)
{
	vm_size_t size = piece->end - piece->start;
	int protection = libmach_prot(piece->protection);

	if (piece->protection != VM_PROT_DEFAULT &&
	    mprotect(copy, size, protection))
		return KERN_RESOURCE_SHORTAGE;
	if (mremap(copy, size, size, MREMAP_MAYMOVE | MREMAP_FIXED,
		   (void *)piece->start) == MAP_FAILED)
		return KERN_RESOURCE_SHORTAGE;
	return KERN_SUCCESS;
}

static kern_return_t convert(const struct libmach_region *piece, void *arg)
{
	vm_size_t size = piece->end - piece->start;
	kern_return_t kr;
	void *copy;

	(void)arg;
	if (!piece->received)
		return KERN_SUCCESS;
	copy = mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (copy == MAP_FAILED)
		return errno == ENOMEM ? KERN_NO_SPACE :
					 KERN_RESOURCE_SHORTAGE;
	kr = libmach_vm_fill((vm_address_t)copy, piece->start, size);
	if (kr == KERN_SUCCESS)
		kr = put_in_place(piece, copy);
	if (kr != KERN_SUCCESS)
		munmap(copy, size);
	return kr;
}

kern_return_t mach_vm_make_ordinary(vm_address_t address, vm_size_t size)
{
	vm_address_t start, end;
	kern_return_t kr;

	if (!size)
		return KERN_SUCCESS;
	if (!libmach_vm_range(address, size, &start, &end))
		return KERN_INVALID_ADDRESS;
	kr = libmach_check_access(start, end, VM_PROT_READ);
	if (kr != KERN_SUCCESS)
		return kr;
	return libmach_each_piece(start, end, convert, NULL);
}
