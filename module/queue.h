/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A port's message queue: first in, first out, with a limit; blocked senders
 * and waiting receivers; membership in a port set.
 *
 * Guarantees: messages leave in the order in which they were accepted; a
 * blocked sender's message enters in the order in which the senders came; a
 * message is never both queued and handed over.  If a receiver waits, the
 * queue is empty.  A member of a set has no receivers of its own.
 *
 * Locks: the queue has none; every function is called under the spinlock of
 * the port that embeds it, and may take the set's inside and wake tasks.
 */
#ifndef MACH_QUEUE_H
#define MACH_QUEUE_H

#include <linux/list.h>
#include <linux/types.h>

struct mach_kmsg;
struct mach_pset;
struct mach_waiter;

struct mach_queue {
	struct list_head messages;	/* mach_kmsg.link */
	struct list_head senders;	/* mach_waiter.link, each with a kmsg */
	struct list_head receivers;	/* mach_waiter.link */
	struct list_head watches;	/* mach_watch.link */
	struct mach_pset *set;		/* a reference; or NULL */
	struct list_head member;	/* in set->members, under its lock */
	u32 count;			/* messages */
	u32 limit;
	u32 seqno;			/* of the next message taken */
};

void mach_queue_init(struct mach_queue *queue, u32 limit);

static inline bool mach_queue_full(const struct mach_queue *queue)
{
	return queue->count >= queue->limit;
}

/* Consumes @kmsg: to a waiting receiver, or to the end, whatever the limit. */
void mach_queue_push(struct mach_queue *queue, struct mach_kmsg *kmsg);

/* The first message, without taking it; NULL if there is none. */
struct mach_kmsg *mach_queue_peek(struct mach_queue *queue);

/* Takes the first message (there is one) and lets blocked senders in. */
struct mach_kmsg *mach_queue_pop(struct mach_queue *queue);

/* Let blocked senders in while there is room. */
void mach_queue_admit(struct mach_queue *queue);

void mach_queue_block_sender(struct mach_queue *queue,
			     struct mach_waiter *waiter,
			     struct mach_kmsg *kmsg);

/*
 * Become a member of @set, with all messages; takes over a reference.  Who
 * waits for the queue itself is woken with MACH_WAIT_CHANGED, and watches are
 * told.
 */
void mach_queue_join(struct mach_queue *queue, struct mach_pset *set);
/* Leave the set, if any; its reference is the caller's. */
struct mach_pset *mach_queue_leave(struct mach_queue *queue);

#endif /* MACH_QUEUE_H */
