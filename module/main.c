// SPDX-License-Identifier: GPL-2.0
/*
 * Mach ports for Linux: loading and unloading.
 */
#include <linux/module.h>

#include "aftermath.h"
#include "debugfs.h"
#include "device.h"
#include "instance.h"
#include "kmsg.h"
#include "limits.h"
#include "mapping.h"
#include "space.h"
#include "stats.h"
#include "task.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

/* No task is left: what the instance still holds dies with it. */
static void drop_instance(void)
{
	MACH_AFTERMATH(after);

	mach_instance_exit(&after);
	mach_aftermath_run(&after);
}

static int __init mach_init(void)
{
	int err;

	mach_space_destroy = mach_task_end;

	mach_limits_init();
	err = mach_kmsg_init();
	if (err)
		return err;
	err = mach_mapping_init();
	if (err)
		goto out_kmsg;
	err = mach_space_init();
	if (err)
		goto out_mapping;
	err = mach_instance_init();
	if (err)
		goto out_space;
	err = mach_device_init();
	if (err)
		goto out_instance;
	mach_debugfs_init();
	return 0;

out_instance:
	drop_instance();
out_space:
	mach_space_exit();
out_mapping:
	mach_mapping_exit();
out_kmsg:
	mach_kmsg_exit();
	return err;
}

/* The mirror of mach_init(); no file is open and nothing is mapped. */
static void __exit mach_exit(void)
{
	mach_debugfs_exit();
	mach_device_exit();
	mach_space_exit();
	drop_instance();
	mach_mapping_exit();
	mach_kmsg_exit();
	mach_limits_exit();
	mach_stats_all_dead();
}

module_init(mach_init);
module_exit(mach_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Mach ports: messages, rights and out-of-line memory");
MODULE_AUTHOR("The mach authors");
MODULE_VERSION("0.1.0");
