// SPDX-License-Identifier: GPL-2.0
/*
 * The frame of the hammers: see hammer.h.
 */
#include <getopt.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hammer.h"

/* For the first disturbance, on a machine that has other work. */
#define PATIENCE	60000

static unsigned int seconds = 1;
static enum mt_disturbance everywhere = MT_QUIET;
static __u64 deadline;
/* Shared by all processes of a scenario. */
static bool *violated;

bool mt_hammer_on(unsigned long rounds)
{
	static __thread unsigned long done;

	return !mt_violated() && (done++ < rounds || mt_now() < deadline ||
				  (!mt_disturbed() &&
				   mt_now() < deadline + PATIENCE));
}

void mt_violation(const char *format, ...)
{
	va_list arguments;

	if (__atomic_exchange_n(violated, true, __ATOMIC_SEQ_CST))
		return;
	va_start(arguments, format);
	printf("# violation: ");
	vprintf(format, arguments);
	printf("\n");
	va_end(arguments);
	fflush(stdout);
}

bool mt_violated(void)
{
	return __atomic_load_n(violated, __ATOMIC_RELAXED);
}

void *mt_shared(unsigned long bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	mt_check(memory != MAP_FAILED);
	return memory;
}

unsigned int mt_random(unsigned int below)
{
	static __thread __u64 state;

	if (!state)
		state = mt_now() * 2654435761U + (unsigned long)&state;
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (state >> 33) % below;
}

void mt_spread(unsigned int number)
{
	mt_one_cpu(number % sysconf(_SC_NPROCESSORS_ONLN));
}

/* In a child: the supervisor ends the process that it runs in. */
static int run(const struct mt_scenario *scenario)
{
	struct mt_disturber disturber;
	int status;
	pid_t pid;

	fflush(stdout);
	*violated = false;
	pid = mt_fork();
	if (pid == 0) {
		mt_supervise();
		mt_share_all();
		deadline = mt_now() + seconds * 1000ULL;
		if (!mt_disturb(&disturber, everywhere, NULL, 0))
			_exit(KSFT_SKIP);
		status = scenario->run(scenario);
		mt_calm(&disturber);
		fflush(stdout);
		_exit(mt_violated() ? KSFT_FAIL : status);
	}
	status = mt_wait_pid(pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : KSFT_FAIL;
}

static void report(const struct mt_scenario *scenario)
{
	switch (run(scenario)) {
	case KSFT_PASS:
		ksft_test_result_pass("%s\n", scenario->name);
		break;
	case KSFT_SKIP:
		ksft_test_result_skip("%s\n", scenario->name);
		break;
	default:
		ksft_test_result_fail("%s\n", scenario->name);
	}
	fflush(stdout);
}

static bool is_wanted(const struct mt_scenario *scenario, char **names)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (!strcmp(scenario->name, *names))
			return true;
	return false;
}

static unsigned int plan(const struct mt_scenario *scenarios,
			 unsigned int count, char **names)
{
	unsigned int i, wanted = 0;

	for (i = 0; i < count; i++)
		wanted += is_wanted(&scenarios[i], names);
	return wanted;
}

/* Those that need not know whose memory it is. */
static bool disturb_everywhere(const char *name)
{
	if (!strcmp(name, "pressure"))
		everywhere = MT_PRESSURE;
	else if (!strcmp(name, "compact"))
		everywhere = MT_COMPACT;
	else if (!strcmp(name, "ksm"))
		everywhere = MT_KSM;
	mt_mergeable = everywhere == MT_KSM;
	return everywhere != MT_QUIET;
}

int mt_hammer_main(int argc, char **argv, const struct mt_scenario *scenarios,
		   unsigned int count)
{
	unsigned int i;
	int option;

	while ((option = getopt(argc, argv, "d:lt:")) != -1) {
		switch (option) {
		case 'd':
			if (!disturb_everywhere(optarg))
				return 2;
			break;
		case 'l':
			for (i = 0; i < count; i++)
				puts(scenarios[i].name);
			return 0;
		case 't':
			seconds = strtoul(optarg, NULL, 0);
			break;
		default:
			return 2;
		}
	}
	ksft_print_header();
	if (mt_unavailable())
		ksft_exit_skip("%s\n", mt_unavailable());
	violated = mt_shared(MT_PAGE);
	ksft_set_plan(plan(scenarios, count, argv + optind));
	for (i = 0; i < count; i++)
		if (is_wanted(&scenarios[i], argv + optind))
			report(&scenarios[i]);
	ksft_finished();
	return 0;
}
