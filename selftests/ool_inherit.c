// SPDX-License-Identifier: GPL-2.0
/*
 * Received memory is like vm_allocate's: readable and writable, inherited by
 * copy, with nothing of the source's flags (spec 3.1 O11, O12).
 */
#include <sys/mman.h>

#include "lib/fixture.h"

#define PAGES	16
#define BYTES	(PAGES * MT_PAGE)

/* Parent and child write in any order; neither sees the other's bytes. */
static bool inherited_by_copy(char *received, unsigned int seed,
			      bool child_first)
{
	int down[2], up[2];
	bool good;
	pid_t pid;

	mt_must(pipe(down));
	mt_must(pipe(up));
	pid = mt_fork();
	if (pid == 0) {
		mt_await(down[0]);
		if (child_first)
			mt_check(mt_holds(received, BYTES, seed));
		mt_fill(received, BYTES / 2, seed + 1);
		mt_tell(up[1], 0);
		mt_await(down[0]);
		mt_check(mt_holds(received, BYTES / 2, seed + 1));
		_exit(0);
	}
	if (!child_first)
		mt_fill(received, BYTES / 2, seed + 2);
	mt_tell(down[1], 0);
	mt_await(up[0]);
	good = mt_holds(received, BYTES / 2,
			child_first ? seed : seed + 2);
	mt_fill(received, BYTES / 2, seed + 3);
	mt_tell(down[1], 0);
	return !mt_wait_pid(pid) && good &&
	       mt_holds(received, BYTES / 2, seed + 3);
}

TEST_F(mach, O11_fork_after_receive)
{
	char *memory = mt_map_filled(PAGES, 1);

	mt_share_all();
	for (int order = 0; order < 2; order++) {
		char *received;

		received = mt_pass_memory(&self->task, memory, BYTES, 0);
		EXPECT_TRUE(inherited_by_copy(received, 1, order));
		received = mt_pass_memory(&self->task, memory, BYTES, 0);
		mt_touch(received, PAGES);
		EXPECT_TRUE(inherited_by_copy(received, 1, order));
		EXPECT_TRUE(mt_holds(memory, BYTES, 1));
	}
}

TEST_F(mach, O11_fork_after_receive_of_moved_memory)
{
	mt_share_all();
	for (int order = 0; order < 2; order++) {
		for (int touched = 0; touched < 3; touched++) {
			char *received;

			received = mt_move_memory(&self->task,
						  mt_map_filled(PAGES, 1),
						  BYTES);
			if (touched == 1)
				mt_touch(received, PAGES);
			if (touched == 2)
				mt_fill(received, BYTES, 1);
			EXPECT_TRUE(inherited_by_copy(received, 1, order))
				TH_LOG("order %d touched %d", order, touched);
		}
	}
}

TEST_F(mach, O11_whatever_the_source_inherits)
{
	static const int advice[] = { MADV_DONTFORK, MADV_WIPEONFORK };

	mt_share_all();
	for (size_t i = 0; i < ARRAY_SIZE(advice); i++) {
		char *memory = mt_map_filled(PAGES, 1), *received;

		mt_must(madvise(memory, BYTES, advice[i]));
		received = mt_pass_memory(&self->task, memory, BYTES, 0);
		EXPECT_TRUE(inherited_by_copy(received, 1, true));
	}
}

TEST_F(mach, O11_shared_source)
{
	char *memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char *received;

	ASSERT_NE(MAP_FAILED, (void *)memory);
	mt_fill(memory, BYTES, 1);
	received = mt_pass_memory(&self->task, memory, BYTES, 0);
	EXPECT_TRUE(inherited_by_copy(received, 1, true));
	EXPECT_TRUE(mt_holds(memory, BYTES, 1));
	mt_fill(memory, BYTES, 9);
	EXPECT_TRUE(mt_holds(received, BYTES / 2, 4));
}

/* Content, protection and child of grandchildren. */
TEST_F(mach, O11_grandchild)
{
	char *memory = mt_map_filled(PAGES, 1);
	char *received;
	pid_t pid;

	mt_share_all();
	received = mt_pass_memory(&self->task, memory, BYTES, 0);
	pid = mt_fork();
	if (pid == 0) {
		mt_check(inherited_by_copy(received, 1, true));
		mt_check(inherited_by_copy(received, 1 + 3, false));
		_exit(0);
	}
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
}

