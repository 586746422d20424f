// SPDX-License-Identifier: GPL-2.0
/*
 * Out-of-line arrays of port rights: packed names of 4 bytes, any disposition,
 * any address; what arrives, what it costs, and what becomes of them when
 * something fails (spec 1.4, O27, O28, K1, K2, K6, K8, K12, K13).
 */
#include <sys/mman.h>
#include <sys/resource.h>

#include "lib/caller.h"
#include "lib/fixture.h"

#define RECEIVE		MACH_PORT_TYPE_RECEIVE
#define SEND		MACH_PORT_TYPE_SEND
#define SEND_ONCE	MACH_PORT_TYPE_SEND_ONCE
#define COPY_SEND	MACH_MSG_TYPE_COPY_SEND
#define MAKE_ONCE	MACH_MSG_TYPE_MAKE_SEND_ONCE
#define NUMBER		5

/* A task that receives, and our right for its port. */
struct scene {
	struct mt_task other;
	__u32 port;		/* the other's */
	__u32 dest;		/* ours */
};

static void make_scene(struct scene *scene, const struct mt_task *task)
{
	mt_open(&scene->other);
	scene->port = mt_receive_right(&scene->other);
	scene->dest = mt_connect(task, &scene->other, scene->port);
}

static __s32 send_array(const struct mt_task *task, __u32 dest,
			const __u32 *names, __u32 number, __u32 disposition,
			__u64 flags)
{
	struct mt_message message;

	mt_begin(&message, dest, COPY_SEND);
	mt_put_rights_array(&message, names, number, disposition, flags);
	return mt_send_wait(task, &message, 0);
}

/* ---- every disposition ---- */

static const struct {
	__u32 disposition;
	__u32 arrives;		/* type of the descriptor and of the names */
	__u32 type;
	__u32 keeps;		/* what is left with the sender */
} rows[] = {
	{ MACH_MSG_TYPE_MOVE_RECEIVE, 16, RECEIVE, SEND },
	{ MACH_MSG_TYPE_MOVE_SEND, 17, SEND, RECEIVE },
	{ MACH_MSG_TYPE_MOVE_SEND_ONCE, 18, SEND_ONCE, 0 },
	{ COPY_SEND, 17, SEND, SEND | RECEIVE },
	{ MACH_MSG_TYPE_MAKE_SEND, 17, SEND, SEND | RECEIVE },
	{ MAKE_ONCE, 18, SEND_ONCE, SEND | RECEIVE },
};

TEST_F(mach, O28_every_disposition)
{
	const struct mt_task *task = &self->task;
	__u32 names[NUMBER];
	struct scene scene;

	make_scene(&scene, task);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct mt_message message;
		const __u32 *array;

		for (int j = 0; j < NUMBER; j++) {
			names[j] = mt_port(task);
			if (rows[i].disposition == MACH_MSG_TYPE_MOVE_SEND_ONCE)
				names[j] = mt_make_send_once(task, names[j]);
		}
		EXPECT_EQ(MACH_MSG_SUCCESS,
			  send_array(task, scene.dest, names, NUMBER,
				     rows[i].disposition, 0));
		mt_must(mt_receive(&scene.other, scene.port, &message, 0));
		EXPECT_TRUE(message.head.bits & MACH_MSGH_BITS_COMPLEX);
		EXPECT_EQ(48U, message.head.size);
		EXPECT_EQ(MACH_MSG_DESC(rows[i].arrives, 32, NUMBER,
					MACH_MSG_DESC_DEALLOCATE),
			  message.words[4]);
		array = mt_rights_array(&message, 0, NUMBER);
		for (int j = 0; j < NUMBER; j++) {
			EXPECT_EQ(rows[i].type,
				  mt_types(&scene.other, array[j]))
				TH_LOG("row %zu", i);
			EXPECT_EQ(rows[i].keeps, mt_types(task, names[j]))
				TH_LOG("row %zu", i);
		}
		mt_free_array(&message, 0);
	}
}

