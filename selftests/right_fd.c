// SPDX-License-Identifier: GPL-2.0
/*
 * A send right in a descriptor: counted as any, gone with the last copy, had
 * back under a name by whoever has the descriptor, over a socket or through
 * exec (design 1).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "lib/caller.h"
#include "lib/descriptors.h"
#include "lib/fixture.h"

/* A receive right whose senders are watched. */
struct watched {
	__u32 port, notify;
};

static void watch(struct watched *watched, const struct mt_task *task)
{
	watched->port = mt_port(task);
	watched->notify = mt_receive_right(task);
	mt_arm(task, watched->port, MACH_NOTIFY_NO_SENDERS, watched->notify);
}

static bool no_senders(const struct watched *watched,
		       const struct mt_task *task)
{
	return mt_notified(task, watched->notify, MACH_NOTIFY_NO_SENDERS, 1);
}

/* ---- in and out ---- */

TEST_F(mach, copy)
{
	const struct mt_task *task = &self->task;
	struct watched watched;
	int fd;

	watch(&watched, task);
	fd = mt_hold_right(task, watched.port);
	EXPECT_EQ(2ULL, mt_senders(task, watched.port));
	EXPECT_EQ(1U, mt_refs(task, watched.port, MACH_PORT_RIGHT_SEND));
	mt_must(mt_deallocate(task, watched.port));
	EXPECT_TRUE(mt_empty(task, watched.notify));
	EXPECT_EQ(1ULL, mt_senders(task, watched.port));
	mt_must(close(fd));
	EXPECT_TRUE(no_senders(&watched, task));
}

TEST_F(mach, move)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task), name;
	struct watched watched;
	struct mt_task other;
	int a, b;

	watch(&watched, task);
	mt_open(&other);
	name = mt_transfer(task, &other, watched.port, MACH_MSG_TYPE_MOVE_SEND);
	mt_must(mt_mod_refs(&other, name, MACH_PORT_RIGHT_SEND, 1));
	mt_must(mt_right_fd(&other, name, MACH_FD_MOVE, &a));
	EXPECT_EQ(1U, mt_refs(&other, name, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(2ULL, mt_senders(task, watched.port));
	notify = mt_receive_right(&other);
	mt_arm(&other, name, MACH_NOTIFY_DEAD_NAME, notify);
	mt_must(mt_right_fd(&other, name, MACH_FD_MOVE, &b));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(&other, name));
	EXPECT_TRUE(mt_notified(&other, notify, MACH_NOTIFY_PORT_DELETED,
				name));
	EXPECT_EQ(2ULL, mt_senders(task, watched.port));
	mt_must(close(a));
	EXPECT_TRUE(mt_empty(task, watched.notify));
	mt_must(close(b));
	EXPECT_TRUE(no_senders(&watched, task));
}

