// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* The targets: rows of the report, and at most how much. */
#include <inttypes.h>
#include <stdio.h>

#include "result.h"
#include "targets.h"

#define PAGES_16M	4096

static const struct target {
	const char *what;
	const char *row;
	uint64_t limit;
	const char *unit;
	uint64_t divide;	/* the row's value by this; 0: by 1 */
} targets[] = {
	{ "null RPC", "small/null_rpc", 9999, "instructions", 0 },

	{ "copy, 4 KiB, read, freed",
	  "bulk/copy/4k/4096/read/total", 19000, "instructions", 0 },
	{ "copy, 64 KiB of 4 KiB pages, read, freed",
	  "bulk/copy/4k/65536/read/total", 32000, "instructions", 0 },
	{ "copy, 1 MiB of 4 KiB pages, read, freed",
	  "bulk/copy/4k/1048576/read/total", 115000, "instructions", 0 },
	{ "copy, 64 MiB of 4 KiB pages, read, freed",
	  "bulk/copy/4k/67108864/read/total", 6000000, "instructions", 0 },
	{ "pages copied by that",
	  "bulk/copy/4k/67108864/read/copied", 0, "pages", 0 },
	{ "copy, 64 MiB of huge pages, read, freed",
	  "bulk/copy/thp/67108864/read/total", 3300000, "instructions", 0 },
	{ "copy, 64 MiB of huge pages, untouched, freed",
	  "bulk/copy/thp/67108864/none/total", 60000, "instructions", 0 },
	{ "copy, 16 MiB of 4 KiB pages, written, freed; per page",
	  "bulk/copy/4k/16777216/write/total", 2600, "instructions",
	  PAGES_16M },
	{ "copy, 16 MiB of huge pages, written, freed; per page",
	  "bulk/copy/thp/16777216/write/total", 2600, "instructions",
	  PAGES_16M },

	{ "move, 64 MiB of 4 KiB pages, read, freed",
	  "bulk/move/4k/67108864/read/total", 25000000, "instructions", 0 },
	{ "move, 64 MiB of huge pages, read, freed",
	  "bulk/move/thp/67108864/read/total", 4200000, "instructions", 0 },
	{ "move, 64 MiB of 4 KiB pages, written: pages copied",
	  "bulk/move/4k/67108864/write/copied", 0, "pages", 0 },
	{ "move, 64 MiB of huge pages, written: pages copied",
	  "bulk/move/thp/67108864/write/copied", 0, "pages", 0 },

	{ "second send of the same 4 KiB pages, pages copied",
	  "flight/4k/second/copied", 0, "pages", 0 },
	{ "second send of the same huge pages, pages copied",
	  "flight/thp/second/copied", 0, "pages", 0 },
	{ "10 processes, 4 KiB pages by copy, pages copied",
	  "chain/copy/4k/copied", 0, "pages", 0 },
	{ "10 processes, 4 KiB pages by move, pages copied",
	  "chain/move/4k/copied", 0, "pages", 0 },
	{ "10 processes, huge pages by copy, pages copied",
	  "chain/copy/thp/copied", 0, "pages", 0 },
	{ "10 processes, huge pages by move, pages copied",
	  "chain/move/thp/copied", 0, "pages", 0 },
	/* 0.3 % of a GiB, and of 64 MiB. */
	{ "kernel memory for 64 MiB of 4 KiB pages in flight",
	  "flight/4k/all", 196, "KiB", 0 },
	{ "kernel memory for 64 MiB of huge pages in flight",
	  "flight/thp/all", 196, "KiB", 0 },
};

void print_targets(int quick)
{
	printf("\nTargets%s\n", quick ? " (few rounds)" : "");
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		const struct target *target = &targets[i];
		uint64_t value = find_row(target->row);

		if (target->divide)
			value /= target->divide;
		printf("  %-6s %s: %" PRIu64 " (at most %" PRIu64 ") %s\n",
		       value <= target->limit ? "met" : "MISSED", target->what,
		       value, target->limit, target->unit);
	}
}
