// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/*
 * vm_read, vm_write and vm_copy on another task, through /proc/PID/mem.
 *
 * That file is opened before the process is confirmed: it belongs to the
 * memory, so nobody else's is written even if the process ends and its number
 * is given away.  (process_vm_writev() goes by the number.)  It also reaches
 * received memory, which get_user_pages() does not.
 *
 * It is a debugger's file: it would write where the task itself may not.  So
 * the protection is looked up first.  What remains is that a page which its
 * owner protects at this very moment may be written still, as if the write
 * had come before; file contents do not change by it, the kernel takes a
 * private copy.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mach/mach_init.h>
#include <mach/message.h>

#include "foreign.h"
#include "vm_internal.h"
#include "vm_maps.h"

struct memory {
	struct libmach_foreign task;
	int mem, maps;
};

static kern_return_t open_memory(mach_port_t task, int flags,
				 struct memory *memory)
{
	kern_return_t kr = libmach_foreign_find(task, &memory->task);

	if (kr == KERN_SUCCESS)
		kr = libmach_foreign_open(&memory->task, "mem", flags,
					  &memory->mem);
	if (kr != KERN_SUCCESS)
		return kr;
	kr = libmach_foreign_open(&memory->task, "maps", O_RDONLY,
				  &memory->maps);
	if (kr != KERN_SUCCESS) {
		close(memory->mem);
		return kr;
	}
	if (libmach_foreign_confirm(&memory->task))
		return KERN_SUCCESS;
	close(memory->mem);
	close(memory->maps);
	return MACH_SEND_INVALID_DEST;
}

static void close_memory(struct memory *memory)
{
	close(memory->mem);
	close(memory->maps);
}

static kern_return_t check(struct memory *memory, vm_address_t address,
			   vm_size_t size, vm_prot_t access)
{
	struct libmach_maps maps;
	vm_address_t start, end;

	if (!libmach_vm_range(address, size, &start, &end))
		return KERN_INVALID_ADDRESS;
	libmach_maps_start(&maps, memory->maps);
	return libmach_maps_check(&maps, start, end, access);
}

/*
 * Why a transfer stopped: @done is what read() or write() returned.  EFAULT
 * is the own side, and 0 says that the memory is gone.
 */
static kern_return_t explain(struct memory *memory, ssize_t done,
			     vm_address_t address, vm_prot_t access)
{
	kern_return_t kr;

	if (!done)
		return MACH_SEND_INVALID_DEST;
	if (errno == EFAULT)
		return MACH_SEND_INVALID_MEMORY;
	if (errno != EIO)
		return KERN_RESOURCE_SHORTAGE;
	kr = check(memory, address, 1, access);
	return kr == KERN_SUCCESS ? KERN_MEMORY_ERROR : kr;
}

static kern_return_t transfer(struct memory *memory, vm_address_t address,
			      vm_address_t local, vm_size_t size,
			      vm_prot_t access)
{
	kern_return_t kr = check(memory, address, size, access);

	while (kr == KERN_SUCCESS && size) {
		ssize_t done;

		if (access == VM_PROT_WRITE)
			done = pwrite(memory->mem, (void *)local, size,
				      (off_t)address);
		else
			done = pread(memory->mem, (void *)local, size,
				     (off_t)address);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return explain(memory, done, address, access);
		address += (vm_size_t)done;
		local += (vm_size_t)done;
		size -= (vm_size_t)done;
	}
	return kr;
}

/* Room with the same offset in its first page, as vm_read() gives it. */
static kern_return_t make_room(vm_address_t address, vm_size_t size,
			       vm_address_t *room)
{
	vm_size_t offset = address % vm_page_size;
	void *mapped = mmap(NULL, round_page(offset + size),
			    PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (mapped == MAP_FAILED)
		return KERN_NO_SPACE;
	*room = (vm_address_t)mapped + offset;
	return KERN_SUCCESS;
}

static void free_room(vm_address_t room, vm_size_t size)
{
	munmap((void *)trunc_page(room), round_page(room % vm_page_size +
						    size));
}

/* @size is not 0, and address + size is checked before it is added up. */
static kern_return_t take(struct memory *memory, vm_address_t address,
			  vm_size_t size, vm_address_t *room)
{
	kern_return_t kr = check(memory, address, size, VM_PROT_READ);

	if (kr == KERN_SUCCESS)
		kr = make_room(address, size, room);
	if (kr != KERN_SUCCESS)
		return kr;
	kr = transfer(memory, address, *room, size, VM_PROT_READ);
	if (kr != KERN_SUCCESS)
		free_room(*room, size);
	return kr;
}

kern_return_t libmach_foreign_read(mach_port_t task, vm_address_t address,
				   vm_size_t size, pointer_t *data)
{
	struct memory memory;
	kern_return_t kr = open_memory(task, O_RDONLY, &memory);

	if (kr != KERN_SUCCESS)
		return kr;
	kr = take(&memory, address, size, data);
	close_memory(&memory);
	return kr;
}

kern_return_t libmach_foreign_write(mach_port_t task, vm_address_t address,
				    pointer_t data, vm_size_t size)
{
	struct memory memory;
	kern_return_t kr = open_memory(task, O_RDWR, &memory);

	if (kr != KERN_SUCCESS)
		return kr;
	kr = transfer(&memory, address, data, size, VM_PROT_WRITE);
	close_memory(&memory);
	return kr;
}

/* All is read before anything is written: they may overlap. */
kern_return_t libmach_foreign_copy(mach_port_t task, vm_address_t source,
				   vm_size_t size, vm_address_t dest)
{
	struct memory memory;
	kern_return_t kr = open_memory(task, O_RDWR, &memory);
	vm_address_t room;

	if (kr != KERN_SUCCESS)
		return kr;
	kr = take(&memory, source, size, &room);
	if (kr == KERN_SUCCESS) {
		kr = transfer(&memory, dest, room, size, VM_PROT_WRITE);
		free_room(room, size);
	}
	close_memory(&memory);
	return kr;
}
