// SPDX-License-Identifier: GPL-2.0
/*
 * What a message means, read byte by byte: see oracle.h.  Slow and plain: 128
 * bits, so that nothing wraps.
 */
#include <string.h>

#include "oracle.h"

typedef unsigned __int128 wide;

static __u64 little_endian(const __u8 *bytes, int count)
{
	__u64 word = 0;

	while (count--)
		word = word << 8 | bytes[count];
	return word;
}

/* Dispositions of the ports in a header: all but a receive right. */
static bool fits_header(__u8 disposition)
{
	return disposition == MACH_MSG_TYPE_MOVE_SEND ||
	       disposition == MACH_MSG_TYPE_MOVE_SEND_ONCE ||
	       disposition == MACH_MSG_TYPE_COPY_SEND ||
	       disposition == MACH_MSG_TYPE_MAKE_SEND ||
	       disposition == MACH_MSG_TYPE_MAKE_SEND_ONCE;
}

__u32 oracle_header(const __u8 *header)
{
	__u8 remote = header[0], local = header[1];

	if (!fits_header(remote))
		return MACH_SEND_INVALID_HEADER;
	if (fits_header(local))
		return MACH_MSG_SUCCESS;
	if (local || little_endian(header + 16, 4) != MACH_PORT_NULL)
		return MACH_SEND_INVALID_HEADER;
	return MACH_MSG_SUCCESS;
}

/* One item, as its eight bytes of description say. */
struct item {
	__u8 name;
	wide bits, number, bytes;
	bool in_line, deallocate, unused, port;
};

static struct item describe(const __u8 *bytes)
{
	struct item item;

	item.name = bytes[0];
	item.bits = little_endian(bytes + 1, 2);
	item.unused = bytes[3] & 0x1f;
	item.in_line = bytes[3] & 0x20;
	item.deallocate = bytes[3] & 0x80;
	item.number = little_endian(bytes + 4, 4);
	item.bytes = (item.bits * item.number + 7) / 8;
	item.port = item.name == MACH_MSG_TYPE_MOVE_RECEIVE ||
		    fits_header(item.name);
	return item;
}

static bool is_valid(const struct item *item)
{
	if (item->unused || (item->in_line && item->deallocate))
		return false;
	return !item->port || item->bits == (item->in_line ? 64 : 32);
}

static wide pages_of(wide address, wide bytes, __u32 page_size)
{
	wide first = address / page_size;
	wide last = (address + bytes - 1) / page_size;

	return last - first + 1;
}

static void add(struct oracle_totals *totals, const struct item *item,
		__u64 address, __u32 page_size)
{
	if (item->port || !item->in_line)
		totals->complex = true;
	if (item->port) {
		totals->ports += item->number;
		if (item->name == MACH_MSG_TYPE_MAKE_SEND_ONCE)
			totals->send_once += item->number;
	}
	if (item->in_line || !item->bytes)
		return;
	totals->regions++;
	totals->region_bytes += item->bytes;
	if (!item->port)
		totals->region_pages += pages_of(address, item->bytes,
						 page_size);
}

__u32 oracle_body(const __u8 *body, __u32 size, __u32 page_size,
		  struct oracle_totals *totals)
{
	struct item item;
	wide offset = 0;

	memset(totals, 0, sizeof(*totals));
	while (offset < size) {
		wide length;

		if (offset + 8 > size)
			return MACH_SEND_MSG_TOO_SMALL;
		item = describe(body + offset);
		if (!is_valid(&item))
			return MACH_SEND_INVALID_TYPE;
		length = item.in_line ? (item.bytes + 7) / 8 * 8 : 8;
		if (offset + 8 + length > size)
			return MACH_SEND_MSG_TOO_SMALL;
		add(totals, &item,
		    item.in_line ? 0 : little_endian(body + offset + 8, 8),
		    page_size);
		offset += 8 + length;
	}
	return MACH_MSG_SUCCESS;
}
