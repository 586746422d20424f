// SPDX-License-Identifier: GPL-2.0
/*
 * A descriptor to wait with for messages on a port or a port set: what poll(2)
 * says of it in every state of the port, to whoever has it (design 1).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "lib/caller.h"
#include "lib/descriptors.h"
#include "lib/fixture.h"

static void send(const struct mt_task *task, __u32 port)
{
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_MAKE_SEND, 1));
}

/* ---- a port ---- */

TEST_F(mach, port)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	int fd = mt_watch(task, port);

	EXPECT_EQ(0, mt_revents(fd));
	send(task, port);
	EXPECT_EQ(MT_READY, mt_revents(fd));
	EXPECT_EQ(MT_READY, mt_revents(fd));
	send(task, port);
	EXPECT_EQ(1U, mt_next(task, port));
	EXPECT_EQ(MT_READY, mt_revents(fd));
	EXPECT_EQ(1U, mt_next(task, port));
	EXPECT_EQ(0, mt_revents(fd));
	/* It is no name, and no reference to one. */
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(task, port));
	mt_must(close(fd));
	send(task, port);
}

TEST_F(mach, message_that_waits_already)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);

	send(task, port);
	EXPECT_EQ(MT_READY, mt_revents(mt_watch(task, port)));
}

TEST_F(mach, several_for_one_port)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	int a = mt_watch(task, port), b = mt_watch(task, port);

	EXPECT_NE(a, b);
	send(task, port);
	EXPECT_EQ(MT_READY, mt_revents(a));
	EXPECT_EQ(MT_READY, mt_revents(b));
	mt_must(close(a));
	EXPECT_EQ(MT_READY, mt_revents(b));
	EXPECT_EQ(1U, mt_next(task, port));
	EXPECT_EQ(0, mt_revents(b));
}

/* A message that a receiver waits for never is in the queue. */
TEST_F(mach, receiver_is_served_first)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	int fd = mt_watch(task, port);
	struct mt_caller caller;

	mt_start_receiver(&caller, task, port);
	send(task, port);
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&caller));
	EXPECT_EQ(0, mt_revents(fd));
}

TEST_F(mach, blocked_sender)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	int fd = mt_watch(task, port);
	struct mt_caller caller;

	mt_must(mt_set_qlimit(task, port, 1));
	send(task, port);
	mt_start_sender(&caller, task, port, 2);
	EXPECT_EQ(1U, mt_next(task, port));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&caller));
	EXPECT_EQ(MT_READY, mt_revents(fd));
	EXPECT_EQ(2U, mt_next(task, port));
	EXPECT_EQ(0, mt_revents(fd));
}

TEST_F(mach, notification)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), other = mt_port(task);
	int fd = mt_watch(task, port);

	mt_arm(task, other, MACH_NOTIFY_NO_SENDERS, port);
	EXPECT_EQ(0, mt_revents(fd));
	mt_must(mt_deallocate(task, other));
	EXPECT_EQ(MT_READY, mt_revents(fd));
}

TEST_F(mach, renamed)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	int fd = mt_watch(task, port);

	mt_must(mt_rename(task, port, MT_UNUSED));
	EXPECT_EQ(0, mt_revents(fd));
	send(task, MT_UNUSED);
	EXPECT_EQ(MT_READY, mt_revents(fd));
}

/* ---- sets ---- */

TEST_F(mach, set)
{
	const struct mt_task *task = &self->task;
	__u32 set = mt_set(task), a = mt_receive_right(task);
	__u32 b = mt_receive_right(task);
	int fd = mt_watch(task, set);

	EXPECT_EQ(0, mt_revents(fd));
	mt_must(mt_move_member(task, a, set));
	mt_must(mt_move_member(task, b, set));
	EXPECT_EQ(0, mt_revents(fd));
	send(task, a);
	EXPECT_EQ(MT_READY, mt_revents(fd));
	send(task, b);
	EXPECT_EQ(1U, mt_next(task, set));
	EXPECT_EQ(MT_READY, mt_revents(fd));
	EXPECT_EQ(1U, mt_next(task, set));
	EXPECT_EQ(0, mt_revents(fd));
}

