// SPDX-License-Identifier: GPL-2.0
/*
 * Anonymous memory of all kinds as a source: its pages travel by reference,
 * what was never touched as holes (spec 3.3).
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "lib/fixture.h"
#include "lib/source.h"

#define PAGES	16
#define BYTES	(PAGES * MT_PAGE)

static struct mt_source filled(char *memory)
{
	return (struct mt_source) {
		.memory = memory,
		.bytes = BYTES,
		.want = mt_map_filled(PAGES, 1),
		.shared = PAGES,
	};
}

static void make_private(struct mt_source *source, void *arg)
{
	(void)arg;
	*source = filled(mt_map_filled(PAGES, 1));
}

TEST_F(mach, S3_3_private)
{
	mt_source_begin();
	mt_source_all_ways(&self->task, make_private, NULL);
}

static void make_protected(struct mt_source *source, void *arg)
{
	make_private(source, NULL);
	mt_must(mprotect(source->memory, BYTES, *(int *)arg));
}

TEST_F(mach, S3_3_of_any_protection)
{
	static int protections[] = {
		PROT_READ, PROT_READ | PROT_EXEC,
		PROT_READ | PROT_WRITE | PROT_EXEC,
	};

	mt_source_begin();
	for (size_t i = 0; i < ARRAY_SIZE(protections); i++)
		mt_source_all_ways(&self->task, make_protected,
				   &protections[i]);
}

/* arg: read each page, so that the zero page is there? */
static void make_empty(struct mt_source *source, void *arg)
{
	*source = (struct mt_source) {
		.memory = mt_map(PAGES),
		.bytes = BYTES,
		.holes = PAGES,
	};
	if (arg)
		mt_touch(source->memory, PAGES);
}

TEST_F(mach, S3_3_never_touched)
{
	mt_source_begin();
	mt_source_all_ways(&self->task, make_empty, NULL);
}

TEST_F(mach, S3_3_only_read)
{
	mt_source_begin();
	mt_source_all_ways(&self->task, make_empty, self);
}

static void make_sparse(struct mt_source *source, void *arg)
{
	char *want = mt_map(PAGES);

	make_empty(source, arg);
	for (int page = 1; page < PAGES; page += 4) {
		mt_fill(source->memory + page * MT_PAGE, MT_PAGE, page);
		mt_fill(want + page * MT_PAGE, MT_PAGE, page);
	}
	source->want = want;
	source->shared = PAGES / 4;
	source->holes = PAGES - PAGES / 4;
}

TEST_F(mach, S3_3_partly_touched)
{
	mt_source_begin();
	mt_source_all_ways(&self->task, make_sparse, NULL);
}

static void make_dev_zero(struct mt_source *source, void *arg)
{
	int fd = open("/dev/zero", O_RDWR | O_CLOEXEC);
	char *memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE,
			    fd, 0);

	(void)arg;
	mt_check(memory != MAP_FAILED);
	close(fd);
	mt_no_huge_pages(memory, BYTES);
	mt_fill(memory, BYTES, 1);
	*source = filled(memory);
}

TEST_F(mach, S3_3_dev_zero)
{
	mt_source_begin();
	mt_source_all_ways(&self->task, make_dev_zero, NULL);
}

static void make_break(struct mt_source *source, void *arg)
{
	char *memory;

	(void)arg;
	sbrk(-(unsigned long)sbrk(0) & (MT_PAGE - 1));
	memory = sbrk(BYTES);
	mt_check(memory != (void *)-1 && !((unsigned long)memory % MT_PAGE));
	mt_no_huge_pages(memory, BYTES);
	mt_fill(memory, BYTES, 1);
	*source = filled(memory);
}

TEST_F(mach, S3_3_break)
{
	mt_source_begin();
	mt_source_all_ways(&self->task, make_break, NULL);
}

TEST_F(mach, S3_3_allocated_by_malloc)
{
	char *memory = malloc(BYTES), *received;

	mt_source_begin();
	mt_fill(memory, BYTES, 1);
	received = mt_pass_memory(&self->task, memory, BYTES, 0);
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
	mt_fill(memory, BYTES, 2);
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
	free(memory);
}

static void make_stack(struct mt_source *source, void *arg)
{
	char *memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1,
			    0);

	(void)arg;
	mt_check(memory != MAP_FAILED);
	mt_check(mt_vm_flag(memory, "gd"));
	mt_fill(memory, BYTES, 1);
	*source = filled(memory);
	/* The kernel may put its few pages into a larger folio. */
	source->reasons = MT_REASON(HUGE_PART);
	source->loose = true;
}

TEST_F(mach, S3_3_stack)
{
	mt_source_begin();
	mt_source_all_ways(&self->task, make_stack, NULL);
}

/* ---- flags that concern the source alone ---- */

static void make_locked(struct mt_source *source, void *arg)
{
	make_private(source, NULL);
	mt_must(mlock2(source->memory, BYTES, arg ? MLOCK_ONFAULT : 0));
	mt_check(mt_vm_flag(source->memory, "lo"));
}

