// SPDX-License-Identifier: GPL-2.0
/*
 * Huge pages of the sender: write-protected in place and taken whole.
 *
 * The object gets one entry and one reference for each small page of it, so
 * that nothing behind the capture need know of huge pages.
 */
#include <linux/mm.h>

#include "capture.h"
#include "certificate.h"
#include "compat/mm.h"
#include "huge.h"

#if MACH_SHARE_HUGE

#define SHARE	(-1)

/* As share_exclusive() in walk.c, of a whole PMD. */
static int share_exclusive(struct mach_capture *capture, struct page *head,
			   unsigned long addr, pmd_t *pmdp)
{
	pmd_t old = pmdp_huge_get_and_clear(capture->mm, addr, pmdp);
	int reason = SHARE;

	smp_mb();
	if (!mach_explained(head, 0))
		reason = MACH_COPY_REFS;
	else if (mach_try_share_huge(head))
		reason = MACH_COPY_PINNED;

	if (reason == SHARE && pmd_write(old)) {
		capture->changed = true;
		old = pmd_wrprotect(old);
	}
	set_pmd_at(capture->mm, addr, pmdp, old);
	return reason;
}

static int share_huge(struct mach_capture *capture, struct page *head,
		      unsigned long addr, pmd_t *pmdp)
{
	if (is_zone_device_page(head) ||
	    folio_nr_pages(page_folio(head)) != HPAGE_PMD_NR)
		return MACH_COPY_SPECIAL;
	if (!pmd_write(*pmdp) && mach_certified(capture, head, addr))
		return SHARE;
	if (PageAnonExclusive(head))
		return share_exclusive(capture, head, addr, pmdp);
	if (pmd_write(*pmdp) || !mach_explained(head, 0))
		return MACH_COPY_REFS;
	return SHARE;
}

/* Does every page from @addr on wait, for a whole huge page? */
static bool all_wait(struct mach_capture *capture, unsigned long addr,
		     unsigned long end)
{
	if (end - addr != PMD_SIZE)
		return false;
	for (; addr < end; addr += PAGE_SIZE) {
		if (!mach_capture_waits(mach_capture_entry(capture, addr)))
			return false;
	}
	return true;
}

/*
 * PMD lock held, and the PMD is present and huge.  What is not anonymous in
 * anonymous memory can only be the huge zero page.
 */
static int take_locked(struct mach_capture *capture, pmd_t *pmdp,
		       unsigned long addr)
{
	struct page *head = pmd_page(*pmdp);
	bool zero = !folio_test_anon(page_folio(head));
	int i, reason;

	reason = zero ? SHARE : share_huge(capture, head, addr, pmdp);
	if (reason != SHARE)
		return reason;

	if (!zero)
		folio_ref_add(page_folio(head), HPAGE_PMD_NR);
	for (i = 0; i < HPAGE_PMD_NR; i++, addr += PAGE_SIZE) {
		unsigned long *entry = mach_capture_entry(capture, addr);

		if (zero)
			mach_capture_hole(capture, entry);
		else
			mach_capture_page(capture, entry, head + i);
	}
	return SHARE;
}

void mach_huge_take(struct mach_capture *capture, pmd_t *pmdp,
		    unsigned long addr, unsigned long end)
{
	int reason = MACH_COPY_HUGE_PART;
	spinlock_t *ptl;

	if (all_wait(capture, addr, end)) {
		ptl = pmd_lock(capture->mm, pmdp);
		if (!pmd_present(*pmdp) || !pmd_trans_huge(*pmdp)) {
			/* Split just now: walk again. */
			spin_unlock(ptl);
			capture->absent++;
			return;
		}
		reason = take_locked(capture, pmdp, addr);
		spin_unlock(ptl);
	}
	if (reason != SHARE)
		mach_capture_refuse(capture, addr, end, reason);
}

#else

void mach_huge_take(struct mach_capture *capture, pmd_t *pmdp,
		    unsigned long addr, unsigned long end)
{
	mach_capture_refuse(capture, addr, end, MACH_COPY_HUGE_PART);
}

#endif /* MACH_SHARE_HUGE */
