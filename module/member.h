/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Membership in port sets, by names.
 *
 * All functions are called under the lock of the space that has the ports and
 * the set; results are KERN_ codes.
 */
#ifndef MACH_MEMBER_H
#define MACH_MEMBER_H

#include <linux/types.h>

struct mach_pset;
struct mach_space;

/* Put @name into the set @after, or into none if that is MACH_PORT_NULL. */
int mach_member_move(struct mach_space *space, u32 name, u32 after);

/*
 * The names of the members of the set @name, at most @capacity, and how many
 * there are.
 */
int mach_member_list(struct mach_space *space, u32 name, u32 *members,
		     u32 capacity, u32 *count);

/* The set is dead: its members are in none any more. */
void mach_member_release_all(struct mach_pset *set);

#endif /* MACH_MEMBER_H */
