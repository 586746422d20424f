// SPDX-License-Identifier: GPL-2.0
/*
 * Each allocation of a task's beginning fails, and of the files that tell of
 * it; and when memory is short while a task or a port dies, nobody who asked
 * for a notification misses it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/caller.h"
#include "lib/descriptors.h"
#include "lib/fail_nth.h"
#include "lib/fixture.h"

/* What the death below makes: a dead name, no senders, send-once rights. */
#define ONCE		3
#define NOTES		(ONCE + 2)
/* Allocations of an exit that fail, one in each run. */
#define EXITS		12

/* ---- a task begins ---- */

static __s32 open_task(struct mt_trial *trial)
{
	trial->fd = open("/dev/mach", O_RDWR | O_CLOEXEC);
	return trial->fd < 0 ? -errno : 0;
}

static void close_file(struct mt_trial *trial)
{
	mt_must(close(trial->fd));
}

/* Somebody else pays, who has no account yet. */
static void become_new(struct mt_trial *trial)
{
	static uid_t uid = 60000;

	(void)trial;
	if (getuid())
		return;
	mt_must(setresuid(uid++, 0, 0));
}

static void become_root(struct mt_trial *trial)
{
	(void)trial;
	mt_must(setresuid(0, 0, 0));
}

/* ---- files that tell ---- */

static __s32 read_file(const char *path)
{
	char text[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;
	int error;

	if (fd < 0)
		return -errno;
	got = read(fd, text, sizeof(text));
	error = errno;
	close(fd);
	return got < 0 ? -error : 0;
}

static __s32 read_stats(struct mt_trial *trial)
{
	(void)trial;
	return read_file("/sys/kernel/debug/mach/stats");
}

static __s32 read_fdinfo(struct mt_trial *trial)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d",
		 trial->kind ? trial->fd : trial->task.fd);
	return read_file(path);
}

static void set_poll(struct mt_trial *trial)
{
	trial->fd = mt_watch(&trial->task, mt_receive_right(&trial->task));
}

/* ---- the end ---- */

/*
 * @port of @to has in its queue what @from and its port @carried will tell, if
 * it dies: send-once rights, and the last send right for another port.
 */
static void fill_port(const struct mt_task *from, __u32 dest, __u32 notify)
{
	__u32 watched = mt_receive_right(from);
	struct mt_message message;
	int i;

	mt_arm(from, dest, MACH_NOTIFY_DEAD_NAME, notify);
	mt_begin(&message, dest, MACH_MSG_TYPE_COPY_SEND);
	for (i = 0; i < ONCE; i++)
		mt_put_right(&message, notify, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_right(&message, watched, MACH_MSG_TYPE_MAKE_SEND);
	mt_must(mt_send(from, &message));
	mt_arm(from, watched, MACH_NOTIFY_NO_SENDERS, notify);
}

/* All came, each once. */
static bool all_told(const struct mt_task *task, __u32 notify)
{
	unsigned int dead = 0, senders = 0, once = 0, i;
	__u64 limit = mt_now() + MT_LONG;

	while (mt_queued(task, notify) < NOTES && mt_now() < limit)
		mt_sleep(2);
	for (i = 0; i < NOTES; i++) {
		__u32 id = mt_next(task, notify);

		dead += id == MACH_NOTIFY_DEAD_NAME;
		senders += id == MACH_NOTIFY_NO_SENDERS;
		once += id == MACH_NOTIFY_SEND_ONCE;
	}
	return dead == 1 && senders == 1 && once == ONCE &&
	       mt_silent(task, notify);
}

static void set_holding(struct mt_trial *trial)
{
	trial->name = mt_receive_right(&trial->task);
	trial->port = mt_receive_right(&trial->other);
	fill_port(&trial->other,
		  mt_connect(&trial->other, &trial->task, trial->name),
		  trial->port);
}

static __s32 destroy(struct mt_trial *trial)
{
	return mt_destroy(&trial->task, trial->name);
}

static __s32 close_task(struct mt_trial *trial)
{
	__s32 ret = close(trial->task.fd);

	trial->task.fd = -1;
	return ret;
}

static void told(struct mt_trial *trial)
{
	mt_check(all_told(&trial->other, trial->port));
}

static struct mt_trial trials[] = {
	{ .what = "open", .act = open_task, .done = close_file,
	  .clean = -ENOMEM, .least = 8 },
	{ .what = "open of a new user", .ready = become_new, .act = open_task,
	  .done = close_file, .end = become_root, .clean = -ENOMEM,
	  .least = 9 },
	{ .what = "stats", .act = read_stats, .clean = -ENOMEM, .least = 2 },
	{ .what = "fdinfo of a task", .act = read_fdinfo, .clean = -ENOMEM },
	{ .what = "fdinfo of a port", .set = set_poll, .act = read_fdinfo,
	  .kind = 1, .end = close_file, .clean = -ENOMEM },
	{ .what = "destroy", .set = set_holding, .act = destroy, .done = told,
	  .clean = MT_NO_RESULT },
	/* Its doorbell, if no memory was there to unmap it, goes at exit. */
	{ .what = "close", .set = set_holding, .act = close_task, .done = told,
	  .end = mt_unmap_doorbells, .clean = MT_NO_RESULT },
};

TEST_F(mach, each_allocation_of_a_task)
{
	if (!mt_can_fail())
		SKIP(return, "no fault injection here");
	/* Or its doorbell would go with that of a trial, for good. */
	mt_close(&self->task);
	EXPECT_TRUE(mt_try_all(trials, sizeof(trials) / sizeof(trials[0])));
}

/* One task in so many needs a new node in the tree of all tasks. */
#define NODE	64

TEST_F(mach, no_node)
{
	int fds[NODE + 1], i, failed = 0;

	if (!mt_can_fail())
		SKIP(return, "no fault injection here");
	if (!mt_fail_nodes(true))
		SKIP(return, "not booted with slub_debug=A,radix_tree_node");
	for (i = 0; i <= NODE; i++) {
		fds[i] = open("/dev/mach", O_RDWR | O_CLOEXEC);
		failed += fds[i] < 0 && errno == ENOMEM;
	}
	mt_fail_nodes(false);
	for (i = 0; i <= NODE; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	EXPECT_NE(0, failed);
}

/* ---- exit ---- */

/* Exits when told to; allocation number @nth fails then, or all of them. */
static void wait_and_exit(struct mt_side *side, void *arg)
{
	unsigned int nth = *(unsigned int *)arg;

	mt_check(mt_can_fail());
	mt_await(side->from);
	if (nth)
		mt_fail_next(nth);
	else
		mt_fail_all(true);
	_exit(0);
}

static bool told_of_exit(const struct mt_task *task, unsigned int nth,
			 bool workers)
{
	__u32 notify = mt_receive_right(task);
	struct mt_peer peer;
	bool good;

	mt_spawn(&peer, task, wait_and_exit, &nth);
	fill_port(task, peer.right, notify);
	if (workers)
		mt_fail_workers(true);
	mt_tell(peer.to, 0);
	mt_join(&peer);
	good = all_told(task, notify);
	if (workers)
		mt_fail_workers(false);
	mt_must(mt_destroy(task, notify));
	return good;
}

TEST_F(mach, exit)
{
	unsigned int nth;

	if (!mt_can_fail())
		SKIP(return, "no fault injection here");
	for (nth = 0; nth <= EXITS; nth++)
		EXPECT_TRUE(told_of_exit(&self->task, nth, false))
			TH_LOG("allocation %u", nth);
	EXPECT_TRUE(told_of_exit(&self->task, 0, true));
}

TEST_HARNESS_MAIN
