/* SPDX-License-Identifier: GPL-2.0 */
/* What GNU Mach (gnumach.c) and Linux (linux.c) each provide to conf.h. */
#ifndef CONF_SYSTEM_H
#define CONF_SYSTEM_H

struct program {
	const char *name;
	void (*body)(void);
};

/* Made by tools/conformance/build; ends with a NULL. */
extern const struct program programs[];

/* Writes whole lines at once, so that no other writer splits them. */
void system_write(const char *text);
/*
 * Makes the kernel choose other names than those of conf.h, which were freed;
 * called between the lines.
 */
void system_spare_names(void);
/* Where the group's text is: a program and its peer share it. */
#define GROUP_SIZE	200
char *system_group(void);
/* Ends the calling task, at once. */
void system_exit(void) __attribute__((noreturn));

/* Takes an argument that is for the programs; 0 if it names one. */
int take_argument(const char *argument);

/* The program that runs: precedes each line. */
void say_begin(const char *program);
/* The line that says that the program came to its end. */
void say_end(void);

#endif /* CONF_SYSTEM_H */
