// SPDX-License-Identifier: GPL-2.0
/*
 * Messages: building, sending, receiving, reading.
 */
#include <string.h>

#include "mach_test.h"

void mt_begin(struct mt_message *message, __u32 dest, __u32 disposition)
{
	memset(&message->head, 0, sizeof(message->head));
	message->head.bits = MACH_MSGH_BITS(disposition, 0);
	message->head.remote_port = dest;
	message->size = sizeof(message->head);
}

void mt_reply_to(struct mt_message *message, __u32 name, __u32 disposition)
{
	message->head.bits &= ~MACH_MSGH_BITS_LOCAL_MASK;
	message->head.bits |= MACH_MSGH_BITS(0, disposition);
	message->head.local_port = name;
}

static void *extend(struct mt_message *message, __u32 bytes)
{
	__u32 padded = (bytes + MACH_MSG_ALIGN - 1) & -MACH_MSG_ALIGN;
	void *start = message->bytes + message->size;

	mt_check(message->size + padded <= MT_ROOM);
	memset(start, 0, padded);
	message->size += padded;
	return start;
}

void mt_put(struct mt_message *message, __u64 word)
{
	message->head.bits |= MACH_MSGH_BITS_COMPLEX;
	memcpy(extend(message, sizeof(word)), &word, sizeof(word));
}

void mt_put_data(struct mt_message *message, const void *data, __u32 bytes)
{
	mt_put(message, MACH_MSG_DESC(MACH_MSG_TYPE_BYTE, 8, bytes,
				      MACH_MSG_DESC_INLINE));
	memcpy(extend(message, bytes), data, bytes);
}

void mt_put_right(struct mt_message *message, __u32 name, __u32 disposition)
{
	mt_put(message, MACH_MSG_DESC(disposition, MACH_MSG_PORT_INLINE_BITS,
				      1, MACH_MSG_DESC_INLINE));
	mt_put(message, name);
}

void mt_put_memory(struct mt_message *message, const void *address,
		   __u64 bytes, __u64 flags)
{
	mt_put(message, MACH_MSG_DESC(MACH_MSG_TYPE_BYTE, 8, bytes, flags));
	mt_put(message, (__u64)(unsigned long)address);
}

__s32 mt_msg(const struct mt_task *task, struct mach_ioc_msg *call)
{
	call->size = sizeof(*call);
	call->ret = MT_NO_RESULT;
	mt_must(mt_ioctl(task, MACH_IOC_MSG, call));
	return call->ret;
}

__s32 mt_send(const struct mt_task *task, struct mt_message *message)
{
	return mt_send_wait(task, message, MT_FOREVER);
}

__s32 mt_send_wait(const struct mt_task *task, struct mt_message *message,
		   __u32 milliseconds)
{
	struct mach_ioc_msg call = {
		.option = MACH_SEND_MSG,
		.msg = (unsigned long)message->bytes,
		.send_size = message->size,
	};

	if (milliseconds != MT_FOREVER) {
		call.option |= MACH_SEND_TIMEOUT;
		call.timeout = milliseconds;
	}
	return mt_msg(task, &call);
}

__s32 mt_receive(const struct mt_task *task, __u32 port,
		 struct mt_message *message, __u32 milliseconds)
{
	struct mach_ioc_msg call = {
		.option = MACH_RCV_MSG,
		.msg = (unsigned long)message->bytes,
		.rcv_size = MT_ROOM,
		.rcv_name = port,
	};
	__s32 ret;

	memset(message->bytes, MT_POISON, sizeof(message->bytes));
	if (milliseconds != MT_FOREVER) {
		call.option |= MACH_RCV_TIMEOUT;
		call.timeout = milliseconds;
	}
	ret = mt_msg(task, &call);
	message->size = ret == MACH_MSG_SUCCESS ? message->head.size : 0;
	return ret;
}

__s32 mt_send_id(const struct mt_task *task, __u32 dest, __u32 disposition,
		 __u32 id)
{
	struct mt_message message;

	mt_begin(&message, dest, disposition);
	message.head.id = id;
	return mt_send_wait(task, &message, 0);
}

bool mt_empty(const struct mt_task *task, __u32 port)
{
	struct mt_message message;

	return mt_receive(task, port, &message, 0) == MACH_RCV_TIMED_OUT;
}

__u32 mt_item_name(const struct mt_item *item)
{
	return item->desc & MACH_MSG_DESC_NAME_MASK;
}

__u32 mt_item_bits(const struct mt_item *item)
{
	return (item->desc >> MACH_MSG_DESC_SIZE_SHIFT) &
		MACH_MSG_DESC_SIZE_MASK;
}

__u32 mt_item_number(const struct mt_item *item)
{
	return item->desc >> MACH_MSG_DESC_NUMBER_SHIFT;
}

