/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rights under names: how each disposition takes one out of a space, and how
 * one comes in.
 *
 * All functions are called under space->lock; notes and messages that fall
 * off go to an aftermath, for after the unlock.  Results are KERN_ codes.
 */
#ifndef MACH_RIGHT_H
#define MACH_RIGHT_H

#include <linux/types.h>

struct mach_aftermath;
struct mach_carried;
struct mach_entry;
struct mach_port;
struct mach_space;

/*
 * Is @name, with @disposition, a right that could be sent?  No effect.
 * @dead_ok: a dead name passes where the disposition allows it.  KERN_SUCCESS
 * and the entry, or an error.
 */
int mach_right_check(struct mach_space *space, u32 name, u8 disposition,
		     bool dead_ok, struct mach_entry **out);

/*
 * Take the right out, as @disposition says, into @out.  The names 0 and ~0
 * give NULL and DEAD, a dead name DEAD.  @dest is where a receive right goes
 * (NULL: to another space at once, then @circular may be NULL, too);
 * *@circular is set if it must not arrive.
 *
 * KERN_INVALID_NAME, KERN_INVALID_RIGHT, or KERN_RESOURCE_SHORTAGE (the limit
 * of send-once rights): nothing done, @out is NULL.
 */
int mach_right_capture(struct mach_space *space, u32 name, u8 disposition,
		       struct mach_port *dest, struct mach_carried *out,
		       bool *circular, struct mach_aftermath *after);

/* The same of an entry that has been checked, under the same lock. */
int mach_right_capture_entry(struct mach_space *space,
			     struct mach_entry *entry, u8 disposition,
			     struct mach_port *dest, struct mach_carried *out,
			     bool *circular, struct mach_aftermath *after);

/*
 * Give @right to the space and tell its name (MACH_PORT_NULL and
 * MACH_PORT_DEAD among them).  Empties @right in any case: on failure
 * (KERN_NO_SPACE, KERN_RESOURCE_SHORTAGE, KERN_INVALID_TASK) it is destroyed
 * and the name is MACH_PORT_NULL.
 */
int mach_right_deliver(struct mach_space *space, struct mach_carried *right,
		       u32 *name, struct mach_aftermath *after);

/*
 * The same under a name of the caller's choice (mach_port_insert_right):
 * also KERN_RIGHT_EXISTS, KERN_NAME_EXISTS, KERN_UREFS_OVERFLOW.
 */
int mach_right_deliver_as(struct mach_space *space, struct mach_carried *right,
			  u32 name, struct mach_aftermath *after);

/* A new receive right under the entry, which is new: KERN_RESOURCE_SHORTAGE. */
int mach_right_create(struct mach_space *space, struct mach_entry *entry,
		      struct mach_aftermath *after);

/* Has the space a name with SEND or RECEIVE for the right's port? */
bool mach_right_is_known(struct mach_space *space,
			 const struct mach_carried *right);

/*
 * Take one part (SEND, RECEIVE or SEND_ONCE, which the entry has) out of an
 * entry, and the name with it if it was the only one; the right with its
 * reference is the caller's.  A port-deleted note goes to @after.
 */
struct mach_port *mach_right_take(struct mach_space *space,
				  struct mach_entry *entry, u32 part,
				  struct mach_aftermath *after);

/*
 * All rights of the entry are the caller's, who keeps the port alive by them:
 * free the name.  If the port died a moment ago and its notification names
 * this entry, the name stays, dead, with the one reference that belongs to
 * the receiver of the notification.  Does the name stay?
 */
bool mach_right_retire(struct mach_space *space, struct mach_entry *entry,
		       struct mach_aftermath *after);

#endif /* MACH_RIGHT_H */
