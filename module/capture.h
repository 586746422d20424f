/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One capture under way: what the steps of mach_share_capture() share.
 *
 * Every chunk of the object starts as TODO: MACH_TODO_WALK for what the walk
 * is to look at, or the reason why it is to be copied.  A chunk that is not
 * decided as a whole becomes a table, whose entries are TODO in the same way.
 * The walk turns MACH_TODO_WALK into a page, a hole, or a reason; the copying
 * turns every reason into pages.  Only the capturing thread writes words and
 * entries; other captures of the same mm may read those of a listed object
 * meanwhile.
 */
#ifndef MACH_CAPTURE_H
#define MACH_CAPTURE_H

#include <linux/mach.h>
#include <linux/mm.h>

#include "chunk.h"

/* In place of a reason: the walk has not seen the page yet. */
#define MACH_TODO_WALK		MACH_COPY_REASONS

/* Live objects from the same addresses that a capture looks at. */
#define MACH_MAX_CERTIFICATES	4

struct mach_mapping;

struct mach_capture {
	/* Immutable. */
	struct mach_mapping *mapping;
	struct mm_struct *mm;		/* current's */
	u64 addr;			/* what the caller said */
	u64 len;
	unsigned long start;		/* rounded to pages */
	unsigned long end;
	struct mach_memory *memory;	/* ours until it is handed out */
	bool move;

	/* The walk's; under the mmap lock for writing. */
	struct mach_memory *certificates[MACH_MAX_CERTIFICATES];
	unsigned int certified;		/* how many; owned references */
	bool listed;			/* memory is listed in its origin */
	bool changed;			/* a PTE lost its write permission */
	unsigned long absent;		/* pages to be brought in */
	struct vm_area_struct *vma;	/* being walked ... */
	struct mach_memory *source;	/* ... and its object, if ours */
	unsigned long *entries;		/* of the page table being walked ... */
	unsigned long table_end;	/* ... which ends here */
	bool paid[2];			/* first, last chunk: as if whole */

	/* Pages: what the counters will say. */
	u64 shared;
	u64 holes;
	u64 copied[MACH_COPY_REASONS];
};

static inline unsigned long mach_capture_index(struct mach_capture *capture,
					       unsigned long addr)
{
	return (addr - capture->start) >> PAGE_SHIFT;
}

/* The word of the chunk that @addr lies in. */
static inline unsigned long *mach_capture_chunk(struct mach_capture *capture,
						unsigned long addr)
{
	unsigned long index = mach_capture_index(capture, addr);

	return &capture->memory->chunks[mach_chunk_of(capture->memory, index)];
}

/* Is a word or an entry still to be walked? */
static inline bool mach_capture_waits(unsigned long value)
{
	return value == mach_entry_todo(MACH_TODO_WALK);
}

/* Is [addr, end) one chunk, all of which is still to be walked? */
bool mach_capture_whole(struct mach_capture *capture, unsigned long addr,
			unsigned long end);

/*
 * The entries from @addr's on, of a chunk that waits as a whole or is a table
 * already.  NULL: no memory.
 */
unsigned long *mach_capture_entries(struct mach_capture *capture,
				    unsigned long addr);

/*
 * May the pages of the chunk at @addr be parts of a huge page, all of which
 * they keep from being freed?  If they are most of it, and somebody pays for
 * the rest of it too.
 */
bool mach_capture_may_hold(struct mach_capture *capture, unsigned long addr);

/*
 * Whatever of [addr, end) still waits for the walk is copied instead.  0 or
 * -ENOMEM; cannot fail for whole chunks.
 */
int mach_capture_refuse(struct mach_capture *capture, unsigned long addr,
			unsigned long end, enum mach_copy_reason reason);

static inline void mach_capture_hole(struct mach_capture *capture,
				     unsigned long *entry)
{
	WRITE_ONCE(*entry, 0);
	capture->holes++;
}

/* Takes over one reference on the page; @flags may be MACH_PAGE_OWN. */
static inline void mach_capture_page(struct mach_capture *capture,
				     unsigned long *entry, struct page *page,
				     unsigned long flags)
{
	WRITE_ONCE(*entry, (unsigned long)page | flags);
	capture->shared++;
}

#endif /* MACH_CAPTURE_H */
