/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The calls between names and descriptors, and what tests of them ask of a
 * descriptor.
 *
 * Functions that return __s32 give Mach's result, or -errno of the ioctl.
 */
#ifndef MACH_DESCRIPTORS_H
#define MACH_DESCRIPTORS_H

#include "mach_test.h"

__s32 mt_poll_fd(const struct mt_task *task, __u32 name, __u32 flags, int *fd);
__s32 mt_fileport(const struct mt_task *task, int fd, __u32 *name);
__s32 mt_fileport_fd(const struct mt_task *task, __u32 name, __u32 flags,
		     int *fd);
__s32 mt_right_fd(const struct mt_task *task, __u32 name, __u32 flags,
		  int *fd);
__s32 mt_right_from_fd(const struct mt_task *task, int fd, __u32 *name);

/* The same for calls that must work. */
int mt_watch(const struct mt_task *task, __u32 name);
__u32 mt_new_fileport(const struct mt_task *task, int fd);
int mt_file_of(const struct mt_task *task, __u32 fileport);
int mt_hold_right(const struct mt_task *task, __u32 name);
__u32 mt_take_right(const struct mt_task *task, int fd);

/* What poll(2) says at this moment, asked for everything. */
#define MT_READY	(POLLIN | POLLRDNORM)
int mt_revents(int fd);

/* Over a unix socket; the sender keeps its descriptor. */
void mt_send_fd(int socket, int fd);
int mt_recv_fd(int socket);
void mt_socket_pair(int sockets[2]);

/* How many are open. */
unsigned int mt_open_fds(void);
/* A line "key:<tab>number" of fdinfo; false: there is none. */
bool mt_fdinfo(int fd, const char *key, __u64 *value);
/* FD_CLOEXEC? */
bool mt_closes_on_exec(int fd);

#endif /* MACH_DESCRIPTORS_H */
