/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Spaces: a task's table of port names.
 *
 * A space is bound to one mm (its mapping) and dies with it or with the last
 * close of its file, whichever comes first: "dying" is set at once and refuses
 * every later call, then a worker empties the table (mach_space_destroy).  The
 * struct stays until its file and its task port have let go of it.
 *
 * Locks: lock (a mutex, the outermost of the module) guards the table and its
 * entries; port locks nest inside.  User memory is never touched under it.
 */
#ifndef MACH_SPACE_H
#define MACH_SPACE_H

#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "kmsg.h"
#include "names.h"
#include "sender.h"
#include "stats.h"

struct mach_mapping;
struct mach_marequest;
struct mach_port;
struct mach_pset;
struct mach_request;
struct mach_sender;
struct mach_user;
struct mm_struct;

/* Slots of special ports. */
enum mach_special {
	MACH_SPECIAL_KERNEL,
	MACH_SPECIAL_EXCEPTION,
	MACH_SPECIAL_BOOTSTRAP,
	MACH_SPECIALS
};

struct mach_space {
	refcount_t refs;

	/* Immutable. */
	u64 id;				/* for traces and listings */
	struct mach_user *user;		/* pays for names and messages */
	struct mach_mapping *mapping;	/* until mach_space_detach() */
	struct mach_port *self;		/* the task port; a reference */
	struct mach_sender *opener;	/* who opened it; a reference */
	/* To compare with, no reference; is that mm while not dying. */
	const struct mm_struct *mm;

	struct mach_stats stats;	/* atomic counters */

	unsigned long dying;		/* bit 0, set once, atomically */
	struct work_struct death;	/* queued by whoever set it */

	/* Under lock. */
	struct mutex lock;
	bool dead;			/* the table is empty for ever */
	struct mach_names names;	/* to mach_entry */
	struct rb_root ports;		/* mach_entry.by_port */
	struct mach_entry *spare;	/* owned, in no table; or NULL */
	u32 count;			/* names; a hint without it */
	struct mach_sender *sender;	/* of the last message; a reference */

	/* Under lock: send rights without a name, see special.h. */
	bool inherited;			/* once is enough */
	unsigned long special_set;	/* bit: a slot is not the default */
	struct mach_carried special[MACH_SPECIALS];
	struct mach_carried registered[MACH_TASK_PORT_REGISTER_MAX];

	struct list_head threads;	/* under lock: see thread.c */
};

/*
 * What a name denotes.  type is a mask of MACH_PORT_TYPE_*: SEND and RECEIVE
 * may stand together, all others alone.
 *
 *	type		port	references	by_port	urefs
 *	SEND, RECEIVE	set	one each	in	send rights held, or 0
 *	SEND_ONCE	set	one		out	1
 *	DEAD_NAME	NULL	none		out	references to it
 *	PORT_SET	NULL	one, for set	out	1
 *
 * However many urefs, a name holds one send right of the port.
 */
struct mach_entry {
	u32 name;
	u32 type;
	u32 urefs;
	struct mach_port *port;
	struct mach_pset *set;
	struct rb_node by_port;
	struct mach_request *request;	/* dead-name request, owned; or NULL */
	struct mach_marequest *marequest;	/* a reference; or NULL */
};

/*
 * For current, with the mapping of its mm and a task port.  ERR_PTR on
 * failure.
 */
struct mach_space *mach_space_create(void);
struct mach_space *mach_space_get(struct mach_space *space);
void mach_space_put(struct mach_space *space);

/*
 * The file is closed: the space lets go of the mm and dies; it is dead when
 * this returns, unless current is exiting.
 */
void mach_space_detach(struct mach_space *space);

static inline bool mach_space_is_dying(const struct mach_space *space)
{
	return test_bit(0, &space->dying);
}

/* Ends the life of a space: its worker calls it once.  Set by the top. */
extern void (*mach_space_destroy)(struct mach_space *space);

/*
 * The space that @port stands for, with a reference; NULL if it is no task
 * port (any more).
 */
struct mach_space *mach_space_from_port(struct mach_port *port);

/*
 * The living space with that id, or with the next larger one, which *@id then
 * is; with a reference, or NULL.
 */
struct mach_space *mach_space_by_id(u64 id);
struct mach_space *mach_space_next(u64 *id);
/* No space that lives now has a larger id. */
u64 mach_space_last_id(void);

/* The rest is called under space->lock. */

/* See mach_space_sender(). */
struct mach_sender *mach_space_new_sender(struct mach_space *space);

/* Current as a sender of this task, with a reference; NULL: no memory. */
static inline struct mach_sender *mach_space_sender(struct mach_space *space)
{
	lockdep_assert_held(&space->lock);
	if (likely(mach_sender_is_current(space->sender)))
		return mach_sender_get(space->sender);
	return mach_space_new_sender(space);
}

/*
 * The entry of @name, or NULL.  A right whose port has died has become a dead
 * name when this returns.
 */
struct mach_entry *mach_space_lookup(struct mach_space *space, u32 name);

/* The entry with SEND or RECEIVE for @port, or NULL. */
struct mach_entry *mach_space_find(struct mach_space *space,
				   const struct mach_port *port);

/*
 * A new entry of type 0 under a name of the module's choice, or under @name.
 * KERN_SUCCESS, KERN_NAME_EXISTS, KERN_NO_SPACE (no name is free),
 * KERN_RESOURCE_SHORTAGE (no memory, or the user's limit), KERN_INVALID_TASK
 * (the space is dead).
 */
int mach_space_add(struct mach_space *space, struct mach_entry **out);
int mach_space_add_name(struct mach_space *space, u32 name,
			struct mach_entry **out);

/* Make the entry one of SEND or RECEIVE for @port; takes a reference over. */
void mach_space_bind(struct mach_space *space, struct mach_entry *entry,
		     struct mach_port *port);
/*
 * The entry holds no SEND or RECEIVE any more; the reference is the caller's.
 */
void mach_space_unbind(struct mach_space *space, struct mach_entry *entry);

/*
 * Frees the dead-name request, while entry->port is set.  Returns its note,
 * which the caller then owns; NULL if there was no request or it has fired.
 */
struct mach_kmsg *mach_space_drop_request(struct mach_entry *entry);

/*
 * Give the entry another name, which must not be in use.  KERN_SUCCESS,
 * KERN_RESOURCE_SHORTAGE.
 */
int mach_space_rename(struct mach_space *space, struct mach_entry *entry,
		      u32 name);

/* Frees the name; the entry must own nothing. */
void mach_space_remove(struct mach_space *space, struct mach_entry *entry);

int mach_space_init(void);
void mach_space_exit(void);

#endif /* MACH_SPACE_H */
