// SPDX-License-Identifier: GPL-2.0
/*
 * Received memory as the buffer of system calls, and as memory that the
 * kernel and the C library use on their own: locks, stacks, arguments
 * (docs/memory.md: good for all that copies).
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <ucontext.h>

#include "lib/fixture.h"
#include "lib/receiver.h"

#define PAGES	8
#define BYTES	(PAGES * MT_PAGE)

/* A region of each origin, never touched: the call itself has to fault. */
#define FOR_EACH_ORIGIN(region, task)					\
	for (int origin = 0; origin < MT_ORIGINS &&			\
	     (mt_region_receive(region, task, origin, PAGES, 1), true);	\
	     mt_region_drop(region), origin++)

#define EXPECT_ORIGIN(condition)					\
	EXPECT_TRUE(condition) TH_LOG("origin %d", origin)

/* ---- two ends, of any kind ---- */

/* Everything at @from goes in at one end and comes out at the other. */
static bool pass_all(const int ends[2], const char *from, char *to)
{
	unsigned long sent = 0, got = 0;

	while (got < BYTES) {
		unsigned long some = BYTES - sent < 10000 ? BYTES - sent :
							    10000;
		ssize_t n;

		if (sent < BYTES) {
			n = write(ends[1], from + sent, some);
			if (n <= 0)
				return false;
			sent += n;
		}
		n = read(ends[0], to + got, sent - got);
		if (n <= 0)
			return false;
		got += n;
	}
	return true;
}

static void connect_loopback(int ends[2])
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t size = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	mt_must(bind(listener, (struct sockaddr *)&address, size));
	mt_must(listen(listener, 1));
	mt_must(getsockname(listener, (struct sockaddr *)&address, &size));
	ends[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	mt_must(connect(ends[1], (struct sockaddr *)&address, size));
	ends[0] = accept(listener, NULL, NULL);
	mt_check(ends[0] >= 0);
	close(listener);
}

static void open_ends(int kind, int ends[2])
{
	if (kind == 0)
		mt_must(pipe(ends));
	else if (kind == 1)
		mt_must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	else
		connect_loopback(ends);
}

TEST_F(mach, pipes_and_sockets)
{
	struct mt_region region;

	for (int kind = 0; kind < (mt_has_inet() ? 3 : 2); kind++) {
		char *plain = mt_map(PAGES);
		int ends[2];

		open_ends(kind, ends);
		FOR_EACH_ORIGIN(&region, &self->task) {
			EXPECT_ORIGIN(pass_all(ends, region.memory, plain));
			EXPECT_ORIGIN(mt_region_holds(&region, plain, 0,
						      PAGES));
			mt_fill(plain, BYTES, 9);
			EXPECT_ORIGIN(pass_all(ends, plain, region.memory));
			EXPECT_ORIGIN(mt_holds(region.memory, BYTES, 9));
			EXPECT_ORIGIN(mt_region_source_intact(&region));
		}
		close(ends[0]);
		close(ends[1]);
	}
}

TEST_F(mach, files)
{
	struct mt_region region;

	FOR_EACH_ORIGIN(&region, &self->task) {
		int fd = memfd_create("file", MFD_CLOEXEC);
		char *plain = mt_map_filled(PAGES, 9);

		/* Not aligned, so that pages are crossed. */
		EXPECT_EQ((ssize_t)BYTES - 5,
			  write(fd, region.memory + 5, BYTES - 5));
		EXPECT_EQ((ssize_t)BYTES - 5, pread(fd, plain + 5, BYTES - 5,
						    0));
		EXPECT_ORIGIN(!memcmp(plain + 5, region.memory + 5,
				      BYTES - 5));
		EXPECT_EQ((ssize_t)BYTES - 7, pwrite(fd, plain, BYTES - 7, 0));
		EXPECT_EQ((ssize_t)BYTES - 7, pread(fd, region.memory + 7,
						    BYTES - 7, 0));
		EXPECT_ORIGIN(!memcmp(plain, region.memory + 7, BYTES - 7));
		EXPECT_ORIGIN(mt_region_source_intact(&region));
		close(fd);
	}
}

