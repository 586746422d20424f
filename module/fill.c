// SPDX-License-Identifier: GPL-2.0
/*
 * Faults in a received region.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "chunk.h"
#include "compat/mm.h"
#include "fill.h"
#include "mapping.h"
#include "pages.h"
#include "stats.h"

/* The part of a chunk that one page table can show. */
struct window {
	struct vm_area_struct *vma;
	unsigned long start;
	unsigned long end;
	unsigned long index;		/* the object's page at start */
	unsigned long *chunk;		/* its word: a table, or a hole */
	pgprot_t read_only;
	pgprot_t writable;		/* for pages that may be written to */
};

static void init_protection(struct window *window)
{
	struct mach_memory *memory = window->vma->vm_private_data;
	pte_t pte = pfn_pte(0, window->vma->vm_page_prot);

	pte = pte_wrprotect(pte_mkspecial(pte_mkyoung(pte)));
	window->read_only = pte_pgprot(pte);
	if ((window->vma->vm_flags & VM_WRITE) && !READ_ONCE(memory->shared))
		pte = mach_pte_mkwrite(pte_mkdirty(pte));
	window->writable = pte_pgprot(pte);
}

/* The entry of the window's first page, or NULL if the chunk is a hole. */
static unsigned long *window_entries(const struct window *window)
{
	struct mach_memory *memory = window->vma->vm_private_data;
	unsigned long *table = mach_chunk_table(READ_ONCE(*window->chunk));
	unsigned long chunk = window->chunk - memory->chunks;

	if (!table)
		return NULL;
	return table + (window->index - mach_chunk_first(memory, chunk));
}

/*
 * As walk_table() in walk.c: called once, does the whole window, under the
 * PTE lock.  Only where nothing is yet.
 */
static int fill_table(pte_t *ptep, unsigned long addr, void *data)
{
	const struct window *window = data;
	struct mach_memory *memory = window->vma->vm_private_data;
	unsigned long poked = READ_ONCE(memory->poked);
	unsigned long index = window->index, word = 0;
	unsigned long *entry = window_entries(window);
	struct page *page;
	pgprot_t prot;

	for (; addr < window->end; addr += PAGE_SIZE, ptep++, index++) {
		if (entry)
			word = READ_ONCE(*entry++);
		page = mach_entry_page(word);
		if (!pte_none(ptep_get(ptep)) || index == poked ||
		    (page && PageHWPoison(page)))
			continue;
		prot = word & MACH_PAGE_OWN ? window->writable :
					      window->read_only;
		mach_set_pte(window->vma->vm_mm, addr, ptep,
			     pfn_pte(page_to_pfn(page ?: ZERO_PAGE(addr)),
				     prot));
	}
	return MACH_TABLE_DONE;
}

/* Map the part of one chunk.  Moves the window on to what follows. */
static vm_fault_t fill_part(struct vm_fault *vmf, struct window *window,
			    unsigned long end)
{
	struct mach_memory *memory = window->vma->vm_private_data;
	unsigned long chunk = mach_chunk_of(memory, window->index);
	unsigned long last = mach_chunk_end(memory, chunk);
	int err;

	window->chunk = &memory->chunks[chunk];
	window->end = min(end, window->start +
			       ((last - window->index) << PAGE_SHIFT));
	if ((READ_ONCE(*window->chunk) & MACH_PAGE_HUGE) &&
	    !mach_chunk_break(memory, chunk))
		return VM_FAULT_OOM;
	/* Another thread has installed one; what wants to write, faults again. */
	if (mach_pmd_is_huge(window->vma->vm_mm, vmf->pmd)) {
		window->start = end;
		return VM_FAULT_NOPAGE;
	}

	err = apply_to_page_range(window->vma->vm_mm, window->start,
				  window->end - window->start, fill_table,
				  window);
	/*
	 * Memory for the table is short, or the table was just taken away: the
	 * access faults again.
	 */
	if (err != MACH_TABLE_DONE && fatal_signal_pending(current))
		return VM_FAULT_OOM;
	window->index = last;
	window->start = window->end;
	return VM_FAULT_NOPAGE;
}

