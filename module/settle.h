/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pages of a move, once they are unmapped at the sender.
 *
 * The walk took ordinary pages by a reference and no more, and marked them
 * OWN, which nobody else has seen yet.  Now that the range is unmapped and the
 * TLB flushed, nobody can write to a page through the range.  A page
 *
 * - that has no reference but ours is the object's own, for ever;
 * - that is mapped elsewhere too is as immutable as one that was sent by copy,
 *   if no mapping has it exclusively and all references are explained, or a
 *   certificate says so (walk.h);
 * - else is copied: somebody is doing I/O to it, another thread has moved it
 *   away meanwhile, or it sits in another CPU's LRU batch.
 */
#ifndef MACH_SETTLE_H
#define MACH_SETTLE_H

struct mach_capture;

/* Returns 0, -ENOMEM or -EINTR (fatal signal).  No lock held. */
int mach_settle(struct mach_capture *capture);

#endif /* MACH_SETTLE_H */