static __u32 item_words(const struct mt_item *item)
{
	__u64 bits = (__u64)mt_item_number(item) * mt_item_bits(item);

	return item->desc & MACH_MSG_DESC_INLINE ? (bits + 63) / 64 : 1;
}

struct mt_item mt_item(struct mt_message *message, unsigned int index)
{
	__u64 *end = &message->words[message->size / 8];
	__u64 *at = &message->words[sizeof(message->head) / 8];
	struct mt_item item;

	for (;;) {
		mt_check(at < end);
		item.desc = at[0];
		item.data = at + 1;
		at += 1 + item_words(&item);
		mt_check(at <= end);
		if (!index--)
			return item;
	}
}

__u32 mt_right(struct mt_message *message, unsigned int index)
{
	struct mt_item item = mt_item(message, index);

	mt_check(mt_item_name(&item) >= MACH_MSG_TYPE_PORT_RECEIVE);
	mt_check(mt_item_name(&item) <= MACH_MSG_TYPE_PORT_SEND_ONCE);
	mt_check(item.data[0] >> 32 == 0);
	return item.data[0];
}

void *mt_memory(struct mt_message *message, unsigned int index)
{
	struct mt_item item = mt_item(message, index);

	mt_check(!(item.desc & MACH_MSG_DESC_INLINE));
	return (void *)(unsigned long)item.data[0];
}

__s32 mt_send_memory(const struct mt_task *task, __u32 dest,
		     __u32 disposition, const void *address, __u64 bytes,
		     __u64 flags)
{
	struct mt_message message;

	mt_begin(&message, dest, disposition);
	mt_put_memory(&message, address, bytes, flags);
	return mt_send_wait(task, &message, 0);
}

void *mt_receive_memory(const struct mt_task *task, __u32 port)
{
	struct mt_message message;

	mt_must(mt_receive(task, port, &message, 10000));
	return mt_memory(&message, 0);
}

void *mt_pass_memory(const struct mt_task *task, const void *address,
		     __u64 bytes, __u64 flags)
{
	__u32 port = mt_receive_right(task);
	void *received;

	mt_must(mt_send_memory(task, port, MACH_MSG_TYPE_MAKE_SEND, address,
			       bytes, flags));
	received = mt_receive_memory(task, port);
	mt_must(mt_destroy(task, port));
	return received;
}

void *mt_move_memory(const struct mt_task *task, void *address, __u64 bytes)
{
	__u32 port = mt_receive_right(task);
	char *page = (char *)((unsigned long)address & -MT_PAGE);
	char *end = (char *)address + bytes;
	void *received;

	mt_must(mt_send_memory(task, port, MACH_MSG_TYPE_MAKE_SEND, address,
			       bytes, MACH_MSG_DESC_DEALLOCATE));
	for (; page < end; page += MT_PAGE)
		mt_check(!mt_mapped(page));
	received = mt_receive_memory(task, port);
	mt_must(mt_destroy(task, port));
	return received;
}

/* The descriptor that the notification @id has, 0 if it has no body. */
static __u64 note_desc(__u32 id)
{
	switch (id) {
	case MACH_NOTIFY_PORT_DELETED:
	case MACH_NOTIFY_MSG_ACCEPTED:
	case MACH_NOTIFY_DEAD_NAME:
		return MACH_MSG_DESC(MACH_MSG_TYPE_PORT_NAME, 32, 1,
				     MACH_MSG_DESC_INLINE);
	case MACH_NOTIFY_NO_SENDERS:
		return MACH_MSG_DESC(MACH_MSG_TYPE_INTEGER_32, 32, 1,
				     MACH_MSG_DESC_INLINE);
	default:
		return 0;
	}
}

/* Plenty, also for an emulator on a busy machine. */
#define NOTE_MS		10000

struct mt_note mt_notification(const struct mt_task *task, __u32 port)
{
	struct mt_message message;
	struct mt_note note;
	__u64 desc;

	mt_must(mt_receive(task, port, &message, NOTE_MS));
	mt_check(message.head.bits ==
		 MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND_ONCE));
	mt_check(message.head.remote_port == MACH_PORT_NULL);
	mt_check(message.head.local_port == port);

	note.id = message.head.id;
	note.value = 0;
	desc = note_desc(note.id);
	mt_check(message.head.size == (desc ? 48 : 32));
	if (desc) {
		mt_check(message.words[4] == desc);
		mt_check(message.words[5] >> 32 == 0);
		note.value = message.words[5];
	}
	return note;
}

bool mt_notified(const struct mt_task *task, __u32 port, __u32 id,
		 __u32 value)
{
	struct mt_note note = mt_notification(task, port);

	return note.id == id && note.value == value;
}
