// SPDX-License-Identifier: GPL-2.0
/*
 * Receiving from a port set: messages of all members in the order in which
 * they came to the set, none of them starved; the header names the member
 * (spec 2.4, K21).
 */
#include "lib/actor.h"
#include "lib/caller.h"
#include "lib/fixture.h"

#define MEMBERS	3

struct group {
	__u32 set;
	__u32 member[MEMBERS];
};

static void make_group(struct group *group, const struct mt_task *task)
{
	group->set = mt_set(task);
	for (int i = 0; i < MEMBERS; i++) {
		group->member[i] = mt_port(task);
		mt_must(mt_move_member(task, group->member[i], group->set));
	}
}

static void put(const struct mt_task *task, __u32 port, __u32 id)
{
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, id));
}

TEST_F(mach, S2_4_order_of_arrival)
{
	static const int order[] = { 0, 1, 2, 2, 1, 0, 0, 0, 1, 2, 2, 1 };
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct group group;

	make_group(&group, task);
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		put(task, group.member[order[i]], i);
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		mt_must(mt_receive(task, group.set, &message, 0));
		EXPECT_EQ(i, message.head.id);
		EXPECT_EQ(group.member[order[i]], message.head.local_port);
	}
	EXPECT_TRUE(mt_empty(task, group.set));
}

/* Each member counts for itself, and the set does not count. */
TEST_F(mach, S2_4_seqno_is_the_members)
{
	static const int order[] = { 0, 1, 0, 2, 0, 1 };
	const struct mt_task *task = &self->task;
	__u32 seqno[MEMBERS] = { 7, 0, 0xffffffff };
	struct mt_message message;
	struct group group;

	make_group(&group, task);
	mt_must(mt_set_seqno(task, group.member[0], 7));
	mt_must(mt_set_seqno(task, group.member[2], 0xffffffff));
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		put(task, group.member[order[i]], i);
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		mt_must(mt_receive(task, group.set, &message, 0));
		EXPECT_EQ(seqno[order[i]]++, message.head.seqno);
	}
	for (int i = 0; i < MEMBERS; i++) {
		EXPECT_EQ(seqno[i], mt_status(task, group.member[i]).seqno);
	}
}

TEST_F(mach, header_and_body_are_the_messages)
{
	const struct mt_task *task = &self->task;
	__u32 reply = mt_receive_right(task), carried = mt_port(task);
	struct mt_message message;
	struct group group;

	make_group(&group, task);
	mt_begin(&message, group.member[1], MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_right(&message, carried, MACH_MSG_TYPE_MOVE_SEND);
	mt_put_data(&message, "content", 8);
	mt_must(mt_send(task, &message));
	mt_must(mt_receive(task, group.set, &message, 0));
	EXPECT_EQ(MACH_MSGH_BITS_COMPLEX |
		  MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND_ONCE,
				 MACH_MSG_TYPE_PORT_SEND), message.head.bits);
	EXPECT_EQ(group.member[1], message.head.local_port);
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE,
		  mt_types(task, message.head.remote_port));
	EXPECT_EQ(carried, mt_right(&message, 0));
	EXPECT_EQ(0, memcmp("content", mt_item(&message, 1).data, 8));
}

TEST_F(mach, protected_payload_of_a_member)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct group group;

	make_group(&group, task);
	mt_must(mt_set_payload(task, group.member[1], 0x123456789abcdef0));
	put(task, group.member[0], 1);
	put(task, group.member[1], 2);
	mt_must(mt_receive(task, group.set, &message, 0));
	EXPECT_EQ(group.member[0], message.head.local_port);
	mt_must(mt_receive(task, group.set, &message, 0));
	EXPECT_EQ(MACH_MSGH_BITS(0, MACH_MSG_TYPE_PROTECTED_PAYLOAD),
		  message.head.bits);
	EXPECT_EQ(0x123456789abcdef0ULL, message.head.local_port);
}

