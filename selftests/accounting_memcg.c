// SPDX-License-Identifier: GPL-2.0
/*
 * Memory cgroups: what a message holds is charged to some group, as
 * docs/caveats.md says: pages to whoever touched them first, copies and kernel
 * objects to whoever made them.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "lib/fixture.h"

#define ROOT	"/tmp/mach-cgroup"
#define PAGES	2048UL			/* 8 MiB */
#define BYTES	(PAGES * MT_PAGE)
/* What else a process is charged for, roughly. */
#define SLACK	(2UL << 20)

static bool put(const char *group, const char *file, const char *value)
{
	char path[128];
	bool done;
	int fd;

	snprintf(path, sizeof(path), ROOT "/%s/%s", group, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	done = write(fd, value, strlen(value)) == (ssize_t)strlen(value);
	close(fd);
	return done;
}

static unsigned long charged(const char *group)
{
	char path[128];
	unsigned long value;
	FILE *file;

	snprintf(path, sizeof(path), ROOT "/%s/memory.current", group);
	file = fopen(path, "re");
	mt_check(file && fscanf(file, "%lu", &value) == 1);
	fclose(file);
	return value;
}

/* Charges are kept in batches per CPU and come late. */
static bool charged_is(const char *group, unsigned long low,
		       unsigned long high)
{
	unsigned long now = 0;

	for (int i = 0; i < 200; i++) {
		now = charged(group);
		if (now >= low && now <= high)
			return true;
		mt_sleep(10);
	}
	fprintf(stderr, "# group %s: %lu, not %lu to %lu\n", group, now, low,
		high);
	return false;
}

FIXTURE(groups) {
	struct mt_task task;
};

FIXTURE_SETUP(groups)
{
	const char *reason = mt_unavailable();

	if (reason)
		SKIP(_exit(MT_EXIT_SKIP), "%s", reason);
	mkdir(ROOT, 0700);
	if (mount("cgroup", ROOT, "cgroup2", 0, NULL) && errno != EBUSY)
		SKIP(_exit(MT_EXIT_SKIP), "no cgroup2");
	if (!put(".", "cgroup.subtree_control", "+memory"))
		SKIP(_exit(MT_EXIT_SKIP), "no memory cgroups");
	mt_supervise();
	mkdir(ROOT "/sender", 0700);
	mkdir(ROOT "/receiver", 0700);
	mt_share_all();
	mt_open(&self->task);
}

FIXTURE_TEARDOWN(groups)
{
}

static void enter(const char *group)
{
	mt_check(put(group, "cgroup.procs", "0"));
}

/* A sender in a group of its own, which sends and waits. */
struct order {
	unsigned long flags;
	bool file;		/* memory that has to be copied */
};

static void send_in_group(struct mt_side *side, void *arg)
{
	struct order *order = arg;
	char *memory;

	enter("sender");
	memory = order->file ?
		 mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0) : mt_map(PAGES);
	mt_check(memory != MAP_FAILED);
	memset(memory, 1, BYTES);
	mt_must(mt_send_memory(&side->task, side->up, MACH_MSG_TYPE_COPY_SEND,
			       memory, BYTES, order->flags));
	mt_tell(side->to, 0);
	mt_await(side->from);
}

/* Moved pages are the sender's group's until nobody has them any more. */
TEST_F(groups, moved_pages_stay_where_they_were_touched)
{
	struct order order = { .flags = MACH_MSG_DESC_DEALLOCATE };
	unsigned long before = charged("sender");
	struct mt_peer peer;
	char *received;

	mt_spawn(&peer, &self->task, send_in_group, &order);
	mt_await(peer.from);
	EXPECT_TRUE(charged_is("sender", before + BYTES,
			       before + BYTES + SLACK));
	enter("receiver");
	received = mt_receive_memory(&self->task, peer.port);
	memset(received, 2, BYTES);
	mt_tell(peer.to, 0);
	EXPECT_EQ(0, mt_join(&peer));
	EXPECT_TRUE(charged_is("sender", before + BYTES - SLACK,
			       before + BYTES + SLACK));
	mt_unmap(received, BYTES);
	EXPECT_TRUE(charged_is("sender", 0, before + SLACK));
	enter(".");
}

/* A message in a queue holds its sender's memory, also when he is dead. */
TEST_F(groups, N41_message_of_a_dead_sender)
{
	struct order order = { .flags = MACH_MSG_DESC_DEALLOCATE };
	unsigned long before = charged("sender");
	struct mt_peer peer;

	mt_spawn(&peer, &self->task, send_in_group, &order);
	mt_await(peer.from);
	mt_kill(&peer);
	EXPECT_TRUE(charged_is("sender", before + BYTES - SLACK,
			       before + BYTES + SLACK));
	mt_must(mt_destroy(&self->task, peer.port));
	EXPECT_TRUE(charged_is("sender", 0, before + SLACK));
}

/* Copies are charged to the sender, who makes them. */
TEST_F(groups, copies_are_the_senders)
{
	struct order order = { .file = true };
	unsigned long before = charged("sender");
	struct mt_peer peer;

	mt_spawn(&peer, &self->task, send_in_group, &order);
	mt_await(peer.from);
	EXPECT_TRUE(charged_is("sender", before + 2 * BYTES,
			       before + 2 * BYTES + SLACK));
	mt_kill(&peer);
	EXPECT_TRUE(charged_is("sender", before + BYTES - SLACK,
			       before + BYTES + SLACK));
	mt_must(mt_destroy(&self->task, peer.port));
	EXPECT_TRUE(charged_is("sender", 0, before + SLACK));
}

/* What a receiver's writes make of shared pages is the receiver's. */
TEST_F(groups, receivers_writes_are_the_receivers)
{
	struct order order = { .flags = 0 };
	struct mt_peer peer;
	unsigned long before;
	char *received;

	mt_spawn(&peer, &self->task, send_in_group, &order);
	mt_await(peer.from);
	enter("receiver");
	received = mt_receive_memory(&self->task, peer.port);
	mt_touch(received, PAGES);
	before = charged("receiver");
	memset(received, 2, BYTES);
	EXPECT_TRUE(charged_is("receiver", before + BYTES - SLACK,
			       before + BYTES + SLACK));
	mt_unmap(received, BYTES);
	EXPECT_TRUE(charged_is("receiver", 0, before + SLACK));
	enter(".");
	mt_tell(peer.to, 0);
	EXPECT_EQ(0, mt_join(&peer));
}

TEST_HARNESS_MAIN
