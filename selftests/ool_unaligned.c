// SPDX-License-Identifier: GPL-2.0
/*
 * Regions that begin and end anywhere: the address keeps its place in the
 * page, and what lies around the region in its first and last page is zero at
 * the receiver (spec 3.1 O19-O24, O29; negative tests N11, N12).
 */
#include "lib/fixture.h"

static const __u64 lengths[] = { 1, 2, 4095, 4096, 4097 };

static unsigned long offset_of(const void *address)
{
	return (unsigned long)address & (MT_PAGE - 1);
}

static char *first_page(const void *address)
{
	return (char *)((unsigned long)address & -MT_PAGE);
}

/* From the start of its first page to the end of its last. */
static unsigned long span(const void *address, __u64 bytes)
{
	return (offset_of(address) + bytes + MT_PAGE - 1) & -MT_PAGE;
}

/* Does @received show @bytes of @sent, with zeroes all around? */
static bool arrived(const char *sent, const char *received, __u64 bytes)
{
	const char *first = first_page(received);
	unsigned long head = offset_of(received);

	return offset_of(sent) == head && !memcmp(sent, received, bytes) &&
	       mt_zero(first, head) &&
	       mt_zero(received + bytes, span(received, bytes) - head - bytes);
}

/* All lengths at one offset travel in one message. */
static bool pass_all_lengths(const struct mt_task *task, __u32 port,
			     const char *sent)
{
	struct mt_message message;
	bool good = true;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++)
		mt_put_memory(&message, sent, lengths[i], 0);
	mt_must(mt_send(task, &message));
	mt_must(mt_receive(task, port, &message, 0));
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		char *received = mt_memory(&message, i);

		good &= arrived(sent, received, lengths[i]);
		mt_unmap(first_page(received), span(received, lengths[i]));
	}
	return good;
}

/* 20,480 regions take their time in an emulator. */
TEST_F_TIMEOUT(mach, O19_O20_O21_O22_O23_all_offsets, 200)
{
	char *memory = mt_map_filled(3, 7);
	__u32 port = mt_port(&self->task);

	for (unsigned long offset = 0; offset < MT_PAGE; offset++) {
		ASSERT_TRUE(pass_all_lengths(&self->task, port,
					     memory + offset))
			TH_LOG("offset %lu", offset);
	}
	EXPECT_TRUE(mt_holds(memory, 3 * MT_PAGE, 7));
}

TEST_F_TIMEOUT(mach, O19_O20_O21_O22_O23_some_offsets_shared, 60)
{
	static const unsigned long offsets[] = {
		0, 1, 7, 8, 9, 63, 64, 2047, 2048, 4088, 4094, 4095,
	};
	char *memory = mt_map_filled(3, 7);
	__u32 port = mt_port(&self->task);

	mt_share_all();
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		EXPECT_TRUE(pass_all_lengths(&self->task, port,
					     memory + offsets[i]))
			TH_LOG("offset %lu", offsets[i]);
	}
	EXPECT_TRUE(mt_holds(memory, 3 * MT_PAGE, 7));
}

TEST_F(mach, O19_O22_many_pages)
{
	static const unsigned long offsets[] = { 0, 1, 100, 4095 };
	static const __u64 tails[] = { 0, 1, 4095 };
	char *memory = mt_map_filled(66, 1), *received;

	mt_share_all();
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(tails); j++) {
			__u64 bytes = 64 * MT_PAGE + tails[j];

			received = mt_pass_memory(&self->task,
						  memory + offsets[i], bytes,
						  0);
			EXPECT_TRUE(arrived(memory + offsets[i], received,
					    bytes))
				TH_LOG("%zu %zu", i, j);
		}
	}
	EXPECT_TRUE(mt_holds(memory, 66 * MT_PAGE, 1));
}

static void look_around(struct mt_side *side, void *arg)
{
	char *received = mt_receive_memory(&side->task, side->port);

	(void)arg;
	mt_check(offset_of(received) == 1000);
	mt_check(!memcmp(received, "public", 6));
	mt_check(mt_zero(first_page(received), 1000));
	mt_check(mt_zero(received + 6, MT_PAGE - 1006));
	/* Writes to the edges stay here, too. */
	memset(first_page(received), 'x', MT_PAGE);
}

/* O29: the sender's other bytes of the page are nobody's business. */
TEST_F(mach, O29_neighbours_are_secret)
{
	char *memory = mt_map(1);
	struct mt_peer peer;

	memset(memory, 'S', MT_PAGE);
	memcpy(memory + 1000, "public", 6);
	mt_spawn(&peer, &self->task, look_around, NULL);
	mt_must(mt_send_memory(&self->task, peer.right,
			       MACH_MSG_TYPE_COPY_SEND, memory + 1000, 6, 0));
	EXPECT_EQ(0, mt_join(&peer));
	EXPECT_EQ('S', memory[999]);
	EXPECT_EQ('S', memory[1006]);
	EXPECT_EQ(0, memcmp(memory + 1000, "public", 6));
}

/* The same with a move: the page itself must not travel. */
TEST_F(mach, O29_neighbours_are_secret_when_moved)
{
	char *memory = mt_map(1);
	struct mt_peer peer;

	memset(memory, 'S', MT_PAGE);
	memcpy(memory + 1000, "public", 6);
	mt_spawn(&peer, &self->task, look_around, NULL);
	mt_must(mt_send_memory(&self->task, peer.right,
			       MACH_MSG_TYPE_COPY_SEND, memory + 1000, 6,
			       MACH_MSG_DESC_DEALLOCATE));
	EXPECT_EQ(0, mt_join(&peer));
	EXPECT_FALSE(mt_mapped(memory));
}

TEST_F(mach, O22_edges_of_moved_pages)
{
	char *memory = mt_map_filled(10, 3), *copy = mt_map(10), *received;

	mt_share_all();
	memcpy(copy, memory, 10 * MT_PAGE);
	received = mt_move_memory(&self->task, memory + 17,
				  9 * MT_PAGE - 34);
	EXPECT_TRUE(arrived(copy + 17, received, 9 * MT_PAGE - 34));
}

TEST_F(mach, O22_edges_stay_zero_when_sent_on)
{
	char *memory = mt_map_filled(4, 3), *received, *again;

	mt_share_all();
	received = mt_pass_memory(&self->task, memory + 50, 3 * MT_PAGE, 0);
	/* Scribble into the received edges, then send the middle on. */
	memset(first_page(received), 'e', 50);
	again = mt_pass_memory(&self->task, received, 3 * MT_PAGE, 0);
	EXPECT_TRUE(arrived(memory + 50, again, 3 * MT_PAGE));
}

TEST_F(mach, O19_across_mappings)
{
	char *memory = mt_map_filled(8, 1), *received;

	/* Three mappings of different protection, one untouched. */
	mt_must(mprotect(memory + 2 * MT_PAGE, 3 * MT_PAGE, PROT_READ));
	mt_unmap(memory + 6 * MT_PAGE, MT_PAGE);
	mt_check(mmap(memory + 6 * MT_PAGE, MT_PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
		 memory + 6 * MT_PAGE);
	mt_share_all();
	received = mt_pass_memory(&self->task, memory + 9, 8 * MT_PAGE - 18,
				  0);
	EXPECT_TRUE(arrived(memory + 9, received, 8 * MT_PAGE - 18));
}

TEST_HARNESS_MAIN
