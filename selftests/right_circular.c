// SPDX-License-Identifier: GPL-2.0
/*
 * A message that would carry its own destination, directly or over other
 * ports' queues, is destroyed without an error and without a leak (K12;
 * negative test N30).
 */
#include <pthread.h>

#include "lib/fixture.h"

/* Send the receive right @carried to @dest. */
static __s32 carry(const struct mt_task *task, __u32 dest, __u32 carried)
{
	struct mt_message message;

	mt_begin(&message, dest, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, carried, MACH_MSG_TYPE_MOVE_RECEIVE);
	return mt_send(task, &message);
}

TEST_F(mach, K12_port_in_its_own_message)
{
	const struct mt_task *task = &self->task;
	__u64 ports = mt_live(task, MT_LIVE(ports));
	__u64 messages = mt_live(task, MT_LIVE(messages));
	__u32 port = mt_port(task), watched = mt_receive_right(task);
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, watched, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_right(&message, port, MACH_MSG_TYPE_MOVE_RECEIVE);
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_send(task, &message));
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, mt_types(task, port));
	EXPECT_TRUE(mt_notified(task, watched, MACH_NOTIFY_SEND_ONCE, 0));
	mt_must(mt_deallocate(task, port));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(ports), ports + 1));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(messages), messages));
}

TEST_F(mach, K12_port_in_its_own_message_with_memory)
{
	const struct mt_task *task = &self->task;
	__u64 pages = mt_live(task, MT_LIVE(pages));
	__u32 port = mt_receive_right(task);
	char *memory = mt_map_filled(8, 1);
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_MAKE_SEND);
	mt_put_memory(&message, memory, 8 * MT_PAGE,
		      MACH_MSG_DESC_DEALLOCATE);
	mt_put_right(&message, port, MACH_MSG_TYPE_MOVE_RECEIVE);
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_send(task, &message));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, port));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(pages), pages));
	EXPECT_FALSE(mt_mapped(memory));
}

/* Rings of n ports: each travels in the next one's queue. */
static void make_ring(const struct mt_task *task, __u32 *ring, int count)
{
	for (int i = 0; i < count; i++)
		ring[i] = mt_port(task);
	for (int i = 0; i + 1 < count; i++)
		mt_must(carry(task, ring[i + 1], ring[i]));
}

TEST_F(mach, K12_rings)
{
	static const int sizes[] = { 2, 3, 10, 1000 };
	const struct mt_task *task = &self->task;
	__u64 ports = mt_live(task, MT_LIVE(ports));
	__u64 messages = mt_live(task, MT_LIVE(messages));
	static __u32 ring[1000];

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		int count = sizes[i];

		make_ring(task, ring, count);
		EXPECT_EQ(MACH_MSG_SUCCESS,
			  carry(task, ring[0], ring[count - 1]));
		for (int j = 0; j < count; j++) {
			ASSERT_EQ(MACH_PORT_TYPE_DEAD_NAME,
				  mt_types(task, ring[j]));
			mt_must(mt_deallocate(task, ring[j]));
		}
		EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(ports), ports));
		EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(messages),
					    messages));
	}
}

/* Not a ring: the same ports, but the last one is still held. */
TEST_F(mach, K12_chain_is_no_ring)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	__u32 ring[3];

	make_ring(task, ring, 3);
	for (int i = 2; i > 0; i--) {
		mt_must(mt_receive(task, ring[i], &message, 0));
		EXPECT_EQ(ring[i - 1], mt_right(&message, 0));
	}
	/* Received again, they may travel the other way round. */
	mt_must(carry(task, ring[0], ring[1]));
	mt_must(carry(task, ring[0], ring[2]));
	mt_must(mt_receive(task, ring[0], &message, 0));
	mt_must(mt_receive(task, ring[0], &message, 0));
	EXPECT_EQ(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE,
		  mt_types(task, ring[2]));
}

TEST_F(mach, K12_ring_left_at_exit)
{
	__u32 ring[100];

	/* The fixture checks that the death of the task frees the chain. */
	make_ring(&self->task, ring, 100);
}

struct racer {
	const struct mt_task *task;
	pthread_barrier_t *barrier;
	const __u32 *ports;
	__s32 ret;
};

static void *close_ring(void *arg)
{
	struct racer *racer = arg;

	pthread_barrier_wait(racer->barrier);
	racer->ret = carry(racer->task, racer->ports[0], racer->ports[1]);
	return NULL;
}

/* Two threads put each port into the other's queue at the same time. */
TEST_F(mach, K12_racing_rings)
{
	const struct mt_task *task = &self->task;
	__u64 ports = mt_live(task, MT_LIVE(ports));
	pthread_barrier_t barrier;

	mt_must(pthread_barrier_init(&barrier, NULL, 2));
	for (int round = 0; round < 200; round++) {
		__u32 there[2] = { mt_port(task), mt_port(task) };
		__u32 back[2] = { there[1], there[0] };
		struct racer first = { task, &barrier, there, 0 };
		struct racer second = { task, &barrier, back, 0 };
		pthread_t thread;

		mt_must(pthread_create(&thread, NULL, close_ring, &second));
		close_ring(&first);
		mt_must(pthread_join(thread, NULL));
		ASSERT_EQ(MACH_MSG_SUCCESS, first.ret);
		ASSERT_EQ(MACH_MSG_SUCCESS, second.ret);
		for (int i = 0; i < 2; i++) {
			ASSERT_EQ(MACH_PORT_TYPE_DEAD_NAME,
				  mt_types(task, there[i]));
			mt_must(mt_deallocate(task, there[i]));
		}
	}
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(ports), ports));
}

TEST_HARNESS_MAIN
