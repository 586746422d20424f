// SPDX-License-Identifier: GPL-2.0
/*
 * A send that fails, or whose sender is killed, at any place: what was taken
 * is destroyed, what was not is untouched, and nothing stays behind (K2;
 * negative tests N14, N35).
 */
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>

#include "lib/fixture.h"
#include "lib/source.h"

#define MOVE	MACH_MSG_DESC_DEALLOCATE

/* ---- items of all kinds ---- */

#define PAGES	8UL
#define BYTES	(PAGES * MT_PAGE)
#define ITEMS	10

/* What an item stands for, to see afterwards whether it is gone. */
struct item {
	char *memory;
	bool moves;
	__u32 name;		/* a receive right that moves, or 0 */
};

static char *map_file(void)
{
	char *memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	mt_check(memory != MAP_FAILED);
	mt_fill(memory, BYTES, 1);
	return memory;
}

static void put_item(const struct mt_task *task, struct mt_message *message,
		     struct item *item, int index)
{
	*item = (struct item) { .moves = index % 2 };
	switch (index % 5) {
	case 0:
		item->memory = mt_map_filled(PAGES, 1);
		break;
	case 1:
		item->memory = mt_map(PAGES);
		break;
	case 2:
		item->memory = map_file();
		break;
	case 3:
		item->name = mt_receive_right(task);
		mt_put_right(message, item->name,
			     MACH_MSG_TYPE_MOVE_RECEIVE);
		return;
	default:
		/* Unaligned: its edges are copied. */
		item->memory = mt_map_filled(PAGES, 1);
		mt_put_memory(message, item->memory + 5, BYTES - 10,
			      item->moves ? MOVE : 0);
		return;
	}
	mt_put_memory(message, item->memory, BYTES, item->moves ? MOVE : 0);
}

static void put_bad_item(struct mt_message *message, bool memory)
{
	if (memory)
		mt_put_memory(message, (void *)8, 1, MOVE);
	else
		mt_put_right(message, MT_UNUSED, MACH_MSG_TYPE_COPY_SEND);
}

/* Taken, and so destroyed; or else as it was.  Cleans up. */
static void check_item(const struct mt_task *task, const struct item *item,
		       bool taken)
{
	if (item->name) {
		mt_check(mt_types(task, item->name) ==
			 (taken ? MACH_PORT_TYPE_NONE :
				  MACH_PORT_TYPE_RECEIVE));
		if (!taken)
			mt_must(mt_destroy(task, item->name));
		return;
	}
	mt_check(mt_mapped(item->memory) == !(taken && item->moves));
	if (mt_mapped(item->memory)) {
		mt_check(mt_all(item->memory, 1, 0) ||
			 mt_holds(item->memory, BYTES, 1));
		memset(item->memory, 'w', BYTES);
		mt_unmap(item->memory, BYTES);
	}
}

static bool nothing_is_left(const struct mt_task *task,
			    const struct mach_ioc_stats *before)
{
	return mt_live_becomes(task, MT_LIVE(objects), before->live_objects) &&
	       mt_live_becomes(task, MT_LIVE(pages), before->live_pages) &&
	       mt_live_becomes(task, MT_LIVE(ports), before->live_ports) &&
	       mt_live_becomes(task, MT_LIVE(names), before->live_names) &&
	       mt_live_becomes(task, MT_LIVE(bytes), before->live_bytes) &&
	       mt_live_becomes(task, MT_LIVE(messages), before->live_messages);
}

static void fail_at(const struct mt_task *task, __u32 port, int bad,
		    bool memory)
{
	struct mach_ioc_stats before = mt_stats(task, MACH_STATS_MODULE);
	struct mt_message message;
	struct item items[ITEMS];

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	for (int i = 0; i < ITEMS; i++) {
		if (i == bad)
			put_bad_item(&message, memory);
		put_item(task, &message, &items[i], i);
	}
	mt_check(mt_send(task, &message) ==
		 (memory ? MACH_SEND_INVALID_MEMORY :
			   MACH_SEND_INVALID_RIGHT));
	for (int i = 0; i < ITEMS; i++)
		check_item(task, &items[i], i < bad);
	mt_check(nothing_is_left(task, &before));
	mt_check(mt_empty(task, port));
}

