// SPDX-License-Identifier: GPL-2.0
/*
 * A message from user space: see copyin.h.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "array.h"
#include "codec.h"
#include "copyin.h"
#include "kmsg.h"
#include "limits.h"
#include "note.h"
#include "port.h"
#include "receive.h"
#include "right.h"
#include "share.h"
#include "space.h"
#include "trace.h"
#include "user.h"

/*
 * ---- fetch ----
 */

/*
 * The header is copied on its own because its size is a constant: for a small
 * message the checks of a variable size cost more than the bytes.
 */
static bool read_in(struct mach_kmsg *kmsg, u64 msg)
{
	void __user *from = u64_to_user_ptr(msg);
	u32 rest = mach_kmsg_body_size(kmsg);

	return !mach_fetch(kmsg->wire, from, MACH_MSG_HEADER_SIZE) &&
	       (!rest || !mach_fetch(mach_kmsg_body(kmsg),
				     from + MACH_MSG_HEADER_SIZE, rest));
}

/*
 * Two of the limits are charged only when the body is captured, and a failure
 * then destroys: so ask here whether they would fit.
 */
static bool over_user_limits(const struct mach_space *space,
			     const struct mach_wire_header *header,
			     const struct mach_totals *totals)
{
	u64 send_once = totals->send_once;

	if (MACH_MSGH_BITS_LOCAL(header->bits) == MACH_MSG_TYPE_MAKE_SEND_ONCE)
		send_once++;
	return !mach_charge_fits(space->user, MACH_CHARGE_PAGES,
				 totals->region_pages) ||
	       !mach_charge_fits(space->user, MACH_CHARGE_SEND_ONCE, send_once);
}

static bool over_limits(const struct mach_totals *totals)
{
	return totals->ports > READ_ONCE(mach_limits.max_ports) ||
	       totals->regions > READ_ONCE(mach_limits.max_regions) ||
	       totals->region_bytes > READ_ONCE(mach_limits.max_region_bytes);
}

/* A body that says it is complex: walk it, and make room for what it names. */
static u32 check_body(struct mach_space *space, struct mach_kmsg *kmsg)
{
	struct mach_totals totals;
	u32 ret;

	ret = mach_codec_scan(mach_kmsg_body(kmsg), mach_kmsg_body_size(kmsg),
			      PAGE_SIZE, &totals);
	if (ret)
		return ret;
	if (over_limits(&totals) ||
	    over_user_limits(space, mach_kmsg_header(kmsg), &totals))
		return MACH_SEND_NO_BUFFER;
	kmsg->complex = totals.complex;
	if (totals.ports + totals.regions &&
	    !mach_kmsg_reserve(kmsg, totals.ports + totals.regions))
		return MACH_SEND_NO_BUFFER;
	return MACH_MSG_SUCCESS;
}

/* GNU Mach looks at the notify port first of all [conformance]. */
static bool can_cancel(struct mach_space *space, u32 notify)
{
	bool found;

	mutex_lock(&space->lock);
	found = mach_receive_port(space, notify);
	mutex_unlock(&space->lock);
	return found;
}

static u32 fill(struct mach_space *space, struct mach_kmsg *kmsg, u64 msg,
		struct mach_cancel cancel)
{
	const struct mach_wire_header *header = mach_kmsg_header(kmsg);
	u32 ret;

	if (!read_in(kmsg, msg))
		return MACH_SEND_INVALID_DATA;
	if (cancel.wanted && !can_cancel(space, cancel.notify))
		return MACH_SEND_INVALID_NOTIFY;
	ret = mach_codec_check_header(header);
	if (ret)
		return ret;
	kmsg->id = header->id;
	if (header->bits & MACH_MSGH_BITS_COMPLEX)
		return check_body(space, kmsg);
	return MACH_MSG_SUCCESS;
}

u32 mach_copyin(struct mach_space *space, u64 msg, u32 size,
		struct mach_cancel cancel, struct mach_kmsg **out)
{
	struct mach_kmsg *kmsg;
	u32 ret;

