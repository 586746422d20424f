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
	if (mach_region_memory(vma))
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
static int share_exclusive(struct mach_capture *capture, struct page *page,
			   unsigned long addr, pte_t *ptep)
{
	pte_t old = ptep_get_and_clear(capture->mm, addr, ptep);
	int reason = SHARE;

	smp_mb();
	if (!mach_explained(page, 1))
		reason = MACH_COPY_REFS;
	else if (mach_try_share_page(page))
		reason = MACH_COPY_PINNED;

	if (reason == SHARE && pte_write(old)) {
		capture->changed = true;
		old = pte_wrprotect(old);
	}
	mach_set_pte(capture->mm, addr, ptep, old);
	return reason;
}

/* Take a page that the PTE maps, or say why not.  PTE lock held. */
static int share_page(struct mach_capture *capture, unsigned long *entry,
		      struct page *page, unsigned long addr, pte_t *ptep)
{
	struct folio *folio = page_folio(page);
	pte_t pte = ptep_get(ptep);
	int reason = SHARE;

	if (!folio_test_anon(folio) || folio_test_ksm(folio) ||
	    is_zone_device_page(page))
		return MACH_COPY_SPECIAL;

	get_page(page);
	if (!pte_write(pte) && mach_certified(capture, page, addr))
		goto take;

	/* One page would hold all of a large folio, and explain nothing. */
	if (folio_test_large(folio))
		reason = MACH_COPY_HUGE_PART;
	else if (PageAnonExclusive(page))
		reason = share_exclusive(capture, page, addr, ptep);
	else if (pte_write(pte) || !mach_explained(page, 1))
		reason = MACH_COPY_REFS;

	if (reason != SHARE) {
		put_page(page);
		return reason;
	}
take:
	mach_capture_page(capture, entry, page);
	return SHARE;
}

/* One page of ordinary anonymous memory.  PTE lock held. */
static void walk_pte(struct mach_capture *capture, pte_t *ptep,
		     unsigned long addr)
{
	unsigned long *entry = mach_capture_entry(capture, addr);
	pte_t pte = ptep_get(ptep);
	int reason;

	if (!mach_capture_waits(entry))
		return;
	if (pte_none(pte) || mach_pte_is_zero(pte)) {
		mach_capture_hole(capture, entry);
	} else if (!pte_present(pte)) {
		capture->absent++;
	} else {
		reason = MACH_COPY_SPECIAL;
		if (!pte_special(pte))
			reason = share_page(capture, entry,
					    pfn_to_page(pte_pfn(pte)), addr,
					    ptep);
		if (reason != SHARE)
			WRITE_ONCE(*entry, mach_entry_todo(reason));
	}
}

/*
 * Take a page of the object that a region of ours shows.  The object loses it
 * as its own; no PTE in any mm lets anybody write to it any more.
 */
static void take_source_page(struct mach_capture *capture, unsigned long *entry,
			     unsigned long addr)
{
	unsigned long *from;
	struct page *page;

	from = &capture->source->entries[mach_memory_index(capture->vma, addr)];
	page = mach_entry_page(READ_ONCE(*from));
	if (!page) {
		mach_capture_hole(capture, entry);
		return;
	}
	if (test_bit(MACH_PAGE_OWN_BIT, from))
		clear_bit(MACH_PAGE_OWN_BIT, from);
	get_page(page);
	mach_capture_page(capture, entry, page);
}

/* One page of received memory.  PTE lock held. */
static void walk_region_pte(struct mach_capture *capture, pte_t *ptep,
			    unsigned long addr)
{
	unsigned long *entry = mach_capture_entry(capture, addr);
	pte_t pte = ptep_get(ptep);

	if (!mach_capture_waits(entry))
		return;
	if (!pte_none(pte) && !(pte_present(pte) && pte_special(pte))) {
		walk_pte(capture, ptep, addr);
		return;
	}

	if (!pte_none(pte) && pte_write(pte)) {
		pte = ptep_get_and_clear(capture->mm, addr, ptep);
		mach_set_pte(capture->mm, addr, ptep, pte_wrprotect(pte));
		capture->changed = true;
	}
	take_source_page(capture, entry, addr);
}

/*
 * Called for the first page of what one table covers.  The lock is held for
 * all of the table, whose entries lie side by side: the rest is done here,
 * without a call for each, and the core told to stop.
 */
static int walk_table(pte_t *ptep, unsigned long addr, void *data)
{
	struct mach_capture *capture = data;

	for (; addr < capture->table_end; addr += PAGE_SIZE, ptep++) {
		if (capture->source)
			walk_region_pte(capture, ptep, addr);
		else
			walk_pte(capture, ptep, addr);
	}
	return MACH_TABLE_DONE;
}

/* No page table: nothing of the range was ever touched. */
static void walk_nothing(struct mach_capture *capture, unsigned long addr,
			 unsigned long end)
{
	unsigned long *entry;

	for (; addr < end; addr += PAGE_SIZE) {
		entry = mach_capture_entry(capture, addr);
		if (!mach_capture_waits(entry))
			continue;
		if (capture->source)
			take_source_page(capture, entry, addr);
		else
			mach_capture_hole(capture, entry);
	}
}

static void walk_ptes(struct mach_capture *capture, unsigned long addr,
		      unsigned long end)
{
	capture->table_end = end;
	apply_to_page_range(capture->mm, addr, end - addr, walk_table,
			    capture);
}

/* The PMD for an address, or NULL if there is no such table. */
static pmd_t *find_pmd(struct mm_struct *mm, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	p4d_t *p4d;
	pud_t *pud;

	if (pgd_none(*pgd) || pgd_bad(*pgd))
		return NULL;
	p4d = p4d_offset(pgd, addr);
	if (p4d_none(*p4d) || p4d_bad(*p4d))
		return NULL;
	pud = pud_offset(p4d, addr);
	if (pud_none(*pud) || pud_bad(*pud))
		return NULL;
	return pmd_offset(pud, addr);
}

/*
 * What one PMD covers.  A PMD that is a table stays one while we hold the
 * mmap lock; only a huge one can still change, into a table.
 */
static void walk_pmd(struct mach_capture *capture, unsigned long addr,
		     unsigned long end)
{
	pmd_t *pmdp = find_pmd(capture->mm, addr);
	pmd_t pmd;

	if (!pmdp) {
		walk_nothing(capture, addr, end);
		return;
	}
	pmd = READ_ONCE(*pmdp);
	if (pmd_none(pmd))
		walk_nothing(capture, addr, end);
	else if (!pmd_present(pmd))
		capture->absent++;
	else if (pmd_trans_huge(pmd) || pmd_leaf(pmd))
		mach_huge_take(capture, pmdp, addr, end);
	else
		walk_ptes(capture, addr, end);
}

static int walk_vma(struct mach_capture *capture, struct vm_area_struct *vma,
		    unsigned long addr, unsigned long end)
{
	int reason = why_copy(vma);
	unsigned long next;

	if (reason != SHARE) {
		mach_capture_refuse(capture, addr, end, reason);
		return 0;
	}

	mach_vma_start_write(vma);
	capture->vma = vma;
	capture->source = mach_region_memory(vma);
	for (; addr < end; addr = next) {
		if (fatal_signal_pending(current))
			return -EINTR;
		next = pmd_addr_end(addr, end);
		walk_pmd(capture, addr, next);
		cond_resched();
	}
	return 0;
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
