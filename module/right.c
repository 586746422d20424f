// SPDX-License-Identifier: GPL-2.0
/*
 * The transitions of rights under names: see right.h.
 */
#include <linux/bug.h>
#include <linux/kernel.h>
#include <linux/nospec.h>
#include <linux/sched.h>

#include "kmsg.h"
#include "note.h"
#include "port.h"
#include "right.h"
#include "space.h"
#include "trace.h"

#define TYPE_SEND_RECEIVE	(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE)

/*
 * What a disposition needs under the name.  A dead name does for all that
 * take a send or send-once right (spec 2.1).
 */
static const u32 needed_type[] = {
	[MACH_MSG_TYPE_MOVE_RECEIVE] = MACH_PORT_TYPE_RECEIVE,
	[MACH_MSG_TYPE_MOVE_SEND] = MACH_PORT_TYPE_SEND |
				    MACH_PORT_TYPE_DEAD_NAME,
	[MACH_MSG_TYPE_MOVE_SEND_ONCE] = MACH_PORT_TYPE_SEND_ONCE |
					 MACH_PORT_TYPE_DEAD_NAME,
	[MACH_MSG_TYPE_COPY_SEND] = MACH_PORT_TYPE_SEND |
				    MACH_PORT_TYPE_DEAD_NAME,
	[MACH_MSG_TYPE_MAKE_SEND] = MACH_PORT_TYPE_RECEIVE,
	[MACH_MSG_TYPE_MAKE_SEND_ONCE] = MACH_PORT_TYPE_RECEIVE,
};

/*
 * ---- parts of an entry that go ----
 */

static void add_port_deleted(struct mach_entry *entry, struct mach_kmsg *note,
			     struct mach_aftermath *after)
{
	mach_note_set(note, MACH_NOTIFY_PORT_DELETED, entry->name);
	list_add_tail(&note->link, &after->work);
}

bool mach_right_retire(struct mach_space *space, struct mach_entry *entry,
		       struct mach_aftermath *after)
{
	bool requested = entry->request;
	struct mach_kmsg *note = mach_space_drop_request(entry);

	if (entry->type & TYPE_SEND_RECEIVE)
		mach_space_unbind(space, entry);
	entry->port = NULL;
	if (requested && !note) {
		entry->type = MACH_PORT_TYPE_DEAD_NAME;
		entry->urefs = 1;
		return true;
	}
	if (note)
		add_port_deleted(entry, note, after);
	mach_space_remove(space, entry);
	return false;
}

struct mach_port *mach_right_take(struct mach_space *space,
				  struct mach_entry *entry, u32 part,
				  struct mach_aftermath *after)
{
	struct mach_port *port = entry->port;

	if (part == MACH_PORT_TYPE_SEND)
		entry->urefs = 0;
	if (entry->type == part)
		mach_right_retire(space, entry, after);
	else
		entry->type &= ~part;
	return port;
}

static void drop_dead_name_ref(struct mach_space *space,
			       struct mach_entry *entry)
{
	if (--entry->urefs == 0)
		mach_space_remove(space, entry);
}

/*
 * ---- out of the space ----
 */

static int check_entry(const struct mach_entry *entry, u8 disposition)
{
	if (!entry)
		return KERN_INVALID_NAME;
	disposition = array_index_nospec(disposition, ARRAY_SIZE(needed_type));
	return entry->type & needed_type[disposition] ? KERN_SUCCESS :
							KERN_INVALID_RIGHT;
}

int mach_right_check(struct mach_space *space, u32 name, u8 disposition,
		     bool dead_ok, struct mach_entry **out)
{
	struct mach_entry *entry = mach_space_lookup(space, name);

	*out = entry;
	if (!dead_ok && entry && entry->type == MACH_PORT_TYPE_DEAD_NAME)
		return KERN_INVALID_RIGHT;
	return check_entry(entry, disposition);
}

static void capture_send(struct mach_port *port, struct mach_carried *out)
{
	if (!mach_port_copy_send(port)) {
		out->kind = MACH_CARRIED_DEAD;
		return;
	}
	out->kind = MACH_CARRIED_SEND;
	out->port = port;
}

static void move_send(struct mach_space *space, struct mach_entry *entry,
		      struct mach_carried *out, struct mach_aftermath *after)
{
	if (entry->urefs > 1) {
		entry->urefs--;
		capture_send(entry->port, out);
		return;
	}
	out->kind = MACH_CARRIED_SEND;
	out->port = mach_right_take(space, entry, MACH_PORT_TYPE_SEND, after);
}

