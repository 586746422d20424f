// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that nobody may send, among memory that may be sent:
 * SEND_INVALID_MEMORY wherever in the region it lies, and all is as before
 * (K3, spec 3.3; negative test N10).
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "lib/fixture.h"
#include "lib/source.h"

/* Good pages, bad ones, and good ones again. */
#define PART	(4 * MT_PAGE)
#define BYTES	(3 * PART)

#define MOVE	MACH_MSG_DESC_DEALLOCATE

/* ---- bad memory: put at an address; false: not to be had here ---- */

static bool put_nothing(char *address)
{
	return !munmap(address, PART);
}

static bool put_unreadable(char *address)
{
	return !mprotect(address, PART, PROT_NONE);
}

static bool put_write_only(char *address)
{
	return !mprotect(address, PART, PROT_WRITE);
}

/* With protection keys the kernel makes that a key, without a mere flag. */
static bool put_execute_only(char *address)
{
	return !mprotect(address, PART, PROT_EXEC);
}

static bool put_keyed(char *address)
{
	static int key = -1;

	if (key < 0)
		key = pkey_alloc(0, PKEY_DISABLE_ACCESS);
	return key >= 0 && !pkey_mprotect(address, PART,
					  PROT_READ | PROT_WRITE, key);
}

static bool put_secret(char *address)
{
	int fd = syscall(SYS_memfd_secret, 0);

	if (fd < 0)
		return false;
	mt_must(ftruncate(fd, PART));
	mt_check(mmap(address, PART, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_FIXED, fd, 0) == address);
	close(fd);
	memset(address, 'S', PART);
	return true;
}

/* What the firmware left in the first megabyte: VM_IO and VM_PFNMAP. */
static bool put_device(char *address)
{
	int fd = open("/dev/mem", O_RDONLY | O_CLOEXEC);
	bool done;

	if (fd < 0)
		return false;
	done = mmap(address, PART, PROT_READ, MAP_SHARED | MAP_FIXED, fd,
		    0xf0000) == address;
	close(fd);
	return done;
}

/* A mapping of the same that has become private memory in parts. */
static bool put_private_device(char *address)
{
	int fd = open("/dev/mem", O_RDONLY | O_CLOEXEC);
	bool done;

	if (fd < 0)
		return false;
	done = mmap(address, PART, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_FIXED, fd, 0xf0000) == address;
	close(fd);
	if (done)
		address[0] = 1;
	return done;
}

static bool put_end_of_file(char *address)
{
	int fd = memfd_create("short", MFD_CLOEXEC);

	mt_must(ftruncate(fd, MT_PAGE));
	mt_check(mmap(address, PART, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_FIXED, fd, 0) == address);
	close(fd);
	return true;
}

static bool put_private_end_of_file(char *address)
{
	int fd = memfd_create("short", MFD_CLOEXEC);

	mt_must(ftruncate(fd, PART));
	mt_check(mmap(address, PART, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_FIXED, fd, 0) == address);
	memset(address, 'd', PART);
	/* The private pages behind the end go, too. */
	mt_must(ftruncate(fd, MT_PAGE));
	close(fd);
	return true;
}

static const struct {
	const char *name;
	bool (*put)(char *address);
} kinds[] = {
	{ "nothing", put_nothing },
	{ "unreadable", put_unreadable },
	{ "write only", put_write_only },
	{ "execute only", put_execute_only },
	{ "keyed", put_keyed },
	{ "secret", put_secret },
	{ "device", put_device },
	{ "private device", put_private_device },
	{ "behind the end of a file", put_end_of_file },
	{ "behind the end of a private file", put_private_end_of_file },
};

#define KINDS	ARRAY_SIZE(kinds)

/* Good memory with the bad in its middle; NULL: not to be had here. */
static char *map_around(size_t kind)
{
	char *memory = mt_map_filled(BYTES / MT_PAGE, 1);

	return kinds[kind].put(memory + PART) ? memory : NULL;
}

/* The good pages are there as they were, and can be written. */
static bool good_is_intact(char *memory)
{
	static char *want;

	if (!want)
		want = mt_map_filled(BYTES / MT_PAGE, 1);
	memory[0] = want[0];
	memory[BYTES - 1] = want[BYTES - 1];
	return !memcmp(memory, want, PART) &&
	       !memcmp(memory + 2 * PART, want + 2 * PART, PART);
}

