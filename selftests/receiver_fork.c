// SPDX-License-Identifier: GPL-2.0
/*
 * Received memory and fork: three generations that read, write and exit in
 * every order; each sees its own writes and nobody else's (O11; kernel.md 5).
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "lib/fixture.h"
#include "lib/receiver.h"

#define PAGES	4
#define BYTES	(PAGES * MT_PAGE)

/* ---- processes that do as they are told ---- */

/* Parent, child and grandchild; each has what its parent had at its birth. */
#define FAMILY	3

enum order {
	CHECK,			/* is all as this process has left it? */
	WRITE,			/* every page */
	WRITE_ODD,		/* every other page */
	BEAR,			/* a child */
	LEAVE,
};

struct member {
	int orders[2], answers[2];	/* pipes */
};

struct family {
	const struct mt_region *region;
	struct member members[FAMILY];
	/* Of this process. */
	int self;
	int seeds[PAGES];	/* -1: the message's content */
	pid_t child;
};

static bool is_own(struct family *family)
{
	const struct mt_region *region = family->region;

	for (int page = 0; page < PAGES; page++) {
		char *at = region->memory + page * MT_PAGE;
		int seed = family->seeds[page];

		if (seed < 0 ? !mt_region_holds(region, at, page, 1) :
			       !mt_holds(at, MT_PAGE, seed))
			return false;
	}
	return true;
}

static void write_pages(struct family *family, bool all)
{
	for (int page = 0; page < PAGES; page++) {
		int seed = 100 + 10 * family->self + page;

		if (!all && page % 2 == 0)
			continue;
		mt_fill(family->region->memory + page * MT_PAGE, MT_PAGE,
			seed);
		family->seeds[page] = seed;
	}
}

static void serve(struct family *family);

static void bear(struct family *family)
{
	family->child = mt_fork();
	if (family->child)
		return;
	/* A child may go before its own child. */
	mt_must(prctl(PR_SET_PDEATHSIG, 0));
	family->self++;
	serve(family);
	_exit(0);
}

static bool obey(struct family *family, enum order order)
{
	switch (order) {
	case CHECK:
		return is_own(family);
	case WRITE:
	case WRITE_ODD:
		write_pages(family, order == WRITE);
		return is_own(family);
	case BEAR:
		bear(family);
		return true;
	case LEAVE:
		break;
	}
	return true;
}

static void serve(struct family *family)
{
	struct member *member = &family->members[family->self];
	__u64 order;

	do {
		order = mt_await(member->orders[0]);
		mt_tell(member->answers[1], obey(family, order));
	} while (order != LEAVE);
}

/* To any member, of whom the first is this process. */
static bool tell(struct family *family, int who, enum order order)
{
	struct member *member = &family->members[who];

	if (who == 0)
		return obey(family, order);
	mt_tell(member->orders[1], order);
	return mt_await(member->answers[0]);
}

static void found(struct family *family, const struct mt_region *region)
{
	family->region = region;
	family->self = 0;
	for (int page = 0; page < PAGES; page++)
		family->seeds[page] = -1;
	for (int who = 0; who < FAMILY; who++) {
		mt_must(pipe(family->members[who].orders));
		mt_must(pipe(family->members[who].answers));
	}
}

static bool disperse(struct family *family)
{
	for (int who = 0; who < FAMILY; who++) {
		for (int end = 0; end < 2; end++) {
			close(family->members[who].orders[end]);
			close(family->members[who].answers[end]);
		}
	}
	return !mt_wait_pid(family->child);
}

static bool all_own(struct family *family)
{
	bool good = true;

	for (int who = 0; who < FAMILY; who++)
		good &= tell(family, who, CHECK);
	return good;
}

