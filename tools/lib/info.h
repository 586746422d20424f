/* SPDX-License-Identifier: MIT */
/* Copyright (c) The mach authors */
/* What task_info(), thread_info() and host_info() share; not installed. */
#ifndef LIBMACH_INFO_H
#define LIBMACH_INFO_H

#include <stddef.h>

#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/mach_types.h>

/* Mach's priority of who has Linux's nice 0. */
#define LIBMACH_PRIORITY	25

/*
 * Gives as much of @data as @count says that there is room for, and at least
 * @least bytes of it: programs may be older than a struct's last fields.
 */
kern_return_t libmach_info(integer_t *out, mach_msg_type_number_t *count,
			   const void *data, size_t size, size_t least);

/* KERN_SUCCESS if @host is the host, else what the call returns: vm_host.c */
kern_return_t libmach_check_host(mach_port_t host);

#endif /* LIBMACH_INFO_H */
