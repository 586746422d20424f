// SPDX-License-Identifier: GPL-2.0
/*
 * Received memory as the kernel's memory management sees it: advice, locks,
 * limits, counters, swap, core dumps (docs/memory.md; kernel.md 8).
 */
#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/disk.h"
#include "lib/fixture.h"
#include "lib/receiver.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

#define PAGES	8
#define BYTES	(PAGES * MT_PAGE)

static void receive_kind(struct mt_region *region, const struct mt_task *task,
			 int kind)
{
	mt_region_receive(region, task, kind % MT_ORIGINS, PAGES, 1);
	mt_region_touch(region, kind / MT_ORIGINS);
}

#define FOR_EACH_KIND(region, task)					\
	for (int kind = 0; kind < MT_ORIGINS * MT_TOUCHES &&		\
	     (receive_kind(region, task, kind), true);			\
	     mt_region_drop(region), kind++)

#define EXPECT_KIND(condition)						\
	EXPECT_TRUE(condition) TH_LOG("origin %d touch %d",		\
				      kind % MT_ORIGINS, kind / MT_ORIGINS)

/* ---- advice ---- */

/* A kernel without huge pages (PREEMPT_RT's) does not know this advice. */
static bool about_huge(int advice)
{
	return advice == MADV_HUGEPAGE || advice == MADV_NOHUGEPAGE;
}

TEST_F(mach, advice)
{
	static const struct {
		int advice, error;
	} rows[] = {
		{ MADV_NORMAL, 0 }, { MADV_RANDOM, 0 },
		{ MADV_SEQUENTIAL, 0 }, { MADV_WILLNEED, 0 },
		{ MADV_COLD, 0 }, { MADV_PAGEOUT, 0 }, { MADV_DONTDUMP, 0 },
		{ MADV_MERGEABLE, 0 }, { MADV_UNMERGEABLE, 0 },
		{ MADV_HUGEPAGE, 0 }, { MADV_NOHUGEPAGE, 0 },
		{ MADV_DONTFORK, 0 },
		{ MADV_FREE, EINVAL }, { MADV_DOFORK, EINVAL },
		{ MADV_WIPEONFORK, EINVAL }, { MADV_DODUMP, EINVAL },
		{ MADV_POPULATE_READ, EINVAL },
		{ MADV_POPULATE_WRITE, EINVAL }, { MADV_COLLAPSE, EINVAL },
		{ MADV_REMOVE, EACCES },
	};
	struct mt_region region;

	FOR_EACH_KIND(&region, &self->task) {
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
			int wanted = rows[i].error, error = 0;

			if (about_huge(rows[i].advice) &&
			    !mt_has_huge_pages())
				wanted = EINVAL;
			if (madvise(region.memory, BYTES, rows[i].advice))
				error = errno;
			EXPECT_EQ(wanted, error)
				TH_LOG("advice %d kind %d", rows[i].advice,
				       kind);
			EXPECT_KIND(mt_region_intact(&region));
		}
		EXPECT_KIND(mt_region_source_intact(&region));
	}
}

TEST_F(mach, dontfork)
{
	struct mt_region region;
	pid_t pid;

	mt_region_receive(&region, &self->task, MT_MOVED, PAGES, 1);
	mt_must(madvise(region.memory + 2 * MT_PAGE, MT_PAGE, MADV_DONTFORK));
	pid = mt_fork();
	if (pid == 0) {
		mt_check(mt_read_signal(region.memory + 2 * MT_PAGE) ==
			 SIGSEGV);
		mt_check(mt_region_holds(&region, region.memory, 0, 2));
		mt_check(mt_region_holds(&region, region.memory + 3 * MT_PAGE,
					 3, PAGES - 3));
		_exit(0);
	}
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_TRUE(mt_region_intact(&region));
}

/* ---- locked memory ---- */

TEST_F(mach, mlock_has_no_effect)
{
	struct mt_region region;

	FOR_EACH_KIND(&region, &self->task) {
		EXPECT_EQ(0, mlock(region.memory, BYTES));
		EXPECT_FALSE(mt_vm_flag(region.memory, "lo"));
		EXPECT_EQ(0L, mt_smaps(region.memory, "Locked:"));
		EXPECT_KIND(mt_region_intact(&region));
		EXPECT_EQ(0, munlock(region.memory, BYTES));
	}
}

TEST_F(mach, all_memory_locked)
{
	struct mt_region region;

	mt_must(mlockall(MCL_CURRENT | MCL_FUTURE));
	FOR_EACH_KIND(&region, &self->task) {
		EXPECT_FALSE(mt_vm_flag(region.memory, "lo"));
		EXPECT_KIND(mt_region_intact(&region));
		mt_fill(region.memory, BYTES, 9);
		EXPECT_KIND(mt_holds(region.memory, BYTES, 9));
		EXPECT_KIND(mt_region_source_intact(&region));
	}
	mt_must(munlockall());
}

/* ---- what /proc says ---- */

