// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/*
 * Threads.  A thread can do these things to itself; to another one, and with
 * registers, Linux lets only a debugger do them: KERN_FAILURE.
 */
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <mach/gnumach.h>
#include <mach/mach_init.h>
#include <mach/mach_interface.h>
#include <mach/mach_port.h>
#include <mach/mach_traps.h>
#include <mach/thread_switch.h>

#include "info.h"
#include "internal.h"
#include "proc_stat.h"

/* KERN_SUCCESS if it is the calling thread. */
static kern_return_t own_thread(thread_t thread)
{
	mach_port_type_t type;
	mach_port_t own;

	if (!MACH_PORT_VALID(thread))
		return MACH_SEND_INVALID_DEST;
	own = mach_thread_self();
	if (MACH_PORT_VALID(own))
		mach_port_deallocate(mach_task_self(), own);
	if (own == thread)
		return KERN_SUCCESS;
	if (mach_port_type(mach_task_self(), thread, &type) ||
	    !(type & MACH_PORT_TYPE_SEND))
		return MACH_SEND_INVALID_DEST;
	return KERN_FAILURE;
}

/* What even the thread itself cannot. */
static kern_return_t refuse(thread_t thread)
{
	kern_return_t kr = own_thread(thread);

	return kr == KERN_SUCCESS ? KERN_FAILURE : kr;
}

kern_return_t thread_terminate(thread_t target_thread)
{
	kern_return_t kr = own_thread(target_thread);

	if (kr == KERN_SUCCESS)
		pthread_exit(NULL);
	return kr;
}

/* Parts of TH_USAGE_SCALE, over the thread's life. */
static integer_t usage_of(const struct libmach_stat *stat)
{
	time_value64_t used = stat->user;
	double age;

	time_value64_add(&used, &stat->system);
	age = (double)stat->age.seconds + (double)stat->age.nanoseconds / 1e9;
	if (age <= 0)
		return 0;
	return (integer_t)(((double)used.seconds +
			    (double)used.nanoseconds / 1e9) *
			   TH_USAGE_SCALE / age);
}

static kern_return_t basic_info(const struct libmach_stat *stat,
				integer_t *out, mach_msg_type_number_t *count)
{
	struct thread_basic_info info;

	memset(&info, 0, sizeof(info));
	info.cpu_usage = usage_of(stat);
	info.base_priority = LIBMACH_PRIORITY + stat->nice;
	info.cur_priority = info.base_priority;
	info.run_state = TH_STATE_RUNNING;
	info.user_time64 = stat->user;
	info.system_time64 = stat->system;
	info.creation_time64 = stat->created;
	TIME_VALUE64_TO_TIME_VALUE(&stat->user, &info.user_time);
	TIME_VALUE64_TO_TIME_VALUE(&stat->system, &info.system_time);
	TIME_VALUE64_TO_TIME_VALUE(&stat->created, &info.creation_time);
	return libmach_info(out, count, &info, sizeof(info),
			    offsetof(struct thread_basic_info, user_time64));
}

kern_return_t thread_info(thread_t target_thread, int flavor,
			  thread_info_t thread_info_out,
			  mach_msg_type_number_t *thread_info_outCnt)
{
	kern_return_t kr = own_thread(target_thread);
	struct libmach_stat stat;

	if (kr != KERN_SUCCESS)
		return kr;
	if (flavor != THREAD_BASIC_INFO)
		return KERN_INVALID_ARGUMENT;
	if (!libmach_stat_thread(getpid(), (pid_t)syscall(SYS_gettid), &stat))
		return KERN_FAILURE;
	return basic_info(&stat, thread_info_out, thread_info_outCnt);
}

/* Linux keeps 15 characters of it. */
kern_return_t thread_set_name(thread_t thread, const_kernel_debug_name_t name)
{
	kern_return_t kr = own_thread(thread);

	if (kr == KERN_SUCCESS && prctl(PR_SET_NAME, name, 0, 0, 0))
		kr = KERN_FAILURE;
	return kr;
}

kern_return_t thread_get_name(thread_t thread, kernel_debug_name_t name)
{
	kern_return_t kr = own_thread(thread);

	if (kr != KERN_SUCCESS)
		return kr;
	memset(name, 0, KERNEL_DEBUG_NAME_MAX);
	return prctl(PR_GET_NAME, name, 0, 0, 0) ? KERN_FAILURE : KERN_SUCCESS;
}

kern_return_t thread_get_special_port(thread_t thread, int which_port,
				      mach_port_t *special_port)
{
	kern_return_t kr = own_thread(thread);

	if (kr != KERN_SUCCESS)
		return kr;
	if (which_port != THREAD_KERNEL_PORT &&
	    which_port != THREAD_EXCEPTION_PORT)
		return KERN_INVALID_ARGUMENT;
	*special_port = which_port == THREAD_KERNEL_PORT ? mach_thread_self() :
							   MACH_PORT_NULL;
	return KERN_SUCCESS;
}

kern_return_t thread_set_special_port(thread_t thread, int which_port,
				      mach_port_t special_port)
{
	(void)which_port;
	(void)special_port;
	return refuse(thread);
}

kern_return_t thread_get_state(thread_t target_thread, int flavor,
			       thread_state_t old_state,
			       mach_msg_type_number_t *old_stateCnt)
{
	(void)flavor;
	(void)old_state;
	(void)old_stateCnt;
	return refuse(target_thread);
}

kern_return_t thread_set_state(thread_t target_thread, int flavor,
			       thread_state_t new_state,
			       mach_msg_type_number_t new_stateCnt)
{
	(void)flavor;
	(void)new_state;
	(void)new_stateCnt;
	return refuse(target_thread);
}

kern_return_t thread_suspend(thread_t target_thread)
{
	return refuse(target_thread);
}

kern_return_t thread_resume(thread_t target_thread)
{
	return refuse(target_thread);
}

kern_return_t thread_abort(thread_t target_thread)
{
	return refuse(target_thread);
}

/* ---- giving up the processor ---- */

boolean_t swtch(void)
{
	return swtch_pri(0);
}

/* Whether another thread ran is not known. */
boolean_t swtch_pri(int priority)
{
	(void)priority;
	sched_yield();
	return FALSE;
}

kern_return_t thread_switch(mach_port_t new_thread, int option,
			    mach_msg_timeout_t option_time)
{
	struct timespec pause = {
		.tv_sec = option_time / 1000,
		.tv_nsec = (long)(option_time % 1000) * 1000000,
	};

	(void)new_thread;
	if (!valid_switch_option(option))
		return KERN_INVALID_ARGUMENT;
	if (option == SWITCH_OPTION_WAIT)
		nanosleep(&pause, NULL);
	else
		sched_yield();
	return KERN_SUCCESS;
}
