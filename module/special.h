/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A task's special ports and registered ports.
 *
 * They are send rights that the space holds under no name (space->special and
 * space->registered, under its lock).  One whose port has died is given out
 * as MACH_CARRIED_DEAD.  No space lock is held by the caller.
 */
#ifndef MACH_SPECIAL_H
#define MACH_SPECIAL_H

#include <linux/mach.h>
#include <linux/types.h>

struct mach_aftermath;
struct mach_carried;
struct mach_space;

/* A new send right for the task's own port, whatever its special port is. */
void mach_special_own_port(struct mach_space *space, struct mach_carried *out);

/*
 * A copy of the special port @which (MACH_TASK_*_PORT).  KERN_SUCCESS,
 * KERN_INVALID_ARGUMENT (no such port), KERN_FAILURE (the task is dead).
 */
int mach_special_get(struct mach_space *task, u32 which,
		     struct mach_carried *out, struct mach_aftermath *after);

/*
 * Replace it by @right (SEND, DEAD or NULL), which is emptied on success;
 * results as above.
 */
int mach_special_set(struct mach_space *task, u32 which,
		     struct mach_carried *right, struct mach_aftermath *after);

/* Replace all registered ports; takes the rights, always.  KERN_FAILURE. */
int mach_special_register(struct mach_space *task,
			  struct mach_carried rights[],
			  struct mach_aftermath *after);
void mach_special_lookup(struct mach_space *task, struct mach_carried out[]);

/*
 * @child gets copies of what @parent has.  KERN_NO_ACCESS: it has already.
 * KERN_FAILURE: one of them is dead.
 */
int mach_special_inherit(struct mach_space *child, struct mach_space *parent,
			 struct mach_aftermath *after);

/* The space is dead. */
void mach_special_release_all(struct mach_space *space,
			      struct mach_aftermath *after);

#endif /* MACH_SPECIAL_H */
