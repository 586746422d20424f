/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Notes: notification messages.
 *
 * A note owns the send-once right that it will be sent to.  One for a request
 * is made when the request is armed, so that firing it allocates nothing.
 * Format: GNU Mach's mach/notify.h, a 48-byte message with one number, or 32
 * bytes for send-once.
 */
#ifndef MACH_NOTE_H
#define MACH_NOTE_H

#include <linux/types.h>

struct mach_carried;
struct mach_kmsg;
struct mach_port;
struct mach_user;

/* Consumes a send-once right and reference for @port.  Never NULL. */
struct mach_kmsg *mach_note_create(struct mach_port *port);

/* The one of 32 bytes: a send-once right was destroyed unused. */
struct mach_kmsg *mach_note_create_send_once(struct mach_port *port);

/*
 * Not a notification but of their form: what a MIG server answers, to the
 * send or send-once right in @reply, which is emptied.
 */
struct mach_kmsg *mach_note_create_reply(struct mach_carried *reply, u32 id,
					 s32 ret);

/* Say what the note reports: a name, or a make-send count. */
void mach_note_set(struct mach_kmsg *note, u32 id, u32 value);

/* The one that can carry a receive right: port-destroyed. */
struct mach_kmsg *mach_note_create_destroyed(struct mach_port *port);
/*
 * Not a notification: what a port of the module's own that is to live as long
 * as its senders has in place of a no-senders note.  It carries the port's
 * receive right, and is destroyed when it fires.  NULL when there is no memory
 * or @user is over the limit.
 */
struct mach_kmsg *mach_note_create_end(struct mach_user *user);

/* Give it the right for @port, with its reference. */
void mach_note_carry(struct mach_kmsg *note, struct mach_port *port);

/* Consumes the note; the caller gets its send-once right and reference. */
struct mach_port *mach_note_cancel(struct mach_kmsg *note);

#endif /* MACH_NOTE_H */