TEST_F(mach, member_brings_and_takes_messages)
{
	const struct mt_task *task = &self->task;
	__u32 set = mt_set(task), port = mt_receive_right(task);
	int fd = mt_watch(task, set);

	send(task, port);
	EXPECT_EQ(0, mt_revents(fd));
	mt_must(mt_move_member(task, port, set));
	EXPECT_EQ(MT_READY, mt_revents(fd));
	mt_must(mt_move_member(task, port, MACH_PORT_NULL));
	EXPECT_EQ(0, mt_revents(fd));
	mt_must(mt_move_member(task, port, set));
	EXPECT_EQ(MT_READY, mt_revents(fd));
	mt_must(mt_destroy(task, port));
	EXPECT_EQ(0, mt_revents(fd));
}

/* As a receive would be: MACH_RCV_IN_SET at once. */
TEST_F(mach, port_in_a_set)
{
	const struct mt_task *task = &self->task;
	__u32 set = mt_set(task), other = mt_set(task);
	__u32 port = mt_receive_right(task);
	int fd = mt_watch(task, port), late;

	mt_must(mt_move_member(task, port, set));
	EXPECT_EQ(POLLERR, mt_revents(fd));
	late = mt_watch(task, port);
	EXPECT_EQ(POLLERR, mt_revents(late));
	send(task, port);
	EXPECT_EQ(POLLERR, mt_revents(fd));
	mt_must(mt_move_member(task, port, other));
	EXPECT_EQ(POLLERR, mt_revents(fd));
	mt_must(mt_move_member(task, port, MACH_PORT_NULL));
	EXPECT_EQ(MT_READY, mt_revents(fd));
	EXPECT_EQ(MT_READY, mt_revents(late));
	mt_must(mt_move_member(task, port, set));
	EXPECT_EQ(POLLERR, mt_revents(fd));
	mt_must(mt_destroy(task, set));
	EXPECT_EQ(MT_READY, mt_revents(fd));
	EXPECT_EQ(1U, mt_next(task, port));
	EXPECT_EQ(0, mt_revents(fd));
}

/* ---- the end ---- */

TEST_F(mach, dead_port)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	int fd = mt_watch(task, port);

	send(task, port);
	mt_must(mt_destroy(task, port));
	EXPECT_EQ(POLLHUP, mt_revents(fd));
	EXPECT_EQ(POLLHUP, mt_revents(fd));
}

TEST_F(mach, dead_port_in_a_set)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), set = mt_set(task);
	int fd = mt_watch(task, port);

	mt_must(mt_move_member(task, port, set));
	mt_must(mt_mod_refs(task, port, MACH_PORT_RIGHT_RECEIVE, -1));
	EXPECT_EQ(POLLHUP, mt_revents(fd));
}

TEST_F(mach, dead_set)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), set = mt_set(task);
	int fd = mt_watch(task, set);

	mt_must(mt_move_member(task, port, set));
	send(task, port);
	mt_must(mt_destroy(task, set));
	EXPECT_EQ(POLLHUP, mt_revents(fd));
	send(task, port);
	EXPECT_EQ(POLLHUP, mt_revents(fd));
}

/* For ever: whoever gets the right back makes a new descriptor. */
TEST_F(mach, right_leaves)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), again;
	int fd = mt_watch(task, port), fresh;
	struct mt_task other;

	mt_open(&other);
	again = mt_transfer(task, &other, port, MACH_MSG_TYPE_MOVE_RECEIVE);
	EXPECT_EQ(POLLHUP, mt_revents(fd));
	send(&other, again);
	/* Nor does it tell of the new owner's set. */
	mt_must(mt_move_member(&other, again, mt_set(&other)));
	EXPECT_EQ(POLLHUP, mt_revents(fd));
	again = mt_transfer(&other, task, again, MACH_MSG_TYPE_MOVE_RECEIVE);
	EXPECT_EQ(POLLHUP, mt_revents(fd));
	fresh = mt_watch(task, again);
	EXPECT_EQ(MT_READY, mt_revents(fresh));
	mt_must(mt_destroy(task, again));
	EXPECT_EQ(POLLHUP, mt_revents(fresh));
}

TEST_F(mach, right_leaves_in_a_notification)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), notify = mt_receive_right(task);
	int fd = mt_watch(task, port);

	mt_arm(task, port, MACH_NOTIFY_PORT_DESTROYED, notify);
	mt_must(mt_destroy(task, port));
	EXPECT_EQ(POLLHUP, mt_revents(fd));
	EXPECT_EQ(0, mt_revents(mt_watch(task, mt_destroyed(task, notify))));
}

