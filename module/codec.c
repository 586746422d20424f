// SPDX-License-Identifier: GPL-2.0
/*
 * Walking and checking the bytes of a message: see codec.h.
 */
#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/string.h>
#else
#include <assert.h>
#include <stddef.h>
#include <string.h>
#endif

#include "codec.h"

/* The ABI, frozen (spec 1.2): a stub of GNU Mach's mig relies on each. */
static_assert(sizeof(struct mach_wire_header) == MACH_MSG_HEADER_SIZE);
static_assert(offsetof(struct mach_wire_header, size) == 4);
static_assert(offsetof(struct mach_wire_header, remote_port) == 8);
static_assert(offsetof(struct mach_wire_header, local_port) == 16);
static_assert(offsetof(struct mach_wire_header, seqno) == 24);
static_assert(offsetof(struct mach_wire_header, id) == 28);
static_assert(offsetof(struct mach_ioc_msg, trailer) == 48);
static_assert(sizeof(struct mach_ioc_msg) == 56);
static_assert(sizeof(struct mach_trailer) == 32);
static_assert(sizeof(struct mach_ioc_identity) == 40);
static_assert(sizeof(struct mach_ioc_confirm) == 24);
static_assert(sizeof(struct mach_ioc_snapshot) == 40);
static_assert(sizeof(struct mach_snapshot_task) == 104);
static_assert(sizeof(struct mach_snapshot_name) == 48);
static_assert(sizeof(struct mach_snapshot_port) == 104);
static_assert(sizeof(struct mach_snapshot_set) == 32);
static_assert(sizeof(struct mach_snapshot_message) == 48);
static_assert(sizeof(struct mach_snapshot_right) == 40);
static_assert(sizeof(struct mach_snapshot_memory) == 40);
static_assert(sizeof(struct mach_ioc_name) == 16);
static_assert(sizeof(struct mach_ioc_port) == 40);
static_assert(sizeof(struct mach_ioc_insert) == 32);
static_assert(sizeof(struct mach_ioc_notification) == 40);
static_assert(sizeof(struct mach_ioc_file) == 24);
static_assert(sizeof(struct mach_ioc_special) == 24);
static_assert(sizeof(struct mach_ioc_registered) == 40);
static_assert(sizeof(struct mach_ioc_value) == 32);
static_assert(sizeof(struct mach_ioc_names) == 40);
static_assert(sizeof(struct mach_ioc_members) == 40);
static_assert(sizeof(struct mach_ioc_receive_status) == 56);
static_assert(sizeof(struct mach_ioc_extract) == 32);
static_assert(sizeof(struct mach_ioc_descriptor) == 24);
static_assert(sizeof(struct mach_ioc_features) == 96);
static_assert(sizeof(struct mach_ioc_stats) == 264);

__u8 mach_received_type(__u8 disposition)
{
	switch (disposition) {
	case MACH_MSG_TYPE_COPY_SEND:
	case MACH_MSG_TYPE_MAKE_SEND:
		return MACH_MSG_TYPE_PORT_SEND;
	case MACH_MSG_TYPE_MAKE_SEND_ONCE:
		return MACH_MSG_TYPE_PORT_SEND_ONCE;
	default:
		return disposition;
	}
}

static bool is_header_type(__u32 type)
{
	return type >= MACH_MSG_TYPE_MOVE_SEND &&
	       type <= MACH_MSG_TYPE_MAKE_SEND_ONCE;
}

__u32 mach_codec_check_header(const struct mach_wire_header *header)
{
	__u32 remote = MACH_MSGH_BITS_REMOTE(header->bits);
	__u32 local = MACH_MSGH_BITS_LOCAL(header->bits);

	if (!is_header_type(remote))
		return MACH_SEND_INVALID_HEADER;
	if (local == 0)
		return (__u32)header->local_port == MACH_PORT_NULL ?
			MACH_MSG_SUCCESS : MACH_SEND_INVALID_HEADER;
	return is_header_type(local) ? MACH_MSG_SUCCESS :
		MACH_SEND_INVALID_HEADER;
}

static __u64 align_up(__u64 length)
{
	return (length + MACH_MSG_ALIGN - 1) & ~(__u64)(MACH_MSG_ALIGN - 1);
}

static bool type_is_valid(const struct mach_item *item, __u32 bits)
{
	if (item->desc & MACH_MSG_DESC_UNUSED)
		return false;
	if (item->in_line && item->deallocate)
		return false;
	if (!item->port)
		return true;
	return bits == (item->in_line ? MACH_MSG_PORT_INLINE_BITS :
			MACH_MSG_PORT_OOL_BITS);
}

__u32 mach_codec_next(const void *body, __u32 size, __u32 *offset,
		      struct mach_item *item)
{
	__u64 end;
	__u32 bits;

	if (size - *offset < sizeof(item->desc))
		return MACH_SEND_MSG_TOO_SMALL;
	memcpy(&item->desc, (const char *)body + *offset, sizeof(item->desc));

	item->name = item->desc & MACH_MSG_DESC_NAME_MASK;
	bits = (item->desc >> MACH_MSG_DESC_SIZE_SHIFT) &
		MACH_MSG_DESC_SIZE_MASK;
	item->number = item->desc >> MACH_MSG_DESC_NUMBER_SHIFT;
	item->port = mach_type_is_port(item->name);
	item->in_line = item->desc & MACH_MSG_DESC_INLINE;
	item->deallocate = item->desc & MACH_MSG_DESC_DEALLOCATE;
	item->desc_offset = *offset;
	item->data_offset = *offset + sizeof(item->desc);
	/* Below 2^45 + 1: the product of 32 and 16 bits, in bits. */
	item->length = ((__u64)item->number * bits + 7) >> 3;

	if (!type_is_valid(item, bits))
		return MACH_SEND_INVALID_TYPE;

	end = item->data_offset +
	      (item->in_line ? align_up(item->length) : sizeof(__u64));
	if (end > size)
		return MACH_SEND_MSG_TOO_SMALL;
	*offset = end;
	return MACH_MSG_SUCCESS;
}

/* The address may be nonsense; the sum then is, too, and harms nobody. */
static void add_region(struct mach_totals *totals, const void *body,
		       const struct mach_item *item, __u32 page_size)
{
	__u64 addr;

	memcpy(&addr, (const char *)body + item->data_offset, sizeof(addr));
	totals->regions++;
	totals->region_bytes += item->length;
	totals->region_pages += ((addr & (page_size - 1)) + item->length +
				 page_size - 1) / page_size;
}

/* An array that is out of line is a region at the receiver. */
static void add_ports(struct mach_totals *totals, const struct mach_item *item)
{
	totals->ports += item->number;
	if (item->name == MACH_MSG_TYPE_MAKE_SEND_ONCE)
		totals->send_once += item->number;
	if (!item->in_line && item->number) {
		totals->regions++;
		totals->region_bytes += item->length;
	}
}

__u32 mach_codec_scan(const void *body, __u32 size, __u32 page_size,
		      struct mach_totals *totals)
{
	struct mach_item item;
	__u32 offset = 0;
	__u32 ret;

	memset(totals, 0, sizeof(*totals));
	while (offset < size) {
		ret = mach_codec_next(body, size, &offset, &item);
		if (ret != MACH_MSG_SUCCESS)
			return ret;
		if (item.port || !item.in_line)
			totals->complex = true;
		if (item.port)
			add_ports(totals, &item);
		else if (!item.in_line && item.length)
			add_region(totals, body, &item, page_size);
	}
	return MACH_MSG_SUCCESS;
}
