// SPDX-License-Identifier: GPL-2.0
/*
 * An open file is the task of the memory that opened it and of no other: a
 * forked child and a receiver of the descriptor get EPERM, the file of a
 * process that called exec ESTALE; threads and vfork children, which share
 * the memory, may use it (negative tests N33, N36).
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "lib/fixture.h"

/* What the descriptor says to this process: 0 or an errno. */
static int ask(int fd, unsigned long command, size_t size)
{
	__u32 argument[64] = { size };

	return ioctl(fd, command, argument) < 0 ? errno : 0;
}

/* The same error from all commands, or -1. */
static int ask_all(int fd)
{
	int error = ask(fd, MACH_IOC_TASK_SELF, sizeof(struct mach_ioc_name));

	if (ask(fd, MACH_IOC_MSG, sizeof(struct mach_ioc_msg)) != error ||
	    ask(fd, MACH_IOC_REPLY_PORT, sizeof(struct mach_ioc_name)) !=
	    error ||
	    ask(fd, MACH_IOC_GET_BOOTSTRAP, sizeof(struct mach_ioc_name)) !=
	    error ||
	    ask(fd, MACH_IOC_SET_BOOTSTRAP, sizeof(struct mach_ioc_name)) !=
	    error ||
	    ask(fd, MACH_IOC_PORT_ALLOCATE, sizeof(struct mach_ioc_port)) !=
	    error ||
	    ask(fd, MACH_IOC_PORT_TYPE, sizeof(struct mach_ioc_port)) !=
	    error ||
	    ask(fd, MACH_IOC_PORT_INSERT_RIGHT,
		sizeof(struct mach_ioc_insert)) != error ||
	    ask(fd, MACH_IOC_PORT_REQUEST_NOTIFICATION,
		sizeof(struct mach_ioc_notification)) != error)
		return -1;
	return error;
}

TEST_F(mach, N33_forked_child)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(ask_all(self->task.fd));
	EXPECT_EQ(EPERM, WEXITSTATUS(mt_wait_pid(pid)));
	EXPECT_EQ(0, ask(self->task.fd, MACH_IOC_TASK_SELF,
			 sizeof(struct mach_ioc_name)));
}

TEST_F(mach, N33_child_after_parents_death)
{
	int channel[2];
	pid_t pid;

	mt_must(pipe(channel));
	pid = fork();
	if (pid == 0) {
		struct mt_task task;
		pid_t grandchild;

		mt_open(&task);
		grandchild = fork();
		if (grandchild)
			_exit(0);
		while (ask_all(task.fd) == EPERM)
			mt_sleep(5);
		mt_tell(channel[1], ask_all(task.fd));
		_exit(0);
	}
	mt_must(mt_wait_pid(pid));
	EXPECT_EQ((__u64)ESTALE, mt_await(channel[0]));
}

static void send_descriptor(int socket, int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .header = {
		.cmsg_len = CMSG_LEN(sizeof(int)),
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS,
	} };
	struct iovec byte = { .iov_base = "x", .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &byte,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	mt_check(sendmsg(socket, &message, 0) == 1);
}

static int receive_descriptor(int socket)
{
	char room[CMSG_SPACE(sizeof(int))] = "", byte;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = sizeof(room),
	};
	int fd;

	mt_check(recvmsg(socket, &message, 0) == 1);
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

TEST_F(mach, N33_passed_descriptor)
{
	int sockets[2];
	pid_t pid;

	mt_must(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	pid = mt_fork();
	if (pid == 0)
		_exit(ask_all(receive_descriptor(sockets[1])));
	send_descriptor(sockets[0], self->task.fd);
	EXPECT_EQ(EPERM, WEXITSTATUS(mt_wait_pid(pid)));
}

TEST_F(mach, N33_sender_of_the_descriptor_keeps_it)
{
	int sockets[2], copy;

	mt_must(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	send_descriptor(sockets[0], self->task.fd);
	copy = receive_descriptor(sockets[1]);
	EXPECT_EQ(0, ask_all(copy));
}

TEST_F(mach, N36_vfork_child_does_not_kill_the_task)
{
	/* The memory of a vfork child is ours until it calls exec. */
	pid_t pid = vfork();

	if (pid == 0) {
		execlp("sleep", "sleep", "100", NULL);
		_exit(127);
	}
	ASSERT_LT(0, pid);
	EXPECT_EQ(0, ask_all(self->task.fd));
	kill(pid, SIGKILL);
	EXPECT_TRUE(WIFSIGNALED(mt_wait_pid(pid)));
	EXPECT_EQ(0, ask_all(self->task.fd));
}

TEST_F(mach, exec_makes_it_stale)
{
	int sockets[2], fd;
	pid_t pid;

	mt_must(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	pid = fork();
	if (pid == 0) {
		struct mt_task task;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		mt_open(&task);
		mt_must(fcntl(task.fd, F_SETFD, 0));
		send_descriptor(sockets[1], task.fd);
		execlp("sleep", "sleep", "100", NULL);
		_exit(127);
	}
	fd = receive_descriptor(sockets[0]);
	for (int tries = 0; tries < 400 && ask_all(fd) == EPERM; tries++)
		mt_sleep(5);
	EXPECT_EQ(ESTALE, ask_all(fd));
	kill(pid, SIGKILL);
	mt_wait_pid(pid);
	EXPECT_EQ(ESTALE, ask_all(fd));
}

static void *ask_in_thread(void *arg)
{
	return (void *)(long)ask_all(*(int *)arg);
}

TEST_F(mach, N36_thread)
{
	pthread_t thread;
	void *error;

	mt_must(pthread_create(&thread, NULL, ask_in_thread, &self->task.fd));
	mt_must(pthread_join(thread, &error));
	EXPECT_EQ(NULL, error);
}

static int ask_in_clone(void *arg)
{
	return ask_all(*(int *)arg);
}

TEST_F(mach, N36_process_with_the_same_memory)
{
	char *stack = mt_map(16);
	pid_t pid = clone(ask_in_clone, stack + 16 * MT_PAGE,
			  CLONE_VM | SIGCHLD, &self->task.fd);

	ASSERT_LT(0, pid);
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_EQ(0, ask_all(self->task.fd));
}

TEST_F(mach, N39_two_files_are_two_name_spaces)
{
	struct mt_task other;
	__u32 port = MACH_PORT_NULL;

	mt_open(&other);
	for (int i = 0; i < 100; i++)
		port = mt_port(&self->task);
	EXPECT_EQ(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE,
		  mt_types(&self->task, port));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(&other, port));
	EXPECT_EQ(KERN_INVALID_NAME, mt_deallocate(&other, port));
}

TEST_HARNESS_MAIN
