// SPDX-License-Identifier: GPL-2.0
/*
 * mach_ports_register and mach_ports_lookup: four slots for send rights,
 * replaced all at once (spec 2; negative test N26).
 */
#include <pthread.h>

#include "lib/fixture.h"
#include "lib/mach_calls.h"

#define SLOTS	MACH_TASK_PORT_REGISTER_MAX

struct slots {
	__u32 ports[SLOTS];
};

static struct slots look(const struct mt_task *task)
{
	struct slots slots;
	__u32 count;

	mt_must(mt_lookup(task, slots.ports, &count));
	mt_check(count == SLOTS);
	return slots;
}

TEST_F(mach, new_task)
{
	struct slots slots = look(&self->task);

	for (int i = 0; i < SLOTS; i++)
		EXPECT_EQ(MACH_PORT_NULL, slots.ports[i]);
}

TEST_F(mach, N26_every_count)
{
	const struct mt_task *task = &self->task;
	struct slots wanted;

	for (int i = 0; i < SLOTS; i++)
		wanted.ports[i] = mt_port(task);
	/* Downwards and upwards: what is left out becomes none. */
	for (int step = 0; step <= 2 * SLOTS; step++) {
		__u32 count = step < SLOTS ? SLOTS - step : step - SLOTS;
		struct slots slots;

		ASSERT_EQ(KERN_SUCCESS,
			  mt_register(task, wanted.ports, count));
		slots = look(task);
		for (__u32 i = 0; i < SLOTS; i++) {
			EXPECT_EQ(i < count ? wanted.ports[i] : 0,
				  slots.ports[i])
				TH_LOG("count %u slot %u", count, i);
		}
	}
}

TEST_F(mach, caller_keeps_the_rights)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	const __u32 ports[SLOTS] = { port, port, port, port };

	ASSERT_EQ(KERN_SUCCESS, mt_register(task, ports, SLOTS));
	EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
	look(task);
	EXPECT_EQ(5U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
}

TEST_F(mach, slots_may_be_empty)
{
	const struct mt_task *task = &self->task;
	const __u32 ports[SLOTS] = { 0, mt_port(task), 0, mt_port(task) };
	struct slots slots;

	ASSERT_EQ(KERN_SUCCESS, mt_register(task, ports, SLOTS));
	slots = look(task);
	for (int i = 0; i < SLOTS; i++)
		EXPECT_EQ(ports[i], slots.ports[i]);
}

/* What stands behind count is not looked at. */
TEST_F(mach, N26_count_rules)
{
	const struct mt_task *task = &self->task;
	const __u32 ports[SLOTS] = {
		mt_port(task), MT_UNUSED, mt_receive_right(task), ~0U,
	};
	struct slots slots;

	ASSERT_EQ(KERN_SUCCESS, mt_register(task, ports, 1));
	slots = look(task);
	EXPECT_EQ(ports[0], slots.ports[0]);
	EXPECT_EQ(MACH_PORT_NULL, slots.ports[1]);
}

TEST_F(mach, N26_too_many)
{
	static const __u32 counts[] = { 5, 6, 8, 0x40000001U, 1U << 31, ~0U };
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	const __u32 ports[SLOTS] = { port, port, port, port };
	__u64 before, after;

	mt_must(mt_register(task, ports, 1));
	mt_must(mt_srights(task, port, &before));
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		EXPECT_EQ(KERN_INVALID_ARGUMENT,
			  mt_register(task, ports, counts[i]))
			TH_LOG("count %u", counts[i]);
	}
	mt_must(mt_srights(task, port, &after));
	EXPECT_EQ(before, after);
	EXPECT_EQ(MACH_PORT_NULL, look(task).ports[1]);
}

