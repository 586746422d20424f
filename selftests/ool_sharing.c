// SPDX-License-Identifier: GPL-2.0
/*
 * Nothing is copied that need not be: page frames are the same on both sides,
 * a write splits exactly the pages written, and the counters tell the truth
 * (spec 3.1 O3).
 *
 * Everything runs on one CPU: another CPU may hold references to freshly
 * touched pages, which are then copied.
 */
#include <sys/sysinfo.h>

#include "lib/fixture.h"

#define PAGES	256
#define BYTES	(PAGES * MT_PAGE)

static void begin(void)
{
	mt_one_cpu(0);
	mt_share_all();
}

static bool counted(const struct mach_ioc_stats *stats, __u64 shared,
		    __u64 hole, __u64 copied)
{
	if (stats->pages_shared == shared && stats->pages_hole == hole &&
	    mt_copied(stats) == copied && stats->pages_moved == 0)
		return true;
	fprintf(stderr, "# shared %llu hole %llu moved %llu copied",
		(unsigned long long)stats->pages_shared,
		(unsigned long long)stats->pages_hole,
		(unsigned long long)stats->pages_moved);
	for (int i = 0; i < MACH_COPY_REASONS; i++)
		fprintf(stderr, " %llu",
			(unsigned long long)stats->pages_copied[i]);
	fprintf(stderr, "\n");
	return false;
}

TEST_F(mach, O3_all_frames_are_shared)
{
	struct mach_ioc_stats before, stats;
	char *memory, *received;

	begin();
	memory = mt_map_filled(PAGES, 1);
	before = mt_stats(&self->task, 0);
	received = mt_pass_memory(&self->task, memory, BYTES, 0);
	stats = mt_since(&self->task, &before);
	EXPECT_TRUE(counted(&stats, PAGES, 0, 0));
	/* Until it is touched, nothing is there. */
	EXPECT_EQ(0ULL, mt_frame(received));
	mt_touch(received, PAGES);
	EXPECT_EQ(PAGES, mt_frames_shared(memory, received, PAGES));
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
}

TEST_F(mach, O3_receivers_writes_split_only_what_they_hit)
{
	char *memory, *received;
	__u64 frame;

	begin();
	memory = mt_map_filled(PAGES, 1);
	received = mt_pass_memory(&self->task, memory, BYTES, 0);
	mt_touch(received, PAGES);
	frame = mt_frame(memory + 7 * MT_PAGE);
	for (int page = 0; page < PAGES; page += 8)
		received[page * MT_PAGE + 5] ^= 1;
	EXPECT_EQ(PAGES - PAGES / 8, mt_frames_shared(memory, received, PAGES));
	EXPECT_EQ(frame, mt_frame(memory + 7 * MT_PAGE));
	EXPECT_TRUE(mt_holds(memory, BYTES, 1));
}

TEST_F(mach, O3_senders_writes_split_only_what_they_hit)
{
	char *memory, *received;

	begin();
	memory = mt_map_filled(PAGES, 1);
	received = mt_pass_memory(&self->task, memory, BYTES, 0);
	mt_touch(received, PAGES);
	for (int page = 3; page < PAGES; page += 8)
		memory[page * MT_PAGE + 5] ^= 1;
	EXPECT_EQ(PAGES - PAGES / 8, mt_frames_shared(memory, received, PAGES));
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
}

static __u64 free_bytes(void)
{
	struct sysinfo info;

	mt_must(sysinfo(&info));
	return (__u64)info.freeram * info.mem_unit;
}

TEST_F(mach, O3_sending_much_allocates_little)
{
	unsigned long pages = 64 * 256;		/* 64 MiB */
	__u32 port = mt_port(&self->task);
	__u64 before, after;
	char *memory;

	begin();
	memory = mt_map(pages);
	memset(memory, 1, pages * MT_PAGE);
	before = free_bytes();
	mt_must(mt_send_memory(&self->task, port, MACH_MSG_TYPE_COPY_SEND,
			       memory, pages * MT_PAGE, 0));
	after = free_bytes();
	EXPECT_GT(4ULL << 20, before > after ? before - after : 0);
	mt_touch(mt_receive_memory(&self->task, port), pages);
	after = free_bytes();
	EXPECT_GT(4ULL << 20, before > after ? before - after : 0);
}

