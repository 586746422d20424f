// SPDX-License-Identifier: GPL-2.0
/*
 * Memory whose pager never answers: who touches it waits, until he is killed;
 * nobody else waits with him, whatever part of a call the memory is
 * (spec 3.1 O14; negative test N9).
 */
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

#include "lib/fixture.h"
#include "lib/fuse.h"
#include "lib/mach_calls.h"
#include "lib/pager.h"
#include "lib/source.h"

#define PAGES	8
#define BYTES	(PAGES * MT_PAGE)

/* ---- calls that never come back ---- */

struct victim {
	struct mt_side *side;
	char *stalled;		/* BYTES */
	char *region;		/* BYTES of its own, then the stalled ones */
};

static void send_it(const struct victim *victim, const void *memory,
		    __u64 bytes, __u64 flags)
{
	mt_send_memory(&victim->side->task, victim->side->up,
		       MACH_MSG_TYPE_COPY_SEND, memory, bytes, flags);
}

static void send_region(const struct victim *victim)
{
	send_it(victim, victim->stalled, BYTES, 0);
}

static void send_small_region(const struct victim *victim)
{
	send_it(victim, victim->stalled + 5, 10, 0);
}

static void send_partly_stalled(const struct victim *victim)
{
	send_it(victim, victim->region, 2 * BYTES, 0);
}

static void move_region(const struct victim *victim)
{
	send_it(victim, victim->region, 2 * BYTES, MACH_MSG_DESC_DEALLOCATE);
}

/* Rights were taken before; they die with the task. */
static void send_region_after_rights(const struct victim *victim)
{
	const struct mt_task *task = &victim->side->task;
	struct mt_message message;

	mt_begin(&message, victim->side->up, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, mt_receive_right(task),
		     MACH_MSG_TYPE_MOVE_RECEIVE);
	mt_put_memory(&message, mt_map_filled(PAGES, 2), BYTES,
		      MACH_MSG_DESC_DEALLOCATE);
	mt_put_memory(&message, victim->stalled, BYTES, 0);
	mt_send(task, &message);
}

static void send_names(const struct victim *victim)
{
	struct mt_message message;

	mt_begin(&message, victim->side->up, MACH_MSG_TYPE_COPY_SEND);
	mt_put_rights_array(&message, (__u32 *)victim->stalled, 4,
			    MACH_MSG_TYPE_MAKE_SEND, 0);
	mt_send(&victim->side->task, &message);
}

static void send_message(const struct victim *victim)
{
	struct mach_ioc_msg call = {
		.option = MACH_SEND_MSG,
		.msg = (unsigned long)victim->stalled,
		.send_size = 64,
	};

	mt_msg(&victim->side->task, &call);
}

/* The header is there, the body is not. */
static void send_half_a_message(const struct victim *victim)
{
	char *start = victim->stalled - 32;
	struct mach_ioc_msg call = {
		.option = MACH_SEND_MSG,
		.msg = (unsigned long)start,
		.send_size = 64,
	};

	*(struct mach_wire_header *)start = (struct mach_wire_header) {
		.bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
		.remote_port = victim->side->up,
	};
	mt_msg(&victim->side->task, &call);
}

static void receive_message(const struct victim *victim)
{
	const struct mt_task *task = &victim->side->task;
	__u32 port = mt_port(task);
	struct mach_ioc_msg call = {
		.option = MACH_RCV_MSG,
		.msg = (unsigned long)victim->stalled,
		.rcv_size = 64,
		.rcv_name = port,
	};

	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 1));
	mt_msg(task, &call);
}

static void call_with_it(const struct victim *victim)
{
	mt_ioctl(&victim->side->task, MACH_IOC_STATS, victim->stalled);
}

static const struct {
	const char *name;
	void (*call)(const struct victim *victim);
	bool writes;
} calls[] = {
	{ "region", send_region, false },
	{ "small region", send_small_region, false },
	{ "half of a region", send_partly_stalled, false },
	{ "moved region", move_region, false },
	{ "region after rights", send_region_after_rights, false },
	{ "array of names", send_names, false },
	{ "message", send_message, false },
	{ "body of a message", send_half_a_message, false },
	{ "receive buffer", receive_message, true },
	{ "argument", call_with_it, false },
};

/* ---- the process that waits, and its other thread ---- */

/* Everything else that its task can do still works. */
static void *live_on(void *arg)
{
	const struct victim *victim = arg;
	const struct mt_task *task = &victim->side->task;
	char *memory = mt_map_filled(PAGES, 1);

	for (;;) {
		mt_await(victim->side->from);
		mt_must(mt_destroy(task, mt_receive_right(task)));
		mt_unmap(mt_pass_memory(task, memory, BYTES, 0), BYTES);
		mt_unmap(mt_map_filled(PAGES, 3), BYTES);
		/* Pages that the waiting send may have taken already. */
		memset(victim->region, 'l', BYTES);
		mt_tell(victim->side->to, 0);
	}
	return NULL;
}

struct order {
	int call;
	int file;		/* of a silent file system, or -1 */
};

/* Memory of its own, and behind it memory that nobody fills. */
static void map_stalled(struct victim *victim, int file)
{
	struct mt_pager pager;

	victim->region = mt_map(2 * PAGES);
	victim->stalled = victim->region + BYTES;
	memset(victim->region, 'v', BYTES);
	if (file < 0)
		mt_check(mt_pager_watch(&pager, victim->stalled, BYTES,
					UFFDIO_REGISTER_MODE_MISSING, 0));
	else
		mt_check(mmap(victim->stalled, BYTES, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_FIXED, file, 0) ==
			 victim->stalled);
}

