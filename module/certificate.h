/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What proves a page of the sender immutable once it is write-protected and
 * no longer exclusive: that all references on it are explained, or an earlier
 * object which proved it (a certificate).  See walk.h.
 */
#ifndef MACH_CERTIFICATE_H
#define MACH_CERTIFICATE_H

#include "capture.h"
#include "compat/mm.h"

/* Small: its PTEs.  Large: its PMDs; it counts if only they map it. */
static inline int mach_known_references(struct folio *folio)
{
	if (folio_test_large(folio))
		return folio_entire_mapcount(folio) +
		       (folio_test_swapcache(folio) ? folio_nr_pages(folio) : 0);
	return mach_small_mapcount(folio) + folio_test_swapcache(folio);
}

/*
 * Do mappings, the swap cache and @ours make up all references on the folio?
 * What is known is read before and after the count, so that a mapping or the
 * swap cache, going or coming meanwhile, hides no other reference.
 */
static inline bool mach_explained(struct folio *folio, int ours)
{
	int known = mach_known_references(folio);
	int count;

	smp_rmb();	/* what is known, then the count ... */
	count = folio_ref_count(folio);
	smp_rmb();	/* ... then what is known once more */
	return count == known + ours && known == mach_known_references(folio);
}

/*
 * The same of a small folio that is marked exclusive: it is mapped once, by
 * the PTE whose lock the caller holds.
 */
static inline bool mach_explained_exclusive(struct folio *folio)
{
	int cached = folio_test_swapcache(folio);
	int count;

	smp_rmb();	/* what is known, then the count ... */
	count = folio_ref_count(folio);
	smp_rmb();	/* ... then what is known once more */
	return count == 1 + cached && cached == folio_test_swapcache(folio);
}

/*
 * Does a live object that was sent from @addr hold exactly this page, without
 * owning it alone?  The caller keeps the page from being freed or reused, by a
 * reference or by the lock of a PTE that maps it: so there was no moment
 * without a hold on it since the object proved it, even if the object drops it
 * just now.
 */
static inline bool mach_certified(const struct mach_capture *capture,
				  const struct page *page, unsigned long addr)
{
	const struct mach_memory *memory;
	unsigned long index;
	unsigned int i;

	for (i = 0; i < capture->certified; i++) {
		memory = capture->certificates[i];
		if (addr < memory->first_addr || addr > memory->last_addr)
			continue;
		index = (addr - memory->first_addr) >> PAGE_SHIFT;
		if (mach_memory_entry(memory, index) == (unsigned long)page)
			return true;
	}
	return false;
}

/*
 * The same of the huge page at @head, mapped at @addr: does such an object hold
 * any of it?  Objects get at parts of a huge page through one that was explained
 * and shared as a whole, and holding a part keeps all of it as it was.  Looked
 * at is the middle of what could be held: pages at an object's edges may be
 * copies.
 */
static inline bool mach_certified_huge(const struct mach_capture *capture,
				       struct page *head, unsigned long addr)
{
	const struct mach_memory *memory;
	unsigned long first, last, page;
	unsigned int i;

	for (i = 0; i < capture->certified; i++) {
		memory = capture->certificates[i];
		first = max(addr, memory->first_addr);
		last = min(addr + PMD_SIZE - PAGE_SIZE, memory->last_addr);
		if (first > last)
			continue;
		page = (first + (last - first) / 2) >> PAGE_SHIFT;
		if (mach_memory_entry(memory, page -
				      (memory->first_addr >> PAGE_SHIFT)) ==
		    (unsigned long)(head + page - (addr >> PAGE_SHIFT)))
			return true;
	}
	return false;
}

#endif /* MACH_CERTIFICATE_H */
