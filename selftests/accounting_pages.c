// SPDX-License-Identifier: GPL-2.0
/*
 * Every page of a memory object is somebody's: its sender's while it is in
 * flight, its receiver's from then on until nobody maps it; and what one user
 * has used up is no other user's loss (docs/architecture.md, Limits;
 * negative tests N15, N41).
 */
#include <sys/mman.h>

#include "lib/fixture.h"

#define PAGES	16
#define BYTES	(PAGES * MT_PAGE)
#define BIG	(1UL << 40)

/*
 * Two users who own nothing yet, with a task each.  (A task is its opener's,
 * by real uid; they may well be one process.)
 */
FIXTURE(users) {
	struct mt_task root, a, b;
	__u32 to_b, port_b;	/* a's send right for b's port */
};

FIXTURE_SETUP(users)
{
	const char *reason = mt_unavailable();

	if (reason)
		SKIP(_exit(MT_EXIT_SKIP), "%s", reason);
	mt_supervise();
	mt_share_all();
	mt_open(&self->root);
	mt_must(setresuid(54321, 0, 0));
	mt_open(&self->a);
	mt_must(setresuid(54322, 0, 0));
	mt_open(&self->b);
	self->port_b = mt_receive_right(&self->b);
	self->to_b = mt_connect(&self->a, &self->b, self->port_b);
}

FIXTURE_TEARDOWN(users)
{
}

static __s32 send(const struct mt_task *task, __u32 to, const void *memory,
		  unsigned long pages)
{
	return mt_send_memory(task, to, MACH_MSG_TYPE_COPY_SEND, memory,
			      pages * MT_PAGE, 0);
}

/* How many pages the user of @task could still send: found by trying. */
static unsigned long room(const struct mt_task *task, unsigned long limit)
{
	__u32 port = mt_receive_right(task);
	char *memory = mt_map(limit);
	unsigned long low = 0, high = limit + 1;

	while (low + 1 < high) {
		unsigned long pages = (low + high) / 2;
		__s32 ret = mt_send_memory(task, port,
					   MACH_MSG_TYPE_MAKE_SEND, memory,
					   pages * MT_PAGE, 0);

		mt_check(ret == MACH_MSG_SUCCESS ||
			 ret == MACH_SEND_NO_BUFFER);
		if (ret == MACH_MSG_SUCCESS) {
			mt_unmap(mt_receive_memory(task, port),
				 pages * MT_PAGE);
			low = pages;
		} else {
			high = pages;
		}
	}
	mt_must(mt_destroy(task, port));
	mt_unmap(memory, limit * MT_PAGE);
	return low;
}

#define LIMIT	100UL

TEST_F(users, in_flight_is_the_senders)
{
	char *memory = mt_map_filled(PAGES, 1), *received;

	mt_set_param("max_user_pages", LIMIT);
	mt_must(send(&self->a, self->to_b, memory, PAGES));
	EXPECT_EQ(LIMIT - PAGES, room(&self->a, LIMIT));
	EXPECT_EQ(LIMIT, room(&self->b, LIMIT));
	received = mt_receive_memory(&self->b, self->port_b);
	EXPECT_EQ(LIMIT, room(&self->a, LIMIT));
	EXPECT_EQ(LIMIT - PAGES, room(&self->b, LIMIT));
	mt_unmap(received, BYTES);
	EXPECT_EQ(LIMIT, room(&self->b, LIMIT));
}

/* However its pages travel, and if there is nothing in them. */
TEST_F(users, every_page_counts)
{
	static const __u64 share_min[] = { 0, 1 << 30 };
	char *holes = mt_map(PAGES), *file;

	file = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)file);
	mt_set_param("max_user_pages", LIMIT);
	for (int i = 0; i < 2; i++) {
		char *moved = mt_map_filled(PAGES, 1);

		mt_set_param("share_min", share_min[i]);
		mt_must(send(&self->a, self->to_b, holes, PAGES));
		mt_must(send(&self->a, self->to_b, file, PAGES));
		mt_must(mt_send_memory(&self->a, self->to_b,
				       MACH_MSG_TYPE_COPY_SEND, moved, BYTES,
				       MACH_MSG_DESC_DEALLOCATE));
		/* Two bytes on two pages are two pages. */
		mt_must(mt_send_memory(&self->a, self->to_b,
				       MACH_MSG_TYPE_COPY_SEND,
				       holes + MT_PAGE - 1, 2, 0));
		EXPECT_EQ(LIMIT - 3 * PAGES - 2, room(&self->a, LIMIT));
		for (int region = 0; region < 4; region++)
			mt_receive_memory(&self->b, self->port_b);
		EXPECT_EQ(LIMIT, room(&self->a, LIMIT));
		mt_set_param("max_user_pages", BIG);
		mt_must(mt_destroy(&self->b, self->port_b));
		self->port_b = mt_receive_right(&self->b);
		self->to_b = mt_connect(&self->a, &self->b, self->port_b);
		mt_set_param("max_user_pages", LIMIT);
	}
}

