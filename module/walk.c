// SPDX-License-Identifier: GPL-2.0
/*
 * The walk over the sender's VMAs and page tables.
 */
#include <linux/hugetlb.h>
#include <linux/magic.h>
#include <linux/memremap.h>
#include <linux/mm.h>
#include <linux/mmu_context.h>
#include <linux/mmu_notifier.h>
#include <linux/sched/signal.h>
#include <linux/userfaultfd_k.h>

#include "capture.h"
#include "certificate.h"
#include "compat/mm.h"
#include "huge.h"
#include "ordinary.h"
#include "region.h"
#include "walk.h"

/* No reason to copy. */
#define SHARE	(-1)

/* The content of memfd_secret memory never leaves its process. */
static bool is_secret(const struct vm_area_struct *vma)
{
	return vma->vm_file &&
	       file_inode(vma->vm_file)->i_sb->s_magic == SECRETMEM_MAGIC;
}

static bool readable(struct vm_area_struct *vma)
{
	if (!(vma->vm_flags & VM_READ) ||
	    !arch_vma_access_permitted(vma, false, false, false))
		return false;
	if (mach_region_memory(vma))
		return true;
	return !(vma->vm_flags & (VM_IO | VM_PFNMAP)) && !is_secret(vma);
}

int mach_walk_check(struct mach_capture *capture)
{
	unsigned long addr = capture->start;
	struct vm_area_struct *vma;

	while (addr < capture->end) {
		vma = find_vma(capture->mm, addr);
		if (!vma || vma->vm_start > addr || !readable(vma))
			return -EFAULT;
		addr = vma->vm_end;
	}
	return 0;
}

/* Why no page of the VMA is ever shared, or SHARE. */
static int why_copy(struct vm_area_struct *vma)
{
	if (mm_has_notifiers(vma->vm_mm))
		return MACH_COPY_NOTIFIER;
	if (mach_region_memory(vma) || mach_ordinary_was_region(vma))
		return SHARE;
	if (is_vm_hugetlb_page(vma))
		return MACH_COPY_SPECIAL;
	if (!vma_is_anonymous(vma) || (vma->vm_flags & VM_SHARED))
		return MACH_COPY_FILE;
	if (userfaultfd_armed(vma) ||
	    (vma->vm_flags & (MACH_VM_SHADOW_STACK | VM_MTE)))
		return MACH_COPY_SPECIAL;
	return SHARE;
}

/*
 * The PTE is cleared first, then the references are counted: a lockless
 * get_user_pages sees the cleared PTE and backs off, or its reference is
 * seen here.  write_protect_seq keeps only those out that pin.
 */
static __always_inline int share_exclusive(struct mach_capture *capture,
					   struct folio *folio,
					   unsigned long addr, pte_t *ptep)
{
	pte_t old = ptep_get_and_clear(capture->mm, addr, ptep);
	int reason = SHARE;

	smp_mb();	/* the PTE is gone, then references are counted */
	if (unlikely(!mach_explained_exclusive(folio)))
		reason = MACH_COPY_REFS;
	else if (mach_try_share_page(&folio->page))
		reason = MACH_COPY_PINNED;

	if (reason == SHARE && pte_write(old)) {
		capture->changed = true;
		old = pte_wrprotect(old);
	}
	mach_set_pte(capture->mm, addr, ptep, old);
	return reason;
}

/* A page that no PTE marks as exclusive, or a part of a large folio. */
static int share_common(struct mach_capture *capture, struct page *page,
			unsigned long addr, pte_t pte)
{
	struct folio *folio = page_folio(page);

	if (folio_test_large(folio) && !mach_capture_may_hold(capture, addr))
		return MACH_COPY_HUGE_PART;
	if (!pte_write(pte) && mach_certified(capture, page, addr))
		return SHARE;
	/* One page would hold all of a large folio, and explain nothing. */
	if (folio_test_large(folio))
		return MACH_COPY_HUGE_PART;
	if (pte_write(pte) || !mach_explained(folio, 0))
		return MACH_COPY_REFS;
	return SHARE;
}

/*
 * Take a page that the PTE maps, or say why not.  PTE lock held.  For a move
 * the reference will do: what the page is worth is settled after the unmapping
 * (share.c).
 */
static __always_inline int take_page(struct mach_capture *capture,
				     unsigned long *entry, struct page *page,
				     unsigned long addr, pte_t *ptep,
				     const bool move)
{
	struct folio *folio = page_folio(page);
	unsigned long flags = 0;
	int reason = SHARE;

	if (!folio_test_anon(folio) || folio_test_ksm(folio) ||
	    folio_is_zone_device(folio))
		return MACH_COPY_SPECIAL;

	if (folio_test_large(folio))
		reason = share_common(capture, page, addr, ptep_get(ptep));
	else if (move)
		flags = MACH_PAGE_OWN;
	else if (PageAnonExclusive(page))
		reason = share_exclusive(capture, folio, addr, ptep);
	else
		reason = share_common(capture, page, addr, ptep_get(ptep));
	if (reason != SHARE)
		return reason;

	folio_get(folio);
	mach_capture_page(capture, entry, page, flags);
	return SHARE;
}

