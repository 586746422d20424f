// SPDX-License-Identifier: GPL-2.0
/*
 * The buffer of a listing: see listing.h.
 */
#include <linux/errno.h>
#include <linux/mach.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "listing.h"
#include "user.h"

int mach_listing_begin(struct mach_listing *listing, u64 to, u64 room)
{
	*listing = (struct mach_listing){ .to = to, .room = room };
	listing->bytes = kvmalloc(MACH_LISTING_BYTES, GFP_KERNEL_ACCOUNT);
	return listing->bytes ? 0 : -ENOMEM;
}

void mach_listing_end(struct mach_listing *listing)
{
	kvfree(listing->bytes);
}

void *mach_listing_add(struct mach_listing *listing, u32 kind, u32 size)
{
	struct mach_snapshot_record *record;

	if (!mach_listing_has_room(listing, size))
		return NULL;
	record = memset(listing->bytes + listing->used, 0, size);
	record->kind = kind;
	record->size = size;
	listing->used += size;
	return record;
}

int mach_listing_flush(struct mach_listing *listing)
{
	u64 at = listing->total;
	u32 used = listing->used;

	listing->total += used;
	listing->used = 0;
	if (fatal_signal_pending(current))
		return -EINTR;
	cond_resched();
	/* Once something did not fit nothing does: the listing is of no use. */
	if (listing->total > listing->room)
		return 0;
	return mach_store(u64_to_user_ptr(listing->to + at), listing->bytes,
			  used) ? -EFAULT : 0;
}
