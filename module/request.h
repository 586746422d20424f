/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Notification requests: mach_port_request_notification.
 */
#ifndef MACH_REQUEST_H
#define MACH_REQUEST_H

#include <linux/types.h>

struct mach_aftermath;
struct mach_carried;
struct mach_space;

/*
 * Arm the request @id on @name with the send-once right @notify, or cancel it
 * if that is NULL; what was armed before goes to @previous.  Empties @notify
 * in any case: on an error the right is destroyed, as in Mach.
 *
 * Under space->lock.  KERN_SUCCESS, KERN_INVALID_VALUE (unknown id),
 * KERN_INVALID_CAPABILITY (notify is dead), KERN_INVALID_NAME,
 * KERN_INVALID_RIGHT, KERN_INVALID_ARGUMENT (dead name, not asked for an
 * immediate answer), KERN_UREFS_OVERFLOW, KERN_RESOURCE_SHORTAGE.
 */
int mach_request_arm(struct mach_space *space, u32 name, u32 id, u32 sync,
		     struct mach_carried *notify,
		     struct mach_carried *previous,
		     struct mach_aftermath *after);

#endif /* MACH_REQUEST_H */
