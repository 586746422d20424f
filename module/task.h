/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's end of kernel ports: finding the task that a call works on,
 * answering messages sent to a task, thread or host, ending a task.
 */
#ifndef MACH_TASK_H
#define MACH_TASK_H

#include <linux/types.h>

struct mach_aftermath;
struct mach_kmsg;
struct mach_space;

/*
 * The space that @name, a send right in @space, stands for; takes a reference.
 * KERN_SUCCESS, MACH_SEND_INVALID_DEST (no send right), KERN_INVALID_TASK (a
 * right for something else).
 */
int mach_task_lookup(struct mach_space *space, u32 name,
		     struct mach_space **out);

/*
 * A message for a kernel port: nobody would ever receive it, so it is answered
 * like an unknown request and destroyed.
 */
void mach_task_answer(struct mach_kmsg *kmsg, struct mach_aftermath *after);

/* Ends a space; mach_space_destroy points here. */
void mach_task_end(struct mach_space *space);

#endif /* MACH_TASK_H */
