// SPDX-License-Identifier: GPL-2.0
/*
 * MACH_IOC_INHERIT gives a child what a new task has from its parent in Mach:
 * exception and bootstrap port and the registered ports; once, and only to a
 * child of the process that opened the file (design 1, spec 2).
 *
 * The children check for themselves (mt_check); the tests look at their exit.
 */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "lib/fixture.h"
#include "lib/mach_calls.h"

#define SLOTS	MACH_TASK_PORT_REGISTER_MAX

typedef void child_body(const struct mt_task *task, int parent, void *arg);

/* Runs @body in a child with a task of its own; the wait status. */
static pid_t start_child(const struct mt_task *parent, child_body *body,
			 void *arg)
{
	pid_t pid = fork();

	mt_check(pid >= 0);
	if (pid == 0) {
		struct mt_task task;

		/* Unlike mt_fork() this keeps the parent's file. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		mt_open(&task);
		body(&task, parent->fd, arg);
		_exit(0);
	}
	return pid;
}

static int run_child(const struct mt_task *parent, child_body *body, void *arg)
{
	return mt_wait_pid(start_child(parent, body, arg));
}

static __u32 special(const struct mt_task *task, __u32 which)
{
	__u32 name;

	mt_must(mt_get_special(task, which, &name));
	return name;
}

static void send_on(const struct mt_task *task, __u32 name, __u32 id)
{
	mt_check(mt_types(task, name) == MACH_PORT_TYPE_SEND);
	mt_must(mt_send_id(task, name, MACH_MSG_TYPE_COPY_SEND, id));
}

static void use_special(const struct mt_task *task, int parent, void *arg)
{
	(void)arg;
	mt_check(special(task, MACH_TASK_EXCEPTION_PORT) == MACH_PORT_NULL);
	mt_must(mt_inherit(task, parent));
	send_on(task, special(task, MACH_TASK_EXCEPTION_PORT), 3);
	send_on(task, special(task, MACH_TASK_BOOTSTRAP_PORT), 4);
	/* A task is itself. */
	mt_check(special(task, MACH_TASK_KERNEL_PORT) == task->self);
	mt_check(mt_task_self(task) == task->self);
}

TEST_F(mach, special_ports)
{
	const struct mt_task *task = &self->task;
	__u32 exception = mt_port(task), bootstrap = mt_port(task);
	struct mt_message message;

	mt_must(mt_set_special(task, MACH_TASK_EXCEPTION_PORT, exception));
	mt_must(mt_set_special(task, MACH_TASK_BOOTSTRAP_PORT, bootstrap));
	mt_must(mt_set_special(task, MACH_TASK_KERNEL_PORT, exception));
	EXPECT_EQ(0, run_child(task, use_special, NULL));
	mt_must(mt_receive(task, exception, &message, 0));
	EXPECT_EQ(3U, message.head.id);
	mt_must(mt_receive(task, bootstrap, &message, 0));
	EXPECT_EQ(4U, message.head.id);
}

static void use_registered(const struct mt_task *task, int parent, void *arg)
{
	__u32 ports[SLOTS], count;

	(void)arg;
	mt_must(mt_lookup(task, ports, &count));
	for (int i = 0; i < SLOTS; i++)
		mt_check(ports[i] == MACH_PORT_NULL);
	mt_must(mt_inherit(task, parent));
	mt_must(mt_lookup(task, ports, &count));
	mt_check(count == SLOTS);
	mt_check(ports[0] == MACH_PORT_NULL);
	send_on(task, ports[1], 5);
	mt_check(ports[2] == MACH_PORT_NULL);
	mt_check(ports[3] == ports[1]);
}

TEST_F(mach, registered_ports)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	const __u32 ports[SLOTS] = { 0, port, 0, port };
	struct mt_message message;

	mt_must(mt_register(task, ports, SLOTS));
	EXPECT_EQ(0, run_child(task, use_registered, NULL));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(5U, message.head.id);
}

