// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that was swapped out as a source, and swapping while a message is in
 * flight: pages are brought in and shared, nothing is lost (spec 3.3).
 *
 * On the machine's own swap space, else on what lib/disk.h can make.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>

#include "lib/disk.h"
#include "lib/fixture.h"
#include "lib/source.h"

#define PAGES	64
#define BYTES	(PAGES * MT_PAGE)

#define PAGEMAP_SWAPPED	(1ULL << 62)
#define TRIES		200

static unsigned long swapped_pages(const char *memory, unsigned long pages)
{
	off_t at = (unsigned long)memory / MT_PAGE * sizeof(__u64);
	__u64 *entries = malloc(pages * sizeof(*entries));
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	unsigned long count = 0;
	size_t bytes = pages * sizeof(*entries);

	mt_check(entries && fd >= 0);
	mt_check(pread(fd, entries, bytes, at) == (ssize_t)bytes);
	close(fd);
	for (unsigned long i = 0; i < pages; i++)
		count += !!(entries[i] & PAGEMAP_SWAPPED);
	free(entries);
	return count;
}

/*
 * A page that is being written to the disk is in the swap cache, from where it
 * cannot be moved: it would be copied.
 */
static void wait_for_disk(void)
{
	for (int tries = 0; tries < TRIES; tries++) {
		mt_set_kernel("/proc/sys/vm/stat_refresh", "1");
		if (!mt_get_kernel("/proc/vmstat", "nr_writeback"))
			break;
		mt_sleep(20);
	}
}

/* Not every page goes at the first request. */
static void swap_out(char *memory, unsigned long pages)
{
	unsigned long count = 0;

	for (int tries = 0; count < pages && tries < TRIES; tries++) {
		mt_must(madvise(memory, pages * MT_PAGE, MADV_PAGEOUT));
		count = swapped_pages(memory, pages);
	}
	wait_for_disk();
	if (count != pages)
		fprintf(stderr, "# %lu of %lu swapped out\n", count, pages);
	mt_check(count == pages);
}

static bool begin(void)
{
	struct sysinfo info;

	mt_source_begin();
	mt_must(sysinfo(&info));
	return info.freeswap * info.mem_unit > 32UL << 20 ||
	       mt_swap_on(64UL << 20);
}

static void make_filled(struct mt_source *source)
{
	*source = (struct mt_source) {
		.memory = mt_map_filled(PAGES, 1),
		.bytes = BYTES,
		.want = mt_map_filled(PAGES, 1),
		.shared = PAGES,
		.reasons = MT_REASON(EDGE),
	};
}

static void make_swapped(struct mt_source *source, void *arg)
{
	(void)arg;
	make_filled(source);
	swap_out(source->memory, PAGES);
}

TEST_F(mach, S3_3_swapped_out)
{
	if (!begin())
		SKIP(return, "no swap");
	mt_source_all_ways(&self->task, make_swapped, NULL);
	mt_swap_off();
}

static void make_partly_swapped(struct mt_source *source, void *arg)
{
	(void)arg;
	make_filled(source);
	for (int page = 1; page < PAGES; page += 3)
		swap_out(source->memory + page * MT_PAGE, 1);
}

TEST_F(mach, S3_3_partly_swapped_out)
{
	if (!begin())
		SKIP(return, "no swap");
	mt_source_all_ways(&self->task, make_partly_swapped, NULL);
	mt_swap_off();
}

static void make_unaligned(struct mt_source *source, void *arg)
{
	make_swapped(source, arg);
	source->memory += 10;
	source->want += 10;
	source->bytes -= 20;
	source->shared -= 2;
}

TEST_F(mach, O22_swapped_out_unaligned)
{
	if (!begin())
		SKIP(return, "no swap");
	mt_source_all_ways(&self->task, make_unaligned, NULL);
	mt_swap_off();
}

/* Small ones are copied straight away. */
static void make_small(struct mt_source *source, void *arg)
{
	make_swapped(source, arg);
	source->shared = 0;
	source->reasons = MT_REASON(SMALL);
}

