/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The calls that give or take rights of a task as a whole: its self ports,
 * bootstrap, special and registered ports, and other tasks' files.  One
 * function per ioctl, as struct mach_call has them.
 */
#ifndef MACH_TASK_CALLS_H
#define MACH_TASK_CALLS_H

struct mach_space;

/* struct mach_ioc_name */
int mach_call_task_self(struct mach_space *space, void *args);
int mach_call_thread_self(struct mach_space *space, void *args);
int mach_call_host_self(struct mach_space *space, void *args);
int mach_call_reply_port(struct mach_space *space, void *args);
int mach_call_get_bootstrap(struct mach_space *space, void *args);
int mach_call_set_bootstrap(struct mach_space *space, void *args);

/* struct mach_ioc_file */
int mach_call_task_for_file(struct mach_space *space, void *args);
int mach_call_inherit(struct mach_space *space, void *args);

/* struct mach_ioc_special */
int mach_call_task_get_special(struct mach_space *space, void *args);
int mach_call_task_set_special(struct mach_space *space, void *args);

/* struct mach_ioc_registered */
int mach_call_ports_register(struct mach_space *space, void *args);
int mach_call_ports_lookup(struct mach_space *space, void *args);

#endif /* MACH_TASK_CALLS_H */
