/* SPDX-License-Identifier: MIT */
/*
 * Port names, rights and types, as in GNU Mach.  The MACH_PORT_RIGHT_*,
 * MACH_PORT_TYPE_* and MACH_PORT_QLIMIT_* values come from <linux/mach.h>.
 */
#ifndef _MACH_PORT_H_
#define _MACH_PORT_H_

#include <linux/mach.h>
#include <mach/boolean.h>
#include <mach/vm_types.h>

typedef unsigned int mach_port_name_t;
typedef mach_port_name_t *mach_port_name_array_t;
typedef const mach_port_name_t *const_mach_port_name_array_t;

/* In user space a port is known by its name only. */
typedef mach_port_name_t mach_port_t;
typedef mach_port_t *mach_port_array_t;
typedef const mach_port_t *const_mach_port_array_t;

typedef int *rpc_signature_info_t;

#define MACH_PORT_NAME_NULL	((mach_port_name_t)MACH_PORT_NULL)
#define MACH_PORT_NAME_DEAD	((mach_port_name_t)MACH_PORT_DEAD)

#define MACH_PORT_VALID(port) \
	(((port) != MACH_PORT_NULL) && ((port) != MACH_PORT_DEAD))
#define MACH_PORT_NAME_VALID(name)	MACH_PORT_VALID(name)

typedef natural_t mach_port_right_t;
typedef natural_t mach_port_type_t;
typedef mach_port_type_t *mach_port_type_array_t;

#define MACH_PORT_TYPE_SEND_RECEIVE \
	(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE)
#define MACH_PORT_TYPE_SEND_RIGHTS \
	(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_SEND_ONCE)
#define MACH_PORT_TYPE_PORT_RIGHTS \
	(MACH_PORT_TYPE_SEND_RIGHTS | MACH_PORT_TYPE_RECEIVE)
#define MACH_PORT_TYPE_PORT_OR_DEAD \
	(MACH_PORT_TYPE_PORT_RIGHTS | MACH_PORT_TYPE_DEAD_NAME)
#define MACH_PORT_TYPE_ALL_RIGHTS \
	(MACH_PORT_TYPE_PORT_OR_DEAD | MACH_PORT_TYPE_PORT_SET)

#define MACH_PORT_TYPE_COMPAT	0x20000000	/* never set */

typedef natural_t mach_port_urefs_t;
typedef integer_t mach_port_delta_t;		/* change in urefs */
typedef natural_t mach_port_seqno_t;		/* sequence number */
typedef unsigned int mach_port_mscount_t;	/* make-send count */
typedef unsigned int mach_port_msgcount_t;	/* number of messages */
typedef unsigned int mach_port_rights_t;	/* number of rights */

typedef struct mach_port_status {
	mach_port_name_t	mps_pset;	/* containing port set */
	mach_port_seqno_t	mps_seqno;
	mach_port_mscount_t	mps_mscount;
	mach_port_msgcount_t	mps_qlimit;
	mach_port_msgcount_t	mps_msgcount;	/* in the queue */
	mach_port_rights_t	mps_sorights;	/* send-once rights */
	boolean_t		mps_srights;	/* do send rights exist? */
	boolean_t		mps_pdrequest;	/* port-destroyed armed? */
	boolean_t		mps_nsrequest;	/* no-senders armed? */
} mach_port_status_t;

#endif /* _MACH_PORT_H_ */