/* A receiver at its limit loses the region, and nothing else. */
TEST_F(users, N15_receiver_without_pages)
{
	__u64 objects = mt_live(&self->root, MT_LIVE(objects));
	char *memory = mt_map_filled(PAGES, 1), *held;
	struct mt_message message;
	__u32 right;
	__s32 ret;

	mt_set_param("max_user_pages", LIMIT);
	held = mt_pass_memory(&self->b, mt_map(LIMIT - 3),
			      (LIMIT - 3) * MT_PAGE, 0);
	right = mt_receive_right(&self->a);
	mt_begin(&message, self->to_b, MACH_MSG_TYPE_COPY_SEND);
	mt_put_memory(&message, memory, 2 * MT_PAGE, 0);
	mt_put_memory(&message, memory, BYTES, 0);
	mt_put_right(&message, right, MACH_MSG_TYPE_MAKE_SEND);
	mt_put_memory(&message, memory, MT_PAGE, 0);
	mt_must(mt_send(&self->a, &message));
	ret = mt_receive(&self->b, self->port_b, &message, 0);
	EXPECT_EQ(MACH_RCV_BODY_ERROR | MACH_MSG_VM_KERNEL, ret);
	message.size = message.head.size;
	EXPECT_TRUE(mt_holds(mt_memory(&message, 0), 2 * MT_PAGE, 1));
	EXPECT_EQ(NULL, mt_memory(&message, 1));
	EXPECT_EQ(MACH_PORT_TYPE_SEND,
		  mt_types(&self->b, mt_right(&message, 2)));
	EXPECT_TRUE(mt_holds(mt_memory(&message, 3), MT_PAGE, 1));
	/* What was lost is charged to nobody. */
	EXPECT_EQ(LIMIT, room(&self->a, LIMIT));
	EXPECT_EQ(0UL, room(&self->b, LIMIT));
	EXPECT_TRUE(mt_live_becomes(&self->root, MT_LIVE(objects),
				    objects + 3));
	mt_unmap(held, (LIMIT - 3) * MT_PAGE);
	EXPECT_EQ(LIMIT - 3, room(&self->b, LIMIT));
}

/* Floods take the sender's pages, never the receiver's. */
TEST_F(users, N41_sender_cannot_use_up_a_receiver)
{
	char *memory = mt_map_filled(2 * PAGES, 1);
	int sent = 0;
	__s32 ret;

	mt_set_param("max_user_pages", LIMIT);
	do {
		ret = mt_send_memory(&self->a, self->to_b,
				     MACH_MSG_TYPE_COPY_SEND, memory,
				     2 * BYTES, 0);
		sent += ret == MACH_MSG_SUCCESS;
	} while (ret == MACH_MSG_SUCCESS);
	EXPECT_EQ(MACH_SEND_NO_BUFFER, ret);
	EXPECT_EQ((int)(LIMIT / (2 * PAGES)), sent);
	EXPECT_EQ(LIMIT, room(&self->b, LIMIT));
	/* It takes what it likes, and the sender can go on. */
	mt_unmap(mt_receive_memory(&self->b, self->port_b), 2 * BYTES);
	EXPECT_EQ(LIMIT - (sent - 1) * 2 * PAGES, room(&self->a, LIMIT));
}

