/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The codec: walk and check the bytes of a message.
 *
 * Pure: no locks, no allocation, no side effect; it sees only the kernel's
 * own copy of the message.  Every length is computed in u64 (number and size
 * of a descriptor span 2^45 bytes).  It compiles in user space, too.
 */
#ifndef MACH_CODEC_H
#define MACH_CODEC_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdbool.h>
#endif
#include <linux/mach.h>

/* One item of a complex body.  Offsets count from the start of the body. */
struct mach_item {
	__u64 desc;		/* the descriptor's word, as sent */
	__u64 length;		/* bytes of the data, in-line or not */
	__u32 desc_offset;
	__u32 data_offset;	/* in-line data, or the address */
	__u32 number;
	__u8 name;		/* MACH_MSG_TYPE_* */
	bool port;		/* names of port rights */
	bool in_line;
	bool deallocate;
};

/* What a whole body carries. */
struct mach_totals {
	__u64 ports;		/* rights ... */
	__u64 send_once;	/* ... of them to be made: send-once */
	__u32 regions;		/* out of line, with length > 0 */
	__u64 region_bytes;
	__u64 region_pages;	/* that regions of data lie on */
	bool complex;		/* any right or region, even an empty one */
};

/* The disposition as the receiver sees it: copy and make become moved. */
__u8 mach_received_type(__u8 disposition);

static inline bool mach_type_is_port(__u8 name)
{
	return name >= MACH_MSG_TYPE_MOVE_RECEIVE &&
	       name <= MACH_MSG_TYPE_MAKE_SEND_ONCE;
}

/* Can @name denote anything at all? */
static inline bool mach_is_name(__u32 name)
{
	return name != MACH_PORT_NULL && name != MACH_PORT_DEAD;
}

/* MACH_MSG_SUCCESS, or MACH_SEND_INVALID_HEADER. */
__u32 mach_codec_check_header(const struct mach_wire_header *header);

/*
 * Decode the item at *@offset (< @size) and move *@offset behind it.
 * MACH_MSG_SUCCESS, MACH_SEND_MSG_TOO_SMALL or MACH_SEND_INVALID_TYPE.
 */
__u32 mach_codec_next(const void *body, __u32 size, __u32 *offset,
		      struct mach_item *item);

/*
 * Check a whole body and add it up; returns as mach_codec_next().  @page_size
 * is a power of 2.
 */
__u32 mach_codec_scan(const void *body, __u32 size, __u32 page_size,
		      struct mach_totals *totals);

#endif /* MACH_CODEC_H */
