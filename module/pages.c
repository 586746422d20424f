// SPDX-License-Identifier: GPL-2.0
/*
 * New pages in batches.
 */
#include <linux/gfp.h>
#include <linux/mm.h>

#include "pages.h"

/*
 * Pages side by side, which are then each on their own.  Only if there are
 * some at hand: one page can be had without compaction.
 */
static void refill(struct mach_pages *pages)
{
	gfp_t gfp = GFP_HIGHUSER | __GFP_ACCOUNT;

	if (pages->wanted >= MACH_PAGES_BATCH) {
		pages->next = alloc_pages((gfp & ~__GFP_DIRECT_RECLAIM) |
					  __GFP_NOWARN, MACH_PAGES_ORDER);
		if (pages->next) {
			split_page(pages->next, MACH_PAGES_ORDER);
			pages->left = MACH_PAGES_BATCH;
			return;
		}
	}
	pages->next = alloc_page(gfp);
	pages->left = !!pages->next;
}

bool mach_pages_fill(struct mach_pages *pages)
{
	if (!pages->left)
		refill(pages);
	return pages->left;
}

struct page *mach_pages_take(struct mach_pages *pages)
{
	if (!mach_pages_fill(pages))
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
