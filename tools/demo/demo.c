// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/*
 * demo: 64 MiB of a real file move from one process to two others through
 * /dev/mach, and are copied nowhere.
 *
 * Three processes, each with its own task; they meet through the bootstrap
 * port, so this must run as root (page-frame numbers need it too).  The last
 * line is the verdict.
 */
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "demo.h"

/* Seconds until a process that hangs is killed; emulation is slow. */
#define PATIENCE	300

struct verdict *verdict;

_Noreturn void fail(const char *format, ...)
{
	va_list arguments;

	fflush(stdout);
	va_start(arguments, format);
	if (!verdict->why[0])
		vsnprintf(verdict->why, sizeof(verdict->why), format,
			  arguments);
	va_end(arguments);
	_exit(1);
}

void must(kern_return_t kr, const char *what)
{
	if (kr != KERN_SUCCESS)
		fail("%s: %s", what, mach_error_string(kr));
}

/* fork(), with a child that neither hangs nor outlives its parent. */
static pid_t start(void)
{
	pid_t child;

	fflush(stdout);
	child = fork();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(PATIENCE);
	}
	return child;
}

static pid_t start_server(const struct source *source)
{
	int ready[2];
	pid_t child;
	char byte;

	if (pipe(ready))
		fail("pipe: %m");
	child = start();
	if (child < 0)
		fail("starting the server: %m");
	if (!child) {
		close(ready[0]);
		run_server(source, ready[1]);
		exit(0);
	}
	close(ready[1]);
	/* End of file means that it died; wait_for_all() will tell why. */
	if (read(ready[0], &byte, 1) < 0)
		fail("pipe: %m");
	close(ready[0]);
	return child;
}

static pid_t start_client(uint32_t who)
{
	pid_t child = start();

	if (child < 0)
		fail("starting a client: %m");
	if (!child) {
		run_client(who);
		exit(0);
	}
	return child;
}

/* The first process that fails ends the others. */
static void wait_for_all(const pid_t *children, int count)
{
	for (int left = count; left; left--) {
		int status;
		pid_t pid = wait(&status);

		if (pid < 0)
			fail("wait: %m");
		if (WIFEXITED(status) && !WEXITSTATUS(status))
			continue;
		for (int i = 0; i < count; i++)
			if (children[i] != pid)
				kill(children[i], SIGKILL);
		if (WIFSIGNALED(status))
			fail("process %d was killed by signal %d (%s)",
			     (int)pid, WTERMSIG(status),
			     strsignal(WTERMSIG(status)));
		fail("process %d failed", (int)pid);
	}
}

static void run(const struct source *source)
{
	pid_t children[1 + DEMO_CLIENTS];
	mach_port_t bootstrap;

	/* Other programs may use the bootstrap port: put theirs back. */
	must(task_get_bootstrap_port(mach_task_self(), &bootstrap),
	     "bootstrap port");
	children[0] = start_server(source);
	for (uint32_t i = 0; i < DEMO_CLIENTS; i++)
		children[1 + i] = start_client(i);
	wait_for_all(children, 1 + DEMO_CLIENTS);
	must(mach_set_instance_bootstrap(bootstrap), "bootstrap port");
}

static int usage(void)
{
	fprintf(stderr, "usage: demo [-4] FILE\n"
		"  -4  only 4 KiB pages, no huge pages\n");
	return 2;
}

int main(int argc, char **argv)
{
	struct source source = { 0 };
	int option, status = 1;
	pid_t child;

	while ((option = getopt(argc, argv, "4")) != -1) {
		if (option != '4')
			return usage();
		source.only_small_pages = 1;
	}
	if (optind != argc - 1)
		return usage();
	source.file = argv[optind];
	verdict = mmap(NULL, sizeof(*verdict), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (verdict == MAP_FAILED) {
		printf("demo: FAILED mmap: %m\n");
		return 1;
	}
	child = fork();
	if (!child) {
		run(&source);
		exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0 || status) {
		printf("demo: FAILED %s\n",
		       verdict->why[0] ? verdict->why : "a process died");
		return 1;
	}
	printf("demo: ok bytes=%zu shared=%zu copied=%zu split=%zu\n",
	       DEMO_BYTES, verdict->shared, verdict->copied, verdict->split);
	return 0;
}