/* What was queued before a port joins comes behind what the set has. */
TEST_F(mach, joining_goes_to_the_end)
{
	const struct mt_task *task = &self->task;
	__u32 set = mt_set(task), first = mt_port(task);
	__u32 second = mt_port(task);

	mt_must(mt_move_member(task, second, set));
	put(task, first, 1);
	put(task, first, 2);
	put(task, second, 3);
	put(task, second, 4);
	mt_must(mt_move_member(task, first, set));
	put(task, first, 5);
	EXPECT_EQ(3U, mt_next(task, set));
	EXPECT_EQ(4U, mt_next(task, set));
	EXPECT_EQ(1U, mt_next(task, set));
	EXPECT_EQ(2U, mt_next(task, set));
	EXPECT_EQ(5U, mt_next(task, set));
	EXPECT_EQ(MT_NOTHING, mt_next(task, set));
}

TEST_F(mach, leaving_takes_what_is_queued)
{
	const struct mt_task *task = &self->task;
	struct group group;

	make_group(&group, task);
	for (__u32 i = 0; i < 9; i++)
		put(task, group.member[i % 3], i);
	mt_must(mt_move_member(task, group.member[1], MACH_PORT_NULL));
	EXPECT_EQ(0U, mt_next(task, group.set));
	EXPECT_EQ(1U, mt_next(task, group.member[1]));
	EXPECT_EQ(2U, mt_next(task, group.set));
	EXPECT_EQ(3U, mt_next(task, group.set));
	EXPECT_EQ(4U, mt_next(task, group.member[1]));
	/* Back again, but behind the others. */
	mt_must(mt_move_member(task, group.member[1], group.set));
	EXPECT_EQ(5U, mt_next(task, group.set));
	EXPECT_EQ(6U, mt_next(task, group.set));
	EXPECT_EQ(8U, mt_next(task, group.set));
	EXPECT_EQ(7U, mt_next(task, group.set));
}

/* ---- no starvation ---- */

TEST_F(mach, S2_4_full_member_does_not_starve_another)
{
	static struct mt_caller senders[3];
	const struct mt_task *task = &self->task;
	struct group group;
	__u32 port, before = 0;

	make_group(&group, task);
	mt_fill_queue(task, group.member[0]);
	for (int i = 0; i < 3; i++)
		mt_start_sender(&senders[i], task, group.member[0], 100 + i);
	put(task, group.member[1], 50);
	while (mt_next_of(task, group.set, &port) != 50)
		before++;
	EXPECT_EQ(group.member[1], port);
	EXPECT_EQ(MACH_PORT_QLIMIT_DEFAULT, before);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(100U + i, mt_next_of(task, group.set, &port));
	}
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&senders[i]));
	}
}

struct flood {
	const struct mt_task *task;
	__u32 port;
	bool stop;
};

static void *flood(void *arg)
{
	struct flood *flood = arg;
	struct mt_message message;

	while (!__atomic_load_n(&flood->stop, __ATOMIC_ACQUIRE)) {
		mt_begin(&message, flood->port, MACH_MSG_TYPE_COPY_SEND);
		mt_send(flood->task, &message);
	}
	return NULL;
}

TEST_F(mach, S2_4_flood_does_not_starve_a_member)
{
	const struct mt_task *task = &self->task;
	struct flood flooder = { .task = task };
	struct group group;
	pthread_t thread;
	__u32 port;

	make_group(&group, task);
	flooder.port = group.member[0];
	mt_must(pthread_create(&thread, NULL, flood, &flooder));
	for (__u32 round = 1; round <= 200; round++) {
		__u32 before = 0;

		put(task, group.member[1 + round % 2], round);
		while (mt_next_of(task, group.set, &port) != round)
			before++;
		ASSERT_EQ(group.member[1 + round % 2], port);
		ASSERT_GE(MACH_PORT_QLIMIT_DEFAULT, before);
	}
	__atomic_store_n(&flooder.stop, true, __ATOMIC_RELEASE);
	/* Whoever is still blocked ends with the port. */
	mt_must(mt_destroy(task, group.member[0]));
	mt_must(pthread_join(thread, NULL));
}

