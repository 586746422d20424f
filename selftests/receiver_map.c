// SPDX-License-Identifier: GPL-2.0
/*
 * Received memory is a mapping like others: protected, moved, cut, mapped
 * over and discarded in any order, whatever its pages are (docs/memory.md;
 * negative tests N5, N34).
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>

#include "lib/fixture.h"
#include "lib/receiver.h"

#define PAGES	8
#define BYTES	(PAGES * MT_PAGE)

/* A region of each origin, touched in each way. */
#define FOR_EACH_KIND(region, task)					\
	for (int kind = 0; kind < MT_ORIGINS * MT_TOUCHES &&		\
	     (mt_region_receive(region, task, kind % MT_ORIGINS, PAGES, 1), \
	      mt_region_touch(region, kind / MT_ORIGINS), true);	\
	     mt_region_drop(region), kind++)

#define EXPECT_KIND(condition)						\
	EXPECT_TRUE(condition) TH_LOG("origin %d touch %d",		\
				      kind % MT_ORIGINS, kind / MT_ORIGINS)

static char *page_of(const struct mt_region *region, int page)
{
	return region->memory + page * MT_PAGE;
}

/* Write to each page what it has not, and see that it stays. */
static bool takes_writes(char *memory, int pages, unsigned int seed)
{
	mt_fill(memory, pages * MT_PAGE, seed);
	return mt_holds(memory, pages * MT_PAGE, seed);
}

/* ---- mprotect ---- */

TEST_F(mach, protected_and_back)
{
	struct mt_region region;

	FOR_EACH_KIND(&region, &self->task) {
		char *memory = region.memory;

		mt_must(mprotect(memory, BYTES, PROT_READ));
		EXPECT_EQ(SIGSEGV, mt_write_signal(memory));
		EXPECT_EQ(SIGSEGV, mt_write_signal(memory + BYTES - 1));
		EXPECT_KIND(mt_region_intact(&region));
		mt_must(mprotect(memory, BYTES, PROT_NONE));
		EXPECT_EQ(SIGSEGV, mt_read_signal(memory));
		mt_must(mprotect(memory, BYTES, PROT_READ | PROT_WRITE));
		EXPECT_KIND(mt_region_intact(&region));
		EXPECT_KIND(takes_writes(memory, PAGES, 9));
		mt_must(mprotect(memory, BYTES, PROT_READ));
		EXPECT_KIND(mt_holds(memory, BYTES, 9));
		EXPECT_KIND(mt_region_source_intact(&region));
	}
}

/* Different pages, different protections: the mapping is cut in three. */
TEST_F(mach, protected_in_part)
{
	struct mt_region region;

	FOR_EACH_KIND(&region, &self->task) {
		mt_must(mprotect(page_of(&region, 2), 3 * MT_PAGE, PROT_READ));
		EXPECT_EQ(0, mt_write_signal(page_of(&region, 1)));
		EXPECT_EQ(SIGSEGV, mt_write_signal(page_of(&region, 2)));
		EXPECT_EQ(SIGSEGV, mt_write_signal(page_of(&region, 5) - 1));
		EXPECT_EQ(0, mt_write_signal(page_of(&region, 5)));
		EXPECT_KIND(mt_region_intact(&region));
		EXPECT_KIND(takes_writes(page_of(&region, 5), 3, 9));
		mt_must(mprotect(page_of(&region, 2), 3 * MT_PAGE,
				 PROT_READ | PROT_WRITE));
		EXPECT_KIND(mt_region_holds(&region, region.memory, 0, 5));
		EXPECT_KIND(takes_writes(page_of(&region, 2), 3, 8));
		EXPECT_KIND(mt_holds(page_of(&region, 5), 3 * MT_PAGE, 9));
		EXPECT_KIND(mt_region_source_intact(&region));
	}
}

/* ---- mremap ---- */

static char *move(char *from, unsigned long bytes, char *to)
{
	return mremap(from, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, to);
}

TEST_F(mach, moved)
{
	struct mt_region region;

	FOR_EACH_KIND(&region, &self->task) {
		char *place = mt_map(PAGES), *from = region.memory;

		region.memory = move(from, BYTES, place);
		ASSERT_EQ(place, region.memory);
		EXPECT_FALSE(mt_mapped(from));
		EXPECT_KIND(mt_region_intact(&region));
		/* There and back again, written on the way. */
		EXPECT_KIND(takes_writes(place, PAGES / 2, 9));
		ASSERT_EQ(from, move(place, BYTES, from));
		region.memory = from;
		EXPECT_KIND(mt_holds(from, BYTES / 2, 9));
		EXPECT_KIND(mt_region_holds(&region, from + BYTES / 2,
					    PAGES / 2, PAGES / 2));
		EXPECT_KIND(takes_writes(from, PAGES, 8));
		EXPECT_KIND(mt_region_source_intact(&region));
	}
}

