// SPDX-License-Identifier: GPL-2.0
/*
 * Descriptors of ports that are made, waited with and closed while their
 * ports get messages, move between sets, travel and die: no thread waits for
 * ever, no wait queue is used after it has gone (negative test N20), no file
 * is left.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>

#include "lib/caller.h"
#include "lib/descriptors.h"
#include "lib/fixture.h"
#include "lib/partner.h"

#define ROUNDS	400

/* ---- two at the same moment ---- */

struct duel {
	__u32 port, set;
	int fd, epoll;
};

#define DUEL(function, code)						\
static void function(const struct mt_task *task, void *arg)		\
{									\
	struct duel *duel = arg;					\
									\
	(void)task;							\
	(void)duel;							\
	code;								\
}

DUEL(destroy_port, mt_must(mt_destroy(task, duel->port)))
DUEL(destroy_set, mt_must(mt_destroy(task, duel->set)))
DUEL(send_to_port, mt_send_id(task, duel->port, MACH_MSG_TYPE_COPY_SEND, 1))
DUEL(join_set, mt_move_member(task, duel->port, duel->set))
DUEL(forget, epoll_ctl(duel->epoll, EPOLL_CTL_DEL, duel->fd, NULL))
DUEL(close_fd, close(duel->fd))
DUEL(close_epoll, close(duel->epoll))

static void set_up(struct duel *duel, const struct mt_task *task, bool set)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };

	duel->port = mt_port(task);
	duel->set = mt_set(task);
	duel->fd = mt_watch(task, set ? duel->set : duel->port);
	duel->epoll = epoll_create1(EPOLL_CLOEXEC);
	mt_must(epoll_ctl(duel->epoll, EPOLL_CTL_ADD, duel->fd, &event));
	if (set)
		mt_must(mt_move_member(task, duel->port, duel->set));
}

static void clean_up(struct duel *duel, const struct mt_task *task)
{
	close(duel->fd);
	close(duel->epoll);
	mt_destroy(task, duel->port);
	mt_destroy(task, duel->set);
}

/* @a in the test's thread and @b in the other, again and again. */
static void fight(const struct mt_task *task, mt_act *a, mt_act *b, bool set)
{
	struct mt_partner partner;
	struct duel duel;

	mt_start_partner(&partner, task, b, &duel, ROUNDS);
	for (int round = 0; round < ROUNDS; round++) {
		set_up(&duel, task, set);
		mt_meet(&partner);
		mt_lag(round);
		a(task, &duel);
		mt_meet(&partner);
		clean_up(&duel, task);
	}
	mt_end_partner(&partner);
}

