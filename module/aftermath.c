// SPDX-License-Identifier: GPL-2.0
/*
 * Destroying messages and posting notifications: see aftermath.h.
 */
#include <linux/sched.h>

#include "aftermath.h"
#include "kmsg.h"
#include "marequest.h"
#include "memory.h"
#include "mqueue.h"
#include "port.h"
#include "trace.h"

static void release(struct mach_carried *carried, struct mach_aftermath *after)
{
	if (carried->kind == MACH_CARRIED_MEMORY) {
		mach_memory_put(carried->memory);
		carried->kind = MACH_CARRIED_NULL;
	} else {
		mach_port_release(carried, after);
	}
}

/* A receive right in the message adds its port's queue to the list. */
static void destroy(struct mach_kmsg *kmsg, struct mach_aftermath *after)
{
	u32 i;

	trace_mach_stage(MACH_STAGE_DESTROYING);
	if (kmsg->marequest)
		mach_marequest_lose(kmsg->marequest, after);
	kmsg->marequest = NULL;
	release(&kmsg->dest, after);
	release(&kmsg->reply, after);
	for (i = 0; i < kmsg->carried_count; i++)
		release(&kmsg->carried[i], after);
	kmsg->carried_count = 0;
	mach_kmsg_free(kmsg);
}

static struct mach_kmsg *take_first(struct list_head *list)
{
	struct mach_kmsg *kmsg;

	kmsg = list_first_entry_or_null(list, struct mach_kmsg, link);
	if (kmsg)
		list_del_init(&kmsg->link);
	return kmsg;
}

/*
 * A note goes to a send-once right, hence no limit and no wait.  False: its
 * port is dead, and the note is to be destroyed.
 */
static bool post(struct mach_kmsg *note)
{
	trace_mach_notify(note->dest.port->id, note->id);
	note->owed = false;
	return mach_mqueue_send_always(note) == MACH_MSG_SUCCESS;
}

/*
 * One message, and the messages in the queues of ports that die with it, one
 * after the other; notes are posted at once.  The order is GNU Mach's.
 */
static void destroy_nest(struct mach_kmsg *kmsg)
{
	LIST_HEAD(doomed);

	do {
		MACH_AFTERMATH(next);
		struct mach_kmsg *item;

		destroy(kmsg, &next);
		while ((item = take_first(&next.work))) {
			if (!item->owed || !post(item))
				list_add_tail(&item->link, &doomed);
		}
		cond_resched();
		kmsg = take_first(&doomed);
	} while (kmsg);
}

void mach_aftermath_doom(struct mach_aftermath *after, struct mach_kmsg *kmsg)
{
	list_add_tail(&kmsg->link, &after->work);
}

void mach_aftermath_fail(struct mach_aftermath *after, struct mach_kmsg *kmsg)
{
	kmsg->failed = true;
	mach_aftermath_doom(after, kmsg);
}

/* What a message in our hands held goes in its order, each with its nest. */
static void destroy_failed(struct mach_kmsg *kmsg, struct mach_aftermath *after)
{
	MACH_AFTERMATH(next);

	destroy(kmsg, &next);
	list_splice(&next.work, &after->work);
}

void mach_aftermath_work(struct mach_aftermath *after)
{
	struct mach_kmsg *kmsg;

	while ((kmsg = take_first(&after->work))) {
		if (kmsg->owed && post(kmsg))
			continue;
		if (kmsg->failed)
			destroy_failed(kmsg, after);
		else
			destroy_nest(kmsg);
	}
}
