// SPDX-License-Identifier: GPL-2.0
/*
 * Allocation and release of in-kernel messages: see kmsg.h.
 */
#include <linux/bug.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "kmsg.h"
#include "limits.h"
#include "sender.h"
#include "stats.h"

/*
 * Most messages are small: their wire image fits into an object of a cache,
 * which is quicker than kvmalloc and shows up by name in /proc/slabinfo.
 */
#define CACHED_WIRE	144

static struct kmem_cache *cache;

static bool is_cached(u32 size)
{
	return size <= CACHED_WIRE;
}

/* The wire image is overwritten in full by whoever fills it. */
static struct mach_kmsg *alloc(u32 size, gfp_t gfp)
{
	struct mach_kmsg *kmsg;

	if (is_cached(size))
		kmsg = kmem_cache_alloc(cache, gfp);
	else
		kmsg = kvmalloc(sizeof(*kmsg) + size, gfp);
	if (!kmsg)
		return NULL;

	*kmsg = (struct mach_kmsg){ .size = size };
	INIT_LIST_HEAD(&kmsg->link);
	INIT_LIST_HEAD(&kmsg->set_link);
	mach_live_inc(MACH_LIVE_MESSAGES);
	mach_live_add(MACH_LIVE_BYTES, size);
	return kmsg;
}

static bool charge(struct mach_kmsg *kmsg, struct mach_user *user, u64 bytes)
{
	if (!mach_charge(user, MACH_CHARGE_BYTES, bytes))
		return false;
	if (!kmsg->user)
		kmsg->user = mach_user_get(user);
	kmsg->charge += bytes;
	return true;
}

struct mach_kmsg *mach_kmsg_alloc(struct mach_user *user, u32 size)
{
	struct mach_kmsg *kmsg = alloc(size, GFP_KERNEL_ACCOUNT);

	if (!kmsg)
		return NULL;
	if (!charge(kmsg, user, sizeof(*kmsg) + size)) {
		mach_kmsg_free(kmsg);
		return NULL;
	}
	return kmsg;
}

struct mach_kmsg *mach_kmsg_alloc_owed(u32 size, u32 count)
{
	gfp_t gfp = GFP_KERNEL | __GFP_NOFAIL;
	struct mach_kmsg *kmsg;

	/*
	 * A notification is owed when something has already happened, so that
	 * there is no error to return.  It is bounded by its send-once right,
	 * which somebody was charged for.
	 */
	kmsg = alloc(size, gfp);
	memset(kmsg->wire, 0, size);
	if (count) {
		kmsg->carried = kmalloc_array(count, sizeof(*kmsg->carried),
					      gfp);
		kmsg->carried_max = count;
	}
	kmsg->owed = true;
	return kmsg;
}

bool mach_kmsg_reserve(struct mach_kmsg *kmsg, u32 count)
{
	if (!charge(kmsg, kmsg->user, count * sizeof(*kmsg->carried)))
		return false;
	kmsg->carried = kvmalloc_array(count, sizeof(*kmsg->carried),
				       GFP_KERNEL_ACCOUNT);
	if (!kmsg->carried)
		return false;
	kmsg->carried_max = count;
	return true;
}

struct mach_carried *mach_kmsg_commit(struct mach_kmsg *kmsg)
{
	if (WARN_ON(kmsg->carried_count >= kmsg->carried_max))
		return NULL;
	return &kmsg->carried[kmsg->carried_count++];
}

void mach_kmsg_free(struct mach_kmsg *kmsg)
{
	WARN_ON(!list_empty(&kmsg->link) || !list_empty(&kmsg->set_link));
	WARN_ON(kmsg->carried_count || kmsg->marequest);
	WARN_ON(kmsg->dest.kind != MACH_CARRIED_NULL);
	WARN_ON(kmsg->reply.kind != MACH_CARRIED_NULL);

	if (kmsg->user) {
		mach_uncharge(kmsg->user, MACH_CHARGE_BYTES, kmsg->charge);
		mach_user_put(kmsg->user);
	}
	if (kmsg->sender)
		mach_sender_put(kmsg->sender);
	mach_live_add(MACH_LIVE_BYTES, -(s64)kmsg->size);
	mach_live_dec(MACH_LIVE_MESSAGES);
	kvfree(kmsg->carried);
	if (is_cached(kmsg->size))
		kmem_cache_free(cache, kmsg);
	else
		kvfree(kmsg);
}

int mach_kmsg_init(void)
{
	size_t size = sizeof(struct mach_kmsg) + CACHED_WIRE;

	/* Only the wire image is copied from and to user space. */
	cache = kmem_cache_create_usercopy("mach_kmsg", size, 0, 0,
					   offsetof(struct mach_kmsg, wire),
					   CACHED_WIRE, NULL);
	return cache ? 0 : -ENOMEM;
}

void mach_kmsg_exit(void)
{
	kmem_cache_destroy(cache);
}