/* Who writes first, second, third. */
static const int turns[][FAMILY] = {
	{ 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
	{ 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
};

/* Born together; then all write in this order, and all look each time. */
static bool born_then_write(const struct mt_region *region, const int *turn,
			    enum order how)
{
	struct family family;
	bool good;

	found(&family, region);
	tell(&family, 0, BEAR);
	tell(&family, 1, BEAR);
	good = all_own(&family);
	for (int i = 0; i < FAMILY; i++) {
		good &= tell(&family, turn[i], how);
		good &= all_own(&family);
	}
	/* The child may be gone before the grandchild. */
	tell(&family, turn[0] == 2 ? 2 : 1, LEAVE);
	good &= tell(&family, turn[0] == 2 ? 1 : 2, CHECK);
	tell(&family, turn[0] == 2 ? 1 : 2, LEAVE);
	good &= tell(&family, 0, CHECK);
	good &= tell(&family, 0, WRITE);
	return disperse(&family) && good;
}

/* Every origin with every touch, and each of them with half of the turns. */
TEST_F_TIMEOUT(mach, O11_every_order, 120)
{
	for (int i = 0; i < MT_ORIGINS * MT_TOUCHES * 3; i++) {
		int touch = i / MT_ORIGINS % MT_TOUCHES;
		int turn = i / MT_ORIGINS / MT_TOUCHES * 2 + touch % 2;
		struct mt_region region;

		mt_region_receive(&region, &self->task, i % MT_ORIGINS, PAGES,
				  1);
		mt_region_touch(&region, touch);
		ASSERT_TRUE(born_then_write(&region, turns[turn],
					    touch / 2 % 2 ? WRITE : WRITE_ODD))
			TH_LOG("combination %d", i);
		ASSERT_TRUE(mt_region_source_intact(&region))
			TH_LOG("combination %d", i);
		mt_region_drop(&region);
	}
}

/* Writes between the births: each generation has what was there then. */
TEST_F_TIMEOUT(mach, O11_generations, 60)
{
	for (int i = 0; i < MT_ORIGINS * 2; i++) {
		enum order how = i < MT_ORIGINS ? WRITE_ODD : WRITE;
		struct mt_region region;
		struct family family;

		mt_region_receive(&region, &self->task, i % MT_ORIGINS, PAGES,
				  1);
		found(&family, &region);
		EXPECT_TRUE(tell(&family, 0, how));
		tell(&family, 0, BEAR);
		EXPECT_TRUE(tell(&family, 1, CHECK));
		EXPECT_TRUE(tell(&family, 1, how));
		tell(&family, 1, BEAR);
		EXPECT_TRUE(tell(&family, 2, CHECK));
		EXPECT_TRUE(tell(&family, 2, how));
		EXPECT_TRUE(all_own(&family));
		tell(&family, 1, LEAVE);
		tell(&family, 2, LEAVE);
		EXPECT_TRUE(disperse(&family));
		EXPECT_TRUE(mt_region_source_intact(&region));
		mt_region_drop(&region);
	}
}

/* ---- lives and deaths ---- */

/* Whoever goes last takes the object along, and not before. */
TEST_F(mach, object_lives_as_long_as_anybody_maps_it)
{
	const struct mt_task *task = &self->task;
	__u64 objects = mt_live(task, MT_LIVE(objects));
	__u64 regions = mt_live(task, MT_LIVE(regions));
	struct mt_region region;
	int stop[2];
	pid_t pid;

	mt_region_receive(&region, task, MT_SHARED, PAGES, 1);
	mt_must(pipe(stop));
	pid = mt_fork();
	if (pid == 0) {
		mt_await(stop[0]);
		_exit(!mt_region_intact(&region));
	}
	EXPECT_EQ(regions + 2, mt_live(task, MT_LIVE(regions)));
	EXPECT_EQ(objects + 1, mt_live(task, MT_LIVE(objects)));
	mt_unmap(region.memory, BYTES);
	mt_fill(region.source, BYTES, 77);
	EXPECT_EQ(regions + 1, mt_live(task, MT_LIVE(regions)));
	EXPECT_EQ(objects + 1, mt_live(task, MT_LIVE(objects)));
	mt_tell(stop[1], 0);
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(objects), objects));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(regions), regions));
}

/* A child that unmaps, or maps over, does so for itself. */
TEST_F(mach, child_that_unmaps)
{
	struct mt_region region;
	pid_t pid;

	mt_region_receive(&region, &self->task, MT_MOVED, PAGES, 1);
	mt_region_touch(&region, MT_WRITTEN_HALF);
	pid = mt_fork();
	if (pid == 0) {
		mt_unmap(region.memory, MT_PAGE);
		mt_check(mmap(region.memory + MT_PAGE, MT_PAGE,
			      PROT_READ | PROT_WRITE, MAP_PRIVATE |
			      MAP_ANONYMOUS | MAP_FIXED, -1, 0) !=
			 MAP_FAILED);
		mt_must(mprotect(region.memory + 2 * MT_PAGE, MT_PAGE,
				 PROT_NONE));
		mt_check(mt_region_holds(&region,
					 region.memory + 3 * MT_PAGE, 3, 1));
		_exit(0);
	}
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_TRUE(mt_region_intact(&region));
}

/* What is in a queue is nobody's memory yet. */
TEST_F(mach, fork_in_flight)
{
	const struct mt_task *task = &self->task;
	char *memory = mt_map_filled(PAGES, 1), *received;
	__u32 port = mt_port(task);
	pid_t pid;

	mt_share_all();
	mt_must(mt_send_memory(task, port, MACH_MSG_TYPE_COPY_SEND, memory,
			       BYTES, 0));
	pid = mt_fork();
	if (pid == 0) {
		mt_check(mt_holds(memory, BYTES, 1));
		mt_fill(memory, BYTES, 2);
		_exit(0);
	}
	EXPECT_EQ(0, mt_wait_pid(pid));
	received = mt_receive_memory(task, port);
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
	mt_fill(received, BYTES, 3);
	EXPECT_TRUE(mt_holds(memory, BYTES, 1));
}

