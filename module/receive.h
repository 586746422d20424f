/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The calls on a receive right: its state and its settings.
 *
 * All functions are called under space->lock; results are KERN_ codes:
 * KERN_INVALID_NAME, KERN_INVALID_RIGHT (no receive right) besides what is
 * said.
 */
#ifndef MACH_RECEIVE_H
#define MACH_RECEIVE_H

#include <linux/types.h>

struct mach_ioc_receive_status;
struct mach_port;
struct mach_pset;
struct mach_space;

/* Fills in what the call gives out. */
int mach_receive_status(struct mach_space *space,
			struct mach_ioc_receive_status *out);

/* KERN_INVALID_VALUE: above the limit; says so before it looks at the name. */
int mach_receive_set_qlimit(struct mach_space *space, u32 name, u64 limit);
int mach_receive_set_mscount(struct mach_space *space, u32 name, u64 mscount);
int mach_receive_set_seqno(struct mach_space *space, u32 name, u64 seqno);
int mach_receive_set_payload(struct mach_space *space, u32 name, bool on,
			     u64 payload);

int mach_receive_srights(struct mach_space *space, u32 name, u64 *srights);
int mach_receive_dnrequests(struct mach_space *space, u32 name, u64 *requests);

/*
 * What a message can be received from under @name, with a reference: *port or
 * *set.  False: neither a receive right nor a port set.
 */
bool mach_receive_source(struct mach_space *space, u32 name,
			 struct mach_port **port, struct mach_pset **set);

/* The port whose receive right @name is, without a reference; or NULL. */
struct mach_port *mach_receive_port(struct mach_space *space, u32 name);

#endif /* MACH_RECEIVE_H */
