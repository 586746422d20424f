// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* The host: what it is, and what time it is there. */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <mach/mach_host.h>
#include <mach/processor_info.h>

#include "info.h"

#ifdef __aarch64__
#define CPU_TYPE	CPU_TYPE_ARM64
#define CPU_SUBTYPE	0
#else
#define CPU_TYPE	CPU_TYPE_X86_64
#define CPU_SUBTYPE	CPU_SUBTYPE_AT386
#endif

/* What sysinfo() calls 1. */
#define LINUX_LOAD	(1UL << SI_LOAD_SHIFT)

static kern_return_t basic_info(integer_t *out, mach_msg_type_number_t *count)
{
	struct host_basic_info info;
	struct sysinfo system;

	if (sysinfo(&system))
		return KERN_FAILURE;
	memset(&info, 0, sizeof(info));
	info.max_cpus = get_nprocs_conf();
	info.avail_cpus = get_nprocs();
	info.memory_size = (vm_size_t)system.totalram * system.mem_unit;
	info.cpu_type = CPU_TYPE;
	info.cpu_subtype = CPU_SUBTYPE;
	return libmach_info(out, count, &info, sizeof(info), sizeof(info));
}

static kern_return_t processor_slots(integer_t *out,
				     mach_msg_type_number_t *count)
{
	mach_msg_type_number_t number =
		(mach_msg_type_number_t)get_nprocs_conf();

	if (*count < number)
		return KERN_INVALID_ARGUMENT;
	for (mach_msg_type_number_t i = 0; i < number; i++)
		out[i] = (integer_t)i;
	*count = number;
	return KERN_SUCCESS;
}

static kern_return_t sched_info(integer_t *out, mach_msg_type_number_t *count)
{
	struct host_sched_info info = { .min_timeout = 1, .min_quantum = 1 };
	struct timespec quantum;

	/* Of round-robin; others get what is fair. */
	if (!sched_rr_get_interval(0, &quantum) && !quantum.tv_sec &&
	    quantum.tv_nsec >= 1000000)
		info.min_quantum = (integer_t)(quantum.tv_nsec / 1000000);
	return libmach_info(out, count, &info, sizeof(info), sizeof(info));
}

/* Mach's measure of the processor that a new thread would get. */
static integer_t mach_factor(integer_t load)
{
	integer_t processors = get_nprocs() * LOAD_SCALE;

	if (load <= processors)
		return processors - load;
	return (integer_t)((long)processors * LOAD_SCALE /
			   (load + LOAD_SCALE));
}

static kern_return_t load_info(integer_t *out, mach_msg_type_number_t *count)
{
	struct host_load_info info;
	struct sysinfo system;

	if (sysinfo(&system))
		return KERN_FAILURE;
	for (int i = 0; i < 3; i++) {
		info.avenrun[i] = (integer_t)(system.loads[i] * LOAD_SCALE /
					      LINUX_LOAD);
		info.mach_factor[i] = mach_factor(info.avenrun[i]);
	}
	return libmach_info(out, count, &info, sizeof(info), sizeof(info));
}

kern_return_t host_info(host_t host, int flavor, host_info_t host_info_out,
			mach_msg_type_number_t *host_info_outCnt)
{
	kern_return_t kr = libmach_check_host(host);

	if (kr != KERN_SUCCESS)
		return kr;
	switch (flavor) {
	case HOST_BASIC_INFO:
		return basic_info(host_info_out, host_info_outCnt);
	case HOST_PROCESSOR_SLOTS:
		return processor_slots(host_info_out, host_info_outCnt);
	case HOST_SCHED_INFO:
		return sched_info(host_info_out, host_info_outCnt);
	case HOST_LOAD_INFO:
		return load_info(host_info_out, host_info_outCnt);
	default:
		return KERN_INVALID_ARGUMENT;
	}
}

kern_return_t host_get_kernel_version(host_t host,
				      kernel_version_t kernel_version)
{
	kern_return_t kr = libmach_check_host(host);
	struct utsname names;

	if (kr != KERN_SUCCESS)
		return kr;
	if (uname(&names))
		return KERN_FAILURE;
	memset(kernel_version, 0, KERNEL_VERSION_MAX);
	snprintf(kernel_version, KERNEL_VERSION_MAX,
		 "%s %s %s (mach ABI %d)", names.sysname, names.release,
		 names.version, MACH_ABI_VERSION);
	return KERN_SUCCESS;
}

kern_return_t host_kernel_version(host_t host, kernel_version_t kernel_version)
{
	return host_get_kernel_version(host, kernel_version);
}

static kern_return_t get_time(host_t host, clockid_t clock,
			      time_value64_t *time)
{
	kern_return_t kr = libmach_check_host(host);
	struct timespec now;

	if (kr != KERN_SUCCESS)
		return kr;
	if (clock_gettime(clock, &now))
		return KERN_FAILURE;
	TIMESPEC_TO_TIME_VALUE64(time, &now);
	return KERN_SUCCESS;
}

kern_return_t host_get_time64(host_t host, time_value64_t *current_time)
{
	return get_time(host, CLOCK_REALTIME, current_time);
}

kern_return_t host_get_uptime64(host_t host, time_value64_t *uptime)
{
	return get_time(host, CLOCK_BOOTTIME, uptime);
}

kern_return_t host_get_time(host_t host, time_value_t *current_time)
{
	time_value64_t time;
	kern_return_t kr = host_get_time64(host, &time);

	if (kr == KERN_SUCCESS)
		TIME_VALUE64_TO_TIME_VALUE(&time, current_time);
	return kr;
}
