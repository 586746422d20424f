// SPDX-License-Identifier: GPL-2.0
/*
 * Deallocate makes the transfer a move: the sender's pages go, also the rest
 * of the edge pages, the frames arrive and belong to the receiver
 * (spec 3.1 O25, O26; K4, K5; negative test N13).
 */
#include <signal.h>

#include "lib/fixture.h"

#define MOVE	MACH_MSG_DESC_DEALLOCATE

TEST_F(mach, O26_sender_loses_the_memory)
{
	char *memory = mt_map_filled(4, 1);
	char *received = mt_move_memory(&self->task, memory, 4 * MT_PAGE);

	EXPECT_TRUE(mt_holds(received, 4 * MT_PAGE, 1));
}

static void touch_what_was_sent(struct mt_side *side, void *arg)
{
	volatile char *memory = mt_map_filled(4, 1);

	(void)arg;
	mt_must(mt_send_memory(&side->task, side->up, MACH_MSG_TYPE_COPY_SEND,
			       (char *)memory, 4 * MT_PAGE, MOVE));
	*memory = 1;
}

TEST_F(mach, O26_access_faults_as_soon_as_it_is_sent)
{
	struct mt_peer peer;
	int status;

	mt_spawn(&peer, &self->task, touch_what_was_sent, NULL);
	status = mt_join(&peer);
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(SIGSEGV, WTERMSIG(status));
	EXPECT_TRUE(mt_holds(mt_receive_memory(&self->task, peer.port),
			     4 * MT_PAGE, 1));
}

TEST_F(mach, O26_frames_move)
{
	unsigned long pages = 64;
	char *memory, *received;
	__u64 frames[64];
	struct mach_ioc_stats before, stats;

	mt_one_cpu(0);
	mt_share_all();
	memory = mt_map_filled(pages, 1);
	for (unsigned long i = 0; i < pages; i++)
		frames[i] = mt_frame(memory + i * MT_PAGE);
	before = mt_stats(&self->task, 0);
	received = mt_move_memory(&self->task, memory, pages * MT_PAGE);
	stats = mt_since(&self->task, &before);
	EXPECT_EQ(pages, stats.pages_moved);
	EXPECT_EQ(0ULL, stats.pages_shared);
	EXPECT_EQ(0ULL, mt_copied(&stats));
	EXPECT_TRUE(mt_holds(received, pages * MT_PAGE, 1));
	for (unsigned long i = 0; i < pages; i++)
		EXPECT_EQ(frames[i], mt_frame(received + i * MT_PAGE));
}

/* Not even a write makes a copy: the page is the receiver's own. */
TEST_F(mach, O26_frames_stay_when_written)
{
	unsigned long pages = 64;
	char *memory, *received;
	__u64 frames[64];

	mt_one_cpu(0);
	mt_share_all();
	memory = mt_map_filled(pages, 1);
	for (unsigned long i = 0; i < pages; i++)
		frames[i] = mt_frame(memory + i * MT_PAGE);
	received = mt_move_memory(&self->task, memory, pages * MT_PAGE);
	mt_fill(received, pages * MT_PAGE, 2);
	for (unsigned long i = 0; i < pages; i++)
		EXPECT_EQ(frames[i], mt_frame(received + i * MT_PAGE));
	EXPECT_TRUE(mt_holds(received, pages * MT_PAGE, 2));
}

TEST_F(mach, O25_neighbours_on_edge_pages_go)
{
	char *memory = mt_map_filled(6, 1), *copy = mt_map(6), *received;
	__u32 port = mt_port(&self->task);

	memcpy(copy, memory, 6 * MT_PAGE);
	/* From the middle of page 1 to the middle of page 4. */
	mt_must(mt_send_memory(&self->task, port, MACH_MSG_TYPE_COPY_SEND,
			       memory + MT_PAGE + 100, 3 * MT_PAGE, MOVE));
	EXPECT_TRUE(mt_mapped(memory));
	for (int i = 1; i < 5; i++)
		EXPECT_FALSE(mt_mapped(memory + i * MT_PAGE));
	EXPECT_TRUE(mt_mapped(memory + 5 * MT_PAGE));
	EXPECT_EQ(0, memcmp(copy, memory, MT_PAGE));
	EXPECT_EQ(0, memcmp(copy + 5 * MT_PAGE, memory + 5 * MT_PAGE,
			    MT_PAGE));
	received = mt_receive_memory(&self->task, port);
	EXPECT_EQ(0, memcmp(copy + MT_PAGE + 100, received, 3 * MT_PAGE));
}

