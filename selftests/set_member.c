// SPDX-License-Identifier: GPL-2.0
/*
 * mach_port_move_member: what may join a set, what goes along, and what ends
 * the membership (spec 2, 2.1, 2.4).
 */
#include "lib/actor.h"
#include "lib/caller.h"
#include "lib/fixture.h"

static void put(const struct mt_task *task, __u32 port, __u32 id)
{
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, id));
}

static __u32 set_of(const struct mt_task *task, __u32 port)
{
	return mt_status(task, port).pset;
}

static __u32 member_count(const struct mt_task *task, __u32 set)
{
	__u32 count;

	mt_must(mt_set_members(task, set, NULL, 0, &count));
	return count;
}

/* A port of its own in a set of its own, with three messages. */
struct pair {
	__u32 set, port;
};

static void make_pair(struct pair *pair, const struct mt_task *task)
{
	pair->set = mt_set(task);
	pair->port = mt_port(task);
	mt_must(mt_move_member(task, pair->port, pair->set));
	for (__u32 i = 0; i < 3; i++)
		put(task, pair->port, i);
}

/* ---- errors ---- */

TEST_F(mach, member_errors)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), set = mt_set(task);
	const struct {
		__u32 member;
		__s32 ret;
	} rows[] = {
		{ MACH_PORT_NULL, KERN_INVALID_NAME },
		{ MACH_PORT_DEAD, KERN_INVALID_NAME },
		{ MT_UNUSED, KERN_INVALID_NAME },
		{ task->self, KERN_INVALID_RIGHT },
		{ set, KERN_INVALID_RIGHT },
		{ mt_set(task), KERN_INVALID_RIGHT },
		{ mt_dead_name(task), KERN_INVALID_RIGHT },
		{ mt_make_send_once(task, port), KERN_INVALID_RIGHT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		/* The member is looked at before the set. */
		EXPECT_EQ(rows[i].ret,
			  mt_move_member(task, rows[i].member, set))
			TH_LOG("row %zu", i);
		EXPECT_EQ(rows[i].ret,
			  mt_move_member(task, rows[i].member,
					 MACH_PORT_NULL))
			TH_LOG("row %zu", i);
		EXPECT_EQ(rows[i].ret,
			  mt_move_member(task, rows[i].member, MT_UNUSED))
			TH_LOG("row %zu", i);
	}
	EXPECT_EQ(0U, member_count(task, set));
}

TEST_F(mach, set_errors)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	const struct {
		__u32 set;
		__s32 ret;
	} rows[] = {
		{ MACH_PORT_DEAD, KERN_INVALID_NAME },
		{ MT_UNUSED, KERN_INVALID_NAME },
		{ task->self, KERN_INVALID_RIGHT },
		{ port, KERN_INVALID_RIGHT },
		{ mt_receive_right(task), KERN_INVALID_RIGHT },
		{ mt_dead_name(task), KERN_INVALID_RIGHT },
		{ mt_make_send_once(task, port), KERN_INVALID_RIGHT },
		{ MACH_PORT_NULL, KERN_NOT_IN_SET },
	};

	for (int in_set = 0; in_set < 2; in_set++) {
		__u32 set = mt_set(task);

		if (in_set)
			mt_must(mt_move_member(task, port, set));
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
			if (in_set && rows[i].set == MACH_PORT_NULL)
				continue;
			EXPECT_EQ(rows[i].ret,
				  mt_move_member(task, port, rows[i].set))
				TH_LOG("row %zu", i);
			EXPECT_EQ(in_set ? set : MACH_PORT_NULL,
				  set_of(task, port));
		}
	}
}

TEST_F(mach, not_in_set)
{
	const struct mt_task *task = &self->task;
	struct pair pair;

	make_pair(&pair, task);
	EXPECT_EQ(KERN_SUCCESS,
		  mt_move_member(task, pair.port, MACH_PORT_NULL));
	EXPECT_EQ(KERN_NOT_IN_SET,
		  mt_move_member(task, pair.port, MACH_PORT_NULL));
	EXPECT_EQ(MACH_PORT_NULL, set_of(task, pair.port));
}

