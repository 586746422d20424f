// SPDX-License-Identifier: GPL-2.0
/*
 * Arming and cancelling notification requests: see request.h.
 */
#include <linux/slab.h>

#include "kmsg.h"
#include "marequest.h"
#include "note.h"
#include "port.h"
#include "receive.h"
#include "request.h"
#include "space.h"

/* The name is dead already: the answer is due at once, if it was asked for. */
static int arm_on_dead(struct mach_entry *entry, u32 sync,
		       struct mach_carried *notify,
		       struct mach_aftermath *after)
{
	struct mach_kmsg *note;

	if (!sync || notify->kind != MACH_CARRIED_SEND_ONCE)
		return KERN_INVALID_ARGUMENT;
	if (entry->urefs == MACH_PORT_UREFS_MAX)
		return KERN_UREFS_OVERFLOW;
	entry->urefs++;
	note = mach_note_create(notify->port);
	notify->kind = MACH_CARRIED_NULL;
	mach_note_set(note, MACH_NOTIFY_DEAD_NAME, entry->name);
	list_add_tail(&note->link, &after->work);
	return KERN_SUCCESS;
}

static void give_back(struct mach_kmsg *note, struct mach_carried *right)
{
	if (!note)
		return;
	right->kind = MACH_CARRIED_SEND_ONCE;
	right->port = mach_note_cancel(note);
}

static int cancel_dead_name(struct mach_space *space, struct mach_entry *entry,
			    struct mach_carried *previous)
{
	struct mach_kmsg *armed;

	if (!entry->request)
		return KERN_SUCCESS;
	if (!mach_port_arm_dead_name(entry->port, entry->request, NULL,
				     &armed)) {
		/* It has died, and fired, since the name was looked up. */
		mach_space_lookup(space, entry->name);
		return KERN_INVALID_ARGUMENT;
	}
	mach_space_drop_request(entry);
	give_back(armed, previous);
	return KERN_SUCCESS;
}

static bool provide_request(struct mach_entry *entry)
{
	struct mach_request *request;

	if (entry->request)
		return true;
	request = kzalloc(sizeof(*request), GFP_KERNEL_ACCOUNT);
	if (!request)
		return false;
	INIT_LIST_HEAD(&request->link);
	request->name = entry->name;
	entry->request = request;
	return true;
}

static int arm_dead_name(struct mach_space *space, struct mach_entry *entry,
			 u32 sync, struct mach_carried *notify,
			 struct mach_carried *previous,
			 struct mach_aftermath *after)
{
	bool was_armed = entry->request;
	struct mach_kmsg *note, *armed;

	if (!provide_request(entry))
		return KERN_RESOURCE_SHORTAGE;
	note = mach_note_create(notify->port);
	notify->kind = MACH_CARRIED_NULL;
	if (mach_port_arm_dead_name(entry->port, entry->request, note,
				    &armed)) {
		give_back(armed, previous);
		return KERN_SUCCESS;
	}

	/* The port has died since the name was looked up. */
	give_back(note, notify);
	if (!was_armed)
		mach_space_drop_request(entry);
	return arm_on_dead(mach_space_lookup(space, entry->name), sync, notify,
			   after);
}

static int request_dead_name(struct mach_space *space,
			     struct mach_entry *entry, u32 sync,
			     struct mach_carried *notify,
			     struct mach_carried *previous,
			     struct mach_aftermath *after)
{
	if (entry->type == MACH_PORT_TYPE_DEAD_NAME)
		return arm_on_dead(entry, sync, notify, after);
	if (entry->type == MACH_PORT_TYPE_PORT_SET)
		return KERN_INVALID_RIGHT;
	if (notify->kind == MACH_CARRIED_NULL)
		return cancel_dead_name(space, entry, previous);
	return arm_dead_name(space, entry, sync, notify, previous, after);
}

static int request_no_senders(struct mach_entry *entry, u32 sync,
			      struct mach_carried *notify,
			      struct mach_carried *previous,
			      struct mach_aftermath *after)
{
	struct mach_kmsg *note = NULL;

	if (!(entry->type & MACH_PORT_TYPE_RECEIVE))
		return KERN_INVALID_RIGHT;
	if (notify->kind == MACH_CARRIED_SEND_ONCE) {
		note = mach_note_create(notify->port);
		notify->kind = MACH_CARRIED_NULL;
	}
	give_back(mach_port_arm_no_senders(entry->port, note, sync, after),
		  previous);
	return KERN_SUCCESS;
}

