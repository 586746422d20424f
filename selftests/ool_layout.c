// SPDX-License-Identifier: GPL-2.0
/*
 * How out-of-line memory stands in a message: descriptor and address, sizes
 * and numbers of all kinds, null regions, several regions (spec 3.1 O4-O9,
 * O15-O18, O27; K7, K10).
 */
#include <sys/sysinfo.h>

#include "lib/fixture.h"

#define OOL(type, bits, number) \
	MACH_MSG_DESC(MACH_MSG_TYPE_##type, bits, number, 0)

/* Sends one region with any descriptor and receives it. */
static void pass(const struct mt_task *task, __u64 desc, const void *address,
		 struct mt_message *message)
{
	__u32 port = mt_receive_right(task);

	mt_begin(message, port, MACH_MSG_TYPE_MAKE_SEND);
	mt_put(message, desc);
	mt_put(message, (unsigned long)address);
	mt_must(mt_send(task, message));
	mt_must(mt_receive(task, port, message, 0));
	mt_must(mt_destroy(task, port));
}

/* The last bytes before a page that is not mapped. */
static char *end_of_memory(unsigned long bytes)
{
	char *pages = mt_map_filled(2, 1);

	mt_unmap(pages + MT_PAGE, MT_PAGE);
	return pages + MT_PAGE - bytes;
}

TEST_F(mach, O4_out_of_line_is_what_is_not_inline)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;
	char text[8] = "the text";
	struct mt_item item;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_data(&message, text, sizeof(text));
	mt_put_memory(&message, text, sizeof(text), 0);
	mt_must(mt_send(task, &message));
	mt_must(mt_receive(task, port, &message, 0));
	item = mt_item(&message, 0);
	EXPECT_EQ(0, memcmp(text, item.data, sizeof(text)));
	EXPECT_EQ(0, memcmp(text, mt_memory(&message, 1), sizeof(text)));
	EXPECT_NE((void *)text, mt_memory(&message, 1));
}

TEST_F(mach, O5_O6_address_follows_the_descriptor)
{
	const struct mt_task *task = &self->task;
	char *memory = mt_map_filled(3, 1);
	__u32 port = mt_port(task);
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_memory(&message, memory, MT_PAGE, 0);
	mt_put_memory(&message, memory + MT_PAGE, 2 * MT_PAGE, 0);
	EXPECT_EQ(64U, message.size);
	mt_must(mt_send(task, &message));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(64U, message.head.size);
	EXPECT_EQ(0, memcmp(memory, (void *)message.words[5], MT_PAGE));
	EXPECT_EQ(0, memcmp(memory + MT_PAGE, (void *)message.words[7],
			    2 * MT_PAGE));
}

TEST_F(mach, O6_size_does_not_depend_on_the_region)
{
	const struct mt_task *task = &self->task;
	char *memory = mt_map_filled(100, 1);
	__u32 port = mt_port(task);
	struct mt_message message;

	pass(task, OOL(BYTE, 8, 1), memory, &message);
	EXPECT_EQ(48U, message.head.size);
	pass(task, OOL(BYTE, 8, 100 * MT_PAGE), memory, &message);
	EXPECT_EQ(48U, message.head.size);

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put(&message, OOL(BYTE, 8, MT_PAGE));
	EXPECT_EQ(MACH_SEND_MSG_TOO_SMALL, mt_send(task, &message));
}

TEST_F(mach, O7_region_does_not_count_in_rcv_size)
{
	const struct mt_task *task = &self->task;
	__u64 bytes = 1ULL << 30;
	struct sysinfo info;
	char *memory, *received;
	__u32 port = mt_port(task);
	struct mt_message message;
	struct mach_ioc_msg call = {
		.option = MACH_RCV_MSG | MACH_RCV_TIMEOUT,
		.msg = (unsigned long)&message,
		.rcv_size = 48,
		.rcv_name = port,
	};

	/* The receiver's mapping counts as memory that could be used. */
	mt_must(sysinfo(&info));
	while (bytes > info.totalram / 2)
		bytes /= 2;
	memory = mt_map(bytes / MT_PAGE);
	memory[0] = 1;
	memory[bytes / 2] = 2;
	memory[bytes - 1] = 3;
	mt_must(mt_send_memory(task, port, MACH_MSG_TYPE_COPY_SEND, memory,
			       bytes, 0));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_msg(task, &call));
	received = (char *)message.words[5];
	EXPECT_EQ(1, received[0]);
	EXPECT_EQ(0, received[MT_PAGE]);
	EXPECT_EQ(2, received[bytes / 2]);
	EXPECT_EQ(3, received[bytes - 1]);
}

