// SPDX-License-Identifier: GPL-2.0
/*
 * A region is copied, logically, at the send: whatever anybody writes later,
 * nobody else sees it (spec 3.1 O1, O2, O10, O13, O30).
 */
#include "lib/fixture.h"

#define PAGES	32
#define BYTES	(PAGES * MT_PAGE)

TEST_F(mach, O1_one_page_arrives)
{
	char *memory = mt_map_filled(1, 5);
	char *received = mt_pass_memory(&self->task, memory, MT_PAGE, 0);

	EXPECT_TRUE(mt_holds(received, MT_PAGE, 5));
	EXPECT_TRUE(mt_holds(memory, MT_PAGE, 5));
}

TEST_F(mach, O1_one_page_arrives_shared)
{
	char *memory = mt_map_filled(1, 5), *received;

	mt_share_all();
	received = mt_pass_memory(&self->task, memory, MT_PAGE, 0);
	EXPECT_TRUE(mt_holds(received, MT_PAGE, 5));
	EXPECT_TRUE(mt_holds(memory, MT_PAGE, 5));
}

static void check_region(struct mt_side *side, void *arg)
{
	unsigned int seed = *(unsigned int *)arg;
	char *received = mt_receive_memory(&side->task, side->port);

	mt_check(mt_holds(received, BYTES, seed));
	mt_tell(side->to, 0);
	/* The parent writes to its copy now. */
	mt_await(side->from);
	mt_check(mt_holds(received, BYTES, seed));
	mt_fill(received, BYTES, seed + 1);
	mt_tell(side->to, 0);
	mt_await(side->from);
	mt_check(mt_holds(received, BYTES, seed + 1));
}

TEST_F(mach, O1_O2_other_process)
{
	char *memory = mt_map_filled(PAGES, 8);
	unsigned int seed = 8;
	struct mt_peer peer;

	mt_spawn(&peer, &self->task, check_region, &seed);
	mt_must(mt_send_memory(&self->task, peer.right,
			       MACH_MSG_TYPE_COPY_SEND, memory, BYTES, 0));
	mt_await(peer.from);
	mt_fill(memory, BYTES, 70);
	mt_tell(peer.to, 0);
	mt_await(peer.from);
	EXPECT_TRUE(mt_holds(memory, BYTES, 70));
	mt_fill(memory, BYTES, 71);
	mt_tell(peer.to, 0);
	EXPECT_EQ(0, mt_join(&peer));
	EXPECT_TRUE(mt_holds(memory, BYTES, 71));
}

TEST_F(mach, O2_write_before_the_receive)
{
	const struct mt_task *task = &self->task;
	char *memory = mt_map_filled(PAGES, 1), *received;
	__u32 port = mt_port(task);

	mt_must(mt_send_memory(task, port, MACH_MSG_TYPE_COPY_SEND, memory,
			       BYTES, 0));
	mt_fill(memory, BYTES, 2);
	received = mt_receive_memory(task, port);
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
	EXPECT_TRUE(mt_holds(memory, BYTES, 2));
}

TEST_F(mach, O2_unmap_before_the_receive)
{
	const struct mt_task *task = &self->task;
	char *memory = mt_map_filled(PAGES, 1), *received;
	__u32 port = mt_port(task);

	mt_must(mt_send_memory(task, port, MACH_MSG_TYPE_COPY_SEND, memory,
			       BYTES, 0));
	mt_unmap(memory, BYTES);
	received = mt_receive_memory(task, port);
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
}

TEST_F(mach, O2_receiver_writes_first)
{
	char *memory = mt_map_filled(PAGES, 1);
	char *received = mt_pass_memory(&self->task, memory, BYTES, 0);

	/* Not one page has been read at the receiver. */
	mt_fill(received, BYTES, 3);
	EXPECT_TRUE(mt_holds(received, BYTES, 3));
	EXPECT_TRUE(mt_holds(memory, BYTES, 1));
}

TEST_F(mach, O2_receiver_writes_after_reading)
{
	char *memory = mt_map_filled(PAGES, 1);
	char *received = mt_pass_memory(&self->task, memory, BYTES, 0);

	mt_touch(received, PAGES);
	mt_fill(received, BYTES, 3);
	EXPECT_TRUE(mt_holds(received, BYTES, 3));
	EXPECT_TRUE(mt_holds(memory, BYTES, 1));
	mt_fill(memory, BYTES, 4);
	EXPECT_TRUE(mt_holds(received, BYTES, 3));
}

