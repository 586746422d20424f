/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random calls of /dev/mach that know the grammar: what a worker process of
 * fuzz_ioctl has in its hands (names, files, memory), and the kinds of steps
 * that it takes.
 *
 * Most steps are right but for one thing, because a call of pure noise is
 * refused at its first check.  What a call hands out goes back into the pools
 * and into later calls.  Threads of a worker share the pools without locks:
 * a slot is one word, and a stale one is as good as any.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <linux/mach.h>
#include <stdbool.h>
#include <stddef.h>

enum {
	FUZZ_WORKERS = 3,
	FUZZ_NAMES = 24,	/* of each task */
	FUZZ_HOT_NAMES = 4,	/* of these */
	FUZZ_FILES = 16,
	FUZZ_REGIONS = 16,
	FUZZ_TASKS = 3,
	FUZZ_KINDS = 48,	/* at least the commands there are */
};

/* Counted over all processes that ever ran, in memory that they share. */
struct fuzz_counts {
	unsigned long steps;		/* system calls of the module */
	unsigned long deaths[FUZZ_WORKERS];
	unsigned long crashes;		/* of these by a signal of its own */
	unsigned long done[FUZZ_KINDS];	/* calls, by their row */
	unsigned long good[FUZZ_KINDS];	/* with Mach's result 0 */
	unsigned long received;		/* messages */
	unsigned long programs;		/* run */
	unsigned long wrong;		/* answers that must not be */
};

struct fuzz_region {
	char *address;			/* NULL: none */
	unsigned long bytes;
};

struct fuzz_worker {
	int index;
	int mail[FUZZ_WORKERS];		/* sockets: to each worker ... */
	int inbox;			/* ... and the own end */
	int task[FUZZ_TASKS];		/* open files of /dev/mach */
	__u32 self[FUZZ_TASKS];
	__u64 task_id;			/* of some task */
	__u32 name[FUZZ_TASKS][FUZZ_NAMES];
	int file[FUZZ_FILES];
	struct fuzz_region region[FUZZ_REGIONS];
	struct fuzz_counts *counts;
};

struct fuzz_program;
struct fuzz_trace;

/* A thread of a worker. */
struct fuzz {
	struct fuzz_worker *worker;
	int task;			/* index of that of this step */
	__u64 random;			/* state of the dice; never 0 */
	const __u32 *from, *from_end;	/* decisions to repeat before dice */
	struct fuzz_program *program;	/* where they are noted, or NULL ... */
	__u32 *count;			/* ... and how many, in this step */
	struct fuzz_trace *trace;	/* NULL: nobody asks what is reached */
	unsigned int news;		/* what this step reached first */
};

/* ---- decisions (tape.c) ---- */

/*
 * All that a step does comes of decisions.  They are taken from the tape as
 * long as it has some, then by dice, and noted: what was noted, repeated with
 * the same hands, is the same step.
 */
__u64 fuzz_random(struct fuzz *f);
/* Less than @limit, which is not 0. */
__u32 fuzz_below(struct fuzz *f, __u32 limit);
bool fuzz_once_in(struct fuzz *f, __u32 times);
/* Dice alone, from now on: no tape, nothing noted. */
void fuzz_drop_tape(struct fuzz *f);
/* For what needs no decision each: dice of its own, thrown once from @f's. */
struct fuzz fuzz_noise(struct fuzz *f);

/* ---- pools (pools.c) ---- */

/* A number at which something might happen; not near a kernel's address. */
__u64 fuzz_number(struct fuzz *f);
/* The descriptor of this step's task, and mostly its name for itself. */
int fuzz_task(struct fuzz *f);
__u32 fuzz_self(struct fuzz *f);
/* Names of this step's task, but for some nonsense. */
__u32 fuzz_name(struct fuzz *f);
void fuzz_keep_name(struct fuzz *f, __u32 name);
int fuzz_file(struct fuzz *f);
void fuzz_keep_file(struct fuzz *f, int fd);
/* A part of a region, or, seldom, nonsense. */
struct fuzz_region fuzz_range(struct fuzz *f);
void fuzz_keep_region(struct fuzz *f, void *address, unsigned long bytes);
/* Takes it out of the pool; the caller unmaps it. */
struct fuzz_region fuzz_take_region(struct fuzz *f);

/* Says what must not be, and counts it. */
void fuzz_wrong(struct fuzz *f, const char *what, __u64 value);
/* Do these bytes, which the kernel wrote, hold what looks like its address? */
void fuzz_check_words(struct fuzz *f, const char *what, const void *bytes,
		      unsigned long count);

/* ---- steps ---- */

void fuzz_call(struct fuzz *f);		/* calls.c: any but MSG */
const char *fuzz_call_name(unsigned int row);	/* NULL behind the last */
void fuzz_message(struct fuzz *f);	/* message.c: MACH_IOC_MSG */
void fuzz_memory(struct fuzz *f);	/* steps.c: mmap and friends */
void fuzz_descriptors(struct fuzz *f);	/* steps.c: poll, SCM_RIGHTS, close */
void fuzz_process(struct fuzz *f);	/* steps.c: fork, another task */
/* A fresh task in slot @i, with some ports. */
void fuzz_renew_task(struct fuzz *f, int i);
/* Empty hands, but for fresh tasks: from here on a program can be repeated. */
void fuzz_renew_all(struct fuzz *f);

/* One call, counted in @row; -1 or 0 as ioctl(). */
int fuzz_ioctl(struct fuzz *f, unsigned int row, int fd, unsigned long command,
	       void *arg);

/* The row of MACH_IOC_MSG in the counts. */
#define FUZZ_MSG_ROW	0

#endif /* FUZZ_H */
