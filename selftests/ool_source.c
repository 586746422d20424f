// SPDX-License-Identifier: GPL-2.0
/*
 * Sources of every kind: what cannot be shared is copied, with the reason
 * counted, and after the send no file, pager or device can change what the
 * receiver sees (spec 3.1 O14, 3.3; negative tests N6-N9).
 */
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "lib/fixture.h"

#define PAGES	16
#define BYTES	(PAGES * MT_PAGE)

/* A file of BYTES filled with @seed. */
static int make_file(unsigned int seed)
{
	int fd = memfd_create("source", MFD_CLOEXEC);
	char *memory = mt_map_filled(PAGES, seed);

	mt_check(fd >= 0);
	mt_check(write(fd, memory, BYTES) == BYTES);
	mt_unmap(memory, BYTES);
	return fd;
}

static char *map_file(int fd, int protection, int flags)
{
	char *memory = mmap(NULL, BYTES, protection, flags, fd, 0);

	mt_check(memory != MAP_FAILED);
	return memory;
}

/* Sends all and checks that all pages were copied for @reason. */
static char *pass_copied(const struct mt_task *task, const char *memory,
			 int reason)
{
	struct mach_ioc_stats before = mt_stats(task, 0), stats;
	char *received = mt_pass_memory(task, memory, BYTES, 0);

	stats = mt_since(task, &before);
	mt_check(stats.pages_shared == 0);
	mt_check(stats.pages_copied[reason] == PAGES);
	return received;
}

TEST_F(mach, shared_anonymous)
{
	char *memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char *received;

	mt_share_all();
	mt_fill(memory, BYTES, 1);
	received = pass_copied(&self->task, memory, MACH_COPY_FILE);
	mt_fill(memory, BYTES, 2);
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
	mt_fill(received, BYTES, 3);
	EXPECT_TRUE(mt_holds(memory, BYTES, 2));
}

TEST_F(mach, O14_N8_file_truncated)
{
	static const int flags[] = { MAP_SHARED, MAP_PRIVATE };

	mt_share_all();
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		int fd = make_file(1);
		char *memory = map_file(fd, PROT_READ, flags[i]);
		__u32 port = mt_port(&self->task);
		char *first, *second;

		/* Before the receive, and after it but before the touch. */
		mt_must(mt_send_memory(&self->task, port,
				       MACH_MSG_TYPE_COPY_SEND, memory, BYTES,
				       0));
		first = pass_copied(&self->task, memory, MACH_COPY_FILE);
		mt_must(ftruncate(fd, 0));
		second = mt_receive_memory(&self->task, port);
		EXPECT_TRUE(mt_holds(first, BYTES, 1));
		EXPECT_TRUE(mt_holds(second, BYTES, 1));
	}
}

TEST_F(mach, O14_N8_file_changed_by_others)
{
	int fd = make_file(1);
	char *memory = map_file(fd, PROT_READ | PROT_WRITE, MAP_SHARED);
	char *received, *fresh = mt_map_filled(PAGES, 2);

	mt_share_all();
	received = pass_copied(&self->task, memory, MACH_COPY_FILE);
	mt_check(pwrite(fd, fresh, BYTES, 0) == BYTES);
	EXPECT_TRUE(mt_holds(memory, BYTES, 2));
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
	mt_must(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
			  BYTES));
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
}

TEST_F(mach, N6_file_is_not_changed_by_the_receiver)
{
	int fd = make_file(1);
	char *memory = map_file(fd, PROT_READ, MAP_PRIVATE), *received;
	char *back = mt_map(PAGES);

	mt_share_all();
	received = pass_copied(&self->task, memory, MACH_COPY_FILE);
	mt_fill(received, BYTES, 2);
	EXPECT_TRUE(mt_holds(memory, BYTES, 1));
	mt_check(pread(fd, back, BYTES, 0) == BYTES);
	EXPECT_TRUE(mt_holds(back, BYTES, 1));
}

