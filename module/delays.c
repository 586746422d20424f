// SPDX-License-Identifier: GPL-2.0
/*
 * Random delays for a debug build: see delays.h.
 */
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/smp.h>

/* The seed repeats what each processor draws, not who draws it. */
static ulong seed = 1;
module_param_named(delay_seed, seed, ulong, 0444);
MODULE_PARM_DESC(delay_seed, "of the random numbers");

static uint one_in = 8;
module_param_named(delay_one_in, one_in, uint, 0644);
MODULE_PARM_DESC(delay_one_in, "of so many places one lingers; 0: none");

static uint longest = 100;
module_param_named(delay_usecs, longest, uint, 0644);
MODULE_PARM_DESC(delay_usecs, "microseconds that a delay takes at most");

static ulong delays;
module_param_named(delay_count, delays, ulong, 0444);
MODULE_PARM_DESC(delay_count, "delays until now, about");

static DEFINE_PER_CPU(u64, drawn);

/*
 * A step of a Weyl sequence, mixed.  Per processor: a common word would order
 * the memory of all that draw.
 */
static u32 draw(void)
{
	u64 x = raw_cpu_add_return(drawn, 0x9e3779b97f4a7c15ULL);

	x ^= seed * (raw_smp_processor_id() + 1);
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x >> 32;
}

/* Nothing is held that forbids it, and nobody else has begun to sleep. */
static bool may_sleep(void)
{
	return preemptible() && !rcu_preempt_depth() &&
	       get_current_state() == TASK_RUNNING;
}

void mach_delay(void)
{
	u32 chance = READ_ONCE(one_in), most = READ_ONCE(longest), usecs;

	if (!chance || !most || draw() % chance)
		return;
	/* A figure for people: some may be lost. */
	data_race(delays++);
	usecs = draw() % most + 1;
	if (!may_sleep() || draw() % 4 == 0)
		udelay(usecs);
	else if (draw() % 2)
		usleep_range(usecs, 2 * usecs);
	else
		schedule();
}
