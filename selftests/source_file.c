// SPDX-License-Identifier: GPL-2.0
/*
 * Files as a source: copied at the send, so that nothing that becomes of the
 * file is seen by the receiver, and nothing that the receiver does by the
 * file (spec 3.1 O14, 3.3; negative tests N6, N8).
 */
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>

#include "lib/fixture.h"
#include "lib/fuse.h"
#include "lib/source.h"

#define PAGES	16
#define BYTES	(PAGES * MT_PAGE)

/* How the file is mapped. */
struct mapped {
	const char *name;
	int flags, protection;
	bool dirty;		/* every other page written through it */
};

static struct mapped ways[] = {
	{ "private", MAP_PRIVATE, PROT_READ | PROT_WRITE, false },
	{ "private, dirty", MAP_PRIVATE, PROT_READ | PROT_WRITE, true },
	{ "private, read only", MAP_PRIVATE, PROT_READ, false },
	{ "shared", MAP_SHARED, PROT_READ | PROT_WRITE, false },
	{ "shared, dirty", MAP_SHARED, PROT_READ | PROT_WRITE, true },
	{ "shared, read only", MAP_SHARED, PROT_READ, false },
};

/* The file of the source made last, with content of seed 1. */
static int file;

static void make_mapped(struct mt_source *source, void *arg)
{
	const struct mapped *way = arg;
	char *want = mt_map_filled(PAGES, 1), *memory;

	file = memfd_create("source", MFD_CLOEXEC);
	mt_check(write(file, want, BYTES) == BYTES);
	memory = mmap(NULL, BYTES, way->protection, way->flags, file, 0);
	mt_check(memory != MAP_FAILED);
	for (int page = 0; way->dirty && page < PAGES; page += 2) {
		mt_fill(want + page * MT_PAGE, MT_PAGE, 50 + page);
		mt_fill(memory + page * MT_PAGE, MT_PAGE, 50 + page);
	}
	*source = (struct mt_source) {
		.name = way->name,
		.memory = memory,
		.bytes = BYTES,
		.want = want,
		.reasons = MT_REASON(FILE),
	};
}

static bool file_holds(const char *want)
{
	char *content = mt_map(PAGES);
	bool same;

	mt_check(pread(file, content, BYTES, 0) == BYTES);
	same = !memcmp(content, want, BYTES);
	mt_unmap(content, BYTES);
	return same;
}

TEST_F(mach, S3_3_file)
{
	mt_source_begin();
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		mt_source_all_ways(&self->task, make_mapped, &ways[i]);
}

/* Nor is the page cache: another mapping shows the same as read(2). */
TEST_F(mach, N6_file_is_not_changed_by_the_receiver)
{
	mt_source_begin();
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		struct mt_source source;
		char *received, *content = mt_map(PAGES), *other;

		make_mapped(&source, &ways[i]);
		mt_check(pread(file, content, BYTES, 0) == BYTES);
		other = mmap(NULL, BYTES, PROT_READ, MAP_SHARED, file, 0);
		received = mt_source_copy(&self->task, &source);
		memset(received, 'r', BYTES);
		EXPECT_TRUE(file_holds(content)) TH_LOG("%s", ways[i].name);
		EXPECT_EQ(0, memcmp(other, content, BYTES));
		received = mt_source_move(&self->task, &source);
		memset(received, 'm', BYTES);
		EXPECT_TRUE(file_holds(content)) TH_LOG("%s", ways[i].name);
		EXPECT_EQ(0, memcmp(other, content, BYTES));
	}
}

/* ---- what can happen to the file ---- */

static void truncate_all(const struct mt_source *source)
{
	(void)source;
	mt_must(ftruncate(file, 0));
}

/* To the middle of a page, and back again. */
static void truncate_part(const struct mt_source *source)
{
	(void)source;
	mt_must(ftruncate(file, 2 * MT_PAGE + 100));
	mt_must(ftruncate(file, BYTES));
}

static void punch(const struct mt_source *source)
{
	(void)source;
	mt_must(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
			  BYTES));
}

static void punch_part(const struct mt_source *source)
{
	(void)source;
	mt_must(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			  100, 5 * MT_PAGE));
}

static void allocate_more(const struct mt_source *source)
{
	(void)source;
	mt_must(fallocate(file, 0, 0, 4 * BYTES));
}

static void write_by_call(const struct mt_source *source)
{
	char *fresh = mt_map_filled(PAGES, 9);

	(void)source;
	mt_check(pwrite(file, fresh, BYTES, 0) == BYTES);
}

static void write_by_another_mapping(const struct mt_source *source)
{
	char *other = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
			   file, 0);

	(void)source;
	mt_check(other != MAP_FAILED);
	mt_fill(other, BYTES, 9);
}

static void write_by_another_process(const struct mt_source *source)
{
	pid_t pid = mt_fork();

	if (pid == 0) {
		write_by_another_mapping(source);
		_exit(0);
	}
	mt_must(mt_wait_pid(pid));
}

static void close_and_unmap(const struct mt_source *source)
{
	close(file);
	mt_source_unmap(source);
}

static const struct {
	const char *name;
	void (*change)(const struct mt_source *source);
} changes[] = {
	{ "truncated", truncate_all },
	{ "truncated in part", truncate_part },
	{ "punched", punch },
	{ "punched in part", punch_part },
	{ "allocated", allocate_more },
	{ "written by a call", write_by_call },
	{ "written by another mapping", write_by_another_mapping },
	{ "written by another process", write_by_another_process },
	{ "closed", close_and_unmap },
};

