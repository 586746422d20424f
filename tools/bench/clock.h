/* SPDX-License-Identifier: MIT */
/* Copyright (c) The mach authors */
/*
 * The clock: the time-stamp counter.  Under QEMU's `-icount shift=0` a tick
 * is a guest instruction; clock_is_icount() finds out.
 */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <stdint.h>

/* lfence on both sides: nothing measured may drift over the reading. */
static inline uint64_t now(void)
{
	uint32_t low, high;

	__asm__ __volatile__("lfence; rdtsc; lfence"
			     : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/* Does a loop of a known number of instructions take as many ticks? */
int clock_is_icount(void);

#endif /* BENCH_CLOCK_H */
