// SPDX-License-Identifier: GPL-2.0
/*
 * What a receiver, a debugger and the kernel may do with received memory, and
 * what they may not: exactly as kernel.md 8 lists it (negative tests N5, N34).
 */
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "lib/fixture.h"

#define PAGES	16
#define BYTES	(PAGES * MT_PAGE)

/* A region received by copy of memory filled with @seed; *source, if asked. */
static char *receive(const struct mt_task *task, unsigned int seed,
		     char **source)
{
	char *memory = mt_map_filled(PAGES, seed);

	mt_share_all();
	if (source)
		*source = memory;
	return mt_pass_memory(task, memory, BYTES, 0);
}

static sigjmp_buf escape;

static void on_fault(int number)
{
	siglongjmp(escape, number);
}

/* The signal that writing gives, or 0. */
static int write_signal(char *address)
{
	int number;

	signal(SIGSEGV, on_fault);
	signal(SIGBUS, on_fault);
	number = sigsetjmp(escape, 1);
	if (!number)
		*(volatile char *)address ^= 1;
	signal(SIGSEGV, SIG_DFL);
	signal(SIGBUS, SIG_DFL);
	return number;
}

TEST_F(mach, protection)
{
	char *source, *received = receive(&self->task, 1, &source);

	mt_touch(received, PAGES / 2);
	mt_must(mprotect(received, BYTES, PROT_READ));
	EXPECT_EQ(SIGSEGV, write_signal(received));
	EXPECT_EQ(SIGSEGV, write_signal(received + BYTES - 1));
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
	mt_must(mprotect(received, BYTES, PROT_READ | PROT_WRITE));
	EXPECT_EQ(0, write_signal(received));
	EXPECT_EQ(0, write_signal(received + BYTES - 1));
	EXPECT_TRUE(mt_holds(source, BYTES, 1));
	mt_must(mprotect(received + 4 * MT_PAGE, MT_PAGE, PROT_NONE));
	EXPECT_EQ(SIGSEGV, write_signal(received + 4 * MT_PAGE));
	EXPECT_EQ(0, write_signal(received + 5 * MT_PAGE));
}

/* Read-only and back again with pages that were the receiver's own. */
TEST_F(mach, protection_of_moved_memory)
{
	char *received;

	mt_share_all();
	received = mt_move_memory(&self->task, mt_map_filled(PAGES, 1),
				  BYTES);
	mt_fill(received, BYTES / 2, 2);
	mt_must(mprotect(received, BYTES, PROT_READ));
	EXPECT_EQ(SIGSEGV, write_signal(received));
	EXPECT_TRUE(mt_holds(received, BYTES / 2, 2));
	mt_must(mprotect(received, BYTES, PROT_READ | PROT_WRITE));
	mt_fill(received, BYTES, 3);
	EXPECT_TRUE(mt_holds(received, BYTES, 3));
}

TEST_F(mach, mremap_moves)
{
	char *source, *received = receive(&self->task, 1, &source);
	char *place = mt_map(PAGES), *moved;

	mt_touch(received, 4);
	received[5 * MT_PAGE] ^= 1;
	source[5 * MT_PAGE] ^= 1;
	moved = mremap(received, BYTES, BYTES, MREMAP_MAYMOVE | MREMAP_FIXED,
		       place);
	ASSERT_EQ(place, moved);
	EXPECT_FALSE(mt_mapped(received));
	EXPECT_EQ(0, memcmp(source, moved, BYTES));
	mt_fill(moved, BYTES, 3);
	EXPECT_NE(0, memcmp(source, moved, BYTES));
}

TEST_F(mach, mremap_shrinks)
{
	char *received = receive(&self->task, 1, NULL);

	EXPECT_EQ(received, mremap(received, BYTES, BYTES / 2, 0));
	EXPECT_TRUE(mt_holds(received, BYTES / 2, 1));
	EXPECT_FALSE(mt_mapped(received + BYTES / 2));
}

TEST_F(mach, mremap_does_not_grow_or_duplicate)
{
	char *received = receive(&self->task, 1, NULL);

	EXPECT_EQ(MAP_FAILED, mremap(received, BYTES, 2 * BYTES,
				     MREMAP_MAYMOVE));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(MAP_FAILED, mremap(received, BYTES, BYTES,
				     MREMAP_MAYMOVE | MREMAP_DONTUNMAP));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(MAP_FAILED, mremap(received, 0, BYTES, MREMAP_MAYMOVE));
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
}