TEST_F(mach, private_file_with_own_pages)
{
	int fd = make_file(1);
	char *memory = map_file(fd, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	char *copy = mt_map(PAGES), *received;

	mt_share_all();
	for (int page = 0; page < PAGES; page += 2)
		mt_fill(memory + page * MT_PAGE, MT_PAGE, 50 + page);
	memcpy(copy, memory, BYTES);
	received = mt_pass_memory(&self->task, memory, BYTES, 0);
	EXPECT_EQ(0, memcmp(copy, received, BYTES));
	mt_fill(memory, BYTES, 3);
	mt_must(ftruncate(fd, 0));
	EXPECT_EQ(0, memcmp(copy, received, BYTES));
}

TEST_F(mach, file_moved)
{
	int fd = make_file(1);
	char *memory = map_file(fd, PROT_READ | PROT_WRITE, MAP_SHARED);
	char *received, *back = mt_map(PAGES);

	mt_share_all();
	received = mt_move_memory(&self->task, memory, BYTES);
	mt_fill(received, BYTES, 2);
	mt_check(pread(fd, back, BYTES, 0) == BYTES);
	EXPECT_TRUE(mt_holds(back, BYTES, 1));
	EXPECT_TRUE(mt_holds(received, BYTES, 2));
}

TEST_F(mach, program_text)
{
	/* Our own code and constants: a private, read-only file mapping. */
	const char *text = (const char *)((unsigned long)mt_holds & -MT_PAGE);
	char *received;

	mt_share_all();
	received = mt_pass_memory(&self->task, text, MT_PAGE, 0);
	EXPECT_EQ(0, memcmp(text, received, MT_PAGE));
	memset(received, 0, MT_PAGE);
}

TEST_F(mach, locked)
{
	struct mach_ioc_stats before, stats;
	char *memory, *received;

	mt_one_cpu(0);
	mt_share_all();
	memory = mt_map_filled(PAGES, 1);
	mt_must(mlock(memory, BYTES));
	before = mt_stats(&self->task, 0);
	received = mt_pass_memory(&self->task, memory, BYTES, 0);
	stats = mt_since(&self->task, &before);
	EXPECT_EQ((__u64)PAGES, stats.pages_shared + mt_copied(&stats));
	mt_fill(memory, BYTES, 2);
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
}

TEST_F(mach, N7_pinned_by_vmsplice)
{
	struct mach_ioc_stats before, stats;
	char *memory, *received, *spliced = mt_map(1);
	struct iovec vector;
	int channel[2];

	mt_one_cpu(0);
	mt_share_all();
	memory = mt_map_filled(PAGES, 1);
	mt_must(pipe(channel));
	vector.iov_base = memory + 3 * MT_PAGE;
	vector.iov_len = MT_PAGE;
	mt_check(vmsplice(channel[1], &vector, 1, 0) == MT_PAGE);

	before = mt_stats(&self->task, 0);
	received = mt_pass_memory(&self->task, memory, BYTES, 0);
	stats = mt_since(&self->task, &before);
	EXPECT_EQ(1ULL, stats.pages_copied[MACH_COPY_PINNED] +
			stats.pages_copied[MACH_COPY_REFS]);
	EXPECT_EQ(1ULL, mt_copied(&stats));
	EXPECT_EQ(PAGES - 1ULL, stats.pages_shared);
	mt_touch(received, PAGES);
	EXPECT_EQ(PAGES - 1UL, mt_frames_shared(memory, received, PAGES));
	EXPECT_TRUE(mt_holds(received, BYTES, 1));

	/* The pipe shows the sender's page, as it always did. */
	memory[3 * MT_PAGE] ^= 1;
	mt_check(read(channel[0], spliced, MT_PAGE) == MT_PAGE);
	EXPECT_EQ(memory[3 * MT_PAGE], spliced[0]);
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
}

/* Spliced memory that is moved must not stay visible in the pipe. */
TEST_F(mach, N7_pinned_and_moved)
{
	char *memory, *received, *spliced = mt_map(1);
	struct iovec vector;
	int channel[2];

	mt_one_cpu(0);
	mt_share_all();
	memory = mt_map_filled(PAGES, 1);
	mt_must(pipe(channel));
	vector.iov_base = memory;
	vector.iov_len = MT_PAGE;
	mt_check(vmsplice(channel[1], &vector, 1, 0) == MT_PAGE);
	received = mt_move_memory(&self->task, memory, BYTES);
	mt_fill(received, BYTES, 2);
	mt_check(read(channel[0], spliced, MT_PAGE) == MT_PAGE);
	EXPECT_TRUE(mt_holds(spliced, MT_PAGE, 1));
	EXPECT_TRUE(mt_holds(received, BYTES, 2));
}

/* Fixed buffers of io_uring pin for as long as the ring lives. */
TEST_F(mach, N7_pinned_by_io_uring)
{
	struct io_uring_params params = { 0 };
	struct mach_ioc_stats before, stats;
	char *memory, *received;
	struct iovec vector;
	int ring;

	mt_one_cpu(0);
	mt_share_all();
	memory = mt_map_filled(PAGES, 1);
	vector.iov_base = memory + 4 * MT_PAGE;
	vector.iov_len = 3 * MT_PAGE;
	ring = syscall(SYS_io_uring_setup, 1, &params);
	if (ring < 0)
		SKIP(return, "no io_uring");
	mt_must(syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS,
			&vector, 1));
	before = mt_stats(&self->task, 0);
	received = mt_pass_memory(&self->task, memory, BYTES, 0);
	stats = mt_since(&self->task, &before);
	EXPECT_EQ(3ULL, stats.pages_copied[MACH_COPY_PINNED] +
			stats.pages_copied[MACH_COPY_REFS]);
	EXPECT_EQ(PAGES - 3ULL, stats.pages_shared);
	mt_touch(received, PAGES);
	EXPECT_EQ(PAGES - 3UL, mt_frames_shared(memory, received, PAGES));
	/* Still writable in place: a device would hit the same page. */
	mt_fill(memory, BYTES, 2);
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
	mt_must(close(ring));
}

