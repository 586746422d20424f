/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Programs: some steps, each with its decisions, so that they can be kept,
 * changed, written out, read in and repeated.
 *
 * The corpus is the programs that reached something first.  It lies in memory
 * that all workers share; they are killed at any time, so nobody locks: a
 * program that is read while another is put in its place is torn, and as good
 * as any.
 */
#ifndef FUZZ_PROGRAM_H
#define FUZZ_PROGRAM_H

#include <stdio.h>

#include "cover.h"

enum {
	FUZZ_WORDS = 1020,		/* of one program */
	FUZZ_STEPS = 48,
	FUZZ_PROGRAMS = 4096,
	FUZZ_PROCESS_STEP = 36,		/* kinds of steps: forks, ... */
	FUZZ_RENEW_STEP = 200,		/* ... renews all */
	FUZZ_STEP_KINDS = 201,
};

/* Words: for each step how many decisions, then these. */
struct fuzz_program {
	__u32 words;
	__u32 points;			/* of the module, reached first */
	__u32 word[FUZZ_WORDS];
};

struct fuzz_corpus {
	unsigned long added;		/* ever; the last so many are there */
	struct fuzz_program program[FUZZ_PROGRAMS];
};

struct fuzz_step {
	__u32 count;
	const __u32 *words;
};

/* The step at @at, which is behind it then; false: no more, or torn. */
bool fuzz_program_step(const struct fuzz_program *program, __u32 *at,
		       struct fuzz_step *step);
/* False when there is no room. */
bool fuzz_program_add(struct fuzz_program *program,
		      const struct fuzz_step *step);

/* One line: "# program: " and words in hexadecimal. */
void fuzz_program_print(const struct fuzz_program *program, FILE *file);
/* A line as above, with anything before it; false: none in it. */
bool fuzz_program_parse(struct fuzz_program *program, const char *line);

unsigned long fuzz_corpus_size(const struct fuzz_corpus *corpus);
void fuzz_corpus_add(struct fuzz_corpus *corpus,
		     const struct fuzz_program *program);
/* All programs of a file, such as the log of a run; how many, or -1. */
long fuzz_corpus_read(struct fuzz_corpus *corpus, const char *path);
/* Those that reached points. */
void fuzz_corpus_print(const struct fuzz_corpus *corpus, FILE *file);

/* The next one to run: random steps, or, mostly, one of the corpus, changed. */
void fuzz_compose(struct fuzz *f, const struct fuzz_corpus *corpus,
		  struct fuzz_program *plan);

#endif /* FUZZ_PROGRAM_H */
