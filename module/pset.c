// SPDX-License-Identifier: GPL-2.0
/*
 * Port sets, without their members' side: see pset.h; mach_queue_join() and
 * mach_queue_leave() have that.
 */
#include <linux/bug.h>
#include <linux/slab.h>

#include "kmsg.h"
#include "limits.h"
#include "pset.h"
#include "stats.h"
#include "waiter.h"

static atomic64_t last_id = ATOMIC64_INIT(0);

struct mach_pset *mach_pset_create(struct mach_user *user, u32 name)
{
	struct mach_pset *pset;

	if (!mach_charge(user, MACH_CHARGE_PORTS, 1))
		return NULL;
	pset = kzalloc(sizeof(*pset), GFP_KERNEL_ACCOUNT);
	if (!pset) {
		mach_uncharge(user, MACH_CHARGE_PORTS, 1);
		return NULL;
	}
	refcount_set(&pset->refs, 1);
	pset->id = atomic64_inc_return(&last_id);
	pset->user = mach_user_get(user);
	pset->name = name;
	spin_lock_init(&pset->lock);
	INIT_LIST_HEAD(&pset->messages);
	INIT_LIST_HEAD(&pset->receivers);
	INIT_LIST_HEAD(&pset->watches);
	INIT_LIST_HEAD(&pset->members);
	mach_live_inc(MACH_LIVE_SETS);
	return pset;
}

struct mach_pset *mach_pset_get(struct mach_pset *pset)
{
	refcount_inc(&pset->refs);
	return pset;
}

void mach_pset_put(struct mach_pset *pset)
{
	if (!refcount_dec_and_test(&pset->refs))
		return;
	WARN_ON(!pset->dead);
	WARN_ON(!list_empty(&pset->members) || !list_empty(&pset->messages));
	WARN_ON(!list_empty(&pset->watches));
	mach_uncharge(pset->user, MACH_CHARGE_PORTS, 1);
	mach_user_put(pset->user);
	kfree(pset);
	mach_live_dec(MACH_LIVE_SETS);
}

bool mach_pset_push(struct mach_pset *pset, struct mach_kmsg *kmsg,
		    u32 *seqno)
{
	bool taken;

	spin_lock(&pset->lock);
	taken = mach_waiters_serve(&pset->receivers, kmsg, seqno);
	if (!taken) {
		list_add_tail(&kmsg->set_link, &pset->messages);
		mach_watches_tell(&pset->watches);
	}
	spin_unlock(&pset->lock);
	return taken;
}

void mach_pset_forget(struct mach_pset *pset, struct mach_kmsg *kmsg)
{
	spin_lock(&pset->lock);
	list_del_init(&kmsg->set_link);
	spin_unlock(&pset->lock);
}

void mach_pset_kill(struct mach_pset *pset)
{
	spin_lock(&pset->lock);
	pset->dead = true;
	mach_waiters_finish_all(&pset->receivers, MACH_WAIT_DIED);
	mach_watches_end(&pset->watches);
	spin_unlock(&pset->lock);
}

void mach_pset_watch(struct mach_pset *pset, struct mach_watch *watch)
{
	spin_lock(&pset->lock);
	if (!pset->dead)
		list_add_tail(&watch->link, &pset->watches);
	spin_unlock(&pset->lock);
}

void mach_pset_unwatch(struct mach_pset *pset, struct mach_watch *watch)
{
	spin_lock(&pset->lock);
	list_del_init(&watch->link);
	spin_unlock(&pset->lock);
}

__poll_t mach_pset_poll(struct mach_pset *pset, const struct mach_watch *watch)
{
	__poll_t events;

	spin_lock(&pset->lock);
	events = mach_watch_poll(watch, !list_empty(&pset->messages));
	spin_unlock(&pset->lock);
	return events;
}
