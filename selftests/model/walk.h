/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The random walk: each step chooses one operation from the model's state,
 * has the module do it, has the model do it, and compares.
 *
 * The tasks are open files of /dev/mach in one process, so nothing ever
 * blocks: all time-outs are 0.  A task more, the observer, is not part of the
 * walk; it holds a right for every task and looks at them through it.
 *
 * A walk is a function of its seed: it depends on no address, no time and no
 * work in the background.
 */
#ifndef MACH_WALK_H
#define MACH_WALK_H

#include <linux/mach.h>
#include <stdbool.h>

#include "../lib/mach_test.h"
#include "model.h"

struct walk_options {
	__u64 seed;
	unsigned long steps;
	unsigned long interval;	/* steps between full comparisons */
	int tasks;
	bool verbose;
};

/* One operation with its arguments; which of them count depends on it. */
struct walk_op {
	const struct walk_kind *kind;
	short task;		/* who calls */
	short whose;		/* TASK_FOR_FILE */
	__u32 via;		/* the caller's right for the task to work on */
	__u32 name, other;
	__u32 right, disposition;
	__s32 delta;
	__u64 value;
	struct m_request request;
	__u32 names[M_REGISTERED];
	__u32 count;
	struct m_send_plan send;
	struct m_receive_plan receive;
	bool sends, receives;
};

struct walk {
	struct model m;
	struct walk_options options;
	__u64 random;
	struct mt_task task[M_TASKS];
	struct mt_task observer;
	__u32 seen[M_TASKS];	/* the observer's right for each task */
	struct mach_ioc_stats base;
	short doomed;		/* a task that is to die, or M_NULL */
	int patience;		/* with it */
	short focus;		/* a task that should act now, or M_NULL */
	struct walk_op op;
	__s32 got;		/* the module's result, for the report */
	char text[1024];	/* the operation in words */
};

struct walk_kind {
	const char *name;
	int weight;
	/* Fills in w->op and w->text; false: not possible now. */
	bool (*choose)(struct walk *w, struct walk_op *op);
	__s32 (*run)(struct walk *w, struct walk_op *op);
};

extern const struct walk_kind walk_kinds[];

/* ---- walk.c ---- */

void walk(const struct walk_options *options);
/* Appends to the description of the operation. */
void walk_say(struct walk *w, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void walk_open_task(struct walk *w);
void walk_close_task(struct walk *w, short task);

/* ---- pick.c: random choices from the state ---- */

__u64 pick_random(struct walk *w);
/* 0 .. bound - 1 */
__u32 pick_below(struct walk *w, __u32 bound);
bool pick_chance(struct walk *w, __u32 percent);
/* Any task, but rather the one that should act. */
short pick_task(struct walk *w);
/* A name of one of these types, now and then another or none at all. */
__u32 pick_name(struct walk *w, short task, __u32 types);
/* The same without the exceptions; 0: there is none. */
__u32 pick_exact(struct walk *w, short task, __u32 types);
/* A name that the caller may choose, mostly free. */
__u32 pick_new_name(struct walk *w);
/* A disposition and a name for it. */
__u32 pick_right(struct walk *w, short task, __u32 *disposition);
__u32 pick_via(struct walk *w, short task);
short pick_target(struct walk *w, short task, __u32 via);
/* A receive right or set from which something can be received; or 0. */
__u32 pick_full(struct walk *w, short task);

/* ---- compose.c: messages ---- */

void compose(struct walk *w, short task, struct m_send_plan *plan);
/* What user memory a message needs. */
struct compose_memory {
	void *page[M_ITEMS];	/* to be moved away, or NULL */
	__u64 bytes[M_ITEMS];
};

void compose_bytes(struct walk *w, const struct m_send_plan *plan,
		   struct compose_memory *memory, void *buffer);
void compose_say(struct walk *w, const struct m_send_plan *plan);
/* Unmaps what came out of line with a message. */
void compose_unmap(const void *buffer);

/* ---- calls of the module ---- */

void walk_ioctl(struct walk *w, short task, unsigned long command, void *call);
void walk_expect(struct walk *w, const char *what, __u64 got, __u64 wanted);

/* ---- check.c ---- */

/* Types, references and status of one name, seen by the observer. */
void check_name(struct walk *w, short task, __u32 name);
void check_everything(struct walk *w);
/* Waits until the module's live objects are those of the model. */
void check_settled(struct walk *w);

/* ---- coverage.c ---- */

void coverage_result(const struct walk_kind *kind, __s32 ret);
void coverage_print(void);

#endif /* MACH_WALK_H */
