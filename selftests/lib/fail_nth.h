/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trials: each allocation that a deed makes fails, one after the other, until
 * one run needed no more than it got (/proc/thread-self/fail-nth).  What has a
 * second try would never see the end of it: so then the deed gets a part of the
 * memory that it wants, from nothing to all, and no more.
 *
 * Each run has tasks of its own.  When the deed fails, it fails with what is
 * documented, has had no effect, and succeeds the second time; when it failed
 * half-way, the trial's own judge says whether that is as documented.  After
 * each run all live objects and the user's account are as before.
 *
 * The kernel prints a stack trace at each failure, from which
 * tools/checks/failnth learns the call site.
 */
#ifndef MACH_FAIL_NTH_H
#define MACH_FAIL_NTH_H

#include "mach_test.h"

struct mt_trial {
	const char *what;
	/* Makes what the deed needs; tasks are open already.  May be NULL. */
	void (*set)(struct mt_trial *trial);
	/* What must come last, and may be NULL, too. */
	void (*ready)(struct mt_trial *trial);
	/* The deed: a Mach result or -errno. */
	__s32 (*act)(struct mt_trial *trial);
	/* After a success: judges it, undoes what the tasks' end does not. */
	void (*done)(struct mt_trial *trial);
	/* After a failure that is not @clean: is that as documented? */
	bool (*broken)(struct mt_trial *trial, __s32 ret);
	/* After all, whatever happened: undoes set().  May be NULL. */
	void (*end)(struct mt_trial *trial);
	/*
	 * How it fails when nothing has happened; 0: RESOURCE_SHORTAGE.
	 * MT_NO_RESULT: not at all.
	 */
	__s32 clean;
	unsigned int least;	/* so many allocations fail at least */
	/* From here on only some fail, ever further apart; 0: 100. */
	unsigned int dense;
	bool whole;		/* the deed would wait for ever with less */
	bool only_pages;	/* with less, it is pages that are short */
	/* With less, nothing can be unmapped either: @bytes may stay. */
	bool may_stay;
	unsigned int kind;	/* for functions that tell several apart */

	/* The scene: what the functions above like to put there. */
	struct mt_task task, other;
	__u32 port, name, result;
	int fd;
	pid_t pid;
	char *memory, *received;
	unsigned long bytes;
	__u32 *names;
	struct mt_message message;
};

/*
 * False: this kernel injects no faults.  To be called once in each process,
 * before the first trial.
 */
bool mt_can_fail(void);
/* The same for one that looks at no counters: the module may be away. */
bool mt_open_faults(void);
/* The next allocation of this thread but @nth - 1 fails; 0: none. */
void mt_fail_next(unsigned int nth);
/* Has it failed?  From here on none does. */
bool mt_has_failed(void);
/* How many allocations may still be made before one fails. */
unsigned int mt_left_to_fail(void);
/*
 * From now on pages are among the allocations that are counted and fail, or
 * are not.
 */
void mt_fail_pages(bool count);
/* From here on, until false: all allocations of this thread fail. */
void mt_fail_all(bool fail);
/*
 * The same for nodes of trees (xarray), and nothing else.  False: the kernel
 * was not booted with slub_debug=A,radix_tree_node.
 */
bool mt_fail_nodes(bool fail);
/*
 * The same for the module's worker, which is one of the kernel's; new workers
 * have it from the thread that makes them.
 */
void mt_fail_workers(bool fail);

/*
 * All runs of a trial.  False: one did not go as it should; it is said.  With
 * MT_TRIAL in the environment, just of the trial of that name.
 */
bool mt_try(struct mt_trial *trial);
/* The same for a list of them. */
bool mt_try_all(struct mt_trial *trials, size_t count);

/*
 * The program unmaps the pages that the module keeps in its memory, of all of
 * its tasks.
 */
void mt_unmap_doorbells(struct mt_trial *trial);

#endif /* MACH_FAIL_NTH_H */
