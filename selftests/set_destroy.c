// SPDX-License-Identifier: GPL-2.0
/*
 * A port set dies: its members go on without it, with their messages; whoever
 * waits on the set is told; and a task's death takes sets and members (spec
 * 2.2).
 */
#include "lib/actor.h"
#include "lib/caller.h"
#include "lib/fixture.h"
#include "lib/partner.h"

#define MEMBERS	3

struct group {
	__u32 set;
	__u32 member[MEMBERS];
};

/* Members with messages 0 to 8, turn by turn. */
static void make_group(struct group *group, const struct mt_task *task)
{
	group->set = mt_set(task);
	for (int i = 0; i < MEMBERS; i++) {
		group->member[i] = mt_port(task);
		mt_must(mt_move_member(task, group->member[i], group->set));
	}
	for (__u32 i = 0; i < 9; i++)
		mt_must(mt_send_id(task, group->member[i % MEMBERS],
				   MACH_MSG_TYPE_COPY_SEND, i));
}

static __s32 destroy_set(const struct mt_task *task, __u32 set, int way)
{
	return way ? mt_destroy(task, set) :
		     mt_mod_refs(task, set, MACH_PORT_RIGHT_PORT_SET, -1);
}

TEST_F(mach, S2_2_members_are_freed)
{
	const struct mt_task *task = &self->task;
	__u64 sets = mt_live(task, MT_LIVE(sets));
	struct group group;

	for (int way = 0; way < 2; way++) {
		make_group(&group, task);
		EXPECT_EQ(sets + 1, mt_live(task, MT_LIVE(sets)));
		EXPECT_EQ(0U, mt_next(task, group.set));
		EXPECT_EQ(KERN_SUCCESS, destroy_set(task, group.set, way));
		EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, group.set));
		EXPECT_EQ(2U, mt_queued(task, group.member[0]));
		for (__u32 i = 1; i < 9; i++) {
			EXPECT_EQ(i, mt_next(task, group.member[i % 3]));
		}
		for (int i = 0; i < MEMBERS; i++) {
			EXPECT_EQ(MACH_PORT_NULL,
				  mt_status(task, group.member[i]).pset);
			EXPECT_EQ(3U, mt_status(task, group.member[i]).seqno);
		}
		EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(sets), sets));
	}
}

TEST_F(mach, members_go_on)
{
	const struct mt_task *task = &self->task;
	struct mt_caller sender, receiver;
	struct group group;

	make_group(&group, task);
	mt_must(mt_set_qlimit(task, group.member[0], 3));
	mt_start_sender(&sender, task, group.member[0], 100);
	mt_must(mt_destroy(task, group.set));
	/* The blocked sender stays blocked, and then goes on. */
	EXPECT_TRUE(mt_still_blocked(&sender));
	EXPECT_EQ(0U, mt_next(task, group.member[0]));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&sender));
	EXPECT_EQ(3U, mt_next(task, group.member[0]));
	EXPECT_EQ(6U, mt_next(task, group.member[0]));
	EXPECT_EQ(100U, mt_next(task, group.member[0]));
	/* And one can wait on a former member. */
	mt_start_receiver(&receiver, task, group.member[0]);
	mt_must(mt_send_id(task, group.member[0], MACH_MSG_TYPE_COPY_SEND,
			   101));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&receiver));
	EXPECT_EQ(101U, receiver.message.head.id);
}

TEST_F(mach, members_can_join_another_set)
{
	const struct mt_task *task = &self->task;
	__u32 second = mt_set(task);
	struct group group;

	make_group(&group, task);
	mt_must(mt_destroy(task, group.set));
	EXPECT_EQ(KERN_NOT_IN_SET,
		  mt_move_member(task, group.member[1], MACH_PORT_NULL));
	EXPECT_EQ(KERN_SUCCESS,
		  mt_move_member(task, group.member[1], second));
	EXPECT_EQ(1U, mt_next(task, second));
	EXPECT_EQ(4U, mt_next(task, second));
	EXPECT_EQ(7U, mt_next(task, second));
}

TEST_F(mach, members_die_after_their_set)
{
	const struct mt_task *task = &self->task;
	__u64 messages = mt_live(task, MT_LIVE(messages));
	__u64 ports = mt_live(task, MT_LIVE(ports));
	struct group group;

	make_group(&group, task);
	mt_must(mt_destroy(task, group.set));
	for (int i = 0; i < MEMBERS; i++)
		mt_must(mt_destroy(task, group.member[i]));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(messages), messages));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(ports), ports));
}

TEST_F(mach, members_move_after_their_sets_death)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct mt_task other;
	struct group group;
	__u32 there;

	mt_open(&other);
	make_group(&group, task);
	mt_must(mt_destroy(task, group.set));
	there = mt_transfer(task, &other, group.member[2],
			    MACH_MSG_TYPE_MOVE_RECEIVE);
	for (__u32 i = 0; i < 3; i++) {
		mt_must(mt_receive(&other, there, &message, 0));
		EXPECT_EQ(2 + 3 * i, message.head.id);
		EXPECT_EQ(i, message.head.seqno);
	}
}

/* ---- death of a task ---- */

