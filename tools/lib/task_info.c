// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* Tasks as processes: task_info, names, and what Linux cannot do to one. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <mach/gnumach.h>
#include <mach/mach_init.h>
#include <mach/mach_interface.h>
#include <mach/mach_port.h>

#include "foreign.h"
#include "info.h"
#include "internal.h"
#include "proc_stat.h"
#include "vm_internal.h"

kern_return_t libmach_info(integer_t *out, mach_msg_type_number_t *count,
			   const void *data, size_t size, size_t least)
{
	size_t room = (size_t)*count * sizeof(*out);

	if (room < least)
		return KERN_INVALID_ARGUMENT;
	if (room > size)
		room = size;
	memcpy(out, data, room);
	*count = (mach_msg_type_number_t)(room / sizeof(*out));
	return KERN_SUCCESS;
}

/* Of the own task only: what the module counts belongs to its file. */
static void count_messages(struct task_events_info *info)
{
	struct mach_ioc_stats stats = { .size = sizeof(stats) };

	if (libmach_call(MACH_IOC_STATS, &stats))
		return;
	info->messages_sent = stats.messages_sent;
	info->messages_received = stats.messages_received;
}

static void subtract(time_value64_t *from, const time_value64_t *part)
{
	time_value64_sub(from, part);
	if (from->seconds < 0)
		time_value64_init(from);
}

/* Mach says here what the threads have used that are no more. */
static kern_return_t basic_info(pid_t pid, integer_t *out,
				mach_msg_type_number_t *count)
{
	struct task_basic_info info = { .suspend_count = 0 };
	time_value64_t user, system;
	struct libmach_stat stat;

	if (!libmach_stat_live(pid, &user, &system) ||
	    !libmach_stat_process(pid, &stat))
		return KERN_FAILURE;
	subtract(&stat.user, &user);
	subtract(&stat.system, &system);
	info.base_priority = LIBMACH_PRIORITY + stat.nice;
	info.virtual_size = stat.virtual_bytes;
	info.resident_size = stat.resident_pages * vm_page_size;
	info.user_time64 = stat.user;
	info.system_time64 = stat.system;
	info.creation_time64 = stat.created;
	TIME_VALUE64_TO_TIME_VALUE(&stat.user, &info.user_time);
	TIME_VALUE64_TO_TIME_VALUE(&stat.system, &info.system_time);
	TIME_VALUE64_TO_TIME_VALUE(&stat.created, &info.creation_time);
	return libmach_info(out, count, &info, sizeof(info),
			    offsetof(struct task_basic_info, user_time64));
}

static kern_return_t events_info(pid_t pid, integer_t *out,
				 mach_msg_type_number_t *count)
{
	struct task_events_info info = { .faults = 0 };
	struct libmach_stat stat;

	if (!libmach_stat_process(pid, &stat))
		return KERN_FAILURE;
	info.faults = stat.minor_faults + stat.major_faults;
	info.pageins = stat.major_faults;
	if (pid == getpid())
		count_messages(&info);
	return libmach_info(out, count, &info, sizeof(info), sizeof(info));
}

static kern_return_t thread_times_info(pid_t pid, integer_t *out,
				       mach_msg_type_number_t *count)
{
	struct task_thread_times_info info;

	memset(&info, 0, sizeof(info));
	if (!libmach_stat_live(pid, &info.user_time64, &info.system_time64))
		return KERN_FAILURE;
	TIME_VALUE64_TO_TIME_VALUE(&info.user_time64, &info.user_time);
	TIME_VALUE64_TO_TIME_VALUE(&info.system_time64, &info.system_time);
	return libmach_info(out, count, &info, sizeof(info),
			    offsetof(struct task_thread_times_info,
				     user_time64));
}

