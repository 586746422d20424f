// SPDX-License-Identifier: GPL-2.0
/*
 * libmach's calls about host, task and thread: what they tell, and that they
 * refuse what Linux cannot do (spec 1.11).
 */
#include <mach/mach.h>
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/fixture.h"

TEST_F(mach, host_information)
{
	mach_port_t host = mach_host_self();
	mach_msg_type_number_t count = HOST_BASIC_INFO_COUNT;
	struct host_basic_info basic;
	struct host_load_info load;
	integer_t slots[64];
	kernel_version_t version;

	EXPECT_EQ(KERN_SUCCESS, host_info(host, HOST_BASIC_INFO,
					  (host_info_t)&basic, &count));
	EXPECT_EQ(HOST_BASIC_INFO_COUNT, count);
	EXPECT_EQ(sysconf(_SC_NPROCESSORS_ONLN), basic.avail_cpus);
	EXPECT_EQ((vm_size_t)sysconf(_SC_PHYS_PAGES) * MT_PAGE,
		  basic.memory_size);
	count--;
	EXPECT_EQ(KERN_INVALID_ARGUMENT, host_info(host, HOST_BASIC_INFO,
						   (host_info_t)&basic,
						   &count));
	count = 64;
	EXPECT_EQ(KERN_SUCCESS, host_info(host, HOST_PROCESSOR_SLOTS, slots,
					  &count));
	EXPECT_EQ((__u32)basic.max_cpus, count);
	count = 0;
	EXPECT_EQ(KERN_INVALID_ARGUMENT, host_info(host, HOST_PROCESSOR_SLOTS,
						   slots, &count));
	count = HOST_LOAD_INFO_COUNT;
	EXPECT_EQ(KERN_SUCCESS, host_info(host, HOST_LOAD_INFO,
					  (host_info_t)&load, &count));
	EXPECT_GE(load.mach_factor[0], 0);
	EXPECT_EQ(KERN_INVALID_ARGUMENT, host_info(host, 5, slots, &count));
	EXPECT_EQ(KERN_SUCCESS, host_kernel_version(host, version));
	EXPECT_EQ(0, strncmp(version, "Linux ", 6));
}

TEST_F(mach, host_time)
{
	mach_port_t host = mach_host_self();
	time_value64_t wide, up;
	time_value_t narrow;
	time_t now = time(NULL);

	EXPECT_EQ(KERN_SUCCESS, host_get_time(host, &narrow));
	EXPECT_EQ(KERN_SUCCESS, host_get_time64(host, &wide));
	EXPECT_EQ(KERN_SUCCESS, host_get_uptime64(host, &up));
	EXPECT_GE(narrow.seconds, now);
	EXPECT_LT(narrow.seconds, now + 100);
	EXPECT_LT(narrow.microseconds, TIME_MICROS_MAX);
	EXPECT_GE(wide.seconds, narrow.seconds);
	EXPECT_LT(up.seconds, wide.seconds);
	EXPECT_EQ(KERN_INVALID_HOST, host_get_time(mach_task_self(), &narrow));
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  host_get_time(MACH_PORT_DEAD, &narrow));
}

