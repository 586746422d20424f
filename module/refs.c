// SPDX-License-Identifier: GPL-2.0
/*
 * Making, counting, destroying, renaming and listing names: see refs.h.
 */
#include <linux/kernel.h>
#include <linux/sched.h>

#include "codec.h"
#include "kmsg.h"
#include "marequest.h"
#include "member.h"
#include "port.h"
#include "pset.h"
#include "refs.h"
#include "right.h"
#include "space.h"

/*
 * ---- making ----
 */

static bool can_allocate(u32 right)
{
	return right == MACH_PORT_RIGHT_RECEIVE ||
	       right == MACH_PORT_RIGHT_PORT_SET ||
	       right == MACH_PORT_RIGHT_DEAD_NAME;
}

static int create_set(struct mach_space *space, struct mach_entry *entry)
{
	entry->set = mach_pset_create(space->user, entry->name);
	if (!entry->set)
		return KERN_RESOURCE_SHORTAGE;
	entry->type = MACH_PORT_TYPE_PORT_SET;
	entry->urefs = 1;
	return KERN_SUCCESS;
}

static int create_right(struct mach_space *space, struct mach_entry *entry,
			u32 right, struct mach_aftermath *after)
{
	switch (right) {
	case MACH_PORT_RIGHT_RECEIVE:
		return mach_right_create(space, entry, after);
	case MACH_PORT_RIGHT_PORT_SET:
		return create_set(space, entry);
	default:
		entry->type = MACH_PORT_TYPE_DEAD_NAME;
		entry->urefs = 1;
		return KERN_SUCCESS;
	}
}

/* The entry is new; without a right it goes again. */
static int fill_entry(struct mach_space *space, struct mach_entry *entry,
		      u32 right, struct mach_aftermath *after)
{
	int ret = create_right(space, entry, right, after);

	if (ret)
		mach_space_remove(space, entry);
	return ret;
}

int mach_refs_allocate(struct mach_space *space, u32 right, u32 *name,
		       struct mach_aftermath *after)
{
	struct mach_entry *entry;
	int ret;

	if (!can_allocate(right))
		return KERN_INVALID_VALUE;
	ret = mach_space_add(space, &entry);
	if (ret)
		return ret;
	ret = fill_entry(space, entry, right, after);
	if (!ret)
		*name = entry->name;
	return ret;
}

int mach_refs_allocate_name(struct mach_space *space, u32 right, u32 name,
			    struct mach_aftermath *after)
{
	struct mach_entry *entry;
	int ret;

	if (!mach_is_name(name) || !can_allocate(right))
		return KERN_INVALID_VALUE;
	ret = mach_space_add_name(space, name, &entry);
	if (ret)
		return ret;
	return fill_entry(space, entry, right, after);
}

/*
 * ---- destroying ----
 */

static void destroy_set(struct mach_space *space, struct mach_entry *entry)
{
	struct mach_pset *set = entry->set;

	entry->set = NULL;
	mach_space_remove(space, entry);
	mach_pset_kill(set);
	mach_member_release_all(set);
	mach_pset_put(set);
}

/*
 * The last sender's going is still reported, but after what the end of the
 * receive right leaves, and port-deleted last of all: as in GNU Mach.
 */
static void destroy_entry(struct mach_space *space, struct mach_entry *entry,
			  struct mach_aftermath *after)
{
	struct mach_port *port = entry->port;
	u32 type = entry->type;
	MACH_AFTERMATH(unsent);
	MACH_AFTERMATH(deleted);

	if (type == MACH_PORT_TYPE_PORT_SET) {
		destroy_set(space, entry);
		return;
	}
	/* Who destroys a name destroys what a death at this moment left. */
	if (mach_right_retire(space, entry, &deleted))
		mach_space_remove(space, entry);
	if (type & MACH_PORT_TYPE_SEND)
		mach_port_release_send(port, &unsent);
	if (type & MACH_PORT_TYPE_SEND_ONCE)
		mach_port_release_send_once(port, after);
	if (type & MACH_PORT_TYPE_RECEIVE)
		mach_port_kill(port, after);
	list_splice_tail(&unsent.work, &after->work);
	list_splice_tail(&deleted.work, &after->work);
}

int mach_refs_destroy(struct mach_space *space, u32 name,
		      struct mach_aftermath *after)
{
	struct mach_entry *entry = mach_space_lookup(space, name);

	if (!entry)
		return KERN_INVALID_NAME;
	destroy_entry(space, entry, after);
	return KERN_SUCCESS;
}

void mach_refs_destroy_all(struct mach_space *space,
			   struct mach_aftermath *after)
{
	u32 name = 1;

	space->dead = true;
	while (mach_names_next(&space->names, &name)) {
		destroy_entry(space, mach_space_lookup(space, name), after);
		cond_resched();
	}
}

/*
 * ---- counting ----
 */

int mach_refs_get(struct mach_space *space, u32 name, u32 right, u32 *refs)
{
	struct mach_entry *entry;

	if (right >= MACH_PORT_RIGHT_NUMBER)
		return KERN_INVALID_VALUE;
	entry = mach_space_lookup(space, name);
	if (!entry)
		return KERN_INVALID_NAME;
	if (!(entry->type & MACH_PORT_TYPE(right)))
		*refs = 0;
	else if (right == MACH_PORT_RIGHT_RECEIVE)
		*refs = 1;
	else
		*refs = entry->urefs;
	return KERN_SUCCESS;
}

/* New count of urefs: KERN_SUCCESS and *urefs, or an error. */
static int add_urefs(const struct mach_entry *entry, s32 delta, u32 max,
		     u32 *urefs)
{
	s64 sum = (s64)entry->urefs + delta;

	if (sum < 0)
		return KERN_INVALID_VALUE;
	if (sum > max)
		return KERN_UREFS_OVERFLOW;
	*urefs = sum;
	return KERN_SUCCESS;
}

