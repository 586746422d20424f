// SPDX-License-Identifier: GPL-2.0
/*
 * Huge pages of the sender: write-protected in place and taken whole; or most
 * of one, page by page.
 */
#include <linux/mm.h>

#include "capture.h"
#include "certificate.h"
#include "compat/mm.h"
#include "huge.h"

#if MACH_SHARE_HUGE

#define SHARE	(-1)

/* As share_exclusive() in walk.c, of a whole PMD. */
static int share_exclusive(struct mach_capture *capture, struct folio *folio,
			   unsigned long addr, pmd_t *pmdp)
{
	pmd_t old = pmdp_huge_get_and_clear(capture->mm, addr, pmdp);
	int reason = SHARE;

	smp_mb();	/* the PMD is gone, then references are counted */
	if (!mach_explained(folio, 0))
		reason = MACH_COPY_REFS;
	else if (mach_try_share_huge(&folio->page))
		reason = MACH_COPY_PINNED;

	if (reason == SHARE && pmd_write(old)) {
		capture->changed = true;
		old = pmd_wrprotect(old);
	}
	set_pmd_at(capture->mm, addr, pmdp, old);
	return reason;
}

/* May the huge page at @addr be shared, or why not? */
static int share_huge(struct mach_capture *capture, struct page *head,
		      unsigned long addr, pmd_t *pmdp)
{
	struct folio *folio = page_folio(head);

	if (!pmd_write(*pmdp) && mach_certified_huge(capture, head, addr))
		return SHARE;
	if (PageAnonExclusive(head))
		return share_exclusive(capture, folio, addr, pmdp);
	if (pmd_write(*pmdp) || !mach_explained(folio, 0))
		return MACH_COPY_REFS;
	return SHARE;
}

/* As one word; for a move as take_page() in walk.c does it. */
static int take_whole(struct mach_capture *capture, struct page *head,
		      unsigned long addr, pmd_t *pmdp)
{
	unsigned long flags = MACH_PAGE_HUGE;
	int reason = SHARE;

	if (capture->move)
		flags |= MACH_PAGE_OWN;
	else
		reason = share_huge(capture, head, addr, pmdp);
	if (reason != SHARE)
		return reason;

	get_page(head);
	WRITE_ONCE(*mach_capture_chunk(capture, addr),
		   (unsigned long)head | flags);
	capture->shared += MACH_CHUNK_PAGES;
	return SHARE;
}

/* As entries.  All of it is write-protected, also what is not taken. */
static int take_part(struct mach_capture *capture, struct page *head,
		     unsigned long addr, unsigned long end, pmd_t *pmdp)
{
	struct page *page = head + ((addr & ~PMD_MASK) >> PAGE_SHIFT);
	unsigned long *entry = capture->entries;
	int reason;

	reason = share_huge(capture, head, addr & PMD_MASK, pmdp);
	if (reason != SHARE)
		return reason;
	for (; addr < end; addr += PAGE_SIZE, entry++, page++) {
		if (!mach_capture_waits(*entry))
			continue;
		get_page(page);
		mach_capture_page(capture, entry, page, 0);
	}
	return SHARE;
}

/* What is not anonymous in anonymous memory: the huge zero page. */
static void take_zeroes(struct mach_capture *capture, unsigned long addr,
			unsigned long end, bool whole)
{
	unsigned long *entry = capture->entries;

	if (whole) {
		WRITE_ONCE(*mach_capture_chunk(capture, addr), 0);
		capture->holes += MACH_CHUNK_PAGES;
		return;
	}
	for (; addr < end; addr += PAGE_SIZE, entry++) {
		if (mach_capture_waits(*entry))
			mach_capture_hole(capture, entry);
	}
}

/* PMD lock held, and the PMD is present and huge. */
static int take_locked(struct mach_capture *capture, pmd_t *pmdp,
		       unsigned long addr, unsigned long end, bool whole)
{
	struct page *head = pmd_page(*pmdp);

	if (is_zone_device_page(head) ||
	    folio_nr_pages(page_folio(head)) != HPAGE_PMD_NR)
		return MACH_COPY_SPECIAL;
	if (!folio_test_anon(page_folio(head))) {
		take_zeroes(capture, addr, end, whole);
		return SHARE;
	}
	if (whole)
		return take_whole(capture, head, addr, pmdp);
	return take_part(capture, head, addr, end, pmdp);
}

int mach_huge_take(struct mach_capture *capture, pmd_t *pmdp,
		   unsigned long addr, unsigned long end)
{
	bool whole = end - addr == PMD_SIZE &&
		     mach_capture_whole(capture, addr, end);
	int reason = MACH_COPY_HUGE_PART;
	spinlock_t *ptl;

	if (!whole && mach_capture_may_hold(capture, addr)) {
		capture->entries = mach_capture_entries(capture, addr);
		if (!capture->entries)
			return -ENOMEM;
	} else if (!whole) {
		return mach_capture_refuse(capture, addr, end, reason);
	}

	ptl = pmd_lock(capture->mm, pmdp);
	if (pmd_present(*pmdp) && pmd_trans_huge(*pmdp)) {
		reason = take_locked(capture, pmdp, addr, end, whole);
	} else {
		/* Split just now: walk again. */
		reason = SHARE;
		capture->absent++;
	}
	spin_unlock(ptl);
	if (reason == SHARE)
		return 0;
	return mach_capture_refuse(capture, addr, end, reason);
}

#else

int mach_huge_take(struct mach_capture *capture, pmd_t *pmdp,
		   unsigned long addr, unsigned long end)
{
	return mach_capture_refuse(capture, addr, end, MACH_COPY_HUGE_PART);
}

#endif /* MACH_SHARE_HUGE */
