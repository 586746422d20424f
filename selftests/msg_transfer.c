// SPDX-License-Identifier: GPL-2.0
/*
 * A message arrives as it was sent: its bytes, its header as the receiver
 * should see it (spec 1.2, 1.7, K18, K20), in order and numbered (spec 2.4).
 */
#include <pthread.h>

#include "lib/fixture.h"

TEST_F(mach, header)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), reply = mt_receive_right(task);
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	message.head.size = 12345;
	message.head.seqno = 999;
	message.head.id = 0xdeadbeef;
	ASSERT_EQ(MACH_MSG_SUCCESS, mt_send(task, &message));
	ASSERT_EQ(MACH_MSG_SUCCESS, mt_receive(task, port, &message, 0));
	EXPECT_EQ(MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND_ONCE,
				 MACH_MSG_TYPE_PORT_SEND),
		  message.head.bits);
	EXPECT_EQ(32U, message.head.size);
	EXPECT_EQ(port, message.head.local_port);
	EXPECT_EQ(0U, message.head.seqno);
	EXPECT_EQ(0xdeadbeefU, message.head.id);
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE,
		  mt_types(task, message.head.remote_port));
	EXPECT_EQ(0ULL, message.head.remote_port >> 32);
	EXPECT_EQ(MT_POISON, message.bytes[32]);
}

TEST_F(mach, K18_header_types)
{
	static const struct {
		__u32 sent, received;
	} types[] = {
		{ MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_PORT_SEND },
		{ MACH_MSG_TYPE_MOVE_SEND_ONCE, MACH_MSG_TYPE_PORT_SEND_ONCE },
		{ MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_PORT_SEND },
		{ MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_PORT_SEND },
		{ MACH_MSG_TYPE_MAKE_SEND_ONCE, MACH_MSG_TYPE_PORT_SEND_ONCE },
	};
	const struct mt_task *task = &self->task;
	struct mt_message message;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(types); j++) {
			__u32 port = mt_port(task), reply = mt_port(task);
			__u32 dest = types[i].sent, back = types[j].sent;

			mt_begin(&message,
				 dest == MACH_MSG_TYPE_MOVE_SEND_ONCE ?
				 mt_make_send_once(task, port) : port, dest);
			mt_reply_to(&message,
				    back == MACH_MSG_TYPE_MOVE_SEND_ONCE ?
				    mt_make_send_once(task, reply) : reply,
				    back);
			mt_must(mt_send(task, &message));
			mt_must(mt_receive(task, port, &message, 0));
			EXPECT_EQ(MACH_MSGH_BITS(types[j].received,
						 types[i].received),
				  message.head.bits)
				TH_LOG("%u %u", dest, back);
		}
	}
}

TEST_F(mach, K18_null_and_dead_reply)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, MACH_PORT_NULL, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_must(mt_send(task, &message));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(MACH_MSGH_BITS(18, 17), message.head.bits);
	EXPECT_EQ(MACH_PORT_NULL, message.head.remote_port);

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, MACH_PORT_DEAD, MACH_MSG_TYPE_COPY_SEND);
	mt_must(mt_send(task, &message));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(MACH_MSGH_BITS(17, 17), message.head.bits);
	EXPECT_EQ((__u64)MACH_PORT_DEAD, message.head.remote_port);

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, mt_dead_name(task), MACH_MSG_TYPE_MOVE_SEND);
	mt_must(mt_send(task, &message));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(MACH_MSGH_BITS(17, 17), message.head.bits);
	EXPECT_EQ((__u64)MACH_PORT_DEAD, message.head.remote_port);
}

TEST_F(mach, N38_upper_halves_of_names_are_ignored)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), reply = mt_receive_right(task);
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	message.head.remote_port |= 0xffffffffULL << 32;
	message.head.local_port |= 0x12345678ULL << 32;
	ASSERT_EQ(MACH_MSG_SUCCESS, mt_send(task, &message));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(port, message.head.local_port);
	EXPECT_EQ(0ULL, message.head.remote_port >> 32);
}

TEST_F(mach, S1_7_unknown_header_bits_are_cleared)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	message.head.bits |= 0x7fff0000;
	mt_must(mt_send(task, &message));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND),
		  message.head.bits);
}

TEST_F(mach, S1_7_complex_is_cleared_when_nothing_is)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	message.head.bits |= MACH_MSGH_BITS_COMPLEX;
	mt_must(mt_send(task, &message));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_FALSE(message.head.bits & MACH_MSGH_BITS_COMPLEX);

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_data(&message, "harmless", 8);
	mt_must(mt_send(task, &message));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_FALSE(message.head.bits & MACH_MSGH_BITS_COMPLEX);
	EXPECT_EQ(0, memcmp("harmless", &message.words[5], 8));
}