TEST_F(mach, S3_3_swapped_out_small)
{
	if (!begin())
		SKIP(return, "no swap");
	mt_set_param("share_min", 2 * BYTES);
	mt_source_all_ways(&self->task, make_small, NULL);
	mt_swap_off();
}

static void make_swapped_huge(struct mt_source *source, void *arg)
{
	char *memory = mt_map_huge(1, 1);

	(void)arg;
	mt_check(memory);
	swap_out(memory, 512);
	*source = (struct mt_source) {
		.memory = memory,
		.bytes = MT_HUGE,
		.want = mt_map_filled(512, 1),
		.shared = 512,
	};
}

TEST_F_TIMEOUT(mach, S3_3_huge_page_swapped_out, 120)
{
	char *memory = mt_map_huge(1, 1);

	if (!begin() || !memory)
		SKIP(return, "no swap, or no huge pages");
	mt_source_all_ways(&self->task, make_swapped_huge, NULL);
	mt_swap_off();
}

static void make_shared_swapped(struct mt_source *source, void *arg)
{
	(void)arg;
	make_filled(source);
	source->shared = 0;
	source->reasons = MT_REASON(FILE);
	source->memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	mt_check(source->memory != MAP_FAILED);
	mt_fill(source->memory, BYTES, 1);
	mt_must(madvise(source->memory, BYTES, MADV_PAGEOUT));
}

TEST_F(mach, S3_3_shared_memory_swapped_out)
{
	if (!begin())
		SKIP(return, "no swap");
	mt_source_all_ways(&self->task, make_shared_swapped, NULL);
	mt_swap_off();
}

/* The child has the page in swap, too, and keeps its content. */
TEST_F(mach, S3_3_swapped_out_and_shared_by_fork)
{
	struct mt_source source;
	int channel[2];
	char *received;
	pid_t pid;

	if (!begin())
		SKIP(return, "no swap");
	make_swapped(&source, NULL);
	mt_must(pipe(channel));
	pid = mt_fork();
	if (pid == 0) {
		mt_await(channel[0]);
		mt_check(mt_source_arrived(&source, source.memory));
		mt_fill(source.memory, BYTES, 2);
		_exit(mt_holds(source.memory, BYTES, 2) ? 0 : 1);
	}
	received = mt_source_copy(&self->task, &source);
	mt_source_apart(&source, received);
	mt_tell(channel[1], 0);
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_TRUE(mt_all(received, BYTES, MT_BY_RECEIVER));
	mt_swap_off();
}

/* ---- swapping while others hold the pages ---- */

/* The pages in flight are not freed; the sender writes to its own. */
static void swap_and_write(const struct mt_source *source)
{
	for (int i = 0; i < 3; i++)
		mt_must(madvise(source->memory, BYTES, MADV_PAGEOUT));
	mt_check(mt_source_arrived(source, source->memory));
	mt_must(madvise(source->memory, BYTES, MADV_PAGEOUT));
	mt_fill(source->memory, BYTES, 2);
	swap_out(source->memory, PAGES);
	mt_check(mt_holds(source->memory, BYTES, 2));
}

TEST_F(mach, O2_swapped_out_in_flight)
{
	struct mt_source source;

	if (!begin())
		SKIP(return, "no swap");
	make_filled(&source);
	mt_source_in_flight(&self->task, &source, swap_and_write);
	make_swapped(&source, NULL);
	mt_source_in_flight(&self->task, &source, swap_and_write);
	mt_swap_off();
}

TEST_F(mach, O2_swapped_out_after_the_receive)
{
	struct mt_source source;
	char *received;

	if (!begin())
		SKIP(return, "no swap");
	make_filled(&source);
	received = mt_source_copy(&self->task, &source);
	swap_and_write(&source);
	EXPECT_TRUE(mt_source_arrived(&source, received));
	memset(received, 'r', BYTES);
	EXPECT_TRUE(mt_holds(source.memory, BYTES, 2));
	mt_swap_off();
}

