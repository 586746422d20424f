/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What of the module the calls reach, told by the kernel (CONFIG_KCOV, module
 * built with KCOV_INSTRUMENT=y): points, one in each straight piece of code,
 * and from them what is worth to be kept, which is finer: that one point came
 * after another, that a call was answered so.
 *
 * It sees what the thread itself does in system calls, not what is done on its
 * behalf later: the end of a process, work queues.
 */
#ifndef FUZZ_COVER_H
#define FUZZ_COVER_H

#include <stdio.h>

#include "fuzz.h"

enum {
	FUZZ_TEXT = 4 << 20,	/* bytes: more than the module has */
	FUZZ_SIGNALS = 1 << 20,
};

/* In memory that all share.  Marks are only ever set, so nobody locks. */
struct fuzz_cover {
	__u64 base;			/* where the module is; 0: no idea */
	unsigned long points, signals;	/* marks below */
	__u8 point[FUZZ_TEXT];
	__u8 signal[FUZZ_SIGNALS];
};

/* Of one thread. */
struct fuzz_trace {
	struct fuzz_cover *cover;
	int fd;				/* of kcov, or -1 */
	__u64 *words;			/* the kernel's; the first counts */
	unsigned int points;		/* reached first, since it was set */
};

/* Looks for the module; without it, and without kcov, false. */
bool fuzz_cover_find(struct fuzz_cover *cover);
/* For a thread that is to start it itself; needs to be root. */
void fuzz_trace_open(struct fuzz_trace *trace, struct fuzz_cover *cover);
/* From here on for this thread; false: not here, and nothing is traced. */
bool fuzz_trace_start(struct fuzz_trace *trace);
void fuzz_trace_begin(struct fuzz *f);
/* Adds what is new to f->news. */
void fuzz_trace_end(struct fuzz *f);
/* A call of the kind @row ended with this result, or -errno. */
void fuzz_answer(struct fuzz *f, unsigned int row, int result);
/* Points as offsets in .text, for addr2line: "# points: ...". */
void fuzz_cover_print(const struct fuzz_cover *cover, FILE *file);

#endif /* FUZZ_COVER_H */
