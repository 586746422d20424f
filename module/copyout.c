// SPDX-License-Identifier: GPL-2.0
/*
 * A message to user space: see copyout.h.
 */
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "aftermath.h"
#include "array.h"
#include "codec.h"
#include "copyout.h"
#include "kmsg.h"
#include "memory.h"
#include "ordinary.h"
#include "port.h"
#include "receive.h"
#include "refs.h"
#include "region.h"
#include "request.h"
#include "right.h"
#include "space.h"
#include "trace.h"
#include "user.h"

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

/* Names 8 bytes apart in line, 4 out of line. */
static void store_name(void *names, u32 index, bool in_line, u32 name)
{
	u64 slot = name;

	if (in_line)
		memcpy(names + index * sizeof(slot), &slot, sizeof(slot));
	else
		((u32 *)names)[index] = name;
}

/* A right that finds no name leaves MACH_PORT_NULL and special bits. */
static u32 deliver_rights(struct mach_space *space, struct mach_kmsg *kmsg,
			  const struct mach_item *item, u32 *next,
			  void *names, struct mach_aftermath *after)
{
	u32 bits = 0;
	u32 i, name;

	mutex_lock(&space->lock);
	for (i = 0; i < item->number; i++) {
		bits |= name_bits(mach_right_deliver(space,
						     &kmsg->carried[(*next)++],
						     &name, after));
		store_name(names, i, item->in_line, name);
	}
	mutex_unlock(&space->lock);
	return bits;
}

/* What becomes of an item out of line. */
static void set_out_of_line(struct mach_kmsg *kmsg,
			    const struct mach_item *item, u64 addr, u32 bits,
			    u64 *desc)
{
	memcpy(mach_kmsg_body(kmsg) + item->data_offset, &addr, sizeof(addr));
	*desc |= MACH_MSG_DESC_DEALLOCATE;
	if (bits && !addr)
		*desc &= ~(MACH_MSG_DESC_SIZE_MASK << MACH_MSG_DESC_SIZE_SHIFT);
}

static void release_rights(struct mach_kmsg *kmsg,
			   const struct mach_item *item, u32 *next,
			   struct mach_aftermath *after)
{
	u32 i;

	for (i = 0; i < item->number; i++)
		mach_port_release(&kmsg->carried[(*next)++], after);
}

/* Memory comes first: without it there is no place for the names (spec K8). */
static u32 deliver_array(struct mach_space *space, struct mach_kmsg *kmsg,
			 const struct mach_item *item, u32 *next, u64 *desc,
			 struct mach_aftermath *after)
{
	u32 *names = NULL;
	u32 bits = 0;
	u64 addr = 0;

	if (item->number) {
		names = kvmalloc_array(item->number, sizeof(*names),
				       GFP_KERNEL_ACCOUNT);
		if (!names)
			bits = MACH_MSG_VM_KERNEL;
		else
			addr = mach_array_map(item->number);
	}
	trace_mach_stage(MACH_STAGE_ARRAY_MAPPED);
	if (addr) {
		bits = deliver_rights(space, kmsg, item, next, names, after);
		if (!mach_array_write(addr, names, item->number))
			bits |= MACH_MSG_VM_SPACE;
	} else if (item->number) {
		bits = bits ?: MACH_MSG_VM_SPACE;
		release_rights(kmsg, item, next, after);
	}
	kvfree(names);
	set_out_of_line(kmsg, item, addr, bits, desc);
	return bits;
}

/* Special bits; the address stays 0 where there is nothing to map. */
static u32 map_memory(struct mach_space *space, struct mach_carried *carried,
		      bool ordinary, u64 *addr)
{
	int err;

	if (ordinary || mach_ordinary_needed())
		err = mach_ordinary_map(carried->memory, &space->stats, addr);
	else
		err = mach_region_map(space->mapping, carried->memory,
				      space->user, addr);
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
		bits = map_memory(space, &kmsg->carried[(*next)++],
				  kmsg->ordinary, &addr);
	set_out_of_line(kmsg, item, addr, bits, desc);
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
	if (item->port && item->in_line)
		bits = deliver_rights(space, kmsg, item, next,
				      mach_kmsg_body(kmsg) + item->data_offset,
				      after);
	else if (item->port)
		bits = deliver_array(space, kmsg, item, next, &desc, after);
	else if (!item->in_line)
		bits = deliver_region(space, kmsg, item, next, &desc);
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
		trace_mach_stage(MACH_STAGE_ITEM_GIVEN);
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

	return !mach_store(to, kmsg->wire, MACH_MSG_HEADER_SIZE) &&
	       (!rest || !mach_store(to + MACH_MSG_HEADER_SIZE,
				     mach_kmsg_body(kmsg), rest));
}

static u8 dest_type(const struct mach_kmsg *kmsg)
{
	return kmsg->dest.kind == MACH_CARRIED_SEND_ONCE ?
		MACH_MSG_TYPE_PORT_SEND_ONCE : MACH_MSG_TYPE_PORT_SEND;
}

static void set_header(struct mach_kmsg *kmsg, u32 remote_type, u32 remote,
		       u32 local_type, u64 local)
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
 * right whose port is no longer here has not (spec K18).  Tells the receive
 * right for the header.
 */