	if (size < MACH_MSG_HEADER_SIZE || size % MACH_MSG_ALIGN)
		return MACH_SEND_MSG_TOO_SMALL;
	if (size > READ_ONCE(mach_limits.max_inline))
		return MACH_SEND_NO_BUFFER;
	kmsg = mach_kmsg_alloc(space->user, size);
	if (!kmsg)
		return MACH_SEND_NO_BUFFER;
	ret = fill(space, kmsg, msg, cancel);
	if (ret) {
		mach_kmsg_free(kmsg);
		return ret;
	}
	*out = kmsg;
	return MACH_MSG_SUCCESS;
}

/*
 * ---- the header's rights ----
 */

/* One of the header's two rights, as sent. */
struct slot {
	u32 name;
	u8 disposition;		/* 0: no reply port */
	struct mach_entry *entry;	/* NULL: name is 0 or ~0, or none */
	struct mach_carried *out;
	struct mach_aftermath *deleted;	/* gets the note if the name goes */
};

/* One send-once right cannot be both, whatever the other is (spec K17). */
static bool share_send_once(const struct slot *dest, const struct slot *reply)
{
	return dest->name == reply->name &&
	       (dest->disposition == MACH_MSG_TYPE_MOVE_SEND_ONCE ||
		reply->disposition == MACH_MSG_TYPE_MOVE_SEND_ONCE);
}

/*
 * Two references of one send right: which of them comes first is not said.  What
 * the name owes when it goes is the destination's in GNU Mach [conformance].
 */
static bool both_moved(const struct slot *dest, const struct slot *reply)
{
	return dest->name == reply->name &&
	       dest->disposition == MACH_MSG_TYPE_MOVE_SEND &&
	       reply->disposition == MACH_MSG_TYPE_MOVE_SEND;
}

/*
 * In GNU Mach's order of precedence [conformance]: a destination that is no
 * name, a bad reply port, a destination that does not fit.
 */
static u32 check_slots(struct mach_space *space, struct slot *dest,
		       struct slot *reply)
{
	if (!mach_is_name(dest->name) || !mach_space_lookup(space, dest->name))
		return MACH_SEND_INVALID_DEST;
	if (reply->disposition && mach_is_name(reply->name) &&
	    mach_right_check(space, reply->name, reply->disposition, true,
			     &reply->entry))
		return MACH_SEND_INVALID_REPLY;
	if (mach_right_check(space, dest->name, dest->disposition, false,
			     &dest->entry))
		return MACH_SEND_INVALID_DEST;
	if (reply->entry && (share_send_once(dest, reply) ||
			     (both_moved(dest, reply) &&
			      dest->entry->urefs < 2)))
		return MACH_SEND_INVALID_DEST;
	return MACH_MSG_SUCCESS;
}

static int capture_slot(struct mach_space *space, const struct slot *slot)
{
	if (!slot->entry) {
		slot->out->kind = slot->name == MACH_PORT_DEAD ?
			MACH_CARRIED_DEAD : MACH_CARRIED_NULL;
		return KERN_SUCCESS;
	}
	/* No receive right stands in a header: no destination to give. */
	return mach_right_capture_entry(space, slot->entry, slot->disposition,
					NULL, slot->out, NULL, slot->deleted);
}

/*
 * In which order two dispositions of one name both succeed whenever they can:
 * first what may fail and takes nothing away, last what takes away.
 */
static int capture_rank(const struct slot *slot)
{
	switch (slot->disposition) {
	case MACH_MSG_TYPE_MAKE_SEND_ONCE:
		return 0;
	case MACH_MSG_TYPE_MOVE_SEND:
	case MACH_MSG_TYPE_MOVE_SEND_ONCE:
		return 2;
	default:
		return 1;
	}
}

