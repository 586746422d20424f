// SPDX-License-Identifier: GPL-2.0
/*
 * Copying the pages of a capture that cannot be shared.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "capture.h"
#include "copy.h"

static int copy_failed(void)
{
	return fatal_signal_pending(current) ? -EINTR : -EFAULT;
}

/*
 * Fill a new page for page address @addr; its content is the caller's at this
 * moment.  Nobody else has the page: it is the object's own.
 */
static int copy_page_at(struct mach_capture *capture, unsigned long *entry,
			unsigned long addr)
{
	unsigned long from = max_t(u64, addr, capture->addr);
	unsigned long to = min_t(u64, addr + PAGE_SIZE,
				 capture->addr + capture->len);
	unsigned long left;
	struct page *page;
	gfp_t gfp = GFP_HIGHUSER | __GFP_ACCOUNT;
	void *kaddr;

	if (to - from != PAGE_SIZE)
		gfp |= __GFP_ZERO;
	page = alloc_page(gfp);
	if (!page)
		return fatal_signal_pending(current) ? -EINTR : -ENOMEM;

	kaddr = kmap_local_page(page);
	left = copy_from_user(kaddr + (from - addr), (void __user *)from,
			      to - from);
	kunmap_local(kaddr);
	if (left) {
		put_page(page);
		return copy_failed();
	}

	capture->copied[mach_entry_reason(*entry)]++;
	WRITE_ONCE(*entry, (unsigned long)page | MACH_PAGE_OWN);
	return 0;
}

int mach_copy_rest(struct mach_capture *capture)
{
	unsigned long addr, *entry;
	int err;

	if (capture->shared + capture->holes == capture->memory->count)
		return 0;
	for (addr = capture->start; addr < capture->end; addr += PAGE_SIZE) {
		entry = mach_capture_entry(capture, addr);
		if (!(*entry & MACH_PAGE_TODO))
			continue;
		if (fatal_signal_pending(current))
			return -EINTR;
		err = copy_page_at(capture, entry, addr);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}
