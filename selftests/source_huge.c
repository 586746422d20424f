// SPDX-License-Identifier: GPL-2.0
/*
 * Huge pages as a source: taken whole when they lie in the region, and shared
 * when most of one does, which is charged as if all of it were sent.  Of less
 * the pages are copied, so that a few bytes never hold 2 MiB (spec 3.3;
 * design 4; docs/memory.md).
 */
#include <sys/mman.h>

#include "lib/fixture.h"
#include "lib/source.h"

#define HUGE_PAGES	512UL
#define ADVICE_COLLAPSE	25

/* Part of so many huge pages. */
struct part {
	unsigned long huge, from, bytes;
	unsigned long shared;	/* pages that travel by reference */
};

static const struct part one = { 1, 0, MT_HUGE, HUGE_PAGES };

static void make_huge(struct mt_source *source, void *arg)
{
	const struct part *part = arg;
	char *memory = mt_map_huge(part->huge, 1);
	char *want = mt_map_filled(part->huge * HUGE_PAGES, 1);

	mt_check(memory);
	*source = (struct mt_source) {
		.memory = memory + part->from,
		.bytes = part->bytes,
		.want = want + part->from,
		.shared = MT_TAKES_HUGE ? part->shared : 0,
		.reasons = MT_REASON(EDGE) | MT_REASON(HUGE_PART),
	};
}

/* A test that cannot have huge pages is skipped. */
static bool begin(void)
{
	char *memory = mt_map_huge(1, 0);

	mt_source_begin();
	if (memory)
		mt_unmap(memory, MT_HUGE);
	return memory;
}

TEST_F(mach, S3_3_huge_page)
{
	if (!begin())
		SKIP(return, "no huge pages");
	mt_source_all_ways(&self->task, make_huge, (void *)&one);
}

TEST_F_TIMEOUT(mach, S3_3_huge_page_partly_inside, 120)
{
	static const struct part parts[] = {
		{ 1, 8 * MT_PAGE, MT_HUGE - 16 * MT_PAGE, HUGE_PAGES - 16 },
		{ 1, 0, MT_HUGE / 2, HUGE_PAGES / 2 },
		{ 1, MT_HUGE / 2, MT_HUGE / 2, HUGE_PAGES / 2 },
		{ 1, 0, MT_HUGE / 2 - MT_PAGE, 0 },
		{ 1, MT_HUGE / 2 + MT_PAGE, MT_HUGE / 2 - MT_PAGE, 0 },
		{ 1, 0, MT_PAGE, 0 },
		{ 1, MT_HUGE - MT_PAGE, MT_PAGE, 0 },
		/* A whole one between two halves. */
		{ 3, MT_HUGE - 8 * MT_PAGE, MT_HUGE + 16 * MT_PAGE,
		  HUGE_PAGES },
	};

	if (!begin())
		SKIP(return, "no huge pages");
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		mt_source_all_ways(&self->task, make_huge, (void *)&parts[i]);
}

TEST_F_TIMEOUT(mach, S3_3_huge_page_unaligned, 120)
{
	static const struct part parts[] = {
		/* The pages at the edges are copied always. */
		{ 1, 1, MT_HUGE - 2, HUGE_PAGES - 2 },
		{ 2, 100, 2 * MT_HUGE - 100, 2 * HUGE_PAGES - 1 },
		{ 2, 0, 2 * MT_HUGE - 100, 2 * HUGE_PAGES - 1 },
		{ 1, 5000, 1, 0 },
	};

	if (!begin())
		SKIP(return, "no huge pages");
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		mt_source_all_ways(&self->task, make_huge, (void *)&parts[i]);
}

/* The same huge page again, but another part of it: proved is all of it. */
TEST_F(mach, S3_3_other_part_of_a_huge_page)
{
	static const struct part parts[] = {
		{ 1, 8 * MT_PAGE, MT_HUGE - 16 * MT_PAGE, HUGE_PAGES - 16 },
		{ 1, 0, MT_HUGE - 100 * MT_PAGE, HUGE_PAGES - 100 },
		{ 1, 200 * MT_PAGE + 1, MT_HUGE - 200 * MT_PAGE - 1,
		  HUGE_PAGES - 201 },
		{ 1, 0, MT_HUGE, HUGE_PAGES },
	};
	struct mt_source source;
	char *start, *received[ARRAY_SIZE(parts)];

	if (!begin())
		SKIP(return, "no huge pages");
	make_huge(&source, (void *)&parts[0]);
	start = source.memory - parts[0].from;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		source.want += start + parts[i].from - source.memory;
		source.memory = start + parts[i].from;
		source.bytes = parts[i].bytes;
		source.shared = MT_TAKES_HUGE ? parts[i].shared : 0;
		received[i] = mt_source_copy(&self->task, &source);
	}
	mt_fill(start, MT_HUGE, 2);
	EXPECT_TRUE(mt_source_arrived(&source, received[3]));
}