/* The memory is the parent's own until the child calls exec. */
TEST_F(mach, vfork_child_shares_it)
{
	struct mt_region region;
	pid_t pid;

	mt_region_receive(&region, &self->task, MT_SHARED, PAGES, 1);
	pid = vfork();
	if (pid == 0) {
		region.memory[5] = '!';
		_exit(0);
	}
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_EQ('!', region.memory[5]);
	EXPECT_TRUE(mt_region_source_intact(&region));
}

/* A program that is run has none of it; its caller has all of it. */
TEST_F(mach, exec_drops_it)
{
	char *const arguments[] = { "true", NULL }, *const none[] = { NULL };
	__u64 regions = mt_live(&self->task, MT_LIVE(regions));
	struct mt_region region;
	pid_t pid;

	mt_region_receive(&region, &self->task, MT_MOVED, PAGES, 1);
	if (posix_spawn(&pid, "/bin/true", NULL, NULL, arguments, none))
		SKIP(return, "no /bin/true");
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_TRUE(mt_region_intact(&region));
	EXPECT_TRUE(mt_live_becomes(&self->task, MT_LIVE(regions),
				    regions + 1));
}

TEST_F(mach, many_children)
{
	struct mt_region region;
	pid_t pids[12];

	for (int origin = 0; origin < MT_ORIGINS; origin++) {
		mt_region_receive(&region, &self->task, origin, PAGES, 1);
		for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
			pids[i] = mt_fork();
			if (pids[i])
				continue;
			mt_check(mt_region_intact(&region));
			mt_fill(region.memory, BYTES, 50 + i);
			sched_yield();
			_exit(!mt_holds(region.memory, BYTES, 50 + i));
		}
		for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
			EXPECT_EQ(0, mt_wait_pid(pids[i]));
		EXPECT_TRUE(mt_region_intact(&region));
		EXPECT_TRUE(mt_region_source_intact(&region));
		mt_region_drop(&region);
	}
}

/* ---- against other threads ---- */

struct counter {
	char *memory;
	bool stop;
	unsigned long rounds;
};

static __u64 *word(char *memory, int page)
{
	return (__u64 *)(memory + page * MT_PAGE);
}

/* Each page counts on from where it was; a lost write shows at once. */
static void *count(void *arg)
{
	struct counter *counter = arg;

	while (!__atomic_load_n(&counter->stop, __ATOMIC_RELAXED)) {
		for (int page = 0; page < PAGES; page++) {
			mt_check(*word(counter->memory, page) ==
				 counter->rounds);
			*word(counter->memory, page) = counter->rounds + 1;
		}
		counter->rounds++;
	}
	return NULL;
}

/* What a child has is one moment, or nearly: it does not change. */
static void child_of_a_counter(char *memory)
{
	__u64 seen[PAGES];

	for (int page = 0; page < PAGES; page++) {
		seen[page] = *word(memory, page);
		mt_check(seen[page] == seen[0] || seen[page] + 1 == seen[0]);
	}
	for (int again = 0; again < 5; again++) {
		sched_yield();
		for (int page = 0; page < PAGES; page++)
			mt_check(*word(memory, page) == seen[page]);
	}
	memset(memory, 'c', BYTES);
}

TEST_F_TIMEOUT(mach, O11_fork_while_another_thread_writes, 60)
{
	for (int origin = 0; origin < MT_ORIGINS; origin++) {
		struct counter counter = { .rounds = 0 };
		struct mt_region region;
		pthread_t thread;

		mt_region_receive(&region, &self->task, origin, PAGES, 1);
		for (int page = 0; page < PAGES; page++)
			*word(region.memory, page) = 0;
		counter.memory = region.memory;
		mt_must(pthread_create(&thread, NULL, count, &counter));
		for (int round = 0; round < 15; round++) {
			pid_t pid = mt_fork();

			if (pid == 0) {
				child_of_a_counter(region.memory);
				_exit(0);
			}
			EXPECT_EQ(0, mt_wait_pid(pid));
		}
		__atomic_store_n(&counter.stop, true, __ATOMIC_RELAXED);
		mt_must(pthread_join(thread, NULL));
		EXPECT_LT(0UL, counter.rounds);
		EXPECT_TRUE(mt_region_source_intact(&region));
		mt_region_drop(&region);
	}
}

TEST_HARNESS_MAIN
