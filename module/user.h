/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The caller's memory: the only functions by which the module touches it
 * (tools/checks/user-memory sees to that).
 *
 * Behind each may be a pager that never answers (userfaultfd, FUSE): so no lock
 * is held, none at all, which a kernel with lockdep asserts.  What is read may
 * have changed when it is read again: so it is read once.
 */
#ifndef MACH_USER_H
#define MACH_USER_H

#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/pagemap.h>
#include <linux/uaccess.h>

/* The number of bytes that were not copied. */
static __always_inline unsigned long __must_check
mach_fetch(void *to, const void __user *from, unsigned long bytes)
{
	lockdep_assert_none_held_once();
	return copy_from_user(to, from, bytes);
}

static __always_inline unsigned long __must_check
mach_store(void __user *to, const void *from, unsigned long bytes)
{
	lockdep_assert_none_held_once();
	return copy_to_user(to, from, bytes);
}

/* See copy_struct_from_user(): 0, -E2BIG, -EFAULT. */
static __always_inline int __must_check
mach_fetch_struct(void *to, size_t known, const void __user *from,
			   size_t size)
{
	lockdep_assert_none_held_once();
	return copy_struct_from_user(to, known, from, size);
}

static __always_inline int __must_check
mach_fetch_u32(u32 *value, const u32 __user *from)
{
	lockdep_assert_none_held_once();
	return get_user(*value, from);
}

/* Where it cannot be told if it failed, that is ignored. */
static __always_inline int
mach_store_u32(u32 value, u32 __user *to)
{
	lockdep_assert_none_held_once();
	return put_user(value, to);
}

/* Brings a page in; whether that worked shows when it is read. */
static inline void mach_fault_in(unsigned long addr)
{
	lockdep_assert_none_held_once();
	fault_in_readable((const char __user *)addr, 1);
}

#endif /* MACH_USER_H */
