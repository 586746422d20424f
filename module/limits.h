/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Limits: every bound of the module, and what each user has been charged.
 *
 * A mach_user is one kuid's account.  Whoever creates something that costs
 * memory charges it to an account first and may not create it when that
 * fails; the charge is released where the thing is freed.  A charge for
 * something that travels (a message, a memory object) travels with it.
 *
 * Locks: charges are atomics; the table of accounts has a leaf spinlock.
 * Any context that may not sleep may charge, uncharge and put.
 */
#ifndef MACH_LIMITS_H
#define MACH_LIMITS_H

#include <linux/types.h>
#include <linux/uidgid.h>

/* What can be charged.  The unit is in the name or beside it. */
enum mach_charge {
	MACH_CHARGE_PORTS,	/* ports whose creator the user is */
	MACH_CHARGE_NAMES,	/* names in the user's tasks */
	MACH_CHARGE_BYTES,	/* kernel bytes of messages not yet received */
	MACH_CHARGE_PAGES,	/* pages that memory objects hold */
	MACH_CHARGE_SEND_ONCE,	/* send-once rights that the user made */
	MACH_CHARGE_FILES,	/* files in the user's fileports */
	MACH_CHARGES
};

/* Limits of one message; module parameters of the same names set them. */
struct mach_message_limits {
	unsigned int max_inline;	/* bytes, header included */
	unsigned int max_regions;	/* out-of-line regions */
	unsigned int max_ports;		/* port rights */
	unsigned long max_region_bytes;	/* sum over the regions */
	unsigned int share_min;		/* bytes: smaller regions are copied */
	unsigned int max_qlimit;	/* messages; see mach_limit_qlimit() */
};

extern struct mach_message_limits mach_limits;

/* The largest queue limit that a receiver may set, in messages. */
u32 mach_limit_qlimit(void);

struct mach_user;

/* The account of current's real uid; NULL when there is no memory. */
struct mach_user *mach_user_get_current(void);
struct mach_user *mach_user_get(struct mach_user *user);
void mach_user_put(struct mach_user *user);

/* False, and nothing charged, when the limit would be passed. */
bool mach_charge(struct mach_user *user, enum mach_charge kind, u64 amount);
/*
 * One MACH_CHARGE_FILES.  Also false when the user would have more files in
 * fileports than current may have open, unless it has CAP_SYS_RESOURCE: what
 * Linux demands of descriptors in unix sockets.
 */
bool mach_charge_file(struct mach_user *user);
void mach_uncharge(struct mach_user *user, enum mach_charge kind, u64 amount);
/* Would it fit now?  For a refusal before anything has been done. */
bool mach_charge_fits(const struct mach_user *user, enum mach_charge kind,
		      u64 amount);
u64 mach_charge_limit(enum mach_charge kind);
/* What is charged now, and whose account it is: for listings. */
u64 mach_charged(const struct mach_user *user, enum mach_charge kind);
kuid_t mach_user_uid(const struct mach_user *user);

void mach_limits_init(void);
void mach_limits_exit(void);

#endif /* MACH_LIMITS_H */
