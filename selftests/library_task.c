// SPDX-License-Identifier: GPL-2.0
/*
 * libmach's calls on tasks: the self ports, special and registered ports, and
 * port calls on another task, whose right comes from its file (spec 2;
 * design 1).
 */
#include <fcntl.h>
#include <mach/mach.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/fixture.h"

static mach_port_t new_port(void)
{
	mach_port_t port;

	mt_must(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE,
				   &port));
	mt_must(mach_port_insert_right(mach_task_self(), port, port,
				       MACH_MSG_TYPE_MAKE_SEND));
	return port;
}

static mach_port_urefs_t send_refs(mach_port_t name)
{
	mach_port_urefs_t refs = 0;

	mt_must(mach_port_get_refs(mach_task_self(), name,
				   MACH_PORT_RIGHT_SEND, &refs));
	return refs;
}

static mach_port_type_t type_of(mach_port_t name)
{
	mach_port_type_t type = MACH_PORT_TYPE_NONE;

	mach_port_type(mach_task_self(), name, &type);
	return type;
}

static mach_port_t special(mach_port_t task, int which)
{
	mach_port_t port = 99;

	mt_must(task_get_special_port(task, which, &port));
	return port;
}

static void *thread_port(void *unused)
{
	(void)unused;
	return (void *)(uintptr_t)mach_thread_self();
}

TEST_F(mach, each_trap_adds_a_reference)
{
	mach_port_t host = mach_host_self(), thread = mach_thread_self();
	mach_port_t task = (mach_task_self)(), other_thread;
	pthread_t other;
	void *result;

	EXPECT_NE(host, thread);
	EXPECT_NE(host, task);
	EXPECT_NE(thread, task);
	EXPECT_EQ(mach_task_self(), task);
	EXPECT_EQ(1U, send_refs(host));
	EXPECT_EQ(1U, send_refs(thread));
	EXPECT_EQ(2U, send_refs(task));
	EXPECT_EQ(host, mach_host_self());
	EXPECT_EQ(thread, mach_thread_self());
	EXPECT_EQ(2U, send_refs(host));
	EXPECT_EQ(2U, send_refs(thread));
	mt_must(pthread_create(&other, NULL, thread_port, NULL));
	mt_must(pthread_join(other, &result));
	other_thread = (mach_port_t)(uintptr_t)result;
	EXPECT_NE(MACH_PORT_NULL, other_thread);
	EXPECT_NE(thread, other_thread);
}

TEST_F(mach, special_ports)
{
	mach_port_t task = mach_task_self(), port = new_port(), found = 99;

	EXPECT_EQ(task, special(task, TASK_KERNEL_PORT));
	EXPECT_EQ(MACH_PORT_NULL, special(task, TASK_EXCEPTION_PORT));
	EXPECT_EQ(KERN_SUCCESS, task_set_exception_port(task, port));
	EXPECT_EQ(KERN_SUCCESS, task_set_bootstrap_port(task, port));
	EXPECT_EQ(1U, send_refs(port));
	EXPECT_EQ(KERN_SUCCESS, task_get_exception_port(task, &found));
	EXPECT_EQ(port, found);
	EXPECT_EQ(KERN_SUCCESS, task_get_bootstrap_port(task, &found));
	EXPECT_EQ(port, found);
	EXPECT_EQ(3U, send_refs(port));
	EXPECT_EQ(KERN_SUCCESS, task_set_exception_port(task, MACH_PORT_NULL));
	EXPECT_EQ(MACH_PORT_NULL, special(task, TASK_EXCEPTION_PORT));
	found = 99;
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  task_get_special_port(task, 2, &found));
	EXPECT_EQ(99U, found);
	EXPECT_EQ(KERN_INVALID_ARGUMENT, task_set_special_port(task, 5, port));
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  task_get_special_port(task, -1, &found));
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  task_get_bootstrap_port(MACH_PORT_NULL, &found));
}