static void find_nothing(const struct mt_task *task, int parent, void *arg)
{
	__u32 ports[SLOTS], count;

	(void)arg;
	mt_must(mt_inherit(task, parent));
	mt_check(special(task, MACH_TASK_EXCEPTION_PORT) == MACH_PORT_NULL);
	mt_must(mt_lookup(task, ports, &count));
	for (int i = 0; i < SLOTS; i++)
		mt_check(ports[i] == MACH_PORT_NULL);
	mt_must(mt_names(task, NULL, NULL, 0, &count));
	mt_check(count == 1);
}

/* Names are not inherited, only these ports are. */
TEST_F(mach, nothing_else)
{
	mt_port(&self->task);
	mt_dead_name(&self->task);
	EXPECT_EQ(0, run_child(&self->task, find_nothing, NULL));
}

static void check_bootstrap(const struct mt_task *task, int parent, void *arg)
{
	bool *wanted = arg;

	mt_must(mt_inherit(task, parent));
	mt_check((special(task, MACH_TASK_BOOTSTRAP_PORT) !=
		  MACH_PORT_NULL) == *wanted);
}

/* A parent that set its bootstrap port to none has children without one. */
TEST_F(mach, bootstrap_port_of_the_instance)
{
	const struct mt_task *task = &self->task;
	__u32 instance = mt_port(task);
	bool some = true, none = false;

	mt_must(mt_name_call(task, MACH_IOC_SET_BOOTSTRAP, &instance));
	EXPECT_EQ(0, run_child(task, check_bootstrap, &some));
	mt_must(mt_set_special(task, MACH_TASK_BOOTSTRAP_PORT,
			       MACH_PORT_NULL));
	EXPECT_EQ(0, run_child(task, check_bootstrap, &none));
}

static void inherit_twice(const struct mt_task *task, int parent, void *arg)
{
	struct mt_task another;

	(void)arg;
	mt_must(mt_inherit(task, parent));
	mt_check(mt_inherit(task, parent) == KERN_NO_ACCESS);
	mt_check(mt_inherit(task, parent) == KERN_NO_ACCESS);
	/* Once for each task. */
	mt_open(&another);
	mt_must(mt_inherit(&another, parent));
	mt_check(mt_inherit(&another, parent) == KERN_NO_ACCESS);
}

TEST_F(mach, once)
{
	EXPECT_EQ(0, run_child(&self->task, inherit_twice, NULL));
}

TEST_F(mach, parent_and_own_file)
{
	struct mt_task other;

	mt_open(&other);
	EXPECT_EQ(KERN_NO_ACCESS, mt_inherit(&self->task, self->task.fd));
	EXPECT_EQ(KERN_NO_ACCESS, mt_inherit(&self->task, other.fd));
	EXPECT_EQ(KERN_NO_ACCESS, mt_inherit(&other, self->task.fd));
}

static void grandchild_body(const struct mt_task *task, int parent, void *arg)
{
	const int *grandparent = arg;

	/* Not of the grandparent, but of the parent. */
	mt_check(mt_inherit(task, *grandparent) == KERN_NO_ACCESS);
	mt_must(mt_inherit(task, parent));
}

static void have_a_child(const struct mt_task *task, int parent, void *arg)
{
	(void)arg;
	mt_must(run_child(task, grandchild_body, &parent));
}

TEST_F(mach, grandchild)
{
	EXPECT_EQ(0, run_child(&self->task, have_a_child, NULL));
}

/* The parent of a child, asking for what the child has. */
static void offer_file(const struct mt_task *task, int parent, void *arg)
{
	int *pipes = arg;

	(void)parent;
	mt_tell(pipes[1], task->fd);
	pause();
}

TEST_F(mach, parent_of_the_opener)
{
	int pipes[2], process, fd;
	pid_t pid;

	mt_must(pipe(pipes));
	pid = start_child(&self->task, offer_file, pipes);
	fd = mt_await(pipes[0]);
	process = syscall(SYS_pidfd_open, pid, 0);
	fd = syscall(SYS_pidfd_getfd, process, fd, 0);
	ASSERT_LE(0, fd);
	EXPECT_EQ(KERN_NO_ACCESS, mt_inherit(&self->task, fd));
	kill(pid, SIGKILL);
	mt_wait_pid(pid);
}

