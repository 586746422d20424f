/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For a debug build, MACH_DELAYS=y: random delays where another thread may
 * come in between.
 *
 * Kbuild then includes this file before all else in each file of the module,
 * so that no other file knows of it: kernel functions become macros of the same
 * name, which linger before a lock is taken, after it is let go, and after
 * something was told to others.  A normal build has nothing of this.
 */
#ifndef MACH_DELAYS_H
#define MACH_DELAYS_H

#include <linux/bitops.h>
#include <linux/file.h>
#include <linux/kref.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

/* Mostly none; asleep only where that is allowed. */
void mach_delay(void);

/* Some of the functions are macros already, which cannot name themselves. */
static __always_inline void mach_plain_mutex_lock(struct mutex *lock)
{
	mutex_lock(lock);
}

static __always_inline int mach_plain_mutex_lock_killable(struct mutex *lock)
{
	return mutex_lock_killable(lock);
}

#undef mutex_lock
#undef mutex_lock_killable

#define mach_delay_before(call)	({ mach_delay(); call; })
#define mach_delay_after(call)	({ call; mach_delay(); })
/* The same for what has a value. */
#define mach_delay_result(call)						\
	({								\
		typeof(call) mach_result_ = (call);			\
									\
		mach_delay();						\
		mach_result_;						\
	})

#define spin_lock(lock)		mach_delay_before(spin_lock(lock))
#define mutex_lock(lock)	mach_delay_before(mach_plain_mutex_lock(lock))
#define mutex_lock_killable(lock)					\
	mach_delay_before(mach_plain_mutex_lock_killable(lock))

#define spin_unlock(lock)	mach_delay_after(spin_unlock(lock))
#define mutex_unlock(lock)	mach_delay_after(mutex_unlock(lock))
#define mmap_read_unlock(mm)	mach_delay_after(mmap_read_unlock(mm))
#define mmap_write_unlock(mm)	mach_delay_after(mmap_write_unlock(mm))
#define rcu_read_unlock()	mach_delay_after(rcu_read_unlock())

#define wake_up_process(task)	mach_delay_result(wake_up_process(task))
#define queue_work(queue, work)	mach_delay_result(queue_work(queue, work))
#define fput(file)		mach_delay_after(fput(file))
#define xa_erase(xa, index)	mach_delay_result(xa_erase(xa, index))
#define clear_bit(nr, word)	mach_delay_after(clear_bit(nr, word))
#define test_and_set_bit(nr, word)					\
	mach_delay_result(test_and_set_bit(nr, word))
#define kref_put(kref, release)	mach_delay_before(kref_put(kref, release))
#define refcount_dec_and_test(count)					\
	mach_delay_result(refcount_dec_and_test(count))
#define refcount_inc_not_zero(count)					\
	mach_delay_result(refcount_inc_not_zero(count))

#endif /* MACH_DELAYS_H */
