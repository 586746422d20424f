// SPDX-License-Identifier: GPL-2.0
/*
 * Copying the pages of a capture that cannot be shared.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "capture.h"
#include "copy.h"
#include "pages.h"
#include "user.h"

/* The region's bytes of page address @addr into @page.  0 or -errno. */
static int copy_in(struct mach_capture *capture, struct page *page,
		   unsigned long addr)
{
	unsigned long from = max_t(u64, addr, capture->addr);
	unsigned long to = min_t(u64, addr + PAGE_SIZE,
				 capture->addr + capture->len);
	unsigned long left;
	void *kaddr;

	kaddr = kmap_local_page(page);
	if (to - from != PAGE_SIZE)
		clear_page(kaddr);
	left = mach_fetch(kaddr + (from - addr), (void __user *)from,
			  to - from);
	kunmap_local(kaddr);
	if (left)
		return fatal_signal_pending(current) ? -EINTR : -EFAULT;
	return 0;
}

/*
 * Fill a new page for page address @addr; its content is the caller's at this
 * moment.  Nobody else has the page: it is the object's own.
 */
static int copy_page_at(struct mach_capture *capture, struct mach_pages *pages,
			unsigned long *entry, unsigned long addr)
{
	struct page *page = mach_pages_take(pages);
	int err;

	if (!page)
		return fatal_signal_pending(current) ? -EINTR : -ENOMEM;
	err = copy_in(capture, page, addr);
	if (err) {
		put_page(page);
		return err;
	}
	capture->copied[mach_entry_reason(*entry)]++;
	WRITE_ONCE(*entry, (unsigned long)page | MACH_PAGE_OWN);
	return 0;
}

/* What is left to do of [addr, end), which lies in one chunk. */
static int copy_part(struct mach_capture *capture, struct mach_pages *pages,
		     unsigned long addr, unsigned long end)
{
	unsigned long word = *mach_capture_chunk(capture, addr);
	unsigned long *entry;
	int err;

	if (!mach_chunk_table(word) && !(word & MACH_PAGE_TODO))
		return 0;
	entry = mach_capture_entries(capture, addr);
	if (!entry)
		return -ENOMEM;
	for (; addr < end; addr += PAGE_SIZE, entry++) {
		if (!(*entry & MACH_PAGE_TODO))
			continue;
		if (fatal_signal_pending(current))
			return -EINTR;
		err = copy_page_at(capture, pages, entry, addr);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

int mach_copy_rest(struct mach_capture *capture)
{
	u64 left = capture->memory->count - capture->shared - capture->holes;
	unsigned long addr = capture->start, next;
	struct mach_pages pages = { .wanted = left };
	int err = 0;

	if (!left)
		return 0;
	for (; addr < capture->end && !err; addr = next) {
		next = pmd_addr_end(addr, capture->end);
		err = copy_part(capture, &pages, addr, next);
	}
	mach_pages_free(&pages);
	return err;
}
