// SPDX-License-Identifier: GPL-2.0
/*
 * A task's file in the hands of another process: whatever way it came, and
 * whatever is tried, the answer is EPERM and nothing has changed; and who may
 * open the device and look at the module's files at all (negative tests N33,
 * N34, N39, N40; the kinds of process are ioctl_owner.c's, the names of another
 * task task_foreign.c's).
 */
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>

#include "lib/descriptors.h"
#include "lib/fixture.h"
#include "lib/listing.h"
#include "lib/mach_calls.h"

/* ---- everything that can be tried with a file ---- */

#define LAST_COMMAND	255

/* Commands that are not refused with EPERM: how many, and the last one. */
static int wrong_commands(int fd, int want)
{
	static __u32 argument[1024];
	int wrong = 0;

	for (int nr = 0; nr <= LAST_COMMAND; nr++) {
		for (__u32 size = 0; size <= 264; size += 8) {
			memset(argument, 0, sizeof(argument));
			argument[0] = size;
			errno = 0;
			if (ioctl(fd, _IO(MACH_IOC_MAGIC, nr), argument) != -1 ||
			    errno != want) {
				fprintf(stderr, "# command %d, size %u: %d\n",
					nr, size, errno);
				wrong++;
			}
		}
	}
	return wrong;
}

/* Which of the other system calls did something they must not. */
static const char *wrong_call(int fd)
{
	struct pollfd poll_it = { .fd = fd, .events = ~0 };
	char byte = 0;
	struct iovec vector = { &byte, 1 };

	if (mmap(NULL, MT_PAGE, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED ||
	    errno != ENODEV)
		return "shared mmap";
	if (mmap(NULL, MT_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0) !=
	    MAP_FAILED || errno != ENODEV)
		return "private mmap";
	if (read(fd, &byte, 1) != -1 || errno != EINVAL)
		return "read";
	if (write(fd, &byte, 1) != -1 || errno != EINVAL)
		return "write";
	if (pread(fd, &byte, 1, 0) != -1 || pwrite(fd, &byte, 1, 0) != -1)
		return "pread";
	if (readv(fd, &vector, 1) != -1 || writev(fd, &vector, 1) != -1)
		return "readv";
	if (lseek(fd, 0, SEEK_END) > 0)
		return "lseek";
	if (ftruncate(fd, 0) != -1)
		return "ftruncate";
	if (fallocate(fd, 0, 0, 4096) != -1)
		return "fallocate";
	if (poll(&poll_it, 1, 0) < 0 || poll_it.revents & (POLLPRI | POLLMSG))
		return "poll";
	return NULL;
}

static int try_all(int fd)
{
	const char *wrong = wrong_call(fd);

	if (wrong)
		fprintf(stderr, "# %s\n", wrong);
	return wrong_commands(fd, EPERM) || wrong;
}

/* ---- nothing has changed ---- */

struct rich {
	struct mt_task *task;
	struct mt_listing before;
};

/* Some of all that a task can have. */
static void make_rich(struct rich *rich, struct mt_task *task)
{
	__u32 port = mt_port(task), set = mt_set(task);
	struct mt_message message;

	rich->task = task;
	mt_dead_name(task);
	mt_make_send_once(task, port);
	mt_must(mt_move_member(task, mt_receive_right(task), set));
	mt_arm(task, port, MACH_NOTIFY_DEAD_NAME, mt_receive_right(task));
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, port, MACH_MSG_TYPE_MAKE_SEND);
	mt_put_memory(&message, mt_map_filled(8, 1), 8 * MT_PAGE, 0);
	mt_must(mt_send(task, &message));
	mt_list(task, task->self, &rich->before);
}

static bool is_unchanged_now(struct rich *rich)
{
	struct mt_listing now;
	bool same;

	mt_list(rich->task, rich->task->self, &now);
	same = now.size == rich->before.size &&
	       !memcmp(now.bytes, rich->before.bytes, now.size);
	mt_free_listing(&now);
	return same;
}

/* What the account of both is charged for a task that dies takes a moment. */
static bool is_unchanged(struct rich *rich)
{
	for (int i = 0; i < 400; i++) {
		if (is_unchanged_now(rich))
			return true;
		mt_sleep(5);
	}
	return false;
}

/* ---- how a file comes to another process ---- */

TEST_F(mach, N33_fork)
{
	struct rich rich;
	pid_t pid;

	make_rich(&rich, &self->task);
	pid = fork();
	if (pid == 0)
		_exit(try_all(self->task.fd));
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_TRUE(is_unchanged(&rich));
}

TEST_F(mach, N33_unix_socket)
{
	struct rich rich;
	int sockets[2];
	pid_t pid;

	make_rich(&rich, &self->task);
	mt_socket_pair(sockets);
	pid = mt_fork();
	if (pid == 0)
		_exit(try_all(mt_recv_fd(sockets[1])));
	mt_send_fd(sockets[0], self->task.fd);
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_TRUE(is_unchanged(&rich));
}

TEST_F(mach, N33_pidfd_getfd)
{
	pid_t parent = getpid(), pid;
	struct rich rich;

	make_rich(&rich, &self->task);
	pid = mt_fork();
	if (pid == 0) {
		int pidfd = syscall(SYS_pidfd_open, parent, 0);
		int fd = syscall(SYS_pidfd_getfd, pidfd, self->task.fd, 0);

		mt_check(fd >= 0);
		_exit(try_all(fd));
	}
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_TRUE(is_unchanged(&rich));
}

