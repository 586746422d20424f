/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's trace points, counted for one thread, or deadly to it: the
 * kernel's perf events raise SIGKILL at the n-th time that the thread passes
 * one, before it goes on.
 */
#ifndef MACH_TRACE_POINT_H
#define MACH_TRACE_POINT_H

#include <stdbool.h>
#include <sys/types.h>

#define MT_POINTS	64

/* An event, and of mach_stage one stage. */
struct mt_point {
	char name[32];
	long event;		/* its id in tracefs */
	int stage;		/* -1: not mach_stage */
};

/* All points; their number, or 0 if this kernel cannot. */
int mt_find_points(struct mt_point points[MT_POINTS]);

/* A descriptor that counts what @thread passes from now on. */
int mt_count_point(const struct mt_point *point, pid_t thread);
unsigned long mt_point_count(int fd);
/* The same, and the process dies at number @number, which is 1 or more. */
int mt_kill_at_point(const struct mt_point *point, pid_t process,
		     unsigned long number);

#endif /* MACH_TRACE_POINT_H */