TEST_F(mach, names)
{
	const struct mt_task *task = &self->task;
	struct mt_task other, third;
	__u32 port = mt_port(task), name;
	int fd = mt_hold_right(task, port);

	/* Under the name that the task has for the port. */
	EXPECT_EQ(port, mt_take_right(task, fd));
	EXPECT_EQ(2U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(2ULL, mt_senders(task, port));
	mt_must(mt_mod_refs(task, port, MACH_PORT_RIGHT_SEND, -2));
	EXPECT_EQ(port, mt_take_right(task, fd));
	EXPECT_EQ(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE,
		  mt_types(task, port));
	/* Under a new one in others. */
	mt_open(&other);
	name = mt_take_right(&other, fd);
	EXPECT_EQ(MACH_PORT_TYPE_SEND, mt_types(&other, name));
	EXPECT_EQ(name, mt_take_right(&other, fd));
	EXPECT_EQ(2U, mt_refs(&other, name, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(3ULL, mt_senders(task, port));
	mt_must(close(fd));
	EXPECT_EQ(2ULL, mt_senders(task, port));
	mt_must(mt_send_id(&other, name, MACH_MSG_TYPE_COPY_SEND, 7));
	EXPECT_EQ(7U, mt_next(task, port));
	/* A descriptor of a descriptor's right. */
	mt_open(&third);
	name = mt_take_right(&third, mt_hold_right(&other, name));
	mt_must(mt_send_id(&third, name, MACH_MSG_TYPE_COPY_SEND, 8));
	EXPECT_EQ(8U, mt_next(task, port));
}

TEST_F(mach, most_references)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	int fd = mt_hold_right(task, port);

	mt_must(mt_mod_refs(task, port, MACH_PORT_RIGHT_SEND,
			    MACH_PORT_UREFS_SEND_MAX - 1));
	EXPECT_EQ(port, mt_take_right(task, fd));
	EXPECT_EQ((__u32)MACH_PORT_UREFS_SEND_MAX,
		  mt_refs(task, port, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(2ULL, mt_senders(task, port));
}

TEST_F(mach, module_ports)
{
	const struct mt_task *task = &self->task;
	struct mt_task other, remote = *task;
	__u32 host = mt_host_self(task), name;
	int fd;

	EXPECT_EQ(host, mt_take_right(task, mt_hold_right(task, host)));
	mt_open(&other);
	fd = mt_hold_right(&other, other.self);
	remote.self = mt_take_right(task, fd);
	name = mt_receive_right(&remote);
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(&other, name));
	/* It is a right for the task, and keeps none alive. */
	mt_close(&other);
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(tasks), 2));
	EXPECT_EQ(KERN_INVALID_CAPABILITY, mt_right_from_fd(task, fd, &name));
}

/* ---- the end of the port, of the maker ---- */

TEST_F(mach, dead_port)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), name;
	int fd = mt_hold_right(task, port), other;
	__u64 dead;

	ASSERT_TRUE(mt_fdinfo(fd, "mach-dead", &dead));
	EXPECT_EQ(0ULL, dead);
	mt_must(mt_mod_refs(task, port, MACH_PORT_RIGHT_RECEIVE, -1));
	EXPECT_EQ(KERN_INVALID_CAPABILITY, mt_right_from_fd(task, fd, &name));
	EXPECT_EQ(MACH_PORT_NULL, name);
	ASSERT_TRUE(mt_fdinfo(fd, "mach-dead", &dead));
	EXPECT_EQ(1ULL, dead);
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, mt_types(task, port));
	EXPECT_EQ(KERN_INVALID_RIGHT, mt_right_fd(task, port, 0, &other));
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mt_right_fd(task, port, MACH_FD_MOVE, &other));
	EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_DEAD_NAME));
}

TEST_F(mach, outlives_its_maker)
{
	const struct mt_task *task = &self->task;
	struct watched watched;
	struct mt_task other;
	int fd;

	watch(&watched, task);
	mt_open(&other);
	fd = mt_hold_right(&other, mt_transfer(task, &other, watched.port,
					       MACH_MSG_TYPE_MOVE_SEND));
	mt_close(&other);
	EXPECT_TRUE(mt_empty(task, watched.notify));
	EXPECT_EQ(watched.port, mt_take_right(task, fd));
	mt_must(mt_deallocate(task, watched.port));
	mt_must(close(fd));
	EXPECT_TRUE(no_senders(&watched, task));
}

/* A receive right that moves is still the same port. */
TEST_F(mach, port_moves)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), again;
	struct mt_task other;
	int fd;

	mt_make_send(task, port);
	mt_must(mt_right_fd(task, port, MACH_FD_MOVE, &fd));
	mt_open(&other);
	again = mt_transfer(task, &other, port, MACH_MSG_TYPE_MOVE_RECEIVE);
	EXPECT_EQ(again, mt_take_right(&other, fd));
	port = mt_take_right(task, fd);
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_MOVE_SEND, 3));
	EXPECT_EQ(3U, mt_next(&other, again));
}

/* ---- travelling ---- */

