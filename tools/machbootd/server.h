/* SPDX-License-Identifier: MIT */
/*
 * The server: receives requests, notifications, and what its two helper
 * threads tell it, one after another.
 */
#ifndef MACHBOOTD_SERVER_H
#define MACHBOOTD_SERVER_H

#include <stdbool.h>

#include "config.h"
#include "launcher.h"

/*
 * Makes the ports and declares what is configured; a name with a send right
 * for the root's bootstrap port, or MACH_PORT_NULL and a line that says why.
 */
mach_port_t server_init(const struct config *config, int launcher);

/*
 * Starts the threads and serves until a signal says to end.  ready is called
 * when clients are answered from now on.
 */
int server_run(void (*ready)(void));

/* For the helper threads: messages that no client can send (helpers.c). */
enum {
	HELPER_FIRST	= 9000,
	HELPER_DEMAND	= HELPER_FIRST,		/* a service has messages */
	HELPER_EVENT,				/* the launcher's */
	HELPER_END,	/* event.status: 0 a signal, 1 the launcher is gone */
};

struct helper_message {
	mach_msg_header_t head;
	mach_msg_type_t type;			/* bytes */
	struct launcher_event event;
};

/* port: a send right for the server's private port; demand: a port set. */
bool helpers_start(mach_port_t port, mach_port_t demand, int launcher);
/* The demand was seen to: look again. */
void helpers_go_on(void);

#endif /* MACHBOOTD_SERVER_H */