TEST_F(mach, vectors_and_messages)
{
	struct mt_region region;
	int ends[2];

	mt_must(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends));
	FOR_EACH_ORIGIN(&region, &self->task) {
		struct iovec out[2] = {
			{ region.memory + 100, 1000 },
			{ region.memory + 3 * MT_PAGE - 500, 1000 },
		};
		struct iovec in[2] = {
			{ region.memory + 5 * MT_PAGE + 1, 1500 },
			{ region.memory + 7 * MT_PAGE, 500 },
		};
		struct msghdr header = { .msg_iov = out, .msg_iovlen = 2 };
		char want[2000];

		memcpy(want, region.source ? region.source + 100 :
			     region.memory + 100, 1000);
		memcpy(want + 1000, region.memory + 3 * MT_PAGE - 500, 1000);
		EXPECT_EQ(2000, sendmsg(ends[1], &header, 0));
		header.msg_iov = in;
		EXPECT_EQ(2000, recvmsg(ends[0], &header, 0));
		EXPECT_ORIGIN(!memcmp(in[0].iov_base, want, 1500));
		EXPECT_ORIGIN(!memcmp(in[1].iov_base, want + 1500, 500));
		EXPECT_EQ(2000, writev(ends[1], out, 2));
		EXPECT_EQ(2000, readv(ends[0], in, 2));
		EXPECT_ORIGIN(!memcmp(in[1].iov_base, want + 1500, 500));
		EXPECT_ORIGIN(mt_region_source_intact(&region));
	}
}

/* The header, the control data and the name of a message lie in it, too. */
TEST_F(mach, descriptors_in_messages)
{
	struct mt_region region;
	int ends[2];

	mt_must(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends));
	FOR_EACH_ORIGIN(&region, &self->task) {
		struct msghdr *header = (void *)region.memory;
		struct iovec *vector = (void *)(region.memory + MT_PAGE);
		struct cmsghdr *control = (void *)(region.memory +
						   2 * MT_PAGE);

		memset(region.memory, 0, 3 * MT_PAGE);
		vector->iov_base = region.memory + 3 * MT_PAGE;
		vector->iov_len = 10;
		header->msg_iov = vector;
		header->msg_iovlen = 1;
		header->msg_control = control;
		header->msg_controllen = CMSG_SPACE(sizeof(int));
		control->cmsg_level = SOL_SOCKET;
		control->cmsg_type = SCM_RIGHTS;
		control->cmsg_len = CMSG_LEN(sizeof(int));
		*(int *)CMSG_DATA(control) = ends[0];
		EXPECT_EQ(10, sendmsg(ends[1], header, 0));
		*(int *)CMSG_DATA(control) = -1;
		EXPECT_EQ(10, recvmsg(ends[0], header, 0));
		EXPECT_ORIGIN(*(int *)CMSG_DATA(control) > ends[1]);
		close(*(int *)CMSG_DATA(control));
	}
}

/* From a file to a pipe no memory of ours is looked at: both ends work. */
TEST_F(mach, splice_of_what_it_was_written_to)
{
	struct mt_region region;

	FOR_EACH_ORIGIN(&region, &self->task) {
		int fd = memfd_create("file", MFD_CLOEXEC), channel[2];
		char *plain = mt_map(2);
		loff_t at = 0;

		mt_must(pipe(channel));
		EXPECT_EQ((ssize_t)BYTES, write(fd, region.memory, BYTES));
		EXPECT_EQ(2 * (ssize_t)MT_PAGE,
			  splice(fd, &at, channel[1], NULL, 2 * MT_PAGE, 0));
		EXPECT_EQ(2 * (ssize_t)MT_PAGE, read(channel[0], plain,
						     2 * MT_PAGE));
		EXPECT_ORIGIN(mt_region_holds(&region, plain, 0, 2));
		/* And copied out of one: read by the kernel, not by page. */
		EXPECT_EQ(100, write(channel[1], region.memory, 100));
		EXPECT_EQ(100, read(channel[0], region.memory + MT_PAGE, 100));
		EXPECT_ORIGIN(!memcmp(region.memory, region.memory + MT_PAGE,
				      100));
		close(channel[0]);
		close(channel[1]);
		close(fd);
	}
}

/* ---- small things that the kernel writes or reads ---- */

