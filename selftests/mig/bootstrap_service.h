/* SPDX-License-Identifier: GPL-2.0 */
/* What bootstrap_test and bootstrap_service say to each other. */
#ifndef BOOTSTRAP_SERVICE_H
#define BOOTSTRAP_SERVICE_H

#include <mach/message.h>

enum { SERVICE_ASK = 1, SERVICE_CRASH, SERVICE_EXIT };

/* A simple message: its body is ours alone. */
struct service_message {
	mach_msg_header_t head;
	uint64_t pid, uid;
	uint64_t number;	/* of messages that this process received */
};

#endif /* BOOTSTRAP_SERVICE_H */
