/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /sys/kernel/debug/mach: the module's counters as text, for root.
 */
#ifndef MACH_DEBUGFS_H
#define MACH_DEBUGFS_H

void mach_debugfs_init(void);
void mach_debugfs_exit(void);

#endif /* MACH_DEBUGFS_H */
