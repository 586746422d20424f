/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The calls on names: make, count, destroy, rename and list them.
 *
 * All functions are called under space->lock; notes and messages that fall
 * off go to an aftermath, for after the unlock.  Results are KERN_ codes, in
 * the order of precedence of spec 2.
 */
#ifndef MACH_REFS_H
#define MACH_REFS_H

#include <linux/types.h>

struct mach_aftermath;
struct mach_entry;
struct mach_space;

/* right is MACH_PORT_RIGHT_* everywhere. */
int mach_refs_allocate(struct mach_space *space, u32 right, u32 *name,
		       struct mach_aftermath *after);
int mach_refs_allocate_name(struct mach_space *space, u32 right, u32 name,
			    struct mach_aftermath *after);
int mach_refs_destroy(struct mach_space *space, u32 name,
		      struct mach_aftermath *after);
int mach_refs_deallocate(struct mach_space *space, u32 name,
			 struct mach_aftermath *after);
int mach_refs_get(struct mach_space *space, u32 name, u32 right, u32 *refs);
int mach_refs_mod(struct mach_space *space, u32 name, u32 right, s32 delta,
		  struct mach_aftermath *after);
int mach_refs_type(struct mach_space *space, u32 name, u32 *type);
int mach_refs_rename(struct mach_space *space, u32 name, u32 new_name);

/* The next name from *@name on, and its type; false at the end. */
bool mach_refs_next(struct mach_space *space, u32 *name, u32 *type);

/* What mach_refs_type() and _get() would say; changes nothing. */
void mach_refs_describe(const struct mach_entry *entry, u32 *type, u32 *urefs);

/* Everything goes: the space is dead. */
void mach_refs_destroy_all(struct mach_space *space,
			   struct mach_aftermath *after);

#endif /* MACH_REFS_H */
