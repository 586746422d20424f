// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/*
 * What stubs made by mig call: reply ports, memory, strings.
 *
 * A reply port stays its thread's until an RPC fails.  A stub that failed
 * destroys it, because its reply may still come.
 */
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include <mach/mach_init.h>
#include <mach/mach_interface.h>
#include <mach/mach_port.h>
#include <mach/mach_traps.h>
#include <mach/mig_errors.h>
#include <mach/mig_support.h>

#include "internal.h"

static __thread mach_port_t reply_port;

/* Only to be told of a thread's end. */
static pthread_key_t key;
static bool have_key;

static void destroy_port(mach_port_t port)
{
	if (MACH_PORT_VALID(port))
		mach_port_mod_refs(mach_task_self(), port,
				   MACH_PORT_RIGHT_RECEIVE, -1);
}

/* A destructor of the program's, run later, may make another RPC. */
static void end_thread(void *unused)
{
	(void)unused;
	mig_dealloc_reply_port(MACH_PORT_NULL);
}

__attribute__((constructor)) static void make_key(void)
{
	have_key = !pthread_key_create(&key, end_thread);
}

/* In the child of a fork, in its only thread: the name was the parent's. */
void libmach_forget_reply_port(void)
{
	reply_port = MACH_PORT_NULL;
}

void mig_init(void *first)
{
	(void)first;
}

mach_port_t mig_get_reply_port(void)
{
	if (__builtin_expect(reply_port == MACH_PORT_NULL, 0)) {
		reply_port = mach_reply_port();
		/* Any value but NULL; without it the port outlives us. */
		if (have_key)
			pthread_setspecific(key, &key);
	}
	return reply_port;
}

void mig_put_reply_port(mach_port_t port)
{
	(void)port;
}

void mig_dealloc_reply_port(mach_port_t port)
{
	mach_port_t own = reply_port;

	(void)port;
	reply_port = MACH_PORT_NULL;
	destroy_port(own);
}

void mig_allocate(vm_address_t *addr_p, vm_size_t size)
{
	if (vm_allocate(mach_task_self(), addr_p, size, TRUE) != KERN_SUCCESS)
		*addr_p = 0;
}

void mig_deallocate(vm_address_t addr, vm_size_t size)
{
	vm_deallocate(mach_task_self(), addr, size);
}

void mig_reply_setup(const mach_msg_header_t *request,
		     mach_msg_header_t *reply)
{
	*(mig_reply_header_t *)reply = (mig_reply_header_t){
		.Head.msgh_bits = MACH_MSGH_BITS(
			MACH_MSGH_BITS_REMOTE(request->msgh_bits), 0),
		.Head.msgh_size = sizeof(mig_reply_header_t),
		.Head.msgh_remote_port = request->msgh_remote_port,
		.Head.msgh_id = request->msgh_id + 100,
		.RetCodeType.msgt_name = MACH_MSG_TYPE_INTEGER_32,
		.RetCodeType.msgt_size = 32,
		.RetCodeType.msgt_inline = TRUE,
		.RetCodeType.msgt_number = 1,
		.RetCode = MIG_BAD_ID,
	};
}

/* The rest is zeroed because a stub sends a fixed string's whole buffer. */
vm_size_t mig_strncpy(char *dst, const char *src, vm_size_t len)
{
	vm_size_t length;

	if (!len)
		return 0;
	length = strnlen(src, len - 1);
	memcpy(dst, src, length);
	memset(dst + length, 0, len - length);
	return length;
}

#define ALIAS(name) \
	extern __typeof__(name) __##name __attribute__((alias(#name)))

ALIAS(mig_init);
ALIAS(mig_allocate);
ALIAS(mig_deallocate);
ALIAS(mig_get_reply_port);
ALIAS(mig_put_reply_port);
ALIAS(mig_dealloc_reply_port);
ALIAS(mig_reply_setup);
ALIAS(mig_strncpy);
