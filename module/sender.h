/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Senders: who a task was when it sent a message.
 *
 * The object is immutable.  Every message of a task holds a reference to the
 * one that its task had when it was sent; the task makes another when its
 * credentials are no longer those.  So a message costs a reference, and what
 * it says of its sender is of the time of the send.
 *
 * uid and gid are the effective ones: in whose name the sender acted.
 *
 * Locks: none.  Any context may get and put.
 */
#ifndef MACH_SENDER_H
#define MACH_SENDER_H

#include <linux/cred.h>
#include <linux/mach.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/uidgid.h>

struct mach_user;
struct pid;

struct mach_sender {
	refcount_t refs;

	/* Immutable. */
	u64 task_id;
	struct mach_user *user;		/* who pays; a reference */
	struct pid *pid;		/* the process; a reference */
	kuid_t uid;
	kgid_t gid;
};

/* What current is now, as a sender for that task; NULL: no memory. */
struct mach_sender *mach_sender_create(u64 task_id, struct mach_user *user);

void mach_sender_free(struct mach_sender *sender);

static inline struct mach_sender *mach_sender_get(struct mach_sender *sender)
{
	refcount_inc(&sender->refs);
	return sender;
}

static inline void mach_sender_put(struct mach_sender *sender)
{
	if (refcount_dec_and_test(&sender->refs))
		mach_sender_free(sender);
}

/* The process, too: several may share one mm, and so a task. */
static inline bool mach_sender_is_current(const struct mach_sender *sender)
{
	const struct cred *cred = current_cred();

	return uid_eq(sender->uid, cred->euid) &&
	       gid_eq(sender->gid, cred->egid) &&
	       sender->pid == task_tgid(current);
}

/*
 * In the words of current's namespaces; NULL stands for the module itself.
 * Fills in all of *out.
 */
void mach_sender_describe(const struct mach_sender *sender,
			  struct mach_trailer *out);

#endif /* MACH_SENDER_H */