/* Writes one value to a file under /proc or /sys; false if there is none. */
static bool set_kernel(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done;

	if (fd < 0)
		return false;
	done = write(fd, value, strlen(value)) == (ssize_t)strlen(value);
	close(fd);
	return done;
}

TEST_F(mach, explicit_huge_page)
{
	struct mach_ioc_stats before, stats;
	char *memory, *received;

	mt_share_all();
	set_kernel("/proc/sys/vm/nr_hugepages", "1");
	memory = mmap(NULL, MT_HUGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (memory == MAP_FAILED)
		SKIP(return, "no hugetlb page");
	mt_fill(memory, MT_HUGE, 1);
	before = mt_stats(&self->task, 0);
	received = mt_pass_memory(&self->task, memory, MT_HUGE, 0);
	stats = mt_since(&self->task, &before);
	EXPECT_EQ(512ULL, stats.pages_copied[MACH_COPY_SPECIAL]);
	EXPECT_TRUE(mt_holds(received, MT_HUGE, 1));
	mt_fill(memory, MT_HUGE, 2);
	EXPECT_TRUE(mt_holds(received, MT_HUGE, 1));
	mt_unmap(memory, MT_HUGE);
	set_kernel("/proc/sys/vm/nr_hugepages", "0");
}

#define KSM	"/sys/kernel/mm/ksm/"

TEST_F(mach, merged_by_ksm)
{
	struct mach_ioc_stats before, stats;
	char *memory, *received;
	int tries = 0;

	mt_share_all();
	memory = mt_map(PAGES);
	memset(memory, 'k', BYTES);
	mt_must(madvise(memory, BYTES, MADV_MERGEABLE));
	if (!set_kernel(KSM "sleep_millisecs", "0") ||
	    !set_kernel(KSM "run", "1"))
		SKIP(return, "no KSM");
	while (mt_frame(memory) != mt_frame(memory + BYTES - MT_PAGE) &&
	       tries++ < 400)
		mt_sleep(10);
	set_kernel(KSM "run", "0");
	if (tries > 400)
		SKIP(return, "KSM did not merge in time");

	before = mt_stats(&self->task, 0);
	received = mt_pass_memory(&self->task, memory, BYTES, 0);
	stats = mt_since(&self->task, &before);
	EXPECT_LT(0ULL, stats.pages_copied[MACH_COPY_SPECIAL]);
	EXPECT_EQ((__u64)PAGES, mt_copied(&stats) + stats.pages_shared);
	memset(memory, 'w', BYTES);
	for (unsigned long at = 0; at < BYTES; at++)
		ASSERT_EQ('k', received[at]);
	memset(received, 'r', BYTES);
	EXPECT_EQ('w', memory[0]);
	set_kernel(KSM "run", "2");
	set_kernel(KSM "run", "0");
}

static bool soft_dirty(const char *address)
{
	off_t at = (unsigned long)address / MT_PAGE * sizeof(__u64);
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	__u64 entry = 0;

	mt_check(pread(fd, &entry, sizeof(entry), at) == sizeof(entry));
	close(fd);
	return entry >> 55 & 1;
}

/* A checkpointer that looks after the send still sees what was written. */
TEST_F(mach, soft_dirty_bits_survive)
{
	char *memory;

	mt_share_all();
	memory = mt_map_filled(2, 1);
	if (!set_kernel("/proc/self/clear_refs", "4") || soft_dirty(memory))
		SKIP(return, "no soft-dirty bits");
	memory[0] ^= 1;
	if (!soft_dirty(memory))
		SKIP(return, "no soft-dirty bits");
	mt_pass_memory(&self->task, memory, 2 * MT_PAGE, 0);
	EXPECT_TRUE(soft_dirty(memory));
	EXPECT_FALSE(soft_dirty(memory + MT_PAGE));
}

struct pager {
	int fd;
	char *memory;
	pthread_t thread;
};

/* Answers each missing page with content of its own. */
static void *answer_faults(void *arg)
{
	struct pager *pager = arg;
	char *page = mt_map(1);
	struct uffd_msg fault;

	while (read(pager->fd, &fault, sizeof(fault)) == sizeof(fault)) {
		unsigned long at = fault.arg.pagefault.address & -MT_PAGE;
		struct uffdio_copy copy = {
			.dst = at,
			.src = (unsigned long)page,
			.len = MT_PAGE,
		};

		memset(page, 'p', MT_PAGE);
		ioctl(pager->fd, UFFDIO_COPY, &copy);
	}
	return NULL;
}

static bool start_pager(struct pager *pager, __u64 mode)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = {
			.start = (unsigned long)pager->memory,
			.len = BYTES,
		},
		.mode = mode,
	};

	pager->fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (pager->fd < 0 || ioctl(pager->fd, UFFDIO_API, &api) ||
	    ioctl(pager->fd, UFFDIO_REGISTER, &range))
		return false;
	mt_must(pthread_create(&pager->thread, NULL, answer_faults, pager));
	return true;
}

