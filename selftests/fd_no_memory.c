// SPDX-License-Identifier: GPL-2.0
/*
 * Each allocation of each call between names and descriptors fails, one after
 * the other: the call says KERN_RESOURCE_SHORTAGE, or can do without, and has
 * no other effect (K10).  Needs a kernel with fault injection.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/caller.h"
#include "lib/descriptors.h"
#include "lib/fixture.h"

#define FAILSLAB	"/sys/kernel/debug/failslab/"
/* More than any call has. */
#define MOST		100

struct scene {
	struct mt_task task, other;
	__u32 port;
	int right, null;
	__u32 fileport;
};

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) > 0;

	if (fd >= 0)
		close(fd);
	return done;
}

/* The file of this thread, open before anything can fail; or -1. */
static int fail_nth = -1;

/* The next allocation but @nth - 1 fails; 0: none. */
static bool arm(int nth)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", nth);
	return pwrite(fail_nth, text, strlen(text), 0) > 0;
}

/* Has it failed?  From here on none does. */
static bool disarm(void)
{
	char text[16] = "";
	ssize_t got = pread(fail_nth, text, sizeof(text) - 1, 0);

	mt_check(arm(0) && got > 0);
	return atoi(text) == 0;
}

/* Also allocations that could wait for memory; and no report of each. */
static bool can_fail(void)
{
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	return put(FAILSLAB "ignore-gfp-wait", "N") &&
	       put(FAILSLAB "verbose", "0") && arm(0);
}

/* ---- the calls, and what undoes them ---- */

static __s32 poll_port(const struct scene *scene, int nth, bool *failed)
{
	__s32 ret;
	int fd;

	arm(nth);
	ret = mt_poll_fd(&scene->task, scene->port, 0, &fd);
	*failed = disarm();
	if (ret == KERN_SUCCESS)
		close(fd);
	return ret;
}

static __s32 make_fileport(const struct scene *scene, int nth, bool *failed)
{
	__u32 name;
	__s32 ret;

	arm(nth);
	ret = mt_fileport(&scene->task, scene->null, &name);
	*failed = disarm();
	if (ret == KERN_SUCCESS)
		mt_must(mt_deallocate(&scene->task, name));
	return ret;
}

static __s32 take_file(const struct scene *scene, int nth, bool *failed)
{
	__s32 ret;
	int fd;

	arm(nth);
	ret = mt_fileport_fd(&scene->task, scene->fileport, 0, &fd);
	*failed = disarm();
	if (ret == KERN_SUCCESS)
		close(fd);
	return ret;
}

static __s32 move_right(const struct scene *scene, int nth, bool *failed)
{
	__u32 name;
	__s32 ret;
	int fd;

	arm(nth);
	ret = mt_right_fd(&scene->task, scene->port, MACH_FD_MOVE, &fd);
	*failed = disarm();
	if (ret == KERN_SUCCESS) {
		mt_must(mt_right_from_fd(&scene->task, fd, &name));
		close(fd);
	}
	return ret;
}

static __s32 take_right(const struct scene *scene, int nth, bool *failed)
{
	__u32 name;
	__s32 ret;

	arm(nth);
	ret = mt_right_from_fd(&scene->other, scene->right, &name);
	*failed = disarm();
	if (ret == KERN_SUCCESS)
		mt_must(mt_deallocate(&scene->other, name));
	return ret;
}

/* ---- one after the other ---- */

struct counts {
	__u64 live[7], fds;
};

static struct counts count(const struct scene *scene)
{
	struct mach_ioc_stats stats = mt_stats(&scene->task,
					       MACH_STATS_MODULE);
	struct counts counts = {
		.live = {
			stats.live_ports, stats.live_names,
			stats.live_messages, stats.live_requests,
			stats.live_bytes, stats.live_files,
			mt_senders(&scene->task, scene->port),
		},
		.fds = mt_open_fds(),
	};

	return counts;
}

typedef __s32 call(const struct scene *scene, int nth, bool *failed);

/* How many allocations have failed; -1: one had an effect. */
static int fail_each(const struct scene *scene, call *call)
{
	struct counts before = count(scene), after;
	int nth = 0;
	bool failed;
	__s32 ret;

	do {
		ret = call(scene, ++nth, &failed);
		after = count(scene);
		if (memcmp(&before, &after, sizeof(before)) ||
		    (ret != KERN_SUCCESS && !failed) ||
		    (ret != KERN_SUCCESS && ret != KERN_RESOURCE_SHORTAGE)) {
			fprintf(stderr, "# allocation %d: %#x, failed %d\n",
				nth, ret, failed);
			return -1;
		}
	} while (failed && nth < MOST);
	fprintf(stderr, "# %d allocations\n", nth - 1);
	return nth - 1;
}

TEST_F(mach, each_allocation_fails)
{
	struct scene scene = { .task = self->task };

	if (!can_fail())
		SKIP(return, "no fault injection here");
	mt_open(&scene.other);
	scene.null = open("/dev/null", O_RDWR | O_CLOEXEC);
	scene.port = mt_port(&scene.task);
	scene.right = mt_hold_right(&scene.task, scene.port);
	scene.fileport = mt_new_fileport(&scene.task, scene.null);
	/* The file, its name, its struct; the port, its note, the name. */
	EXPECT_LE(2, fail_each(&scene, poll_port));
	EXPECT_LE(2, fail_each(&scene, make_fileport));
	EXPECT_LE(0, fail_each(&scene, take_file));
	EXPECT_LE(2, fail_each(&scene, move_right));
	EXPECT_LE(0, fail_each(&scene, take_right));
}

TEST_HARNESS_MAIN
