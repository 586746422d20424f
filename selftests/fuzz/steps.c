// SPDX-License-Identifier: GPL-2.0
/*
 * What workers do besides calls of the module: with memory, descriptors and
 * processes.
 */
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

/* ---- memory ---- */

static void new_region(struct fuzz *f)
{
	static const unsigned long sizes[] = {
		4096, 4096, 16384, 65536, 1 << 20, 4 << 20
	};
	unsigned long bytes = sizes[fuzz_below(f, 6)], at;
	bool shared = fuzz_once_in(f, 6);
	char *address = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			     (shared ? MAP_SHARED : MAP_PRIVATE) |
			     MAP_ANONYMOUS, -1, 0);

	if (address == MAP_FAILED)
		return;
	if (fuzz_once_in(f, 2))
		madvise(address, bytes, fuzz_once_in(f, 2) ? MADV_HUGEPAGE :
			MADV_NOHUGEPAGE);
	/* The rest are holes. */
	for (at = 0; at < bytes; at += 4096UL << fuzz_below(f, 4))
		address[at] = 1 + fuzz_below(f, 100);
	fuzz_keep_region(f, address, bytes);
}

static void advise(struct fuzz *f)
{
	static const int advices[] = {
		MADV_DONTNEED, MADV_FREE, MADV_MERGEABLE, MADV_UNMERGEABLE,
		MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_COLD, MADV_PAGEOUT,
		MADV_DONTFORK, MADV_DOFORK, MADV_WIPEONFORK, MADV_DONTDUMP,
	};
	struct fuzz_region range = fuzz_range(f);

	madvise((void *)((__u64)range.address & -4096UL), range.bytes,
		advices[fuzz_below(f, sizeof(advices) / sizeof(*advices))]);
}

/* Through a pipe, so that what cannot be read or written kills nobody. */
static void touch(struct fuzz *f)
{
	struct fuzz_region range = fuzz_range(f);
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return;
	if (fuzz_once_in(f, 2) && write(ends[1], range.address, range.bytes))
		range = fuzz_range(f);
	else if (write(ends[1], f, sizeof(*f)) < 0)
		range.bytes = 0;
	if (read(ends[0], range.address, range.bytes) < 0)
		range.bytes = 0;
	close(ends[0]);
	close(ends[1]);
}

static void move(struct fuzz *f)
{
	struct fuzz_region range = fuzz_take_region(f);
	char *address = range.address;

	if (!address)
		return;
	address = mremap((void *)((__u64)address & -4096UL), range.bytes,
			 range.bytes + 4096UL * fuzz_below(f, 3),
			 MREMAP_MAYMOVE);
	fuzz_keep_region(f, address == MAP_FAILED ? range.address : address,
			 range.bytes);
}

void fuzz_memory(struct fuzz *f)
{
	struct fuzz_region range;

	switch (fuzz_below(f, 8)) {
	case 0:
	case 1:
		return new_region(f);
	case 2:
		range = fuzz_take_region(f);
		if (range.address)
			munmap((void *)((__u64)range.address & -4096UL),
			       range.bytes);
		return;
	case 3:
		return advise(f);
	case 4:
		range = fuzz_range(f);
		mprotect((void *)((__u64)range.address & -4096UL), range.bytes,
			 fuzz_once_in(f, 4) ? PROT_READ :
			 PROT_READ | PROT_WRITE);
		return;
	case 5:
		return move(f);
	default:
		return touch(f);
	}
}

/* ---- descriptors ---- */

static void mail(struct fuzz *f, int fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {
		.head = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS },
	};
	char byte = 0;
	struct iovec data = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};

	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	sendmsg(f->worker->mail[fuzz_below(f, FUZZ_WORKERS)], &message,
		MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void fetch(struct fuzz *f)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { };
	char byte;
	struct iovec data = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	int fd;

	if (recvmsg(f->worker->inbox, &message, MSG_DONTWAIT) < 0 ||
	    message.msg_controllen < CMSG_LEN(sizeof(int)))
		return;
	memcpy(&fd, CMSG_DATA(&control.head), sizeof(fd));
	fuzz_keep_file(f, fd);
}

static void wait_for_some(struct fuzz *f)
{
	struct pollfd fds[4];
	int i;

	for (i = 0; i < 4; i++)
		fds[i] = (struct pollfd) { .fd = fuzz_file(f),
					   .events = POLLIN | POLLOUT };
	poll(fds, 4, fuzz_below(f, 3));
}

