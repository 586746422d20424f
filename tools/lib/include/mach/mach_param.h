/* SPDX-License-Identifier: MIT */
/* How many ports mach_ports_register() keeps. */
#ifndef _MACH_MACH_PARAM_H_
#define _MACH_MACH_PARAM_H_

#include <linux/mach.h>

#define TASK_PORT_REGISTER_MAX	MACH_TASK_PORT_REGISTER_MAX

#endif /* _MACH_MACH_PARAM_H_ */
