// SPDX-License-Identifier: GPL-2.0
/*
 * The steps of a capture: check, walk under the lock and flush, bring in what
 * was absent and walk again, copy the rest, and, for a move, unmap.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/uaccess.h>

#include "capture.h"
#include "compat/mm.h"
#include "copy.h"
#include "limits.h"
#include "mapping.h"
#include "memory.h"
#include "settle.h"
#include "share.h"
#include "stats.h"
#include "trace.h"
#include "user.h"
#include "walk.h"

/* Then the pages that are still absent are copied. */
#define MACH_WALKS		3

/* Then somebody unmaps the doorbell on purpose, and gets everything copied. */
#define MACH_DOORBELL_TRIES	3

/* Where the range ends and starts in pages; -EFAULT if it is no user range. */
static int init_range(struct mach_capture *capture, u64 addr, u64 len)
{
	u64 end;

	if (check_add_overflow(addr, len, &end) || end > TASK_SIZE_MAX ||
	    !access_ok((void __user *)addr, len))
		return -EFAULT;
	capture->addr = addr;
	capture->len = len;
	capture->start = addr & PAGE_MASK;
	capture->end = PAGE_ALIGN(end);
	return 0;
}

/* A page that is only partly in the region is copied. */
static int init_edge(struct mach_capture *capture, unsigned long addr)
{
	unsigned long *entry = mach_capture_entries(capture, addr & PAGE_MASK);

	if (!entry)
		return -ENOMEM;
	*entry = mach_entry_todo(MACH_COPY_EDGE);
	return 0;
}

/* All of it is TODO. */
static int init_chunks(struct mach_capture *capture, unsigned int reason)
{
	struct mach_memory *memory = capture->memory;
	u64 end = capture->addr + capture->len;
	unsigned long chunk;
	int err = 0;

	for (chunk = 0; chunk < memory->chunk_count; chunk++)
		memory->chunks[chunk] = mach_entry_todo(reason);
	mach_chunk_open_small(memory);
	if (reason != MACH_TODO_WALK)
		return 0;
	if (offset_in_page(capture->addr))
		err = init_edge(capture, capture->addr);
	if (offset_in_page(end) && !err)
		err = init_edge(capture, end);
	return err;
}

/*
 * Take the mmap lock for writing, with the doorbell in its place: without it
 * the TLB cannot be flushed, so nothing may be write-protected.  -EAGAIN,
 * and no lock, if somebody keeps unmapping it.
 */
static int lock_mm(struct mach_capture *capture, struct vm_area_struct **bell)
{
	int tries, err;

	for (tries = 0; tries < MACH_DOORBELL_TRIES; tries++) {
		if (mmap_write_lock_killable(capture->mm))
			return -EINTR;
		*bell = mach_mapping_doorbell(capture->mapping);
		if (*bell)
			return 0;
		mmap_write_unlock(capture->mm);
		err = mach_mapping_new_doorbell(capture->mapping);
		if (err)
			break;
	}
	return -EAGAIN;
}

/*
 * Flush the TLB of the whole mm on every CPU, still under the mmap lock: the
 * core takes the zapping of any page for it when it believes that somebody
 * else has changed page tables at the same time.  After the unlock it would
 * be too late: a thread that faults in between gets its copy of a page while
 * another still writes to the page through its stale entry.
 */
static void flush(struct mach_capture *capture, struct vm_area_struct *bell)
{
	if (!capture->changed)
		return;
#ifndef MACH_TEST_NO_FLUSH
	inc_tlb_flush_pending(capture->mm);
	mach_zap_vma(bell, bell->vm_start, PAGE_SIZE);
	dec_tlb_flush_pending(capture->mm);
#endif
	capture->changed = false;
}

/*
 * Under the mmap lock, before the first walk.  What a move takes proves
 * nothing until it is settled, and then nothing is left at the address.
 */
static void find_certificates(struct mach_capture *capture)
{
	struct mach_origin *origin = mach_mapping_origin(capture->mapping);

	if (capture->listed)
		return;
	capture->certified = mach_origin_find(origin, capture->start,
					      capture->end - 1,
					      capture->certificates,
					      MACH_MAX_CERTIFICATES);
	/* Before the unlock: the next sender of these pages must find it. */
	if (!capture->move)
		mach_origin_add(origin, capture->memory, capture->start);
	capture->listed = true;
}

/* One walk under the lock. */
static int walk_once(struct mach_capture *capture)
{
	struct vm_area_struct *bell;
	int err;

	if (!capture->move)
		mach_lru_drain();
	err = lock_mm(capture, &bell);
	if (err)
		return err;
	capture->absent = 0;
	err = mach_walk_check(capture);
	if (!err) {
		find_certificates(capture);
		err = mach_walk(capture);
	}
	flush(capture, bell);
	mmap_write_unlock(capture->mm);
	return err;
}