TEST_F(mach, S3_3_locked)
{
	long locked = mt_get_kernel("/proc/self/status", "VmLck");

	mt_source_begin();
	mt_source_all_ways(&self->task, make_locked, NULL);
	mt_source_all_ways(&self->task, make_locked, self);
	/* What moved is not locked at its new place. */
	EXPECT_EQ(locked, mt_get_kernel("/proc/self/status", "VmLck"));
}

static void make_advised(struct mt_source *source, void *arg)
{
	make_private(source, NULL);
	mt_must(madvise(source->memory, BYTES, *(int *)arg));
}

TEST_F(mach, S3_3_advised)
{
	static int advices[] = {
		MADV_DONTFORK, MADV_WIPEONFORK, MADV_DONTDUMP, MADV_MERGEABLE,
		MADV_SEQUENTIAL, MADV_RANDOM, MADV_COLD, MADV_FREE,
	};

	mt_source_begin();
	for (size_t i = 0; i < ARRAY_SIZE(advices); i++)
		mt_source_all_ways(&self->task, make_advised, &advices[i]);
}

static void make_keyed(struct mt_source *source, void *arg)
{
	make_private(source, NULL);
	mt_must(pkey_mprotect(source->memory, BYTES, PROT_READ | PROT_WRITE,
			      *(int *)arg));
}

/* Not even a key that forbids nothing goes with the pages. */
TEST_F(mach, S3_3_protection_key)
{
	int key = pkey_alloc(0, 0);

	if (key < 0)
		SKIP(return, "no protection keys");
	mt_source_begin();
	mt_source_all_ways(&self->task, make_keyed, &key);
}

TEST_F(mach, S3_3_protection_key_without_writing)
{
	int key = pkey_alloc(0, 0);
	struct mt_source source;
	char *received;

	if (key < 0)
		SKIP(return, "no protection keys");
	mt_source_begin();
	make_keyed(&source, &key);
	mt_must(pkey_set(key, PKEY_DISABLE_WRITE));
	received = mt_source_copy(&self->task, &source);
	mt_fill(received, BYTES, 2);
	EXPECT_TRUE(mt_source_arrived(&source, source.memory));
	received = mt_source_move(&self->task, &source);
	mt_fill(received, BYTES, 3);
	EXPECT_TRUE(mt_holds(received, BYTES, 3));
}

static bool soft_dirty(const char *address)
{
	off_t at = (unsigned long)address / MT_PAGE * sizeof(__u64);
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	__u64 entry = 0;

	mt_check(pread(fd, &entry, sizeof(entry), at) == sizeof(entry));
	close(fd);
	return entry >> 55 & 1;
}

/* A checkpointer that looks after the send still sees what was written. */
TEST_F(mach, S3_3_soft_dirty)
{
	struct mt_source source;

	mt_source_begin();
	make_private(&source, NULL);
	if (!mt_set_kernel("/proc/self/clear_refs", "4") ||
	    soft_dirty(source.memory))
		SKIP(return, "no soft-dirty bits");
	source.memory[0] = source.want[0];
	if (!soft_dirty(source.memory))
		SKIP(return, "no soft-dirty bits");
	mt_source_copy(&self->task, &source);
	EXPECT_TRUE(soft_dirty(source.memory));
	EXPECT_FALSE(soft_dirty(source.memory + MT_PAGE));
	/* And writes after the send are seen as such. */
	source.memory[MT_PAGE] ^= 1;
	EXPECT_TRUE(soft_dirty(source.memory + MT_PAGE));
	EXPECT_FALSE(soft_dirty(source.memory + 2 * MT_PAGE));
}

/* ---- shared with other processes, and written by them ---- */

struct child {
	pid_t pid;
	int tell;
};

#define MAX_CHILDREN	8

struct family {
	struct child children[MAX_CHILDREN];
	int count;
};

/* Each source has a child that inherited it, too. */
static void make_forked(struct mt_source *source, void *arg)
{
	struct family *family = arg;
	struct child *child = &family->children[family->count++];
	int channel[2];

	mt_check(family->count <= MAX_CHILDREN);
	make_private(source, NULL);
	mt_must(pipe(channel));
	child->tell = channel[1];
	child->pid = mt_fork();
	if (child->pid == 0) {
		mt_await(channel[0]);
		/* Whatever was written meanwhile: not here. */
		mt_check(mt_holds(source->memory, BYTES, 1));
		mt_fill(source->memory, BYTES, 2);
		_exit(mt_holds(source->memory, BYTES, 2) ? 0 : 1);
	}
}

TEST_F(mach, S3_3_shared_by_fork)
{
	struct family family = { 0 };

	mt_source_begin();
	mt_source_all_ways(&self->task, make_forked, &family);
	for (int i = 0; i < family.count; i++) {
		mt_tell(family.children[i].tell, 0);
		EXPECT_EQ(0, mt_wait_pid(family.children[i].pid));
	}
}

/* The child writes after the send: its own page, not the message's. */
TEST_F(mach, O2_inherited_and_written_by_the_child)
{
	struct family family = { 0 };
	struct mt_source source;
	char *received;

	mt_source_begin();
	make_forked(&source, &family);
	received = mt_source_copy(&self->task, &source);
	mt_tell(family.children[0].tell, 0);
	EXPECT_EQ(0, mt_wait_pid(family.children[0].pid));
	EXPECT_TRUE(mt_source_arrived(&source, received));
	EXPECT_TRUE(mt_source_arrived(&source, source.memory));
	mt_source_apart(&source, received);
}