TEST_F(mach, S1_7_complex_stays_with_empty_items)
{
	static const __u64 descriptors[] = {
		MACH_MSG_DESC(MACH_MSG_TYPE_MOVE_SEND, 64, 0,
			      MACH_MSG_DESC_INLINE),
		MACH_MSG_DESC(MACH_MSG_TYPE_COPY_SEND, 64, 0,
			      MACH_MSG_DESC_INLINE),
	};
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	for (size_t i = 0; i < ARRAY_SIZE(descriptors); i++) {
		mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
		mt_put(&message, descriptors[i]);
		mt_must(mt_send(task, &message));
		mt_must(mt_receive(task, port, &message, 0));
		EXPECT_TRUE(message.head.bits & MACH_MSGH_BITS_COMPLEX);
	}
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, MACH_PORT_NULL, MACH_MSG_TYPE_COPY_SEND);
	mt_must(mt_send(task, &message));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_TRUE(message.head.bits & MACH_MSGH_BITS_COMPLEX);

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_memory(&message, NULL, 0, 0);
	mt_must(mt_send(task, &message));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_TRUE(message.head.bits & MACH_MSGH_BITS_COMPLEX);
}

TEST_F(mach, body_of_every_size)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	static struct mt_message out, in;

	for (__u32 size = 32; size <= MT_ROOM; size += size < 256 ? 8 : 1000) {
		mt_begin(&out, port, MACH_MSG_TYPE_COPY_SEND);
		mt_fill(out.bytes + 32, size - 32, size);
		out.size = size;
		ASSERT_EQ(MACH_MSG_SUCCESS, mt_send(task, &out));
		ASSERT_EQ(MACH_MSG_SUCCESS, mt_receive(task, port, &in, 0));
		ASSERT_EQ(size, in.head.size);
		ASSERT_TRUE(mt_holds(in.bytes + 32, size - 32, size));
		if (size < MT_ROOM)
			ASSERT_EQ(MT_POISON, in.bytes[size]);
	}
}

TEST_F(mach, largest_message)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), size = mt_param("max_inline") & -8;
	struct mach_wire_header *message = mt_map((size + MT_PAGE) / MT_PAGE);
	struct mach_ioc_msg call = {
		.option = MACH_SEND_MSG | MACH_RCV_MSG | MACH_RCV_TIMEOUT,
		.msg = (unsigned long)message,
		.send_size = size,
		.rcv_size = size,
		.rcv_name = port,
	};

	mt_fill(message, size, 3);
	memset(message, 0, sizeof(*message));
	message->bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0);
	message->remote_port = port;
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_msg(task, &call));
	EXPECT_EQ(size, message->size);
}

TEST_F(mach, K20_N29_simple_body_is_opaque)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message, copy;

	/* Looks like rights and memory, and like junk. */
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, port, MACH_MSG_TYPE_MOVE_RECEIVE);
	mt_put_memory(&message, &message, sizeof(message),
		      MACH_MSG_DESC_DEALLOCATE);
	mt_put(&message, ~0ULL);
	message.head.bits &= ~MACH_MSGH_BITS_COMPLEX;
	message.head.bits |= 0x78000000;
	memcpy(&copy, &message, sizeof(copy));
	ASSERT_EQ(MACH_MSG_SUCCESS, mt_send(task, &message));
	ASSERT_EQ(MACH_MSG_SUCCESS, mt_receive(task, port, &message, 0));
	EXPECT_EQ(copy.size, message.size);
	EXPECT_EQ(0, memcmp(copy.bytes + 32, message.bytes + 32,
			    copy.size - 32));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_SEND,
		  mt_types(task, port));
}

TEST_F(mach, S1_3_descriptors_arrive_as_sent)
{
	/* Data types of all kinds, odd sizes, long form. */
	static const __u64 flags[] = {
		MACH_MSG_DESC_INLINE,
		MACH_MSG_DESC_INLINE | MACH_MSG_DESC_LONGFORM,
	};
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	for (__u32 name = 0; name < 256; name++) {
		__u64 desc = MACH_MSG_DESC(name, 32, 2, flags[name % 2]);

		if (name >= MACH_MSG_TYPE_MOVE_RECEIVE &&
		    name <= MACH_MSG_TYPE_MAKE_SEND_ONCE)
			continue;
		mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
		mt_put(&message, desc);
		mt_put(&message, 0x0123456789abcdefULL);
		ASSERT_EQ(MACH_MSG_SUCCESS, mt_send(task, &message))
			TH_LOG("type %u", name);
		mt_must(mt_receive(task, port, &message, 0));
		EXPECT_EQ(desc, message.words[4]);
		EXPECT_EQ(0x0123456789abcdefULL, message.words[5]);
	}
}

