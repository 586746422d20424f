// SPDX-License-Identifier: GPL-2.0
/*
 * Random messages that are mostly well-formed, and what is to be done with
 * those that arrive.
 */
#include <errno.h>
#include <string.h>

#include "cover.h"

#define ROOM	2048U

struct builder {
	struct fuzz *f;
	__u32 size;
	union {
		struct mach_wire_header head;
		__u8 bytes[ROOM + 256];
		__u64 words[ROOM / 8 + 32];
	};
};

/* What most names are good for, and does not use them up. */
static __u32 usual_disposition(struct fuzz *f)
{
	return fuzz_once_in(f, 3) ? MACH_MSG_TYPE_MAKE_SEND :
				    MACH_MSG_TYPE_COPY_SEND;
}

static __u32 disposition(struct fuzz *f)
{
	if (fuzz_once_in(f, 3))
		return MACH_MSG_TYPE_MOVE_RECEIVE + fuzz_below(f, 6);
	return usual_disposition(f);
}

static void put(struct builder *b, __u64 word)
{
	b->words[b->size / 8] = word;
	b->size += 8;
}

static void put_data(struct builder *b)
{
	__u32 bits = fuzz_once_in(b->f, 4) ? fuzz_below(b->f, 70) : 8;
	__u32 number = fuzz_below(b->f, 100);
	__u32 words = (((__u64)number * bits + 7) / 8 + 7) / 8;
	struct fuzz noise = fuzz_noise(b->f);

	put(b, MACH_MSG_DESC(fuzz_below(b->f, 16), bits, number,
			     MACH_MSG_DESC_INLINE));
	while (words--)
		put(b, fuzz_number(&noise));
}

static void put_rights(struct builder *b)
{
	__u32 number = fuzz_below(b->f, 4);

	put(b, MACH_MSG_DESC(disposition(b->f), MACH_MSG_PORT_INLINE_BITS,
			     number, MACH_MSG_DESC_INLINE));
	while (number--)
		put(b, fuzz_name(b->f));
}

static __u64 moved(struct fuzz *f)
{
	return fuzz_once_in(f, 3) ? MACH_MSG_DESC_DEALLOCATE : 0;
}

static void put_region(struct builder *b)
{
	struct fuzz_region range = fuzz_range(b->f);

	put(b, MACH_MSG_DESC(fuzz_below(b->f, 16), 8, range.bytes,
			     moved(b->f)));
	put(b, (__u64)range.address);
}

static void put_array(struct builder *b)
{
	struct fuzz_region range = fuzz_range(b->f);
	__u32 i, number = fuzz_below(b->f, 6);
	__u32 *names = (__u32 *)((__u64)range.address & -4UL);

	/* May fault: the step ends then. */
	if (range.bytes >= 32 && !fuzz_once_in(b->f, 8))
		for (i = 0; i < number; i++)
			names[i] = fuzz_name(b->f);
	put(b, MACH_MSG_DESC(disposition(b->f), MACH_MSG_PORT_OOL_BITS, number,
			     moved(b->f)));
	put(b, (__u64)names);
}

static void put_item(struct builder *b)
{
	switch (fuzz_below(b->f, 5)) {
	case 0:
		return put_data(b);
	case 1:
		return put_rights(b);
	case 2:
		return put_array(b);
	default:
		return put_region(b);
	}
}

static void build(struct builder *b)
{
	struct fuzz *f = b->f;
	/* Many must arrive, or queues never fill and nothing is received. */
	bool plain = fuzz_once_in(f, 2);
	int items = fuzz_below(f, plain ? 2 : 5);
	__u32 local = plain || fuzz_once_in(f, 2) ? 0 : disposition(f);

	memset(&b->head, 0, sizeof(b->head));
	b->head.bits = MACH_MSGH_BITS(plain ? usual_disposition(f) :
				      disposition(f), local);
	b->head.remote_port = fuzz_name(f);
	b->head.local_port = local ? fuzz_name(f) : 0;
	b->head.id = fuzz_number(f) & 0x7fffffff;
	b->size = sizeof(b->head);
	if (!items || fuzz_once_in(f, 4)) {
		b->size += fuzz_below(f, ROOM);
		return;
	}
	b->head.bits |= MACH_MSGH_BITS_COMPLEX;
	while (items-- && b->size < ROOM / 2)
		put_item(b);
	if (plain)
		return;
	if (fuzz_once_in(f, 10))
		b->bytes[fuzz_below(f, b->size)] ^= 1 << fuzz_below(f, 8);
	if (fuzz_once_in(f, 20))
		b->size = fuzz_below(f, b->size);
}

/* ---- received ---- */

