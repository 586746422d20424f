// SPDX-License-Identifier: GPL-2.0
/*
 * What is told of a port set: its members by mach_port_get_set_status, the
 * set of a member by mach_port_get_receive_status, and the set's own type and
 * references (spec 2).
 */
#include <errno.h>
#include <stdlib.h>

#include "lib/caller.h"
#include "lib/fixture.h"

#define MANY	1000

static int compare(const void *a, const void *b)
{
	__u32 first = *(const __u32 *)a, second = *(const __u32 *)b;

	return first < second ? -1 : first > second;
}

/* Are these, in any order, the members? */
static bool members_are(const struct mt_task *task, __u32 set, __u32 *wanted,
			__u32 count)
{
	static __u32 members[MANY];
	__u32 found;

	mt_must(mt_set_members(task, set, members, MANY, &found));
	if (found != count)
		return false;
	qsort(members, count, sizeof(*members), compare);
	qsort(wanted, count, sizeof(*wanted), compare);
	return !memcmp(members, wanted, count * sizeof(*members));
}

TEST_F(mach, empty_set)
{
	const struct mt_task *task = &self->task;
	__u32 set = mt_set(task), members[2] = { 7, 7 }, count = 99;

	EXPECT_EQ(KERN_SUCCESS,
		  mt_set_members(task, set, members, 2, &count));
	EXPECT_EQ(0U, count);
	EXPECT_EQ(7U, members[0]);
}

TEST_F(mach, members)
{
	const struct mt_task *task = &self->task;
	static __u32 wanted[MANY];
	__u32 set = mt_set(task);

	for (__u32 i = 0; i < MANY; i++) {
		wanted[i] = mt_receive_right(task);
		mt_must(mt_move_member(task, wanted[i], set));
	}
	EXPECT_TRUE(members_are(task, set, wanted, MANY));
	/* members_are() has sorted: any half of them. */
	for (__u32 i = MANY / 2; i < MANY; i++)
		mt_must(mt_move_member(task, wanted[i], MACH_PORT_NULL));
	EXPECT_TRUE(members_are(task, set, wanted, MANY / 2));
}

/* No half answers: too small an array is not written at all. */
TEST_F(mach, capacity)
{
	const struct mt_task *task = &self->task;
	__u32 set = mt_set(task), members[8], count;

	for (int i = 0; i < 4; i++)
		mt_must(mt_move_member(task, mt_receive_right(task), set));
	for (__u32 capacity = 0; capacity < 8; capacity++) {
		memset(members, MT_POISON, sizeof(members));
		EXPECT_EQ(KERN_SUCCESS,
			  mt_set_members(task, set, members, capacity,
					 &count));
		EXPECT_EQ(4U, count);
		for (__u32 i = 0; i < 8; i++) {
			EXPECT_EQ(capacity >= 4 && i < 4,
				  members[i] != 0xa5a5a5a5);
		}
	}
	/* Nothing is written, so nothing need be writable. */
	EXPECT_EQ(KERN_SUCCESS, mt_set_members(task, set, NULL, 0, &count));
	EXPECT_EQ(KERN_SUCCESS,
		  mt_set_members(task, set, (__u32 *)8, 3, &count));
}

TEST_F(mach, bad_address)
{
	const struct mt_task *task = &self->task;
	struct mach_ioc_members call = {
		.size = sizeof(call),
		.task = task->self,
		.members = 8,
		.name = mt_set(task),
		.capacity = 1,
	};

	EXPECT_EQ(0, mt_ioctl(task, MACH_IOC_PORT_GET_SET_STATUS, &call));
	mt_must(mt_move_member(task, mt_receive_right(task), call.name));
	EXPECT_EQ(-EFAULT,
		  mt_ioctl(task, MACH_IOC_PORT_GET_SET_STATUS, &call));
}

TEST_F(mach, errors)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), members[1], count;
	const struct {
		__u32 name;
		__s32 ret;
	} rows[] = {
		{ MACH_PORT_NULL, KERN_INVALID_NAME },
		{ MACH_PORT_DEAD, KERN_INVALID_NAME },
		{ MT_UNUSED, KERN_INVALID_NAME },
		{ port, KERN_INVALID_RIGHT },
		{ task->self, KERN_INVALID_RIGHT },
		{ mt_dead_name(task), KERN_INVALID_RIGHT },
		{ mt_make_send_once(task, port), KERN_INVALID_RIGHT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(rows[i].ret,
			  mt_set_members(task, rows[i].name, members, 1,
					 &count))
			TH_LOG("row %zu", i);
	}
}

