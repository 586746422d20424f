// SPDX-License-Identifier: GPL-2.0
/*
 * Threads write their memory without pause while another one sends it, and
 * the kernel swaps it out, moves, merges, collapses, splits or forks it, all at
 * once.  No write is lost, and what was received never changes
 * (negative tests N4, N5, N7).
 *
 * Each page has a counter of each writer.  What a message may say is bounded:
 * at least what was written when the send began, at most what is written now.
 */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/hammer.h"

#define WRITERS		2		/* at most; one a further processor */
#define PAGES		512		/* one huge page */
/* Pages that stay equal for a while, so that KSM has something to merge. */
#define EQUAL		64
/* More than a queue holds. */
#define SENDS		16

/* At the start of each page. */
struct cell {
	__u64 writer[WRITERS];
	__u64 sender;
};

/* What all processes of the scenario know. */
struct book {
	__u64 written[WRITERS][PAGES];
	__u64 low[SENDS][WRITERS][PAGES];	/* when send i began */
};

struct writer {
	unsigned int number;
	pthread_t thread;
};

static struct book *book;
static char *region;
static unsigned long pages;		/* in use: few small, or one huge */
static unsigned int writer_count;
static bool stop;

static struct cell *cell(char *memory, unsigned long page)
{
	return (struct cell *)(memory + page * MT_PAGE);
}

static __u64 load(const __u64 *counter)
{
	return __atomic_load_n(counter, __ATOMIC_ACQUIRE);
}

static void store(__u64 *counter, __u64 value)
{
	__atomic_store_n(counter, value, __ATOMIC_RELEASE);
}

/* ---- writing ---- */

/* Memory first: it then holds at least what the book says. */
static bool step(unsigned int writer, unsigned long page)
{
	__u64 *counter = &cell(region, page)->writer[writer];
	__u64 *own = &book->written[writer][page];

	if (load(counter) != *own) {
		mt_violation("lost update: page %lu says %llu, written %llu",
			     page, load(counter), *own);
		return false;
	}
	store(counter, *own + 1);
	store(own, *own + 1);
	return true;
}

/* The last pages only now and then. */
static void *write_on(void *arg)
{
	struct writer *writer = arg;
	unsigned long round;

	mt_spread(writer->number + 1);
	for (round = 0; !__atomic_load_n(&stop, __ATOMIC_RELAXED); round++) {
		unsigned long end = round % 64 ? pages - EQUAL : pages;

		for (unsigned long page = 0; page < end; page++)
			if (!step(writer->number, page))
				return NULL;
		if (round % 8 == 0)
			sched_yield();
	}
	return NULL;
}

/* ---- receiving ---- */

static void look(char *received, unsigned long send, __u64 *seen)
{
	unsigned long page, at = 0;

	for (page = 0; page < pages; page++) {
		for (unsigned int i = 0; i < writer_count; i++) {
			__u64 low = book->low[send % SENDS][i][page];
			__u64 now = load(&cell(received, page)->writer[i]);
			__u64 high = load(&book->written[i][page]) + 1;

			if (now < low || now > high)
				mt_violation("send %lu: page %lu says %llu, not %llu to %llu",
					     send, page, now, low, high);
			seen[at++] = now;
		}
		if (load(&cell(received, page)->sender) != send)
			mt_violation("send %lu: page %lu is of send %llu",
				     send, page,
				     load(&cell(received, page)->sender));
	}
}

static void look_again(char *received, unsigned long send, const __u64 *seen)
{
	unsigned long page, at = 0;

	for (page = 0; page < pages; page++)
		for (unsigned int i = 0; i < writer_count; i++, at++)
			if (load(&cell(received, page)->writer[i]) != seen[at])
				mt_violation("send %lu: page %lu has changed",
					     send, page);
}

static void receive_on(struct mt_side *side, void *arg)
{
	static __u64 seen[WRITERS * PAGES];
	struct mt_message message;
	unsigned long send;

	(void)arg;
	mt_spread(0);
	for (send = 1;; send++) {
		char *received;

		mt_must(mt_receive(&side->task, side->port, &message,
				   MT_FOREVER));
		if (!(message.head.bits & MACH_MSGH_BITS_COMPLEX))
			return;
		received = mt_memory(&message, 0);
		look(received, send, seen);
		for (int again = 0; again < 3; again++) {
			sched_yield();
			look_again(received, send, seen);
		}
		/* The receiver's own writes are its own. */
		if (send % 2)
			memset(received + pages / 2 * MT_PAGE, 0xee,
			       pages / 2 * MT_PAGE);
		mt_unmap(received, pages * MT_PAGE);
	}
}

