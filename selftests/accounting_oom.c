// SPDX-License-Identifier: GPL-2.0
/*
 * A memory cgroup that is full: who sends or receives more than it may is
 * refused, or killed by the OOM killer, alone; what it had goes, and nobody else
 * notices (docs/caveats.md; negative test N41).
 *
 * The OOM killer's report is a splat to the rig without --oom: so all of it is
 * skipped without MACH_TEST_OOM in the environment, which tools/checks/run sets.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "lib/fixture.h"
#include "lib/caller.h"

#define ROOT	"/tmp/mach-cgroup"
#define LIMIT	(16UL << 20)
#define PART	(1UL << 20)

static bool put(const char *file, const char *value)
{
	char path[128];
	bool done;
	int fd;

	snprintf(path, sizeof(path), ROOT "/%s", file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	done = write(fd, value, strlen(value)) == (ssize_t)strlen(value);
	close(fd);
	return done;
}

/* How often the group was full ("max"), or somebody died of it ("oom_kill"). */
static unsigned long events(const char *what)
{
	FILE *file = fopen(ROOT "/small/memory.events", "re");
	unsigned long count;
	char word[32];

	mt_check(file);
	while (fscanf(file, "%31s %lu", word, &count) == 2)
		if (!strcmp(word, what))
			break;
	fclose(file);
	return count;
}

static unsigned long charged(void)
{
	FILE *file = fopen(ROOT "/small/memory.current", "re");
	unsigned long value;

	mt_check(file && fscanf(file, "%lu", &value) == 1);
	fclose(file);
	return value;
}

FIXTURE(group) {
	struct mt_task task;
};

FIXTURE_SETUP(group)
{
	const char *reason = mt_unavailable();
	char limit[32];

	if (reason)
		SKIP(_exit(MT_EXIT_SKIP), "%s", reason);
	if (!getenv("MACH_TEST_OOM"))
		SKIP(_exit(MT_EXIT_SKIP), "not told to (MACH_TEST_OOM)");
	mkdir(ROOT, 0700);
	if (mount("cgroup", ROOT, "cgroup2", 0, NULL) && errno != EBUSY)
		SKIP(_exit(MT_EXIT_SKIP), "no cgroup2");
	if (!put("cgroup.subtree_control", "+memory"))
		SKIP(_exit(MT_EXIT_SKIP), "no memory cgroups");
	mt_supervise();
	mkdir(ROOT "/small", 0700);
	snprintf(limit, sizeof(limit), "%lu", LIMIT);
	mt_check(put("small/memory.max", limit));
	put("small/memory.swap.max", "0");
	mt_share_all();
	mt_open(&self->task);
}

FIXTURE_TEARDOWN(group)
{
}

/* ---- what fills the group up ---- */

typedef void fill(const struct mt_task *task);

/* Queued messages, whose bytes are the kernel's. */
static void fill_messages(const struct mt_task *task)
{
	__u32 port = mt_receive_right(task);
	struct mt_message message;
	__s32 ret;

	for (;;) {
		mt_begin(&message, port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
		message.size = 8192;
		ret = mt_send(task, &message);
		if (ret)
			_exit(ret == MACH_SEND_NO_BUFFER ? 0 : 2);
	}
}

static void fill_ports(const struct mt_task *task)
{
	__u32 name;
	__s32 ret;

	while (!(ret = mt_allocate(task, MACH_PORT_RIGHT_RECEIVE, &name)))
		;
	_exit(ret == KERN_RESOURCE_SHORTAGE ? 0 : 2);
}

/* Regions that are copied: from a file's pages. */
static void fill_copies(const struct mt_task *task)
{
	char *memory = mmap(NULL, PART, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	__s32 ret;

	memset(memory, 1, PART);
	for (;;) {
		ret = mt_send_memory(task, mt_receive_right(task),
				     MACH_MSG_TYPE_MAKE_SEND_ONCE, memory,
				     PART, 0);
		if (ret)
			_exit(ret == MACH_SEND_NO_BUFFER ? 0 : 2);
	}
}

/* Writes into what it received, which splits shared pages. */
static void fill_splits(const struct mt_task *task)
{
	char *memory = mt_map_filled(PART / MT_PAGE, 1), *region;

	for (;;) {
		region = mt_pass_memory(task, memory, PART, 0);
		memset(region, 2, PART);
	}
}

static fill *const fills[] = {
	fill_messages, fill_ports, fill_copies, fill_splits,
};

struct order {
	fill *fill;
};

static void fill_up(struct mt_side *side, void *arg)
{
	struct order *order = arg;

	mt_check(put("small/cgroup.procs", "0"));
	order->fill(&side->task);
}

/* ---- and everybody else ---- */

static void check_others(const struct mt_task *task)
{
	char *memory = mt_map_filled(64, 1), *received;

	received = mt_pass_memory(task, memory, 64 * MT_PAGE, 0);
	mt_check(mt_holds(received, 64 * MT_PAGE, 1));
	mt_unmap(received, 64 * MT_PAGE);
	mt_unmap(memory, 64 * MT_PAGE);
	mt_must(mt_destroy(task, mt_port(task)));
}

TEST_F(group, N41_full_group)
{
	/* It is the group that stops them, and no limit of the module's. */
	mt_set_param("max_user_bytes", 1ULL << 30);
	for (size_t i = 0; i < ARRAY_SIZE(fills); i++) {
		__u64 ports = mt_live(&self->task, MT_LIVE(ports));
		unsigned long kills = events("oom_kill"), full = events("max");
		struct order order = { fills[i] };
		struct mt_peer peer;
		int status;

		mt_spawn(&peer, &self->task, fill_up, &order);
		status = mt_join(&peer);
		EXPECT_TRUE(status == 0 || (WIFSIGNALED(status) &&
					    WTERMSIG(status) == SIGKILL))
			TH_LOG("case %zu: %#x", i, status);
		/* Refused, or killed, and nobody but that process. */
		EXPECT_EQ(kills + !!status, events("oom_kill"));
		EXPECT_LT(full, events("max"));
		TH_LOG("case %zu: %s", i, status ? "killed" : "refused");
		check_others(&self->task);
		mt_must(mt_destroy(&self->task, peer.port));
		mt_must(mt_destroy(&self->task, peer.right));
		EXPECT_TRUE(mt_live_becomes(&self->task, MT_LIVE(ports),
					    ports));
		for (int n = 0; n < 400 && charged() > PART; n++)
			mt_sleep(10);
		EXPECT_GT(PART, charged());
	}
}

TEST_HARNESS_MAIN
