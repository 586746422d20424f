// SPDX-License-Identifier: GPL-2.0
/*
 * Rings of receive rights, each in the next one's queue, closed by two threads
 * that build them from both ends: whoever comes last sees that the message
 * would reach nobody, and all of it goes without a word and without a leak
 * (K12; negative test N30).  Rings built by one thread are right_circular.c's.
 */
#include "lib/caller.h"
#include "lib/fixture.h"

#define MOST	10000

static const int lengths[] = { 1, 2, 3, 10, 1000, MOST };

/* Edge i takes port i into the queue of its successor. */
struct ring {
	const struct mt_task *task;
	int length;
	int next_up, next_down;	/* edges not yet taken by either thread */
	void (*join)(struct ring *ring, int edge);
	__u32 port[MOST];
};

static int successor(const struct ring *ring, int edge)
{
	return (edge + 1) % ring->length;
}

static void join_by_message(struct ring *ring, int edge)
{
	mt_must(mt_carry(ring->task, ring->port[successor(ring, edge)],
			 ring->port[edge]));
}

static void join_by_array(struct ring *ring, int edge)
{
	struct mt_message message;

	mt_begin(&message, ring->port[successor(ring, edge)],
		 MACH_MSG_TYPE_COPY_SEND);
	mt_put_rights_array(&message, &ring->port[edge], 1,
			    MACH_MSG_TYPE_MOVE_RECEIVE, 0);
	mt_must(mt_send(ring->task, &message));
}

/* Its request is armed; this sends it off. */
static void join_by_dying(struct ring *ring, int edge)
{
	mt_must(mt_mod_refs(ring->task, ring->port[edge],
			    MACH_PORT_RIGHT_RECEIVE, -1));
}

/* Takes the next edge from this end: false when the ends have met. */
static bool take_edge(struct ring *ring, bool up, int *edge)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	bool left;

	pthread_mutex_lock(&lock);
	left = ring->next_up <= ring->next_down;
	if (left)
		*edge = up ? ring->next_up++ : ring->next_down--;
	pthread_mutex_unlock(&lock);
	return left;
}

static void *join_downwards(void *arg)
{
	struct ring *ring = arg;
	int edge;

	mt_one_cpu(1 % sysconf(_SC_NPROCESSORS_ONLN));
	while (take_edge(ring, false, &edge))
		ring->join(ring, edge);
	return NULL;
}

static void close_ring(struct ring *ring)
{
	pthread_t thread;
	int edge;

	ring->next_up = 0;
	ring->next_down = ring->length - 1;
	mt_one_cpu(0);
	mt_must(pthread_create(&thread, NULL, join_downwards, ring));
	while (take_edge(ring, true, &edge))
		ring->join(ring, edge);
	mt_must(pthread_join(thread, NULL));
}

/* Waits as long as an emulator may need for so many. */
static bool gone(const struct mt_task *task, __u64 ports, __u64 messages)
{
	for (int i = 0; i < 1000; i++) {
		if (mt_live(task, MT_LIVE(ports)) == ports &&
		    mt_live(task, MT_LIVE(messages)) == messages)
			return true;
		mt_sleep(20);
	}
	return false;
}

static struct ring ring;

static void make_ports(const struct mt_task *task, int length,
		       void (*join)(struct ring *ring, int edge))
{
	ring.task = task;
	ring.length = length;
	ring.join = join;
	for (int i = 0; i < length; i++)
		ring.port[i] = mt_port(task);
	if (join != join_by_dying)
		return;
	for (int i = 0; i < length; i++)
		mt_arm(task, ring.port[i], MACH_NOTIFY_PORT_DESTROYED,
		       ring.port[successor(&ring, i)]);
}

/* How many of the names are dead, which they are no more after this. */
static int drop_names(const struct mt_task *task)
{
	int dead = 0;

	for (int i = 0; i < ring.length; i++) {
		dead += mt_types(task, ring.port[i]) ==
			MACH_PORT_TYPE_DEAD_NAME;
		mt_must(mt_deallocate(task, ring.port[i]));
	}
	return dead;
}

