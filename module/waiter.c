// SPDX-License-Identifier: GPL-2.0
/*
 * Sleeping and being served: see waiter.h.
 */
#include <linux/sched/signal.h>

#include "kmsg.h"
#include "trace.h"
#include "waiter.h"

void mach_waiter_block(struct mach_waiter *waiter, struct list_head *list)
{
	waiter->task = current;
	waiter->state = MACH_WAIT_BLOCKED;
	list_add_tail(&waiter->link, list);
}

void mach_waiter_sleep(struct mach_waiter *waiter, spinlock_t *lock,
		       long timeout)
{
	lockdep_assert_held(lock);
	while (waiter->state == MACH_WAIT_BLOCKED && timeout &&
	       !signal_pending(current)) {
		set_current_state(TASK_INTERRUPTIBLE);
		spin_unlock(lock);
		trace_mach_stage(MACH_STAGE_BLOCKED);
		timeout = schedule_timeout(timeout);
		trace_mach_stage(MACH_STAGE_WOKEN);
		spin_lock(lock);
	}
	if (waiter->state == MACH_WAIT_BLOCKED)
		list_del_init(&waiter->link);
}

void mach_waiter_finish(struct mach_waiter *waiter, enum mach_wait state)
{
	list_del_init(&waiter->link);
	waiter->state = state;
	wake_up_process(waiter->task);
}

void mach_waiters_finish_all(struct list_head *list, enum mach_wait state)
{
	struct mach_waiter *waiter, *next;

	list_for_each_entry_safe(waiter, next, list, link)
		mach_waiter_finish(waiter, state);
}

bool mach_waiters_serve(struct list_head *receivers, struct mach_kmsg *kmsg,
			u32 *seqno)
{
	struct mach_waiter *waiter, *next;

	list_for_each_entry_safe(waiter, next, receivers, link) {
		if (waiter->large && kmsg->size > waiter->room) {
			waiter->needed = kmsg->size;
			mach_waiter_finish(waiter, MACH_WAIT_TOO_LARGE);
			continue;
		}
		kmsg->seqno = (*seqno)++;
		waiter->kmsg = kmsg;
		mach_waiter_finish(waiter, MACH_WAIT_DONE);
		return true;
	}
	return false;
}