/* Lengths that are read too long or too short would fail or miss a byte. */
TEST_F(mach, O8_K7_type_describes_the_region)
{
	static const struct {
		__u32 bits, number;
		__u64 bytes;
	} rows[] = {
		{ 8, 1, 1 }, { 16, 3, 6 }, { 32, 5, 20 }, { 64, 2, 16 },
		{ 1, 9, 2 }, { 1, 8, 1 }, { 1, 1, 1 }, { 7, 8, 7 },
		{ 12, 3, 5 }, { 12, 2, 3 }, { 3, 3, 2 }, { 0xffff, 1, 8192 },
	};
	const struct mt_task *task = &self->task;
	struct mt_message message;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		__u64 desc = OOL(INTEGER_32, rows[i].bits, rows[i].number);
		char *memory = mt_map_filled(3, i), *received;

		mt_unmap(memory + 2 * MT_PAGE, MT_PAGE);
		memory += 2 * MT_PAGE - rows[i].bytes;
		pass(task, desc, memory, &message);
		EXPECT_EQ(desc | MACH_MSG_DESC_DEALLOCATE, message.words[4]);
		received = mt_memory(&message, 0);
		EXPECT_EQ(0, memcmp(memory, received, rows[i].bytes))
			TH_LOG("row %zu", i);
	}
}

TEST_F(mach, O8_number_and_size_of_many_bytes)
{
	const struct mt_task *task = &self->task;
	char *memory = mt_map_filled(64, 1);
	struct mt_message message;

	/* 64 pages as elements of 8, 16, 32 and 64 bits. */
	for (__u32 bits = 8; bits <= 64; bits *= 2) {
		__u64 desc = OOL(UNSTRUCTURED, bits, 64 * MT_PAGE * 8 / bits);

		pass(task, desc, memory, &message);
		EXPECT_EQ(desc | MACH_MSG_DESC_DEALLOCATE, message.words[4]);
		EXPECT_TRUE(mt_holds(mt_memory(&message, 0), 64 * MT_PAGE,
				     1));
	}
}

TEST_F(mach, O9_long_form)
{
	static const __u64 forms[] = { 0, MACH_MSG_DESC_LONGFORM };
	static const __u32 numbers[] = { 1, 4095, 4096, 100000 };
	const struct mt_task *task = &self->task;
	char *memory = mt_map_filled(25, 1);
	struct mt_message message;

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(numbers); j++) {
			__u64 desc = OOL(CHAR, 8, numbers[j]) | forms[i];

			pass(task, desc, memory, &message);
			EXPECT_EQ(desc | MACH_MSG_DESC_DEALLOCATE,
				  message.words[4]);
			EXPECT_TRUE(mt_holds(mt_memory(&message, 0),
					     numbers[j], 1));
		}
	}
}

TEST_F(mach, O15_O16_O17_null_regions)
{
	static const __u64 addresses[] = {
		0, 1, 0xfff, 1ULL << 47, 1ULL << 63, -4096ULL, ~0ULL,
	};
	static const __u64 descriptors[] = {
		OOL(BYTE, 8, 0), OOL(BYTE, 0, 5), OOL(BYTE, 0, 0),
		OOL(BYTE, 0, 0xffffffff), OOL(BYTE, 0xffff, 0),
	};
	const struct mt_task *task = &self->task;
	__u64 objects = mt_live(task, MT_LIVE(objects));
	struct mt_message message;

	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(descriptors); j++) {
			pass(task, descriptors[j], (void *)addresses[i],
			     &message);
			EXPECT_EQ(0ULL, message.words[5]);
			EXPECT_EQ(descriptors[j] | MACH_MSG_DESC_DEALLOCATE,
				  message.words[4]);
			EXPECT_TRUE(message.head.bits &
				    MACH_MSGH_BITS_COMPLEX);
		}
	}
	EXPECT_EQ(objects, mt_live(task, MT_LIVE(objects)));
}