/* Rights for one port join, in one array and over several. */
TEST_F(mach, O28_rights_join)
{
	const struct mt_task *task = &self->task;
	__u32 name = mt_port(task), names[3] = { name, name, name };
	struct mt_message message;
	struct scene scene;
	const __u32 *array;

	make_scene(&scene, task);
	mt_begin(&message, scene.dest, COPY_SEND);
	mt_put_rights_array(&message, names, 3, COPY_SEND, 0);
	mt_put_rights_array(&message, names, 1, MACH_MSG_TYPE_MOVE_RECEIVE, 0);
	mt_put_rights_array(&message, names, 1, MACH_MSG_TYPE_MOVE_SEND, 0);
	mt_must(mt_send(task, &message));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, name));
	mt_must(mt_receive(&scene.other, scene.port, &message, 0));
	array = mt_rights_array(&message, 0, 3);
	EXPECT_EQ(array[0], array[1]);
	EXPECT_EQ(array[0], array[2]);
	EXPECT_EQ(array[0], *mt_rights_array(&message, 1, 1));
	EXPECT_EQ(array[0], *mt_rights_array(&message, 2, 1));
	EXPECT_EQ(SEND | RECEIVE, mt_types(&scene.other, array[0]));
	EXPECT_EQ(4U, mt_refs(&scene.other, array[0], MACH_PORT_RIGHT_SEND));
}

TEST_F(mach, S2_1_null_and_dead_names)
{
	const struct mt_task *task = &self->task;
	struct scene scene;

	make_scene(&scene, task);
	for (__u32 type = 16; type <= 21; type++) {
		__u32 names[4] = {
			MACH_PORT_NULL, MACH_PORT_DEAD, MACH_PORT_DEAD,
			MACH_PORT_NULL,
		};
		struct mt_message message;

		EXPECT_EQ(MACH_MSG_SUCCESS,
			  send_array(task, scene.dest, names, 4, type, 0));
		mt_must(mt_receive(&scene.other, scene.port, &message, 0));
		EXPECT_EQ(0, memcmp(names, mt_rights_array(&message, 0, 4),
				    sizeof(names)));
		mt_free_array(&message, 0);
	}
}

TEST_F(mach, S2_1_port_that_dies_in_transit)
{
	const struct mt_task *task = &self->task;
	__u32 names[2] = { mt_port(task), mt_port(task) };
	struct mt_message message;
	struct scene scene;
	const __u32 *array;

	make_scene(&scene, task);
	mt_must(send_array(task, scene.dest, names, 2, COPY_SEND, 0));
	mt_must(mt_destroy(task, names[0]));
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mt_receive(&scene.other, scene.port, &message, 0));
	array = mt_rights_array(&message, 0, 2);
	EXPECT_EQ(MACH_PORT_DEAD, array[0]);
	EXPECT_EQ(SEND, mt_types(&scene.other, array[1]));
}

/* ---- none, and many ---- */

TEST_F(mach, O15_no_rights)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct mt_item item;
	struct scene scene;
	__u64 addresses[] = { 0, 1, ~0ULL, 0xffff888000000000 };

	make_scene(&scene, task);
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		for (int free = 0; free < 2; free++) {
			mt_begin(&message, scene.dest, COPY_SEND);
			mt_put_rights_array(&message,
					    (__u32 *)addresses[i], 0,
					    MACH_MSG_TYPE_MAKE_SEND,
					    free * MACH_MSG_DESC_DEALLOCATE);
			EXPECT_EQ(MACH_MSG_SUCCESS, mt_send(task, &message));
			mt_must(mt_receive(&scene.other, scene.port, &message,
					   0));
			item = mt_item(&message, 0);
			EXPECT_EQ(MACH_MSG_DESC(17, 32, 0,
						MACH_MSG_DESC_DEALLOCATE),
				  item.desc);
			EXPECT_EQ(0ULL, item.data[0]);
			EXPECT_TRUE(message.head.bits &
				    MACH_MSGH_BITS_COMPLEX);
		}
	}
}

TEST_F(mach, K10_as_many_as_are_allowed)
{
	const struct mt_task *task = &self->task;
	__u32 most = mt_param("max_ports"), name = mt_port(task);
	__u32 *names = mt_map(most * 4 / MT_PAGE + 1);
	struct mt_message message;
	struct scene scene;
	const __u32 *array;

	make_scene(&scene, task);
	for (__u32 i = 0; i <= most; i++)
		names[i] = name;
	EXPECT_EQ(MACH_SEND_NO_BUFFER,
		  send_array(task, scene.dest, names, most + 1,
			     MACH_MSG_TYPE_MAKE_SEND, 0));
	EXPECT_EQ(1ULL, mt_senders(task, name));
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  send_array(task, scene.dest, names, most,
			     MACH_MSG_TYPE_MAKE_SEND, 0));
	EXPECT_EQ(1ULL + most, mt_senders(task, name));
	mt_must(mt_receive(&scene.other, scene.port, &message, 0));
	array = mt_rights_array(&message, 0, most);
	for (__u32 i = 1; i < most; i++) {
		ASSERT_EQ(array[0], array[i]);
	}
	EXPECT_EQ(most, mt_refs(&scene.other, array[0],
				MACH_PORT_RIGHT_SEND));
	/* In-line rights and other arrays count together. */
	mt_begin(&message, scene.dest, COPY_SEND);
	mt_put_right(&message, name, MAKE_ONCE);
	mt_put_rights_array(&message, names, most, MACH_MSG_TYPE_MAKE_SEND, 0);
	EXPECT_EQ(MACH_SEND_NO_BUFFER, mt_send(task, &message));
	EXPECT_EQ(1ULL, mt_senders(task, name) - 1);
}

