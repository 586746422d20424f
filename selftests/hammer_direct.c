// SPDX-License-Identifier: GPL-2.0
/*
 * A disk reads straight into memory (O_DIRECT) that is sent and written to at
 * the same time: what was read is there, no write is lost, and what was
 * received does not change (negative test N7).
 *
 * On 6.1 such I/O holds plain page references, which nothing marks as pins.
 * The disk is a loop device whose queue is kept full, so that pages wait for
 * their data long after they were looked up, as they do with a real disk.
 */
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/disk.h"
#include "lib/hammer.h"

#define SLOTS		16
#define SLOT_PAGES	16
/* Behind the slots, all alike, so that KSM has something to merge. */
#define ALIKE		16
#define PAGES		(SLOTS * SLOT_PAGES + ALIKE)
#define BYTES		(PAGES * MT_PAGE)
#define DISK		(8UL << 20)
#define BLOCK		512
/* The disk has the first half of each page, the sender the second. */
#define HALF		(MT_PAGE / 2)

enum kind {
	READ_INTO,		/* disk to memory that is sent */
	MOVED,			/* disk to memory that is given away */
};

/* One request, always the same pages. */
struct slot {
	char *memory;
	struct iovec vectors[SLOT_PAGES];
	struct iocb request;
	unsigned long from;	/* on the disk */
};

static char *region;
static int disk;
static aio_context_t context;
static struct slot slots[SLOTS];
static bool stop;
static unsigned long reads;

/* ---- the disk ---- */

/* Never twice the same, so that an old page cannot pass for a new one. */
static void submit(struct slot *slot)
{
	struct iocb *request = &slot->request;

	slot->from = mt_random(DISK / HALF - SLOT_PAGES) * HALF;
	for (int i = 0; i < SLOT_PAGES; i++) {
		slot->vectors[i].iov_base = slot->memory + i * MT_PAGE;
		slot->vectors[i].iov_len = HALF;
	}
	memset(request, 0, sizeof(*request));
	request->aio_data = slot - slots;
	request->aio_lio_opcode = IOCB_CMD_PREADV;
	request->aio_fildes = disk;
	request->aio_buf = (unsigned long)slot->vectors;
	request->aio_nbytes = SLOT_PAGES;
	request->aio_offset = slot->from;
	/* EFAULT: it has just been given away. */
	while (syscall(SYS_io_submit, context, 1, &request) != 1)
		mt_check(errno == EFAULT && !mt_violated());
}

static void verify(const struct slot *slot)
{
	for (unsigned long at = 0; at < SLOT_PAGES * HALF; at += BLOCK) {
		const __u64 *words;

		words = (__u64 *)(slot->memory + at / HALF * MT_PAGE +
				  at % HALF);
		if (words[0] == (slot->from + at) / BLOCK)
			continue;
		mt_violation("lost read: block %lu of slot %td has %llu, not %lu",
			     at / BLOCK, slot - slots, words[0],
			     (slot->from + at) / BLOCK);
		return;
	}
}

static void *read_on(void *arg)
{
	enum kind kind = *(enum kind *)arg;
	struct io_event events[SLOTS];
	long got, left = SLOTS;

	for (int i = 0; i < SLOTS; i++)
		submit(&slots[i]);
	while (left) {
		got = syscall(SYS_io_getevents, context, 1, SLOTS, events,
			      NULL);
		for (int i = 0; i < got; i++) {
			struct slot *slot = &slots[events[i].data];

			if (kind == READ_INTO)
				verify(slot);
			reads++;
			if (__atomic_load_n(&stop, __ATOMIC_RELAXED))
				left--;
			else
				submit(slot);
		}
	}
	return NULL;
}

/* ---- the receiver ---- */

static void check(const char *received, unsigned long send)
{
	static char copy[BYTES];

	memcpy(copy, received, BYTES);
	for (int again = 0; again < 5; again++) {
		usleep(3000);
		if (memcmp(copy, received, BYTES))
			mt_violation("send %lu has changed", send);
	}
	for (unsigned long page = 0; page < PAGES; page++) {
		__u64 *word = (__u64 *)(copy + page * MT_PAGE + HALF);

		if (*word != send)
			mt_violation("send %lu: page %lu is of send %llu",
				     send, page, *word);
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
		memset(received, 0xee, BYTES / 2);
		mt_unmap(received, BYTES);
	}
}

/* ---- the sender ---- */

/*
 * Its half of each page, before each send; and so, behind the one before, the
 * kernel has to give it a page of its own.
 */
static void number_pages(unsigned long send, bool check)
{
	for (unsigned long page = 0; page < PAGES; page++) {
		volatile __u64 *word;

		word = (__u64 *)(region + page * MT_PAGE + HALF);
		if (check && *word != send - 1)
			mt_violation("send %lu: page %lu lost a write", send,
				     page);
		*word = send;
	}
}

static void send_one(const struct mt_task *task, __u32 to, __u64 flags)
{
	struct mt_message message;

	mt_begin(&message, to, MACH_MSG_TYPE_COPY_SEND);
	mt_put_memory(&message, region, BYTES, flags);
	mt_must(mt_send(task, &message));
}

/* Memory that is given away comes again, empty, at the same place. */
static unsigned long send_on(const struct mt_task *task, __u32 to,
			     enum kind kind)
{
	unsigned long send = 0;

	while (mt_hammer_on(10)) {
		number_pages(++send, kind == READ_INTO);
		usleep(mt_random(2000));
		if (kind == READ_INTO) {
			send_one(task, to, 0);
			continue;
		}
		send_one(task, to, MACH_MSG_DESC_DEALLOCATE);
		mt_check(mmap(region, BYTES, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
			      0) == region);
	}
	return send;
}

static void hammer(const struct mt_task *task, enum kind kind)
{
	struct mach_ioc_stats before = mt_stats(task, 0), stats;
	struct mt_message message;
	struct mt_peer peer;
	unsigned long sends;
	pthread_t reader;

	mt_spawn(&peer, task, receive_on, NULL);
	mt_must(pthread_create(&reader, NULL, read_on, &kind));
	sends = send_on(task, peer.right, kind);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	mt_must(pthread_join(reader, NULL));
	mt_begin(&message, peer.right, MACH_MSG_TYPE_COPY_SEND);
	mt_must(mt_send(task, &message));
	if (mt_join(&peer))
		mt_violation("the receiver has died");
	stats = mt_since(task, &before);
	printf("# %lu sends, %lu reads; pages: %llu shared, %llu moved, %llu copied because of references\n",
	       sends, reads, stats.pages_shared, stats.pages_moved,
	       stats.pages_copied[MACH_COPY_REFS] +
	       stats.pages_copied[MACH_COPY_PINNED]);
}

static int run(const struct mt_scenario *scenario)
{
	struct mt_task task;

	disk = mt_loop_disk(DISK, O_DIRECT);
	if (disk < 0 || syscall(SYS_io_setup, SLOTS, &context))
		return KSFT_SKIP;
	region = mt_map(PAGES);
	memset(region, 0, BYTES);
	for (int i = 0; i < SLOTS; i++)
		slots[i].memory = region + i * SLOT_PAGES * MT_PAGE;
	mt_open(&task);
	hammer(&task, scenario->kind);
	syscall(SYS_io_destroy, context);
	close(disk);
	return KSFT_PASS;
}

static const struct mt_scenario scenarios[] = {
	{ "read_into_what_is_sent", run, READ_INTO },
	{ "read_into_what_is_moved", run, MOVED },
};

int main(int argc, char **argv)
{
	return mt_hammer_main(argc, argv, scenarios, ARRAY_SIZE(scenarios));
}
