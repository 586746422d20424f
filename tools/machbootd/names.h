/* SPDX-License-Identifier: MIT */
/*
 * What the server knows: subsets, and the services in them.
 *
 * A service is registered: somebody else's port, which it is as long as that
 * lives; or declared: a port of our own, whose receive right we hold while
 * the service is not active, and get back (port-destroyed) when whoever
 * checked in has died or given it up.  We have a send right for every
 * service's port, to give copies of.
 *
 *	declared, inactive	receive right here; messages wait
 *	declared, active	receive right with the service
 *	registered		a dead-name request tells its end
 *
 * All of it belongs to the main thread.
 */
#ifndef MACHBOOTD_NAMES_H
#define MACHBOOTD_NAMES_H

#include <stdbool.h>
#include <sys/types.h>

#include <mach/port.h>
#include <servers/bootstrap.h>

/* What clients can make us keep; the configuration is not counted. */
enum {
	SERVICES_MOST		= 4096,
	SERVICES_OF_USER	= 512,
	SUBSETS_MOST		= 1024,
	SUBSETS_OF_USER		= 128,
	SUBSET_DEPTH		= 16,
};

struct job;

struct subset {
	struct subset *next;		/* of all; the root is the last */
	struct subset *parent;		/* NULL: this is the root */
	struct service *services;
	mach_port_t port;		/* receive right, and its send rights */
	mach_port_t requestor;		/* a send right: its death is ours */
	unsigned int depth;
	uid_t uid;			/* who asked for it */
};

struct service {
	struct service *next;		/* in the subset */
	struct subset *subset;
	struct job *job;		/* that has it, or NULL */
	mach_port_t port;		/* a send right; while inactive, both */
	bool declared, active;
	bool waiting;			/* in the set that is watched */
	uid_t uid;			/* who made it; for a job's its user */
	name_t name;
};

/* Ports that names.c needs and the server made. */
struct name_ports {
	mach_port_t requests;		/* the set with all subsets' ports */
	mach_port_t notify;		/* where notifications go */
	mach_port_t demand;		/* the set of inactive jobs' services */
};

bool names_init(const struct name_ports *ports);
struct subset *names_root(void);

struct subset *subset_find(mach_port_t port);
kern_return_t subset_make(struct subset *parent, mach_port_t requestor,
			  uid_t uid, struct subset **made);

/* In this subset only; or also in its parents. */
struct service *service_find(const struct subset *subset, const char *name);
struct service *service_look_up(const struct subset *subset, const char *name);

kern_return_t service_declare(struct subset *subset, const char *name,
			      uid_t uid, struct job *job,
			      struct service **made);
/* Keeps the send right port if it succeeds. */
kern_return_t service_register(struct subset *subset, const char *name,
			       uid_t uid, mach_port_t port);
/* The receive right is on its way to a client; we want it back. */
kern_return_t service_activate(struct service *service);

/* Has the service messages that nobody has received? */
bool service_has_messages(const struct service *service);
/* Watch, or stop watching, an inactive service's queue. */
void service_watch(struct service *service, bool watch);

/*
 * A receive right has come back: the service, inactive now; or NULL, and the
 * right is destroyed, if the service is none any more.
 */
struct service *names_receive_right(mach_port_t port);
/* A dead name: services and subsets that lived by it go. */
void names_dead_name(mach_port_t name);

#endif /* MACHBOOTD_NAMES_H */
