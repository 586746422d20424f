/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The IPC instance: what all tasks of one device node share, which is the
 * bootstrap port and the host port.
 */
#ifndef MACH_INSTANCE_H
#define MACH_INSTANCE_H

struct mach_aftermath;
struct mach_carried;

/* A copy of the bootstrap port's send right into @out; NULL if none lives. */
void mach_instance_get_bootstrap(struct mach_carried *out,
				 struct mach_aftermath *after);

/* Takes the send right @right (or none) over, and destroys the old one. */
void mach_instance_set_bootstrap(struct mach_carried *right,
				 struct mach_aftermath *after);

/* A new send right for the host port, which stands for identity only. */
void mach_instance_get_host(struct mach_carried *out);

int mach_instance_init(void);
/* Both ports go; what that leaves to do goes to @after. */
void mach_instance_exit(struct mach_aftermath *after);

#endif /* MACH_INSTANCE_H */
