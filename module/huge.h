/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Huge pages of the sender, taken whole.
 */
#ifndef MACH_HUGE_H
#define MACH_HUGE_H

#include <linux/mm_types.h>

struct mach_capture;

/*
 * Take the huge page that @pmdp maps and [addr, end) lies in, or the part of
 * it, if that is most of it; else its pages are to be copied, so that a small
 * part never holds the whole.  Conditions as for mach_walk().  Returns 0 or
 * -ENOMEM.
 */
int mach_huge_take(struct mach_capture *capture, pmd_t *pmdp,
		   unsigned long addr, unsigned long end);

#endif /* MACH_HUGE_H */