TEST_F(mach, every_copy_counts)
{
	const struct mt_task *task = &self->task;
	struct watched watched;
	int fd, copy, sockets[2];
	pid_t child;

	watch(&watched, task);
	mt_socket_pair(sockets);
	mt_must(mt_right_fd(task, watched.port, MACH_FD_MOVE, &fd));
	copy = dup(fd);
	child = mt_fork();
	if (!child) {
		close(fd);
		close(copy);
		_exit(0);
	}
	EXPECT_EQ(0, mt_wait_pid(child));
	mt_send_fd(sockets[0], fd);
	mt_must(close(fd));
	mt_must(close(copy));
	EXPECT_EQ(1ULL, mt_senders(task, watched.port));
	fd = mt_recv_fd(sockets[1]);
	EXPECT_TRUE(mt_empty(task, watched.notify));
	mt_must(close(fd));
	EXPECT_TRUE(no_senders(&watched, task));
	EXPECT_EQ(0ULL, mt_live(task, MT_LIVE(files)));
}

/* A process that has nothing but the socket. */
static void __attribute__((noreturn)) answer_on(int socket)
{
	int fd = mt_recv_fd(socket);
	struct mt_task task;

	mt_open(&task);
	mt_must(mt_send_id(&task, mt_take_right(&task, fd),
			   MACH_MSG_TYPE_MOVE_SEND, 44));
	_exit(0);
}

TEST_F(mach, over_a_socket)
{
	const struct mt_task *task = &self->task;
	struct watched watched;
	int sockets[2], fd;
	pid_t child;

	watch(&watched, task);
	mt_socket_pair(sockets);
	child = mt_fork();
	if (!child)
		answer_on(sockets[1]);
	mt_must(mt_right_fd(task, watched.port, MACH_FD_MOVE, &fd));
	mt_send_fd(sockets[0], fd);
	mt_must(close(fd));
	EXPECT_EQ(0, mt_wait_pid(child));
	EXPECT_EQ(44U, mt_next_of(task, watched.port, &watched.port));
	EXPECT_TRUE(no_senders(&watched, task));
}

/* What the program does that exec puts in the place of a child. */
static void __attribute__((noreturn)) after_exec(int fd)
{
	struct mt_task task;
	__u32 name;

	mt_open(&task);
	if (mt_right_from_fd(&task, fd, &name) != KERN_SUCCESS)
		exit(3);
	mt_must(mt_send_id(&task, name, MACH_MSG_TYPE_COPY_SEND, 55));
	exit(0);
}

static void __attribute__((constructor)) started(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[0], "after_exec"))
		after_exec(atoi(argv[1]));
}

static int exec_with(int fd)
{
	pid_t child = mt_fork();
	char number[16];

	if (!child) {
		snprintf(number, sizeof(number), "%d", fd);
		execl("/proc/self/exe", "after_exec", number, NULL);
		_exit(2);
	}
	return mt_wait_pid(child);
}

TEST_F(mach, through_exec)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	int stays, goes;

	mt_must(mt_right_fd(task, port, 0, &stays));
	goes = mt_hold_right(task, port);
	EXPECT_FALSE(mt_closes_on_exec(stays));
	EXPECT_TRUE(mt_closes_on_exec(goes));
	EXPECT_EQ(0, exec_with(stays));
	EXPECT_EQ(55U, mt_next(task, port));
	EXPECT_EQ(3, WEXITSTATUS(exec_with(goes)));
	EXPECT_EQ(MT_NOTHING, mt_next(task, port));
}

/* ---- what it is as a file ---- */

TEST_F(mach, nothing_else_to_do_with_it)
{
	int fd = mt_hold_right(&self->task, mt_port(&self->task));
	char byte = 0;

	EXPECT_EQ(-1, read(fd, &byte, 1));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, write(fd, &byte, 1));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, ioctl(fd, MACH_IOC_VERSION));
	EXPECT_EQ(ENOTTY, errno);
}

