// SPDX-License-Identifier: GPL-2.0
/*
 * Trials in which one allocation after the other fails: see fail_nth.h.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "descriptors.h"
#include "fail_nth.h"
#include "listing.h"

#define FAILSLAB	"/sys/kernel/debug/failslab/"
#define FAIL_PAGE_ALLOC	"/sys/kernel/debug/fail_page_alloc/"
/* Steps of 2 ms until what died must be gone. */
#define SETTLE_STEPS	1500

/* More descriptors than a run has open at a time. */
#define FEW		8
/* Parts of what a deed wants. */
#define PARTS		8
/* More than any deed wants: bytes, and pages. */
#define PLENTY		(1 << 30)

/* Files of this thread, open before anything can fail; or -1. */
static int fail_nth = -1, make_it_fail = -1;
/* What may be allocated before everything fails: bytes, pages. */
static int slab_space = -1, page_space = -1;
/* Looks at counters; not part of any trial. */
static struct mt_task watcher;

static bool put(const char *folder, const char *name, const char *text)
{
	char path[128];
	bool done;
	int fd;

	snprintf(path, sizeof(path), "%s%s", folder, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	done = fd >= 0 && write(fd, text, strlen(text)) > 0;
	if (fd >= 0)
		close(fd);
	return done;
}

/*
 * What fails: allocations that could wait for memory, too, but only of threads
 * that ask for it; with a report of each, with a stack trace.
 */
static bool set_up(const char *folder)
{
	return put(folder, "ignore-gfp-wait", "N") &&
	       put(folder, "task-filter", "Y") &&
	       put(folder, "probability", "100") &&
	       put(folder, "times", "-1") &&
	       put(folder, "verbose", "2") &&
	       put(folder, "verbose_ratelimit_interval_ms", "0");
}

bool mt_open_faults(void)
{
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	make_it_fail = open("/proc/thread-self/make-it-fail",
			    O_RDWR | O_CLOEXEC);
	slab_space = open(FAILSLAB "space", O_WRONLY | O_CLOEXEC);
	page_space = open(FAIL_PAGE_ALLOC "space", O_WRONLY | O_CLOEXEC);
	return fail_nth >= 0 && make_it_fail >= 0 && slab_space >= 0 &&
	       page_space >= 0 && set_up(FAILSLAB) && set_up(FAIL_PAGE_ALLOC) &&
	       put(FAIL_PAGE_ALLOC, "ignore-gfp-highmem", "N") &&
	       put(FAIL_PAGE_ALLOC, "min-order", "0");
}

void mt_fail_pages(bool count)
{
	/* No allocation is that large. */
	mt_check(put(FAIL_PAGE_ALLOC, "min-order", count ? "0" : "20"));
}

/*
 * The kernel writes the processor's number into this area when a thread
 * resumes, and kills who has no memory for it: after a fork that is a page.
 */
static void leave_rseq(void)
{
	/* EINVAL: it is none; the parent may have left it before the fork. */
	if (__rseq_size && syscall(SYS_rseq,
				   (char *)__builtin_thread_pointer() +
				   __rseq_offset, 32, RSEQ_FLAG_UNREGISTER,
				   RSEQ_SIG))
		mt_check(errno == EINVAL);
}

bool mt_can_fail(void)
{
	if (!mt_open_faults())
		return false;
	leave_rseq();
	/* What malloc has does not count: it comes from the heap. */
	mt_check(mallopt(M_MMAP_THRESHOLD, 1 << 30));
	mt_open(&watcher);
	return true;
}

static void write_number(int fd, unsigned int number)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%u", number);

	mt_check(write(fd, text, length) == length);
}

static unsigned int read_number(int fd)
{
	char text[16] = "";

	mt_check(pread(fd, text, sizeof(text) - 1, 0) > 0);
	return strtoul(text, NULL, 0);
}

