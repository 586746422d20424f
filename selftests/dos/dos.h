/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One user against another: what the victim does and how dear it is, and what
 * the attacker owns and does meanwhile.
 */
#ifndef MACH_DOS_H
#define MACH_DOS_H

#include "lib/mach_test.h"

/* ---- the victim (ops.c) ---- */

enum dos_op {
	DOS_RPC,		/* 32 + 32 bytes, two processes */
	DOS_INLINE,		/* 4 KiB in line, own port */
	DOS_PORT,		/* allocate, destroy */
	DOS_RIGHT,		/* make a send right, deallocate it */
	DOS_DEAD_NAME,		/* request, death, notification */
	DOS_OOL_64K,
	DOS_OOL_1M,
	DOS_SET,		/* send to a member, receive from the set */
	DOS_SNAPSHOT,		/* of the own task */
	DOS_STATUS,		/* of a port for which the attacker has a right */
	DOS_OPEN,		/* a task is opened and closed */
	DOS_OPS
};

extern const char *const dos_op_names[DOS_OPS];

struct dos_victim {
	struct mt_task task;
	struct mt_peer server;
	__u32 port, notify, set, member;
	char *memory;		/* 1 MiB of small pages */
	void *listing;
	__u32 shown;		/* the port of DOS_STATUS */
};

/* Starts the server, too. */
void dos_victim_start(struct dos_victim *victim);
/*
 * CPU time of one operation, of client and server together, in ns: the median
 * of @samples.  Under QEMU's icount a ns is an instruction.
 */
void dos_measure(struct dos_victim *victim, unsigned int samples,
		 __u64 ns[DOS_OPS]);

/* ---- the attacker (attacks.c) ---- */

struct dos_attacker {
	struct mt_side *side;
	struct mt_task task;	/* the same as the side's */
	__u32 loaded;		/* a port of its own, for the load */
	__u32 extra;
	__u32 fds;		/* descriptors made */
};

struct dos_attack {
	const char *name;
	const char *limit;	/* set to the count if it is not NULL */
	/* Makes up to @count objects; how many it made. */
	unsigned long (*fill)(struct dos_attacker *attacker,
			      unsigned long count);
	/* One turn of what goes on meanwhile; NULL: nothing. */
	void (*load)(struct dos_attacker *attacker);
	unsigned int share;	/* of the count: 1/share */
	/* An operation that has more to tell, and may be dearer; or 0. */
	enum dos_op tells;
	bool huge;		/* needs huge pages */
};

extern const struct dos_attack dos_attacks[];
extern const unsigned int dos_attack_count;
/* For the figures to compare with: a second user who does nothing. */
extern const struct dos_attack dos_nobody;

struct dos_order {
	const struct dos_attack *attack;	/* NULL: all of them */
	unsigned long count;
	unsigned long *turns;	/* shared: how often the load has run */
};

/* The body of the attacker's process; tells the number of objects. */
void dos_attack(struct mt_side *side, void *order);

#endif /* MACH_DOS_H */
