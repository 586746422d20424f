// SPDX-License-Identifier: GPL-2.0
/*
 * Random calls by three processes that exchange rights, memory and files and
 * die at random: what kernel and module think of it is the test, and that
 * nothing is left, no answer is one that the ABI does not know and none holds
 * an address of the kernel.
 *
 *	fuzz_ioctl [-t SECONDS] [-s SEED] [-c CORPUS] [-b] [-w] [-v]
 *	fuzz_ioctl -r CORPUS [-s SEED] [-w]
 *
 * Without -s the seed is 1, without -t it takes 5 s.  The seed gives each
 * process its steps, but not their order among them.
 *
 * Where the kernel tells what of the module is reached (fuzz/cover.h), programs
 * that reach something first are kept, changed and run again; -b only counts.
 * -c: begin with these programs; -w: write out those that reached points, and
 * the points.  -r: only repeat the programs of the file, one after the other.
 * A corpus is text, and each log of a run is one.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz/worker.h"
#include "kselftest.h"
#include "lib/mach_test.h"

struct options {
	__u64 seed;
	unsigned int seconds;
	const char *corpus;
	bool repeat, blind, write, verbose;
};

static struct fuzz_common *common;
static struct fuzz_counts *counts;

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
		fuzz_live(common, index, seed);
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

static int open_kernel_log(void)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (log >= 0)
		lseek(log, 0, SEEK_END);
	return log;
}

/* Has the kernel found fault with itself, as the rig would see it? */
static bool complains(int log)
{
	static const char *const signs[] = {
		"BUG", "WARNING: ", "INFO: ", "UBSAN: ", "ODEBUG: ",
		"refcount_t: ", "corruption",
	};
	char line[1024];
	unsigned int i;
	bool found = false;
	ssize_t length;

	/* One record each. */
	while (log >= 0 && (length = read(log, line, sizeof(line) - 1)) > 0) {
		line[length] = '\0';
		for (i = 0; i < sizeof(signs) / sizeof(*signs); i++)
			found |= strstr(line, signs[i]) != NULL;
	}
	return found;
}

static void progress(__u64 begin)
{
	printf("# %llu s: %lu calls, %lu programs, %lu points, %lu signals, %lu in the corpus\n",
	       (unsigned long long)(mt_now() - begin) / 1000, counts->steps,
	       counts->programs, common->cover.points, common->cover.signals,
	       fuzz_corpus_size(&common->corpus));
}

/* Until the end, or until the kernel complains: then true. */
static bool disturb(const struct options *options, pid_t *pids)
{
	__u64 begin = mt_now(), now = begin, said = begin;
	__u64 end = begin + 1000ULL * options->seconds;
	struct fuzz f = { .random = options->seed | 1 };
	int i, log = open_kernel_log();
	unsigned long next = 0;		/* death, in calls: as slow as they */

	for (; now < end; now = mt_now()) {
		for (i = 0; i < FUZZ_WORKERS; i++)
			if (!pids[i])
				start(&pids[i], i, options->seed,
				      options->verbose);
		mt_sleep(1 + fuzz_below(&f, 50));
		if (counts->steps >= next) {
			next = counts->steps + 1 + fuzz_below(&f, 800);
			i = fuzz_below(&f, FUZZ_WORKERS);
			if (pids[i])
				kill(pids[i], SIGKILL);
		}
		reap(pids);
		if (complains(log)) {
			progress(begin);
			return true;
		}
		if (now - said >= (options->verbose ? 5000 : 60000)) {
			progress(begin);
			said = now;
		}
	}
	return false;
}

static void run(const struct options *options)
{
	pid_t pids[FUZZ_WORKERS] = { 0 };
	bool complained;
	int i;

	complained = disturb(options, pids);
	for (i = 0; i < FUZZ_WORKERS; i++)
		if (pids[i])
			kill(pids[i], SIGKILL);
	if (complained) {
		printf("# the kernel complains; what ran last:\n");
		fuzz_history_print(common, stdout);
		/* The killed may never end, and who supervises would wait. */
		kill(getppid(), SIGKILL);
		_exit(1);
	}
	while (waitpid(-1, NULL, 0) > 0)
		;
}

