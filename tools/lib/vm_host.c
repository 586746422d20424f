// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* Memory and the host: vm_wire, vm_wire_all, vm_statistics. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <mach/gnumach.h>
#include <mach/mach_host.h>
#include <mach/mach_init.h>
#include <mach/mach_interface.h>
#include <mach/mach_port.h>

#include "info.h"
#include "internal.h"
#include "vm_internal.h"
#include "vm_maps.h"

/* ---- wiring ---- */

kern_return_t libmach_check_host(mach_port_t host)
{
	mach_port_t own;

	if (!MACH_PORT_VALID(host))
		return MACH_SEND_INVALID_DEST;
	own = mach_host_self();
	if (!MACH_PORT_VALID(own))
		return MACH_SEND_INVALID_DEST;
	mach_port_deallocate(mach_task_self(), own);
	return own == host ? KERN_SUCCESS : KERN_INVALID_HOST;
}

/* RLIMIT_MEMLOCK stands for the privilege of Mach's host port. */
static kern_return_t lock_error(int error)
{
	struct rlimit limit;

	if (error == EPERM)
		return KERN_NO_ACCESS;
	if (error == ENOMEM && !getrlimit(RLIMIT_MEMLOCK, &limit) &&
	    limit.rlim_cur != RLIM_INFINITY)
		return KERN_NO_ACCESS;
	return KERN_RESOURCE_SHORTAGE;
}

kern_return_t vm_wire(mach_port_t host, vm_task_t task, vm_address_t address,
		      vm_size_t size, vm_prot_t access)
{
	kern_return_t kr = libmach_check_host(host);
	vm_address_t start, end;
	int failed;

	if (kr == KERN_SUCCESS)
		kr = libmach_vm_task(task);
	if (kr != KERN_SUCCESS)
		return kr;
	if (access & ~VM_PROT_ALL)
		return KERN_INVALID_ARGUMENT;
	if (!size)
		return KERN_SUCCESS;
	if (!libmach_vm_range(address, size, &start, &end))
		return KERN_INVALID_ADDRESS;
	kr = libmach_check_access(start, end, access);
	if (kr != KERN_SUCCESS)
		return kr == KERN_FAILURE ? kr : KERN_NO_SPACE;
	if (access == VM_PROT_NONE)
		failed = munlock((void *)start, end - start);
	else
		failed = mlock((void *)start, end - start);
	return failed ? lock_error(errno) : KERN_SUCCESS;
}

kern_return_t vm_wire_all(mach_port_t host, vm_task_t task, vm_wire_t flags)
{
	kern_return_t kr = libmach_check_host(host);
	int failed;

	if (kr == KERN_SUCCESS)
		kr = libmach_vm_task(task);
	if (kr != KERN_SUCCESS)
		return kr;
	if (flags & ~VM_WIRE_ALL)
		return KERN_INVALID_ARGUMENT;
	if (flags == VM_WIRE_NONE)
		failed = munlockall();
	else
		failed = mlockall((flags & VM_WIRE_CURRENT ? MCL_CURRENT : 0) |
				  (flags & VM_WIRE_FUTURE ? MCL_FUTURE : 0));
	return failed ? lock_error(errno) : KERN_SUCCESS;
}

/* ---- statistics ---- */

_Static_assert(sizeof(vm_statistics_data_t) == 13 * sizeof(integer_t),
	       "vm_statistics_data_t of mach_types.defs");

/* Which counter of /proc/vmstat goes where; several may add up. */
static const struct {
	const char *name;
	size_t field;
} counters[] = {
	{ "nr_free_pages", offsetof(struct vm_statistics, free_count) },
	{ "nr_active_anon", offsetof(struct vm_statistics, active_count) },
	{ "nr_active_file", offsetof(struct vm_statistics, active_count) },
	{ "nr_inactive_anon", offsetof(struct vm_statistics, inactive_count) },
	{ "nr_inactive_file", offsetof(struct vm_statistics, inactive_count) },
	{ "nr_unevictable", offsetof(struct vm_statistics, wire_count) },
	{ "pgactivate", offsetof(struct vm_statistics, reactivations) },
	{ "pgmajfault", offsetof(struct vm_statistics, pageins) },
	{ "pswpout", offsetof(struct vm_statistics, pageouts) },
	{ "pgfault", offsetof(struct vm_statistics, faults) },
};

/* The fields have 32 bits: counters wrap, as in Mach. */
static void add_counter(struct vm_statistics *stats, const char *name,
			unsigned long long value)
{
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
		if (!strcmp(name, counters[i].name)) {
			char *field = (char *)stats + counters[i].field;
			unsigned int sum;

			memcpy(&sum, field, sizeof(sum));
			sum += (unsigned int)value;
			memcpy(field, &sum, sizeof(sum));
		}
	}
}

kern_return_t vm_statistics(vm_task_t target_task,
			    vm_statistics_data_t *vm_stats)
{
	kern_return_t kr = libmach_vm_task(target_task);
	unsigned long long value;
	char name[64];
	FILE *file;

	/* Of the machine, whichever task it is. */
	if (kr != KERN_SUCCESS && kr != KERN_FAILURE)
		return kr;
	memset(vm_stats, 0, sizeof(*vm_stats));
	vm_stats->pagesize = (integer_t)vm_page_size;
	file = fopen("/proc/vmstat", "re");
	if (!file)
		return KERN_SUCCESS;
	while (fscanf(file, "%63s %llu", name, &value) == 2)
		add_counter(vm_stats, name, value);
	fclose(file);
	return KERN_SUCCESS;
}
