/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The right matrix: what a cell of rights.tbl is in C, the scene that it is
 * played in, and the operations.  rights.tbl says what the words mean.
 */
#ifndef MACH_MATRIX_H
#define MACH_MATRIX_H

#include "lib/mach_calls.h"

enum kind {
	KIND_SEND, KIND_LAST, KIND_RECEIVE, KIND_BOTH, KIND_ONCE, KIND_SET,
	KIND_DEAD,
};

enum condition { PORT_ALIVE, PORT_DEAD, PORT_TRANSIT, PORT_FULL, PORT_NAME };

/* Words of the table that are no constants of Mach. */
enum argument {
	ARG_INTO, ARG_OUT, ARG_OF, ARG_FREE, ARG_USED, ARG_ITSELF, ARG_NULL,
	ARG_DEAD,
};

enum becomes { SAME, LOSES_OR_GAINS, NONE, IS, ANEW, RENAMED };

#define TYPES_SEND	MACH_PORT_TYPE_SEND
#define TYPES_RECEIVE	MACH_PORT_TYPE_RECEIVE
#define TYPES_BOTH	(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE)
#define TYPES_ONCE	MACH_PORT_TYPE_SEND_ONCE
#define TYPES_SET	MACH_PORT_TYPE_PORT_SET
#define TYPES_DEAD	MACH_PORT_TYPE_DEAD_NAME

struct entry {
	enum becomes becomes;
	__u32 types;		/* IS */
	int refs;		/* IS: of send or dead name; else the change */
	bool unasked;		/* no dead-name request is left */
};

enum watch { WATCH_D, WATCH_S, WATCH_E, WATCHES };

/* Changes of the port's counters. */
struct change {
	int mscount, srights, sorights, msgcount;
	bool moved;		/* the make-send count is 0 */
	bool dies;
	bool pdrequest;
};

enum gets {
	GETS_NOTHING, GETS_SEND, GETS_RECEIVE, GETS_ONCE, GETS_DEAD,
	GETS_MESSAGE, GETS_NOTICE, GETS_RETURNED, GETS_PREVIOUS, GETS_NUMBER,
	GETS_ELSE,		/* in no table: something is wrong */
};

struct scene;
struct cell;
typedef __s32 act(struct scene *scene, const struct cell *cell);

struct cell {
	const char *operation;
	act *act;
	__u32 argument;
	__s32 number;
	__s32 result;
	struct entry entry;
	__u32 told[WATCHES];	/* ids of notifications, or 0 */
	struct change change;
	enum gets gets;
	__u32 value;		/* of GETS_NUMBER and GETS_MESSAGE */
	int line;		/* of the table */
};

struct state {
	const char *name;
	enum kind kind;
	enum condition condition;
	int first, count;	/* its cells */
};

/* What a receive right's holder sees. */
struct counters {
	__u32 mscount, srights, sorights, msgcount;
	bool pdrequest;
};

struct scene {
	struct mt_task t, o, r;
	__u32 name;		/* N, in t */
	__u32 port;		/* who would have the receive right: its name */
	const struct mt_task *holder;	/* NULL: nobody, it is dead */
	__u32 carrier;		/* of o: holds the port in transit, or 0 */
	struct counters before;
	bool alive;		/* there is a port to look at */

	__u32 types, refs;	/* of N before */
	__u32 names;		/* of t before: how many */
	int added;		/* names that the operation gave to t besides */
	__u32 new_name;		/* RENAMED, ANEW */

	__u32 watch[WATCHES];	/* ports */
	const struct mt_task *watcher[WATCHES];

	__u32 c;		/* of r: where carried rights arrive */
	__u32 to_c;		/* of t */
	struct mt_task t_by_r;	/* r working on t */
	__u32 x, a;		/* of t: an unused name, a port set */

	enum gets got;
	__u32 value;
	const char *wrong;	/* what an operation found wrong itself */
};

/* The message that a "remote" operation sends. */
#define MATRIX_ID	0x3a7

void open_scene(struct scene *scene, const struct state *state);
void close_scene(struct scene *scene);
struct counters count_port(const struct scene *scene);
/* Gets the port out of transit, if it is there. */
void end_transit(struct scene *scene);
__u32 count_names(const struct mt_task *task);
/* References of the send or dead-name part. */
__u32 count_refs(const struct mt_task *task, __u32 name);

act act_local, act_remote, act_body, act_array, act_insert, act_extract;
act act_over, act_join, act_deallocate, act_destroy, act_mod_refs;
act act_get_refs, act_type, act_request, act_cancel, act_member, act_members;
act act_status, act_qlimit, act_qlimit_bad, act_mscount, act_seqno;
act act_payload, act_clear_payload, act_srights, act_dnrequests, act_receive;
act act_rename, act_allocate_name;

#endif /* MACH_MATRIX_H */
