// SPDX-License-Identifier: GPL-2.0
/*
 * Filling in the records of a snapshot: see record.h.
 */
#include <linux/build_bug.h>
#include <linux/cred.h>
#include <linux/list.h>
#include <linux/mach.h>
#include <linux/minmax.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/user_namespace.h>

#include "chunk.h"
#include "kmsg.h"
#include "limits.h"
#include "listing.h"
#include "names.h"
#include "port.h"
#include "pset.h"
#include "record.h"
#include "refs.h"
#include "sender.h"
#include "space.h"
#include "waiter.h"

/* Messages of one port that are listed. */
#define MAX_MESSAGES	1024

/* Slots of messages looked at while a port's spinlock is held. */
#define MAX_STEPS	8192

/* A record of a kind; its type is the kind's struct. */
#define ADD(listing, kind, type)					\
	((struct type *)mach_listing_add(listing, kind, sizeof(struct type)))

static u32 received_type(enum mach_carried_kind kind)
{
	switch (kind) {
	case MACH_CARRIED_SEND:
		return MACH_MSG_TYPE_PORT_SEND;
	case MACH_CARRIED_SEND_ONCE:
		return MACH_MSG_TYPE_PORT_SEND_ONCE;
	case MACH_CARRIED_RECEIVE:
		return MACH_MSG_TYPE_PORT_RECEIVE;
	default:
		return 0;
	}
}

/*
 * ---- messages ----
 */

/* The queue that is being listed, under its port's lock. */
struct queue_walk {
	struct mach_listing *listing;
	struct mach_port *port;
	struct mach_place *place;
	u32 index;		/* of the message at hand */
	u32 flags;		/* MACH_SNAPSHOT_BLOCKED */
	u32 steps;
};

static bool add_message(struct queue_walk *walk, const struct mach_kmsg *kmsg)
{
	struct mach_snapshot_message *out;

	out = ADD(walk->listing, MACH_SNAPSHOT_MESSAGE, mach_snapshot_message);
	if (!out)
		return false;
	out->port = walk->port->id;
	out->sender = kmsg->sender ? kmsg->sender->task_id : 0;
	out->index = walk->index;
	out->id = kmsg->id;
	out->bytes = kmsg->size;
	out->dest = received_type(kmsg->dest.kind);
	out->flags = walk->flags;
	return true;
}

static bool add_region(struct queue_walk *walk,
		       const struct mach_memory *memory, u32 slot)
{
	struct mach_snapshot_memory *out;

	out = ADD(walk->listing, MACH_SNAPSHOT_MEMORY, mach_snapshot_memory);
	if (!out)
		return false;
	out->port = walk->port->id;
	out->index = walk->index;
	out->slot = slot;
	out->bytes = memory->bytes;
	out->pages = memory->count;
	return true;
}

/* A right that no name denotes. */
static bool add_right(struct mach_listing *listing, u64 holder, u32 where,
		      u32 index, u32 slot, const struct mach_carried *right)
{
	u32 type = received_type(right->kind);
	struct mach_snapshot_right *out;

	if (!type)
		return true;
	out = ADD(listing, MACH_SNAPSHOT_RIGHT, mach_snapshot_right);
	if (!out)
		return false;
	out->port = right->port->id;
	out->holder = holder;
	out->where = where;
	out->type = type;
	out->index = index;
	out->slot = slot;
	return true;
}

static bool add_carried(struct queue_walk *walk,
			const struct mach_carried *carried, u32 slot)
{
	if (carried->kind == MACH_CARRIED_MEMORY)
		return add_region(walk, carried->memory, slot);
	return add_right(walk->listing, walk->port->id,
			 MACH_SNAPSHOT_IN_MESSAGE, walk->index, slot, carried);
}

/* One slot: the message itself, its reply right, then what it carries. */
static bool add_slot(struct queue_walk *walk, const struct mach_kmsg *kmsg,
		     u32 slot)
{
	if (slot == 0)
		return add_message(walk, kmsg);
	if (slot == 1)
		return add_carried(walk, &kmsg->reply, 0);
	return add_carried(walk, &kmsg->carried[slot - 2], slot - 1);
}

