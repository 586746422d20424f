// SPDX-License-Identifier: GPL-2.0
/*
 * Copying messages in and out: see transfer.h.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "aftermath.h"
#include "codec.h"
#include "kmsg.h"
#include "limits.h"
#include "memory.h"
#include "port.h"
#include "region.h"
#include "right.h"
#include "share.h"
#include "space.h"
#include "transfer.h"

/*
 * ---- the bytes ----
 */

/*
 * The header is copied on its own because its size is a constant: for a small
 * message the checks of a variable size cost more than the bytes.
 */
static bool read_in(struct mach_kmsg *kmsg, u64 msg)
{
	void __user *from = u64_to_user_ptr(msg);
	u32 rest = mach_kmsg_body_size(kmsg);

	return !copy_from_user(kmsg->wire, from, MACH_MSG_HEADER_SIZE) &&
	       (!rest || !copy_from_user(mach_kmsg_body(kmsg),
					 from + MACH_MSG_HEADER_SIZE, rest));
}

static bool write_out(struct mach_kmsg *kmsg, u64 msg)
{
	void __user *to = u64_to_user_ptr(msg);
	u32 rest = mach_kmsg_body_size(kmsg);

	return !copy_to_user(to, kmsg->wire, MACH_MSG_HEADER_SIZE) &&
	       (!rest || !copy_to_user(to + MACH_MSG_HEADER_SIZE,
				       mach_kmsg_body(kmsg), rest));
}

/*
 * ---- fetch ----
 */

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

static u32 fill(struct mach_space *space, struct mach_kmsg *kmsg, u64 msg)
{
	const struct mach_wire_header *header = mach_kmsg_header(kmsg);
	u32 ret;

	if (!read_in(kmsg, msg))
		return MACH_SEND_INVALID_DATA;
	ret = mach_codec_check_header(header);
	if (ret)
		return ret;
	kmsg->id = header->id;
	if (header->bits & MACH_MSGH_BITS_COMPLEX)
		return check_body(space, kmsg);
	return MACH_MSG_SUCCESS;
}

u32 mach_transfer_fetch(struct mach_space *space, u64 msg, u32 size,
			struct mach_kmsg **out)
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
	ret = fill(space, kmsg, msg);
	if (ret) {
		mach_kmsg_free(kmsg);
		return ret;
	}
	*out = kmsg;
	return MACH_MSG_SUCCESS;
}

/*
 * ---- capture: the header ----
 */

/* One of the header's two rights, as sent. */
struct slot {
	u32 name;
	u8 disposition;		/* 0: no reply port */
	struct mach_entry *entry;	/* NULL: name is 0 or ~0, or none */
	struct mach_carried *out;
};

/* One send-once right cannot be both, whatever the other is (spec K17). */
static bool share_send_once(const struct slot *dest, const struct slot *reply)
{
	return dest->name == reply->name &&
	       (dest->disposition == MACH_MSG_TYPE_MOVE_SEND_ONCE ||
		reply->disposition == MACH_MSG_TYPE_MOVE_SEND_ONCE);
}

/* Are both rights to be moved, and is there only one? */
static bool short_of_one(const struct slot *dest, const struct slot *reply)
{
	return dest->entry == reply->entry &&
	       dest->disposition == MACH_MSG_TYPE_MOVE_SEND &&
	       reply->disposition == MACH_MSG_TYPE_MOVE_SEND &&
	       dest->entry->urefs < 2;
}

static bool is_name(u32 name)
{
	return name != MACH_PORT_NULL && name != MACH_PORT_DEAD;
}

static u32 check_slots(struct mach_space *space, struct slot *dest,
		       struct slot *reply)
{
	if (!is_name(dest->name) ||
	    mach_right_check(space, dest->name, dest->disposition, false,
			     &dest->entry))
		return MACH_SEND_INVALID_DEST;
	if (!reply->disposition || !is_name(reply->name))
		return MACH_MSG_SUCCESS;
	if (share_send_once(dest, reply))
		return MACH_SEND_INVALID_DEST;
	if (mach_right_check(space, reply->name, reply->disposition, true,
			     &reply->entry) ||
	    short_of_one(dest, reply))
		return MACH_SEND_INVALID_REPLY;
	return MACH_MSG_SUCCESS;
}

