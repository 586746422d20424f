// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/*
 * Getting the records: of all tasks, which needs privilege, or of the tasks of
 * one process, whose descriptors one must be allowed to take (pidfd_getfd).
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lsmp.h"

static void complain(const char *what, kern_return_t kr)
{
	if (kr == KERN_NO_ACCESS)
		fprintf(stderr, "lsmp: the tasks of all processes: needs "
			"CAP_SYS_ADMIN; -p PID lists one of your own\n");
	else
		fprintf(stderr, "lsmp: %s: %s\n", what, mach_error_string(kr));
}

/* Appends the listing of one task. */
static kern_return_t append_task(mach_port_t task, char **records,
				 size_t *size)
{
	struct mach_snapshot_record *more;
	kern_return_t kr;
	size_t length;
	char *longer;

	kr = mach_snapshot(task, 0, &more, &length);
	if (kr)
		return kr;
	longer = realloc(*records, *size + length);
	if (longer) {
		memcpy(longer + *size, more, length);
		*records = longer;
		*size += length;
	}
	free(more);
	return longer ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
}

/* Descriptor number of the process, if it is one of /dev/mach. */
static int take_device(int pidfd, int directory, const char *number)
{
	char target[64] = "";

	if (readlinkat(directory, number, target, sizeof(target) - 1) < 0 ||
	    strcmp(target, "/dev/mach"))
		return -1;
	return (int)syscall(SYS_pidfd_getfd, pidfd, atoi(number), 0);
}

/* How many tasks there were; errors of one do not stop the others. */
static int append_process(int pidfd, DIR *directory, char **records,
			  size_t *size)
{
	struct dirent *entry;
	mach_port_t task;
	int tasks = 0;

	while ((entry = readdir(directory))) {
		int fd = take_device(pidfd, dirfd(directory), entry->d_name);

		if (fd < 0)
			continue;
		if (mach_task_for_file(fd, &task) == KERN_SUCCESS) {
			tasks += !append_task(task, records, size);
			mach_port_deallocate(mach_task_self(), task);
		}
		close(fd);
	}
	return tasks;
}

static int collect_process(pid_t pid, char **records, size_t *size)
{
	int pidfd, tasks = 0;
	char path[64];
	DIR *directory;

	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0) {
		fprintf(stderr, "lsmp: process %d: %s\n", pid,
			strerror(errno));
		return errno == ESRCH ? LSMP_NOTHING : LSMP_FAILED;
	}
	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	directory = opendir(path);
	if (directory) {
		tasks = append_process(pidfd, directory, records, size);
		closedir(directory);
	} else {
		fprintf(stderr, "lsmp: %s: %s\n", path, strerror(errno));
	}
	close(pidfd);
	if (!directory)
		return LSMP_FAILED;
	if (!tasks)
		fprintf(stderr, "lsmp: process %d has no task that you may "
			"list\n", pid);
	return tasks ? LSMP_OK : LSMP_NOTHING;
}

int collect(const struct wish *wish, struct mach_snapshot_record **records,
	    size_t *size, bool *complete)
{
	char *bytes = NULL;
	kern_return_t kr;
	int status;

	if (mach_device_fd() < 0) {
		fprintf(stderr, "lsmp: /dev/mach: %s\n", strerror(errno));
		return LSMP_FAILED;
	}
	*complete = true;
	kr = mach_snapshot(MACH_PORT_NULL, MACH_SNAPSHOT_ALL, records, size);
	if (kr == KERN_SUCCESS)
		return LSMP_OK;
	*complete = false;
	if (kr != KERN_NO_ACCESS || !wish->pid) {
		complain("snapshot", kr);
		return LSMP_FAILED;
	}
	*size = 0;
	status = collect_process(wish->pid, &bytes, size);
	*records = (void *)bytes;
	return status;
}
