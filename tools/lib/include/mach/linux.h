/* SPDX-License-Identifier: MIT */
/* What this system has beside Mach: the device, its counters, the instance. */
#ifndef _MACH_LINUX_H_
#define _MACH_LINUX_H_

#include <linux/mach.h>
#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/port.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The descriptor of /dev/mach that is this process's task; opened by the
 * first call of any function.  -1 and errno when it cannot be used:
 * EPROTONOSUPPORT if module and library do not speak the same ABI.  It
 * belongs to the library; do not close it.
 */
int mach_device_fd(void);

/*
 * A send right for the task of fd, a file of /dev/mach that another process
 * opened: sent over a socket, or taken with pidfd_getfd(2).
 * KERN_INVALID_ARGUMENT if fd is no such file, KERN_FAILURE if its task is
 * dead.
 */
kern_return_t mach_task_for_file(int fd, mach_port_t *task);

/*
 * Gives this process's task copies of the special and the registered ports
 * of the task of fd, which the parent process must have opened; once.  A
 * child of fork() has them already.  KERN_NO_ACCESS if fd is not the
 * parent's or it is the second time, KERN_FAILURE if its task is dead,
 * KERN_INVALID_ARGUMENT if fd is no file of /dev/mach.
 */
kern_return_t mach_inherit(int fd);

/*
 * Makes port (a send right, kept by the caller; MACH_PORT_NULL for none) the
 * bootstrap port of every task of this IPC instance.  Needs CAP_SYS_ADMIN in
 * the initial user namespace, else KERN_NO_ACCESS.
 */
kern_return_t mach_set_instance_bootstrap(mach_port_t port);

/*
 * Is the body of msg, which was received, made of whole items, and of data in
 * line alone unless the message is complex?  The kernel does not look into
 * simple messages, and server stubs made by mig not closely enough: a server
 * whose clients may be hostile asks this before it calls one (docs/mig.md).
 */
boolean_t mach_msg_well_typed(const mach_msg_header_t *msg);

#ifdef __cplusplus
}
#endif

#endif /* _MACH_LINUX_H_ */