/* How much of plenty is gone; debugfs' files are read just once. */
static unsigned int used(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[16] = "";

	mt_check(read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	return PLENTY - strtoul(text, NULL, 0);
}

void mt_fail_next(unsigned int nth)
{
	write_number(fail_nth, nth);
}

unsigned int mt_left_to_fail(void)
{
	return read_number(fail_nth);
}

bool mt_has_failed(void)
{
	unsigned int left = mt_left_to_fail();

	mt_fail_next(0);
	return !left;
}

/* What a deed may have. */
struct ration {
	unsigned int nth;	/* all but the nth allocation; or if 0, ... */
	unsigned int bytes, pages;
};

static void hand_out(const struct ration *ration)
{
	if (ration->nth) {
		mt_fail_next(ration->nth);
		return;
	}
	write_number(slab_space, ration->bytes);
	write_number(page_space, ration->pages);
	write_number(make_it_fail, 1);
}

/* Was it too little?  Of bytes and pages that is not known: it may be. */
static bool take_back(const struct ration *ration)
{
	if (ration->nth)
		return mt_has_failed();
	write_number(make_it_fail, 0);
	return true;
}

void mt_fail_all(bool fail)
{
	write_number(slab_space, 0);
	write_number(page_space, 0);
	write_number(make_it_fail, fail);
}

bool mt_fail_nodes(bool fail)
{
	int fd = open("/sys/kernel/slab/radix_tree_node/failslab",
		      O_RDONLY | O_CLOEXEC);
	char text[4] = "";

	if (fd >= 0) {
		mt_check(read(fd, text, sizeof(text) - 1) > 0);
		close(fd);
	}
	if (!atoi(text))
		return false;
	mt_check(put(FAILSLAB, "cache-filter", fail ? "Y" : "N"));
	write_number(slab_space, 0);
	write_number(page_space, PLENTY);
	write_number(make_it_fail, fail);
	return true;
}

static bool is_worker(const char *pid)
{
	char path[300], name[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (!fgets(name, sizeof(name), file))
		name[0] = '\0';
	fclose(file);
	return !strncmp(name, "kworker/u", 9) || !strcmp(name, "kthreadd\n");
}

void mt_fail_workers(bool fail)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	unsigned int found = 0;
	char path[300];

	mt_check(dir);
	write_number(slab_space, 0);
	write_number(page_space, 0);
	while ((entry = readdir(dir))) {
		if (!atoi(entry->d_name) || !is_worker(entry->d_name))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/", entry->d_name);
		found += put(path, "make-it-fail", fail ? "1" : "0");
	}
	closedir(dir);
	mt_check(found > 1);
}

void mt_unmap_doorbells(struct mt_trial *trial)
{
	unsigned long start, end;
	char line[256];
	FILE *maps = fopen("/proc/self/maps", "re");

	(void)trial;
	mt_check(maps);
	while (fgets(line, sizeof(line), maps))
		if (strstr(line, "mach") && strstr(line, "---s") &&
		    sscanf(line, "%lx-%lx", &start, &end) == 2)
			mt_must(munmap((void *)start, end - start));
	fclose(maps);
}

/* Are two listings the same, byte by byte? */
static bool same(const struct mt_listing *a, const struct mt_listing *b)
{
	return a->size == b->size && !memcmp(a->bytes, b->bytes, a->size);
}

/* What the tasks of a trial have, and what all of the module has. */
struct state {
	struct mt_listing task, other;
};

static void note_state(const struct mt_trial *trial, struct state *state)
{
	mt_list(&trial->task, trial->task.self, &state->task);
	mt_list(&trial->other, trial->other.self, &state->other);
}

static bool same_state(const struct mt_trial *trial, const struct state *before)
{
	struct state now;
	bool equal;

	note_state(trial, &now);
	equal = same(&before->task, &now.task) &&
		same(&before->other, &now.other);
	mt_free_listing(&now.task);
	mt_free_listing(&now.other);
	return equal;
}

/* What the deed had begun may take a moment to end. */
static bool becomes_same(const struct mt_trial *trial,
			 const struct state *before)
{
	int step;

	for (step = 0; step < SETTLE_STEPS; step++) {
		if (same_state(trial, before))
			return true;
		mt_sleep(2);
	}
	return false;
}

static void forget_state(struct state *state)
{
	mt_free_listing(&state->task);
	mt_free_listing(&state->other);
}

/* The sum of the descriptors that the next few files get. */
static int next_fds(void)
{
	int fds[FEW], i, sum = 0;

	for (i = 0; i < FEW; i++) {
		fds[i] = fcntl(0, F_DUPFD_CLOEXEC, 0);
		mt_check(fds[i] >= 0);
		sum += fds[i];
	}
	for (i = 0; i < FEW; i++)
		close(fds[i]);
	return sum;
}

/* Bytes of all mappings but those that grow by themselves. */
static unsigned long mapped(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long start, end, sum = 0;
	char line[512];

	mt_check(maps);
	while (fgets(line, sizeof(line), maps)) {
		mt_check(sscanf(line, "%lx-%lx", &start, &end) == 2);
		if (!strstr(line, "[heap]") && !strstr(line, "[stack]"))
			sum += end - start;
	}
	fclose(maps);
	return sum;
}

/*
 * Live objects, descriptors, memory, and the user's account, as the watcher has
 * it.
 */
struct totals {
	unsigned int fds;
	int next_fds;		/* reserved ones count, too */
	unsigned long mapped;
	struct mach_ioc_stats stats;
	struct mt_listing account;
};

static void note_totals(struct totals *totals)
{
	totals->fds = mt_open_fds();
	totals->next_fds = next_fds();
	totals->mapped = mapped();
	totals->stats = mt_stats(&watcher, MACH_STATS_MODULE);
	mt_list(&watcher, watcher.self, &totals->account);
}

/* @left bytes that were mapped in vain may be there still. */
static bool same_totals(const struct totals *before, unsigned long left)
{
	size_t live = MT_LIVE(tasks);
	struct totals now;
	bool equal;

	note_totals(&now);
	equal = before->fds == now.fds && before->next_fds == now.next_fds &&
		(before->mapped == now.mapped ||
		 before->mapped + left == now.mapped) &&
		!memcmp((char *)&before->stats + live,
			(char *)&now.stats + live,
			sizeof(now.stats) - live) &&
		same(&before->account, &now.account);
	mt_free_listing(&now.account);
	return equal;
}

/* The baseline: nothing of the run before is still on its way. */
static bool settles(const struct totals *before, unsigned long left)
{
	int step;

	for (step = 0; step < SETTLE_STEPS; step++) {
		if (same_totals(before, left))
			return true;
		mt_sleep(2);
	}
	return false;
}

static void say_leak(const struct totals *before)
{
	struct mach_ioc_stats now = mt_stats(&watcher, MACH_STATS_MODULE);
	const __u64 *a = &before->stats.live_tasks, *b = &now.live_tasks;
	size_t i;

	fprintf(stderr, "# %u files (%u), next %d (%d), %lu bytes (%lu)\n",
		mt_open_fds(), before->fds, next_fds(), before->next_fds,
		mapped(), before->mapped);
	for (i = 0; i < (sizeof(now) - MT_LIVE(tasks)) / sizeof(*a); i++)
		if (a[i] != b[i])
			fprintf(stderr, "# live counter %zu: %llu, was %llu\n",
				i, (unsigned long long)b[i],
				(unsigned long long)a[i]);
}

static bool is_clean(const struct mt_trial *trial, __s32 ret)
{
	return ret == (trial->clean ? trial->clean : KERN_RESOURCE_SHORTAGE);
}

static const char *judge_failure(struct mt_trial *trial, __s32 ret,
				 const struct state *before)
{
	if (!is_clean(trial, ret))
		return trial->broken && trial->broken(trial, ret) ?
			NULL : "not a documented failure";
	if (!becomes_same(trial, before))
		return "a failure that had an effect";
	if (trial->ready)
		trial->ready(trial);
	trial->result = trial->act(trial);
	if (trial->result)
		return "fails again, though nothing is short";
	if (trial->done)
		trial->done(trial);
	return NULL;
}

/* Nothing is left of names that went: the next ones are allocated. */
static void use_spare(struct mt_trial *trial)
{
	mt_dead_name(&trial->task);
	mt_dead_name(&trial->other);
}

/* One run; says what is wrong with it, or NULL. */
static const char *run(struct mt_trial *trial, const struct ration *ration,
		       bool *failed)
{
	const char *wrong = NULL;
	struct state before;
	__s32 ret;

	mt_open(&trial->task);
	mt_open(&trial->other);
	if (trial->set)
		trial->set(trial);
	use_spare(trial);
	note_state(trial, &before);
	if (trial->ready)
		trial->ready(trial);

	hand_out(ration);
	ret = trial->act(trial);
	*failed = take_back(ration);

	trial->result = ret;
	if (ret && !*failed)
		wrong = "fails, though nothing was short";
	else if (ret)
		wrong = judge_failure(trial, ret, &before);
	else if (trial->done)
		trial->done(trial);
	forget_state(&before);
	if (trial->end)
		trial->end(trial);
	if (trial->other.fd >= 0)
		mt_close(&trial->other);
	if (trial->task.fd >= 0)
		mt_close(&trial->task);
	return wrong;
}

static bool judge_run(struct mt_trial *trial, const struct ration *ration,
		      bool *failed)
{
	struct totals before;
	unsigned long left;
	const char *wrong;

	note_totals(&before);
	wrong = run(trial, ration, failed);
	left = trial->may_stay && !ration->nth ? trial->bytes : 0;
	if (!wrong && !settles(&before, left)) {
		say_leak(&before);
		wrong = "a leak";
	}
	mt_free_listing(&before.account);
	if (wrong)
		fprintf(stderr,
			"# %s: allocation %u, %u bytes, %u pages: %#x: %s\n",
			trial->what, ration->nth, ration->bytes, ration->pages,
			trial->result, wrong);
	return !wrong;
}

/* The deed gets so many parts of what it wants, from none on. */
static bool try_parts(struct mt_trial *trial)
{
	struct ration all = { .bytes = PLENTY, .pages = PLENTY }, part = all;
	unsigned int i;
	bool failed;

	if (!judge_run(trial, &all, &failed))
		return false;
	all.bytes = used(FAILSLAB "space");
	all.pages = used(FAIL_PAGE_ALLOC "space");
	for (i = 0; i < PARTS; i++) {
		if (!trial->only_pages)
			part.bytes = (__u64)all.bytes * i / PARTS;
		part.pages = (__u64)all.pages * i / PARTS;
		if (!judge_run(trial, &part, &failed))
			return false;
	}
	return true;
}

bool mt_try(struct mt_trial *trial)
{
	struct ration ration = { };
	unsigned int fired = 0, dense = trial->dense ?: 100;
	const char *only = getenv("MT_TRIAL");
	bool failed = true;

	if (only && strcmp(only, trial->what))
		return true;

	while (failed) {
		ration.nth += ration.nth < dense ? 1 : ration.nth / 4;
		if (!judge_run(trial, &ration, &failed))
			return false;
		fired += failed;
	}
	fprintf(stderr, "# %s: %u allocations failed\n", trial->what, fired);
	if (fired < trial->least)
		return false;
	return !fired || trial->whole || try_parts(trial);
}

bool mt_try_all(struct mt_trial *trials, size_t count)
{
	bool good = true;
	size_t i;

	for (i = 0; i < count; i++)
		good &= mt_try(&trials[i]);
	return good;
}
