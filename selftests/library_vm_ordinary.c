// SPDX-License-Identifier: GPL-2.0
/*
 * libmach's mach_vm_make_ordinary(): received memory becomes anonymous memory
 * in place, and then is good for what received memory is not (docs/memory.md).
 */
#include <fcntl.h>
#include <mach/mach.h>
#include <mach/vm_ordinary.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "lib/fixture.h"
#include "lib/receiver.h"

#define PAGES	40		/* more than a pipe holds */
#define BYTES	(PAGES * MT_PAGE)

static kern_return_t make_ordinary(const void *address, vm_size_t size)
{
	return mach_vm_make_ordinary((vm_address_t)address, size);
}

static bool is_special(const void *address)
{
	return mt_vm_flag(address, "io");
}

static bool can_be_pinned(char *memory)
{
	struct iovec vector = { memory, MT_PAGE };
	char copy[MT_PAGE];
	struct iovec local = { copy, MT_PAGE };
	int channel[2];
	bool good;

	mt_must(pipe(channel));
	good = vmsplice(channel[1], &vector, 1, 0) == MT_PAGE &&
	       read(channel[0], copy, MT_PAGE) == MT_PAGE &&
	       !memcmp(copy, memory, MT_PAGE);
	close(channel[0]);
	close(channel[1]);
	return good && process_vm_readv(getpid(), &local, 1, &vector, 1, 0) ==
		       MT_PAGE;
}

TEST_F(mach, all_kinds)
{
	__u64 objects = mt_live(&self->task, MT_LIVE(objects));
	struct mt_region region;

	for (int kind = 0; kind < MT_ORIGINS * MT_TOUCHES; kind++) {
		mt_region_receive(&region, &self->task, kind % MT_ORIGINS,
				  PAGES, 1);
		mt_region_touch(&region, kind / MT_ORIGINS);
		ASSERT_TRUE(is_special(region.memory));
		ASSERT_EQ(KERN_SUCCESS, make_ordinary(region.memory, BYTES));
		EXPECT_FALSE(is_special(region.memory));
		EXPECT_TRUE(mt_region_intact(&region)) TH_LOG("kind %d", kind);
		EXPECT_TRUE(can_be_pinned(region.memory));
		mt_fill(region.memory, BYTES, 9);
		EXPECT_TRUE(mt_region_source_intact(&region));
		EXPECT_TRUE(mt_live_becomes(&self->task, MT_LIVE(objects),
					    objects));
		mt_region_drop(&region);
	}
}

/* Pages that the range touches, and no others. */
TEST_F(mach, part_of_a_region)
{
	struct mt_region region;
	char *memory;

	mt_region_receive(&region, &self->task, MT_SHARED, PAGES, 1);
	memory = region.memory;
	EXPECT_EQ(KERN_SUCCESS, make_ordinary(memory + 3 * MT_PAGE - 1, 2));
	EXPECT_TRUE(is_special(memory + MT_PAGE));
	EXPECT_FALSE(is_special(memory + 2 * MT_PAGE));
	EXPECT_FALSE(is_special(memory + 3 * MT_PAGE));
	EXPECT_TRUE(is_special(memory + 4 * MT_PAGE));
	EXPECT_TRUE(mt_region_intact(&region));
	EXPECT_EQ(KERN_SUCCESS, make_ordinary(memory, BYTES));
	EXPECT_FALSE(is_special(memory));
	EXPECT_TRUE(mt_region_intact(&region));
}

TEST_F(mach, protections_stay)
{
	struct mt_region region;
	char protection[5];

	mt_region_receive(&region, &self->task, MT_MOVED, PAGES, 1);
	mt_must(mprotect(region.memory + MT_PAGE, MT_PAGE, PROT_READ));
	mt_must(mprotect(region.memory + 2 * MT_PAGE, MT_PAGE,
			 PROT_READ | PROT_EXEC));
	EXPECT_EQ(KERN_SUCCESS, make_ordinary(region.memory, BYTES));
	mt_protection(region.memory, protection);
	EXPECT_STREQ("rw-p", protection);
	mt_protection(region.memory + MT_PAGE, protection);
	EXPECT_STREQ("r--p", protection);
	mt_protection(region.memory + 2 * MT_PAGE, protection);
	EXPECT_STREQ("r-xp", protection);
	EXPECT_TRUE(mt_region_intact(&region));
}

