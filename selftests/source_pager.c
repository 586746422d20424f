// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that a pager in user space fills or protects, as a source: the
 * sender's faults are answered as any others, the receiver never depends on
 * it (spec 3.1 O14, 3.3).
 */
#include <fcntl.h>
#include <sys/mman.h>

#include "lib/fixture.h"
#include "lib/pager.h"
#include "lib/source.h"

#define PAGES	16
#define BYTES	(PAGES * MT_PAGE)

/* arg: the pager, which is used for one source after another. */
static void make_missing(struct mt_source *source, void *arg)
{
	struct mt_pager *pager = arg;
	char *want = mt_map(PAGES);

	*source = (struct mt_source) {
		.memory = mt_map(PAGES),
		.bytes = BYTES,
		.want = want,
		.reasons = MT_REASON(SPECIAL) | MT_REASON(EDGE),
	};
	pager->fill = 'p';
	mt_check(mt_pager_watch(pager, source->memory, BYTES,
				UFFDIO_REGISTER_MODE_MISSING, 0));
	mt_pager_answer(pager);
	source->memory[0] = 'w';
	memset(want, 'p', BYTES);
	want[0] = 'w';
}

static bool have(__u64 mode, __u64 features)
{
	char *memory = mt_map(1);
	struct mt_pager pager;
	bool found;

	mt_source_begin();
	found = mt_pager_watch(&pager, memory, MT_PAGE, mode, features);
	if (found)
		close(pager.fd);
	mt_unmap(memory, MT_PAGE);
	return found;
}

TEST_F(mach, S3_3_user_pager)
{
	struct mt_pager pager;

	if (!have(UFFDIO_REGISTER_MODE_MISSING, 0))
		SKIP(return, "no userfaultfd");
	mt_source_all_ways(&self->task, make_missing, &pager);
}

TEST_F(mach, O22_user_pager_unaligned)
{
	struct mt_source source;
	struct mt_pager pager;

	if (!have(UFFDIO_REGISTER_MODE_MISSING, 0))
		SKIP(return, "no userfaultfd");
	make_missing(&source, &pager);
	source.memory += 7;
	source.want += 7;
	source.bytes -= 3000;
	mt_source_apart(&source, mt_source_copy(&self->task, &source));
}

/* The pager goes away between the send and the first touch. */
TEST_F(mach, O14_user_pager_is_gone)
{
	__u32 port = mt_port(&self->task);
	struct mt_source source;
	struct mt_pager pager;
	char *received;

	if (!have(UFFDIO_REGISTER_MODE_MISSING, 0))
		SKIP(return, "no userfaultfd");
	make_missing(&source, &pager);
	mt_must(mt_send_memory(&self->task, port, MACH_MSG_TYPE_COPY_SEND,
			       source.memory, BYTES, 0));
	mt_must(pthread_cancel(pager.thread));
	mt_must(pthread_join(pager.thread, NULL));
	mt_must(madvise(source.memory, BYTES, MADV_DONTNEED));
	received = mt_receive_memory(&self->task, port);
	EXPECT_TRUE(mt_source_arrived(&source, received));
	memset(received, 'r', BYTES);
	EXPECT_TRUE(mt_all(received, BYTES, 'r'));
}

/* Only a part is watched: the rest is shared. */
TEST_F(mach, S3_3_partly_watched)
{
	struct mt_source source = {
		.memory = mt_map_filled(PAGES, 1),
		.bytes = BYTES,
		.want = mt_map_filled(PAGES, 1),
		.shared = PAGES - 4,
		.reasons = MT_REASON(SPECIAL),
	};
	struct mt_pager pager = { .fill = 'p' };

	if (!have(UFFDIO_REGISTER_MODE_MISSING, 0))
		SKIP(return, "no userfaultfd");
	mt_check(mt_pager_watch(&pager, source.memory + 4 * MT_PAGE,
				4 * MT_PAGE, UFFDIO_REGISTER_MODE_MISSING,
				0));
	mt_pager_answer(&pager);
	mt_source_apart(&source, mt_source_copy(&self->task, &source));
}

/* ---- write-protection ---- */

#define PAGEMAP_PROTECTED	(1ULL << 57)

static bool is_protected(const char *address)
{
	off_t at = (unsigned long)address / MT_PAGE * sizeof(__u64);
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	__u64 entry = 0;

	mt_check(pread(fd, &entry, sizeof(entry), at) == sizeof(entry));
	close(fd);
	return entry & PAGEMAP_PROTECTED;
}

/* Sending takes nothing from the pager's protection, nor does it heed it. */
TEST_F(mach, S3_3_protected_by_a_user_pager)
{
	struct mt_source source = {
		.memory = mt_map_filled(PAGES, 1),
		.bytes = BYTES,
		.want = mt_map_filled(PAGES, 1),
		.reasons = MT_REASON(SPECIAL),
	};
	struct mt_pager pager;
	char *received;

	if (!have(UFFDIO_REGISTER_MODE_WP, 0))
		SKIP(return, "no write-protecting userfaultfd");
	mt_check(mt_pager_watch(&pager, source.memory, BYTES,
				UFFDIO_REGISTER_MODE_WP, 0));
	mt_pager_protect(&pager, source.memory, BYTES, true);
	received = mt_source_copy(&self->task, &source);
	for (int page = 0; page < PAGES; page++)
		EXPECT_TRUE(is_protected(source.memory + page * MT_PAGE));
	memset(received, 'r', BYTES);
	mt_pager_protect(&pager, source.memory, BYTES, false);
	mt_source_overwrite(&source);
	EXPECT_TRUE(mt_all(received, BYTES, 'r'));

	memcpy(source.memory, source.want, BYTES);
	mt_pager_protect(&pager, source.memory, BYTES, true);
	received = mt_source_move(&self->task, &source);
	memset(received, 'r', BYTES);
	EXPECT_TRUE(mt_all(received, BYTES, 'r'));
}

/* ---- events ---- */

/* A move tells the pager that the memory is gone, as munmap does. */
TEST_F(mach, O26_user_pager_is_told)
{
	struct mt_pager pager;
	struct uffd_msg event;
	char *memory = mt_map(PAGES);
	__u32 port = mt_port(&self->task);
	pid_t pid;

	if (!have(UFFDIO_REGISTER_MODE_MISSING, UFFD_FEATURE_EVENT_UNMAP))
		SKIP(return, "no userfaultfd with events");
	memset(memory, 'w', BYTES);
	mt_check(mt_pager_watch(&pager, memory, BYTES,
				UFFDIO_REGISTER_MODE_MISSING,
				UFFD_FEATURE_EVENT_UNMAP));
	/* The munmap waits until the event is read: by another process. */
	pid = mt_fork();
	if (pid == 0) {
		mt_check(read(pager.fd, &event, sizeof(event)) ==
			 sizeof(event));
		mt_check(event.event == UFFD_EVENT_UNMAP);
		mt_check(event.arg.remove.start == (unsigned long)memory);
		mt_check(event.arg.remove.end ==
			 (unsigned long)memory + BYTES);
		_exit(0);
	}
	mt_must(mt_send_memory(&self->task, port, MACH_MSG_TYPE_COPY_SEND,
			       memory, BYTES, MACH_MSG_DESC_DEALLOCATE));
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_FALSE(mt_mapped(memory));
	memory = mt_receive_memory(&self->task, port);
	EXPECT_TRUE(mt_all(memory, BYTES, 'w'));
}

TEST_HARNESS_MAIN
