// SPDX-License-Identifier: GPL-2.0
/*
 * The right for another task: had by presenting that task's file, good for
 * every port call, dead with the task; who may not have the file has nothing
 * (design 1; spec 2; negative tests N39, N40).
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "lib/fixture.h"
#include "lib/mach_calls.h"

/* A copy of a descriptor of another process, or -errno. */
static int take_file(pid_t pid, int fd)
{
	int process = syscall(SYS_pidfd_open, pid, 0), copy;

	mt_check(process >= 0);
	copy = syscall(SYS_pidfd_getfd, process, fd, 0);
	if (copy < 0)
		copy = -errno;
	close(process);
	return copy;
}

/* What the ioctl itself says: 0 or -errno. */
static int task_of_file(const struct mt_task *task, int fd)
{
	struct mach_ioc_file call = { .size = sizeof(call), .fd = fd };

	return mt_ioctl(task, MACH_IOC_TASK_FOR_FILE, &call);
}

static bool dies(const struct mt_task *task, __u32 right)
{
	for (int tries = 0; tries < 2000; tries++) {
		if (mt_types(task, right) == MACH_PORT_TYPE_DEAD_NAME)
			return true;
		mt_sleep(5);
	}
	return false;
}

/* ---- the file ---- */

TEST_F(mach, own_file)
{
	const struct mt_task *task = &self->task;
	__u32 refs = mt_refs(task, task->self, MACH_PORT_RIGHT_SEND), name;

	ASSERT_EQ(KERN_SUCCESS, mt_task_for_file(task, task->fd, &name));
	EXPECT_EQ(task->self, name);
	EXPECT_EQ(refs + 1, mt_refs(task, name, MACH_PORT_RIGHT_SEND));
}

TEST_F(mach, another_file)
{
	const struct mt_task *task = &self->task;
	struct mt_task other, remote = *task;
	__u32 again, port;

	mt_open(&other);
	ASSERT_EQ(KERN_SUCCESS,
		  mt_task_for_file(task, other.fd, &remote.self));
	EXPECT_NE(task->self, remote.self);
	EXPECT_EQ(MACH_PORT_TYPE_SEND, mt_types(task, remote.self));
	ASSERT_EQ(KERN_SUCCESS, mt_task_for_file(task, other.fd, &again));
	EXPECT_EQ(remote.self, again);
	EXPECT_EQ(2U, mt_refs(task, again, MACH_PORT_RIGHT_SEND));
	port = mt_receive_right(&remote);
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(&other, port));
	/* The same right as the task's own. */
	EXPECT_EQ(remote.self, mt_task_right(task, &other));
}

TEST_F(mach, no_file_of_the_device)
{
	const struct mt_task *task = &self->task;
	__u64 names = mt_live(task, MT_LIVE(names));
	int pipes[2], null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int path = open("/dev/mach", O_PATH | O_CLOEXEC), closed = dup(null);

	mt_must(pipe(pipes));
	mt_check(null >= 0 && path >= 0);
	mt_must(close(closed));
	EXPECT_EQ(-EBADF, task_of_file(task, -1));
	EXPECT_EQ(-EBADF, task_of_file(task, closed));
	EXPECT_EQ(-EBADF, task_of_file(task, 0x7fffffff));
	EXPECT_EQ(-EBADF, task_of_file(task, null));
	EXPECT_EQ(-EBADF, task_of_file(task, pipes[0]));
	EXPECT_EQ(-EBADF, task_of_file(task, path));
	EXPECT_EQ(names, mt_live(task, MT_LIVE(names)));
}

static void say_file(struct mt_side *side, void *arg)
{
	(void)arg;
	mt_tell(side->to, side->task.fd);
	mt_await(side->from);
}

TEST_F(mach, file_of_another_process)
{
	const struct mt_task *task = &self->task;
	struct mt_task remote = *task;
	struct mt_peer peer;
	int fd;

	mt_spawn(&peer, task, say_file, NULL);
	fd = take_file(peer.pid, mt_await(peer.from));
	ASSERT_LE(0, fd);
	ASSERT_EQ(KERN_SUCCESS, mt_task_for_file(task, fd, &remote.self));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE,
		  mt_types(&remote, mt_receive_right(&remote)));
	mt_tell(peer.to, 0);
	EXPECT_EQ(0, mt_join(&peer));
	EXPECT_TRUE(dies(task, remote.self));
	/* Our copy of the file is no task any more. */
	EXPECT_EQ(KERN_FAILURE, mt_task_for_file(task, fd, &remote.self));
	EXPECT_EQ(MACH_PORT_NULL, remote.self);
}