TEST_F(mach, O18_null_region_deallocates_nothing)
{
	const struct mt_task *task = &self->task;
	char *memory = mt_map_filled(3, 1);
	struct mt_message message;

	pass(task, OOL(BYTE, 8, 0) | MACH_MSG_DESC_DEALLOCATE,
	     memory + MT_PAGE, &message);
	EXPECT_EQ(0ULL, message.words[5]);
	pass(task, OOL(BYTE, 0, 7) | MACH_MSG_DESC_DEALLOCATE,
	     memory + MT_PAGE + 5, &message);
	EXPECT_EQ(0ULL, message.words[5]);
	EXPECT_TRUE(mt_holds(memory, 3 * MT_PAGE, 1));
}

TEST_F(mach, O27_received_deallocate_flag)
{
	const struct mt_task *task = &self->task;
	char *memory = mt_map_filled(2, 1);
	__u32 port = mt_port(task);
	struct mt_message message;
	struct mt_item item;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_memory(&message, memory, MT_PAGE, 0);
	mt_put_memory(&message, memory, MT_PAGE, MACH_MSG_DESC_DEALLOCATE);
	mt_put_memory(&message, NULL, 0, 0);
	mt_put_data(&message, "in line", 7);
	mt_put_right(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_must(mt_send(task, &message));
	mt_must(mt_receive(task, port, &message, 0));
	for (int i = 0; i < 5; i++) {
		item = mt_item(&message, i);
		EXPECT_EQ(i < 3, !!(item.desc & MACH_MSG_DESC_DEALLOCATE))
			TH_LOG("item %d", i);
	}
}

TEST_F(mach, O5_regions_of_all_kinds_in_one_message)
{
	const struct mt_task *task = &self->task;
	char *a = mt_map_filled(20, 1), *b = mt_map_filled(3, 2);
	char *c = mt_map_filled(1, 3);
	__u32 port = mt_port(task);
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_memory(&message, a, 20 * MT_PAGE, 0);
	mt_put_data(&message, "between", 8);
	mt_put_memory(&message, b, 3 * MT_PAGE, MACH_MSG_DESC_DEALLOCATE);
	mt_put_right(&message, port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_memory(&message, c + 7, 9, 0);
	mt_put_memory(&message, NULL, 0, 0);
	mt_must(mt_send(task, &message));
	EXPECT_FALSE(mt_mapped(b));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_TRUE(mt_holds(mt_memory(&message, 0), 20 * MT_PAGE, 1));
	EXPECT_TRUE(mt_holds(mt_memory(&message, 2), 3 * MT_PAGE, 2));
	EXPECT_EQ(0, memcmp(c + 7, mt_memory(&message, 4), 9));
	EXPECT_EQ(NULL, mt_memory(&message, 5));
}

TEST_F(mach, K10_thousand_regions)
{
	const struct mt_task *task = &self->task;
	__u64 regions = mt_live(task, MT_LIVE(regions));
	unsigned int count = mt_param("max_regions");
	char *memory = mt_map_filled(1, 1);
	__u32 port = mt_port(task);
	struct mt_message message;

	if (count > 1000)
		count = 1000;
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	for (unsigned int i = 0; i < count; i++)
		mt_put_memory(&message, memory + i, 1, 0);
	mt_must(mt_send(task, &message));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(regions + count, mt_live(task, MT_LIVE(regions)));
	for (unsigned int i = 0; i < count; i++) {
		char *received = mt_memory(&message, i);

		ASSERT_EQ(memory[i], *received);
		mt_unmap((void *)((unsigned long)received & -MT_PAGE),
			 MT_PAGE);
	}
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(regions), regions));
}

TEST_F(mach, O19_last_byte_of_a_mapping)
{
	const struct mt_task *task = &self->task;
	char *memory = end_of_memory(1), *received;

	received = mt_pass_memory(task, memory, 1, 0);
	EXPECT_EQ(*memory, *received);
}

TEST_HARNESS_MAIN
