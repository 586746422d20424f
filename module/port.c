// SPDX-License-Identifier: GPL-2.0
/*
 * Ports: life, rights, sending and receiving.  See port.h for the states.
 */
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "kmsg.h"
#include "limits.h"
#include "note.h"
#include "port.h"
#include "stats.h"

/* Guards transit_to of all ports: see mach_port_move(). */
static DEFINE_MUTEX(transit_mutex);

static atomic64_t next_id = ATOMIC64_INIT(0);

struct mach_port *mach_port_create(struct mach_user *user)
{
	struct mach_port *port;

	if (!mach_charge(user, MACH_CHARGE_PORTS, 1))
		return NULL;
	port = kzalloc(sizeof(*port), GFP_KERNEL_ACCOUNT);
	if (!port) {
		mach_uncharge(user, MACH_CHARGE_PORTS, 1);
		return NULL;
	}
	refcount_set(&port->refs, 1);
	port->id = atomic64_inc_return(&next_id);
	port->user = mach_user_get(user);
	spin_lock_init(&port->lock);
	port->state = MACH_PORT_TRANSIT;
	mach_queue_init(&port->queue, MACH_PORT_QLIMIT_DEFAULT);
	INIT_LIST_HEAD(&port->requests);
	mach_live_inc(MACH_LIVE_PORTS);
	return port;
}

struct mach_port *mach_port_get(struct mach_port *port)
{
	refcount_inc(&port->refs);
	return port;
}

void mach_port_put(struct mach_port *port)
{
	if (!refcount_dec_and_test(&port->refs))
		return;
	WARN_ON(port->state != MACH_PORT_DIED);
	WARN_ON(port->transit_to || port->no_senders);
	WARN_ON(!list_empty(&port->requests));
	WARN_ON(!list_empty(&port->queue.messages));
	mach_user_put(port->user);
	kfree(port);
	mach_live_dec(MACH_LIVE_PORTS);
}

/*
 * ---- rights ----
 */

void mach_port_make_send(struct mach_port *port)
{
	spin_lock(&port->lock);
	port->mscount++;
	port->srights++;
	spin_unlock(&port->lock);
	mach_port_get(port);
}

bool mach_port_make_send_once(struct mach_port *port)
{
	bool made;

	spin_lock(&port->lock);
	made = mach_charge(port->user, MACH_CHARGE_SEND_ONCE, 1);
	if (made)
		port->sorights++;
	spin_unlock(&port->lock);
	if (made)
		mach_port_get(port);
	return made;
}

bool mach_port_copy_send(struct mach_port *port)
{
	bool alive;

	spin_lock(&port->lock);
	alive = port->state != MACH_PORT_DIED;
	if (alive)
		port->srights++;
	spin_unlock(&port->lock);
	if (alive)
		mach_port_get(port);
	return alive;
}

static void add_note(struct mach_aftermath *after, struct mach_kmsg *note)
{
	list_add_tail(&note->link, &after->notes);
}

/* No send right is left: say so, once. */
static void fire_no_senders_locked(struct mach_port *port,
				   struct mach_aftermath *after)
{
	lockdep_assert_held(&port->lock);
	mach_note_set(port->no_senders, MACH_NOTIFY_NO_SENDERS, port->mscount);
	add_note(after, port->no_senders);
	port->no_senders = NULL;
	mach_live_dec(MACH_LIVE_REQUESTS);
}

void mach_port_release_send(struct mach_port *port,
			    struct mach_aftermath *after)
{
	spin_lock(&port->lock);
	if (port->state != MACH_PORT_DIED && --port->srights == 0 &&
	    port->no_senders)
		fire_no_senders_locked(port, after);
	spin_unlock(&port->lock);
	mach_port_put(port);
}

void mach_port_use_send_once(struct mach_port *port)
{
	spin_lock(&port->lock);
	/* Death has already settled the account of a dead port's rights. */
	if (port->state != MACH_PORT_DIED) {
		port->sorights--;
		mach_uncharge(port->user, MACH_CHARGE_SEND_ONCE, 1);
	}
	spin_unlock(&port->lock);
	mach_port_put(port);
}

void mach_port_release_send_once(struct mach_port *port,
				 struct mach_aftermath *after)
{
	/* The right is used after all: it carries the news of its death. */
	if (mach_port_is_dead(port))
		mach_port_use_send_once(port);
	else
		add_note(after, mach_note_create_send_once(port));
}

void mach_port_release(struct mach_carried *right,
		       struct mach_aftermath *after)
{
	switch (right->kind) {
	case MACH_CARRIED_SEND:
		mach_port_release_send(right->port, after);
		break;
	case MACH_CARRIED_SEND_ONCE:
		mach_port_release_send_once(right->port, after);
		break;
	case MACH_CARRIED_RECEIVE:
		mach_port_kill(right->port, after);
		break;
	case MACH_CARRIED_NULL:
	case MACH_CARRIED_DEAD:
		break;
	case MACH_CARRIED_MEMORY:
		WARN_ON(1);
		break;
	}
	right->kind = MACH_CARRIED_NULL;
}

