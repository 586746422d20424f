// SPDX-License-Identifier: GPL-2.0
/*
 * Who a task is, and whether a pid is still his: MACH_IOC_TASK_IDENTITY and
 * MACH_IOC_TASK_CONFIRM, which must say no to whoever has got the pid of a
 * sender after him (negative test N39).
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "lib/caller.h"
#include "lib/fixture.h"

#define ALICE		1234U
#define PID_MAX		"/proc/sys/kernel/pid_max"
/* So small that pids come again soon; those below 300 never do. */
#define SMALL_PID_MAX	500
#define RESERVED_PIDS	300

static __s32 identity(const struct mt_task *task, __u32 name,
		      struct mach_ioc_identity *out)
{
	*out = (struct mach_ioc_identity){ .size = sizeof(*out), .task = name };
	mt_must(mt_ioctl(task, MACH_IOC_TASK_IDENTITY, out));
	return out->ret;
}

static __u64 task_id(const struct mt_task *task)
{
	struct mach_ioc_identity own;

	mt_must(identity(task, task->self, &own));
	return own.task_id;
}

static __s32 confirm(const struct mt_task *task, __u64 id, pid_t pid)
{
	struct mach_ioc_confirm call = {
		.size = sizeof(call),
		.ret = MT_NO_RESULT,
		.pid = pid,
		.task_id = id,
	};

	mt_must(mt_ioctl(task, MACH_IOC_TASK_CONFIRM, &call));
	return call.ret;
}

/* ---- TASK_IDENTITY ---- */

TEST_F(mach, own_identity)
{
	struct mach_ioc_identity own;

	ASSERT_EQ(KERN_SUCCESS, identity(&self->task, self->task.self, &own));
	EXPECT_NE(0ULL, own.task_id);
	EXPECT_EQ(getpid(), own.pid);
	EXPECT_EQ(0U, own.uid);
	EXPECT_EQ(0U, own.gid);
	EXPECT_EQ(0U, own.pad);
}

static void send_task_right(struct mt_side *side, void *arg)
{
	struct mt_message message;

	(void)arg;
	mt_begin(&message, side->up, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, side->task.self, MACH_MSG_TYPE_COPY_SEND);
	mt_must(mt_send(&side->task, &message));
	mt_tell(side->to, task_id(&side->task));
	mt_await(side->from);
}

TEST_F(mach, other_task)
{
	struct mach_ioc_identity other;
	struct mt_message message;
	struct mt_peer peer;
	__u32 right;
	__u64 id;

	mt_spawn(&peer, &self->task, send_task_right, NULL);
	id = mt_await(peer.from);
	mt_must(mt_receive(&self->task, peer.port, &message, MT_LONG));
	right = mt_right(&message, 0);
	ASSERT_EQ(KERN_SUCCESS, identity(&self->task, right, &other));
	EXPECT_EQ(id, other.task_id);
	EXPECT_EQ(peer.pid, other.pid);
	EXPECT_EQ(KERN_SUCCESS, confirm(&self->task, id, peer.pid));
	mt_kill(&peer);
	/* Its port dies a moment after the process. */
	while (mt_types(&self->task, right) & MACH_PORT_TYPE_SEND)
		mt_sleep(1);
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  identity(&self->task, right, &other));
}

TEST_F(mach, no_task)
{
	__u32 port = mt_port(&self->task), dead = mt_dead_name(&self->task);
	struct mach_ioc_identity other;

	EXPECT_EQ(MACH_SEND_INVALID_DEST, identity(&self->task, 0, &other));
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  identity(&self->task, MACH_PORT_DEAD, &other));
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  identity(&self->task, MT_UNUSED, &other));
	EXPECT_EQ(MACH_SEND_INVALID_DEST, identity(&self->task, dead, &other));
	EXPECT_EQ(KERN_INVALID_TASK, identity(&self->task, port, &other));
	EXPECT_EQ(KERN_INVALID_TASK,
		  identity(&self->task, mt_host_self(&self->task), &other));
	/* Results are written on success only. */
	EXPECT_EQ(0ULL, other.task_id);
}

