// SPDX-License-Identifier: MIT
/*
 * The calculator: a server in the child, a client in the parent, and between
 * them only what mig made of calculator.defs.
 */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <mach/mach.h>

#include "calculator.h"

/* Requests that no stub would make go no further than this. */
static boolean_t demux(mach_msg_header_t *in, mach_msg_header_t *out)
{
	return mach_msg_well_typed(in) && calculator_server(in, out);
}

/* The parent hears of our port through the one that it left us. */
static void serve(void)
{
	mach_port_t port = mach_reply_port();
	mach_msg_header_t hello = { .msgh_local_port = port };

	hello.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND,
					 MACH_MSG_TYPE_MAKE_SEND);
	task_get_bootstrap_port(mach_task_self(), &hello.msgh_remote_port);
	mach_msg(&hello, MACH_SEND_MSG, sizeof(hello), 0, 0, 0, 0);
	errx(1, "%s", mach_error_string(mach_msg_server(demux, 4096, port)));
}

int main(void)
{
	mach_port_t meeting = mach_reply_port(), calculator;
	numbers_t numbers = { 1, 2, 3, 4, 5 };
	mach_msg_header_t hello;
	int64_t total;
	int result;

	mach_port_insert_right(mach_task_self(), meeting, meeting,
			       MACH_MSG_TYPE_MAKE_SEND);
	task_set_bootstrap_port(mach_task_self(), meeting);
	if (fork() == 0)
		serve();
	if (mach_msg(&hello, MACH_RCV_MSG, 0, sizeof(hello), meeting, 0, 0))
		errx(1, "no server");
	calculator = hello.msgh_remote_port;
	if (!calculator_add(calculator, 40, 2, &result))
		printf("40 + 2 = %d\n", result);
	printf("1 / 0: %s\n", mach_error_string(
		calculator_divide(calculator, 1, 0, &result)));
	if (!calculator_total(calculator, numbers, 5, &total))
		printf("1 + 2 + 3 + 4 + 5 = %" PRId64 "\n", total);
	calculator_stop(calculator);
	return wait(NULL) < 0;
}
