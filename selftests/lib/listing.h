/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Snapshots: taking one, and finding records in it.
 */
#ifndef MACH_TEST_LISTING_H
#define MACH_TEST_LISTING_H

#include "mach_test.h"

struct mt_listing {
	void *bytes;
	__u64 size;
};

/* One MACH_IOC_SNAPSHOT; 0 or -errno. */
int mt_snapshot(const struct mt_task *task, struct mach_ioc_snapshot *call);

/* Of @name, a task right, or of all tasks; well-formed, or the test ends. */
void mt_list(const struct mt_task *task, __u32 name, struct mt_listing *out);
void mt_list_all(const struct mt_task *task, struct mt_listing *out);
void mt_free_listing(struct mt_listing *listing);

/* The record behind @last, or the first; NULL at the end. */
const struct mach_snapshot_record *mt_next_record(
	const struct mt_listing *listing, const void *last);

#define mt_each_record(listing, record)					\
	for (const struct mach_snapshot_record *record =		\
		mt_next_record(listing, NULL); record;			\
	     record = mt_next_record(listing, record))

unsigned int mt_count_records(const struct mt_listing *listing, __u32 kind);

/* The first that fits, or NULL. */
const struct mach_snapshot_task *mt_find_task(const struct mt_listing *listing,
					      pid_t pid);
const struct mach_snapshot_name *mt_find_name(const struct mt_listing *listing,
					      __u64 task, __u32 name);
const struct mach_snapshot_port *mt_find_port(const struct mt_listing *listing,
					      __u64 id);
const struct mach_snapshot_set *mt_find_set(const struct mt_listing *listing,
					    __u64 id);
const struct mach_snapshot_message *mt_find_message(
	const struct mt_listing *listing, __u64 port, __u32 index);
/* @index and @slot: as the kind says. */
const struct mach_snapshot_right *mt_find_right(
	const struct mt_listing *listing, __u32 where, __u64 holder,
	__u32 index, __u32 slot);
const struct mach_snapshot_memory *mt_find_memory(
	const struct mt_listing *listing, __u64 port, __u32 index);

/* The id of the port or set that @name of @task denotes. */
__u64 mt_object(const struct mt_task *task, __u32 name);

#endif /* MACH_TEST_LISTING_H */
