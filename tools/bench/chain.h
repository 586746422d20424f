/* SPDX-License-Identifier: MIT */
/* Copyright (c) The mach authors */
/* One region through a chain of processes, each of which reads it. */
#ifndef BENCH_CHAIN_H
#define BENCH_CHAIN_H

/* Start the processes; before this process opens its task. */
void chain_fork(void);

/* What a region's way through all of them costs, and how much is copied. */
void bench_chain(void);

void chain_stop(void);

#endif /* BENCH_CHAIN_H */
