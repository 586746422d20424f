// SPDX-License-Identifier: GPL-2.0
/*
 * Random calls by three processes that exchange rights, memory and files and
 * die at random: what kernel and module think of it is the test, and that
 * nothing is left, no answer is one that the ABI does not know and none holds
 * an address of the kernel.
 *
 *	fuzz_ioctl [-t SECONDS] [-s SEED] [-v]
 *
 * Without -s the seed is 1, without -t it takes 5 s.  The seed gives each
 * process its steps, but not their order among them.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "kselftest.h"
#include "lib/mach_test.h"

#define STACK	(512UL * 1024)

struct options {
	__u64 seed;
	unsigned int seconds;
	bool verbose;
};

static struct fuzz_counts *counts;
static int mail[FUZZ_WORKERS][2];	/* for all; the end to read from */

static void on_timer(int signal)
{
	(void)signal;
}

/* So that no thread waits for ever. */
static void start_timer(void)
{
	struct itimerval every = { { 0, 20000 }, { 0, 20000 } };
	struct sigaction action = { .sa_handler = on_timer };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
}

static void some_step(struct fuzz *f)
{
	f->task = fuzz_below(f, FUZZ_TASKS);
	switch (fuzz_below(f, 200)) {
	case 0 ... 19:
		return fuzz_memory(f);
	case 20 ... 35:
		return fuzz_descriptors(f);
	case 36:
		return fuzz_process(f);
	case 37 ... 109:
		return fuzz_message(f);
	default:
		return fuzz_call(f);
	}
}

static __thread sigjmp_buf next_step;

/* Memory of a region that has gone: no reason to die. */
static void on_fault(int signal)
{
	(void)signal;
	siglongjmp(next_step, 1);
}

static void step(struct fuzz *f)
{
	if (!sigsetjmp(next_step, 1))
		some_step(f);
}

static void catch_faults(void)
{
	struct sigaction action = { .sa_handler = on_fault };

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
}

static void *second_thread(void *arg)
{
	for (;;)
		step(arg);
	return NULL;
}

static void fill_hands(struct fuzz *f, int index)
{
	struct fuzz_worker *worker = f->worker;
	int i;

	worker->index = index;
	worker->counts = counts;
	worker->inbox = mail[index][1];
	for (i = 0; i < FUZZ_WORKERS; i++)
		worker->mail[i] = mail[i][0];
	for (i = 0; i < FUZZ_TASKS; i++)
		fuzz_renew_task(f, i);
	for (i = 0; i < FUZZ_FILES; i++)
		worker->file[i] = -1;
}

/* Lives for some steps; its parent may kill it before. */
static void __attribute__((noreturn)) live(int index, __u64 seed)
{
	static struct fuzz_worker worker;
	static char stack[STACK] __attribute__((aligned(4096)));
	struct fuzz one = { .worker = &worker, .random = seed };
	struct fuzz two = { .worker = &worker, .random = ~seed | 1 };
	pthread_attr_t attr;
	pthread_t thread;
	int steps;

	fill_hands(&one, index);
	start_timer();
	catch_faults();
	steps = 1 + fuzz_below(&one, 8000);
	/* Some pay for themselves: another user, with the files of root. */
	if (fuzz_once_in(&one, 3) && setresuid(1000 + index, 1000 + index, -1))
		_exit(2);
	if (fuzz_once_in(&one, 2)) {
		pthread_attr_init(&attr);
		mt_must(pthread_attr_setstack(&attr, stack, STACK));
		mt_must(pthread_create(&thread, &attr, second_thread, &two));
	}
	while (steps--)
		step(&one);
	if (fuzz_once_in(&one, 3))
		execl("/proc/self/exe", "fuzz_ioctl", "--gone", NULL);
	_exit(0);
}

static __u64 seed_of(__u64 seed, int index, unsigned long generation)
{
	struct fuzz f = { .random = seed ^ (generation << 8 | (index + 1)) };

	f.random |= 1ULL << 63;
	fuzz_random(&f);
	fuzz_random(&f);
	return fuzz_random(&f) | 1;
}