/*
 * ---- the receive right ----
 */

/* The port travels no longer. */
static void end_transit(struct mach_port *port)
{
	struct mach_port *dest;

	mutex_lock(&transit_mutex);
	dest = port->transit_to;
	port->transit_to = NULL;
	mutex_unlock(&transit_mutex);
	if (dest)
		mach_port_put(dest);
}

static void set_holder(struct mach_port *port, enum mach_port_state state,
		       void *holder, u32 name)
{
	end_transit(port);
	spin_lock(&port->lock);
	port->state = state;
	port->holder = holder;
	port->name = name;
	spin_unlock(&port->lock);
}

void mach_port_hold(struct mach_port *port, void *holder, u32 name)
{
	set_holder(port, MACH_PORT_HELD, holder, name);
}

void mach_port_hold_kernel(struct mach_port *port, void *holder)
{
	set_holder(port, MACH_PORT_KERNEL, holder, MACH_PORT_NULL);
}

u32 mach_port_name_in(struct mach_port *port, const void *holder)
{
	u32 name = MACH_PORT_NULL;

	spin_lock(&port->lock);
	if (port->state == MACH_PORT_DIED)
		name = MACH_PORT_DEAD;
	else if (port->state == MACH_PORT_HELD && port->holder == holder)
		name = port->name;
	spin_unlock(&port->lock);
	return name;
}

bool mach_port_is_kernel(struct mach_port *port)
{
	/* A port enters that state before anybody can send to it. */
	return READ_ONCE(port->state) == MACH_PORT_KERNEL;
}

/* Would port -> dest close a ring of transit edges? */
static bool leads_to(const struct mach_port *dest, const struct mach_port *port)
{
	lockdep_assert_held(&transit_mutex);
	while (dest && dest != port)
		dest = dest->transit_to;
	return dest == port;
}

bool mach_port_move(struct mach_port *port, struct mach_port *dest)
{
	bool circular;

	spin_lock(&port->lock);
	port->state = MACH_PORT_TRANSIT;
	port->holder = NULL;
	port->name = MACH_PORT_NULL;
	port->mscount = 0;
	port->queue.seqno = 0;
	mach_queue_kill_receivers(&port->queue);
	spin_unlock(&port->lock);

	/*
	 * Two rings that close at the same time from two ends must not miss
	 * each other, hence one mutex for all edges.
	 */
	mutex_lock(&transit_mutex);
	circular = leads_to(dest, port);
	if (dest && !circular)
		port->transit_to = mach_port_get(dest);
	mutex_unlock(&transit_mutex);
	return !circular;
}

/* Every armed request becomes a dead-name note under its current name. */
static void fire_dead_names_locked(struct mach_port *port,
				   struct mach_aftermath *after)
{
	struct mach_request *request, *next;

	lockdep_assert_held(&port->lock);
	list_for_each_entry_safe(request, next, &port->requests, link) {
		list_del_init(&request->link);
		mach_note_set(request->note, MACH_NOTIFY_DEAD_NAME,
			      request->name);
		add_note(after, request->note);
		request->note = NULL;
		mach_live_dec(MACH_LIVE_REQUESTS);
	}
}

/*
 * Unlink, mark dead, drain.  A pointer to the port may still be held by names
 * in other spaces (which find it dead at their next use), by messages and by
 * tasks about to send or receive, who test the state under the lock.
 */
void mach_port_kill(struct mach_port *port, struct mach_aftermath *after)
{
	struct mach_kmsg *no_senders;

	end_transit(port);

	spin_lock(&port->lock);
	WARN_ON(port->state == MACH_PORT_DIED);
	WRITE_ONCE(port->state, MACH_PORT_DIED);
	port->holder = NULL;
	mach_queue_kill_receivers(&port->queue);
	mach_queue_kill_senders(&port->queue);
	list_splice_tail_init(&port->queue.messages, &after->doomed);
	port->queue.count = 0;
	fire_dead_names_locked(port, after);
	no_senders = port->no_senders;
	port->no_senders = NULL;
	mach_uncharge(port->user, MACH_CHARGE_SEND_ONCE, port->sorights);
	spin_unlock(&port->lock);

	if (no_senders) {
		mach_live_dec(MACH_LIVE_REQUESTS);
		mach_port_release_send_once(mach_note_cancel(no_senders),
					    after);
	}
	mach_uncharge(port->user, MACH_CHARGE_PORTS, 1);
	mach_port_put(port);
}

/*
 * ---- notification requests ----
 */

/* Keep the count of armed requests true over an exchange. */
static void count_exchange(const struct mach_kmsg *armed,
			   const struct mach_kmsg *previous)
{
	mach_live_add(MACH_LIVE_REQUESTS, !!armed - !!previous);
}

bool mach_port_arm_dead_name(struct mach_port *port,
			     struct mach_request *request,
			     struct mach_kmsg *note,
			     struct mach_kmsg **previous)
{
	bool alive;

