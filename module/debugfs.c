// SPDX-License-Identifier: GPL-2.0
/*
 * The debugfs view of the counters; nothing depends on it.
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "debugfs.h"
#include "stats.h"

static struct dentry *folder;

static const char *const copy_reasons[MACH_COPY_REASONS] = {
	[MACH_COPY_EDGE] = "edge",
	[MACH_COPY_SMALL] = "small",
	[MACH_COPY_FILE] = "file",
	[MACH_COPY_SPECIAL] = "special",
	[MACH_COPY_PINNED] = "pinned",
	[MACH_COPY_REFS] = "refs",
	[MACH_COPY_NOTIFIER] = "notifier",
	[MACH_COPY_HUGE_PART] = "huge_part",
	[MACH_COPY_RETRY] = "retry",
};

static int stats_show(struct seq_file *seq, void *unused)
{
	struct mach_ioc_stats stats = {};
	int i;

	mach_stats_read(&mach_module_stats, true, &stats);
	seq_printf(seq, "messages_sent %llu\n", stats.messages_sent);
	seq_printf(seq, "messages_received %llu\n", stats.messages_received);
	seq_printf(seq, "pages_shared %llu\n", stats.pages_shared);
	seq_printf(seq, "pages_moved %llu\n", stats.pages_moved);
	seq_printf(seq, "pages_hole %llu\n", stats.pages_hole);
	for (i = 0; i < MACH_COPY_REASONS; i++)
		if (copy_reasons[i])
			seq_printf(seq, "pages_copied_%s %llu\n",
				   copy_reasons[i], stats.pages_copied[i]);
	for (i = 0; i < MACH_LIVES; i++)
		seq_printf(seq, "live_%s %lld\n", mach_live_name(i),
			   atomic64_read(&mach_live[i]));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

void mach_debugfs_init(void)
{
	/* Errors of debugfs are not ours to handle: each call copes. */
	folder = debugfs_create_dir("mach", NULL);
	debugfs_create_file("stats", 0400, folder, NULL, &stats_fops);
}

void mach_debugfs_exit(void)
{
	debugfs_remove_recursive(folder);
}