/* ---- work on it ---- */

struct pair {
	struct mt_task other, remote;
};

static void make_pair(struct pair *pair, const struct mt_task *task)
{
	mt_open(&pair->other);
	pair->remote = *task;
	mt_must(mt_task_for_file(task, pair->other.fd, &pair->remote.self));
}

TEST_F(mach, names_of_both)
{
	__u32 names[8], types[8], mine, theirs;
	struct pair pair;

	make_pair(&pair, &self->task);
	mt_dead_name(&pair.other);
	mt_set(&pair.other);
	mt_must(mt_names(&pair.remote, names, types, 8, &theirs));
	EXPECT_EQ(3U, theirs);
	mt_must(mt_names(&self->task, names, types, 8, &mine));
	EXPECT_EQ(2U, mine);
}

TEST_F(mach, N39_names_are_the_other_tasks)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct pair pair;

	make_pair(&pair, task);
	mt_must(mt_allocate_name(&pair.remote, MACH_PORT_RIGHT_DEAD_NAME,
				 MT_UNUSED));
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, mt_types(&pair.other, MT_UNUSED));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, MT_UNUSED));
	if (mt_types(&pair.other, port) == MACH_PORT_TYPE_NONE)
		EXPECT_EQ(KERN_INVALID_NAME, mt_destroy(&pair.remote, port));
	EXPECT_EQ(KERN_INVALID_NAME, mt_destroy(task, MT_UNUSED));
	mt_must(mt_destroy(&pair.remote, MT_UNUSED));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(&pair.other, MT_UNUSED));
}

TEST_F(mach, receive_rights)
{
	__u32 port, set, member, count;
	struct pair pair;

	make_pair(&pair, &self->task);
	port = mt_receive_right(&pair.other);
	set = mt_set(&pair.other);
	mt_must(mt_move_member(&pair.remote, port, set));
	EXPECT_EQ(set, mt_status(&pair.other, port).pset);
	mt_must(mt_set_members(&pair.remote, set, &member, 1, &count));
	EXPECT_EQ(1U, count);
	EXPECT_EQ(port, member);
	mt_must(mt_set_qlimit(&pair.remote, port, 2));
	mt_must(mt_set_mscount(&pair.remote, port, 3));
	mt_must(mt_set_seqno(&pair.remote, port, 4));
	EXPECT_EQ(2U, mt_status(&pair.other, port).qlimit);
	EXPECT_EQ(3U, mt_status(&pair.other, port).mscount);
	EXPECT_EQ(4U, mt_status(&pair.remote, port).seqno);
	mt_must(mt_rename(&pair.remote, port, MT_UNUSED));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(&pair.other, MT_UNUSED));
	mt_must(mt_mod_refs(&pair.remote, MT_UNUSED, MACH_PORT_RIGHT_RECEIVE,
			    -1));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(&pair.other, MT_UNUSED));
}

TEST_F(mach, payload)
{
	struct mt_message message;
	struct pair pair;
	__u32 port;

	make_pair(&pair, &self->task);
	port = mt_port(&pair.other);
	mt_must(mt_set_payload(&pair.remote, port, 99));
	mt_must(mt_send_id(&pair.other, port, MACH_MSG_TYPE_COPY_SEND, 1));
	mt_must(mt_receive(&pair.other, port, &message, 0));
	EXPECT_EQ(99ULL, message.head.local_port);
}

/* A server given to a task before it runs: what a parent does for a child. */
TEST_F(mach, rights_in_and_out)
{
	const struct mt_task *task = &self->task;
	__u32 mine = mt_receive_right(task), theirs, poly, poly_type;
	struct mt_message message;
	struct pair pair;

	make_pair(&pair, task);
	mt_must(mt_insert(&pair.remote, MT_UNUSED, mine,
			  MACH_MSG_TYPE_MAKE_SEND));
	mt_must(mt_send_id(&pair.other, MT_UNUSED, MACH_MSG_TYPE_COPY_SEND,
			   5));
	mt_must(mt_receive(task, mine, &message, 0));
	EXPECT_EQ(5U, message.head.id);

	theirs = mt_receive_right(&pair.other);
	mt_must(mt_extract(&pair.remote, theirs, MACH_MSG_TYPE_MAKE_SEND,
			   &poly, &poly_type));
	mt_must(mt_send_id(task, poly, MACH_MSG_TYPE_COPY_SEND, 6));
	mt_must(mt_receive(&pair.other, theirs, &message, 0));
	EXPECT_EQ(6U, message.head.id);

	/* The receive right itself, with what waits in its queue. */
	mt_must(mt_send_id(task, poly, MACH_MSG_TYPE_COPY_SEND, 7));
	mt_must(mt_extract(&pair.remote, theirs, MACH_MSG_TYPE_MOVE_RECEIVE,
			   &poly, &poly_type));
	mt_must(mt_receive(task, poly, &message, 0));
	EXPECT_EQ(7U, message.head.id);
}