/* The trap follows the special port; the macro is the task as it was. */
TEST_F(mach, kernel_port_can_be_replaced)
{
	mach_port_t task = mach_task_self(), port = new_port();

	EXPECT_EQ(KERN_SUCCESS, task_set_kernel_port(task, port));
	EXPECT_EQ(port, (mach_task_self)());
	EXPECT_EQ(task, mach_task_self());
	EXPECT_EQ(2U, send_refs(port));
}

TEST_F(mach, bootstrap_port_of_one_task_only)
{
	mach_port_t port = new_port(), other;

	mt_must(mach_task_for_file(self->task.fd, &other));
	EXPECT_EQ(KERN_SUCCESS, mach_set_instance_bootstrap(port));
	EXPECT_EQ(port, special(mach_task_self(), TASK_BOOTSTRAP_PORT));
	EXPECT_EQ(port, special(other, TASK_BOOTSTRAP_PORT));
	EXPECT_EQ(KERN_SUCCESS, task_set_bootstrap_port(other, MACH_PORT_NULL));
	EXPECT_EQ(MACH_PORT_NULL, special(other, TASK_BOOTSTRAP_PORT));
	EXPECT_EQ(port, special(mach_task_self(), TASK_BOOTSTRAP_PORT));
}

TEST_F(mach, registered_ports)
{
	mach_port_t task = mach_task_self(), mine[5], *ports;
	mach_msg_type_number_t count;

	for (int i = 0; i < 5; i++)
		mine[i] = new_port();
	EXPECT_EQ(KERN_SUCCESS, mach_ports_register(task, mine, 4));
	EXPECT_EQ(KERN_INVALID_ARGUMENT, mach_ports_register(task, mine, 5));
	ASSERT_EQ(KERN_SUCCESS, mach_ports_lookup(task, &ports, &count));
	ASSERT_EQ(4U, count);
	for (int i = 0; i < 4; i++) {
		EXPECT_EQ(mine[i], ports[i]);
		EXPECT_EQ(2U, send_refs(mine[i]));
	}
	EXPECT_EQ(KERN_SUCCESS, mach_ports_register(task, mine + 4, 1));
	ASSERT_EQ(KERN_SUCCESS, mach_ports_lookup(task, &ports, &count));
	ASSERT_EQ(4U, count);
	EXPECT_EQ(mine[4], ports[0]);
	for (int i = 1; i < 4; i++)
		EXPECT_EQ(MACH_PORT_NULL, ports[i]);
	EXPECT_EQ(KERN_SUCCESS, mach_ports_register(task, NULL, 0));
}

TEST_F(mach, right_for_the_task_of_a_file)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	mach_port_t task = 99, again;

	EXPECT_EQ(KERN_INVALID_ARGUMENT, mach_task_for_file(-1, &task));
	EXPECT_EQ(KERN_INVALID_ARGUMENT, mach_task_for_file(null, &task));
	EXPECT_EQ(99U, task);
	EXPECT_EQ(KERN_SUCCESS, mach_task_for_file(mach_device_fd(), &task));
	EXPECT_EQ(mach_task_self(), task);
	EXPECT_EQ(KERN_SUCCESS, mach_task_for_file(self->task.fd, &task));
	EXPECT_EQ(KERN_SUCCESS, mach_task_for_file(self->task.fd, &again));
	EXPECT_NE(mach_task_self(), task);
	EXPECT_EQ(task, again);
	EXPECT_EQ(2U, send_refs(task));
	close(null);
}

