// SPDX-License-Identifier: GPL-2.0
/*
 * mach_port_names lists every name of a task with its type, as they were at
 * one moment (spec 2).
 */
#include <pthread.h>
#include <sys/mman.h>

#include "lib/fixture.h"
#include "lib/mach_calls.h"

#define ROOM	64

struct listing {
	__u32 names[ROOM], types[ROOM], count;
};

static __s32 list(const struct mt_task *task, struct listing *listing)
{
	return mt_names(task, listing->names, listing->types, ROOM,
			&listing->count);
}

/* The type that the listing gives, 0 if the name is not in it. */
static __u32 listed(const struct listing *listing, __u32 name)
{
	for (__u32 i = 0; i < listing->count; i++)
		if (listing->names[i] == name)
			return listing->types[i];
	return MACH_PORT_TYPE_NONE;
}

TEST_F(mach, new_task)
{
	struct listing listing;

	ASSERT_EQ(KERN_SUCCESS, list(&self->task, &listing));
	EXPECT_EQ(1U, listing.count);
	EXPECT_EQ(self->task.self, listing.names[0]);
	EXPECT_EQ(MACH_PORT_TYPE_SEND, listing.types[0]);
}

TEST_F(mach, empty_task)
{
	struct mt_task other, remote = self->task;
	struct listing listing;

	mt_open(&other);
	remote.self = mt_task_right(&self->task, &other);
	mt_must(mt_destroy(&other, other.self));
	ASSERT_EQ(KERN_SUCCESS, list(&remote, &listing));
	EXPECT_EQ(0U, listing.count);
}

TEST_F(mach, each_kind)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), receive = mt_receive_right(task);
	__u32 once = mt_make_send_once(task, port), set = mt_set(task);
	__u32 dead = mt_dead_name(task);
	struct listing listing;

	ASSERT_EQ(KERN_SUCCESS, list(task, &listing));
	EXPECT_EQ(6U, listing.count);
	EXPECT_EQ(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE,
		  listed(&listing, port));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, listed(&listing, receive));
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE, listed(&listing, once));
	EXPECT_EQ(MACH_PORT_TYPE_PORT_SET, listed(&listing, set));
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, listed(&listing, dead));
	EXPECT_EQ(MACH_PORT_TYPE_SEND, listed(&listing, task->self));
}

TEST_F(mach, references_make_no_second_name)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct listing listing;

	mt_must(mt_mod_refs(task, port, MACH_PORT_RIGHT_SEND, 1000));
	ASSERT_EQ(KERN_SUCCESS, list(task, &listing));
	EXPECT_EQ(2U, listing.count);
}

TEST_F(mach, right_whose_port_died)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	__u32 once = mt_make_send_once(task, port);
	struct listing listing;

	mt_must(mt_destroy(task, port));
	ASSERT_EQ(KERN_SUCCESS, list(task, &listing));
	EXPECT_EQ(2U, listing.count);
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, listed(&listing, once));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, listed(&listing, port));
}

TEST_F(mach, requests)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), notify = mt_receive_right(task);
	struct listing listing;

	mt_arm(task, port, MACH_NOTIFY_DEAD_NAME, notify);
	ASSERT_EQ(KERN_SUCCESS, list(task, &listing));
	EXPECT_EQ(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE |
			  MACH_PORT_TYPE_DNREQUEST,
		  listed(&listing, port));
}

TEST_F(mach, rights_in_transit_have_no_name)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), moved = mt_receive_right(task);
	struct mt_message message;
	struct listing listing;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, moved, MACH_MSG_TYPE_MOVE_RECEIVE);
	mt_must(mt_send(task, &message));
	ASSERT_EQ(KERN_SUCCESS, list(task, &listing));
	EXPECT_EQ(2U, listing.count);
	EXPECT_EQ(MACH_PORT_TYPE_NONE, listed(&listing, moved));
}

