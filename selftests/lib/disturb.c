// SPDX-License-Identifier: GPL-2.0
/*
 * The disturbances of the hammers: see hammer.h.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "disk.h"
#include "hammer.h"
#include "source.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

#define THP	"/sys/kernel/mm/transparent_hugepage/"
#define KSM	"/sys/kernel/mm/ksm/"
#define SWAP	(128UL << 20)

static bool set(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t done;

	if (fd < 0)
		return false;
	done = write(fd, value, strlen(value));
	close(fd);
	return done == (ssize_t)strlen(value);
}

static bool stopped(const struct mt_disturber *disturber)
{
	return __atomic_load_n(disturber->stop, __ATOMIC_RELAXED) ||
	       mt_violated();
}

/* ---- khugepaged in a hurry ---- */

static const struct {
	const char *path, *value;
} hurry[] = {
	{ THP "khugepaged/scan_sleep_millisecs", "1" },
	{ THP "khugepaged/alloc_sleep_millisecs", "1" },
	{ THP "khugepaged/pages_to_scan", "100000" },
};

/* What the kernel was set to, for the tests that come after. */
static char leisure[ARRAY_SIZE(hurry)][32];

static void hurry_khugepaged(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(hurry); i++) {
		int fd = open(hurry[i].path, O_RDONLY | O_CLOEXEC);

		if (fd < 0)
			continue;
		memset(leisure[i], 0, sizeof(leisure[i]));
		if (read(fd, leisure[i], sizeof(leisure[i]) - 1) > 0)
			set(hurry[i].path, hurry[i].value);
		close(fd);
	}
}

static void calm_khugepaged(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(hurry); i++)
		if (leisure[i][0])
			set(hurry[i].path, leisure[i]);
}

/* ---- what disturbs ---- */

/* Some whole pages of the memory. */
static char *part(const struct mt_disturber *disturber, unsigned long *bytes)
{
	unsigned int pages = disturber->bytes / MT_PAGE;
	unsigned int first = mt_random(pages);

	*bytes = (1 + mt_random(pages - first)) * MT_PAGE;
	return disturber->memory + first * MT_PAGE;
}

static void fork_and_write(const struct mt_disturber *disturber)
{
	pid_t pid = mt_fork();

	if (pid == 0) {
		unsigned long bytes;
		char *memory = part(disturber, &bytes);

		memset(memory, 0xff, bytes);
		_exit(0);
	}
	mt_wait_pid(pid);
}

/* Another process, which the OOM killer should prefer. */
static void want_memory(const struct mt_disturber *disturber)
{
	struct sysinfo info;
	pid_t pid;

	mt_must(sysinfo(&info));
	pid = mt_fork();
	if (pid == 0) {
		unsigned long bytes = (info.freeram + info.bufferram) / 10 * 11;
		char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS |
				    MAP_NORESERVE, -1, 0);

		set("/proc/self/oom_score_adj", "1000");
		mt_check(memory != MAP_FAILED);
		for (unsigned long at = 0; at < bytes && !stopped(disturber);
		     at += MT_PAGE)
			memory[at] = 1;
		_exit(0);
	}
	mt_wait_pid(pid);
}

/* A protection that changes nothing but the shape of the page tables. */
static void split(const struct mt_disturber *disturber)
{
	unsigned long bytes;
	char *memory = part(disturber, &bytes);

	mprotect(memory, bytes, PROT_READ | PROT_WRITE | PROT_EXEC);
	sched_yield();
	mprotect(disturber->memory, disturber->bytes, PROT_READ | PROT_WRITE);
}

/* Those of this process that have done nothing yet. */
static unsigned int idle;

bool mt_disturbed(void)
{
	return !__atomic_load_n(&idle, __ATOMIC_RELAXED);
}

