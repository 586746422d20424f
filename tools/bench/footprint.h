/* SPDX-License-Identifier: MIT */
/* Copyright (c) The mach authors */
/* What a message costs while it is on its way. */
#ifndef BENCH_FOOTPRINT_H
#define BENCH_FOOTPRINT_H

/* Pages copied by the first and a second send, kernel memory in flight. */
void bench_footprint(void);

#endif /* BENCH_FOOTPRINT_H */
