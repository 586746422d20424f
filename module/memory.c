// SPDX-License-Identifier: GPL-2.0
/*
 * Memory objects: their making, their charge, their index and their end.
 */
#include <linux/interval_tree_generic.h>
#include <linux/mm.h>
#include <linux/sched.h>
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

struct mach_memory *mach_memory_create(struct mach_user *user, u64 bytes,
				       unsigned int offset)
{
	unsigned long count = DIV_ROUND_UP_ULL(bytes + offset, PAGE_SIZE);
	struct mach_memory *memory;

	BUILD_BUG_ON(__alignof__(struct page) <= MACH_PAGE_FLAGS);

	if (!mach_charge(user, MACH_CHARGE_PAGES, count))
		return NULL;

	memory = kvzalloc(struct_size(memory, entries, count),
			  GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!memory) {
		mach_uncharge(user, MACH_CHARGE_PAGES, count);
		return NULL;
	}
	memory->bytes = bytes;
	memory->offset = offset;
	memory->count = count;
	memory->user = mach_user_get(user);
	mutex_init(&memory->poke_lock);
	refcount_set(&memory->refs, 1);
	mach_live_inc(MACH_LIVE_OBJECTS);
	return memory;
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
	if (!mach_charge(user, MACH_CHARGE_PAGES, memory->count))
		return -EDQUOT;
	mach_uncharge(memory->user, MACH_CHARGE_PAGES, memory->count);
	mach_user_put(memory->user);
	memory->user = mach_user_get(user);
	return 0;
}

unsigned long mach_memory_index(const struct vm_area_struct *vma,
				unsigned long addr)
{
	const struct mach_memory *memory = vma->vm_private_data;

	return vma->vm_pgoff - memory->pgoff +
	       ((addr - vma->vm_start) >> PAGE_SHIFT);
}

struct mach_memory *mach_memory_get(struct mach_memory *memory)
{
	refcount_inc(&memory->refs);
	return memory;
}

/*
 * Drop the references of the entries from @i on that lie in one folio, at
 * once.  Returns the number of entries done.
 */
static unsigned long put_run(struct mach_memory *memory, unsigned long i)
{
	unsigned long first = i;
	struct folio *folio;

	if (!mach_entry_page(memory->entries[i]) ||
	    (memory->entries[i] & MACH_PAGE_TODO))
		return 1;

	folio = page_folio(mach_entry_page(memory->entries[i]));
	if (!folio_test_large(folio)) {
		folio_put(folio);
		return 1;
	}
	for (i++; i < memory->count; i++) {
		unsigned long entry = memory->entries[i];

		if (!entry || (entry & MACH_PAGE_TODO) ||
		    page_folio(mach_entry_page(entry)) != folio)
			break;
	}
	folio_put_refs(folio, i - first);
	return i - first;
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

static void put_all(struct mach_memory *memory)
{
	unsigned long i = 0, pause;

	while (i < memory->count) {
		pause = min(i + PTRS_PER_PTE, memory->count);
		while (i < pause)
			i += put_run(memory, i);
		cond_resched();
	}
}

void mach_memory_put(struct mach_memory *memory)
{
	if (!refcount_dec_and_test(&memory->refs))
		return;

	unlist(memory);
	put_all(memory);
	mach_live_add(MACH_LIVE_PAGES, -(s64)memory->held);
	mach_live_dec(MACH_LIVE_OBJECTS);
	mach_uncharge(memory->user, MACH_CHARGE_PAGES, memory->count);
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
