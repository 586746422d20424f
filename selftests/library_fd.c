// SPDX-License-Identifier: GPL-2.0
/*
 * libmach's calls between names and descriptors: Darwin's fileports with
 * Darwin's results, descriptors to wait with and descriptors of rights
 * (design 1).
 */
#include <errno.h>
#include <fcntl.h>
#include <mach/mach.h>
#include <poll.h>
#include <sys/fileport.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/descriptors.h"
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

static mach_port_type_t type_of(mach_port_t name)
{
	mach_port_type_t type = MACH_PORT_TYPE_NONE;

	mach_port_type(mach_task_self(), name, &type);
	return type;
}

static void send(mach_port_t port)
{
	mach_msg_header_t head = {
		.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
		.msgh_remote_port = port,
		.msgh_id = 9,
	};

	mt_must(mach_msg(&head, MACH_SEND_MSG, sizeof(head), 0, MACH_PORT_NULL,
			 0, MACH_PORT_NULL));
}

static bool received(mach_port_t port)
{
	mach_msg_header_t head;

	return mach_msg(&head, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0,
			sizeof(head), port, 0, MACH_PORT_NULL) ==
	       MACH_MSG_SUCCESS && head.msgh_id == 9;
}

/* ---- fileports ---- */

TEST_F(mach, fileport)
{
	fileport_t port = MACH_PORT_NULL;
	int ends[2], fd;
	char byte;

	mt_must(pipe2(ends, O_CLOEXEC | O_NONBLOCK));
	ASSERT_EQ(0, fileport_makeport(ends[1], &port));
	EXPECT_EQ(MACH_PORT_TYPE_SEND, type_of(port));
	mt_must(close(ends[1]));
	fd = fileport_makefd(port);
	ASSERT_LE(0, fd);
	EXPECT_TRUE(mt_closes_on_exec(fd));
	EXPECT_EQ(1, write(fd, "d", 1));
	EXPECT_EQ(1, read(ends[0], &byte, 1));
	mt_must(close(fd));
	EXPECT_EQ(-1, read(ends[0], &byte, 1));
	mt_must(mach_port_deallocate(mach_task_self(), port));
	EXPECT_EQ(0, read(ends[0], &byte, 1));
}

TEST_F(mach, fileport_errors)
{
	fileport_t port = 77;
	struct rlimit limit;
	int fd = dup(1);

	mt_check(fd >= 0);
	EXPECT_EQ(-1, fileport_makeport(-1, &port));
	EXPECT_EQ(EBADF, errno);
	EXPECT_EQ(-1, fileport_makeport(mach_device_fd(), &port));
	EXPECT_EQ(EINVAL, errno);
	mt_set_param("max_user_files", 0);
	EXPECT_EQ(-1, fileport_makeport(1, &port));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(77U, port);
	EXPECT_EQ(-1, fileport_makefd(MACH_PORT_NULL));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, fileport_makefd(new_port()));
	EXPECT_EQ(EINVAL, errno);
	mt_set_param("max_user_files", 10);
	ASSERT_EQ(0, fileport_makeport(1, &port));
	mt_must(getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = 3;
	mt_must(setrlimit(RLIMIT_NOFILE, &limit));
	EXPECT_EQ(-1, fileport_makefd(port));
	EXPECT_EQ(EMFILE, errno);
}

/* ---- waiting ---- */

TEST_F(mach, poll_fd)
{
	mach_port_t port = new_port(), set;
	int fd = -1, of_set = -1;

	ASSERT_EQ(KERN_SUCCESS,
		  mach_port_poll_fd(port, MACH_FD_CLOEXEC, &fd));
	EXPECT_TRUE(mt_closes_on_exec(fd));
	EXPECT_EQ(0, mt_revents(fd));
	send(port);
	EXPECT_EQ(MT_READY, mt_revents(fd));
	EXPECT_TRUE(received(port));
	EXPECT_EQ(0, mt_revents(fd));
	mt_must(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_PORT_SET,
				   &set));
	ASSERT_EQ(KERN_SUCCESS, mach_port_poll_fd(set, 0, &of_set));
	EXPECT_FALSE(mt_closes_on_exec(of_set));
	mt_must(mach_port_move_member(mach_task_self(), port, set));
	send(port);
	EXPECT_EQ(MT_READY, mt_revents(of_set));
	EXPECT_EQ(POLLERR, mt_revents(fd));
	mt_must(mach_port_destroy(mach_task_self(), port));
	EXPECT_EQ(POLLHUP, mt_revents(fd));
	EXPECT_EQ(0, mt_revents(of_set));
}

TEST_F(mach, poll_fd_errors)
{
	int fd = 77;

	EXPECT_EQ(KERN_INVALID_NAME, mach_port_poll_fd(MACH_PORT_NULL, 0, &fd));
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mach_port_poll_fd(mach_task_self(), 0, &fd));
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  mach_port_poll_fd(new_port(), MACH_FD_MOVE, &fd));
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  mach_port_poll_fd(new_port(), O_CLOEXEC, &fd));
	EXPECT_EQ(77, fd);
}

/* ---- rights ---- */

TEST_F(mach, right)
{
	mach_port_t port = new_port(), name = MACH_PORT_NULL;
	int copy = -1, moved = -1, status;
	pid_t child;

	ASSERT_EQ(KERN_SUCCESS, mach_port_to_fd(port, MACH_FD_CLOEXEC, &copy));
	ASSERT_EQ(KERN_SUCCESS, mach_port_to_fd(port, MACH_FD_MOVE, &moved));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, type_of(port));
	/* A child's own task, which has no name of the parent's. */
	child = fork();
	if (!child) {
		_exit(mach_port_from_fd(moved, &name) != KERN_SUCCESS ||
		      type_of(name) != MACH_PORT_TYPE_SEND ||
		      (send(name), 0));
	}
	mt_check(waitpid(child, &status, 0) == child);
	EXPECT_EQ(0, status);
	EXPECT_TRUE(received(port));
	EXPECT_EQ(KERN_SUCCESS, mach_port_from_fd(copy, &name));
	EXPECT_EQ(port, name);
	mt_must(mach_port_mod_refs(mach_task_self(), port,
				   MACH_PORT_RIGHT_RECEIVE, -1));
	EXPECT_EQ(KERN_INVALID_CAPABILITY, mach_port_from_fd(copy, &name));
	EXPECT_EQ(port, name);
}

TEST_F(mach, right_errors)
{
	mach_port_t name = 77;
	fileport_t port;
	int fd = 77;

	EXPECT_EQ(KERN_INVALID_ARGUMENT, mach_port_from_fd(-1, &name));
	EXPECT_EQ(KERN_INVALID_ARGUMENT, mach_port_from_fd(1, &name));
	EXPECT_EQ(77U, name);
	ASSERT_EQ(0, fileport_makeport(1, &port));
	EXPECT_EQ(KERN_INVALID_ARGUMENT, mach_port_to_fd(port, 0, &fd));
	EXPECT_EQ(KERN_INVALID_NAME, mach_port_to_fd(MACH_PORT_NULL, 0, &fd));
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mach_port_to_fd(mach_reply_port(), 0, &fd));
	EXPECT_EQ(77, fd);
}

TEST_HARNESS_MAIN
