// SPDX-License-Identifier: GPL-2.0
/*
 * A message to user space: see copyout.h.
 */
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "aftermath.h"
#include "codec.h"
#include "copyout.h"
#include "kmsg.h"
#include "memory.h"
#include "port.h"
#include "region.h"
#include "right.h"
#include "space.h"

/*
 * ---- items ----
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

/*
 * ---- header and bytes ----
 */

/* Two copies, as read_in() in copyin.c. */
static bool write_out(struct mach_kmsg *kmsg, u64 msg)
{
	void __user *to = u64_to_user_ptr(msg);
	u32 rest = mach_kmsg_body_size(kmsg);

	return !copy_to_user(to, kmsg->wire, MACH_MSG_HEADER_SIZE) &&
	       (!rest || !copy_to_user(to + MACH_MSG_HEADER_SIZE,
				       mach_kmsg_body(kmsg), rest));
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

	if (kmsg->dest.kind == MACH_CARRIED_SEND_ONCE && mach_is_name(name)) {
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

u32 mach_copyout(struct mach_space *space, struct mach_kmsg *kmsg, u64 msg,
		 u32 room, struct mach_aftermath *after)
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

u32 mach_copyout_return(struct mach_space *space, struct mach_kmsg *kmsg,
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
