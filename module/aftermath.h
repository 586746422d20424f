/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The aftermath: destruction and notifications that lower layers could only
 * put on a list.
 */
#ifndef MACH_AFTERMATH_H
#define MACH_AFTERMATH_H

#include "kmsg.h"

/* List the message, with all that it owns, to be destroyed. */
void mach_aftermath_doom(struct mach_aftermath *after, struct mach_kmsg *kmsg);

/*
 * The same of a message that could not be sent or received: what follows from
 * each of its rights comes before the next right.
 */
void mach_aftermath_fail(struct mach_aftermath *after, struct mach_kmsg *kmsg);

/*
 * Do everything that is listed, and what follows from it, until nothing is
 * left.  No lock held.  Iterative: nesting costs no stack.
 */
void mach_aftermath_work(struct mach_aftermath *after);

/* The same; most calls leave nothing to do. */
static inline void mach_aftermath_run(struct mach_aftermath *after)
{
	if (!list_empty(&after->work))
		mach_aftermath_work(after);
}

#endif /* MACH_AFTERMATH_H */
