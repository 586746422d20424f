// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/*
 * Bytes of the own memory: vm_read, vm_write, vm_copy.  (Of another task's:
 * vm_foreign.c.)
 *
 * What is read is a snapshot: the task sends the range to itself, out of
 * line, as in Mach.  Nothing is copied if it is large, and a bad address is
 * the kernel's to find.
 *
 * What is written goes through a pipe, because the copy must not end in a
 * SIGSEGV if another thread takes the memory away.  process_vm_writev()
 * would do with one copy less, but not to received memory, into which the
 * kernel lets no get_user_pages().
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <unistd.h>

#include <mach/mach_init.h>
#include <mach/mach_interface.h>
#include <mach/mach_port.h>
#include <mach/mach_traps.h>
#include <mach/message.h>

#include "foreign.h"
#include "internal.h"
#include "vm_internal.h"
#include "vm_maps.h"

/* Bytes of an element when the number of bytes could need too many bits. */
#define UNIT	4096

struct region_message {
	mach_msg_header_t head;
	mach_msg_type_t type;
	vm_address_t address;
};

/* In Mach's words why no snapshot of the range could be taken. */
static kern_return_t explain(kern_return_t kr, vm_address_t address,
			     vm_size_t size)
{
	vm_address_t start, end;
	kern_return_t access;

	/* A bad range may also be too large. */
	if (kr != MACH_SEND_INVALID_MEMORY && kr != KERN_RESOURCE_SHORTAGE)
		return kr;
	if (!libmach_vm_range(address, size, &start, &end))
		return KERN_INVALID_ADDRESS;
	access = libmach_check_access(start, end, VM_PROT_READ);
	if (access != KERN_SUCCESS)
		return access;
	return kr == MACH_SEND_INVALID_MEMORY ? KERN_MEMORY_ERROR : kr;
}

static kern_return_t message_error(mach_msg_return_t mr)
{
	if (mr & MACH_MSG_VM_SPACE)
		return KERN_NO_SPACE;
	return mr == KERN_SUCCESS ? mr : KERN_RESOURCE_SHORTAGE;
}

/*
 * A copy of the range at a new address, with the same offset in its page.
 * MACH_SEND_INVALID_MEMORY if the range cannot be read.
 */
static kern_return_t snapshot(vm_address_t address, vm_size_t size,
			      vm_address_t *copy)
{
	mach_msg_size_t unit = size % UNIT ? 1 : UNIT;
	struct region_message message = {
		.head.msgh_bits = MACH_MSGH_BITS_COMPLEX |
			MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND_ONCE, 0),
		.type.msgt_name = MACH_MSG_TYPE_BYTE,
		.type.msgt_size = 8 * unit,
		.type.msgt_number = (mach_msg_type_number_t)(size / unit),
		.address = address,
	};
	mach_port_t port = mach_reply_port();
	mach_msg_return_t mr;

	if (size / unit > UINT_MAX || !MACH_PORT_VALID(port))
		mr = KERN_RESOURCE_SHORTAGE;
	else {
		message.head.msgh_remote_port = port;
		mr = mach_msg(&message.head, MACH_SEND_MSG | MACH_RCV_MSG,
			      sizeof(message), sizeof(message), port,
			      MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL);
	}
	if (MACH_PORT_VALID(port))
		mach_port_destroy(mach_task_self(), port);
	*copy = message.address;
	return mr == MACH_SEND_INVALID_MEMORY ? mr : message_error(mr);
}

/* Empties the pipe of so many bytes; 0 or errno. */
static int drain(int pipe, vm_address_t to, size_t bytes)
{
	ssize_t out;

	while (bytes) {
		out = read(pipe, (void *)to, bytes);
		if (out < 0 && errno != EINTR)
			return errno;
		if (out > 0) {
			to += (size_t)out;
			bytes -= (size_t)out;
		}
	}
	return 0;
}

/* 0 or errno; then the pipe is not empty. */
static int pass(const int ends[2], vm_address_t to, vm_address_t from,
		vm_size_t size)
{
	int error = 0;

	while (size && !error) {
		ssize_t in = write(ends[1], (void *)from, size);

		if (in < 0) {
			error = errno == EINTR ? 0 : errno;
			continue;
		}
		error = drain(ends[0], to, (size_t)in);
		to += (size_t)in;
		from += (size_t)in;
		size -= (size_t)in;
	}
	return error;
}

