// SPDX-License-Identifier: GPL-2.0
/*
 * Sizes and buffers that do not do: on sending nothing happens, on receiving
 * the message is kept with RCV_LARGE and destroyed without; never is a byte
 * written behind rcv_size (spec 1.4, 1.10, K21; negative tests N1, N2, N16,
 * N17).
 */
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "lib/fixture.h"

static __s32 send_bytes(const struct mt_task *task, void *message, __u32 size)
{
	struct mach_ioc_msg call = {
		.option = MACH_SEND_MSG | MACH_SEND_TIMEOUT,
		.msg = (unsigned long)message,
		.send_size = size,
	};

	return mt_msg(task, &call);
}

static __s32 receive_bytes(const struct mt_task *task, __u32 port,
			   void *message, __u32 size, __u32 option)
{
	struct mach_ioc_msg call = {
		.option = MACH_RCV_MSG | MACH_RCV_TIMEOUT | option,
		.msg = (unsigned long)message,
		.rcv_size = size,
		.rcv_name = port,
	};

	return mt_msg(task, &call);
}

TEST_F(mach, N1_send_size_too_small)
{
	static const __u32 sizes[] = { 0, 1, 8, 24, 31, 33, 36, 39, 41, 47 };
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		mt_begin(&message, port, MACH_MSG_TYPE_MOVE_SEND);
		EXPECT_EQ(MACH_SEND_MSG_TOO_SMALL,
			  send_bytes(task, &message, sizes[i]))
			TH_LOG("size %u", sizes[i]);
	}
	EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
	EXPECT_TRUE(mt_empty(task, port));
}

TEST_F(mach, N1_send_size_huge)
{
	static const __u32 sizes[] = {
		0x7ffffff8U, 0x80000000U, 0x80000008U, 0xfffffff8U,
	};
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mach_wire_header *message = mt_map(1);

	message->bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND, 0);
	message->remote_port = port;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		EXPECT_EQ(MACH_SEND_NO_BUFFER,
			  send_bytes(task, message, sizes[i]))
			TH_LOG("size %#x", sizes[i]);
	}
	EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
}

TEST_F(mach, send_buffer_unreadable)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	char *pages = mt_map(2);
	struct mach_wire_header *last = (void *)(pages + MT_PAGE - 32);

	mt_unmap(pages + MT_PAGE, MT_PAGE);
	last->bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND, 0);
	last->remote_port = port;
	EXPECT_EQ(MACH_SEND_INVALID_DATA, send_bytes(task, last, 40));
	EXPECT_EQ(MACH_SEND_INVALID_DATA, send_bytes(task, NULL, 32));
	EXPECT_EQ(MACH_SEND_INVALID_DATA, send_bytes(task, (void *)-64L, 32));
	EXPECT_EQ(MACH_SEND_INVALID_DATA, send_bytes(task, (void *)-8L, 32));
	mt_must(mprotect(pages, MT_PAGE, PROT_NONE));
	EXPECT_EQ(MACH_SEND_INVALID_DATA, send_bytes(task, pages, 32));
	EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
	mt_must(mprotect(pages, MT_PAGE, PROT_READ));
	EXPECT_EQ(MACH_MSG_SUCCESS, send_bytes(task, last, 32));
}

/* A body that promises more than there is (N2): nothing happened. */
TEST_F(mach, N2_items_behind_the_end)
{
	static const __u64 descriptors[] = {
		/* one in-line element too many */
		MACH_MSG_DESC(MACH_MSG_TYPE_BYTE, 8, 9, MACH_MSG_DESC_INLINE),
		MACH_MSG_DESC(MACH_MSG_TYPE_MOVE_SEND, 64, 2,
			      MACH_MSG_DESC_INLINE),
		/* 2^32 and 2^45 bytes, and products that wrap in 32 bits */
		MACH_MSG_DESC(MACH_MSG_TYPE_BYTE, 8, ~0U,
			      MACH_MSG_DESC_INLINE),
		MACH_MSG_DESC(MACH_MSG_TYPE_BYTE, 0xffff, ~0U,
			      MACH_MSG_DESC_INLINE),
		MACH_MSG_DESC(MACH_MSG_TYPE_BYTE, 64, 1U << 26,
			      MACH_MSG_DESC_INLINE),
		MACH_MSG_DESC(MACH_MSG_TYPE_BYTE, 8, 1U << 29,
			      MACH_MSG_DESC_INLINE),
		MACH_MSG_DESC(MACH_MSG_TYPE_MOVE_SEND, 64, 1U << 26,
			      MACH_MSG_DESC_INLINE),
		MACH_MSG_DESC(MACH_MSG_TYPE_MOVE_SEND, 64, ~0U,
			      MACH_MSG_DESC_INLINE),
	};
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	for (size_t i = 0; i < ARRAY_SIZE(descriptors); i++) {
		mt_begin(&message, port, MACH_MSG_TYPE_MOVE_SEND);
		mt_put_right(&message, port, MACH_MSG_TYPE_MOVE_RECEIVE);
		mt_put(&message, descriptors[i]);
		mt_put(&message, 0);
		EXPECT_EQ(MACH_SEND_MSG_TOO_SMALL, mt_send(task, &message))
			TH_LOG("descriptor %zu", i);
		EXPECT_EQ(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE,
			  mt_types(task, port));
	}
}