static bool protection_is(const void *address, const char *wanted)
{
	char protection[5];

	mt_protection(address, protection);
	if (strcmp(protection, wanted))
		fprintf(stderr, "# protection %s, not %s\n", protection,
			wanted);
	return !strcmp(protection, wanted);
}

TEST_F(mach, O12_protection)
{
	static const int sources[] = {
		PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC,
		PROT_READ | PROT_WRITE | PROT_EXEC,
	};

	mt_share_all();
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		char *memory = mt_map_filled(PAGES, 1), *received;

		mt_must(mprotect(memory, BYTES, sources[i]));
		received = mt_pass_memory(&self->task, memory, BYTES, 0);
		EXPECT_TRUE(protection_is(received, "rw-p"));
		EXPECT_TRUE(mt_holds(received, BYTES, 1));
		mt_fill(received, BYTES, 2);
		EXPECT_TRUE(mt_holds(memory, BYTES, 1));
	}
}

TEST_F(mach, O12_read_only_moved)
{
	char *memory = mt_map_filled(PAGES, 1), *received;

	mt_share_all();
	mt_must(mprotect(memory, BYTES, PROT_READ));
	received = mt_move_memory(&self->task, memory, BYTES);
	EXPECT_TRUE(protection_is(received, "rw-p"));
	mt_fill(received, BYTES, 2);
	EXPECT_TRUE(mt_holds(received, BYTES, 2));
}

TEST_F(mach, O12_protection_may_change)
{
	char *memory = mt_map_filled(PAGES, 1);
	char *received = mt_pass_memory(&self->task, memory, BYTES, 0);

	EXPECT_EQ(0, mprotect(received, BYTES, PROT_READ));
	EXPECT_EQ(0, mprotect(received, BYTES, PROT_READ | PROT_EXEC));
	EXPECT_TRUE(protection_is(received, "r-xp"));
	EXPECT_EQ(0, mprotect(received, BYTES, PROT_NONE));
	EXPECT_EQ(0, mprotect(received, BYTES,
			      PROT_READ | PROT_WRITE | PROT_EXEC));
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
}

TEST_F(mach, O12_code_can_be_received)
{
#ifdef __aarch64__
	/* mov w0, 42; ret */
	static const unsigned int code[] = { 0x52800540, 0xd65f03c0 };
#else
	/* mov eax, 42; ret */
	static const unsigned char code[] = { 0xb8, 42, 0, 0, 0, 0xc3 };
#endif
	char *memory = mt_map(PAGES), *received;

	mt_share_all();
	memcpy(memory, code, sizeof(code));
	received = mt_pass_memory(&self->task, memory, BYTES, 0);
	ASSERT_EQ(0, mprotect(received, BYTES, PROT_READ | PROT_EXEC));
	__builtin___clear_cache(received, received + sizeof(code));
	EXPECT_EQ(42, ((int (*)(void))received)());
}

TEST_F(mach, O12_flags_of_the_source_stay_there)
{
	/* dontfork, wipeonfork, locked, mergeable, sequential, hugepage */
	static const char *const flags[] = {
		"dc", "wf", "lo", "mg", "sr", "hg", "gd",
	};
	static const int advice[] = {
		MADV_DONTDUMP, MADV_DONTFORK, MADV_MERGEABLE, MADV_SEQUENTIAL,
		MADV_HUGEPAGE,
	};
	char *memory = mt_map_filled(PAGES, 1), *received;

	mt_share_all();
	for (size_t i = 0; i < ARRAY_SIZE(advice); i++)
		madvise(memory, BYTES, advice[i]);
	mt_must(mlock(memory, BYTES));
	received = mt_pass_memory(&self->task, memory, BYTES, 0);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		EXPECT_FALSE(mt_vm_flag(received, flags[i]))
			TH_LOG("%s", flags[i]);
	}
	EXPECT_TRUE(mt_vm_flag(memory, "lo"));
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
}

TEST_F(mach, O12_stack_as_source)
{
	char array[PAGES * MT_PAGE], *received;

	mt_share_all();
	mt_fill(array, BYTES, 6);
	received = mt_pass_memory(&self->task, array, BYTES, 0);
	mt_fill(array, BYTES, 7);
	EXPECT_TRUE(mt_holds(received, BYTES, 6));
	EXPECT_FALSE(mt_vm_flag(received, "gd"));
}

TEST_HARNESS_MAIN
