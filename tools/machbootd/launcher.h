/* SPDX-License-Identifier: MIT */
/*
 * The launcher: a process that starts jobs and does nothing else.  It keeps
 * the privilege to become their users, which the server, that talks to
 * clients, gives up; and it takes nothing from the server but the number of a
 * job, of a configuration that it read itself.
 *
 * It has no task.  When the server is gone it ends its jobs and then itself.
 */
#ifndef MACHBOOTD_LAUNCHER_H
#define MACHBOOTD_LAUNCHER_H

#include <stdint.h>
#include <sys/types.h>

#include "config.h"

struct launcher_event {
	uint32_t job;
	int32_t pid;			/* 0: could not be started */
	int32_t status;			/* of wait(), when it has ended */
	uint32_t ended;
};

/*
 * Forks it; the descriptor to talk to it.  Before the first Mach call, and
 * while there is one thread.
 */
int launcher_start(const struct config *config);

/* Sends the number of a job to start; an event answers, and one more its end. */
void launcher_ask(int fd, uint32_t job);

#endif /* MACHBOOTD_LAUNCHER_H */