TEST_F(mach, S2_4_order_and_seqno)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), seqno = 0;
	struct mt_message message;

	for (__u32 round = 0; round < 4; round++) {
		for (__u32 i = 0; i < 5; i++)
			mt_must(mt_send_id(task, port,
					   MACH_MSG_TYPE_COPY_SEND,
					   round * 5 + i));
		for (__u32 i = 0; i < 5; i++) {
			mt_must(mt_receive(task, port, &message, 0));
			EXPECT_EQ(round * 5 + i, message.head.id);
			EXPECT_EQ(seqno++, message.head.seqno);
		}
	}
}

TEST_F(mach, request_and_reply_in_one_call)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;
	struct mach_ioc_msg call = {
		.option = MACH_SEND_MSG | MACH_RCV_MSG,
		.msg = (unsigned long)&message,
		.send_size = 40,
		.rcv_size = MT_ROOM,
		.rcv_name = port,
	};

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	message.words[4] = 0x5555aaaa;
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_msg(task, &call));
	EXPECT_EQ(40U, message.head.size);
	EXPECT_EQ(0x5555aaaaULL, message.words[4]);
	EXPECT_EQ(port, message.head.local_port);
}

static void serve_one(struct mt_side *side, void *arg)
{
	struct mt_message message;

	(void)arg;
	mt_must(mt_receive(&side->task, side->port, &message, MT_FOREVER));
	mt_begin(&message, message.head.remote_port,
		 MACH_MSG_TYPE_MOVE_SEND_ONCE);
	message.head.id = 200;
	mt_must(mt_send(&side->task, &message));
}

TEST_F(mach, remote_procedure_call)
{
	const struct mt_task *task = &self->task;
	__u32 reply = mt_receive_right(task);
	struct mt_message message;
	struct mt_peer peer;
	struct mach_ioc_msg call = {
		.option = MACH_SEND_MSG | MACH_RCV_MSG,
		.msg = (unsigned long)&message,
		.send_size = 32,
		.rcv_size = MT_ROOM,
		.rcv_name = reply,
	};

	mt_spawn(&peer, task, serve_one, NULL);
	mt_begin(&message, peer.right, MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_msg(task, &call));
	EXPECT_EQ(200U, message.head.id);
	EXPECT_EQ(MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND_ONCE),
		  message.head.bits);
	EXPECT_EQ(reply, message.head.local_port);
	EXPECT_EQ(0, mt_join(&peer));
}

/* A name that is the reply port's in the receiver's table stays one name. */
TEST_F(mach, K18_reply_right_joins_a_known_name)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), reply = mt_port(task);
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, reply, MACH_MSG_TYPE_COPY_SEND);
	mt_must(mt_send(task, &message));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(reply, message.head.remote_port);
	EXPECT_EQ(2U, mt_refs(task, reply, MACH_PORT_RIGHT_SEND));
}

struct receiver {
	const struct mt_task *task;
	__u32 port;
	__u32 got;
};

static void *receive_ids(void *arg)
{
	struct receiver *receiver = arg;
	struct mt_message message;

	for (;;) {
		mt_must(mt_receive(receiver->task, receiver->port, &message,
				   MT_FOREVER));
		if (message.head.id == 0)
			return NULL;
		receiver->got++;
	}
}

TEST_F(mach, many_receivers_one_message_each)
{
	struct receiver receivers[4];
	pthread_t threads[4];
	__u32 port = mt_port(&self->task), sum = 0;

	for (int i = 0; i < 4; i++) {
		receivers[i].task = &self->task;
		receivers[i].port = port;
		receivers[i].got = 0;
		mt_must(pthread_create(&threads[i], NULL, receive_ids,
				       &receivers[i]));
	}
	for (__u32 i = 0; i < 500; i++) {
		struct mt_message message;

		mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
		message.head.id = i < 496 ? 1 : 0;
		mt_must(mt_send(&self->task, &message));
	}
	for (int i = 0; i < 4; i++) {
		mt_must(pthread_join(threads[i], NULL));
		sum += receivers[i].got;
	}
	EXPECT_EQ(496U, sum);
	EXPECT_TRUE(mt_empty(&self->task, port));
}

TEST_HARNESS_MAIN
