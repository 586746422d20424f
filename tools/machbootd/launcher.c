// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* The launcher's process: one loop over the socket and the deaths of jobs. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher.h"
#include "privilege.h"

struct launcher {
	const struct config *config;
	pid_t pids[CONFIG_JOBS];	/* 0: does not run */
	int server;			/* the socket */
	int deaths;			/* a signalfd for SIGCHLD */
};

static void tell(const struct launcher *launcher,
		 const struct launcher_event *event)
{
	while (send(launcher->server, event, sizeof(*event), MSG_NOSIGNAL) < 0)
		if (errno != EINTR)
			break;
}

/* A user that is only a number is in no group but its own. */
static bool take_groups(const struct job_config *job)
{
	if (!job->user || (job->user[0] >= '0' && job->user[0] <= '9'))
		return !setgroups(0, NULL);
	return !initgroups(job->user, job->gid);
}

static void become_user(const struct job_config *job)
{
	if (geteuid() == 0 &&
	    (!take_groups(job) || setresgid(job->gid, job->gid, job->gid) ||
	     setresuid(job->uid, job->uid, job->uid)))
		_exit(126);
}

/* In the child.  Programs get a clean process, and no way to their parent. */
static void __attribute__((noreturn)) run(const struct job_config *job)
{
	static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:"
			     "/usr/bin:/sbin:/bin";
	char *environment[] = { path, NULL };
	sigset_t none;
	int null;

	setsid();
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, 0) < 0 || chdir("/"))
		_exit(126);
	if (null > 2)
		close(null);
	become_user(job);
	execve(job->words[0], job->words, environment);
	fprintf(stderr, "machbootd: %s: %s: %m\n", job->file, job->words[0]);
	_exit(127);
}

static void start_job(struct launcher *launcher, uint32_t number)
{
	struct launcher_event event = { .job = number };
	pid_t pid;

	if (number >= launcher->config->job_count || launcher->pids[number])
		return;
	pid = fork();
	if (pid == 0)
		run(&launcher->config->jobs[number]);
	if (pid > 0) {
		launcher->pids[number] = pid;
		event.pid = pid;
	}
	tell(launcher, &event);
}

static void reap(struct launcher *launcher)
{
	struct launcher_event event = { .ended = 1 };
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (uint32_t i = 0; i < launcher->config->job_count; i++) {
			if (launcher->pids[i] != pid)
				continue;
			launcher->pids[i] = 0;
			event.job = i;
			event.pid = pid;
			event.status = status;
			tell(launcher, &event);
		}
	}
}

static void __attribute__((noreturn)) end_jobs(const struct launcher *launcher)
{
	for (uint32_t i = 0; i < launcher->config->job_count; i++)
		if (launcher->pids[i])
			kill(-launcher->pids[i], SIGTERM);
	_exit(0);
}

static void __attribute__((noreturn)) serve(struct launcher *launcher)
{
	struct pollfd files[2] = {
		{ .fd = launcher->server, .events = POLLIN },
		{ .fd = launcher->deaths, .events = POLLIN },
	};
	struct signalfd_siginfo info;
	uint32_t job;
	ssize_t got;

	for (;;) {
		if (poll(files, 2, -1) < 0)
			continue;
		if (files[1].revents &&
		    read(launcher->deaths, &info, sizeof(info)) > 0)
			reap(launcher);
		if (!files[0].revents)
			continue;
		got = recv(launcher->server, &job, sizeof(job), MSG_DONTWAIT);
		if (got == sizeof(job))
			start_job(launcher, job);
		else if (got == 0 || (errno != EAGAIN && errno != EINTR))
			end_jobs(launcher);
	}
}

/* A signal for the group, as from a terminal, is the server's to answer. */
static void __attribute__((noreturn)) become_launcher(
		const struct config *config, int server)
{
	static struct launcher launcher;
	sigset_t signals;

	launcher.config = config;
	launcher.server = server;
	prctl(PR_SET_NAME, "machbootd-start");
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	launcher.deaths = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	unsetenv("NOTIFY_SOCKET");
	if (launcher.deaths < 0 || !privilege_keep_users()) {
		perror("machbootd: launcher");
		_exit(1);
	}
	serve(&launcher);
}

int launcher_start(const struct config *config)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -1;
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		become_launcher(config, ends[1]);
	}
	close(ends[1]);
	if (pid > 0)
		return ends[0];
	close(ends[0]);
	return -1;
}

void launcher_ask(int fd, uint32_t job)
{
	while (send(fd, &job, sizeof(job), MSG_NOSIGNAL) < 0)
		if (errno != EINTR)
			break;
}