static int mod_send(struct mach_space *space, struct mach_entry *entry,
		    s32 delta, struct mach_aftermath *after)
{
	MACH_AFTERMATH(deleted);
	u32 urefs;
	int ret = add_urefs(entry, delta, MACH_PORT_UREFS_SEND_MAX, &urefs);

	if (ret)
		return ret;
	if (urefs) {
		entry->urefs = urefs;
		return KERN_SUCCESS;
	}
	mach_port_release_send(mach_right_take(space, entry,
					       MACH_PORT_TYPE_SEND, &deleted),
			       after);
	list_splice_tail(&deleted.work, &after->work);
	return KERN_SUCCESS;
}

static int mod_dead_name(struct mach_space *space, struct mach_entry *entry,
			 s32 delta)
{
	u32 urefs;
	int ret = add_urefs(entry, delta, MACH_PORT_UREFS_MAX, &urefs);

	if (ret)
		return ret;
	entry->urefs = urefs;
	if (!urefs)
		mach_space_remove(space, entry);
	return KERN_SUCCESS;
}

/* A right that is there once: delta may test for it or destroy it. */
static int mod_single(struct mach_space *space, struct mach_entry *entry,
		      u32 type, s32 delta, struct mach_aftermath *after)
{
	MACH_AFTERMATH(deleted);
	struct mach_port *port;

	if (delta != 0 && delta != -1)
		return KERN_INVALID_VALUE;
	if (delta == 0)
		return KERN_SUCCESS;
	if (type == MACH_PORT_TYPE_PORT_SET) {
		destroy_set(space, entry);
		return KERN_SUCCESS;
	}
	port = mach_right_take(space, entry, type, &deleted);
	if (type == MACH_PORT_TYPE_RECEIVE)
		mach_port_kill(port, after);
	else
		mach_port_release_send_once(port, after);
	list_splice_tail(&deleted.work, &after->work);
	return KERN_SUCCESS;
}

/* The entry has the right. */
static int mod_entry(struct mach_space *space, struct mach_entry *entry,
		     u32 right, s32 delta, struct mach_aftermath *after)
{
	switch (right) {
	case MACH_PORT_RIGHT_SEND:
		return mod_send(space, entry, delta, after);
	case MACH_PORT_RIGHT_DEAD_NAME:
		return mod_dead_name(space, entry, delta);
	default:
		return mod_single(space, entry, MACH_PORT_TYPE(right), delta,
				  after);
	}
}

int mach_refs_mod(struct mach_space *space, u32 name, u32 right, s32 delta,
		  struct mach_aftermath *after)
{
	struct mach_entry *entry;

	if (right >= MACH_PORT_RIGHT_NUMBER)
		return KERN_INVALID_VALUE;
	entry = mach_space_lookup(space, name);
	if (!entry)
		return KERN_INVALID_NAME;
	if (!(entry->type & MACH_PORT_TYPE(right)))
		return KERN_INVALID_RIGHT;
	return mod_entry(space, entry, right, delta, after);
}

int mach_refs_deallocate(struct mach_space *space, u32 name,
			 struct mach_aftermath *after)
{
	struct mach_entry *entry = mach_space_lookup(space, name);
	u32 right;

	if (!entry)
		return KERN_INVALID_NAME;
	if (entry->type & MACH_PORT_TYPE_SEND)
		right = MACH_PORT_RIGHT_SEND;
	else if (entry->type & MACH_PORT_TYPE_SEND_ONCE)
		right = MACH_PORT_RIGHT_SEND_ONCE;
	else if (entry->type & MACH_PORT_TYPE_DEAD_NAME)
		right = MACH_PORT_RIGHT_DEAD_NAME;
	else
		return KERN_INVALID_RIGHT;
	return mod_entry(space, entry, right, -1, after);
}

/*
 * ---- looking ----
 */

static u32 type_of(const struct mach_entry *entry)
{
	u32 type = entry->type;

	if (entry->request)
		type |= MACH_PORT_TYPE_DNREQUEST;
	if (mach_marequest_is_pending(entry->marequest))
		type |= MACH_PORT_TYPE_MAREQUEST;
	return type;
}

/* What the next look at the name would find, without making it so. */
void mach_refs_describe(const struct mach_entry *entry, u32 *type, u32 *urefs)
{
	*type = type_of(entry);
	*urefs = entry->urefs;
	if (!entry->port || !mach_port_is_dead(entry->port))
		return;
	*type = MACH_PORT_TYPE_DEAD_NAME;
	if (entry->request)
		++*urefs;
}

int mach_refs_type(struct mach_space *space, u32 name, u32 *type)
{
	struct mach_entry *entry = mach_space_lookup(space, name);

	if (!entry)
		return KERN_INVALID_NAME;
	*type = type_of(entry);
	return KERN_SUCCESS;
}

bool mach_refs_next(struct mach_space *space, u32 *name, u32 *type)
{
	if (!mach_names_next(&space->names, name))
		return false;
	*type = type_of(mach_space_lookup(space, *name));
	return true;
}

int mach_refs_rename(struct mach_space *space, u32 name, u32 new_name)
{
	struct mach_entry *entry;

	if (!mach_is_name(new_name))
		return KERN_INVALID_VALUE;
	if (mach_space_lookup(space, new_name))
		return KERN_NAME_EXISTS;
	entry = mach_space_lookup(space, name);
	if (!entry)
		return KERN_INVALID_NAME;
	return mach_space_rename(space, entry, new_name);
}