static void start(pid_t *pid, int index, __u64 seed, bool verbose)
{
	seed = seed_of(seed, index, counts->deaths[index]);
	if (verbose)
		printf("# worker %d: %#llx\n", index,
		       (unsigned long long)seed);
	*pid = mt_fork();
	if (*pid == 0)
		live(index, seed);
}

/* Counts the dead; a slot of theirs is free then. */
static void reap(pid_t *pids)
{
	int status, i;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (i = 0; i < FUZZ_WORKERS; i++) {
			if (pids[i] != pid)
				continue;
			pids[i] = 0;
			counts->deaths[i]++;
			if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
				counts->crashes++;
		}
}

static void run(const struct options *options)
{
	__u64 end = mt_now() + 1000ULL * options->seconds;
	struct fuzz f = { .random = options->seed | 1 };
	pid_t pids[FUZZ_WORKERS] = { 0 };
	int i;

	while (mt_now() < end) {
		for (i = 0; i < FUZZ_WORKERS; i++)
			if (!pids[i])
				start(&pids[i], i, options->seed,
				      options->verbose);
		mt_sleep(1 + fuzz_below(&f, 200));
		i = fuzz_below(&f, FUZZ_WORKERS);
		if (fuzz_once_in(&f, 4) && pids[i])
			kill(pids[i], SIGKILL);
		reap(pids);
	}
	for (i = 0; i < FUZZ_WORKERS; i++)
		if (pids[i])
			kill(pids[i], SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

static void report(bool verbose)
{
	unsigned int row, good = 0;

	for (row = 0; fuzz_call_name(row); row++) {
		good += counts->good[row] > 0;
		if (verbose || !counts->good[row])
			printf("# %s: %lu calls, %lu with success\n",
			       fuzz_call_name(row), counts->done[row],
			       counts->good[row]);
	}
	printf("# %lu calls, %lu messages received, %lu deaths (%lu crashes), %u of %u commands had success\n",
	       counts->steps, counts->received,
	       counts->deaths[0] + counts->deaths[1] + counts->deaths[2],
	       counts->crashes, good, row);
}

/* In a process of its own, after which nothing of it may be left. */
static int fuzz_alone(const struct options *options)
{
	int i;
	pid_t pid = fork();

	mt_check(pid >= 0);
	if (pid)
		return mt_wait_pid(pid);
	mt_supervise();
	for (i = 0; i < FUZZ_WORKERS; i++)
		mt_must(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0,
				   mail[i]));
	run(options);
	_exit(0);
}

static bool parse(int argc, char **argv, struct options *options)
{
	int option;

	while ((option = getopt(argc, argv, "t:s:v")) != -1) {
		switch (option) {
		case 't':
			options->seconds = strtoul(optarg, NULL, 0);
			break;
		case 's':
			options->seed = strtoull(optarg, NULL, 0);
			break;
		case 'v':
			options->verbose = true;
			break;
		default:
			return false;
		}
	}
	return optind == argc;
}

int main(int argc, char **argv)
{
	struct options options = { .seed = 1, .seconds = 5 };
	int status;

	if (argc > 1 && !strcmp(argv[1], "--gone"))
		return 0;
	if (!parse(argc, argv, &options)) {
		fprintf(stderr,
			"usage: fuzz_ioctl [-t SECONDS] [-s SEED] [-v]\n");
		return KSFT_FAIL;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	ksft_print_header();
	if (mt_unavailable())
		ksft_exit_skip("%s\n", mt_unavailable());
	ksft_set_plan(1);
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	mt_check(counts != MAP_FAILED);
	printf("# fuzz_ioctl -t %u -s %llu\n", options.seconds,
	       (unsigned long long)options.seed);
	status = fuzz_alone(&options);
	report(options.verbose);
	ksft_test_result(status == 0 && counts->wrong == 0,
			 "%lu answers that must not be\n", counts->wrong);
	ksft_finished();
}