/* N2: no number of elements makes the kernel take memory. */
TEST_F(mach, N2_absurd_numbers)
{
	static const __u32 numbers[] = {
		~0U, 1U << 31, 1U << 30, (1U << 30) + 1, 1U << 29, 1U << 26,
	};
	const struct mt_task *task = &self->task;
	__u32 names[1] = { mt_port(task) };
	struct scene scene;

	make_scene(&scene, task);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		EXPECT_EQ(MACH_SEND_NO_BUFFER,
			  send_array(task, scene.dest, names, numbers[i],
				     MACH_MSG_TYPE_MOVE_SEND,
				     MACH_MSG_DESC_DEALLOCATE));
		EXPECT_EQ(SEND | RECEIVE, mt_types(task, names[0]));
	}
}

/* ---- addresses ---- */

TEST_F(mach, O19_unaligned_addresses)
{
	const struct mt_task *task = &self->task;
	__u32 names[3] = { mt_port(task), MACH_PORT_NULL, mt_port(task) };
	char *pages = mt_map_filled(2, 1);
	struct mt_message message;
	const __u32 *array;
	struct scene scene;

	make_scene(&scene, task);
	for (unsigned long at = MT_PAGE - 16; at <= MT_PAGE + 4; at++) {
		memcpy(pages + at, names, sizeof(names));
		EXPECT_EQ(MACH_MSG_SUCCESS,
			  send_array(task, scene.dest, (void *)(pages + at),
				     3, MACH_MSG_TYPE_MAKE_SEND, 0));
		mt_must(mt_receive(&scene.other, scene.port, &message, 0));
		array = mt_rights_array(&message, 0, 3);
		EXPECT_EQ(SEND, mt_types(&scene.other, array[0]));
		EXPECT_EQ(MACH_PORT_NULL, array[1]);
		EXPECT_EQ(SEND, mt_types(&scene.other, array[2]));
		mt_free_array(&message, 0);
	}
}

/* K2: what was taken before is destroyed, of the array nothing is. */
TEST_F(mach, K3_bad_addresses)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task), moved;
	char *pages = mt_map_filled(4, 1);
	const void *bad[] = {
		NULL, (void *)4, pages + MT_PAGE, pages + MT_PAGE - 8,
		pages + 2 * MT_PAGE, pages + 3 * MT_PAGE - 4, (void *)-4L,
		(void *)-16L, (void *)-4096L, (void *)0xffff888000000000,
		(void *)0x7ffffffff000,
	};
	struct mt_message message;
	struct scene scene;

	make_scene(&scene, task);
	mt_unmap(pages + MT_PAGE, MT_PAGE);
	mt_must(mprotect(pages + 2 * MT_PAGE, MT_PAGE, PROT_NONE));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		moved = mt_port(task);
		mt_arm(task, moved, MACH_NOTIFY_DEAD_NAME, notify);
		mt_begin(&message, scene.dest, COPY_SEND);
		mt_put_right(&message, moved, MACH_MSG_TYPE_MOVE_RECEIVE);
		mt_put_rights_array(&message, bad[i], 3, COPY_SEND, 0);
		EXPECT_EQ(MACH_SEND_INVALID_MEMORY, mt_send(task, &message))
			TH_LOG("row %zu", i);
		EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_DEAD_NAME,
					moved));
	}
	EXPECT_EQ(0U, mt_queued(&scene.other, scene.port));
}

/* A name in a page that can only be read is as good as any. */
TEST_F(mach, O12_array_in_read_only_memory)
{
	const struct mt_task *task = &self->task;
	__u32 *names = mt_map(1);
	struct mt_message message;
	__u32 *array;
	struct scene scene;

	make_scene(&scene, task);
	names[0] = mt_port(task);
	mt_must(mprotect(names, MT_PAGE, PROT_READ));
	mt_must(send_array(task, scene.dest, names, 1, COPY_SEND, 0));
	mt_must(mt_receive(&scene.other, scene.port, &message, 0));
	array = (__u32 *)mt_rights_array(&message, 0, 1);
	EXPECT_NE(array, names);
	EXPECT_EQ(SEND, mt_types(&scene.other, array[0]));
	/* What arrives is memory like any other, with nothing else in it. */
	EXPECT_TRUE(mt_zero(array + 1, MT_PAGE - 4 -
			    ((unsigned long)array & (MT_PAGE - 1))));
	array[1] = 7;
	EXPECT_EQ(7U, array[1]);
	mt_free_array(&message, 0);
	EXPECT_FALSE(mt_mapped(array));
}

