// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* The table of maximum protections: see vm_max.h. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "vm_max.h"

struct limited {
	vm_address_t start, end;
	vm_prot_t max;
	/* What was mapped there: the file, and where it would be at 0. */
	unsigned long inode;
	vm_offset_t origin;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct limited *table;		/* lock; disjoint, in no order */
static size_t room;			/* lock */
/* Written under the lock; nearly always 0, and then nothing is to be done. */
static _Atomic size_t count;

static void take_lock(void)
{
	pthread_mutex_lock(&lock);
}

static void drop_lock(void)
{
	pthread_mutex_unlock(&lock);
}

/* A child has its parent's memory, and so its table. */
__attribute__((constructor)) static void watch_forks(void)
{
	pthread_atfork(take_lock, drop_lock, drop_lock);
}

static vm_offset_t origin_of(const struct libmach_region *piece)
{
	return piece->inode ? piece->offset - piece->start : 0;
}

static bool is_same_memory(const struct limited *entry,
			   const struct libmach_region *piece)
{
	return entry->start < piece->end && piece->start < entry->end &&
	       entry->inode == piece->inode &&
	       entry->origin == origin_of(piece);
}

bool libmach_max_any(void)
{
	return atomic_load(&count);
}

vm_prot_t libmach_max_of(const struct libmach_region *piece)
{
	vm_prot_t max = VM_PROT_ALL;

	if (!libmach_max_any())
		return max;
	take_lock();
	for (size_t i = 0; i < count; i++)
		if (is_same_memory(&table[i], piece))
			max &= table[i].max;
	drop_lock();
	return max;
}

static bool make_room_locked(size_t more)
{
	struct limited *larger;

	if (count + more <= room)
		return true;
	larger = realloc(table, (2 * room + more) * sizeof(*table));
	if (!larger)
		return false;
	table = larger;
	room = 2 * room + more;
	return true;
}

/* Leaves what the entry has outside of [start, end): at most two entries. */
static void cut_locked(size_t i, vm_address_t start, vm_address_t end)
{
	struct limited was = table[i];

	table[i] = table[--count];
	if (was.start < start) {
		table[count] = was;
		table[count++].end = start;
	}
	if (was.end > end) {
		table[count] = was;
		table[count++].start = end;
	}
}

/* From the last on, so that what comes to the end has been looked at. */
static void forget_locked(vm_address_t start, vm_address_t end)
{
	for (size_t i = count; i-- > 0;)
		if (table[i].start < end && start < table[i].end)
			cut_locked(i, start, end);
}

/* At most one entry reaches beyond both ends of the range: one more then. */
void libmach_max_forget(vm_address_t start, vm_address_t end)
{
	if (!libmach_max_any())
		return;
	take_lock();
	if (make_room_locked(1))
		forget_locked(start, end);
	drop_lock();
}

kern_return_t libmach_max_set(const struct libmach_region *piece,
			      vm_prot_t max)
{
	bool fits;

	if (max == VM_PROT_ALL) {
		libmach_max_forget(piece->start, piece->end);
		return KERN_SUCCESS;
	}
	take_lock();
	fits = make_room_locked(2);	/* one as above, and the new one */
	if (fits) {
		forget_locked(piece->start, piece->end);
		table[count++] = (struct limited){
			.start = piece->start,
			.end = piece->end,
			.max = max,
			.inode = piece->inode,
			.origin = origin_of(piece),
		};
	}
	drop_lock();
	return fits ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
}
