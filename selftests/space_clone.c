// SPDX-License-Identifier: GPL-2.0
/*
 * Every mixture of shared memory and shared files that clone() makes: a task
 * belongs to one address space, lives exactly as long as that and its file,
 * and out-of-line memory is always the caller's own (negative tests N33, N35,
 * N36).  The plain cases are in ioctl_owner.c and space_death.c.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "lib/fixture.h"

#define STACK	(16 * MT_PAGE)

/* The errno of a harmless call, or 0. */
static int ask(int fd)
{
	struct mach_ioc_name call = { .size = sizeof(call) };

	return ioctl(fd, MACH_IOC_TASK_SELF, &call) < 0 ? errno : 0;
}

static pid_t start(int (*body)(void *), void *arg, int flags)
{
	char *stack = mt_map(STACK / MT_PAGE);
	pid_t pid = clone(body, stack + STACK, flags | SIGCHLD, arg);

	mt_check(pid > 0);
	return pid;
}

/* Is told when the port of another task dies. */
struct watch {
	const struct mt_task *task;
	__u32 right, notify;
};

static void watch(struct watch *watch, const struct mt_task *task,
		  __u32 right)
{
	watch->task = task;
	watch->right = right;
	watch->notify = mt_receive_right(task);
	mt_arm(task, right, MACH_NOTIFY_DEAD_NAME, watch->notify);
}

static bool is_alive(const struct watch *watch)
{
	mt_sleep(30);
	return mt_empty(watch->task, watch->notify);
}

static bool dies(const struct watch *watch)
{
	return mt_notified(watch->task, watch->notify, MACH_NOTIFY_DEAD_NAME,
			   watch->right);
}

/* ---- files shared, memory not ---- */

struct shared {
	int fd;			/* of the parent's task */
	int go[2], said[2];
};

static int child_with_the_files(void *arg)
{
	struct shared *shared = arg;
	struct mt_task task;

	mt_tell(shared->said[1], ask(shared->fd));
	mt_open(&task);
	mt_tell(shared->said[1], task.fd);
	mt_await(shared->go[0]);
	mt_tell(shared->said[1], ask(task.fd));
	mt_await(shared->go[0]);
	return 0;
}

TEST_F(mach, N36_files_but_not_memory)
{
	const struct mt_task *task = &self->task;
	__u64 tasks = mt_live(task, MT_LIVE(tasks));
	struct shared shared = { .fd = task->fd };
	pid_t pid;
	int own;

	mt_must(pipe(shared.go));
	mt_must(pipe(shared.said));
	pid = start(child_with_the_files, &shared, CLONE_FILES);
	EXPECT_EQ((__u64)EPERM, mt_await(shared.said[0]));
	own = (int)mt_await(shared.said[0]);
	/* The same number, the same file; another memory. */
	EXPECT_EQ(EPERM, ask(own));
	mt_tell(shared.go[1], 0);
	EXPECT_EQ(0ULL, mt_await(shared.said[0]));
	EXPECT_EQ(tasks + 1, mt_live(task, MT_LIVE(tasks)));
	mt_tell(shared.go[1], 0);
	EXPECT_EQ(0, mt_wait_pid(pid));
	/* Its memory is gone, its file is still open here. */
	for (int i = 0; i < 400 && ask(own) == EPERM; i++)
		mt_sleep(5);
	EXPECT_EQ(ESTALE, ask(own));
	EXPECT_EQ(0, ask(task->fd));
	close(own);
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(tasks), tasks));
}

static int close_the_file(void *arg)
{
	close(*(int *)arg);
	return 0;
}

/* The child closes the last descriptor: the parent's task is gone. */
TEST_F(mach, N36_closed_by_another_process)
{
	const struct mt_task *task = &self->task;
	struct mt_task other;
	struct watch other_dies;
	pid_t pid;

	mt_open(&other);
	watch(&other_dies, task,
	      mt_connect(task, &other, mt_receive_right(&other)));
	pid = start(close_the_file, &other.fd, CLONE_FILES);
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_TRUE(dies(&other_dies));
	EXPECT_EQ(EBADF, ask(other.fd));
}

