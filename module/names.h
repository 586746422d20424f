/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A table from port names to pointers.
 *
 * Names that the module chooses are small and dense: an index into an array
 * that doubles when it is full.  A name that was freed goes to the end of the
 * list of free ones, so that a stale name does not soon mean something else.
 * Names that the user chose beyond the array (mach_port_allocate_name and the
 * like take any 32-bit number) are in an xarray until the array grows over
 * them.
 *
 * Locks: none of its own; the owner has a mutex.  Functions may sleep.
 */
#ifndef MACH_NAMES_H
#define MACH_NAMES_H

#include <linux/nospec.h>
#include <linux/types.h>
#include <linux/xarray.h>

struct mach_name_slot {
	void *value;		/* NULL: free, and on the list */
	u32 next, prev;		/* neighbours on the free list, or 0 */
};

struct mach_names {
	struct mach_name_slot *slots;	/* slot 0 is never used */
	u32 capacity;			/* slots, with slot 0 */
	u32 first_free, last_free;	/* 0: none */
	struct xarray far;		/* names >= capacity */
};

void mach_names_init(struct mach_names *names);
/* Frees the table, which must hold no name. */
void mach_names_destroy(struct mach_names *names);

/* @value under a free name: 0, -ENOSPC (none left) or -ENOMEM. */
int mach_names_add(struct mach_names *names, void *value, u32 *name);

/* @value under @name, not 0: 0, -EBUSY (in use) or -ENOMEM. */
int mach_names_insert(struct mach_names *names, u32 name, void *value);

/* The name is in use. */
void mach_names_erase(struct mach_names *names, u32 name);

/* The value of the first name >= *@name, which is updated; NULL at the end. */
void *mach_names_next(struct mach_names *names, u32 *name);

static inline void *mach_names_find(struct mach_names *names, u32 name)
{
	if (unlikely(name >= names->capacity))
		return xa_load(&names->far, name);
	return names->slots[array_index_nospec(name, names->capacity)].value;
}

#endif /* MACH_NAMES_H */