/* Sent again while the first message lives and reclaim was at work. */
TEST_F(mach, O2_sent_again_after_swapping)
{
	struct mt_source source;
	char *first, *second;

	if (!begin())
		SKIP(return, "no swap");
	make_filled(&source);
	first = mt_source_copy(&self->task, &source);
	for (int i = 0; i < 3; i++)
		mt_must(madvise(source.memory, BYTES, MADV_PAGEOUT));
	source.reasons = MT_REASON(REFS) | MT_REASON(RETRY);
	source.loose = true;
	second = mt_source_copy(&self->task, &source);
	mt_source_apart(&source, second);
	EXPECT_TRUE(mt_source_arrived(&source, first));
	mt_swap_off();
}

/*
 * Each page becomes private to the receiver, as the core makes it.  Where
 * writes come in a row, from low to high, the object behind the mapping gets
 * pages instead, and those stay in memory.
 */
static void make_private(char *received, unsigned long pages)
{
	while (pages--)
		*(volatile char *)(received + pages * MT_PAGE) = 0;
}

/* What a receiver has written can be swapped out, and sent on from there. */
TEST_F(mach, S3_3_received_memory_swapped_out)
{
	struct mt_source source;
	char *received, *again, *peeked = mt_map(PAGES);

	if (!begin())
		SKIP(return, "no swap");
	make_filled(&source);
	received = mt_pass_memory(&self->task, source.memory, BYTES, 0);
	make_private(received, PAGES / 2);
	mt_fill(received, BYTES / 2, 5);
	swap_out(received, PAGES / 2);
	/* Seen from outside, and sent on, without being touched before. */
	ASSERT_TRUE(mt_peek(getpid(), received, peeked, BYTES));
	EXPECT_TRUE(mt_holds(peeked, BYTES / 2, 5));
	swap_out(received, PAGES / 2);
	again = mt_pass_memory(&self->task, received, BYTES, 0);
	make_private(received, PAGES);
	mt_fill(received, BYTES, 6);
	EXPECT_TRUE(mt_holds(again, BYTES / 2, 5));
	EXPECT_EQ(0, memcmp(again + BYTES / 2, source.memory + BYTES / 2,
			    BYTES / 2));
	swap_out(received, PAGES);
	again = mt_move_memory(&self->task, received, BYTES);
	EXPECT_TRUE(mt_holds(again, BYTES, 6));
	EXPECT_TRUE(mt_source_arrived(&source, source.memory));
	mt_swap_off();
}

/* Pages that were written in a row stay, and stay right. */
TEST_F(mach, S3_3_received_memory_written_in_a_row)
{
	struct mt_source source;
	char *received, *again;

	if (!begin())
		SKIP(return, "no swap");
	make_filled(&source);
	received = mt_pass_memory(&self->task, source.memory, BYTES, 0);
	mt_fill(received, BYTES, 5);
	for (int i = 0; i < 3; i++)
		mt_must(madvise(received, BYTES, MADV_PAGEOUT));
	EXPECT_TRUE(mt_holds(received, BYTES, 5));
	again = mt_pass_memory(&self->task, received, BYTES, 0);
	for (int i = 0; i < 3; i++)
		mt_must(madvise(received, BYTES, MADV_PAGEOUT));
	mt_fill(received, BYTES, 6);
	EXPECT_TRUE(mt_holds(again, BYTES, 5));
	EXPECT_TRUE(mt_source_arrived(&source, source.memory));
	mt_swap_off();
}

/* Written from outside while it is in swap. */
TEST_F(mach, S3_3_received_memory_poked_in_swap)
{
	struct mt_source source;
	char *received, *fresh = mt_map_filled(PAGES, 7);

	if (!begin())
		SKIP(return, "no swap");
	make_filled(&source);
	received = mt_pass_memory(&self->task, source.memory, BYTES, 0);
	make_private(received, PAGES);
	mt_fill(received, BYTES, 5);
	swap_out(received, PAGES);
	ASSERT_TRUE(mt_poke(getpid(), received, fresh, BYTES));
	EXPECT_TRUE(mt_holds(received, BYTES, 7));
	EXPECT_TRUE(mt_source_arrived(&source, source.memory));
	mt_swap_off();
}

TEST_HARNESS_MAIN
