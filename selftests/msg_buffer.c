// SPDX-License-Identifier: GPL-2.0
/*
 * The memory that a message comes from and goes to: partly there, changing,
 * too small; and that nothing of the kernel comes along (spec 1.2, 1.10, K21;
 * negative tests N1, N11, N16, N17, N38).  The plain cases are msg_size.c's.
 */
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "lib/fixture.h"
#include "lib/mach_calls.h"
#include "lib/partner.h"

static __s32 receive_to(const struct mt_task *task, __u32 port, void *buffer,
			__u32 size)
{
	struct mach_ioc_msg call = {
		.option = MACH_RCV_MSG | MACH_RCV_TIMEOUT,
		.msg = (unsigned long)buffer,
		.rcv_size = size,
		.rcv_name = port,
	};

	return mt_msg(task, &call);
}

static __s32 send_from(const struct mt_task *task, const void *buffer,
		       __u32 size)
{
	struct mach_ioc_msg call = {
		.option = MACH_SEND_MSG | MACH_SEND_TIMEOUT,
		.msg = (unsigned long)buffer,
		.send_size = size,
	};

	return mt_msg(task, &call);
}

/* One right and some bytes, to @port; the right joins @name. */
static void send_right(const struct mt_task *task, __u32 port, __u32 name)
{
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, name, MACH_MSG_TYPE_COPY_SEND);
	mt_put_data(&message, "some bytes at the end", 22);
	mt_must(mt_send(task, &message));
}

#define SIZE	80		/* of that message */

/* The message is read as it is: no byte behind send_size. */
TEST_F(mach, N1_message_at_the_end_of_memory)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	char *end = (char *)mt_map(2) + MT_PAGE;
	struct mt_message message;

	mt_unmap(end, MT_PAGE);
	for (__u32 size = 32; size <= 64; size += 8) {
		mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
		memcpy(end - size, &message, size);
		EXPECT_EQ(MACH_MSG_SUCCESS,
			  send_from(task, end - size, size));
		EXPECT_EQ(MACH_SEND_INVALID_DATA,
			  send_from(task, end - size, size + 8));
		mt_must(mt_receive(task, port, &message, 0));
		EXPECT_EQ(size, message.size);
	}
	EXPECT_TRUE(mt_empty(task, port));
}

TEST_F(mach, N1_unaligned_message)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	char *page = mt_map(1);
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_data(&message, "odd", 3);
	for (int offset = 1; offset < 8; offset++) {
		memcpy(page + offset, &message, message.size);
		EXPECT_EQ(MACH_MSG_SUCCESS,
			  send_from(task, page + offset, message.size));
		memset(page, MT_POISON, 100);
		EXPECT_EQ(MACH_MSG_SUCCESS,
			  receive_to(task, port, page + offset, 48));
		EXPECT_EQ(0, memcmp(page + offset + 40, "odd\0\0\0\0\0", 8));
		EXPECT_EQ((char)MT_POISON, page[offset - 1]);
		EXPECT_EQ((char)MT_POISON, page[offset + 48]);
	}
}

/* The buffer ends within the message: the rights are there all the same. */
TEST_F(mach, N16_partly_mapped)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), right = mt_port(task), refs = 1;
	char *end = (char *)mt_map(2) + MT_PAGE;

	mt_unmap(end, MT_PAGE);
	for (__u32 there = 0; there < SIZE; there += 4) {
		send_right(task, port, right);
		EXPECT_EQ(MACH_RCV_INVALID_DATA,
			  receive_to(task, port, end - there, MT_PAGE))
			TH_LOG("%u bytes", there);
		EXPECT_EQ(++refs, mt_refs(task, right, MACH_PORT_RIGHT_SEND));
		EXPECT_TRUE(mt_empty(task, port));
	}
	/* Where all of it fits the rest of rcv_size does not matter. */
	send_right(task, port, right);
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  receive_to(task, port, end - SIZE, MT_PAGE));
}

TEST_F(mach, N16_memory_still_arrives)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	char *memory = mt_map_filled(4, 1);
	__u64 regions;

	mt_share_all();
	regions = mt_live(task, MT_LIVE(regions));
	mt_must(mt_send_memory(task, port, MACH_MSG_TYPE_COPY_SEND, memory,
			       4 * MT_PAGE, 0));
	EXPECT_EQ(MACH_RCV_INVALID_DATA, receive_to(task, port, NULL, 4096));
	/* Ours, wherever it is; our exit frees it. */
	EXPECT_EQ(regions + 1, mt_live(task, MT_LIVE(regions)));
}

TEST_F(mach, N16_read_only_in_the_middle)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), right = mt_port(task);
	char *pages = mt_map(3);

	mt_must(mprotect(pages + MT_PAGE, MT_PAGE, PROT_READ));
	send_right(task, port, right);
	EXPECT_EQ(MACH_RCV_INVALID_DATA,
		  receive_to(task, port, pages + MT_PAGE - 40, 2 * MT_PAGE));
	EXPECT_TRUE(mt_zero(pages + MT_PAGE, MT_PAGE));
	EXPECT_EQ(2U, mt_refs(task, right, MACH_PORT_RIGHT_SEND));
}

