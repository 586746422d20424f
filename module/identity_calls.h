/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The calls that tell who is who: see uapi/linux/mach.h.
 */
#ifndef MACH_IDENTITY_CALLS_H
#define MACH_IDENTITY_CALLS_H

struct mach_space;

int mach_call_task_identity(struct mach_space *space, void *args);
int mach_call_task_confirm(struct mach_space *space, void *args);

#endif /* MACH_IDENTITY_CALLS_H */