/* Destroyed from outside while its owner waits on it. */
TEST_F(mach, requests_and_deaths)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task), port;
	struct pair pair;

	make_pair(&pair, task);
	port = mt_port(&pair.other);
	mt_arm(&pair.remote, port, MACH_NOTIFY_DEAD_NAME, notify);
	EXPECT_EQ(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE |
			  MACH_PORT_TYPE_DNREQUEST,
		  mt_types(&pair.other, port));
	mt_arm(&pair.remote, port, MACH_NOTIFY_NO_SENDERS, notify);
	mt_must(mt_destroy(&pair.remote, port));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_NO_SENDERS, 1));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_PORT_DELETED,
				port));
}

/* A third task may be given the right. */
TEST_F(mach, right_sent_on)
{
	const struct mt_task *task = &self->task;
	struct mt_task third, remote;
	struct pair pair;

	make_pair(&pair, task);
	mt_open(&third);
	remote = third;
	remote.self = mt_transfer(task, &third, pair.remote.self,
				  MACH_MSG_TYPE_MOVE_SEND);
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, pair.remote.self));
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME,
		  mt_types(&pair.other, mt_dead_name(&remote)));
}

/* Two tasks that hold each other, and one that holds itself twice. */
TEST_F(mach, circles)
{
	const struct mt_task *task = &self->task;
	struct mt_task first, second;
	__u32 name;

	mt_open(&first);
	mt_open(&second);
	mt_must(mt_task_for_file(&first, second.fd, &name));
	mt_must(mt_task_for_file(&second, first.fd, &name));
	mt_must(mt_task_for_file(&first, first.fd, &name));
	/* In each other's queues too. */
	mt_transfer(&first, &second, first.self, MACH_MSG_TYPE_COPY_SEND);
	mt_transfer(&second, &first, second.self, MACH_MSG_TYPE_COPY_SEND);
	EXPECT_EQ(MACH_PORT_TYPE_SEND, mt_types(task, task->self));
	mt_close(&first);
	mt_close(&second);
}

/* ---- its death ---- */

TEST_F(mach, dead_task)
{
	const struct mt_task *task = &self->task;
	__u32 out, count;
	struct pair pair;

	make_pair(&pair, task);
	mt_close(&pair.other);
	ASSERT_TRUE(dies(task, pair.remote.self));
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  mt_names(&pair.remote, NULL, NULL, 0, &count));
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  mt_allocate(&pair.remote, MACH_PORT_RIGHT_RECEIVE, &out));
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  mt_extract(&pair.remote, 1, MACH_MSG_TYPE_COPY_SEND, &out,
			     &count));
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  mt_get_special(&pair.remote, MACH_TASK_KERNEL_PORT, &out));
}

/* A right that would have gone into a dead task is given back to its port. */
TEST_F(mach, insert_into_a_dead_task)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), name;
	struct pair pair;

	make_pair(&pair, task);
	name = mt_make_send_once(task, port);
	mt_close(&pair.other);
	ASSERT_TRUE(dies(task, pair.remote.self));
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  mt_insert(&pair.remote, MT_UNUSED, name,
			    MACH_MSG_TYPE_MOVE_SEND_ONCE));
	/* Nothing was done: the call never reached a task. */
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE, mt_types(task, name));
}

/* ---- who may not ---- */

/* A process with a task, and with whatever else @prepare does to it. */
static pid_t start_holder(void (*prepare)(void), int *fd)
{
	int told[2];
	pid_t pid;

	mt_must(pipe(told));
	pid = mt_fork();
	if (pid == 0) {
		struct mt_task task;

		mt_open(&task);
		prepare();
		mt_tell(told[1], task.fd);
		for (;;)
			pause();
	}
	*fd = mt_await(told[0]);
	close(told[0]);
	close(told[1]);
	return pid;
}

static void be_user_1000(void)
{
	mt_must(setresgid(1000, 1000, 1000));
	mt_must(setresuid(1000, 1000, 1000));
	mt_must(prctl(PR_SET_DUMPABLE, 1));
}

