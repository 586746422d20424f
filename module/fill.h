/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Faults in a received region: put the object's pages into the page table.
 *
 * A huge page of the object that the VMA can show whole is shown by one
 * read-only huge PMD, if the first fault is a read.  Everything else is shown
 * page by page, as many as one page table holds.
 *
 * A write to a page that is not the object's own makes the core copy it into
 * an ordinary anonymous page.  But a thread that writes page after page gets
 * many pages at once, which are copied here and become the object's own; so
 * long as only one mm maps the object.
 *
 * Where a huge PMD could stand, nobody works on the page table page by page
 * before the chunk is broken (chunk.h): only a chunk that is a huge page is
 * ever installed as one, which is decided under the PMD's lock.  So whoever
 * has broken the chunk and then seen, under that lock, that no huge PMD is
 * there, knows that none will come.
 */
#ifndef MACH_FILL_H
#define MACH_FILL_H

#include <linux/mm_types.h>

struct vm_fault;

/* The VMA's .fault. */
vm_fault_t mach_fill_fault(struct vm_fault *vmf);

#endif /* MACH_FILL_H */
