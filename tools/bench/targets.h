/* SPDX-License-Identifier: MIT */
/* Copyright (c) The mach authors */
/* What the project wants to reach, beside what was measured. */
#ifndef BENCH_TARGETS_H
#define BENCH_TARGETS_H

/* Prints a line for each target; quick runs lack some rows. */
void print_targets(int quick);

#endif /* BENCH_TARGETS_H */
