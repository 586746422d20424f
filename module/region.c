// SPDX-License-Identifier: GPL-2.0
/*
 * The VMA of a received region: its making and its life.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/mman.h>

#include "access.h"
#include "compat/mm.h"
#include "fill.h"
#include "limits.h"
#include "mapping.h"
#include "memory.h"
#include "region.h"
#include "stats.h"
#include "trace.h"

static const struct vm_operations_struct region_ops;

struct mach_memory *mach_region_memory(const struct vm_area_struct *vma)
{
	return vma->vm_ops == &region_ops ? vma->vm_private_data : NULL;
}

/*
 * A copy of the VMA: by fork into another mm, or by a split or a move within
 * one.  Fork holds the parent's mmap lock for writing and has the VMA locked
 * against faults; it write-protects both copies of a writable entry itself.
 */
static void region_open(struct vm_area_struct *vma)
{
	struct mach_memory *memory = vma->vm_private_data;

	mach_memory_get(memory);
	mach_live_inc(MACH_LIVE_REGIONS);
	if (vma->vm_mm != memory->receiver)
		WRITE_ONCE(memory->shared, true);
}

void mach_region_put(struct mach_memory *memory)
{
	mach_live_dec(MACH_LIVE_REGIONS);
	mach_memory_put(memory);
}

static void region_close(struct vm_area_struct *vma)
{
	mach_region_put(vma->vm_private_data);
}

/*
 * Moved within the mm, whose mmap lock is held for writing.  If the core then
 * fails to unmap the old place, two VMAs map the object; so none of its pages
 * may stay writable in place.
 */
static int region_moved(struct vm_area_struct *vma)
{
	struct mach_memory *memory = vma->vm_private_data;

	WRITE_ONCE(memory->shared, true);
	unmap_mapping_range(vma->vm_file->f_mapping,
			    (loff_t)vma->vm_pgoff << PAGE_SHIFT,
			    vma->vm_end - vma->vm_start, 0);
	return 0;
}

/*
 * Having a map_pages handler is what lets the core call .fault under the VMA
 * lock alone; the window is filled there.
 */
static vm_fault_t region_map_pages(struct vm_fault *vmf, pgoff_t first,
				   pgoff_t last)
{
	return 0;
}

static const struct vm_operations_struct region_ops = {
	.open = region_open,
	.close = region_close,
	.mremap = region_moved,
	.fault = mach_fill_fault,
	.map_pages = region_map_pages,
	.access = mach_region_access,
};

static void region_attach(struct vm_area_struct *vma, void *data)
{
	struct mach_memory *memory = mach_memory_get(data);

	mach_vma_set_flags(vma, VM_MIXEDMAP | VM_IO | VM_DONTEXPAND |
				VM_DONTDUMP);
	vma->vm_private_data = memory;
	vma->vm_ops = &region_ops;
	memory->receiver = vma->vm_mm;
	mach_live_inc(MACH_LIVE_REGIONS);
}

/* The object is charged already.  Returns the address or -errno. */
static unsigned long map_charged(struct mach_mapping *mapping,
				 struct mach_memory *memory)
{
	unsigned long start;

	/* Mapped before: its offsets are in use, maybe in another file. */
	if (WARN_ON_ONCE(memory->pgoff))
		return -EBUSY;
	if (!mach_mapping_take_offsets(mapping, memory->lead,
				       memory->count, &memory->pgoff))
		return -ENOMEM;
	start = mach_mapping_map(mapping, memory->count,
				 PROT_READ | PROT_WRITE, MAP_PRIVATE,
				 memory->pgoff, region_attach, memory);
	if (IS_ERR_VALUE(start))
		memory->pgoff = 0;
	return start;
}

int mach_region_map(struct mach_mapping *mapping, struct mach_memory *memory,
		    struct mach_user *user, u64 *addr)
{
	unsigned long start;
	int err;

	err = mach_memory_recharge(memory, user);
	if (err)
		goto out;
	start = map_charged(mapping, memory);
	if (IS_ERR_VALUE(start)) {
		err = -ENOMEM;
		goto out;
	}
	*addr = start + memory->offset;
out:
	trace_mach_map(err ? 0 : *addr, memory->bytes, err);
	return err;
}
