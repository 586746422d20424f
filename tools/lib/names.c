// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/*
 * Calls that give arrays.  An array is memory of its own, which the caller
 * frees with vm_deallocate(), as if it had come out of line; an empty one is
 * NULL.
 */
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include <mach/mach_init.h>
#include <mach/mach_interface.h>
#include <mach/mach_port.h>

#include "internal.h"

/* Room for so many numbers of 32 bits, in whole pages. */
struct array {
	__u32 *words;
	__u32 capacity;
};

static vm_size_t bytes_of(__u32 count)
{
	return round_page((vm_size_t)count * sizeof(__u32));
}

static kern_return_t make_array(struct array *array, __u32 count)
{
	vm_size_t bytes = bytes_of(count);
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return KERN_RESOURCE_SHORTAGE;
	array->words = memory;
	array->capacity = (__u32)(bytes / sizeof(__u32));
	return KERN_SUCCESS;
}

/* Keeps the pages that hold the first count words. */
static void trim_array(struct array *array, __u32 count)
{
	vm_size_t had = bytes_of(array->capacity);
	vm_size_t keep = bytes_of(count);

	if (had > keep)
		munmap((char *)array->words + keep, had - keep);
	if (!keep)
		array->words = NULL;
	array->capacity = 0;
}

/*
 * What the two listing calls share.  fill() does the ioctl on all arrays and
 * gives the number of words that there are; it wrote them if they fit.
 */
struct listing {
	unsigned int arrays;		/* 1 or 2 */
	struct array array[2];
	ipc_space_t task;
	mach_port_name_t name;
	__u32 count;
};

typedef kern_return_t fill_fn(struct listing *listing);

static void free_listing(struct listing *listing)
{
	for (unsigned int i = 0; i < listing->arrays; i++)
		if (listing->array[i].words)
			trim_array(&listing->array[i], 0);
}

/* The table may grow between two calls: then again, with room to spare. */
static kern_return_t make_listing(struct listing *listing, fill_fn *fill)
{
	kern_return_t kr = KERN_SUCCESS;
	__u32 room = 1;

	for (;;) {
		for (unsigned int i = 0; i < listing->arrays && !kr; i++)
			kr = make_array(&listing->array[i], room);
		if (!kr)
			kr = fill(listing);
		if (!kr && listing->count <= listing->array[0].capacity)
			break;
		free_listing(listing);
		if (kr)
			return kr;
		room = listing->count + listing->count / 4;
	}
	for (unsigned int i = 0; i < listing->arrays; i++)
		trim_array(&listing->array[i], listing->count);
	return KERN_SUCCESS;
}

static kern_return_t fill_names(struct listing *listing)
{
	struct mach_ioc_names call = {
		.size = sizeof(call),
		.task = listing->task,
		.names = (uintptr_t)listing->array[0].words,
		.types = (uintptr_t)listing->array[1].words,
		.capacity = listing->array[0].capacity,
	};

	if (libmach_call(MACH_IOC_PORT_NAMES, &call))
		return MACH_SEND_INVALID_DEST;
	listing->count = call.count;
	return call.ret;
}

kern_return_t mach_port_names(ipc_space_t task, mach_port_name_array_t *names,
			      mach_msg_type_number_t *namesCnt,
			      mach_port_type_array_t *types,
			      mach_msg_type_number_t *typesCnt)
{
	struct listing listing = { .arrays = 2, .task = task };
	kern_return_t kr = make_listing(&listing, fill_names);

	if (kr != KERN_SUCCESS)
		return kr;
	*names = listing.array[0].words;
	*types = listing.array[1].words;
	*namesCnt = *typesCnt = listing.count;
	return KERN_SUCCESS;
}

static kern_return_t fill_members(struct listing *listing)
{
	struct mach_ioc_members call = {
		.size = sizeof(call),
		.task = listing->task,
		.name = listing->name,
		.members = (uintptr_t)listing->array[0].words,
		.capacity = listing->array[0].capacity,
	};

	if (libmach_call(MACH_IOC_PORT_GET_SET_STATUS, &call))
		return MACH_SEND_INVALID_DEST;
	listing->count = call.count;
	return call.ret;
}

kern_return_t mach_port_get_set_status(ipc_space_t task, mach_port_name_t name,
				       mach_port_name_array_t *members,
				       mach_msg_type_number_t *membersCnt)
{
	struct listing listing = { .arrays = 1, .task = task, .name = name };
	kern_return_t kr = make_listing(&listing, fill_members);

	if (kr != KERN_SUCCESS)
		return kr;
	*members = listing.array[0].words;
	*membersCnt = listing.count;
	return KERN_SUCCESS;
}

/* The memory first: without it no right must have been made. */
kern_return_t mach_ports_lookup(task_t target_task,
				mach_port_array_t *init_port_set,
				mach_msg_type_number_t *init_port_setCnt)
{
	struct mach_ioc_registered call = {
		.size = sizeof(call),
		.task = target_task,
	};
	struct array array;
	kern_return_t kr = make_array(&array, TASK_PORT_REGISTER_MAX);

	if (kr != KERN_SUCCESS)
		return kr;
	if (libmach_call(MACH_IOC_PORTS_LOOKUP, &call))
		kr = MACH_SEND_INVALID_DEST;
	else
		kr = call.ret;
	if (kr != KERN_SUCCESS) {
		trim_array(&array, 0);
		return kr;
	}
	memcpy(array.words, call.ports, sizeof(call.ports));
	*init_port_set = array.words;
	*init_port_setCnt = call.count;
	return KERN_SUCCESS;
}