TEST_F(mach, N14_failure_at_every_item)
{
	__u32 port = mt_port(&self->task);

	for (int share = 0; share < 2; share++) {
		mt_set_param("share_min", share ? 0 : 1 << 30);
		for (int bad = 0; bad < ITEMS; bad++) {
			fail_at(&self->task, port, bad, false);
			fail_at(&self->task, port, bad, true);
		}
	}
}

/* The whole message is destroyed with its port: nobody ever received it. */
TEST_F(mach, N14_destroyed_with_all_items)
{
	const struct mt_task *task = &self->task;
	struct mach_ioc_stats before = mt_stats(task, MACH_STATS_MODULE);

	mt_share_all();
	for (int round = 0; round < 5; round++) {
		__u32 port = mt_port(task);
		struct mt_message message;
		struct item items[ITEMS];

		mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
		for (int i = 0; i < ITEMS; i++)
			put_item(task, &message, &items[i], i);
		mt_must(mt_send(task, &message));
		mt_must(mt_destroy(task, port));
		for (int i = 0; i < ITEMS; i++)
			check_item(task, &items[i], true);
	}
	EXPECT_TRUE(nothing_is_left(task, &before));
}

/* ---- signals, and death ---- */

static void ignore(int number)
{
	(void)number;
}

/* A send that need not wait is not interrupted, however long it takes. */
TEST_F(mach, N35_signals_during_the_send)
{
	struct itimerval often = { { 0, 500 }, { 0, 500 } }, never = { 0 };
	struct sigaction action = { .sa_handler = ignore };
	unsigned long pages = 2048;
	__u32 port = mt_port(&self->task);
	char *received, *memory;

	mt_must(sigaction(SIGALRM, &action, NULL));
	for (int i = 0; i < 12; i++) {
		mt_set_param("share_min", i % 2 ? 1 << 30 : 0);
		memory = mt_map_filled(pages, i);
		mt_must(setitimer(ITIMER_REAL, &often, NULL));
		mt_must(mt_send_memory(&self->task, port,
				       MACH_MSG_TYPE_COPY_SEND, memory,
				       pages * MT_PAGE, i % 4 < 2 ? MOVE : 0));
		received = mt_receive_memory(&self->task, port);
		mt_must(setitimer(ITIMER_REAL, &never, NULL));
		EXPECT_TRUE(mt_holds(received, pages * MT_PAGE, i));
		mt_unmap(received, pages * MT_PAGE);
		if (i % 4 >= 2)
			mt_unmap(memory, pages * MT_PAGE);
	}
}

/* Sends memory of one kind again and again until it dies. */
static void send_and_send(struct mt_side *side, void *arg)
{
	int kind = *(int *)arg;
	unsigned long pages = 1024;

	mt_tell(side->to, 0);
	for (;;) {
		char *memory = kind == 1 ? mt_map_huge(2, 1) : mt_map(pages);

		if (!memory)
			memory = mt_map(pages);
		if (kind == 2)
			mt_check(mmap(memory, pages * MT_PAGE,
				      PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED,
				      -1, 0) == memory);
		memset(memory, 1, pages * MT_PAGE);
		if (kind == 3)
			madvise(memory, pages * MT_PAGE, MADV_PAGEOUT);
		mt_unmap(mt_pass_memory(&side->task, memory, pages * MT_PAGE,
					MOVE), pages * MT_PAGE);
	}
}

TEST_F_TIMEOUT(mach, N35_killed_during_the_send, 120)
{
	const struct mt_task *task = &self->task;
	struct mach_ioc_stats before = mt_stats(task, MACH_STATS_MODULE);

	mt_share_all();
	for (int round = 0; round < 24; round++) {
		int kind = round % 4;
		struct mt_peer peer;

		mt_spawn(&peer, task, send_and_send, &kind);
		mt_await(peer.from);
		mt_sleep(3 + round * 7 % 40);
		mt_kill(&peer);
		mt_must(mt_destroy(task, peer.port));
		mt_must(mt_destroy(task, peer.right));
		close(peer.to);
		close(peer.from);
	}
	EXPECT_TRUE(nothing_is_left(task, &before));
}

TEST_HARNESS_MAIN
