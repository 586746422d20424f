/* SPDX-License-Identifier: GPL-2.0 */
/*
 * New pages for memory objects, taken from the kernel in batches: one call,
 * and one charge to the caller's memory cgroup, for many pages.
 */
#ifndef MACH_PAGES_H
#define MACH_PAGES_H

#include <linux/types.h>

struct page;

#define MACH_PAGES_ORDER	4
#define MACH_PAGES_BATCH	(1UL << MACH_PAGES_ORDER)

/* On the caller's stack.  Start with all but wanted 0. */
struct mach_pages {
	u64 wanted;		/* how many will be taken, at most */
	struct page *next;	/* of those at hand, which lie side by side */
	unsigned int left;	/* how many are at hand */
};

/* Have at least one at hand.  May sleep.  False: no memory. */
bool mach_pages_fill(struct mach_pages *pages);

/*
 * A page with one reference, its content undefined; or NULL.  Sleeps
 * only if none is at hand.
 */
struct page *mach_pages_take(struct mach_pages *pages);

/* Give back what was not taken. */
void mach_pages_free(struct mach_pages *pages);

#endif /* MACH_PAGES_H */
