// SPDX-License-Identifier: GPL-2.0
/*
 * Ports: life, rights, requests, settings.  See port.h for the states, and
 * mqueue.c for sending and receiving.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "kmsg.h"
#include "limits.h"
#include "note.h"
#include "payer.h"
#include "port.h"
#include "pset.h"
#include "stats.h"
#include "waiter.h"

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
	WARN_ON(port->transit_to || port->no_senders || port->destroyed);
	WARN_ON(!list_empty(&port->requests) || port->payers);
	WARN_ON(!list_empty(&port->queue.messages) || port->queue.set);
	WARN_ON(!list_empty(&port->queue.watches));
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

/* Counts one that @maker pays, if there is a record of his. */
static bool count_send_once(struct mach_port *port,
			    const struct mach_user *maker)
{
	bool counted;

	spin_lock(&port->lock);
	counted = maker == port->user ||
		  mach_payers_raise(port->payers, maker);
	if (counted)
		port->sorights++;
	spin_unlock(&port->lock);
	return counted;
}

/* The maker's first one; his space's lock keeps another thread's out. */
static bool add_payer(struct mach_port *port, struct mach_user *maker)
{
	struct mach_payer *payer = mach_payer_create(maker);

	if (!payer)
		return false;
	spin_lock(&port->lock);
	payer->next = port->payers;
	port->payers = payer;
	port->sorights++;
	spin_unlock(&port->lock);
	return true;
}