/* ---- limits of a queue are the member's ---- */

TEST_F(mach, S2_4_qlimit_is_the_members)
{
	const struct mt_task *task = &self->task;
	struct mt_caller sender;
	struct group group;
	__u32 port;

	make_group(&group, task);
	for (int i = 0; i < MEMBERS; i++) {
		mt_fill_queue(task, group.member[i]);
		EXPECT_EQ(5U, mt_queued(task, group.member[i]));
		EXPECT_EQ(MACH_SEND_TIMED_OUT,
			  mt_send_id(task, group.member[i],
				     MACH_MSG_TYPE_MAKE_SEND, 9));
	}
	/* Room in one member is not room in another. */
	mt_start_sender(&sender, task, group.member[2], 77);
	for (int i = 0; i < 10; i++)
		mt_next_of(task, group.set, &port);
	EXPECT_TRUE(mt_still_blocked(&sender));
	EXPECT_EQ(0U, mt_next_of(task, group.set, &port));
	EXPECT_EQ(group.member[2], port);
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&sender));
	for (__u32 i = 1; i < 5; i++) {
		EXPECT_EQ(i, mt_next(task, group.set));
	}
	EXPECT_EQ(77U, mt_next(task, group.set));
}

/* ---- sizes ---- */

TEST_F(mach, K21_too_large_for_a_set_receiver)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct group group;

	make_group(&group, task);
	put(task, group.member[2], 1);
	mt_begin(&message, group.member[1], MACH_MSG_TYPE_COPY_SEND);
	mt_put_data(&message, "too much", 8);
	message.head.id = 2;
	mt_must(mt_send(task, &message));
	EXPECT_EQ(1U, mt_next(task, group.set));
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(MACH_RCV_TOO_LARGE,
			  mt_call(task, &message, (struct mach_ioc_msg) {
				.option = MACH_RCV_MSG | MACH_RCV_LARGE,
				.rcv_name = group.set,
				.rcv_size = 40,
			  }));
		EXPECT_EQ(48U, message.head.size);
		EXPECT_EQ(0xa5a5a5a5U, message.head.bits);
		EXPECT_EQ(0xa5a5a5a5U, message.head.seqno);
	}
	EXPECT_EQ(1U, mt_queued(task, group.member[1]));

	EXPECT_EQ(MACH_RCV_TOO_LARGE,
		  mt_call(task, &message, (struct mach_ioc_msg) {
			.option = MACH_RCV_MSG,
			.rcv_name = group.set,
			.rcv_size = 40,
		  }));
	EXPECT_EQ(group.member[1], message.head.local_port);
	EXPECT_EQ(2U, message.head.id);
	EXPECT_EQ(0U, message.head.seqno);
	EXPECT_EQ(1U, mt_status(task, group.member[1]).seqno);
	EXPECT_TRUE(mt_empty(task, group.set));
}

/* ---- many, few, and other kinds ---- */

TEST_F(mach, empty_set_can_be_polled)
{
	const struct mt_task *task = &self->task;
	__u32 set = mt_set(task);
	struct mt_message message;

	EXPECT_EQ(MACH_RCV_TIMED_OUT, mt_receive(task, set, &message, 0));
	EXPECT_EQ(MACH_RCV_TIMED_OUT, mt_receive(task, set, &message, 5));
	EXPECT_EQ(MT_POISON, message.bytes[0]);
}

TEST_F(mach, thousand_members)
{
	const struct mt_task *task = &self->task;
	static __u32 member[1000];
	__u32 set = mt_set(task), port;

	for (__u32 i = 0; i < 1000; i++) {
		member[i] = mt_port(task);
		mt_must(mt_move_member(task, member[i], set));
	}
	for (__u32 i = 0; i < 1000; i++)
		put(task, member[i * 7 % 1000], i);
	for (__u32 i = 0; i < 1000; i++) {
		ASSERT_EQ(i, mt_next_of(task, set, &port));
		ASSERT_EQ(member[i * 7 % 1000], port);
	}
	EXPECT_TRUE(mt_empty(task, set));
}

