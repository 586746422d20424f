// SPDX-License-Identifier: GPL-2.0
/*
 * A debugger at received memory: ptrace and /proc/PID/mem read and write it,
 * privately, whatever its pages are and whatever the debugger has at the same
 * address; process_vm_readv and -writev do not (docs/memory.md; kernel.md 8;
 * negative test N34).
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "lib/fixture.h"
#include "lib/receiver.h"

#define PAGES	4
#define BYTES	(PAGES * MT_PAGE)
#define WORD	0x1122334455667788L

/*
 * The tests' process has the region and forks the debugged one, which has a
 * copy of it.  The debugger has other memory there: a copy through the wrong
 * address space would bring its bytes.
 */
struct debuggee {
	pid_t pid;
	char *memory;		/* where it is in the debugged process */
	char *decoy;		/* the debugger's own at that place */
	struct mt_region region;
	int stop[2];
};

static void serve(struct debuggee *debuggee, enum mt_touch touch)
{
	mt_region_touch(&debuggee->region, touch);
	kill(getpid(), SIGSTOP);
	mt_await(debuggee->stop[0]);
}

/* Forked before or after the touch; only then may pages be its own. */
static void start(struct debuggee *debuggee, const struct mt_task *task,
		  enum mt_origin origin, enum mt_touch touch)
{
	mt_region_receive(&debuggee->region, task, origin, PAGES, 1);
	debuggee->memory = debuggee->region.memory;
	mt_must(pipe(debuggee->stop));
	debuggee->pid = mt_fork();
	if (debuggee->pid == 0) {
		serve(debuggee, touch);
		_exit(0);
	}
	mt_check(waitpid(debuggee->pid, NULL, WUNTRACED) == debuggee->pid);
	mt_unmap(debuggee->memory, BYTES);
	debuggee->decoy = mmap(debuggee->memory, BYTES, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS |
			       MAP_FIXED_NOREPLACE, -1, 0);
	mt_check(debuggee->decoy == debuggee->memory);
	memset(debuggee->decoy, 'D', BYTES);
}

static void finish(struct debuggee *debuggee)
{
	mt_must(kill(debuggee->pid, SIGKILL));
	mt_wait_pid(debuggee->pid);
	mt_unmap(debuggee->decoy, BYTES);
	if (debuggee->region.source)
		mt_unmap(debuggee->region.source, BYTES);
	close(debuggee->stop[0]);
	close(debuggee->stop[1]);
}

static bool debuggee_has(const struct debuggee *debuggee, const char *want)
{
	char have[BYTES];

	return mt_peek(debuggee->pid, debuggee->memory, have, BYTES) &&
	       !memcmp(have, want, BYTES);
}

/* What the message brought. */
static void expect_message(const struct debuggee *debuggee, char *want)
{
	const struct mt_region *region = &debuggee->region;

	memset(want, 0, BYTES);
	for (int page = 0; page < PAGES; page++)
		if (region->origin != MT_HOLES)
			mt_fill(want + page * MT_PAGE, MT_PAGE,
				region->seed + page);
}

#define FOR_EACH_KIND(debuggee, task)					\
	for (int kind = 0; kind < MT_ORIGINS * MT_TOUCHES &&		\
	     (start(debuggee, task, kind % MT_ORIGINS,			\
		    kind / MT_ORIGINS), true);				\
	     finish(debuggee), kind++)

#define EXPECT_KIND(condition)						\
	EXPECT_TRUE(condition) TH_LOG("origin %d touch %d",		\
				      kind % MT_ORIGINS, kind / MT_ORIGINS)

TEST_F_TIMEOUT(mach, N34_proc_mem, 90)
{
	struct debuggee debuggee;
	char want[BYTES], decoy[BYTES];

	memset(decoy, 'D', BYTES);
	FOR_EACH_KIND(&debuggee, &self->task) {
		expect_message(&debuggee, want);
		EXPECT_KIND(debuggee_has(&debuggee, want));
		/* A byte, across a boundary, a page, all. */
		want[77] = '!';
		EXPECT_KIND(mt_poke(debuggee.pid, debuggee.memory + 77, "!",
				    1));
		EXPECT_KIND(debuggee_has(&debuggee, want));
		memcpy(want + 2 * MT_PAGE - 3, "across", 6);
		EXPECT_KIND(mt_poke(debuggee.pid,
				    debuggee.memory + 2 * MT_PAGE - 3,
				    "across", 6));
		EXPECT_KIND(debuggee_has(&debuggee, want));
		mt_fill(want, BYTES, 9);
		EXPECT_KIND(mt_poke(debuggee.pid, debuggee.memory, want,
				    BYTES));
		EXPECT_KIND(debuggee_has(&debuggee, want));
		EXPECT_KIND(!memcmp(debuggee.decoy, decoy, BYTES));
		EXPECT_KIND(mt_region_source_intact(&debuggee.region));
	}
}

