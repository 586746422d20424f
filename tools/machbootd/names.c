// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/*
 * Subsets and services.  One port may be several things at once (registered
 * under two names, a requestor too): each has a reference of its own to the
 * one name that it has here, and one dead-name request serves them all.
 */
#include <stdlib.h>
#include <string.h>

#include <mach/mach.h>

#include "names.h"

static struct name_ports ports;
static struct subset *subsets;
static unsigned int subset_count, service_count;

/* ---- finding ---- */

struct subset *names_root(void)
{
	struct subset *subset = subsets;

	while (subset->next)
		subset = subset->next;
	return subset;
}

struct subset *subset_find(mach_port_t port)
{
	struct subset *subset;

	for (subset = subsets; subset; subset = subset->next)
		if (subset->port == port)
			return subset;
	return NULL;
}

struct service *service_find(const struct subset *subset, const char *name)
{
	struct service *service;

	for (service = subset->services; service; service = service->next)
		if (!strcmp(service->name, name))
			return service;
	return NULL;
}

struct service *service_look_up(const struct subset *subset, const char *name)
{
	struct service *service = NULL;

	for (; subset && !service; subset = subset->parent)
		service = service_find(subset, name);
	return service;
}

static unsigned int services_of(uid_t uid)
{
	unsigned int count = 0;

	for (struct subset *subset = subsets; subset; subset = subset->next)
		for (struct service *service = subset->services; service;
		     service = service->next)
			count += !service->job && service->uid == uid;
	return count;
}

static unsigned int subsets_of(uid_t uid)
{
	unsigned int count = 0;

	for (struct subset *subset = subsets; subset; subset = subset->next)
		count += subset->parent && subset->uid == uid;
	return count;
}

/* ---- rights ---- */

static void drop_send(mach_port_t name)
{
	mach_port_deallocate(mach_task_self(), name);
}

static void drop_receive(mach_port_t name)
{
	mach_port_mod_refs(mach_task_self(), name, MACH_PORT_RIGHT_RECEIVE, -1);
}

/* A port of our own, both rights. */
static mach_port_t new_port(void)
{
	mach_port_t port;

	if (mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE,
			       &port))
		return MACH_PORT_NULL;
	if (!mach_port_insert_right(mach_task_self(), port, port,
				    MACH_MSG_TYPE_MAKE_SEND))
		return port;
	drop_receive(port);
	return MACH_PORT_NULL;
}

static kern_return_t request(mach_port_t name, mach_msg_id_t id)
{
	mach_port_t previous = MACH_PORT_NULL;
	kern_return_t kr;

	kr = mach_port_request_notification(mach_task_self(), name, id, 0,
					    ports.notify,
					    MACH_MSG_TYPE_MAKE_SEND_ONCE,
					    &previous);
	if (!kr && previous != MACH_PORT_NULL)
		drop_send(previous);
	return kr;
}

/*
 * Asks for word of a port's death.  A later request takes the place of an
 * earlier one's, which was ours too.
 */
static kern_return_t watch_death(mach_port_t name)
{
	return request(name, MACH_NOTIFY_DEAD_NAME);
}

/* ---- making ---- */

static struct service *new_service(struct subset *subset, const char *name,
				   uid_t uid, mach_port_t port)
{
	struct service *service = calloc(1, sizeof(*service));

	if (!service)
		return NULL;
	service->subset = subset;
	service->port = port;
	service->uid = uid;
	strncpy(service->name, name, sizeof(service->name) - 1);
	service->next = subset->services;
	subset->services = service;
	service_count++;
	return service;
}

/* May this user have one more, under this name? */
static kern_return_t check_new(const struct subset *subset, const char *name,
			       uid_t uid)
{
	const struct service *service;

	if (!name[0] || strnlen(name, BOOTSTRAP_MAX_NAME_LEN) ==
			BOOTSTRAP_MAX_NAME_LEN)
		return KERN_INVALID_ARGUMENT;
	service = service_find(subset, name);
	if (service)
		return service->declared ? BOOTSTRAP_NAME_IN_USE :
					   BOOTSTRAP_SERVICE_ACTIVE;
	if (service_count >= SERVICES_MOST ||
	    services_of(uid) >= SERVICES_OF_USER)
		return BOOTSTRAP_NO_MEMORY;
	return KERN_SUCCESS;
}

kern_return_t service_declare(struct subset *subset, const char *name,
			      uid_t uid, struct job *job,
			      struct service **made)
{
	kern_return_t kr = job ? KERN_SUCCESS : check_new(subset, name, uid);
	mach_port_t port;

	if (kr)
		return kr;
	port = new_port();
	if (port == MACH_PORT_NULL)
		return BOOTSTRAP_NO_MEMORY;
	*made = new_service(subset, name, uid, port);
	if (!*made) {
		drop_send(port);
		drop_receive(port);
		return BOOTSTRAP_NO_MEMORY;
	}
	(*made)->declared = true;
	(*made)->job = job;
	return KERN_SUCCESS;
}

