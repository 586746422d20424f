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

/* A msg-accepted request, dest and the reply right, and what is carried. */
#define PARTS(kmsg)	((kmsg)->carried_count + 3)

static void release_part(struct mach_kmsg *kmsg, u32 index,
			 struct mach_aftermath *after)
{
	if (index == 0 && kmsg->marequest)
		mach_marequest_lose(kmsg->marequest, after);
	else if (index == 1)
		release(&kmsg->dest, after);
	else if (index == 2)
		release(&kmsg->reply, after);
	else if (index > 2)
		release(&kmsg->carried[index - 3], after);
}

static void free_empty(struct mach_kmsg *kmsg)
{
	kmsg->marequest = NULL;
	kmsg->carried_count = 0;
	mach_kmsg_free(kmsg);
}

/* Notes are posted at once; messages to be destroyed wait in @doomed. */
static void post_notes(struct mach_aftermath *after, struct list_head *doomed)
{
	struct mach_kmsg *kmsg;

	while ((kmsg = take_first(&after->work))) {
		if (!kmsg->owed || !post(kmsg))
			list_add_tail(&kmsg->link, doomed);
	}
}

/*
 * The order is GNU Mach's.  What follows from the end of one part comes before
 * the next part: a receive right that dies may have got, from one that died
 * before it in the same message, a note that now dies in its queue.
 */
static void destroy(struct mach_kmsg *kmsg, struct list_head *doomed)
{
	MACH_AFTERMATH(after);
	u32 i;

	trace_mach_stage(MACH_STAGE_DESTROYING);
	for (i = 0; i < PARTS(kmsg); i++) {
		release_part(kmsg, i, &after);
		post_notes(&after, doomed);
	}
	free_empty(kmsg);
}

/* Notes and messages in their order, each message with those that die of it. */
static void settle(struct mach_aftermath *after)
{
	struct mach_kmsg *kmsg;
	LIST_HEAD(doomed);

	while ((kmsg = take_first(&after->work))) {
		if (kmsg->owed && post(kmsg))
			continue;
		do {
			destroy(kmsg, &doomed);
			cond_resched();
			kmsg = take_first(&doomed);
		} while (kmsg);
	}
}

/* The same, but all that follows from one part comes before the next. */
static void destroy_failed(struct mach_kmsg *kmsg)
{
	MACH_AFTERMATH(after);
	u32 i;

	trace_mach_stage(MACH_STAGE_DESTROYING);
	for (i = 0; i < PARTS(kmsg); i++) {
		release_part(kmsg, i, &after);
		settle(&after);
	}
	free_empty(kmsg);
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

void mach_aftermath_work(struct mach_aftermath *after)
{
	struct mach_kmsg *kmsg;
	MACH_AFTERMATH(next);

	while ((kmsg = take_first(&after->work))) {
		if (kmsg->failed) {
			destroy_failed(kmsg);
			continue;
		}
		list_add(&kmsg->link, &next.work);
		settle(&next);
	}
}
