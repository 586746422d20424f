// SPDX-License-Identifier: GPL-2.0
/*
 * Explicit huge pages (hugetlb) as a source: always copied (spec 3.3).
 */
#include <sys/mman.h>

#include "lib/fixture.h"
#include "lib/source.h"

/* Pages beyond the pool come when they are touched, and go when unmapped. */
#define OVERCOMMIT	"/proc/sys/vm/nr_overcommit_hugepages"

static char *map_hugetlb(int flags)
{
	char *memory = mmap(NULL, MT_HUGE, PROT_READ | PROT_WRITE,
			    flags | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static bool begin(void)
{
	char *memory;

	mt_source_begin();
	mt_set_kernel(OVERCOMMIT, "8");
	memory = map_hugetlb(MAP_PRIVATE);
	if (memory)
		mt_unmap(memory, MT_HUGE);
	return memory;
}

/* arg: MAP_SHARED or MAP_PRIVATE. */
static void make_filled(struct mt_source *source, void *arg)
{
	char *memory = map_hugetlb(*(int *)arg);

	mt_check(memory);
	mt_fill(memory, MT_HUGE, 1);
	*source = (struct mt_source) {
		.memory = memory,
		.bytes = MT_HUGE,
		.want = mt_map_filled(512, 1),
		.reasons = MT_REASON(SPECIAL) | MT_REASON(EDGE),
	};
}

TEST_F_TIMEOUT(mach, S3_3_hugetlb, 120)
{
	static int flags[] = { MAP_PRIVATE, MAP_SHARED };

	if (!begin())
		SKIP(return, "no hugetlb pages");
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		mt_source_all_ways(&self->task, make_filled, &flags[i]);
}

static void make_empty(struct mt_source *source, void *arg)
{
	make_filled(source, arg);
	mt_source_unmap(source);
	source->memory = map_hugetlb(*(int *)arg);
	mt_check(source->memory);
	source->want = NULL;
}

TEST_F(mach, S3_3_hugetlb_never_touched)
{
	static int flags = MAP_PRIVATE;

	if (!begin())
		SKIP(return, "no hugetlb pages");
	mt_source_all_ways(&self->task, make_empty, &flags);
}

TEST_F(mach, S3_3_hugetlb_in_part)
{
	static int flags = MAP_PRIVATE;
	struct mt_source source;
	char *received;

	if (!begin())
		SKIP(return, "no hugetlb pages");
	make_filled(&source, &flags);
	source.memory += 3 * MT_PAGE + 5;
	source.want += 3 * MT_PAGE + 5;
	source.bytes = 10 * MT_PAGE;
	received = mt_source_copy(&self->task, &source);
	mt_source_apart(&source, received);
}

/* A part of such a page cannot be unmapped: refused, and all is as before. */
TEST_F(mach, S3_3_hugetlb_moved_in_part)
{
	static int flags = MAP_PRIVATE;
	__u32 port = mt_port(&self->task);
	struct mt_source source;

	if (!begin())
		SKIP(return, "no hugetlb pages");
	make_filled(&source, &flags);
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(MACH_SEND_INVALID_MEMORY,
			  mt_send_memory(&self->task, port,
					 MACH_MSG_TYPE_COPY_SEND,
					 source.memory + i * MT_PAGE,
					 MT_HUGE / 2,
					 MACH_MSG_DESC_DEALLOCATE));
		EXPECT_TRUE(mt_source_arrived(&source, source.memory));
	}
	EXPECT_TRUE(mt_empty(&self->task, port));
}

/* Copy-on-write between parent and child goes on as it was. */
TEST_F(mach, S3_3_hugetlb_shared_by_fork)
{
	static int flags = MAP_PRIVATE;
	struct mt_source source;
	char *received;
	pid_t pid;

	if (!begin())
		SKIP(return, "no hugetlb pages");
	make_filled(&source, &flags);
	pid = mt_fork();
	if (pid == 0) {
		mt_fill(source.memory, MT_HUGE, 2);
		_exit(mt_holds(source.memory, MT_HUGE, 2) ? 0 : 1);
	}
	received = mt_source_copy(&self->task, &source);
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_TRUE(mt_source_arrived(&source, received));
	mt_source_apart(&source, received);
}

TEST_HARNESS_MAIN
