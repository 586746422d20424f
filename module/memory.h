/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory objects: what an out-of-line region is between the send and the last
 * unmapping at the receiver.
 *
 * An object is an immutable logical snapshot: the pages of a range (some are
 * holes, which read as zero), a length in bytes and the offset of the first
 * byte in the first page.  It is referenced by the message that carries it and
 * by every mapping of it; it charges its pages to one user at a time: all
 * pages of its range, holes included, from before the first is taken until it
 * is freed.  chunk.h has its fields, and how it holds the pages.
 *
 * Immutable means: nobody but the receiver can change a byte, and he only
 * those of pages that the object alone owns (MACH_PAGE_OWN).  A page that the
 * sender or anybody else can still see is held by a plain reference; that is
 * what forbids the core to let anybody write to it in place.
 *
 * Life: mach_memory_create -> capture fills the chunks -> mach_memory_seal
 * -> carried by one message -> mapped at most once (region.c) -> unmapped.
 *
 * The origin is what a sender's live objects have in common: an index of them
 * by the address that they were sent from.  A page that a live object got
 * from an address proves that the same page, found there again, is still the
 * immutable one (see walk.c).
 */
#ifndef MACH_MEMORY_H
#define MACH_MEMORY_H

#include <linux/types.h>

#include "chunk.h"

struct mach_origin;
struct mach_user;

/*
 * A new object for @bytes bytes that the sender has at @addr; all chunks are
 * holes.  Takes a reference on @user and charges it.  NULL when there is no
 * memory or the user's limit would be passed.
 */
struct mach_memory *mach_memory_create(struct mach_user *user, u64 addr,
				       u64 bytes);

/* Nothing is TODO any more; @held entries are pages, the rest holes. */
void mach_memory_seal(struct mach_memory *memory, unsigned long held);

/*
 * Charge @pages more to the object's user, before it is published.  False,
 * and nothing charged, when that would pass the user's limit.
 */
bool mach_memory_charge(struct mach_memory *memory, unsigned long pages);

/*
 * Charge @user instead of the present one.  The caller holds the message.
 * -EDQUOT, and nothing changed, when that would pass @user's limit.
 */
int mach_memory_recharge(struct mach_memory *memory, struct mach_user *user);

struct mach_memory *mach_memory_get(struct mach_memory *memory);
/* Any context that may sleep; also under an mmap lock. */
void mach_memory_put(struct mach_memory *memory);

struct mach_origin *mach_origin_create(void);
struct mach_origin *mach_origin_get(struct mach_origin *origin);
void mach_origin_put(struct mach_origin *origin);

/* List @memory as sent from page address @addr; its death unlists it. */
void mach_origin_add(struct mach_origin *origin, struct mach_memory *memory,
		     unsigned long addr);

/*
 * Up to @max live objects that were sent from an address in [first, last];
 * the caller gets a reference on each.  Returns how many.
 */
unsigned int mach_origin_find(struct mach_origin *origin, unsigned long first,
			      unsigned long last, struct mach_memory **found,
			      unsigned int max);

#endif /* MACH_MEMORY_H */
