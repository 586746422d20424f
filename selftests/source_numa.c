// SPDX-License-Identifier: GPL-2.0
/*
 * Memory with a NUMA policy, and pages that NUMA balancing or a caller moves
 * about (spec 3.3).
 */
#include <linux/mempolicy.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "lib/fixture.h"
#include "lib/source.h"

#define PAGES	64
#define BYTES	(PAGES * MT_PAGE)

static bool two_nodes(void)
{
	return access("/sys/devices/system/node/node1", F_OK) == 0;
}

static void make_filled(struct mt_source *source, void *arg)
{
	(void)arg;
	*source = (struct mt_source) {
		.memory = mt_map_filled(PAGES, 1),
		.bytes = BYTES,
		.want = mt_map_filled(PAGES, 1),
		.shared = PAGES,
	};
}

/* ---- policies ---- */

struct policy {
	int mode;
	unsigned long nodes;
};

static void make_bound(struct mt_source *source, void *arg)
{
	const struct policy *policy = arg;

	make_filled(source, NULL);
	mt_must(madvise(source->memory, BYTES, MADV_DONTNEED));
	mt_must(syscall(SYS_mbind, source->memory, BYTES, policy->mode,
			&policy->nodes, 8 * sizeof(policy->nodes), 0));
	mt_fill(source->memory, BYTES, 1);
}

static int policy_at(const char *address)
{
	int mode = -1;

	mt_must(syscall(SYS_get_mempolicy, &mode, NULL, 0, address,
			MPOL_F_ADDR));
	return mode;
}

TEST_F(mach, S3_3_numa_policy)
{
	static struct policy policies[] = {
		{ MPOL_BIND, 1 }, { MPOL_PREFERRED, 1 },
		{ MPOL_INTERLEAVE, 1 }, { MPOL_INTERLEAVE, 3 },
	};
	struct mt_source source;
	size_t count = ARRAY_SIZE(policies) - !two_nodes();

	mt_source_begin();
	if (syscall(SYS_get_mempolicy, NULL, NULL, 0, NULL, 0))
		SKIP(return, "no NUMA");
	for (size_t i = 0; i < count; i++) {
		mt_source_all_ways(&self->task, make_bound, &policies[i]);
		/* The policy stays with the sender. */
		make_bound(&source, &policies[i]);
		EXPECT_EQ(policies[i].mode, policy_at(source.memory));
		EXPECT_EQ(MPOL_DEFAULT,
			  policy_at(mt_source_copy(&self->task, &source)));
		EXPECT_EQ(policies[i].mode, policy_at(source.memory));
		EXPECT_EQ(MPOL_DEFAULT,
			  policy_at(mt_source_move(&self->task, &source)));
	}
}

/* ---- pages that move ---- */

/* Every page to the node; those that are held may stay where they are. */
static void move_to_node(char *memory, int node, int flags)
{
	void *pages[PAGES];
	int nodes[PAGES], status[PAGES];

	for (int i = 0; i < PAGES; i++) {
		pages[i] = memory + i * MT_PAGE;
		nodes[i] = node;
	}
	mt_check(syscall(SYS_move_pages, 0, PAGES, pages, nodes, status,
			 flags) >= 0);
}

static void move_to_and_fro(const struct mt_source *source)
{
	move_to_node(source->memory, 1, MPOL_MF_MOVE_ALL);
	move_to_node(source->memory, 0, MPOL_MF_MOVE_ALL);
	mt_check(mt_source_arrived(source, source->memory));
	mt_fill(source->memory, BYTES / 2, 2);
	move_to_node(source->memory, 1, MPOL_MF_MOVE_ALL);
	mt_check(mt_holds(source->memory, BYTES / 2, 2));
}

TEST_F(mach, O2_migrated_in_flight)
{
	struct mt_source source;
	char *received;

	if (!two_nodes())
		SKIP(return, "one NUMA node");
	mt_source_begin();
	make_filled(&source, NULL);
	mt_source_in_flight(&self->task, &source, move_to_and_fro);

	make_filled(&source, NULL);
	received = mt_source_copy(&self->task, &source);
	move_to_and_fro(&source);
	EXPECT_TRUE(mt_source_arrived(&source, received));
	memset(received, 'r', BYTES);
	EXPECT_TRUE(mt_holds(source.memory, BYTES / 2, 2));
}

static void make_migrated(struct mt_source *source, void *arg)
{
	make_filled(source, arg);
	move_to_node(source->memory, 1, MPOL_MF_MOVE);
}

TEST_F(mach, S3_3_migrated)
{
	if (!two_nodes())
		SKIP(return, "one NUMA node");
	mt_source_begin();
	mt_source_all_ways(&self->task, make_migrated, NULL);
}

/* ---- NUMA balancing ---- */

#define BALANCING	"/sys/kernel/debug/sched/numa_balancing/"
#define SCAN_MS		20000

/*
 * Runs until the kernel has taken the access bits of as many pages away as
 * it can find here, to see who uses them.
 */
static bool wait_for_scan(void)
{
	long before = mt_get_kernel("/proc/vmstat", "numa_pte_updates");
	__u64 end = mt_now() + SCAN_MS;

	mt_set_kernel(BALANCING "scan_delay_ms", "1");
	mt_set_kernel(BALANCING "scan_period_min_ms", "1");
	mt_set_kernel(BALANCING "scan_size_mb", "256");
	while (mt_now() < end)
		if (mt_get_kernel("/proc/vmstat", "numa_pte_updates") >=
		    before + PAGES)
			return true;
	return false;
}

/* The local pages of a process with one thread are left alone. */
static void *idle(void *arg)
{
	pause();
	return arg;
}

/* Pages whose entries are there, but forbid every access. */
TEST_F_TIMEOUT(mach, S3_3_numa_protnone, 120)
{
	const struct mt_task *task = &self->task;
	char *received[4], *memory, *moved;
	pthread_t thread;

	if (!two_nodes() || access(BALANCING, F_OK))
		SKIP(return, "one NUMA node, or no NUMA balancing");
	mt_source_begin();
	mt_must(pthread_create(&thread, NULL, idle, NULL));
	for (int i = 0; i < 4; i++) {
		memory = mt_map_filled(PAGES, i);
		moved = mt_map_filled(PAGES, i);
		if (!wait_for_scan())
			SKIP(return, "NUMA balancing did not scan in time");
		received[i] = mt_pass_memory(task, memory, BYTES, 0);
		moved = mt_move_memory(task, moved, BYTES);
		EXPECT_TRUE(mt_holds(moved, BYTES, i));
		/* The entry must not have become writable again. */
		mt_fill(memory, BYTES, 9);
		EXPECT_TRUE(mt_holds(received[i], BYTES, i));
		mt_fill(moved, BYTES, 8);
		mt_fill(received[i], BYTES, 7);
		EXPECT_TRUE(mt_holds(memory, BYTES, 9));
	}
}

TEST_HARNESS_MAIN
