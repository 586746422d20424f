// SPDX-License-Identifier: GPL-2.0
/*
 * A receiver without room in its address space, for whatever reason the
 * kernel has, loses the regions that do not fit and gets all the rest
 * (K9, K10; negative test N15; docs/architecture.md).
 */
#include <sys/mman.h>
#include <sys/resource.h>

#include "lib/fixture.h"

#define PAGES	4
#define BYTES	(PAGES * MT_PAGE)
#define BIG	(64UL << 20)

/* ---- a message with several regions ---- */

#define REGIONS	4

/* Right, region, region, right, region, region. */
static void send_regions(const struct mt_task *task, __u32 port,
			 const char *memory, unsigned long bytes)
{
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_MAKE_SEND);
	for (int i = 0; i < REGIONS; i++) {
		if (i % 2 == 0)
			mt_put_right(&message, port,
				     MACH_MSG_TYPE_MAKE_SEND_ONCE);
		mt_put_memory(&message, memory, bytes, 0);
	}
	mt_must(mt_send(task, &message));
}

/* Receives it: all rights, and @fit regions, the first ones. */
static bool arrives(const struct mt_task *task, __u32 port, const char *memory,
		    unsigned long bytes, int fit)
{
	struct mt_message message;
	bool good = true;
	__s32 ret, want;

	ret = mt_receive(task, port, &message, 0);
	want = fit == REGIONS ? MACH_MSG_SUCCESS :
				MACH_RCV_BODY_ERROR | MACH_MSG_VM_SPACE;
	if (ret != want)
		fprintf(stderr, "# received with %#x, not %#x\n", ret, want);
	message.size = message.head.size;
	for (int i = 0; i < REGIONS; i++) {
		int index = i + i / 2 + 1;
		struct mt_item item = mt_item(&message, index);
		char *region = mt_memory(&message, index);

		if (i % 2 == 0)
			good &= mt_types(task, mt_right(&message, index - 1)) ==
				MACH_PORT_TYPE_SEND_ONCE;
		if (!region)
			good &= !mt_item_bits(&item) &&
				mt_item_number(&item) == bytes;
		else
			good &= !memcmp(region, memory, bytes < BYTES ? bytes :
							BYTES);
		good &= (region != NULL) == (i < fit);
		if (region)
			mt_unmap(region, bytes);
	}
	return good && ret == want;
}

/* Nothing else is left of the message. */
static bool nothing_left(const struct mt_task *task, __u32 port)
{
	return mt_live_becomes(task, MT_LIVE(objects), 0) &&
	       mt_live_becomes(task, MT_LIVE(messages), 0) &&
	       mt_empty(task, port);
}

/* ---- limits of the process ---- */

static unsigned long status_kb(const char *key)
{
	FILE *file = fopen("/proc/self/status", "re");
	unsigned long value = 0;
	char line[128];

	mt_check(file);
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, key, strlen(key)))
			sscanf(line + strlen(key), "%lu", &value);
	fclose(file);
	return value;
}

static void set_limit(int which, unsigned long value)
{
	struct rlimit limit;

	mt_must(getrlimit(which, &limit));
	limit.rlim_cur = value < limit.rlim_max ? value : limit.rlim_max;
	mt_must(setrlimit(which, &limit));
}

/* Room for two big regions and a half. */
TEST_F(mach, N15_limits_of_the_process)
{
	static const struct {
		int which;
		const char *used;
	} rows[] = {
		{ RLIMIT_AS, "VmSize:" }, { RLIMIT_DATA, "VmData:" },
	};
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	char *memory = mt_map(BIG / MT_PAGE);

	mt_fill(memory, BYTES, 1);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		send_regions(task, port, memory, BIG);
		set_limit(rows[i].which, (status_kb(rows[i].used) << 10) +
					 BIG / 2 * 5);
		EXPECT_TRUE(arrives(task, port, memory, BIG, 2))
			TH_LOG("%s", rows[i].used);
		set_limit(rows[i].which, RLIM_INFINITY);
		EXPECT_TRUE(nothing_left(task, port));
		send_regions(task, port, memory, BIG);
		EXPECT_TRUE(arrives(task, port, memory, BIG, REGIONS));
	}
}