/* The descriptor holds no task: closing that one's file ends it. */
TEST_F(mach, task_closed)
{
	struct mt_task other;
	__u64 tasks = mt_live(&self->task, MT_LIVE(tasks));
	int of_port, of_set;

	mt_open(&other);
	of_port = mt_watch(&other, mt_receive_right(&other));
	of_set = mt_watch(&other, mt_set(&other));
	mt_close(&other);
	EXPECT_EQ(POLLHUP, mt_revents(of_port));
	EXPECT_EQ(POLLHUP, mt_revents(of_set));
	EXPECT_TRUE(mt_live_becomes(&self->task, MT_LIVE(tasks), tasks));
	EXPECT_EQ(2ULL, mt_live(&self->task, MT_LIVE(files)));
	mt_must(close(of_port));
	mt_must(close(of_set));
	EXPECT_EQ(0ULL, mt_live(&self->task, MT_LIVE(files)));
}

/* ---- others who have it ---- */

static void show_fd(struct mt_side *side, void *arg)
{
	int *sockets = arg;
	__u32 port = mt_receive_right(&side->task);
	int fd = mt_watch(&side->task, port);

	mt_send_fd(sockets[1], fd);
	mt_await(side->from);
	send(&side->task, port);
	mt_tell(side->to, 1);
	mt_await(side->from);
	mt_next(&side->task, port);
	mt_tell(side->to, 1);
	mt_await(side->from);
}

/* Readiness, and nothing else: there is no name, and nothing to read. */
TEST_F(mach, in_another_process)
{
	struct mt_peer peer;
	int sockets[2], fd;
	char byte;

	mt_socket_pair(sockets);
	mt_spawn(&peer, &self->task, show_fd, sockets);
	fd = mt_recv_fd(sockets[0]);
	EXPECT_EQ(0, mt_revents(fd));
	mt_tell(peer.to, 1);
	mt_await(peer.from);
	EXPECT_EQ(MT_READY, mt_revents(fd));
	EXPECT_EQ(-1, read(fd, &byte, 1));
	mt_tell(peer.to, 1);
	mt_await(peer.from);
	EXPECT_EQ(0, mt_revents(fd));
	mt_kill(&peer);
	for (int i = 0; i < 2000 && mt_revents(fd) == 0; i++)
		mt_sleep(5);
	EXPECT_EQ(POLLHUP, mt_revents(fd));
}

TEST_F(mach, dup)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	int fd = mt_watch(task, port), copy = fcntl(fd, F_DUPFD, 0);

	mt_must(close(fd));
	send(task, port);
	EXPECT_EQ(MT_READY, mt_revents(copy));
	mt_must(mt_destroy(task, port));
	EXPECT_EQ(POLLHUP, mt_revents(copy));
}

TEST_F(mach, fork)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	int fd = mt_watch(task, port);
	pid_t child;

	send(task, port);
	child = mt_fork();
	if (!child)
		_exit(mt_revents(fd) == MT_READY ? 0 : 1);
	EXPECT_EQ(0, mt_wait_pid(child));
	EXPECT_EQ(MT_READY, mt_revents(fd));
}

/* ---- what it is as a file ---- */

TEST_F(mach, nothing_else_to_do_with_it)
{
	const struct mt_task *task = &self->task;
	int fd = mt_watch(task, mt_receive_right(task));
	char byte = 0;

	EXPECT_EQ(-1, read(fd, &byte, 1));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, write(fd, &byte, 1));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, lseek(fd, 0, SEEK_SET));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, ioctl(fd, MACH_IOC_VERSION));
	EXPECT_EQ(ENOTTY, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, MT_PAGE, PROT_READ, MAP_SHARED, fd,
				   0));
	EXPECT_EQ(ENODEV, errno);
}

TEST_F(mach, flags)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	int fd;

	mt_must(mt_poll_fd(task, port, 0, &fd));
	EXPECT_FALSE(mt_closes_on_exec(fd));
	mt_must(mt_poll_fd(task, port, MACH_FD_CLOEXEC, &fd));
	EXPECT_TRUE(mt_closes_on_exec(fd));
	EXPECT_EQ(-EINVAL, mt_poll_fd(task, port, MACH_FD_MOVE, &fd));
}