/* Map what one page table can hold. */
static vm_fault_t fault_fill(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	unsigned long table = vmf->address & PMD_MASK;
	unsigned long end = min(table + PMD_SIZE, vma->vm_end);
	struct window window = { .vma = vma };
	vm_fault_t fault = VM_FAULT_NOPAGE;

	window.start = max(table, vma->vm_start);
	window.index = mach_memory_index(vma, window.start);
	init_protection(&window);
	while (window.start < end && fault == VM_FAULT_NOPAGE)
		fault = fill_part(vmf, &window, end);
	return fault;
}

#if MACH_SHARE_HUGE

/* Under the PMD's lock.  Is a huge page there, now or before? */
static bool install_huge(struct vm_fault *vmf, unsigned long addr,
			 const unsigned long *chunk)
{
	unsigned long word = READ_ONCE(*chunk);
	pmd_t pmd;

	if (!pmd_none(*vmf->pmd))
		return pmd_trans_huge(*vmf->pmd);
	if (!(word & MACH_PAGE_HUGE))
		return false;
	pmd = pfn_pmd(page_to_pfn(mach_entry_page(word)),
		      vmf->vma->vm_page_prot);
	pmd = pmd_wrprotect(pmd_mkyoung(pmd_mkhuge(pmd)));
	set_pmd_at(vmf->vma->vm_mm, addr, vmf->pmd, mach_pmd_mkspecial(pmd));
	return true;
}

/*
 * Show a huge page by one entry, if all of it lies in the VMA as it does in
 * memory, and none of its pages has failed.
 */
static bool fault_huge(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct mach_memory *memory = vma->vm_private_data;
	unsigned long addr = vmf->address & PMD_MASK;
	unsigned long *chunk, word;
	spinlock_t *ptl;
	bool done;

	if (addr < vma->vm_start || vma->vm_end - addr < PMD_SIZE)
		return false;
	chunk = mach_chunk_whole(memory, mach_memory_index(vma, addr));
	word = chunk ? READ_ONCE(*chunk) : 0;
	if (!(word & MACH_PAGE_HUGE) ||
	    mach_has_hwpoisoned(mach_entry_page(word)))
		return false;

	ptl = pmd_lock(vma->vm_mm, vmf->pmd);
	done = install_huge(vmf, addr, chunk);
	spin_unlock(ptl);
	return done;
}

#else

static bool fault_huge(struct vm_fault *vmf)
{
	return false;
}

#endif /* MACH_SHARE_HUGE */

/*
 * A write before any read: the core copies the page that we return into a
 * private one.  Never the kernel's zero page, whose page lock is everybody's.
 */
static vm_fault_t fault_copy(struct vm_fault *vmf, unsigned long index)
{
	struct mach_memory *memory = vmf->vma->vm_private_data;
	struct page *page = mach_chunk_get_page(memory, index);

	if (!page) {
		page = mach_mapping_zero_page(index);
		get_page(page);
	}
	vmf->page = page;
	WRITE_ONCE(memory->next_write, index + 1);
	return 0;
}

/* Pages that are to be written to, from start on, and new ones for them. */
struct around {
	struct window window;
	struct mach_pages pages;
	struct page *replaced[MACH_PAGES_BATCH];
	unsigned int count;		/* of those */
};

/* Give the object a page of its own.  PTE lock held. */
static void replace(struct around *around, unsigned long *entry)
{
	struct mach_memory *memory = around->window.vma->vm_private_data;
	struct page *new = mach_pages_take(&around->pages);
	struct page *old = mach_entry_page(*entry);

	if (old)
		copy_highpage(new, old);
	else
		clear_highpage(new);

	spin_lock(&memory->lock);
	WRITE_ONCE(*entry, (unsigned long)new | MACH_PAGE_OWN);
	if (!old)
		memory->held++;
	spin_unlock(&memory->lock);

	if (old)
		around->replaced[around->count++] = old;
	else
		mach_live_inc(MACH_LIVE_PAGES);
}

