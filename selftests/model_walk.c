// SPDX-License-Identifier: GPL-2.0
/*
 * A random walk that drives the module and a model of it, and compares after
 * every step (model/).
 *
 * usage: model_walk [-s SEED] [-n STEPS] [-t TASKS] [-c INTERVAL] [-v]
 *
 * Without -s four fixed seeds are walked, STEPS steps in all (default
 * 100,000).  Everything is compared every INTERVAL steps (default 64), and what
 * an operation touched after each.  -v prints every step.  What differs is said with the number of
 * the step, the operation, and the command that replays it.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest.h"
#include "lib/mach_test.h"
#include "model/walk.h"

#define STEPS	100000
#define TASKS	4
#define INTERVAL 64

static const __u64 seeds[] = { 1, 2, 3, 4 };

/* In a process of its own, after which nothing of it may be left. */
static int walk_alone(const struct walk_options *options)
{
	int status;
	pid_t pid = fork();

	mt_check(pid >= 0);
	if (pid == 0) {
		mt_supervise();
		walk(options);
		coverage_print();
		fflush(stdout);
		_exit(0);
	}
	mt_check(waitpid(pid, &status, 0) == pid);
	return status;
}

static void report(const struct walk_options *options)
{
	__u64 begin = mt_now(), took;
	int status;

	fflush(stdout);
	status = walk_alone(options);
	took = mt_now() - begin;
	ksft_print_msg("seed %llu: %lu steps in %llu ms\n",
		       (unsigned long long)options->seed, options->steps,
		       (unsigned long long)took);
	ksft_test_result(status == 0, "walk with seed %llu, %lu steps\n",
			 (unsigned long long)options->seed, options->steps);
}

static void __attribute__((noreturn)) usage(void)
{
	fprintf(stderr, "usage: model_walk [-s SEED] [-n STEPS] [-t TASKS] "
			"[-c INTERVAL] [-v]\n");
	exit(KSFT_FAIL);
}

static bool parse(int argc, char **argv, struct walk_options *options)
{
	bool one = false;
	int option;

	while ((option = getopt(argc, argv, "s:n:t:c:v")) != -1) {
		switch (option) {
		case 's':
			options->seed = strtoull(optarg, NULL, 0);
			one = true;
			break;
		case 'n':
			options->steps = strtoul(optarg, NULL, 0);
			break;
		case 't':
			options->tasks = atoi(optarg);
			break;
		case 'c':
			options->interval = strtoul(optarg, NULL, 0);
			break;
		case 'v':
			options->verbose = true;
			break;
		default:
			usage();
		}
	}
	if (optind != argc || options->tasks < 1 ||
	    options->tasks > M_TASKS || !options->interval)
		usage();
	return one;
}

int main(int argc, char **argv)
{
	struct walk_options options = {
		.steps = STEPS,
		.tasks = TASKS,
		.interval = INTERVAL,
	};
	bool one = parse(argc, argv, &options);
	size_t i;

	ksft_print_header();
	if (mt_unavailable())
		ksft_exit_skip("%s\n", mt_unavailable());
	ksft_set_plan(one ? 1 : ARRAY_SIZE(seeds));
	if (one) {
		report(&options);
		ksft_finished();
	}
	options.steps /= ARRAY_SIZE(seeds);
	for (i = 0; i < ARRAY_SIZE(seeds); i++) {
		options.seed = seeds[i];
		report(&options);
	}
	ksft_finished();
}