/* ---- moving ---- */

TEST_F(mach, messages_move_along)
{
	const struct mt_task *task = &self->task;
	__u32 second = mt_set(task);
	struct pair pair;

	make_pair(&pair, task);
	EXPECT_EQ(3U, mt_queued(task, pair.port));
	mt_must(mt_move_member(task, pair.port, MACH_PORT_NULL));
	EXPECT_TRUE(mt_empty(task, pair.set));
	EXPECT_EQ(3U, mt_queued(task, pair.port));
	EXPECT_EQ(0U, mt_next(task, pair.port));

	mt_must(mt_move_member(task, pair.port, pair.set));
	EXPECT_EQ(1U, mt_next(task, pair.set));

	mt_must(mt_move_member(task, pair.port, second));
	EXPECT_EQ(second, set_of(task, pair.port));
	EXPECT_EQ(0U, member_count(task, pair.set));
	EXPECT_EQ(1U, member_count(task, second));
	EXPECT_TRUE(mt_empty(task, pair.set));
	EXPECT_EQ(2U, mt_next(task, second));
	EXPECT_EQ(0U, mt_queued(task, pair.port));
}

/* The number of the next message is not touched by any of this. */
TEST_F(mach, seqno_goes_on)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct pair pair;

	make_pair(&pair, task);
	mt_must(mt_receive(task, pair.set, &message, 0));
	EXPECT_EQ(0U, message.head.seqno);
	mt_must(mt_move_member(task, pair.port, mt_set(task)));
	mt_must(mt_move_member(task, pair.port, MACH_PORT_NULL));
	mt_must(mt_receive(task, pair.port, &message, 0));
	EXPECT_EQ(1U, message.head.seqno);
	mt_must(mt_move_member(task, pair.port, pair.set));
	mt_must(mt_receive(task, pair.set, &message, 0));
	EXPECT_EQ(2U, message.head.seqno);
}

/* Nothing happens at all: not even the order changes. */
TEST_F(mach, same_set)
{
	const struct mt_task *task = &self->task;
	__u32 other = mt_port(task);
	struct pair pair;

	make_pair(&pair, task);
	mt_must(mt_move_member(task, other, pair.set));
	put(task, other, 10);
	EXPECT_EQ(KERN_SUCCESS, mt_move_member(task, pair.port, pair.set));
	EXPECT_EQ(2U, member_count(task, pair.set));
	for (__u32 i = 0; i < 3; i++) {
		EXPECT_EQ(i, mt_next(task, pair.set));
	}
	EXPECT_EQ(10U, mt_next(task, pair.set));
}

TEST_F(mach, same_set_again_and_again)
{
	const struct mt_task *task = &self->task;
	struct pair pair;

	make_pair(&pair, task);
	for (int i = 0; i < 1000; i++) {
		ASSERT_EQ(KERN_SUCCESS,
			  mt_move_member(task, pair.port, pair.set));
	}
	mt_must(mt_move_member(task, pair.port, MACH_PORT_NULL));
	EXPECT_EQ(KERN_NOT_IN_SET,
		  mt_move_member(task, pair.port, MACH_PORT_NULL));
	EXPECT_EQ(0U, member_count(task, pair.set));
}

TEST_F(mach, requests_and_limits_stay)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task);
	struct mach_ioc_receive_status status;
	struct pair pair;

	make_pair(&pair, task);
	mt_must(mt_set_qlimit(task, pair.port, 3));
	mt_must(mt_set_mscount(task, pair.port, 44));
	mt_arm(task, pair.port, MACH_NOTIFY_PORT_DESTROYED, notify);
	mt_arm(task, pair.port, MACH_NOTIFY_NO_SENDERS, notify);
	mt_must(mt_move_member(task, pair.port, MACH_PORT_NULL));
	mt_must(mt_move_member(task, pair.port, pair.set));
	status = mt_status(task, pair.port);
	EXPECT_EQ(3U, status.qlimit);
	EXPECT_EQ(44U, status.mscount);
	EXPECT_EQ(3U, status.msgcount);
	EXPECT_EQ(1U, status.pdrequest);
	EXPECT_EQ(1U, status.nsrequest);
	EXPECT_EQ(1U, status.srights);
}

