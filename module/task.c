// SPDX-License-Identifier: GPL-2.0
/*
 * The module's end of task ports: see task.h.
 */
#include "aftermath.h"
#include "kmsg.h"
#include "note.h"
#include "port.h"
#include "refs.h"
#include "space.h"
#include "special.h"
#include "task.h"
#include "thread.h"

/* GNU Mach's mig: a reply's id is the request's plus 100. */
#define REPLY_ID_OFFSET	100

/* A send right's port, with a reference; NULL if @name is none. */
static struct mach_port *send_right_port(struct mach_space *space, u32 name)
{
	struct mach_entry *entry;
	struct mach_port *port = NULL;

	mutex_lock(&space->lock);
	entry = mach_space_lookup(space, name);
	if (entry && entry->type & MACH_PORT_TYPE_SEND)
		port = mach_port_get(entry->port);
	mutex_unlock(&space->lock);
	return port;
}

int mach_task_lookup(struct mach_space *space, u32 name,
		     struct mach_space **out)
{
	struct mach_port *port = send_right_port(space, name);

	if (!port)
		return MACH_SEND_INVALID_DEST;
	*out = mach_space_from_port(port);
	mach_port_put(port);
	return *out ? KERN_SUCCESS : KERN_INVALID_TASK;
}

void mach_task_answer(struct mach_kmsg *kmsg, struct mach_aftermath *after)
{
	struct mach_kmsg *reply = NULL;

	if (kmsg->reply.kind == MACH_CARRIED_SEND ||
	    kmsg->reply.kind == MACH_CARRIED_SEND_ONCE)
		reply = mach_note_create_reply(&kmsg->reply,
					       kmsg->id + REPLY_ID_OFFSET,
					       MIG_BAD_ID);
	/* What the request carried is gone before the answer comes. */
	mach_aftermath_doom(after, kmsg);
	if (reply)
		list_add_tail(&reply->link, &after->work);
}

void mach_task_end(struct mach_space *space)
{
	MACH_AFTERMATH(after);

	/* Consumes the receive right's reference; space->self has its own. */
	mach_port_kill(space->self, &after);

	mutex_lock(&space->lock);
	mach_refs_destroy_all(space, &after);
	mutex_unlock(&space->lock);
	/* From here on the space takes nothing in. */
	mach_thread_release_all(space, &after);
	mach_special_release_all(space, &after);
	mach_aftermath_run(&after);
}
