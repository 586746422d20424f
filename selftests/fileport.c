// SPDX-License-Identifier: GPL-2.0
/*
 * An open file that travels as a send right: made of a descriptor, made into
 * one again anywhere, closed when the last right for it goes (design 1;
 * negative tests N30, N41, N46).
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/caller.h"
#include "lib/descriptors.h"
#include "lib/fixture.h"
#include "lib/partner.h"

/* A pipe whose writing end only the fileport has. */
struct held {
	int end;		/* to read from */
	__u32 name;
};

static void hold(struct held *held, const struct mt_task *task)
{
	int ends[2];

	mt_must(pipe2(ends, O_CLOEXEC | O_NONBLOCK));
	held->end = ends[0];
	held->name = mt_new_fileport(task, ends[1]);
	mt_must(close(ends[1]));
}

/* Is the writing end closed? */
static bool released(const struct held *held)
{
	char byte;

	return read(held->end, &byte, 1) == 0;
}

static bool comes_to_be_released(const struct held *held)
{
	for (int i = 0; i < 2000 && !released(held); i++)
		mt_sleep(5);
	return released(held);
}

/* ---- one file ---- */

TEST_F(mach, there_and_back)
{
	const struct mt_task *task = &self->task;
	__u64 senders;
	struct held held;
	int fd, again;
	char byte;

	hold(&held, task);
	EXPECT_EQ(MACH_PORT_TYPE_SEND, mt_types(task, held.name));
	EXPECT_EQ(1U, mt_refs(task, held.name, MACH_PORT_RIGHT_SEND));
	EXPECT_FALSE(released(&held));
	fd = mt_file_of(task, held.name);
	again = mt_file_of(task, held.name);
	EXPECT_NE(fd, again);
	EXPECT_EQ(0, syscall(SYS_kcmp, getpid(), getpid(), 0, fd, again));
	EXPECT_EQ(1, write(fd, "m", 1));
	EXPECT_EQ(1, read(held.end, &byte, 1));
	EXPECT_EQ('m', byte);
	mt_must(close(fd));
	mt_must(close(again));
	EXPECT_FALSE(released(&held));
	EXPECT_EQ(KERN_INVALID_RIGHT, mt_srights(task, held.name, &senders));
	mt_must(mt_deallocate(task, held.name));
	EXPECT_TRUE(released(&held));
	EXPECT_EQ(0ULL, mt_live(task, MT_LIVE(files)));
}

/* Two of one file are two ports. */
TEST_F(mach, made_twice)
{
	const struct mt_task *task = &self->task;
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	__u32 a = mt_new_fileport(task, fd), b = mt_new_fileport(task, fd);

	EXPECT_NE(a, b);
	EXPECT_EQ(2ULL, mt_live(task, MT_LIVE(files)));
	EXPECT_EQ(0, syscall(SYS_kcmp, getpid(), getpid(), 0,
			     mt_file_of(task, a), mt_file_of(task, b)));
}

/* An open file has one position, however it travels. */
TEST_F(mach, same_open_file)
{
	const struct mt_task *task = &self->task;
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), other;

	mt_check(fd >= 0);
	EXPECT_EQ(100, lseek(fd, 100, SEEK_SET));
	other = mt_file_of(task, mt_new_fileport(task, fd));
	EXPECT_EQ(100, lseek(other, 0, SEEK_CUR));
	EXPECT_EQ(7, lseek(other, 7, SEEK_SET));
	EXPECT_EQ(7, lseek(fd, 0, SEEK_CUR));
}

TEST_F(mach, path_only)
{
	const struct mt_task *task = &self->task;
	int fd = open("/dev/null", O_PATH | O_CLOEXEC), other;
	char byte;

	other = mt_file_of(task, mt_new_fileport(task, fd));
	EXPECT_EQ(-1, read(other, &byte, 1));
	EXPECT_EQ(EBADF, errno);
	EXPECT_EQ(O_PATH, fcntl(other, F_GETFL) & O_PATH);
}

TEST_F(mach, flags)
{
	const struct mt_task *task = &self->task;
	__u32 name = mt_new_fileport(task, 1);
	int fd;

	mt_must(mt_fileport_fd(task, name, 0, &fd));
	EXPECT_FALSE(mt_closes_on_exec(fd));
	mt_must(mt_fileport_fd(task, name, MACH_FD_CLOEXEC, &fd));
	EXPECT_TRUE(mt_closes_on_exec(fd));
	EXPECT_EQ(-EINVAL, mt_fileport_fd(task, name, MACH_FD_MOVE, &fd));
}

/* ---- travelling ---- */

