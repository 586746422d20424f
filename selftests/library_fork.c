// SPDX-License-Identifier: GPL-2.0
/*
 * A child of fork() has a task of its own, with copies of the special and the
 * registered ports of its parent's, and nothing else of it (design 1).
 */
#include <errno.h>
#include <fcntl.h>
#include <mach/mach.h>
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/fixture.h"

#define BUSY_THREADS	3
#define BUSY_FORKS	20
#define DAEMONS		20

static mach_port_t new_port(void)
{
	mach_port_t port;

	mt_must(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE,
				   &port));
	mt_must(mach_port_insert_right(mach_task_self(), port, port,
				       MACH_MSG_TYPE_MAKE_SEND));
	return port;
}

static mach_port_type_t type_of(mach_port_t name)
{
	mach_port_type_t type = MACH_PORT_TYPE_NONE;

	mach_port_type(mach_task_self(), name, &type);
	return type;
}

static mach_port_t special(int which)
{
	mach_port_t port = 99;

	mt_must(task_get_special_port(mach_task_self(), which, &port));
	return port;
}

static mach_port_t registered(unsigned int slot)
{
	mach_msg_type_number_t count;
	mach_port_t *ports;

	mt_must(mach_ports_lookup(mach_task_self(), &ports, &count));
	mt_check(slot < count);
	return ports[slot];
}

static void send(mach_port_t port, mach_msg_id_t id)
{
	mach_msg_header_t header = {
		.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
		.msgh_remote_port = port,
		.msgh_id = id,
	};

	mt_must(mach_msg(&header, MACH_SEND_MSG, sizeof(header), 0,
			 MACH_PORT_NULL, MACH_MSG_TIMEOUT_NONE,
			 MACH_PORT_NULL));
}

/* The id of the next message; 0 if the queue is empty. */
static mach_msg_id_t next_id(mach_port_t port)
{
	mach_msg_header_t header;
	mach_msg_return_t mr = mach_msg(&header, MACH_RCV_MSG |
					MACH_RCV_TIMEOUT, 0, sizeof(header),
					port, 0, MACH_PORT_NULL);

	mt_check(mr == MACH_MSG_SUCCESS || mr == MACH_RCV_TIMED_OUT);
	return mr ? 0 : header.msgh_id;
}

/* How many descriptors of the device this process has. */
static unsigned int devices_open(void)
{
	struct stat device, st;
	unsigned int count = 0;

	mt_must(stat("/dev/mach", &device));
	for (int fd = 0; fd < 64; fd++)
		count += !fstat(fd, &st) && S_ISCHR(st.st_mode) &&
			 st.st_rdev == device.st_rdev;
	return count;
}

static void set_ports(mach_port_t exception, mach_port_t bootstrap,
		      mach_port_t registered_port)
{
	mach_port_t task = mach_task_self();
	mach_port_t ports[2] = { MACH_PORT_NULL, registered_port };

	mt_must(task_set_exception_port(task, exception));
	mt_must(task_set_bootstrap_port(task, bootstrap));
	mt_must(mach_ports_register(task, ports, 2));
}

/* What a child does that inherited the ports of set_ports(). */
static void send_to_inherited(mach_msg_id_t id)
{
	send(special(TASK_EXCEPTION_PORT), id);
	send(special(TASK_BOOTSTRAP_PORT), id + 1);
	mt_check(registered(0) == MACH_PORT_NULL);
	send(registered(1), id + 2);
}

TEST_F(mach, own_task)
{
	unsigned int devices;
	mach_port_t port;
	pid_t pid;

	for (int i = 0; i < 50; i++)
		port = new_port();
	devices = devices_open();
	pid = fork();
	if (pid == 0) {
		/* Its own is open, the parent's is closed. */
		mt_check(devices_open() == devices);
		/* The parent's names mean nothing; own ones work. */
		mt_check(type_of(port) == MACH_PORT_TYPE_NONE);
		port = new_port();
		send(port, 1);
		mt_check(special(TASK_KERNEL_PORT) == mach_task_self());
		_exit(0);
	}
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_EQ(MACH_PORT_TYPE_SEND_RECEIVE, type_of(port));
}

TEST_F(mach, inherits_special_and_registered_ports)
{
	mach_port_t exception = new_port(), bootstrap = new_port();
	mach_port_t kept = new_port();
	pid_t pid;

	set_ports(exception, bootstrap, kept);
	pid = fork();
	if (pid == 0) {
		send_to_inherited(10);
		_exit(0);
	}
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_EQ(10, next_id(exception));
	EXPECT_EQ(11, next_id(bootstrap));
	EXPECT_EQ(12, next_id(kept));
}