static void disturb(struct mt_disturber *disturber)
{
	unsigned long bytes;
	char *memory;

	switch (disturber->what) {
	case MT_PAGEOUT:
		memory = part(disturber, &bytes);
		madvise(memory, bytes, MADV_PAGEOUT);
		break;
	case MT_COMPACT:
		set("/proc/sys/vm/compact_memory", "1");
		break;
	case MT_COLLAPSE:
		madvise(disturber->memory, disturber->bytes, MADV_COLLAPSE);
		break;
	case MT_FORK:
		fork_and_write(disturber);
		break;
	case MT_CLEAR_REFS:
		set("/proc/self/clear_refs", "4");
		break;
	case MT_PRESSURE:
		want_memory(disturber);
		break;
	case MT_SPLIT:
		split(disturber);
		break;
	default:
		mt_sleep(10);
	}
	if (!disturber->rounds++)
		__atomic_sub_fetch(&idle, 1, __ATOMIC_RELAXED);
}

static void *disturb_on(void *arg)
{
	struct mt_disturber *disturber = arg;

	while (!stopped(disturber)) {
		disturb(disturber);
		/* A thread that only takes the mmap lock starves the rest. */
		usleep(mt_random(2000));
	}
	return NULL;
}

/* Pages, ever. */
static unsigned long swapped_out(void)
{
	FILE *file = fopen("/proc/vmstat", "re");
	unsigned long count = 0;
	char line[128];

	mt_check(file);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "pswpout %lu", &count) == 1)
			break;
	fclose(file);
	return count;
}

/* To fill more than this takes an emulator too long. */
static bool is_small(void)
{
	struct sysinfo info;

	mt_must(sysinfo(&info));
	return info.totalram < 512UL << 20;
}

static bool prepare(const struct mt_disturber *disturber)
{
	switch (disturber->what) {
	case MT_PRESSURE:
		return is_small() && mt_swap_on(SWAP);
	case MT_PAGEOUT:
		return mt_swap_on(SWAP);
	case MT_COMPACT:
		return !access("/proc/sys/vm/compact_memory", W_OK);
	case MT_KSM:
		return set(KSM "pages_to_scan", "500") &&
		       set(KSM "sleep_millisecs", "1") &&
		       set(KSM "run", "1") &&
		       !madvise(disturber->memory, disturber->bytes,
				MADV_MERGEABLE);
	case MT_COLLAPSE:
	case MT_SPLIT:
		hurry_khugepaged();
		return !madvise(disturber->memory, disturber->bytes,
				MADV_HUGEPAGE);
	default:
		return true;
	}
}

bool mt_disturb(struct mt_disturber *disturber, enum mt_disturbance what,
		void *memory, unsigned long bytes)
{
	memset(disturber, 0, sizeof(*disturber));
	disturber->what = what;
	disturber->memory = memory;
	disturber->bytes = bytes;
	disturber->stop = mt_shared(MT_PAGE);
	if (!prepare(disturber))
		return false;
	disturber->started = true;
	disturber->swapped = swapped_out();
	__atomic_add_fetch(&idle, 1, __ATOMIC_RELAXED);
	mt_must(pthread_create(&disturber->thread, NULL, disturb_on,
			       disturber));
	return true;
}

void mt_calm(struct mt_disturber *disturber)
{
	if (!disturber->started)
		return;
	__atomic_store_n(disturber->stop, true, __ATOMIC_RELAXED);
	mt_must(pthread_join(disturber->thread, NULL));
	if (disturber->what == MT_PAGEOUT || disturber->what == MT_PRESSURE) {
		printf("# %lu pages were swapped out\n",
		       swapped_out() - disturber->swapped);
		mt_swap_off();
	}
	if (disturber->what == MT_COLLAPSE || disturber->what == MT_SPLIT)
		calm_khugepaged();
	if (disturber->what == MT_KSM) {
		printf("# %ld pages are merged\n",
		       mt_get_kernel(KSM "pages_sharing", NULL));
		set(KSM "run", "2");
		set(KSM "run", "0");
	}
}
