// SPDX-License-Identifier: GPL-2.0
/*
 * Per-user accounts, and the module parameters that bound everything.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/hashtable.h>
#include <linux/mach.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/refcount.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uidgid.h>

#include "limits.h"

struct mach_message_limits mach_limits = {
	.max_inline = 64 * 1024,
	.max_regions = 1024,
	.max_ports = 4096,
	.max_region_bytes = 16UL << 30,
	.share_min = 16 * 1024,
	.max_qlimit = MACH_PORT_QLIMIT_MAX,
};

module_param_named(max_inline, mach_limits.max_inline, uint, 0644);
MODULE_PARM_DESC(max_inline, "bytes of one message, header included");
module_param_named(max_regions, mach_limits.max_regions, uint, 0644);
MODULE_PARM_DESC(max_regions, "out-of-line regions of one message");
module_param_named(max_ports, mach_limits.max_ports, uint, 0644);
MODULE_PARM_DESC(max_ports, "port rights in one message");
module_param_named(max_region_bytes, mach_limits.max_region_bytes, ulong, 0644);
MODULE_PARM_DESC(max_region_bytes, "out-of-line bytes of one message");
module_param_named(share_min, mach_limits.share_min, uint, 0644);
MODULE_PARM_DESC(share_min, "bytes: a smaller region is copied at once");
module_param_named(max_qlimit, mach_limits.max_qlimit, uint, 0644);
MODULE_PARM_DESC(max_qlimit, "largest queue limit of a port, at most 1024");

/* As XNU's largest.  Every message in a queue is charged besides. */
#define MAX_MAX_QLIMIT	1024U

u32 mach_limit_qlimit(void)
{
	return min(READ_ONCE(mach_limits.max_qlimit), MAX_MAX_QLIMIT);
}

static unsigned long charge_limit[MACH_CHARGES] = {
	[MACH_CHARGE_PORTS] = 1UL << 20,
	[MACH_CHARGE_NAMES] = 1UL << 21,
	[MACH_CHARGE_BYTES] = 256UL << 20,
	[MACH_CHARGE_SEND_ONCE] = 1UL << 20,
	[MACH_CHARGE_FILES] = 1UL << 16,
};

/*
 * Pages of memory objects cannot be swapped out: by default one user may hold
 * half of the machine with them.
 */
#define MAX_DEFAULT_PAGES	(4UL << 20)

module_param_named(max_user_ports, charge_limit[MACH_CHARGE_PORTS], ulong,
		   0644);
MODULE_PARM_DESC(max_user_ports, "ports of one user");
module_param_named(max_user_names, charge_limit[MACH_CHARGE_NAMES], ulong,
		   0644);
MODULE_PARM_DESC(max_user_names, "port names of one user");
module_param_named(max_user_bytes, charge_limit[MACH_CHARGE_BYTES], ulong,
		   0644);
MODULE_PARM_DESC(max_user_bytes, "queued message bytes of one user");
module_param_named(max_user_pages, charge_limit[MACH_CHARGE_PAGES], ulong,
		   0644);
MODULE_PARM_DESC(max_user_pages,
		 "out-of-line pages of one user; 0 at load: by the memory");
module_param_named(max_user_send_once, charge_limit[MACH_CHARGE_SEND_ONCE],
		   ulong, 0644);
MODULE_PARM_DESC(max_user_send_once, "send-once rights that one user made");
module_param_named(max_user_files, charge_limit[MACH_CHARGE_FILES], ulong,
		   0644);
MODULE_PARM_DESC(max_user_files, "files in fileports of one user");

struct mach_user {
	struct hlist_node node;		/* in users, under users_lock */
	kuid_t uid;			/* immutable */
	refcount_t refs;		/* 0 only under users_lock */
	atomic64_t charged[MACH_CHARGES];
};

/* Who has many subordinate uids may fill it. */
static DEFINE_HASHTABLE(users, 10);
static DEFINE_SPINLOCK(users_lock);

/* Takes a reference. */
static struct mach_user *find_locked(kuid_t uid)
{
	struct mach_user *user;

	lockdep_assert_held(&users_lock);
	hash_for_each_possible(users, user, node, __kuid_val(uid)) {
		if (uid_eq(user->uid, uid)) {
			refcount_inc(&user->refs);
			return user;
		}
	}
	return NULL;
}

struct mach_user *mach_user_get_current(void)
{
	struct mach_user *user, *fresh;
	kuid_t uid = current_uid();

	fresh = kzalloc(sizeof(*fresh), GFP_KERNEL_ACCOUNT);
	if (!fresh)
		return NULL;

	spin_lock(&users_lock);
	user = find_locked(uid);
	if (!user) {
		user = fresh;
		fresh = NULL;
		user->uid = uid;
		refcount_set(&user->refs, 1);
		hash_add(users, &user->node, __kuid_val(uid));
	}
	spin_unlock(&users_lock);
	kfree(fresh);
	return user;
}

struct mach_user *mach_user_get(struct mach_user *user)
{
	refcount_inc(&user->refs);
	return user;
}

void mach_user_put(struct mach_user *user)
{
	bool last;
	int kind;

	if (refcount_dec_not_one(&user->refs))
		return;
	spin_lock(&users_lock);
	last = refcount_dec_and_test(&user->refs);
	if (last)
		hash_del(&user->node);
	spin_unlock(&users_lock);
	if (!last)
		return;

	for (kind = 0; kind < MACH_CHARGES; kind++)
		WARN_ON_ONCE(atomic64_read(&user->charged[kind]));
	kfree(user);
}

u64 mach_charge_limit(enum mach_charge kind)
{
	return READ_ONCE(charge_limit[kind]);
}

bool mach_charge_fits(const struct mach_user *user, enum mach_charge kind,
		      u64 amount)
{
	u64 limit = mach_charge_limit(kind);

	return amount <= limit &&
	       atomic64_read(&user->charged[kind]) <= limit - amount;
}

bool mach_charge(struct mach_user *user, enum mach_charge kind, u64 amount)
{
	s64 limit = min_t(u64, mach_charge_limit(kind), S64_MAX / 2);

	/* Both sides stay far below 2^63: amount is bounded by its caller. */
	if (amount > limit)
		return false;
	if (atomic64_add_return(amount, &user->charged[kind]) <= limit)
		return true;
	atomic64_sub(amount, &user->charged[kind]);
	return false;
}

bool mach_charge_file(struct mach_user *user)
{
	if (!mach_charge(user, MACH_CHARGE_FILES, 1))
		return false;
	if (atomic64_read(&user->charged[MACH_CHARGE_FILES]) <=
	    (s64)rlimit(RLIMIT_NOFILE) || capable(CAP_SYS_RESOURCE))
		return true;
	mach_uncharge(user, MACH_CHARGE_FILES, 1);
	return false;
}

void mach_uncharge(struct mach_user *user, enum mach_charge kind, u64 amount)
{
	s64 left = atomic64_sub_return(amount, &user->charged[kind]);

	WARN_ON_ONCE(left < 0);
}

u64 mach_charged(const struct mach_user *user, enum mach_charge kind)
{
	return atomic64_read(&user->charged[kind]);
}

kuid_t mach_user_uid(const struct mach_user *user)
{
	return user->uid;
}

void mach_limits_init(void)
{
	if (!charge_limit[MACH_CHARGE_PAGES])
		charge_limit[MACH_CHARGE_PAGES] =
			min(totalram_pages() / 2, MAX_DEFAULT_PAGES);
}

void mach_limits_exit(void)
{
	WARN_ON(!hash_empty(users));
}
