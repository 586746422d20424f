// SPDX-License-Identifier: GPL-2.0
/*
 * Memory objects: their making, their charge, their index and their end.
 */
#include <linux/interval_tree_generic.h>
#include <linux/kref.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "limits.h"
#include "memory.h"
#include "stats.h"

struct mach_origin {
	struct kref refs;
	spinlock_t lock;			/* leaf */
	struct rb_root_cached objects;		/* under lock; no references */
};

#define OBJECT_FIRST(memory)	((memory)->first_addr)
#define OBJECT_LAST(memory)	((memory)->last_addr)

INTERVAL_TREE_DEFINE(struct mach_memory, node, unsigned long, subtree_last,
		     OBJECT_FIRST, OBJECT_LAST, static inline, objects)

/* All fields but the charge. */
static struct mach_memory *alloc_memory(u64 addr, u64 bytes)
{
	unsigned long count = DIV_ROUND_UP_ULL(bytes + offset_in_page(addr),
					       PAGE_SIZE);
	unsigned int lead = (addr >> PAGE_SHIFT) % MACH_CHUNK_PAGES;
	unsigned long chunks = DIV_ROUND_UP(lead + count, MACH_CHUNK_PAGES);
	struct mach_memory *memory;

	BUILD_BUG_ON(__alignof__(struct page) <= MACH_PAGE_FLAGS);

	memory = kvzalloc(mach_chunk_object_size(chunks, count),
			  GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!memory)
		return NULL;
	memory->bytes = bytes;
	memory->offset = offset_in_page(addr);
	memory->lead = lead;
	memory->count = count;
	memory->chunk_count = chunks;
	memory->poked = MACH_NO_PAGE;
	memory->next_write = MACH_NO_PAGE;
	mutex_init(&memory->poke_lock);
	spin_lock_init(&memory->lock);
	refcount_set(&memory->refs, 1);
	return memory;
}

struct mach_memory *mach_memory_create(struct mach_user *user, u64 addr,
				       u64 bytes)
{
	struct mach_memory *memory = alloc_memory(addr, bytes);

	if (!memory)
		return NULL;
	memory->user = mach_user_get(user);
	if (!mach_memory_charge(memory, memory->count)) {
		mach_user_put(user);
		kvfree(memory);
		return NULL;
	}
	mach_live_inc(MACH_LIVE_OBJECTS);
	return memory;
}

bool mach_memory_charge(struct mach_memory *memory, unsigned long pages)
{
	if (!mach_charge(memory->user, MACH_CHARGE_PAGES, pages))
		return false;
	memory->charged += pages;
	return true;
}

void mach_memory_seal(struct mach_memory *memory, unsigned long held)
{
	memory->held = held;
	mach_live_add(MACH_LIVE_PAGES, held);
}

int mach_memory_recharge(struct mach_memory *memory, struct mach_user *user)
{
	if (user == memory->user)
		return 0;
	if (!mach_charge(user, MACH_CHARGE_PAGES, memory->charged))
		return -EDQUOT;
	mach_uncharge(memory->user, MACH_CHARGE_PAGES, memory->charged);
	mach_user_put(memory->user);
	memory->user = mach_user_get(user);
	return 0;
}

struct mach_memory *mach_memory_get(struct mach_memory *memory)
{
	refcount_inc(&memory->refs);
	return memory;
}

static void unlist(struct mach_memory *memory)
{
	struct mach_origin *origin = memory->origin;

	if (!origin)
		return;
	spin_lock(&origin->lock);
	objects_remove(memory, &origin->objects);
	spin_unlock(&origin->lock);
	mach_origin_put(origin);
}

void mach_memory_put(struct mach_memory *memory)
{
	if (!refcount_dec_and_test(&memory->refs))
		return;

	unlist(memory);
	mach_chunk_free_all(memory);
	mach_live_add(MACH_LIVE_PAGES, -(s64)memory->held);
	mach_live_dec(MACH_LIVE_OBJECTS);
	mach_uncharge(memory->user, MACH_CHARGE_PAGES, memory->charged);
	mach_user_put(memory->user);
	kvfree(memory);
}

struct mach_origin *mach_origin_create(void)
{
	struct mach_origin *origin;

	origin = kzalloc(sizeof(*origin), GFP_KERNEL_ACCOUNT);
	if (!origin)
		return NULL;
	kref_init(&origin->refs);
	spin_lock_init(&origin->lock);
	origin->objects = RB_ROOT_CACHED;
	return origin;
}

struct mach_origin *mach_origin_get(struct mach_origin *origin)
{
	kref_get(&origin->refs);
	return origin;
}

static void origin_free(struct kref *refs)
{
	struct mach_origin *origin;

	origin = container_of(refs, struct mach_origin, refs);
	WARN_ON_ONCE(!RB_EMPTY_ROOT(&origin->objects.rb_root));
	kfree(origin);
}

void mach_origin_put(struct mach_origin *origin)
{
	kref_put(&origin->refs, origin_free);
}

void mach_origin_add(struct mach_origin *origin, struct mach_memory *memory,
		     unsigned long addr)
{
	memory->origin = mach_origin_get(origin);
	memory->first_addr = addr;
	memory->last_addr = addr + (memory->count << PAGE_SHIFT) - 1;
	spin_lock(&origin->lock);
	objects_insert(memory, &origin->objects);
	spin_unlock(&origin->lock);
}

unsigned int mach_origin_find(struct mach_origin *origin, unsigned long first,
			      unsigned long last, struct mach_memory **found,
			      unsigned int max)
{
	struct mach_memory *memory;
	unsigned int n = 0;

	spin_lock(&origin->lock);
	for (memory = objects_iter_first(&origin->objects, first, last);
	     memory && n < max;
	     memory = objects_iter_next(memory, first, last)) {
		/* One that is being freed is about to unlist itself. */
		if (refcount_inc_not_zero(&memory->refs))
			found[n++] = memory;
	}
	spin_unlock(&origin->lock);
	return n;
}
