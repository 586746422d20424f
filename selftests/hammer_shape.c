// SPDX-License-Identifier: GPL-2.0
/*
 * A sender's memory is unmapped, mapped again, discarded, moved, replaced by a
 * file and protected while it is sent.  The send works, or fails as for bad
 * memory; each byte that arrives is 0 or the one that was written to that
 * place, and stays so (negative test N4).
 */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/hammer.h"

#define PAGES		64
#define BYTES		(PAGES * MT_PAGE)
#define MAGIC		0x6d61636800000000ULL

/* Bits of a scenario's kind. */
#define UNMAP		0x01
#define DISCARD		0x02
#define REMAP		0x04
#define REPLACE		0x08
#define PROTECT		0x10
#define MOVE		0x20	/* half of the sends give the memory away */

struct shaper {
	unsigned int kind;
	pthread_t thread;
	char *side;		/* where pages are moved to and from */
	int file;		/* as large as the region, stamped alike */
	bool stop;
	unsigned long rounds;
};

static char *region;

static void stamp(char *memory, unsigned long first, unsigned long count)
{
	for (unsigned long page = first; page < first + count; page++) {
		__u64 *words = (__u64 *)(memory + (page - first) * MT_PAGE);

		for (unsigned long i = 0; i < MT_PAGE / 8; i++)
			words[i] = MAGIC | page;
	}
}

static void map_fixed(unsigned long first, unsigned long count, int file)
{
	int flags = file < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;

	mt_check(mmap(region + first * MT_PAGE, count * MT_PAGE,
		      PROT_READ | PROT_WRITE, flags | MAP_FIXED, file,
		      file < 0 ? 0 : first * MT_PAGE) != MAP_FAILED);
}

/* ---- the shaper: the only one who touches the memory itself ---- */