/* A set is not a receive right. */
TEST_F(mach, receive_status_of_a_set)
{
	const struct mt_task *task = &self->task;
	struct mach_ioc_receive_status status;
	__u32 set = mt_set(task);

	EXPECT_EQ(KERN_INVALID_RIGHT, mt_receive_status(task, set, &status));
	EXPECT_EQ(KERN_INVALID_RIGHT, mt_set_qlimit(task, set, 1));
	EXPECT_EQ(KERN_INVALID_RIGHT, mt_set_seqno(task, set, 1));
	EXPECT_EQ(KERN_INVALID_RIGHT, mt_set_mscount(task, set, 1));
	EXPECT_EQ(KERN_INVALID_RIGHT, mt_set_payload(task, set, 1));
}

TEST_F(mach, receive_status_of_a_member)
{
	const struct mt_task *task = &self->task;
	__u32 set = mt_set(task), port = mt_port(task);
	struct mach_ioc_receive_status status;

	mt_must(mt_move_member(task, port, set));
	for (__u32 i = 0; i < 4; i++)
		mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, i));
	mt_next(task, set);
	mt_make_send_once(task, port);
	status = mt_status(task, port);
	EXPECT_EQ(set, status.pset);
	EXPECT_EQ(1U, status.seqno);
	EXPECT_EQ(3U, status.msgcount);
	EXPECT_EQ(1U, status.mscount);
	EXPECT_EQ(1U, status.sorights);
	EXPECT_EQ(1U, status.srights);
	EXPECT_EQ(MACH_PORT_QLIMIT_DEFAULT, status.qlimit);
	/* Senders: the name and one in each of three messages. */
	EXPECT_EQ(4ULL, mt_senders(task, port));
}

TEST_F(mach, type_and_references)
{
	const struct mt_task *task = &self->task;
	__u32 set = mt_set(task), refs;

	EXPECT_EQ(MACH_PORT_TYPE_PORT_SET, mt_types(task, set));
	EXPECT_EQ(1U, mt_refs(task, set, MACH_PORT_RIGHT_PORT_SET));
	EXPECT_EQ(0U, mt_refs(task, set, MACH_PORT_RIGHT_RECEIVE));
	EXPECT_EQ(KERN_SUCCESS,
		  mt_mod_refs(task, set, MACH_PORT_RIGHT_PORT_SET, 0));
	EXPECT_EQ(KERN_INVALID_VALUE,
		  mt_mod_refs(task, set, MACH_PORT_RIGHT_PORT_SET, 1));
	EXPECT_EQ(KERN_INVALID_VALUE,
		  mt_mod_refs(task, set, MACH_PORT_RIGHT_PORT_SET, -2));
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mt_mod_refs(task, set, MACH_PORT_RIGHT_RECEIVE, -1));
	EXPECT_EQ(KERN_INVALID_RIGHT, mt_deallocate(task, set));
	EXPECT_EQ(KERN_SUCCESS,
		  mt_mod_refs(task, set, MACH_PORT_RIGHT_PORT_SET, -1));
	EXPECT_EQ(KERN_INVALID_NAME,
		  mt_get_refs(task, set, MACH_PORT_RIGHT_PORT_SET, &refs));
}

/* The names are those of the task that is asked about. */
TEST_F(mach, of_another_task)
{
	const struct mt_task *task = &self->task;
	__u32 set, wanted[2], count;
	struct mt_task other, remote;

	mt_open(&other);
	set = mt_set(&other);
	for (int i = 0; i < 2; i++) {
		wanted[i] = mt_receive_right(&other);
		mt_must(mt_move_member(&other, wanted[i], set));
	}
	remote.fd = task->fd;
	remote.self = mt_task_right(task, &other);
	EXPECT_TRUE(members_are(&remote, set, wanted, 2));
	EXPECT_EQ(set, mt_status(&remote, wanted[0]).pset);
	EXPECT_EQ(KERN_INVALID_NAME,
		  mt_set_members(task, set, wanted, 2, &count));
}

TEST_HARNESS_MAIN