/* The other thread writes into, and takes away, what is being received to. */
static void spoil(const struct mt_task *task, void *arg)
{
	char *page = arg;

	(void)task;
	for (int i = 0; i < 10; i++) {
		memset(page, i, 64);
		mprotect(page, MT_PAGE, PROT_NONE);
		mprotect(page, MT_PAGE, PROT_READ | PROT_WRITE);
		madvise(page, MT_PAGE, MADV_DONTNEED);
	}
}

TEST_F(mach, N16_changed_during_the_receive)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), right = mt_port(task);
	char *page = mt_map(1);
	struct mt_partner partner;

	mt_start_partner(&partner, task, spoil, page, 200);
	for (__u32 round = 0; round < 200; round++) {
		__s32 ret;

		send_right(task, port, right);
		mt_meet(&partner);
		ret = receive_to(task, port, page, MT_PAGE);
		mt_meet(&partner);
		ASSERT_TRUE(ret == MACH_MSG_SUCCESS ||
			    ret == MACH_RCV_INVALID_DATA)
			TH_LOG("%#x", ret);
		ASSERT_EQ(round + 2,
			  mt_refs(task, right, MACH_PORT_RIGHT_SEND));
		ASSERT_TRUE(mt_empty(task, port));
	}
	mt_end_partner(&partner);
}

struct waiter {
	const struct mt_task *task;
	__u32 port;
	void *buffer;
	pid_t tid;
	__s32 ret;
};

static void *wait_for_one(void *arg)
{
	struct waiter *waiter = arg;
	struct mach_ioc_msg call = {
		.option = MACH_RCV_MSG,
		.msg = (unsigned long)waiter->buffer,
		.rcv_size = MT_PAGE,
		.rcv_name = waiter->port,
	};

	__atomic_store_n(&waiter->tid, syscall(SYS_gettid), __ATOMIC_RELEASE);
	waiter->ret = mt_msg(waiter->task, &call);
	return NULL;
}

TEST_F(mach, N16_unmapped_while_waiting)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), right = mt_port(task);
	struct waiter waiter = { task, port, mt_map_filled(1, 1), 0, 0 };
	pthread_t thread;

	mt_must(pthread_create(&thread, NULL, wait_for_one, &waiter));
	while (!__atomic_load_n(&waiter.tid, __ATOMIC_ACQUIRE))
		mt_sleep(1);
	mt_until_asleep(waiter.tid);
	mt_unmap(waiter.buffer, MT_PAGE);
	send_right(task, port, right);
	mt_must(pthread_join(thread, NULL));
	EXPECT_EQ(MACH_RCV_INVALID_DATA, waiter.ret);
	EXPECT_EQ(2U, mt_refs(task, right, MACH_PORT_RIGHT_SEND));
}

/* ---- rcv_size below a header (N17) ---- */

TEST_F(mach, N17_no_address_needed)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	void *bad[] = { NULL, (void *)1UL, (void *)-4096L, (void *)~0UL };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 1));
		EXPECT_EQ(MACH_RCV_TOO_LARGE,
			  receive_to(task, port, bad[i], 0))
			TH_LOG("%p", bad[i]);
		EXPECT_TRUE(mt_empty(task, port));
	}
}

/* What such a message carries is destroyed. */
TEST_F(mach, N17_rights_are_destroyed)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), watched = mt_receive_right(task);
	struct mt_message message;

	for (__u32 size = 0; size < 32; size += 31) {
		mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
		mt_put_right(&message, watched, MACH_MSG_TYPE_MAKE_SEND_ONCE);
		mt_must(mt_send(task, &message));
		EXPECT_EQ(MACH_RCV_TOO_LARGE,
			  receive_to(task, port, &message, size));
		EXPECT_TRUE(mt_notified(task, watched, MACH_NOTIFY_SEND_ONCE,
					0));
	}
}

/* An error that comes before the message writes nothing at all. */
TEST_F(mach, N17_errors_without_a_message)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), send = task->self;
	__u8 buffer[64];

	for (__u32 size = 0; size <= sizeof(buffer); size += 8) {
		memset(buffer, MT_POISON, sizeof(buffer));
		EXPECT_EQ(MACH_RCV_TIMED_OUT,
			  receive_to(task, port, buffer, size));
		EXPECT_EQ(MACH_RCV_INVALID_NAME,
			  receive_to(task, send, buffer, size));
		EXPECT_EQ(MACH_RCV_INVALID_NAME,
			  receive_to(task, MT_UNUSED, buffer, size));
		for (size_t i = 0; i < sizeof(buffer); i++)
			ASSERT_EQ(MT_POISON, buffer[i]);
	}
}

/* ---- bytes that nobody wrote (N11) ---- */

