// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* What a region is: vm_protect, vm_inherit, vm_region. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mach/mach_interface.h>

#include "foreign.h"
#include "internal.h"
#include "vm_internal.h"
#include "vm_max.h"

/* ---- vm_protect ---- */

static kern_return_t protect_error(int error)
{
	switch (error) {
	case EACCES:		/* a file that was opened for less */
	case EPERM:		/* sealed */
		return KERN_PROTECTION_FAILURE;
	case EINVAL:		/* behind the end of user memory */
		return KERN_INVALID_ADDRESS;
	default:		/* a split needs one mapping too many */
		return KERN_RESOURCE_SHORTAGE;
	}
}

static kern_return_t check_piece(const struct libmach_region *piece, void *arg)
{
	vm_prot_t *wanted = arg;

	return *wanted & ~libmach_max_of(piece) ? KERN_PROTECTION_FAILURE :
						  KERN_SUCCESS;
}

static kern_return_t protect_piece(const struct libmach_region *piece,
				   void *arg)
{
	vm_prot_t *wanted = arg;

	if (mprotect((void *)piece->start, piece->end - piece->start,
		     libmach_prot(*wanted)))
		return protect_error(errno);
	return KERN_SUCCESS;
}

/* The current protection goes down with the maximum, but not up. */
static kern_return_t limit_piece(const struct libmach_region *piece, void *arg)
{
	vm_prot_t *max = arg, current = piece->protection & *max;
	kern_return_t kr = libmach_max_set(piece, *max);

	if (kr != KERN_SUCCESS || current == piece->protection)
		return kr;
	return protect_piece(piece, &current);
}

kern_return_t vm_protect(vm_task_t target_task, vm_address_t address,
			 vm_size_t size, boolean_t set_maximum,
			 vm_prot_t new_protection)
{
	kern_return_t kr = libmach_vm_task(target_task);
	vm_prot_t wanted = new_protection & VM_PROT_ALL;
	vm_address_t start, end;

	if (kr != KERN_SUCCESS)
		return kr;
	if (new_protection & ~(VM_PROT_ALL | VM_PROT_NOTIFY))
		return KERN_INVALID_ARGUMENT;
	if (!size)
		return KERN_SUCCESS;
	if (!libmach_vm_range(address, size, &start, &end))
		return KERN_INVALID_ADDRESS;
	if (set_maximum || libmach_max_any()) {
		kr = libmach_each_piece(start, end, check_piece, &wanted);
		if (kr != KERN_SUCCESS)
			return kr;
	}
	if (set_maximum)
		return libmach_each_piece(start, end, limit_piece, &wanted);
	if (!mprotect((void *)start, end - start, libmach_prot(wanted)))
		return KERN_SUCCESS;
	if (errno != ENOMEM)
		return protect_error(errno);
	/* It stopped at a hole, which Mach passes over; or see above. */
	return libmach_each_piece(start, end, protect_piece, &wanted);
}

/* ---- vm_inherit ---- */

/*
 * Not to be inherited is an attribute of a region, to be shared its nature.
 * MADV_DOFORK is refused for device memory, received memory included.
 */
static kern_return_t inherit_piece(const struct libmach_region *piece,
				   void *arg)
{
	vm_inherit_t *wanted = arg;
	struct libmach_region_flags flags;
	int advice = *wanted == VM_INHERIT_NONE ? MADV_DONTFORK : MADV_DOFORK;
	bool shared = *wanted == VM_INHERIT_SHARE;

	if (advice == MADV_DOFORK && shared != piece->shared)
		return KERN_FAILURE;
	if (!madvise((void *)piece->start, piece->end - piece->start, advice))
		return KERN_SUCCESS;
	if (errno != EINVAL)
		return KERN_RESOURCE_SHORTAGE;
	if (advice == MADV_DOFORK &&
	    !libmach_find_flags(piece->start, &flags) && !flags.not_inherited)
		return KERN_SUCCESS;
	return KERN_FAILURE;
}

kern_return_t vm_inherit(vm_task_t target_task, vm_address_t address,
			 vm_size_t size, vm_inherit_t new_inheritance)
{
	kern_return_t kr = libmach_vm_task(target_task);
	vm_address_t start, end;

	if (kr != KERN_SUCCESS)
		return kr;
	if (!libmach_is_inheritance(new_inheritance))
		return KERN_INVALID_ARGUMENT;
	if (!size)
		return KERN_SUCCESS;
	if (!libmach_vm_range(address, size, &start, &end))
		return KERN_INVALID_ADDRESS;
	return libmach_each_piece(start, end, inherit_piece,
				  &new_inheritance);
}

/* ---- vm_region ---- */

static vm_inherit_t inheritance_of(const struct libmach_region *region,
				   const struct libmach_region_flags *flags)
{
	if (flags->not_inherited)
		return VM_INHERIT_NONE;
	return region->shared ? VM_INHERIT_SHARE : VM_INHERIT_COPY;
}

static kern_return_t own_region(vm_address_t address,
				struct libmach_region *region,
				struct libmach_region_flags *flags)
{
	kern_return_t kr = libmach_find_region(address, region);

	if (kr == KERN_SUCCESS)
		kr = libmach_find_flags(region->start, flags);
	if (kr == KERN_SUCCESS)
		flags->may &= libmach_max_of(region);
	return kr;
}

/* One file tells both: smaps has the lines of maps. */
static kern_return_t foreign_region(mach_port_t task, vm_address_t address,
				    struct libmach_region *region,
				    struct libmach_region_flags *flags)
{
	struct libmach_foreign foreign;
	kern_return_t kr = libmach_foreign_find(task, &foreign);
	struct libmach_maps maps;
	int fd;

	if (kr == KERN_SUCCESS)
		kr = libmach_foreign_open(&foreign, "smaps", O_RDONLY, &fd);
	if (kr != KERN_SUCCESS)
		return kr;
	if (libmach_foreign_confirm(&foreign)) {
		libmach_maps_start(&maps, fd);
		kr = libmach_maps_find(&maps, address, region);
		libmach_maps_start(&maps, fd);
		if (kr == KERN_SUCCESS)
			kr = libmach_maps_flags(&maps, region->start, flags);
	} else
		kr = MACH_SEND_INVALID_DEST;
	close(fd);
	return kr;
}

kern_return_t vm_region(vm_task_t target_task, vm_address_t *address,
			vm_size_t *size, vm_prot_t *protection,
			vm_prot_t *max_protection, vm_inherit_t *inheritance,
			boolean_t *is_shared, memory_object_name_t *object_name,
			vm_offset_t *offset)
{
	kern_return_t kr = libmach_vm_task(target_task);
	struct libmach_region_flags flags;
	struct libmach_region region;

	if (kr == KERN_SUCCESS)
		kr = own_region(*address, &region, &flags);
	else if (kr == KERN_FAILURE)
		kr = foreign_region(target_task, *address, &region, &flags);
	if (kr != KERN_SUCCESS)
		return kr;
	*address = region.start;
	*size = region.end - region.start;
	*protection = region.protection;
	*max_protection = flags.may;
	*inheritance = inheritance_of(&region, &flags);
	*is_shared = region.shared;
	*object_name = MACH_PORT_NULL;
	*offset = region.offset;
	return KERN_SUCCESS;
}