static int request_destroyed(struct mach_entry *entry,
			     struct mach_carried *notify,
			     struct mach_carried *previous)
{
	struct mach_kmsg *note = NULL;

	if (!(entry->type & MACH_PORT_TYPE_RECEIVE))
		return KERN_INVALID_RIGHT;
	if (notify->kind == MACH_CARRIED_SEND_ONCE) {
		note = mach_note_create_destroyed(notify->port);
		notify->kind = MACH_CARRIED_NULL;
	}
	give_back(mach_port_arm_destroyed(entry->port, note), previous);
	return KERN_SUCCESS;
}

static int check_request(u32 id, u32 sync, const struct mach_carried *notify)
{
	if (notify->kind == MACH_CARRIED_DEAD)
		return KERN_INVALID_CAPABILITY;
	switch (id) {
	case MACH_NOTIFY_DEAD_NAME:
	case MACH_NOTIFY_NO_SENDERS:
		return KERN_SUCCESS;
	case MACH_NOTIFY_PORT_DESTROYED:
		return sync ? KERN_INVALID_VALUE : KERN_SUCCESS;
	default:
		return KERN_INVALID_VALUE;
	}
}

static int request(struct mach_space *space, u32 name, u32 id, u32 sync,
		   struct mach_carried *notify, struct mach_carried *previous,
		   struct mach_aftermath *after)
{
	struct mach_entry *entry;
	int ret = check_request(id, sync, notify);

	if (ret)
		return ret;
	entry = mach_space_lookup(space, name);
	if (!entry)
		return KERN_INVALID_NAME;
	switch (id) {
	case MACH_NOTIFY_DEAD_NAME:
		return request_dead_name(space, entry, sync, notify, previous,
					 after);
	case MACH_NOTIFY_NO_SENDERS:
		return request_no_senders(entry, sync, notify, previous, after);
	default:
		return request_destroyed(entry, notify, previous);
	}
}

int mach_request_arm(struct mach_space *space, u32 name, u32 id, u32 sync,
		     struct mach_carried *notify,
		     struct mach_carried *previous,
		     struct mach_aftermath *after)
{
	int ret;

	previous->kind = MACH_CARRIED_NULL;
	ret = request(space, name, id, sync, notify, previous, after);
	mach_port_release(notify, after);
	return ret;
}

/*
 * ---- requests that messages make ----
 */

/* The name that was just given is dead: the caller gets DEAD instead. */
static void drop_dead(struct mach_space *space, u32 *name)
{
	struct mach_entry *entry = mach_space_lookup(space, *name);

	mach_space_remove(space, entry);
	*name = MACH_PORT_DEAD;
}

int mach_request_watch(struct mach_space *space, u32 *name,
		       struct mach_port *notify)
{
	struct mach_entry *entry = mach_space_lookup(space, *name);
	struct mach_kmsg *note, *none;

	if (entry->type == MACH_PORT_TYPE_DEAD_NAME) {
		drop_dead(space, name);
		return KERN_SUCCESS;
	}
	if (!mach_port_make_send_once(notify, space->user))
		return KERN_RESOURCE_SHORTAGE;
	if (!provide_request(entry)) {
		mach_port_use_send_once(notify);
		return KERN_RESOURCE_SHORTAGE;
	}
	note = mach_note_create(notify);
	if (mach_port_arm_dead_name(entry->port, entry->request, note, &none))
		return KERN_SUCCESS;

	/* The port has died just now; nobody has been told the name. */
	mach_port_use_send_once(mach_note_cancel(note));
	mach_space_drop_request(entry);
	drop_dead(space, name);
	return KERN_SUCCESS;
}

u32 mach_request_accept(struct mach_space *space, struct mach_port *dest,
			u32 notify, struct mach_marequest **out)
{
	struct mach_entry *entry = mach_space_find(space, dest);
	struct mach_port *port;

	if (entry && mach_marequest_is_pending(entry->marequest))
		return MACH_SEND_NOTIFY_IN_PROGRESS;
	port = mach_receive_port(space, notify);
	if (!port)
		return MACH_SEND_INVALID_NOTIFY;
	if (!mach_port_make_send_once(port, space->user))
		return MACH_SEND_NO_NOTIFY;
	*out = mach_marequest_create(port, entry ? entry->name : MACH_PORT_NULL);
	if (!*out) {
		mach_port_use_send_once(port);
		return MACH_SEND_NO_NOTIFY;
	}
	if (entry) {
		mach_marequest_forget(entry->marequest);
		entry->marequest = mach_marequest_get(*out);
	}
	return MACH_MSG_SUCCESS;
}