static int capture_slot(struct mach_space *space, const struct slot *slot,
			struct mach_aftermath *after)
{
	if (!slot->entry) {
		slot->out->kind = slot->name == MACH_PORT_DEAD ?
			MACH_CARRIED_DEAD : MACH_CARRIED_NULL;
		return KERN_SUCCESS;
	}
	/* No receive right stands in a header: no destination to give. */
	return mach_right_capture_entry(space, slot->entry, slot->disposition,
					NULL, slot->out, NULL, after);
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
			 const struct slot *reply,
			 struct mach_aftermath *after)
{
	bool reply_first = capture_rank(reply) < capture_rank(dest);
	const struct slot *first = reply_first ? reply : dest;
	const struct slot *second = reply_first ? dest : reply;

	/* Only the limit of send-once rights can fail after the checks. */
	if (capture_slot(space, first, after))
		return MACH_SEND_NO_BUFFER;
	if (!capture_slot(space, second, after))
		return MACH_MSG_SUCCESS;
	if (first->out->kind == MACH_CARRIED_SEND_ONCE)
		mach_port_use_send_once(first->out->port);
	first->out->kind = MACH_CARRIED_NULL;
	return MACH_SEND_NO_BUFFER;
}

u32 mach_transfer_capture_header(struct mach_space *space,
				 struct mach_kmsg *kmsg,
				 struct mach_aftermath *after)
{
	const struct mach_wire_header *header = mach_kmsg_header(kmsg);
	struct slot dest = {
		.name = header->remote_port,
		.disposition = MACH_MSGH_BITS_REMOTE(header->bits),
		.out = &kmsg->dest,
	};
	struct slot reply = {
		.name = header->local_port,
		.disposition = MACH_MSGH_BITS_LOCAL(header->bits),
		.out = &kmsg->reply,
	};
	u32 ret;

	mutex_lock(&space->lock);
	ret = check_slots(space, &dest, &reply);
	if (!ret)
		ret = capture_slots(space, &dest, &reply, after);
	mutex_unlock(&space->lock);
	kmsg->reply_type = mach_received_type(reply.disposition);
	return ret;
}

/*
 * ---- capture: the body ----
 */

static u32 load_name(const void *slot)
{
	u64 name;

	/* The upper half is ignored (spec 1.4). */
	memcpy(&name, slot, sizeof(name));
	return name;
}

/* Takes the rights of one item, under space->lock. */
static u32 capture_ports_locked(struct mach_space *space,
				struct mach_kmsg *kmsg,
				const struct mach_item *item,
				struct mach_aftermath *after)
{
	const u8 *names = mach_kmsg_body(kmsg) + item->data_offset;
	struct mach_port *dest = kmsg->dest.kind == MACH_CARRIED_DEAD ?
					 NULL : kmsg->dest.port;
	struct mach_carried right;
	u32 i;
	int ret;