/* ---- deallocate ---- */

/* K6, N13: names have 4 bytes, so 1024 of them are one page. */
TEST_F(mach, K6_deallocate)
{
	static const struct {
		__u32 offset, number, gone;
	} cases[] = {
		{ 0, 1024, 1 }, { 0, 1, 1 }, { 4092, 1, 1 }, { 0, 1025, 2 },
		{ 4, 1024, 2 }, { 4092, 2, 2 }, { 2048, 512, 1 },
		{ 4095, 1, 2 }, { 0, 512, 1 },
	};
	const struct mt_task *task = &self->task;
	__u32 dest = mt_port(task);
	struct mt_message message;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *pages = mt_map(4);

		memset(pages, 0, 4 * MT_PAGE);
		EXPECT_EQ(MACH_MSG_SUCCESS,
			  send_array(task, dest,
				     (void *)(pages + MT_PAGE +
					      cases[i].offset),
				     cases[i].number, COPY_SEND,
				     MACH_MSG_DESC_DEALLOCATE));
		EXPECT_TRUE(mt_mapped(pages));
		EXPECT_FALSE(mt_mapped(pages + MT_PAGE));
		EXPECT_EQ(cases[i].gone == 1, mt_mapped(pages + 2 * MT_PAGE))
			TH_LOG("case %zu", i);
		EXPECT_TRUE(mt_mapped(pages + 3 * MT_PAGE));
		mt_must(mt_receive(task, dest, &message, 0));
		mt_rights_array(&message, 0, cases[i].number);
		mt_free_array(&message, 0);
		mt_unmap(pages, 4 * MT_PAGE);
	}
}

/* K1: the memory goes before the names in it are looked at. */
TEST_F(mach, K1_deallocated_though_a_name_is_bad)
{
	const struct mt_task *task = &self->task;
	__u32 *names = mt_map(1), dest = mt_port(task);
	__u32 first = mt_port(task), last = mt_port(task);

	names[0] = first;
	names[1] = MT_UNUSED;
	names[2] = last;
	EXPECT_EQ(MACH_SEND_INVALID_RIGHT,
		  send_array(task, dest, names, 3, MACH_MSG_TYPE_MOVE_SEND,
			     MACH_MSG_DESC_DEALLOCATE));
	EXPECT_FALSE(mt_mapped(names));
	EXPECT_EQ(RECEIVE, mt_types(task, first));
	EXPECT_EQ(SEND | RECEIVE, mt_types(task, last));
}

/* ---- failures ---- */

TEST_F(mach, K2_bad_name_at_every_place)
{
	const struct mt_task *task = &self->task;
	__u64 ports = mt_live(task, MT_LIVE(ports));
	__u32 dest = mt_port(task), names[8], real[8];

	for (int bad = 0; bad < 8; bad++) {
		for (int i = 0; i < 8; i++) {
			real[i] = mt_receive_right(task);
			names[i] = i == bad ? MT_UNUSED : real[i];
		}
		EXPECT_EQ(MACH_SEND_INVALID_RIGHT,
			  send_array(task, dest, names, 8,
				     MACH_MSG_TYPE_MOVE_RECEIVE, 0));
		for (int i = 0; i < 8; i++) {
			EXPECT_EQ(i < bad ? MACH_PORT_TYPE_NONE : RECEIVE,
				  mt_types(task, real[i]))
				TH_LOG("bad %d, name %d", bad, i);
			if (i >= bad)
				mt_must(mt_destroy(task, real[i]));
		}
	}
	EXPECT_EQ(0U, mt_queued(task, dest));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(ports), ports + 1));
}

