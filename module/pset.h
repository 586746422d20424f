/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Port sets: receiving from whichever member has a message.
 *
 * The members' messages stay in their own queues and are, at the same time,
 * on the set's list in the order of their arrival (a member that joins brings
 * its messages as arriving then).  So no member starves, and one that leaves
 * takes just its own messages along.  If a receiver waits, the list is empty.
 *
 * References: the name has one, every member has one, and so has every
 * receive that is under way.
 *
 * Locks: lock, a spinlock that nests inside the lock of a member's port.  All
 * members are ports of the space that has the set; its mutex is held over
 * every change of membership.
 */
#ifndef MACH_PSET_H
#define MACH_PSET_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "watch.h"

struct mach_kmsg;
struct mach_user;

struct mach_pset {
	refcount_t refs;
	u64 id;				/* for listings; immutable */
	struct mach_user *user;		/* pays; immutable */
	u32 name;			/* under the space's mutex */

	/* Under lock. */
	spinlock_t lock;
	bool dead;
	struct list_head messages;	/* mach_kmsg.set_link */
	struct list_head receivers;	/* mach_waiter.link */
	struct list_head watches;	/* mach_watch.link */
	struct list_head members;	/* mach_queue.member */
};

/* NULL when the user is over the limit or there is no memory. */
struct mach_pset *mach_pset_create(struct mach_user *user, u32 name);
struct mach_pset *mach_pset_get(struct mach_pset *pset);
void mach_pset_put(struct mach_pset *pset);

/*
 * A message arrives at a member, whose lock is held: to a waiting receiver
 * (true), or to the end of the list.
 */
bool mach_pset_push(struct mach_pset *pset, struct mach_kmsg *kmsg,
		    u32 *seqno);
/* A message leaves its member's queue. */
void mach_pset_forget(struct mach_pset *pset, struct mach_kmsg *kmsg);

/* No more receiving: whoever waits is woken with MACH_WAIT_DIED or hung up. */
void mach_pset_kill(struct mach_pset *pset);

/* From now on, unless the set is dead, @watch is told of messages. */
void mach_pset_watch(struct mach_pset *pset, struct mach_watch *watch);
/* Nobody uses @watch any more. */
void mach_pset_unwatch(struct mach_pset *pset, struct mach_watch *watch);
__poll_t mach_pset_poll(struct mach_pset *pset, const struct mach_watch *watch);

#endif /* MACH_PSET_H */
