/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Arrays of port names out of line: packed names of 4 bytes each in user
 * memory.  A received array is ordinary anonymous memory.
 *
 * All functions work on current's memory; no lock is held.
 */
#ifndef MACH_ARRAY_H
#define MACH_ARRAY_H

#include <linux/types.h>

/*
 * The names at @addr, to be freed with kvfree().  @unmap: then unmap the pages
 * that they touch.  ERR_PTR(-EFAULT) (unreadable, or cannot be unmapped),
 * -ENOMEM.
 */
u32 *mach_array_read(u64 addr, u32 count, bool unmap);

/* New memory for @count names: its address, or 0 when there is no room. */
u64 mach_array_map(u32 count);
/* False: somebody has unmapped it again. */
bool mach_array_write(u64 addr, const u32 *names, u32 count);

#endif /* MACH_ARRAY_H */