static void touch_page(unsigned long addr)
{
	mach_fault_in(addr);
	cond_resched();
}

/* The pages of [addr, end), of one chunk, that still wait. */
static void bring_in_part(struct mach_capture *capture, unsigned long addr,
			  unsigned long end)
{
	unsigned long word = *mach_capture_chunk(capture, addr);
	unsigned long *entry = NULL;

	if (mach_chunk_table(word))
		entry = mach_capture_entries(capture, addr);
	else if (!mach_capture_waits(word))
		return;
	for (; addr < end; addr += PAGE_SIZE) {
		if (fatal_signal_pending(current))
			return;
		if (!entry || mach_capture_waits(*entry++))
			touch_page(addr);
	}
}

/* Touch what was swapped out or being migrated.  No lock held. */
static void bring_in(struct mach_capture *capture)
{
	unsigned long addr, next;

	for (addr = capture->start; addr < capture->end; addr = next) {
		next = pmd_addr_end(addr, capture->end);
		bring_in_part(capture, addr, next);
	}
}

/* Only look whether all of it may be read. */
static int check_range(struct mach_capture *capture)
{
	int err;

	if (mmap_read_lock_killable(capture->mm))
		return -EINTR;
	err = mach_walk_check(capture);
	mmap_read_unlock(capture->mm);
	return err;
}

static int share_pages(struct mach_capture *capture)
{
	int walks, err;

	for (walks = 0; walks < MACH_WALKS; walks++) {
		err = walk_once(capture);
		if (err || !capture->absent)
			break;
		bring_in(capture);
	}
	if (err == -EAGAIN) {
		/* Nothing has been walked. */
		capture->absent = 1;
		err = check_range(capture);
	}
	if (err || !capture->absent)
		return err;
	return mach_capture_refuse(capture, capture->start, capture->end,
				   MACH_COPY_RETRY);
}

/* Fill the object.  Nothing of the caller's memory changes its content. */
static int fill(struct mach_capture *capture)
{
	bool small = capture->len < READ_ONCE(mach_limits.share_min);
	int err;

	err = init_chunks(capture, small ? MACH_COPY_SMALL : MACH_TODO_WALK);
	if (!err)
		err = small ? check_range(capture) : share_pages(capture);
	return err ?: mach_copy_rest(capture);
}

/*
 * The second half of a move: unmap the range, and then look what the pages
 * are worth (settle.c).  What other threads wrote meanwhile went to memory
 * that they give up here.
 */
static int take_away(struct mach_capture *capture)
{
	int err;

	err = vm_munmap(capture->start, capture->end - capture->start);
	if (err == -EINTR || err == -ENOMEM)
		return err;
	if (err)
		return -EFAULT;

	mach_lru_drain();
	return mach_settle(capture);
}

static void drop_certificates(struct mach_capture *capture)
{
	while (capture->certified)
		mach_memory_put(capture->certificates[--capture->certified]);
}

/* Returns the number of pages copied. */
static u64 count_pages(struct mach_capture *capture, struct mach_stats *stats)
{
	u64 copied = 0;
	int reason;

	mach_count(stats, capture->move ? MACH_EVENT_PAGES_MOVED :
					  MACH_EVENT_PAGES_SHARED,
		   capture->shared);
	mach_count(stats, MACH_EVENT_PAGES_HOLE, capture->holes);
	for (reason = 0; reason < MACH_COPY_REASONS; reason++) {
		if (!capture->copied[reason])
			continue;
		mach_count(stats, MACH_EVENT_PAGES_COPIED + reason,
			   capture->copied[reason]);
		copied += capture->copied[reason];
	}
	return copied;
}

/* With the object made and charged. */
static int run(struct mach_capture *capture, struct mach_stats *stats)
{
	u64 copied = 0;
	int err;

	err = fill(capture);
	if (!err && capture->move)
		err = take_away(capture);
	drop_certificates(capture);
	if (!err) {
		copied = count_pages(capture, stats);
		mach_memory_seal(capture->memory, capture->shared + copied);
	}
	trace_mach_capture(capture->addr, capture->len, capture->move,
			   capture->shared, copied, err);
	return err;
}

int mach_share_capture(struct mach_mapping *mapping, u64 addr, u64 len,
		       bool move, struct mach_user *user,
		       struct mach_stats *stats, struct mach_memory **out)
{
	struct mach_capture capture = { .mapping = mapping, .move = move };
	int err;

	capture.mm = current->mm;
	if (!len || WARN_ON_ONCE(!mach_mapping_is_current(mapping)))
		return -EFAULT;
	err = init_range(&capture, addr, len);
	if (err)
		return err;
	capture.memory = mach_memory_create(user, addr, len);
	if (!capture.memory)
		return -ENOMEM;

	err = run(&capture, stats);
	if (err)
		mach_memory_put(capture.memory);
	else
		*out = capture.memory;
	return err;
}
