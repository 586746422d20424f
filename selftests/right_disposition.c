// SPDX-License-Identifier: GPL-2.0
/*
 * Every disposition of an in-line port right against every state of a name:
 * who may send it, what it costs the sender, what the receiver gets
 * (spec 2.1, K18; negative test N28).
 */
#include "lib/fixture.h"

#define RECEIVE		MACH_PORT_TYPE_RECEIVE
#define SEND		MACH_PORT_TYPE_SEND
#define SEND_ONCE	MACH_PORT_TYPE_SEND_ONCE
#define DEAD_NAME	MACH_PORT_TYPE_DEAD_NAME
#define NONE		MACH_PORT_TYPE_NONE

/* What a name of the sender may be. */
enum state {
	IS_RECEIVE, IS_SEND, IS_BOTH, IS_SEND_ONCE, IS_DEAD_NAME, IS_UNUSED,
	STATES
};

/* A right that the sender has in the state, and the port's owner. */
static __u32 make_name(enum state state, const struct mt_task *task,
		       const struct mt_task *owner)
{
	switch (state) {
	case IS_RECEIVE:
		return mt_receive_right(task);
	case IS_SEND:
		return mt_connect(task, owner, mt_receive_right(owner));
	case IS_BOTH:
		return mt_port(task);
	case IS_SEND_ONCE:
		return mt_make_send_once(task, mt_receive_right(task));
	case IS_DEAD_NAME:
		return mt_dead_name(task);
	default:
		return MT_UNUSED;
	}
}

/* One cell: what arrives (0: refused), and what the sender keeps. */
struct cell {
	__u32 arrives;
	__u32 keeps;
};

/* What arrives is a dead name: the name ~0. */
#define DEAD	1

static const struct cell cells[STATES][6] = {
	/* MOVE_RECEIVE, MOVE_SEND, MOVE_SEND_ONCE,
	 * COPY_SEND, MAKE_SEND, MAKE_SEND_ONCE
	 */
	[IS_RECEIVE] = {
		{ RECEIVE, NONE }, { 0, RECEIVE }, { 0, RECEIVE },
		{ 0, RECEIVE }, { SEND, RECEIVE }, { SEND_ONCE, RECEIVE },
	},
	[IS_SEND] = {
		{ 0, SEND }, { SEND, NONE }, { 0, SEND },
		{ SEND, SEND }, { 0, SEND }, { 0, SEND },
	},
	[IS_BOTH] = {
		{ RECEIVE, SEND }, { SEND, RECEIVE }, { 0, SEND | RECEIVE },
		{ SEND, SEND | RECEIVE }, { SEND, SEND | RECEIVE },
		{ SEND_ONCE, SEND | RECEIVE },
	},
	[IS_SEND_ONCE] = {
		{ 0, SEND_ONCE }, { 0, SEND_ONCE }, { SEND_ONCE, NONE },
		{ 0, SEND_ONCE }, { 0, SEND_ONCE }, { 0, SEND_ONCE },
	},
	[IS_DEAD_NAME] = {
		{ 0, DEAD_NAME }, { DEAD, NONE }, { DEAD, NONE },
		{ DEAD, DEAD_NAME }, { 0, DEAD_NAME }, { 0, DEAD_NAME },
	},
	[IS_UNUSED] = {
		{ 0, NONE }, { 0, NONE }, { 0, NONE },
		{ 0, NONE }, { 0, NONE }, { 0, NONE },
	},
};

static __u32 received_name(__u32 disposition)
{
	switch (disposition) {
	case MACH_MSG_TYPE_COPY_SEND:
	case MACH_MSG_TYPE_MAKE_SEND:
		return MACH_MSG_TYPE_PORT_SEND;
	case MACH_MSG_TYPE_MAKE_SEND_ONCE:
		return MACH_MSG_TYPE_PORT_SEND_ONCE;
	default:
		return disposition;
	}
}

struct scene {
	struct mt_task receiver, owner;
	__u32 port;		/* of the receiver */
	__u32 right;		/* the sender's, for it */
};

static void open_scene(struct scene *scene, const struct mt_task *task)
{
	mt_open(&scene->receiver);
	mt_open(&scene->owner);
	scene->port = mt_receive_right(&scene->receiver);
	scene->right = mt_connect(task, &scene->receiver, scene->port);
}

static __s32 send_right(const struct mt_task *task, const struct scene *scene,
			__u32 name, __u32 disposition)
{
	struct mt_message message;

	mt_begin(&message, scene->right, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, name, disposition);
	return mt_send(task, &message);
}