TEST_F(mach, N13_exactly_the_rounded_range_goes)
{
	static const struct {
		unsigned long from, bytes, first, last;
	} rows[] = {
		{ 0, 1, 0, 0 }, { 4095, 1, 0, 0 }, { 4095, 2, 0, 1 },
		{ 4096, 4096, 1, 1 }, { 4096, 4097, 1, 2 },
		{ 5000, 4096, 1, 2 }, { 8191, 1, 1, 1 },
	};
	__u32 port = mt_receive_right(&self->task);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *memory = mt_map_filled(4, 1);

		mt_must(mt_send_memory(&self->task, port,
				       MACH_MSG_TYPE_MAKE_SEND_ONCE,
				       memory + rows[i].from, rows[i].bytes,
				       MOVE));
		for (unsigned long page = 0; page < 4; page++) {
			bool gone = rows[i].first <= page &&
				    page <= rows[i].last;

			EXPECT_EQ(!gone, mt_mapped(memory + page * MT_PAGE))
				TH_LOG("row %zu page %lu", i, page);
		}
	}
}

TEST_F(mach, O26_untouched_memory)
{
	char *memory = mt_map(8);
	struct mach_ioc_stats before = mt_stats(&self->task, 0), stats;
	char *received;

	mt_share_all();
	received = mt_move_memory(&self->task, memory, 8 * MT_PAGE);
	stats = mt_since(&self->task, &before);
	EXPECT_EQ(8ULL, stats.pages_hole);
	EXPECT_EQ(0ULL, stats.pages_moved + mt_copied(&stats));
	EXPECT_TRUE(mt_zero(received, 8 * MT_PAGE));
	mt_fill(received, 8 * MT_PAGE, 1);
	EXPECT_TRUE(mt_holds(received, 8 * MT_PAGE, 1));
}

/* A child that was forked before the move keeps what it had. */
TEST_F(mach, O26_forked_child_keeps_its_copy)
{
	char *memory = mt_map_filled(16, 1), *received;
	int down[2], up[2];
	pid_t pid;

	mt_share_all();
	mt_must(pipe(down));
	mt_must(pipe(up));
	pid = mt_fork();
	if (pid == 0) {
		mt_await(down[0]);
		mt_check(mt_holds(memory, 16 * MT_PAGE, 1));
		mt_fill(memory, 16 * MT_PAGE, 2);
		mt_tell(up[1], 0);
		mt_await(down[0]);
		mt_check(mt_holds(memory, 16 * MT_PAGE, 2));
		_exit(0);
	}
	received = mt_move_memory(&self->task, memory, 16 * MT_PAGE);
	mt_fill(received, 8 * MT_PAGE, 3);
	mt_tell(down[1], 0);
	mt_await(up[0]);
	EXPECT_TRUE(mt_holds(received, 8 * MT_PAGE, 3));
	mt_tell(down[1], 0);
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_TRUE(mt_holds(received, 8 * MT_PAGE, 3));
}

TEST_F(mach, O26_memory_already_sent_by_copy)
{
	char *memory = mt_map_filled(16, 1), *copied, *moved;

	mt_share_all();
	copied = mt_pass_memory(&self->task, memory, 16 * MT_PAGE, 0);
	moved = mt_move_memory(&self->task, memory, 16 * MT_PAGE);
	mt_fill(moved, 16 * MT_PAGE, 2);
	EXPECT_TRUE(mt_holds(copied, 16 * MT_PAGE, 1));
	mt_fill(copied, 16 * MT_PAGE, 3);
	EXPECT_TRUE(mt_holds(moved, 16 * MT_PAGE, 2));
}

/* Moved on and on: no copy on the way, and nothing is left behind. */
TEST_F(mach, O26_moved_hand_to_hand)
{
	const struct mt_task *task = &self->task;
	__u64 objects = mt_live(task, MT_LIVE(objects));
	char *memory, *hand;

	mt_share_all();
	memory = mt_map_filled(16, 1);
	hand = memory;
	for (int i = 0; i < 10; i++) {
		char *next = mt_move_memory(task, hand, 16 * MT_PAGE);

		hand = next;
		ASSERT_TRUE(mt_holds(hand, 16 * MT_PAGE, 1 + i));
		mt_fill(hand, 16 * MT_PAGE, 2 + i);
	}
	mt_unmap(hand, 16 * MT_PAGE);
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(objects), objects));
}

/* ---- K4: regions that overlap in one message ---- */

static __s32 send_two(const struct mt_task *task, __u32 port, char *first,
		      __u64 first_flags, char *second, __u64 second_flags)
{
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_MAKE_SEND);
	mt_put_memory(&message, first, 2 * MT_PAGE, first_flags);
	mt_put_memory(&message, second, 2 * MT_PAGE, second_flags);
	return mt_send_wait(task, &message, 0);
}