/* Memory that is no region stays as it is, shared memory above all. */
TEST_F(mach, other_memory)
{
	char *memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char *plain = mt_map_filled(PAGES, 1);
	__u64 frame = mt_frame(plain);
	pid_t pid;

	ASSERT_NE(MAP_FAILED, (void *)memory);
	EXPECT_EQ(KERN_SUCCESS, make_ordinary(plain, BYTES));
	EXPECT_EQ(frame, mt_frame(plain));
	EXPECT_EQ(KERN_SUCCESS, make_ordinary(memory, BYTES));
	pid = mt_fork();
	if (pid == 0) {
		memory[5] = '!';
		_exit(0);
	}
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_EQ('!', memory[5]);
}

TEST_F(mach, results)
{
	struct mt_region region;

	EXPECT_EQ(KERN_SUCCESS, make_ordinary((void *)1, 0));
	EXPECT_EQ(KERN_INVALID_ADDRESS, make_ordinary(NULL, 1));
	EXPECT_EQ(KERN_INVALID_ADDRESS, make_ordinary((void *)-1UL, 2));
	mt_region_receive(&region, &self->task, MT_SHARED, PAGES, 1);
	mt_must(mprotect(region.memory + 3 * MT_PAGE, MT_PAGE, PROT_NONE));
	EXPECT_EQ(KERN_PROTECTION_FAILURE,
		  make_ordinary(region.memory, BYTES));
	EXPECT_TRUE(is_special(region.memory));
	mt_unmap(region.memory + 3 * MT_PAGE, MT_PAGE);
	EXPECT_EQ(KERN_INVALID_ADDRESS, make_ordinary(region.memory, BYTES));
	EXPECT_TRUE(is_special(region.memory));
	EXPECT_TRUE(mt_region_holds(&region, region.memory, 0, 3));
}

/* It is sent as any memory is: without a copy. */
TEST_F(mach, sent_again)
{
	struct mt_region region;
	char *copy;

	mt_one_cpu(0);
	mt_region_receive(&region, &self->task, MT_COPIED, PAGES, 1);
	mt_share_all();
	mt_no_huge_pages(region.memory, BYTES);
	ASSERT_EQ(KERN_SUCCESS, make_ordinary(region.memory, BYTES));
	copy = mt_pass_memory(&self->task, region.memory, BYTES, 0);
	mt_touch(copy, PAGES);
	EXPECT_EQ((unsigned long)PAGES,
		  mt_frames_shared(region.memory, copy, PAGES));
	mt_fill(region.memory, BYTES, 9);
	EXPECT_TRUE(mt_region_holds(&region, copy, 0, PAGES));
}

struct reader {
	const struct mt_region *region;
	bool stop;
	bool good;
};

static void *read_on(void *arg)
{
	struct reader *reader = arg;

	while (!__atomic_load_n(&reader->stop, __ATOMIC_RELAXED))
		reader->good &= mt_region_intact(reader->region);
	return NULL;
}

TEST_F(mach, readers_see_the_same_all_the_time)
{
	for (int round = 0; round < 10; round++) {
		struct mt_region region;
		struct reader reader = { &region, false, true };
		pthread_t thread;

		mt_region_receive(&region, &self->task, round % MT_ORIGINS,
				  PAGES, 1);
		mt_must(pthread_create(&thread, NULL, read_on, &reader));
		mt_sleep(2);
		EXPECT_EQ(KERN_SUCCESS, make_ordinary(region.memory, BYTES));
		mt_sleep(2);
		__atomic_store_n(&reader.stop, true, __ATOMIC_RELAXED);
		mt_must(pthread_join(thread, NULL));
		EXPECT_TRUE(reader.good);
		mt_region_drop(&region);
	}
}

TEST_HARNESS_MAIN