/* ---- memory shared, files not ---- */

struct heir {
	int fd;
	__u32 self;
	char *memory;
	int go[2], said[2];
};

/* Outlives the process that opened the task, in its memory. */
static int live_on(void *arg)
{
	struct heir *heir = arg;
	struct mt_task task = { .fd = heir->fd, .self = heir->self };
	char *received;

	mt_await(heir->go[0]);
	received = mt_pass_memory(&task, heir->memory, 4 * MT_PAGE, 0);
	mt_tell(heir->said[1], ask(heir->fd) ||
			       !mt_holds(received, 4 * MT_PAGE, 1));
	mt_await(heir->go[0]);
	return 0;
}

static void open_and_leave(struct mt_side *side, void *arg)
{
	struct heir *heir = arg;

	heir->fd = side->task.fd;
	heir->self = side->task.self;
	heir->memory = mt_map_filled(4, 1);
	mt_tell(side->to, start(live_on, heir, CLONE_VM));
	mt_await(side->from);
	/* The peer's exit now: its memory stays with the heir. */
}

TEST_F(mach, N36_memory_outlives_the_process)
{
	struct watch watched;
	struct heir *heir;
	struct mt_peer peer;
	pid_t pid;

	heir = mmap(NULL, MT_PAGE, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)heir);
	mt_share_all();
	mt_must(pipe(heir->go));
	mt_must(pipe(heir->said));
	mt_spawn(&peer, &self->task, open_and_leave, heir);
	watch(&watched, &self->task, peer.right);
	pid = (pid_t)mt_await(peer.from);
	mt_tell(peer.to, 0);
	EXPECT_EQ(0, mt_join(&peer));
	EXPECT_TRUE(is_alive(&watched));
	mt_tell(heir->go[1], 0);
	EXPECT_EQ(0ULL, mt_await(heir->said[0]));
	/* Its end is the end of the memory, and of the task. */
	EXPECT_TRUE(is_alive(&watched));
	mt_must(kill(pid, SIGKILL));
	EXPECT_TRUE(dies(&watched));
}

static int exec_sleep(void *arg)
{
	(void)arg;
	execlp("sleep", "sleep", "100", NULL);
	return 127;
}

/* A process with our memory, and our files or not, that runs a program. */
TEST_F(mach, N36_clone_that_execs)
{
	static const int flags[] = {
		CLONE_VM, CLONE_VM | CLONE_FILES, CLONE_VM | CLONE_VFORK,
		CLONE_FILES, CLONE_VM | CLONE_FS | CLONE_SIGHAND,
	};
	char *memory = mt_map_filled(4, 1);

	mt_share_all();
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		pid_t pid = start(exec_sleep, NULL, flags[i]);

		mt_sleep(50);
		EXPECT_EQ(0, ask(self->task.fd)) TH_LOG("flags %#x", flags[i]);
		EXPECT_TRUE(mt_holds(mt_pass_memory(&self->task, memory,
						    4 * MT_PAGE, 0),
				     4 * MT_PAGE, 1));
		kill(pid, SIGKILL);
		mt_wait_pid(pid);
		EXPECT_EQ(0, ask(self->task.fd)) TH_LOG("flags %#x", flags[i]);
	}
}

/* ---- threads ---- */

static void *unshare_and_ask(void *arg)
{
	struct mt_task *task = arg;
	char *memory = mt_map_filled(4, 1);

	mt_must(unshare(CLONE_FILES));
	mt_check(!ask(task->fd));
	mt_check(mt_holds(mt_pass_memory(task, memory, 4 * MT_PAGE, 0),
			  4 * MT_PAGE, 1));
	close(task->fd);
	return NULL;
}

/* A thread with a table of files of its own: closing there closes nothing. */
TEST_F(mach, N36_thread_with_files_of_its_own)
{
	struct mt_task task = self->task;
	pthread_t thread;

	mt_must(pthread_create(&thread, NULL, unshare_and_ask, &task));
	mt_must(pthread_join(thread, NULL));
	EXPECT_EQ(0, ask(self->task.fd));
}