/* False: the listing is full, or it was long enough for one lock. */
static bool list_message(struct queue_walk *walk, const struct mach_kmsg *kmsg)
{
	struct mach_place *place = walk->place;

	if (walk->index >= place->message) {
		for (; place->slot < kmsg->carried_count + 2; place->slot++)
			if (walk->steps++ >= MAX_STEPS ||
			    !add_slot(walk, kmsg, place->slot))
				return false;
		place->slot = 0;
		place->message = walk->index + 1;
	}
	walk->index++;
	return true;
}

static bool list_queue_locked(struct queue_walk *walk)
{
	struct mach_queue *queue = &walk->port->queue;
	struct mach_waiter *waiter;
	struct mach_kmsg *kmsg;

	list_for_each_entry(kmsg, &queue->messages, link) {
		if (walk->index == MAX_MESSAGES)
			return true;
		if (!list_message(walk, kmsg))
			return false;
	}
	walk->flags = MACH_SNAPSHOT_BLOCKED;
	list_for_each_entry(waiter, &queue->senders, link) {
		if (walk->index == MAX_MESSAGES)
			return true;
		if (!list_message(walk, waiter->kmsg))
			return false;
	}
	return true;
}

static bool list_queue(struct mach_listing *listing, struct mach_port *port,
		       struct mach_place *place)
{
	struct queue_walk walk = {
		.listing = listing,
		.port = port,
		.place = place,
	};
	bool done;

	spin_lock(&port->lock);
	done = list_queue_locked(&walk);
	spin_unlock(&port->lock);
	return done;
}

/*
 * ---- ports ----
 */

/* A fileport's no-senders note goes to nobody: mach_note_create_end(). */
static u64 note_target(const struct mach_kmsg *note)
{
	if (!note || note->dest.kind != MACH_CARRIED_SEND_ONCE)
		return 0;
	return note->dest.port->id;
}

static u32 count_links(const struct list_head *list)
{
	const struct list_head *link;
	u32 count = 0;

	list_for_each(link, list)
		count++;
	return count;
}

static void fill_state_locked(const struct mach_port *port,
			      struct mach_snapshot_port *out)
{
	const struct mach_space *holder = port->holder;

	switch (port->state) {
	case MACH_PORT_HELD:
		out->state = MACH_SNAPSHOT_HELD;
		out->holder = holder->id;
		out->name = port->name;
		break;
	case MACH_PORT_TRANSIT:
		out->state = MACH_SNAPSHOT_TRANSIT;
		break;
	case MACH_PORT_KERNEL:
		out->state = MACH_SNAPSHOT_MODULE;
		out->object = MACH_SNAPSHOT_PORT_TASK + port->object;
		if (port->object == MACH_OBJECT_TASK)
			out->holder = holder->id;
		break;
	case MACH_PORT_DIED:
		out->state = MACH_SNAPSHOT_DEAD;
		break;
	}
}

static void fill_port_locked(const struct mach_port *port,
			     struct mach_snapshot_port *out)
{
	const struct mach_queue *queue = &port->queue;

	if (port->has_payload) {
		out->flags |= MACH_SNAPSHOT_PAYLOAD;
		out->payload = port->payload;
	}
	out->seqno = queue->seqno;
	out->mscount = port->mscount;
	out->qlimit = queue->limit;
	out->msgcount = queue->count;
	out->blocked = count_links(&queue->senders);
	out->srights = port->srights;
	out->sorights = port->sorights;
	out->dead_name_requests = port->request_count;
	out->set = queue->set ? queue->set->id : 0;
	out->no_senders = note_target(port->no_senders);
	out->port_destroyed = note_target(port->destroyed);
	if (out->msgcount + out->blocked > MAX_MESSAGES)
		out->flags |= MACH_SNAPSHOT_MORE;
}