static void hide_as_user_1000(void)
{
	be_user_1000();
	mt_must(prctl(PR_SET_DUMPABLE, 0));
}

/* What the user gets who asks for the holder's file: 0 or an errno. */
static int file_as(uid_t uid, pid_t holder, int fd)
{
	pid_t pid = mt_fork();

	if (pid == 0) {
		struct mt_task task;
		__u32 name;
		int copy;

		mt_open(&task);
		mt_must(setresgid(uid, uid, uid));
		mt_must(setresuid(uid, uid, uid));
		copy = take_file(holder, fd);
		if (copy < 0)
			_exit(-copy);
		mt_must(mt_task_for_file(&task, copy, &name));
		mt_check(mt_types(&task, name) == MACH_PORT_TYPE_SEND);
		_exit(0);
	}
	return WEXITSTATUS(mt_wait_pid(pid));
}

TEST_F(mach, N40_other_users_file)
{
	int fd;
	pid_t holder = start_holder(be_user_1000, &fd);

	EXPECT_EQ(0, file_as(1000, holder, fd));
	EXPECT_EQ(EPERM, file_as(2000, holder, fd));
	kill(holder, SIGKILL);
	mt_wait_pid(holder);
}

TEST_F(mach, N40_undumpable_process)
{
	int fd;
	pid_t holder = start_holder(hide_as_user_1000, &fd);

	EXPECT_EQ(EPERM, file_as(1000, holder, fd));
	kill(holder, SIGKILL);
	mt_wait_pid(holder);
}

/* Guessed names are no rights. */
TEST_F(mach, N39_guessed_names)
{
	struct mt_task task = self->task;
	struct pair pair;
	__u32 own;

	make_pair(&pair, &self->task);
	own = task.self;
	mt_must(mt_destroy(&self->task, pair.remote.self));
	for (__u32 guess = 0; guess < 5000; guess++) {
		__u32 count;
		__s32 ret;

		task.self = guess;
		ret = mt_names(&task, NULL, NULL, 0, &count);
		ASSERT_EQ(guess == own ? KERN_SUCCESS : MACH_SEND_INVALID_DEST,
			  ret);
	}
}

/* A forked child has a copy of the file, and may do nothing with it. */
static int call_with(int fd, unsigned long command, size_t size)
{
	const struct mt_task task = { .fd = fd };
	__u32 argument[64] = { size };

	return mt_ioctl(&task, command, argument);
}

