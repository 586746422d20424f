// SPDX-License-Identifier: GPL-2.0
/*
 * Received memory as ordinary memory: MACH_MSG_ORDINARY at the receive, and
 * MACH_IOC_MEMORY_ORDINARY in place.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "lib/fixture.h"

#define PAGES	64
#define BYTES	(PAGES * MT_PAGE)

/* As mt_pass_memory(), with flags for the receive. */
static char *receive_as(const struct mt_task *task, void *memory, __u64 bytes,
			__u32 flags)
{
	__u32 port = mt_receive_right(task);
	struct mt_message message;
	struct mach_ioc_msg call = {
		.size = sizeof(call),
		.flags = flags,
		.option = MACH_RCV_MSG,
		.msg = (__u64)(unsigned long)&message,
		.rcv_size = sizeof(message),
		.rcv_name = port,
	};

	mt_must(mt_send_memory(task, port, MACH_MSG_TYPE_MAKE_SEND, memory,
			       bytes, 0));
	mt_must(mt_ioctl(task, MACH_IOC_MSG, &call));
	mt_must(call.ret);
	message.size = message.head.size;
	return mt_memory(&message, 0);
}

static __s32 convert(const struct mt_task *task, void *address, __u64 bytes)
{
	struct mach_ioc_range range = {
		.size = sizeof(range),
		.address = (__u64)(unsigned long)address,
		.length = bytes,
	};

	mt_must(mt_ioctl(task, MACH_IOC_MEMORY_ORDINARY, &range));
	return range.ret;
}

/* What get_user_pages gets from it. */
static bool pages_hold(const char *address, unsigned int seed)
{
	struct iovec vector = { (void *)address, MT_PAGE };
	static char copy[MT_PAGE];
	int channel[2];
	bool good;

	mt_must(pipe(channel));
	good = vmsplice(channel[1], &vector, 1, 0) == MT_PAGE &&
	       read(channel[0], copy, MT_PAGE) == MT_PAGE &&
	       !memcmp(copy, address, MT_PAGE) &&
	       (!seed || mt_holds(address, MT_PAGE, seed));
	close(channel[0]);
	close(channel[1]);
	return good;
}

TEST_F(mach, received_as_ordinary_memory)
{
	struct mach_ioc_stats before, stats;
	char *memory = mt_map_filled(PAGES, 1), *received;

	mt_share_all();
	mt_must(madvise(memory + 3 * MT_PAGE, MT_PAGE, MADV_DONTNEED));
	before = mt_stats(&self->task, 0);
	received = receive_as(&self->task, memory, BYTES, MACH_MSG_ORDINARY);
	stats = mt_since(&self->task, &before);
	EXPECT_EQ((__u64)PAGES - 1, stats.pages_shared);
	EXPECT_EQ((__u64)PAGES - 1, stats.pages_copied[MACH_COPY_RECEIVE]);
	EXPECT_EQ(0, memcmp(memory, received, BYTES));
	EXPECT_TRUE(pages_hold(received, 1));
	EXPECT_TRUE(mt_live_becomes(&self->task, MT_LIVE(objects), 0));
	memset(received, 2, BYTES);
	EXPECT_TRUE(mt_holds(memory, 3 * MT_PAGE, 1));
	EXPECT_FALSE(mt_vm_flag(received, "io"));
}

TEST_F(mach, offset_and_edges_stay)
{
	char *memory = mt_map_filled(PAGES, 1), *received;

	mt_share_all();
	received = receive_as(&self->task, memory + 100, 9 * MT_PAGE + 7,
			      MACH_MSG_ORDINARY);
	EXPECT_EQ(100UL, (unsigned long)received % MT_PAGE);
	EXPECT_EQ(0, memcmp(memory + 100, received, 9 * MT_PAGE + 7));
	EXPECT_TRUE(mt_zero(received - 100, 100));
	EXPECT_TRUE(mt_zero(received + 9 * MT_PAGE + 7, MT_PAGE - 107));
}

TEST_F(mach, unknown_flag)
{
	struct mach_ioc_msg call = { .size = sizeof(call), .flags = 2 };

	EXPECT_EQ(-EINVAL, mt_ioctl(&self->task, MACH_IOC_MSG, &call));
}

TEST_F(mach, converted_in_place)
{
	char *memory = mt_map_filled(PAGES, 1), *received;
	__u64 live;

	mt_share_all();
	live = mt_live(&self->task, MT_LIVE(objects));
	received = mt_pass_memory(&self->task, memory, BYTES, 0);
	mt_touch(received, PAGES / 2);
	memset(received + MT_PAGE, 2, MT_PAGE);
	ASSERT_EQ(KERN_SUCCESS, convert(&self->task, received, 1));
	EXPECT_TRUE(pages_hold(received, 1));
	EXPECT_TRUE(pages_hold(received + MT_PAGE, 0));
	EXPECT_EQ(2, received[MT_PAGE]);
	EXPECT_EQ(0, memcmp(received + 2 * MT_PAGE, memory + 2 * MT_PAGE,
			    BYTES - 2 * MT_PAGE));
	EXPECT_FALSE(mt_vm_flag(received, "io"));
	EXPECT_TRUE(mt_live_becomes(&self->task, MT_LIVE(objects), live));
	memset(received, 3, BYTES);
	EXPECT_TRUE(mt_holds(memory, BYTES, 1));
}