/* The size of names out of line is 32, of names in line 64. */
TEST_F(mach, S1_4_sizes)
{
	static const __u32 sizes[] = { 0, 8, 31, 33, 63, 64, 128, 0xffff };
	const struct mt_task *task = &self->task;
	__u32 dest = mt_port(task), name = mt_port(task);
	struct mt_message message;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		mt_begin(&message, dest, COPY_SEND);
		mt_put(&message, MACH_MSG_DESC(MACH_MSG_TYPE_MOVE_SEND,
					       sizes[i], 1, 0));
		mt_put(&message, (unsigned long)&name);
		EXPECT_EQ(MACH_SEND_INVALID_TYPE, mt_send(task, &message))
			TH_LOG("size %u", sizes[i]);
	}
	EXPECT_EQ(SEND | RECEIVE, mt_types(task, name));
	EXPECT_EQ(0U, mt_queued(task, dest));
}

/* N29: without COMPLEX it is a number and another number. */
TEST_F(mach, N29_array_in_a_simple_message)
{
	const struct mt_task *task = &self->task;
	__u32 dest = mt_port(task), name = mt_port(task);
	struct mt_message message, in;

	for (__u32 bits = 0; bits <= 0x78000000; bits += 0x78000000) {
		mt_begin(&message, dest, COPY_SEND);
		mt_put_rights_array(&message, &name, 1,
				    MACH_MSG_TYPE_MOVE_SEND,
				    MACH_MSG_DESC_DEALLOCATE);
		message.head.bits &= ~MACH_MSGH_BITS_COMPLEX;
		message.head.bits |= bits;
		mt_must(mt_send(task, &message));
		mt_must(mt_receive(task, dest, &in, 0));
		EXPECT_EQ(MACH_MSGH_BITS(0, 17), in.head.bits);
		EXPECT_EQ(0, memcmp(&message.words[4], &in.words[4], 16));
		EXPECT_EQ(1U, mt_refs(task, name, MACH_PORT_RIGHT_SEND));
	}
}

/* N28: names as out-of-line data are data. */
TEST_F(mach, N28_names_as_data)
{
	const struct mt_task *task = &self->task;
	__u32 dest = mt_port(task), names[2] = { dest, MT_UNUSED };
	struct mt_message message;

	mt_begin(&message, dest, COPY_SEND);
	mt_put(&message, MACH_MSG_DESC(MACH_MSG_TYPE_PORT_NAME, 32, 2, 0));
	mt_put(&message, (unsigned long)names);
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_send(task, &message));
	mt_must(mt_receive(task, dest, &message, 0));
	EXPECT_EQ(0, memcmp(names, mt_memory(&message, 0), sizeof(names)));
	EXPECT_EQ(1U, mt_refs(task, dest, MACH_PORT_RIGHT_SEND));
}

/* ---- no room at the receiver ---- */

static struct rlimit no_more_memory(void)
{
	struct rlimit before, limit;
	unsigned long pages;
	FILE *file = fopen("/proc/self/statm", "re");

	mt_check(file && fscanf(file, "%lu", &pages) == 1);
	fclose(file);
	mt_must(getrlimit(RLIMIT_AS, &before));
	limit = before;
	limit.rlim_cur = pages * MT_PAGE;
	mt_must(setrlimit(RLIMIT_AS, &limit));
	return before;
}

static __s32 receive_without_room(const struct mt_task *task, __u32 port,
				  struct mt_message *message)
{
	struct rlimit before = no_more_memory();
	__s32 ret = mt_receive(task, port, message, 0);

	mt_must(setrlimit(RLIMIT_AS, &before));
	message->size = message->head.size;
	return ret;
}

TEST_F(mach, K8_no_room_for_the_array)
{
	const struct mt_task *task = &self->task;
	__u32 dest = mt_port(task), once = mt_receive_right(task);
	__u32 moved[2] = { mt_port(task), mt_port(task) };
	__u32 notify = mt_receive_right(task), onces[3] = { once, once, once };
	struct mt_message message;
	__u64 names;
	struct mt_item item;

	for (int i = 0; i < 2; i++)
		mt_arm(task, moved[i], MACH_NOTIFY_DEAD_NAME, notify);
	mt_begin(&message, dest, COPY_SEND);
	mt_put_right(&message, once, MAKE_ONCE);
	mt_put_rights_array(&message, moved, 2, MACH_MSG_TYPE_MOVE_RECEIVE, 0);
	mt_put_rights_array(&message, onces, 3, MAKE_ONCE, 0);
	mt_put_right(&message, once, MAKE_ONCE);
	mt_must(mt_send(task, &message));
	names = mt_live(task, MT_LIVE(names));
	EXPECT_EQ(MACH_RCV_BODY_ERROR | MACH_MSG_VM_SPACE,
		  receive_without_room(task, dest, &message));
	/* The rest arrives; the arrays say that they did not. */
	EXPECT_EQ(SEND_ONCE, mt_types(task, mt_right(&message, 0)));
	EXPECT_EQ(SEND_ONCE, mt_types(task, mt_right(&message, 3)));
	EXPECT_EQ(names + 2, mt_live(task, MT_LIVE(names)));
	for (__u32 i = 1; i < 3; i++) {
		item = mt_item(&message, i);
		EXPECT_EQ(MACH_MSG_DESC(i == 1 ? 16 : 18, 0, i + 1,
					MACH_MSG_DESC_DEALLOCATE), item.desc);
		EXPECT_EQ(0ULL, item.data[0]);
	}
	/* Their rights are destroyed, all of them. */
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(MACH_NOTIFY_DEAD_NAME,
			  mt_notification(task, notify).id);
		EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, mt_types(task, moved[i]));
	}
	for (int i = 0; i < 3; i++) {
		EXPECT_TRUE(mt_notified(task, once, MACH_NOTIFY_SEND_ONCE,
					0));
	}
	EXPECT_TRUE(mt_empty(task, once));
	EXPECT_EQ(0U, mt_queued(task, dest));
}

