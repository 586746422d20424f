// SPDX-License-Identifier: GPL-2.0
/*
 * Sending and receiving: see mqueue.h.
 */
#include <linux/sched/signal.h>

#include "kmsg.h"
#include "mqueue.h"
#include "port.h"
#include "pset.h"
#include "waiter.h"

/*
 * ---- send ----
 */

static u32 send_blocked_locked(struct mach_port *port, struct mach_kmsg *kmsg,
			       long timeout)
{
	struct mach_waiter waiter;

	mach_queue_block_sender(&port->queue, &waiter, kmsg);
	mach_waiter_sleep(&waiter, &port->lock, timeout);
	switch (waiter.state) {
	case MACH_WAIT_DONE:
		return MACH_MSG_SUCCESS;
	case MACH_WAIT_DIED:
		return MACH_SEND_INVALID_DEST;
	default:
		return signal_pending(current) ? MACH_SEND_INTERRUPTED :
						 MACH_SEND_TIMED_OUT;
	}
}

static u32 send_locked(struct mach_port *port, struct mach_kmsg *kmsg,
		       long timeout, bool always)
{
	/* Nobody receives from a kernel port: what it gets is answered. */
	if (port->state == MACH_PORT_DIED || port->state == MACH_PORT_KERNEL)
		return MACH_SEND_INVALID_DEST;
	if (!always && kmsg->dest.kind != MACH_CARRIED_SEND_ONCE &&
	    mach_queue_full(&port->queue))
		return timeout ? send_blocked_locked(port, kmsg, timeout) :
				 MACH_SEND_TIMED_OUT;
	if (kmsg->circular)
		return MACH_SEND_INVALID_DEST;
	mach_queue_push(&port->queue, kmsg);
	return MACH_MSG_SUCCESS;
}

static u32 send(struct mach_kmsg *kmsg, long timeout, bool always)
{
	/* The message's own reference may go with the message. */
	struct mach_port *port = mach_port_get(kmsg->dest.port);
	u32 ret;

	spin_lock(&port->lock);
	ret = send_locked(port, kmsg, timeout, always);
	spin_unlock(&port->lock);
	mach_port_put(port);
	return ret;
}

u32 mach_mqueue_send(struct mach_kmsg *kmsg, long timeout)
{
	return send(kmsg, timeout, false);
}

u32 mach_mqueue_send_always(struct mach_kmsg *kmsg)
{
	return send(kmsg, 0, true);
}

/*
 * ---- receive ----
 */

/* Wait on @receivers, under @lock, and say how it ended. */
static u32 receive_blocked(struct mach_receive *receive, spinlock_t *lock,
			   struct list_head *receivers)
{
	struct mach_waiter waiter = {
		.room = receive->room,
		.large = receive->large,
	};

	if (!receive->timeout)
		return MACH_RCV_TIMED_OUT;
	mach_waiter_block(&waiter, receivers);
	mach_waiter_sleep(&waiter, lock, receive->timeout);
	switch (waiter.state) {
	case MACH_WAIT_DONE:
		receive->kmsg = waiter.kmsg;
		return MACH_MSG_SUCCESS;
	case MACH_WAIT_TOO_LARGE:
		receive->needed = waiter.needed;
		return MACH_RCV_TOO_LARGE;
	case MACH_WAIT_DIED:
		return MACH_RCV_PORT_DIED;
	case MACH_WAIT_CHANGED:
		return MACH_RCV_PORT_CHANGED;
	default:
		return signal_pending(current) ? MACH_RCV_INTERRUPTED :
						 MACH_RCV_TIMED_OUT;
	}
}

/* There is a message in the port's queue. */
static u32 take_locked(struct mach_port *port, struct mach_receive *receive)
{
	struct mach_kmsg *kmsg = mach_queue_peek(&port->queue);

	if (receive->large && kmsg->size > receive->room) {
		receive->needed = kmsg->size;
		return MACH_RCV_TOO_LARGE;
	}
	receive->kmsg = mach_queue_pop(&port->queue);
	return MACH_MSG_SUCCESS;
}

static u32 receive_from_port(struct mach_receive *receive)
{
	struct mach_port *port = receive->port;
	u32 ret;

	spin_lock(&port->lock);
	if (port->state != MACH_PORT_HELD || port->holder != receive->holder)
		ret = MACH_RCV_PORT_DIED;
	else if (port->queue.set)
		ret = MACH_RCV_IN_SET;
	else if (mach_queue_peek(&port->queue))
		ret = take_locked(port, receive);
	else
		ret = receive_blocked(receive, &port->lock,
				      &port->queue.receivers);
	spin_unlock(&port->lock);
	return ret;
}

/*
 * The port whose turn it is, with a reference; NULL: *ret says what to do.
 * A message on the set's list keeps its port alive.
 */
static struct mach_port *next_member(struct mach_receive *receive, u32 *ret)
{
	struct mach_pset *set = receive->set;
	struct mach_port *port = NULL;
	struct mach_kmsg *kmsg;

	spin_lock(&set->lock);
	kmsg = list_first_entry_or_null(&set->messages, struct mach_kmsg,
					set_link);
	if (set->dead)
		*ret = MACH_RCV_PORT_DIED;
	else if (kmsg)
		port = mach_port_get(kmsg->dest.port);
	else
		*ret = receive_blocked(receive, &set->lock, &set->receivers);
	spin_unlock(&set->lock);
	return port;
}

/*
 * Of one port, the message that is first in its queue is first in the set's
 * list, too.  False: another receiver was faster, or the port has left.
 */
static bool take_from_member(struct mach_port *port,
			     struct mach_receive *receive, u32 *ret)
{
	bool taken;

	spin_lock(&port->lock);
	taken = port->queue.set == receive->set &&
		mach_queue_peek(&port->queue);
	if (taken)
		*ret = take_locked(port, receive);
	spin_unlock(&port->lock);
	mach_port_put(port);
	return taken;
}

static u32 receive_from_set(struct mach_receive *receive)
{
	struct mach_port *port;
	u32 ret;

	for (;;) {
		port = next_member(receive, &ret);
		if (!port || take_from_member(port, receive, &ret))
			return ret;
		if (fatal_signal_pending(current))
			return MACH_RCV_INTERRUPTED;
		cond_resched();
	}
}

u32 mach_mqueue_receive(struct mach_receive *receive)
{
	receive->kmsg = NULL;
	return receive->set ? receive_from_set(receive) :
			      receive_from_port(receive);
}
