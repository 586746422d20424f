// SPDX-License-Identifier: GPL-2.0
/*
 * A module with one planted fault, to see the rig find it.  fault=warn: WARN
 * at load; fault=leak: the leak line at unload; fault=busy: cannot be
 * unloaded; fault=load: does not load; without a fault it is fine.
 */
#include <linux/module.h>
#include <linux/string.h>

static char *fault = "";
module_param(fault, charp, 0);

static int __init planted_init(void)
{
	WARN(!strcmp(fault, "warn"), "planted\n");
	if (!strcmp(fault, "busy"))
		__module_get(THIS_MODULE);
	return strcmp(fault, "load") ? 0 : -ENODEV;
}

static void __exit planted_exit(void)
{
	if (!strcmp(fault, "leak"))
		pr_warn("mach: leak: 1 port live at unload\n");
}

module_init(planted_init);
module_exit(planted_exit);
MODULE_DESCRIPTION("Planted faults for the test rig");
MODULE_LICENSE("GPL");