/* With all memory locked, what is received counts as locked. */
TEST_F(mach, N15_locked_memory)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	char *memory = mt_map_filled(PAGES, 1);

	send_regions(task, port, memory, BYTES);
	send_regions(task, port, memory, BYTES);
	mt_must(mlockall(MCL_CURRENT | MCL_FUTURE));
	set_limit(RLIMIT_MEMLOCK, MT_PAGE);
	mt_must(setresuid(54321, 54321, 0));
	EXPECT_TRUE(arrives(task, port, memory, BYTES, 0));
	mt_must(setresuid(0, 0, 0));
	mt_must(munlockall());
	EXPECT_TRUE(arrives(task, port, memory, BYTES, REGIONS));
	EXPECT_TRUE(nothing_left(task, port));
}

/* ---- limits of the machine ---- */

static unsigned long get_number(const char *path)
{
	FILE *file = fopen(path, "re");
	unsigned long value;

	mt_check(file && fscanf(file, "%lu", &value) == 1);
	fclose(file);
	return value;
}

static void set_number(const char *path, unsigned long value)
{
	FILE *file = fopen(path, "we");

	mt_check(file);
	fprintf(file, "%lu\n", value);
	mt_must(fclose(file));
}

#define MAX_MAP_COUNT	"/proc/sys/vm/max_map_count"
#define OVERCOMMIT	"/proc/sys/vm/overcommit_memory"
#define OVERCOMMIT_KB	"/proc/sys/vm/overcommit_kbytes"

/* Makes mappings until only @free more can be made. */
static void use_up_mappings(char *area, unsigned long pages,
			    unsigned int free)
{
	unsigned long at = 0;

	while (at < pages && !mprotect(area + at * MT_PAGE, MT_PAGE,
				       PROT_READ))
		at += 2;
	mt_check(at < pages);
	/* A split makes two; there may be room for one yet. */
	while (mmap(NULL, MT_PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1,
		    0) != MAP_FAILED)
		;
	while (free--) {
		at -= 2;
		/* One mapping less than before: joined to its neighbours. */
		mt_unmap(area + at * MT_PAGE, MT_PAGE);
	}
}

/* max_map_count, lowered so that it is soon reached. */
TEST_F(mach, N15_mappings)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	unsigned long limit = get_number(MAX_MAP_COUNT);
	char *memory = mt_map_filled(PAGES, 1), *area;
	bool good;

	area = mmap(NULL, 1000 * MT_PAGE, PROT_NONE, MAP_PRIVATE |
		    MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)area);
	for (int fit = 0; fit <= 3; fit++) {
		send_regions(task, port, memory, BYTES);
		set_number(MAX_MAP_COUNT, 200);
		use_up_mappings(area, 1000, fit);
		good = arrives(task, port, memory, BYTES, fit);
		set_number(MAX_MAP_COUNT, limit);
		EXPECT_TRUE(good) TH_LOG("room for %d", fit);
		mt_unmap(area, 1000 * MT_PAGE);
		ASSERT_EQ(area, mmap(area, 1000 * MT_PAGE, PROT_NONE,
				     MAP_PRIVATE | MAP_ANONYMOUS |
				     MAP_NORESERVE | MAP_FIXED, -1, 0));
		EXPECT_TRUE(nothing_left(task, port));
	}
	send_regions(task, port, memory, BYTES);
	EXPECT_TRUE(arrives(task, port, memory, BYTES, REGIONS));
}

static unsigned long committed_kb(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	unsigned long value = 0;
	char line[128];

	mt_check(file);
	while (fgets(line, sizeof(line), file))
		sscanf(line, "Committed_AS: %lu", &value);
	fclose(file);
	return value;
}