static void move_receive(struct mach_space *space, struct mach_entry *entry,
			 struct mach_port *dest, struct mach_carried *out,
			 bool *circular, struct mach_aftermath *after)
{
	out->kind = MACH_CARRIED_RECEIVE;
	out->port = mach_right_take(space, entry, MACH_PORT_TYPE_RECEIVE,
				    after);
	if (!mach_port_move(out->port, dest))
		*circular = true;
}

static int make_send_once(struct mach_space *space, struct mach_port *port,
			  struct mach_carried *out)
{
	if (!mach_port_make_send_once(port, space->user))
		return KERN_RESOURCE_SHORTAGE;
	out->kind = MACH_CARRIED_SEND_ONCE;
	out->port = port;
	return KERN_SUCCESS;
}

/* A dead name was found where a right may be dead. */
static void capture_dead(struct mach_space *space, struct mach_entry *entry,
			 u8 disposition, struct mach_carried *out)
{
	out->kind = MACH_CARRIED_DEAD;
	if (disposition != MACH_MSG_TYPE_COPY_SEND)
		drop_dead_name_ref(space, entry);
}

int mach_right_capture_entry(struct mach_space *space,
			     struct mach_entry *entry, u8 disposition,
			     struct mach_port *dest, struct mach_carried *out,
			     bool *circular, struct mach_aftermath *after)
{
	if (entry->type == MACH_PORT_TYPE_DEAD_NAME) {
		capture_dead(space, entry, disposition, out);
		return KERN_SUCCESS;
	}
	trace_mach_right(space->id, entry->port->id, entry->name, disposition,
			 false);
	switch (disposition) {
	case MACH_MSG_TYPE_MAKE_SEND:
		mach_port_make_send(entry->port);
		out->kind = MACH_CARRIED_SEND;
		out->port = entry->port;
		break;
	case MACH_MSG_TYPE_MAKE_SEND_ONCE:
		return make_send_once(space, entry->port, out);
	case MACH_MSG_TYPE_COPY_SEND:
		capture_send(entry->port, out);
		break;
	case MACH_MSG_TYPE_MOVE_SEND:
		move_send(space, entry, out, after);
		break;
	case MACH_MSG_TYPE_MOVE_SEND_ONCE:
		out->kind = MACH_CARRIED_SEND_ONCE;
		out->port = mach_right_take(space, entry,
					    MACH_PORT_TYPE_SEND_ONCE, after);
		break;
	case MACH_MSG_TYPE_MOVE_RECEIVE:
		move_receive(space, entry, dest, out, circular, after);
		break;
	}
	return KERN_SUCCESS;
}

int mach_right_capture(struct mach_space *space, u32 name, u8 disposition,
		       struct mach_port *dest, struct mach_carried *out,
		       bool *circular, struct mach_aftermath *after)
{
	struct mach_entry *entry;
	int ret;

	out->kind = MACH_CARRIED_NULL;
	if (name == MACH_PORT_NULL)
		return KERN_SUCCESS;
	if (name == MACH_PORT_DEAD) {
		out->kind = MACH_CARRIED_DEAD;
		return KERN_SUCCESS;
	}
	entry = mach_space_lookup(space, name);
	ret = check_entry(entry, disposition);
	if (ret)
		return ret;
	return mach_right_capture_entry(space, entry, disposition, dest, out,
					circular, after);
}

/*
 * ---- into the space ----
 */

/* The entry has SEND already, and with it a right of its own. */
static void add_send_ref(struct mach_entry *entry, struct mach_carried *right,
			 struct mach_aftermath *after)
{
	/* At the top it stays: GNU Mach pegs, too, rather than refuse. */
	if (entry->urefs < MACH_PORT_UREFS_SEND_MAX)
		entry->urefs++;
	mach_port_release(right, after);
}

/* The entry knows the port, or is new and bound to it. */
static void merge(struct mach_space *space, struct mach_entry *entry,
		  struct mach_carried *right, struct mach_aftermath *after)
{
	if (right->kind == MACH_CARRIED_RECEIVE) {
		mach_port_hold(right->port, space, entry->name);
		entry->type |= MACH_PORT_TYPE_RECEIVE;
	} else if (entry->type & MACH_PORT_TYPE_SEND) {
		add_send_ref(entry, right, after);
	} else {
		entry->type |= MACH_PORT_TYPE_SEND;
		entry->urefs = 1;
	}
	right->kind = MACH_CARRIED_NULL;
}