/* What lies in the same huge page stays the sender's, also after a move. */
TEST_F(mach, O25_rest_of_a_huge_page)
{
	static const struct part part = {
		1, 16 * MT_PAGE, 32 * MT_PAGE, 0
	};
	struct mt_source source;
	char *start, *want, *received;

	if (!begin())
		SKIP(return, "no huge pages");
	make_huge(&source, (void *)&part);
	start = source.memory - part.from;
	want = (char *)source.want - part.from;
	received = mt_source_move(&self->task, &source);
	EXPECT_EQ(0, memcmp(start, want, part.from));
	EXPECT_EQ(0, memcmp(start + 48 * MT_PAGE, want + 48 * MT_PAGE,
			    MT_HUGE - 48 * MT_PAGE));
	mt_fill(start, part.from, 2);
	EXPECT_TRUE(mt_source_arrived(&source, received));
}

/* ---- split before they are sent ---- */

/* Page tables map the pieces of what is still one large folio. */
static void make_split_mapping(struct mt_source *source, void *arg)
{
	(void)arg;
	make_huge(source, (void *)&one);
	mt_must(mprotect(source->memory + 16 * MT_PAGE, MT_PAGE, PROT_READ));
	mt_must(mprotect(source->memory + 16 * MT_PAGE, MT_PAGE,
			 PROT_READ | PROT_WRITE));
	/* Or khugepaged puts them together again, and fills holes. */
	mt_must(madvise(source->memory, MT_HUGE, MADV_NOHUGEPAGE));
	mt_check(mt_smaps(source->memory, "AnonHugePages:") == 0);
	source->shared = 0;
	source->loose = true;
}

TEST_F_TIMEOUT(mach, S3_3_huge_page_split_mapping, 120)
{
	if (!begin())
		SKIP(return, "no huge pages");
	mt_source_all_ways(&self->task, make_split_mapping, NULL);
}

static void make_holed(struct mt_source *source, void *arg)
{
	char *want;

	make_split_mapping(source, arg);
	want = (char *)source->want;
	mt_must(madvise(source->memory + 64 * MT_PAGE, 64 * MT_PAGE,
			MADV_DONTNEED));
	memset(want + 64 * MT_PAGE, 0, 64 * MT_PAGE);
	source->holes = 64;
}

TEST_F_TIMEOUT(mach, S3_3_huge_page_with_a_hole, 120)
{
	if (!begin())
		SKIP(return, "no huge pages");
	mt_source_all_ways(&self->task, make_holed, NULL);
}

#define SPLIT	"/sys/kernel/debug/split_huge_pages"

/* The folio itself is split: 512 small pages as any others. */
static void make_split_folio(struct mt_source *source, void *arg)
{
	char line[100];

	(void)arg;
	make_huge(source, (void *)&one);
	snprintf(line, sizeof(line), "%d,%#lx,%#lx", getpid(),
		 (unsigned long)source->memory,
		 (unsigned long)source->memory + MT_HUGE);
	mt_check(mt_set_kernel(SPLIT, line));
	mt_must(madvise(source->memory, MT_HUGE, MADV_NOHUGEPAGE));
	mt_check(mt_smaps(source->memory, "AnonHugePages:") == 0);
	source->reasons |= MT_REASON(REFS);
	source->loose = true;
}

TEST_F_TIMEOUT(mach, S3_3_huge_page_split, 120)
{
	if (!begin() || access(SPLIT, W_OK))
		SKIP(return, "no huge pages, or none can be split");
	mt_source_all_ways(&self->task, make_split_folio, NULL);
}

/* ---- shared, empty, made in flight ---- */

TEST_F(mach, S3_3_huge_page_shared_by_fork)
{
	struct mt_source source;
	char *received;
	int channel[2];
	pid_t pid;

	if (!begin())
		SKIP(return, "no huge pages");
	make_huge(&source, (void *)&one);
	mt_must(pipe(channel));
	pid = mt_fork();
	if (pid == 0) {
		mt_await(channel[0]);
		mt_check(mt_source_arrived(&source, source.memory));
		mt_fill(source.memory, MT_HUGE, 2);
		_exit(0);
	}
	received = mt_source_copy(&self->task, &source);
	EXPECT_LT(0, mt_smaps(source.memory, "AnonHugePages:"));
	mt_source_apart(&source, received);
	mt_tell(channel[1], 0);
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_TRUE(mt_all(received, MT_HUGE, MT_BY_RECEIVER));
}

