// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting for a port or a set with epoll (level- and edge-triggered), poll,
 * select and io_uring; and every order in which the port, its descriptor, the
 * epoll and the task can go (negative test N20: the wait queue of binder's
 * epoll died before the file that epoll knew, CVE-2019-2215).
 */
#include <errno.h>
#include <linux/aio_abi.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>

#include "lib/caller.h"
#include "lib/descriptors.h"
#include "lib/fixture.h"
#include "lib/ring.h"

#define IN	(EPOLLIN | EPOLLRDNORM)

static void send(const struct mt_task *task, __u32 port)
{
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_MAKE_SEND, 1));
}

static int new_epoll(void)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	mt_check(epoll >= 0);
	return epoll;
}

static void add(int epoll, int fd, __u32 how)
{
	/* With EPOLLEXCLUSIVE no other event may be asked for. */
	struct epoll_event event = {
		.events = how | (how & EPOLLEXCLUSIVE ? EPOLLIN : IN),
		.data.fd = fd,
	};

	mt_must(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
}

static int with(const struct mt_task *task, int epoll, __u32 name, __u32 how)
{
	int fd = mt_watch(task, name);

	add(epoll, fd, how);
	return fd;
}

/* The events of the one that is ready; 0: none is. */
static __u32 events_of(int epoll)
{
	struct epoll_event events[2];
	int count = epoll_wait(epoll, events, 2, 0);

	mt_check(count == 0 || count == 1);
	return count ? events[0].events : 0;
}

/* ---- level and edge ---- */

TEST_F(mach, level_triggered)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	int epoll = new_epoll();

	with(task, epoll, port, 0);
	EXPECT_EQ(0U, events_of(epoll));
	send(task, port);
	EXPECT_EQ(IN, events_of(epoll));
	EXPECT_EQ(IN, events_of(epoll));
	EXPECT_EQ(1U, mt_next(task, port));
	EXPECT_EQ(0U, events_of(epoll));
}

TEST_F(mach, edge_triggered)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	int epoll = new_epoll();

	with(task, epoll, port, EPOLLET);
	EXPECT_EQ(0U, events_of(epoll));
	send(task, port);
	EXPECT_EQ(IN, events_of(epoll));
	EXPECT_EQ(0U, events_of(epoll));
	/* Each message is an edge, whether the last was taken or not. */
	send(task, port);
	EXPECT_EQ(IN, events_of(epoll));
	EXPECT_EQ(0U, events_of(epoll));
	EXPECT_EQ(1U, mt_next(task, port));
	EXPECT_EQ(1U, mt_next(task, port));
	send(task, port);
	EXPECT_EQ(IN, events_of(epoll));
	EXPECT_EQ(1U, mt_next(task, port));
	/* One that came and went is none. */
	send(task, port);
	EXPECT_EQ(1U, mt_next(task, port));
	EXPECT_EQ(0U, events_of(epoll));
	mt_must(mt_destroy(task, port));
	EXPECT_EQ((__u32)EPOLLHUP, events_of(epoll));
	EXPECT_EQ(0U, events_of(epoll));
}

TEST_F(mach, edge_of_a_blocked_sender)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	int epoll = new_epoll();
	struct mt_caller caller;

	mt_must(mt_set_qlimit(task, port, 1));
	with(task, epoll, port, EPOLLET);
	send(task, port);
	EXPECT_EQ(IN, events_of(epoll));
	mt_start_sender(&caller, task, port, 2);
	EXPECT_EQ(0U, events_of(epoll));
	EXPECT_EQ(1U, mt_next(task, port));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&caller));
	EXPECT_EQ(IN, events_of(epoll));
}