TEST_F(mach, grandchild_inherits_too)
{
	mach_port_t exception = new_port(), bootstrap = new_port();
	mach_port_t kept = new_port();
	pid_t pid;

	set_ports(exception, bootstrap, kept);
	pid = fork();
	if (pid == 0) {
		/* The child itself uses no port. */
		pid = fork();
		if (pid == 0)
			send_to_inherited(20);
		else
			mt_must(mt_wait_pid(pid));
		_exit(0);
	}
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_EQ(20, next_id(exception));
	EXPECT_EQ(21, next_id(bootstrap));
	EXPECT_EQ(22, next_id(kept));
}

TEST_F(mach, copies_not_the_same_slots)
{
	mach_port_t old = new_port(), new = new_port();
	int pipes[2];
	pid_t pid;

	mt_must(pipe2(pipes, O_CLOEXEC));
	set_ports(old, old, old);
	pid = fork();
	if (pid == 0) {
		mt_await(pipes[0]);
		send_to_inherited(30);
		set_ports(MACH_PORT_NULL, MACH_PORT_NULL, MACH_PORT_NULL);
		_exit(0);
	}
	set_ports(new, new, new);
	mt_tell(pipes[1], 1);
	EXPECT_EQ(0, mt_wait_pid(pid));
	for (mach_msg_id_t id = 30; id < 33; id++)
		EXPECT_EQ(id, next_id(old));
	EXPECT_EQ(new, special(TASK_EXCEPTION_PORT));
	EXPECT_EQ(new, special(TASK_BOOTSTRAP_PORT));
	EXPECT_EQ(new, registered(1));
}

/*
 * As daemon() does: the parent is gone as soon as it can be.  Its child has
 * inherited by then.
 */
TEST_F(mach, parent_that_exits_at_once)
{
	mach_port_t exception = new_port(), bootstrap = new_port();
	mach_port_t kept = new_port();
	mach_msg_id_t id;
	int status;
	pid_t pid;

	set_ports(exception, bootstrap, kept);
	mt_must(prctl(PR_SET_CHILD_SUBREAPER, 1));
	for (id = 50; id < 50 + 3 * DAEMONS; id += 3) {
		pid = fork();
		if (pid == 0) {
			if (fork() == 0)
				send_to_inherited(id);
			_exit(0);
		}
		EXPECT_EQ(0, mt_wait_pid(pid));
		ASSERT_LT(0, waitpid(-1, &status, 0));
		EXPECT_EQ(0, status);
		EXPECT_EQ(id, next_id(exception));
		EXPECT_EQ(id + 1, next_id(bootstrap));
		EXPECT_EQ(id + 2, next_id(kept));
	}
}

/* Without a task there is none to have copies of: nothing is opened. */
TEST_F(mach, parent_without_task)
{
	unsigned int devices = devices_open();
	pid_t pid = fork();

	if (pid == 0) {
		mt_check(devices_open() == devices);
		mt_check(special(TASK_EXCEPTION_PORT) == MACH_PORT_NULL);
		mt_check(devices_open() == devices + 1);
		_exit(0);
	}
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_EQ(devices, devices_open());
}

/* A descriptor may be had no more: then the child has no task, ever. */
TEST_F(mach, child_that_cannot_open)
{
	struct rlimit limit, none;
	pid_t pid;

	mt_check(mach_device_fd() >= 0);
	mt_must(getrlimit(RLIMIT_NOFILE, &limit));
	none = limit;
	none.rlim_cur = 1;
	mt_must(setrlimit(RLIMIT_NOFILE, &none));
	pid = fork();
	if (pid == 0) {
		mt_check(mach_device_fd() == -1 && errno == EMFILE);
		mt_must(setrlimit(RLIMIT_NOFILE, &limit));
		mt_check(mach_device_fd() == -1 && errno == EMFILE);
		mt_check(mach_task_self() == MACH_PORT_NULL);
		mt_check(mach_reply_port() == MACH_PORT_NULL);
		_exit(0);
	}
	mt_must(setrlimit(RLIMIT_NOFILE, &limit));
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_NE(MACH_PORT_NULL, mach_reply_port());
}

