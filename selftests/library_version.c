// SPDX-License-Identifier: GPL-2.0
/*
 * A library and a module that do not fit: libmach says so, in words and by
 * errno, and its calls fail as without a device (design 1).
 *
 * The program's own ioctl() takes the place of the C library's and pretends
 * that the module speaks another version.
 */
#include <errno.h>
#include <fcntl.h>
#include <mach/mach.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/fixture.h"

static int pretended = -1;		/* none */

int ioctl(int fd, unsigned long request, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	if (request == MACH_IOC_VERSION && pretended >= 0)
		return pretended;
	return (int)syscall(SYS_ioctl, fd, request, argument);
}

/* What the library says of a module of that version. */
static void hear(int version, char text[200])
{
	int ends[2], old = dup(STDERR_FILENO);
	ssize_t got;

	mt_must(pipe2(ends, O_CLOEXEC | O_NONBLOCK));
	pretended = version;
	mt_check(dup2(ends[1], STDERR_FILENO) >= 0);
	mt_check(mach_task_self() == MACH_PORT_NULL);
	mt_check(mach_reply_port() == MACH_PORT_NULL);
	mt_check(dup2(old, STDERR_FILENO) >= 0);
	got = read(ends[0], text, 199);
	text[got > 0 ? got : 0] = '\0';
	close(ends[0]);
	close(ends[1]);
	close(old);
}

TEST_F(mach, newer_module)
{
	mach_port_t name;
	char text[200];

	hear(MACH_ABI_VERSION + 1, text);
	EXPECT_NE(NULL, strstr(text, "version 2, this library 1"));
	EXPECT_NE(NULL, strstr(text, "install a newer libmach\n"));
	/* Just one line. */
	EXPECT_EQ(text + strlen(text) - 1, strchr(text, '\n'));
	errno = 0;
	EXPECT_EQ(-1, mach_device_fd());
	EXPECT_EQ(EPROTONOSUPPORT, errno);
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  mach_port_allocate(mach_task_self(),
				     MACH_PORT_RIGHT_RECEIVE, &name));
}

TEST_F(mach, older_module)
{
	char text[200];

	hear(MACH_ABI_VERSION - 1, text);
	EXPECT_NE(NULL, strstr(text, "version 0, this library 1"));
	EXPECT_NE(NULL, strstr(text, "install a newer module mach\n"));
	EXPECT_EQ(-1, mach_device_fd());
	EXPECT_EQ(EPROTONOSUPPORT, errno);
}

/* It is asked again: the module may have been replaced. */
TEST_F(mach, module_that_fits_later)
{
	char text[200];

	hear(MACH_ABI_VERSION + 1, text);
	pretended = -1;
	EXPECT_GE(mach_device_fd(), 0);
	EXPECT_NE(MACH_PORT_NULL, mach_task_self());
}

TEST_HARNESS_MAIN
