/* SPDX-License-Identifier: MIT */
/*
 * Jobs: programs that are started when a message for one of their services
 * waits, and no more often than the configuration allows.
 */
#ifndef MACHBOOTD_JOB_H
#define MACHBOOTD_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "launcher.h"
#include "names.h"

/* Declares all services of the configuration; false if that is impossible. */
bool jobs_init(const struct config *config, int launcher);

/* Messages wait in the set of services that are watched. */
void jobs_demand(void);
void jobs_event(const struct launcher_event *event);
/* The receive right of a service is here again. */
void jobs_service_back(struct service *service);

/* Starts what may be started now; milliseconds until there is more, or -1. */
int jobs_run(void);

#endif /* MACHBOOTD_JOB_H */
