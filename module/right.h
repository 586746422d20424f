/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rights under names: how each disposition takes one out of a space, how one
 * comes in, and the calls that count and destroy them.
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

/* The calls, as in the manual.  right is MACH_PORT_RIGHT_*. */
int mach_right_allocate(struct mach_space *space, u32 right, u32 *name,
			struct mach_aftermath *after);
int mach_right_destroy(struct mach_space *space, u32 name,
		       struct mach_aftermath *after);
int mach_right_deallocate(struct mach_space *space, u32 name,
			  struct mach_aftermath *after);
int mach_right_get_refs(struct mach_space *space, u32 name, u32 right,
			u32 *refs);
int mach_right_mod_refs(struct mach_space *space, u32 name, u32 right,
			s32 delta, struct mach_aftermath *after);
int mach_right_type(struct mach_space *space, u32 name, u32 *type);

/* The port whose receive right @name is, with a reference; NULL if none. */
struct mach_port *mach_right_receive_port(struct mach_space *space, u32 name);

/* Everything goes: the space is dead. */
void mach_right_destroy_all(struct mach_space *space,
			    struct mach_aftermath *after);

#endif /* MACH_RIGHT_H */
