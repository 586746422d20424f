/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The worker processes of fuzz_ioctl: their memory in common, their lives.
 */
#ifndef FUZZ_WORKER_H
#define FUZZ_WORKER_H

#include "program.h"

enum {
	FUZZ_THREADS = 2,		/* of a worker */
	FUZZ_LAST = 4,			/* programs to show after a fault */
};

/* What a thread ran last, the present one included, as far as it came. */
struct fuzz_history {
	unsigned long count;
	struct fuzz_program last[FUZZ_LAST];
};

struct fuzz_common {
	bool guided;			/* what is new gets into the corpus */
	int mail[FUZZ_WORKERS][2];	/* for all; the end to read from */
	struct fuzz_counts counts;
	struct fuzz_history history[FUZZ_WORKERS][FUZZ_THREADS];
	struct fuzz_cover cover;
	unsigned long seeded;		/* of these, run as they are */
	struct fuzz_corpus seeds, corpus;
};

/* Lives for some steps; its parent may kill it before. */
void fuzz_live(struct fuzz_common *common, int index, __u64 seed)
	__attribute__((noreturn));
/* Each of the seeds with fresh tasks, in one thread. */
void fuzz_repeat(struct fuzz_common *common, __u64 seed)
	__attribute__((noreturn));
void fuzz_history_print(const struct fuzz_common *common, FILE *file);

#endif /* FUZZ_WORKER_H */