TEST_F(mach, pagemap_shows_the_frames)
{
	struct mt_region region;

	mt_one_cpu(0);
	mt_region_receive(&region, &self->task, MT_SHARED, PAGES, 1);
	for (int page = 0; page < PAGES; page++)
		EXPECT_EQ(0ULL, mt_frame(region.memory + page * MT_PAGE));
	mt_touch(region.memory, PAGES);
	EXPECT_EQ((unsigned long)PAGES,
		  mt_frames_shared(region.memory, region.source, PAGES));
	region.memory[2 * MT_PAGE] = 1;
	EXPECT_NE(mt_frame(region.source + 2 * MT_PAGE),
		  mt_frame(region.memory + 2 * MT_PAGE));
	EXPECT_EQ((unsigned long)PAGES - 1,
		  mt_frames_shared(region.memory, region.source, PAGES));
}

/* Special entries are not counted; what was written may be. */
TEST_F(mach, not_in_rss)
{
	struct mt_region region;

	for (int origin = 0; origin < MT_ORIGINS; origin++) {
		mt_region_receive(&region, &self->task, origin, PAGES, 1);
		EXPECT_EQ(0L, mt_smaps(region.memory, "Rss:"));
		mt_touch(region.memory, PAGES);
		EXPECT_EQ(0L, mt_smaps(region.memory, "Rss:"));
		EXPECT_EQ((long)BYTES / 1024, mt_smaps(region.memory,
						       "Size:"));
		mt_fill(region.memory, BYTES, 9);
		EXPECT_GE((long)BYTES / 1024, mt_smaps(region.memory,
						       "Rss:"));
		mt_region_drop(&region);
	}
}

/* Referenced and soft-dirty bits cleared: entries become read-only. */
TEST_F(mach, clear_refs)
{
	struct mt_region region;

	FOR_EACH_KIND(&region, &self->task) {
		for (int what = 1; what <= 4; what++) {
			int fd = open("/proc/self/clear_refs",
				      O_WRONLY | O_CLOEXEC);
			char digit = '0' + what;

			mt_check(fd >= 0);
			if (write(fd, &digit, 1) != 1)
				EXPECT_EQ(EINVAL, errno);
			close(fd);
			EXPECT_KIND(mt_region_intact(&region));
		}
		mt_fill(region.memory, BYTES, 9);
		EXPECT_KIND(mt_holds(region.memory, BYTES, 9));
		EXPECT_KIND(mt_region_source_intact(&region));
	}
}

/* System calls that ask or tell about memory: none of them changes it. */
TEST_F(mach, questions_and_hints)
{
	struct mt_region region;
	unsigned char resident[PAGES];
	unsigned long mask = 1;
	int mode, status[1];

	FOR_EACH_KIND(&region, &self->task) {
		void *pages[1] = { region.memory };

		EXPECT_EQ(0, mincore(region.memory, BYTES, resident));
		EXPECT_EQ(0, msync(region.memory, BYTES, MS_SYNC));
		EXPECT_EQ(0, msync(region.memory, BYTES, MS_ASYNC));
		/* These may fail, as a kernel has NUMA or not. */
		syscall(SYS_mbind, region.memory, BYTES, 2, &mask, 8, 3);
		syscall(SYS_get_mempolicy, &mode, NULL, 0, region.memory, 3);
		syscall(SYS_move_pages, 0, 1, pages, NULL, status, 0);
		syscall(SYS_process_madvise, -1, NULL, 0, 0, 0);
		EXPECT_KIND(mt_region_intact(&region));
		EXPECT_KIND(mt_region_source_intact(&region));
	}
}

/* ---- KSM, huge pages, swap ---- */

static bool set_kernel(const char *path, const char *value)
{
	FILE *file = fopen(path, "we");

	if (!file)
		return false;
	fputs(value, file);
	return !fclose(file);
}

static long get_kernel(const char *path)
{
	FILE *file = fopen(path, "re");
	long value = -1;

	if (file) {
		if (fscanf(file, "%ld", &value) != 1)
			value = -1;
		fclose(file);
	}
	return value;
}

/* Full scans go by: ordinary memory is merged, received memory is not. */
TEST_F_TIMEOUT(mach, not_merged_by_ksm, 90)
{
	char *plain = mt_map(2), *filler = mt_map_filled(1, 1);
	struct mt_region region;

	mt_region_receive(&region, &self->task, MT_MOVED, PAGES, 1);
	memcpy(plain, filler, MT_PAGE);
	memcpy(plain + MT_PAGE, filler, MT_PAGE);
	mt_fill(region.memory, MT_PAGE, 1);
	mt_must(madvise(region.memory, BYTES, MADV_MERGEABLE));
	if (madvise(plain, 2 * MT_PAGE, MADV_MERGEABLE) ||
	    !set_kernel("/sys/kernel/mm/ksm/pages_to_scan", "1000"))
		SKIP(return, "no KSM");
	set_kernel("/sys/kernel/mm/ksm/sleep_millisecs", "5");
	set_kernel("/sys/kernel/mm/ksm/run", "1");
	while (mt_frame(plain) != mt_frame(plain + MT_PAGE))
		mt_sleep(20);
	EXPECT_NE(mt_frame(plain), mt_frame(region.memory));
	set_kernel("/sys/kernel/mm/ksm/run", "2");
	EXPECT_LE(0L, get_kernel("/sys/kernel/mm/ksm/full_scans"));
	set_kernel("/sys/kernel/mm/ksm/run", "0");
	EXPECT_TRUE(mt_region_intact(&region));
}