static void write_to_it(struct mt_side *side, void *arg)
{
	struct mt_message message;
	__u32 name;
	int fd;

	(void)arg;
	mt_must(mt_receive(&side->task, side->port, &message, MT_LONG));
	name = mt_right(&message, 0);
	mt_check(mt_types(&side->task, name) == MACH_PORT_TYPE_SEND);
	fd = mt_file_of(&side->task, name);
	mt_must(mt_deallocate(&side->task, name));
	mt_check(write(fd, "p", 1) == 1);
}

TEST_F(mach, to_another_process)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct mt_peer peer;
	struct held held;
	char byte;

	mt_spawn(&peer, task, write_to_it, NULL);
	hold(&held, task);
	mt_begin(&message, peer.right, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, held.name, MACH_MSG_TYPE_MOVE_SEND);
	mt_must(mt_send(task, &message));
	EXPECT_EQ(0, mt_join(&peer));
	EXPECT_EQ(1, read(held.end, &byte, 1));
	EXPECT_EQ('p', byte);
	EXPECT_TRUE(comes_to_be_released(&held));
}

TEST_F(mach, in_a_queue)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;
	struct held held;

	hold(&held, task);
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, held.name, MACH_MSG_TYPE_MOVE_SEND);
	mt_must(mt_send(task, &message));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, held.name));
	EXPECT_FALSE(released(&held));
	mt_must(mt_receive(task, port, &message, 0));
	held.name = mt_right(&message, 0);
	mt_must(close(mt_file_of(task, held.name)));
	/* And again, to go with the queue. */
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, held.name, MACH_MSG_TYPE_MOVE_SEND);
	mt_must(mt_send(task, &message));
	mt_must(mt_destroy(task, port));
	EXPECT_TRUE(released(&held));
}

TEST_F(mach, goes_with_the_task)
{
	struct mt_task other;
	struct held held;

	mt_open(&other);
	hold(&held, &other);
	EXPECT_FALSE(released(&held));
	mt_close(&other);
	EXPECT_TRUE(comes_to_be_released(&held));
}

TEST_F(mach, rights_are_counted_as_any)
{
	const struct mt_task *task = &self->task;
	__u32 ports[MACH_TASK_PORT_REGISTER_MAX] = { 0 };
	struct mt_task other;
	struct held held;
	__u32 name;

	hold(&held, task);
	mt_open(&other);
	name = mt_transfer(task, &other, held.name, MACH_MSG_TYPE_COPY_SEND);
	mt_must(mt_mod_refs(task, held.name, MACH_PORT_RIGHT_SEND, 3));
	mt_must(mt_mod_refs(task, held.name, MACH_PORT_RIGHT_SEND, -4));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, held.name));
	EXPECT_FALSE(released(&held));
	ports[0] = name;
	mt_must(mt_register(&other, ports, 1));
	mt_must(mt_deallocate(&other, name));
	EXPECT_FALSE(released(&held));
	ports[0] = MACH_PORT_NULL;
	mt_must(mt_register(&other, ports, 1));
	EXPECT_TRUE(released(&held));
}

/* ---- it is a port of the module's ---- */

TEST_F(mach, message_to_it)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	struct mt_message message;
	struct held held;

	hold(&held, task);
	mt_begin(&message, held.name, MACH_MSG_TYPE_MOVE_SEND);
	mt_reply_to(&message, port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	message.head.id = 500;
	/* The message has the last right. */
	mt_must(mt_send(task, &message));
	EXPECT_TRUE(released(&held));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(600U, message.head.id);
	EXPECT_EQ(MIG_BAD_ID, (__s32)message.words[5]);
}

TEST_F(mach, dead_name_request)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task);
	struct held held;

	hold(&held, task);
	mt_arm(task, held.name, MACH_NOTIFY_DEAD_NAME, notify);
	mt_must(mt_deallocate(task, held.name));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_PORT_DELETED,
				held.name));
	EXPECT_TRUE(released(&held));
}

TEST_F(mach, no_calls_of_a_receive_right)
{
	const struct mt_task *task = &self->task;
	__u32 name = mt_new_fileport(task, 1), poly, type;

	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mt_extract(task, name, MACH_MSG_TYPE_MAKE_SEND, &poly,
			     &type));
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mt_extract(task, name, MACH_MSG_TYPE_MAKE_SEND_ONCE, &poly,
			     &type));
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mt_extract(task, name, MACH_MSG_TYPE_MOVE_RECEIVE, &poly,
			     &type));
	EXPECT_EQ(KERN_INVALID_RIGHT, mt_set_qlimit(task, name, 1));
	EXPECT_EQ(KERN_INVALID_RIGHT, mt_move_member(task, name, mt_set(task)));
}