static bool refused(const struct mt_task *task, char *address,
		    unsigned long bytes)
{
	static const __u64 share_min[] = { 0, 1 << 30 };
	static const __u64 flags[] = { 0, MOVE };
	__u32 port = mt_receive_right(task);
	__u64 objects = mt_live(task, MT_LIVE(objects));
	bool good = true;

	for (int i = 0; i < 4; i++) {
		mt_set_param("share_min", share_min[i / 2]);
		good &= mt_send_memory(task, port, MACH_MSG_TYPE_MAKE_SEND,
				       address, bytes, flags[i % 2]) ==
			MACH_SEND_INVALID_MEMORY;
	}
	good &= mt_empty(task, port) &&
		mt_live(task, MT_LIVE(objects)) == objects;
	mt_must(mt_destroy(task, port));
	return good;
}

TEST_F(mach, K3_N10_among_good_memory)
{
	static const struct {
		unsigned long from, bytes;
	} parts[] = {
		{ 0, BYTES }, { PART, PART }, { PART, 2 * PART },
		{ 0, 2 * PART }, { 1, BYTES - 2 },
		/* Their last page alone, all but one byte outside. */
		{ 2 * PART - 1, 1 }, { 2 * PART - 1, PART },
	};

	for (size_t kind = 0; kind < KINDS; kind++) {
		char *memory = map_around(kind);

		if (!memory) {
			TH_LOG("no memory here that is %s", kinds[kind].name);
			continue;
		}
		for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
			EXPECT_TRUE(refused(&self->task,
					    memory + parts[i].from,
					    parts[i].bytes))
				TH_LOG("%s, part %zu", kinds[kind].name, i);
			EXPECT_TRUE(good_is_intact(memory));
		}
	}
}

/* K2: what the message took before is gone, what stands behind is not. */
TEST_F(mach, K2_with_other_items)
{
	const struct mt_task *task = &self->task;
	__u64 objects = mt_live(task, MT_LIVE(objects));
	__u32 port = mt_port(task);

	mt_share_all();
	for (size_t kind = 0; kind < KINDS; kind++) {
		char *memory = map_around(kind), *first, *last;
		__u32 moved = mt_receive_right(task);
		struct mt_message message;

		if (!memory)
			continue;
		first = mt_map_filled(2, 2);
		last = mt_map_filled(2, 3);
		mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
		mt_put_memory(&message, first, 2 * MT_PAGE, MOVE);
		mt_put_right(&message, moved, MACH_MSG_TYPE_MOVE_RECEIVE);
		mt_put_memory(&message, memory, BYTES, MOVE);
		mt_put_memory(&message, last, 2 * MT_PAGE, MOVE);
		EXPECT_EQ(MACH_SEND_INVALID_MEMORY, mt_send(task, &message))
			TH_LOG("%s", kinds[kind].name);
		EXPECT_FALSE(mt_mapped(first));
		EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, moved));
		EXPECT_TRUE(good_is_intact(memory));
		EXPECT_TRUE(mt_holds(last, 2 * MT_PAGE, 3));
		EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(objects), objects));
	}
	EXPECT_TRUE(mt_empty(task, port));
}

/* ---- as the message's own memory ---- */

/* Some machines have no memory for execution alone. */
static bool is_readable(const char *address)
{
	int channel[2];
	bool good;

	mt_must(pipe(channel));
	good = write(channel[1], address, 1) == 1;
	close(channel[0]);
	close(channel[1]);
	return good;
}

/* Bytes that the caller's own loads could not read, or its stores write. */
static bool no_data(size_t kind, const char *memory)
{
	return kinds[kind].put == put_nothing ||
	       kinds[kind].put == put_unreadable ||
	       (kinds[kind].put == put_execute_only &&
		!is_readable(memory + PART)) ||
	       kinds[kind].put == put_keyed ||
	       kinds[kind].put == put_end_of_file ||
	       kinds[kind].put == put_private_end_of_file;
}