bool mach_port_make_send_once(struct mach_port *port, struct mach_user *maker)
{
	if (!mach_charge(maker, MACH_CHARGE_SEND_ONCE, 1))
		return false;
	if (!count_send_once(port, maker) && !add_payer(port, maker)) {
		mach_uncharge(maker, MACH_CHARGE_SEND_ONCE, 1);
		return false;
	}
	mach_port_get(port);
	return true;
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
	list_add_tail(&note->link, &after->work);
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
		if (!mach_payers_release(&port->payers))
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

/*
 * The port travels no longer.  Who has its receive right, our caller, alone
 * changes its edge: so ports that never travelled need not wait for somebody
 * who follows a long chain under the mutex.
 */
static void end_transit(struct mach_port *port)
{
	struct mach_port *dest;

	if (!port->transit_to)
		return;
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
	WRITE_ONCE(port->state, state);
	port->holder = holder;
	port->name = name;
	spin_unlock(&port->lock);
}

void mach_port_hold(struct mach_port *port, void *holder, u32 name)
{
	set_holder(port, MACH_PORT_HELD, holder, name);
}

void mach_port_hold_kernel(struct mach_port *port, enum mach_object object,
			   void *holder)
{
	/* Still known to its creator only. */
	port->object = object;
	set_holder(port, MACH_PORT_KERNEL, holder, MACH_PORT_NULL);
}

void mach_port_rename(struct mach_port *port, u32 name)
{
	spin_lock(&port->lock);
	port->name = name;
	spin_unlock(&port->lock);
}

void mach_port_identify(struct mach_port *port, const void *holder,
			struct mach_identity *out)
{
	*out = (struct mach_identity){ .name = MACH_PORT_NULL };
	spin_lock(&port->lock);
	if (port->state == MACH_PORT_DIED) {
		out->name = MACH_PORT_DEAD;
	} else if (port->state == MACH_PORT_HELD && port->holder == holder) {
		out->name = port->name;
		out->has_payload = port->has_payload;
		out->payload = port->payload;
	}
	spin_unlock(&port->lock);
}

bool mach_port_is_kernel(struct mach_port *port)
{
	/* A port enters that state before anybody can send to it. */
	return READ_ONCE(port->state) == MACH_PORT_KERNEL;
}

struct file *mach_port_get_file(struct mach_port *port)
{
	struct file *file = NULL;

	spin_lock(&port->lock);
	if (port->state == MACH_PORT_KERNEL &&
	    port->object == MACH_OBJECT_FILE)
		file = get_file(port->holder);
	spin_unlock(&port->lock);
	return file;
}

bool mach_port_is_fileport(const struct mach_port *port)
{
	/* Set before anybody else knows the port, and never changed. */
	return port->object == MACH_OBJECT_FILE;
}

/* Would port -> dest close a ring of transit edges? */
static bool leads_to(const struct mach_port *dest, const struct mach_port *port)
{
	lockdep_assert_held(&transit_mutex);
	while (dest && dest != port)
		dest = dest->transit_to;
	return dest == port;
}

static void put_set(struct mach_pset *set)
{
	if (set)
		mach_pset_put(set);
}

/* What ends when the receive right leaves a holder.  Returns the set. */
static struct mach_pset *end_holding_locked(struct mach_port *port)
{
	lockdep_assert_held(&port->lock);
	port->holder = NULL;
	port->name = MACH_PORT_NULL;
	port->mscount = 0;
	port->has_payload = false;
	port->queue.seqno = 0;
	mach_waiters_finish_all(&port->queue.receivers, MACH_WAIT_DIED);
	mach_watches_end(&port->queue.watches);
	return mach_queue_leave(&port->queue);
}

bool mach_port_move(struct mach_port *port, struct mach_port *dest)
{
	struct mach_pset *set;
	bool circular;

	spin_lock(&port->lock);
	WRITE_ONCE(port->state, MACH_PORT_TRANSIT);
	set = end_holding_locked(port);
	spin_unlock(&port->lock);
	put_set(set);
	if (!dest)
		return true;

	/*
	 * Two rings that close at the same time from two ends must not miss
	 * each other, hence one mutex for all edges.
	 */
	mutex_lock(&transit_mutex);
	circular = leads_to(dest, port);
	if (!circular)
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
	port->request_count = 0;
}

/*
 * A port-destroyed request saves the port: its receive right leaves in the
 * note.  Not if the note would then travel in the port's own queue.
 */
static bool bequeath(struct mach_port *port, struct mach_aftermath *after)
{
	struct mach_kmsg *note;

	spin_lock(&port->lock);
	note = port->destroyed;
	port->destroyed = NULL;
	spin_unlock(&port->lock);
	if (!note)
		return false;
	mach_live_dec(MACH_LIVE_REQUESTS);
	if (!mach_port_move(port, note->dest.port)) {
		mach_port_use_send_once(mach_note_cancel(note));
		return false;
	}
	mach_note_carry(note, port);
	add_note(after, note);
	return true;
}

/* The file of a fileport; fput() leaves the rest to a safe context. */
static void drop_file(struct mach_port *port, struct file *file)
{
	fput(file);
	mach_uncharge(port->user, MACH_CHARGE_FILES, 1);
	mach_live_dec(MACH_LIVE_FILES);
}

/*
 * Unlink, mark dead, drain.  A pointer to the port may still be held by names
 * in other spaces (which find it dead at their next use), by messages and by
 * tasks about to send or receive, who test the state under the lock.
 *
 * What follows is listed in Mach's order: the no-senders request, the queue,
 * the dead-name requests (spec 2.2).
 */
static void die(struct mach_port *port, struct mach_aftermath *after)
{
	MACH_AFTERMATH(later);
	struct mach_kmsg *no_senders;
	struct mach_pset *set;
	struct file *file;

	spin_lock(&port->lock);
	WARN_ON(port->state == MACH_PORT_DIED);
	file = mach_port_is_fileport(port) ? port->holder : NULL;
	WRITE_ONCE(port->state, MACH_PORT_DIED);
	set = end_holding_locked(port);
	mach_waiters_finish_all(&port->queue.senders, MACH_WAIT_DIED);
	no_senders = port->no_senders;
	port->no_senders = NULL;
	list_splice_tail_init(&port->queue.messages, &later.work);
	port->queue.count = 0;
	fire_dead_names_locked(port, &later);
	mach_uncharge(port->user, MACH_CHARGE_SEND_ONCE,
		      port->sorights - mach_payers_end(&port->payers));
	spin_unlock(&port->lock);

	put_set(set);
	if (file)
		drop_file(port, file);
	if (no_senders) {
		mach_live_dec(MACH_LIVE_REQUESTS);
		mach_port_release_send_once(mach_note_cancel(no_senders),
					    after);
	}
	list_splice_tail(&later.work, &after->work);
	mach_uncharge(port->user, MACH_CHARGE_PORTS, 1);
	mach_port_put(port);
}

void mach_port_kill(struct mach_port *port, struct mach_aftermath *after)
{
	end_transit(port);
	if (!bequeath(port, after))
		die(port, after);
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
		port->request_count += !!note - !!*previous;
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
	port->request_count -= !!note;
	count_exchange(NULL, note);
	spin_unlock(&port->lock);
	return note;
}

void mach_port_rename_request(struct mach_port *port,
			      struct mach_request *request, u32 name)
{
	spin_lock(&port->lock);
	request->name = name;
	spin_unlock(&port->lock);
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

struct mach_kmsg *mach_port_arm_destroyed(struct mach_port *port,
					  struct mach_kmsg *note)
{
	struct mach_kmsg *previous;

	spin_lock(&port->lock);
	previous = port->destroyed;
	port->destroyed = note;
	count_exchange(note, previous);
	spin_unlock(&port->lock);
	return previous;
}

/*
 * ---- settings of the receive right ----
 */

void mach_port_set_mscount(struct mach_port *port, u32 mscount)
{
	spin_lock(&port->lock);
	port->mscount = mscount;
	spin_unlock(&port->lock);
}

void mach_port_set_seqno(struct mach_port *port, u32 seqno)
{
	spin_lock(&port->lock);
	port->queue.seqno = seqno;
	spin_unlock(&port->lock);
}

void mach_port_set_payload(struct mach_port *port, bool on, u64 payload)
{
	spin_lock(&port->lock);
	port->has_payload = on;
	port->payload = payload;
	spin_unlock(&port->lock);
}

void mach_port_set_qlimit(struct mach_port *port, u32 limit)
{
	spin_lock(&port->lock);
	port->queue.limit = limit;
	mach_queue_admit(&port->queue);
	spin_unlock(&port->lock);
}

void mach_port_get_status(struct mach_port *port, struct mach_port_status *out)
{
	spin_lock(&port->lock);
	*out = (struct mach_port_status){
		.set = port->queue.set,
		.seqno = port->queue.seqno,
		.mscount = port->mscount,
		.qlimit = port->queue.limit,
		.msgcount = port->queue.count,
		.sorights = port->sorights,
		.srights = port->srights,
		.dead_name_requests = port->request_count,
		.no_senders = port->no_senders,
		.destroyed = port->destroyed,
	};
	spin_unlock(&port->lock);
}

bool mach_port_move_member(struct mach_port *port, struct mach_pset *set)
{
	struct mach_pset *old;

	spin_lock(&port->lock);
	/* Not even the order of arrival changes. */
	if (set && port->queue.set == set) {
		spin_unlock(&port->lock);
		return true;
	}
	old = mach_queue_leave(&port->queue);
	if (set)
		mach_queue_join(&port->queue, mach_pset_get(set));
	spin_unlock(&port->lock);
	put_set(old);
	return set || old;
}

void mach_port_watch(struct mach_port *port, struct mach_watch *watch)
{
	spin_lock(&port->lock);
	list_add_tail(&watch->link, &port->queue.watches);
	spin_unlock(&port->lock);
}

void mach_port_unwatch(struct mach_port *port, struct mach_watch *watch)
{
	spin_lock(&port->lock);
	list_del_init(&watch->link);
	spin_unlock(&port->lock);
}

__poll_t mach_port_poll(struct mach_port *port, const struct mach_watch *watch)
{
	__poll_t events;

	spin_lock(&port->lock);
	if (port->queue.set && !list_empty(&watch->link))
		events = EPOLLERR;
	else
		events = mach_watch_poll(watch, mach_queue_peek(&port->queue));
	spin_unlock(&port->lock);
	return events;
}