/* Names in task are seen by ioctl, in self->task: the same name space. */
TEST_F(mach, port_calls_on_another_task)
{
	mach_port_t task, port = new_port(), name, poly;
	mach_port_status_t status;
	mach_msg_type_name_t type;

	mt_must(mach_task_for_file(self->task.fd, &task));
	EXPECT_EQ(KERN_SUCCESS,
		  mach_port_allocate(task, MACH_PORT_RIGHT_RECEIVE, &name));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(&self->task, name));
	EXPECT_EQ(KERN_SUCCESS, mach_port_set_qlimit(task, name, 3));
	EXPECT_EQ(KERN_SUCCESS,
		  mach_port_get_receive_status(task, name, &status));
	EXPECT_EQ(3U, status.mps_qlimit);
	/* A right of ours goes in, one of theirs comes out. */
	EXPECT_EQ(KERN_SUCCESS,
		  mach_port_insert_right(task, 0x5555, port,
					 MACH_MSG_TYPE_MOVE_SEND));
	EXPECT_EQ(MACH_PORT_TYPE_SEND, mt_types(&self->task, 0x5555));
	EXPECT_EQ(KERN_SUCCESS,
		  mach_port_extract_right(task, 0x5555,
					  MACH_MSG_TYPE_MOVE_SEND, &poly,
					  &type));
	EXPECT_EQ(port, poly);
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(&self->task, 0x5555));
	EXPECT_EQ(KERN_SUCCESS, mach_port_rename(task, name, 0x6666));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(&self->task, 0x6666));
	EXPECT_EQ(KERN_SUCCESS, mach_port_destroy(task, 0x6666));
	EXPECT_EQ(KERN_INVALID_NAME, mach_port_destroy(task, 0x6666));
}

/* The descriptor number of a child's task, and a port of the child. */
struct offer {
	__u64 fd, port;
};

static pid_t start_child(struct offer *offer)
{
	int pipes[2];
	pid_t pid;

	mt_must(pipe2(pipes, O_CLOEXEC));
	pid = mt_fork();
	if (pid == 0) {
		mach_msg_header_t header;
		mach_port_t port;

		mt_must(mach_port_allocate(mach_task_self(),
					   MACH_PORT_RIGHT_RECEIVE, &port));
		mt_tell(pipes[1], (__u64)mach_device_fd());
		mt_tell(pipes[1], port);
		mt_must(mach_msg(&header, MACH_RCV_MSG, 0, sizeof(header),
				 port, MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL));
		_exit(header.msgh_id);
	}
	offer->fd = mt_await(pipes[0]);
	offer->port = mt_await(pipes[0]);
	close(pipes[0]);
	close(pipes[1]);
	return pid;
}

/* A copy of another process's descriptor; the kernel checks for ptrace. */
static int take_descriptor(pid_t pid, __u64 fd)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	int copy = (int)syscall(SYS_pidfd_getfd, pidfd, (int)fd, 0);

	mt_check(pidfd >= 0 && copy >= 0);
	close(pidfd);
	return copy;
}

TEST_F(mach, task_of_another_process)
{
	mach_msg_header_t header = {
		.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND, 0),
		.msgh_id = 42,
	};
	mach_port_t task, port, again = 99;
	mach_msg_type_name_t type;
	struct offer offer;
	pid_t pid;
	int fd;

	pid = start_child(&offer);
	fd = take_descriptor(pid, offer.fd);
	ASSERT_EQ(KERN_SUCCESS, mach_task_for_file(fd, &task));
	ASSERT_EQ(KERN_SUCCESS,
		  mach_port_extract_right(task, (mach_port_t)offer.port,
					  MACH_MSG_TYPE_MAKE_SEND, &port,
					  &type));
	header.msgh_remote_port = port;
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mach_msg(&header, MACH_SEND_MSG, sizeof(header), 0,
			   MACH_PORT_NULL, MACH_MSG_TIMEOUT_NONE,
			   MACH_PORT_NULL));
	EXPECT_EQ(42, WEXITSTATUS(mt_wait_pid(pid)));
	/* The process is dead and with it its task, though we hold the file. */
	EXPECT_EQ(KERN_FAILURE, mach_task_for_file(fd, &again));
	EXPECT_EQ(99U, again);
	while (type_of(task) != MACH_PORT_TYPE_DEAD_NAME)
		mt_sleep(1);
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  mach_port_allocate(task, MACH_PORT_RIGHT_RECEIVE, &port));
	close(fd);
}

TEST_HARNESS_MAIN
