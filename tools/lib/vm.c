// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* vm_allocate and vm_deallocate: mmap and munmap with Mach's contracts. */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mach/mach_init.h>
#include <mach/mach_interface.h>

#include "internal.h"

vm_size_t vm_page_size = 4096;

__attribute__((constructor)) static void read_page_size(void)
{
	vm_page_size = (vm_size_t)sysconf(_SC_PAGESIZE);
}

/* mmap's errno as vm_allocate's result. */
static kern_return_t map_error(int error, boolean_t anywhere)
{
	switch (error) {
	case EEXIST:		/* MAP_FIXED_NOREPLACE met a mapping */
		return KERN_NO_SPACE;
	case ENOMEM:		/* no hole, or behind the end of user memory */
		return anywhere ? KERN_NO_SPACE : KERN_INVALID_ADDRESS;
	case EPERM:		/* below vm.mmap_min_addr */
	case EOVERFLOW:
	case EINVAL:
		return KERN_INVALID_ADDRESS;
	default:
		return KERN_RESOURCE_SHORTAGE;
	}
}

kern_return_t vm_allocate(vm_task_t target_task, vm_address_t *address,
			  vm_size_t size, boolean_t anywhere)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	kern_return_t kr = libmach_own_task(target_task);
	void *hint = NULL;
	void *mapped;

	if (kr != KERN_SUCCESS)
		return kr;
	if (!size) {
		*address = 0;
		return KERN_SUCCESS;
	}
	size = round_page(size);
	if (!size)
		return KERN_INVALID_ARGUMENT;
	if (!anywhere) {
		hint = (void *)trunc_page(*address);
		flags |= MAP_FIXED_NOREPLACE;
	}
	mapped = mmap(hint, size, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (mapped == MAP_FAILED)
		return map_error(errno, anywhere);
	*address = (vm_address_t)mapped;
	return KERN_SUCCESS;
}

kern_return_t vm_deallocate(vm_task_t target_task, vm_address_t address,
			    vm_size_t size)
{
	vm_address_t start = trunc_page(address);
	vm_address_t end = round_page(address + size);
	kern_return_t kr = libmach_own_task(target_task);

	if (kr != KERN_SUCCESS || !size)
		return kr;
	if (end <= start)
		return KERN_INVALID_ADDRESS;
	if (!munmap((void *)start, end - start))
		return KERN_SUCCESS;
	switch (errno) {
	case EPERM:		/* sealed */
		return KERN_PROTECTION_FAILURE;
	case EINVAL:		/* behind the end of user memory */
		return KERN_INVALID_ADDRESS;
	default:		/* a split needs one mapping too many */
		return KERN_RESOURCE_SHORTAGE;
	}
}
