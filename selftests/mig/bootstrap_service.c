// SPDX-License-Identifier: GPL-2.0
/*
 * A service for bootstrap_test, started by machbootd: checks in under the name
 * in its arguments and answers messages, of which it does not receive more
 * than it is told to.
 *
 * usage: bootstrap_service NAME [MESSAGES]
 */
#include <mach/mach.h>
#include <servers/bootstrap.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bootstrap_service.h"

static void answer(const struct service_message *request, unsigned int number)
{
	struct service_message reply = {
		.head.msgh_bits = MACH_MSG_TYPE_MOVE_SEND_ONCE,
		.head.msgh_remote_port = request->head.msgh_remote_port,
		.head.msgh_id = request->head.msgh_id + 100,
		.pid = (uint64_t)getpid(),
		.uid = (uint64_t)getuid(),
		.number = number,
	};

	mach_msg(&reply.head, MACH_SEND_MSG, sizeof(reply), 0, MACH_PORT_NULL,
		 0, MACH_PORT_NULL);
}

int main(int argc, char **argv)
{
	unsigned int messages = argc > 2 ? (unsigned int)atoi(argv[2]) : ~0U;
	struct service_message request;
	mach_port_t bootstrap, port;

	if (argc < 2 ||
	    task_get_bootstrap_port(mach_task_self(), &bootstrap) ||
	    bootstrap_check_in(bootstrap, argv[1], &port))
		return 3;
	for (unsigned int number = 1; number <= messages; number++) {
		if (mach_msg(&request.head, MACH_RCV_MSG, 0, sizeof(request),
			     port, 0, MACH_PORT_NULL))
			return 4;
		switch (request.head.msgh_id) {
		case SERVICE_CRASH:
			abort();
		case SERVICE_EXIT:
			return 0;
		default:
			answer(&request, number);
		}
	}
	return 0;
}