static void (*const ways[])(struct ring *ring, int edge) = {
	join_by_message, join_by_array, join_by_dying,
};

TEST_F_TIMEOUT(mach, N30_built_from_both_ends, 120)
{
	const struct mt_task *task = &self->task;
	__u64 ports = mt_live(task, MT_LIVE(ports));
	__u64 messages = mt_live(task, MT_LIVE(messages));

	for (size_t way = 0; way < ARRAY_SIZE(ways); way++) {
		for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
			/* The longest once less: it takes its time. */
			if (ways[way] == join_by_array && lengths[i] == MOST)
				continue;
			make_ports(task, lengths[i], ways[way]);
			close_ring(&ring);
			EXPECT_EQ(lengths[i], drop_names(task));
			EXPECT_TRUE(gone(task, ports, messages))
				TH_LOG("way %zu length %d", way, lengths[i]);
		}
	}
}

/* Short ones, often: the last two edges meet in every way there is. */
TEST_F_TIMEOUT(mach, N30_short_rings, 60)
{
	const struct mt_task *task = &self->task;
	__u64 ports = mt_live(task, MT_LIVE(ports));
	__u64 messages = mt_live(task, MT_LIVE(messages));

	for (int round = 0; round < 300; round++) {
		int length = 1 + round % 4;

		make_ports(task, length, ways[round % 3]);
		close_ring(&ring);
		ASSERT_EQ(length, drop_names(task));
	}
	EXPECT_TRUE(gone(task, ports, messages));
}

/* All kinds of links in one ring. */
TEST_F_TIMEOUT(mach, N30_mixed_ring, 60)
{
	const struct mt_task *task = &self->task;
	__u64 ports = mt_live(task, MT_LIVE(ports));
	__u64 messages = mt_live(task, MT_LIVE(messages));

	make_ports(task, 999, join_by_message);
	for (int i = 0; i < 999; i += 3)
		mt_arm(task, ring.port[i], MACH_NOTIFY_PORT_DESTROYED,
		       ring.port[i + 1]);
	for (int i = 0; i < 999; i++) {
		int edge = i * 2 % 999;

		if (edge % 3 == 0)
			join_by_dying(&ring, edge);
		else if (edge % 3 == 1)
			join_by_array(&ring, edge);
		else
			join_by_message(&ring, edge);
	}
	EXPECT_EQ(999, drop_names(task));
	EXPECT_TRUE(gone(task, ports, messages));
}

/* What goes round with the ring is destroyed with it, and is told. */
TEST_F(mach, N30_what_the_messages_carry)
{
	const struct mt_task *task = &self->task;
	__u64 pages = mt_live(task, MT_LIVE(pages));
	__u32 watched = mt_receive_right(task);
	struct mt_message message;

	make_ports(task, 20, join_by_message);
	for (int i = 0; i < 20; i++) {
		char *memory = mt_map_filled(4, i);

		mt_begin(&message, ring.port[successor(&ring, i)],
			 MACH_MSG_TYPE_COPY_SEND);
		mt_reply_to(&message, watched, MACH_MSG_TYPE_MAKE_SEND_ONCE);
		mt_put_memory(&message, memory, 4 * MT_PAGE,
			      MACH_MSG_DESC_DEALLOCATE);
		mt_put_right(&message, ring.port[i],
			     MACH_MSG_TYPE_MOVE_RECEIVE);
		EXPECT_TRUE(mt_empty(task, watched));
		mt_must(mt_send(task, &message));
	}
	for (int i = 0; i < 20; i++) {
		EXPECT_TRUE(mt_notified(task, watched, MACH_NOTIFY_SEND_ONCE,
					0));
	}
	EXPECT_TRUE(mt_silent(task, watched));
	EXPECT_EQ(20, drop_names(task));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(pages), pages));
}

TEST_HARNESS_MAIN
