// SPDX-License-Identifier: GPL-2.0
/*
 * New pages in batches.
 */
#include <linux/gfp.h>
#include <linux/mm.h>

#include "pages.h"

/* 16 pages: what a write to a shared page copies at once (fill.c). */
#define BATCH_ORDER	4

/*
 * Pages side by side, which are then each on their own.  Only if there are
 * some at hand: one page can be had without compaction.
 */
static void refill(struct mach_pages *pages)
{
	gfp_t gfp = GFP_HIGHUSER | __GFP_ACCOUNT;

	if (pages->wanted >= 1 << BATCH_ORDER) {
		pages->next = alloc_pages((gfp & ~__GFP_DIRECT_RECLAIM) |
					  __GFP_NOWARN, BATCH_ORDER);
		if (pages->next) {
			split_page(pages->next, BATCH_ORDER);
			pages->left = 1 << BATCH_ORDER;
			return;
		}
	}
	pages->next = alloc_page(gfp);
	pages->left = !!pages->next;
}

struct page *mach_pages_take(struct mach_pages *pages)
{
	if (!pages->left)
		refill(pages);
	if (!pages->left)
		return NULL;
	pages->left--;
	if (pages->wanted)
		pages->wanted--;
	return pages->next++;
}

void mach_pages_free(struct mach_pages *pages)
{
	while (pages->left) {
		pages->wanted = 0;
		put_page(mach_pages_take(pages));
	}
}