TEST_F(mach, edges_of_membership)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), set = mt_set(task);
	int of_port = new_epoll(), of_set = new_epoll();

	with(task, of_port, port, EPOLLET);
	with(task, of_set, set, EPOLLET);
	send(task, port);
	EXPECT_EQ(IN, events_of(of_port));
	EXPECT_EQ(0U, events_of(of_set));
	mt_must(mt_move_member(task, port, set));
	EXPECT_EQ((__u32)EPOLLERR, events_of(of_port));
	EXPECT_EQ(IN, events_of(of_set));
	send(task, port);
	EXPECT_EQ(0U, events_of(of_port));
	EXPECT_EQ(IN, events_of(of_set));
	mt_must(mt_move_member(task, port, MACH_PORT_NULL));
	EXPECT_EQ(IN, events_of(of_port));
	EXPECT_EQ(0U, events_of(of_set));
}

TEST_F(mach, one_shot)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	int epoll = new_epoll(), fd = with(task, epoll, port, EPOLLONESHOT);
	struct epoll_event again = { .events = IN | EPOLLONESHOT };

	send(task, port);
	EXPECT_EQ(IN, events_of(epoll));
	send(task, port);
	EXPECT_EQ(0U, events_of(epoll));
	mt_must(epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &again));
	EXPECT_EQ(IN, events_of(epoll));
}

TEST_F(mach, epoll_in_epoll)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	int inner = new_epoll(), outer = new_epoll();

	with(task, inner, port, 0);
	add(outer, inner, 0);
	EXPECT_EQ(0U, events_of(outer));
	send(task, port);
	EXPECT_EQ((__u32)EPOLLIN, events_of(outer) & EPOLLIN);
	EXPECT_EQ(1U, mt_next(task, port));
	EXPECT_EQ(0U, events_of(outer));
	mt_must(mt_destroy(task, port));
	EXPECT_EQ((__u32)EPOLLIN, events_of(outer) & EPOLLIN);
}

/* /dev/mach itself cannot be waited for, nor a descriptor of a right. */
TEST_F(mach, others_refused)
{
	const struct mt_task *task = &self->task;
	struct epoll_event event = { .events = IN };
	int right = mt_hold_right(task, mt_port(task)), epoll = new_epoll();

	EXPECT_EQ(-1, epoll_ctl(epoll, EPOLL_CTL_ADD, task->fd, &event));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(-1, epoll_ctl(epoll, EPOLL_CTL_ADD, right, &event));
	EXPECT_EQ(EPERM, errno);
}

/* ---- asleep when it happens ---- */

enum way { BY_EPOLL, BY_EDGE, BY_POLL, BY_SELECT, WAYS, BY_ONE_OF_MANY };

struct sleeper {
	enum way way;
	int fd, epoll;
	pid_t tid;
	pthread_t thread;
	__u32 events;		/* what ended the sleep */
};

static __u32 sleep_in_poll(int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };

	mt_check(poll(&pollfd, 1, MT_LONG) == 1);
	return pollfd.revents;
}

static __u32 sleep_in_select(int fd)
{
	struct timeval timeout = { .tv_sec = MT_LONG / 1000 };
	fd_set set;

	FD_ZERO(&set);
	FD_SET(fd, &set);
	mt_check(select(fd + 1, &set, NULL, NULL, &timeout) == 1);
	return mt_revents(fd);
}

static void *sleep_thread(void *arg)
{
	struct sleeper *sleeper = arg;
	struct epoll_event event = {};

	__atomic_store_n(&sleeper->tid, gettid(), __ATOMIC_RELEASE);
	switch (sleeper->way) {
	case BY_POLL:
		sleeper->events = sleep_in_poll(sleeper->fd);
		break;
	case BY_SELECT:
		sleeper->events = sleep_in_select(sleeper->fd);
		break;
	default:
		mt_check(epoll_wait(sleeper->epoll, &event, 1, MT_LONG) == 1);
		sleeper->events = event.events;
	}
	return NULL;
}