/* An array of nothing needs no room. */
TEST_F(mach, K8_empty_array_without_room)
{
	const struct mt_task *task = &self->task;
	__u32 dest = mt_port(task);
	struct mt_message message;

	mt_must(send_array(task, dest, NULL, 0, COPY_SEND, 0));
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  receive_without_room(task, dest, &message));
	EXPECT_EQ(0ULL, message.words[5]);
}

/* K13: the same for an array that comes back. */
TEST_F(mach, K13_no_room_for_an_array_that_comes_back)
{
	const struct mt_task *task = &self->task;
	__u32 dest = mt_port(task), once = mt_receive_right(task);
	struct mt_message message;
	struct rlimit before;
	struct mt_item item;
	__s32 ret;

	mt_must(mt_set_qlimit(task, dest, 0));
	mt_begin(&message, dest, COPY_SEND);
	mt_put_rights_array(&message, &once, 1, MAKE_ONCE, 0);
	before = no_more_memory();
	ret = mt_send_wait(task, &message, 0);
	mt_must(setrlimit(RLIMIT_AS, &before));
	EXPECT_EQ(MACH_SEND_TIMED_OUT | MACH_MSG_VM_SPACE, ret);
	item = mt_item(&message, 0);
	EXPECT_EQ(0ULL, item.data[0]);
	EXPECT_EQ(0U, mt_item_bits(&item));
	EXPECT_TRUE(mt_once_wasted(task, once));
}

/* ---- no names at the receiver ---- */

FIXTURE(user) {
	struct mt_task task;
};

FIXTURE_SETUP(user)
{
	const char *reason = mt_unavailable();

	if (reason)
		SKIP(_exit(MT_EXIT_SKIP), "%s", reason);
	mt_supervise();
	mt_become_fresh_user();
	mt_open(&self->task);
}

FIXTURE_TEARDOWN(user)
{
}

TEST_F(user, K8_no_names_for_the_rights)
{
	const struct mt_task *task = &self->task;
	__u32 dest = mt_port(task), once = mt_receive_right(task);
	__u32 names[5] = { once, once, once, once, once };
	struct mt_message message;
	const __u32 *array;
	__s32 ret;

	mt_must(send_array(task, dest, names, 5, MAKE_ONCE, 0));
	/* The task, dest, once, and two more. */
	mt_set_param("max_user_names", 5);
	ret = mt_receive(task, dest, &message, 0);
	mt_set_param("max_user_names", 1000);
	EXPECT_EQ(MACH_RCV_BODY_ERROR, ret & ~MACH_MSG_MASK);
	EXPECT_TRUE(ret & (MACH_MSG_IPC_SPACE | MACH_MSG_IPC_KERNEL));
	EXPECT_FALSE(ret & (MACH_MSG_VM_SPACE | MACH_MSG_VM_KERNEL));
	message.size = message.head.size;
	array = mt_rights_array(&message, 0, 5);
	for (int i = 0; i < 5; i++) {
		EXPECT_EQ(i < 2 ? SEND_ONCE : MACH_PORT_TYPE_NONE,
			  mt_types(task, array[i]));
		EXPECT_EQ(i >= 2, array[i] == MACH_PORT_NULL);
	}
	for (int i = 0; i < 3; i++) {
		EXPECT_TRUE(mt_notified(task, once, MACH_NOTIFY_SEND_ONCE,
					0));
	}
	EXPECT_TRUE(mt_empty(task, once));
}

/* ---- they come back ---- */

