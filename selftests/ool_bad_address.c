// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that cannot be sent: SEND_INVALID_MEMORY, wherever in the region the
 * trouble lies, and the sender keeps what it has (K3, spec 3.3; negative tests
 * N2, N10).
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "lib/fixture.h"

#define PAGES	8
#define BYTES	(PAGES * MT_PAGE)

/* Copying and moving both fail, with SMALL and with sharing. */
static bool refused(const struct mt_task *task, const void *address,
		    __u64 bytes)
{
	static const __u64 flags[] = { 0, MACH_MSG_DESC_DEALLOCATE };
	static const __u64 share_min[] = { 0, 1ULL << 31 };
	__u64 saved = mt_param("share_min");
	__u32 port = mt_receive_right(task);
	bool good = true;

	for (int i = 0; i < 4; i++) {
		mt_set_param("share_min", share_min[i / 2]);
		good &= mt_send_memory(task, port, MACH_MSG_TYPE_MAKE_SEND,
				       address, bytes, flags[i % 2]) ==
			MACH_SEND_INVALID_MEMORY;
	}
	mt_set_param("share_min", saved);
	good &= mt_empty(task, port);
	mt_must(mt_destroy(task, port));
	return good;
}

TEST_F(mach, K3_not_mapped)
{
	char *memory = mt_map_filled(PAGES, 1);

	mt_unmap(memory, BYTES);
	EXPECT_TRUE(refused(&self->task, memory, 1));
	EXPECT_TRUE(refused(&self->task, memory, BYTES));
	EXPECT_TRUE(refused(&self->task, NULL, 1));
	EXPECT_TRUE(refused(&self->task, (void *)8, 100));
}

TEST_F(mach, K3_hole)
{
	for (int page = 0; page < PAGES; page++) {
		char *memory = mt_map_filled(PAGES, 1);

		mt_unmap(memory + page * MT_PAGE, MT_PAGE);
		EXPECT_TRUE(refused(&self->task, memory, BYTES))
			TH_LOG("page %d", page);
		for (int i = 0; i < PAGES; i++)
			EXPECT_EQ(i != page, mt_mapped(memory + i * MT_PAGE));
	}
}

TEST_F(mach, K3_one_byte_too_many)
{
	char *memory = mt_map_filled(PAGES + 1, 1);

	mt_unmap(memory + BYTES, MT_PAGE);
	EXPECT_TRUE(refused(&self->task, memory + 1, BYTES));
	EXPECT_TRUE(refused(&self->task, memory + BYTES - 1, 2));
	EXPECT_TRUE(mt_holds(memory, BYTES, 1));
}

TEST_F(mach, K3_wrapping)
{
	char *memory = mt_map_filled(PAGES, 1);
	/* Limits come before addresses: they are not to be seen here. */
	const struct {
		const void *address;
		__u64 bytes;
	} rows[] = {
		{ (void *)-1L, 1 }, { (void *)-1L, 2 },
		{ (void *)-4096L, 4096 }, { (void *)-4096L, 4095 },
		{ (void *)-4096L, 8192 }, { (void *)-8192L, 4097 },
		{ (void *)0xffff888000000000UL, 4096 },
		{ (void *)0x8000000000000000UL, 1 },
		{ (void *)0x00007ffffffff000UL, 4096 },
		{ (void *)0x0000800000000000UL, 4096 },
		{ memory, ~0U },
	};

	mt_set_param("max_user_pages", 1UL << 22);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_TRUE(refused(&self->task, rows[i].address,
				    rows[i].bytes))
			TH_LOG("row %zu", i);
	}
}

/* 2^45 bytes can be said in a descriptor. */
TEST_F(mach, N2_largest_expressible_region)
{
	char *memory = mt_map_filled(PAGES, 1);
	__u32 port = mt_port(&self->task);
	struct mt_message message;
	__s32 ret;

	mt_set_param("max_region_bytes", ~0ULL);
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put(&message, MACH_MSG_DESC(MACH_MSG_TYPE_BYTE, 0xffff, ~0U,
				       MACH_MSG_DESC_DEALLOCATE));
	mt_put(&message, (unsigned long)memory);
	ret = mt_send(&self->task, &message);
	EXPECT_TRUE(ret == MACH_SEND_INVALID_MEMORY ||
		    ret == MACH_SEND_NO_BUFFER)
		TH_LOG("result %#x", ret);
	EXPECT_TRUE(mt_holds(memory, BYTES, 1));
}