/* Who opened it, whoever he is now. */
TEST_F(mach, identity_of_the_open)
{
	struct mach_ioc_identity own;

	mt_must(setegid(ALICE));
	mt_must(seteuid(ALICE));
	ASSERT_EQ(KERN_SUCCESS, identity(&self->task, self->task.self, &own));
	EXPECT_EQ(0U, own.uid);
	EXPECT_EQ(0U, own.gid);
	mt_must(seteuid(0));
	mt_must(setegid(0));
}

TEST_F(mach, ids_are_not_used_twice)
{
	__u64 last = task_id(&self->task), id;
	struct mt_task task;

	for (int i = 0; i < 20; i++) {
		mt_open(&task);
		id = task_id(&task);
		EXPECT_LT(last, id);
		last = id;
		mt_close(&task);
		EXPECT_EQ(KERN_FAILURE, confirm(&self->task, id, getpid()));
	}
}

/* ---- TASK_CONFIRM ---- */

TEST_F(mach, wrong_numbers)
{
	__u64 id = task_id(&self->task);
	const __s32 pids[] = { 0, -1, 1, getppid(), 0x7fffffff,
			       -0x7fffffff - 1 };
	const __u64 ids[] = { 0, id + 100000, 1ULL << 32, 1ULL << 63, ~0ULL };

	EXPECT_EQ(KERN_SUCCESS, confirm(&self->task, id, getpid()));
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		EXPECT_EQ(KERN_FAILURE, confirm(&self->task, id, pids[i]))
			TH_LOG("pid %d", pids[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		EXPECT_EQ(KERN_FAILURE,
			  confirm(&self->task, ids[i], getpid()))
			TH_LOG("id %llx", ids[i]);
	}
}

/* Two tasks of one process are both his. */
TEST_F(mach, two_tasks_of_a_process)
{
	struct mt_task second;

	mt_open(&second);
	EXPECT_EQ(KERN_SUCCESS,
		  confirm(&self->task, task_id(&second), getpid()));
	EXPECT_EQ(KERN_SUCCESS,
		  confirm(&second, task_id(&self->task), getpid()));
}

static void *stay(void *arg)
{
	mt_tell(*(int *)arg, (__u64)syscall(SYS_gettid));
	pause();
	return NULL;
}

/* A thread is no process. */
TEST_F(mach, thread_id)
{
	pthread_t thread;
	int channel[2];
	__u64 tid;

	mt_must(pipe(channel));
	mt_check(!pthread_create(&thread, NULL, stay, &channel[1]));
	tid = mt_await(channel[0]);
	EXPECT_EQ(KERN_FAILURE,
		  confirm(&self->task, task_id(&self->task), (pid_t)tid));
}

static void *tell_and_stay(void *arg)
{
	struct mt_side *side = arg;

	mt_sleep(1);
	mt_tell(side->to, task_id(&side->task));
	mt_await(side->from);
	_exit(0);
}

/* Not the thread's stack: that goes with the first thread. */
static struct mt_side global_side;

static void leave_first_thread(struct mt_side *side, void *arg)
{
	pthread_t thread;

	(void)arg;
	global_side = *side;
	mt_check(!pthread_create(&thread, NULL, tell_and_stay, &global_side));
	/* Only this thread; pthread_exit would do more. */
	syscall(SYS_exit, 0);
}

static char process_state(pid_t pid)
{
	char path[64], text[256] = "", *at;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return '-';
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	fclose(file);
	at = strrchr(text, ')');
	return at ? at[2] : '-';
}

/* The process lives as long as one of its threads. */
TEST_F(mach, first_thread_has_ended)
{
	struct mt_peer peer;
	__u64 id;

	mt_spawn(&peer, &self->task, leave_first_thread, NULL);
	id = mt_await(peer.from);
	while (process_state(peer.pid) != 'Z')
		mt_sleep(1);
	EXPECT_EQ(KERN_SUCCESS, confirm(&self->task, id, peer.pid));
	mt_tell(peer.to, 0);
	mt_join(&peer);
	EXPECT_EQ(KERN_FAILURE, confirm(&self->task, id, peer.pid));
}

static void just_exit(struct mt_side *side, void *arg)
{
	(void)arg;
	mt_tell(side->to, task_id(&side->task));
	mt_await(side->from);
}

/* A zombie has its pid still, but no memory. */
TEST_F(mach, zombie)
{
	struct mt_peer peer;
	__u64 id;

	mt_spawn(&peer, &self->task, just_exit, NULL);
	id = mt_await(peer.from);
	EXPECT_EQ(KERN_SUCCESS, confirm(&self->task, id, peer.pid));
	mt_must(kill(peer.pid, SIGKILL));
	while (process_state(peer.pid) != 'Z')
		mt_sleep(1);
	EXPECT_EQ(KERN_FAILURE, confirm(&self->task, id, peer.pid));
	mt_join(&peer);
	EXPECT_EQ(KERN_FAILURE, confirm(&self->task, id, peer.pid));
}

static void just_exec(struct mt_side *side, void *arg)
{
	/* The file outlives the task. */
	(void)arg;
	mt_must(fcntl(side->task.fd, F_SETFD, 0));
	mt_must(fcntl(side->to, F_SETFD, FD_CLOEXEC));
	mt_tell(side->to, task_id(&side->task));
	mt_await(side->from);
	execlp("sleep", "sleep", "100", NULL);
	_exit(1);
}

/* The same process, but not the one that sent. */
TEST_F(mach, exec)
{
	struct mt_peer peer;
	char byte;
	__u64 id;

	mt_spawn(&peer, &self->task, just_exec, NULL);
	id = mt_await(peer.from);
	EXPECT_EQ(KERN_SUCCESS, confirm(&self->task, id, peer.pid));
	mt_tell(peer.to, 0);
	/* The end of the pipe: exec has happened. */
	EXPECT_EQ(0, read(peer.from, &byte, 1));
	EXPECT_EQ(KERN_FAILURE, confirm(&self->task, id, peer.pid));
	mt_kill(&peer);
}

/* The file is closed, the process lives. */
static void just_close(struct mt_side *side, void *arg)
{
	(void)arg;
	mt_tell(side->to, task_id(&side->task));
	mt_await(side->from);
	mt_close(&side->task);
	mt_tell(side->to, 0);
	mt_await(side->from);
}

TEST_F(mach, closed_file)
{
	struct mt_peer peer;
	__u64 id;

	mt_spawn(&peer, &self->task, just_close, NULL);
	id = mt_await(peer.from);
	EXPECT_EQ(KERN_SUCCESS, confirm(&self->task, id, peer.pid));
	mt_tell(peer.to, 0);
	mt_await(peer.from);
	EXPECT_EQ(KERN_FAILURE, confirm(&self->task, id, peer.pid));
	mt_tell(peer.to, 0);
	EXPECT_EQ(0, mt_join(&peer));
}

/* A forked child has memory of its own, and is somebody else. */
TEST_F(mach, forked_child)
{
	__u64 id = task_id(&self->task);
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	EXPECT_EQ(KERN_FAILURE, confirm(&self->task, id, pid));
	mt_must(kill(pid, SIGKILL));
	mt_wait_pid(pid);
}

static int wait_for_end(void *arg)
{
	mt_await(*(int *)arg);
	return 0;
}

/* A process that shares the memory runs in the same task. */
TEST_F(mach, process_that_shares_memory)
{
	static __u8 stack[64 * 1024] __attribute__((aligned(16)));
	__u64 id = task_id(&self->task);
	int channel[2];
	pid_t pid;

	mt_must(pipe(channel));
	pid = clone(wait_for_end, stack + sizeof(stack), CLONE_VM | SIGCHLD,
		    &channel[0]);
	ASSERT_LT(0, pid);
	EXPECT_EQ(KERN_SUCCESS, confirm(&self->task, id, pid));
	EXPECT_EQ(KERN_SUCCESS, confirm(&self->task, id, getpid()));
	mt_tell(channel[1], 0);
	mt_wait_pid(pid);
	EXPECT_EQ(KERN_FAILURE, confirm(&self->task, id, pid));
	EXPECT_EQ(KERN_SUCCESS, confirm(&self->task, id, getpid()));
}

/* ---- pids that come again ---- */

static void write_number(const char *path, long number)
{
	FILE *file = fopen(path, "we");

	mt_check(file);
	fprintf(file, "%ld\n", number);
	mt_check(!fclose(file));
}

static long read_number(const char *path)
{
	FILE *file = fopen(path, "re");
	long number = 0;

	mt_check(file);
	mt_check(fscanf(file, "%ld", &number) == 1);
	fclose(file);
	return number;
}

/* In the child: a task of its own, whose id it tells. */
static void live_with_task(int to)
{
	struct mt_task task;

	mt_open(&task);
	mt_tell(to, task_id(&task));
	for (;;)
		pause();
}

/* The next one may come again. */
static void skip_reserved_pids(void)
{
	pid_t pid;

	do {
		pid = fork();
		mt_check(pid >= 0);
		if (pid == 0)
			_exit(0);
		mt_must(mt_wait_pid(pid));
	} while (pid <= RESERVED_PIDS);
}

/* A child with just that pid, or 0 after many tries. */
static pid_t child_with_pid(pid_t wanted, int to)
{
	for (int i = 0; i < 4 * SMALL_PID_MAX; i++) {
		pid_t pid = fork();

		mt_check(pid >= 0);
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (getpid() == wanted)
				live_with_task(to);
			_exit(0);
		}
		if (pid == wanted)
			return pid;
		mt_must(mt_wait_pid(pid));
	}
	return 0;
}

