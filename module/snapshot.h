/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MACH_IOC_SNAPSHOT: see uapi/linux/mach.h.
 */
#ifndef MACH_SNAPSHOT_CALL_H
#define MACH_SNAPSHOT_CALL_H

struct mach_space;

int mach_call_snapshot(struct mach_space *space, void *args);

#endif /* MACH_SNAPSHOT_CALL_H */
