// SPDX-License-Identifier: GPL-2.0
/*
 * Making notification messages: see note.h.
 */
#include <linux/string.h>

#include "kmsg.h"
#include "note.h"

struct note_body {
	u64 desc;
	u32 value;
	u32 pad;
};

#define NOTE_SIZE	(MACH_MSG_HEADER_SIZE + sizeof(struct note_body))

static struct mach_kmsg *create(struct mach_port *port, u32 size, u32 count)
{
	struct mach_kmsg *note = mach_kmsg_alloc_owed(size, count);

	note->dest.kind = MACH_CARRIED_SEND_ONCE;
	note->dest.port = port;
	return note;
}

static void set_body(struct mach_kmsg *note, u32 id, u8 type, u32 value)
{
	struct note_body body = {
		.desc = MACH_MSG_DESC(type, 32, 1, MACH_MSG_DESC_INLINE),
		.value = value,
	};

	note->id = id;
	memcpy(mach_kmsg_body(note), &body, sizeof(body));
}

struct mach_kmsg *mach_note_create(struct mach_port *port)
{
	return create(port, NOTE_SIZE, 0);
}

struct mach_kmsg *mach_note_create_reply(struct mach_carried *reply, u32 id,
					 s32 ret)
{
	struct mach_kmsg *note = mach_kmsg_alloc_owed(NOTE_SIZE, 0);

	note->dest = *reply;
	reply->kind = MACH_CARRIED_NULL;
	set_body(note, id, MACH_MSG_TYPE_INTEGER_32, ret);
	return note;
}

struct mach_kmsg *mach_note_create_send_once(struct mach_port *port)
{
	struct mach_kmsg *note = create(port, MACH_MSG_HEADER_SIZE, 0);

	note->id = MACH_NOTIFY_SEND_ONCE;
	return note;
}

void mach_note_set(struct mach_kmsg *note, u32 id, u32 value)
{
	/* A make-send count is a number; all others report a name. */
	set_body(note, id, id == MACH_NOTIFY_NO_SENDERS ?
		 MACH_MSG_TYPE_INTEGER_32 : MACH_MSG_TYPE_PORT_NAME, value);
}

struct mach_kmsg *mach_note_create_destroyed(struct mach_port *port)
{
	return create(port, NOTE_SIZE, 1);
}

struct mach_kmsg *mach_note_create_end(struct mach_user *user)
{
	struct mach_kmsg *note = mach_kmsg_alloc(user, NOTE_SIZE);

	if (note && !mach_kmsg_reserve(note, 1)) {
		mach_kmsg_free(note);
		return NULL;
	}
	return note;
}

void mach_note_carry(struct mach_kmsg *note, struct mach_port *port)
{
	struct mach_carried *right = mach_kmsg_commit(note);
	struct note_body body = {
		.desc = MACH_MSG_DESC(MACH_MSG_TYPE_PORT_RECEIVE,
				      MACH_MSG_PORT_INLINE_BITS, 1,
				      MACH_MSG_DESC_INLINE),
	};

	note->id = MACH_NOTIFY_PORT_DESTROYED;
	note->complex = true;
	memcpy(mach_kmsg_body(note), &body, sizeof(body));
	right->kind = MACH_CARRIED_RECEIVE;
	right->port = port;
}

struct mach_port *mach_note_cancel(struct mach_kmsg *note)
{
	struct mach_port *port = note->dest.port;

	note->dest.kind = MACH_CARRIED_NULL;
	mach_kmsg_free(note);
	return port;
}
