/* SPDX-License-Identifier: MIT */
/* The version of Mach whose interface this is. */
#ifndef _MACH_VERSION_H_
#define _MACH_VERSION_H_

#define KERNEL_MAJOR_VERSION	4
#define KERNEL_MINOR_VERSION	0
#define INCLUDE_VERSION		0

#endif /* _MACH_VERSION_H_ */
