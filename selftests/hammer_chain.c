// SPDX-License-Identifier: GPL-2.0
/*
 * Regions that travel through a chain of processes.  Each one looks, writes
 * to some pages, sends on what it has now, and sees that nothing that the
 * others do reaches it; the sender goes on writing and sending, to one chain
 * or two at once (O2; negative test N5).
 *
 * A page's content is the number of its message and of the last process that
 * wrote to it; so each process knows what it must find.
 */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/hammer.h"

#define PAGES		64
#define BYTES		(PAGES * MT_PAGE)
#define LENGTH		5
/*
 * Pages from here on are alike, and are written by the sender only and only
 * now and then, so that KSM has something to merge.
 */
#define ALIKE		48

/* Bits of a scenario's kind. */
#define TWO		0x1	/* chains, from one sender */
#define MOVE		0x2	/* each process gives its region away */
#define MIXED		0x4	/* moves one and copies the next */

struct link {
	unsigned int kind;
	unsigned int place;	/* in the chain; the sender is 0 */
	unsigned int left;	/* processes behind */
};

static __u64 content(unsigned long send, unsigned int writer,
		     unsigned long page)
{
	if (page >= ALIKE)
		return ALIKE;
	return (__u64)send << 32 | writer << 16 | page;
}

/* Process w writes every page whose number is w modulo LENGTH. */
static unsigned int last_writer(unsigned long page, unsigned int place)
{
	unsigned int writer = page % LENGTH;

	return page < ALIKE && writer <= place ? writer : 0;
}

static void write_pages(char *memory, unsigned long send, unsigned int place)
{
	for (unsigned long page = 0; page < PAGES; page++) {
		__u64 *words = (__u64 *)(memory + page * MT_PAGE);

		if (place && last_writer(page, place) != place)
			continue;
		if (page >= ALIKE && words[511] && send % 8)
			continue;
		words[0] = content(send, place, page);
		words[511] = content(send, place, page);
	}
}

/* What @place has sent on, or has before it writes: as of @upto. */
static void check_pages(char *memory, unsigned long send, unsigned int upto,
			unsigned int place)
{
	for (unsigned long page = 0; page < PAGES; page++) {
		volatile __u64 *words = (__u64 *)(memory + page * MT_PAGE);
		__u64 want = content(send, last_writer(page, upto), page);

		if (words[0] != want || words[511] != want)
			mt_violation("process %u: send %lu page %lu: %#llx %#llx, not %#llx",
				     place, send, page, words[0], words[511],
				     want);
	}
}

static bool is_move(unsigned int kind, unsigned long send, unsigned int place)
{
	return (kind & MOVE) || ((kind & MIXED) && (send + place) % 2);
}

static void send_region(const struct mt_task *task, __u32 to, char *memory,
			unsigned long send, bool move)
{
	struct mt_message message;

	mt_begin(&message, to, MACH_MSG_TYPE_COPY_SEND);
	message.head.id = send;
	mt_put_memory(&message, memory, BYTES,
		      move ? MACH_MSG_DESC_DEALLOCATE : 0);
	mt_must(mt_send(task, &message));
}

static void send_end(const struct mt_task *task, __u32 to)
{
	struct mt_message message;

	mt_begin(&message, to, MACH_MSG_TYPE_COPY_SEND);
	mt_must(mt_send(task, &message));
}

/* One region: look, write, send on, look again, spoil. */
static void pass_on(const struct mt_side *side, const struct link *link,
		    __u32 next, char *memory, unsigned long send)
{
	bool move = link->left && is_move(link->kind, send, link->place);

	check_pages(memory, send, link->place - 1, link->place);
	write_pages(memory, send, link->place);
	if (link->left)
		send_region(&side->task, next, memory, send, move);
	if (move)
		return;
	for (int again = 0; again < 3; again++) {
		sched_yield();
		check_pages(memory, send, link->place, link->place);
	}
	/* Who has it behind us must not see this. */
	memset(memory, 0x55, BYTES / 2);
	mt_unmap(memory, BYTES);
}

/*
 * Only one process at a time may make another: that borrows the bootstrap
 * port.  So each waits for its turn, and says when all behind it are there.
 */
static void bear(struct mt_peer *peer, const struct mt_task *task,
		 mt_body *body, struct link *link)
{
	mt_spawn(peer, task, body, link);
	mt_tell(peer->to, 0);
	mt_await(peer->from);
}

static void live(struct mt_side *side, void *arg)
{
	const struct link *link = arg;
	struct link behind = {
		.kind = link->kind,
		.place = link->place + 1,
		.left = link->left - 1,
	};
	struct mt_peer next = { .right = MACH_PORT_NULL };
	struct mt_message message;

	mt_await(side->from);
	if (link->left)
		bear(&next, &side->task, live, &behind);
	mt_tell(side->to, 0);
	for (;;) {
		mt_must(mt_receive(&side->task, side->port, &message,
				   MT_FOREVER));
		if (!(message.head.bits & MACH_MSGH_BITS_COMPLEX))
			break;
		pass_on(side, link, next.right, mt_memory(&message, 0),
			message.head.id);
	}
	if (!link->left)
		return;
	send_end(&side->task, next.right);
	if (mt_join(&next))
		mt_violation("process %u has died", behind.place);
}

static int run(const struct mt_scenario *scenario)
{
	struct link first = {
		.kind = scenario->kind,
		.place = 1,
		.left = scenario->kind & TWO ? 1 : LENGTH - 2,
	};
	int chains = scenario->kind & TWO ? 2 : 1;
	bool move = scenario->kind & MOVE;
	char *memory = mt_map(PAGES);
	struct mt_peer peers[2];
	unsigned long send = 0;
	struct mt_task task;

	mt_open(&task);
	for (int i = 0; i < chains; i++)
		bear(&peers[i], &task, live, &first);
	while (mt_hammer_on(10)) {
		write_pages(memory, ++send, 0);
		for (int i = 0; i < chains; i++)
			send_region(&task, peers[i].right, memory, send,
				    move && i == chains - 1);
		if (move)
			memory = mt_map(PAGES);
		else
			check_pages(memory, send, 0, 0);
	}
	for (int i = 0; i < chains; i++) {
		send_end(&task, peers[i].right);
		if (mt_join(&peers[i]))
			mt_violation("the first process has died");
	}
	printf("# %lu regions\n", send);
	return KSFT_PASS;
}

static const struct mt_scenario scenarios[] = {
	{ "chain", run, 0 },
	{ "chain_of_moves", run, MOVE },
	{ "chain_of_both", run, MIXED },
	{ "two_receivers", run, TWO },
	{ "two_receivers_and_moves", run, TWO | MOVE },
};

int main(int argc, char **argv)
{
	return mt_hammer_main(argc, argv, scenarios, ARRAY_SIZE(scenarios));
}