TEST_F(mach, O3_second_send_copies_nothing)
{
	struct mach_ioc_stats before, stats;
	__u32 port = mt_port(&self->task);
	char *memory, *received;

	begin();
	memory = mt_map_filled(PAGES, 1);
	mt_must(mt_send_memory(&self->task, port, MACH_MSG_TYPE_COPY_SEND,
			       memory, BYTES, 0));
	/* While the first is queued, while it is mapped, and after it. */
	for (int round = 0; round < 3; round++) {
		before = mt_stats(&self->task, 0);
		mt_pass_memory(&self->task, memory, BYTES, 0);
		stats = mt_since(&self->task, &before);
		EXPECT_TRUE(counted(&stats, PAGES, 0, 0))
			TH_LOG("round %d", round);
		if (round == 0)
			received = mt_receive_memory(&self->task, port);
		if (round == 1)
			mt_unmap(received, BYTES);
	}
}

/* A page that became writable again is a new page to share. */
TEST_F(mach, O3_sent_again_after_writing)
{
	struct mach_ioc_stats before, stats;
	char *memory, *received[4];

	begin();
	memory = mt_map_filled(PAGES, 0);
	for (int round = 0; round < 4; round++) {
		mt_fill(memory, BYTES, round);
		before = mt_stats(&self->task, 0);
		received[round] = mt_pass_memory(&self->task, memory, BYTES,
						 0);
		stats = mt_since(&self->task, &before);
		EXPECT_TRUE(counted(&stats, PAGES, 0, 0))
			TH_LOG("round %d", round);
	}
	for (int round = 0; round < 4; round++)
		EXPECT_TRUE(mt_holds(received[round], BYTES, round));
}

/* Parts of sent memory, shifted and overlapping. */
TEST_F(mach, O3_overlapping_sends_copy_nothing)
{
	struct mach_ioc_stats before, stats;
	char *memory;

	begin();
	memory = mt_map_filled(PAGES, 1);
	mt_pass_memory(&self->task, memory, BYTES / 2, 0);
	mt_pass_memory(&self->task, memory + BYTES / 2, BYTES / 2, 0);
	before = mt_stats(&self->task, 0);
	mt_pass_memory(&self->task, memory + BYTES / 4, BYTES / 2, 0);
	mt_pass_memory(&self->task, memory + 16 * MT_PAGE, 64 * MT_PAGE, 0);
	stats = mt_since(&self->task, &before);
	EXPECT_TRUE(counted(&stats, PAGES / 2 + 64, 0, 0));
}

TEST_F(mach, O3_untouched_pages_are_holes)
{
	struct mach_ioc_stats before, stats;
	char *memory, *received;

	begin();
	memory = mt_map(PAGES);
	for (int page = 0; page < PAGES; page += 4)
		memory[page * MT_PAGE] = 1;
	/* A page that was only read shows the zero page: a hole, too. */
	mt_touch(memory + 2 * MT_PAGE, 1);
	before = mt_stats(&self->task, 0);
	received = mt_pass_memory(&self->task, memory, BYTES, 0);
	stats = mt_since(&self->task, &before);
	EXPECT_TRUE(counted(&stats, PAGES / 4, PAGES - PAGES / 4, 0));
	for (int page = 0; page < PAGES; page++) {
		ASSERT_EQ(page % 4 == 0, received[page * MT_PAGE]);
		ASSERT_TRUE(mt_zero(received + page * MT_PAGE + 1,
				    MT_PAGE - 1));
	}
	/* Sending does not fill them. */
	EXPECT_EQ(0ULL, mt_frame(memory + MT_PAGE));
	mt_fill(received, BYTES, 3);
	EXPECT_TRUE(mt_holds(received, BYTES, 3));
	EXPECT_TRUE(mt_zero(memory + MT_PAGE, MT_PAGE));
}

TEST_F(mach, O22_edges_are_copied_and_counted)
{
	struct mach_ioc_stats before, stats;
	char *memory;

	begin();
	memory = mt_map_filled(PAGES, 1);
	before = mt_stats(&self->task, 0);
	mt_pass_memory(&self->task, memory + 1, BYTES - 2, 0);
	stats = mt_since(&self->task, &before);
	EXPECT_TRUE(counted(&stats, PAGES - 2, 0, 2));
	EXPECT_EQ(2ULL, stats.pages_copied[MACH_COPY_EDGE]);

	before = mt_stats(&self->task, 0);
	mt_pass_memory(&self->task, memory + 1, 1, 0);
	stats = mt_since(&self->task, &before);
	EXPECT_EQ(1ULL, stats.pages_copied[MACH_COPY_EDGE]);
}