static u32 capture_slots(struct mach_space *space, const struct slot *dest,
			 const struct slot *reply)
{
	bool reply_first = capture_rank(reply) < capture_rank(dest);
	const struct slot *first = reply_first ? reply : dest;
	const struct slot *second = reply_first ? dest : reply;

	/* Only the limit of send-once rights can fail after the checks. */
	if (capture_slot(space, first))
		return MACH_SEND_NO_BUFFER;
	if (!capture_slot(space, second))
		return MACH_MSG_SUCCESS;
	if (first->out->kind == MACH_CARRIED_SEND_ONCE)
		mach_port_use_send_once(first->out->port);
	first->out->kind = MACH_CARRIED_NULL;
	return MACH_SEND_NO_BUFFER;
}

/* MACH_SEND_CANCEL: port-deleted of the destination is not for @unwanted. */
static void cancel_notes(struct mach_aftermath *deleted,
			 const struct mach_port *unwanted)
{
	struct mach_kmsg *note, *next;

	list_for_each_entry_safe(note, next, &deleted->work, link) {
		if (note->dest.port != unwanted)
			continue;
		list_del_init(&note->link);
		mach_port_use_send_once(mach_note_cancel(note));
	}
}

static u32 take_slots(struct mach_space *space, struct mach_kmsg *kmsg,
		      struct slot *dest, struct slot *reply,
		      struct mach_cancel cancel)
{
	struct mach_port *unwanted = NULL;
	u32 ret;

	lockdep_assert_held(&space->lock);
	kmsg->sender = mach_space_sender(space);
	if (!kmsg->sender)
		return MACH_SEND_NO_BUFFER;
	if (cancel.wanted) {
		unwanted = mach_receive_port(space, cancel.notify);
		if (!unwanted)
			return MACH_SEND_INVALID_NOTIFY;
	}
	ret = check_slots(space, dest, reply);
	if (!ret)
		ret = capture_slots(space, dest, reply);
	if (!ret && unwanted)
		cancel_notes(dest->deleted, unwanted);
	return ret;
}

u32 mach_copyin_header(struct mach_space *space, struct mach_kmsg *kmsg,
		       struct mach_cancel cancel, struct mach_aftermath *after)
{
	const struct mach_wire_header *header = mach_kmsg_header(kmsg);
	MACH_AFTERMATH(reply_deleted);
	struct slot dest = {
		.name = header->remote_port,
		.disposition = MACH_MSGH_BITS_REMOTE(header->bits),
		.out = &kmsg->dest,
		.deleted = after,
	};
	struct slot reply = {
		.name = header->local_port,
		.disposition = MACH_MSGH_BITS_LOCAL(header->bits),
		.out = &kmsg->reply,
		.deleted = &reply_deleted,
	};
	u32 ret;

	if (both_moved(&dest, &reply))
		reply.deleted = after;
	mutex_lock(&space->lock);
	ret = take_slots(space, kmsg, &dest, &reply, cancel);
	mutex_unlock(&space->lock);
	list_splice_tail(&reply_deleted.work, &after->work);
	kmsg->reply_type = mach_received_type(reply.disposition);
	return ret;
}

/*
 * ---- the body's rights and memory ----
 */

/* The names of one item: slots of 8 bytes in line, of 4 bytes out of line. */
static u32 load_name(const void *names, u32 index, bool in_line)
{
	u64 slot;

	if (!in_line)
		return ((const u32 *)names)[index];
	/* The upper half is ignored (spec 1.4). */
	memcpy(&slot, names + index * sizeof(slot), sizeof(slot));
	return slot;
}

/* Takes the rights of one item, under space->lock. */
static u32 capture_rights_locked(struct mach_space *space,
				 struct mach_kmsg *kmsg,
				 const struct mach_item *item,
				 const void *names,
				 struct mach_aftermath *after)
{
	struct mach_port *dest = kmsg->dest.kind == MACH_CARRIED_DEAD ?
					 NULL : kmsg->dest.port;
	struct mach_carried right;
	u32 i;
	int ret;