TEST_F(mach, send_once_and_notifications_come_by_a_set)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct group group;
	__u32 dying;

	make_group(&group, task);
	mt_fill_queue(task, group.member[0]);
	dying = mt_port(task);
	mt_arm(task, dying, MACH_NOTIFY_DEAD_NAME, group.member[0]);
	mt_must(mt_mod_refs(task, dying, MACH_PORT_RIGHT_RECEIVE, -1));
	mt_must(mt_deallocate(task, mt_make_send_once(task,
						      group.member[0])));
	for (int i = 0; i < 5; i++)
		mt_must(mt_receive(task, group.set, &message, 0));
	mt_must(mt_receive(task, group.set, &message, 0));
	EXPECT_EQ(MACH_NOTIFY_DEAD_NAME, message.head.id);
	EXPECT_EQ(dying, message.words[5]);
	EXPECT_EQ(group.member[0], message.head.local_port);
	mt_must(mt_receive(task, group.set, &message, 0));
	EXPECT_EQ(MACH_NOTIFY_SEND_ONCE, message.head.id);
	EXPECT_EQ(MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND_ONCE),
		  message.head.bits);
}

TEST_F(mach, sending_and_receiving_in_one_call)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct group group;

	make_group(&group, task);
	mt_begin(&message, group.member[2], MACH_MSG_TYPE_COPY_SEND);
	message.head.id = 5;
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mt_call(task, &message, (struct mach_ioc_msg) {
			.option = MACH_SEND_MSG | MACH_RCV_MSG,
			.rcv_name = group.set,
		  }));
	EXPECT_EQ(5U, message.head.id);
	EXPECT_EQ(group.member[2], message.head.local_port);
}

/* A set is not a port: nobody can send to it nor carry it away. */
TEST_F(mach, N28_set_is_no_port)
{
	static const __u32 dispositions[] = {
		MACH_MSG_TYPE_MOVE_RECEIVE, MACH_MSG_TYPE_MOVE_SEND,
		MACH_MSG_TYPE_MOVE_SEND_ONCE, MACH_MSG_TYPE_COPY_SEND,
		MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE,
	};
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;
	struct group group;

	make_group(&group, task);
	for (size_t i = 0; i < ARRAY_SIZE(dispositions); i++) {
		mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
		mt_put_right(&message, group.set, dispositions[i]);
		EXPECT_EQ(MACH_SEND_INVALID_RIGHT, mt_send(task, &message));
		if (dispositions[i] == MACH_MSG_TYPE_MOVE_RECEIVE)
			continue;
		mt_begin(&message, group.set, dispositions[i]);
		EXPECT_EQ(MACH_SEND_INVALID_DEST, mt_send(task, &message));
		mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
		mt_reply_to(&message, group.set, dispositions[i]);
		EXPECT_EQ(MACH_SEND_INVALID_REPLY, mt_send(task, &message));
	}
	EXPECT_EQ(MACH_PORT_TYPE_PORT_SET, mt_types(task, group.set));
	EXPECT_TRUE(mt_empty(task, port));
}

/* Another task's set is not known under its name here. */
TEST_F(mach, N39_set_of_another_task)
{
	struct mt_message message;
	struct group group;
	struct mt_task other;

	make_group(&group, &self->task);
	mt_must(mt_rename(&self->task, group.set, MT_UNUSED));
	mt_open(&other);
	EXPECT_EQ(MACH_RCV_INVALID_NAME,
		  mt_receive(&other, MT_UNUSED, &message, 0));
	EXPECT_EQ(KERN_INVALID_NAME,
		  mt_move_member(&other, mt_receive_right(&other),
				 MT_UNUSED));
}

TEST_HARNESS_MAIN
