// SPDX-License-Identifier: GPL-2.0
/*
 * Received memory as ordinary anonymous memory.
 */
#include <linux/err.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mmu_notifier.h>
#include <linux/sched/signal.h>

#include "chunk.h"
#include "compat/mm.h"
#include "mapping.h"
#include "ordinary.h"
#include "region.h"
#include "stats.h"
#include "user.h"

bool mach_ordinary_needed(void)
{
	return mm_has_notifiers(current->mm);
}

/*
 * ---- at the receive ----
 */

static bool copy_out(struct page *page, unsigned long addr)
{
	void *kaddr = kmap_local_page(page);
	unsigned long left;

	left = mach_store((void __user *)addr, kaddr, PAGE_SIZE);
	kunmap_local(kaddr);
	return !left;
}

/* Holes stay untouched.  The object is nobody else's: it is not mapped. */
static bool copy_all(struct mach_memory *memory, unsigned long start,
		     u64 *copied)
{
	unsigned long index;
	struct page *page;

	for (index = 0; index < memory->count; index++) {
		page = mach_entry_page(mach_memory_entry(memory, index));
		if (!page)
			continue;
		if (PageHWPoison(page) || fatal_signal_pending(current) ||
		    !copy_out(page, start + (index << PAGE_SHIFT)))
			return false;
		++*copied;
		cond_resched();
	}
	return true;
}

int mach_ordinary_map(struct mach_memory *memory, struct mach_stats *stats,
		      u64 *addr)
{
	unsigned long bytes = memory->count << PAGE_SHIFT;
	unsigned long start;
	u64 copied = 0;

	start = vm_mmap(NULL, 0, bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, 0);
	if (IS_ERR_VALUE(start))
		return -ENOMEM;
	if (!copy_all(memory, start, &copied)) {
		vm_munmap(start, bytes);
		return -ENOMEM;
	}
	mach_count(stats, MACH_EVENT_PAGES_COPIED + MACH_COPY_RECEIVE, copied);
	*addr = start + memory->offset;
	return 0;
}

/*
 * ---- in place ----
 */

/* Nothing there, or not any more: zeroes, as in anonymous memory. */
static vm_fault_t ordinary_fault(struct vm_fault *vmf)
{
	struct page *page = mach_mapping_zero_page(vmf->pgoff);

	get_page(page);
	vmf->page = page;
	return 0;
}

static const struct vm_operations_struct ordinary_ops = {
	.fault = ordinary_fault,
};

bool mach_ordinary_was_region(const struct vm_area_struct *vma)
{
	return vma->vm_ops == &ordinary_ops;
}

/*
 * A write fault on each page that is no hole makes the core copy it, unless
 * it has done so before.  The mmap lock is held for writing.
 */
static int copy_in_place(struct vm_area_struct *vma, u64 *copied)
{
	struct mach_memory *memory = vma->vm_private_data;
	unsigned long addr, index = mach_memory_index(vma, vma->vm_start);
	vm_fault_t fault;

	for (addr = vma->vm_start; addr < vma->vm_end; addr += PAGE_SIZE) {
		if (!mach_entry_page(mach_memory_entry(memory, index++)))
			continue;
		if (fatal_signal_pending(current))
			return -EINTR;
		fault = handle_mm_fault(vma, addr, FAULT_FLAG_WRITE, NULL);
		if (fault & VM_FAULT_ERROR)
			return -ENOMEM;
		++*copied;
		cond_resched();
	}
	return 0;
}

/*
 * From now on no page is mapped writable in place; the entries that are so are
 * zapped, and the TLB is flushed by that.  Then the content cannot change
 * until it is copied, by anybody.  The same faults again: page by page, for
 * they find the object shared.
 */
static int convert(struct vm_area_struct *vma, u64 *copied)
{
	struct mach_memory *memory = vma->vm_private_data;
	loff_t offset = (loff_t)vma->vm_pgoff << PAGE_SHIFT;
	int err;

	mach_vma_start_write(vma);
	WRITE_ONCE(memory->shared, true);
	unmap_mapping_range(vma->vm_file->f_mapping, offset,
			    vma->vm_end - vma->vm_start, 0);
	err = copy_in_place(vma, copied);
	if (err)
		return err;

	vma->vm_ops = &ordinary_ops;
	vma->vm_private_data = NULL;
	mach_vma_clear_flags(vma, VM_MIXEDMAP | VM_IO | VM_DONTDUMP);
	mach_region_put(memory);
	return 0;
}

int mach_ordinary_convert(struct mach_mapping *mapping, u64 addr, u64 len,
			  struct mach_stats *stats)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	u64 end, copied = 0;
	int err = 0;

	if (WARN_ON_ONCE(!mach_mapping_is_current(mapping)) ||
	    check_add_overflow(addr, len, &end) || end > TASK_SIZE_MAX)
		return -EFAULT;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	for (vma = find_vma(mm, addr); vma && vma->vm_start < end && !err;
	     vma = find_vma(mm, vma->vm_end)) {
		if (mach_region_memory(vma))
			err = convert(vma, &copied);
	}
	mmap_write_unlock(mm);
	mach_count(stats, MACH_EVENT_PAGES_COPIED + MACH_COPY_RECEIVE, copied);
	return err;
}