TEST_F(mach, K3_protection)
{
	static const int unreadable[] = { PROT_NONE, PROT_WRITE, PROT_EXEC };

	for (size_t i = 0; i < ARRAY_SIZE(unreadable); i++) {
		char *memory = mt_map_filled(PAGES, 1);

		mt_must(mprotect(memory, BYTES, unreadable[i]));
		EXPECT_TRUE(refused(&self->task, memory, BYTES))
			TH_LOG("protection %#x", unreadable[i]);
		mt_must(mprotect(memory, BYTES, PROT_READ));
		EXPECT_TRUE(mt_holds(memory, BYTES, 1));
		/* One such page among good ones. */
		mt_must(mprotect(memory + 3 * MT_PAGE, MT_PAGE,
				 unreadable[i]));
		EXPECT_TRUE(refused(&self->task, memory, BYTES));
		mt_must(mprotect(memory, BYTES, PROT_READ));
		EXPECT_TRUE(mt_holds(memory, BYTES, 1));
	}
}

TEST_F(mach, S3_3_behind_the_end_of_a_file)
{
	int fd = memfd_create("short", MFD_CLOEXEC);
	char *memory;

	mt_must(ftruncate(fd, 2 * MT_PAGE));
	for (int shared = 0; shared < 2; shared++) {
		memory = mmap(NULL, 4 * MT_PAGE, PROT_READ | PROT_WRITE,
			      shared ? MAP_SHARED : MAP_PRIVATE, fd, 0);
		ASSERT_NE(MAP_FAILED, (void *)memory);
		EXPECT_TRUE(refused(&self->task, memory, 4 * MT_PAGE));
		EXPECT_TRUE(refused(&self->task, memory + 3 * MT_PAGE, 1));
		memory = mt_pass_memory(&self->task, memory, 2 * MT_PAGE, 0);
		EXPECT_TRUE(mt_zero(memory, 2 * MT_PAGE));
	}
}

/*
 * The kernel's time pages are VM_PFNMAP and VM_IO: on kernels up to 7.0.  Later
 * they are pages as others are, which anybody may read, and send.
 */
TEST_F(mach, N10_vvar)
{
	FILE *smaps = fopen("/proc/self/smaps", "re");
	bool inside = false, special = false;
	unsigned long start = 0, found, end;
	char line[256];

	while (fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%lx-%lx", &found, &end) == 2)
			inside = strstr(line, "[vvar]");
		if (!inside)
			continue;
		if (!start)
			start = found;
		if (!strncmp(line, "VmFlags:", 8))
			special = strstr(line, " io") || strstr(line, " pf");
	}
	fclose(smaps);
	if (!start || !special)
		SKIP(return, "no [vvar], or it is no special memory");
	EXPECT_TRUE(refused(&self->task, (void *)start, MT_PAGE));
	EXPECT_TRUE(mt_mapped((void *)start));
}

TEST_F(mach, N10_vsyscall)
{
	EXPECT_TRUE(refused(&self->task, (void *)0xffffffffff600000UL,
			    MT_PAGE));
}

TEST_F(mach, N10_secret_memory)
{
	int fd = syscall(SYS_memfd_secret, 0);
	char *memory;

	if (fd < 0)
		SKIP(return, "no memfd_secret: secretmem.enable is not set");
	mt_must(ftruncate(fd, MT_PAGE));
	memory = mmap(NULL, MT_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		      0);
	ASSERT_NE(MAP_FAILED, (void *)memory);
	mt_fill(memory, MT_PAGE, 1);
	EXPECT_TRUE(refused(&self->task, memory, MT_PAGE));
	EXPECT_TRUE(mt_holds(memory, MT_PAGE, 1));
}

/* The message buffer cannot lie there either. */
TEST_F(mach, N10_message_in_the_kernel)
{
	struct mach_ioc_msg call = {
		.option = MACH_SEND_MSG,
		.msg = 0xffff888000000000ULL,
		.send_size = 32,
	};

	EXPECT_EQ(MACH_SEND_INVALID_DATA, mt_msg(&self->task, &call));
}

/* The task's own doorbell mapping, whatever it is, is nobody's data. */
TEST_F(mach, mappings_of_the_device_cannot_be_sent)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long start, end;
	char line[256], mode[5];

	while (fgets(line, sizeof(line), maps)) {
		if (!strstr(line, "mach") || strstr(line, "/test"))
			continue;
		ASSERT_EQ(3, sscanf(line, "%lx-%lx %4s", &start, &end, mode));
		if (!strncmp(mode, "---", 3))
			EXPECT_TRUE(refused(&self->task, (void *)start,
					    end - start));
	}
	fclose(maps);
}

TEST_HARNESS_MAIN
