// SPDX-License-Identifier: GPL-2.0
/*
 * Each allocation fails of what a program does with received memory: to read
 * and write it, itself, through a system call and through /proc, to unmap,
 * move, protect and discard a part of it, and to fork.  The content is never
 * wrong, and what fails has done nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/fail_nth.h"
#include "lib/fixture.h"
#include "lib/receiver.h"

#define SEED	21
#define PAGES	40UL

enum origin {
	SHARED,
	MOVED,
	HOLES,
	HUGE
};

/* ---- the region ---- */

static const char *const origins[] = { "shared", "moved", "holes", "huge" };

static void set_region(struct mt_trial *trial)
{
	trial->bytes = trial->kind == HUGE ? MT_HUGE : PAGES * MT_PAGE;
	if (trial->kind == HUGE)
		trial->memory = mt_map_huge(1, SEED);
	else if (trial->kind == HOLES)
		trial->memory = mt_map(PAGES);
	else
		trial->memory = mt_map_filled(PAGES, SEED);
	mt_check(trial->memory);
	trial->received = mt_pass_memory(&trial->task, trial->memory,
					 trial->bytes, trial->kind == MOVED ?
					 MACH_MSG_DESC_DEALLOCATE : 0);
}

/* A part, from page @first on. */
static bool holds(const struct mt_trial *trial, unsigned long first,
		  unsigned long pages)
{
	static char want[MT_HUGE];
	char *part = trial->received + first * MT_PAGE;

	if (trial->kind == HOLES)
		return mt_zero(part, pages * MT_PAGE);
	mt_fill(want, trial->bytes, SEED);
	return !memcmp(part, want + first * MT_PAGE, pages * MT_PAGE);
}

static void all_there(struct mt_trial *trial)
{
	mt_check(holds(trial, 0, trial->bytes / MT_PAGE));
}

static void end_region(struct mt_trial *trial)
{
	munmap(trial->received, trial->bytes);
	/* Whatever the receiver did: it is the sender's own. */
	if (trial->kind == SHARED || trial->kind == HUGE)
		mt_check(mt_holds(trial->memory, trial->bytes, SEED));
	munmap(trial->memory, trial->bytes);
}

/* ---- access ---- */

/* A fault that finds no memory happens again. */
static __s32 read_all(struct mt_trial *trial)
{
	mt_touch(trial->received, trial->bytes / MT_PAGE);
	return 0;
}

static __s32 write_all(struct mt_trial *trial)
{
	unsigned long at;

	for (at = 0; at < trial->bytes; at += MT_PAGE)
		((volatile char *)trial->received)[at] ^= 0;
	return 0;
}

/*
 * In a system call it is EFAULT.  This one reads eight bytes before it finds
 * that the first argument is wrong.
 */
static __s32 read_by_kernel(struct mt_trial *trial)
{
	unsigned long at;

	for (at = 0; at < trial->bytes; at += 7 * MT_PAGE) {
		syscall(SYS_rt_sigprocmask, 99, trial->received + at, NULL, 8);
		if (errno != EINVAL)
			return -errno;
	}
	return 0;
}

/* The signal mask, to the start of each page. */
static __s32 write_by_kernel(struct mt_trial *trial)
{
	unsigned long at;

	for (at = 0; at < trial->bytes; at += MT_PAGE) {
		if (syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL,
			    trial->received + at, 8))
			return -errno;
	}
	return 0;
}

/* The first eight bytes of each page are those of the signal mask, or old. */
static void rest_there(struct mt_trial *trial)
{
	static char want[MT_HUGE];
	unsigned long at;

	if (trial->kind != HOLES)
		mt_fill(want, trial->bytes, SEED);
	else
		memset(want, 0, sizeof(want));
	for (at = 0; at < trial->bytes; at += MT_PAGE)
		mt_check(!memcmp(trial->received + at + 8, want + at + 8,
				 MT_PAGE - 8));
}

/* ---- through /proc ---- */

static void set_proc(struct mt_trial *trial)
{
	set_region(trial);
	trial->fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	mt_check(trial->fd >= 0);
}