/* The entry is new; its name is the right's from now on. */
static void fill(struct mach_space *space, struct mach_entry *entry,
		 struct mach_carried *right, struct mach_aftermath *after)
{
	if (right->kind == MACH_CARRIED_SEND_ONCE) {
		entry->type = MACH_PORT_TYPE_SEND_ONCE;
		entry->urefs = 1;
		entry->port = right->port;
		right->kind = MACH_CARRIED_NULL;
		return;
	}
	mach_space_bind(space, entry, right->port);
	merge(space, entry, right, after);
}

static struct mach_entry *find_known(struct mach_space *space,
				     const struct mach_carried *right)
{
	if (right->kind == MACH_CARRIED_SEND_ONCE)
		return NULL;
	return mach_space_find(space, right->port);
}

static int deliver_alive(struct mach_space *space, struct mach_carried *right,
			 u32 *name, struct mach_aftermath *after)
{
	struct mach_entry *entry = find_known(space, right);
	int ret;

	if (entry) {
		merge(space, entry, right, after);
	} else {
		ret = mach_space_add(space, &entry);
		if (ret)
			return ret;
		fill(space, entry, right, after);
	}
	trace_mach_right(space->id, entry->port->id, entry->name, entry->type,
			 true);
	*name = entry->name;
	return KERN_SUCCESS;
}

int mach_right_deliver(struct mach_space *space, struct mach_carried *right,
		       u32 *name, struct mach_aftermath *after)
{
	int ret;

	*name = MACH_PORT_NULL;
	if (right->kind == MACH_CARRIED_NULL)
		return KERN_SUCCESS;
	if (right->kind == MACH_CARRIED_DEAD ||
	    mach_port_is_dead(right->port)) {
		*name = MACH_PORT_DEAD;
		mach_port_release(right, after);
		return KERN_SUCCESS;
	}
	ret = deliver_alive(space, right, name, after);
	if (ret)
		mach_port_release(right, after);
	return ret;
}

/* May the right join @entry, which stands under the wanted name? */
static int check_merge(const struct mach_entry *entry,
		       const struct mach_carried *right)
{
	if (right->kind == MACH_CARRIED_SEND &&
	    entry->type & MACH_PORT_TYPE_SEND &&
	    entry->urefs == MACH_PORT_UREFS_SEND_MAX)
		return KERN_UREFS_OVERFLOW;
	return KERN_SUCCESS;
}

static int deliver_alive_as(struct mach_space *space,
			    struct mach_carried *right, u32 name,
			    struct mach_aftermath *after)
{
	struct mach_entry *entry = find_known(space, right);
	int ret;

	if (entry && entry->name != name)
		return KERN_RIGHT_EXISTS;
	if (entry) {
		ret = check_merge(entry, right);
		if (!ret)
			merge(space, entry, right, after);
		return ret;
	}
	/* A right that has died under the name is in the way, too. */
	mach_space_lookup(space, name);
	ret = mach_space_add_name(space, name, &entry);
	if (!ret)
		fill(space, entry, right, after);
	return ret;
}

int mach_right_deliver_as(struct mach_space *space, struct mach_carried *right,
			  u32 name, struct mach_aftermath *after)
{
	int ret = KERN_INVALID_CAPABILITY;

	if (right->kind != MACH_CARRIED_NULL &&
	    right->kind != MACH_CARRIED_DEAD &&
	    !mach_port_is_dead(right->port))
		ret = deliver_alive_as(space, right, name, after);
	/* A failed insert consumes the right: spec 2 [qemu]. */
	mach_port_release(right, after);
	return ret;
}

int mach_right_create(struct mach_space *space, struct mach_entry *entry,
		      struct mach_aftermath *after)
{
	struct mach_carried right = { .kind = MACH_CARRIED_RECEIVE };

	right.port = mach_port_create(space->user);
	if (!right.port)
		return KERN_RESOURCE_SHORTAGE;
	fill(space, entry, &right, after);
	return KERN_SUCCESS;
}

bool mach_right_is_known(struct mach_space *space,
			 const struct mach_carried *right)
{
	if (right->kind != MACH_CARRIED_SEND &&
	    right->kind != MACH_CARRIED_RECEIVE)
		return false;
	return mach_space_find(space, right->port);
}
