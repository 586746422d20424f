// SPDX-License-Identifier: GPL-2.0
/*
 * Programs, threads and peers on Linux: conf.h and system.h.  A task is a
 * process; the right for a peer's task is had from its file of /dev/mach.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf.h"
#include "system.h"

/* Emulated and shared with others: nothing is slow, a hang is. */
#define PROGRAM_SECONDS	(120 + (unsigned int)walk_steps / 10)

/* Shared by a program and its peer. */
struct area {
	void (*volatile body)(void);	/* what the peer runs now */
	volatile int peer_file;		/* the peer's number for its task */
	volatile unsigned long words[64];
	char group[GROUP_SIZE];
};

static struct area *area;
volatile unsigned long *shared;

static pthread_t threads[THREADS];
static void (*thread_bodies[THREADS])(void);
static volatile pid_t thread_ids[THREADS];
static mach_port_t peer_task;
static pid_t peer_process;

void system_write(const char *text)
{
	size_t left = strlen(text);

	while (left) {
		ssize_t done = write(STDOUT_FILENO, text, left);

		if (done < 0)
			exit(1);
		text += done;
		left -= (size_t)done;
	}
}

/* The module chooses no such names. */
void system_spare_names(void)
{
}

char *system_group(void)
{
	return area->group;
}

void system_exit(void)
{
	_exit(1);
}

static void wait_ms(int milliseconds)
{
	usleep((useconds_t)milliseconds * 1000);
}

void rest(void)
{
	wait_ms(20);
}

void set_access(void *address, unsigned long bytes, enum access access)
{
	static const int protection[] = { PROT_NONE, PROT_READ,
					  PROT_READ | PROT_WRITE };

	must("mprotect", mprotect(address, bytes, protection[access]));
}

/* ---- threads ---- */

static int read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t done;

	if (fd < 0)
		return 0;
	done = read(fd, text, size - 1);
	close(fd);
	if (done <= 0)
		return 0;
	text[done] = '\0';
	return 1;
}

/* Asleep, and in an ioctl. */
static int is_waiting(pid_t process, pid_t thread)
{
	char path[64], text[512], *end;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", process, thread);
	if (!read_file(path, text, sizeof(text)))
		return 0;
	end = strrchr(text, ')');
	if (!end || end[2] != 'S')
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", process,
		 thread);
	return read_file(path, text, sizeof(text)) && atol(text) == SYS_ioctl;
}

static void until_waiting(pid_t process, pid_t thread)
{
	int seen = 0;

	while (seen < 3) {
		seen = is_waiting(process, thread) ? seen + 1 : 0;
		rest();
	}
}

static void *thread_main(void *argument)
{
	long thread = (long)argument;

	thread_ids[thread] = gettid();
	thread_bodies[thread]();
	return NULL;
}

void thread_start(int thread, void (*body)(void))
{
	thread_bodies[thread] = body;
	thread_ids[thread] = 0;
	must("pthread_create", pthread_create(&threads[thread], NULL,
					      thread_main,
					      (void *)(long)thread));
}

void thread_blocked(int thread)
{
	while (!thread_ids[thread])
		rest();
	until_waiting(getpid(), thread_ids[thread]);
}

void thread_join(int thread)
{
	must("pthread_join", pthread_join(threads[thread], NULL));
}

static void ignore_signal(int signal)
{
	(void)signal;
}

void thread_interrupt(int thread)
{
	struct sigaction action = { .sa_handler = ignore_signal };

	sigaction(SIGUSR1, &action, NULL);
	must("pthread_kill", pthread_kill(threads[thread], SIGUSR1));
}

/* ---- tasks ---- */

static void peer_main(void)
{
	mach_task_self();
	area->peer_file = mach_device_fd();
	for (;;) {
		while (!area->body)
			wait_ms(1);
		area->body();
		area->body = NULL;
	}
}

static pid_t new_process(void)
{
	pid_t pid = fork();

	if (pid < 0) {
		perror("fork");
		exit(1);
	}
	if (!pid) {
		signal(SIGALRM, SIG_DFL);
		alarm(PROGRAM_SECONDS);
	}
	return pid;
}

static mach_port_t task_of(pid_t process, int file)
{
	int process_file = (int)syscall(SYS_pidfd_open, process, 0);
	int copy = (int)syscall(SYS_pidfd_getfd, process_file, file, 0);
	mach_port_t task = MACH_PORT_NULL;

	must("mach_task_for_file", mach_task_for_file(copy, &task));
	close(copy);
	close(process_file);
	return task;
}

mach_port_t peer(void)
{
	if (peer_task != MACH_PORT_NULL)
		return peer_task;
	mach_task_self();
	area->peer_file = -1;
	peer_process = new_process();
	if (!peer_process)
		peer_main();
	while (area->peer_file < 0)
		wait_ms(1);
	peer_task = task_of(peer_process, area->peer_file);
	return peer_task;
}

void peer_start(void (*body)(void))
{
	peer();
	area->body = body;
}

void peer_blocked(void)
{
	until_waiting(peer_process, peer_process);
}

/* A peer that died does not come back. */
void peer_wait(void)
{
	while (area->body) {
		if (waitpid(peer_process, NULL, WNOHANG) == peer_process) {
			system_write("the peer died\n");
			exit(1);
		}
		wait_ms(1);
	}
}

void in_peer(void (*body)(void))
{
	peer_start(body);
	peer_wait();
}

void peer_kill(void)
{
	mach_port_type_t type = 0;

	kill(peer_process, SIGKILL);
	waitpid(peer_process, NULL, 0);
	while (!mach_port_type(mach_task_self(), peer_task, &type) &&
	       !(type & MACH_PORT_TYPE_DEAD_NAME))
		wait_ms(1);
	discard(peer_task);
	peer_task = MACH_PORT_NULL;
	area->body = NULL;
}

/* ---- the programs, one after the other ---- */

static void program_main(const struct program *program)
{
	say_begin(program->name);
	program->body();
	if (peer_task != MACH_PORT_NULL)
		peer_kill();
	say_end();
	_exit(0);
}

static void new_area(void)
{
	area = mmap(NULL, sizeof(*area), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	shared = area->words;
}

static void run(const struct program *program)
{
	char text[80];
	pid_t process;
	int status;

	new_area();
	process = new_process();
	if (!process)
		program_main(program);
	waitpid(process, &status, 0);
	if (status) {
		snprintf(text, sizeof(text), "@%s died: wait status 0x%x\n",
			 program->name, status);
		system_write(text);
	}
	munmap(area, sizeof(*area));
}

/* All programs, or those that are named. */
static int wanted(const char *name, int number, char **names)
{
	for (int i = 0; i < number; i++)
		if (!strcmp(name, names[i]))
			return 1;
	return !number;
}

int main(int argc, char **argv)
{
	int number = 1;

	while (number < argc && take_argument(argv[number]))
		number++;
	for (const struct program *p = programs; p->name; p++)
		if (wanted(p->name, argc - number, argv + number))
			run(p);
	new_area();
	say_begin("all");
	say_end();
	return 0;
}