/* Sets with members that hold rights, memory and each other. */
static void fill_task(const struct mt_task *task, __u32 notify)
{
	char *memory = mt_map_filled(4, 1);
	struct mt_message message;
	struct group group;

	for (int round = 0; round < 20; round++) {
		__u32 inner = mt_port(task);

		make_group(&group, task);
		mt_begin(&message, group.member[0], MACH_MSG_TYPE_COPY_SEND);
		mt_reply_to(&message, notify, MACH_MSG_TYPE_COPY_SEND);
		mt_put_right(&message, inner, MACH_MSG_TYPE_MOVE_RECEIVE);
		mt_put_right(&message, group.member[1],
			     MACH_MSG_TYPE_MAKE_SEND_ONCE);
		mt_put_memory(&message, memory, 4 * MT_PAGE, 0);
		mt_must(mt_send(task, &message));
		mt_arm(task, group.member[2], MACH_NOTIFY_NO_SENDERS,
		       group.member[0]);
		if (round % 3 == 0)
			mt_must(mt_destroy(task, group.set));
	}
	mt_unmap(memory, 4 * MT_PAGE);
}

TEST_F(mach, N35_task_dies_with_sets)
{
	const struct mt_task *task = &self->task;
	__u64 messages = mt_live(task, MT_LIVE(messages));
	__u64 objects = mt_live(task, MT_LIVE(objects));
	__u64 ports = mt_live(task, MT_LIVE(ports));
	__u64 sets = mt_live(task, MT_LIVE(sets));
	__u32 port = mt_port(task), notify = mt_receive_right(task);
	struct mt_task other;

	mt_arm(task, port, MACH_NOTIFY_NO_SENDERS, notify);
	for (int round = 0; round < 3; round++) {
		mt_open(&other);
		fill_task(&other, mt_connect(&other, task, port));
		if (round == 2)
			mt_must(mt_deallocate(task, port));
		mt_close(&other);
		EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(sets), sets));
		EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(objects), objects));
		EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(ports), ports + 2));
	}
	/* All send rights in all those messages are gone, once. */
	EXPECT_EQ(MACH_NOTIFY_NO_SENDERS,
		  mt_notification(task, notify).id);
	EXPECT_TRUE(mt_silent(task, notify));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(messages), messages));
}

struct waiters {
	__u32 set;
	struct mt_caller on_set[2], on_port;
};

static void wait_in_sets(struct mt_side *side, void *arg)
{
	static struct waiters waiters;
	struct group group;

	(void)arg;
	make_group(&group, &side->task);
	waiters.set = mt_set(&side->task);
	mt_must(mt_move_member(&side->task, side->port, waiters.set));
	for (int i = 0; i < 2; i++)
		mt_start_receiver(&waiters.on_set[i], &side->task,
				  waiters.set);
	mt_start_receiver(&waiters.on_port, &side->task,
			  mt_receive_right(&side->task));
	mt_tell(side->to, 0);
	mt_await(side->from);
}

TEST_F(mach, N35_killed_while_waiting_on_sets)
{
	const struct mt_task *task = &self->task;
	__u64 tasks = mt_live(task, MT_LIVE(tasks));
	__u64 sets = mt_live(task, MT_LIVE(sets));
	__u32 notify = mt_receive_right(task);

	for (int way = 0; way < 2; way++) {
		struct mt_peer peer;

		mt_spawn(&peer, task, wait_in_sets, NULL);
		mt_arm(task, peer.right, MACH_NOTIFY_DEAD_NAME, notify);
		mt_await(peer.from);
		EXPECT_EQ(sets + 2, mt_live(task, MT_LIVE(sets)));
		if (way) {
			mt_kill(&peer);
		} else {
			mt_tell(peer.to, 0);
			EXPECT_EQ(0, mt_join(&peer));
		}
		EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_DEAD_NAME,
					peer.right));
		EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(sets), sets));
		EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(tasks), tasks));
	}
}

/* ---- against each other ---- */

static void end_set(const struct mt_task *task, void *arg)
{
	const __u32 *set = arg;

	mt_must(mt_destroy(task, *set));
}

/* N20: a set dies while its member gets a message and is waited for. */
TEST_F(mach, N20_set_dies_under_send_and_receive)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), set;
	struct mt_partner partner;
	struct mt_message message;
	__s32 ret;

	mt_start_partner(&partner, task, end_set, &set, 200);
	for (__u32 round = 0; round < 200; round++) {
		set = mt_set(task);
		mt_must(mt_move_member(task, port, set));
		mt_meet(&partner);
		mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND,
				   round));
		ret = mt_receive(task, set, &message, MT_LONG);
		mt_meet(&partner);
		if (ret == MACH_MSG_SUCCESS) {
			ASSERT_EQ(round, message.head.id);
		} else {
			ASSERT_TRUE(ret == MACH_RCV_PORT_DIED ||
				    ret == MACH_RCV_INVALID_NAME)
				TH_LOG("result %#x", ret);
			ASSERT_EQ(round, mt_next(task, port));
		}
		ASSERT_EQ(MT_NOTHING, mt_next(task, port));
	}
	mt_end_partner(&partner);
}

TEST_HARNESS_MAIN
