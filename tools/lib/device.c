// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/*
 * This process's task: the descriptor of /dev/mach, and the task's own name.
 *
 * Opened by the first call, once per process.  A forked child must not use
 * its parent's task (the kernel answers EPERM) and should not keep it open.
 * If the parent has a task the child opens its own within fork(): later the
 * parent may have died or changed the special and registered ports, of which
 * the child is to have those of the time of the fork.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mach/linux.h>
#include <mach/mach_init.h>
#include <mach/mach_traps.h>

#include "internal.h"

#define DEVICE	"/dev/mach"

/* Both written under the lock, read without it. */
_Atomic int libmach_fd = -1;
static _Atomic mach_port_t self_name;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool complained;		/* lock: at most one line per process */
static dev_t device_number;	/* lock: what libmach_fd should refer to */
static int no_task;		/* lock: errno if this process can have none */
static int module_version;	/* lock: of the ABI, if it is not ours */
static int cancel_state;	/* lock: of the thread that has it */

/* Not to be cancelled with the lock held. */
static void take_lock(void)
{
	int state;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	pthread_mutex_lock(&lock);
	cancel_state = state;
}

static void drop_lock(void)
{
	int state = cancel_state;

	pthread_mutex_unlock(&lock);
	pthread_setcancelstate(state, NULL);
}

/* Returns 0, or a negative errno. */
static int check_device(int fd)
{
	struct stat st;
	int version = ioctl(fd, MACH_IOC_VERSION);

	if (version < 0)
		return -errno;
	if (version != MACH_ABI_VERSION) {
		module_version = version;
		return -EPROTONOSUPPORT;
	}
	if (fstat(fd, &st))
		return -errno;
	device_number = st.st_rdev;
	return 0;
}

/* Returns the descriptor, or a negative errno. */
static int open_device_locked(void)
{
	int fd = atomic_load(&libmach_fd);
	int error;

	if (fd >= 0)
		return fd;
	if (no_task)
		return -no_task;
	fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	error = check_device(fd);
	if (error) {
		close(fd);
		return error;
	}
	atomic_store_explicit(&libmach_fd, fd, memory_order_release);
	return fd;
}

/* The program may have closed our descriptor and reused its number. */
static bool is_device(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISCHR(st.st_mode) &&
	       st.st_rdev == device_number;
}

/*
 * A child that cannot open the device has no task for good: one that came
 * later would lack what it should have inherited.  If the parent's task is
 * dead there is nothing to inherit, and the child's is as good as any.
 */
static void inherit_task_locked(int parent)
{
	struct mach_ioc_file call = { .size = sizeof(call), .fd = parent };
	int fd = open_device_locked();

	if (fd >= 0)
		ioctl(fd, MACH_IOC_INHERIT, &call);
	else
		no_task = -fd;
}

static void before_fork(void)
{
	take_lock();
	if (atomic_load(&libmach_fd) >= 0)
		libmach_fork_begin();
}

static void after_fork_parent(void)
{
	if (atomic_load(&libmach_fd) >= 0)
		libmach_fork_wait();
	drop_lock();
}

/* Only what is safe in a signal handler: other threads held their locks. */
static void after_fork_child(void)
{
	int parent = atomic_load(&libmach_fd);

	atomic_store(&libmach_fd, -1);
	atomic_store(&self_name, MACH_PORT_NULL);
	libmach_forget_reply_port();
	if (parent >= 0) {
		if (is_device(parent)) {
			inherit_task_locked(parent);
			close(parent);
		}
		libmach_fork_go_on();
	}
	drop_lock();
}

/* Before main(): a program's own handlers then run after ours in a child. */
__attribute__((constructor)) static void watch_forks(void)
{
	no_task = pthread_atfork(before_fork, after_fork_parent,
				 after_fork_child);
}

static void complain_locked(int error)
{
	if (complained)
		return;
	complained = true;
	if (error == EPROTONOSUPPORT)
		fprintf(stderr, "libmach: the module behind " DEVICE
			" speaks ABI version %d, this library %d;"
			" install a newer %s\n", module_version,
			MACH_ABI_VERSION, module_version > MACH_ABI_VERSION ?
			"libmach" : "module mach");
	else
		fprintf(stderr, "libmach: " DEVICE ": %s%s\n", strerror(error),
			error == ENOENT ? " (is the module mach loaded?)" : "");
}

static int open_device(bool complain)
{
	int fd;

	take_lock();
	fd = open_device_locked();
	if (fd < 0 && complain)
		complain_locked(-fd);
	drop_lock();
	if (fd < 0) {
		errno = -fd;
		return -1;
	}
	return fd;
}

int libmach_open(void)
{
	return open_device(true);
}

int mach_device_fd(void)
{
	return open_device(false);
}

/* The lock, so that threads that race take one reference together. */
static mach_port_t learn_self_name(void)
{
	mach_port_t name;

	if (libmach_open() < 0)
		return MACH_PORT_NULL;
	take_lock();
	name = atomic_load(&self_name);
	if (name == MACH_PORT_NULL) {
		name = (mach_task_self)();
		atomic_store(&self_name, name);
	}
	drop_lock();
	return name;
}

mach_port_t __mach_task_self(void)
{
	mach_port_t name = atomic_load_explicit(&self_name,
						memory_order_relaxed);

	if (__builtin_expect(name != MACH_PORT_NULL, 1))
		return name;
	return learn_self_name();
}
