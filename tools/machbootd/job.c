// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* When a job is started: see the states in struct job. */
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>

#include "job.h"

/*
 *	idle		does not run; its inactive services are watched
 *	wanted		does not run; a message waits, and perhaps the throttle
 *	runs		was asked for, or has a process
 */
enum job_state { JOB_IDLE, JOB_WANTED, JOB_RUNS };

struct job {
	const struct job_config *config;
	struct service *services[CONFIG_NAMES];
	enum job_state state;
	bool was_started;
	int64_t last_start;		/* milliseconds */
};

static struct job jobs[CONFIG_JOBS];
static unsigned int job_count;
static int launcher_fd;

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_BOOTTIME, &time);
	return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

static bool init_job(struct job *job)
{
	const struct job_config *config = job->config;

	for (unsigned int i = 0; i < config->name_count; i++) {
		if (service_declare(names_root(), config->names[i],
				    config->uid, job, &job->services[i]))
			return false;
		service_watch(job->services[i], true);
	}
	return true;
}

bool jobs_init(const struct config *config, int launcher)
{
	launcher_fd = launcher;
	job_count = config->job_count;
	for (unsigned int i = 0; i < job_count; i++) {
		jobs[i].config = &config->jobs[i];
		if (!init_job(&jobs[i]))
			return false;
	}
	return true;
}

/* While the job is not idle its messages need not be told again. */
static void watch_services(const struct job *job, bool watch)
{
	for (unsigned int i = 0; i < job->config->name_count; i++)
		if (!job->services[i]->active)
			service_watch(job->services[i], watch);
}

static bool has_messages(const struct job *job)
{
	for (unsigned int i = 0; i < job->config->name_count; i++)
		if (job->services[i]->waiting &&
		    service_has_messages(job->services[i]))
			return true;
	return false;
}

void jobs_demand(void)
{
	for (unsigned int i = 0; i < job_count; i++) {
		if (jobs[i].state != JOB_IDLE || !has_messages(&jobs[i]))
			continue;
		jobs[i].state = JOB_WANTED;
		watch_services(&jobs[i], false);
	}
}

static void report(const struct job *job, int status)
{
	const char *file = job->config->file;

	if (WIFSIGNALED(status))
		fprintf(stderr, "machbootd: %s: ended by signal %d\n", file,
			WTERMSIG(status));
	else if (WEXITSTATUS(status))
		fprintf(stderr, "machbootd: %s: exit status %d\n", file,
			WEXITSTATUS(status));
}

void jobs_event(const struct launcher_event *event)
{
	struct job *job;

	if (event->job >= job_count)
		return;
	job = &jobs[event->job];
	if (event->pid && !event->ended)
		return;
	if (event->ended)
		report(job, event->status);
	else
		fprintf(stderr, "machbootd: %s: no process for it\n",
			job->config->file);
	job->state = JOB_IDLE;
	watch_services(job, true);
}

void jobs_service_back(struct service *service)
{
	if (service->job && service->job->state == JOB_IDLE)
		service_watch(service, true);
}

int jobs_run(void)
{
	int64_t wait = -1, left;

	for (unsigned int i = 0; i < job_count; i++) {
		struct job *job = &jobs[i];

		if (job->state != JOB_WANTED)
			continue;
		left = job->last_start + job->config->throttle - now();
		if (job->was_started && left > 0) {
			if (wait < 0 || left < wait)
				wait = left;
			continue;
		}
		job->state = JOB_RUNS;
		job->was_started = true;
		job->last_start = now();
		launcher_ask(launcher_fd, i);
	}
	return (int)wait;
}