/* Strict overcommit: received memory could be written, so it is committed. */
TEST_F(mach, N15_overcommit)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	unsigned long mode = get_number(OVERCOMMIT);
	char *memory = mt_map(BIG / MT_PAGE);
	unsigned long committed;
	bool good;

	mt_fill(memory, BYTES, 1);
	send_regions(task, port, memory, BIG);
	committed = committed_kb();
	set_number(OVERCOMMIT_KB, committed + (BIG >> 10) / 2 * 5);
	set_number(OVERCOMMIT, 2);
	/* Root has a reserve that others have not. */
	mt_must(setresuid(54321, 54321, 0));
	good = arrives(task, port, memory, BIG, 2);
	mt_must(setresuid(0, 0, 0));
	set_number(OVERCOMMIT, mode);
	set_number("/proc/sys/vm/overcommit_ratio", 50);
	EXPECT_TRUE(good);
	EXPECT_TRUE(nothing_left(task, port));
	send_regions(task, port, memory, BIG);
	EXPECT_TRUE(arrives(task, port, memory, BIG, REGIONS));
}

/* A message with more regions than there is room for. */
TEST_F(mach, N15_most_of_many)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	char *memory = mt_map_filled(1, 1);
	struct mt_message message;
	int got = 0, lost = 0;
	__s32 ret;

	mt_begin(&message, port, MACH_MSG_TYPE_MAKE_SEND);
	for (int i = 0; i < 1000; i++)
		mt_put_memory(&message, memory, 8, 0);
	mt_must(mt_send(task, &message));
	set_limit(RLIMIT_AS, (status_kb("VmSize:") << 10) + 600 * MT_PAGE);
	ret = mt_receive(task, port, &message, 0);
	set_limit(RLIMIT_AS, RLIM_INFINITY);
	EXPECT_EQ(MACH_RCV_BODY_ERROR | MACH_MSG_VM_SPACE, ret);
	message.size = message.head.size;
	for (int i = 0; i < 1000; i++) {
		char *region = mt_memory(&message, i);

		if (region) {
			EXPECT_TRUE(mt_holds(region, 8, 1));
			mt_unmap(region, 8);
			got++;
		} else {
			lost++;
		}
	}
	EXPECT_EQ(1000, got + lost);
	EXPECT_LE(590, got);
	EXPECT_GE(600, got);
	EXPECT_TRUE(nothing_left(task, port));
}

/* ---- the sender's own doorbell ---- */

static void unmap_doorbell(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long start, end;
	char line[512];

	mt_check(maps);
	while (fgets(line, sizeof(line), maps))
		if (strstr(line, "mach") && strstr(line, "---s") &&
		    sscanf(line, "%lx-%lx", &start, &end) == 2)
			mt_unmap((void *)start, end - start);
	fclose(maps);
}

/*
 * Unmapped by the user, and no room for a new one: ENOMEM, nothing done
 * (<linux/mach.h>).
 */
TEST_F(mach, send_without_a_doorbell)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	char *memory = mt_map_filled(PAGES, 1);
	struct mt_message message;
	struct mach_ioc_msg call = {
		.size = sizeof(call),
		.option = MACH_SEND_MSG,
		.msg = (unsigned long)message.bytes,
		.send_size = 48,
	};

	mt_share_all();
	mt_begin(&message, port, MACH_MSG_TYPE_MAKE_SEND);
	mt_put_memory(&message, memory, BYTES, 0);
	unmap_doorbell();
	set_limit(RLIMIT_AS, 1);
	EXPECT_EQ(-ENOMEM, mt_ioctl(task, MACH_IOC_MSG, &call));
	set_limit(RLIMIT_AS, RLIM_INFINITY);
	EXPECT_TRUE(mt_holds(memory, BYTES, 1));
	/* Afterwards all is well. */
	mt_must(mt_send_memory(task, port, MACH_MSG_TYPE_MAKE_SEND, memory,
			       BYTES, 0));
	EXPECT_TRUE(mt_holds(mt_receive_memory(task, port), BYTES, 1));
}

TEST_HARNESS_MAIN
