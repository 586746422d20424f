/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waiters: tasks that sleep until they can send, or until a message comes.
 *
 * A waiter lives on the stack of its task and is on a list of some object.
 * Whoever serves it takes it off the list, says how it ended and wakes it, all
 * under that object's spinlock; the task takes the lock again before it looks.
 * Hence no wake-up is lost, and no stack frame is used after its task left.
 */
#ifndef MACH_WAITER_H
#define MACH_WAITER_H

#include <linux/list.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct mach_kmsg;

enum mach_wait {
	MACH_WAIT_BLOCKED,	/* on a list, asleep or about to be */
	MACH_WAIT_DONE,		/* sender: accepted; receiver: has kmsg */
	MACH_WAIT_TOO_LARGE,	/* receiver with LARGE: needs needed bytes */
	MACH_WAIT_DIED,		/* the port or set died, or left the space */
	MACH_WAIT_CHANGED,	/* receiver: the port has joined a set */
};

struct mach_waiter {
	struct list_head link;
	struct task_struct *task;
	enum mach_wait state;
	struct mach_kmsg *kmsg;		/* sender: to queue; receiver: got */
	u32 room;			/* receiver: size of its buffer */
	bool large;			/* receiver: MACH_RCV_LARGE */
	u32 needed;			/* with TOO_LARGE: bytes */
};

/* Current joins @list, behind the others; the caller fills in the rest. */
void mach_waiter_block(struct mach_waiter *waiter, struct list_head *list);

/*
 * Sleep until the waiter is served, a signal comes or @timeout (jiffies) is
 * over; in the latter cases it is off the list and still BLOCKED.  Drops and
 * takes @lock, which guards the list.
 */
void mach_waiter_sleep(struct mach_waiter *waiter, spinlock_t *lock,
		       long timeout);

/* Take the waiter off its list and wake its task. */
void mach_waiter_finish(struct mach_waiter *waiter, enum mach_wait state);
void mach_waiters_finish_all(struct list_head *list, enum mach_wait state);

/*
 * Hand @kmsg to the first of @receivers that takes it, with the sequence
 * number *@seqno, which counts on.  A receiver with LARGE whose buffer is too
 * small learns the size and goes.  False: nobody took it.
 */
bool mach_waiters_serve(struct list_head *receivers, struct mach_kmsg *kmsg,
			u32 *seqno);

#endif /* MACH_WAITER_H */
