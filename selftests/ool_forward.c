// SPDX-License-Identifier: GPL-2.0
/*
 * Received memory is sent on like any other, without a copy, however much of
 * it has been read or written meanwhile (spec 3.1 O2, 3.3; kernel.md 4).
 */
#include "lib/fixture.h"

#define PAGES	64
#define BYTES	(PAGES * MT_PAGE)

static void begin(void)
{
	mt_one_cpu(0);
	mt_share_all();
}

TEST_F(mach, O3_sent_on_untouched)
{
	struct mach_ioc_stats before, stats;
	char *memory, *first, *second;

	begin();
	memory = mt_map_filled(PAGES, 1);
	first = mt_pass_memory(&self->task, memory, BYTES, 0);
	before = mt_stats(&self->task, 0);
	second = mt_pass_memory(&self->task, first, BYTES, 0);
	stats = mt_since(&self->task, &before);
	EXPECT_EQ(0ULL, mt_copied(&stats));
	mt_touch(second, PAGES);
	EXPECT_EQ(PAGES, mt_frames_shared(memory, second, PAGES));
	EXPECT_TRUE(mt_holds(second, BYTES, 1));
}

TEST_F(mach, O3_sent_on_after_reading)
{
	struct mach_ioc_stats before, stats;
	char *memory, *first, *second;

	begin();
	memory = mt_map_filled(PAGES, 1);
	first = mt_pass_memory(&self->task, memory, BYTES, 0);
	mt_touch(first, PAGES / 2);
	before = mt_stats(&self->task, 0);
	second = mt_pass_memory(&self->task, first, BYTES, 0);
	stats = mt_since(&self->task, &before);
	EXPECT_EQ(0ULL, mt_copied(&stats));
	mt_touch(second, PAGES);
	EXPECT_EQ(PAGES, mt_frames_shared(memory, second, PAGES));
}

TEST_F(mach, O2_O3_sent_on_after_writing)
{
	struct mach_ioc_stats before, stats;
	char *memory, *first, *second;

	begin();
	memory = mt_map_filled(PAGES, 1);
	first = mt_pass_memory(&self->task, memory, BYTES, 0);
	mt_touch(first + BYTES / 2, PAGES / 4);
	mt_fill(first, BYTES / 2, 2);
	before = mt_stats(&self->task, 0);
	second = mt_pass_memory(&self->task, first, BYTES, 0);
	stats = mt_since(&self->task, &before);
	EXPECT_EQ(0ULL, mt_copied(&stats));
	EXPECT_TRUE(mt_holds(second, BYTES / 2, 2));
	EXPECT_EQ(0, memcmp(memory + BYTES / 2, second + BYTES / 2,
			    BYTES / 2));
	/* All three go their own way. */
	mt_fill(first, BYTES, 3);
	mt_fill(second, BYTES, 4);
	EXPECT_TRUE(mt_holds(memory, BYTES, 1));
	EXPECT_TRUE(mt_holds(first, BYTES, 3));
	EXPECT_TRUE(mt_holds(second, BYTES, 4));
}

/* Pages that were moved here are writable in place, until they are sent. */
TEST_F(mach, O2_O3_moved_then_copied)
{
	struct mach_ioc_stats before, stats;
	char *first, *second;

	begin();
	for (int how = 0; how < 3; how++) {
		first = mt_move_memory(&self->task, mt_map_filled(PAGES, 1),
				       BYTES);
		if (how == 1)
			mt_touch(first, PAGES);
		if (how == 2)
			mt_fill(first, BYTES, 1);
		before = mt_stats(&self->task, 0);
		second = mt_pass_memory(&self->task, first, BYTES, 0);
		stats = mt_since(&self->task, &before);
		EXPECT_EQ(0ULL, mt_copied(&stats))
			TH_LOG("how %d", how);
		mt_fill(first, BYTES, 2);
		EXPECT_TRUE(mt_holds(second, BYTES, 1))
			TH_LOG("how %d", how);
		mt_fill(second, BYTES, 3);
		EXPECT_TRUE(mt_holds(first, BYTES, 2))
			TH_LOG("how %d", how);
	}
}