static void repeat(const struct options *options)
{
	int log = open_kernel_log();
	pid_t pid = mt_fork();

	if (pid == 0)
		fuzz_repeat(common, options->seed);
	mt_must(mt_wait_pid(pid));
	mt_check(!complains(log));
}

static void report(const struct options *options)
{
	unsigned int row, good = 0;

	for (row = 0; fuzz_call_name(row); row++) {
		good += counts->good[row] > 0;
		if (options->verbose || !counts->good[row])
			printf("# %s: %lu calls, %lu with success\n",
			       fuzz_call_name(row), counts->done[row],
			       counts->good[row]);
	}
	if (options->write) {
		fuzz_corpus_print(&common->corpus, stdout);
		fuzz_cover_print(&common->cover, stdout);
	}
	printf("# %lu calls, %lu messages received, %lu deaths (%lu crashes), %u of %u commands had success\n",
	       counts->steps, counts->received,
	       counts->deaths[0] + counts->deaths[1] + counts->deaths[2],
	       counts->crashes, good, row);
	if (!common->cover.base)
		printf("# nothing tells what of the module was reached\n");
	else
		printf("# %lu points of the module reached, %lu signals; %lu programs run, %lu kept\n",
		       common->cover.points, common->cover.signals,
		       counts->programs, common->corpus.added);
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
				   common->mail[i]));
	if (options->repeat)
		repeat(options);
	else
		run(options);
	_exit(0);
}

static bool parse(int argc, char **argv, struct options *options)
{
	int option;

	while ((option = getopt(argc, argv, "t:s:c:r:bwv")) != -1) {
		switch (option) {
		case 't':
			options->seconds = strtoul(optarg, NULL, 0);
			break;
		case 's':
			options->seed = strtoull(optarg, NULL, 0);
			break;
		case 'r':
			options->repeat = true;
			/* fall through */
		case 'c':
			options->corpus = optarg;
			break;
		case 'b':
			options->blind = true;
			break;
		case 'w':
			options->write = true;
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

/* All memory in common, zero as it is, and what there is to begin with. */
static void prepare(const struct options *options)
{
	struct fuzz_corpus *programs;
	long count = 0;

	common = mmap(NULL, sizeof(*common), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	mt_check(common != MAP_FAILED);
	counts = &common->counts;
	common->guided = fuzz_cover_find(&common->cover) && !options->blind;
	/* Without a guide they serve for changes only. */
	programs = common->guided || options->repeat ? &common->seeds :
						       &common->corpus;
	if (options->corpus)
		count = fuzz_corpus_read(programs, options->corpus);
	mt_check(count >= 0);
	printf("# fuzz_ioctl -t %u -s %llu, %ld programs to begin with\n",
	       options->seconds, (unsigned long long)options->seed, count);
}

int main(int argc, char **argv)
{
	struct options options = { .seed = 1, .seconds = 5 };
	int status;

	if (argc > 1 && !strcmp(argv[1], "--gone"))
		return 0;
	if (!parse(argc, argv, &options)) {
		fprintf(stderr,
			"usage: fuzz_ioctl [-t SECONDS] [-s SEED] [-c|-r CORPUS] [-b] [-w] [-v]\n");
		return KSFT_FAIL;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	ksft_print_header();
	if (mt_unavailable())
		ksft_exit_skip("%s\n", mt_unavailable());
	ksft_set_plan(1);
	prepare(&options);
	status = fuzz_alone(&options);
	report(&options);
	ksft_test_result(status == 0 && counts->wrong == 0,
			 "%lu answers that must not be\n", counts->wrong);
	ksft_finished();
}