/* A wrong one among good ones: nothing is replaced, nothing leaks. */
TEST_F(mach, N26_no_send_right)
{
	const struct mt_task *task = &self->task;
	__u32 old = mt_port(task), good = mt_port(task);
	__u32 receive = mt_receive_right(task);
	const __u32 wrong[] = {
		receive, mt_make_send_once(task, receive), mt_set(task),
		MT_UNUSED,
	};
	const __u32 first[SLOTS] = { old };
	__u64 srights;

	mt_must(mt_register(task, first, 1));
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		for (int slot = 0; slot < SLOTS; slot++) {
			__u32 ports[SLOTS] = { good, good, good, good };

			/* As a message says it (1.11). */
			ports[slot] = wrong[i];
			EXPECT_EQ(MACH_SEND_INVALID_RIGHT,
				  mt_register(task, ports, SLOTS))
				TH_LOG("case %zu slot %d", i, slot);
			EXPECT_EQ(old, look(task).ports[0]);
			EXPECT_EQ(MACH_PORT_NULL, look(task).ports[1]);
		}
	}
	mt_must(mt_srights(task, good, &srights));
	EXPECT_EQ(1ULL, srights);
	EXPECT_EQ(1U, mt_refs(task, good, MACH_PORT_RIGHT_SEND));
}

TEST_F(mach, old_rights_are_released)
{
	const struct mt_task *task = &self->task;
	__u32 first = mt_port(task), second = mt_port(task);
	__u32 notify = mt_receive_right(task);
	const __u32 before[SLOTS] = { first, 0, first };
	const __u32 after[SLOTS] = { second };

	mt_must(mt_register(task, before, 3));
	mt_must(mt_deallocate(task, first));
	mt_arm(task, first, MACH_NOTIFY_NO_SENDERS, notify);
	EXPECT_TRUE(mt_empty(task, notify));
	mt_must(mt_register(task, after, 1));
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_NO_SENDERS, 1));
}

TEST_F(mach, rights_are_released_by_the_death_of_the_task)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), notify = mt_receive_right(task);
	__u32 ports[SLOTS] = { 0 };
	struct mt_task other;

	mt_open(&other);
	ports[3] = mt_connect(&other, task, port);
	mt_must(mt_register(&other, ports, SLOTS));
	mt_must(mt_deallocate(&other, ports[3]));
	mt_arm(task, port, MACH_NOTIFY_NO_SENDERS, notify);
	EXPECT_TRUE(mt_empty(task, notify));
	mt_close(&other);
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_NO_SENDERS, 1));
}

/* A circle: the task registers its own right, and a port of its own. */
TEST_F(mach, own_rights)
{
	const struct mt_task *task = &self->task;
	struct mt_task other;
	__u32 ports[SLOTS] = { 0 };

	mt_open(&other);
	ports[0] = other.self;
	ports[1] = mt_port(&other);
	mt_must(mt_register(&other, ports, 2));
	EXPECT_EQ(other.self, look(&other).ports[0]);
	/* The fixture sees to it that this leaves nothing behind. */
	mt_close(&other);
	EXPECT_EQ(MACH_PORT_NULL, look(task).ports[0]);
}

/* Dead or dying, it is there: the name is ~0, not 0. */
TEST_F(mach, port_that_dies)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	const __u32 ports[SLOTS] = { port };

	mt_must(mt_register(task, ports, 1));
	mt_must(mt_destroy(task, port));
	EXPECT_EQ(MACH_PORT_DEAD, look(task).ports[0]);
}

TEST_F(mach, dead_names)
{
	const struct mt_task *task = &self->task;
	__u32 dead = mt_dead_name(task);
	const __u32 ports[SLOTS] = { dead, MACH_PORT_DEAD, 0, dead };
	struct slots slots;

	ASSERT_EQ(KERN_SUCCESS, mt_register(task, ports, SLOTS));
	slots = look(task);
	EXPECT_EQ(MACH_PORT_DEAD, slots.ports[0]);
	EXPECT_EQ(MACH_PORT_DEAD, slots.ports[1]);
	EXPECT_EQ(MACH_PORT_NULL, slots.ports[2]);
	EXPECT_EQ(MACH_PORT_DEAD, slots.ports[3]);
	EXPECT_EQ(1U, mt_refs(task, dead, MACH_PORT_RIGHT_DEAD_NAME));
}

