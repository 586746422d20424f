/* SPDX-License-Identifier: MIT */
/* Copyright (c) The mach authors */
/* The sender's memory, made ready before the clock starts. */
#ifndef BENCH_REGION_H
#define BENCH_REGION_H

#include <stddef.h>

enum pages { PAGES_SMALL, PAGES_HUGE, PAGE_KINDS };

struct region {
	size_t bytes;
	enum pages pages;
	char *data;		/* page- or huge-page-aligned; NULL: none yet */
	char *mapping;		/* the whole mapping around data */
	size_t mapped;
};

/* Makes the memory anew, every page written. */
void region_make(struct region *region, size_t bytes, enum pages pages);

/* Writes every page again, so that each is the sender's own once more. */
void region_rewrite(struct region *region);

/* Frees what is left of it. */
void region_free(struct region *region);

#endif /* BENCH_REGION_H */