/*
 * Who asks for one task only learns of another's port that there is one; of a
 * port of the module what it stands for, as the calls on it would tell.
 */
static bool is_listed(const struct mach_entry *entry, bool all,
		      const struct mach_snapshot_port *out)
{
	if (entry->type & MACH_PORT_TYPE_RECEIVE)
		return true;
	if (all)
		return out->state != MACH_SNAPSHOT_HELD;
	return out->state == MACH_SNAPSHOT_MODULE;
}

/* False: it has no record here; else with room for one. */
static bool add_port(struct mach_listing *listing, struct mach_entry *entry,
		     bool all)
{
	struct mach_port *port = entry->port;
	struct mach_snapshot_port port_record = {}, *out;
	bool full = all || entry->type & MACH_PORT_TYPE_RECEIVE;

	port_record.id = port->id;
	spin_lock(&port->lock);
	fill_state_locked(port, &port_record);
	if (full)
		fill_port_locked(port, &port_record);
	else
		port_record.flags = MACH_SNAPSHOT_PARTIAL;
	spin_unlock(&port->lock);
	if (!is_listed(entry, all, &port_record))
		return false;
	out = ADD(listing, MACH_SNAPSHOT_PORT, mach_snapshot_port);
	port_record.kind = out->kind;
	port_record.size = out->size;
	*out = port_record;
	return full;
}

/*
 * ---- names ----
 */

static u64 request_target(const struct mach_entry *entry)
{
	u64 target;

	if (!entry->port || !entry->request)
		return 0;
	spin_lock(&entry->port->lock);
	target = note_target(entry->request->note);
	spin_unlock(&entry->port->lock);
	return target;
}

static void add_name(struct mach_listing *listing, struct mach_space *space,
		     const struct mach_entry *entry)
{
	struct mach_snapshot_name *out;

	out = ADD(listing, MACH_SNAPSHOT_NAME, mach_snapshot_name);
	out->task = space->id;
	out->name = entry->name;
	mach_refs_describe(entry, &out->type, &out->urefs);
	if (entry->set)
		out->object = entry->set->id;
	else if (entry->port && out->type != MACH_PORT_TYPE_DEAD_NAME)
		out->object = entry->port->id;
	out->request = request_target(entry);
}

static void add_set(struct mach_listing *listing, struct mach_space *space,
		    struct mach_pset *set)
{
	struct mach_snapshot_set *out;

	out = ADD(listing, MACH_SNAPSHOT_SET, mach_snapshot_set);
	out->id = set->id;
	out->task = space->id;
	out->name = set->name;
	spin_lock(&set->lock);
	out->members = count_links(&set->members);
	spin_unlock(&set->lock);
}

/* The name and what it denotes, without the messages of a port. */
static bool list_name(struct mach_listing *listing, struct mach_space *space,
		      struct mach_entry *entry, bool all,
		      struct mach_place *place)
{
	if (!mach_listing_has_room(listing,
				   sizeof(struct mach_snapshot_name) +
				   max(sizeof(struct mach_snapshot_port),
				       sizeof(struct mach_snapshot_set))))
		return false;
	add_name(listing, space, entry);
	if (entry->set)
		add_set(listing, space, entry->set);
	if (!entry->port || mach_port_is_dead(entry->port) ||
	    !add_port(listing, entry, all))
		return true;
	place->in_port = true;
	place->port = entry->port->id;
	place->message = 0;
	place->slot = 0;
	return true;
}

/* The port may be another's by now, or the name gone. */
static bool list_rest(struct mach_listing *listing, struct mach_entry *entry,
		      struct mach_place *place)
{
	if (entry->name != place->name || !entry->port ||
	    entry->port->id != place->port)
		return true;
	return list_queue(listing, entry->port, place);
}

