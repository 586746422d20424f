/* SPDX-License-Identifier: MIT */
/* Darwin's fileports: open files that travel as send rights. */
#ifndef _MACH_FILEPORT_H_
#define _MACH_FILEPORT_H_

#include <mach/port.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef mach_port_t fileport_t;

/*
 * Makes *port a send right for a new port that carries the open file of fd;
 * the file is closed when the last send right for the port has gone.  0, or
 * -1 and errno:
 *
 *	EBADF	no such descriptor
 *	EINVAL	a descriptor that libmach or the module made (of /dev/mach, of
 *		mach_port_poll_fd(), of mach_port_to_fd())
 *	EAGAIN	a limit: of ports, names or memory; or the user has more files
 *		in fileports than RLIMIT_NOFILE says
 */
int fileport_makeport(int fd, fileport_t *port);

/*
 * A new descriptor for the file of port, which the caller keeps.  It is
 * close-on-exec.  -1 and errno: EINVAL (no send right for a fileport), EMFILE,
 * EACCES (a security module forbids it).
 */
int fileport_makefd(fileport_t port);

#ifdef __cplusplus
}
#endif

#endif /* _MACH_FILEPORT_H_ */
