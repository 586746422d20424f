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

static struct mach_kmsg *create(struct mach_port *port, u32 size)
{
	struct mach_kmsg *note = mach_kmsg_alloc_owed(size);

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
	return create(port, NOTE_SIZE);
}

struct mach_kmsg *mach_note_create_reply(struct mach_carried *reply, u32 id,
					 s32 ret)
{
	struct mach_kmsg *note = mach_kmsg_alloc_owed(NOTE_SIZE);

	note->dest = *reply;
	reply->kind = MACH_CARRIED_NULL;
	set_body(note, id, MACH_MSG_TYPE_INTEGER_32, ret);
	return note;
}

struct mach_kmsg *mach_note_create_send_once(struct mach_port *port)
{
	struct mach_kmsg *note = create(port, MACH_MSG_HEADER_SIZE);

	note->id = MACH_NOTIFY_SEND_ONCE;
	return note;
}

void mach_note_set(struct mach_kmsg *note, u32 id, u32 value)
{
	/* A make-send count is a number; all others report a name. */
	set_body(note, id, id == MACH_NOTIFY_NO_SENDERS ?
		 MACH_MSG_TYPE_INTEGER_32 : MACH_MSG_TYPE_PORT_NAME, value);
}

struct mach_port *mach_note_cancel(struct mach_kmsg *note)
{
	struct mach_port *port = note->dest.port;

	note->dest.kind = MACH_CARRIED_NULL;
	mach_kmsg_free(note);
	return port;
}