static void be_the_victim(struct mt_side *side, void *arg)
{
	const struct order *order = arg;
	struct victim victim = { .side = side };
	pthread_t thread;

	map_stalled(&victim, order->file);
	mt_must(pthread_create(&thread, NULL, live_on, &victim));
	mt_tell(side->to, 0);
	calls[order->call].call(&victim);
	/* It must not come back. */
	_exit(1);
}

/* Interruptible or not: until it does not run any more. */
static void until_blocked(pid_t pid)
{
	char path[64], line[512], *after;
	int calm = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	while (calm < 10) {
		FILE *file = fopen(path, "re");

		mt_sleep(5);
		mt_check(file && fgets(line, sizeof(line), file));
		fclose(file);
		after = strrchr(line, ')');
		mt_check(after && after[2] != 'Z' && after[2] != 'X');
		calm = strchr("SD", after[2]) ? calm + 1 : 0;
	}
}

/* ---- everybody else ---- */

static void stranger(struct mt_side *side, void *arg)
{
	char *memory = mt_map_filled(PAGES, 4), *received;

	(void)arg;
	received = mt_pass_memory(&side->task, memory, BYTES, 0);
	mt_check(mt_holds(received, BYTES, 4));
	mt_must(mt_send_memory(&side->task, side->up, MACH_MSG_TYPE_COPY_SEND,
			       memory, BYTES, 0));
	mt_await(side->from);
}

static void check_others(const struct mt_task *task, struct mt_peer *victim)
{
	struct mt_peer other;
	char *received;

	/* Its own other thread; twice, for the pages are its own by then. */
	for (int i = 0; i < 2; i++) {
		mt_tell(victim->to, 0);
		mt_await(victim->from);
	}
	/* The port that it sends to, and a process that never heard of it. */
	mt_check(mt_empty(task, victim->port));
	mt_make_send(task, victim->port);
	mt_must(mt_send_id(task, victim->port, MACH_MSG_TYPE_COPY_SEND, 7));
	mt_check(!mt_empty(task, victim->port));
	mt_spawn(&other, task, stranger, NULL);
	received = mt_receive_memory(task, other.port);
	mt_check(mt_holds(received, BYTES, 4));
	mt_tell(other.to, 0);
	mt_must(mt_join(&other));
	mt_must(mt_destroy(task, other.port));
	mt_must(mt_destroy(task, other.right));
	close(other.to);
	close(other.from);
}

static void stall(const struct mt_task *task, struct order *order)
{
	__u64 objects = mt_live(task, MT_LIVE(objects));
	__u64 ports = mt_live(task, MT_LIVE(ports));
	struct mt_peer victim;

	mt_spawn(&victim, task, be_the_victim, order);
	mt_await(victim.from);
	until_blocked(victim.pid);
	check_others(task, &victim);
	until_blocked(victim.pid);
	mt_kill(&victim);
	mt_must(mt_destroy(task, victim.port));
	mt_must(mt_destroy(task, victim.right));
	close(victim.to);
	close(victim.from);
	/* One region is left of the stranger's message. */
	mt_check(mt_live_becomes(task, MT_LIVE(objects), objects + 1));
	mt_check(mt_live_becomes(task, MT_LIVE(ports), ports));
}

TEST_F_TIMEOUT(mach, N9_user_pager_never_answers, 120)
{
	struct order order = { .file = -1 };
	char *memory = mt_map(1);
	struct mt_pager pager;

	if (!mt_pager_watch(&pager, memory, MT_PAGE,
			    UFFDIO_REGISTER_MODE_MISSING, 0))
		SKIP(return, "no userfaultfd");
	for (; order.call < (int)ARRAY_SIZE(calls); order.call++) {
		mt_set_param("share_min", order.call % 2 ? 0 : 16384);
		stall(&self->task, &order);
	}
}

TEST_F_TIMEOUT(mach, N9_file_system_never_answers, 120)
{
	struct mt_fuse fuse = {
		.content = mt_map_filled(PAGES, 1),
		.bytes = BYTES,
		.silent = true,
	};
	struct order order = { 0 };

	if (!mt_fuse_start(&fuse))
		SKIP(return, "no FUSE");
	order.file = fuse.file;
	for (; order.call < (int)ARRAY_SIZE(calls); order.call++) {
		mt_set_param("share_min", order.call % 2 ? 0 : 16384);
		stall(&self->task, &order);
	}
}

/* It answers after all: the message arrives as if nothing had been. */
TEST_F(mach, O14_answered_late)
{
	struct mt_fuse fuse = {
		.content = mt_map_filled(PAGES, 1),
		.bytes = BYTES,
		.silent = true,
	};
	struct order order = { 0 };
	struct mt_peer victim;
	char *received;

	if (!mt_fuse_start(&fuse))
		SKIP(return, "no FUSE");
	order.file = fuse.file;
	mt_spawn(&victim, &self->task, be_the_victim, &order);
	mt_await(victim.from);
	mt_fuse_until_read(&fuse);
	until_blocked(victim.pid);
	mt_fuse_answer(&fuse);
	received = mt_receive_memory(&self->task, victim.port);
	mt_join(&victim);
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
}

TEST_HARNESS_MAIN