/* ---- ptrace ---- */

static void attach(const struct debuggee *debuggee)
{
	mt_must(ptrace(PTRACE_ATTACH, debuggee->pid, NULL, NULL));
	mt_check(waitpid(debuggee->pid, NULL, 0) == debuggee->pid);
}

static long peek(const struct debuggee *debuggee, unsigned long at)
{
	long word;

	errno = 0;
	word = ptrace(PTRACE_PEEKDATA, debuggee->pid, debuggee->memory + at,
		      NULL);
	mt_check(!errno);
	return word;
}

static long poke(const struct debuggee *debuggee, unsigned long at, long word)
{
	return ptrace(PTRACE_POKEDATA, debuggee->pid, debuggee->memory + at,
		      word);
}

TEST_F_TIMEOUT(mach, N34_ptrace, 90)
{
	/* In a page, at its end, and across two. */
	static const unsigned long places[] = {
		0, 8, MT_PAGE - 8, MT_PAGE, 2 * MT_PAGE - 5, BYTES - 8,
	};
	struct debuggee debuggee;
	char want[BYTES];
	long word;

	FOR_EACH_KIND(&debuggee, &self->task) {
		expect_message(&debuggee, want);
		attach(&debuggee);
		for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
			memcpy(&word, want + places[i], sizeof(word));
			EXPECT_EQ(word, peek(&debuggee, places[i]));
			word = WORD + i;
			EXPECT_EQ(0, poke(&debuggee, places[i], word));
			EXPECT_EQ(word, peek(&debuggee, places[i]));
			memcpy(want + places[i], &word, sizeof(word));
		}
		EXPECT_KIND(debuggee_has(&debuggee, want));
		EXPECT_KIND(mt_region_source_intact(&debuggee.region));
		mt_must(ptrace(PTRACE_DETACH, debuggee.pid, NULL, NULL));
	}
}

/* A breakpoint in code that came in a message: ptrace's write goes through. */
TEST_F(mach, N34_ptrace_of_protected_pages)
{
	static const int protections[] = {
		PROT_READ, PROT_READ | PROT_EXEC, PROT_NONE,
	};
	struct mt_region region;

	for (size_t i = 0; i < ARRAY_SIZE(protections); i++) {
		struct debuggee debuggee;
		char byte;

		mt_region_receive(&region, &self->task, MT_SHARED, PAGES, 1);
		debuggee.memory = region.memory;
		debuggee.pid = mt_fork();
		if (debuggee.pid == 0) {
			mt_must(mprotect(region.memory, BYTES,
					 protections[i]));
			for (;;)
				pause();
		}
		mt_until_asleep(debuggee.pid);
		attach(&debuggee);
		/* As .access says: reading always, writing where one may. */
		EXPECT_TRUE(mt_peek(debuggee.pid, region.memory, &byte, 1));
		EXPECT_EQ(region.memory[0], byte);
		EXPECT_EQ(-1, poke(&debuggee, 0, WORD));
		EXPECT_EQ(EIO, errno);
		EXPECT_FALSE(mt_poke(debuggee.pid, region.memory, "!", 1));
		mt_must(kill(debuggee.pid, SIGKILL));
		mt_wait_pid(debuggee.pid);
		EXPECT_TRUE(mt_region_intact(&region));
		EXPECT_TRUE(mt_region_source_intact(&region));
	}
}

/* ---- process_vm_readv, process_vm_writev ---- */