TEST_F(mach, N39_pid_reuse)
{
	long pid_max = read_number(PID_MAX);
	struct mt_peer peer;
	int channel[2];
	__u64 id, new_id = 0;
	pid_t pid;

	mt_must(pipe(channel));
	write_number(PID_MAX, SMALL_PID_MAX);
	skip_reserved_pids();
	mt_spawn(&peer, &self->task, just_exit, NULL);
	id = mt_await(peer.from);
	EXPECT_EQ(KERN_SUCCESS, confirm(&self->task, id, peer.pid));
	mt_kill(&peer);
	pid = child_with_pid(peer.pid, channel[1]);
	write_number(PID_MAX, pid_max);
	EXPECT_EQ(peer.pid, pid);
	if (pid) {
		new_id = mt_await(channel[0]);
		EXPECT_NE(id, new_id);
		EXPECT_EQ(KERN_FAILURE, confirm(&self->task, id, pid));
		EXPECT_EQ(KERN_SUCCESS, confirm(&self->task, new_id, pid));
		mt_must(kill(pid, SIGKILL));
		mt_wait_pid(pid);
	}
}

/* ---- confirmations while tasks come and go ---- */

#define RACERS	3
#define ROUNDS	150

static void *open_and_close(void *stop)
{
	struct mt_task task;

	while (!__atomic_load_n((bool *)stop, __ATOMIC_RELAXED)) {
		mt_open(&task);
		mt_close(&task);
	}
	return NULL;
}

TEST_F(mach, confirm_while_tasks_die)
{
	pthread_t racers[RACERS];
	struct mt_task task;
	bool stop = false;
	__u64 id;

	for (int i = 0; i < RACERS; i++)
		mt_check(!pthread_create(&racers[i], NULL, open_and_close,
					 &stop));
	for (int round = 0; round < ROUNDS; round++) {
		mt_open(&task);
		id = task_id(&task);
		/* Those of the racers: any answer will do. */
		for (__u64 near = id - 8; near < id + 8; near++)
			if (near != id)
				confirm(&self->task, near, getpid());
		EXPECT_EQ(KERN_SUCCESS, confirm(&self->task, id, getpid()));
		mt_close(&task);
		EXPECT_EQ(KERN_FAILURE, confirm(&self->task, id, getpid()));
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (int i = 0; i < RACERS; i++)
		mt_check(!pthread_join(racers[i], NULL));
}

TEST_HARNESS_MAIN
