/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Payers: users who made send-once rights for a port that is not theirs.
 *
 * Whoever makes a send-once right pays for it until a right for that port goes,
 * so that nobody can use up the account of the user whose port he received.
 * The port's creator needs no record: what the others do not pay is his.  Which
 * of a port's rights goes cannot be told and need not be: nobody is ever charged
 * for more than he made.
 *
 * Locks: none of its own; the port's spinlock guards its list.
 */
#ifndef MACH_PAYER_H
#define MACH_PAYER_H

#include <linux/types.h>

struct mach_user;

struct mach_payer {
	struct mach_payer *next;
	struct mach_user *user;		/* a reference */
	u32 rights;			/* charged to him; not 0 when listed */
};

/* For one right, which the user has been charged for; NULL: no memory. */
struct mach_payer *mach_payer_create(struct mach_user *user);

/* One right more for a user who is listed; false: he is not. */
bool mach_payers_raise(struct mach_payer *payers, const struct mach_user *user);

/* A right has gone: uncharged here if somebody is listed (true). */
bool mach_payers_release(struct mach_payer **payers);

/* All are gone: uncharged here.  How many rights they were. */
u32 mach_payers_end(struct mach_payer **payers);

#endif /* MACH_PAYER_H */
