// SPDX-License-Identifier: GPL-2.0
/*
 * Names and descriptors: see descriptors.h.
 */
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "descriptors.h"

static __s32 call(const struct mt_task *task, unsigned long command,
		  struct mach_ioc_descriptor *args)
{
	int error;

	args->size = sizeof(*args);
	args->ret = MT_NO_RESULT;
	error = mt_ioctl(task, command, args);
	return error ? error : args->ret;
}

static __s32 make_fd(const struct mt_task *task, unsigned long command,
		     __u32 name, __u32 flags, int *fd)
{
	struct mach_ioc_descriptor args = {
		.name = name, .flags = flags, .fd = -1,
	};
	__s32 ret = call(task, command, &args);

	*fd = args.fd;
	return ret;
}

static __s32 make_name(const struct mt_task *task, unsigned long command,
		       int fd, __u32 *name)
{
	struct mach_ioc_descriptor args = { .fd = fd };
	__s32 ret = call(task, command, &args);

	*name = args.name;
	return ret;
}

__s32 mt_poll_fd(const struct mt_task *task, __u32 name, __u32 flags, int *fd)
{
	return make_fd(task, MACH_IOC_PORT_POLL_FD, name, flags, fd);
}

__s32 mt_fileport(const struct mt_task *task, int fd, __u32 *name)
{
	return make_name(task, MACH_IOC_FILEPORT_MAKE, fd, name);
}

__s32 mt_fileport_fd(const struct mt_task *task, __u32 name, __u32 flags,
		     int *fd)
{
	return make_fd(task, MACH_IOC_FILEPORT_FD, name, flags, fd);
}

__s32 mt_right_fd(const struct mt_task *task, __u32 name, __u32 flags, int *fd)
{
	return make_fd(task, MACH_IOC_RIGHT_MAKE_FD, name, flags, fd);
}

__s32 mt_right_from_fd(const struct mt_task *task, int fd, __u32 *name)
{
	return make_name(task, MACH_IOC_RIGHT_FROM_FD, fd, name);
}

int mt_watch(const struct mt_task *task, __u32 name)
{
	int fd;

	mt_must(mt_poll_fd(task, name, MACH_FD_CLOEXEC, &fd));
	mt_check(fd >= 0);
	return fd;
}

__u32 mt_new_fileport(const struct mt_task *task, int fd)
{
	__u32 name;

	mt_must(mt_fileport(task, fd, &name));
	mt_check(name != MACH_PORT_NULL);
	return name;
}

int mt_file_of(const struct mt_task *task, __u32 fileport)
{
	int fd;

	mt_must(mt_fileport_fd(task, fileport, MACH_FD_CLOEXEC, &fd));
	mt_check(fd >= 0);
	return fd;
}

int mt_hold_right(const struct mt_task *task, __u32 name)
{
	int fd;

	mt_must(mt_right_fd(task, name, MACH_FD_CLOEXEC, &fd));
	mt_check(fd >= 0);
	return fd;
}

__u32 mt_take_right(const struct mt_task *task, int fd)
{
	__u32 name;

	mt_must(mt_right_from_fd(task, fd, &name));
	mt_check(name != MACH_PORT_NULL);
	return name;
}

int mt_revents(int fd)
{
	struct pollfd pollfd = {
		.fd = fd,
		.events = POLLIN | POLLPRI | POLLOUT | POLLRDNORM | POLLRDBAND |
			  POLLWRNORM | POLLWRBAND | POLLRDHUP,
	};

	mt_check(poll(&pollfd, 1, 0) >= 0);
	return pollfd.revents;
}

/* ---- unix sockets ---- */

union control {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int))];
};

void mt_send_fd(int socket, int fd)
{
	union control control = {};
	char byte = 'f';
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	mt_check(sendmsg(socket, &message, 0) == 1);
}

int mt_recv_fd(int socket)
{
	union control control = {};
	char byte;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	int fd;

	mt_check(recvmsg(socket, &message, MSG_CMSG_CLOEXEC) == 1);
	mt_check(control.head.cmsg_type == SCM_RIGHTS);
	memcpy(&fd, CMSG_DATA(&control.head), sizeof(fd));
	return fd;
}

void mt_socket_pair(int sockets[2])
{
	mt_must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets));
}

/* ---- about descriptors ---- */

unsigned int mt_open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int count = 0;

	mt_check(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count - 3;	/* ".", ".." and the folder's own */
}

bool mt_fdinfo(int fd, const char *key, __u64 *value)
{
	char path[64], line[256];
	size_t length = strlen(key);
	bool found = false;
	FILE *info;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = fopen(path, "re");
	mt_check(info);
	while (!found && fgets(line, sizeof(line), info)) {
		unsigned long long number;

		found = !strncmp(line, key, length) &&
			sscanf(line + length, ":\t%llu", &number) == 1;
		if (found)
			*value = number;
	}
	fclose(info);
	return found;
}

bool mt_closes_on_exec(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	mt_check(flags >= 0);
	return flags & FD_CLOEXEC;
}
