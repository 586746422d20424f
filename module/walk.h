/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The walk over the sender's VMAs and page tables: which pages can be shared,
 * and the write-protecting of those in place.
 *
 * Why a page that the walk takes is immutable from then on: our reference
 * keeps the core from reusing the page for a write, for the page is no longer
 * marked exclusive; and nobody could write to it past the page tables,
 * because each reference on it was explained by a mapping when no PTE of the
 * sender allowed a new one.  A page that a live object of the same sender got
 * from the same address (a certificate) passed that test then and could not
 * become writable since; it needs no test, and would fail it for that
 * object's own reference.
 */
#ifndef MACH_WALK_H
#define MACH_WALK_H

struct mach_capture;

/*
 * May the caller read all of the range, now?  -EFAULT if not.  Under the mmap
 * lock, for reading at least.
 */
int mach_walk_check(struct mach_capture *capture);

/*
 * Take what can be shared, among the entries that wait.  Under the mmap lock
 * for writing, which may not be dropped before the TLB is flushed if
 * capture->changed says so.  Returns 0, -ENOMEM or -EINTR (fatal signal).
 */
int mach_walk(struct mach_capture *capture);

#endif /* MACH_WALK_H */
