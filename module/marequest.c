// SPDX-License-Identifier: GPL-2.0
/*
 * Msg-accepted requests: see marequest.h.
 */
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "kmsg.h"
#include "marequest.h"
#include "note.h"
#include "port.h"
#include "stats.h"

struct mach_marequest {
	refcount_t refs;
	spinlock_t lock;
	u32 name;			/* NULL when the name is gone */
	struct mach_kmsg *note;		/* owned; NULL when settled */
};

struct mach_marequest *mach_marequest_create(struct mach_port *notify,
					     u32 name)
{
	struct mach_marequest *request;

	request = kzalloc(sizeof(*request), GFP_KERNEL_ACCOUNT);
	if (!request)
		return NULL;
	refcount_set(&request->refs, 1);
	spin_lock_init(&request->lock);
	request->name = name;
	request->note = mach_note_create(notify);
	mach_live_inc(MACH_LIVE_REQUESTS);
	return request;
}

struct mach_marequest *mach_marequest_get(struct mach_marequest *request)
{
	refcount_inc(&request->refs);
	return request;
}

static void put(struct mach_marequest *request)
{
	if (refcount_dec_and_test(&request->refs))
		kfree(request);
}

bool mach_marequest_is_pending(struct mach_marequest *request)
{
	return request && READ_ONCE(request->note);
}

void mach_marequest_rename(struct mach_marequest *request, u32 name)
{
	if (!request)
		return;
	spin_lock(&request->lock);
	request->name = name;
	spin_unlock(&request->lock);
}

void mach_marequest_forget(struct mach_marequest *request)
{
	if (!request)
		return;
	mach_marequest_rename(request, MACH_PORT_NULL);
	put(request);
}

static struct mach_kmsg *settle(struct mach_marequest *request, u32 *name)
{
	struct mach_kmsg *note;

	spin_lock(&request->lock);
	note = request->note;
	WRITE_ONCE(request->note, NULL);
	*name = request->name;
	spin_unlock(&request->lock);
	mach_live_dec(MACH_LIVE_REQUESTS);
	put(request);
	return note;
}

void mach_marequest_accept(struct mach_marequest *request,
			   struct mach_aftermath *after)
{
	struct mach_kmsg *note;
	u32 name;

	note = settle(request, &name);
	mach_note_set(note, MACH_NOTIFY_MSG_ACCEPTED, name);
	list_add_tail(&note->link, &after->work);
}

/* As the manual says; GNU Mach claims that it was accepted (spec 7). */
void mach_marequest_lose(struct mach_marequest *request,
			 struct mach_aftermath *after)
{
	u32 name;

	mach_port_release_send_once(mach_note_cancel(settle(request, &name)),
				    after);
}