static void shape(struct shaper *shaper, unsigned int how, unsigned long first,
		  unsigned long count)
{
	char *memory = region + first * MT_PAGE;
	unsigned long bytes = count * MT_PAGE;

	switch (how) {
	case UNMAP:
		munmap(memory, bytes);
		sched_yield();
		map_fixed(first, count, -1);
		break;
	case DISCARD:
		madvise(memory, bytes, MADV_DONTNEED);
		break;
	case REMAP:
		if (mremap(memory, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED,
			   shaper->side) == MAP_FAILED)
			break;
		sched_yield();
		mremap(shaper->side, bytes, bytes,
		       MREMAP_MAYMOVE | MREMAP_FIXED, memory);
		/* The place stays ours. */
		mmap(shaper->side, bytes, PROT_NONE, MAP_PRIVATE |
		     MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		return;
	case REPLACE:
		map_fixed(first, count, shaper->file);
		sched_yield();
		map_fixed(first, count, -1);
		break;
	case PROTECT:
		mprotect(memory, bytes, PROT_NONE);
		sched_yield();
		mprotect(memory, bytes, PROT_READ);
		mprotect(memory, bytes, PROT_READ | PROT_WRITE);
		return;
	}
}

/* A send that gives the memory away leaves a hole at any moment. */
static void repair(void)
{
	char *page;

	for (page = region; page < region + BYTES; page += MT_PAGE)
		mmap(page, MT_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE |
		     MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
}

/*
 * By the kernel's hand, so that a hole is an error and no signal: a page's
 * content comes from the file.
 */
static void fill(struct shaper *shaper, unsigned long first,
		 unsigned long count)
{
	if (pread(shaper->file, region + first * MT_PAGE, count * MT_PAGE,
		  first * MT_PAGE) < 0 && !(shaper->kind & MOVE))
		mt_violation("cannot write to pages %lu to %lu", first,
			     first + count);
}

static void *shape_on(void *arg)
{
	struct shaper *shaper = arg;

	mt_spread(1);
	while (!__atomic_load_n(&shaper->stop, __ATOMIC_RELAXED)) {
		unsigned long first = mt_random(PAGES);
		unsigned long count = 1 + mt_random(PAGES - first);
		unsigned int how = 1U << mt_random(5);

		if (!(shaper->kind & how))
			continue;
		if (shaper->kind & MOVE)
			repair();
		shape(shaper, how, first, count);
		fill(shaper, first, count);
		shaper->rounds++;
		usleep(mt_random(300));
	}
	return NULL;
}

/* ---- the receiver ---- */

static void check(const char *received, unsigned long send)
{
	static char copy[BYTES];

	memcpy(copy, received, BYTES);
	/* The kernel fills pages byte by byte, so words may be torn. */
	for (unsigned long at = 0; at < BYTES; at++) {
		__u64 word = MAGIC | at / MT_PAGE;
		char want = word >> 8 * (at % 8);

		if (copy[at] && copy[at] != want)
			mt_violation("send %lu: byte %lu of page %lu is %#x",
				     send, at % MT_PAGE, at / MT_PAGE,
				     copy[at]);
	}
	for (int again = 0; again < 3; again++) {
		sched_yield();
		if (memcmp(copy, received, BYTES))
			mt_violation("send %lu has changed", send);
	}
}

static void receive_on(struct mt_side *side, void *arg)
{
	struct mt_message message;
	unsigned long send;

	(void)arg;
	for (send = 1;; send++) {
		char *received;

		mt_must(mt_receive(&side->task, side->port, &message,
				   MT_FOREVER));
		if (!(message.head.bits & MACH_MSGH_BITS_COMPLEX))
			return;
		received = mt_memory(&message, 0);
		check(received, send);
		memset(received, 0xee, BYTES);
		mt_unmap(received, BYTES);
	}
}

/* ---- the sender ---- */

static bool send_one(const struct mt_task *task, __u32 to, bool move)
{
	struct mt_message message;
	__s32 ret;

	mt_begin(&message, to, MACH_MSG_TYPE_COPY_SEND);
	mt_put_memory(&message, region, BYTES,
		      move ? MACH_MSG_DESC_DEALLOCATE : 0);
	ret = mt_send(task, &message);
	if (ret != MACH_MSG_SUCCESS && ret != MACH_SEND_INVALID_MEMORY)
		mt_violation("the send gave %#x", ret);
	return ret == MACH_MSG_SUCCESS;
}

static int make_file(void)
{
	int file = memfd_create("stamps", MFD_CLOEXEC);
	char *memory;

	mt_check(file >= 0);
	mt_must(ftruncate(file, BYTES));
	memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file,
		      0);
	mt_check(memory != MAP_FAILED);
	stamp(memory, 0, PAGES);
	mt_unmap(memory, BYTES);
	return file;
}

static int run(const struct mt_scenario *scenario)
{
	struct shaper shaper = {
		.kind = scenario->kind,
		.side = mt_map(PAGES),
		.file = make_file(),
	};
	unsigned long good = 0, count = 0;
	struct mt_message message;
	struct mt_task task;
	struct mt_peer peer;

	region = mt_map(PAGES);
	stamp(region, 0, PAGES);
	mt_open(&task);
	mt_spawn(&peer, &task, receive_on, NULL);
	mt_spread(0);
	mt_must(pthread_create(&shaper.thread, NULL, shape_on, &shaper));
	for (; mt_hammer_on(20); count++) {
		if (send_one(&task, peer.right,
			     (scenario->kind & MOVE) && count % 2))
			good++;
		else
			usleep(200);
	}
	__atomic_store_n(&shaper.stop, true, __ATOMIC_RELAXED);
	mt_must(pthread_join(shaper.thread, NULL));
	mt_begin(&message, peer.right, MACH_MSG_TYPE_COPY_SEND);
	mt_must(mt_send(&task, &message));
	if (mt_join(&peer))
		mt_violation("the receiver has died");
	printf("# %lu sends, %lu of them good, %lu changes\n", count, good,
	       shaper.rounds);
	return KSFT_PASS;
}

#define ALL	(UNMAP | DISCARD | REMAP | REPLACE | PROTECT)

static const struct mt_scenario scenarios[] = {
	{ "unmap", run, UNMAP },
	{ "discard", run, DISCARD },
	{ "remap", run, REMAP },
	{ "replace", run, REPLACE },
	{ "protect", run, PROTECT },
	{ "all", run, ALL },
	{ "all_and_moves", run, ALL | MOVE },
};

int main(int argc, char **argv)
{
	return mt_hammer_main(argc, argv, scenarios, ARRAY_SIZE(scenarios));
}