TEST_F(mach, O3_small_regions_are_copied_and_counted)
{
	struct mach_ioc_stats before, stats;
	char *memory;

	begin();
	mt_set_param("share_min", 16 * MT_PAGE);
	memory = mt_map_filled(PAGES, 1);
	before = mt_stats(&self->task, 0);
	mt_pass_memory(&self->task, memory, 15 * MT_PAGE, 0);
	stats = mt_since(&self->task, &before);
	EXPECT_TRUE(counted(&stats, 0, 0, 15));
	EXPECT_EQ(15ULL, stats.pages_copied[MACH_COPY_SMALL]);
	before = mt_stats(&self->task, 0);
	mt_pass_memory(&self->task, memory, 16 * MT_PAGE, 0);
	stats = mt_since(&self->task, &before);
	EXPECT_TRUE(counted(&stats, 16, 0, 0));
}

TEST_F(mach, O3_module_counts_what_tasks_count)
{
	struct mach_ioc_stats before, after;
	char *memory;

	begin();
	memory = mt_map_filled(PAGES, 1);
	before = mt_stats(&self->task, MACH_STATS_MODULE);
	mt_pass_memory(&self->task, memory, BYTES, 0);
	after = mt_stats(&self->task, MACH_STATS_MODULE);
	EXPECT_EQ(before.pages_shared + PAGES, after.pages_shared);
	EXPECT_EQ(before.messages_sent + 1, after.messages_sent);
}

/* After fork the pages are shared already, read-only: no reason to copy. */
TEST_F(mach, O3_memory_shared_with_a_child)
{
	struct mach_ioc_stats before, stats;
	char *memory, *received;
	int channel[2];
	pid_t pid;

	begin();
	memory = mt_map_filled(PAGES, 1);
	mt_must(pipe(channel));
	pid = mt_fork();
	if (pid == 0) {
		mt_await(channel[0]);
		mt_fill(memory, BYTES, 5);
		_exit(mt_holds(memory, BYTES, 5) ? 0 : 1);
	}
	before = mt_stats(&self->task, 0);
	received = mt_pass_memory(&self->task, memory, BYTES, 0);
	stats = mt_since(&self->task, &before);
	EXPECT_TRUE(counted(&stats, PAGES, 0, 0));
	mt_tell(channel[1], 0);
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
	mt_fill(memory, BYTES, 6);
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
}

/* Fork of the sender while the message is on its way. */
TEST_F(mach, O2_sender_forks_in_flight)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	char *memory, *received;
	pid_t pid;

	begin();
	memory = mt_map_filled(PAGES, 1);
	mt_must(mt_send_memory(task, port, MACH_MSG_TYPE_COPY_SEND, memory,
			       BYTES, 0));
	pid = mt_fork();
	if (pid == 0) {
		mt_fill(memory, BYTES, 5);
		_exit(mt_holds(memory, BYTES, 5) ? 0 : 1);
	}
	EXPECT_EQ(0, mt_wait_pid(pid));
	mt_fill(memory, BYTES, 2);
	received = mt_receive_memory(task, port);
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
	EXPECT_TRUE(mt_holds(memory, BYTES, 2));
}

/* ---- huge pages ---- */

TEST_F(mach, O3_huge_pages_are_shared_whole)
{
	struct mach_ioc_stats before, stats;
	char *memory, *received;

	begin();
	memory = mt_map_huge(2, 1);
	if (!memory || !MT_TAKES_HUGE)
		SKIP(return, "no huge pages, or they are copied");
	before = mt_stats(&self->task, 0);
	received = mt_pass_memory(&self->task, memory, 2 * MT_HUGE, 0);
	stats = mt_since(&self->task, &before);
	EXPECT_TRUE(counted(&stats, 1024, 0, 0));
	/* The sender's stay huge. */
	EXPECT_EQ((long)(2 * MT_HUGE / 1024),
		  mt_smaps(memory, "AnonHugePages:"));
	mt_touch(received, 1024);
	EXPECT_EQ(1024UL, mt_frames_shared(memory, received, 1024));
	EXPECT_TRUE(mt_holds(received, 2 * MT_HUGE, 1));
}