TEST_F(mach, K4_overlap_copied)
{
	__u32 port = mt_receive_right(&self->task);
	char *memory = mt_map_filled(3, 1);
	struct mt_message message;

	EXPECT_EQ(MACH_MSG_SUCCESS, send_two(&self->task, port, memory, 0,
					     memory + MT_PAGE, 0));
	mt_must(mt_receive(&self->task, port, &message, 0));
	EXPECT_EQ(0, memcmp(memory, mt_memory(&message, 0), 2 * MT_PAGE));
	EXPECT_EQ(0, memcmp(memory + MT_PAGE, mt_memory(&message, 1),
			    2 * MT_PAGE));
}

TEST_F(mach, K4_overlap_second_moved)
{
	__u32 port = mt_receive_right(&self->task);
	char *memory = mt_map_filled(3, 1), *copy = mt_map(3);
	struct mt_message message;

	memcpy(copy, memory, 3 * MT_PAGE);
	EXPECT_EQ(MACH_MSG_SUCCESS, send_two(&self->task, port, memory, 0,
					     memory + MT_PAGE, MOVE));
	EXPECT_TRUE(mt_mapped(memory));
	EXPECT_FALSE(mt_mapped(memory + MT_PAGE));
	mt_must(mt_receive(&self->task, port, &message, 0));
	EXPECT_EQ(0, memcmp(copy, mt_memory(&message, 0), 2 * MT_PAGE));
	EXPECT_EQ(0, memcmp(copy + MT_PAGE, mt_memory(&message, 1),
			    2 * MT_PAGE));
}

TEST_F(mach, K4_overlap_first_moved)
{
	__u32 port = mt_receive_right(&self->task);
	char *memory = mt_map_filled(3, 1);

	EXPECT_EQ(MACH_SEND_INVALID_MEMORY,
		  send_two(&self->task, port, memory, MOVE, memory + MT_PAGE,
			   0));
	/* K2: the first one is lost, the second one is not touched. */
	EXPECT_FALSE(mt_mapped(memory));
	EXPECT_FALSE(mt_mapped(memory + MT_PAGE));
	EXPECT_TRUE(mt_mapped(memory + 2 * MT_PAGE));
	EXPECT_TRUE(mt_empty(&self->task, port));
}

TEST_F(mach, K4_same_region_moved_twice)
{
	__u32 port = mt_receive_right(&self->task);
	char *memory = mt_map_filled(2, 1);

	EXPECT_EQ(MACH_SEND_INVALID_MEMORY,
		  send_two(&self->task, port, memory, MOVE, memory, MOVE));
	EXPECT_FALSE(mt_mapped(memory));
}

TEST_F(mach, K4_neighbours_on_one_page_moved)
{
	__u32 port = mt_receive_right(&self->task);
	char *memory = mt_map_filled(4, 1);

	/* They do not overlap, but the edge page went with the first. */
	EXPECT_EQ(MACH_SEND_INVALID_MEMORY,
		  send_two(&self->task, port, memory + 10, MOVE,
			   memory + 10 + 2 * MT_PAGE, 0));
}

/* The message buffer itself goes away with the region (N47). */
TEST_F(mach, N47_buffer_inside_the_moved_region)
{
	struct mt_message *message = mt_map(8), in;
	__u32 port = mt_receive_right(&self->task);
	struct mach_wire_header *received;

	mt_begin(message, port, MACH_MSG_TYPE_MAKE_SEND);
	message->head.id = 1789;
	mt_put_memory(message, message, 8 * MT_PAGE, MOVE);
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_send(&self->task, message));
	EXPECT_FALSE(mt_mapped(message));
	mt_must(mt_receive(&self->task, port, &in, 0));
	received = mt_memory(&in, 0);
	EXPECT_EQ(1789U, received->id);
}

static void keep_moved(struct mt_side *side, void *arg)
{
	char *received = mt_receive_memory(&side->task, side->port);

	(void)arg;
	mt_tell(side->to, 0);
	mt_await(side->from);
	mt_check(mt_holds(received, 64 * MT_PAGE, 1));
	mt_fill(received, 64 * MT_PAGE, 2);
	mt_check(mt_holds(received, 64 * MT_PAGE, 2));
	mt_tell(side->to, 0);
	mt_await(side->from);
}

TEST_F(mach, O26_freed_at_the_sender)
{
	const struct mt_task *task = &self->task;
	struct mt_peer peer;
	pid_t sender;

	mt_share_all();
	mt_spawn(&peer, task, keep_moved, NULL);
	mt_must(mt_send_memory(task, peer.right, MACH_MSG_TYPE_COPY_SEND,
			       mt_map_filled(64, 1), 64 * MT_PAGE, MOVE));
	mt_await(peer.from);
	/* Take the memory that is free now, as a stranger would. */
	sender = mt_fork();
	if (sender == 0) {
		mt_map_filled(4096, 9);
		_exit(0);
	}
	mt_wait_pid(sender);
	mt_tell(peer.to, 0);
	mt_await(peer.from);
	mt_tell(peer.to, 0);
	EXPECT_EQ(0, mt_join(&peer));
}

TEST_HARNESS_MAIN
