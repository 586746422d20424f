/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Notification requests: mach_port_request_notification, and those that
 * mach_msg makes.  All under space->lock.
 */
#ifndef MACH_REQUEST_H
#define MACH_REQUEST_H

#include <linux/types.h>

struct mach_aftermath;
struct mach_carried;
struct mach_marequest;
struct mach_port;
struct mach_space;

/*
 * Arm the request @id on @name with the send-once right @notify, or cancel it
 * if that is NULL; what was armed before goes to @previous.  Empties @notify
 * in any case: on an error the right is destroyed, as in Mach.
 *
 * KERN_SUCCESS, KERN_INVALID_VALUE (unknown id),
 * KERN_INVALID_CAPABILITY (notify is dead), KERN_INVALID_NAME,
 * KERN_INVALID_RIGHT, KERN_INVALID_ARGUMENT (dead name, not asked for an
 * immediate answer), KERN_UREFS_OVERFLOW, KERN_RESOURCE_SHORTAGE.
 */
int mach_request_arm(struct mach_space *space, u32 name, u32 id, u32 sync,
		     struct mach_carried *notify,
		     struct mach_carried *previous,
		     struct mach_aftermath *after);

/*
 * MACH_RCV_NOTIFY: a dead-name request for @notify's owner on *@name, which is
 * new and nobody knows yet; MACH_PORT_DEAD if its port is dead.  KERN_SUCCESS,
 * KERN_RESOURCE_SHORTAGE.
 */
int mach_request_watch(struct mach_space *space, u32 *name,
		       struct mach_port *notify);

/*
 * MACH_SEND_NOTIFY: a msg-accepted request for the name that the space has
 * for @dest.  MACH_MSG_SUCCESS, MACH_SEND_NOTIFY_IN_PROGRESS,
 * MACH_SEND_INVALID_NOTIFY (@notify is no receive right), MACH_SEND_NO_NOTIFY.
 */
u32 mach_request_accept(struct mach_space *space, struct mach_port *dest,
			u32 notify, struct mach_marequest **out);

#endif /* MACH_REQUEST_H */
