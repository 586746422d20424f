// SPDX-License-Identifier: GPL-2.0
/*
 * The message queue: see queue.h.
 */
#include "kmsg.h"
#include "pset.h"
#include "queue.h"
#include "waiter.h"
#include "watch.h"

void mach_queue_init(struct mach_queue *queue, u32 limit)
{
	INIT_LIST_HEAD(&queue->messages);
	INIT_LIST_HEAD(&queue->senders);
	INIT_LIST_HEAD(&queue->receivers);
	INIT_LIST_HEAD(&queue->watches);
	INIT_LIST_HEAD(&queue->member);
	queue->set = NULL;
	queue->count = 0;
	queue->limit = limit;
	queue->seqno = 0;
}

static bool hand_over(struct mach_queue *queue, struct mach_kmsg *kmsg)
{
	if (queue->set)
		return mach_pset_push(queue->set, kmsg, &queue->seqno);
	return mach_waiters_serve(&queue->receivers, kmsg, &queue->seqno);
}

void mach_queue_push(struct mach_queue *queue, struct mach_kmsg *kmsg)
{
	if (hand_over(queue, kmsg))
		return;
	list_add_tail(&kmsg->link, &queue->messages);
	queue->count++;
	/* In a set its watches have been told. */
	if (!queue->set)
		mach_watches_tell(&queue->watches);
}

struct mach_kmsg *mach_queue_peek(struct mach_queue *queue)
{
	return list_first_entry_or_null(&queue->messages, struct mach_kmsg,
					link);
}

struct mach_kmsg *mach_queue_pop(struct mach_queue *queue)
{
	struct mach_kmsg *kmsg = mach_queue_peek(queue);

	list_del_init(&kmsg->link);
	queue->count--;
	if (queue->set)
		mach_pset_forget(queue->set, kmsg);
	kmsg->seqno = queue->seqno++;
	mach_queue_admit(queue);
	return kmsg;
}

void mach_queue_admit(struct mach_queue *queue)
{
	struct mach_waiter *waiter, *next;

	list_for_each_entry_safe(waiter, next, &queue->senders, link) {
		if (mach_queue_full(queue))
			return;
		/* One that would travel in its own queue never enters it. */
		if (waiter->kmsg->circular) {
			mach_waiter_finish(waiter, MACH_WAIT_DIED);
			continue;
		}
		mach_queue_push(queue, waiter->kmsg);
		mach_waiter_finish(waiter, MACH_WAIT_DONE);
	}
}

void mach_queue_block_sender(struct mach_queue *queue,
			     struct mach_waiter *waiter,
			     struct mach_kmsg *kmsg)
{
	waiter->kmsg = kmsg;
	mach_waiter_block(waiter, &queue->senders);
}

void mach_queue_join(struct mach_queue *queue, struct mach_pset *set)
{
	LIST_HEAD(messages);
	struct mach_kmsg *kmsg, *next;

	mach_waiters_finish_all(&queue->receivers, MACH_WAIT_CHANGED);
	mach_watches_warn(&queue->watches);
	queue->set = set;
	spin_lock(&set->lock);
	list_add_tail(&queue->member, &set->members);
	spin_unlock(&set->lock);

	/* One that is handed over is its receiver's at once. */
	list_splice_init(&queue->messages, &messages);
	queue->count = 0;
	list_for_each_entry_safe(kmsg, next, &messages, link) {
		list_del_init(&kmsg->link);
		mach_queue_push(queue, kmsg);
	}
	mach_queue_admit(queue);
}

struct mach_pset *mach_queue_leave(struct mach_queue *queue)
{
	struct mach_pset *set = queue->set;
	struct mach_kmsg *kmsg;

	if (!set)
		return NULL;
	queue->set = NULL;
	spin_lock(&set->lock);
	list_del_init(&queue->member);
	list_for_each_entry(kmsg, &queue->messages, link)
		list_del_init(&kmsg->set_link);
	spin_unlock(&set->lock);
	/* What is here can be received here again. */
	if (!list_empty(&queue->messages))
		mach_watches_tell(&queue->watches);
	return set;
}
