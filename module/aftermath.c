// SPDX-License-Identifier: GPL-2.0
/*
 * Destroying messages and posting notifications: see aftermath.h.
 */
#include <linux/sched.h>

#include "aftermath.h"
#include "kmsg.h"
#include "memory.h"
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

	for (i = 0; i < kmsg->carried_count; i++)
		release(&kmsg->carried[i], after);
	kmsg->carried_count = 0;
	release(&kmsg->reply, after);
	release(&kmsg->dest, after);
	mach_kmsg_free(kmsg);
}

/* A note goes to a send-once right, hence no limit and no wait. */
static void post(struct mach_kmsg *note, struct mach_aftermath *after)
{
	trace_mach_notify(note->dest.port->id, note->id);
	if (mach_port_send(note, 0) != MACH_MSG_SUCCESS)
		mach_aftermath_doom(after, note);
}

static struct mach_kmsg *take_first(struct list_head *list)
{
	struct mach_kmsg *kmsg;

	kmsg = list_first_entry_or_null(list, struct mach_kmsg, link);
	if (kmsg)
		list_del_init(&kmsg->link);
	return kmsg;
}

void mach_aftermath_doom(struct mach_aftermath *after, struct mach_kmsg *kmsg)
{
	list_add_tail(&kmsg->link, &after->doomed);
}

void mach_aftermath_work(struct mach_aftermath *after)
{
	struct mach_kmsg *kmsg;

	for (;;) {
		kmsg = take_first(&after->notes);
		if (kmsg) {
			post(kmsg, after);
			continue;
		}
		kmsg = take_first(&after->doomed);
		if (!kmsg)
			return;
		destroy(kmsg, after);
		cond_resched();
	}
}
