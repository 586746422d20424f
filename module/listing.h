/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A listing on its way to user space: records are collected in a buffer of the
 * kernel, with locks held, and copied out from time to time, with none.
 *
 * What does not fit at the user any more is only counted.
 */
#ifndef MACH_LISTING_H
#define MACH_LISTING_H

#include <linux/types.h>

/* What is collected in one go. */
#define MACH_LISTING_BYTES	(64 * 1024)

struct mach_listing {
	u8 *bytes;		/* MACH_LISTING_BYTES, owned */
	u32 used;
	u64 to;			/* address, and bytes, at the user */
	u64 room;
	u64 total;		/* copied, or not, so far */
};

/* 0 or -ENOMEM. */
int mach_listing_begin(struct mach_listing *listing, u64 to, u64 room);
void mach_listing_end(struct mach_listing *listing);

/* Is there room for @bytes before the next flush? */
static inline bool mach_listing_has_room(const struct mach_listing *listing,
					 u32 bytes)
{
	return bytes <= MACH_LISTING_BYTES - listing->used;
}

/*
 * A record of @size bytes, zeroed but for kind and size; NULL: flush first.
 * Does not sleep.
 */
void *mach_listing_add(struct mach_listing *listing, u32 kind, u32 size);

/* Copy out what was collected.  0, -EFAULT, or -EINTR (killed). */
int mach_listing_flush(struct mach_listing *listing);

#endif /* MACH_LISTING_H */