/* Nothing of these files can be read, written or mapped. */
static void misuse(struct fuzz *f)
{
	int fd = fuzz_once_in(f, 2) ? fuzz_task(f) :
		f->worker->file[fuzz_below(f, FUZZ_FILES)];
	char byte;
	void *address;

	if (fd <= STDERR_FILENO)
		return;
	fcntl(fd, F_SETFL, O_NONBLOCK);
	if (read(fd, &byte, 1) > 0)
		fuzz_number(f);
	lseek(fd, fuzz_number(f), SEEK_SET);
	address = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
		       fuzz_once_in(f, 2) ? MAP_SHARED : MAP_PRIVATE, fd,
		       fuzz_number(f) & -4096UL);
	if (address != MAP_FAILED)
		fuzz_keep_region(f, address, 8192);
}

void fuzz_descriptors(struct fuzz *f)
{
	int fd;

	switch (fuzz_below(f, 6)) {
	case 0:
		return mail(f, fuzz_file(f));
	case 1:
		return mail(f, fuzz_task(f));
	case 2:
	case 3:
		return fetch(f);
	case 4:
		return wait_for_some(f);
	default:
		if (fuzz_once_in(f, 2))
			return misuse(f);
		fd = memfd_create("fuzz", MFD_CLOEXEC);
		return fuzz_keep_file(f, fd);
	}
}

/* ---- processes ---- */

/*
 * A child has copies of all, but is not the tasks' process; and may have one of
 * its own, which then may inherit.
 */
static void child(struct fuzz *f, __u64 seed)
{
	int i;

	fuzz_drop_tape(f);
	f->random = seed | 1;
	f->trace = NULL;
	alarm(2);
	if (fuzz_once_in(f, 2))
		fuzz_renew_task(f, fuzz_below(f, FUZZ_TASKS));
	for (i = fuzz_below(f, 30); i > 0; i--) {
		f->task = fuzz_below(f, FUZZ_TASKS);
		if (fuzz_once_in(f, 4))
			fuzz_memory(f);
		else if (fuzz_once_in(f, 3))
			fuzz_message(f);
		else
			fuzz_call(f);
	}
	_exit(0);
}

/* Ports with a send right, receive rights, a set. */
static void some_ports(struct fuzz *f)
{
	struct mach_ioc_port port = { .size = sizeof(port) };
	struct mach_ioc_insert insert = { .size = sizeof(insert) };
	int i;

	for (i = 0; i < 8; i++) {
		port.task = f->worker->self[f->task];
		port.right = i ? MACH_PORT_RIGHT_RECEIVE :
			MACH_PORT_RIGHT_PORT_SET;
		if (ioctl(fuzz_task(f), MACH_IOC_PORT_ALLOCATE, &port))
			return;
		f->worker->name[f->task][i] = port.name;
		insert.task = port.task;
		insert.name = port.name;
		insert.poly = port.name;
		insert.poly_type = MACH_MSG_TYPE_MAKE_SEND;
		if (i > 1)
			ioctl(fuzz_task(f), MACH_IOC_PORT_INSERT_RIGHT,
			      &insert);
	}
}

void fuzz_renew_task(struct fuzz *f, int i)
{
	struct mach_ioc_name call = { .size = sizeof(call) };
	int fd = open("/dev/mach", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return;
	/* Under the feet of those who use it. */
	if (f->worker->task[i] > 0) {
		dup3(fd, f->worker->task[i], O_CLOEXEC);
		close(fd);
	} else {
		f->worker->task[i] = fd;
	}
	if (ioctl(f->worker->task[i], MACH_IOC_TASK_SELF, &call))
		return;
	f->task = i;
	f->worker->self[i] = call.name;
	some_ports(f);
	fuzz_keep_name(f, call.name);
}

void fuzz_renew_all(struct fuzz *f)
{
	struct fuzz_worker *worker = f->worker;
	struct fuzz_region region;
	int i, fd;

	for (i = 0; i < FUZZ_FILES; i++) {
		fd = __atomic_exchange_n(&worker->file[i], -1,
					 __ATOMIC_RELAXED);
		if (fd >= 0)
			close(fd);
	}
	for (i = 0; i < FUZZ_REGIONS; i++) {
		region = worker->region[i];
		worker->region[i].address = NULL;
		if (region.address)
			munmap((void *)((__u64)region.address & -4096UL),
			       region.bytes);
	}
	memset(worker->name, 0, sizeof(worker->name));
	worker->task_id = 0;
	for (i = 0; i < FUZZ_TASKS; i++)
		fuzz_renew_task(f, i);
}

void fuzz_process(struct fuzz *f)
{
	__u64 seed;
	pid_t pid;

	if (!fuzz_once_in(f, 3))
		return fuzz_renew_task(f, fuzz_below(f, FUZZ_TASKS));
	seed = fuzz_random(f);
	pid = fork();
	if (pid == 0)
		child(f, seed);
	while (waitpid(-1, NULL, pid > 0 && fuzz_once_in(f, 2) ? 0 :
		       WNOHANG) > 0)
		;
}