static void start_sleeper(struct sleeper *sleeper, int fd, enum way way)
{
	*sleeper = (struct sleeper){ .way = way, .fd = fd, .epoll = -1 };
	if (way != BY_POLL && way != BY_SELECT) {
		sleeper->epoll = new_epoll();
		add(sleeper->epoll, fd, way == BY_EDGE ? EPOLLET :
			way == BY_ONE_OF_MANY ? EPOLLEXCLUSIVE : 0);
	}
	mt_must(pthread_create(&sleeper->thread, NULL, sleep_thread, sleeper));
	while (!__atomic_load_n(&sleeper->tid, __ATOMIC_ACQUIRE))
		mt_sleep(1);
	mt_until_asleep(sleeper->tid);
}

static __u32 end_sleeper(struct sleeper *sleeper)
{
	mt_must(pthread_join(sleeper->thread, NULL));
	if (sleeper->epoll >= 0)
		close(sleeper->epoll);
	return sleeper->events;
}

TEST_F(mach, woken_by_a_message)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), member = mt_receive_right(task);
	__u32 set = mt_set(task);
	int of_port = mt_watch(task, port), of_set = mt_watch(task, set);
	struct sleeper sleeper;

	mt_must(mt_move_member(task, member, set));
	for (enum way way = 0; way < WAYS; way++) {
		start_sleeper(&sleeper, of_port, way);
		send(task, port);
		EXPECT_TRUE(end_sleeper(&sleeper) & EPOLLIN);
		EXPECT_EQ(1U, mt_next(task, port));
		start_sleeper(&sleeper, of_set, way);
		send(task, member);
		EXPECT_TRUE(end_sleeper(&sleeper) & EPOLLIN);
		EXPECT_EQ(1U, mt_next(task, set));
	}
}

TEST_F(mach, N20_woken_by_death)
{
	const struct mt_task *task = &self->task;
	struct sleeper sleeper;
	__u32 name;

	for (enum way way = 0; way < WAYS; way++) {
		name = mt_receive_right(task);
		start_sleeper(&sleeper, mt_watch(task, name), way);
		mt_must(mt_destroy(task, name));
		EXPECT_TRUE(end_sleeper(&sleeper) & EPOLLHUP);
		name = mt_set(task);
		start_sleeper(&sleeper, mt_watch(task, name), way);
		mt_must(mt_destroy(task, name));
		EXPECT_TRUE(end_sleeper(&sleeper) & EPOLLHUP);
	}
}

TEST_F(mach, N20_woken_by_the_end_of_the_task)
{
	struct sleeper sleeper;
	struct mt_task other;

	for (enum way way = 0; way < WAYS; way++) {
		mt_open(&other);
		start_sleeper(&sleeper,
			      mt_watch(&other, mt_receive_right(&other)), way);
		mt_close(&other);
		EXPECT_TRUE(end_sleeper(&sleeper) & EPOLLHUP);
	}
}

TEST_F(mach, woken_by_joining_a_set)
{
	const struct mt_task *task = &self->task;
	__u32 set = mt_set(task), port;
	struct sleeper sleeper;

	for (enum way way = 0; way < WAYS; way++) {
		port = mt_receive_right(task);
		start_sleeper(&sleeper, mt_watch(task, port), way);
		mt_must(mt_move_member(task, port, set));
		EXPECT_TRUE(end_sleeper(&sleeper) & EPOLLERR);
	}
}

/* A message is for one of those who wait exclusively, the end for all. */
TEST_F(mach, exclusive)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), set = mt_set(task);
	struct sleeper sleepers[3];
	int fd = mt_watch(task, port);

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 3; i++)
			start_sleeper(&sleepers[i], fd, BY_ONE_OF_MANY);
		if (round == 0)
			mt_must(mt_move_member(task, port, set));
		else
			mt_must(mt_destroy(task, port));
		for (int i = 0; i < 3; i++)
			EXPECT_TRUE(end_sleeper(&sleepers[i]) &
				    (round == 0 ? EPOLLERR : EPOLLHUP));
		if (round == 0)
			mt_must(mt_move_member(task, port, MACH_PORT_NULL));
	}
}

