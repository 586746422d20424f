// SPDX-License-Identifier: GPL-2.0
/*
 * A module with one planted fault, to see the rig find it.  fault=leak: the
 * leak line at unload; fault=busy: cannot be unloaded; fault=load: does not
 * load; without a fault it is fine.  The others happen at load, and all but
 * `warn` need a debug kernel to be found; `locked` is what looks like a race
 * and is none.
 */
#include <linux/debug_locks.h>
#include <linux/delay.h>
#include <linux/kthread.h>
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

static unsigned long payload;
static unsigned long published;

/* For 2 s, two threads do the same at the same time. */
static void two_threads(int (*work)(void *))
{
	struct task_struct *one = kthread_run(work, NULL, "planted");
	struct task_struct *two = kthread_run(work, NULL, "planted");

	msleep(2000);
	if (!IS_ERR(one))
		kthread_stop(one);
	if (!IS_ERR(two))
		kthread_stop(two);
}

static int racer(void *unused)
{
	while (!kthread_should_stop()) {
		payload++;
		cond_resched();
	}
	return 0;
}

static void plant_race(void)
{
	two_threads(racer);
}

/* The number may be seen before what it stands for: no smp_store_release(). */
static noinline void publish(void)
{
	payload++;
	WRITE_ONCE(published, READ_ONCE(published) + 1);
	while (READ_ONCE(published) & 1)
		if (kthread_should_stop())
			return;
}

static noinline void consume(void)
{
	while (!(smp_load_acquire(&published) & 1))
		if (kthread_should_stop())
			return;
	payload++;
	smp_store_release(&published, published + 1);
}

static int orderer(void *unused)
{
	static atomic_t ticket;
	bool first_one = atomic_inc_return(&ticket) & 1;

	while (!kthread_should_stop()) {
		if (first_one)
			publish();
		else
			consume();
		cond_resched();
	}
	return 0;
}

static void plant_order(void)
{
	two_threads(orderer);
}

/* What orders the two is in the kernel, which is not instrumented. */
static int locker(void *unused)
{
	while (!kthread_should_stop()) {
		spin_lock(&spin);
		payload++;
		spin_unlock(&spin);
		mutex_lock(&first);
		published++;
		mutex_unlock(&first);
		cond_resched();
	}
	return 0;
}

static void plant_locked(void)
{
	two_threads(locker);
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
	{ "race",	plant_race },
	{ "order",	plant_order },
	{ "locked",	plant_locked },
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