/* The sender may wait for its own pager; the receiver never does. */
TEST_F(mach, O14_N9_user_pager)
{
	struct pager pager = { .memory = mt_map(PAGES) };
	char *received;

	mt_share_all();
	if (!start_pager(&pager, UFFDIO_REGISTER_MODE_MISSING))
		SKIP(return, "no userfaultfd");
	pager.memory[0] = 'w';
	received = mt_pass_memory(&self->task, pager.memory, BYTES, 0);
	mt_must(close(pager.fd));
	EXPECT_EQ('w', received[0]);
	for (int page = 1; page < PAGES; page++)
		EXPECT_EQ('p', received[page * MT_PAGE]);
}

TEST_F(mach, write_protected_by_a_user_pager)
{
	struct mach_ioc_stats before, stats;
	struct pager pager = { .memory = mt_map_filled(PAGES, 1) };
	char *received;

	mt_share_all();
	if (!start_pager(&pager, UFFDIO_REGISTER_MODE_WP))
		SKIP(return, "no write-protecting userfaultfd");
	before = mt_stats(&self->task, 0);
	received = mt_pass_memory(&self->task, pager.memory, BYTES, 0);
	stats = mt_since(&self->task, &before);
	EXPECT_EQ((__u64)PAGES, stats.pages_copied[MACH_COPY_SPECIAL]);
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
}

TEST_F(mach, discarded_by_the_sender_in_flight)
{
	const struct mt_task *task = &self->task;
	char *memory, *received;
	__u32 port = mt_port(task);

	mt_share_all();
	memory = mt_map_filled(PAGES, 1);
	mt_must(mt_send_memory(task, port, MACH_MSG_TYPE_COPY_SEND, memory,
			       BYTES, 0));
	mt_must(madvise(memory, BYTES, MADV_DONTNEED));
	EXPECT_TRUE(mt_zero(memory, BYTES));
	mt_fill(memory, BYTES, 2);
	received = mt_receive_memory(task, port);
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
}

TEST_F(mach, heap)
{
	char *memory = malloc(BYTES), *received;

	mt_share_all();
	mt_fill(memory, BYTES, 1);
	received = mt_pass_memory(&self->task, memory, BYTES, 0);
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
	mt_fill(memory, BYTES, 2);
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
	free(memory);
}

TEST_HARNESS_MAIN