/* 1-byte regions: one page of the account each, not one of nothing. */
TEST_F(users, N41_many_tiny_regions)
{
	__u64 pages = mt_live(&self->root, MT_LIVE(pages));
	char *memory = mt_map_filled(1, 1);
	__u32 port = mt_receive_right(&self->a);
	struct mt_message message;
	unsigned long sent = 0;
	__s32 ret;

	mt_set_param("max_user_pages", 3000);
	do {
		mt_begin(&message, port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
		for (int item = 0; item < 500; item++)
			mt_put_memory(&message, memory + item, 1, 0);
		ret = mt_send(&self->a, &message);
		sent += ret == MACH_MSG_SUCCESS ? 500 : 0;
	} while (ret == MACH_MSG_SUCCESS && sent < 10000);
	EXPECT_EQ(MACH_SEND_NO_BUFFER, ret);
	EXPECT_EQ(3000UL, sent);
	EXPECT_GE(pages + 3000, mt_live(&self->root, MT_LIVE(pages)));
	EXPECT_EQ(0UL, room(&self->a, LIMIT));
	mt_must(mt_destroy(&self->a, port));
	EXPECT_EQ(LIMIT, room(&self->a, LIMIT));
}

/* A byte of a huge page does not hold the huge page. */
TEST_F(users, N41_byte_of_a_huge_page)
{
	struct mach_ioc_stats before = mt_stats(&self->a, 0), stats;
	__u64 pages = mt_live(&self->root, MT_LIVE(pages));
	char *huge = mt_map_huge(1, 1), *first, *second;

	if (!huge)
		SKIP(return, "no huge pages");
	first = mt_pass_memory(&self->a, huge + MT_PAGE, 1, 0);
	second = mt_pass_memory(&self->a, huge + 5 * MT_PAGE, 3 * MT_PAGE, 0);
	stats = mt_since(&self->a, &before);
	EXPECT_EQ(0ULL, stats.pages_shared + stats.pages_moved);
	EXPECT_EQ(4ULL, mt_copied(&stats));
	EXPECT_EQ(pages + 4, mt_live(&self->root, MT_LIVE(pages)));
	EXPECT_EQ((long)MT_HUGE / 1024, mt_smaps(huge, "AnonHugePages:"));
	mt_fill(huge, MT_HUGE, 2);
	EXPECT_NE(0, first[0]);
	EXPECT_NE(0, memcmp(second, huge + 5 * MT_PAGE, 3 * MT_PAGE));
}

/* The charge stays until the last page of the last mapping is gone. */
TEST_F(users, charge_of_a_region_in_pieces)
{
	char *received;
	int stop[2];
	pid_t pid;

	received = mt_pass_memory(&self->a, mt_map_filled(PAGES, 1), BYTES, 0);
	mt_set_param("max_user_pages", LIMIT);
	mt_unmap(received, 3 * MT_PAGE);
	mt_unmap(received + 5 * MT_PAGE, BYTES - 5 * MT_PAGE);
	EXPECT_EQ(LIMIT - PAGES, room(&self->a, LIMIT));
	mt_must(pipe(stop));
	pid = mt_fork();
	if (pid == 0) {
		mt_await(stop[0]);
		_exit(0);
	}
	/* A child's mapping is no second charge, but it holds the first. */
	EXPECT_EQ(LIMIT - PAGES, room(&self->a, LIMIT));
	mt_unmap(received + 3 * MT_PAGE, 2 * MT_PAGE);
	EXPECT_EQ(LIMIT - PAGES, room(&self->a, LIMIT));
	mt_tell(stop[1], 0);
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_EQ(LIMIT, room(&self->a, LIMIT));
}

/* Tasks, processes and threads of one user have one account. */
TEST_F(users, one_account_per_user)
{
	struct mt_task again;
	char *received;

	mt_must(setresuid(54321, 0, 0));
	mt_open(&again);
	mt_set_param("max_user_pages", LIMIT);
	received = mt_pass_memory(&again, mt_map(PAGES), BYTES, 0);
	EXPECT_EQ(LIMIT - PAGES, room(&self->a, LIMIT));
	EXPECT_EQ(LIMIT - PAGES, room(&again, LIMIT));
	EXPECT_EQ(LIMIT, room(&self->b, LIMIT));
	/* Receiving what one's own user has sent needs no room. */
	mt_set_param("max_user_pages", PAGES);
	EXPECT_EQ(0UL, room(&self->a, LIMIT));
	mt_unmap(received, BYTES);
	received = mt_pass_memory(&again, mt_map(PAGES), BYTES, 0);
	EXPECT_NE(NULL, received);
}

/* ---- the sender is gone, its message is not ---- */

static void send_and_exit(void)
{
	__u32 bootstrap = MACH_PORT_NULL;
	struct mt_task task;
	pid_t pid;

	pid = mt_fork();
	if (pid == 0) {
		mt_must(setresuid(54321, 0, 0));
		mt_open(&task);
		mt_must(mt_name_call(&task, MACH_IOC_GET_BOOTSTRAP,
				     &bootstrap));
		mt_must(send(&task, bootstrap, mt_map_filled(PAGES, 1),
			     PAGES));
		_exit(0);
	}
	mt_check(!mt_wait_pid(pid));
}

TEST_F(users, N41_message_of_the_dead)
{
	__u32 port = mt_port(&self->b), none = MACH_PORT_NULL, set = port;
	char *received;

	mt_must(mt_name_call(&self->b, MACH_IOC_SET_BOOTSTRAP, &set));
	send_and_exit();
	mt_must(mt_name_call(&self->b, MACH_IOC_SET_BOOTSTRAP, &none));
	mt_set_param("max_user_pages", LIMIT);
	EXPECT_EQ(LIMIT - PAGES, room(&self->a, LIMIT));
	received = mt_receive_memory(&self->b, port);
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
	EXPECT_EQ(LIMIT, room(&self->a, LIMIT));
	EXPECT_EQ(LIMIT - PAGES, room(&self->b, LIMIT));
}

/* A message that nobody ever receives: the charge goes with its port. */
TEST_F(users, N41_message_of_a_dead_port)
{
	mt_set_param("max_user_pages", LIMIT);
	mt_must(send(&self->a, self->to_b, mt_map_filled(PAGES, 1), PAGES));
	EXPECT_EQ(LIMIT - PAGES, room(&self->a, LIMIT));
	mt_must(mt_destroy(&self->b, self->port_b));
	EXPECT_EQ(LIMIT, room(&self->a, LIMIT));
}

/* A limit that is lowered takes nothing away; it lets nothing more in. */
TEST_F(users, limit_changes)
{
	char *received;

	received = mt_pass_memory(&self->a, mt_map_filled(PAGES, 1), BYTES, 0);
	mt_set_param("max_user_pages", PAGES / 2);
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
	EXPECT_EQ(0UL, room(&self->a, PAGES));
	mt_set_param("max_user_pages", LIMIT);
	EXPECT_EQ(LIMIT - PAGES, room(&self->a, LIMIT));
}

/* ---- the machine ---- */

static unsigned long meminfo(const char *key)
{
	FILE *file = fopen("/proc/meminfo", "re");
	unsigned long value;
	char line[128];

	mt_check(file);
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, key, strlen(key)))
			continue;
		mt_check(sscanf(line + strlen(key), "%lu", &value) == 1);
		fclose(file);
		return value << 10;
	}
	mt_fail(__FILE__, __LINE__, key, 0);
}

/*
 * With the limits as they are by default, one user who is nobody sends what
 * has to be copied until it is refused: the machine must have memory left for
 * others.  (The test gives up before it has not.)
 */
TEST_F_TIMEOUT(users, N41_one_user_cannot_take_the_machine, 120)
{
	unsigned long total = meminfo("MemTotal:"), chunk = 16UL << 20;
	__u32 port = mt_receive_right(&self->a);
	struct mt_message message;
	char *memory;
	__s32 ret;

	if (total > 4UL << 30)
		SKIP(return, "that would take long with so much memory");
	memory = mmap(NULL, chunk, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)memory);
	memset(memory, 1, chunk);
	do {
		mt_begin(&message, port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
		mt_put_memory(&message, memory, chunk, 0);
		ret = mt_send(&self->a, &message);
	} while (ret == MACH_MSG_SUCCESS &&
		 meminfo("MemAvailable:") > total / 8);
	EXPECT_EQ(MACH_SEND_NO_BUFFER, ret);
	EXPECT_LT(total / 8, meminfo("MemAvailable:"));
	mt_must(mt_destroy(&self->a, port));
}

TEST_HARNESS_MAIN
