// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* Samples, rows and their JSON. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "result.h"

#define MAX_ROWS	512

struct row {
	char name[72];
	const char *unit;
	struct figure figure;
};

static struct row rows[MAX_ROWS];
static size_t row_count;

_Noreturn void fail(const char *format, ...)
{
	va_list arguments;

	printf("bench: FAILED ");
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	fflush(stdout);
	_exit(1);
}

void add_sample(struct samples *samples, uint64_t value)
{
	if (samples->count == MAX_SAMPLES)
		fail("too many samples");
	samples->value[samples->count++] = value;
}

static int compare(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

struct figure take_figure(struct samples *samples)
{
	struct figure figure = { .rounds = samples->count };

	if (!samples->count)
		fail("no samples");
	qsort(samples->value, samples->count, sizeof(*samples->value),
	      compare);
	figure.median = samples->value[samples->count / 2];
	figure.min = samples->value[0];
	samples->count = 0;
	return figure;
}

static void append_row(const char *unit, struct figure figure,
		       const char *format, va_list arguments)
{
	struct row *row = &rows[row_count];

	if (row_count++ == MAX_ROWS)
		fail("too many rows");
	row->unit = unit;
	row->figure = figure;
	vsnprintf(row->name, sizeof(row->name), format, arguments);
}

void add_row(const char *unit, struct figure figure, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	append_row(unit, figure, format, arguments);
	va_end(arguments);
}

void add_count(const char *unit, uint64_t value, const char *format, ...)
{
	struct figure figure = { .median = value, .min = value, .rounds = 1 };
	va_list arguments;

	va_start(arguments, format);
	append_row(unit, figure, format, arguments);
	va_end(arguments);
}

uint64_t find_row(const char *name)
{
	for (size_t i = 0; i < row_count; i++)
		if (!strcmp(rows[i].name, name))
			return rows[i].figure.median;
	return 0;
}

void write_json(FILE *file, const char *ticks)
{
	fprintf(file, "{\"bench\": \"mach\", \"version\": 1, "
		"\"ticks\": \"%s\", \"rows\": [\n", ticks);
	for (size_t i = 0; i < row_count; i++)
		fprintf(file, "{\"name\": \"%s\", \"unit\": \"%s\", "
			"\"median\": %" PRIu64 ", \"min\": %" PRIu64
			", \"rounds\": %zu}%s\n", rows[i].name, rows[i].unit,
			rows[i].figure.median, rows[i].figure.min,
			rows[i].figure.rounds, i + 1 < row_count ? "," : "");
	fprintf(file, "]}\n");
	fflush(file);
}