TEST_F(mach, capacity)
{
	const struct mt_task *task = &self->task;
	__u32 names[8], types[8], count;

	for (int i = 0; i < 4; i++)
		mt_dead_name(task);
	for (__u32 capacity = 0; capacity <= 8; capacity++) {
		memset(names, MT_POISON, sizeof(names));
		memset(types, MT_POISON, sizeof(types));
		ASSERT_EQ(KERN_SUCCESS,
			  mt_names(task, names, types, capacity, &count));
		ASSERT_EQ(5U, count);
		/* All of them or none, and never more than there is room. */
		for (__u32 i = 0; i < 8; i++) {
			bool written = capacity >= 5 && i < 5;

			ASSERT_EQ(written, names[i] != 0xa5a5a5a5U)
				TH_LOG("capacity %u: %u", capacity, i);
			ASSERT_EQ(written, types[i] != 0xa5a5a5a5U);
		}
	}
	ASSERT_EQ(KERN_SUCCESS, mt_names(task, NULL, NULL, 0, &count));
	EXPECT_EQ(5U, count);
}

TEST_F(mach, N11_nothing_behind_the_names)
{
	const struct mt_task *task = &self->task;
	__u32 *pages = mt_map(2), count;
	__u32 *end = pages + MT_PAGE / 4;

	mt_unmap(end, MT_PAGE);
	mt_dead_name(task);
	/* The arrays end where the memory ends. */
	EXPECT_EQ(KERN_SUCCESS, mt_names(task, end - 2, end - 4, 2, &count));
	EXPECT_EQ(2U, count);
	EXPECT_EQ(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_DEAD_NAME,
		  end[-4] + end[-3]);
}

#define MANY	3000

TEST_F(mach, many)
{
	const struct mt_task *task = &self->task;
	static __u32 names[MANY + 1], types[MANY + 1];
	__u32 count, sum = 0, listed_sum = 0;

	for (int i = 0; i < MANY; i++)
		sum += mt_dead_name(task);
	ASSERT_EQ(KERN_SUCCESS,
		  mt_names(task, names, types, MANY + 1, &count));
	ASSERT_EQ(MANY + 1U, count);
	for (__u32 i = 0; i < count; i++) {
		if (names[i] == task->self)
			continue;
		ASSERT_EQ(MACH_PORT_TYPE_DEAD_NAME, types[i]);
		listed_sum += names[i];
	}
	EXPECT_EQ(sum, listed_sum);
}

struct other_thread {
	const struct mt_task *task;
	bool stop;
};

/* At every moment one of the two names exists, and sometimes both. */
static void *alternate(void *arg)
{
	struct other_thread *other = arg;

	while (!__atomic_load_n(&other->stop, __ATOMIC_RELAXED)) {
		mt_must(mt_allocate_name(other->task, MACH_PORT_RIGHT_RECEIVE,
					 0x70000001));
		mt_must(mt_destroy(other->task, 0x70000002));
		mt_must(mt_allocate_name(other->task,
					 MACH_PORT_RIGHT_DEAD_NAME,
					 0x70000002));
		mt_must(mt_destroy(other->task, 0x70000001));
	}
	return NULL;
}

TEST_F(mach, snapshot)
{
	struct other_thread other = { .task = &self->task };
	struct listing listing;
	pthread_t thread;

	mt_must(mt_allocate_name(&self->task, MACH_PORT_RIGHT_DEAD_NAME,
				 0x70000002));
	mt_must(pthread_create(&thread, NULL, alternate, &other));
	for (int i = 0; i < 3000; i++) {
		__u32 first, second;

		ASSERT_EQ(KERN_SUCCESS, list(&self->task, &listing));
		first = listed(&listing, 0x70000001);
		second = listed(&listing, 0x70000002);
		ASSERT_TRUE(first || second);
		ASSERT_EQ(1U + !!first + !!second, listing.count);
		ASSERT_TRUE(!first || first == MACH_PORT_TYPE_RECEIVE);
		ASSERT_TRUE(!second || second == MACH_PORT_TYPE_DEAD_NAME);
	}
	__atomic_store_n(&other.stop, true, __ATOMIC_RELAXED);
	mt_must(pthread_join(thread, NULL));
}

TEST_HARNESS_MAIN
