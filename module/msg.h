/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mach_msg: send, receive, or both in one call.
 */
#ifndef MACH_MSG_H
#define MACH_MSG_H

#include <linux/mach.h>

struct mach_space;

/* The result goes to args->ret. */
void mach_msg(struct mach_space *space, struct mach_ioc_msg *args);

#endif /* MACH_MSG_H */
