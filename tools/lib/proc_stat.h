/* SPDX-License-Identifier: MIT */
/* Copyright (c) The mach authors */
/* What /proc tells of a process or a thread; not installed. */
#ifndef LIBMACH_PROC_STAT_H
#define LIBMACH_PROC_STAT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <mach/time_value.h>

struct libmach_stat {
	char state;		/* as ps says it */
	uint64_t minor_faults, major_faults;
	time_value64_t user, system;
	time_value64_t created;	/* since the epoch */
	time_value64_t age;
	int nice;
	uint64_t virtual_bytes, resident_pages;
};

/* Of @pid, all its threads that are and were, or of its thread @tid. */
bool libmach_stat_process(pid_t pid, struct libmach_stat *stat);
bool libmach_stat_thread(pid_t pid, pid_t tid, struct libmach_stat *stat);
/* The times of all threads that live. */
bool libmach_stat_live(pid_t pid, time_value64_t *user,
		       time_value64_t *system);

#endif /* LIBMACH_PROC_STAT_H */
