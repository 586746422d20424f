/* SPDX-License-Identifier: MIT */
/* Copyright (c) The mach authors */
/* Samples and what is made of them: median, minimum, a row of the report. */
#ifndef BENCH_RESULT_H
#define BENCH_RESULT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define MAX_SAMPLES	1024

struct samples {
	size_t count;
	uint64_t value[MAX_SAMPLES];
};

struct figure {
	uint64_t median;
	uint64_t min;
	size_t rounds;
};

void add_sample(struct samples *samples, uint64_t value);

/* Sorts the samples and empties them. */
struct figure take_figure(struct samples *samples);

/*
 * One figure of the JSON.  name is a path such as
 * "bulk/copy/4k/67108864/read/total".
 */
void add_row(const char *unit, struct figure figure, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void add_count(const char *unit, uint64_t value, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Median of the row with that name; 0 if there is none. */
uint64_t find_row(const char *name);

void write_json(FILE *file, const char *ticks);

/* Prints "bench: FAILED why" and exits with status 1. */
_Noreturn void fail(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

#endif /* BENCH_RESULT_H */