static void consume_dest(struct mach_space *space, struct mach_kmsg *kmsg,
			 struct mach_identity *local,
			 struct mach_aftermath *after)
{
	mach_port_identify(kmsg->dest.port, space, local);
	if (kmsg->dest.kind == MACH_CARRIED_SEND_ONCE &&
	    mach_is_name(local->name)) {
		mach_port_use_send_once(kmsg->dest.port);
		kmsg->dest.kind = MACH_CARRIED_NULL;
	} else {
		mach_port_release(&kmsg->dest, after);
	}
}

/* MACH_RCV_NOTIFY: a name that is new is watched from the start. */
static int deliver_watched(struct mach_space *space, struct mach_kmsg *kmsg,
			   struct mach_port *notify, u32 *remote,
			   struct mach_aftermath *after)
{
	bool known = mach_right_is_known(space, &kmsg->reply);
	int ret;

	ret = mach_right_deliver(space, &kmsg->reply, remote, after);
	if (ret || known || !mach_is_name(*remote))
		return ret;
	ret = mach_request_watch(space, remote, notify);
	if (ret) {
		mach_refs_destroy(space, *remote, after);
		*remote = MACH_PORT_NULL;
	}
	return ret;
}

/* What a message whose reply right was not placed says of it. */
static u32 lost_reply(const struct mach_kmsg *kmsg)
{
	return kmsg->reply.kind == MACH_CARRIED_DEAD ? MACH_PORT_DEAD :
						       MACH_PORT_NULL;
}

static u32 deliver_reply(struct mach_space *space, struct mach_kmsg *kmsg,
			 const struct mach_copyout *to, u32 *remote,
			 struct mach_aftermath *after)
{
	struct mach_port *notify;
	int ret;

	if (to->watch) {
		notify = mach_receive_port(space, to->notify);
		*remote = lost_reply(kmsg);
		if (!notify)
			return MACH_RCV_INVALID_NOTIFY;
		ret = deliver_watched(space, kmsg, notify, remote, after);
	} else {
		ret = mach_right_deliver(space, &kmsg->reply, remote, after);
	}
	return ret ? MACH_RCV_HEADER_ERROR | name_bits(ret) : MACH_MSG_SUCCESS;
}

static u32 deliver_header_locked(struct mach_space *space,
				 struct mach_kmsg *kmsg,
				 const struct mach_copyout *to,
				 struct mach_aftermath *after)
{
	struct mach_identity local;
	u8 type = dest_type(kmsg);
	u32 remote, ret;

	lockdep_assert_held(&space->lock);
	consume_dest(space, kmsg, &local, after);
	ret = deliver_reply(space, kmsg, to, &remote, after);
	/* A message that is lost names its port, whatever the payload. */
	if (local.has_payload && !ret)
		set_header(kmsg, kmsg->reply_type, remote,
			   MACH_MSG_TYPE_PROTECTED_PAYLOAD, local.payload);
	else
		set_header(kmsg, kmsg->reply_type, remote, type, local.name);
	return ret;
}

static u32 deliver_header(struct mach_space *space, struct mach_kmsg *kmsg,
			  const struct mach_copyout *to,
			  struct mach_aftermath *after)
{
	u32 ret;

	mutex_lock(&space->lock);
	ret = deliver_header_locked(space, kmsg, to, after);
	mutex_unlock(&space->lock);
	return ret;
}

/* It is too large for the receiver, who sees the header all the same. */
static void deliver_address(struct mach_space *space, struct mach_kmsg *kmsg,
			    struct mach_aftermath *after)
{
	struct mach_identity local;
	u8 type = dest_type(kmsg);

	consume_dest(space, kmsg, &local, after);
	set_header(kmsg, kmsg->reply_type, lost_reply(kmsg), type, local.name);
}

/*
 * The message is lost (class X): what it still owns is destroyed, the receiver
 * gets the header.
 */
static u32 deliver_ruin(struct mach_kmsg *kmsg, const struct mach_copyout *to,
			u32 ret, struct mach_aftermath *after)
{
	struct mach_wire_header header = *mach_kmsg_header(kmsg);

	mach_aftermath_fail(after, kmsg);
	if (to->room >= sizeof(header) &&
	    mach_store(u64_to_user_ptr(to->msg), &header, sizeof(header)))
		return MACH_RCV_INVALID_DATA;
	return ret;
}

u32 mach_copyout(struct mach_space *space, struct mach_kmsg *kmsg,
		 const struct mach_copyout *to, struct mach_aftermath *after)
{
	u32 bits = 0;
	bool written;
	u32 ret;

	kmsg->ordinary = to->ordinary;
	if (kmsg->size > to->room) {
		deliver_address(space, kmsg, after);
		return deliver_ruin(kmsg, to, MACH_RCV_TOO_LARGE, after);
	}
	ret = deliver_header(space, kmsg, to, after);
	if (ret)
		return deliver_ruin(kmsg, to, ret, after);
	trace_mach_stage(MACH_STAGE_HEADER_GIVEN);
	if (kmsg->complex)
		bits = deliver_body(space, kmsg, after);
	written = write_out(kmsg, to->msg);
	trace_mach_stage(MACH_STAGE_WRITTEN);
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

	trace_mach_stage(MACH_STAGE_RETURNING);
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
