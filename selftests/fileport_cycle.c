// SPDX-License-Identifier: GPL-2.0
/*
 * Rings of files and ports (negative test N30): a file of /dev/mach cannot be
 * put into a port, but it can be in the queue of a socket that is, and the
 * right for that port in a queue of the task.  Nothing outside holds any of it
 * then; what ends it is the death of the memory that the task belongs to.
 *
 * Each scenario is built by a process of its own, which then closes all that
 * it has.  The test sees that the ring holds itself, ends the process, and
 * sees that nothing is left.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "lib/caller.h"
#include "lib/descriptors.h"
#include "lib/fixture.h"
#include "lib/ring.h"

#define RINGS	8

/* The right for a fileport, and nothing else, into the queue of @port. */
static void queue_fileport(const struct mt_task *task, __u32 port, int fd)
{
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_MAKE_SEND);
	mt_put_right(&message, mt_new_fileport(task, fd),
		     MACH_MSG_TYPE_MOVE_SEND);
	mt_must(mt_send(task, &message));
}

/* ---- the scenarios; each leaves no descriptor of its own ---- */

/* port -> fileport -> socket -> file of the task -> port */
static void build_device(void)
{
	struct mt_task task;
	int ends[2];

	mt_open(&task);
	mt_socket_pair(ends);
	mt_send_fd(ends[0], task.fd);
	queue_fileport(&task, mt_receive_right(&task), ends[1]);
	close(ends[0]);
	close(ends[1]);
	close(task.fd);
}

/* The same, and both ends of the socket are in fileports. */
static void build_both_ends(void)
{
	__u32 port;
	struct mt_task task;
	int ends[2];

	mt_open(&task);
	port = mt_receive_right(&task);
	mt_socket_pair(ends);
	mt_send_fd(ends[0], task.fd);
	mt_send_fd(ends[1], task.fd);
	queue_fileport(&task, port, ends[0]);
	queue_fileport(&task, port, ends[1]);
	close(ends[0]);
	close(ends[1]);
	close(task.fd);
}

/* The pages by which the module would see the memory die. */
static void unmap_doorbells(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long start, end;
	char line[512];
	int count = 0;

	mt_check(maps);
	while (fgets(line, sizeof(line), maps))
		if (strstr(line, "mach") && strstr(line, "---s") &&
		    sscanf(line, "%lx-%lx", &start, &end) == 2) {
			mt_unmap((void *)start, end - start);
			count++;
		}
	fclose(maps);
	mt_check(count);
}

/* The first again, by somebody who wants it never to end. */
static void build_without_doorbell(void)
{
	build_device();
	unmap_doorbells();
}

/* Task a's file is in b's queue, and b's in a's. */
static void build_two_tasks(void)
{
	struct mt_task a, b;
	int of_a[2], of_b[2];

	mt_open(&a);
	mt_open(&b);
	mt_socket_pair(of_a);
	mt_socket_pair(of_b);
	mt_send_fd(of_a[0], a.fd);
	mt_send_fd(of_b[0], b.fd);
	queue_fileport(&a, mt_receive_right(&a), of_b[1]);
	queue_fileport(&b, mt_receive_right(&b), of_a[1]);
	for (int i = 0; i < 2; i++) {
		close(of_a[i]);
		close(of_b[i]);
	}
	close(a.fd);
	close(b.fd);
}

/* A fileport that a name has, and a right for the task's port in the socket. */
static void build_with_right(void)
{
	struct mt_task task;
	__u32 port;
	int ends[2], right;

	mt_open(&task);
	port = mt_port(&task);
	mt_socket_pair(ends);
	right = mt_hold_right(&task, port);
	mt_send_fd(ends[0], right);
	mt_send_fd(ends[0], task.fd);
	mt_new_fileport(&task, ends[1]);
	close(ends[0]);
	close(ends[1]);
	close(right);
	close(task.fd);
}