/* What the core has copied is ordinary enough to be swapped out, and back. */
TEST_F_TIMEOUT(mach, swapped_out, 60)
{
	struct mt_region region;

	if (!mt_swap_on(32 << 20))
		SKIP(return, "no zram.ko");
	FOR_EACH_KIND(&region, &self->task) {
		char *copy;

		mt_must(madvise(region.memory, BYTES, MADV_PAGEOUT));
		EXPECT_KIND(mt_region_intact(&region));
		mt_fill(region.memory, BYTES / 2, 9);
		mt_must(madvise(region.memory, BYTES, MADV_PAGEOUT));
		/* Sent on while it is out; then read, then written. */
		copy = mt_pass_memory(&self->task, region.memory, BYTES, 0);
		EXPECT_KIND(mt_holds(copy, BYTES / 2, 9));
		EXPECT_KIND(mt_region_holds(&region, copy + BYTES / 2,
					    PAGES / 2, PAGES / 2));
		EXPECT_KIND(mt_holds(region.memory, BYTES / 2, 9));
		mt_must(madvise(region.memory, BYTES, MADV_PAGEOUT));
		mt_fill(region.memory, BYTES, 8);
		EXPECT_KIND(mt_holds(copy, BYTES / 2, 9));
		EXPECT_KIND(mt_region_source_intact(&region));
		mt_unmap(copy, BYTES);
	}
	mt_swap_off();
}

/* ---- core dumps ---- */

#define MARK	64

static char mark_byte(int i, char letter)
{
	return i % 2 ? letter : 'M';
}

static void mark(char *memory, char letter)
{
	for (int i = 0; i < MARK; i++)
		memory[i] = mark_byte(i, letter);
}

/* The mark itself is nowhere in memory: a child's dump would show it. */
static bool has_mark(const char *file, size_t size, char letter)
{
	for (size_t at = 0; at + MARK <= size; at++) {
		int i = 0;

		while (i < MARK && file[at + i] == mark_byte(i, letter))
			i++;
		if (i == MARK)
			return true;
	}
	return false;
}

/* Bytes that the file has of the mapping at @address; -1: not listed. */
static long dumped_bytes(const char *file, unsigned long address)
{
	const Elf64_Ehdr *header = (const void *)file;
	const Elf64_Phdr *segment = (const void *)(file + header->e_phoff);

	for (int i = 0; i < header->e_phnum; i++, segment++)
		if (segment->p_type == PT_LOAD &&
		    segment->p_vaddr <= address &&
		    address < segment->p_vaddr + segment->p_memsz)
			return segment->p_filesz;
	return -1;
}

static void crash(const struct mt_region *region, char *plain)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	mt_must(setrlimit(RLIMIT_CORE, &limit));
	mark(plain, 'P');
	mark(region->memory + MT_PAGE, 'R');
	abort();
}

TEST_F_TIMEOUT(mach, core_dump, 60)
{
	static const char *const pattern = "/proc/sys/kernel/core_pattern";
	char *plain = mt_map(1), *core, before[128] = "";
	struct mt_region region;
	struct stat status;
	pid_t pid;
	int fd;

	fd = open(pattern, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, before, sizeof(before) - 1) <= 0 ||
	    !set_kernel(pattern, "/tmp/mach-core"))
		SKIP(return, "core_pattern cannot be set");
	close(fd);
	for (int origin = 0; origin < MT_ORIGINS; origin++) {
		mt_region_receive(&region, &self->task, origin, PAGES, 1);
		pid = mt_fork();
		if (pid == 0)
			crash(&region, plain);
		EXPECT_TRUE(WCOREDUMP(mt_wait_pid(pid)));
		fd = open("/tmp/mach-core", O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			fd = open("/tmp/mach-core.1", O_RDONLY | O_CLOEXEC);
		ASSERT_LE(0, fd);
		mt_must(fstat(fd, &status));
		core = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, fd,
			    0);
		ASSERT_NE(MAP_FAILED, (void *)core);
		EXPECT_TRUE(has_mark(core, status.st_size, 'P'));
		EXPECT_LT(0L, dumped_bytes(core, (unsigned long)plain));
		EXPECT_FALSE(has_mark(core, status.st_size, 'R'));
		EXPECT_GE(0L, dumped_bytes(core,
					   (unsigned long)region.memory));
		mt_unmap(core, status.st_size);
		close(fd);
		unlink("/tmp/mach-core");
		mt_region_drop(&region);
	}
	set_kernel(pattern, before);
}

TEST_HARNESS_MAIN
