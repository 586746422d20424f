/* SPDX-License-Identifier: MIT */
/* What this system has beside Mach: the device, its counters, the instance. */
#ifndef _MACH_LINUX_H_
#define _MACH_LINUX_H_

#include <linux/mach.h>
#include <stddef.h>
#include <stdint.h>

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

/*
 * Port names and file descriptors.  flags: MACH_FD_CLOEXEC, and where it is
 * said MACH_FD_MOVE.  KERN_INVALID_ARGUMENT: other flags, or no descriptor of
 * the kind that is wanted.  KERN_RESOURCE_SHORTAGE: a limit, also of
 * descriptors.  (Open files as rights: <mach/fileport.h>.)
 */

/*
 * A descriptor that poll, select, epoll and io_uring can wait on, for name, a
 * receive right or a port set of this process.  Nothing is read from it: when
 * it is readable (POLLIN), receive from name.  POLLERR: the port is in a set,
 * wait for that.  POLLHUP, for ever: nothing can be received under this
 * right any more.  close() it when done; it keeps no name.
 * KERN_INVALID_NAME, KERN_INVALID_RIGHT.
 */
kern_return_t mach_port_poll_fd(mach_port_t name, int flags, int *fd);

/*
 * A descriptor that holds one send right: it travels over a unix socket or
 * through exec, and the right goes with the last copy.  The right is a copy of
 * that of name; with MACH_FD_MOVE it is one user reference of it.
 * KERN_INVALID_NAME, KERN_INVALID_RIGHT (no send right, or dead),
 * KERN_INVALID_ARGUMENT (name is a fileport: send its file).
 */
kern_return_t mach_port_to_fd(mach_port_t name, int flags, int *fd);

/*
 * One more user reference of a send right for the port of fd, which
 * mach_port_to_fd() made.  The descriptor stays as it is.
 * KERN_INVALID_CAPABILITY: the port is dead.
 */
kern_return_t mach_port_from_fd(int fd, mach_port_t *name);

/*
 * mach_msg, which also tells who sent what is received: see struct
 * mach_trailer in <linux/mach.h>.  *trailer is written when a message was
 * taken, and is left alone otherwise.
 */
mach_msg_return_t mach_msg_trailer(mach_msg_header_t *msg,
				   mach_msg_option_t option,
				   mach_msg_size_t send_size,
				   mach_msg_size_t rcv_size,
				   mach_port_t rcv_name,
				   mach_msg_timeout_t timeout,
				   mach_port_t notify,
				   struct mach_trailer *trailer);

/*
 * The task that a right is for, and the process that opened it.  The trailer
 * is as one of a message that this process had sent then.
 */
kern_return_t mach_task_identity(mach_port_t task,
				 struct mach_trailer *identity);

/*
 * KERN_SUCCESS: the task with that id is alive, and the process with that pid
 * runs in it.  Otherwise KERN_FAILURE.
 */
kern_return_t mach_task_confirm(uint64_t task_id, int pid);

/*
 * A pidfd for the process that sent a message, and for no process that has got
 * its pid since.  -1 and errno: ESRCH, it is gone, has called exec, or cannot
 * be seen from here, or the kernel sent the message; or what pidfd_open(2)
 * says.
 */
int mach_sender_pidfd(const struct mach_trailer *trailer);

/*
 * A listing as MACH_IOC_SNAPSHOT makes it, of task, or with MACH_SNAPSHOT_ALL
 * of all tasks: size bytes, which the caller frees with free().
 * KERN_NO_ACCESS: for all tasks one needs CAP_SYS_ADMIN in the initial user
 * namespace.  KERN_RESOURCE_SHORTAGE: no memory.
 */
kern_return_t mach_snapshot(mach_port_t task, unsigned int flags,
			    struct mach_snapshot_record **records,
			    size_t *size);

#ifdef __cplusplus
}
#endif

#endif /* _MACH_LINUX_H_ */
