/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pages of a capture that cannot be shared: copied into pages of our own.
 */
#ifndef MACH_COPY_H
#define MACH_COPY_H

struct mach_capture;

/*
 * Copy every page that is still TODO, through the caller's own addresses; of
 * the first and last page only the bytes of the region, the rest is zero.  No
 * lock held.  Returns 0, -EFAULT, -ENOMEM, or -EINTR (fatal signal).
 */
int mach_copy_rest(struct mach_capture *capture);

#endif /* MACH_COPY_H */
