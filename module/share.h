/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sender's side of out-of-line memory: turn a range of current's memory
 * into a memory object without copying what can be shared.
 */
#ifndef MACH_SHARE_H
#define MACH_SHARE_H

#include <linux/types.h>

struct mach_mapping;
struct mach_memory;
struct mach_stats;
struct mach_user;

/*
 * Capture [addr, addr + len), len > 0, of the current mm (which is
 * @mapping's).  @move: the rounded range is then deallocated.  Charges the
 * object's pages to @user, counts pages in @stats.
 *
 * Returns 0 and the object in *@out, or -EFAULT (wraps, not mapped, not
 * readable), -ENOMEM (no memory, or the user's page limit), -EINTR (fatal
 * signal); on failure the caller's memory is unchanged.
 */
int mach_share_capture(struct mach_mapping *mapping, u64 addr, u64 len,
		       bool move, struct mach_user *user,
		       struct mach_stats *stats, struct mach_memory **out);

#endif /* MACH_SHARE_H */
