/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Msg-accepted requests: a message that MACH_SEND_NOTIFY forced into a full
 * queue, and the name that it was sent to (spec K14).
 *
 * Two hold a reference: the message until it is received or destroyed, which
 * settles the request, and the sender's name until then or until it goes,
 * after which the notification carries MACH_PORT_NULL.
 *
 * Locks: lock, a leaf spinlock.
 */
#ifndef MACH_MAREQUEST_H
#define MACH_MAREQUEST_H

#include <linux/types.h>

struct mach_aftermath;
struct mach_marequest;
struct mach_port;

/*
 * With one reference.  Consumes a send-once right for @notify, unless there
 * is no memory: NULL.
 */
struct mach_marequest *mach_marequest_create(struct mach_port *notify,
					     u32 name);

/* The name's side: @request may be NULL. */
struct mach_marequest *mach_marequest_get(struct mach_marequest *request);
bool mach_marequest_is_pending(struct mach_marequest *request);
void mach_marequest_rename(struct mach_marequest *request, u32 name);
void mach_marequest_forget(struct mach_marequest *request);

/* The message's side; each consumes its reference. */
void mach_marequest_accept(struct mach_marequest *request,
			   struct mach_aftermath *after);
void mach_marequest_lose(struct mach_marequest *request,
			 struct mach_aftermath *after);

#endif /* MACH_MAREQUEST_H */