/* ---- failing ---- */

TEST_F(mach, no_descriptor)
{
	const struct mt_task *task = &self->task;
	int closed = dup(task->fd);
	__u32 name;

	mt_must(close(closed));
	EXPECT_EQ(-EBADF, mt_fileport(task, -1, &name));
	EXPECT_EQ(-EBADF, mt_fileport(task, closed, &name));
	EXPECT_EQ(-EBADF, mt_fileport(task, 0x7fffffff, &name));
	EXPECT_EQ(0ULL, mt_live(task, MT_LIVE(files)));
}

TEST_F(mach, N30_own_files)
{
	const struct mt_task *task = &self->task;
	__u64 ports, names;
	struct mt_task other;
	int poll, right;
	__u32 name;

	mt_open(&other);
	poll = mt_watch(task, mt_receive_right(task));
	right = mt_hold_right(task, mt_port(task));
	ports = mt_live(task, MT_LIVE(ports));
	names = mt_live(task, MT_LIVE(names));
	EXPECT_EQ(KERN_INVALID_ARGUMENT, mt_fileport(task, task->fd, &name));
	EXPECT_EQ(KERN_INVALID_ARGUMENT, mt_fileport(task, other.fd, &name));
	EXPECT_EQ(KERN_INVALID_ARGUMENT, mt_fileport(task, poll, &name));
	EXPECT_EQ(KERN_INVALID_ARGUMENT, mt_fileport(task, right, &name));
	EXPECT_EQ(2ULL, mt_live(task, MT_LIVE(files)));
	EXPECT_EQ(ports, mt_live(task, MT_LIVE(ports)));
	EXPECT_EQ(names, mt_live(task, MT_LIVE(names)));
}

TEST_F(mach, no_fileport)
{
	const struct mt_task *task = &self->task;
	unsigned int fds = mt_open_fds();
	__u32 port = mt_port(task);
	int fd;

	EXPECT_EQ(KERN_INVALID_NAME, mt_fileport_fd(task, MT_UNUSED, 0, &fd));
	EXPECT_EQ(KERN_INVALID_NAME, mt_fileport_fd(task, 0, 0, &fd));
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mt_fileport_fd(task, mt_receive_right(task), 0, &fd));
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mt_fileport_fd(task, mt_dead_name(task), 0, &fd));
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mt_fileport_fd(task, mt_make_send_once(task, port), 0, &fd));
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mt_fileport_fd(task, mt_set(task), 0, &fd));
	EXPECT_EQ(KERN_INVALID_CAPABILITY, mt_fileport_fd(task, port, 0, &fd));
	EXPECT_EQ(KERN_INVALID_CAPABILITY,
		  mt_fileport_fd(task, task->self, 0, &fd));
	EXPECT_EQ(KERN_INVALID_CAPABILITY,
		  mt_fileport_fd(task, mt_host_self(task), 0, &fd));
	EXPECT_EQ(fds, mt_open_fds());
}

/* ---- limits ---- */

TEST_F(mach, N41_limits)
{
	static const char *const limits[] = {
		"max_user_files", "max_user_ports", "max_user_names",
		"max_user_bytes",
	};
	const struct mt_task *task = &self->task;
	__u64 ports, names, messages;
	struct mt_task fresh;
	struct held held;
	__u32 name;

	mt_become_fresh_user();
	mt_open(&fresh);
	ports = mt_live(task, MT_LIVE(ports));
	names = mt_live(task, MT_LIVE(names));
	messages = mt_live(task, MT_LIVE(messages));
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		__u64 before = mt_param(limits[i]);

		mt_set_param(limits[i], 0);
		EXPECT_EQ(KERN_RESOURCE_SHORTAGE,
			  mt_fileport(&fresh, 1, &name))
			TH_LOG("%s", limits[i]);
		mt_set_param(limits[i], before);
	}
	EXPECT_EQ(ports, mt_live(task, MT_LIVE(ports)));
	EXPECT_EQ(names, mt_live(task, MT_LIVE(names)));
	EXPECT_EQ(messages, mt_live(task, MT_LIVE(messages)));
	EXPECT_EQ(0ULL, mt_live(task, MT_LIVE(files)));
	/* What one cost is given back with it. */
	mt_set_param("max_user_files", 1);
	for (int i = 0; i < 3; i++) {
		hold(&held, &fresh);
		EXPECT_EQ(KERN_RESOURCE_SHORTAGE,
			  mt_fileport(&fresh, 1, &name));
		mt_must(mt_deallocate(&fresh, held.name));
		EXPECT_TRUE(released(&held));
	}
}

