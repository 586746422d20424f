// SPDX-License-Identifier: GPL-2.0
/*
 * The identity of senders: see sender.h.
 */
#include <linux/pid.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>

#include "limits.h"
#include "sender.h"

struct mach_sender *mach_sender_create(u64 task_id, struct mach_user *user)
{
	struct mach_sender *sender;

	sender = kmalloc(sizeof(*sender), GFP_KERNEL_ACCOUNT);
	if (!sender)
		return NULL;
	refcount_set(&sender->refs, 1);
	sender->task_id = task_id;
	sender->user = mach_user_get(user);
	sender->pid = get_pid(task_tgid(current));
	sender->uid = current_euid();
	sender->gid = current_egid();
	return sender;
}

void mach_sender_free(struct mach_sender *sender)
{
	mach_user_put(sender->user);
	put_pid(sender->pid);
	kfree(sender);
}

void mach_sender_describe(const struct mach_sender *sender,
			  struct mach_trailer *out)
{
	*out = (struct mach_trailer){ .size = sizeof(*out) };
	if (!sender) {
		out->flags = MACH_TRAILER_KERNEL;
		/* Not 0: who forgets the flag must not take it for root. */
		out->uid = ~0U;
		out->gid = ~0U;
		return;
	}
	out->task_id = sender->task_id;
	out->pid = pid_vnr(sender->pid);
	out->uid = from_kuid_munged(current_user_ns(), sender->uid);
	out->gid = from_kgid_munged(current_user_ns(), sender->gid);
}