TEST_F(mach, converted_moved_memory)
{
	char *memory = mt_map_filled(PAGES, 1), *received;

	mt_share_all();
	received = mt_move_memory(&self->task, memory, BYTES);
	memset(received + MT_PAGE, 2, MT_PAGE);
	ASSERT_EQ(KERN_SUCCESS, convert(&self->task, received, BYTES));
	EXPECT_TRUE(pages_hold(received, 1));
	EXPECT_EQ(2, received[MT_PAGE]);
	EXPECT_EQ(2, received[2 * MT_PAGE - 1]);
	EXPECT_NE(2, received[2 * MT_PAGE]);
}

TEST_F(mach, converted_huge_pages)
{
	char *memory = mt_map_huge(2, 1), *received;

	if (!memory)
		SKIP(return, "no huge pages");
	mt_share_all();
	received = mt_pass_memory(&self->task, memory, 2 * MT_HUGE, 0);
	EXPECT_TRUE(mt_holds(received, MT_HUGE, 1));
	ASSERT_EQ(KERN_SUCCESS, convert(&self->task, received, 2 * MT_HUGE));
	EXPECT_TRUE(mt_holds(received, 2 * MT_HUGE, 1));
	EXPECT_TRUE(pages_hold(received, 1));
	memset(received, 3, 2 * MT_HUGE);
	EXPECT_TRUE(mt_holds(memory, 2 * MT_HUGE, 1));
}

TEST_F(mach, converted_and_then)
{
	char *memory = mt_map_filled(PAGES, 1), *received, *again;
	struct mach_ioc_stats before, stats;
	int status;
	pid_t pid;

	mt_share_all();
	received = mt_pass_memory(&self->task, memory, BYTES, 0);
	ASSERT_EQ(KERN_SUCCESS, convert(&self->task, received, BYTES));

	/* Sent on without a copy. */
	before = mt_stats(&self->task, 0);
	again = mt_pass_memory(&self->task, received, BYTES, 0);
	stats = mt_since(&self->task, &before);
	EXPECT_EQ((__u64)PAGES, stats.pages_shared);
	EXPECT_EQ(0, memcmp(memory, again, BYTES));

	/* Inherited as a copy. */
	pid = mt_fork();
	if (!pid) {
		memset(received, 9, BYTES);
		_exit(received[0] != 9);
	}
	status = mt_wait_pid(pid);
	EXPECT_EQ(0, status);
	EXPECT_EQ(0, memcmp(memory, received, BYTES));

	/* Discarded pages read as zero, and can be written to. */
	mt_must(madvise(received, BYTES, MADV_DONTNEED));
	EXPECT_TRUE(mt_zero(received, BYTES));
	memset(received, 4, BYTES / 2);
	EXPECT_TRUE(mt_zero(received + BYTES / 2, BYTES / 2));
	EXPECT_EQ(0, memcmp(memory, again, BYTES));
}

TEST_F(mach, what_is_no_region)
{
	char *memory = mt_map_filled(PAGES, 1);

	EXPECT_EQ(KERN_SUCCESS, convert(&self->task, memory, BYTES));
	EXPECT_EQ(KERN_SUCCESS, convert(&self->task, NULL, 0));
	EXPECT_TRUE(mt_holds(memory, BYTES, 1));
	EXPECT_EQ(KERN_INVALID_ADDRESS, convert(&self->task, memory, ~0UL));
}

struct writer {
	volatile unsigned long *words;	/* one in each page */
	unsigned long rounds;
	volatile bool stop;
};

/* Every page counts every round: a write that gets lost is missed. */
static void *count(void *arg)
{
	struct writer *writer = arg;

	while (!writer->stop) {
		for (int page = 0; page < PAGES; page++)
			writer->words[page * MT_PAGE / 8]++;
		writer->rounds++;
	}
	return NULL;
}

static unsigned long lost_writes(const struct mt_task *task, int move)
{
	char *memory = mt_map_filled(PAGES, 1), *received;
	struct writer writer = { 0 };
	unsigned long lost = 0;
	pthread_t thread;

	memset(memory, 0, BYTES);
	received = move ? mt_move_memory(task, memory, BYTES) :
			  mt_pass_memory(task, memory, BYTES, 0);
	writer.words = (volatile unsigned long *)received;
	mt_must(pthread_create(&thread, NULL, count, &writer));
	mt_sleep(2);
	mt_must(convert(task, received, BYTES));
	writer.stop = true;
	mt_must(pthread_join(thread, NULL));
	for (int page = 0; page < PAGES; page++)
		lost += writer.rounds - writer.words[page * MT_PAGE / 8];
	mt_unmap(received, BYTES);
	return lost;
}

TEST_F(mach, no_write_is_lost)
{
	mt_share_all();
	for (int round = 0; round < 200; round++)
		ASSERT_EQ(0UL, lost_writes(&self->task, round % 2));
}

TEST_HARNESS_MAIN