TEST_F(mach, descriptor_without_data)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_MOVE_SEND);
	mt_put(&message, MACH_MSG_DESC(MACH_MSG_TYPE_BYTE, 8, 1, 0));
	EXPECT_EQ(MACH_SEND_MSG_TOO_SMALL, mt_send(task, &message));
	mt_begin(&message, port, MACH_MSG_TYPE_MOVE_SEND);
	mt_put(&message, MACH_MSG_DESC(MACH_MSG_TYPE_BYTE, 8, 1,
				       MACH_MSG_DESC_INLINE));
	EXPECT_EQ(MACH_SEND_MSG_TOO_SMALL, mt_send(task, &message));
	EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
}

TEST_F(mach, K21_large_is_kept)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;
	__u8 buffer[256];

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_data(&message, "0123456789", 10);
	message.head.id = 88;
	mt_must(mt_send(task, &message));
	for (__u32 room = 32; room < 56; room++) {
		memset(buffer, MT_POISON, sizeof(buffer));
		ASSERT_EQ(MACH_RCV_TOO_LARGE,
			  receive_bytes(task, port, buffer, room,
					MACH_RCV_LARGE));
		for (__u32 i = 0; i < sizeof(buffer); i++) {
			if (i < 4 || i >= 8)
				ASSERT_EQ(MT_POISON, buffer[i]);
		}
		EXPECT_EQ(56U, ((struct mach_wire_header *)buffer)->size);
	}
	/* Not taken: it has number 0 and all its bytes. */
	mt_must(receive_bytes(task, port, &message, 56, MACH_RCV_LARGE));
	EXPECT_EQ(0U, message.head.seqno);
	EXPECT_EQ(88U, message.head.id);
	EXPECT_EQ(0, memcmp("0123456789", &message.words[5], 10));
}

struct waiter {
	const struct mt_task *task;
	__u32 port;
	__u32 option;
	pthread_t thread;
	pid_t tid;
	__s32 ret;
	struct mach_wire_header head;
};

static void *wait_with_little_room(void *arg)
{
	struct waiter *waiter = arg;
	struct mach_ioc_msg call = {
		.option = MACH_RCV_MSG | waiter->option,
		.msg = (unsigned long)&waiter->head,
		.rcv_size = 32,
		.rcv_name = waiter->port,
	};

	__atomic_store_n(&waiter->tid, syscall(SYS_gettid), __ATOMIC_RELEASE);
	waiter->ret = mt_msg(waiter->task, &call);
	return NULL;
}

static void start_waiter(struct waiter *waiter, const struct mt_task *task,
			 __u32 port, __u32 option)
{
	waiter->task = task;
	waiter->port = port;
	waiter->option = option;
	waiter->tid = 0;
	mt_must(pthread_create(&waiter->thread, NULL, wait_with_little_room,
			       waiter));
	while (!__atomic_load_n(&waiter->tid, __ATOMIC_ACQUIRE))
		mt_sleep(1);
	mt_until_asleep(waiter->tid);
}

/* S2.4: who waits with LARGE is told; the message stays for the next one. */
TEST_F(mach, S2_4_waiting_receiver_with_large)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;
	struct waiter waiter;

	start_waiter(&waiter, task, port, MACH_RCV_LARGE);
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_data(&message, "too much", 8);
	mt_must(mt_send(task, &message));
	mt_must(pthread_join(waiter.thread, NULL));
	EXPECT_EQ(MACH_RCV_TOO_LARGE, waiter.ret);
	EXPECT_EQ(48U, waiter.head.size);
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(0, memcmp("too much", &message.words[5], 8));
}

TEST_F(mach, S2_4_waiting_receiver_behind_one_with_large)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct waiter first, second;
	struct mt_message message;

	start_waiter(&first, task, port, MACH_RCV_LARGE);
	start_waiter(&second, task, port, 0);
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_data(&message, "too much", 8);
	message.head.id = 3;
	mt_must(mt_send(task, &message));
	/* The second takes any size, and so loses it. */
	mt_must(pthread_join(second.thread, NULL));
	EXPECT_EQ(MACH_RCV_TOO_LARGE, second.ret);
	EXPECT_EQ(48U, second.head.size);
	EXPECT_EQ(3U, second.head.id);
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 4));
	mt_must(pthread_join(first.thread, NULL));
	EXPECT_TRUE(first.ret == MACH_RCV_TOO_LARGE ||
		    (first.ret == MACH_MSG_SUCCESS && first.head.id == 4));
}

