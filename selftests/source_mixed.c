// SPDX-License-Identifier: GPL-2.0
/*
 * Regions that lie over many mappings of different kinds: each page travels
 * as its kind does, and one piece of memory arrives (spec 3.1 O19, 3.3).
 */
#include <sys/mman.h>

#include "lib/fixture.h"
#include "lib/pager.h"
#include "lib/source.h"

#define PART_PAGES	4UL
#define PART		(PART_PAGES * MT_PAGE)

/* ---- parts: filled already; each turns its pages into another kind ---- */

static void leave(char *memory)
{
	(void)memory;
}

static void make_read_only(char *memory)
{
	mt_must(mprotect(memory, PART, PROT_READ));
}

static void make_executable(char *memory)
{
	mt_must(mprotect(memory, PART, PROT_READ | PROT_WRITE | PROT_EXEC));
}

static void lock(char *memory)
{
	mt_must(mlock(memory, PART));
}

static void forbid_fork(char *memory)
{
	mt_must(madvise(memory, PART, MADV_DONTFORK));
}

static void discard(char *memory)
{
	mt_must(madvise(memory, PART, MADV_DONTNEED));
}

static void discard_and_read(char *memory)
{
	discard(memory);
	mt_touch(memory, PART_PAGES);
}

static void map_content(char *memory, int protection, int flags)
{
	int fd = memfd_create("part", MFD_CLOEXEC);

	mt_check(write(fd, memory, PART) == (ssize_t)PART);
	mt_check(mmap(memory, PART, protection, flags | MAP_FIXED, fd, 0) ==
		 memory);
	close(fd);
}

static void map_file(char *memory)
{
	map_content(memory, PROT_READ, MAP_PRIVATE);
}

/* A page of its own with the same content. */
static void rewrite(volatile char *byte)
{
	*byte = *byte;
}

static void map_dirty_file(char *memory)
{
	map_content(memory, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	rewrite(memory + 5);
}

static void map_shared_file(char *memory)
{
	map_content(memory, PROT_READ | PROT_WRITE, MAP_SHARED);
}

static void watch(char *memory)
{
	static struct mt_pager pager;

	if (mt_pager_watch(&pager, memory, PART, UFFDIO_REGISTER_MODE_MISSING,
			   0))
		return;
	/* No userfaultfd here: of the kind that is copied, too. */
	map_shared_file(memory);
}

static const struct mt_task *task;

/* Received memory, put into the middle of other memory. */
static void receive(char *memory)
{
	char *received = mt_pass_memory(task, memory, PART, 0);

	mt_touch(received, 1);
	rewrite(received + MT_PAGE);
	mt_check(mremap(received, PART, PART, MREMAP_MAYMOVE | MREMAP_FIXED,
			memory) == memory);
}

static const struct kind {
	void (*make)(char *memory);
	unsigned long shared, holes;
} kinds[] = {
	{ leave, PART_PAGES, 0 },
	{ make_read_only, PART_PAGES, 0 },
	{ map_file, 0, 0 },
	{ make_executable, PART_PAGES, 0 },
	{ discard, 0, PART_PAGES },
	{ lock, PART_PAGES, 0 },
	{ map_shared_file, 0, 0 },
	{ receive, PART_PAGES, 0 },
	{ forbid_fork, PART_PAGES, 0 },
	{ map_dirty_file, 0, 0 },
	{ discard_and_read, 0, PART_PAGES },
	{ watch, 0, 0 },
	{ leave, PART_PAGES, 0 },
};

#define KINDS	ARRAY_SIZE(kinds)
#define BYTES	(KINDS * PART)

/* arg: how many bytes of the first and the last page stay behind. */
static void make_mixed(struct mt_source *source, void *arg)
{
	unsigned long edge = *(unsigned long *)arg;
	char *memory = mt_map_filled(KINDS * PART_PAGES, 1);
	char *want = mt_map_filled(KINDS * PART_PAGES, 1);

	*source = (struct mt_source) {
		.memory = memory + edge,
		.bytes = BYTES - 2 * edge,
		.want = want + edge,
		.reasons = MT_REASON(FILE) | MT_REASON(SPECIAL) |
			   MT_REASON(EDGE),
	};
	for (size_t i = 0; i < KINDS; i++) {
		kinds[i].make(memory + i * PART);
		if (kinds[i].holes)
			memset(want + i * PART, 0, PART);
		source->shared += kinds[i].shared;
		source->holes += kinds[i].holes;
	}
	if (edge)
		source->shared -= 2;
}

/* Not mt_source_all_ways(): parts of it cannot be written. */
static void check_mixed(unsigned long edge)
{
	struct mt_source source;
	char *received;

	make_mixed(&source, &edge);
	received = mt_source_copy(task, &source);
	mt_check(mt_smaps(received, "Size:") == (long)(BYTES / 1024));
	memset(received, 'r', source.bytes);
	mt_check(mt_source_arrived(&source, source.memory));
	mt_source_copy(task, &source);
	mt_source_in_flight(task, &source, mt_source_unmap);
	make_mixed(&source, &edge);
	received = mt_source_move(task, &source);
	mt_check(mt_smaps(received, "Size:") == (long)(BYTES / 1024));
	memset(received, 'r', source.bytes);
	mt_check(mt_all(received, source.bytes, 'r'));
}

TEST_F(mach, O19_many_kinds)
{
	task = &self->task;
	mt_source_begin();
	check_mixed(0);
	check_mixed(1);
	check_mixed(4000);
}

/* More mappings than a page table has entries. */
TEST_F(mach, O19_many_mappings)
{
	unsigned long pages = 1500;
	struct mt_source source = {
		.bytes = pages * MT_PAGE,
		.shared = pages,
	};
	char *received;

	mt_source_begin();
	source.memory = mt_map_filled(pages, 1);
	source.want = mt_map_filled(pages, 1);
	for (unsigned long page = 0; page < pages; page += 2)
		mt_must(mprotect(source.memory + page * MT_PAGE, MT_PAGE,
				 PROT_READ));
	received = mt_source_copy(&self->task, &source);
	EXPECT_EQ((long)(source.bytes / 1024), mt_smaps(received, "Size:"));
	memset(received, 'r', source.bytes);
	EXPECT_TRUE(mt_source_arrived(&source, source.memory));
	mt_source_move(&self->task, &source);
}

TEST_HARNESS_MAIN