/* In-line items of 0 to 32 bytes between poison: padding arrives as 0. */
TEST_F(mach, N11_padding_of_every_size)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	for (__u32 bytes = 0; bytes <= 32; bytes++) {
		__u32 padded = (bytes + 7) & ~7U;
		struct mt_message message;

		mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
		mt_put(&message, MACH_MSG_DESC(MACH_MSG_TYPE_BYTE, 8, bytes,
					       MACH_MSG_DESC_INLINE));
		memset(message.bytes + 40, 0xee, padded);
		message.size = 40 + padded;
		mt_must(mt_send(task, &message));
		mt_must(mt_receive(task, port, &message, 0));
		for (__u32 i = 0; i < padded; i++) {
			ASSERT_EQ(i < bytes ? 0xee : 0, message.bytes[40 + i])
				TH_LOG("%u bytes: byte %u", bytes, i);
		}
		ASSERT_EQ(MT_POISON, message.bytes[40 + padded]);
	}
}

/* Bits that make no whole byte, and items of no bits at all. */
TEST_F(mach, N11_padding_of_odd_bits)
{
	static const struct {
		__u32 bits, number, bytes;
	} rows[] = {
		{ 1, 1, 1 }, { 1, 9, 2 }, { 3, 5, 2 }, { 7, 8, 7 },
		{ 9, 7, 8 }, { 0, 5, 0 }, { 5, 0, 0 }, { 65, 1, 9 },
	};
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	for (size_t row = 0; row < ARRAY_SIZE(rows); row++) {
		__u32 padded = (rows[row].bytes + 7) & ~7U;
		struct mt_message message;

		mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
		mt_put(&message, MACH_MSG_DESC(MACH_MSG_TYPE_BIT,
					       rows[row].bits,
					       rows[row].number,
					       MACH_MSG_DESC_INLINE));
		memset(message.bytes + 40, 0xff, padded);
		message.size = 40 + padded;
		mt_must(mt_send(task, &message));
		mt_must(mt_receive(task, port, &message, 0));
		for (__u32 i = 0; i < padded; i++) {
			ASSERT_EQ(i < rows[row].bytes ? 0xff : 0,
				  message.bytes[40 + i])
				TH_LOG("row %zu byte %u", row, i);
		}
	}
}

/* Upper halves and unused words of a header are 0, whatever was sent. */
TEST_F(mach, N11_header)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), reply = mt_port(task);
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, reply, MACH_MSG_TYPE_COPY_SEND);
	message.head.remote_port |= 0x7777777700000000ULL;
	message.head.local_port |= 0x6666666600000000ULL;
	message.head.size = 0x55555555;
	message.head.seqno = 0x44444444;
	mt_must(mt_send(task, &message));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ((__u64)reply, message.head.remote_port);
	EXPECT_EQ((__u64)port, message.head.local_port);
	EXPECT_EQ(32U, message.head.size);
	EXPECT_EQ(0U, message.head.seqno);
}

/* Behind the names of an array its page holds nothing of the kernel's. */
TEST_F(mach, N11_behind_an_array)
{
	static const __u32 numbers[] = { 1, 2, 3, 5, 1000, 1023, 1025 };
	static __u32 names[1025];
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		names[i] = port;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		struct mt_message message;
		const __u32 *got;
		__u32 at;

		mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
		mt_put_rights_array(&message, names, numbers[i],
				    MACH_MSG_TYPE_COPY_SEND, 0);
		mt_must(mt_send(task, &message));
		mt_must(mt_receive(task, port, &message, 0));
		got = mt_rights_array(&message, 0, numbers[i]);
		for (at = 0; at < numbers[i]; at++)
			ASSERT_EQ(port, got[at]);
		for (; (unsigned long)(got + at) % MT_PAGE; at++) {
			ASSERT_EQ(0U, got[at])
				TH_LOG("%u names: %u", numbers[i], at);
		}
		while ((unsigned long)got % MT_PAGE)
			ASSERT_EQ(0U, *--got);
		mt_free_array(&message, 0);
	}
}

/* ---- numbers (N38) ---- */

static void *send_late(void *arg)
{
	const struct waiter *other = arg;

	mt_sleep(300);
	mt_must(mt_send_id(other->task, other->port, MACH_MSG_TYPE_COPY_SEND,
			   5));
	return NULL;
}

/* As a signed number these are negative: they are long, not short. */
TEST_F(mach, N38_negative_timeouts)
{
	static const __u32 timeouts[] = { 0x80000000U, 0xfffffffeU, ~0U };
	struct waiter sender = { .task = &self->task };
	struct mt_message message;
	pthread_t thread;

	sender.port = mt_port(&self->task);
	for (size_t i = 0; i < ARRAY_SIZE(timeouts); i++) {
		mt_must(pthread_create(&thread, NULL, send_late, &sender));
		EXPECT_EQ(MACH_MSG_SUCCESS,
			  mt_receive(&self->task, sender.port, &message,
				     timeouts[i]))
			TH_LOG("%#x", timeouts[i]);
		mt_must(pthread_join(thread, NULL));
	}
}

TEST_HARNESS_MAIN
