// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* Figures out of /proc. */
#include <stdio.h>
#include <string.h>

#include "proc.h"
#include "result.h"

long proc_kib(const char *file, const char *name)
{
	FILE *stream = fopen(file, "re");
	size_t length = strlen(name);
	char line[128];
	long kib = -1;

	while (stream && kib < 0 && fgets(line, sizeof(line), stream))
		if (!strncmp(line, name, length) && line[length] == ':')
			sscanf(line + length + 1, "%ld", &kib);
	if (!stream || kib < 0)
		fail("%s has no %s", file, name);
	fclose(stream);
	return kib;
}
