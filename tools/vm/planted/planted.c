// SPDX-License-Identifier: GPL-2.0
/*
 * A module with one planted fault, to see the rig find it.  fault=leak: the
 * leak line at unload; fault=busy: cannot be unloaded; fault=load: does not
 * load; without a fault it is fine.  The others happen at load, and all but
 * `warn` need a debug kernel to be found.
 */
#include <linux/debug_locks.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

static char *fault = "";
module_param(fault, charp, 0);

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static DEFINE_SPINLOCK(spin);
static volatile unsigned int number = 64;

static void plant_warn(void)
{
	WARN(1, "planted\n");
}

/* Two orders of two locks, although nobody ever waits here. */
static void plant_abba(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static void plant_sleep(void)
{
	spin_lock(&spin);
	mutex_lock(&first);
	mutex_unlock(&first);
	spin_unlock(&spin);
}

static void plant_bounds(void)
{
	char *memory = kzalloc(number, GFP_KERNEL);

	if (memory)
		number += READ_ONCE(memory[number]);
	kfree(memory);
}

static void plant_freed(void)
{
	char *memory = kzalloc(number, GFP_KERNEL);

	kfree(memory);
	if (memory)
		number += READ_ONCE(memory[8]);
}

static void plant_shift(void)
{
	number = 1U << number;
}

/* Nothing points to it any more. */
static void plant_lost(void)
{
	for (int i = 0; i < 16; i++)
		number += !kzalloc(number, GFP_KERNEL);
}

/* As lockdep does when it runs out of memory: it would find nothing more. */
static void plant_blind(void)
{
#ifdef CONFIG_LOCKDEP
	debug_locks_off();
#endif
}

static const struct {
	const char *name;
	void (*plant)(void);
} faults[] = {
	{ "warn",	plant_warn },
	{ "abba",	plant_abba },
	{ "sleep",	plant_sleep },
	{ "bounds",	plant_bounds },
	{ "freed",	plant_freed },
	{ "shift",	plant_shift },
	{ "blind",	plant_blind },
	{ "lost",	plant_lost },
};

static int __init planted_init(void)
{
	for (int i = 0; i < ARRAY_SIZE(faults); i++)
		if (!strcmp(fault, faults[i].name))
			faults[i].plant();
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