TEST_F(mach, mapped_over)
{
	char *received = receive(&self->task, 1, NULL);

	mt_touch(received, PAGES);
	EXPECT_EQ(received + MT_PAGE,
		  mmap(received + MT_PAGE, MT_PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	EXPECT_TRUE(mt_zero(received + MT_PAGE, MT_PAGE));
	EXPECT_TRUE(mt_holds(received, MT_PAGE, 1));
}

TEST_F(mach, own_mem_file)
{
	char *source, *received = receive(&self->task, 1, &source);
	char *buffer = mt_map(PAGES);

	/* Untouched, read and written pages. */
	mt_touch(received, 4);
	mt_fill(received + 8 * MT_PAGE, MT_PAGE, 7);
	ASSERT_TRUE(mt_peek(getpid(), received, buffer, BYTES));
	EXPECT_EQ(0, memcmp(buffer, received, BYTES));
	mt_fill(buffer, BYTES, 2);
	ASSERT_TRUE(mt_poke(getpid(), received, buffer, BYTES));
	EXPECT_TRUE(mt_holds(received, BYTES, 2));
	EXPECT_TRUE(mt_holds(source, BYTES, 1));
	/* Across a page boundary, at odd places. */
	ASSERT_TRUE(mt_poke(getpid(), received + MT_PAGE - 3, "boundary", 8));
	EXPECT_EQ(0, memcmp("boundary", received + MT_PAGE - 3, 8));
}

TEST_F(mach, own_mem_file_read_only)
{
	char *received = receive(&self->task, 1, NULL);

	mt_must(mprotect(received, BYTES, PROT_READ));
	EXPECT_FALSE(mt_poke(getpid(), received, "x", 1));
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
}

/*
 * The debugger has memory of its own at the same address: a wrong copy would
 * take its bytes.
 */
static void debug(struct mt_side *side, void *arg)
{
	char *buffer = mt_map(PAGES), *same;
	pid_t pid = getppid();

	(void)arg;
	for (;;) {
		char *address = (char *)mt_await(side->from);

		if (!address)
			return;
		same = mmap(address, BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
			    -1, 0);
		mt_check(same == address);
		memset(same, 'D', BYTES);
		mt_check(mt_peek(pid, address, buffer, BYTES));
		mt_check(mt_holds(buffer, BYTES, 1));
		/* One byte in each page. */
		for (int page = 0; page < PAGES; page++)
			mt_check(mt_poke(pid, address + page * MT_PAGE + 77,
					 "!", 1));
		mt_check(same[77] == 'D');
		mt_unmap(same, BYTES);
		mt_tell(side->to, 0);
	}
}

TEST_F(mach, N34_remote_write_through_mem_file)
{
	struct mt_peer peer;
	char *source, *received, *copy = mt_map(PAGES);

	mt_spawn(&peer, &self->task, debug, NULL);
	for (int how = 0; how < 4; how++) {
		received = receive(&self->task, 1, &source);
		if (how == 1)
			mt_touch(received, PAGES);
		if (how == 2)
			mt_fill(received, BYTES, 1);
		if (how == 3)
			received = mt_move_memory(&self->task, source, BYTES);
		mt_tell(peer.to, (unsigned long)received);
		mt_await(peer.from);
		mt_fill(copy, BYTES, 1);
		for (int page = 0; page < PAGES; page++)
			copy[page * MT_PAGE + 77] = '!';
		EXPECT_EQ(0, memcmp(copy, received, BYTES))
			TH_LOG("how %d", how);
		if (how != 3)
			EXPECT_TRUE(mt_holds(source, BYTES, 1));
		mt_fill(received, BYTES, 2);
		EXPECT_TRUE(mt_holds(received, BYTES, 2));
	}
	mt_tell(peer.to, 0);
	EXPECT_EQ(0, mt_join(&peer));
}

TEST_F(mach, process_vm_calls_are_refused)
{
	char *source, *received = receive(&self->task, 1, &source);
	char *buffer = mt_map_filled(1, 2);
	struct iovec local = { buffer, MT_PAGE }, remote = { received,
							     MT_PAGE };

	for (int touched = 0; touched < 2; touched++) {
		EXPECT_EQ(-1, process_vm_readv(getpid(), &local, 1, &remote,
					       1, 0));
		EXPECT_EQ(EFAULT, errno);
		EXPECT_EQ(-1, process_vm_writev(getpid(), &local, 1, &remote,
						1, 0));
		EXPECT_EQ(EFAULT, errno);
		mt_touch(received, PAGES);
	}
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
	EXPECT_TRUE(mt_holds(source, BYTES, 1));
}

TEST_F(mach, read_and_write_calls)
{
	char *received = receive(&self->task, 1, NULL), *back = mt_map(PAGES);
	int fd = memfd_create("file", MFD_CLOEXEC);

	EXPECT_EQ((ssize_t)BYTES, write(fd, received, BYTES));
	EXPECT_EQ((ssize_t)BYTES, pread(fd, back, BYTES, 0));
	EXPECT_TRUE(mt_holds(back, BYTES, 1));
	mt_fill(back, BYTES, 2);
	EXPECT_EQ((ssize_t)BYTES, pwrite(fd, back, BYTES, 0));
	EXPECT_EQ((ssize_t)BYTES, pread(fd, received, BYTES, 0));
	EXPECT_TRUE(mt_holds(received, BYTES, 2));
}

TEST_F(mach, vmsplice_is_refused)
{
	char *received = receive(&self->task, 1, NULL);
	struct iovec vector = { received, MT_PAGE };
	int channel[2];

	mt_must(pipe(channel));
	EXPECT_EQ(-1, vmsplice(channel[1], &vector, 1, 0));
	EXPECT_EQ(EFAULT, errno);
}

TEST_F(mach, mlock_has_no_effect)
{
	char *received = receive(&self->task, 1, NULL);

	EXPECT_EQ(0, mlock(received, BYTES));
	EXPECT_EQ(0, mlockall(MCL_CURRENT | MCL_FUTURE));
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
	received = receive(&self->task, 2, NULL);
	EXPECT_TRUE(mt_holds(received, BYTES, 2));
	mt_fill(received, BYTES, 3);
	EXPECT_TRUE(mt_holds(received, BYTES, 3));
}

TEST_F(mach, madvise_keeps_the_content)
{
	static const struct {
		int advice, error;
	} rows[] = {
		{ MADV_NORMAL, 0 }, { MADV_RANDOM, 0 }, { MADV_WILLNEED, 0 },
		{ MADV_MERGEABLE, 0 }, { MADV_NOHUGEPAGE, 0 },
		{ MADV_DONTDUMP, 0 }, { MADV_COLD, 0 }, { MADV_PAGEOUT, 0 },
		{ MADV_FREE, EINVAL }, { MADV_DOFORK, EINVAL },
		{ MADV_WIPEONFORK, EINVAL }, { MADV_POPULATE_READ, EINVAL },
		{ MADV_POPULATE_WRITE, EINVAL }, { MADV_REMOVE, EACCES },
	};
	char *received = receive(&self->task, 1, NULL);

	mt_touch(received, PAGES / 2);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int error = madvise(received, BYTES, rows[i].advice) ? errno :
								       0;

		if (rows[i].advice == MADV_NOHUGEPAGE && !mt_has_huge_pages())
			continue;
		EXPECT_EQ(rows[i].error, error)
			TH_LOG("advice %d", rows[i].advice);
		EXPECT_TRUE(mt_holds(received, BYTES, 1));
	}
}

/* The message's content or the last write, never zeroes of nowhere. */
TEST_F(mach, N5_dontneed)
{
	char *source, *received;

	/* On one CPU no page is copied by the module. */
	mt_one_cpu(0);
	received = receive(&self->task, 1, &source);
	mt_touch(received, PAGES / 2);
	mt_must(madvise(received, BYTES, MADV_DONTNEED));
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
	/* Pages that the core has copied go back to the message's. */
	mt_fill(received, BYTES, 2);
	mt_must(madvise(received, BYTES, MADV_DONTNEED));
	EXPECT_TRUE(mt_holds(received, BYTES, 1));
	EXPECT_TRUE(mt_holds(source, BYTES, 1));
}

/* A page that is written in place has no other content to go back to. */
TEST_F(mach, N5_dontneed_of_moved_memory)
{
	char *received;

	mt_share_all();
	received = mt_move_memory(&self->task, mt_map_filled(PAGES, 1),
				  BYTES);
	mt_fill(received, BYTES, 2);
	mt_must(madvise(received, BYTES, MADV_DONTNEED));
	EXPECT_TRUE(mt_holds(received, BYTES, 2));
}

struct churn {
	char *address;
	volatile bool stop;
};

static void *discard(void *arg)
{
	struct churn *churn = arg;

	while (!churn->stop)
		madvise(churn->address, BYTES, MADV_DONTNEED);
	return NULL;
}

/* N5: write, discard, fork and send on, all at once; the source is immune. */
TEST_F(mach, N5_race_of_writes_and_dontneed)
{
	char *source, *received = receive(&self->task, 1, &source);
	struct churn churn = { .address = received };
	pthread_t thread;

	mt_must(pthread_create(&thread, NULL, discard, &churn));
	for (int round = 0; round < 300; round++) {
		char *again = NULL;

		memset(received, 'x', BYTES);
		if (round % 10 == 0) {
			pid_t pid = mt_fork();

			if (pid == 0) {
				memset(received, 'y', BYTES);
				_exit(0);
			}
			mt_wait_pid(pid);
		}
		again = mt_pass_memory(&self->task, received, BYTES, 0);
		memset(again, 'z', BYTES);
		mt_unmap(again, BYTES);
	}
	churn.stop = true;
	mt_must(pthread_join(thread, NULL));
	EXPECT_TRUE(mt_holds(source, BYTES, 1));
	mt_must(madvise(received, BYTES, MADV_DONTNEED));
	for (unsigned long at = 0; at < BYTES; at++) {
		if (received[at] != source[at])
			ASSERT_EQ('x', received[at]);
	}
}

static void *wake_later(void *arg)
{
	int *word = arg;

	mt_sleep(50);
	__atomic_store_n(word, 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	return NULL;
}

TEST_F(mach, private_futex)
{
	char *memory = mt_map(1);
	int *word;
	pthread_t thread;

	mt_share_all();
	word = mt_pass_memory(&self->task, memory, MT_PAGE, 0);
	mt_must(pthread_create(&thread, NULL, wake_later, word));
	while (!__atomic_load_n(word, __ATOMIC_SEQ_CST))
		syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
	mt_must(pthread_join(thread, NULL));
	EXPECT_EQ(0, ((int *)memory)[0]);
}

static void *write_pages(void *arg)
{
	char *received = arg;

	for (int round = 0; round < 20; round++)
		for (int page = 0; page < PAGES; page++)
			received[page * MT_PAGE + 1] = round;
	return NULL;
}

/* Threads fault the same pages at the same time. */
TEST_F(mach, concurrent_faults)
{
	for (int round = 0; round < 50; round++) {
		char *source, *received = receive(&self->task, 1, &source);
		pthread_t threads[3];

		for (int i = 0; i < 3; i++)
			mt_must(pthread_create(&threads[i], NULL, write_pages,
					       received));
		mt_touch(received, PAGES);
		for (int i = 0; i < 3; i++)
			mt_must(pthread_join(threads[i], NULL));
		for (int page = 0; page < PAGES; page++) {
			ASSERT_EQ(19, received[page * MT_PAGE + 1]);
			ASSERT_EQ(source[page * MT_PAGE + 2],
				  received[page * MT_PAGE + 2]);
		}
		mt_unmap(received, BYTES);
		mt_unmap(source, BYTES);
	}
}

TEST_F(mach, message_buffer_in_received_memory)
{
	const struct mt_task *task = &self->task;
	struct mt_message *message = (void *)receive(task, 1, NULL);
	__u32 port = mt_port(task);

	mt_begin(message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_data(message, "hello", 5);
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_send(task, message));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_receive(task, port, message, 0));
	EXPECT_EQ(0, memcmp("hello", &message->words[5], 5));
}

TEST_HARNESS_MAIN
