/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ports: a message queue, the counts of the rights for it, and who may
 * receive from it.
 *
 *	state		receive right is		holder
 *	HELD		in a task's name space		that space
 *	TRANSIT		in a message			NULL
 *	KERNEL		the module's own		its object
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
#include "watch.h"

struct file;
struct mach_aftermath;
struct mach_carried;
struct mach_kmsg;
struct mach_payer;
struct mach_pset;
struct mach_user;

enum mach_port_state {
	MACH_PORT_HELD,
	MACH_PORT_TRANSIT,
	MACH_PORT_KERNEL,
	MACH_PORT_DIED,
};

/* What a port in state KERNEL stands for. */
enum mach_object {
	MACH_OBJECT_TASK,		/* a struct mach_space */
	MACH_OBJECT_THREAD,
	MACH_OBJECT_HOST,
	MACH_OBJECT_FILE,		/* a struct file; the port holds it */
};

struct mach_port {
	refcount_t refs;

	/* Immutable. */
	u64 id;				/* for traces and listings */
	struct mach_user *user;		/* who made the port, and pays for it */

	/* Under the transit mutex; a counted reference. */
	struct mach_port *transit_to;

	/* Under lock. */
	spinlock_t lock;
	enum mach_port_state state;	/* DIED, KERNEL: read without it */
	enum mach_object object;	/* in state KERNEL */
	bool has_payload;
	void *holder;
	u32 name;			/* HELD: the holder's name for it */
	u32 mscount;			/* make-send count */
	u32 srights;			/* send rights, in transit too */
	u32 sorights;			/* send-once rights, likewise */
	u64 payload;			/* in place of the name in messages */
	struct mach_queue queue;
	struct mach_payer *payers;	/* for some of sorights: payer.h */
	struct list_head requests;	/* mach_request.link: dead names */
	u32 request_count;
	struct mach_kmsg *no_senders;	/* armed note, owned; or NULL */
	struct mach_kmsg *destroyed;	/* the same of port-destroyed */
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
/*
 * Likewise; @maker, the user of who holds it, pays.  False: no memory, or he is
 * over the limit.
 */
bool mach_port_make_send_once(struct mach_port *port, struct mach_user *maker);
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
 * Destroy the receive right.  If a port-destroyed request is armed, the right
 * leaves in its note, otherwise the port dies: messages go to @after to be
 * destroyed, notes to be posted; waiters wake.  Consumes the right's
 * reference.  May sleep; not under a port lock.
 */
void mach_port_kill(struct mach_port *port, struct mach_aftermath *after);

/* Destroys whatever right is in @right (no memory), and empties it. */
void mach_port_release(struct mach_carried *right,
		       struct mach_aftermath *after);

/* The receive right as a receiver sees it in a message's header. */
struct mach_identity {
	u32 name;	/* DEAD: the port is dead; NULL: another one holds it */
	bool has_payload;
	u64 payload;
};

void mach_port_identify(struct mach_port *port, const void *holder,
			struct mach_identity *out);

/* Does the port stand for an object of the module? */
bool mach_port_is_kernel(struct mach_port *port);

/* The file that the port carries, with a reference; NULL: no fileport. */
struct file *mach_port_get_file(struct mach_port *port);
bool mach_port_is_fileport(const struct mach_port *port);

/* The receive right arrives in @holder under @name (or in the module). */
void mach_port_hold(struct mach_port *port, void *holder, u32 name);
void mach_port_hold_kernel(struct mach_port *port, enum mach_object object,
			   void *holder);
/* The holder has another name for it. */
void mach_port_rename(struct mach_port *port, u32 name);

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

/* The name of an armed request has changed. */
void mach_port_rename_request(struct mach_port *port,
			      struct mach_request *request, u32 name);

/*
 * Arm or cancel the no-senders request; returns the armed one.  Fires at once
 * (to @after) if there are no senders and @sync <= the make-send count.
 */
struct mach_kmsg *mach_port_arm_no_senders(struct mach_port *port,
					   struct mach_kmsg *note, u32 sync,
					   struct mach_aftermath *after);

/* The same for port-destroyed, which never fires at once. */
struct mach_kmsg *mach_port_arm_destroyed(struct mach_port *port,
					  struct mach_kmsg *note);

/* The receive right's settings; the caller holds it. */
void mach_port_set_mscount(struct mach_port *port, u32 mscount);
void mach_port_set_seqno(struct mach_port *port, u32 seqno);
void mach_port_set_payload(struct mach_port *port, bool on, u64 payload);
/* Lets blocked senders in if there is room now. */
void mach_port_set_qlimit(struct mach_port *port, u32 limit);

/* One moment's state. */
struct mach_port_status {
	struct mach_pset *set;		/* no reference; or NULL */
	u32 seqno;
	u32 mscount;
	u32 qlimit;
	u32 msgcount;
	u32 sorights;
	u32 srights;
	u32 dead_name_requests;
	bool no_senders;
	bool destroyed;
};

void mach_port_get_status(struct mach_port *port,
			  struct mach_port_status *out);

/*
 * Become a member of @set, or of none if that is NULL.  False: it was in none
 * already.  The caller holds the receive right, its space's mutex and a
 * reference to @set.
 */
bool mach_port_move_member(struct mach_port *port, struct mach_pset *set);

/*
 * From now on @watch is told of messages, until the receive right leaves its
 * holder.  The caller holds it, and its space's mutex.
 */
void mach_port_watch(struct mach_port *port, struct mach_watch *watch);
/* Nobody uses @watch any more. */
void mach_port_unwatch(struct mach_port *port, struct mach_watch *watch);
/* In a set it is an error: a receive would be answered MACH_RCV_IN_SET. */
__poll_t mach_port_poll(struct mach_port *port, const struct mach_watch *watch);

#endif /* MACH_PORT_H */
