/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences between kernels in memory management, under our own names.
 *
 * Kbuild.include says what the headers have, and ends the build when it finds
 * none of the known forms of something.
 */
#ifndef MACH_COMPAT_MM_H
#define MACH_COMPAT_MM_H

#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#ifdef MACH_HAVE_FOLIO_BATCH_H
#include <linux/folio_batch.h>
#else
#include <linux/pagevec.h>
#endif
#include <linux/pgtable.h>
#include <linux/rmap.h>

/* Shadow stack entries encode write permission in their own way. */
#ifdef VM_SHADOW_STACK
#define MACH_VM_SHADOW_STACK	VM_SHADOW_STACK
#else
#define MACH_VM_SHADOW_STACK	0UL
#endif

/* In a VMA's mmap handler, before anybody else can see the VMA. */
static inline void mach_vma_set_flags(struct vm_area_struct *vma,
				      unsigned long flags)
{
#ifdef MACH_HAVE_VM_FLAGS_SET
	vm_flags_set(vma, flags);
#else
	vma->vm_flags |= flags;
#endif
}

/* Under the mmap lock for writing, after mach_vma_start_write(). */
static inline void mach_vma_clear_flags(struct vm_area_struct *vma,
					unsigned long flags)
{
#ifdef MACH_HAVE_VM_FLAGS_SET
	vm_flags_clear(vma, flags);
#else
	vma->vm_flags &= ~flags;
#endif
}

/*
 * Keep faults out of the VMA that hold no mmap lock.  Needs the mmap lock for
 * writing, which alone does it on kernels without per-VMA locks.
 */
static inline void mach_vma_start_write(struct vm_area_struct *vma)
{
#ifdef MACH_HAVE_VMA_START_WRITE
	vma_start_write(vma);
#endif
}

/* Zap a range of a VM_PFNMAP mapping; the mmap lock is held. */
static inline void mach_zap_vma(struct vm_area_struct *vma,
				unsigned long addr, unsigned long size)
{
#ifdef MACH_HAVE_ZAP_SPECIAL_VMA_RANGE
	zap_special_vma_range(vma, addr, size);
#else
	zap_vma_ptes(vma, addr, size);
#endif
}

/*
 * Take the exclusive mark from an anonymous page whose PTE was cleared under
 * the PTE lock.  -EBUSY if the page may be pinned.
 */
static inline int mach_try_share_page(struct page *page)
{
#ifdef MACH_HAVE_FOLIO_TRY_SHARE
	return folio_try_share_anon_rmap_pte(page_folio(page), page);
#else
	return page_try_share_anon_rmap(page);
#endif
}

/* How many PTEs map this folio, which is no large one. */
static inline int mach_small_mapcount(struct folio *folio)
{
	return atomic_read(&folio->_mapcount) + 1;
}

/*
 * Empty this CPU's batches of pages on their way to the LRU lists: each page
 * in them has one reference more than its mappings explain.  Releasing a
 * batch, even an empty one, is what drains them for a module.
 */
static inline void mach_lru_drain(void)
{
#ifdef MACH_HAVE_FOLIO_BATCH_RELEASE
	struct folio_batch batch;

	folio_batch_init(&batch);
	__folio_batch_release(&batch);
#else
	struct pagevec batch;

	pagevec_init(&batch);
	__pagevec_release(&batch);
#endif
}

static inline pte_t mach_pte_mkwrite(pte_t pte)
{
#ifdef MACH_HAVE_PTE_MKWRITE_NOVMA
	return pte_mkwrite_novma(pte);
#else
	return pte_mkwrite(pte);
#endif
}

/*
 * Set a PTE under its lock.  arm64's set_pte_at() needs a symbol of the
 * memory tagging code that modules do not get; tagged VMAs are never shared.
 */
static inline void mach_set_pte(struct mm_struct *mm, unsigned long addr,
				pte_t *ptep, pte_t pte)
{
#ifdef CONFIG_ARM64
	set_pte(ptep, pte);
#else
	set_pte_at(mm, addr, ptep, pte);
#endif
}

/*
 * What a callback of apply_to_page_range() returns when it has done the rest
 * of the table itself: any value but 0 ends the walk.
 */
#define MACH_TABLE_DONE	1

static inline bool mach_pte_is_zero(pte_t pte)
{
	return pte_present(pte) &&
	       pte_pfn(pte) == page_to_pfn(ZERO_PAGE(0));
}

/* The PMD for an address, or NULL if there is no such table. */
static inline pmd_t *mach_find_pmd(struct mm_struct *mm, unsigned long addr)
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
 * Is there a huge page?  With the lock: whoever decided before to install
 * one has done it.
 */
static inline bool mach_pmd_is_huge(struct mm_struct *mm, pmd_t *pmdp)
{
	spinlock_t *ptl = pmd_lock(mm, pmdp);
	bool huge = pmd_trans_huge(*pmdp);

	spin_unlock(ptl);
	return huge;
}

/* May this architecture's huge PMDs be taken apart and put back inline? */
#if defined(CONFIG_X86_64) && defined(CONFIG_TRANSPARENT_HUGEPAGE)
#define MACH_SHARE_HUGE	1

/* Has any page of a huge page failed? */
static inline bool mach_has_hwpoisoned(struct page *head)
{
#ifdef MACH_HAVE_PAGE_HAS_HWPOISONED
	return PageHWPoison(head) || PageHasHWPoisoned(head);
#else
	return PageHWPoison(head) ||
	       folio_test_has_hwpoisoned(page_folio(head));
#endif
}

/* A huge PMD that says nothing about the page's own mappings. */
static inline pmd_t mach_pmd_mkspecial(pmd_t pmd)
{
#ifdef MACH_HAVE_PMD_MKSPECIAL
	return pmd_mkspecial(pmd);
#else
	/* vma_is_special_huge() is true of a VM_MIXEDMAP VMA with a file. */
	return pmd;
#endif
}

static inline int mach_try_share_huge(struct page *head)
{
#ifdef MACH_HAVE_FOLIO_TRY_SHARE
	return folio_try_share_anon_rmap_pmd(page_folio(head), head);
#else
	return page_try_share_anon_rmap(head);
#endif
}
#else
#define MACH_SHARE_HUGE	0
#endif

#endif /* MACH_COMPAT_MM_H */