/* The middle goes elsewhere; all three pieces are used on. */
TEST_F(mach, moved_in_part)
{
	struct mt_region region;

	FOR_EACH_KIND(&region, &self->task) {
		char *place = mt_map(3);

		ASSERT_EQ(place, move(page_of(&region, 2), 3 * MT_PAGE,
				      place));
		EXPECT_KIND(mt_region_holds(&region, place, 2, 3));
		EXPECT_KIND(mt_region_holds(&region, region.memory, 0, 2));
		EXPECT_KIND(mt_region_holds(&region, page_of(&region, 5), 5,
					    3));
		EXPECT_KIND(takes_writes(place, 3, 9));
		EXPECT_KIND(takes_writes(page_of(&region, 5), 3, 8));
		EXPECT_KIND(mt_region_holds(&region, region.memory, 0, 2));
		EXPECT_KIND(mt_holds(place, 3 * MT_PAGE, 9));
		EXPECT_KIND(mt_region_source_intact(&region));
		mt_unmap(place, 3 * MT_PAGE);
	}
}

TEST_F(mach, shrunk)
{
	struct mt_region region;

	FOR_EACH_KIND(&region, &self->task) {
		ASSERT_EQ(region.memory, mremap(region.memory, BYTES,
						3 * MT_PAGE, 0));
		EXPECT_FALSE(mt_mapped(page_of(&region, 3)));
		EXPECT_KIND(mt_region_holds(&region, region.memory, 0, 3));
		EXPECT_KIND(takes_writes(region.memory, 3, 9));
		EXPECT_KIND(mt_region_source_intact(&region));
	}
}

TEST_F(mach, never_grown_nor_doubled)
{
	struct mt_region region;

	FOR_EACH_KIND(&region, &self->task) {
		char *place = mt_map(2 * PAGES);

		mt_unmap(place, 2 * BYTES);
		EXPECT_EQ(MAP_FAILED, mremap(region.memory, BYTES, 2 * BYTES,
					     MREMAP_MAYMOVE));
		EXPECT_EQ(EFAULT, errno);
		EXPECT_EQ(MAP_FAILED, mremap(region.memory, BYTES,
					     BYTES + MT_PAGE, 0));
		EXPECT_EQ(EFAULT, errno);
		EXPECT_EQ(MAP_FAILED,
			  mremap(region.memory, BYTES, 2 * BYTES,
				 MREMAP_MAYMOVE | MREMAP_FIXED, place));
		EXPECT_EQ(EFAULT, errno);
		EXPECT_EQ(MAP_FAILED, mremap(region.memory, BYTES, BYTES,
					     MREMAP_MAYMOVE |
					     MREMAP_DONTUNMAP));
		EXPECT_EQ(EINVAL, errno);
		EXPECT_EQ(MAP_FAILED, mremap(region.memory, 0, BYTES,
					     MREMAP_MAYMOVE));
		EXPECT_KIND(mt_region_intact(&region));
	}
}

/* ---- munmap, MAP_FIXED ---- */

TEST_F(mach, cut_to_pieces)
{
	const struct mt_task *task = &self->task;
	__u64 objects = mt_live(task, MT_LIVE(objects));
	struct mt_region region;

	FOR_EACH_KIND(&region, task) {
		/* First, last, then one in the middle. */
		mt_unmap(page_of(&region, 0), MT_PAGE);
		mt_unmap(page_of(&region, 7), MT_PAGE);
		mt_unmap(page_of(&region, 3), MT_PAGE);
		EXPECT_FALSE(mt_mapped(page_of(&region, 0)));
		EXPECT_FALSE(mt_mapped(page_of(&region, 3)));
		EXPECT_FALSE(mt_mapped(page_of(&region, 7)));
		EXPECT_KIND(mt_region_holds(&region, page_of(&region, 1), 1,
					    2));
		EXPECT_KIND(takes_writes(page_of(&region, 4), 3, 9));
		EXPECT_KIND(mt_region_holds(&region, page_of(&region, 1), 1,
					    2));
		EXPECT_EQ(objects + 1, mt_live(task, MT_LIVE(objects)));
		EXPECT_KIND(mt_region_source_intact(&region));
	}
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(objects), objects));
}