/*
 * The file lives as long as somebody waits for it; poll(2) then looks at the
 * number again.
 */
TEST_F(mach, N20_descriptor_closed_while_waiting)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	struct sleeper sleeper;
	int fd = mt_watch(task, port);

	start_sleeper(&sleeper, fd, BY_POLL);
	mt_must(close(fd));
	send(task, port);
	EXPECT_EQ((__u32)POLLNVAL, end_sleeper(&sleeper));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(files), 0));
}

TEST_F(mach, io_uring)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	int fd = mt_watch(task, port);
	struct mt_ring ring;

	if (!mt_ring_start(&ring))
		SKIP(return, "no io_uring");
	mt_ring_poll(&ring, fd, POLLIN);
	EXPECT_FALSE(mt_ring_done(&ring));
	send(task, port);
	EXPECT_EQ(POLLIN, mt_ring_wait(&ring) & POLLIN);
	EXPECT_EQ(1U, mt_next(task, port));
	mt_ring_poll(&ring, fd, POLLIN);
	EXPECT_FALSE(mt_ring_done(&ring));
	/* The ring has the file now. */
	mt_must(close(fd));
	mt_must(mt_destroy(task, port));
	EXPECT_EQ(POLLHUP, mt_ring_wait(&ring) & POLLHUP);
	close(ring.fd);
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(files), 0));
}

/* The oldest of them, which waits with no thread and holds the file itself. */
static __u64 end_of_aio(aio_context_t context)
{
	struct timespec timeout = { .tv_sec = MT_LONG / 1000 };
	struct io_event event = {};

	mt_check(syscall(SYS_io_getevents, context, 1, 1, &event, &timeout) ==
		 1);
	return event.res;
}

TEST_F(mach, N20_aio)
{
	const struct mt_task *task = &self->task;
	aio_context_t context = 0;

	if (syscall(SYS_io_setup, 8, &context))
		SKIP(return, "no aio");
	for (int round = 0; round < 4; round++) {
		__u32 port = mt_receive_right(task);
		struct iocb iocb = {
			.aio_lio_opcode = IOCB_CMD_POLL,
			.aio_fildes = mt_watch(task, port),
			.aio_buf = POLLIN,
		}, *list = &iocb;

		mt_check(syscall(SYS_io_submit, context, 1, &list) == 1);
		if (round & 1)
			mt_must(close(iocb.aio_fildes));
		if (round & 2)
			send(task, port);
		else
			mt_must(mt_destroy(task, port));
		EXPECT_TRUE(end_of_aio(context) &
			    (round & 2 ? POLLIN : POLLHUP));
		if (!(round & 1))
			mt_must(close(iocb.aio_fildes));
	}
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(files), 0));
}

/* ---- every order of going ---- */

enum step {
	CLOSE_FD,
	CLOSE_EPOLL,
	DESTROY_NAME,
	CLOSE_TASK,
	STEPS
};

struct stage {
	struct mt_task task;
	__u32 name;
	int fd, epoll;
	bool gone[STEPS];
};

static void set_up(struct stage *stage, bool set, __u32 how, bool message)
{
	__u32 port;

	*stage = (struct stage){};
	mt_open(&stage->task);
	port = mt_receive_right(&stage->task);
	stage->name = set ? mt_set(&stage->task) : port;
	stage->epoll = new_epoll();
	stage->fd = with(&stage->task, stage->epoll, stage->name, how);
	if (message)
		send(&stage->task, port);
	if (set)
		mt_must(mt_move_member(&stage->task, port, stage->name));
}

static void do_step(struct stage *stage, enum step step)
{
	switch (step) {
	case CLOSE_FD:
		mt_must(close(stage->fd));
		break;
	case CLOSE_EPOLL:
		mt_must(close(stage->epoll));
		break;
	case DESTROY_NAME:
		if (!stage->gone[CLOSE_TASK])
			mt_must(mt_destroy(&stage->task, stage->name));
		break;
	default:
		mt_close(&stage->task);
	}
	stage->gone[step] = true;
}

