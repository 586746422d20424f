/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A message queue: first in, first out, with a limit; blocked senders and
 * waiting receivers.
 *
 * Guarantees: messages leave in the order in which they were accepted; a
 * blocked sender's message enters in the order in which the senders came; a
 * message is never both queued and handed over.  If a receiver waits, the
 * queue is empty or every waiting receiver refused what is in it (LARGE).
 *
 * Locks: the queue has none; every function is called under the spinlock of
 * the object that embeds it, and may wake tasks under it.  A waiter lives on
 * the stack of its task, which takes that lock again before it looks at it.
 */
#ifndef MACH_QUEUE_H
#define MACH_QUEUE_H

#include <linux/list.h>
#include <linux/sched.h>
#include <linux/types.h>

struct mach_kmsg;

struct mach_queue {
	struct list_head messages;	/* mach_kmsg.link */
	struct list_head senders;	/* mach_waiter.link, each with a kmsg */
	struct list_head receivers;	/* mach_waiter.link */
	u32 count;			/* messages */
	u32 limit;
	u32 seqno;			/* of the next message taken */
};

enum mach_wait {
	MACH_WAIT_BLOCKED,	/* on a list, asleep or about to be */
	MACH_WAIT_DONE,		/* sender: accepted; receiver: has kmsg */
	MACH_WAIT_TOO_LARGE,	/* receiver with LARGE: needs needed bytes */
	MACH_WAIT_DIED,		/* the port died, or left the space */
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
void mach_queue_block_receiver(struct mach_queue *queue,
			       struct mach_waiter *waiter, u32 room,
			       bool large);

/* Wake all waiting receivers (and blocked senders) with MACH_WAIT_DIED. */
void mach_queue_kill_receivers(struct mach_queue *queue);
void mach_queue_kill_senders(struct mach_queue *queue);

#endif /* MACH_QUEUE_H */