static void *wait_for_ever(void *arg)
{
	struct mt_side *side = arg;
	struct mt_message message;

	mt_receive(&side->task, side->port, &message, MT_FOREVER);
	return NULL;
}

static void *fill_for_ever(void *arg)
{
	struct mt_side *side = arg;
	char *memory = mt_map_filled(64, 1);

	for (;;)
		mt_unmap(mt_pass_memory(&side->task, memory, 64 * MT_PAGE, 0),
			 64 * MT_PAGE);
	return NULL;
}

/* One thread waits, one sends and receives, and then: exec, or exit. */
static void end_in_the_middle(struct mt_side *side, void *arg)
{
	pthread_t threads[2];

	mt_share_all();
	mt_must(pthread_create(&threads[0], NULL, wait_for_ever, side));
	mt_must(pthread_create(&threads[1], NULL, fill_for_ever, side));
	mt_sleep(20);
	mt_tell(side->to, 0);
	mt_await(side->from);
	if (*(int *)arg)
		execlp("sleep", "sleep", "100", NULL);
	_exit(0);
}

TEST_F(mach, N35_exec_and_exit_with_busy_threads)
{
	for (int exec = 0; exec < 2; exec++) {
		for (int round = 0; round < 5; round++) {
			struct watch watched;
			struct mt_peer peer;

			mt_spawn(&peer, &self->task, end_in_the_middle, &exec);
			watch(&watched, &self->task, peer.right);
			mt_await(peer.from);
			mt_tell(peer.to, 0);
			EXPECT_TRUE(dies(&watched));
			kill(peer.pid, SIGKILL);
			mt_join(&peer);
			close(peer.to);
			close(peer.from);
		}
	}
}

/* The file is closed while another thread is inside a call on it. */
static void *receive_once(void *arg)
{
	struct mt_side *side = arg;
	struct mt_message message;

	return (void *)(long)mt_receive(&side->task, side->port, &message,
					MT_FOREVER);
}

TEST_F(mach, N35_closed_under_a_waiting_thread)
{
	struct mt_side side;
	pthread_t thread;
	__u32 to;
	void *ret;

	mt_open(&side.task);
	side.port = mt_receive_right(&side.task);
	to = mt_connect(&self->task, &side.task, side.port);
	mt_must(pthread_create(&thread, NULL, receive_once, &side));
	mt_sleep(50);
	/* The thread's call holds the file: the task lives until it ends. */
	mt_close(&side.task);
	mt_must(mt_send_id(&self->task, to, MACH_MSG_TYPE_COPY_SEND, 5));
	mt_must(pthread_join(thread, &ret));
	EXPECT_EQ(NULL, ret);
}

/* ---- whose memory ---- */

static int send_own_memory(void *arg)
{
	struct mt_message message;
	struct heir *heir = arg;
	struct mach_ioc_msg call = {
		.size = sizeof(call),
		.option = MACH_SEND_MSG,
		.msg = (unsigned long)message.bytes,
		.send_size = 48,
	};

	/* Its copy of the page now differs from the parent's. */
	mt_fill(heir->memory, MT_PAGE, 2);
	mt_begin(&message, 1, MACH_MSG_TYPE_MAKE_SEND);
	mt_put_memory(&message, heir->memory, MT_PAGE, 0);
	return ioctl(heir->fd, MACH_IOC_MSG, &call) == -1 ? errno : 0;
}

/* With the task's file but other memory nothing can be sent or received. */
TEST_F(mach, N33_neither_memory)
{
	struct heir heir = {
		.fd = self->task.fd,
		.memory = mt_map_filled(1, 1),
	};
	pid_t pid = start(send_own_memory, &heir, 0);

	EXPECT_EQ(EPERM, WEXITSTATUS(mt_wait_pid(pid)));
	EXPECT_TRUE(mt_holds(heir.memory, MT_PAGE, 1));
}

TEST_HARNESS_MAIN