/* What must be true between any two steps. */
static bool is_right(const struct stage *stage, bool message)
{
	bool over = stage->gone[DESTROY_NAME] || stage->gone[CLOSE_TASK];
	__u32 want = over ? EPOLLHUP : message ? IN : 0;

	if (!stage->gone[CLOSE_FD] &&
	    mt_revents(stage->fd) != (over ? POLLHUP :
				      message ? MT_READY : 0))
		return false;
	if (stage->gone[CLOSE_EPOLL])
		return true;
	/* epoll has forgotten a file that is closed. */
	return events_of(stage->epoll) ==
	       (stage->gone[CLOSE_FD] ? 0 : want);
}

static bool plays(const enum step order[STEPS], bool set, bool message)
{
	struct stage stage;
	bool right;

	set_up(&stage, set, 0, message);
	right = is_right(&stage, message);
	for (int i = 0; i < STEPS && right; i++) {
		do_step(&stage, order[i]);
		right = is_right(&stage, message);
	}
	return right;
}

/* Calls plays() with every permutation of what follows order[done]. */
static int wrong_orders(enum step order[STEPS], int done, bool set,
			bool message)
{
	int wrong = 0;

	if (done == STEPS)
		return !plays(order, set, message);
	for (int i = done; i < STEPS; i++) {
		enum step first = order[done];

		order[done] = order[i];
		order[i] = first;
		wrong += wrong_orders(order, done + 1, set, message);
		order[i] = order[done];
		order[done] = first;
	}
	return wrong;
}

TEST_F(mach, N20_every_order)
{
	enum step order[STEPS] = {
		CLOSE_FD, CLOSE_EPOLL, DESTROY_NAME, CLOSE_TASK,
	};
	__u64 ports = mt_live(&self->task, MT_LIVE(ports));

	for (int i = 0; i < 4; i++)
		EXPECT_EQ(0, wrong_orders(order, 0, i & 1, i & 2));
	EXPECT_TRUE(mt_live_becomes(&self->task, MT_LIVE(files), 0));
	EXPECT_TRUE(mt_live_becomes(&self->task, MT_LIVE(ports), ports));
}

/*
 * CVE-2019-2215 as it was: the polled thing dies, then epoll is told to forget
 * its file, which takes itself off a wait queue that has been freed.
 */
TEST_F(mach, N20_forgotten_after_death)
{
	const struct mt_task *task = &self->task;
	int epoll = new_epoll(), fds[64];
	struct mt_task other;

	for (int i = 0; i < 64; i++) {
		mt_open(&other);
		fds[i] = with(&other, epoll,
			      i & 1 ? mt_set(&other) :
				      mt_receive_right(&other),
			      i & 2 ? EPOLLET : 0);
		mt_close(&other);
	}
	/* Whatever was freed is somebody else's memory now. */
	for (int i = 0; i < 64; i++)
		mt_receive_right(task);
	for (int i = 0; i < 64; i++) {
		mt_must(epoll_ctl(epoll, EPOLL_CTL_DEL, fds[i], NULL));
		mt_must(close(fds[i]));
	}
	EXPECT_EQ(0U, events_of(epoll));
	EXPECT_EQ(0ULL, mt_live(task, MT_LIVE(files)));
}

/* The same, and epoll goes first, by the end of its process. */
TEST_F(mach, N20_process_ends_with_epoll)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	int fd = mt_watch(task, port);

	for (int i = 0; i < 16; i++) {
		pid_t child = mt_fork();

		if (!child) {
			add(new_epoll(), fd, i & 1 ? EPOLLET : 0);
			_exit(0);
		}
		EXPECT_EQ(0, mt_wait_pid(child));
		send(task, port);
		EXPECT_EQ(MT_READY, mt_revents(fd));
		EXPECT_EQ(1U, mt_next(task, port));
	}
}

TEST_HARNESS_MAIN
