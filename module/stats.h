/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters that users and tests read: what was shared and what was copied,
 * and how many objects of each kind live.
 *
 * Event counters exist once per task and once for the module; adding to a
 * task's adds to the module's.  Live counters exist for the module only and
 * return to their value when everything has been released: each must read 0
 * at unload, and the module says so if one does not.
 */
#ifndef MACH_STATS_H
#define MACH_STATS_H

#include <linux/atomic.h>
#include <linux/mach.h>

enum mach_event {
	MACH_EVENT_SENT,
	MACH_EVENT_RECEIVED,
	MACH_EVENT_PAGES_SHARED,
	MACH_EVENT_PAGES_MOVED,
	MACH_EVENT_PAGES_HOLE,
	MACH_EVENT_PAGES_COPIED,	/* + enum mach_copy_reason */
	MACH_EVENTS = MACH_EVENT_PAGES_COPIED + MACH_COPY_REASONS
};

enum mach_live {
	MACH_LIVE_TASKS,
	MACH_LIVE_PORTS,
	MACH_LIVE_NAMES,
	MACH_LIVE_MESSAGES,
	MACH_LIVE_REQUESTS,
	MACH_LIVE_OBJECTS,
	MACH_LIVE_REGIONS,
	MACH_LIVE_PAGES,
	MACH_LIVE_BYTES,
	MACH_LIVE_SETS,
	MACH_LIVE_FILES,
	MACH_LIVES
};

struct mach_stats {
	atomic64_t events[MACH_EVENTS];
};

extern struct mach_stats mach_module_stats;
extern atomic64_t mach_live[MACH_LIVES];

static inline void mach_count(struct mach_stats *stats, enum mach_event event,
			      u64 n)
{
	atomic64_add(n, &stats->events[event]);
	atomic64_add(n, &mach_module_stats.events[event]);
}

static inline void mach_live_add(enum mach_live kind, s64 n)
{
	atomic64_add(n, &mach_live[kind]);
}

static inline void mach_live_inc(enum mach_live kind)
{
	mach_live_add(kind, 1);
}

static inline void mach_live_dec(enum mach_live kind)
{
	mach_live_add(kind, -1);
}

/* Fill the counters of *out; the live ones only if @module. */
void mach_stats_read(const struct mach_stats *stats, bool module,
		     struct mach_ioc_stats *out);

/* A short lower-case name, for listings and the check at unload. */
const char *mach_live_name(enum mach_live kind);

/* True when every live counter reads 0; says in the log which does not. */
bool mach_stats_all_dead(void);

#endif /* MACH_STATS_H */
