// SPDX-License-Identifier: GPL-2.0
/*
 * Name tables: see space.h.
 */
#include <linux/err.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "limits.h"
#include "mapping.h"
#include "marequest.h"
#include "port.h"
#include "pset.h"
#include "space.h"

static struct workqueue_struct *death_row;
static atomic64_t last_id = ATOMIC64_INIT(0);

/*
 * All spaces by their ids, from before anybody can know the id until they
 * begin to be destroyed; no references: a space in here has some.  Its lock is
 * a leaf.
 */
static DEFINE_XARRAY_FLAGS(spaces, XA_FLAGS_ACCOUNT);

void (*mach_space_destroy)(struct mach_space *space);

/*
 * ---- life ----
 */

static void die(struct work_struct *work)
{
	struct mach_space *space = container_of(work, struct mach_space, death);

	xa_erase(&spaces, space->id);
	mach_space_destroy(space);
	mach_space_put(space);
}

/* Any context, also atomic. */
static void begin_death(struct mach_space *space)
{
	if (test_and_set_bit(0, &space->dying))
		return;
	mach_space_get(space);
	queue_work(death_row, &space->death);
}

static void mm_died(void *owner)
{
	begin_death(owner);
}

static struct mach_space *alloc_space(void)
{
	struct mach_space *space;

	space = kzalloc(sizeof(*space), GFP_KERNEL_ACCOUNT);
	if (!space)
		return NULL;
	refcount_set(&space->refs, 1);
	space->id = atomic64_inc_return(&last_id);
	INIT_WORK(&space->death, die);
	mutex_init(&space->lock);
	mach_names_init(&space->names);
	space->ports = RB_ROOT;
	INIT_LIST_HEAD(&space->threads);
	space->mm = current->mm;
	mach_live_inc(MACH_LIVE_TASKS);
	return space;
}

/* Not yet, or no longer, known to anybody else. */
static void free_space(struct mach_space *space)
{
	WARN_ON(!RB_EMPTY_ROOT(&space->ports) || !list_empty(&space->threads));
	if (space->self)
		mach_port_put(space->self);
	if (space->sender)
		mach_sender_put(space->sender);
	if (space->opener)
		mach_sender_put(space->opener);
	if (space->user)
		mach_user_put(space->user);
	mach_names_destroy(&space->names);
	kfree(space->spare);
	mutex_destroy(&space->lock);
	kfree(space);
	mach_live_dec(MACH_LIVE_TASKS);
}

/* One reference is the receive right's, the other space->self. */
static bool create_self(struct mach_space *space)
{
	space->self = mach_port_create(space->user);
	if (!space->self)
		return false;
	mach_port_get(space->self);
	mach_port_hold_kernel(space->self, MACH_OBJECT_TASK, space);
	return true;
}

static bool create_identity(struct mach_space *space)
{
	space->user = mach_user_get_current();
	if (!space->user)
		return false;
	space->opener = mach_sender_create(space->id, space->user);
	if (!space->opener)
		return false;
	space->sender = mach_sender_get(space->opener);
	return true;
}

struct mach_space *mach_space_create(void)
{
	struct mach_space *space = alloc_space();
	struct mach_mapping *mapping;

	if (!space)
		return ERR_PTR(-ENOMEM);
	if (!create_identity(space) || !create_self(space)) {
		free_space(space);
		return ERR_PTR(-ENOMEM);
	}
	if (xa_insert(&spaces, space->id, space, GFP_KERNEL_ACCOUNT)) {
		begin_death(space);
		mach_space_put(space);
		return ERR_PTR(-ENOMEM);
	}
	mapping = mach_mapping_create(mm_died, space);
	if (IS_ERR(mapping)) {
		begin_death(space);
		mach_space_put(space);
		return ERR_CAST(mapping);
	}
	space->mapping = mapping;
	return space;
}

struct mach_space *mach_space_get(struct mach_space *space)
{
	refcount_inc(&space->refs);
	return space;
}

void mach_space_put(struct mach_space *space)
{
	if (refcount_dec_and_test(&space->refs))
		free_space(space);
}

void mach_space_detach(struct mach_space *space)
{
	begin_death(space);
	mach_mapping_detach(space->mapping);
	/* A process that closes waits for it; one that exits need not. */
	if (!(current->flags & PF_EXITING))
		flush_work(&space->death);
}

struct mach_space *mach_space_from_port(struct mach_port *port)
{
	struct mach_space *space = NULL;

