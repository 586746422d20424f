// SPDX-License-Identifier: GPL-2.0
/*
 * Membership in port sets: see member.h.
 */
#include <linux/kernel.h>
#include <linux/sched.h>

#include "member.h"
#include "port.h"
#include "pset.h"
#include "space.h"

/* The set that @name says; NULL for MACH_PORT_NULL. */
static int find_set(struct mach_space *space, u32 name,
		    struct mach_pset **out)
{
	struct mach_entry *entry;

	*out = NULL;
	if (name == MACH_PORT_NULL)
		return KERN_SUCCESS;
	entry = mach_space_lookup(space, name);
	if (!entry)
		return KERN_INVALID_NAME;
	if (entry->type != MACH_PORT_TYPE_PORT_SET)
		return KERN_INVALID_RIGHT;
	*out = entry->set;
	return KERN_SUCCESS;
}

int mach_member_move(struct mach_space *space, u32 name, u32 after)
{
	struct mach_entry *entry = mach_space_lookup(space, name);
	struct mach_pset *set;
	int ret;

	if (!entry)
		return KERN_INVALID_NAME;
	if (!(entry->type & MACH_PORT_TYPE_RECEIVE))
		return KERN_INVALID_RIGHT;
	ret = find_set(space, after, &set);
	if (ret)
		return ret;
	return mach_port_move_member(entry->port, set) ? KERN_SUCCESS :
							 KERN_NOT_IN_SET;
}

/*
 * The ports are this space's, and leave the set only under its lock: so the
 * list stands still, and their names, too.
 */
int mach_member_list(struct mach_space *space, u32 name, u32 *members,
		     u32 capacity, u32 *count)
{
	struct mach_entry *entry = mach_space_lookup(space, name);
	struct mach_port *port;

	*count = 0;
	if (!entry)
		return KERN_INVALID_NAME;
	if (entry->type != MACH_PORT_TYPE_PORT_SET)
		return KERN_INVALID_RIGHT;
	list_for_each_entry(port, &entry->set->members, queue.member) {
		if (*count < capacity)
			members[*count] = port->name;
		++*count;
	}
	return KERN_SUCCESS;
}

void mach_member_release_all(struct mach_pset *set)
{
	struct mach_port *port;

	while ((port = list_first_entry_or_null(&set->members,
						struct mach_port,
						queue.member))) {
		mach_port_move_member(port, NULL);
		cond_resched();
	}
}