TEST_F(mach, O2_single_bytes)
{
	char *memory = mt_map_filled(PAGES, 1);
	char *received = mt_pass_memory(&self->task, memory, BYTES, 0);

	for (int page = 0; page < PAGES; page++) {
		unsigned long at = page * MT_PAGE + page;
		char before = memory[at];

		received[at] = ~before;
		ASSERT_EQ(before, memory[at]);
		memory[at] = before + 1;
		ASSERT_EQ((char)~before, received[at]);
		memory[at] = received[at] = before;
	}
	EXPECT_TRUE(mt_holds(memory, BYTES, 1));
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
}

TEST_F(mach, O2_many_receivers)
{
	const struct mt_task *task = &self->task;
	char *memory = mt_map_filled(PAGES, 0), *received[8];

	/* Each sees the value at its own send. */
	for (int i = 0; i < 8; i++) {
		mt_fill(memory, BYTES, i);
		received[i] = mt_pass_memory(task, memory, BYTES, 0);
	}
	for (int i = 0; i < 8; i++)
		ASSERT_TRUE(mt_holds(received[i], BYTES, i));
	for (int i = 0; i < 8; i += 2)
		mt_fill(received[i], BYTES, 100 + i);
	mt_fill(memory, BYTES, 200);
	for (int i = 0; i < 8; i++)
		ASSERT_TRUE(mt_holds(received[i], BYTES,
				     i & 1 ? i : 100 + i));
	EXPECT_TRUE(mt_holds(memory, BYTES, 200));
}

TEST_F(mach, O2_same_pages_many_times_in_one_message)
{
	const struct mt_task *task = &self->task;
	char *memory = mt_map_filled(PAGES, 1);
	__u32 port = mt_port(task);
	struct mt_message message;

	mt_share_all();
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	for (int i = 0; i < 5; i++)
		mt_put_memory(&message, memory, BYTES, 0);
	mt_must(mt_send(task, &message));
	mt_must(mt_receive(task, port, &message, 0));
	for (int i = 0; i < 5; i++)
		mt_fill(mt_memory(&message, i), BYTES, i + 10);
	mt_fill(memory, BYTES, 9);
	for (int i = 0; i < 5; i++)
		EXPECT_TRUE(mt_holds(mt_memory(&message, i), BYTES, i + 10));
	EXPECT_TRUE(mt_holds(memory, BYTES, 9));
}

TEST_F(mach, O10_arrives_as_new_memory)
{
	const struct mt_task *task = &self->task;
	char *memory = mt_map_filled(PAGES, 1);
	char *wall = mt_map_filled(PAGES, 2);
	char *first = mt_pass_memory(task, memory, BYTES, 0);
	char *second = mt_pass_memory(task, memory, BYTES, 0);

	EXPECT_TRUE(first + BYTES <= second || second + BYTES <= first);
	EXPECT_TRUE(first + BYTES <= memory || memory + BYTES <= first);
	memset(first, 7, BYTES);
	memset(second, 8, BYTES);
	EXPECT_TRUE(mt_holds(memory, BYTES, 1));
	EXPECT_TRUE(mt_holds(wall, BYTES, 2));
}

TEST_F(mach, O13_freed_whole)
{
	const struct mt_task *task = &self->task;
	__u64 objects = mt_live(task, MT_LIVE(objects));
	__u64 pages = mt_live(task, MT_LIVE(pages));
	__u64 regions = mt_live(task, MT_LIVE(regions));
	char *memory = mt_map_filled(PAGES, 1), *received;

	received = mt_pass_memory(task, memory, BYTES, 0);
	EXPECT_EQ(regions + 1, mt_live(task, MT_LIVE(regions)));
	EXPECT_EQ(objects + 1, mt_live(task, MT_LIVE(objects)));
	EXPECT_EQ(pages + PAGES, mt_live(task, MT_LIVE(pages)));
	mt_touch(received, PAGES);
	mt_unmap(received, BYTES);
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(regions), regions));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(objects), objects));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(pages), pages));
}