TEST_F(mach, results_of_calls)
{
	struct mt_region region;

	FOR_EACH_ORIGIN(&region, &self->task) {
		struct stat *status = (void *)region.memory;
		struct pollfd *poll_fd = (void *)(region.memory + MT_PAGE);
		struct timespec *time = (void *)(region.memory + 2 * MT_PAGE);
		char *path = region.memory + 4 * MT_PAGE - 5;
		char *random = region.memory + 5 * MT_PAGE;

		strcpy(path, "/proc/self/stat");
		EXPECT_EQ(0, stat(path, status));
		EXPECT_ORIGIN(S_ISREG(status->st_mode));
		poll_fd->fd = open(path, O_RDONLY | O_CLOEXEC);
		poll_fd->events = POLLIN;
		EXPECT_EQ(1, poll(poll_fd, 1, 0));
		close(poll_fd->fd);
		/* This one is written by the vdso, in user mode. */
		EXPECT_EQ(0, clock_gettime(CLOCK_MONOTONIC, time));
		EXPECT_ORIGIN(time->tv_sec || time->tv_nsec);
		mt_fill(random, 2 * MT_PAGE, 9);
		EXPECT_EQ((ssize_t)MT_PAGE, getrandom(random + 9, MT_PAGE, 0));
		EXPECT_ORIGIN(mt_holds(random, 9, 9));
		EXPECT_ORIGIN(!mt_zero(random + 9, MT_PAGE));
		EXPECT_ORIGIN(mt_region_source_intact(&region));
	}
}

TEST_F(mach, arguments_of_a_program)
{
	struct mt_region region;

	FOR_EACH_ORIGIN(&region, &self->task) {
		char **arguments = (char **)region.memory;
		char *text = region.memory + 2 * MT_PAGE - 3;
		int result[2];
		char said[16] = "";
		posix_spawn_file_actions_t actions;
		pid_t pid;

		strcpy(text, "received");
		arguments[0] = strcpy(region.memory + MT_PAGE, "echo");
		arguments[1] = text;
		arguments[2] = NULL;
		mt_must(pipe(result));
		posix_spawn_file_actions_init(&actions);
		posix_spawn_file_actions_adddup2(&actions, result[1], 1);
		if (posix_spawn(&pid, "/bin/echo", &actions, NULL, arguments,
				arguments + 2))
			SKIP(return, "no /bin/echo");
		EXPECT_EQ(0, mt_wait_pid(pid));
		EXPECT_EQ(9, read(result[0], said, sizeof(said)));
		EXPECT_ORIGIN(!memcmp(said, "received\n", 9));
		close(result[0]);
		close(result[1]);
	}
}

/*
 * Code that runs on received memory.  (Not a thread of the C library's: its
 * pthread_join() waits with a shared futex, see below.)
 */
static ucontext_t outside, inside;
static char *stack_begin;
static bool stack_was_good;

static void use_stack(void)
{
	char local[MT_PAGE];

	mt_fill(local, MT_PAGE, 5);
	stack_was_good = local >= stack_begin && local < stack_begin + BYTES &&
			 mt_holds(local, MT_PAGE, 5);
}

static bool runs_on(char *memory)
{
	mt_must(getcontext(&inside));
	inside.uc_stack.ss_sp = memory;
	inside.uc_stack.ss_size = BYTES;
	inside.uc_link = &outside;
	stack_begin = memory;
	stack_was_good = false;
	makecontext(&inside, use_stack, 0);
	mt_must(swapcontext(&outside, &inside));
	return stack_was_good;
}

TEST_F(mach, stack_of_a_context)
{
	struct mt_region region;

	FOR_EACH_ORIGIN(&region, &self->task) {
		EXPECT_ORIGIN(runs_on(region.memory));
		EXPECT_ORIGIN(mt_region_source_intact(&region));
	}
}

static volatile unsigned long handler_ran_on;

static void note_stack(int number)
{
	char local;

	(void)number;
	handler_ran_on = (unsigned long)&local;
}

/* The kernel writes the frame of a signal to it. */
TEST_F(mach, stack_of_signal_handlers)
{
	struct sigaction action = {
		.sa_handler = note_stack,
		.sa_flags = SA_ONSTACK,
	};
	struct mt_region region;

	mt_must(sigaction(SIGUSR1, &action, NULL));
	FOR_EACH_ORIGIN(&region, &self->task) {
		stack_t stack = { .ss_sp = region.memory, .ss_size = BYTES };

		mt_must(sigaltstack(&stack, NULL));
		raise(SIGUSR1);
		EXPECT_ORIGIN(handler_ran_on - (unsigned long)region.memory <
			      BYTES);
		EXPECT_ORIGIN(mt_region_source_intact(&region));
		stack.ss_flags = SS_DISABLE;
		mt_must(sigaltstack(&stack, NULL));
	}
}

/* ---- locks ---- */

