/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ports: a message queue, the counts of the rights for it, and who may
 * receive from it.
 *
 *	state		receive right is		holder
 *	HELD		in a task's name space		that space
 *	TRANSIT		in a message			NULL
 *	KERNEL		the module's own		what it stands for
 *	DEAD		gone, for ever			NULL
 *
 * A new port is in TRANSIT until its creator holds it.
 *
 * References: one for each right, wherever it is (a name, a message, a note)
 * and one for each TRANSIT edge that leads here; when the last goes, the port
 * is freed.  A port never looks into its holder: that is an opaque pointer,
 * valid while the port is in that state under its lock.
 *
 * Locks: lock (a spinlock, taken inside a space's mutex) guards everything but
 * the immutable fields and transit_to, which the transit mutex guards.  No two
 * port locks nest.
 */
#ifndef MACH_PORT_H
#define MACH_PORT_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "queue.h"

struct mach_aftermath;
struct mach_carried;
struct mach_kmsg;
struct mach_user;

enum mach_port_state {
	MACH_PORT_HELD,
	MACH_PORT_TRANSIT,
	MACH_PORT_KERNEL,
	MACH_PORT_DIED,
};

struct mach_port {
	refcount_t refs;

	/* Immutable. */
	u64 id;				/* for traces and listings */
	struct mach_user *user;		/* pays for the port */

	/* Under the transit mutex; a counted reference. */
	struct mach_port *transit_to;

	/* Under lock. */
	spinlock_t lock;
	enum mach_port_state state;	/* DIED may be read without it */
	void *holder;
	u32 name;			/* HELD: the holder's name for it */
	u32 mscount;			/* make-send count */
	u32 srights;			/* send rights, in transit too */
	u32 sorights;			/* send-once rights, likewise */
	struct mach_queue queue;
	struct list_head requests;	/* mach_request.link: dead names */
	struct mach_kmsg *no_senders;	/* armed note, owned; or NULL */
};

/*
 * A dead-name request: one per name at most.  Its name space owns the struct
 * and frees it; the note in it belongs to the port, which takes it when it
 * dies.  All fields under the port's lock while the port is alive.
 */
struct mach_request {
	struct list_head link;		/* empty when fired */
	u32 name;
	struct mach_kmsg *note;		/* NULL when fired or not armed */
};

/*
 * A port in TRANSIT that @user pays for, with one reference; NULL when the
 * user is over the limit or there is no memory.
 */
struct mach_port *mach_port_create(struct mach_user *user);
struct mach_port *mach_port_get(struct mach_port *port);
void mach_port_put(struct mach_port *port);

/* Once true, for ever true. */
static inline bool mach_port_is_dead(const struct mach_port *port)
{
	return READ_ONCE(port->state) == MACH_PORT_DIED;
}

/*
 * Rights.  Each function that yields a right yields a reference with it, and
 * each that takes a right consumes the reference.
 */

/* The caller holds the receive right. */
void mach_port_make_send(struct mach_port *port);
/* Likewise; false when the payer is over the limit. */
bool mach_port_make_send_once(struct mach_port *port);
/* The caller holds a send right; false when the port is dead. */
bool mach_port_copy_send(struct mach_port *port);

/* Destroy a right.  No-senders and send-once notes go to @after. */
void mach_port_release_send(struct mach_port *port,
			    struct mach_aftermath *after);
void mach_port_release_send_once(struct mach_port *port,
				 struct mach_aftermath *after);
/* The right did its work: its message was received. */
void mach_port_use_send_once(struct mach_port *port);

/*
 * Destroy the receive right: the port dies.  Consumes the right's reference.
 * Messages go to @after to be destroyed, notes to be posted; waiters wake.
 * May sleep; not under a port lock.
 */
void mach_port_kill(struct mach_port *port, struct mach_aftermath *after);

/* Destroys whatever right is in @right (no memory), and empties it. */
void mach_port_release(struct mach_carried *right,
		       struct mach_aftermath *after);

/*
 * @holder's name for the receive right; MACH_PORT_DEAD if the port is dead,
 * MACH_PORT_NULL if another one holds it.
 */
u32 mach_port_name_in(struct mach_port *port, const void *holder);

/* Does the port stand for an object of the module? */
bool mach_port_is_kernel(struct mach_port *port);

/* The receive right arrives in @holder under @name (or in the module). */
void mach_port_hold(struct mach_port *port, void *holder, u32 name);
void mach_port_hold_kernel(struct mach_port *port, void *holder);

/*
 * The receive right leaves its holder, in a message for @dest (NULL: straight
 * to another holder); its receivers wake.  False if @dest is the port itself
 * or travels, over any number of ports, in the port's own queue: such a
 * message must be destroyed.
 */
bool mach_port_move(struct mach_port *port, struct mach_port *dest);

/*
 * Arm or cancel the dead-name request.  The port takes @note and returns the
 * one that was armed (NULL: none).  False: the port is dead, nothing done.
 */
bool mach_port_arm_dead_name(struct mach_port *port,
			     struct mach_request *request,
			     struct mach_kmsg *note,
			     struct mach_kmsg **previous);

/* The name goes; returns the note that was armed, or NULL. */
struct mach_kmsg *mach_port_disarm(struct mach_port *port,
				   struct mach_request *request);

/*
 * Arm or cancel the no-senders request; returns the armed one.  Fires at once
 * (to @after) if there are no senders and @sync <= the make-send count.
 */
struct mach_kmsg *mach_port_arm_no_senders(struct mach_port *port,
					   struct mach_kmsg *note, u32 sync,
					   struct mach_aftermath *after);

/*
 * Send @kmsg to its destination, waiting at most @timeout jiffies for room.
 * MACH_MSG_SUCCESS consumes it; after MACH_SEND_INVALID_DEST (the port is
 * dead, or the module's own), MACH_SEND_TIMED_OUT and MACH_SEND_INTERRUPTED
 * the caller has it.
 */
u32 mach_port_send(struct mach_kmsg *kmsg, long timeout);

/* What a receive asks for, and what it got. */
struct mach_receive {
	const void *holder;	/* who must hold the port */
	u32 room;		/* bytes; with large, the most to take */
	bool large;
	long timeout;		/* jiffies */
	struct mach_kmsg *kmsg;	/* out, the caller's */
	u32 needed;		/* out, with MACH_RCV_TOO_LARGE */
};

/* MACH_MSG_SUCCESS and a message, or a MACH_RCV_ code and none. */
u32 mach_port_receive(struct mach_port *port, struct mach_receive *receive);

#endif /* MACH_PORT_H */
