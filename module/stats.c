// SPDX-License-Identifier: GPL-2.0
/*
 * The counters themselves, their names and their way to user space.
 */
#include <linux/kernel.h>

#include "stats.h"

struct mach_stats mach_module_stats;
atomic64_t mach_live[MACH_LIVES];

static const char *const live_names[MACH_LIVES] = {
	[MACH_LIVE_TASKS] = "tasks",
	[MACH_LIVE_PORTS] = "ports",
	[MACH_LIVE_NAMES] = "names",
	[MACH_LIVE_MESSAGES] = "messages",
	[MACH_LIVE_REQUESTS] = "requests",
	[MACH_LIVE_OBJECTS] = "objects",
	[MACH_LIVE_REGIONS] = "regions",
	[MACH_LIVE_PAGES] = "pages",
	[MACH_LIVE_BYTES] = "bytes",
	[MACH_LIVE_SETS] = "sets",
	[MACH_LIVE_FILES] = "files",
};

const char *mach_live_name(enum mach_live kind)
{
	return live_names[kind];
}

static void read_live(struct mach_ioc_stats *out)
{
	out->live_tasks = atomic64_read(&mach_live[MACH_LIVE_TASKS]);
	out->live_ports = atomic64_read(&mach_live[MACH_LIVE_PORTS]);
	out->live_names = atomic64_read(&mach_live[MACH_LIVE_NAMES]);
	out->live_messages = atomic64_read(&mach_live[MACH_LIVE_MESSAGES]);
	out->live_requests = atomic64_read(&mach_live[MACH_LIVE_REQUESTS]);
	out->live_objects = atomic64_read(&mach_live[MACH_LIVE_OBJECTS]);
	out->live_regions = atomic64_read(&mach_live[MACH_LIVE_REGIONS]);
	out->live_pages = atomic64_read(&mach_live[MACH_LIVE_PAGES]);
	out->live_bytes = atomic64_read(&mach_live[MACH_LIVE_BYTES]);
	out->live_sets = atomic64_read(&mach_live[MACH_LIVE_SETS]);
	out->live_files = atomic64_read(&mach_live[MACH_LIVE_FILES]);
}

void mach_stats_read(const struct mach_stats *stats, bool module,
		     struct mach_ioc_stats *out)
{
	const atomic64_t *events = stats->events;
	int reason;

	out->messages_sent = atomic64_read(&events[MACH_EVENT_SENT]);
	out->messages_received = atomic64_read(&events[MACH_EVENT_RECEIVED]);
	out->pages_shared = atomic64_read(&events[MACH_EVENT_PAGES_SHARED]);
	out->pages_moved = atomic64_read(&events[MACH_EVENT_PAGES_MOVED]);
	out->pages_hole = atomic64_read(&events[MACH_EVENT_PAGES_HOLE]);
	for (reason = 0; reason < MACH_COPY_REASONS; reason++)
		out->pages_copied[reason] =
			atomic64_read(&events[MACH_EVENT_PAGES_COPIED + reason]);
	if (module)
		read_live(out);
}

bool mach_stats_all_dead(void)
{
	bool dead = true;
	int kind;

	for (kind = 0; kind < MACH_LIVES; kind++) {
		s64 left = atomic64_read(&mach_live[kind]);

		if (!left)
			continue;
		pr_err("mach: leak: %lld %s live at unload\n", left,
		       mach_live_name(kind));
		dead = false;
	}
	return dead;
}
