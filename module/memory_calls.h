/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The calls on received memory: one function per ioctl, as struct mach_call
 * has them.
 */
#ifndef MACH_MEMORY_CALLS_H
#define MACH_MEMORY_CALLS_H

struct mach_space;

/* struct mach_ioc_range */
int mach_call_memory_ordinary(struct mach_space *space, void *args);

#endif /* MACH_MEMORY_CALLS_H */