TEST_F(mach, O26_received_then_moved)
{
	const struct mt_task *task = &self->task;
	__u64 objects = mt_live(task, MT_LIVE(objects));
	char *memory, *first, *second;

	begin();
	memory = mt_map_filled(PAGES, 1);
	first = mt_pass_memory(task, memory, BYTES, 0);
	mt_fill(first, BYTES / 2, 1);
	second = mt_move_memory(task, first, BYTES);
	EXPECT_TRUE(mt_holds(second, BYTES, 1));
	mt_fill(second, BYTES, 2);
	EXPECT_TRUE(mt_holds(memory, BYTES, 1));
	mt_unmap(second, BYTES);
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(objects), objects));
}

TEST_F(mach, O2_part_of_a_received_region)
{
	char *memory, *first, *second;

	begin();
	memory = mt_map_filled(PAGES, 1);
	first = mt_pass_memory(&self->task, memory, BYTES, 0);
	mt_touch(first, PAGES / 4);
	second = mt_pass_memory(&self->task, first + 10 * MT_PAGE,
				20 * MT_PAGE, 0);
	mt_unmap(first, BYTES);
	EXPECT_EQ(0, memcmp(memory + 10 * MT_PAGE, second, 20 * MT_PAGE));
	mt_fill(memory, BYTES, 2);
	EXPECT_NE(0, memcmp(memory + 10 * MT_PAGE, second, 20 * MT_PAGE));
}

