// SPDX-License-Identifier: GPL-2.0
/*
 * A second process.  Only the bootstrap port can make two strangers meet, so
 * the parent lends it for a moment; the peer's first message brings the way
 * back.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "mach_test.h"

static bool is_device(int directory, const char *fd)
{
	char target[64] = "";

	return readlinkat(directory, fd, target, sizeof(target) - 1) > 0 &&
	       !strcmp(target, "/dev/mach");
}

/* What a child has of its parent's tasks would keep their files open. */
static void close_tasks(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	mt_check(dir);
	while ((entry = readdir(dir)))
		if (is_device(dirfd(dir), entry->d_name))
			close(atoi(entry->d_name));
	closedir(dir);
}

pid_t mt_fork(void)
{
	pid_t parent = getpid(), pid = fork();

	mt_check(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		close_tasks();
	}
	return pid;
}

static void say_hello(struct mt_side *side)
{
	struct mt_message message;

	side->port = mt_receive_right(&side->task);
	side->up = MACH_PORT_NULL;
	mt_must(mt_name_call(&side->task, MACH_IOC_GET_BOOTSTRAP, &side->up));
	mt_begin(&message, side->up, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, side->port, MACH_MSG_TYPE_MAKE_SEND);
	mt_must(mt_send(&side->task, &message));
}

static void run_child(int to, int from, mt_body *body, void *arg)
{
	struct mt_side side = { .to = to, .from = from };

	mt_open(&side.task);
	say_hello(&side);
	body(&side, arg);
	_exit(0);
}

static void hear_hello(struct mt_peer *peer, const struct mt_task *task)
{
	struct mt_message message;

	mt_must(mt_receive(task, peer->port, &message, 60000));
	peer->right = mt_right(&message, 0);
}

void mt_spawn(struct mt_peer *peer, const struct mt_task *task, mt_body *body,
	      void *arg)
{
	__u32 saved = MACH_PORT_NULL, offered;
	int down[2], up[2];

	mt_must(pipe(down));
	mt_must(pipe(up));
	peer->port = mt_port(task);
	mt_must(mt_name_call(task, MACH_IOC_GET_BOOTSTRAP, &saved));
	offered = peer->port;
	mt_must(mt_name_call(task, MACH_IOC_SET_BOOTSTRAP, &offered));

	peer->pid = mt_fork();
	if (peer->pid == 0) {
		close(down[1]);
		close(up[0]);
		run_child(up[1], down[0], body, arg);
	}
	close(down[0]);
	close(up[1]);
	peer->to = down[1];
	peer->from = up[0];
	hear_hello(peer, task);

	offered = saved;
	mt_must(mt_name_call(task, MACH_IOC_SET_BOOTSTRAP, &offered));
	mt_must(mt_deallocate(task, peer->port));
	if (saved != MACH_PORT_NULL)
		mt_must(mt_deallocate(task, saved));
}

int mt_wait_pid(pid_t pid)
{
	int status;

	mt_check(waitpid(pid, &status, 0) == pid);
	return status;
}

int mt_join(struct mt_peer *peer)
{
	return mt_wait_pid(peer->pid);
}

void mt_kill(struct mt_peer *peer)
{
	mt_must(kill(peer->pid, SIGKILL));
	mt_join(peer);
}

void mt_tell(int fd, __u64 value)
{
	mt_check(write(fd, &value, sizeof(value)) == sizeof(value));
}

__u64 mt_await(int fd)
{
	__u64 value;

	mt_check(read(fd, &value, sizeof(value)) == sizeof(value));
	return value;
}

void mt_sleep(unsigned int milliseconds)
{
	struct timespec delay = {
		.tv_sec = milliseconds / 1000,
		.tv_nsec = milliseconds % 1000 * 1000000L,
	};

	while (nanosleep(&delay, &delay))
		;
}

static char thread_state(pid_t thread)
{
	char path[64], line[512], *after;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", thread);
	file = fopen(path, "r");
	mt_check(file);
	mt_check(fgets(line, sizeof(line), file));
	fclose(file);
	after = strrchr(line, ')');
	mt_check(after);
	return after[2];
}

void mt_until_asleep(pid_t thread)
{
	int calm = 0;

	/* Once may be a page fault or a lock; a wait stays. */
	while (calm < 5) {
		mt_sleep(10);
		calm = thread_state(thread) == 'S' ? calm + 1 : 0;
	}
}

__u64 mt_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}
