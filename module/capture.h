/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One capture under way: what the steps of mach_share_capture() share.
 *
 * Every entry of the object starts as TODO: MACH_TODO_WALK for a page that
 * the walk is to look at, or the reason why it is to be copied.  The walk
 * turns the former into a page, a hole, or a reason; the copying turns every
 * reason into a page.  Only the capturing thread writes entries; other
 * captures of the same mm may read those of a listed object meanwhile.
 */
#ifndef MACH_CAPTURE_H
#define MACH_CAPTURE_H

#include <linux/mach.h>
#include <linux/mm.h>

#include "memory.h"

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

	/* The walk's; under the mmap lock for writing. */
	struct mach_memory *certificates[MACH_MAX_CERTIFICATES];
	unsigned int certified;		/* how many; owned references */
	bool listed;			/* memory is listed in its origin */
	bool changed;			/* a PTE lost its write permission */
	unsigned long absent;		/* pages to be brought in */
	struct vm_area_struct *vma;	/* being walked ... */
	struct mach_memory *source;	/* ... and its object, if ours */
	unsigned long table_end;	/* of the page table being walked */

	/* Pages: what the counters will say. */
	u64 shared;
	u64 holes;
	u64 copied[MACH_COPY_REASONS];
};

static inline unsigned long *mach_capture_entry(struct mach_capture *capture,
						unsigned long addr)
{
	return &capture->memory->entries[(addr - capture->start) >> PAGE_SHIFT];
}

static inline bool mach_capture_waits(const unsigned long *entry)
{
	return *entry == mach_entry_todo(MACH_TODO_WALK);
}

static inline void mach_capture_hole(struct mach_capture *capture,
				     unsigned long *entry)
{
	WRITE_ONCE(*entry, 0);
	capture->holes++;
}

/* Takes over one reference on the page. */
static inline void mach_capture_page(struct mach_capture *capture,
				     unsigned long *entry, struct page *page)
{
	WRITE_ONCE(*entry, (unsigned long)page);
	capture->shared++;
}

/* Pages of the range that still wait for the walk are copied instead. */
static inline void mach_capture_refuse(struct mach_capture *capture,
				       unsigned long addr, unsigned long end,
				       enum mach_copy_reason reason)
{
	unsigned long *entry;

	for (; addr < end; addr += PAGE_SIZE) {
		entry = mach_capture_entry(capture, addr);
		if (mach_capture_waits(entry))
			WRITE_ONCE(*entry, mach_entry_todo(reason));
	}
}

#endif /* MACH_CAPTURE_H */