TEST_F(mach, mapped_over)
{
	const struct mt_task *task = &self->task;
	struct mt_region region;

	FOR_EACH_KIND(&region, task) {
		ASSERT_EQ(page_of(&region, 2),
			  mmap(page_of(&region, 2), 3 * MT_PAGE,
			       PROT_READ | PROT_WRITE, MAP_PRIVATE |
			       MAP_ANONYMOUS | MAP_FIXED, -1, 0));
		EXPECT_KIND(mt_zero(page_of(&region, 2), 3 * MT_PAGE));
		EXPECT_KIND(takes_writes(page_of(&region, 2), 3, 9));
		EXPECT_KIND(mt_region_holds(&region, region.memory, 0, 2));
		EXPECT_KIND(mt_region_holds(&region, page_of(&region, 5), 5,
					    3));
		EXPECT_KIND(takes_writes(page_of(&region, 5), 3, 8));
		EXPECT_KIND(mt_region_source_intact(&region));
	}
}

/* Two regions side by side, moved over each other: never one for the other. */
TEST_F(mach, neighbours)
{
	const struct mt_task *task = &self->task;
	char *place = mt_map(2 * PAGES);
	struct mt_region low, high;

	mt_region_receive(&low, task, MT_SHARED, PAGES, 1);
	mt_region_receive(&high, task, MT_MOVED, PAGES, 100);
	low.memory = move(low.memory, BYTES, place);
	high.memory = move(high.memory, BYTES, place + BYTES);
	ASSERT_EQ(place + BYTES, high.memory);
	EXPECT_TRUE(mt_region_intact(&low));
	EXPECT_TRUE(mt_region_intact(&high));
	/* Across both. */
	mt_must(mprotect(place + BYTES / 2, BYTES, PROT_READ));
	mt_must(mprotect(place + BYTES / 2, BYTES, PROT_READ | PROT_WRITE));
	EXPECT_TRUE(takes_writes(place + BYTES / 2, PAGES, 9));
	EXPECT_TRUE(mt_region_holds(&low, place, 0, PAGES / 2));
	EXPECT_TRUE(mt_region_holds(&high, place + 3 * BYTES / 2, PAGES / 2,
				    PAGES / 2));
	/* The lower half of one over that of the other. */
	ASSERT_EQ(place + BYTES, move(place, BYTES / 2, place + BYTES));
	EXPECT_TRUE(mt_region_holds(&low, place + BYTES, 0, PAGES / 2));
	EXPECT_TRUE(mt_region_holds(&high, place + 3 * BYTES / 2, PAGES / 2,
				    PAGES / 2));
	EXPECT_TRUE(mt_region_source_intact(&low));
}

/* What is left of a region is sent on as what it is. */
TEST_F(mach, sent_on_after_all_of_it)
{
	const struct mt_task *task = &self->task;
	struct mt_region region;

	FOR_EACH_KIND(&region, task) {
		char *place = mt_map(2), *copy;

		mt_unmap(region.memory, MT_PAGE);
		mt_must(mprotect(page_of(&region, 2), MT_PAGE, PROT_READ));
		move(page_of(&region, 5), 2 * MT_PAGE, place);
		copy = mt_pass_memory(task, place, 2 * MT_PAGE, 0);
		EXPECT_KIND(mt_region_holds(&region, copy, 5, 2));
		EXPECT_KIND(takes_writes(place, 2, 8));
		EXPECT_KIND(mt_region_holds(&region, copy, 5, 2));
		mt_unmap(copy, 2 * MT_PAGE);
		mt_unmap(place, 2 * MT_PAGE);

		copy = mt_pass_memory(task, page_of(&region, 1), 4 * MT_PAGE,
				      0);
		EXPECT_KIND(mt_region_holds(&region, copy, 1, 4));
		EXPECT_KIND(takes_writes(page_of(&region, 3), 2, 9));
		EXPECT_KIND(mt_region_holds(&region, copy, 1, 4));
		EXPECT_KIND(takes_writes(copy, 4, 7));
		EXPECT_KIND(mt_holds(page_of(&region, 3), 2 * MT_PAGE, 9));
		EXPECT_KIND(mt_region_holds(&region, page_of(&region, 1), 1,
					    2));
		mt_unmap(copy, 4 * MT_PAGE);
	}
}