/*
 * As fill_table(), for a write.  Stops before the first page that something
 * is mapped for already, or that must stay unmapped.
 */
static int write_table(pte_t *ptep, unsigned long addr, void *data)
{
	struct around *around = data;
	struct window *window = &around->window;
	struct mach_memory *memory = window->vma->vm_private_data;
	unsigned long poked = READ_ONCE(memory->poked);
	unsigned long *entry = window_entries(window);
	struct page *page;

	for (; addr < window->end; addr += PAGE_SIZE, ptep++, entry++) {
		page = mach_entry_page(*entry);
		if (!pte_none(ptep_get(ptep)) || window->index == poked ||
		    (page && PageHWPoison(page)))
			break;
		if (!(*entry & MACH_PAGE_OWN)) {
			if (!around->pages.left)
				break;
			replace(around, entry);
		}
		page = mach_entry_page(*entry);
		mach_set_pte(window->vma->vm_mm, addr, ptep,
			     pfn_pte(page_to_pfn(page), window->writable));
		window->index++;
	}
	return MACH_TABLE_DONE;
}

/* Map pages of the object's own from the faulting one on. */
static vm_fault_t fault_around(struct vm_fault *vmf, unsigned long index)
{
	struct vm_area_struct *vma = vmf->vma;
	struct mach_memory *memory = vma->vm_private_data;
	unsigned long chunk = mach_chunk_of(memory, index);
	unsigned long addr = vmf->address & PAGE_MASK, pages;
	struct around around = {
		.window = {
			.vma = vma,
			.start = addr,
			.index = index,
			.chunk = &memory->chunks[chunk],
		},
		.pages = { .wanted = MACH_PAGES_BATCH },
	};

	pages = min(MACH_PAGES_BATCH, mach_chunk_end(memory, chunk) - index);
	around.window.end = min3(addr + (pages << PAGE_SHIFT), vma->vm_end,
				 (addr & PMD_MASK) + PMD_SIZE);
	init_protection(&around.window);
	/* The core knows better what to do when memory is short. */
	if (!mach_chunk_break(memory, chunk) ||
	    !mach_pages_fill(&around.pages))
		return fault_copy(vmf, index);
	if (!mach_pmd_is_huge(vma->vm_mm, vmf->pmd))
		apply_to_page_range(vma->vm_mm, addr, around.window.end - addr,
				    write_table, &around);
	WRITE_ONCE(memory->next_write, around.window.index);
	mach_pages_free(&around.pages);
	if (around.count)
		release_pages(around.replaced, around.count);
	if (around.window.index == index)
		return fault_copy(vmf, index);
	return VM_FAULT_NOPAGE;
}

/* Is it one of many writes in a row, to pages that nobody else may map? */
static bool writes_on(const struct mach_memory *memory, unsigned long index)
{
	return READ_ONCE(memory->next_write) == index &&
	       !READ_ONCE(memory->shared) && READ_ONCE(memory->poked) != index;
}

vm_fault_t mach_fill_fault(struct vm_fault *vmf)
{
	struct mach_memory *memory = vmf->vma->vm_private_data;
	unsigned long index = vmf->pgoff - memory->pgoff;
	unsigned long entry;
	struct page *page;

	/* A marker of something that this VMA refuses; see region.h. */
	if ((vmf->flags & FAULT_FLAG_ORIG_PTE_VALID) &&
	    !pte_none(vmf->orig_pte))
		return VM_FAULT_SIGBUS;
	if (WARN_ON_ONCE(index >= memory->count))
		return VM_FAULT_SIGBUS;

	entry = mach_memory_entry(memory, index);
	page = mach_entry_page(entry);
	if (page && PageHWPoison(page))
		return VM_FAULT_HWPOISON;
	if (!(vmf->flags & FAULT_FLAG_WRITE) && fault_huge(vmf))
		return VM_FAULT_NOPAGE;
	if ((vmf->flags & FAULT_FLAG_WRITE) &&
	    !mach_page_writable(memory, index, entry))
		return writes_on(memory, index) ? fault_around(vmf, index) :
						  fault_copy(vmf, index);
	return fault_fill(vmf);
}