/* An epoll that waits for the port in whose queue it is. */
static void build_epoll(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(EPOLL_CLOEXEC), poll, ends[2];
	struct mt_task task;
	__u32 port;

	mt_open(&task);
	port = mt_receive_right(&task);
	poll = mt_watch(&task, port);
	mt_must(epoll_ctl(epoll, EPOLL_CTL_ADD, poll, &event));
	mt_socket_pair(ends);
	mt_send_fd(ends[0], task.fd);
	mt_send_fd(ends[0], poll);
	queue_fileport(&task, port, epoll);
	queue_fileport(&task, port, ends[1]);
	close(ends[0]);
	close(ends[1]);
	close(epoll);
	close(poll);
	close(task.fd);
}

/* A receive right that travels in the queue of another port. */
static void build_in_transit(void)
{
	struct mt_task task;
	__u32 inner, outer;
	int ends[2];

	mt_open(&task);
	inner = mt_receive_right(&task);
	outer = mt_port(&task);
	mt_socket_pair(ends);
	mt_send_fd(ends[0], task.fd);
	queue_fileport(&task, inner, ends[1]);
	mt_must(mt_carry(&task, outer, inner));
	close(ends[0]);
	close(ends[1]);
	close(task.fd);
}

/* The ring of an io_uring has the task's file. */
static void build_io_uring(void)
{
	struct mt_task task;
	struct mt_ring ring;

	mt_open(&task);
	if (!mt_ring_start(&ring))
		_exit(KSFT_SKIP);
	mt_must(mt_ring_register(&ring, task.fd));
	queue_fileport(&task, mt_receive_right(&task), ring.fd);
	close(ring.fd);
	close(task.fd);
}

/* ---- their life and end ---- */

enum end { BY_EXIT, BY_KILL, BY_EXEC };

struct builder {
	pid_t pid;
	int to, from;
};

static void run_builder(int to, int from, void (*build)(void), enum end end)
{
	for (int i = 0; i < RINGS; i++)
		build();
	mt_tell(to, 1);
	mt_await(from);
	if (end == BY_EXEC)
		execl("/proc/self/exe", "after_exec", "sleep", NULL);
	_exit(end == BY_EXIT ? 0 : 1);
}

static void start_builder(struct builder *builder, void (*build)(void),
			  enum end end)
{
	int down[2], up[2];

	mt_must(pipe(down));
	mt_must(pipe(up));
	builder->pid = mt_fork();
	if (!builder->pid) {
		close(down[1]);
		close(up[0]);
		run_builder(up[1], down[0], build, end);
	}
	close(down[0]);
	close(up[1]);
	builder->to = down[1];
	builder->from = up[0];
	mt_await(builder->from);
}

static void end_builder(struct builder *builder, enum end end)
{
	int status;

	if (end == BY_KILL)
		mt_must(kill(builder->pid, SIGKILL));
	else
		mt_tell(builder->to, 1);
	if (end == BY_EXEC)
		return;
	status = mt_wait_pid(builder->pid);
	mt_check(end == BY_KILL ? WIFSIGNALED(status) : status == 0);
}

static bool all_gone(const struct mt_task *task)
{
	/* Each file goes a moment after the one that held it. */
	for (int i = 0; i < 60 && mt_live(task, MT_LIVE(tasks)) > 2; i++)
		mt_sleep(i < 20 ? 50 : 1000);
	return mt_live_becomes(task, MT_LIVE(tasks), 2) &&
	       mt_live_becomes(task, MT_LIVE(files), 0) &&
	       mt_live_becomes(task, MT_LIVE(messages), 0);
}

/* Two tasks are the test's own and its supervisor's. */
#define EXPECT_CUT(build, each, end)					\
	do {								\
		const struct mt_task *task = &self->task;		\
		struct builder builder;					\
									\
		start_builder(&builder, build, end);			\
		EXPECT_EQ(2ULL + RINGS * (each),			\
			  mt_live(task, MT_LIVE(tasks)));		\
		EXPECT_LE((__u64)RINGS, mt_live(task, MT_LIVE(files)));	\
		end_builder(&builder, end);				\
		EXPECT_TRUE(all_gone(task));				\
		if ((end) == BY_EXEC) {					\
			/* It lives on, as another program. */		\
			EXPECT_EQ(0, kill(builder.pid, SIGKILL));	\
			mt_wait_pid(builder.pid);			\
		}							\
	} while (0)

