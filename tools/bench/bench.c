// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/*
 * bench: what Mach messages cost here, as tables and as JSON.
 *
 * Meant for a guest of tools/vm/run --icount, where a tick is an instruction;
 * needs root, because the two processes meet through the bootstrap port.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "bulk.h"
#include "chain.h"
#include "clock.h"
#include "footprint.h"
#include "result.h"
#include "small.h"
#include "targets.h"

static void print_unit(int icount)
{
	if (icount)
		printf("The CPU is emulated; a tick is one guest instruction, "
		       "not a time.\nThis count leaves out cache misses, TLB "
		       "flushes and interrupts between\nprocessors, and it "
		       "under-prices copying (512 instructions a page).\n");
	else
		printf("A tick is a tick of the time-stamp counter, not an "
		       "instruction: run this\nunder tools/vm/run --icount to "
		       "compare with the reference figures.\n");
}

/* Other systems in the same unit, measured beforehand (docs/library.md). */
static void print_reference(void)
{
	printf("\nFor comparison, instructions (measured earlier, same "
	       "method)\n"
	       "  64 MiB, receiver reads a byte per page, freed:\n"
	       "    prototype of this module      7,004,000\n"
	       "    fork + exit of such a process 8,000,000\n"
	       "    vmsplice + read              16,827,000\n"
	       "    GNU Mach, copy               19,180,000\n"
	       "    process_vm_readv             21,690,000\n"
	       "    pipe                         44,863,000\n"
	       "  null round trip: GNU Mach 1,821, pipe 12,819, "
	       "AF_UNIX 17,464, binder 22,599\n");
}

static void write_report(const char *name, const char *ticks)
{
	FILE *file;

	if (!name) {
		printf("bench: json begins\n");
		write_json(stdout, ticks);
		printf("bench: json ends\n");
		return;
	}
	file = fopen(name, "we");
	if (!file)
		fail("%s: %m", name);
	write_json(file, ticks);
	if (fclose(file))
		fail("%s: %m", name);
}

static const struct option options[] = {
	{ "quick", no_argument, NULL, 'q' },
	{ "only", required_argument, NULL, 'o' },
	{ "json", required_argument, NULL, 'j' },
	{ 0 },
};

int main(int argc, char **argv)
{
	const char *json = NULL;
	const char *only = "";
	struct peer peer;
	int quick = 0;
	int option, icount;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'q') {
			quick = 1;
		} else if (option == 'j') {
			json = optarg;
		} else if (option == 'o') {
			only = optarg;
		} else {
			fprintf(stderr,
				"usage: bench [--quick] [--only BULK] "
				"[--json FILE]\n");
			return 2;
		}
	}
	icount = clock_is_icount();
	print_unit(icount);
	peer_fork(&peer);
	chain_fork();
	peer_meet(&peer);
	if (!*only) {
		bench_small(&peer, quick);
		bench_footprint();
		bench_chain();
	}
	chain_stop();
	bench_bulk(&peer, quick, only);
	peer_stop(&peer);
	if (!*only)
		print_reference();
	if (icount && !*only)
		print_targets(quick);
	write_report(json, icount ? "instructions" : "tsc");
	printf("bench: done\n");
	return 0;
}