TEST_F_TIMEOUT(mach, O14_N8_file_changed_in_flight, 120)
{
	mt_source_begin();
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(changes); j++) {
			struct mt_source source;
			char name[80];

			make_mapped(&source, &ways[i]);
			snprintf(name, sizeof(name), "%s, %s", ways[i].name,
				 changes[j].name);
			source.name = name;
			mt_source_in_flight(&self->task, &source,
					    changes[j].change);
			close(file);
		}
	}
}

/* After the receive: nothing was touched before the change, or all was. */
TEST_F_TIMEOUT(mach, O14_N8_file_changed_after_the_receive, 120)
{
	mt_source_begin();
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(changes); j++) {
			struct mt_source source;
			char *fresh, *touched;

			make_mapped(&source, &ways[i]);
			touched = mt_source_copy(&self->task, &source);
			fresh = mt_pass_memory(&self->task, source.memory,
					       BYTES, 0);
			changes[j].change(&source);
			EXPECT_TRUE(mt_source_arrived(&source, fresh))
				TH_LOG("%s, %s", ways[i].name,
				       changes[j].name);
			EXPECT_TRUE(mt_source_arrived(&source, touched))
				TH_LOG("%s, %s", ways[i].name,
				       changes[j].name);
			close(file);
		}
	}
}

/* ---- the end of a file ---- */

TEST_F(mach, O14_last_page_of_a_file)
{
	unsigned long half = 3 * MT_PAGE + 1000;
	struct mt_source source;
	char *want, *received;

	mt_source_begin();
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		if (ways[i].dirty)
			continue;
		make_mapped(&source, &ways[i]);
		mt_must(ftruncate(file, half));
		source.bytes = 4 * MT_PAGE;
		want = (char *)source.want;
		memset(want + half, 0, source.bytes - half);
		received = mt_source_copy(&self->task, &source);
		/* The file grows; what was behind its end is the file's. */
		write_by_call(&source);
		EXPECT_TRUE(mt_source_arrived(&source, received));
	}
}

struct truncater {
	volatile bool stop;
};

static void *truncate_again_and_again(void *arg)
{
	struct truncater *truncater = arg;

	while (!truncater->stop) {
		mt_must(ftruncate(file, 0));
		mt_must(ftruncate(file, BYTES));
	}
	return NULL;
}

/* What the file held at some time, byte by byte. */
static bool is_of_the_file(const char *received)
{
	static char *first, *second;

	if (!first) {
		first = mt_map_filled(PAGES, 1);
		second = mt_map_filled(PAGES, 9);
	}
	for (unsigned long at = 0; at < BYTES; at++)
		if (received[at] && received[at] != first[at] &&
		    received[at] != second[at])
			return false;
	return true;
}

/* No signal: the page is there, or the send fails. */
TEST_F(mach, N8_truncated_during_the_send)
{
	__u32 port = mt_port(&self->task);
	struct truncater truncater = { false };
	struct mt_source source;
	pthread_t thread;
	char *received;

	mt_share_all();
	make_mapped(&source, &ways[3]);
	mt_must(pthread_create(&thread, NULL, truncate_again_and_again,
			       &truncater));
	for (int round = 0; round < 200; round++) {
		__s32 ret = mt_send_memory(&self->task, port,
					   MACH_MSG_TYPE_COPY_SEND,
					   source.memory, BYTES, 0);

		write_by_call(&source);
		if (ret == MACH_SEND_INVALID_MEMORY)
			continue;
		ASSERT_EQ(MACH_MSG_SUCCESS, ret);
		received = mt_receive_memory(&self->task, port);
		ASSERT_TRUE(is_of_the_file(received));
		memset(received, 'r', BYTES);
		mt_unmap(received, BYTES);
	}
	truncater.stop = true;
	mt_must(pthread_join(thread, NULL));
	EXPECT_TRUE(mt_empty(&self->task, port));
}

/* ---- other files ---- */

TEST_F(mach, S3_3_program_text)
{
	struct mt_source source = {
		.memory = (char *)((unsigned long)mt_holds & -MT_PAGE),
		.bytes = MT_PAGE,
		.want = (char *)((unsigned long)mt_holds & -MT_PAGE),
		.reasons = MT_REASON(FILE),
	};
	char *received;

	mt_source_begin();
	received = mt_source_copy(&self->task, &source);
	memset(received, 0, MT_PAGE);
	EXPECT_TRUE(mt_all(received, MT_PAGE, 0));
	EXPECT_FALSE(mt_all(source.memory, MT_PAGE, 0));
}

/* arg: a file system in user space.  Nothing is in the page cache yet. */
static void make_user_file(struct mt_source *source, void *arg)
{
	struct mt_fuse *fuse = arg;
	char *memory;

	mt_must(posix_fadvise(fuse->file, 0, 0, POSIX_FADV_DONTNEED));
	memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE,
		      fuse->file, 0);
	mt_check(memory != MAP_FAILED);
	*source = (struct mt_source) {
		.memory = memory,
		.bytes = BYTES,
		.want = fuse->content,
		.reasons = MT_REASON(FILE),
	};
}

TEST_F(mach, S3_3_file_system_in_user_space)
{
	struct mt_fuse fuse = {
		.content = mt_map_filled(PAGES, 1),
		.bytes = BYTES,
	};

	if (!mt_fuse_start(&fuse))
		SKIP(return, "no FUSE");
	mt_source_begin();
	mt_source_all_ways(&self->task, make_user_file, &fuse);
}

TEST_HARNESS_MAIN
