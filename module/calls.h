/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The calls of the ABI and the table that dispatches them.
 */
#ifndef MACH_CALLS_H
#define MACH_CALLS_H

#include <linux/mach.h>
#include <linux/types.h>

struct mach_space;

/* What the structs of all calls begin with; ret only those with has_ret. */
struct mach_call_head {
	__u32 size;
	__u32 flags;
	__s32 ret;
};

struct mach_call {
	/*
	 * @args: the kernel's copy of the call's struct.  0 or -errno; the
	 * Mach result goes into the struct.
	 */
	int (*run)(struct mach_space *space, void *args);
	u16 size;		/* what this module knows */
	u16 first_size;		/* of ABI version 1: the least to accept */
	u16 pad;		/* offset of a u32 that must be 0, or 0 */
	u32 flags;		/* known bits */
	bool has_ret;
	bool only_ret;		/* nothing else in the struct is written */
};

/* NULL if there is no such call. */
const struct mach_call *mach_call_find(u32 nr);

#endif /* MACH_CALLS_H */