TEST_F_TIMEOUT(mach, N34_process_vm, 90)
{
	struct debuggee debuggee;
	char want[BYTES], buffer[MT_PAGE];

	FOR_EACH_KIND(&debuggee, &self->task) {
		struct iovec local = { buffer, MT_PAGE };
		struct iovec remote = { debuggee.memory, MT_PAGE };

		memset(buffer, 'L', MT_PAGE);
		expect_message(&debuggee, want);
		EXPECT_EQ(-1, process_vm_readv(debuggee.pid, &local, 1,
					       &remote, 1, 0));
		EXPECT_EQ(EFAULT, errno);
		EXPECT_EQ(-1, process_vm_writev(debuggee.pid, &local, 1,
						&remote, 1, 0));
		EXPECT_EQ(EFAULT, errno);
		EXPECT_KIND(debuggee_has(&debuggee, want));
	}
}

/* As the near end of such a call it is a buffer like others. */
TEST_F(mach, process_vm_with_local_received_memory)
{
	struct mt_region region;
	char *memory = mt_map_filled(PAGES, 7);
	struct iovec local, remote = { memory, BYTES };
	int stop[2];
	pid_t pid;

	mt_must(pipe(stop));
	pid = mt_fork();
	if (pid == 0) {
		mt_await(stop[0]);
		_exit(0);
	}
	for (int origin = 0; origin < MT_ORIGINS; origin++) {
		mt_region_receive(&region, &self->task, origin, PAGES, 1);
		local.iov_base = region.memory;
		local.iov_len = BYTES;
		EXPECT_EQ((ssize_t)BYTES, process_vm_readv(pid, &local, 1,
							   &remote, 1, 0));
		EXPECT_TRUE(mt_holds(region.memory, BYTES, 7));
		EXPECT_TRUE(mt_region_source_intact(&region));
		EXPECT_EQ((ssize_t)BYTES, process_vm_writev(pid, &local, 1,
							    &remote, 1, 0));
		mt_region_drop(&region);
	}
	mt_tell(stop[1], 0);
	EXPECT_EQ(0, mt_wait_pid(pid));
}

/* ---- against its threads ---- */

struct reader {
	char *memory;
	bool stop;
};

/* Finds in each page what is sent, or what is poked: never another's bytes. */
static void *read_on(void *arg)
{
	struct reader *reader = arg;

	while (!__atomic_load_n(&reader->stop, __ATOMIC_RELAXED)) {
		for (int page = 0; page < PAGES; page++) {
			volatile char *byte = reader->memory + page * MT_PAGE;
			/* Once: the other thread discards what was poked. */
			char poked = byte[10];

			mt_check(poked == 's' || poked == 'p');
			mt_check(byte[11] == 's');
		}
		madvise(reader->memory, BYTES, MADV_DONTNEED);
	}
	return NULL;
}

/*
 * One process reads and discards, the other one writes through /proc, with
 * other memory at that place (kernel.md 5, the poke race).
 */
TEST_F_TIMEOUT(mach, N34_poke_against_readers, 60)
{
	char *memory = mt_map(PAGES), buffer[MT_PAGE];
	struct reader reader = { .stop = false };
	pthread_t threads[2];
	pid_t pid;

	mt_share_all();
	memset(memory, 's', BYTES);
	reader.memory = mt_pass_memory(&self->task, memory, BYTES, 0);
	for (int i = 0; i < 2; i++)
		mt_must(pthread_create(&threads[i], NULL, read_on, &reader));
	pid = mt_fork();
	if (pid == 0) {
		mt_unmap(reader.memory, BYTES);
		mt_check(mmap(reader.memory, BYTES, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS |
			      MAP_FIXED_NOREPLACE, -1, 0) != MAP_FAILED);
		memset(reader.memory, 'D', BYTES);
		for (int round = 0; round < 200; round++) {
			char *at = reader.memory + round % PAGES * MT_PAGE;

			mt_check(mt_poke(getppid(), at + 10, "p", 1));
			mt_check(mt_peek(getppid(), at, buffer, MT_PAGE));
			mt_check(buffer[10] == 'p' || buffer[10] == 's');
			mt_check(buffer[9] == 's' && buffer[11] == 's');
		}
		_exit(0);
	}
	EXPECT_EQ(0, mt_wait_pid(pid));
	__atomic_store_n(&reader.stop, true, __ATOMIC_RELAXED);
	for (int i = 0; i < 2; i++)
		mt_must(pthread_join(threads[i], NULL));
	for (unsigned long at = 0; at < BYTES; at++)
		ASSERT_EQ('s', memory[at]);
}

TEST_HARNESS_MAIN
