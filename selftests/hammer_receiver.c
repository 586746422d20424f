// SPDX-License-Identifier: GPL-2.0
/*
 * A receiver's threads write, read, discard, fork, poke, move, swap out and
 * send on what they received, all at once, while the sender writes its own
 * memory and sends it again.  Nobody sees another's write; none is lost but
 * by discarding, and then to the message's content or to an own older write
 * (negative tests N5, N34; docs/memory.md).
 *
 * Each page has a stamp of its message at three places, and numbers that only
 * the receiver writes.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/disk.h"
#include "lib/hammer.h"

#define PAGES		64
#define BYTES		(PAGES * MT_PAGE)
/* How long a region is in use. */
#define USE_MS		30

/* What happens to regions; bits of a scenario's kind. */
#define DISCARD		0x01
#define FORK		0x02
#define FORWARD		0x04
#define POKE		0x08
#define REMAP		0x10
#define SWAP		0x20
#define MOVED		0x40	/* each region is a move, not a copy */

/* Words of a page that have a meaning. */
enum word {
	STAMP_FIRST = 0,
	WRITTEN = 1,
	POKED = 2,
	STAMP_MIDDLE = 256,
	STAMP_LAST = 511,
};

struct use {
	const struct mt_task *task;
	__u32 next;			/* whom to send it on to */
	unsigned int kind;
	unsigned long send;
	pthread_rwlock_t moving;	/* memory */
	char *memory;
	__u64 written[PAGES], poked[PAGES];
	bool stop;
};

static __u64 *word(char *memory, unsigned long page, enum word which)
{
	return (__u64 *)(memory + page * MT_PAGE) + which;
}

static __u64 stamp(unsigned long send, unsigned long page)
{
	return send << 16 | page << 1 | 1;
}

static void put_stamps(char *memory, unsigned long send)
{
	for (unsigned long page = 0; page < PAGES; page++) {
		*word(memory, page, STAMP_FIRST) = stamp(send, page);
		*word(memory, page, STAMP_MIDDLE) = stamp(send, page);
		*word(memory, page, STAMP_LAST) = stamp(send, page);
	}
}

static void check_stamps(char *memory, unsigned long send, const char *whose)
{
	for (unsigned long page = 0; page < PAGES; page++) {
		volatile __u64 *first = word(memory, page, STAMP_FIRST);
		volatile __u64 *middle = word(memory, page, STAMP_MIDDLE);
		volatile __u64 *last = word(memory, page, STAMP_LAST);
		__u64 want = stamp(send, page);

		if (*first != want || *middle != want || *last != want)
			mt_violation("%s: send %lu page %lu: %#llx %#llx %#llx, not %#llx",
				     whose, send, page, *first, *middle, *last,
				     want);
	}
}

static bool in_use(const struct use *use)
{
	return !__atomic_load_n(&use->stop, __ATOMIC_RELAXED) &&
	       !mt_violated();
}

/* ---- what threads do with a region ---- */

/*
 * The number of this writer on the page is what it was; or, with discarding,
 * none, or an older one of the same page.
 */
static void check_number(const struct use *use, unsigned long page, __u64 seen,
			 __u64 own)
{
	if (seen == own)
		return;
	if ((use->kind & DISCARD) &&
	    (!seen || (seen < own && seen % PAGES == page)))
		return;
	mt_violation("send %lu: page %lu says %llu, written %llu", use->send,
		     page, seen, own);
}

static __u64 next_number(__u64 number, unsigned long page)
{
	return (number / PAGES + 1) * PAGES + page;
}

static void *write_on(void *arg)
{
	struct use *use = arg;

	while (in_use(use)) {
		for (unsigned long page = 0; page < PAGES; page++) {
			volatile __u64 *number;

			pthread_rwlock_rdlock(&use->moving);
			number = word(use->memory, page, WRITTEN);
			check_number(use, page, *number, use->written[page]);
			use->written[page] = next_number(use->written[page],
							 page);
			*number = use->written[page];
			pthread_rwlock_unlock(&use->moving);
		}
		sched_yield();
	}
	return NULL;
}