/* Names and memory of one item; its length, 0 when there is no more. */
static __u32 harvest_item(struct fuzz *f, const __u64 *item, __u32 left)
{
	__u32 name = item[0] & MACH_MSG_DESC_NAME_MASK;
	__u32 bits = item[0] >> MACH_MSG_DESC_SIZE_SHIFT &
		MACH_MSG_DESC_SIZE_MASK;
	__u32 i, number = item[0] >> MACH_MSG_DESC_NUMBER_SHIFT;
	__u64 bytes = ((__u64)number * bits + 7) / 8;
	bool in_line = item[0] & MACH_MSG_DESC_INLINE;
	bool port = name >= MACH_MSG_TYPE_MOVE_RECEIVE;
	__u64 length = 8 + (in_line ? (bytes + 7) & -8ULL : 8);

	if (length > left) {
		fuzz_wrong(f, "an item longer than its message", item[0]);
		return 0;
	}
	if (!in_line)
		fuzz_keep_region(f, (void *)item[1], bytes);
	else if (port)
		for (i = 0; i < number; i++)
			fuzz_keep_name(f, item[1 + i]);
	return length;
}

static void harvest(struct builder *b, bool names)
{
	struct fuzz *f = b->f;
	__u32 offset = sizeof(b->head), length;

	__atomic_fetch_add(&f->worker->counts->received, 1, __ATOMIC_RELAXED);
	if (b->head.size < offset || b->head.size > ROOM) {
		fuzz_wrong(f, "the size of a message", b->head.size);
		return;
	}
	fuzz_check_words(f, "a message", b->bytes, b->head.size);
	fuzz_keep_name(f, b->head.remote_port);
	if (!names || !(b->head.bits & MACH_MSGH_BITS_COMPLEX))
		return;
	while (offset + 8 <= b->head.size) {
		length = harvest_item(f, &b->words[offset / 8],
				      b->head.size - offset);
		if (!length)
			return;
		offset += length;
	}
}

/* ---- the call ---- */

static __u32 options(struct fuzz *f)
{
	__u32 option = 1 + fuzz_below(f, 3);

	/* Without an end only seldom: a timer interrupts the thread then. */
	if (!fuzz_once_in(f, 200))
		option |= MACH_SEND_TIMEOUT | MACH_RCV_TIMEOUT;
	if (fuzz_once_in(f, 8))
		option |= MACH_SEND_NOTIFY;
	if (fuzz_once_in(f, 8))
		option |= MACH_SEND_CANCEL;
	if (fuzz_once_in(f, 8))
		option |= MACH_RCV_NOTIFY;
	if (fuzz_once_in(f, 8))
		option |= MACH_RCV_LARGE;
	return option;
}

static void fill(struct builder *b, struct mach_ioc_msg *call,
		 struct mach_trailer *trailer)
{
	struct fuzz *f = b->f;

	*call = (struct mach_ioc_msg) {
		.size = sizeof(*call),
		.flags = fuzz_once_in(f, 6) ? MACH_MSG_ORDINARY : 0,
		.option = options(f),
		.msg = (__u64)b->bytes,
		.send_size = b->size,
		.rcv_size = fuzz_once_in(f, 8) ? fuzz_below(f, ROOM) : ROOM,
		.rcv_name = fuzz_name(f),
		.timeout = fuzz_once_in(f, 20) ? fuzz_below(f, 20) : 0,
		.notify = fuzz_name(f),
	};
	if (fuzz_once_in(f, 2)) {
		call->trailer = (__u64)trailer;
		call->trailer_size = sizeof(*trailer);
	}
	if (fuzz_once_in(f, 60))
		((__u8 *)call)[fuzz_below(f, sizeof(*call))] ^=
			1 << fuzz_below(f, 8);
	if (fuzz_once_in(f, 60))
		call->msg = (__u64)fuzz_range(f).address;
}

void fuzz_message(struct fuzz *f)
{
	struct builder b = { .f = f };
	struct mach_trailer trailer = { };
	struct mach_ioc_msg call;
	__u32 option;

	build(&b);
	fill(&b, &call, &trailer);
	option = call.option;
	if (fuzz_ioctl(f, FUZZ_MSG_ROW, fuzz_task(f), MACH_IOC_MSG, &call)) {
		fuzz_answer(f, FUZZ_MSG_ROW, -errno);
		if (errno == EINTR || errno == EAGAIN)
			fuzz_wrong(f, "MSG", errno);
		return;
	}
	fuzz_answer(f, FUZZ_MSG_ROW, call.ret);
	fuzz_check_words(f, "a trailer", &trailer, sizeof(trailer));
	if (call.ret == MACH_MSG_SUCCESS)
		__atomic_fetch_add(&f->worker->counts->good[FUZZ_MSG_ROW], 1,
				   __ATOMIC_RELAXED);
	if (!(option & MACH_RCV_MSG) || call.msg != (__u64)b.bytes)
		return;
	if (call.ret == MACH_MSG_SUCCESS ||
	    (call.ret & ~MACH_MSG_MASK) == MACH_RCV_BODY_ERROR)
		harvest(&b, call.ret == MACH_MSG_SUCCESS);
}