	for (i = 0; i < item->number; i++) {
		ret = mach_right_capture(space, load_name(names + 8 * i),
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

static u32 capture_ports(struct mach_space *space, struct mach_kmsg *kmsg,
			 const struct mach_item *item,
			 struct mach_aftermath *after)
{
	u32 ret;

	mutex_lock(&space->lock);
	ret = capture_ports_locked(space, kmsg, item, after);
	mutex_unlock(&space->lock);
	return ret;
}

static u32 capture_region(struct mach_space *space, struct mach_kmsg *kmsg,
			  const struct mach_item *item)
{
	struct mach_memory *memory;
	struct mach_carried *slot;
	u64 addr;
	int err;

	if (!item->length)
		return MACH_MSG_SUCCESS;
	memcpy(&addr, mach_kmsg_body(kmsg) + item->data_offset, sizeof(addr));
	err = mach_share_capture(space->mapping, addr, item->length,
				 item->deallocate, space->user, &space->stats,
				 &memory);
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
		return capture_ports(space, kmsg, item, after);
	if (!item->in_line)
		return capture_region(space, kmsg, item);
	clear_padding(kmsg, item);
	return MACH_MSG_SUCCESS;
}

u32 mach_transfer_capture_body(struct mach_space *space,
			       struct mach_kmsg *kmsg,
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
	}
	return ret;
}

/*
 * ---- deliver ----
 */

/* Special bits for a name that could not be had. */
static u32 name_bits(int ret)
{
	if (!ret)
		return 0;
	return ret == KERN_RESOURCE_SHORTAGE ? MACH_MSG_IPC_KERNEL :
					       MACH_MSG_IPC_SPACE;
}

static u32 deliver_ports(struct mach_space *space, struct mach_kmsg *kmsg,
			 const struct mach_item *item, u32 *next,
			 struct mach_aftermath *after)
{
	u8 *slots = mach_kmsg_body(kmsg) + item->data_offset;
	u32 bits = 0;
	u32 i, name;
	u64 wide;

	mutex_lock(&space->lock);
	for (i = 0; i < item->number; i++) {
		bits |= name_bits(mach_right_deliver(space,
						     &kmsg->carried[(*next)++],
						     &name, after));
		wide = name;
		memcpy(slots + 8 * i, &wide, sizeof(wide));
	}
	mutex_unlock(&space->lock);
	return bits;
}

/* Special bits; the address stays 0 where there is nothing to map. */
static u32 map_memory(struct mach_space *space, struct mach_carried *carried,
		      u64 *addr)
{
	int err = mach_region_map(space->mapping, carried->memory, space->user,
				  addr);

	mach_memory_put(carried->memory);
	carried->kind = MACH_CARRIED_NULL;
	if (!err)
		return 0;
	*addr = 0;
	return err == -EDQUOT ? MACH_MSG_VM_KERNEL : MACH_MSG_VM_SPACE;
}

static u32 deliver_region(struct mach_space *space, struct mach_kmsg *kmsg,
			  const struct mach_item *item, u32 *next, u64 *desc)
{
	u64 addr = 0;
	u32 bits = 0;

	if (item->length)
		bits = map_memory(space, &kmsg->carried[(*next)++], &addr);
	memcpy(mach_kmsg_body(kmsg) + item->data_offset, &addr, sizeof(addr));
	*desc |= MACH_MSG_DESC_DEALLOCATE;
	if (bits)
		*desc &= ~(MACH_MSG_DESC_SIZE_MASK << MACH_MSG_DESC_SIZE_SHIFT);
	return bits;
}

static u32 deliver_item(struct mach_space *space, struct mach_kmsg *kmsg,
			const struct mach_item *item, u32 *next,
			struct mach_aftermath *after)
{
	u64 desc = item->desc;
	u32 bits = 0;

	if (item->port)
		desc = (desc & ~MACH_MSG_DESC_NAME_MASK) |
		       mach_received_type(item->name);
	if (!item->in_line)
		bits = deliver_region(space, kmsg, item, next, &desc);
	else if (item->port)
		bits = deliver_ports(space, kmsg, item, next, after);
	memcpy(mach_kmsg_body(kmsg) + item->desc_offset, &desc, sizeof(desc));
	return bits;
}

/* Special bits of all items; the body is then as user space sees it. */
static u32 deliver_body(struct mach_space *space, struct mach_kmsg *kmsg,
			struct mach_aftermath *after)
{
	u32 size = mach_kmsg_body_size(kmsg);
	struct mach_item item;
	u32 offset = 0, next = 0, bits = 0;

	while (offset < size) {
		/* It was walked before: it cannot fail. */
		if (WARN_ON(mach_codec_next(mach_kmsg_body(kmsg), size,
					    &offset, &item)))
			break;
		bits |= deliver_item(space, kmsg, &item, &next, after);
	}
	WARN_ON(next != kmsg->carried_count);
	kmsg->carried_count = 0;
	return bits;
}

static u8 dest_type(const struct mach_kmsg *kmsg)
{
	return kmsg->dest.kind == MACH_CARRIED_SEND_ONCE ?
		MACH_MSG_TYPE_PORT_SEND_ONCE : MACH_MSG_TYPE_PORT_SEND;
}

static void set_header(struct mach_kmsg *kmsg, u32 remote_type, u32 remote,
		       u32 local_type, u32 local)
{
	struct mach_wire_header *header = mach_kmsg_header(kmsg);

	header->bits = MACH_MSGH_BITS(remote_type, local_type) |
		       (kmsg->complex ? MACH_MSGH_BITS_COMPLEX : 0);
	header->size = kmsg->size;
	header->remote_port = remote;
	header->local_port = local;
	header->seqno = kmsg->seqno;
	header->id = kmsg->id;
}

/*
 * The right that the message was sent to has done its work.  A send-once
 * right whose port is no longer here has not (spec K18).  Returns the name.
 */
static u32 consume_dest(struct mach_space *space, struct mach_kmsg *kmsg,
			struct mach_aftermath *after)
{
	u32 name = mach_port_name_in(kmsg->dest.port, space);

	if (kmsg->dest.kind == MACH_CARRIED_SEND_ONCE && is_name(name)) {
		mach_port_use_send_once(kmsg->dest.port);
		kmsg->dest.kind = MACH_CARRIED_NULL;
	} else {
		mach_port_release(&kmsg->dest, after);
	}
	return name;
}

/* The name of the reply right; special bits when there is none to be had. */
static u32 deliver_header(struct mach_space *space, struct mach_kmsg *kmsg,
			  struct mach_aftermath *after)
{
	u8 type = dest_type(kmsg);
	u32 local, remote;
	int ret;

	mutex_lock(&space->lock);
	local = consume_dest(space, kmsg, after);
	ret = mach_right_deliver(space, &kmsg->reply, &remote, after);
	mutex_unlock(&space->lock);
	set_header(kmsg, kmsg->reply_type, remote, type, local);
	return name_bits(ret);
}

/*
 * The message is lost (class X): what it owns is destroyed, the receiver sees
 * the header.
 */
static u32 deliver_ruin(struct mach_space *space, struct mach_kmsg *kmsg,
			u64 msg, u32 room, u32 ret,
			struct mach_aftermath *after)
{
	struct mach_wire_header header;

	if (kmsg->dest.kind != MACH_CARRIED_NULL) {
		u32 remote = kmsg->reply.kind == MACH_CARRIED_DEAD ?
			MACH_PORT_DEAD : MACH_PORT_NULL;
		u8 type = dest_type(kmsg);

		set_header(kmsg, kmsg->reply_type, remote, type,
			   consume_dest(space, kmsg, after));
	}
	header = *mach_kmsg_header(kmsg);
	mach_aftermath_doom(after, kmsg);
	if (room >= sizeof(header) &&
	    copy_to_user(u64_to_user_ptr(msg), &header, sizeof(header)))
		return MACH_RCV_INVALID_DATA;
	return ret;
}

u32 mach_transfer_deliver(struct mach_space *space, struct mach_kmsg *kmsg,
			  u64 msg, u32 room, struct mach_aftermath *after)
{
	bool written;
	u32 bits;

	if (kmsg->size > room)
		return deliver_ruin(space, kmsg, msg, room, MACH_RCV_TOO_LARGE,
				    after);
	bits = deliver_header(space, kmsg, after);
	if (bits)
		return deliver_ruin(space, kmsg, msg, room,
				    MACH_RCV_HEADER_ERROR | bits, after);
	if (kmsg->complex)
		bits = deliver_body(space, kmsg, after);
	written = write_out(kmsg, msg);
	mach_kmsg_free(kmsg);
	if (!written)
		return MACH_RCV_INVALID_DATA;
	return bits ? MACH_RCV_BODY_ERROR | bits : MACH_MSG_SUCCESS;
}

u32 mach_transfer_return(struct mach_space *space, struct mach_kmsg *kmsg,
			 u64 msg, u32 ret, struct mach_aftermath *after)
{
	u8 type = dest_type(kmsg);
	u32 remote, local, bits;

	mutex_lock(&space->lock);
	bits = name_bits(mach_right_deliver(space, &kmsg->dest, &remote,
					    after));
	bits |= name_bits(mach_right_deliver(space, &kmsg->reply, &local,
					     after));
	mutex_unlock(&space->lock);
	set_header(kmsg, type, remote, kmsg->reply_type, local);
	if (kmsg->complex)
		bits |= deliver_body(space, kmsg, after);
	write_out(kmsg, msg);
	mach_kmsg_free(kmsg);
	return ret | bits;
}
