// SPDX-License-Identifier: GPL-2.0
/*
 * Each allocation of the module's own start fails: it is not loaded and leaves
 * nothing behind, or is loaded and works.
 *
 * usage: fail_load MODULE.ko [NUMBER]
 * The module is unloaded first.  Of the hundreds of allocations that the core
 * makes for any module, only those from the module's start on are of interest:
 * they are among the last NUMBER (130).
 *
 * How many pages a load takes depends on what the slabs still have, and so do
 * nodes of the core's trees: the number of one and the same allocation wanders
 * from load to load, and a walk may step over it.  More so the later it comes;
 * so the last ones are walked over again, without the pages.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kselftest.h"
#include "lib/fail_nth.h"

/* More than a load has. */
#define PLENTY	1000000
/* Objects at the end of a load, and how often each fails. */
#define END	24
#define ROUNDS	4

static int file;

static int load(void)
{
	return syscall(SYS_finit_module, file, "", 0) ? -errno : 0;
}

static int unload(void)
{
	int tries;

	/* Who died last may still be on the way. */
	for (tries = 0; tries < 500; tries++) {
		if (!syscall(SYS_delete_module, "mach", O_NONBLOCK))
			return 0;
		if (errno != EAGAIN && errno != EBUSY)
			break;
		mt_sleep(10);
	}
	return -errno;
}

static bool is_left(const char *path)
{
	if (access(path, F_OK))
		return false;
	ksft_print_msg("%s is there\n", path);
	return true;
}

static bool nothing_left(void)
{
	return !is_left("/dev/mach") & !is_left("/sys/module/mach") &
	       !is_left("/sys/kernel/debug/mach") &
	       !is_left("/sys/class/misc/mach") &
	       !is_left("/sys/kernel/slab/mach_kmsg");
}

/* A load whose allocation @nth fails; @failed: it has that many. */
static bool try_load(unsigned int nth, bool *failed)
{
	struct mt_task task;
	int error;

	mt_fail_next(nth);
	error = load();
	*failed = mt_has_failed();
	if (error) {
		if (!*failed || error != -ENOMEM)
			ksft_print_msg("allocation %u: error %d\n", nth, error);
		return *failed && error == -ENOMEM && nothing_left();
	}
	mt_open(&task);
	mt_close(&task);
	error = unload();
	if (error)
		ksft_print_msg("unload: error %d\n", error);
	return !error && nothing_left();
}

/*
 * The first task of all, for whom the module mounts its file system: each
 * allocation fails.
 */
static bool try_first_open(void)
{
	bool failed = true, good = true;
	unsigned int nth;
	int fd, error;

	mt_must(load());
	for (nth = 1; failed && good; nth++) {
		mt_fail_next(nth);
		fd = open("/dev/mach", O_RDWR | O_CLOEXEC);
		error = errno;
		failed = mt_has_failed();
		good = fd >= 0 || (failed && error == ENOMEM);
		if (!good)
			ksft_print_msg("open, allocation %u: error %d\n", nth,
				       error);
		if (fd >= 0)
			close(fd);
		/* The last file's end takes the mount with it. */
		mt_sleep(5);
	}
	ksft_print_msg("%u allocations of the first open\n", nth - 2);
	return !unload() && nothing_left() && good;
}

/* How many allocations a load makes. */
static unsigned int count(void)
{
	unsigned int all;

	mt_fail_next(PLENTY);
	mt_must(load());
	all = PLENTY - mt_left_to_fail();
	mt_fail_next(0);
	mt_must(unload());
	return all;
}

/* The last @last allocations fail, each in a load of its own. */
static bool walk(unsigned int last)
{
	unsigned int all = count(), nth = all > last ? all - last : 1;
	bool good = true, failed = true;

	ksft_print_msg("the last %u of %u allocations\n", last, all);
	for (; good && (failed || nth <= all); nth++)
		good = try_load(nth, &failed);
	return good;
}

static bool walk_again(void)
{
	bool good = true;
	int i;

	mt_fail_pages(false);
	for (i = 0; good && i < ROUNDS; i++)
		good = walk(END);
	mt_fail_pages(true);
	return good;
}

int main(int argc, char **argv)
{
	unsigned int last = argc > 2 ? atoi(argv[2]) : 130;

	ksft_print_header();
	if (argc < 2 || geteuid())
		ksft_exit_skip("no module given, or not root\n");
	file = open(argv[1], O_RDONLY | O_CLOEXEC);
	mt_check(file >= 0);
	mt_must(unload());
	if (!mt_open_faults())
		ksft_exit_skip("no fault injection here\n");
	ksft_set_plan(3);
	ksft_test_result(walk(last), "allocations of a load\n");
	ksft_test_result(walk_again(), "the last objects of a load\n");
	ksft_test_result(try_first_open(), "the first open\n");
	mt_must(load());
	ksft_finished();
}