/* Opened again by its magic link, it is a task of one's own. */
TEST_F(mach, N33_proc_fd)
{
	struct rich rich;
	char path[64];
	pid_t pid;

	make_rich(&rich, &self->task);
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", getpid(),
		 self->task.fd);
	pid = mt_fork();
	if (pid == 0) {
		struct mt_task task = { .fd = open(path, O_RDWR) };
		__u32 names[8], types[8], count;

		mt_check(task.fd >= 0);
		task.self = mt_task_self(&task);
		mt_must(mt_names(&task, names, types, 8, &count));
		_exit(count != 1);
	}
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_TRUE(is_unchanged(&rich));
}

/* All capabilities over a user namespace of one's own are none here. */
TEST_F(mach, N39_user_namespace)
{
	struct mach_ioc_snapshot all = { .flags = MACH_SNAPSHOT_ALL };
	struct mach_ioc_stats stats = {
		.size = sizeof(stats), .flags = MACH_STATS_MODULE,
	};
	struct rich rich;
	pid_t pid;

	make_rich(&rich, &self->task);
	pid = fork();
	if (pid == 0) {
		__u32 port;

		if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID))
			_exit(77);
		/* The old file is still another process's. */
		mt_check(!try_all(self->task.fd));
		mt_open(&self->task);
		port = mt_port(&self->task);
		mt_check(mt_snapshot(&self->task, &all) == -EPERM);
		mt_check(mt_ioctl(&self->task, MACH_IOC_STATS, &stats) ==
			 -EPERM);
		mt_check(mt_name_call(&self->task, MACH_IOC_SET_BOOTSTRAP,
				      &port) == KERN_NO_ACCESS);
		/* A device node cannot be made, nor can debugfs be mounted. */
		mt_check(mount("none", "/tmp", "debugfs", 0, NULL) &&
			 errno == EPERM);
		mt_check(mount("none", "/tmp", "devtmpfs", 0, NULL) &&
			 errno == EPERM);
		mt_check(mknod("/tmp/mach", S_IFCHR | 0666,
			       makedev(10, 1)) && errno == EPERM);
		_exit(0);
	}
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_TRUE(is_unchanged(&rich));
}

/* ---- who may come near ---- */

static int open_as(uid_t uid, const char *path, int flags)
{
	pid_t pid = mt_fork();

	if (pid == 0) {
		mt_must(setresgid(uid, uid, uid));
		mt_must(setresuid(uid, uid, uid));
		_exit(open(path, flags) < 0 ? errno : 0);
	}
	return WEXITSTATUS(mt_wait_pid(pid));
}

TEST_F(mach, N39_device_permissions)
{
	struct stat status;

	mt_must(stat("/dev/mach", &status));
	EXPECT_EQ(S_IFCHR | 0660, (int)status.st_mode);
	EXPECT_EQ(0U, status.st_uid);
	EXPECT_EQ(EACCES, open_as(12345, "/dev/mach", O_RDWR));
	EXPECT_EQ(EACCES, open_as(12345, "/dev/mach", O_RDONLY));
}

TEST_F(mach, N42_debugfs_is_roots)
{
	struct stat status;

	if (access("/sys/kernel/debug/mach", F_OK))
		mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	if (access("/sys/kernel/debug/mach/stats", F_OK))
		SKIP(return, "no debugfs");
	/* Its own mode, too: somebody may have opened the way to it. */
	mt_must(stat("/sys/kernel/debug/mach/stats", &status));
	EXPECT_EQ(S_IFREG | 0400, (int)status.st_mode);
	EXPECT_EQ(EACCES, open_as(12345, "/sys/kernel/debug/mach/stats",
				  O_RDONLY));
	EXPECT_EQ(EACCES, open_as(12345, "/sys/kernel/debug/mach", O_RDONLY));
}

TEST_F(mach, parameters_are_roots)
{
	static const char path[] = "/sys/module/mach/parameters/max_user_ports";

	EXPECT_EQ(EACCES, open_as(12345, path, O_WRONLY));
	EXPECT_EQ(0, open_as(12345, path, O_RDONLY));
}

/* ---- names ---- */

/*
 * Whoever has many names has none that another task's calls know: all near
 * ones, and those one bit away from any of them.
 */
TEST_F(mach, N39_no_name_is_shared)
{
	struct mt_task other;
	__u32 first, name = 0;
	int known = 0;

	mt_open(&other);
	first = mt_port(&self->task);
	for (int i = 0; i < 1000; i++)
		name = mt_port(&self->task);
	mt_must(mt_allocate_name(&self->task, MACH_PORT_RIGHT_RECEIVE,
				 0x12345678));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE,
		  mt_types(&self->task, 0x12345678));
	for (__u32 guess = 0; guess < 65536; guess++)
		known += mt_types(&other, guess) != MACH_PORT_TYPE_NONE;
	for (int bit = 0; bit < 32; bit++) {
		known += mt_types(&other, 0x12345678 ^ 1U << bit) !=
			 MACH_PORT_TYPE_NONE;
		if (bit >= 16)
			known += mt_types(&other, name ^ 1U << bit) !=
				 MACH_PORT_TYPE_NONE;
	}
	known += mt_types(&other, 0x12345678) != MACH_PORT_TYPE_NONE;
	/* Its own task's name is all that it has. */
	EXPECT_EQ(1, known);
	EXPECT_EQ(KERN_INVALID_NAME, mt_deallocate(&other, first + 500));
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  mt_send_id(&other, first + 500, MACH_MSG_TYPE_COPY_SEND, 1));
}

TEST_HARNESS_MAIN