static long futex(void *word, int operation, unsigned int value, void *other)
{
	return syscall(SYS_futex, word, operation, value, NULL, other, 0);
}

static void *wait_on(void *word)
{
	while (!__atomic_load_n((int *)word, __ATOMIC_SEQ_CST))
		futex(word, FUTEX_WAIT_PRIVATE, 0, NULL);
	return NULL;
}

TEST_F(mach, private_futex)
{
	struct mt_region region;

	FOR_EACH_ORIGIN(&region, &self->task) {
		int *word = (int *)(region.memory + 3 * MT_PAGE), *other;
		pthread_t thread;

		/* On a page that nobody has touched. */
		other = (int *)(region.memory + 4 * MT_PAGE);
		EXPECT_EQ(-1, futex(other, FUTEX_WAIT_PRIVATE, 0x7fff1234,
				    NULL));
		EXPECT_EQ(EAGAIN, errno);
		__atomic_store_n(word, 0, __ATOMIC_SEQ_CST);
		mt_must(pthread_create(&thread, NULL, wait_on, word));
		mt_sleep(20);
		__atomic_store_n(word, 1, __ATOMIC_SEQ_CST);
		futex(word, FUTEX_WAKE_PRIVATE, 1, NULL);
		mt_must(pthread_join(thread, NULL));
		/* The kernel writes to the word. */
		other = (int *)(region.memory + 5 * MT_PAGE);
		EXPECT_EQ(0, syscall(SYS_futex, word, FUTEX_WAKE_OP_PRIVATE, 0,
				     0L, other,
				     FUTEX_OP(FUTEX_OP_SET, 7,
					      FUTEX_OP_CMP_EQ, 0)));
		EXPECT_EQ(7, *other);
		EXPECT_ORIGIN(mt_region_source_intact(&region));
	}
}

/*
 * A shared futex is known by its page, which get_user_pages() finds only if
 * the process has written to it, and then not always.
 */
TEST_F(mach, shared_futex)
{
	struct mt_region region;

	for (int kind = 0; kind < MT_ORIGINS * MT_TOUCHES; kind++) {
		enum mt_touch touch = kind / MT_ORIGINS;
		long ret;

		mt_region_receive(&region, &self->task, kind % MT_ORIGINS,
				  PAGES, 1);
		mt_region_touch(&region, touch);
		ret = futex(region.memory, FUTEX_WAIT, 0x7fff1234, NULL);
		EXPECT_EQ(-1, ret);
		EXPECT_TRUE(errno == EFAULT ||
			    (errno == EAGAIN && touch >= MT_WRITTEN))
			TH_LOG("kind %d: errno %d", kind, errno);
		EXPECT_TRUE(mt_region_intact(&region));
		EXPECT_TRUE(mt_region_source_intact(&region));
		mt_region_drop(&region);
	}
}

struct counted {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	int value;
};

static void *count(void *arg)
{
	struct counted *counted = arg;

	for (int i = 0; i < 200; i++) {
		mt_must(pthread_mutex_lock(&counted->mutex));
		counted->value++;
		pthread_cond_signal(&counted->cond);
		mt_must(pthread_mutex_unlock(&counted->mutex));
	}
	return NULL;
}

TEST_F(mach, mutexes)
{
	static const int protocols[] = {
		PTHREAD_PRIO_NONE, PTHREAD_PRIO_INHERIT,
	};
	struct mt_region region;

	FOR_EACH_ORIGIN(&region, &self->task) {
		struct counted *counted = (void *)region.memory;
		pthread_mutexattr_t attributes;
		pthread_t threads[3];

		pthread_mutexattr_init(&attributes);
		mt_must(pthread_mutexattr_setprotocol(&attributes,
						      protocols[origin % 2]));
		mt_must(pthread_mutex_init(&counted->mutex, &attributes));
		mt_must(pthread_cond_init(&counted->cond, NULL));
		counted->value = 0;
		for (int i = 0; i < 3; i++)
			mt_must(pthread_create(&threads[i], NULL, count,
					       counted));
		mt_must(pthread_mutex_lock(&counted->mutex));
		while (counted->value < 600)
			mt_must(pthread_cond_wait(&counted->cond,
						  &counted->mutex));
		mt_must(pthread_mutex_unlock(&counted->mutex));
		for (int i = 0; i < 3; i++)
			mt_must(pthread_join(threads[i], NULL));
		EXPECT_ORIGIN(mt_region_source_intact(&region));
	}
}

TEST_HARNESS_MAIN