TEST_F(mach, fdinfo)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), set = mt_set(task);
	int fd = mt_watch(task, port), other = mt_watch(task, port);
	__u64 value, again;

	ASSERT_TRUE(mt_fdinfo(fd, "mach-poll-name", &value));
	EXPECT_EQ(port, value);
	ASSERT_TRUE(mt_fdinfo(fd, "mach-port", &value));
	ASSERT_TRUE(mt_fdinfo(other, "mach-port", &again));
	EXPECT_EQ(value, again);
	ASSERT_TRUE(mt_fdinfo(fd, "mach-poll-task", &value));
	ASSERT_TRUE(mt_fdinfo(task->fd, "mach-task", &again));
	EXPECT_EQ(value, again);
	fd = mt_watch(task, set);
	ASSERT_TRUE(mt_fdinfo(fd, "mach-poll-name", &value));
	EXPECT_EQ(set, value);
	EXPECT_FALSE(mt_fdinfo(fd, "mach-port", &value));
}

/* ---- failing ---- */

TEST_F(mach, wrong_names)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), send_only;
	unsigned int fds = mt_open_fds();
	struct mt_task other;
	int fd;

	mt_open(&other);
	fds++;
	send_only = mt_connect(task, &other, mt_receive_right(&other));
	EXPECT_EQ(KERN_INVALID_NAME, mt_poll_fd(task, MT_UNUSED, 0, &fd));
	EXPECT_EQ(KERN_INVALID_NAME, mt_poll_fd(task, 0, 0, &fd));
	EXPECT_EQ(KERN_INVALID_NAME, mt_poll_fd(task, ~0U, 0, &fd));
	EXPECT_EQ(KERN_INVALID_RIGHT, mt_poll_fd(task, send_only, 0, &fd));
	EXPECT_EQ(KERN_INVALID_RIGHT, mt_poll_fd(task, task->self, 0, &fd));
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mt_poll_fd(task, mt_dead_name(task), 0, &fd));
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mt_poll_fd(task, mt_make_send_once(task, port), 0, &fd));
	EXPECT_EQ(fds, mt_open_fds());
	EXPECT_EQ(0ULL, mt_live(task, MT_LIVE(files)));
}

/* The struct can be read and not written: what was made stays, as a name. */
TEST_F(mach, result_cannot_be_told)
{
	const struct mt_task *task = &self->task;
	struct mach_ioc_descriptor *call = mt_map(1);
	unsigned int fds = mt_open_fds();

	*call = (struct mach_ioc_descriptor){
		.size = sizeof(*call), .name = mt_receive_right(task),
	};
	mt_must(mprotect(call, MT_PAGE, PROT_READ));
	EXPECT_EQ(-EFAULT, mt_ioctl(task, MACH_IOC_PORT_POLL_FD, call));
	EXPECT_EQ(fds + 1, mt_open_fds());
}

TEST_F(mach, N41_limit_of_names)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), another;
	unsigned int fds = mt_open_fds();
	int fd;

	mt_set_param("max_user_names", 1);
	EXPECT_EQ(KERN_RESOURCE_SHORTAGE, mt_poll_fd(task, port, 0, &fd));
	EXPECT_EQ(fds, mt_open_fds());
	EXPECT_EQ(0ULL, mt_live(task, MT_LIVE(files)));
	mt_set_param("max_user_names", 1000);
	fd = mt_watch(task, port);
	mt_must(close(fd));
	/* What it cost is given back, for a name is to be had for it. */
	mt_must(mt_allocate(task, MACH_PORT_RIGHT_RECEIVE, &another));
}

TEST_F(mach, N41_descriptors_used_up)
{
	const struct mt_task *task = &self->task;
	struct rlimit limit;
	__u32 port = mt_receive_right(task);
	int fd = dup(task->fd);

	mt_check(fd >= 0);
	mt_must(getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = fd + 1;
	mt_must(setrlimit(RLIMIT_NOFILE, &limit));
	EXPECT_EQ(KERN_RESOURCE_SHORTAGE, mt_poll_fd(task, port, 0, &fd));
	EXPECT_EQ(0ULL, mt_live(task, MT_LIVE(files)));
}

TEST_HARNESS_MAIN