TEST_F(mach, another_task)
{
	const struct mt_task *task = &self->task;
	struct mt_task other, remote = *task;
	__u32 port = mt_port(task), theirs;
	const __u32 ports[SLOTS] = { 0, 0, port };
	struct mt_message message;

	mt_open(&other);
	remote.self = mt_task_right(task, &other);
	EXPECT_EQ(KERN_SUCCESS, mt_register(&remote, ports, 3));
	EXPECT_EQ(port, look(&remote).ports[2]);
	EXPECT_EQ(MACH_PORT_NULL, look(task).ports[2]);
	theirs = look(&other).ports[2];
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mt_send_id(&other, theirs, MACH_MSG_TYPE_COPY_SEND, 7));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_receive(task, port, &message, 0));
}

TEST_F(mach, task_argument)
{
	const struct mt_task *task = &self->task;
	struct mt_task wrong = *task;
	__u32 ports[SLOTS] = { 0 }, count;

	wrong.self = mt_port(task);
	EXPECT_EQ(KERN_INVALID_TASK, mt_register(&wrong, ports, 0));
	EXPECT_EQ(KERN_INVALID_TASK, mt_lookup(&wrong, ports, &count));
	wrong.self = MT_UNUSED;
	EXPECT_EQ(MACH_SEND_INVALID_DEST, mt_register(&wrong, ports, 99));
	EXPECT_EQ(MACH_SEND_INVALID_DEST, mt_lookup(&wrong, ports, &count));
}

struct registrar {
	const struct mt_task *task;
	__u32 ports[2][SLOTS];
	bool stop;
};

static void *register_by_turns(void *arg)
{
	struct registrar *registrar = arg;
	int turn = 0;

	while (!__atomic_load_n(&registrar->stop, __ATOMIC_RELAXED)) {
		turn = !turn;
		mt_must(mt_register(registrar->task, registrar->ports[turn],
				    SLOTS));
	}
	return NULL;
}

/* All four of one call or all four of the other, never a mixture. */
TEST_F(mach, N26_lookup_while_others_register)
{
	struct registrar registrar = { .task = &self->task };
	const struct mt_task *task = &self->task;
	__u32 first = mt_port(task), second = mt_port(task);
	pthread_t threads[2];
	__u64 srights;

	for (int i = 0; i < SLOTS; i++) {
		registrar.ports[0][i] = first;
		registrar.ports[1][i] = second;
	}
	mt_must(mt_register(task, registrar.ports[0], SLOTS));
	for (int i = 0; i < 2; i++)
		mt_must(pthread_create(&threads[i], NULL, register_by_turns,
				       &registrar));
	for (int i = 0; i < 2000; i++) {
		struct slots slots = look(task);

		ASSERT_TRUE(slots.ports[0] == first ||
			    slots.ports[0] == second);
		for (int slot = 1; slot < SLOTS; slot++)
			ASSERT_EQ(slots.ports[0], slots.ports[slot]);
		mt_must(mt_mod_refs(task, slots.ports[0],
				    MACH_PORT_RIGHT_SEND, -SLOTS));
	}
	__atomic_store_n(&registrar.stop, true, __ATOMIC_RELAXED);
	for (int i = 0; i < 2; i++)
		mt_must(pthread_join(threads[i], NULL));
	mt_must(mt_register(task, registrar.ports[0], 0));
	mt_must(mt_srights(task, first, &srights));
	EXPECT_EQ(1ULL, srights);
	mt_must(mt_srights(task, second, &srights));
	EXPECT_EQ(1ULL, srights);
}

TEST_HARNESS_MAIN
