/* SPDX-License-Identifier: MIT */
/* Copyright (c) The mach authors */
/* Out-of-line memory: what each phase of a transfer costs. */
#ifndef BENCH_BULK_H
#define BENCH_BULK_H

#include "peer.h"

/*
 * All sizes, kinds of pages, copy and move; prints tables, adds rows.  @only:
 * just the rows whose names begin with it, as in "copy/4k/65536".
 */
void bench_bulk(const struct peer *peer, int quick, const char *only);

#endif /* BENCH_BULK_H */
