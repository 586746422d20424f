// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/*
 * mach_msg_destroy: gives up everything that a message carries: one that was
 * received, or one that was not sent.
 *
 * Memory is freed if its descriptor says deallocate, as every received one
 * does; what an unsent message only lends stays its owner's.
 */
#include <mach/mach_init.h>
#include <mach/mach_interface.h>
#include <mach/mach_port.h>
#include <mach/message.h>

#include "internal.h"

/*
 * An unsent make right does not exist yet.  It is made here to be destroyed,
 * so that the make-send count and a no-senders request see it.
 */
static void destroy_made(mach_port_t port, mach_msg_type_name_t disposition)
{
	mach_msg_type_name_t type;
	mach_port_t made;

	if (mach_port_extract_right(mach_task_self(), port, disposition, &made,
				    &type) == KERN_SUCCESS)
		mach_port_deallocate(mach_task_self(), made);
}

/* MACH_MSG_TYPE_COPY_SEND takes nothing from the sender. */
static void destroy_right(mach_port_t port, mach_msg_type_name_t disposition)
{
	if (!MACH_PORT_VALID(port))
		return;
	switch (disposition) {
	case MACH_MSG_TYPE_MOVE_SEND:
	case MACH_MSG_TYPE_MOVE_SEND_ONCE:
		mach_port_deallocate(mach_task_self(), port);
		break;
	case MACH_MSG_TYPE_MOVE_RECEIVE:
		mach_port_mod_refs(mach_task_self(), port,
				   MACH_PORT_RIGHT_RECEIVE, -1);
		break;
	case MACH_MSG_TYPE_MAKE_SEND:
	case MACH_MSG_TYPE_MAKE_SEND_ONCE:
		destroy_made(port, disposition);
		break;
	}
}

static vm_size_t data_size(const mach_msg_type_t *type)
{
	return ((vm_size_t)type->msgt_size * type->msgt_number + 7) / 8;
}

/* Rights take 8 bytes each in line. */
static void destroy_inline(const mach_msg_type_t *type)
{
	const mach_port_name_inlined_t *ports = (const void *)(type + 1);

	if (MACH_MSG_TYPE_PORT_ANY(type->msgt_name))
		for (unsigned int i = 0; i < type->msgt_number; i++)
			destroy_right(ports[i].name, type->msgt_name);
}

/* ... and 4 bytes out of line. */
static void destroy_outofline(const mach_msg_type_t *type)
{
	vm_address_t address = *(const vm_address_t *)(type + 1);
	const mach_port_name_t *ports = (const void *)address;

	if (!address)
		return;
	if (MACH_MSG_TYPE_PORT_ANY(type->msgt_name))
		for (unsigned int i = 0; i < type->msgt_number; i++)
			destroy_right(ports[i], type->msgt_name);
	if (type->msgt_deallocate)
		vm_deallocate(mach_task_self(), address, data_size(type));
}

/* Stops at what would run past the end, which mach_msg() refuses to send. */
static void destroy_body(const char *at, const char *end)
{
	while ((vm_size_t)(end - at) >= sizeof(mach_msg_type_t)) {
		const mach_msg_type_t *type = (const void *)at;
		vm_size_t size = type->msgt_inline ? data_size(type) :
						     sizeof(vm_address_t);

		size = (size + MACH_MSG_ALIGN - 1) &
		       ~(vm_size_t)(MACH_MSG_ALIGN - 1);
		at += sizeof(*type);
		if ((vm_size_t)(end - at) < size)
			return;
		if (type->msgt_inline)
			destroy_inline(type);
		else
			destroy_outofline(type);
		at += size;
	}
}

/* The local port is no right of a received message's. */
void mach_msg_destroy(mach_msg_header_t *msg)
{
	destroy_right(msg->msgh_remote_port,
		      MACH_MSGH_BITS_REMOTE(msg->msgh_bits));
	if ((msg->msgh_bits & MACH_MSGH_BITS_COMPLEX) &&
	    msg->msgh_size > sizeof(*msg))
		destroy_body((const char *)(msg + 1),
			     (const char *)msg + msg->msgh_size);
}