kern_return_t service_register(struct subset *subset, const char *name,
			       uid_t uid, mach_port_t port)
{
	kern_return_t kr;

	if (!MACH_PORT_VALID(port))
		return KERN_INVALID_ARGUMENT;
	kr = check_new(subset, name, uid);
	if (kr)
		return kr;
	/* A port that has just died has no request, and no name. */
	if (watch_death(port))
		return KERN_INVALID_ARGUMENT;
	if (!new_service(subset, name, uid, port))
		return BOOTSTRAP_NO_MEMORY;
	return KERN_SUCCESS;
}

static struct subset *new_subset(struct subset *parent, mach_port_t port)
{
	struct subset *subset = calloc(1, sizeof(*subset));

	if (!subset ||
	    mach_port_move_member(mach_task_self(), port, ports.requests)) {
		free(subset);
		return NULL;
	}
	subset->parent = parent;
	subset->depth = parent ? parent->depth + 1 : 0;
	subset->port = port;
	subset->next = subsets;
	subsets = subset;
	subset_count++;
	return subset;
}

kern_return_t subset_make(struct subset *parent, mach_port_t requestor,
			  uid_t uid, struct subset **made)
{
	mach_port_t port;

	if (!MACH_PORT_VALID(requestor))
		return KERN_INVALID_ARGUMENT;
	if (subset_count >= SUBSETS_MOST || parent->depth >= SUBSET_DEPTH ||
	    subsets_of(uid) >= SUBSETS_OF_USER)
		return BOOTSTRAP_NO_MEMORY;
	if (watch_death(requestor))
		return KERN_INVALID_ARGUMENT;
	port = new_port();
	if (port == MACH_PORT_NULL)
		return BOOTSTRAP_NO_MEMORY;
	*made = new_subset(parent, port);
	if (!*made) {
		drop_send(port);
		drop_receive(port);
		return BOOTSTRAP_NO_MEMORY;
	}
	/* The receive right is enough to make send rights from. */
	drop_send(port);
	(*made)->requestor = requestor;
	(*made)->uid = uid;
	return KERN_SUCCESS;
}

bool names_init(const struct name_ports *given)
{
	mach_port_t port;

	ports = *given;
	port = new_port();
	return port != MACH_PORT_NULL && new_subset(NULL, port);
}

/* ---- the life of declared services ---- */

/* The request is armed before anybody else can have the right. */
kern_return_t service_activate(struct service *service)
{
	kern_return_t kr = request(service->port, MACH_NOTIFY_PORT_DESTROYED);

	if (kr)
		return BOOTSTRAP_NO_MEMORY;
	service_watch(service, false);
	service->active = true;
	return KERN_SUCCESS;
}

bool service_has_messages(const struct service *service)
{
	mach_port_status_t status;

	return !mach_port_get_receive_status(mach_task_self(), service->port,
					     &status) &&
	       status.mps_msgcount;
}

void service_watch(struct service *service, bool watch)
{
	if (service->waiting == watch)
		return;
	service->waiting = watch;
	mach_port_move_member(mach_task_self(), service->port,
			      watch ? ports.demand : MACH_PORT_NULL);
}

static struct service *active_service(mach_port_t port)
{
	for (struct subset *subset = subsets; subset; subset = subset->next)
		for (struct service *service = subset->services; service;
		     service = service->next)
			if (service->active && service->port == port)
				return service;
	return NULL;
}

/* It has come to where our send right is: the same name. */
struct service *names_receive_right(mach_port_t port)
{
	struct service *service = active_service(port);

	if (service)
		service->active = false;
	else
		drop_receive(port);
	return service;
}

/* ---- ends ---- */

/*
 * Takes one service out.  The port of an active one lives on with whoever
 * checked in; when the right comes back nobody here will know it.
 */
static void remove_service(struct service **link)
{
	struct service *service = *link;

	*link = service->next;
	drop_send(service->port);
	if (service->declared && !service->active)
		drop_receive(service->port);
	service_count--;
	free(service);
}

static void remove_subset(struct subset *dead)
{
	struct subset **link = &subsets, *subset;

	while (*link != dead)
		link = &(*link)->next;
	*link = dead->next;
	/* Its children were made later, and stand before it in the list. */
	for (subset = subsets; subset; ) {
		if (subset->parent != dead) {
			subset = subset->next;
			continue;
		}
		remove_subset(subset);
		subset = subsets;
	}
	while (dead->services)
		remove_service(&dead->services);
	drop_receive(dead->port);
	drop_send(dead->requestor);
	subset_count--;
	free(dead);
}

static struct subset *subset_requested_by(mach_port_t name)
{
	struct subset *subset;

	for (subset = subsets; subset; subset = subset->next)
		if (subset->parent && subset->requestor == name)
			return subset;
	return NULL;
}

void names_dead_name(mach_port_t name)
{
	struct subset *subset;
	struct service **link;

	while ((subset = subset_requested_by(name)))
		remove_subset(subset);
	for (subset = subsets; subset; subset = subset->next) {
		for (link = &subset->services; *link; ) {
			if (!(*link)->declared && (*link)->port == name)
				remove_service(link);
			else
				link = &(*link)->next;
		}
	}
	/* The reference that the notification brought. */
	drop_send(name);
}
