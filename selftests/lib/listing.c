// SPDX-License-Identifier: GPL-2.0
/*
 * Snapshots: see listing.h.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "listing.h"

static const __u32 sizes[] = {
	[MACH_SNAPSHOT_TASK] = sizeof(struct mach_snapshot_task),
	[MACH_SNAPSHOT_NAME] = sizeof(struct mach_snapshot_name),
	[MACH_SNAPSHOT_PORT] = sizeof(struct mach_snapshot_port),
	[MACH_SNAPSHOT_SET] = sizeof(struct mach_snapshot_set),
	[MACH_SNAPSHOT_MESSAGE] = sizeof(struct mach_snapshot_message),
	[MACH_SNAPSHOT_RIGHT] = sizeof(struct mach_snapshot_right),
	[MACH_SNAPSHOT_MEMORY] = sizeof(struct mach_snapshot_memory),
};

int mt_snapshot(const struct mt_task *task, struct mach_ioc_snapshot *call)
{
	call->size = sizeof(*call);
	return mt_ioctl(task, MACH_IOC_SNAPSHOT, call);
}

static bool padding_is_zero(const struct mach_snapshot_record *record)
{
	const struct mach_snapshot_task *task = (const void *)record;
	const struct mach_snapshot_name *name = (const void *)record;
	const struct mach_snapshot_message *message = (const void *)record;

	switch (record->kind) {
	case MACH_SNAPSHOT_TASK:
		return !task->pad && !task->comm[15];
	case MACH_SNAPSHOT_NAME:
		return !name->pad;
	case MACH_SNAPSHOT_MESSAGE:
		return !message->pad;
	default:
		return true;
	}
}

/* Ids and counts are small; a pointer into the kernel is not. */
static bool has_kernel_address(const struct mach_snapshot_record *record)
{
	const __u64 *words = (const void *)record;
	__u32 i;

	for (i = 1; i < record->size / 8; i++) {
		if (record->kind == MACH_SNAPSHOT_PORT &&
		    i == offsetof(struct mach_snapshot_port, payload) / 8)
			continue;
		/* Two numbers of 32 bits may both be ~0; no test has such a name. */
		if (words[i] >> 47 == 0x1ffff && words[i] != ~0ULL)
			return true;
	}
	return false;
}

static void check(const struct mt_listing *listing)
{
	mt_each_record(listing, record) {
		mt_check(record->kind > 0 &&
			 record->kind < sizeof(sizes) / sizeof(sizes[0]));
		mt_check(record->size == sizes[record->kind]);
		mt_check(padding_is_zero(record));
		mt_check(!has_kernel_address(record));
	}
}

static void list(const struct mt_task *task, __u32 name, __u32 flags,
		 struct mt_listing *out)
{
	struct mach_ioc_snapshot call = { .flags = flags, .task = name };

	out->bytes = NULL;
	do {
		free(out->bytes);
		call.length = call.needed + call.needed / 2 + 4096;
		out->bytes = malloc(call.length);
		mt_check(out->bytes);
		memset(out->bytes, MT_POISON, call.length);
		call.buffer = (uintptr_t)out->bytes;
		mt_must(mt_snapshot(task, &call));
	} while (call.ret == KERN_NO_SPACE);
	mt_must(call.ret);
	out->size = call.needed;
	check(out);
}

void mt_list(const struct mt_task *task, __u32 name, struct mt_listing *out)
{
	list(task, name, 0, out);
}

void mt_list_all(const struct mt_task *task, struct mt_listing *out)
{
	list(task, MACH_PORT_NULL, MACH_SNAPSHOT_ALL, out);
}

void mt_free_listing(struct mt_listing *listing)
{
	free(listing->bytes);
	listing->bytes = NULL;
}

const struct mach_snapshot_record *mt_next_record(
	const struct mt_listing *listing, const void *last)
{
	const char *end = (const char *)listing->bytes + listing->size;
	const struct mach_snapshot_record *record = last;
	const char *next = listing->bytes;

	if (record) {
		mt_check(record->size >= sizeof(*record) &&
			 record->size % 8 == 0);
		next = (const char *)record + record->size;
	}
	mt_check(next <= end);
	if (next == end)
		return NULL;
	mt_check((size_t)(end - next) >= sizeof(*record));
	return (const void *)next;
}

unsigned int mt_count_records(const struct mt_listing *listing, __u32 kind)
{
	unsigned int count = 0;

	mt_each_record(listing, record)
		count += record->kind == kind;
	return count;
}

#define FIND(listing, wanted, type, condition)				\
	do {								\
		mt_each_record(listing, record) {			\
			const struct type *it = (const void *)record;	\
									\
			if (record->kind == (wanted) && (condition))	\
				return it;				\
		}							\
		return NULL;						\
	} while (0)

const struct mach_snapshot_task *mt_find_task(const struct mt_listing *listing,
					      pid_t pid)
{
	FIND(listing, MACH_SNAPSHOT_TASK, mach_snapshot_task, it->pid == pid);
}

const struct mach_snapshot_name *mt_find_name(const struct mt_listing *listing,
					      __u64 task, __u32 name)
{
	FIND(listing, MACH_SNAPSHOT_NAME, mach_snapshot_name,
	     it->task == task && it->name == name);
}

const struct mach_snapshot_port *mt_find_port(const struct mt_listing *listing,
					      __u64 id)
{
	FIND(listing, MACH_SNAPSHOT_PORT, mach_snapshot_port, it->id == id);
}

const struct mach_snapshot_set *mt_find_set(const struct mt_listing *listing,
					    __u64 id)
{
	FIND(listing, MACH_SNAPSHOT_SET, mach_snapshot_set, it->id == id);
}

const struct mach_snapshot_message *mt_find_message(
	const struct mt_listing *listing, __u64 port, __u32 index)
{
	FIND(listing, MACH_SNAPSHOT_MESSAGE, mach_snapshot_message,
	     it->port == port && it->index == index);
}

const struct mach_snapshot_right *mt_find_right(
	const struct mt_listing *listing, __u32 where, __u64 holder,
	__u32 index, __u32 slot)
{
	FIND(listing, MACH_SNAPSHOT_RIGHT, mach_snapshot_right,
	     it->where == where && it->holder == holder &&
	     it->index == index && it->slot == slot);
}

const struct mach_snapshot_memory *mt_find_memory(
	const struct mt_listing *listing, __u64 port, __u32 index)
{
	FIND(listing, MACH_SNAPSHOT_MEMORY, mach_snapshot_memory,
	     it->port == port && it->index == index);
}

__u64 mt_object(const struct mt_task *task, __u32 name)
{
	const struct mach_snapshot_task *own;
	const struct mach_snapshot_name *found;
	struct mt_listing listing;
	__u64 object;

	mt_list(task, task->self, &listing);
	own = (const void *)mt_next_record(&listing, NULL);
	mt_check(own && own->kind == MACH_SNAPSHOT_TASK);
	found = mt_find_name(&listing, own->id, name);
	mt_check(found);
	object = found->object;
	mt_free_listing(&listing);
	return object;
}