static bool list_names(struct mach_listing *listing, struct mach_space *space,
		       bool all, struct mach_place *place)
{
	struct mach_entry *entry;
	u32 name = place->name;

	while ((entry = mach_names_next(&space->names, &name))) {
		if (!place->in_port) {
			place->name = name;
			if (!list_name(listing, space, entry, all, place))
				return false;
		}
		if (place->in_port && !list_rest(listing, entry, place))
			return false;
		/* A name that went while its messages were listed. */
		if (place->in_port && place->name < name)
			name = place->name;
		place->in_port = false;
		/* The last name that there can be. */
		if (name == U32_MAX)
			break;
		name++;
	}
	return true;
}

/*
 * ---- tasks ----
 */

/* It may be changing: then some bytes are of the one, some of the other. */
static void copy_comm(struct pid *pid, char comm[TASK_COMM_LEN])
{
	struct task_struct *task;

	rcu_read_lock();
	task = pid_task(pid, PIDTYPE_TGID);
	if (task)
		memcpy(comm, task->comm, TASK_COMM_LEN - 1);
	rcu_read_unlock();
}

static void add_task(struct mach_listing *listing, struct mach_space *space)
{
	struct mach_user *user = space->user;
	struct mach_snapshot_task *out;
	struct mach_trailer opener;

	mach_sender_describe(space->opener, &opener);
	out = ADD(listing, MACH_SNAPSHOT_TASK, mach_snapshot_task);
	out->id = space->id;
	out->port = space->self->id;
	out->pid = opener.pid;
	out->uid = opener.uid;
	out->gid = opener.gid;
	out->names = space->count;
	out->account = from_kuid_munged(current_user_ns(), mach_user_uid(user));
	out->user_ports = mach_charged(user, MACH_CHARGE_PORTS);
	out->user_names = mach_charged(user, MACH_CHARGE_NAMES);
	out->user_bytes = mach_charged(user, MACH_CHARGE_BYTES);
	out->user_pages = mach_charged(user, MACH_CHARGE_PAGES);
	out->user_send_once = mach_charged(user, MACH_CHARGE_SEND_ONCE);
	BUILD_BUG_ON(sizeof(out->comm) != TASK_COMM_LEN);
	copy_comm(space->opener->pid, out->comm);
}

static void add_unnamed(struct mach_listing *listing, struct mach_space *space)
{
	static const u32 which[MACH_SPECIALS] = {
		[MACH_SPECIAL_KERNEL] = MACH_TASK_KERNEL_PORT,
		[MACH_SPECIAL_EXCEPTION] = MACH_TASK_EXCEPTION_PORT,
		[MACH_SPECIAL_BOOTSTRAP] = MACH_TASK_BOOTSTRAP_PORT,
	};
	u32 i;

	for (i = 0; i < MACH_SPECIALS; i++)
		add_right(listing, space->id, MACH_SNAPSHOT_IN_SPECIAL,
			  which[i], 0, &space->special[i]);
	for (i = 0; i < MACH_TASK_PORT_REGISTER_MAX; i++)
		add_right(listing, space->id, MACH_SNAPSHOT_IN_REGISTERED, 0, i,
			  &space->registered[i]);
}

bool mach_record_space(struct mach_listing *listing, struct mach_space *space,
		       bool all, struct mach_place *place)
{
	u32 unnamed = MACH_SPECIALS + MACH_TASK_PORT_REGISTER_MAX;

	lockdep_assert_held(&space->lock);
	if (space->dead)
		return true;
	if (!place->begun) {
		if (!mach_listing_has_room(listing,
				sizeof(struct mach_snapshot_task) +
				unnamed * sizeof(struct mach_snapshot_right)))
			return false;
		add_task(listing, space);
		add_unnamed(listing, space);
		place->begun = true;
		place->name = 1;
	}
	return list_names(listing, space, all, place);
}

bool mach_record_bootstrap(struct mach_listing *listing,
			   const struct mach_carried *right)
{
	return add_right(listing, 0, MACH_SNAPSHOT_IN_INSTANCE, 0, 0, right);
}