#define FIGHT(a, b, set)						\
TEST_F(mach, N20_##a##_and_##b##_##set)					\
{									\
	fight(&self->task, a, b, set);					\
	EXPECT_TRUE(mt_live_becomes(&self->task, MT_LIVE(files), 0));	\
}

FIGHT(destroy_port, close_fd, false)
FIGHT(destroy_port, close_epoll, false)
FIGHT(destroy_port, forget, false)
FIGHT(destroy_port, close_fd, true)
FIGHT(destroy_set, close_fd, true)
FIGHT(destroy_set, close_epoll, true)
FIGHT(destroy_set, forget, true)
FIGHT(send_to_port, close_fd, false)
FIGHT(send_to_port, close_fd, true)
FIGHT(send_to_port, close_epoll, true)
FIGHT(join_set, close_fd, false)
FIGHT(join_set, send_to_port, false)

/* ---- all at once ---- */

#define PORTS		4
#define SENDS		4000

struct crowd {
	const struct mt_task *task;
	__u32 ports[PORTS], set;
	int epoll;
	bool over;		/* atomic */
	unsigned long received;	/* atomic */
};

static bool over(struct crowd *crowd)
{
	return __atomic_load_n(&crowd->over, __ATOMIC_ACQUIRE);
}

/* Every message that is sent must come out here, woken by epoll alone. */
static void *receive_all(void *arg)
{
	struct crowd *crowd = arg;
	struct epoll_event event;
	unsigned long count = 0;

	while (count < SENDS) {
		mt_check(epoll_wait(crowd->epoll, &event, 1, MT_LONG) == 1);
		while (mt_next(crowd->task, crowd->set) != MT_NOTHING)
			count++;
	}
	__atomic_store_n(&crowd->received, count, __ATOMIC_RELEASE);
	return NULL;
}

static void *send_some(void *arg)
{
	struct crowd *crowd = arg;
	struct mt_message message;

	for (unsigned int i = 0; i < SENDS / 2; i++) {
		mt_begin(&message, crowd->ports[i % PORTS],
			 MACH_MSG_TYPE_COPY_SEND);
		mt_must(mt_send_wait(crowd->task, &message, MT_LONG));
	}
	return NULL;
}

/* Members leave and come back: their messages with them. */
static void *move_members(void *arg)
{
	struct crowd *crowd = arg;

	for (unsigned int i = 0; !over(crowd); i++) {
		__u32 port = crowd->ports[i % PORTS];

		mt_move_member(crowd->task, port, MACH_PORT_NULL);
		mt_must(mt_move_member(crowd->task, port, crowd->set));
		mt_lag(i);
	}
	return NULL;
}

/* Others watch the same set and ports, and stop doing it. */
static void *watch_and_forget(void *arg)
{
	struct crowd *crowd = arg;

	for (unsigned int i = 0; !over(crowd); i++) {
		struct epoll_event event = { .events = EPOLLIN };
		__u32 name = i & 1 ? crowd->set : crowd->ports[i / 2 % PORTS];
		int fd = mt_watch(crowd->task, name);
		int epoll = epoll_create1(EPOLL_CLOEXEC);

		mt_must(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
		mt_revents(fd);
		close(i & 2 ? fd : epoll);
		close(i & 2 ? epoll : fd);
	}
	return NULL;
}

TEST_F(mach, N20_crowd)
{
	void *(*const bodies[])(void *) = {
		receive_all, send_some, send_some, move_members,
		watch_and_forget,
	};
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	struct crowd crowd = { .task = &self->task };
	pthread_t threads[ARRAY_SIZE(bodies)];

	crowd.set = mt_set(crowd.task);
	for (int i = 0; i < PORTS; i++) {
		crowd.ports[i] = mt_port(crowd.task);
		mt_must(mt_move_member(crowd.task, crowd.ports[i], crowd.set));
	}
	crowd.epoll = epoll_create1(EPOLL_CLOEXEC);
	mt_must(epoll_ctl(crowd.epoll, EPOLL_CTL_ADD,
			  mt_watch(crowd.task, crowd.set), &event));
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++)
		mt_must(pthread_create(&threads[i], NULL, bodies[i], &crowd));
	for (int i = 0; i < 3; i++)
		mt_must(pthread_join(threads[i], NULL));
	__atomic_store_n(&crowd.over, true, __ATOMIC_RELEASE);
	mt_must(pthread_join(threads[3], NULL));
	mt_must(pthread_join(threads[4], NULL));
	EXPECT_EQ((unsigned long)SENDS, crowd.received);
}

/* Tasks that die while others wait for their ports. */
static void *wait_for_end(void *arg)
{
	struct pollfd pollfd = { .fd = *(int *)arg, .events = POLLIN };

	mt_check(poll(&pollfd, 1, MT_LONG) == 1);
	mt_check(pollfd.revents == POLLHUP);
	return NULL;
}

TEST_F(mach, N20_tasks_end)
{
	for (int round = 0; round < 60; round++) {
		pthread_t waiters[2];
		struct mt_task other;
		int fds[2];

		mt_open(&other);
		fds[0] = mt_watch(&other, mt_receive_right(&other));
		fds[1] = mt_watch(&other, mt_set(&other));
		for (int i = 0; i < 2; i++)
			mt_must(pthread_create(&waiters[i], NULL, wait_for_end,
					       &fds[i]));
		mt_lag(round);
		mt_close(&other);
		for (int i = 0; i < 2; i++) {
			mt_must(pthread_join(waiters[i], NULL));
			mt_must(close(fds[i]));
		}
	}
	EXPECT_EQ(0ULL, mt_live(&self->task, MT_LIVE(files)));
}

/* ---- rights and files, made and dropped by several at once ---- */

struct shared {
	int fd;			/* of a right */
	__u32 fileport;
};

static void take_both(const struct mt_task *task, void *arg)
{
	struct shared *shared = arg;
	__u32 name;
	int fd;

	/* Either may just have gone. */
	if (mt_right_from_fd(task, shared->fd, &name) == KERN_SUCCESS)
		mt_deallocate(task, name);
	if (mt_fileport_fd(task, shared->fileport, 0, &fd) == KERN_SUCCESS)
		close(fd);
}

TEST_F(mach, taken_as_it_goes)
{
	const struct mt_task *task = &self->task;
	struct mt_partner partner;
	struct shared shared;

	mt_start_partner(&partner, task, take_both, &shared, ROUNDS);
	for (int round = 0; round < ROUNDS; round++) {
		__u32 port = mt_port(task);

		shared.fd = mt_hold_right(task, port);
		shared.fileport = mt_new_fileport(task, 1);
		mt_meet(&partner);
		mt_lag(round);
		mt_deallocate(task, shared.fileport);
		close(shared.fd);
		mt_meet(&partner);
		mt_must(mt_destroy(task, port));
	}
	mt_end_partner(&partner);
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(files), 0));
}

TEST_HARNESS_MAIN