static bool all_are_refused(int fd)
{
	const struct {
		unsigned long command;
		size_t size;
	} rows[] = {
		{ MACH_IOC_THREAD_SELF, sizeof(struct mach_ioc_name) },
		{ MACH_IOC_HOST_SELF, sizeof(struct mach_ioc_name) },
		{ MACH_IOC_TASK_FOR_FILE, sizeof(struct mach_ioc_file) },
		{ MACH_IOC_INHERIT, sizeof(struct mach_ioc_file) },
		{ MACH_IOC_TASK_GET_SPECIAL, sizeof(struct mach_ioc_special) },
		{ MACH_IOC_TASK_SET_SPECIAL, sizeof(struct mach_ioc_special) },
		{ MACH_IOC_PORTS_REGISTER, sizeof(struct mach_ioc_registered) },
		{ MACH_IOC_PORTS_LOOKUP, sizeof(struct mach_ioc_registered) },
		{ MACH_IOC_PORT_ALLOCATE_NAME, sizeof(struct mach_ioc_port) },
		{ MACH_IOC_PORT_NAMES, sizeof(struct mach_ioc_names) },
		{ MACH_IOC_PORT_RENAME, sizeof(struct mach_ioc_value) },
		{ MACH_IOC_PORT_SET_QLIMIT, sizeof(struct mach_ioc_value) },
		{ MACH_IOC_PORT_SET_MSCOUNT, sizeof(struct mach_ioc_value) },
		{ MACH_IOC_PORT_SET_SEQNO, sizeof(struct mach_ioc_value) },
		{ MACH_IOC_PORT_SET_PAYLOAD, sizeof(struct mach_ioc_value) },
		{ MACH_IOC_PORT_CLEAR_PAYLOAD, sizeof(struct mach_ioc_value) },
		{ MACH_IOC_PORT_MOVE_MEMBER, sizeof(struct mach_ioc_value) },
		{ MACH_IOC_PORT_GET_SRIGHTS, sizeof(struct mach_ioc_value) },
		{ MACH_IOC_PORT_DNREQUEST_INFO, sizeof(struct mach_ioc_value) },
		{ MACH_IOC_PORT_GET_SET_STATUS,
		  sizeof(struct mach_ioc_members) },
		{ MACH_IOC_PORT_GET_RECEIVE_STATUS,
		  sizeof(struct mach_ioc_receive_status) },
		{ MACH_IOC_PORT_EXTRACT_RIGHT,
		  sizeof(struct mach_ioc_extract) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (call_with(fd, rows[i].command, rows[i].size) != -EPERM)
			return false;
	return true;
}

TEST_F(mach, N33_forked_child)
{
	__u32 before, after;
	pid_t pid;

	mt_must(mt_names(&self->task, NULL, NULL, 0, &before));
	pid = fork();
	if (pid == 0)
		_exit(!all_are_refused(self->task.fd));
	EXPECT_EQ(0, mt_wait_pid(pid));
	mt_must(mt_names(&self->task, NULL, NULL, 0, &after));
	EXPECT_EQ(before, after);
}

/* ---- exec ---- */

/* A copy of a program that does nothing for long. */
static void make_sleeper(char *path, mode_t mode)
{
	/* In the guest everything is busybox. */
	const char *from = access("/bin/busybox", X_OK) ? "/bin/sleep" :
							  "/bin/busybox";
	char command[256];

	strcpy(path, "/tmp/sleep.XXXXXX");
	mkdir("/tmp", 0777);
	mt_check(mkdtemp(path));
	mt_must(chmod(path, 0755));
	strcat(path, "/sleep");
	snprintf(command, sizeof(command), "cp %s %s", from, path);
	mt_must(system(command));
	mt_must(chmod(path, mode));
}

static void remove_sleeper(char *path)
{
	unlink(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
}

struct exec_child {
	pid_t pid;
	int file;		/* our copy of its /dev/mach */
	__u32 right;		/* our right for its task */
	int go;
};

/* A child that will become @path as @uid; its descriptor stays open. */
static void start_exec(struct exec_child *child, const struct mt_task *task,
		       const char *path, uid_t uid)
{
	int told[2], go[2];

	mt_must(pipe(told));
	mt_must(pipe(go));
	child->pid = mt_fork();
	if (child->pid == 0) {
		struct mt_task own;

		mt_open(&own);
		mt_must(fcntl(own.fd, F_SETFD, 0));
		mt_receive_right(&own);
		mt_must(setresgid(uid, uid, uid));
		mt_must(setresuid(uid, uid, uid));
		/* Changed credentials have cleared both. */
		mt_must(prctl(PR_SET_DUMPABLE, 1));
		mt_must(prctl(PR_SET_PDEATHSIG, SIGKILL));
		mt_tell(told[1], own.fd);
		mt_await(go[0]);
		execl(path, "sleep", "1000", NULL);
		_exit(127);
	}
	child->go = go[1];
	child->file = take_file(child->pid, mt_await(told[0]));
	mt_check(child->file >= 0);
	mt_must(mt_task_for_file(task, child->file, &child->right));
}

static void exec_ends_the_task(struct __test_metadata *_metadata,
			       const struct mt_task *task, mode_t mode,
			       uid_t uid)
{
	__u32 notify = mt_receive_right(task), count;
	struct mt_task remote = *task;
	struct exec_child child;
	char path[64];

	make_sleeper(path, mode);
	start_exec(&child, task, path, uid);
	remote.self = child.right;
	mt_must(mt_names(&remote, NULL, NULL, 0, &count));
	EXPECT_EQ(2U, count);
	mt_arm(task, child.right, MACH_NOTIFY_DEAD_NAME, notify);
	mt_tell(child.go, 1);
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_DEAD_NAME,
				child.right));
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  mt_names(&remote, NULL, NULL, 0, &count));
	/* The file is open in the new program, and good for nothing. */
	EXPECT_EQ(KERN_FAILURE,
		  mt_task_for_file(task, child.file, &remote.self));
	EXPECT_EQ(0, kill(child.pid, 0));
	kill(child.pid, SIGKILL);
	EXPECT_TRUE(WIFSIGNALED(mt_wait_pid(child.pid)));
	remove_sleeper(path);
}

TEST_F(mach, N40_exec_ends_the_task)
{
	exec_ends_the_task(_metadata, &self->task, 0755, 0);
}

TEST_F(mach, N40_exec_of_a_setuid_program)
{
	exec_ends_the_task(_metadata, &self->task, 04755, 1000);
}

TEST_HARNESS_MAIN
