// SPDX-License-Identifier: GPL-2.0
/*
 * How often each operation gave each result, and each event happened: shows
 * whether the walk reaches rare states.
 */
#include <stdio.h>
#include <string.h>

#include "walk.h"

enum { RESULTS = 64, EVENTS = 128, EVENT_TEXT = 64, KINDS = 64 };

static struct {
	__s32 ret;
	unsigned long count;
} results[KINDS][RESULTS];

static struct {
	char text[EVENT_TEXT];
	unsigned long count;
} events[EVENTS];

void coverage_result(const struct walk_kind *kind, __s32 ret)
{
	long number = kind - walk_kinds;
	int i;

	for (i = 0; i < RESULTS; i++) {
		if (results[number][i].count && results[number][i].ret != ret)
			continue;
		results[number][i].ret = ret;
		results[number][i].count++;
		return;
	}
}

void m_event(const struct model *m, const char *what)
{
	int i;

	if (m->trial)
		return;
	for (i = 0; i < EVENTS; i++) {
		if (!events[i].count)
			snprintf(events[i].text, EVENT_TEXT, "%s", what);
		else if (strcmp(events[i].text, what))
			continue;
		events[i].count++;
		return;
	}
}

void coverage_print(void)
{
	int kind, i;

	for (kind = 0; walk_kinds[kind].name; kind++) {
		printf("# %-16s", walk_kinds[kind].name);
		for (i = 0; i < RESULTS && results[kind][i].count; i++)
			printf(" %#x:%lu", results[kind][i].ret,
			       results[kind][i].count);
		printf("\n");
	}
	for (i = 0; i < EVENTS && events[i].count; i++)
		printf("# %8lu %s\n", events[i].count, events[i].text);
}