/* The same folio is a huge page here and many small ones in the child. */
TEST_F(mach, S3_3_huge_page_split_by_a_child)
{
	struct mt_source source;
	int down[2], up[2];
	pid_t pid;

	if (!begin())
		SKIP(return, "no huge pages");
	make_huge(&source, (void *)&one);
	mt_must(pipe(down));
	mt_must(pipe(up));
	pid = mt_fork();
	if (pid == 0) {
		mt_must(mprotect(source.memory, MT_PAGE, PROT_READ));
		mt_tell(up[1], 0);
		mt_await(down[0]);
		mt_check(mt_source_arrived(&source, source.memory));
		_exit(0);
	}
	mt_await(up[0]);
	source.reasons |= MT_REASON(REFS);
	source.loose = true;
	mt_source_apart(&source, mt_source_copy(&self->task, &source));
	mt_tell(down[1], 0);
	EXPECT_EQ(0, mt_wait_pid(pid));
}

/* arg: read, so that the huge zero page is there? */
static void make_empty(struct mt_source *source, void *arg)
{
	make_huge(source, (void *)&one);
	mt_must(madvise(source->memory, MT_HUGE, MADV_DONTNEED));
	if (arg)
		mt_touch(source->memory, 1);
	source->want = NULL;
	source->shared = 0;
	source->holes = HUGE_PAGES;
}

TEST_F(mach, S3_3_huge_page_never_touched)
{
	/* To look at the source makes the huge zero page of holes. */
	if (!begin() || !MT_TAKES_HUGE)
		SKIP(return, "no huge pages, or they are copied");
	mt_source_all_ways(&self->task, make_empty, NULL);
}

TEST_F(mach, S3_3_huge_zero_page)
{
	/* To look at the source makes the huge zero page of holes. */
	if (!begin() || !MT_TAKES_HUGE)
		SKIP(return, "no huge pages, or they are copied");
	mt_source_all_ways(&self->task, make_empty, self);
}

/* Pages in flight cannot become a huge page; afterwards they can. */
TEST_F(mach, S3_3_collapsed_in_flight)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_source source;
	char *received;

	if (!begin())
		SKIP(return, "no huge pages");
	make_empty(&source, NULL);
	mt_must(madvise(source.memory, MT_HUGE, MADV_NOHUGEPAGE));
	mt_fill(source.memory, MT_HUGE, 1);
	source.want = mt_map_filled(HUGE_PAGES, 1);
	mt_must(madvise(source.memory, MT_HUGE, MADV_HUGEPAGE));
	mt_must(mt_send_memory(task, port, MACH_MSG_TYPE_COPY_SEND,
			       source.memory, MT_HUGE, 0));
	madvise(source.memory, MT_HUGE, ADVICE_COLLAPSE);
	mt_fill(source.memory, MT_HUGE / 2, 2);
	received = mt_receive_memory(task, port);
	EXPECT_TRUE(mt_source_arrived(&source, received));
	mt_unmap(received, MT_HUGE);

	mt_fill(source.memory, MT_HUGE, 1);
	if (madvise(source.memory, MT_HUGE, ADVICE_COLLAPSE))
		SKIP(return, "this kernel does not collapse on request");
	source.shared = MT_TAKES_HUGE ? HUGE_PAGES : 0;
	source.holes = 0;
	mt_source_apart(&source, mt_source_copy(task, &source));
}

/* ---- folios of other sizes ---- */

#define FOLIO		"/sys/kernel/mm/transparent_hugepage/hugepages-64kB/"
#define FOLIO_BYTES	(64 * 1024UL)
#define FOLIOS		8

/* arg: the part of 8 folios to send. */
static void make_folios(struct mt_source *source, void *arg)
{
	const struct part *part = arg;
	char *memory = mmap(NULL, (FOLIOS + 1) * FOLIO_BYTES,
			    PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long made = mt_get_kernel(FOLIO "stats/anon_fault_alloc", NULL);
	char *want = mt_map_filled(FOLIOS * 16, 1);

	mt_check(memory != MAP_FAILED);
	memory += -(unsigned long)memory & (FOLIO_BYTES - 1);
	mt_must(madvise(memory, FOLIOS * FOLIO_BYTES, MADV_HUGEPAGE));
	mt_fill(memory, FOLIOS * FOLIO_BYTES, 1);
	mt_check(mt_get_kernel(FOLIO "stats/anon_fault_alloc", NULL) > made);
	*source = (struct mt_source) {
		.memory = memory + part->from,
		.bytes = part->bytes,
		.want = want + part->from,
		.reasons = MT_REASON(EDGE) | MT_REASON(HUGE_PART),
		.loose = true,
	};
}

TEST_F_TIMEOUT(mach, S3_3_large_folios, 120)
{
	static const struct part parts[] = {
		{ .bytes = FOLIOS * FOLIO_BYTES },
		{ .from = MT_PAGE, .bytes = FOLIOS * FOLIO_BYTES / 2 },
		{ .from = 123, .bytes = FOLIO_BYTES + 3 },
	};

	mt_source_begin();
	if (!mt_set_kernel(FOLIO "enabled", "madvise"))
		SKIP(return, "this kernel has no large folios but huge pages");
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		mt_source_all_ways(&self->task, make_folios,
				   (void *)&parts[i]);
	mt_set_kernel(FOLIO "enabled", "never");
}

TEST_HARNESS_MAIN