TEST_F(mach, O2_huge_pages_written_on_both_sides)
{
	char *memory, *received;

	begin();
	memory = mt_map_huge(2, 1);
	if (!memory)
		SKIP(return, "no huge pages");
	received = mt_pass_memory(&self->task, memory, 2 * MT_HUGE, 0);
	mt_fill(memory, MT_HUGE / 2, 2);
	EXPECT_TRUE(mt_holds(received, 2 * MT_HUGE, 1));
	mt_fill(received + MT_HUGE, MT_HUGE, 3);
	EXPECT_TRUE(mt_holds(memory, MT_HUGE / 2, 2));
	mt_fill(memory + MT_HUGE, MT_HUGE, 4);
	EXPECT_TRUE(mt_holds(received + MT_HUGE, MT_HUGE, 3));
	EXPECT_TRUE(mt_holds(received, MT_HUGE, 1));
}

TEST_F(mach, O3_huge_pages_sent_twice)
{
	struct mach_ioc_stats before, stats;
	char *memory;

	begin();
	memory = mt_map_huge(1, 1);
	if (!memory || !MT_TAKES_HUGE)
		SKIP(return, "no huge pages, or they are copied");
	mt_pass_memory(&self->task, memory, MT_HUGE, 0);
	before = mt_stats(&self->task, 0);
	mt_pass_memory(&self->task, memory, MT_HUGE, 0);
	stats = mt_since(&self->task, &before);
	EXPECT_TRUE(counted(&stats, 512, 0, 0));
}

/* 4 KiB never hold 2 MiB: what is only partly sent is split and copied. */
TEST_F(mach, O3_huge_page_partly_inside)
{
	struct mach_ioc_stats before, stats;
	char *memory, *received;

	begin();
	memory = mt_map_huge(2, 1);
	if (!memory || !MT_TAKES_HUGE)
		SKIP(return, "no huge pages, or they are copied");
	before = mt_stats(&self->task, 0);
	received = mt_pass_memory(&self->task, memory + MT_HUGE - 8 * MT_PAGE,
				  MT_HUGE + 8 * MT_PAGE, 0);
	stats = mt_since(&self->task, &before);
	EXPECT_EQ(512ULL, stats.pages_shared);
	EXPECT_EQ(8ULL, stats.pages_copied[MACH_COPY_HUGE_PART]);
	EXPECT_EQ(8ULL, mt_copied(&stats));
	EXPECT_EQ(0, memcmp(memory + MT_HUGE - 8 * MT_PAGE, received,
			    MT_HUGE + 8 * MT_PAGE));
	mt_fill(received, MT_HUGE + 8 * MT_PAGE, 2);
	EXPECT_TRUE(mt_holds(memory, 2 * MT_HUGE, 1));
}

TEST_F(mach, O26_huge_pages_moved)
{
	struct mach_ioc_stats before, stats;
	char *memory, *received;
	__u64 first, last;

	begin();
	memory = mt_map_huge(1, 1);
	if (!memory || !MT_TAKES_HUGE)
		SKIP(return, "no huge pages, or they are copied");
	first = mt_frame(memory);
	last = mt_frame(memory + MT_HUGE - MT_PAGE);
	before = mt_stats(&self->task, 0);
	received = mt_move_memory(&self->task, memory, MT_HUGE);
	stats = mt_since(&self->task, &before);
	EXPECT_EQ(512ULL, stats.pages_moved);
	EXPECT_EQ(0ULL, mt_copied(&stats));
	EXPECT_TRUE(mt_holds(received, MT_HUGE, 1));
	mt_fill(received, MT_HUGE, 2);
	EXPECT_EQ(first, mt_frame(received));
	EXPECT_EQ(last, mt_frame(received + MT_HUGE - MT_PAGE));
	EXPECT_TRUE(mt_holds(received, MT_HUGE, 2));
}

/* A huge page that the sender has split by itself before. */
TEST_F(mach, O2_huge_page_split_by_protection)
{
	char *memory, *received;

	begin();
	memory = mt_map_huge(1, 1);
	if (!memory)
		SKIP(return, "no huge pages");
	mt_must(mprotect(memory + 16 * MT_PAGE, 16 * MT_PAGE, PROT_READ));
	received = mt_pass_memory(&self->task, memory, MT_HUGE, 0);
	EXPECT_TRUE(mt_holds(received, MT_HUGE, 1));
	mt_fill(received, MT_HUGE, 2);
	EXPECT_TRUE(mt_holds(memory, MT_HUGE, 1));
}

TEST_HARNESS_MAIN