TEST_F(mach, N30_device_in_socket_in_own_queue)
{
	EXPECT_CUT(build_device, 1, BY_EXIT);
	EXPECT_CUT(build_device, 1, BY_KILL);
	EXPECT_CUT(build_device, 1, BY_EXEC);
}

TEST_F(mach, N30_doorbell_unmapped)
{
	EXPECT_CUT(build_without_doorbell, 1, BY_EXIT);
	EXPECT_CUT(build_without_doorbell, 1, BY_KILL);
	EXPECT_CUT(build_without_doorbell, 1, BY_EXEC);
}

TEST_F(mach, N30_both_ends_of_the_socket)
{
	EXPECT_CUT(build_both_ends, 1, BY_EXIT);
}

TEST_F(mach, N30_two_tasks)
{
	EXPECT_CUT(build_two_tasks, 2, BY_EXIT);
	EXPECT_CUT(build_two_tasks, 2, BY_KILL);
}

TEST_F(mach, N30_right_in_the_socket)
{
	EXPECT_CUT(build_with_right, 1, BY_EXIT);
	EXPECT_CUT(build_with_right, 1, BY_EXEC);
}

TEST_F(mach, N30_epoll)
{
	EXPECT_CUT(build_epoll, 1, BY_EXIT);
	EXPECT_CUT(build_epoll, 1, BY_KILL);
}

TEST_F(mach, N30_in_transit)
{
	EXPECT_CUT(build_in_transit, 1, BY_EXIT);
}

TEST_F(mach, N30_io_uring)
{
	struct mt_ring ring;

	if (!mt_ring_start(&ring))
		SKIP(return, "no io_uring");
	close(ring.fd);
	EXPECT_CUT(build_io_uring, 1, BY_EXIT);
	EXPECT_CUT(build_io_uring, 1, BY_EXEC);
}

/*
 * What would hold itself although no task is in it: a right for the fileport,
 * in a file, in the queue of the socket that the fileport carries.
 */
TEST_F(mach, N30_right_fd_of_a_fileport_refused)
{
	const struct mt_task *task = &self->task;
	unsigned int fds;
	int ends[2], fd;
	__u32 name;

	mt_socket_pair(ends);
	fds = mt_open_fds();
	name = mt_new_fileport(task, ends[1]);
	EXPECT_EQ(KERN_INVALID_ARGUMENT, mt_right_fd(task, name, 0, &fd));
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  mt_right_fd(task, name, MACH_FD_MOVE, &fd));
	EXPECT_EQ(1U, mt_refs(task, name, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(fds, mt_open_fds());
	EXPECT_EQ(1ULL, mt_live(task, MT_LIVE(files)));
}

/* A long way down: files that end files, with no depth of the stack. */
TEST_F(mach, N30_nested)
{
	const struct mt_task *task = &self->task;
	__u32 name = MACH_PORT_NULL;
	struct mt_task inner;
	int ends[2];

	for (int i = 0; i < 500; i++) {
		mt_open(&inner);
		mt_socket_pair(ends);
		if (name != MACH_PORT_NULL)
			mt_transfer(task, &inner, name,
				    MACH_MSG_TYPE_MOVE_SEND);
		mt_send_fd(ends[0], inner.fd);
		name = mt_new_fileport(task, ends[1]);
		close(inner.fd);
		close(ends[0]);
		close(ends[1]);
	}
	EXPECT_EQ(502ULL, mt_live(task, MT_LIVE(tasks)));
	mt_must(mt_deallocate(task, name));
	EXPECT_TRUE(all_gone(task));
}

/* What the program does that exec puts in the place of a builder. */
static void __attribute__((constructor)) started(int argc, char **argv)
{
	if (argc != 2 || strcmp(argv[0], "after_exec"))
		return;
	for (;;)
		pause();
}

TEST_HARNESS_MAIN