	/* In state KERNEL the space lives: it leaves that state first. */
	spin_lock(&port->lock);
	if (port->state == MACH_PORT_KERNEL &&
	    port->object == MACH_OBJECT_TASK &&
	    !mach_space_is_dying(port->holder))
		space = mach_space_get(port->holder);
	spin_unlock(&port->lock);
	return space;
}

struct mach_sender *mach_space_new_sender(struct mach_space *space)
{
	struct mach_sender *sender;

	lockdep_assert_held(&space->lock);
	sender = mach_sender_create(space->id, space->user);
	if (!sender)
		return NULL;
	mach_sender_put(space->sender);
	space->sender = mach_sender_get(sender);
	return sender;
}

/*
 * ---- all spaces ----
 */

struct mach_space *mach_space_by_id(u64 id)
{
	struct mach_space *space;

	xa_lock(&spaces);
	space = xa_load(&spaces, id);
	if (space)
		mach_space_get(space);
	xa_unlock(&spaces);
	return space;
}

struct mach_space *mach_space_next(u64 *id)
{
	unsigned long index = *id;
	struct mach_space *space;

	xa_lock(&spaces);
	space = xa_find(&spaces, &index, ULONG_MAX, XA_PRESENT);
	if (space)
		mach_space_get(space);
	xa_unlock(&spaces);
	*id = index;
	return space;
}

u64 mach_space_last_id(void)
{
	return atomic64_read(&last_id);
}

/*
 * ---- the table ----
 */

static void insert_by_port(struct mach_space *space, struct mach_entry *entry)
{
	struct rb_node **link = &space->ports.rb_node;
	struct rb_node *parent = NULL;

	while (*link) {
		struct mach_entry *other;

		parent = *link;
		other = rb_entry(parent, struct mach_entry, by_port);
		link = entry->port < other->port ? &parent->rb_left :
						   &parent->rb_right;
	}
	rb_link_node(&entry->by_port, parent, link);
	rb_insert_color(&entry->by_port, &space->ports);
}

struct mach_entry *mach_space_find(struct mach_space *space,
				   const struct mach_port *port)
{
	struct rb_node *node = space->ports.rb_node;

	lockdep_assert_held(&space->lock);
	while (node) {
		struct mach_entry *entry =
			rb_entry(node, struct mach_entry, by_port);

		if (entry->port == port)
			return entry;
		node = port < entry->port ? node->rb_left : node->rb_right;
	}
	return NULL;
}

void mach_space_bind(struct mach_space *space, struct mach_entry *entry,
		     struct mach_port *port)
{
	lockdep_assert_held(&space->lock);
	entry->port = port;
	insert_by_port(space, entry);
}

void mach_space_unbind(struct mach_space *space, struct mach_entry *entry)
{
	lockdep_assert_held(&space->lock);
	rb_erase(&entry->by_port, &space->ports);
	entry->port = NULL;
	mach_marequest_forget(entry->marequest);
	entry->marequest = NULL;
}

struct mach_kmsg *mach_space_drop_request(struct mach_entry *entry)
{
	struct mach_kmsg *note;

	if (!entry->request)
		return NULL;
	/* Its lock also waits for a death that is just firing the request. */
	note = mach_port_disarm(entry->port, entry->request);
	kfree(entry->request);
	entry->request = NULL;
	return note;
}

/*
 * The port has died, and has fired the request if there was one: that adds a
 * reference, which belongs to the receiver of the notification.
 */
static void become_dead_name(struct mach_space *space, struct mach_entry *entry)
{
	struct mach_port *port = entry->port;

	if (entry->request) {
		WARN_ON(mach_space_drop_request(entry));
		entry->urefs++;
	}
	if (entry->type & MACH_PORT_TYPE_SEND_ONCE) {
		entry->port = NULL;
		mach_port_use_send_once(port);
	} else {
		mach_space_unbind(space, entry);
		mach_port_put(port);
	}
	entry->type = MACH_PORT_TYPE_DEAD_NAME;
}

struct mach_entry *mach_space_lookup(struct mach_space *space, u32 name)
{
	struct mach_entry *entry;

	lockdep_assert_held(&space->lock);
	entry = mach_names_find(&space->names, name);
	if (entry && entry->port && mach_port_is_dead(entry->port))
		become_dead_name(space, entry);
	return entry;
}

/*
 * A server gives every client's reply right a name, and takes it away with
 * the answer: the struct of the last name that went is kept for the next.
 */
