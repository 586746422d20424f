// SPDX-License-Identifier: GPL-2.0
/*
 * The table of names: see names.h.
 */
#include <linux/bug.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "names.h"

#define FIRST_CAPACITY	32U
#define LAST_CAPACITY	(1U << 24)

void mach_names_init(struct mach_names *names)
{
	memset(names, 0, sizeof(*names));
	xa_init_flags(&names->far, XA_FLAGS_ACCOUNT);
}

void mach_names_destroy(struct mach_names *names)
{
	u32 name = 1;

	WARN_ON(mach_names_next(names, &name));
	xa_destroy(&names->far);
	kvfree(names->slots);
}

/*
 * ---- the list of free slots ----
 */

static void add_free(struct mach_names *names, u32 name)
{
	struct mach_name_slot *slots = names->slots;

	slots[name].value = NULL;
	slots[name].next = 0;
	slots[name].prev = names->last_free;
	if (names->last_free)
		slots[names->last_free].next = name;
	else
		names->first_free = name;
	names->last_free = name;
}

/* Takes the slot from the list, for @value. */
static void occupy(struct mach_names *names, u32 name, void *value)
{
	struct mach_name_slot *slots = names->slots;
	struct mach_name_slot *slot = &slots[name];

	if (slot->prev)
		slots[slot->prev].next = slot->next;
	else
		names->first_free = slot->next;
	if (slot->next)
		slots[slot->next].prev = slot->prev;
	else
		names->last_free = slot->prev;
	slot->value = value;
}

/*
 * ---- growing ----
 */

/* Names that users chose, over which the array has grown. */
static void take_near(struct mach_names *names, u32 first)
{
	unsigned long name;
	void *value;

	xa_for_each_range(&names->far, name, value, first,
			  names->capacity - 1) {
		xa_erase(&names->far, name);
		occupy(names, name, value);
	}
}

static int grow(struct mach_names *names)
{
	u32 old = names->capacity;
	u32 capacity = max(FIRST_CAPACITY, 2 * old);
	struct mach_name_slot *slots;
	u32 name;

	if (capacity > LAST_CAPACITY)
		return -ENOSPC;
	slots = kvcalloc(capacity, sizeof(*slots), GFP_KERNEL_ACCOUNT);
	if (!slots)
		return -ENOMEM;
	if (old)
		memcpy(slots, names->slots, old * sizeof(*slots));
	kvfree(names->slots);
	names->slots = slots;
	names->capacity = capacity;
	for (name = max(old, 1U); name < capacity; name++)
		add_free(names, name);
	take_near(names, old);
	return 0;
}

/*
 * ---- the table ----
 */

int mach_names_add(struct mach_names *names, void *value, u32 *name)
{
	int err;

	while (!names->first_free) {
		err = grow(names);
		if (err)
			return err;
	}
	*name = names->first_free;
	occupy(names, *name, value);
	return 0;
}

int mach_names_insert(struct mach_names *names, u32 name, void *value)
{
	if (name >= names->capacity)
		return xa_insert(&names->far, name, value, GFP_KERNEL_ACCOUNT);
	name = array_index_nospec(name, names->capacity);
	if (names->slots[name].value)
		return -EBUSY;
	occupy(names, name, value);
	return 0;
}

void mach_names_erase(struct mach_names *names, u32 name)
{
	if (name < names->capacity)
		add_free(names, name);
	else
		xa_erase(&names->far, name);
}

void *mach_names_next(struct mach_names *names, u32 *name)
{
	unsigned long far;
	void *value;

	for (; *name < names->capacity; ++*name) {
		if (names->slots[*name].value)
			return names->slots[*name].value;
	}
	far = *name;
	value = xa_find(&names->far, &far, U32_MAX, XA_PRESENT);
	*name = far;
	return value;
}