TEST_F(mach, inherits_once)
{
	mach_port_t task, kept = new_port();
	pid_t pid;

	mt_must(mach_task_for_file(self->task.fd, &task));
	mt_must(mach_ports_register(task, &kept, 1));
	EXPECT_EQ(KERN_NO_ACCESS, mach_inherit(self->task.fd));
	EXPECT_EQ(KERN_INVALID_ARGUMENT, mach_inherit(-1));
	EXPECT_EQ(KERN_INVALID_ARGUMENT, mach_inherit(STDIN_FILENO));
	pid = fork();
	if (pid == 0) {
		/* From the library's task already: once is all. */
		mt_check(mach_inherit(self->task.fd) == KERN_NO_ACCESS);
		mt_check(registered(0) == MACH_PORT_NULL);
		_exit(0);
	}
	EXPECT_EQ(0, mt_wait_pid(pid));
}

/* From a task that the parent opened without the library. */
TEST_F(mach, inherits_by_hand)
{
	struct mach_ioc_registered call = {
		.size = sizeof(call),
		.task = self->task.self,
		.count = 1,
	};
	struct mt_message message;
	pid_t pid;

	call.ports[0] = mt_port(&self->task);
	mt_must(mt_ioctl(&self->task, MACH_IOC_PORTS_REGISTER, &call));
	mt_must(call.ret);
	pid = fork();
	if (pid == 0) {
		mt_must(mach_inherit(self->task.fd));
		send(registered(0), 77);
		mt_check(mach_inherit(self->task.fd) == KERN_NO_ACCESS);
		_exit(0);
	}
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_EQ(0, mt_receive(&self->task, call.ports[0], &message, 0));
	EXPECT_EQ(77U, message.head.id);
}

#define INHERIT_FROM	"LIBRARY_FORK_INHERIT_FROM"

/* This program, started once more by the test below. */
__attribute__((constructor)) static void be_started(void)
{
	const char *fd = getenv(INHERIT_FROM);

	if (!fd)
		return;
	mt_check(special(TASK_EXCEPTION_PORT) == MACH_PORT_NULL);
	mt_must(mach_inherit(atoi(fd)));
	send_to_inherited(40);
	_exit(0);
}

/* No handler runs in a spawned process, and a new program has no task. */
TEST_F(mach, spawned_program_inherits_by_hand)
{
	mach_port_t exception = new_port(), bootstrap = new_port();
	char *argv[] = { "library_fork", NULL }, variable[64];
	char *environment[] = { variable, NULL };
	mach_port_t kept = new_port();
	pid_t pid;
	int fd;

	set_ports(exception, bootstrap, kept);
	fd = fcntl(mach_device_fd(), F_DUPFD, 20);
	mt_check(fd >= 20);
	snprintf(variable, sizeof(variable), INHERIT_FROM "=%d", fd);
	mt_must(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv,
			    environment));
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_EQ(40, next_id(exception));
	EXPECT_EQ(41, next_id(bootstrap));
	EXPECT_EQ(42, next_id(kept));
	close(fd);
}

static atomic_bool stop;

static void *be_busy(void *unused)
{
	while (!atomic_load(&stop)) {
		mach_port_t port = new_port();

		mt_must(mach_port_destroy(mach_task_self(), port));
	}
	return unused;
}

/* Other threads are anywhere in the library when one of them forks. */
TEST_F(mach, fork_while_threads_call)
{
	pthread_t threads[BUSY_THREADS];
	pid_t pid;

	for (int i = 0; i < BUSY_THREADS; i++)
		mt_must(pthread_create(&threads[i], NULL, be_busy, NULL));
	for (int i = 0; i < BUSY_FORKS; i++) {
		pid = fork();
		if (pid == 0) {
			mach_port_t port = new_port();

			send(port, i + 1);
			mt_check(next_id(port) == i + 1);
			_exit(0);
		}
		EXPECT_EQ(0, mt_wait_pid(pid));
	}
	atomic_store(&stop, true);
	for (int i = 0; i < BUSY_THREADS; i++)
		mt_must(pthread_join(threads[i], NULL));
}

static mach_port_t parent_task, seen_by_handler;

static void program_handler(void)
{
	seen_by_handler = mach_reply_port();
}

/* The library's handler is older than any of the program's. */
TEST_F(mach, handlers_of_the_program_come_after)
{
	pid_t pid;

	mt_must(pthread_atfork(NULL, NULL, program_handler));
	parent_task = mach_task_self();
	pid = fork();
	if (pid == 0) {
		mt_check(seen_by_handler != MACH_PORT_NULL);
		mt_check(type_of(seen_by_handler) == MACH_PORT_TYPE_RECEIVE);
		_exit(0);
	}
	EXPECT_EQ(0, mt_wait_pid(pid));
}

TEST_HARNESS_MAIN