TEST_F(mach, O2_across_received_and_own_memory)
{
	char *memory, *received, *again;

	begin();
	memory = mt_map_filled(8, 1);
	received = mt_pass_memory(&self->task, memory, 8 * MT_PAGE, 0);
	/* Own pages over the middle of the received region. */
	mt_check(mmap(received + 3 * MT_PAGE, 2 * MT_PAGE,
		      PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
		 received + 3 * MT_PAGE);
	memset(received + 3 * MT_PAGE, 'm', MT_PAGE);
	again = mt_pass_memory(&self->task, received, 8 * MT_PAGE, 0);
	EXPECT_EQ(0, memcmp(memory, again, 3 * MT_PAGE));
	EXPECT_EQ('m', again[4 * MT_PAGE - 1]);
	EXPECT_TRUE(mt_zero(again + 4 * MT_PAGE, MT_PAGE));
	EXPECT_EQ(0, memcmp(memory + 5 * MT_PAGE, again + 5 * MT_PAGE,
			    3 * MT_PAGE));
}

TEST_F(mach, O3_holes_sent_on)
{
	struct mach_ioc_stats before, stats;
	char *first, *second;

	begin();
	first = mt_pass_memory(&self->task, mt_map(PAGES), BYTES, 0);
	mt_touch(first, PAGES / 2);
	before = mt_stats(&self->task, 0);
	second = mt_pass_memory(&self->task, first, BYTES, 0);
	stats = mt_since(&self->task, &before);
	EXPECT_EQ(0ULL, mt_copied(&stats));
	EXPECT_TRUE(mt_zero(second, BYTES));
	mt_fill(first, BYTES, 1);
	EXPECT_TRUE(mt_zero(second, BYTES));
}

#define HOPS	10

/* Sends it on by copy or by move; nothing of it is copied. */
static void pass(const struct mt_task *task, __u32 right, char *received,
		 __u64 flags)
{
	struct mach_ioc_stats before = mt_stats(task, 0), stats;

	mt_must(mt_send_memory(task, right, MACH_MSG_TYPE_COPY_SEND, received,
			       BYTES, flags));
	stats = mt_since(task, &before);
	mt_check(mt_copied(&stats) == 0);
	mt_check(stats.pages_shared + stats.pages_moved == PAGES);
}

/* Each process writes one page, then sends all of it on. */
static void pass_on(struct mt_side *side, void *arg)
{
	char *received = mt_receive_memory(&side->task, side->port);
	unsigned long mine = *(unsigned long *)arg;

	mt_fill(received + mine * MT_PAGE, MT_PAGE, 100 + mine);
	pass(&side->task, side->up, received, 0);
	/* What happens here afterwards stays here. */
	mt_fill(received, BYTES, 9);
	mt_await(side->from);
	mt_check(mt_holds(received, BYTES, 9));
}

TEST_F(mach, O2_O3_chain_of_ten_processes)
{
	const struct mt_task *task = &self->task;
	struct mt_peer peers[HOPS];
	char *memory, *received;

	begin();
	memory = mt_map_filled(PAGES, 1);
	received = memory;
	for (unsigned long i = 0; i < HOPS; i++) {
		mt_spawn(&peers[i], task, pass_on, &i);
		pass(task, peers[i].right, received, 0);
		received = mt_receive_memory(task, peers[i].port);
	}
	for (unsigned long i = 0; i < HOPS; i++) {
		EXPECT_TRUE(mt_holds(received + i * MT_PAGE, MT_PAGE,
				     100 + i));
		mt_tell(peers[i].to, 0);
		EXPECT_EQ(0, mt_join(&peers[i]));
	}
	EXPECT_EQ(0, memcmp(memory + HOPS * MT_PAGE, received + HOPS * MT_PAGE,
			    BYTES - HOPS * MT_PAGE));
	EXPECT_TRUE(mt_holds(memory, BYTES, 1));
	mt_touch(received, PAGES);
	EXPECT_EQ(PAGES - HOPS, mt_frames_shared(memory, received, PAGES));
}

/* Each process writes one page, in place, and gives all of it away. */
static void move_on(struct mt_side *side, void *arg)
{
	char *received = mt_receive_memory(&side->task, side->port);
	unsigned long mine = *(unsigned long *)arg;

	mt_fill(received + mine * MT_PAGE, MT_PAGE, 100 + mine);
	pass(&side->task, side->up, received, MACH_MSG_DESC_DEALLOCATE);
}

TEST_F(mach, O26_chain_of_ten_processes_moved)
{
	const struct mt_task *task = &self->task;
	struct mt_peer peers[HOPS];
	__u64 frames[PAGES];
	char *received;

	begin();
	/* Before there is memory that they could inherit. */
	for (unsigned long i = 0; i < HOPS; i++)
		mt_spawn(&peers[i], task, move_on, &i);
	received = mt_map_filled(PAGES, 1);
	for (int page = 0; page < PAGES; page++)
		frames[page] = mt_frame(received + page * MT_PAGE);
	for (unsigned long i = 0; i < HOPS; i++) {
		pass(task, peers[i].right, received, MACH_MSG_DESC_DEALLOCATE);
		received = mt_receive_memory(task, peers[i].port);
		EXPECT_EQ(0, mt_join(&peers[i]));
	}
	for (unsigned long i = 0; i < HOPS; i++)
		EXPECT_TRUE(mt_holds(received + i * MT_PAGE, MT_PAGE,
				     100 + i));
	/* They are still the pages that the first had. */
	mt_fill(received, BYTES, 2);
	for (int page = 0; page < PAGES; page++)
		EXPECT_EQ(frames[page], mt_frame(received + page * MT_PAGE));
}

/* A forked receiver sends on what it inherited, from a task of its own. */
TEST_F(mach, O2_O11_inherited_memory_is_sent_on)
{
	char *memory = mt_map_filled(PAGES, 1), *received;
	pid_t pid;

	mt_share_all();
	received = mt_pass_memory(&self->task, memory, BYTES, 0);
	mt_touch(received, PAGES / 2);
	pid = mt_fork();
	if (pid == 0) {
		struct mt_task own;
		char *again;

		mt_open(&own);
		mt_fill(received, MT_PAGE, 5);
		again = mt_pass_memory(&own, received, BYTES, 0);
		mt_check(mt_holds(again, MT_PAGE, 5));
		mt_check(!memcmp(memory + MT_PAGE, again + MT_PAGE,
				 BYTES - MT_PAGE));
		mt_fill(received, BYTES, 6);
		mt_fill(again, BYTES, 7);
		_exit(mt_holds(received, BYTES, 6) ? 0 : 1);
	}
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
}

TEST_HARNESS_MAIN