/* ---- what ends a membership ---- */

TEST_F(mach, S2_1_moving_the_receive_right)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct mt_task other;
	struct pair pair;
	__u32 there;

	mt_open(&other);
	make_pair(&pair, task);
	mt_must(mt_receive(task, pair.set, &message, 0));
	there = mt_transfer(task, &other, pair.port,
			    MACH_MSG_TYPE_MOVE_RECEIVE);
	EXPECT_EQ(0U, member_count(task, pair.set));
	EXPECT_TRUE(mt_empty(task, pair.set));
	EXPECT_EQ(MACH_PORT_NULL, set_of(&other, there));
	mt_must(mt_receive(&other, there, &message, 0));
	EXPECT_EQ(1U, message.head.id);
	EXPECT_EQ(0U, message.head.seqno);
	/* Coming home does not bring it back into the set. */
	there = mt_transfer(&other, task, there, MACH_MSG_TYPE_MOVE_RECEIVE);
	EXPECT_EQ(pair.port, there);
	EXPECT_EQ(MACH_PORT_NULL, set_of(task, there));
	EXPECT_EQ(2U, mt_next(task, there));
}

TEST_F(mach, destroying_the_receive_right)
{
	const struct mt_task *task = &self->task;
	__u64 messages = mt_live(task, MT_LIVE(messages));
	__u32 watched = mt_receive_right(task), other = mt_port(task);
	struct mt_message message;
	struct pair pair;

	for (int way = 0; way < 2; way++) {
		make_pair(&pair, task);
		mt_begin(&message, pair.port, MACH_MSG_TYPE_COPY_SEND);
		mt_put_right(&message, watched, MACH_MSG_TYPE_MAKE_SEND_ONCE);
		mt_must(mt_send(task, &message));
		mt_must(mt_move_member(task, other, pair.set));
		put(task, other, 60);
		mt_must(way ? mt_destroy(task, pair.port) :
			      mt_mod_refs(task, pair.port,
					  MACH_PORT_RIGHT_RECEIVE, -1));
		EXPECT_EQ(1U, member_count(task, pair.set));
		EXPECT_TRUE(mt_once_wasted(task, watched));
		/* Of the queue only the other's message is left. */
		EXPECT_EQ(60U, mt_next(task, pair.set));
		EXPECT_EQ(MT_NOTHING, mt_next(task, pair.set));
		EXPECT_EQ(messages, mt_live(task, MT_LIVE(messages)));
	}
}

/* The send right under the same name is not the membership. */
TEST_F(mach, send_right_comes_and_goes)
{
	const struct mt_task *task = &self->task;
	struct pair pair;

	make_pair(&pair, task);
	mt_must(mt_deallocate(task, pair.port));
	EXPECT_EQ(pair.set, set_of(task, pair.port));
	mt_make_send(task, pair.port);
	EXPECT_EQ(pair.set, set_of(task, pair.port));
	EXPECT_EQ(0U, mt_next(task, pair.set));
}

/* ---- names ---- */

TEST_F(mach, member_renamed)
{
	const struct mt_task *task = &self->task;
	__u32 members[2], count;
	struct mt_message message;
	struct pair pair;

	make_pair(&pair, task);
	mt_must(mt_rename(task, pair.port, MT_UNUSED));
	EXPECT_EQ(pair.set, set_of(task, MT_UNUSED));
	mt_must(mt_set_members(task, pair.set, members, 2, &count));
	EXPECT_EQ(1U, count);
	EXPECT_EQ(MT_UNUSED, members[0]);
	put(task, MT_UNUSED, 3);
	/* The queued ones too say the new name. */
	for (__u32 i = 0; i < 4; i++) {
		mt_must(mt_receive(task, pair.set, &message, 0));
		EXPECT_EQ(i, message.head.id);
		EXPECT_EQ(MT_UNUSED, message.head.local_port);
	}
}

