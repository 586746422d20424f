// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* lsmp: list tasks, their names, ports and messages: who holds whom. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lsmp.h"

enum {
	OPTION_JSON = 256,
	OPTION_DOT,
	OPTION_HELP,
};

static const struct option options[] = {
	{ "all", no_argument, NULL, 'a' },
	{ "pid", required_argument, NULL, 'p' },
	{ "port", required_argument, NULL, 'P' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "dot", no_argument, NULL, OPTION_DOT },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 },
};

static void help(FILE *to)
{
	fputs("usage: lsmp [-av] [-p PID] [-P ID] [--json | --dot]\n"
	      "List Mach tasks; their names, ports and messages on request.\n"
	      "\n"
	      "  -a, --all      all names of all tasks, not only a line each\n"
	      "  -p, --pid PID  the names of that process's tasks\n"
	      "  -P, --port ID  one port, its messages, and who has rights\n"
	      "  -v, --verbose  the messages in the queues, too\n"
	      "      --json     as one JSON object\n"
	      "      --dot      as a graph for Graphviz\n"
	      "      --help     this text\n"
	      "\n"
	      "Exit status: 0 listed, 1 no such process or port, 2 wrong usage,\n"
	      "3 could not list (no /dev/mach, no privilege, no memory).\n",
	      to);
}

static bool parse_number(const char *text, __u64 most, __u64 *out)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 10);
	return !errno && text[0] >= '0' && text[0] <= '9' && !*end && *out &&
	       *out <= most;
}

typedef void form(const struct listing *listing, const struct wish *wish);

/* -1: go on; else an exit status. */
static int parse(int argc, char **argv, struct wish *wish, form **show)
{
	__u64 number;
	int option;

	while ((option = getopt_long(argc, argv, "ap:P:v", options, NULL)) !=
	       -1) {
		switch (option) {
		case 'a':
			wish->names = true;
			break;
		case 'p':
			if (!parse_number(optarg, INT32_MAX, &number))
				goto bad_number;
			wish->pid = (pid_t)number;
			wish->names = true;
			break;
		case 'P':
			if (!parse_number(optarg, ~0ULL, &wish->port))
				goto bad_number;
			wish->names = true;
			break;
		case 'v':
			wish->messages = true;
			break;
		case OPTION_JSON:
		case OPTION_DOT:
			if (*show != show_tasks) {
				fputs("lsmp: --json or --dot, not both\n",
				      stderr);
				return LSMP_USAGE;
			}
			*show = option == OPTION_JSON ? show_json : show_dot;
			break;
		case OPTION_HELP:
			help(stdout);
			return LSMP_OK;
		default:
			help(stderr);
			return LSMP_USAGE;
		}
	}
	if (optind == argc)
		return -1;
	help(stderr);
	return LSMP_USAGE;
bad_number:
	fprintf(stderr, "lsmp: %s is no such number\n", optarg);
	return LSMP_USAGE;
}

static int list(const struct wish *wish, form *show)
{
	struct mach_snapshot_record *records;
	struct mach_trailer own = { .task_id = 0 };
	struct listing listing = { .tasks = NULL };
	size_t size;
	int status = collect(wish, &records, &size, &listing.complete);

	if (status)
		return status;
	/* What this program has is of no interest, unless it is asked for. */
	if (wish->pid != getpid())
		mach_task_identity(mach_task_self(), &own);
	if (!listing_build(&listing, records, size, own.task_id)) {
		fputs("lsmp: no memory\n", stderr);
		return LSMP_FAILED;
	}
	if (!listing_choose(&listing, wish) && (wish->pid || wish->port)) {
		if (wish->port)
			fprintf(stderr, "lsmp: no port %llu\n",
				wish->port);
		else
			fprintf(stderr, "lsmp: process %d has no task\n",
				wish->pid);
		return LSMP_NOTHING;
	}
	show(&listing, wish);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "lsmp: %s\n", strerror(errno));
		return LSMP_FAILED;
	}
	return LSMP_OK;
}

int main(int argc, char **argv)
{
	struct wish wish = { .names = false };
	form *show = show_tasks;
	int status = parse(argc, argv, &wish, &show);

	return status >= 0 ? status : list(&wish, show);
}
