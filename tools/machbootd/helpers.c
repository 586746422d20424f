// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/*
 * Two threads that wait for what the main one cannot wait for, and tell it by
 * message: one for the launcher and for signals, one for messages to services
 * that nobody has received.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mach/mach.h>

#include "server.h"

static struct {
	mach_port_t port;		/* a send right, for both threads */
	mach_port_t demand;
	int launcher, signals;
	sem_t go_on;
} helpers;

/* The queue may be full for a while: nothing is lost by waiting. */
static void tell(int id, const struct launcher_event *event)
{
	struct helper_message message = {
		.head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
		.head.msgh_remote_port = helpers.port,
		.head.msgh_id = id,
		.type.msgt_name = MACH_MSG_TYPE_BYTE,
		.type.msgt_size = 8,
		.type.msgt_inline = TRUE,
		.type.msgt_number = sizeof(message.event),
	};

	if (event)
		message.event = *event;
	if (mach_msg(&message.head, MACH_SEND_MSG, sizeof(message), 0,
		     MACH_PORT_NULL, MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL))
		abort();
}

/*
 * No message fits into so little room, so each stays where it is: for the
 * program that will be started.
 */
static void *wait_for_demand(void *unused)
{
	union {
		mach_msg_header_t head;
	} none;

	for (;;) {
		switch (mach_msg(&none.head, MACH_RCV_MSG | MACH_RCV_LARGE, 0,
				 0, helpers.demand, MACH_MSG_TIMEOUT_NONE,
				 MACH_PORT_NULL)) {
		case MACH_RCV_TOO_LARGE:
			tell(HELPER_DEMAND, NULL);
			while (sem_wait(&helpers.go_on))
				;
			break;
		case MACH_RCV_PORT_CHANGED:
			break;
		default:
			abort();
		}
	}
	return unused;
}

static void *end(int status)
{
	struct launcher_event event = { .status = status };

	tell(HELPER_END, &event);
	return NULL;
}

static void *wait_for_others(void *unused)
{
	struct pollfd files[2] = {
		{ .fd = helpers.launcher, .events = POLLIN },
		{ .fd = helpers.signals, .events = POLLIN },
	};
	struct launcher_event event;
	ssize_t got;

	for (;;) {
		if (poll(files, 2, -1) < 0)
			continue;
		if (files[1].revents)
			return end(0);
		got = recv(helpers.launcher, &event, sizeof(event),
			   MSG_DONTWAIT);
		if (got == sizeof(event))
			tell(HELPER_EVENT, &event);
		else if (got >= 0 || (errno != EAGAIN && errno != EINTR))
			return end(1);
	}
	return unused;
}

void helpers_go_on(void)
{
	sem_post(&helpers.go_on);
}

bool helpers_start(mach_port_t port, mach_port_t demand, int launcher)
{
	pthread_t thread;
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	helpers.signals = signalfd(-1, &signals, SFD_CLOEXEC);
	helpers.port = port;
	helpers.demand = demand;
	helpers.launcher = launcher;
	return helpers.signals >= 0 && !sem_init(&helpers.go_on, 0, 0) &&
	       !pthread_create(&thread, NULL, wait_for_demand, NULL) &&
	       !pthread_create(&thread, NULL, wait_for_others, NULL);
}
