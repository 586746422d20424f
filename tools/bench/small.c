// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/*
 * Calls and messages without memory.  A sample is BATCH operations; getppid
 * and a pipe round trip of the same boot are there for scale.
 */
#include <inttypes.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "result.h"
#include "small.h"

#define BATCH	50
#define SAMPLES	401

static const struct peer *peer;
static mach_port_t own_port;
static int pipe_there[2], pipe_back[2];

static void null_rpc(void)
{
	peer_call(peer, PEER_PING);
}

static void own_send_receive(void)
{
	mach_msg_header_t head = {
		.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0),
		.msgh_remote_port = own_port,
	};

	must(mach_msg(&head, MACH_SEND_MSG | MACH_RCV_MSG, sizeof(head),
		      sizeof(head), own_port, 0, MACH_PORT_NULL), "own port");
}

static void port_allocate_destroy(void)
{
	mach_port_name_t name;

	must(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE,
				&name), "allocate");
	must(mach_port_destroy(mach_task_self(), name), "destroy");
}

static void null_ioctl(void)
{
	ioctl(mach_device_fd(), MACH_IOC_VERSION);
}

static void null_syscall(void)
{
	syscall(SYS_getppid);
}

static void pipe_round_trip(void)
{
	char bytes[32] = { 0 };

	if (write(pipe_there[1], bytes, sizeof(bytes)) != sizeof(bytes) ||
	    read(pipe_back[0], bytes, sizeof(bytes)) != sizeof(bytes))
		fail("pipe: %m");
}

static pid_t start_pipe_peer(void)
{
	char bytes[32];
	pid_t pid;

	if (pipe(pipe_there) || pipe(pipe_back))
		fail("pipe: %m");
	pid = fork();
	if (pid < 0)
		fail("fork: %m");
	if (pid)
		return pid;
	close(pipe_there[1]);
	while (read(pipe_there[0], bytes, sizeof(bytes)) == sizeof(bytes))
		if (write(pipe_back[1], bytes, sizeof(bytes)) < 0)
			break;
	_exit(0);
}

static void measure(const char *name, const char *words, void (*work)(void),
		    int quick)
{
	static struct samples samples;
	struct figure figure;
	uint64_t start;

	for (int i = -2; i < (quick ? SAMPLES / 10 : SAMPLES); i++) {
		start = now();
		for (int j = 0; j < BATCH; j++)
			work();
		if (i >= 0)
			add_sample(&samples, (now() - start) / BATCH);
	}
	figure = take_figure(&samples);
	printf("%-46s %9" PRIu64 " %9" PRIu64 "\n", words, figure.median,
	       figure.min);
	add_row("ticks", figure, "small/%s", name);
}

void bench_small(const struct peer *the_peer, int quick)
{
	pid_t pipe_peer = start_pipe_peer();

	peer = the_peer;
	own_port = mach_reply_port();
	printf("\n%-46s %9s %9s\n", "Calls and small messages, ticks", "median",
	       "min");
	measure("null_rpc", "null RPC, 32 + 32 bytes, two processes", null_rpc,
		quick);
	measure("own_port", "send + receive 32 bytes, own port",
		own_send_receive, quick);
	measure("port", "port allocate + destroy", port_allocate_destroy,
		quick);
	measure("null_ioctl", "MACH_IOC_VERSION", null_ioctl, quick);
	measure("getppid", "getppid", null_syscall, quick);
	measure("pipe", "pipe round trip, 32 + 32 bytes, two processes",
		pipe_round_trip, quick);
	close(pipe_there[1]);
	waitpid(pipe_peer, NULL, 0);
}