static void end_proc(struct mt_trial *trial)
{
	close(trial->fd);
	end_region(trial);
}

static __s32 read_by_proc(struct mt_trial *trial)
{
	static char bytes[MT_HUGE];
	ssize_t got = pread(trial->fd, bytes, trial->bytes,
			    (off_t)trial->received);

	if (got < 0)
		return -errno;
	mt_check(holds(trial, 0, 1));
	mt_check(!memcmp(bytes, trial->received, got));
	return got == (ssize_t)trial->bytes ? 0 : -EIO;
}

static __s32 write_by_proc(struct mt_trial *trial)
{
	static char bytes[MT_HUGE];
	ssize_t got;

	if (trial->kind != HOLES)
		mt_fill(bytes, trial->bytes, SEED);
	else
		memset(bytes, 0, sizeof(bytes));
	got = pwrite(trial->fd, bytes, trial->bytes, (off_t)trial->received);
	if (got < 0)
		return -errno;
	return got == (ssize_t)trial->bytes ? 0 : -EIO;
}

/* What was done was done right; the content is the same in any case. */
static bool part_done(struct mt_trial *trial, __s32 ret)
{
	if (ret != -EIO && ret != -ENOMEM && ret != -EFAULT)
		return false;
	all_there(trial);
	return true;
}

static bool part_written(struct mt_trial *trial, __s32 ret)
{
	if (ret != -EFAULT)
		return false;
	rest_there(trial);
	return true;
}

/* ---- the mapping ---- */

static __s32 unmap_middle(struct mt_trial *trial)
{
	return munmap(trial->received + 10 * MT_PAGE, 10 * MT_PAGE) ? -errno :
								      0;
}

static void ends_there(struct mt_trial *trial)
{
	unsigned long pages = trial->bytes / MT_PAGE;

	mt_check(!mt_mapped(trial->received + 10 * MT_PAGE));
	mt_check(holds(trial, 0, 10) && holds(trial, 20, pages - 20));
}

static __s32 protect_middle(struct mt_trial *trial)
{
	return mprotect(trial->received + 10 * MT_PAGE, 10 * MT_PAGE,
			PROT_READ) ? -errno : 0;
}

static void set_place(struct mt_trial *trial)
{
	set_region(trial);
	trial->pid = 0;
	trial->names = (void *)mt_map(PAGES);
}

static __s32 move(struct mt_trial *trial)
{
	char *to = mremap(trial->received, trial->bytes, trial->bytes,
			  MREMAP_MAYMOVE | MREMAP_FIXED, trial->names);

	if (to == MAP_FAILED)
		return -errno;
	/* The core may have found no memory to empty the old place. */
	trial->names = (void *)trial->received;
	trial->received = to;
	return 0;
}

/* The new place may have been emptied already. */
static bool not_moved(struct mt_trial *trial, __s32 ret)
{
	if (ret != -ENOMEM)
		return false;
	all_there(trial);
	return true;
}

static void end_place(struct mt_trial *trial)
{
	munmap(trial->names, PAGES * MT_PAGE);
	end_region(trial);
}

static __s32 discard(struct mt_trial *trial)
{
	return madvise(trial->received, trial->bytes, MADV_DONTNEED) ? -errno :
								       0;
}

static void set_written(struct mt_trial *trial)
{
	set_region(trial);
	write_all(trial);
}

/* The child of a thread whose allocations fail has nothing to do with it. */
static __s32 fork_once(struct mt_trial *trial)
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (!pid)
		_exit(0);
	trial->pid = pid;
	return 0;
}

static void forked(struct mt_trial *trial)
{
	mt_check(!mt_wait_pid(trial->pid));
	all_there(trial);
}

/* ---- all of them ---- */