/* ---- sending ---- */

/* Every page has the number of the send; so each is written between sends. */
static void number_pages(unsigned long send)
{
	for (unsigned long page = 0; page < pages; page++) {
		__u64 *counter = &cell(region, page)->sender;

		if (load(counter) != send - 1)
			mt_violation("send %lu: the sender lost an update",
				     send);
		store(counter, send);
	}
}

static unsigned long send_on(const struct mt_task *task,
			     const struct mt_peer *peer)
{
	unsigned long send = 0;
	struct mt_message message;

	while (mt_hammer_on(10)) {
		send++;
		memcpy(book->low[send % SENDS], book->written,
		       sizeof(book->written));
		number_pages(send);
		mt_begin(&message, peer->right, MACH_MSG_TYPE_COPY_SEND);
		mt_put_memory(&message, region, pages * MT_PAGE, 0);
		mt_must(mt_send(task, &message));
	}
	mt_begin(&message, peer->right, MACH_MSG_TYPE_COPY_SEND);
	mt_must(mt_send(task, &message));
	return send;
}

static void check_all(unsigned long sends)
{
	for (unsigned long page = 0; page < pages; page++) {
		struct cell *end = cell(region, page);

		if (end->sender != sends)
			mt_violation("page %lu lost the last send", page);
		for (unsigned int i = 0; i < writer_count; i++)
			if (end->writer[i] != book->written[i][page])
				mt_violation("page %lu lost its last write",
					     page);
	}
}

static void hammer(const struct mt_task *task,
		   const struct mt_disturber *disturber)
{
	struct writer writers[WRITERS];
	unsigned long send;
	struct mt_peer peer;
	unsigned int i;

	mt_spawn(&peer, task, receive_on, NULL);
	mt_spread(0);
	for (i = 0; i < writer_count; i++) {
		writers[i].number = i;
		mt_must(pthread_create(&writers[i].thread, NULL, write_on,
				       &writers[i]));
	}
	send = send_on(task, &peer);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < writer_count; i++)
		mt_must(pthread_join(writers[i].thread, NULL));
	check_all(send);
	if (mt_join(&peer))
		mt_violation("the receiver has died");
	printf("# %lu sends of %lu pages, %llu writes to the first page, disturbed %lu times\n",
	       send, pages, book->written[0][0], disturber->rounds);
}

static int run(const struct mt_scenario *scenario)
{
	bool huge = scenario->kind == MT_COLLAPSE ||
		    scenario->kind == MT_SPLIT;
	long further = sysconf(_SC_NPROCESSORS_ONLN) - 1;
	struct mt_disturber disturber;
	struct mt_task task;

	writer_count = further < 1 ? 1 : further < WRITERS ? further : WRITERS;
	book = mt_shared(sizeof(*book));
	pages = huge ? PAGES : 2 * EQUAL;
	region = huge ? mt_map_huge(1, 0) : mt_map(pages);
	if (!region)
		return KSFT_SKIP;
	memset(region, 0, pages * MT_PAGE);
	mt_open(&task);
	if (!mt_disturb(&disturber, scenario->kind, region, pages * MT_PAGE))
		return KSFT_SKIP;
	hammer(&task, &disturber);
	mt_calm(&disturber);
	return KSFT_PASS;
}

static const struct mt_scenario scenarios[] = {
	{ "quiet", run, MT_QUIET },
	{ "pageout", run, MT_PAGEOUT },
	{ "compact", run, MT_COMPACT },
	{ "ksm", run, MT_KSM },
	{ "collapse", run, MT_COLLAPSE },
	{ "split", run, MT_SPLIT },
	{ "fork", run, MT_FORK },
	{ "clear_refs", run, MT_CLEAR_REFS },
	{ "pressure", run, MT_PRESSURE },
};

int main(int argc, char **argv)
{
	return mt_hammer_main(argc, argv, scenarios, ARRAY_SIZE(scenarios));
}
