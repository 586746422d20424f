/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records: what a snapshot says of one task, its names, ports and messages.
 *
 * The caller holds space->lock; what does not fit into the listing is left
 * for the next call, which goes on at the same place.
 */
#ifndef MACH_RECORD_H
#define MACH_RECORD_H

#include <linux/types.h>

struct mach_carried;
struct mach_listing;
struct mach_space;

/* How far the listing of a task has come; all 0 at its start. */
struct mach_place {
	bool begun;		/* the task itself is listed */
	bool in_port;		/* so are name and port, messages are not */
	u32 name;		/* of the table: this one is next */
	u64 port;		/* in_port: its id */
	u32 message;		/* next of the port's messages */
	u32 slot;		/* 0: the message, 1: its reply, 2 + carried */
};

/* False: the listing is full, come again.  @all: nothing is to be hidden. */
bool mach_record_space(struct mach_listing *listing, struct mach_space *space,
		       bool all, struct mach_place *place);

/* The instance's bootstrap port; needs no lock. */
bool mach_record_bootstrap(struct mach_listing *listing,
			   const struct mach_carried *right);

#endif /* MACH_RECORD_H */
