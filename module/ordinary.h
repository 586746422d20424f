/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Received memory as ordinary anonymous memory, for a price of one copy: what
 * get_user_pages, userfaultfd and core dumps can use, and what a secondary MMU
 * (KVM, IOMMU SVA, RDMA) may see.  Two ways: at the receive, which makes plain
 * anonymous memory; or afterwards, in place (below).
 */
#ifndef MACH_ORDINARY_H
#define MACH_ORDINARY_H

#include <linux/types.h>

struct mach_mapping;
struct mach_memory;
struct mach_stats;
struct vm_area_struct;

/* Must current's memory be ordinary, because somebody watches the mm? */
bool mach_ordinary_needed(void);

/*
 * Copy @memory into new anonymous memory of current's; counts the pages in
 * @stats.  Returns 0 and the address of the first byte in *@addr, or -ENOMEM
 * (no address space, RLIMIT_AS, overcommit; or somebody unmaps it meanwhile,
 * or a fatal signal).  No lock held.
 */
int mach_ordinary_map(struct mach_memory *memory, struct mach_stats *stats,
		      u64 *addr);

/*
 * Make every region that [addr, addr + len) of current's mm touches ordinary,
 * as a whole and in place.  No other thread sees it change, or loses a write:
 * each page is copied under the mmap lock for writing, after the entry that
 * allowed to write to the old one is gone.  The VMA stays private and on the
 * module's file; untouched and discarded pages read as zero from then on.
 *
 * Returns 0, also if there is no region; -EFAULT (the range wraps), -ENOMEM,
 * -EINTR (fatal signal).  Pages done before an error stay done.
 */
int mach_ordinary_convert(struct mach_mapping *mapping, u64 addr, u64 len,
			  struct mach_stats *stats);

/* Is it a VMA that was a region? */
bool mach_ordinary_was_region(const struct vm_area_struct *vma);

#endif /* MACH_ORDINARY_H */
