/* SPDX-License-Identifier: MIT */
/* Copyright (c) The mach authors */
/* Figures out of /proc. */
#ifndef BENCH_PROC_H
#define BENCH_PROC_H

/* The KiB of a line "name: 123 kB" of a file such as /proc/meminfo. */
long proc_kib(const char *file, const char *name);

#endif /* BENCH_PROC_H */