TEST_F(mach, N10_message_there)
{
	for (size_t kind = 0; kind < KINDS; kind++) {
		char *memory = map_around(kind);
		struct mach_ioc_msg call = {
			.option = MACH_SEND_MSG,
			.msg = (unsigned long)memory + 2 * PART - 64,
			.send_size = 64,
		};
		__s32 ret;

		if (!memory)
			continue;
		ret = mt_msg(&self->task, &call);
		/* What is there is no message for any port of ours. */
		EXPECT_NE(MACH_MSG_SUCCESS, ret) TH_LOG("%s",
							kinds[kind].name);
		if (no_data(kind, memory))
			EXPECT_EQ(MACH_SEND_INVALID_DATA, ret)
				TH_LOG("%s", kinds[kind].name);
		EXPECT_TRUE(good_is_intact(memory));
	}
}

TEST_F(mach, N10_received_there)
{
	__u32 port = mt_port(&self->task);

	for (size_t kind = 0; kind < KINDS; kind++) {
		char *memory = map_around(kind);
		struct mach_ioc_msg call = {
			.option = MACH_RCV_MSG,
			.msg = (unsigned long)memory + 2 * PART - 64,
			.rcv_size = 64,
			.rcv_name = port,
		};
		__s32 ret;

		if (!memory)
			continue;
		mt_must(mt_send_id(&self->task, port, MACH_MSG_TYPE_COPY_SEND,
				   1));
		ret = mt_msg(&self->task, &call);
		if (no_data(kind, memory))
			EXPECT_EQ(MACH_RCV_INVALID_DATA, ret)
				TH_LOG("%s", kinds[kind].name);
		EXPECT_TRUE(mt_empty(&self->task, port));
		EXPECT_TRUE(good_is_intact(memory));
	}
}

/* ---- what need not be in the middle ---- */

/* The page below a stack is not there until the program touches it. */
TEST_F(mach, S3_3_below_a_stack)
{
	unsigned long room = 600 * MT_PAGE;
	char *space = mt_map(700), *stack = space + room;

	mt_unmap(space, 700 * MT_PAGE);
	ASSERT_EQ(stack, mmap(stack, BYTES, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN |
			      MAP_FIXED, -1, 0));
	memset(stack, 's', BYTES);
	EXPECT_TRUE(refused(&self->task, stack - MT_PAGE, 2 * MT_PAGE));
	EXPECT_TRUE(refused(&self->task, stack - 1, BYTES + 1));
	EXPECT_FALSE(mt_mapped(stack - MT_PAGE));
	EXPECT_TRUE(mt_all(stack, BYTES, 's'));
	stack[-1] = 's';
	EXPECT_TRUE(mt_mapped(stack - MT_PAGE));
	EXPECT_TRUE(mt_all(mt_pass_memory(&self->task, stack - 1, BYTES + 1,
					  0), BYTES + 1, 's'));
}

#ifndef SYS_mseal
#define SYS_mseal	462
#endif

/* Sealed memory can be read, but not given away. */
TEST_F(mach, S3_3_sealed)
{
	struct mt_source source = {
		.bytes = BYTES,
		.shared = BYTES / MT_PAGE,
	};
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	/* First: pages that another processor made may be in its LRU batch. */
	mt_source_begin();
	source.memory = mt_map_filled(BYTES / MT_PAGE, 1);
	source.want = mt_map_filled(BYTES / MT_PAGE, 1);
	if (syscall(SYS_mseal, source.memory + PART, PART, 0))
		SKIP(return, "no mseal");
	mt_source_apart(&source, mt_source_copy(task, &source));
	memcpy(source.memory, source.want, BYTES);
	for (int i = 0; i < 2; i++) {
		mt_set_param("share_min", i << 30);
		EXPECT_EQ(MACH_SEND_INVALID_MEMORY,
			  mt_send_memory(task, port, MACH_MSG_TYPE_COPY_SEND,
					 source.memory, BYTES, MOVE));
		EXPECT_EQ(MACH_SEND_INVALID_MEMORY,
			  mt_send_memory(task, port, MACH_MSG_TYPE_COPY_SEND,
					 source.memory + PART + 5, 10, MOVE));
		EXPECT_TRUE(mt_source_arrived(&source, source.memory));
	}
	EXPECT_TRUE(mt_empty(task, port));
	/* The parts beside it can go. */
	mt_share_all();
	source.bytes = PART;
	source.shared = PART / MT_PAGE;
	mt_source_move(task, &source);
}

TEST_HARNESS_MAIN