TEST_F(mach, task_information)
{
	mach_port_t task = mach_task_self();
	mach_msg_type_number_t count = TASK_EVENTS_INFO_COUNT;
	struct task_events_info before, after;
	struct task_basic_info basic;
	struct task_thread_times_info times;
	mach_msg_header_t head = {
		.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0),
		.msgh_size = sizeof(head),
	};

	head.msgh_remote_port = mach_reply_port();
	EXPECT_EQ(KERN_SUCCESS, task_info(task, TASK_EVENTS_INFO,
					  (task_info_t)&before, &count));
	EXPECT_EQ(MACH_MSG_SUCCESS, mach_msg_send(&head));
	EXPECT_EQ(KERN_SUCCESS, task_info(task, TASK_EVENTS_INFO,
					  (task_info_t)&after, &count));
	EXPECT_EQ(before.messages_sent + 1, after.messages_sent);
	EXPECT_EQ(before.messages_received, after.messages_received);
	EXPECT_GE(after.faults, before.faults);
	/* Programs of before the 64-bit times give less room. */
	count = offsetof(struct task_basic_info, user_time64) /
		sizeof(integer_t);
	basic.user_time64.seconds = -7;
	EXPECT_EQ(KERN_SUCCESS, task_info(task, TASK_BASIC_INFO,
					  (task_info_t)&basic, &count));
	EXPECT_GT(basic.virtual_size, basic.resident_size);
	EXPECT_EQ(-7, basic.user_time64.seconds);
	count = 2;
	EXPECT_EQ(KERN_INVALID_ARGUMENT, task_info(task, TASK_BASIC_INFO,
						   (task_info_t)&basic,
						   &count));
	count = TASK_THREAD_TIMES_INFO_COUNT;
	EXPECT_EQ(KERN_SUCCESS, task_info(task, TASK_THREAD_TIMES_INFO,
					  (task_info_t)&times, &count));
	EXPECT_EQ(TASK_THREAD_TIMES_INFO_COUNT, count);
	EXPECT_EQ(KERN_INVALID_ARGUMENT, task_info(task, 4,
						   (task_info_t)&times,
						   &count));
}

static void *end_itself(void *reached)
{
	thread_terminate(mach_thread_self());
	*(int *)reached = 1;
	return NULL;
}

TEST_F(mach, threads)
{
	mach_port_t thread = mach_thread_self(), port;
	mach_msg_type_number_t count = THREAD_BASIC_INFO_COUNT;
	struct thread_basic_info basic;
	kernel_debug_name_t name;
	pthread_t other;
	int reached = 0;

	EXPECT_EQ(KERN_SUCCESS, thread_info(thread, THREAD_BASIC_INFO,
					    (thread_info_t)&basic, &count));
	EXPECT_EQ(TH_STATE_RUNNING, basic.run_state);
	EXPECT_EQ(KERN_SUCCESS, thread_set_name(thread, "a thread"));
	EXPECT_EQ(KERN_SUCCESS, thread_get_name(thread, name));
	EXPECT_EQ(0, strcmp(name, "a thread"));
	EXPECT_EQ(KERN_SUCCESS, thread_get_kernel_port(thread, &port));
	EXPECT_EQ(thread, port);
	mt_must(pthread_create(&other, NULL, end_itself, &reached));
	mt_must(pthread_join(other, NULL));
	EXPECT_EQ(0, reached);
	EXPECT_FALSE(swtch());
	EXPECT_EQ(KERN_SUCCESS, thread_switch(MACH_PORT_NULL, 2, 1));
	EXPECT_EQ(KERN_INVALID_ARGUMENT, thread_switch(MACH_PORT_NULL, 3, 1));
}

TEST_F(mach, what_linux_cannot_do)
{
	mach_port_t task = mach_task_self(), thread = mach_thread_self(), out;

	EXPECT_EQ(KERN_FAILURE, task_create(task, TRUE, &out));
	EXPECT_EQ(KERN_FAILURE, task_suspend(task));
	EXPECT_EQ(KERN_FAILURE, task_resume(task));
	EXPECT_EQ(KERN_FAILURE, thread_create(task, &out));
	EXPECT_EQ(KERN_FAILURE, thread_suspend(thread));
	EXPECT_EQ(KERN_FAILURE, thread_resume(thread));
	EXPECT_EQ(MACH_SEND_INVALID_DEST, task_resume(MACH_PORT_DEAD));
	EXPECT_EQ(MACH_SEND_INVALID_DEST, task_create(MACH_PORT_NULL, 0, &out));
	EXPECT_EQ(MACH_SEND_INVALID_DEST, thread_resume(MT_UNUSED));
	EXPECT_EQ(KERN_FAILURE, thread_terminate(mach_host_self()));
}

TEST_HARNESS_MAIN
