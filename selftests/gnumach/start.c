// SPDX-License-Identifier: GPL-2.0
/*
 * The start-up file of GNU Mach's own test programs on Linux: what their
 * tests/start.S, syscalls.S, testlib.c and testlib_thread_start.c do on the
 * bare kernel.  Threads are pthreads, the console is standard output, and
 * halting is a bad end of the process.
 *
 * Their headers testlib.h and syscalls.h, which declare all this, are
 * included as they are.  Links with libmach.
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <mach/linux.h>
#include <mach/mach_error.h>
#include <mach/mach_interface.h>
#include <mach/mach_port.h>
#include <mach/mach_traps.h>
#include <device/device_types.h>

const char *TEST_SUCCESS_MARKER = "gnumach-test-success";
const char *TEST_FAILURE_MARKER = "gnumach-test-failure";

static mach_port_t host, device_master;

/* GNU Mach gives a boot module two send rights, of different ports. */
__attribute__((constructor)) static void get_rights(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	host = mach_host_self();
	/* There is no master of devices: any right will do. */
	device_master = mach_thread_self();
}

mach_port_t host_priv(void)
{
	return host;
}

mach_port_t device_priv(void)
{
	return device_master;
}

void halt(void)
{
	fflush(stdout);
	_exit(1);
}

const char *e2s(int err)
{
	return mach_error_string(err);
}

/* Of the kernel, not of C: 0 is success. */
int printf(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	return 0;
}

void mach_print(const char *text)
{
	fputs(text, stdout);
}

int msleep(uint32_t timeout)
{
	return mach_msg_trap(NULL, MACH_RCV_MSG | MACH_RCV_TIMEOUT |
			     MACH_RCV_INTERRUPT, 0, 0, mach_reply_port(),
			     timeout, MACH_PORT_NULL);
}

struct start {
	void (*routine)(void *arg);
	void *arg;
	mach_port_t port;
	pthread_barrier_t started;
};

static void *run(void *arg)
{
	struct start *start = arg, copy = *start;

	start->port = mach_thread_self();
	pthread_barrier_wait(&start->started);
	/* start is gone now. */
	copy.routine(copy.arg);
	return NULL;
}

thread_t test_thread_start(task_t task, void (*routine)(void *), void *arg)
{
	struct start start = { .routine = routine, .arg = arg };
	pthread_t thread;

	(void)task;
	pthread_barrier_init(&start.started, NULL, 2);
	if (pthread_create(&thread, NULL, run, &start))
		halt();
	pthread_detach(thread);
	pthread_barrier_wait(&start.started);
	return start.port;
}

/* ---- system calls with a name of their own ---- */

kern_return_t syscall_vm_allocate(mach_port_t task, vm_offset_t *address,
				  vm_size_t size, boolean_t anywhere)
{
	return vm_allocate(task, address, size, anywhere);
}

kern_return_t syscall_vm_deallocate(mach_port_t task, vm_offset_t address,
				    vm_size_t size)
{
	return vm_deallocate(task, address, size);
}

kern_return_t syscall_mach_port_allocate(mach_port_t task,
					 mach_port_right_t right,
					 mach_port_t *name)
{
	return mach_port_allocate(task, right, name);
}

kern_return_t syscall_mach_port_deallocate(mach_port_t task, mach_port_t name)
{
	return mach_port_deallocate(task, name);
}

/* ---- devices, of which there are none ---- */

kern_return_t device_open(mach_port_t master, dev_mode_t mode,
			  const char *name, device_t *device)
{
	(void)master;
	(void)mode;
	(void)name;
	(void)device;
	return D_NO_SUCH_DEVICE;
}

kern_return_t device_map(device_t device, vm_prot_t prot, vm_offset_t offset,
			 vm_size_t size, mach_port_t *pager, int unmap)
{
	(void)device;
	(void)prot;
	(void)offset;
	(void)size;
	(void)pager;
	(void)unmap;
	return D_INVALID_OPERATION;
}
