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

/* A note goes to a send-once right, hence no limit and no wait. */
static void post(struct mach_kmsg *note, struct mach_aftermath *after)
{
	trace_mach_notify(note->dest.port->id, note->id);
	note->owed = false;
	if (mach_mqueue_send_always(note) != MACH_MSG_SUCCESS)
		mach_aftermath_doom(after, note);
}

void mach_aftermath_doom(struct mach_aftermath *after, struct mach_kmsg *kmsg)
{
	list_add_tail(&kmsg->link, &after->work);
}

/*
 * What follows from one step comes before the next step, as if each were done
 * by recursion.
 */
void mach_aftermath_work(struct mach_aftermath *after)
{
	struct mach_kmsg *kmsg;

	while ((kmsg = list_first_entry_or_null(&after->work, struct mach_kmsg,
						link))) {
		MACH_AFTERMATH(next);

		list_del_init(&kmsg->link);
		if (kmsg->owed)
			post(kmsg, &next);
		else
			destroy(kmsg, &next);
		list_splice(&next.work, &after->work);
		cond_resched();
	}
}