static void *read_on(void *arg)
{
	struct use *use = arg;

	while (in_use(use)) {
		pthread_rwlock_rdlock(&use->moving);
		check_stamps(use->memory, use->send, "reader");
		pthread_rwlock_unlock(&use->moving);
		sched_yield();
	}
	return NULL;
}

static void discard(struct use *use)
{
	unsigned int first = mt_random(PAGES);

	madvise(use->memory + first * MT_PAGE,
		(1 + mt_random(PAGES - first)) * MT_PAGE, MADV_DONTNEED);
}

static void fork_it(struct use *use)
{
	pid_t pid = mt_fork();

	if (pid == 0) {
		check_stamps(use->memory, use->send, "child");
		put_stamps(use->memory, 12345);
		sched_yield();
		check_stamps(use->memory, 12345, "child's own");
		_exit(0);
	}
	mt_wait_pid(pid);
}

static void forward(struct use *use)
{
	struct mt_message message;

	mt_begin(&message, use->next, MACH_MSG_TYPE_COPY_SEND);
	message.head.id = use->send;
	mt_put_memory(&message, use->memory, BYTES, 0);
	mt_must(mt_send(use->task, &message));
}

static void poke(struct use *use)
{
	unsigned int page = mt_random(PAGES);
	__u64 *number = word(use->memory, page, POKED), seen;

	mt_check(mt_peek(getpid(), number, &seen, sizeof(seen)));
	check_number(use, page, seen, use->poked[page]);
	use->poked[page] = next_number(use->poked[page], page);
	mt_check(mt_poke(getpid(), number, &use->poked[page], sizeof(seen)));
}

/* All others wait; what they have in the TLB must not be used again. */
static void move(struct use *use)
{
	char *place = mt_map(PAGES);

	pthread_rwlock_wrlock(&use->moving);
	mt_check(mremap(use->memory, BYTES, BYTES, MREMAP_MAYMOVE |
			MREMAP_FIXED, place) == place);
	use->memory = place;
	pthread_rwlock_unlock(&use->moving);
}

static void *disturb_on(void *arg)
{
	struct use *use = arg;

	while (in_use(use)) {
		if (use->kind & DISCARD)
			discard(use);
		if (use->kind & FORK)
			fork_it(use);
		if (use->kind & FORWARD)
			forward(use);
		if (use->kind & POKE)
			poke(use);
		if (use->kind & REMAP)
			move(use);
		if (use->kind & SWAP)
			madvise(use->memory, BYTES, MADV_PAGEOUT);
		usleep(mt_random(1000));
	}
	return NULL;
}

/* ---- the receiver ---- */

static void use_region(struct use *use)
{
	static void *(*const uses[])(void *) = {
		write_on, read_on, disturb_on,
	};
	pthread_t threads[ARRAY_SIZE(uses)];

	use->stop = false;
	memset(use->written, 0, sizeof(use->written));
	memset(use->poked, 0, sizeof(use->poked));
	pthread_rwlock_init(&use->moving, NULL);
	for (unsigned int i = 0; i < ARRAY_SIZE(uses); i++)
		mt_must(pthread_create(&threads[i], NULL, uses[i], use));
	mt_sleep(USE_MS);
	__atomic_store_n(&use->stop, true, __ATOMIC_RELAXED);
	for (unsigned int i = 0; i < ARRAY_SIZE(uses); i++)
		mt_must(pthread_join(threads[i], NULL));
	check_stamps(use->memory, use->send, "receiver");
	for (unsigned long page = 0; page < PAGES; page++)
		check_number(use, page, *word(use->memory, page, WRITTEN),
			     use->written[page]);
}

static void check_numbers(char *memory, const __u64 *seen)
{
	for (unsigned long page = 0; page < PAGES; page++)
		if (*word(memory, page, WRITTEN) != seen[page])
			mt_violation("sent on: page %lu changes", page);
}