TEST_F(mach, too_large_is_destroyed)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), watched = mt_receive_right(task);
	__u64 messages = mt_live(task, MT_LIVE(messages));
	struct mt_message message;

	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 1));
	mt_must(mt_receive(task, port, &message, 0));
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, watched, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_right(&message, watched, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	message.head.id = 4711;
	mt_must(mt_send(task, &message));

	memset(message.bytes, MT_POISON, sizeof(message.bytes));
	EXPECT_EQ(MACH_RCV_TOO_LARGE,
		  receive_bytes(task, port, &message, 40, 0));
	EXPECT_EQ(48U, message.head.size);
	EXPECT_EQ(port, message.head.local_port);
	EXPECT_EQ(MACH_PORT_NULL, message.head.remote_port);
	EXPECT_EQ(1U, message.head.seqno);
	EXPECT_EQ(4711U, message.head.id);
	EXPECT_EQ(MT_POISON, message.bytes[32]);
	EXPECT_TRUE(mt_notified(task, watched, MACH_NOTIFY_SEND_ONCE, 0));
	EXPECT_TRUE(mt_notified(task, watched, MACH_NOTIFY_SEND_ONCE, 0));
	EXPECT_TRUE(mt_empty(task, port));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(messages), messages));
	/* S2.4: its number is used up. */
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 1));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(2U, message.head.seqno);
}

TEST_F(mach, too_large_with_a_dead_reply)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, MACH_PORT_DEAD, MACH_MSG_TYPE_COPY_SEND);
	mt_put_data(&message, "x", 1);
	mt_must(mt_send(task, &message));
	EXPECT_EQ(MACH_RCV_TOO_LARGE,
		  receive_bytes(task, port, &message, 32, 0));
	EXPECT_EQ((__u64)MACH_PORT_DEAD, message.head.remote_port);
}

TEST_F(mach, N17_no_room_for_a_header)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	__u8 buffer[64];

	for (__u32 room = 0; room < 32; room++) {
		mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 1));
		memset(buffer, MT_POISON, sizeof(buffer));
		EXPECT_EQ(MACH_RCV_TOO_LARGE,
			  receive_bytes(task, port, buffer, room,
					MACH_RCV_LARGE));
		EXPECT_EQ(MACH_RCV_TOO_LARGE,
			  receive_bytes(task, port, buffer, room, 0));
		for (__u32 i = 0; i < sizeof(buffer); i++) {
			ASSERT_EQ(MT_POISON, buffer[i])
				TH_LOG("room %u byte %u", room, i);
		}
		EXPECT_TRUE(mt_empty(task, port));
	}
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 1));
	EXPECT_EQ(MACH_RCV_TOO_LARGE, receive_bytes(task, port, NULL, 0, 0));
	EXPECT_TRUE(mt_empty(task, port));
}

TEST_F(mach, exact_room)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_data(&message, "exact", 5);
	mt_must(mt_send(task, &message));
	memset(message.bytes, MT_POISON, sizeof(message.bytes));
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  receive_bytes(task, port, &message, 48, 0));
	EXPECT_EQ(0, memcmp("exact\0\0\0", &message.words[5], 8));
	EXPECT_EQ(MT_POISON, message.bytes[48]);
}

/* Class G: the buffer is bad, but the rights are there. */
TEST_F(mach, N16_receive_buffer_not_writable)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), right = mt_port(task);
	char *pages = mt_map(2);
	void *bad[] = { pages, NULL, (void *)-4096L };
	struct mt_message message;

	mt_must(mprotect(pages, MT_PAGE, PROT_READ));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
		mt_put_right(&message, right, MACH_MSG_TYPE_COPY_SEND);
		mt_must(mt_send(task, &message));
		EXPECT_EQ(MACH_RCV_INVALID_DATA,
			  receive_bytes(task, port, bad[i], MT_PAGE, 0));
		EXPECT_EQ(i + 2, mt_refs(task, right, MACH_PORT_RIGHT_SEND));
		EXPECT_TRUE(mt_empty(task, port));
	}
}

/* Pad bytes of the sender stay with the sender (N11). */
TEST_F(mach, N11_padding_arrives_as_zero)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_data(&message, "abc", 3);
	message.words[5] |= 0x7777777777000000ULL;
	mt_put_right(&message, port, MACH_MSG_TYPE_COPY_SEND);
	message.words[7] |= 0x7777777700000000ULL;
	mt_must(mt_send(task, &message));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(0x636261ULL, message.words[5]);
	EXPECT_EQ(port, message.words[7]);
}

TEST_HARNESS_MAIN