	spin_lock(&port->lock);
	alive = port->state != MACH_PORT_DIED;
	if (alive) {
		*previous = request->note;
		request->note = note;
		list_del_init(&request->link);
		if (note)
			list_add_tail(&request->link, &port->requests);
		count_exchange(note, *previous);
	}
	spin_unlock(&port->lock);
	return alive;
}

struct mach_kmsg *mach_port_disarm(struct mach_port *port,
				   struct mach_request *request)
{
	struct mach_kmsg *note;

	spin_lock(&port->lock);
	note = request->note;
	request->note = NULL;
	list_del_init(&request->link);
	count_exchange(NULL, note);
	spin_unlock(&port->lock);
	return note;
}

struct mach_kmsg *mach_port_arm_no_senders(struct mach_port *port,
					   struct mach_kmsg *note, u32 sync,
					   struct mach_aftermath *after)
{
	struct mach_kmsg *previous;

	spin_lock(&port->lock);
	previous = port->no_senders;
	port->no_senders = note;
	count_exchange(note, previous);
	if (note && port->srights == 0 && sync <= port->mscount)
		fire_no_senders_locked(port, after);
	spin_unlock(&port->lock);
	return previous;
}

/*
 * ---- sending and receiving ----
 */

/*
 * Sleep until the waiter is served, a signal comes or the time is over.
 * Whoever serves it holds the lock, so that no wake-up is lost.
 */
static void wait_locked(struct mach_port *port, struct mach_waiter *waiter,
			long timeout)
{
	lockdep_assert_held(&port->lock);
	while (waiter->state == MACH_WAIT_BLOCKED && timeout &&
	       !signal_pending(current)) {
		set_current_state(TASK_INTERRUPTIBLE);
		spin_unlock(&port->lock);
		timeout = schedule_timeout(timeout);
		spin_lock(&port->lock);
	}
	if (waiter->state == MACH_WAIT_BLOCKED)
		list_del_init(&waiter->link);
}

static u32 send_blocked_locked(struct mach_port *port, struct mach_kmsg *kmsg,
			       long timeout)
{
	struct mach_waiter waiter;

	mach_queue_block_sender(&port->queue, &waiter, kmsg);
	wait_locked(port, &waiter, timeout);
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

u32 mach_port_send(struct mach_kmsg *kmsg, long timeout)
{
	/* The message's own reference may go with the message. */
	struct mach_port *port = mach_port_get(kmsg->dest.port);
	u32 ret = MACH_MSG_SUCCESS;

	spin_lock(&port->lock);
	/* Nobody receives from a kernel port: what it gets is answered. */
	if (port->state == MACH_PORT_DIED || port->state == MACH_PORT_KERNEL)
		ret = MACH_SEND_INVALID_DEST;
	else if (kmsg->dest.kind == MACH_CARRIED_SEND_ONCE ||
		 !mach_queue_full(&port->queue))
		mach_queue_push(&port->queue, kmsg);
	else if (!timeout)
		ret = MACH_SEND_TIMED_OUT;
	else
		ret = send_blocked_locked(port, kmsg, timeout);
	spin_unlock(&port->lock);
	mach_port_put(port);
	return ret;
}

static u32 receive_blocked_locked(struct mach_port *port,
				  struct mach_receive *receive)
{
	struct mach_waiter waiter;

	mach_queue_block_receiver(&port->queue, &waiter, receive->room,
				  receive->large);
	wait_locked(port, &waiter, receive->timeout);
	switch (waiter.state) {
	case MACH_WAIT_DONE:
		receive->kmsg = waiter.kmsg;
		return MACH_MSG_SUCCESS;
	case MACH_WAIT_TOO_LARGE:
		receive->needed = waiter.needed;
		return MACH_RCV_TOO_LARGE;
	case MACH_WAIT_DIED:
		return MACH_RCV_PORT_DIED;
	default:
		return signal_pending(current) ? MACH_RCV_INTERRUPTED :
						 MACH_RCV_TIMED_OUT;
	}
}

static u32 receive_locked(struct mach_port *port, struct mach_receive *receive)
{
	struct mach_kmsg *kmsg;

	if (port->state != MACH_PORT_HELD || port->holder != receive->holder)
		return MACH_RCV_PORT_DIED;

	kmsg = mach_queue_peek(&port->queue);
	if (!kmsg && !receive->timeout)
		return MACH_RCV_TIMED_OUT;
	if (!kmsg)
		return receive_blocked_locked(port, receive);
	if (receive->large && kmsg->size > receive->room) {
		receive->needed = kmsg->size;
		return MACH_RCV_TOO_LARGE;
	}
	receive->kmsg = mach_queue_pop(&port->queue);
	return MACH_MSG_SUCCESS;
}

u32 mach_port_receive(struct mach_port *port, struct mach_receive *receive)
{
	u32 ret;

	receive->kmsg = NULL;
	spin_lock(&port->lock);
	ret = receive_locked(port, receive);
	spin_unlock(&port->lock);
	return ret;
}
