/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sending to a port; receiving from a port or a port set.
 */
#ifndef MACH_MQUEUE_H
#define MACH_MQUEUE_H

#include <linux/types.h>

struct mach_kmsg;
struct mach_port;
struct mach_pset;

/*
 * Send @kmsg to its destination, waiting at most @timeout jiffies for room.
 * MACH_MSG_SUCCESS consumes it; after MACH_SEND_INVALID_DEST (the port is
 * dead, or the module's own, or the message is circular: it must be
 * destroyed), MACH_SEND_TIMED_OUT and MACH_SEND_INTERRUPTED
 * the caller has it.
 */
u32 mach_mqueue_send(struct mach_kmsg *kmsg, long timeout);

/* The same for a message that no limit stops: it cannot time out. */
u32 mach_mqueue_send_always(struct mach_kmsg *kmsg);

/* What a receive asks for, and what it got. */
struct mach_receive {
	/* One of the two. */
	struct mach_port *port;
	struct mach_pset *set;

	const void *holder;	/* who must hold the port */
	u32 room;		/* bytes; with large, the most to take */
	bool large;
	long timeout;		/* jiffies */
	struct mach_kmsg *kmsg;	/* out, the caller's */
	u32 needed;		/* out, with MACH_RCV_TOO_LARGE */
};

/* MACH_MSG_SUCCESS and a message, or a MACH_RCV_ code and none. */
u32 mach_mqueue_receive(struct mach_receive *receive);

#endif /* MACH_MQUEUE_H */
