/* SPDX-License-Identifier: MIT */
/*
 * The bootstrap server: it knows ports by name.  bp is a bootstrap port, as
 * task_get_bootstrap_port() gives one: that of the root, or of a subset.
 *
 * All calls are RPCs (libbootstrap): beside the results named here they give
 * those of mach_msg() and of mig.
 */
#ifndef _SERVERS_BOOTSTRAP_H_
#define _SERVERS_BOOTSTRAP_H_

#include <mach/kern_return.h>
#include <mach/port.h>

#define BOOTSTRAP_MAX_NAME_LEN	128	/* with the NUL at its end */

typedef char name_t[BOOTSTRAP_MAX_NAME_LEN];
typedef const char *const_name_t;

#define BOOTSTRAP_SUCCESS		0
#define BOOTSTRAP_NOT_PRIVILEGED	1100
#define BOOTSTRAP_NAME_IN_USE		1101
#define BOOTSTRAP_UNKNOWN_SERVICE	1102
#define BOOTSTRAP_SERVICE_ACTIVE	1103
#define BOOTSTRAP_BAD_COUNT		1104
#define BOOTSTRAP_NO_MEMORY		1105	/* or a limit is reached */
#define BOOTSTRAP_NO_CHILDREN		1106

#define BOOTSTRAP_STATUS_INACTIVE	0	/* nobody has checked in */
#define BOOTSTRAP_STATUS_ACTIVE		1
#define BOOTSTRAP_STATUS_ON_DEMAND	2	/* the next message starts it */

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The receive right of a service that the configuration or
 * bootstrap_create_service() has declared, with the messages that wait in its
 * queue.  When it dies, or its holder does, it goes back to the bootstrap
 * server with the messages that are left, and may be checked in again.
 *
 * BOOTSTRAP_UNKNOWN_SERVICE: not declared in this subset.
 * BOOTSTRAP_SERVICE_ACTIVE: somebody has it.
 * BOOTSTRAP_NOT_PRIVILEGED: it belongs to a program of the configuration,
 *	and the caller does not run as that program's user.
 */
kern_return_t bootstrap_check_in(mach_port_t bp, const_name_t service_name,
				 mach_port_t *service_port);

/*
 * Gives a port, of which the caller has a send right, a name in this subset,
 * until the port dies.
 *
 * BOOTSTRAP_NAME_IN_USE: the name is declared.
 * BOOTSTRAP_SERVICE_ACTIVE: the name is registered.
 * KERN_INVALID_ARGUMENT: no name, or no port.
 */
kern_return_t bootstrap_register(mach_port_t bp, const_name_t service_name,
				 mach_port_t service_port);

/*
 * A send right for the service of that name in this subset, or else in its
 * parent, and so on.  A declared service has a port before it runs: what is
 * sent there waits for it.
 *
 * BOOTSTRAP_UNKNOWN_SERVICE: there is none.
 */
kern_return_t bootstrap_look_up(mach_port_t bp, const_name_t service_name,
				mach_port_t *service_port);

/* BOOTSTRAP_STATUS_* of what bootstrap_look_up() would find. */
kern_return_t bootstrap_status(mach_port_t bp, const_name_t service_name,
			       int *service_active);

/* Declares a service, which nobody starts; a send right for its port. */
kern_return_t bootstrap_create_service(mach_port_t bp,
				       const_name_t service_name,
				       mach_port_t *service_port);

/*
 * A bootstrap port whose names are its own, and which shows its parent's
 * behind them; to be made the bootstrap port of a task.  It lives, with all
 * subsets made of it, until requestor_port dies.
 */
kern_return_t bootstrap_subset(mach_port_t bp, mach_port_t requestor_port,
			       mach_port_t *subset_port);

/* The bootstrap port of which bp is a subset; the root's is its own. */
kern_return_t bootstrap_parent(mach_port_t bp, mach_port_t *parent_port);

/* One of this interface's results, of mig's or of Mach's, in words. */
const char *bootstrap_strerror(kern_return_t result);

#ifdef __cplusplus
}
#endif

#endif /* _SERVERS_BOOTSTRAP_H_ */
