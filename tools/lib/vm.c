// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/*
 * Making and freeing memory: mmap and munmap with the contracts of Mach's
 * vm_allocate, vm_map and vm_deallocate.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mach/mach_init.h>
#include <mach/mach_interface.h>
#include <mach/mach_port.h>

#include "foreign.h"
#include "internal.h"
#include "vm_internal.h"
#include "vm_max.h"

/* Attempts to take a gap that other threads take, too. */
#define GAP_TRIES	16

vm_size_t vm_page_size = 4096;

__attribute__((constructor)) static void read_page_size(void)
{
	vm_page_size = (vm_size_t)sysconf(_SC_PAGESIZE);
}

kern_return_t libmach_vm_task(mach_port_t task)
{
	kern_return_t kr = libmach_own_task(task);
	struct libmach_foreign foreign;

	if (kr != KERN_FAILURE)
		return kr;
	kr = libmach_foreign_find(task, &foreign);
	return kr == KERN_SUCCESS || kr == KERN_NO_ACCESS ? KERN_FAILURE : kr;
}

bool libmach_vm_range(vm_address_t address, vm_size_t size,
		      vm_address_t *start, vm_address_t *end)
{
	*start = trunc_page(address);
	*end = round_page(address + size);
	return address + size >= address && *end > *start;
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

/* What vm_allocate and vm_map want of new memory. */
struct request {
	vm_address_t address;
	vm_size_t size;
	vm_address_t low_mask;	/* bits that must be 0: below the others ... */
	vm_address_t limit;	/* ... and the end that the high ones mean */
	boolean_t anywhere;
	int protection;		/* PROT_* */
	int flags;		/* MAP_PRIVATE or MAP_SHARED */
};

static kern_return_t map_at(struct request *request, vm_address_t address)
{
	void *mapped = mmap((void *)address, request->size,
			    request->protection, request->flags |
			    MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (mapped == MAP_FAILED)
		return map_error(errno, FALSE);
	request->address = (vm_address_t)mapped;
	return KERN_SUCCESS;
}

static kern_return_t map_anywhere(struct request *request)
{
	void *mapped = mmap(NULL, request->size, request->protection,
			    request->flags | MAP_ANONYMOUS, -1, 0);

	if (mapped == MAP_FAILED)
		return map_error(errno, TRUE);
	request->address = (vm_address_t)mapped;
	return KERN_SUCCESS;
}

/*
 * Reserves so much that an aligned piece is in it, makes that what is wanted
 * and frees the rest.
 */
static kern_return_t map_aligned(struct request *request)
{
	vm_size_t area = request->size + request->low_mask + 1 - vm_page_size;
	kern_return_t kr = KERN_SUCCESS;
	vm_address_t start, at, end;
	void *mapped;

	if (area < request->size)
		return KERN_NO_SPACE;
	mapped = mmap(NULL, area, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS |
		      MAP_NORESERVE, -1, 0);
	if (mapped == MAP_FAILED)
		return map_error(errno, TRUE);
	start = (vm_address_t)mapped;
	at = (start + request->low_mask) & ~request->low_mask;
	end = at + request->size;
	if (mmap((void *)at, request->size, request->protection,
		 request->flags | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
	    MAP_FAILED) {
		kr = map_error(errno, TRUE);
		end = at;
	}
	if (at > start)
		munmap(mapped, at - start);
	if (end < start + area)
		munmap((void *)end, start + area - end);
	request->address = at;
	return kr;
}

/* Where in the gap [start, end) it fits, or 0. */
static vm_address_t fit(const struct request *request, vm_address_t start,
			vm_address_t end)
{
	vm_address_t at = (start + request->low_mask) & ~request->low_mask;

	if (end > request->limit)
		end = request->limit;
	return at >= start && at < end && end - at >= request->size ? at : 0;
}

/* The lowest gap from @from on that it fits in, or 0. */
static vm_address_t find_gap(const struct request *request, vm_address_t from)
{
	struct libmach_region region;
	struct libmach_maps maps;
	vm_address_t at = 0;

	if (!libmach_maps_open(&maps, "/proc/self/maps"))
		return 0;
	while (!at && libmach_maps_next(&maps, &region)) {
		if (region.start > from)
			at = fit(request, from, region.start);
		if (region.end > from)
			from = region.end;
	}
	libmach_maps_close(&maps);
	return at ? at : fit(request, from, request->limit);
}

/* Below a limit: the kernel has no such option, so look for a gap. */
static kern_return_t map_below(struct request *request)
{
	vm_address_t from = 16 * vm_page_size;	/* vm.mmap_min_addr's default */
	kern_return_t kr;

	for (int i = 0; i < GAP_TRIES; i++) {
		vm_address_t at = find_gap(request, from);

		if (!at)
			break;
		kr = map_at(request, at);
		if (kr == KERN_SUCCESS || kr == KERN_RESOURCE_SHORTAGE)
			return kr;
		/* Taken meanwhile, or not for users. */
		from = at + vm_page_size;
	}
	return KERN_NO_SPACE;
}

static kern_return_t make_memory(struct request *request)
{
	kern_return_t kr;

	if (!request->anywhere)
		kr = map_at(request, trunc_page(request->address));
	else if (request->limit)
		kr = map_below(request);
	else if (request->low_mask < vm_page_size)
		kr = map_anywhere(request);
	else
		kr = map_aligned(request);
	if (kr == KERN_SUCCESS)
		libmach_max_forget(request->address,
				   request->address + request->size);
	return kr;
}

kern_return_t vm_allocate(vm_task_t target_task, vm_address_t *address,
			  vm_size_t size, boolean_t anywhere)
{
	kern_return_t kr = libmach_vm_task(target_task);
	struct request request = {
		.address = *address,
		.size = round_page(size),
		.anywhere = anywhere,
		.protection = PROT_READ | PROT_WRITE,
		.flags = MAP_PRIVATE,
	};

	if (kr != KERN_SUCCESS)
		return kr;
	if (!size) {
		*address = 0;
		return KERN_SUCCESS;
	}
	if (!request.size)
		return KERN_INVALID_ARGUMENT;
	kr = make_memory(&request);
	if (kr == KERN_SUCCESS)
		*address = request.address;
	return kr;
}

/* Low bits align; bits from one on up to the highest forbid what is above. */
static bool parse_mask(vm_address_t mask, struct request *request)
{
	vm_address_t low = mask & ~(mask + 1);	/* the ones at the bottom */
	vm_address_t high = mask - low;

	request->low_mask = low;
	request->limit = high & -high;
	return high + request->limit == 0;
}

/* A region is what it is from the beginning: vm_inherit() cannot share it. */
static kern_return_t map_null_object(struct request *request, vm_prot_t max,
				     vm_inherit_t inheritance)
{
	struct libmach_region piece;
	kern_return_t kr;

	request->flags = inheritance == VM_INHERIT_SHARE ? MAP_SHARED :
							   MAP_PRIVATE;
	kr = make_memory(request);
	if (kr != KERN_SUCCESS)
		return kr;
	if (inheritance == VM_INHERIT_NONE)
		madvise((void *)request->address, request->size,
			MADV_DONTFORK);
	if (max == VM_PROT_ALL)
		return KERN_SUCCESS;
	kr = libmach_find_region(request->address, &piece);
	piece.offset += request->address - piece.start;
	piece.start = request->address;
	piece.end = request->address + request->size;
	if (kr == KERN_SUCCESS)
		kr = libmach_max_set(&piece, max);
	if (kr != KERN_SUCCESS)
		munmap((void *)request->address, request->size);
	return kr;
}

kern_return_t vm_map(vm_task_t target_task, vm_address_t *address,
		     vm_size_t size, vm_address_t mask, boolean_t anywhere,
		     memory_object_t memory_object, vm_offset_t offset,
		     boolean_t copy, vm_prot_t cur_protection,
		     vm_prot_t max_protection, vm_inherit_t inheritance)
{
	kern_return_t kr = libmach_vm_task(target_task);
	struct request request = {
		.address = trunc_page(*address),
		.size = round_page(size),
		.anywhere = anywhere,
		.protection = libmach_prot(cur_protection),
	};

	/* The null object has no content to be copied or to begin in. */
	(void)offset;
	(void)copy;
	if (kr != KERN_SUCCESS)
		return kr;
	if (((cur_protection | max_protection) & ~VM_PROT_ALL) ||
	    !libmach_is_inheritance(inheritance) || !request.size ||
	    MACH_PORT_VALID(memory_object))
		return KERN_INVALID_ARGUMENT;
	if (!parse_mask(mask, &request) ||
	    (!anywhere && (request.address & mask)))
		return KERN_NO_SPACE;
	kr = map_null_object(&request, max_protection, inheritance);
	if (kr == KERN_SUCCESS)
		*address = request.address;
	return kr;
}

kern_return_t vm_deallocate(vm_task_t target_task, vm_address_t address,
			    vm_size_t size)
{
	kern_return_t kr = libmach_vm_task(target_task);
	vm_address_t start, end;

	if (kr != KERN_SUCCESS || !size)
		return kr;
	if (!libmach_vm_range(address, size, &start, &end))
		return KERN_INVALID_ADDRESS;
	if (!munmap((void *)start, end - start)) {
		libmach_max_forget(start, end);
		return KERN_SUCCESS;
	}
	switch (errno) {
	case EPERM:		/* sealed */
		return KERN_PROTECTION_FAILURE;
	case EINVAL:		/* behind the end of user memory */
		return KERN_INVALID_ADDRESS;
	default:		/* a split needs one mapping too many */
		return KERN_RESOURCE_SHORTAGE;
	}
}