/* Another process, to which regions are sent on. */
static void watch_on(struct mt_side *side, void *arg)
{
	static __u64 seen[PAGES];
	struct mt_message message;

	(void)arg;
	for (;;) {
		char *memory;

		mt_must(mt_receive(&side->task, side->port, &message,
				   MT_FOREVER));
		if (!(message.head.bits & MACH_MSGH_BITS_COMPLEX))
			return;
		memory = mt_memory(&message, 0);
		for (unsigned long page = 0; page < PAGES; page++)
			seen[page] = *word(memory, page, WRITTEN);
		check_stamps(memory, message.head.id, "next receiver");
		for (int again = 0; again < 4; again++) {
			usleep(1000);
			check_numbers(memory, seen);
		}
		put_stamps(memory, 54321);
		mt_unmap(memory, BYTES);
	}
}

static void say_end(const struct mt_task *task, __u32 right)
{
	struct mt_message message;

	mt_begin(&message, right, MACH_MSG_TYPE_COPY_SEND);
	mt_must(mt_send(task, &message));
}

static void receive_on(struct mt_side *side, void *arg)
{
	struct use use = { .task = &side->task, .kind = *(unsigned int *)arg };
	struct mt_message message;
	unsigned long count;
	struct mt_peer next;

	/* Not before our own parent has made us: see mt_spawn(). */
	mt_await(side->from);
	mt_spawn(&next, &side->task, watch_on, NULL);
	use.next = next.right;
	for (count = 0;; count++) {
		mt_must(mt_receive(&side->task, side->port, &message,
				   MT_FOREVER));
		if (!(message.head.bits & MACH_MSGH_BITS_COMPLEX))
			break;
		use.send = message.head.id;
		use.memory = mt_memory(&message, 0);
		use_region(&use);
		mt_unmap(use.memory, BYTES);
	}
	say_end(&side->task, next.right);
	if (mt_join(&next))
		mt_violation("the next receiver has died");
	printf("# %lu regions\n", count);
	fflush(stdout);
}

/* ---- the sender ---- */

static void send_one(const struct mt_task *task, const struct mt_peer *peer,
		     const char *memory, unsigned long send, bool moved)
{
	struct mt_message message;

	mt_begin(&message, peer->right, MACH_MSG_TYPE_COPY_SEND);
	message.head.id = send;
	mt_put_memory(&message, memory, BYTES,
		      moved ? MACH_MSG_DESC_DEALLOCATE : 0);
	mt_must(mt_send(task, &message));
}

static int run(const struct mt_scenario *scenario)
{
	unsigned int kind = scenario->kind;
	char *memory = mt_map(PAGES);
	unsigned long send = 0;
	struct mt_task task;
	struct mt_peer peer;

	mt_open(&task);
	if ((kind & SWAP) && !mt_swap_on(64 << 20))
		return KSFT_SKIP;
	mt_spawn(&peer, &task, receive_on, &kind);
	mt_tell(peer.to, 0);
	while (mt_hammer_on(5)) {
		put_stamps(memory, ++send);
		send_one(&task, &peer, memory, send, kind & MOVED);
		if (kind & MOVED)
			memory = mt_map(PAGES);
		else
			check_stamps(memory, send, "sender");
	}
	say_end(&task, peer.right);
	if (mt_join(&peer))
		mt_violation("the receiver has died");
	if (!(kind & MOVED))
		check_stamps(memory, send, "sender");
	if (kind & SWAP)
		mt_swap_off();
	return KSFT_PASS;
}

#define ALL	(DISCARD | FORK | FORWARD | POKE | REMAP)

static const struct mt_scenario scenarios[] = {
	{ "write", run, 0 },
	{ "discard", run, DISCARD },
	{ "fork", run, FORK },
	{ "forward", run, FORWARD },
	{ "poke", run, POKE },
	{ "remap", run, REMAP },
	{ "swap", run, SWAP | FORWARD },
	{ "all", run, ALL },
	{ "moved_write", run, MOVED },
	{ "moved_fork", run, MOVED | FORK },
	{ "moved_forward", run, MOVED | FORWARD },
	{ "moved_all", run, MOVED | ALL },
};

int main(int argc, char **argv)
{
	return mt_hammer_main(argc, argv, scenarios, ARRAY_SIZE(scenarios));
}
