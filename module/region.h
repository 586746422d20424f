/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The receiver's side of out-of-line memory: a VMA whose pages come from a
 * memory object, one fault window at a time.
 *
 * The VMA is VM_MIXEDMAP | VM_IO | VM_DONTEXPAND | VM_DONTDUMP and private.
 * Its page table holds, per page: nothing yet; a special entry for the
 * object's page (or the zero page for a hole), which is writable only if the
 * object alone owns that page; or an ordinary anonymous page, which the core
 * made by copying at a write.  Special entries hold no reference: the VMA
 * holds the object, and the core closes a VMA only when its entries are gone.
 *
 * VM_IO keeps get_user_pages out, without which a write from another process
 * would make the core copy bytes of the wrong address space.  VM_DONTEXPAND
 * keeps any page of the object at one place in one mm.
 */
#ifndef MACH_REGION_H
#define MACH_REGION_H

#include <linux/types.h>

struct mach_mapping;
struct mach_memory;
struct mach_user;
struct vm_area_struct;

/*
 * Map @memory into current's mm (which is @mapping's), in O(1).  The mapping
 * takes a reference of its own; the object's charge moves to @user.  An
 * object is mapped once in its life.
 *
 * Returns 0 and the address of the first byte in *@addr, or -ENOMEM (no
 * address space, too many mappings, RLIMIT_AS) or -EDQUOT (the user's page
 * limit).
 */
int mach_region_map(struct mach_mapping *mapping, struct mach_memory *memory,
		    struct mach_user *user, u64 *addr);

/*
 * The object behind a VMA, or NULL if the VMA is none of ours; no reference
 * is taken.  Any mmap lock of the VMA's mm.
 */
struct mach_memory *mach_region_memory(const struct vm_area_struct *vma);

/* A VMA maps @memory no more; its entries are gone, also from every TLB. */
void mach_region_put(struct mach_memory *memory);

#endif /* MACH_REGION_H */