TEST_F(mach, set_renamed)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct pair pair;

	make_pair(&pair, task);
	mt_must(mt_rename(task, pair.set, MT_UNUSED));
	EXPECT_EQ(MT_UNUSED, set_of(task, pair.port));
	EXPECT_EQ(1U, member_count(task, MT_UNUSED));
	EXPECT_EQ(0U, mt_next(task, MT_UNUSED));
	EXPECT_EQ(MACH_RCV_INVALID_NAME,
		  mt_receive(task, pair.set, &message, 0));
	EXPECT_EQ(MACH_RCV_IN_SET,
		  mt_receive(task, pair.port, &message, 0));
	EXPECT_EQ(KERN_INVALID_NAME,
		  mt_move_member(task, mt_receive_right(task), pair.set));
	EXPECT_EQ(KERN_SUCCESS,
		  mt_move_member(task, pair.port, MACH_PORT_NULL));
	EXPECT_EQ(1U, mt_next(task, pair.port));
}

/* A new set under the old name is a new set. */
TEST_F(mach, N22_name_of_a_set_used_again)
{
	const struct mt_task *task = &self->task;
	struct pair pair;

	make_pair(&pair, task);
	mt_must(mt_destroy(task, pair.set));
	mt_must(mt_allocate_name(task, MACH_PORT_RIGHT_PORT_SET, pair.set));
	EXPECT_EQ(0U, member_count(task, pair.set));
	EXPECT_EQ(MACH_PORT_NULL, set_of(task, pair.port));
	EXPECT_TRUE(mt_empty(task, pair.set));
	EXPECT_EQ(KERN_NOT_IN_SET,
		  mt_move_member(task, pair.port, MACH_PORT_NULL));
	EXPECT_EQ(0U, mt_next(task, pair.port));
}

/* ---- another task's members ---- */

TEST_F(mach, in_another_task)
{
	const struct mt_task *task = &self->task;
	struct mt_task other, remote;
	struct pair pair;

	mt_open(&other);
	make_pair(&pair, &other);
	remote.fd = task->fd;
	remote.self = mt_task_right(task, &other);
	EXPECT_EQ(KERN_SUCCESS,
		  mt_move_member(&remote, pair.port, MACH_PORT_NULL));
	EXPECT_EQ(MACH_PORT_NULL, set_of(&other, pair.port));
	EXPECT_EQ(KERN_SUCCESS,
		  mt_move_member(&remote, pair.port, pair.set));
	EXPECT_EQ(0U, mt_next(&other, pair.set));
}

/* ---- against each other ---- */

struct mover {
	const struct mt_task *task;
	__u32 port, sets[2];
	bool stop;
};

static void *move_about(void *arg)
{
	struct mover *mover = arg;

	for (int i = 0; !__atomic_load_n(&mover->stop, __ATOMIC_ACQUIRE); i++)
		mt_must(mt_move_member(mover->task, mover->port,
				       mover->sets[i % 2]));
	return NULL;
}

/* Wherever the member is, each message is in just one queue. */
TEST_F(mach, N20_no_message_is_lost_by_moving)
{
	const struct mt_task *task = &self->task;
	struct mover mover = { .task = task };
	__u32 got = 0, wanted = 0, id;
	pthread_t thread;

	mover.port = mt_port(task);
	mover.sets[0] = mt_set(task);
	mover.sets[1] = mt_set(task);
	mt_must(pthread_create(&thread, NULL, move_about, &mover));
	while (got < 2000) {
		if (mt_send_id(task, mover.port, MACH_MSG_TYPE_COPY_SEND,
			       wanted) == MACH_MSG_SUCCESS)
			wanted++;
		id = mt_next(task, mover.sets[got % 2]);
		if (id == MT_NOTHING)
			id = mt_next(task, mover.sets[1 - got % 2]);
		if (id == MT_NOTHING)
			continue;
		ASSERT_EQ(got, id);
		got++;
	}
	__atomic_store_n(&mover.stop, true, __ATOMIC_RELEASE);
	mt_must(pthread_join(thread, NULL));
}

TEST_HARNESS_MAIN