kern_return_t libmach_vm_fill(vm_address_t to, vm_address_t from,
			      vm_size_t size)
{
	int ends[2], error;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return KERN_RESOURCE_SHORTAGE;
	error = pass(ends, to, from, size);
	close(ends[0]);
	close(ends[1]);
	if (!error)
		return KERN_SUCCESS;
	return error == EFAULT ? KERN_MEMORY_ERROR : KERN_RESOURCE_SHORTAGE;
}

/* @address and @size are whole pages, and @size is not 0. */
static kern_return_t overwrite(vm_address_t address, vm_address_t data,
			       vm_size_t size)
{
	vm_address_t start, end;
	kern_return_t kr, now;

	if (!libmach_vm_range(address, size, &start, &end))
		return KERN_INVALID_ADDRESS;
	kr = libmach_check_access(start, end, VM_PROT_WRITE);
	if (kr == KERN_SUCCESS)
		kr = libmach_vm_fill(address, data, size);
	if (kr != KERN_MEMORY_ERROR)
		return kr;
	/* Another thread has changed the range meanwhile? */
	now = libmach_check_access(start, end, VM_PROT_WRITE);
	return now == KERN_SUCCESS ? kr : now;
}

kern_return_t vm_read(vm_task_t target_task, vm_address_t address,
		      vm_size_t size, pointer_t *data,
		      mach_msg_type_number_t *data_count)
{
	kern_return_t kr = libmach_vm_task(target_task);
	bool foreign = kr == KERN_FAILURE;
	vm_address_t copy = 0;

	if (kr != KERN_SUCCESS && !foreign)
		return kr;
	if (size > UINT_MAX)
		return KERN_INVALID_ARGUMENT;
	kr = KERN_SUCCESS;
	if (size && foreign)
		kr = libmach_foreign_read(target_task, address, size, &copy);
	else if (size)
		kr = snapshot(address, size, &copy);
	if (kr != KERN_SUCCESS)
		return foreign ? kr : explain(kr, address, size);
	*data = copy;
	*data_count = (mach_msg_type_number_t)size;
	return KERN_SUCCESS;
}

static bool is_aligned(vm_address_t a, vm_address_t b, vm_size_t size)
{
	return !((a | b | size) % vm_page_size);
}

kern_return_t vm_write(vm_task_t target_task, vm_address_t address,
		       pointer_t data, mach_msg_type_number_t data_count)
{
	kern_return_t kr = libmach_vm_task(target_task);
	bool foreign = kr == KERN_FAILURE;
	vm_address_t copy;

	if (kr != KERN_SUCCESS && !foreign)
		return kr;
	if (!data_count)
		return KERN_SUCCESS;
	if (!is_aligned(address, data, data_count))
		return KERN_INVALID_ARGUMENT;
	if (foreign)
		return libmach_foreign_write(target_task, address, data,
					     data_count);
	kr = snapshot(data, data_count, &copy);
	if (kr != KERN_SUCCESS)
		return kr;
	kr = overwrite(address, copy, data_count);
	munmap((void *)copy, data_count);
	return kr;
}

kern_return_t vm_copy(vm_task_t target_task, vm_address_t source_address,
		      vm_size_t size, vm_address_t dest_address)
{
	kern_return_t kr = libmach_vm_task(target_task);
	bool foreign = kr == KERN_FAILURE;
	vm_address_t copy;

	if (kr != KERN_SUCCESS && !foreign)
		return kr;
	if (!size)
		return KERN_SUCCESS;
	if (!is_aligned(source_address, dest_address, size))
		return KERN_INVALID_ARGUMENT;
	if (foreign)
		return libmach_foreign_copy(target_task, source_address, size,
					    dest_address);
	kr = snapshot(source_address, size, &copy);
	if (kr != KERN_SUCCESS)
		return explain(kr, source_address, size);
	kr = overwrite(dest_address, copy, size);
	munmap((void *)copy, size);
	return kr;
}
