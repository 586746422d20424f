/* SPDX-License-Identifier: MIT */
/*
 * The special ports of a task.  Here every task of an IPC instance has the
 * same bootstrap port; mach_set_instance_bootstrap() of <mach/linux.h> sets it.
 */
#ifndef _MACH_TASK_SPECIAL_PORTS_H_
#define _MACH_TASK_SPECIAL_PORTS_H_

#define TASK_KERNEL_PORT	1	/* the task itself */
#define TASK_EXCEPTION_PORT	3
#define TASK_BOOTSTRAP_PORT	4

#define task_get_kernel_port(task, port) \
	(task_get_special_port((task), TASK_KERNEL_PORT, (port)))
#define task_get_bootstrap_port(task, port) \
	(task_get_special_port((task), TASK_BOOTSTRAP_PORT, (port)))

#endif /* _MACH_TASK_SPECIAL_PORTS_H_ */
