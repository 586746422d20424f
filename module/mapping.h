/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A mapping is the module's side of one task's mm: an internal pseudo file
 * with an inode of its own, on which the doorbell and every received region
 * are mapped.  It outlives the task as long as a region is mapped.
 *
 * The doorbell is a page of address space that nobody can touch.  It has two
 * uses: zapping it makes the core flush the whole mm's TLB (share.c), and its
 * being closed when the mm has no user left is the death of the mm.  While the
 * user has unmapped it we look now and then whether the mm has died.
 *
 * Locks: mmap_lock -> mapping->lock.  Never call vm_mmap under either.
 */
#ifndef MACH_MAPPING_H
#define MACH_MAPPING_H

#include <linux/types.h>

struct mach_mapping;
struct mach_origin;
struct page;
struct vm_area_struct;

/*
 * For current->mm; maps the doorbell.  @mm_died(@owner) is called once, from
 * under a spinlock, when the mm is torn down (exit, exec); it may only queue
 * work.  Returns an ERR_PTR on failure.
 */
struct mach_mapping *mach_mapping_create(void (*mm_died)(void *owner),
					 void *owner);

/*
 * The owner goes: no callback after this has returned.  Unmaps the doorbell
 * if current still has that mm.  Regions stay.  No lock held.  Consumes the
 * owner's hold: it may not use @mapping again.
 */
void mach_mapping_detach(struct mach_mapping *mapping);

/* Is current running on this mm? */
bool mach_mapping_is_current(const struct mach_mapping *mapping);

/* Map the doorbell again if the user has unmapped it.  0 or -errno. */
int mach_mapping_check_doorbell(struct mach_mapping *mapping);

int mach_mapping_init(void);
void mach_mapping_exit(void);

/*
 * The rest is for share.c and region.c.
 */

/* The objects that were sent from this mm; lives as long as @mapping. */
struct mach_origin *mach_mapping_origin(struct mach_mapping *mapping);

/*
 * The doorbell, under the mmap lock of current->mm, which is @mapping's.
 * NULL if it is not where we put it: then make a new one, without the lock.
 */
struct vm_area_struct *mach_mapping_doorbell(struct mach_mapping *mapping);
int mach_mapping_new_doorbell(struct mach_mapping *mapping);

/*
 * Offsets for @count pages that no other region of this file ever has, @lead
 * pages after a multiple of a page table's; false when the file has none left.
 */
bool mach_mapping_take_offsets(struct mach_mapping *mapping, unsigned int lead,
			       unsigned long count, unsigned long *pgoff);

/*
 * vm_mmap of the internal file into current->mm: the only way to map it.
 * @attach fills in the new VMA, under the mmap lock.  Returns the address or
 * -errno, as vm_mmap does.
 */
unsigned long mach_mapping_map(struct mach_mapping *mapping,
			       unsigned long count, unsigned long prot,
			       unsigned long flags, unsigned long pgoff,
			       void (*attach)(struct vm_area_struct *vma,
					      void *data),
			       void *data);

/*
 * A page of zeroes that is the module's own, for the core to lock and copy
 * from; @index spreads callers over several.  No reference is taken.
 */
struct page *mach_mapping_zero_page(unsigned long index);

#endif /* MACH_MAPPING_H */