TEST_F(mach, K13_array_comes_back)
{
	const struct mt_task *task = &self->task;
	__u32 dest = mt_port(task), moved = mt_port(task), *names = mt_map(1);
	__u32 once = mt_receive_right(task), onces[2] = { once, once };
	struct mt_message message;
	const __u32 *array;

	names[0] = moved;
	names[1] = MACH_PORT_DEAD;
	mt_must(mt_set_qlimit(task, dest, 0));
	mt_begin(&message, dest, COPY_SEND);
	mt_put_rights_array(&message, names, 2, MACH_MSG_TYPE_MOVE_RECEIVE,
			    MACH_MSG_DESC_DEALLOCATE);
	mt_put_rights_array(&message, onces, 2, MAKE_ONCE, 0);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(MACH_SEND_TIMED_OUT,
			  mt_send_wait(task, &message, 0));
		array = mt_rights_array(&message, 0, 2);
		EXPECT_EQ(moved, array[0]);
		EXPECT_EQ(MACH_PORT_DEAD, array[1]);
		EXPECT_EQ(SEND | RECEIVE, mt_types(task, moved));
		array = mt_rights_array(&message, 1, 2);
		EXPECT_TRUE(array != onces);
		EXPECT_EQ(SEND_ONCE, mt_types(task, array[0]));
		EXPECT_EQ(SEND_ONCE, mt_types(task, array[1]));
	}
	/* As it came back it can be sent. */
	mt_must(mt_set_qlimit(task, dest, 1));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_send(task, &message));
	mt_must(mt_receive(task, dest, &message, 0));
	EXPECT_EQ(moved, *mt_rights_array(&message, 0, 2));
	EXPECT_TRUE(mt_empty(task, once));
}

/* ---- receive rights in arrays ---- */

TEST_F(mach, O28_queues_move_with_their_receive_rights)
{
	const struct mt_task *task = &self->task;
	__u32 names[NUMBER];
	struct mt_message message;
	struct scene scene;
	const __u32 *array;

	make_scene(&scene, task);
	for (__u32 i = 0; i < NUMBER; i++) {
		names[i] = mt_port(task);
		mt_must(mt_send_id(task, names[i], COPY_SEND, i));
	}
	mt_must(send_array(task, scene.dest, names, NUMBER,
			   MACH_MSG_TYPE_MOVE_RECEIVE, 0));
	for (__u32 i = 0; i < NUMBER; i++)
		mt_must(mt_send_id(task, names[i], COPY_SEND, i + 10));
	mt_must(mt_receive(&scene.other, scene.port, &message, 0));
	array = mt_rights_array(&message, 0, NUMBER);
	for (__u32 i = 0; i < NUMBER; i++) {
		EXPECT_EQ(i, mt_next(&scene.other, array[i]));
		EXPECT_EQ(i + 10, mt_next(&scene.other, array[i]));
	}
}

TEST_F(mach, K12_circular)
{
	const struct mt_task *task = &self->task;
	__u64 messages = mt_live(task, MT_LIVE(messages));
	__u64 ports = mt_live(task, MT_LIVE(ports));
	__u32 ring[4], pair[2];

	/* A port in an array to itself, among others. */
	ring[0] = mt_receive_right(task);
	ring[1] = mt_port(task);
	ring[2] = mt_receive_right(task);
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  send_array(task, ring[1], ring, 3,
			     MACH_MSG_TYPE_MOVE_RECEIVE, 0));
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, mt_types(task, ring[1]));
	mt_must(mt_deallocate(task, ring[1]));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(ports), ports));

	/* Rings of two and of four, each link an array. */
	for (int count = 2; count <= 4; count += 2) {
		for (int i = 0; i < count; i++)
			ring[i] = mt_port(task);
		for (int i = 0; i < count; i++) {
			pair[0] = MACH_PORT_NULL;
			pair[1] = ring[i];
			EXPECT_EQ(MACH_MSG_SUCCESS,
				  send_array(task, ring[(i + 1) % count],
					     pair, 2,
					     MACH_MSG_TYPE_MOVE_RECEIVE, 0));
		}
		for (int i = 0; i < count; i++) {
			EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME,
				  mt_types(task, ring[i]));
			mt_must(mt_deallocate(task, ring[i]));
		}
		EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(ports), ports));
		EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(messages),
					    messages));
	}
}

/* ---- among other things, and passed on ---- */