/* One page of ordinary anonymous memory.  PTE lock held. */
static __always_inline void walk_pte(struct mach_capture *capture,
				     unsigned long *entry, pte_t *ptep,
				     unsigned long addr, const bool move)
{
	pte_t pte = ptep_get(ptep);
	int reason;

	if (!mach_capture_waits(*entry))
		return;
	if (pte_none(pte)) {
		mach_capture_hole(capture, entry);
	} else if (!pte_present(pte)) {
		capture->absent++;
	} else if (unlikely(pte_special(pte))) {
		if (mach_pte_is_zero(pte))
			mach_capture_hole(capture, entry);
		else
			WRITE_ONCE(*entry, mach_entry_todo(MACH_COPY_SPECIAL));
	} else {
		reason = take_page(capture, entry, pfn_to_page(pte_pfn(pte)),
				   addr, ptep, move);
		if (unlikely(reason != SHARE))
			WRITE_ONCE(*entry, mach_entry_todo(reason));
	}
}

/*
 * May a part of a huge page of the source be taken for @addr?  It may also
 * lie at another place of its chunk than here; then it is not worth it.
 */
static bool may_hold_source(struct mach_capture *capture, unsigned long addr)
{
	struct mach_memory *source = capture->source;
	unsigned long index = mach_memory_index(capture->vma, addr);

	return !((source->lead + index - (addr >> PAGE_SHIFT)) %
		 MACH_CHUNK_PAGES) && mach_capture_may_hold(capture, addr);
}

/*
 * Take a page of the object that a region of ours shows, or the caller is to
 * copy it (false).  The object loses it as its own.
 */
static bool take_source_page(struct mach_capture *capture, unsigned long *entry,
			     unsigned long addr)
{
	unsigned long index = mach_memory_index(capture->vma, addr);
	struct mach_memory *source = capture->source;
	struct page *page = mach_entry_page(mach_memory_entry(source, index));

	if (!page) {
		mach_capture_hole(capture, entry);
		return true;
	}
	if (PageCompound(page) && !may_hold_source(capture, addr)) {
		WRITE_ONCE(*entry, mach_entry_todo(MACH_COPY_HUGE_PART));
		return false;
	}
	mach_chunk_disown(source, index);
	get_page(page);
	mach_capture_page(capture, entry, page, 0);
	return true;
}

/*
 * One page of received memory.  PTE lock held.  Afterwards no PTE in any mm
 * lets anybody write to a page that was taken.
 */
static void walk_region_pte(struct mach_capture *capture, unsigned long *entry,
			    pte_t *ptep, unsigned long addr)
{
	pte_t pte = ptep_get(ptep);

	if (!mach_capture_waits(*entry))
		return;
	if (!pte_none(pte) && !(pte_present(pte) && pte_special(pte))) {
		walk_pte(capture, entry, ptep, addr, capture->move);
		return;
	}
	if (!take_source_page(capture, entry, addr))
		return;
	if (!pte_none(pte) && pte_write(pte)) {
		pte = ptep_get_and_clear(capture->mm, addr, ptep);
		mach_set_pte(capture->mm, addr, ptep, pte_wrprotect(pte));
		capture->changed = true;
	}
}

/*
 * Called for the first page of what one table covers.  The lock is held for
 * all of the table, whose entries lie side by side: the rest is done here,
 * without a call for each, and the core told to stop.
 */
static int walk_table(pte_t *ptep, unsigned long addr, void *data)
{
	struct mach_capture *capture = data;
	unsigned long *entry = capture->entries;
	unsigned long end = capture->table_end;

	if (capture->source) {
		for (; addr < end; addr += PAGE_SIZE)
			walk_region_pte(capture, entry++, ptep++, addr);
	} else if (capture->move) {
		for (; addr < end; addr += PAGE_SIZE)
			walk_pte(capture, entry++, ptep++, addr, true);
	} else {
		for (; addr < end; addr += PAGE_SIZE)
			walk_pte(capture, entry++, ptep++, addr, false);
	}
	return MACH_TABLE_DONE;
}

static int walk_ptes(struct mach_capture *capture, unsigned long addr,
		     unsigned long end)
{
	capture->entries = mach_capture_entries(capture, addr);
	if (!capture->entries)
		return -ENOMEM;
	capture->table_end = end;
	apply_to_page_range(capture->mm, addr, end - addr, walk_table,
			    capture);
	return 0;
}

