/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The calls between names and descriptors: one function per ioctl, as struct
 * mach_call has them.
 */
#ifndef MACH_FD_CALLS_H
#define MACH_FD_CALLS_H

struct mach_space;

/* struct mach_ioc_descriptor */
int mach_call_port_poll_fd(struct mach_space *space, void *args);
int mach_call_fileport_make(struct mach_space *space, void *args);
int mach_call_fileport_fd(struct mach_space *space, void *args);
int mach_call_right_make_fd(struct mach_space *space, void *args);
int mach_call_right_from_fd(struct mach_space *space, void *args);

#endif /* MACH_FD_CALLS_H */
