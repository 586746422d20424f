/* SPDX-License-Identifier: MIT */
/* kern_return_t; the KERN_* codes are the kernel's, from <linux/mach.h>. */
#ifndef _MACH_KERN_RETURN_H_
#define _MACH_KERN_RETURN_H_

#include <linux/mach.h>

typedef int kern_return_t;

#endif /* _MACH_KERN_RETURN_H_ */