/* A child sends what its parent also has. */
TEST_F(mach, S3_3_inherited)
{
	struct mt_source source, moved;
	pid_t pid;

	mt_source_begin();
	make_private(&source, NULL);
	make_private(&moved, NULL);
	pid = mt_fork();
	if (pid == 0) {
		struct mt_task own;
		char *received;

		mt_open(&own);
		mt_source_apart(&source, mt_source_copy(&own, &source));
		received = mt_source_move(&own, &moved);
		mt_fill(received, BYTES, 3);
		_exit(mt_holds(received, BYTES, 3) ? 0 : 1);
	}
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_TRUE(mt_source_arrived(&source, source.memory));
	EXPECT_TRUE(mt_source_arrived(&moved, moved.memory));
}

/* Another process writes into the source, past its page table entries. */
static void write_into_parent(const struct mt_source *source)
{
	pid_t parent = getpid(), pid = mt_fork();

	if (pid == 0) {
		char *buffer = mt_map_filled(PAGES, 9);
		struct iovec from = { buffer, BYTES / 2 };
		struct iovec to = { source->memory, BYTES / 2 };

		mt_check(process_vm_writev(parent, &from, 1, &to, 1, 0) ==
			 BYTES / 2);
		mt_check(mt_poke(parent, source->memory + BYTES / 2,
				 buffer + BYTES / 2, BYTES / 2));
		_exit(0);
	}
	mt_must(mt_wait_pid(pid));
	mt_check(mt_holds(source->memory, BYTES, 9));
}

TEST_F(mach, O2_written_by_another_process)
{
	struct mt_source source;
	char *received;

	mt_source_begin();
	make_private(&source, NULL);
	received = mt_source_copy(&self->task, &source);
	write_into_parent(&source);
	EXPECT_TRUE(mt_source_arrived(&source, received));
	make_private(&source, NULL);
	mt_source_in_flight(&self->task, &source, write_into_parent);
}

/* ---- changes of the mapping ---- */

static void discard(const struct mt_source *source)
{
	mt_must(madvise(source->memory, BYTES, MADV_DONTNEED));
	mt_check(mt_zero(source->memory, BYTES));
	mt_fill(source->memory, BYTES, 2);
}

static void move_away(const struct mt_source *source)
{
	char *place = mt_map(PAGES);

	mt_check(mremap(source->memory, BYTES, BYTES,
			MREMAP_MAYMOVE | MREMAP_FIXED, place) == place);
	mt_check(mt_source_arrived(source, place));
	mt_fill(place, BYTES, 2);
}

static void map_over(const struct mt_source *source)
{
	mt_check(mmap(source->memory, BYTES, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
		 source->memory);
	mt_fill(source->memory, BYTES, 2);
}

static void collapse(const struct mt_source *source)
{
	/* EINVAL where there is no such advice. */
	madvise(source->memory, BYTES, 25 /* MADV_COLLAPSE */);
	mt_fill(source->memory, BYTES, 2);
}

TEST_F(mach, O2_mapping_changed_in_flight)
{
	static void (*const changes[])(const struct mt_source *source) = {
		discard, move_away, map_over, collapse,
	};
	struct mt_source source;

	mt_source_begin();
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		make_private(&source, NULL);
		mt_source_in_flight(&self->task, &source, changes[i]);
	}
}

/* The same pages from another address: nothing certifies them there. */
TEST_F(mach, O2_sent_again_from_another_place)
{
	struct mt_source source;
	char *first, *place = mt_map(PAGES);

	mt_source_begin();
	make_private(&source, NULL);
	first = mt_source_copy(&self->task, &source);
	mt_check(mremap(source.memory, BYTES, BYTES,
			MREMAP_MAYMOVE | MREMAP_FIXED, place) == place);
	source.memory = place;
	source.reasons = MT_REASON(REFS);
	source.loose = true;
	mt_source_apart(&source, mt_source_copy(&self->task, &source));
	EXPECT_TRUE(mt_source_arrived(&source, first));
}

/* By two tasks of one process, none of which knows what the other sent. */
TEST_F(mach, O2_sent_by_two_tasks)
{
	struct mt_source source;
	struct mt_task other;
	char *first, *second;

	mt_source_begin();
	mt_open(&other);
	make_private(&source, NULL);
	first = mt_source_copy(&self->task, &source);
	source.reasons = MT_REASON(REFS);
	source.loose = true;
	second = mt_source_copy(&other, &source);
	mt_source_apart(&source, first);
	EXPECT_TRUE(mt_source_arrived(&source, second));
	mt_source_apart(&source, second);
	EXPECT_TRUE(mt_all(first, BYTES, MT_BY_RECEIVER));
	mt_close(&other);
	EXPECT_TRUE(mt_all(second, BYTES, MT_BY_RECEIVER));
}

TEST_HARNESS_MAIN
