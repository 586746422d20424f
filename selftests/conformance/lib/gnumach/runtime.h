/* SPDX-License-Identifier: GPL-2.0 */
/* What start.c and system.c share. */
#ifndef CONF_RUNTIME_H
#define CONF_RUNTIME_H

#include <mach/port.h>

/* Slot 0 is that of a task's first thread. */
#define STACKS		10
#define STACK_SIZE	65536UL

/*
 * A thread finds what is its own at the lower end of its stack, which is
 * aligned to its size.
 */
struct stack {
	union {
		mach_port_t reply_port;
		char room[STACK_SIZE];
	};
} __attribute__((aligned(65536)));

extern struct stack stacks[STACKS];

struct stack *own_stack(void);
/* The first thing that a thread of a new task does. */
void runtime_new_task(void);
/* Where the boot script's task starts: argc, argv, ... are at arguments. */
void runtime_main(const long *arguments) __attribute__((noreturn));

#endif /* CONF_RUNTIME_H */