static struct mach_entry *take_spare(struct mach_space *space)
{
	struct mach_entry *entry = space->spare;

	if (!entry)
		return kzalloc(sizeof(*entry), GFP_KERNEL_ACCOUNT);
	space->spare = NULL;
	*entry = (struct mach_entry){};
	return entry;
}

static void put_spare(struct mach_space *space, struct mach_entry *entry)
{
	if (space->spare || space->dead)
		kfree(entry);
	else
		space->spare = entry;
}

/* Charged, of type 0, in no table yet. */
static int alloc_entry(struct mach_space *space, struct mach_entry **out)
{
	struct mach_entry *entry;

	if (space->dead)
		return KERN_INVALID_TASK;
	if (!mach_charge(space->user, MACH_CHARGE_NAMES, 1))
		return KERN_RESOURCE_SHORTAGE;
	entry = take_spare(space);
	if (!entry) {
		mach_uncharge(space->user, MACH_CHARGE_NAMES, 1);
		return KERN_RESOURCE_SHORTAGE;
	}
	mach_live_inc(MACH_LIVE_NAMES);
	WRITE_ONCE(space->count, space->count + 1);
	*out = entry;
	return KERN_SUCCESS;
}

static void free_entry(struct mach_space *space, struct mach_entry *entry)
{
	WARN_ON(entry->port || entry->set);
	WARN_ON(entry->request || entry->marequest);
	put_spare(space, entry);
	mach_uncharge(space->user, MACH_CHARGE_NAMES, 1);
	mach_live_dec(MACH_LIVE_NAMES);
	WRITE_ONCE(space->count, space->count - 1);
}

/* What the table says, in Mach's words. */
static int name_result(int err)
{
	switch (err) {
	case 0:
		return KERN_SUCCESS;
	case -EBUSY:
		return KERN_NAME_EXISTS;
	case -ENOSPC:
		return KERN_NO_SPACE;
	default:
		return KERN_RESOURCE_SHORTAGE;
	}
}

int mach_space_add(struct mach_space *space, struct mach_entry **out)
{
	struct mach_entry *entry;
	int ret;

	lockdep_assert_held(&space->lock);
	ret = alloc_entry(space, &entry);
	if (ret)
		return ret;
	ret = name_result(mach_names_add(&space->names, entry, &entry->name));
	if (ret) {
		free_entry(space, entry);
		return ret;
	}
	*out = entry;
	return KERN_SUCCESS;
}

int mach_space_add_name(struct mach_space *space, u32 name,
			struct mach_entry **out)
{
	struct mach_entry *entry;
	int ret;

	lockdep_assert_held(&space->lock);
	if (mach_names_find(&space->names, name))
		return KERN_NAME_EXISTS;
	ret = alloc_entry(space, &entry);
	if (ret)
		return ret;
	entry->name = name;
	ret = name_result(mach_names_insert(&space->names, name, entry));
	if (ret) {
		free_entry(space, entry);
		return ret;
	}
	*out = entry;
	return KERN_SUCCESS;
}

/* Everything that says the name of an entry. */
static void spread_name(struct mach_entry *entry)
{
	if (entry->type & MACH_PORT_TYPE_RECEIVE)
		mach_port_rename(entry->port, entry->name);
	if (entry->request)
		mach_port_rename_request(entry->port, entry->request,
					 entry->name);
	if (entry->set)
		entry->set->name = entry->name;
	mach_marequest_rename(entry->marequest, entry->name);
}

int mach_space_rename(struct mach_space *space, struct mach_entry *entry,
		      u32 name)
{
	int ret;

	lockdep_assert_held(&space->lock);
	ret = name_result(mach_names_insert(&space->names, name, entry));
	if (ret)
		return ret;
	mach_names_erase(&space->names, entry->name);
	entry->name = name;
	spread_name(entry);
	return KERN_SUCCESS;
}

void mach_space_remove(struct mach_space *space, struct mach_entry *entry)
{
	lockdep_assert_held(&space->lock);
	mach_names_erase(&space->names, entry->name);
	free_entry(space, entry);
}

int mach_space_init(void)
{
	death_row = alloc_workqueue("mach", WQ_UNBOUND, 0);
	return death_row ? 0 : -ENOMEM;
}

void mach_space_exit(void)
{
	/* Waits for the deaths that are under way. */
	destroy_workqueue(death_row);
}
