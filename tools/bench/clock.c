// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* Is a tick an instruction? */
#include "clock.h"

#define TURNS	500000	/* of two instructions */
#define TRIES	20	/* the best one was hardly interrupted */

static uint64_t time_loop(void)
{
	uint32_t turns = TURNS;
	uint64_t start = now();

	__asm__ __volatile__("1: dec %0; jnz 1b" : "+r"(turns) : : "cc");
	return now() - start;
}

int clock_is_icount(void)
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < TRIES; i++) {
		uint64_t ticks = time_loop();

		if (ticks < best)
			best = ticks;
	}
	return best >= 2 * TURNS && best < 2 * TURNS + TURNS / 50;
}