/* ---- MADV_DONTNEED ---- */

/*
 * docs/memory.md: a page then reads as the message's content or as the
 * process' own last write; the whole of it as one of them.
 */
static bool message_or_own(const struct mt_region *region, unsigned int seed,
			   unsigned int other)
{
	static char copies[2][MT_PAGE];

	mt_fill(copies[0], MT_PAGE, seed);
	mt_fill(copies[1], MT_PAGE, other);
	for (int page = 0; page < PAGES; page++) {
		char *at = page_of(region, page);

		if (memcmp(at, copies[0], MT_PAGE) &&
		    memcmp(at, copies[1], MT_PAGE) &&
		    !mt_region_holds(region, at, page, 1))
			return false;
	}
	return true;
}

TEST_F(mach, N5_discarded)
{
	struct mt_region region;

	FOR_EACH_KIND(&region, &self->task) {
		mt_must(madvise(region.memory, BYTES, MADV_DONTNEED));
		EXPECT_KIND(mt_region_intact(&region));
		mt_fill(page_of(&region, 2), MT_PAGE, 9);
		mt_must(madvise(region.memory, BYTES, MADV_DONTNEED));
		EXPECT_KIND(message_or_own(&region, 9, 9));
		EXPECT_KIND(mt_region_holds(&region, region.memory, 0, 2));
		EXPECT_KIND(mt_region_holds(&region, page_of(&region, 3), 3,
					    5));
		for (int page = 0; page < PAGES; page++)
			mt_fill(page_of(&region, page), MT_PAGE, 8);
		for (int page = 0; page < PAGES; page++)
			EXPECT_KIND(mt_holds(page_of(&region, page), MT_PAGE,
					     8));
		mt_must(madvise(region.memory, BYTES, MADV_DONTNEED));
		EXPECT_KIND(message_or_own(&region, 9, 8));
		EXPECT_KIND(mt_region_source_intact(&region));
	}
}

/* In a child: its ancestor's last write before the fork counts, too. */
TEST_F_TIMEOUT(mach, N5_discarded_after_a_fork, 90)
{
	struct mt_region region;

	FOR_EACH_KIND(&region, &self->task) {
		pid_t pid;

		for (int page = 0; page < PAGES; page++)
			mt_fill(page_of(&region, page), MT_PAGE, 9);
		pid = mt_fork();
		if (pid == 0) {
			mt_must(madvise(region.memory, BYTES, MADV_DONTNEED));
			mt_check(message_or_own(&region, 9, 9));
			for (int page = 0; page < PAGES; page++)
				mt_fill(page_of(&region, page), MT_PAGE, 7);
			mt_must(madvise(region.memory, BYTES, MADV_DONTNEED));
			mt_check(message_or_own(&region, 9, 7));
			_exit(0);
		}
		EXPECT_EQ(0, mt_wait_pid(pid));
		for (int page = 0; page < PAGES; page++)
			EXPECT_KIND(mt_holds(page_of(&region, page), MT_PAGE,
					     9));
		mt_must(madvise(region.memory, BYTES, MADV_DONTNEED));
		EXPECT_KIND(message_or_own(&region, 9, 9));
		EXPECT_KIND(mt_region_source_intact(&region));
	}
}

/* ---- the file behind it ---- */

/* Nobody else gets at the object: not by name, not by another mapping. */
TEST_F(mach, N34_no_way_to_the_file)
{
	struct mt_region region;
	char path[64];
	int fd;

	mt_region_receive(&region, &self->task, MT_MOVED, PAGES, 1);
	snprintf(path, sizeof(path), "/proc/self/map_files/%lx-%lx",
		 (unsigned long)region.memory,
		 (unsigned long)region.memory + BYTES);
	ASSERT_EQ(0, access("/proc/self/map_files", F_OK));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	EXPECT_EQ(-1, fd) TH_LOG("%s can be opened", path);
	fd = open(path, O_RDWR | O_CLOEXEC);
	EXPECT_EQ(-1, fd);
	EXPECT_EQ(-1, truncate(path, 0));
	EXPECT_EQ(-1, remap_file_pages(region.memory, MT_PAGE, 0, 2, 0));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, MT_PAGE, PROT_READ, MAP_PRIVATE,
				   self->task.fd, 0));
	EXPECT_EQ(ENODEV, errno);
	EXPECT_TRUE(mt_region_intact(&region));
}

TEST_HARNESS_MAIN
