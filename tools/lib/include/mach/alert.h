/* SPDX-License-Identifier: MIT */
/* Bits of alerts, as in GNU Mach. */
#ifndef _MACH_ALERT_H_
#define _MACH_ALERT_H_

#define ALERT_BITS		32

#define ALERT_ABORT_STRONG	0x00000001
#define ALERT_ABORT_SAFE	0x00000002
#define ALERT_USER		0xffff0000

#endif /* _MACH_ALERT_H_ */
