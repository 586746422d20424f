/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /dev/mach: the device node.
 */
#ifndef MACH_DEVICE_H
#define MACH_DEVICE_H

int mach_device_init(void);
void mach_device_exit(void);

#endif /* MACH_DEVICE_H */
