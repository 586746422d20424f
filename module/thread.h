/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Thread ports: one for each thread that asked for its own.
 *
 * They are names for identity only: a message to one is answered as an unknown
 * request.  A thread's port dies with its task, or, after the thread has
 * ended, when another thread of the task first asks for its own.
 */
#ifndef MACH_THREAD_H
#define MACH_THREAD_H

struct mach_aftermath;
struct mach_carried;
struct mach_space;

/*
 * A new send right for current's port.  KERN_SUCCESS, KERN_RESOURCE_SHORTAGE,
 * KERN_INVALID_TASK (the task is dead).  Takes space->lock.
 */
int mach_thread_self(struct mach_space *space, struct mach_carried *out,
		     struct mach_aftermath *after);

/* The space is dead. */
void mach_thread_release_all(struct mach_space *space,
			     struct mach_aftermath *after);

#endif /* MACH_THREAD_H */
