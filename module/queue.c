// SPDX-License-Identifier: GPL-2.0
/*
 * The message queue: see queue.h.
 */
#include "kmsg.h"
#include "queue.h"

void mach_queue_init(struct mach_queue *queue, u32 limit)
{
	INIT_LIST_HEAD(&queue->messages);
	INIT_LIST_HEAD(&queue->senders);
	INIT_LIST_HEAD(&queue->receivers);
	queue->count = 0;
	queue->limit = limit;
	queue->seqno = 0;
}

/* The waiter's task sees the new state under the lock that we hold. */
static void finish(struct mach_waiter *waiter, enum mach_wait state)
{
	list_del_init(&waiter->link);
	waiter->state = state;
	wake_up_process(waiter->task);
}

static void take(struct mach_queue *queue, struct mach_kmsg *kmsg)
{
	kmsg->seqno = queue->seqno++;
}

/*
 * A receiver with LARGE whose buffer is too small learns the size and goes;
 * the message is for the next one.
 */
static bool hand_over(struct mach_queue *queue, struct mach_kmsg *kmsg)
{
	struct mach_waiter *waiter, *next;

	list_for_each_entry_safe(waiter, next, &queue->receivers, link) {
		if (waiter->large && kmsg->size > waiter->room) {
			waiter->needed = kmsg->size;
			finish(waiter, MACH_WAIT_TOO_LARGE);
			continue;
		}
		take(queue, kmsg);
		waiter->kmsg = kmsg;
		finish(waiter, MACH_WAIT_DONE);
		return true;
	}
	return false;
}

void mach_queue_push(struct mach_queue *queue, struct mach_kmsg *kmsg)
{
	if (hand_over(queue, kmsg))
		return;
	list_add_tail(&kmsg->link, &queue->messages);
	queue->count++;
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
	take(queue, kmsg);
	mach_queue_admit(queue);
	return kmsg;
}

void mach_queue_admit(struct mach_queue *queue)
{
	struct mach_waiter *waiter, *next;

	list_for_each_entry_safe(waiter, next, &queue->senders, link) {
		if (mach_queue_full(queue))
			return;
		mach_queue_push(queue, waiter->kmsg);
		finish(waiter, MACH_WAIT_DONE);
	}
}

void mach_queue_block_sender(struct mach_queue *queue,
			     struct mach_waiter *waiter,
			     struct mach_kmsg *kmsg)
{
	waiter->task = current;
	waiter->state = MACH_WAIT_BLOCKED;
	waiter->kmsg = kmsg;
	list_add_tail(&waiter->link, &queue->senders);
}

void mach_queue_block_receiver(struct mach_queue *queue,
			       struct mach_waiter *waiter, u32 room,
			       bool large)
{
	waiter->task = current;
	waiter->state = MACH_WAIT_BLOCKED;
	waiter->kmsg = NULL;
	waiter->room = room;
	waiter->large = large;
	list_add_tail(&waiter->link, &queue->receivers);
}

static void kill_all(struct list_head *waiters)
{
	struct mach_waiter *waiter, *next;

	list_for_each_entry_safe(waiter, next, waiters, link)
		finish(waiter, MACH_WAIT_DIED);
}

void mach_queue_kill_receivers(struct mach_queue *queue)
{
	kill_all(&queue->receivers);
}

void mach_queue_kill_senders(struct mach_queue *queue)
{
	kill_all(&queue->senders);
}
