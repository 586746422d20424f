// SPDX-License-Identifier: GPL-2.0
/*
 * What a test must leave as it was: live objects, module parameters, the
 * bootstrap port.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mach_test.h"

#define PARAMETERS	"/sys/module/mach/parameters/"
/* Two seconds, in steps: a guest that its host has stopped gets its share. */
#define SETTLE_STEPS	1000
#define SETTLE_STEP_MS	2

static const char *const parameters[] = {
	"max_inline", "max_regions", "max_ports", "max_region_bytes",
	"share_min", "max_user_ports", "max_user_names", "max_user_bytes",
	"max_user_pages", "max_user_send_once", "max_qlimit",
	"max_user_files",
};

#define PARAMETER_COUNT	(sizeof(parameters) / sizeof(parameters[0]))

/* In the order of struct mach_ioc_stats, from live_tasks on. */
static const char *const live_names[] = {
	"tasks", "ports", "names", "messages", "requests", "objects",
	"regions", "pages", "bytes", "sets", "files",
};

#define LIVE_COUNT	(sizeof(live_names) / sizeof(live_names[0]))

struct world {
	struct mt_task task;	/* to look with; not of the test */
	__u32 bootstrap;
	__u64 parameters[PARAMETER_COUNT];
	struct mach_ioc_stats stats;
};

struct mach_ioc_stats mt_stats(const struct mt_task *task, __u32 flags)
{
	struct mach_ioc_stats stats = { .size = sizeof(stats), .flags = flags };

	mt_must(mt_ioctl(task, MACH_IOC_STATS, &stats));
	return stats;
}

struct mach_ioc_stats mt_since(const struct mt_task *task,
			       const struct mach_ioc_stats *before)
{
	struct mach_ioc_stats now = mt_stats(task, 0);
	int reason;

	now.messages_sent -= before->messages_sent;
	now.messages_received -= before->messages_received;
	now.pages_shared -= before->pages_shared;
	now.pages_moved -= before->pages_moved;
	now.pages_hole -= before->pages_hole;
	for (reason = 0; reason < MACH_COPY_REASONS; reason++)
		now.pages_copied[reason] -= before->pages_copied[reason];
	return now;
}

__u64 mt_copied(const struct mach_ioc_stats *stats)
{
	__u64 sum = 0;
	int reason;

	for (reason = 0; reason < MACH_COPY_REASONS; reason++)
		sum += stats->pages_copied[reason];
	return sum;
}

static __u64 live_of(const struct mach_ioc_stats *stats, size_t kind)
{
	__u64 value;

	memcpy(&value, (const char *)stats + kind, sizeof(value));
	return value;
}

__u64 mt_live(const struct mt_task *task, size_t kind)
{
	struct mach_ioc_stats stats = mt_stats(task, MACH_STATS_MODULE);

	return live_of(&stats, kind);
}

bool mt_live_becomes(const struct mt_task *task, size_t kind, __u64 value)
{
	int step;

	for (step = 0; step < SETTLE_STEPS; step++) {
		if (mt_live(task, kind) == value)
			return true;
		mt_sleep(SETTLE_STEP_MS);
	}
	return false;
}

bool mt_live_settles(const struct mt_task *task,
		     const struct mach_ioc_stats *before)
{
	return mt_live_becomes(task, MT_LIVE(tasks), before->live_tasks) &&
	       mt_live_becomes(task, MT_LIVE(ports), before->live_ports) &&
	       mt_live_becomes(task, MT_LIVE(names), before->live_names) &&
	       mt_live_becomes(task, MT_LIVE(messages),
			       before->live_messages) &&
	       mt_live_becomes(task, MT_LIVE(requests),
			       before->live_requests) &&
	       mt_live_becomes(task, MT_LIVE(objects), before->live_objects);
}

static FILE *open_parameter(const char *name, const char *mode)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), PARAMETERS "%s", name);
	file = fopen(path, mode);
	mt_check(file);
	return file;
}

__u64 mt_param(const char *name)
{
	FILE *file = open_parameter(name, "re");
	unsigned long long value;

	mt_check(fscanf(file, "%llu", &value) == 1);
	fclose(file);
	return value;
}

void mt_set_param(const char *name, __u64 value)
{
	FILE *file = open_parameter(name, "we");

	fprintf(file, "%llu\n", (unsigned long long)value);
	mt_must(fclose(file));
}

