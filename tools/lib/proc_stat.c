// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* Reads /proc/PID/stat and /proc/PID/task: see proc_stat.h. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "proc_stat.h"

/* A name of 64 bytes and 50 numbers. */
#define ROOM	1200

static time_value64_t from_ticks(uint64_t ticks)
{
	uint64_t hertz = (uint64_t)sysconf(_SC_CLK_TCK);

	return (time_value64_t){
		.seconds = (int64_t)(ticks / hertz),
		.nanoseconds = (int64_t)(ticks % hertz *
					 (TIME_NANOS_MAX / hertz)),
	};
}

static time_value64_t now(clockid_t clock)
{
	struct timespec ts = { .tv_sec = 0 };
	time_value64_t tv;

	clock_gettime(clock, &ts);
	TIMESPEC_TO_TIME_VALUE64(&tv, &ts);
	return tv;
}

/* @ticks from the boot to the start. */
static void set_creation(struct libmach_stat *stat, uint64_t ticks)
{
	time_value64_t start = from_ticks(ticks);

	stat->age = now(CLOCK_BOOTTIME);
	time_value64_sub(&stat->age, &start);
	stat->created = now(CLOCK_REALTIME);
	time_value64_sub(&stat->created, &stat->age);
}

/* From field 3 on; the name before it is in parentheses and may have some. */
static bool parse(const char *text, struct libmach_stat *stat)
{
	unsigned long long minor, major, user, system, start, size;
	const char *at = strrchr(text, ')');
	long nice, resident;

	if (!at || sscanf(at + 1, " %c %*d %*d %*d %*d %*d %*u %llu %*u %llu"
			  " %*u %llu %llu %*d %*d %*d %ld %*d %*d %llu %llu"
			  " %ld", &stat->state, &minor, &major, &user, &system,
			  &nice, &start, &size, &resident) != 9)
		return false;
	stat->minor_faults = minor;
	stat->major_faults = major;
	stat->user = from_ticks(user);
	stat->system = from_ticks(system);
	stat->nice = (int)nice;
	stat->virtual_bytes = size;
	stat->resident_pages = (uint64_t)resident;
	set_creation(stat, start);
	return true;
}

static bool read_stat(const char *path, struct libmach_stat *stat)
{
	char text[ROOM];
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (got <= 0)
		return false;
	text[got] = '\0';
	return parse(text, stat);
}

bool libmach_stat_process(pid_t pid, struct libmach_stat *stat)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	return read_stat(path, stat);
}

bool libmach_stat_thread(pid_t pid, pid_t tid, struct libmach_stat *stat)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", (int)pid,
		 (int)tid);
	return read_stat(path, stat);
}

bool libmach_stat_live(pid_t pid, time_value64_t *user, time_value64_t *system)
{
	struct libmach_stat stat;
	struct dirent *entry;
	char path[64];
	DIR *threads;

	time_value64_init(user);
	time_value64_init(system);
	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	threads = opendir(path);
	if (!threads)
		return false;
	while ((entry = readdir(threads))) {
		/* A thread may end meanwhile. */
		if (entry->d_name[0] == '.' ||
		    !libmach_stat_thread(pid, atoi(entry->d_name), &stat))
			continue;
		time_value64_add(user, &stat.user);
		time_value64_add(system, &stat.system);
	}
	closedir(threads);
	return true;
}
