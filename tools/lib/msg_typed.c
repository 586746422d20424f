// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/*
 * mach_msg_well_typed: what the server stubs of mig leave unchecked.
 *
 * The kernel reads the body of a complex message only; that of a simple one
 * is its sender's, descriptors and all.  A stub for an array without a bound
 * believes a descriptor that says "out of line" and uses the address behind
 * it, and it compares sizes in 32 bits, where 2^30 numbers have length 0.
 */
#include <mach/linux.h>
#include <mach/std_types.h>

#include "internal.h"

static boolean_t is_complex_item(const mach_msg_type_t *type)
{
	return !type->msgt_inline || MACH_MSG_TYPE_PORT_ANY(type->msgt_name);
}

/* The bytes behind the descriptor, padding included. */
static uint64_t item_size(const mach_msg_type_t *type)
{
	uint64_t bits = (uint64_t)type->msgt_size * type->msgt_number;

	if (!type->msgt_inline)
		return sizeof(vm_address_t);
	return ((bits + 7) / 8 + MACH_MSG_ALIGN - 1) &
	       ~(uint64_t)(MACH_MSG_ALIGN - 1);
}

boolean_t mach_msg_well_typed(const mach_msg_header_t *msg)
{
	boolean_t complex = !!(msg->msgh_bits & MACH_MSGH_BITS_COMPLEX);
	const char *at = (const char *)(msg + 1);
	uint64_t left;

	if (msg->msgh_size < sizeof(*msg))
		return FALSE;
	left = msg->msgh_size - sizeof(*msg);
	while (left) {
		const mach_msg_type_t *type = (const void *)at;
		uint64_t size;

		if (left < sizeof(*type) || (!complex && is_complex_item(type)))
			return FALSE;
		size = sizeof(*type) + item_size(type);
		if (left < size)
			return FALSE;
		at += size;
		left -= size;
	}
	return TRUE;
}