static kern_return_t info_of(pid_t pid, int flavor, integer_t *task_info_out,
			     mach_msg_type_number_t *task_info_outCnt)
{
	switch (flavor) {
	case TASK_BASIC_INFO:
		return basic_info(pid, task_info_out, task_info_outCnt);
	case TASK_EVENTS_INFO:
		return events_info(pid, task_info_out, task_info_outCnt);
	case TASK_THREAD_TIMES_INFO:
		return thread_times_info(pid, task_info_out, task_info_outCnt);
	default:
		return KERN_INVALID_ARGUMENT;
	}
}

/* Of another task: the number was its process's if it is so afterwards. */
kern_return_t task_info(task_t target_task, int flavor,
			task_info_t task_info_out,
			mach_msg_type_number_t *task_info_outCnt)
{
	kern_return_t kr = libmach_own_task(target_task);
	struct libmach_foreign foreign;

	if (kr == KERN_SUCCESS)
		return info_of(getpid(), flavor, task_info_out,
			       task_info_outCnt);
	if (kr == KERN_FAILURE)
		kr = libmach_foreign_find(target_task, &foreign);
	if (kr != KERN_SUCCESS)
		return kr;
	kr = info_of(foreign.pid, flavor, task_info_out, task_info_outCnt);
	return libmach_foreign_confirm(&foreign) ? kr : MACH_SEND_INVALID_DEST;
}

/* The name of its first thread, which ps shows; the kernel cuts it. */
kern_return_t task_set_name(task_t task, const_kernel_debug_name_t name)
{
	kern_return_t kr = libmach_vm_task(task);
	ssize_t written;
	int fd;

	if (kr != KERN_SUCCESS)
		return kr;
	fd = open("/proc/self/comm", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return KERN_FAILURE;
	written = write(fd, name, strnlen(name, KERNEL_DEBUG_NAME_MAX));
	close(fd);
	return written < 0 ? KERN_FAILURE : KERN_SUCCESS;
}

/* The descriptor keeps the process: nobody else can be hit. */
static kern_return_t kill_foreign(mach_port_t task)
{
	struct libmach_foreign foreign;
	kern_return_t kr = libmach_foreign_find(task, &foreign);
	int fd;

	if (kr != KERN_SUCCESS)
		return kr;
	fd = (int)syscall(SYS_pidfd_open, foreign.pid, 0);
	if (fd < 0)
		return errno == ESRCH ? MACH_SEND_INVALID_DEST :
					KERN_RESOURCE_SHORTAGE;
	if (!libmach_foreign_confirm(&foreign))
		kr = MACH_SEND_INVALID_DEST;
	else if (syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0))
		kr = errno == EPERM ? KERN_NO_ACCESS : KERN_SUCCESS;
	close(fd);
	return kr;
}

/* At once, and without the process's own handlers, as in Mach. */
kern_return_t task_terminate(task_t target_task)
{
	kern_return_t kr = libmach_own_task(target_task);

	if (kr == KERN_FAILURE)
		return kill_foreign(target_task);
	if (kr == KERN_SUCCESS)
		kill(getpid(), SIGKILL);
	return kr;
}

/* A task that there is, but that this cannot be done to. */
static kern_return_t refuse(task_t task)
{
	kern_return_t kr = libmach_vm_task(task);

	return kr == KERN_SUCCESS ? KERN_FAILURE : kr;
}

kern_return_t task_create(task_t target_task, boolean_t inherit_memory,
			  task_t *child_task)
{
	(void)inherit_memory;
	(void)child_task;
	return refuse(target_task);
}

kern_return_t task_threads(task_t target_task, thread_array_t *thread_list,
			   mach_msg_type_number_t *thread_listCnt)
{
	(void)thread_list;
	(void)thread_listCnt;
	return refuse(target_task);
}

kern_return_t task_suspend(task_t target_task)
{
	return refuse(target_task);
}

kern_return_t task_resume(task_t target_task)
{
	return refuse(target_task);
}

kern_return_t thread_create(task_t parent_task, thread_t *child_thread)
{
	(void)child_thread;
	return refuse(parent_task);
}
