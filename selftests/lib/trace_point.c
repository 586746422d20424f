// SPDX-License-Identifier: GPL-2.0
/*
 * Trace points: see trace_point.h.
 */
#include <fcntl.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mach_test.h"
#include "trace_point.h"

#define TRACING	"/sys/kernel/tracing/"

static const char *const events[] = {
	"mach_send", "mach_receive", "mach_right", "mach_notify",
	"mach_capture", "mach_map", "mach_error",
};

/* Mounts it if nobody has. */
static bool have_tracefs(void)
{
	if (access(TRACING "events/mach", F_OK))
		mount("tracefs", TRACING, "tracefs", 0, NULL);
	return !access(TRACING "events/mach", F_OK);
}

static FILE *open_event(const char *event, const char *file)
{
	char path[128];
	FILE *opened;

	snprintf(path, sizeof(path), TRACING "events/mach/%s/%s", event, file);
	opened = fopen(path, "re");
	mt_check(opened);
	return opened;
}

static long event_id(const char *event)
{
	FILE *file = open_event(event, "id");
	long id;

	mt_check(fscanf(file, "%ld", &id) == 1);
	fclose(file);
	return id;
}

/* The format has them as { NUMBER, "NAME" }. */
static int find_stages(struct mt_point *points, int room)
{
	FILE *file = open_event("mach_stage", "format");
	static char text[8192];
	const char *at = text;
	int count = 0;
	size_t length;

	length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[length] = '\0';
	for (at = strchr(text, '{'); at; at = strchr(at + 1, '{')) {
		struct mt_point *point = &points[count];

		mt_check(count < room);
		if (sscanf(at, "{ %d, \"%31[^\"]\" }", &point->stage,
			   point->name) != 2)
			continue;
		point->event = event_id("mach_stage");
		count++;
	}
	mt_check(count);
	return count;
}

static int open_point(const struct mt_point *point, pid_t thread,
		      unsigned long period)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = point->event,
		.sample_period = period,
		.wakeup_events = 1,
		.disabled = 1,
	};
	char filter[32];
	int fd;

	fd = syscall(SYS_perf_event_open, &attr, thread, -1, -1,
		     PERF_FLAG_FD_CLOEXEC);
	if (fd < 0 || point->stage < 0)
		return fd;
	snprintf(filter, sizeof(filter), "stage == %d", point->stage);
	mt_must(ioctl(fd, PERF_EVENT_IOC_SET_FILTER, filter));
	return fd;
}

/*
 * The first who opens an event switches it on, the last switches it off and
 * waits for all processors to know: so one is kept open for as long as this
 * process lives.
 */
static bool keep_on(const struct mt_point *point)
{
	return open_point(point, 0, 0) >= 0;
}

int mt_find_points(struct mt_point points[MT_POINTS])
{
	int count = sizeof(events) / sizeof(events[0]);
	int i;

	if (!have_tracefs())
		return 0;
	for (i = 0; i < count; i++) {
		snprintf(points[i].name, sizeof(points[i].name), "%s",
			 events[i]);
		points[i].event = event_id(events[i]);
		points[i].stage = -1;
		if (!keep_on(&points[i]))
			return 0;
	}
	i = count + find_stages(points + count, MT_POINTS - count);
	return keep_on(&points[count]) ? i : 0;
}

int mt_count_point(const struct mt_point *point, pid_t thread)
{
	int fd = open_point(point, thread, 0);

	mt_check(fd >= 0);
	mt_must(ioctl(fd, PERF_EVENT_IOC_ENABLE, 0));
	return fd;
}

unsigned long mt_point_count(int fd)
{
	__u64 count;

	mt_check(read(fd, &count, sizeof(count)) == sizeof(count));
	return count;
}

/*
 * The event tells its owner by an interrupt on the processor where it happens,
 * so the signal is pending when the thread goes on.
 */
int mt_kill_at_point(const struct mt_point *point, pid_t process,
		     unsigned long number)
{
	int fd = open_point(point, process, number);

	mt_check(fd >= 0);
	mt_must(fcntl(fd, F_SETOWN, process));
	mt_must(fcntl(fd, F_SETSIG, SIGKILL));
	mt_must(fcntl(fd, F_SETFL, O_ASYNC));
	mt_must(ioctl(fd, PERF_EVENT_IOC_ENABLE, 0));
	return fd;
}