/* Is what arrived as @cell says? */
static bool arrived(const struct scene *scene, __u32 disposition,
		    __u32 arrives)
{
	struct mt_message message;
	struct mt_item item;
	__u32 name;

	mt_must(mt_receive(&scene->receiver, scene->port, &message, 0));
	item = mt_item(&message, 0);
	name = mt_right(&message, 0);
	return mt_item_name(&item) == received_name(disposition) &&
	       mt_item_bits(&item) == MACH_MSG_PORT_INLINE_BITS &&
	       item.desc & MACH_MSG_DESC_INLINE &&
	       !(item.desc & MACH_MSG_DESC_DEALLOCATE) &&
	       message.head.bits & MACH_MSGH_BITS_COMPLEX &&
	       (arrives == DEAD ? name == MACH_PORT_DEAD :
				  mt_types(&scene->receiver, name) == arrives);
}

TEST_F(mach, S2_1_every_disposition_of_every_name)
{
	struct scene scene;

	open_scene(&scene, &self->task);
	for (int state = 0; state < STATES; state++) {
		for (__u32 i = 0; i < 6; i++) {
			const struct cell *cell = &cells[state][i];
			__u32 disposition = MACH_MSG_TYPE_MOVE_RECEIVE + i;
			__u32 name = make_name(state, &self->task,
					       &scene.owner);

			EXPECT_EQ(cell->arrives ? MACH_MSG_SUCCESS :
						  MACH_SEND_INVALID_RIGHT,
				  send_right(&self->task, &scene, name,
					     disposition))
				TH_LOG("state %d type %u", state, disposition);
			EXPECT_EQ(cell->keeps, mt_types(&self->task, name))
				TH_LOG("state %d type %u", state, disposition);
			if (!cell->arrives)
				continue;
			EXPECT_TRUE(arrived(&scene, disposition,
					    cell->arrives))
				TH_LOG("state %d type %u", state, disposition);
		}
	}
	EXPECT_TRUE(mt_empty(&scene.receiver, scene.port));
}

TEST_F(mach, S2_1_null_and_dead_names_are_always_legal)
{
	const struct mt_task *task = &self->task;
	static const __u32 names[] = { MACH_PORT_NULL, MACH_PORT_DEAD };
	struct mt_message message;
	struct mt_item item;
	struct scene scene;

	open_scene(&scene, task);
	for (__u32 type = MACH_MSG_TYPE_MOVE_RECEIVE;
	     type <= MACH_MSG_TYPE_MAKE_SEND_ONCE; type++) {
		for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
			EXPECT_EQ(MACH_MSG_SUCCESS,
				  send_right(task, &scene, names[i], type));
			mt_must(mt_receive(&scene.receiver, scene.port,
					   &message, 0));
			item = mt_item(&message, 0);
			EXPECT_EQ(received_name(type), mt_item_name(&item));
			EXPECT_EQ(names[i], item.data[0]);
		}
	}
}

TEST_F(mach, N38_upper_half_of_a_name_is_ignored)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), carried = mt_port(task);
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put(&message, MACH_MSG_DESC(MACH_MSG_TYPE_COPY_SEND, 64, 2,
				       MACH_MSG_DESC_INLINE));
	mt_put(&message, carried | 0xffffffffULL << 32);
	mt_put(&message, 0x12345678ULL << 32);
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_send(task, &message));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(carried, message.words[5]);
	EXPECT_EQ(0ULL, message.words[6]);
}

TEST_F(mach, S2_1_move_send_takes_one_reference)
{
	const struct mt_task *task = &self->task;
	struct scene scene;
	__u32 name;

	open_scene(&scene, task);
	name = mt_port(task);
	mt_must(mt_mod_refs(task, name, MACH_PORT_RIGHT_SEND, 2));
	mt_must(send_right(task, &scene, name, MACH_MSG_TYPE_MOVE_SEND));
	EXPECT_EQ(2U, mt_refs(task, name, MACH_PORT_RIGHT_SEND));
	mt_must(send_right(task, &scene, name, MACH_MSG_TYPE_COPY_SEND));
	EXPECT_EQ(2U, mt_refs(task, name, MACH_PORT_RIGHT_SEND));
}

