/* SPDX-License-Identifier: MIT */
/* Copyright (c) The mach authors */
/*
 * lsmp: a listing of Mach ports, indexed, and the forms in which it is shown.
 */
#ifndef LSMP_H
#define LSMP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include <mach/mach.h>

/* Exit statuses, as the manual has them. */
enum {
	LSMP_OK = 0,
	LSMP_NOTHING = 1,	/* no such process or port */
	LSMP_USAGE = 2,
	LSMP_FAILED = 3,	/* no device, no privilege, no memory */
};

/* A message in a queue; what it carries are RIGHT and MEMORY records. */
struct message {
	const struct mach_snapshot_message *it;
	size_t cargo, cargo_count;	/* in listing.cargo */
};

struct port {
	const struct mach_snapshot_port *it;
	size_t message, message_count;	/* in listing.messages */
	bool shown;
};

struct name {
	const struct mach_snapshot_name *it;
	const struct task *task;
};

struct task {
	const struct mach_snapshot_task *it;
	size_t name, name_count;	/* in listing.names */
	size_t unnamed, unnamed_count;	/* in listing.cargo */
	char command[80];		/* comm, safe to print */
	bool shown;
};

/* One right for a port or one name of a set, wherever it is. */
struct holding {
	__u64 object;
	bool set;
	const struct name *name;	/* or */
	const struct mach_snapshot_right *right;
};

/* All arrays in the order of the listing, but for ports and holdings. */
struct listing {
	struct task *tasks;
	size_t task_count;
	struct name *names;
	size_t name_count;
	struct port *ports;		/* by id, each once */
	size_t port_count;
	const struct mach_snapshot_set **sets;
	size_t set_count;
	struct message *messages;
	size_t message_count;
	const struct mach_snapshot_record **cargo;
	size_t cargo_count;
	struct holding *holdings;	/* by object */
	size_t holding_count;
	__u64 bootstrap;		/* id, or 0 */
	bool complete;			/* of all tasks */
};

/* What is to be shown. */
struct wish {
	pid_t pid;		/* 0: all */
	__u64 port;		/* 0: all */
	bool names;		/* not only the tasks */
	bool messages;
};

/* listing.c; the records must stay.  False: no memory. */
bool listing_build(struct listing *listing,
		   const struct mach_snapshot_record *records, size_t size,
		   __u64 own_task);
/* Marks what is shown; false: nothing is. */
bool listing_choose(struct listing *listing, const struct wish *wish);

const struct task *listing_task(const struct listing *listing, __u64 id);
const struct port *listing_port(const struct listing *listing, __u64 id);
const struct mach_snapshot_set *listing_set(const struct listing *listing,
					    __u64 id);
/* The first holding of the object; *count follow each other. */
const struct holding *listing_holdings(const struct listing *listing,
				       __u64 object, bool set,
				       size_t *count);
/* Is the name to be shown, that of a task that is? */
bool listing_shows(const struct wish *wish, const struct name *name);
bool listing_names_set(const struct name *name);

/* "recv", "send" and so on, of a MACH_PORT_TYPE_ mask. */
const char *type_words(uint32_t type);
/* Of a MACH_MSG_TYPE_PORT_. */
const char *right_word(uint32_t type);
/* "task", "thread", "host" or "port"; "held", "in transit", ... */
const char *object_word(uint32_t object);
const char *state_word(uint32_t state);
const char *where_word(uint32_t where);

/* collect.c: the records, of all tasks or of one process's. */
int collect(const struct wish *wish, struct mach_snapshot_record **records,
	    size_t *size, bool *complete);

/* The forms: table.c, json.c, dot.c. */
void show_tasks(const struct listing *listing, const struct wish *wish);
void show_json(const struct listing *listing, const struct wish *wish);
void show_dot(const struct listing *listing, const struct wish *wish);

#endif /* LSMP_H */