/* No page table, and no object behind it: nothing was ever touched. */
static int walk_hole(struct mach_capture *capture, unsigned long addr,
		     unsigned long end)
{
	unsigned long *entry;

	if (mach_capture_whole(capture, addr, end)) {
		WRITE_ONCE(*mach_capture_chunk(capture, addr), 0);
		capture->holes += (end - addr) >> PAGE_SHIFT;
		return 0;
	}
	entry = mach_capture_entries(capture, addr);
	if (!entry)
		return -ENOMEM;
	for (; addr < end; addr += PAGE_SIZE, entry++) {
		if (mach_capture_waits(*entry))
			mach_capture_hole(capture, entry);
	}
	return 0;
}

/* Take a huge page, or a whole hole, of the source as it is. */
static bool take_source_chunk(struct mach_capture *capture, unsigned long addr,
			      unsigned long end)
{
	unsigned long index = mach_memory_index(capture->vma, addr);
	struct mach_memory *source = capture->source;
	unsigned long *from, word;

	if (end - addr != PMD_SIZE || !mach_capture_whole(capture, addr, end))
		return false;
	from = mach_chunk_whole(source, index);
	word = from ? READ_ONCE(*from) : 0;
	if (!from || mach_chunk_table(word))
		return false;

	mach_chunk_disown(source, index);
	word &= ~MACH_PAGE_OWN;
	if (word) {
		get_page(mach_entry_page(word));
		capture->shared += MACH_CHUNK_PAGES;
	} else {
		capture->holes += MACH_CHUNK_PAGES;
	}
	WRITE_ONCE(*mach_capture_chunk(capture, addr), word);
	return true;
}

/*
 * A region's part without page table, or with a huge page of the object in
 * its place, which nobody can write to.
 */
static int walk_source(struct mach_capture *capture, unsigned long addr,
		       unsigned long end)
{
	unsigned long *entry;

	if (take_source_chunk(capture, addr, end))
		return 0;
	entry = mach_capture_entries(capture, addr);
	if (!entry)
		return -ENOMEM;
	for (; addr < end; addr += PAGE_SIZE, entry++) {
		if (mach_capture_waits(*entry))
			take_source_page(capture, entry, addr);
	}
	return 0;
}

/*
 * What one PMD covers.  A PMD that is a table stays one while we hold the
 * mmap lock; only a huge one can still change, into a table or nothing.
 */
static int walk_pmd(struct mach_capture *capture, unsigned long addr,
		    unsigned long end)
{
	unsigned long chunk = *mach_capture_chunk(capture, addr);
	pmd_t *pmdp = mach_find_pmd(capture->mm, addr);
	pmd_t pmd = pmdp ? READ_ONCE(*pmdp) : __pmd(0);

	if (!mach_chunk_table(chunk) && !mach_capture_waits(chunk))
		return 0;
	if (pmd_none(pmd))
		return capture->source ? walk_source(capture, addr, end) :
					 walk_hole(capture, addr, end);
	if (!pmd_present(pmd)) {
		capture->absent++;
		return 0;
	}
	if (!pmd_trans_huge(pmd) && !pmd_leaf(pmd))
		return walk_ptes(capture, addr, end);
	return capture->source ? walk_source(capture, addr, end) :
				 mach_huge_take(capture, pmdp, addr, end);
}

static int walk_vma(struct mach_capture *capture, struct vm_area_struct *vma,
		    unsigned long addr, unsigned long end)
{
	int reason = why_copy(vma);
	unsigned long next;
	int err = 0;

	if (reason != SHARE)
		return mach_capture_refuse(capture, addr, end, reason);

	mach_vma_start_write(vma);
	capture->vma = vma;
	capture->source = mach_region_memory(vma);
	for (; addr < end && !err; addr = next) {
		if (fatal_signal_pending(current))
			return -EINTR;
		next = pmd_addr_end(addr, end);
		err = walk_pmd(capture, addr, next);
		cond_resched();
	}
	return err;
}

int mach_walk(struct mach_capture *capture)
{
	unsigned long addr = capture->start, end;
	struct vm_area_struct *vma;
	int err = 0;

	/* As fork does: keeps pinning without locks out of the whole walk. */
	raw_write_seqcount_begin(&capture->mm->write_protect_seq);
	while (addr < capture->end && !err) {
		vma = find_vma(capture->mm, addr);
		end = min(vma->vm_end, capture->end);
		err = walk_vma(capture, vma, addr, end);
		addr = end;
	}
	raw_write_seqcount_end(&capture->mm->write_protect_seq);
	return err;
}
