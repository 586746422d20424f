// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/*
 * The parent waits within fork() until its child has inherited, as a process
 * waits in vfork(): it might exit, or set other ports, as soon as it returns.
 *
 * The child says so by a byte, since a process that was made meanwhile may
 * have the socket too; if the child dies instead, the parent reads the end.
 * Without descriptors for it the parent does not wait.
 */
#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

/* What the parent reads from, and what the child writes to. */
static int ends[2];

void libmach_fork_begin(void)
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		ends[0] = ends[1] = -1;
}

/* Also if there is no child, for then nobody has the other end. */
void libmach_fork_wait(void)
{
	char byte;

	if (ends[0] < 0)
		return;
	close(ends[1]);
	while (read(ends[0], &byte, 1) < 0 && errno == EINTR)
		;
	close(ends[0]);
}

void libmach_fork_go_on(void)
{
	if (ends[0] < 0)
		return;
	close(ends[0]);
	/* Not by its name: a Mach program likes to call a function send(). */
	syscall(SYS_sendto, ends[1], "", 1, MSG_NOSIGNAL, NULL, 0);
	close(ends[1]);
}