TEST_F(mach, O13_freed_in_parts)
{
	const struct mt_task *task = &self->task;
	__u64 objects = mt_live(task, MT_LIVE(objects));
	char *memory = mt_map_filled(PAGES, 1), *received;

	received = mt_pass_memory(task, memory, BYTES, 0);
	mt_touch(received, 4);
	/* A hole in the middle, then the start, then the end. */
	mt_unmap(received + 8 * MT_PAGE, 8 * MT_PAGE);
	EXPECT_EQ(0, memcmp(received, memory, 8 * MT_PAGE));
	EXPECT_EQ(0, memcmp(received + 16 * MT_PAGE, memory + 16 * MT_PAGE,
			    16 * MT_PAGE));
	memset(received + 16 * MT_PAGE, 1, MT_PAGE);
	mt_unmap(received, 8 * MT_PAGE);
	EXPECT_EQ(0, memcmp(received + 17 * MT_PAGE, memory + 17 * MT_PAGE,
			    15 * MT_PAGE));
	EXPECT_NE(objects, mt_live(task, MT_LIVE(objects)));
	mt_unmap(received + 16 * MT_PAGE, 16 * MT_PAGE);
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(objects), objects));
}

TEST_F(mach, O13_freed_with_the_port)
{
	const struct mt_task *task = &self->task;
	__u64 pages = mt_live(task, MT_LIVE(pages));
	char *memory = mt_map_filled(PAGES, 1);
	__u32 port = mt_port(task);

	for (int i = 0; i < 5; i++)
		mt_must(mt_send_memory(task, port, MACH_MSG_TYPE_COPY_SEND,
				       memory, BYTES, 0));
	EXPECT_EQ(pages + 5 * PAGES, mt_live(task, MT_LIVE(pages)));
	mt_must(mt_destroy(task, port));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(pages), pages));
	/* The sender's memory is as before, and its own. */
	mt_fill(memory, BYTES, 2);
	EXPECT_TRUE(mt_holds(memory, BYTES, 2));
}

TEST_F(mach, O13_stays_after_the_task_is_closed)
{
	char *memory = mt_map_filled(PAGES, 1), *received;
	struct mt_task other;

	mt_open(&other);
	received = mt_pass_memory(&other, memory, BYTES, 0);
	mt_close(&other);
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
	mt_fill(received, BYTES, 2);
	EXPECT_TRUE(mt_holds(memory, BYTES, 1));
}

TEST_F(mach, O30_buffer_and_region_may_change_at_once)
{
	const struct mt_task *task = &self->task;
	char *memory = mt_map_filled(PAGES, 1);
	__u32 port = mt_port(task);
	struct mt_message message;

	for (int i = 0; i < 5; i++) {
		mt_fill(memory, BYTES, i);
		mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
		mt_put_data(&message, &i, sizeof(i));
		mt_put_memory(&message, memory, BYTES, 0);
		mt_must(mt_send(task, &message));
		memset(message.bytes, 0xff, 128);
		memset(memory, 0xff, BYTES);
	}
	for (int i = 0; i < 5; i++) {
		mt_must(mt_receive(task, port, &message, 0));
		EXPECT_EQ((__u64)i, message.words[5]);
		EXPECT_TRUE(mt_holds(mt_memory(&message, 1), BYTES, i));
	}
}

/* The message buffer lies in the region that it sends (negative test N47). */
TEST_F(mach, N47_buffer_inside_the_region)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message *message = mt_map(8), in;
	struct mach_wire_header *received;

	mt_share_all();
	mt_begin(message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_memory(message, message, 8 * MT_PAGE, 0);
	message->head.id = 3;
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_send(task, message));
	message->head.id = 4;
	mt_must(mt_receive(task, port, &in, 0));
	received = mt_memory(&in, 0);
	EXPECT_EQ(3U, received->id);
	EXPECT_EQ(4U, message->head.id);
}

TEST_F(mach, N47_receive_into_memory_that_was_sent)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message *message = mt_map(8);
	char *received;

	mt_share_all();
	mt_begin(message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_memory(message, message, 8 * MT_PAGE, 0);
	message->bytes[MT_ROOM - 1] = 1;
	mt_must(mt_send(task, message));
	/* Poisons, then writes a page that the message still shows. */
	mt_must(mt_receive(task, port, message, 0));
	received = mt_memory(message, 0);
	EXPECT_EQ(1, received[MT_ROOM - 1]);
	EXPECT_EQ(MT_POISON, message->bytes[MT_ROOM - 1]);
}

TEST_HARNESS_MAIN
