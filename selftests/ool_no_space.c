// SPDX-License-Identifier: GPL-2.0
/*
 * A receiver without room for a region loses that region only: address and
 * size 0, RCV_BODY_ERROR with a VM bit, everything else arrives (K9, K10;
 * negative test N15).
 */
#include <sys/mman.h>
#include <sys/resource.h>

#include "lib/fixture.h"

#define BIG	(64UL << 20)

/* From now on only small mappings fit. */
static void limit_address_space(void)
{
	struct rlimit limit;
	unsigned long pages;
	FILE *file = fopen("/proc/self/statm", "re");

	mt_check(file && fscanf(file, "%lu", &pages) == 1);
	fclose(file);
	mt_must(getrlimit(RLIMIT_AS, &limit));
	limit.rlim_cur = pages * MT_PAGE + BIG / 4;
	mt_must(setrlimit(RLIMIT_AS, &limit));
}

static void raise_address_space(void)
{
	struct rlimit limit;

	mt_must(getrlimit(RLIMIT_AS, &limit));
	limit.rlim_cur = limit.rlim_max;
	mt_must(setrlimit(RLIMIT_AS, &limit));
}

/* A big region among other things. */
static void send_big(const struct mt_task *task, __u32 port, char *small)
{
	struct mt_message message;
	char *big = mt_map(BIG / MT_PAGE);

	big[0] = 1;
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_memory(&message, small, MT_PAGE, 0);
	mt_put_memory(&message, big, BIG, 0);
	mt_put_right(&message, port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_memory(&message, small, 2 * MT_PAGE, 0);
	mt_must(mt_send(task, &message));
	mt_unmap(big, BIG);
}

TEST_F(mach, K9_address_space)
{
	const struct mt_task *task = &self->task;
	__u64 objects = mt_live(task, MT_LIVE(objects));
	char *small = mt_map_filled(2, 1);
	__u32 port = mt_port(task);
	struct mt_message message;
	struct mt_item item;
	__s32 ret;

	send_big(task, port, small);
	limit_address_space();
	ret = mt_receive(task, port, &message, 0);
	raise_address_space();
	EXPECT_EQ(MACH_RCV_BODY_ERROR, ret & ~MACH_MSG_MASK);
	EXPECT_EQ(MACH_MSG_VM_SPACE, ret & MACH_MSG_MASK);
	message.size = message.head.size;

	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE,
		  mt_types(task, mt_right(&message, 0)));
	EXPECT_TRUE(mt_holds(mt_memory(&message, 1), MT_PAGE, 1));
	item = mt_item(&message, 2);
	EXPECT_EQ(0ULL, item.data[0]);
	EXPECT_EQ(0U, mt_item_bits(&item));
	EXPECT_EQ(BIG, mt_item_number(&item));
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE,
		  mt_types(task, mt_right(&message, 3)));
	EXPECT_TRUE(mt_holds(mt_memory(&message, 4), 2 * MT_PAGE, 1));
	/* The region is gone, not waiting somewhere. */
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(objects), objects + 2));
	EXPECT_TRUE(mt_empty(task, port));
}

/* 65,530 mappings take their time on a kernel with sanitizers. */
TEST_F_TIMEOUT(mach, N15_every_mapping_is_taken, 900)
{
	const struct mt_task *task = &self->task;
	__u64 objects = mt_live(task, MT_LIVE(objects));
	char *small = mt_map_filled(2, 1);
	__u32 port = mt_port(task);
	struct mt_message message;
	unsigned long used = 0;
	char *area;
	__s32 ret;

	/* max_map_count: alternate protections until no mapping is left. */
	mt_must(mt_send_memory(task, port, MACH_MSG_TYPE_COPY_SEND, small,
			       2 * MT_PAGE, 0));
	area = mmap(NULL, 70000 * 2 * MT_PAGE, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)area);
	while (used < 70000 && !mprotect(area + used * 2 * MT_PAGE, MT_PAGE,
					 PROT_READ))
		used++;
	if (used == 70000)
		SKIP(return, "no limit on mappings below 140000");
	/* Where a mapping can no longer be split, one or two still fit. */
	while (mmap(NULL, MT_PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1,
		    0) != MAP_FAILED)
		;
	ret = mt_receive(task, port, &message, 0);
	EXPECT_EQ(MACH_RCV_BODY_ERROR | MACH_MSG_VM_SPACE, ret);
	EXPECT_EQ(0ULL, message.words[5]);
	mt_unmap(area, 70000 * 2 * MT_PAGE);
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(objects), objects));
}

/* The same for a message that comes back to its sender (K13). */
TEST_F(mach, K13_address_space)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;
	char *big;
	__s32 ret;

	for (int i = 0; i < MACH_PORT_QLIMIT_DEFAULT; i++)
		mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, i));
	big = mt_map(BIG / MT_PAGE);
	big[0] = 1;
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_memory(&message, big, BIG, 0);
	limit_address_space();
	ret = mt_send_wait(task, &message, 0);
	raise_address_space();
	EXPECT_EQ(MACH_SEND_TIMED_OUT | MACH_MSG_VM_SPACE, ret);
	EXPECT_EQ(0ULL, message.words[5]);
	EXPECT_EQ(1, big[0]);
}

TEST_HARNESS_MAIN