void mt_share_all(void)
{
	mt_set_param("share_min", 0);
}

void mt_become_fresh_user(void)
{
	/* The real user is charged; the effective one may still do all. */
	mt_must(setresuid(54321, 0, 0));
}

const char *mt_unavailable(void)
{
	if (access("/dev/mach", F_OK))
		return "no /dev/mach: the module is not loaded";
	if (geteuid())
		return "not root";
	return NULL;
}

static size_t live_kind(size_t index)
{
	return MT_LIVE(tasks) + index * sizeof(__u64);
}

/*
 * The counters when nothing dies any more: the task of the test before this
 * one may still be on its way.
 */
static struct mach_ioc_stats calm_stats(const struct mt_task *task)
{
	struct mach_ioc_stats last = mt_stats(task, MACH_STATS_MODULE), now;
	int calm = 0;

	while (calm < 5) {
		mt_sleep(SETTLE_STEP_MS);
		now = mt_stats(task, MACH_STATS_MODULE);
		calm = memcmp(&last.live_tasks, &now.live_tasks,
			      LIVE_COUNT * sizeof(__u64)) ? 0 : calm + 1;
		last = now;
	}
	return last;
}

static void save(struct world *world)
{
	size_t i;

	mt_open(&world->task);
	world->bootstrap = MACH_PORT_NULL;
	mt_must(mt_name_call(&world->task, MACH_IOC_GET_BOOTSTRAP,
			     &world->bootstrap));
	for (i = 0; i < PARAMETER_COUNT; i++)
		world->parameters[i] = mt_param(parameters[i]);
	world->stats = calm_stats(&world->task);
}

static void restore(struct world *world)
{
	size_t i;

	mt_must(mt_name_call(&world->task, MACH_IOC_SET_BOOTSTRAP,
			     &world->bootstrap));
	for (i = 0; i < PARAMETER_COUNT; i++)
		if (mt_param(parameters[i]) != world->parameters[i])
			mt_set_param(parameters[i], world->parameters[i]);
}

/* Says which counter is not what it was: too high is a leak, too low worse. */
static bool has_leaked(const struct world *world, bool say)
{
	struct mach_ioc_stats now = mt_stats(&world->task, MACH_STATS_MODULE);
	bool leaked = false;
	size_t i;

	for (i = 0; i < LIVE_COUNT; i++) {
		__u64 before = live_of(&world->stats, live_kind(i));
		__u64 after = live_of(&now, live_kind(i));

		if (after == before)
			continue;
		leaked = true;
		if (say)
			fprintf(stderr, "# leak: %s: %llu before, %llu after\n",
				live_names[i], (unsigned long long)before,
				(unsigned long long)after);
	}
	return leaked;
}

/* Does everything that the test created go away? */
static bool settles(const struct world *world)
{
	int step;

	for (step = 0; step < SETTLE_STEPS; step++) {
		if (!has_leaked(world, false))
			return true;
		mt_sleep(SETTLE_STEP_MS);
	}
	return !has_leaked(world, true);
}

/* Ends what a failed test left running; we are the subreaper. */
static void reap_orphans(void)
{
	char path[64];
	int pid;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	for (;;) {
		FILE *file = fopen(path, "re");
		bool found = file && fscanf(file, "%d", &pid) == 1;

		if (file)
			fclose(file);
		if (!found)
			return;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}

/* End as the child did. */
static void __attribute__((noreturn)) end_like(int status)
{
	if (WIFSIGNALED(status)) {
		signal(WTERMSIG(status), SIG_DFL);
		raise(WTERMSIG(status));
	}
	_exit(WEXITSTATUS(status));
}

void mt_supervise(void)
{
	struct rlimit no_core = { 0, 0 };
	struct world world;
	bool clean;
	int status;
	pid_t pid;

	setrlimit(RLIMIT_CORE, &no_core);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	save(&world);
	pid = mt_fork();
	if (pid == 0)
		return;

	status = mt_wait_pid(pid);
	reap_orphans();
	restore(&world);
	clean = settles(&world);
	/* Waits for its death: the next test's baseline is without it. */
	mt_close(&world.task);
	if (!clean)
		_exit(1);
	end_like(status);
}