static struct mt_trial trials[] = {
	{ .what = "read", .set = set_region, .act = read_all,
	  .done = all_there, .end = end_region, .whole = true },
	{ .what = "write", .set = set_region, .act = write_all,
	  .done = all_there, .end = end_region, .whole = true },
	{ .what = "read in a call", .set = set_region, .act = read_by_kernel,
	  .done = all_there, .end = end_region, .clean = -EFAULT },
	{ .what = "write in a call", .set = set_region, .act = write_by_kernel,
	  .done = rest_there, .end = end_region, .clean = MT_NO_RESULT,
	  .broken = part_written },
	{ .what = "read by /proc", .set = set_proc, .act = read_by_proc,
	  .done = all_there, .end = end_proc, .clean = MT_NO_RESULT,
	  .broken = part_done },
	{ .what = "write by /proc", .set = set_proc, .act = write_by_proc,
	  .done = all_there, .end = end_proc, .clean = MT_NO_RESULT,
	  .broken = part_done },
	{ .what = "munmap", .set = set_written, .act = unmap_middle,
	  .done = ends_there, .end = end_region, .clean = -ENOMEM },
	{ .what = "mprotect", .set = set_written, .act = protect_middle,
	  .done = all_there, .end = end_region, .clean = -ENOMEM },
	{ .what = "mremap", .set = set_place, .act = move, .done = all_there,
	  .end = end_place, .clean = MT_NO_RESULT, .broken = not_moved },
	{ .what = "discard", .set = set_written, .act = discard,
	  .done = all_there, .end = end_region, .clean = -ENOMEM },
	{ .what = "fork", .set = set_written, .act = fork_once,
	  .done = forked, .end = end_region, .clean = -ENOMEM, .dense = 30 },
};

static bool try_origin(enum origin origin)
{
	bool good = true;
	size_t i;

	fprintf(stderr, "# -- %s\n", origins[origin]);
	mt_one_cpu(0);
	for (i = 0; i < sizeof(trials) / sizeof(trials[0]); i++) {
		/* There is no such place for huge pages. */
		if (origin == HUGE && trials[i].set == set_place)
			continue;
		trials[i].kind = origin;
		good &= mt_try(&trials[i]);
	}
	return good;
}

TEST_F(mach, shared)
{
	if (!mt_can_fail())
		SKIP(return, "no fault injection here");
	EXPECT_TRUE(try_origin(SHARED));
}

TEST_F(mach, moved)
{
	if (!mt_can_fail())
		SKIP(return, "no fault injection here");
	EXPECT_TRUE(try_origin(MOVED));
}

TEST_F(mach, holes)
{
	if (!mt_can_fail())
		SKIP(return, "no fault injection here");
	EXPECT_TRUE(try_origin(HOLES));
}

TEST_F(mach, huge)
{
	if (!mt_can_fail())
		SKIP(return, "no fault injection here");
	EXPECT_TRUE(try_origin(HUGE));
}

/* ---- a program that has to wait ---- */

static void end_shortage(int signal)
{
	(void)signal;
	mt_fail_all(false);
}

/* Writes without a read before: many in a row are served at once. */
static void overwrite(struct mt_trial *trial, unsigned long page,
		      unsigned long pages)
{
	static char want[PAGES * MT_PAGE];
	unsigned long at;

	if (trial->kind != HOLES)
		mt_fill(want, trial->bytes, SEED);
	for (at = page * MT_PAGE; pages; pages--, at += MT_PAGE)
		((volatile char *)trial->received)[at] = want[at];
}

/* There is no memory at all, for a while: the fault happens again and again. */
TEST_F(mach, shortage)
{
	struct itimerval soon = { .it_value.tv_usec = 100000 };
	struct mt_trial trial = { .task = self->task };

	if (!mt_can_fail())
		SKIP(return, "no fault injection here");
	signal(SIGALRM, end_shortage);
	for (trial.kind = HOLES; (int)trial.kind >= SHARED; trial.kind--) {
		set_region(&trial);
		overwrite(&trial, 0, 1);
		mt_must(setitimer(ITIMER_REAL, &soon, NULL));
		mt_fail_all(true);
		overwrite(&trial, 1, PAGES - 1);
		mt_fail_all(false);
		all_there(&trial);
		end_region(&trial);
	}
}

TEST_HARNESS_MAIN