TEST_F(mach, S2_1_rights_for_one_port_join_under_one_name)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct scene scene;
	__u32 name, theirs;

	open_scene(&scene, task);
	name = mt_port(task);
	mt_begin(&message, scene.right, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, name, MACH_MSG_TYPE_MAKE_SEND);
	mt_put_right(&message, name, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, name, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_right(&message, name, MACH_MSG_TYPE_MOVE_RECEIVE);
	mt_put_right(&message, name, MACH_MSG_TYPE_MOVE_SEND);
	mt_must(mt_send(task, &message));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, name));

	mt_must(mt_receive(&scene.receiver, scene.port, &message, 0));
	theirs = mt_right(&message, 0);
	EXPECT_EQ(theirs, mt_right(&message, 1));
	EXPECT_NE(theirs, mt_right(&message, 2));
	EXPECT_EQ(theirs, mt_right(&message, 3));
	EXPECT_EQ(theirs, mt_right(&message, 4));
	EXPECT_EQ(SEND | RECEIVE, mt_types(&scene.receiver, theirs));
	EXPECT_EQ(3U, mt_refs(&scene.receiver, theirs, MACH_PORT_RIGHT_SEND));
}

TEST_F(mach, S2_1_send_once_rights_each_have_a_name)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), names[3];
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	for (int i = 0; i < 3; i++)
		mt_put_right(&message, port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_must(mt_send(task, &message));
	mt_must(mt_receive(task, port, &message, 0));
	for (int i = 0; i < 3; i++) {
		names[i] = mt_right(&message, i);
		EXPECT_EQ(SEND_ONCE, mt_types(task, names[i]));
	}
	EXPECT_NE(names[0], names[1]);
	EXPECT_NE(names[1], names[2]);
	EXPECT_NE(names[0], names[2]);
	EXPECT_NE(port, names[0]);
}

TEST_F(mach, S2_1_array_of_rights)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), names[100];
	struct mt_message message;
	struct mt_item item;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put(&message, MACH_MSG_DESC(MACH_MSG_TYPE_MAKE_SEND, 64, 100,
				       MACH_MSG_DESC_INLINE |
				       MACH_MSG_DESC_LONGFORM));
	for (int i = 0; i < 100; i++) {
		names[i] = mt_receive_right(task);
		mt_put(&message, names[i]);
	}
	mt_must(mt_send(task, &message));
	mt_must(mt_receive(task, port, &message, 0));
	item = mt_item(&message, 0);
	EXPECT_EQ(MACH_MSG_DESC(MACH_MSG_TYPE_PORT_SEND, 64, 100,
				MACH_MSG_DESC_INLINE | MACH_MSG_DESC_LONGFORM),
		  item.desc);
	for (int i = 0; i < 100; i++) {
		EXPECT_EQ(names[i], item.data[i]);
		EXPECT_EQ(SEND | RECEIVE, mt_types(task, names[i]));
	}
}

TEST_F(mach, S2_1_port_that_dies_in_transit_arrives_dead)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), carried = mt_receive_right(task);
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, carried, MACH_MSG_TYPE_MAKE_SEND);
	mt_put_right(&message, carried, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_must(mt_send(task, &message));
	mt_must(mt_destroy(task, carried));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_receive(task, port, &message, 0));
	EXPECT_EQ(MACH_PORT_DEAD, mt_right(&message, 0));
	EXPECT_EQ(MACH_PORT_DEAD, mt_right(&message, 1));
}

/* Rights of a message work for the one who received them. */
TEST_F(mach, received_rights_work)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct mt_task other;
	__u32 port, right, once, moved;

	mt_open(&other);
	port = mt_port(task);
	right = mt_transfer(task, &other, port, MACH_MSG_TYPE_COPY_SEND);
	once = mt_transfer(task, &other, port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mt_send_id(&other, right, MACH_MSG_TYPE_COPY_SEND, 1));
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mt_send_id(&other, once, MACH_MSG_TYPE_MOVE_SEND_ONCE, 2));
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  mt_send_id(&other, once, MACH_MSG_TYPE_MOVE_SEND_ONCE, 2));
	moved = mt_transfer(task, &other, port, MACH_MSG_TYPE_MOVE_RECEIVE);
	EXPECT_EQ(right, moved);
	mt_must(mt_receive(&other, moved, &message, 0));
	EXPECT_EQ(1U, message.head.id);
	mt_must(mt_receive(&other, moved, &message, 0));
	EXPECT_EQ(2U, message.head.id);
	EXPECT_EQ(MACH_RCV_INVALID_NAME, mt_receive(task, port, &message, 0));
}

/* N28: a name as data is a number, whatever it names. */
TEST_F(mach, N28_port_name_is_data)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put(&message, MACH_MSG_DESC(MACH_MSG_TYPE_PORT_NAME, 32, 2,
				       MACH_MSG_DESC_INLINE));
	mt_put(&message, port | (__u64)MT_UNUSED << 32);
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_send(task, &message));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(port | (__u64)MT_UNUSED << 32, message.words[5]);
	EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
}

TEST_HARNESS_MAIN