/* Waits until the opener's task is dead, and tells what it gets then. */
static void inherit_too_late(const struct mt_task *task, int parent, void *arg)
{
	const int *pipes = arg;
	__u32 name;

	while (mt_task_for_file(task, parent, &name) == KERN_SUCCESS)
		mt_sleep(5);
	mt_tell(pipes[1], mt_inherit(task, parent));
}

static void have_a_child_and_exec(const struct mt_task *task, int parent,
				  void *arg)
{
	(void)parent;
	start_child(task, inherit_too_late, arg);
	execlp("sleep", "sleep", "1000", NULL);
	_exit(127);
}

/* Still its parent, but another program: the task is gone. */
TEST_F(mach, parent_that_called_exec)
{
	int pipes[2];
	pid_t pid;

	mt_must(pipe(pipes));
	pid = start_child(&self->task, have_a_child_and_exec, pipes);
	EXPECT_EQ((__u64)KERN_FAILURE, mt_await(pipes[0]));
	kill(pid, SIGKILL);
	mt_wait_pid(pid);
}

static void inherit_nonsense(const struct mt_task *task, int parent, void *arg)
{
	struct mach_ioc_file call = { .size = sizeof(call) };
	const int fds[] = { -1, 1000, 0x7fffffff, *(int *)arg };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		call.fd = fds[i];
		mt_check(mt_ioctl(task, MACH_IOC_INHERIT, &call) == -EBADF);
	}
	/* None of these was the one time. */
	mt_check(mt_inherit(task, task->fd) == KERN_NO_ACCESS);
	mt_must(mt_inherit(task, parent));
}

TEST_F(mach, no_file_of_the_device)
{
	int pipes[2];

	mt_must(pipe(pipes));
	EXPECT_EQ(0, run_child(&self->task, inherit_nonsense, pipes));
}

static void keep_what_was(const struct mt_task *task, int parent, void *arg)
{
	const int *pipes = arg;
	__u32 before, after;

	mt_must(mt_inherit(task, parent));
	before = special(task, MACH_TASK_EXCEPTION_PORT);
	mt_tell(pipes[1], 1);
	mt_await(pipes[2]);
	after = special(task, MACH_TASK_EXCEPTION_PORT);
	mt_check(before == after);
	send_on(task, after, 6);
	mt_must(mt_set_special(task, MACH_TASK_EXCEPTION_PORT,
			       MACH_PORT_NULL));
}

/* Copies: what one changes later is not the other's. */
TEST_F(mach, later_changes)
{
	const struct mt_task *task = &self->task;
	__u32 first = mt_port(task), second = mt_port(task);
	struct mt_message message;
	int pipes[4];
	pid_t pid;

	mt_must(pipe(pipes));
	mt_must(pipe(pipes + 2));
	mt_must(mt_set_special(task, MACH_TASK_EXCEPTION_PORT, first));
	pid = start_child(task, keep_what_was, pipes);
	mt_await(pipes[0]);
	mt_must(mt_set_special(task, MACH_TASK_EXCEPTION_PORT, second));
	mt_tell(pipes[3], 1);
	EXPECT_EQ(0, mt_wait_pid(pid));
	mt_must(mt_receive(task, first, &message, 0));
	EXPECT_EQ(6U, message.head.id);
	EXPECT_EQ(second, special(task, MACH_TASK_EXCEPTION_PORT));
}

static void take_and_die(const struct mt_task *task, int parent, void *arg)
{
	(void)arg;
	mt_must(mt_inherit(task, parent));
}

TEST_F(mach, rights_are_released_by_the_childs_death)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), notify = mt_receive_right(task);
	const __u32 ports[SLOTS] = { port };

	mt_must(mt_register(task, ports, 1));
	mt_must(mt_set_special(task, MACH_TASK_BOOTSTRAP_PORT, port));
	EXPECT_EQ(0, run_child(task, take_and_die, NULL));
	mt_must(mt_register(task, ports, 0));
	mt_must(mt_set_special(task, MACH_TASK_BOOTSTRAP_PORT,
			       MACH_PORT_NULL));
	mt_must(mt_deallocate(task, port));
	mt_arm(task, port, MACH_NOTIFY_NO_SENDERS, notify);
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_NO_SENDERS, 1));
}

TEST_HARNESS_MAIN
