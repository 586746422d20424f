/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hammers: scenarios that run for as long as one likes, each in processes of
 * its own, and threads that disturb them.
 *
 * usage of every hammer:
 *	hammer_NAME [-l] [-t SECONDS] [-d DISTURBANCE] [SCENARIO]...
 * SECONDS is for each scenario (default 1); -l lists them.  DISTURBANCE is
 * pressure, compact or ksm, for the whole machine.
 */
#ifndef MACH_HAMMER_H
#define MACH_HAMMER_H

#include <pthread.h>

#include "kselftest.h"
#include "mach_test.h"

struct mt_scenario {
	const char *name;
	/* KSFT_PASS, KSFT_FAIL or KSFT_SKIP; its live objects must go. */
	int (*run)(const struct mt_scenario *scenario);
	unsigned int kind;	/* for run() to tell several apart */
};

int mt_hammer_main(int argc, char **argv, const struct mt_scenario *scenarios,
		   unsigned int count);

/*
 * Until the time of the scenario is over; and true for the first @rounds, and
 * until it was disturbed at all.
 */
bool mt_hammer_on(unsigned long rounds);

/* Says what is wrong, once, and makes the scenario fail and end. */
void mt_violation(const char *format, ...)
	__attribute__((format(printf, 1, 2)));
bool mt_violated(void);

/* Memory that the processes of a scenario share; zeroes. */
void *mt_shared(unsigned long bytes);

/* A small, fast, bad random number; each thread its own. */
unsigned int mt_random(unsigned int below);

/* On the processors in turn. */
void mt_spread(unsigned int number);

/* ---- disturbance ---- */

/*
 * What else happens to @memory, or to the machine, without changing what is
 * in it.
 */
enum mt_disturbance {
	MT_QUIET,
	MT_PAGEOUT,		/* swapped out */
	MT_COMPACT,		/* compaction, and what it migrates */
	MT_KSM,			/* equal pages merged */
	MT_COLLAPSE,		/* made huge, by khugepaged and madvise */
	MT_FORK,		/* children that write to their copies */
	MT_CLEAR_REFS,		/* write-protected to see what gets dirty */
	MT_PRESSURE,		/* somebody wants more memory than there is */
	MT_SPLIT,		/* huge pages split by protection */
	MT_DISTURBANCES
};

struct mt_disturber {
	enum mt_disturbance what;
	char *memory;
	unsigned long bytes;
	pthread_t thread;
	bool started;
	bool *stop;		/* shared with its children */
	unsigned long rounds;
	unsigned long swapped;	/* out, before */
};

/*
 * false: this machine cannot (no swap, no KSM, ...).  @memory may be NULL with
 * @bytes 0 where the whole machine is meant.
 */
bool mt_disturb(struct mt_disturber *disturber, enum mt_disturbance what,
		void *memory, unsigned long bytes);
void mt_calm(struct mt_disturber *disturber);

/* At least once by each that this process has started. */
bool mt_disturbed(void);

#endif /* MACH_HAMMER_H */
