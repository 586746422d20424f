/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The in-kernel message: it owns the bytes of the body and everything that
 * the body and the header name.
 *
 * Life: allocated and filled by one sender (nobody else sees it); then on
 * exactly one list at a time (a port's queue, a blocked sender, a receiver
 * that was handed it, an aftermath), always with one owner; delivered or
 * destroyed by that owner, who then frees it.  (In the queue of a member of a
 * port set it is on the set's list, too.)  Whatever it carries is in
 * "carried[0 .. carried_count)", the committed prefix: delivery and
 * destruction walk just that.
 *
 * Locks: none of its own; the list that it is on says which lock guards it.
 */
#ifndef MACH_KMSG_H
#define MACH_KMSG_H

#include <linux/list.h>
#include <linux/mach.h>
#include <linux/types.h>

struct mach_marequest;
struct mach_memory;
struct mach_port;
struct mach_sender;
struct mach_user;

/* One thing that a message owns. */
enum mach_carried_kind {
	MACH_CARRIED_NULL,	/* the name 0 was sent */
	MACH_CARRIED_DEAD,	/* a right for a port that died */
	MACH_CARRIED_SEND,	/* one send right, one reference */
	MACH_CARRIED_SEND_ONCE,	/* one send-once right, one reference */
	MACH_CARRIED_RECEIVE,	/* the receive right, one reference */
	MACH_CARRIED_MEMORY,	/* one reference to a memory object */
};

struct mach_carried {
	enum mach_carried_kind kind;
	union {
		struct mach_port *port;
		struct mach_memory *memory;
	};
};

struct mach_kmsg {
	struct list_head link;		/* the list that the message is on */
	struct list_head set_link;	/* in mach_pset.messages, its lock */
	/*
	 * Who was charged; NULL: nobody.  The space's reference while its
	 * send takes the header, then the sender's.
	 */
	struct mach_user *user;
	struct mach_sender *sender;	/* a reference; NULL: the module */
	u64 charge;			/* bytes charged to user */

	/* The header, decoded. */
	u32 size;			/* bytes, header included */
	u32 id;
	u32 seqno;			/* set when taken from its port */
	bool complex;
	bool circular;			/* holds its own destination: destroy */
	bool ordinary;			/* memory is to be received so */
	bool owed;			/* a note: to be posted, not destroyed */
	bool failed;			/* see mach_aftermath_fail() */
	u8 reply_type;			/* as received: 0, 17 or 18 */
	struct mach_carried dest;	/* SEND or SEND_ONCE; DEAD if it died */
	struct mach_carried reply;
	struct mach_marequest *marequest;	/* a reference; or NULL */

	u32 carried_count;		/* committed prefix of carried[] */
	u32 carried_max;
	struct mach_carried *carried;	/* NULL if carried_max is 0 */

	/* The bytes as user space sees them, size of them; header first. */
	u8 wire[] __aligned(8);
};

static inline struct mach_wire_header *mach_kmsg_header(struct mach_kmsg *kmsg)
{
	return (struct mach_wire_header *)kmsg->wire;
}

static inline u8 *mach_kmsg_body(struct mach_kmsg *kmsg)
{
	return kmsg->wire + MACH_MSG_HEADER_SIZE;
}

static inline u32 mach_kmsg_body_size(const struct mach_kmsg *kmsg)
{
	return kmsg->size - MACH_MSG_HEADER_SIZE;
}

/*
 * What is left to do when all locks have been dropped: lower layers append to
 * it, in Mach's order, and mach_aftermath_run() does it.  Messages are
 * destroyed, but for notes that are owed: those are posted.
 */
struct mach_aftermath {
	struct list_head work;		/* mach_kmsg.link */
};

#define MACH_AFTERMATH(name)						\
	struct mach_aftermath name = {					\
		.work = LIST_HEAD_INIT((name).work),			\
	}

/*
 * A message of @size bytes (at least the header's) that owns nothing, charged
 * to @user, whom the caller keeps until it has a sender or is freed.  NULL when
 * there is no memory or the user is over the limit.
 */
struct mach_kmsg *mach_kmsg_alloc(struct mach_user *user, u32 size);

/* Room for @count carried things; false when there is no memory. */
bool mach_kmsg_reserve(struct mach_kmsg *kmsg, u32 count);

/* Consumes the message, which must own nothing any more. */
void mach_kmsg_free(struct mach_kmsg *kmsg);

/* The next slot of the committed prefix; room was reserved. */
struct mach_carried *mach_kmsg_commit(struct mach_kmsg *kmsg);

/*
 * The same with room for @count carried things (0 or 1), charged to nobody,
 * zeroed; cannot fail: for what is owed.
 */
struct mach_kmsg *mach_kmsg_alloc_owed(u32 size, u32 count);

int mach_kmsg_init(void);
void mach_kmsg_exit(void);

#endif /* MACH_KMSG_H */