TEST_F(mach, mixed_message)
{
	const struct mt_task *task = &self->task;
	__u32 name = mt_port(task), names[2] = { name, name };
	char *memory = mt_map_filled(8, 1);
	struct mt_message message;
	struct scene scene;

	make_scene(&scene, task);
	mt_begin(&message, scene.dest, COPY_SEND);
	mt_put_data(&message, "before", 6);
	mt_put_rights_array(&message, names, 2, COPY_SEND,
			    MACH_MSG_DESC_LONGFORM);
	mt_put_memory(&message, memory, 8 * MT_PAGE, 0);
	mt_put_right(&message, name, MAKE_ONCE);
	mt_put_rights_array(&message, names, 1, MAKE_ONCE, 0);
	mt_put_data(&message, "behind", 6);
	mt_must(mt_send(task, &message));
	mt_must(mt_receive(&scene.other, scene.port, &message, 0));
	EXPECT_EQ(0, memcmp("before", mt_item(&message, 0).data, 6));
	EXPECT_EQ(SEND, mt_types(&scene.other,
				 mt_rights_array(&message, 1, 2)[1]));
	/* The long form arrives as one. */
	EXPECT_TRUE(mt_item(&message, 1).desc & MACH_MSG_DESC_LONGFORM);
	EXPECT_TRUE(mt_holds(mt_memory(&message, 2), 8 * MT_PAGE, 1));
	EXPECT_EQ(SEND_ONCE,
		  mt_types(&scene.other, mt_right(&message, 3)));
	EXPECT_EQ(SEND_ONCE, mt_types(&scene.other,
				      *mt_rights_array(&message, 4, 1)));
	EXPECT_EQ(0, memcmp("behind", mt_item(&message, 5).data, 6));
}

/* From hand to hand, as it was received, which gives it up each time. */
TEST_F(mach, passed_on)
{
	const struct mt_task *task = &self->task;
	__u32 dest = mt_port(task), names[NUMBER], original[NUMBER];
	struct mt_message message;
	const __u32 *array;

	for (int i = 0; i < NUMBER; i++)
		original[i] = names[i] = mt_port(task);
	mt_must(send_array(task, dest, names, NUMBER,
			   MACH_MSG_TYPE_MOVE_RECEIVE, 0));
	for (int hop = 0; hop < 20; hop++) {
		mt_must(mt_receive(task, dest, &message, 0));
		array = mt_rights_array(&message, 0, NUMBER);
		EXPECT_EQ(0, memcmp(array, original, sizeof(original)));
		message.head.bits = MACH_MSGH_BITS_COMPLEX |
				    MACH_MSGH_BITS(COPY_SEND, 0);
		message.head.remote_port = dest;
		message.head.local_port = MACH_PORT_NULL;
		mt_must(mt_send(task, &message));
		EXPECT_FALSE(mt_mapped(array));
	}
}

/* ---- against each other ---- */

struct writer {
	volatile __u32 *names;
	__u32 good;
	bool stop;
};

static void *rewrite(void *arg)
{
	struct writer *writer = arg;

	while (!__atomic_load_n(&writer->stop, __ATOMIC_ACQUIRE))
		for (int i = 0; i < 64; i++) {
			writer->names[i] = MT_UNUSED;
			writer->names[i] = MACH_PORT_NULL;
			writer->names[i] = writer->good;
		}
	return NULL;
}

/* N3: whatever is read is read once; all of it is taken, or destroyed. */
TEST_F(mach, N3_array_rewritten_during_the_send)
{
	const struct mt_task *task = &self->task;
	__u32 dest = mt_port(task), good = mt_port(task);
	struct writer writer = { mt_map(1), good, false };
	struct mt_message message;
	pthread_t thread;
	int arrived = 0;

	mt_must(pthread_create(&thread, NULL, rewrite, &writer));
	for (int round = 0; round < 400; round++) {
		__s32 ret = send_array(task, dest, (__u32 *)writer.names, 64,
				       MACH_MSG_TYPE_MAKE_SEND, 0);
		const __u32 *array;

		ASSERT_TRUE(ret == MACH_MSG_SUCCESS ||
			    ret == MACH_SEND_INVALID_RIGHT);
		if (ret)
			continue;
		arrived++;
		mt_must(mt_receive(task, dest, &message, 0));
		array = mt_rights_array(&message, 0, 64);
		for (int i = 0; i < 64; i++) {
			ASSERT_TRUE(array[i] == good ||
				    array[i] == MACH_PORT_NULL);
		}
		mt_free_array(&message, 0);
	}
	__atomic_store_n(&writer.stop, true, __ATOMIC_RELEASE);
	mt_must(pthread_join(thread, NULL));
	EXPECT_EQ(1ULL, mt_senders(task, good));
	TH_LOG("%d of 400 arrived", arrived);
}

TEST_HARNESS_MAIN