/* How many fileports an ordinary user can make; 100 is too many. */
static int count_fileports(rlim_t most)
{
	struct rlimit limit = { .rlim_cur = most, .rlim_max = most };
	__u32 names[100], name;
	struct mt_task task;
	int count = 0;

	mt_must(setresuid(54321, 0, 0));
	mt_open(&task);
	mt_must(setrlimit(RLIMIT_NOFILE, &limit));
	mt_must(setresuid(54321, 54321, 54321));
	while (count < 100 &&
	       mt_fileport(&task, 1, &names[count]) == KERN_SUCCESS)
		count++;
	mt_check(mt_fileport(&task, 1, &name) == KERN_RESOURCE_SHORTAGE);
	/* One back, one more. */
	mt_must(mt_deallocate(&task, names[0]));
	mt_must(mt_fileport(&task, 1, &name));
	mt_check(mt_fileport(&task, 1, &name) == KERN_RESOURCE_SHORTAGE);
	return count;
}

/* As for descriptors in unix sockets: no more than may be open. */
TEST_F(mach, N41_files_in_flight)
{
	pid_t child = mt_fork();
	int status;

	if (!child)
		_exit(count_fileports(20));
	status = mt_wait_pid(child);
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(20, WEXITSTATUS(status));
}

TEST_F(mach, N41_descriptors_used_up)
{
	const struct mt_task *task = &self->task;
	struct rlimit limit;
	__u32 name = mt_new_fileport(task, 1);
	int fd = dup(task->fd);

	mt_check(fd >= 0);
	mt_must(getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = fd + 1;
	mt_must(setrlimit(RLIMIT_NOFILE, &limit));
	EXPECT_EQ(KERN_RESOURCE_SHORTAGE, mt_fileport_fd(task, name, 0, &fd));
	/* Privilege may have more in flight than it may have open. */
	for (int i = 0; i < 20; i++)
		mt_new_fileport(task, 1);
}

/* ---- whose descriptors these are ---- */

#define LAST_FD	64

/* The inodes behind the first descriptors; 0 where there is none. */
static void list_fds(ino_t inodes[LAST_FD])
{
	struct stat stat;

	for (int fd = 0; fd < LAST_FD; fd++)
		inodes[fd] = fstat(fd, &stat) ? 0 : stat.st_ino;
}

/* Each call adds one descriptor, or none, and leaves all others alone. */
TEST_F(mach, N46_no_descriptor_is_touched)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), name;
	ino_t before[LAST_FD], after[LAST_FD];
	int fds[3], made = 0, right;

	right = mt_hold_right(task, port);
	list_fds(before);
	fds[0] = mt_watch(task, port);
	fds[1] = mt_hold_right(task, port);
	fds[2] = mt_file_of(task, mt_new_fileport(task, 1));
	mt_take_right(task, right);
	mt_fileport(task, task->fd, &name);
	mt_fileport(task, right, &name);
	list_fds(after);
	for (int fd = 0; fd < LAST_FD; fd++) {
		if (before[fd] == after[fd])
			continue;
		EXPECT_EQ(0U, before[fd]);
		EXPECT_TRUE(fd == fds[0] || fd == fds[1] || fd == fds[2]);
		made++;
	}
	EXPECT_EQ(3, made);
}

struct swap {
	int fd, spare;
};

/* The number that the other thread's ioctl is using changes its meaning. */
static void swap_file(const struct mt_task *task, void *arg)
{
	struct swap *swap = arg;

	(void)task;
	mt_check(dup2(swap->spare, swap->fd) == swap->fd);
}

TEST_F(mach, N46_descriptor_closed_in_the_call)
{
	const struct mt_task *task = &self->task;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct mt_partner partner;
	struct swap swap = { .fd = dup(null), .spare = null };
	struct mt_task other;
	__u32 name;

	mt_start_partner(&partner, task, swap_file, &swap, 300);
	for (int round = 0; round < 300; round++) {
		struct mach_ioc_descriptor call = {
			.size = sizeof(call), .fd = 1,
		};
		int error;

		mt_open(&other);
		mt_check(dup2(other.fd, swap.fd) == swap.fd);
		close(other.fd);
		other.fd = swap.fd;
		mt_meet(&partner);
		error = mt_ioctl(&other, MACH_IOC_FILEPORT_MAKE, &call);
		name = call.name;
		mt_meet(&partner);
		/* In time, too late, or as it died. */
		ASSERT_TRUE((error == 0 && (call.ret || name)) ||
			    error == -ENOTTY || error == -ESTALE);
	}
	mt_end_partner(&partner);
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(files), 0));
}

TEST_HARNESS_MAIN