	for (i = 0; i < item->number; i++) {
		ret = mach_right_capture(space,
					 load_name(names, i, item->in_line),
					 item->name, dest, &right,
					 &kmsg->circular, after);
		if (ret == KERN_RESOURCE_SHORTAGE)
			return MACH_SEND_NO_BUFFER;
		if (ret)
			return MACH_SEND_INVALID_RIGHT;
		*mach_kmsg_commit(kmsg) = right;
	}
	return MACH_MSG_SUCCESS;
}

static u32 capture_rights(struct mach_space *space, struct mach_kmsg *kmsg,
			  const struct mach_item *item, const void *names,
			  struct mach_aftermath *after)
{
	u32 ret;

	mutex_lock(&space->lock);
	ret = capture_rights_locked(space, kmsg, item, names, after);
	mutex_unlock(&space->lock);
	return ret;
}

static u64 load_address(struct mach_kmsg *kmsg, const struct mach_item *item)
{
	u64 addr;

	memcpy(&addr, mach_kmsg_body(kmsg) + item->data_offset, sizeof(addr));
	return addr;
}

/* The array is deallocated before its names are looked at (spec K1). */
static u32 capture_array(struct mach_space *space, struct mach_kmsg *kmsg,
			 const struct mach_item *item,
			 struct mach_aftermath *after)
{
	u32 *names;
	u32 ret;

	if (!item->number)
		return MACH_MSG_SUCCESS;
	names = mach_array_read(load_address(kmsg, item), item->number,
				item->deallocate);
	if (IS_ERR(names))
		return MACH_SEND_INVALID_MEMORY;
	trace_mach_stage(MACH_STAGE_ARRAY_READ);
	ret = capture_rights(space, kmsg, item, names, after);
	kvfree(names);
	return ret;
}

static u32 capture_region(struct mach_space *space, struct mach_kmsg *kmsg,
			  const struct mach_item *item)
{
	struct mach_memory *memory;
	struct mach_carried *slot;
	int err;

	if (!item->length)
		return MACH_MSG_SUCCESS;
	err = mach_share_capture(space->mapping, load_address(kmsg, item),
				 item->length, item->deallocate, space->user,
				 &space->stats, &memory);
	switch (err) {
	case 0:
		break;
	case -EFAULT:
		return MACH_SEND_INVALID_MEMORY;
	case -EINTR:
		return MACH_SEND_INTERRUPTED;
	default:
		return MACH_SEND_NO_BUFFER;
	}
	slot = mach_kmsg_commit(kmsg);
	slot->kind = MACH_CARRIED_MEMORY;
	slot->memory = memory;
	return MACH_MSG_SUCCESS;
}

/* What the sender left in the padding is nobody's business. */
static void clear_padding(struct mach_kmsg *kmsg, const struct mach_item *item)
{
	u8 *data = mach_kmsg_body(kmsg) + item->data_offset;

	memset(data + item->length, 0, -item->length % MACH_MSG_ALIGN);
}

static u32 capture_item(struct mach_space *space, struct mach_kmsg *kmsg,
			const struct mach_item *item,
			struct mach_aftermath *after)
{
	if (item->port && item->in_line)
		return capture_rights(space, kmsg, item,
				      mach_kmsg_body(kmsg) + item->data_offset,
				      after);
	if (item->port)
		return capture_array(space, kmsg, item, after);
	if (!item->in_line)
		return capture_region(space, kmsg, item);
	clear_padding(kmsg, item);
	return MACH_MSG_SUCCESS;
}

u32 mach_copyin_body(struct mach_space *space, struct mach_kmsg *kmsg,
		     struct mach_aftermath *after)
{
	u32 size = mach_kmsg_body_size(kmsg);
	struct mach_item item;
	u32 offset = 0;
	u32 ret = MACH_MSG_SUCCESS;

	while (!ret && offset < size) {
		ret = mach_codec_next(mach_kmsg_body(kmsg), size, &offset,
				      &item);
		if (!ret)
			ret = capture_item(space, kmsg, &item, after);
		trace_mach_stage(MACH_STAGE_ITEM_TAKEN);
	}
	return ret;
}
