/* SPDX-License-Identifier: MIT */
/* Copyright (c) The mach authors */
/* Calls and messages without memory. */
#ifndef BENCH_SMALL_H
#define BENCH_SMALL_H

#include "peer.h"

/* The null RPC, the own port, port calls; and Linux's own for scale. */
void bench_small(const struct peer *peer, int quick);

#endif /* BENCH_SMALL_H */