TEST_F(mach, fdinfo)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	__u64 of_right, of_poll, other;

	ASSERT_TRUE(mt_fdinfo(mt_hold_right(task, port), "mach-port",
			      &of_right));
	ASSERT_TRUE(mt_fdinfo(mt_watch(task, port), "mach-port", &of_poll));
	EXPECT_EQ(of_right, of_poll);
	ASSERT_TRUE(mt_fdinfo(mt_hold_right(task, mt_port(task)), "mach-port",
			      &other));
	EXPECT_NE(of_right, other);
}

/* ---- failing ---- */

TEST_F(mach, no_send_right)
{
	const struct mt_task *task = &self->task;
	unsigned int fds = mt_open_fds();
	__u32 port = mt_port(task);
	int fd;

	for (__u32 flags = 0; flags <= MACH_FD_MOVE; flags += MACH_FD_MOVE) {
		EXPECT_EQ(KERN_INVALID_NAME,
			  mt_right_fd(task, MT_UNUSED, flags, &fd));
		EXPECT_EQ(KERN_INVALID_NAME, mt_right_fd(task, 0, flags, &fd));
		EXPECT_EQ(KERN_INVALID_RIGHT,
			  mt_right_fd(task, mt_receive_right(task), flags,
				      &fd));
		EXPECT_EQ(KERN_INVALID_RIGHT,
			  mt_right_fd(task, mt_set(task), flags, &fd));
		EXPECT_EQ(KERN_INVALID_RIGHT,
			  mt_right_fd(task, mt_make_send_once(task, port),
				      flags, &fd));
		EXPECT_EQ(KERN_INVALID_RIGHT,
			  mt_right_fd(task, mt_dead_name(task), flags, &fd));
	}
	EXPECT_EQ(fds, mt_open_fds());
	EXPECT_EQ(0ULL, mt_live(task, MT_LIVE(files)));
}

TEST_F(mach, no_such_descriptor)
{
	const struct mt_task *task = &self->task;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), closed = dup(null);
	int path = open("/dev/null", O_PATH | O_CLOEXEC);
	__u32 name;

	mt_must(close(closed));
	EXPECT_EQ(-EBADF, mt_right_from_fd(task, -1, &name));
	EXPECT_EQ(-EBADF, mt_right_from_fd(task, closed, &name));
	EXPECT_EQ(-EBADF, mt_right_from_fd(task, path, &name));
	EXPECT_EQ(KERN_INVALID_ARGUMENT, mt_right_from_fd(task, null, &name));
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  mt_right_from_fd(task, task->fd, &name));
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  mt_right_from_fd(task, mt_watch(task, mt_port(task)),
				   &name));
}

TEST_F(mach, N41_limit_of_names)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), name;
	struct mt_task other;
	int fd = mt_hold_right(task, port), more;

	mt_open(&other);
	mt_set_param("max_user_names", 1);
	EXPECT_EQ(KERN_RESOURCE_SHORTAGE, mt_right_fd(task, port, 0, &more));
	EXPECT_EQ(KERN_RESOURCE_SHORTAGE,
		  mt_right_fd(task, port, MACH_FD_MOVE, &more));
	EXPECT_EQ(KERN_RESOURCE_SHORTAGE, mt_right_from_fd(&other, fd, &name));
	EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(2ULL, mt_senders(task, port));
	mt_set_param("max_user_names", 1000);
	mt_take_right(&other, fd);
	EXPECT_EQ(3ULL, mt_senders(task, port));
}

TEST_F(mach, N41_descriptors_used_up)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct rlimit limit;
	int fd = dup(task->fd);

	mt_check(fd >= 0);
	mt_must(getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = fd + 1;
	mt_must(setrlimit(RLIMIT_NOFILE, &limit));
	EXPECT_EQ(KERN_RESOURCE_SHORTAGE,
		  mt_right_fd(task, port, MACH_FD_MOVE, &fd));
	EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(0ULL, mt_live(task, MT_LIVE(files)));
}

TEST_HARNESS_MAIN
