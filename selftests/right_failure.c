// SPDX-License-Identifier: GPL-2.0
/*
 * A body that fails: what is wrong with its descriptors is found before
 * anything has moved; from the first right or region on a failure destroys
 * what was taken, with all consequences (K2, spec 7; negative test N14).
 */
#include "lib/fixture.h"

/* A message that carries one of everything. */
struct cargo {
	__u32 port, dest;	/* the destination is moved */
	__u32 reply;		/* a send-once right is made from it */
	__u32 receive, send, once_port, once;
	struct mt_task watcher;
	__u32 watched;		/* the watcher's send right for receive */
	__u32 notify;		/* of the watcher */
	__u32 senders;		/* no-senders of send go there */
	char *memory;
	struct mt_message message;
};

static void load(struct cargo *cargo, const struct mt_task *task)
{
	mt_open(&cargo->watcher);
	cargo->port = mt_receive_right(&cargo->watcher);
	cargo->dest = mt_connect(task, &cargo->watcher, cargo->port);
	cargo->reply = mt_receive_right(task);
	cargo->receive = mt_receive_right(task);
	cargo->watched = mt_connect(&cargo->watcher, task, cargo->receive);
	cargo->notify = mt_receive_right(&cargo->watcher);
	mt_arm(&cargo->watcher, cargo->watched, MACH_NOTIFY_DEAD_NAME,
	       cargo->notify);
	cargo->send = mt_port(task);
	cargo->senders = mt_receive_right(task);
	mt_arm(task, cargo->send, MACH_NOTIFY_NO_SENDERS, cargo->senders);
	cargo->once_port = mt_receive_right(task);
	cargo->once = mt_make_send_once(task, cargo->once_port);
	cargo->memory = mt_map_filled(4, 1);

	mt_begin(&cargo->message, cargo->dest, MACH_MSG_TYPE_MOVE_SEND);
	mt_reply_to(&cargo->message, cargo->reply,
		    MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_right(&cargo->message, cargo->receive,
		     MACH_MSG_TYPE_MOVE_RECEIVE);
	mt_put_right(&cargo->message, cargo->send, MACH_MSG_TYPE_MOVE_SEND);
	mt_put_right(&cargo->message, cargo->once,
		     MACH_MSG_TYPE_MOVE_SEND_ONCE);
	mt_put_memory(&cargo->message, cargo->memory, 4 * MT_PAGE,
		      MACH_MSG_DESC_DEALLOCATE);
}

#define EXPECT_NOTHING_HAPPENED(cargo)					\
	do {								\
		EXPECT_EQ(MACH_PORT_TYPE_SEND,				\
			  mt_types(&self->task, (cargo)->dest));	\
		EXPECT_EQ(MACH_PORT_TYPE_RECEIVE,			\
			  mt_types(&self->task, (cargo)->receive));	\
		EXPECT_EQ(1U, mt_refs(&self->task, (cargo)->send,	\
				      MACH_PORT_RIGHT_SEND));		\
		EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE,			\
			  mt_types(&self->task, (cargo)->once));	\
		EXPECT_TRUE(mt_empty(&self->task, (cargo)->reply));	\
		EXPECT_TRUE(mt_empty(&self->task, (cargo)->senders));	\
		EXPECT_TRUE(mt_holds((cargo)->memory, 4 * MT_PAGE, 1));	\
	} while (0)

#define EXPECT_ALL_DESTROYED(cargo)					\
	do {								\
		EXPECT_EQ(MACH_PORT_TYPE_NONE,				\
			  mt_types(&self->task, (cargo)->dest));	\
		EXPECT_EQ(MACH_PORT_TYPE_NONE,				\
			  mt_types(&self->task, (cargo)->receive));	\
		EXPECT_TRUE(mt_notified(&(cargo)->watcher,		\
					(cargo)->notify,		\
					MACH_NOTIFY_DEAD_NAME,		\
					(cargo)->watched));		\
		EXPECT_EQ(MACH_PORT_TYPE_RECEIVE,			\
			  mt_types(&self->task, (cargo)->send));	\
		EXPECT_TRUE(mt_notified(&self->task, (cargo)->senders,	\
					MACH_NOTIFY_NO_SENDERS, 1));	\
		EXPECT_EQ(MACH_PORT_TYPE_NONE,				\
			  mt_types(&self->task, (cargo)->once));	\
		EXPECT_TRUE(mt_notified(&self->task, (cargo)->once_port, \
					MACH_NOTIFY_SEND_ONCE, 0));	\
		EXPECT_TRUE(mt_notified(&self->task, (cargo)->reply,	\
					MACH_NOTIFY_SEND_ONCE, 0));	\
		EXPECT_FALSE(mt_mapped((cargo)->memory));		\
		EXPECT_TRUE(mt_empty(&(cargo)->watcher, (cargo)->port)); \
	} while (0)

TEST_F(mach, bad_descriptors_come_first)
{
	static const struct {
		__u64 desc;
		__s32 ret;
	} rows[] = {
		/* unused bits */
		{ MACH_MSG_DESC(MACH_MSG_TYPE_BYTE, 8, 8,
				MACH_MSG_DESC_INLINE | 0x01000000),
		  MACH_SEND_INVALID_TYPE },
		{ MACH_MSG_DESC(MACH_MSG_TYPE_BYTE, 8, 8,
				MACH_MSG_DESC_INLINE | 0x10000000),
		  MACH_SEND_INVALID_TYPE },
		/* deallocate in line */
		{ MACH_MSG_DESC(MACH_MSG_TYPE_BYTE, 8, 8,
				MACH_MSG_DESC_INLINE |
				MACH_MSG_DESC_DEALLOCATE),
		  MACH_SEND_INVALID_TYPE },
		{ MACH_MSG_DESC(MACH_MSG_TYPE_COPY_SEND, 64, 1,
				MACH_MSG_DESC_INLINE |
				MACH_MSG_DESC_DEALLOCATE),
		  MACH_SEND_INVALID_TYPE },
		/* ports of another size */
		{ MACH_MSG_DESC(MACH_MSG_TYPE_COPY_SEND, 32, 1,
				MACH_MSG_DESC_INLINE),
		  MACH_SEND_INVALID_TYPE },
		{ MACH_MSG_DESC(MACH_MSG_TYPE_COPY_SEND, 0, 1,
				MACH_MSG_DESC_INLINE),
		  MACH_SEND_INVALID_TYPE },
		{ MACH_MSG_DESC(MACH_MSG_TYPE_MAKE_SEND, 63, 0,
				MACH_MSG_DESC_INLINE),
		  MACH_SEND_INVALID_TYPE },
		{ MACH_MSG_DESC(MACH_MSG_TYPE_COPY_SEND, 64, 1, 0),
		  MACH_SEND_INVALID_TYPE },
		/* more than there is */
		{ MACH_MSG_DESC(MACH_MSG_TYPE_BYTE, 8, 9,
				MACH_MSG_DESC_INLINE),
		  MACH_SEND_MSG_TOO_SMALL },
	};
	struct cargo cargo;
	__u32 start;

	load(&cargo, &self->task);
	start = cargo.message.size;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cargo.message.size = start;
		mt_put(&cargo.message, rows[i].desc);
		mt_put(&cargo.message, 0);
		EXPECT_EQ(rows[i].ret, mt_send(&self->task, &cargo.message))
			TH_LOG("row %zu", i);
		EXPECT_NOTHING_HAPPENED(&cargo);
	}
}

TEST_F(mach, bytes_behind_the_last_item)
{
	struct cargo cargo;

	load(&cargo, &self->task);
	/* 16 more bytes of which 8 make a descriptor of nothing. */
	mt_put(&cargo.message, MACH_MSG_DESC(MACH_MSG_TYPE_BYTE, 8, 8,
					     MACH_MSG_DESC_INLINE));
	EXPECT_EQ(MACH_SEND_MSG_TOO_SMALL,
		  mt_send(&self->task, &cargo.message));
	EXPECT_NOTHING_HAPPENED(&cargo);
}

TEST_F(mach, K2_bad_right)
{
	struct cargo cargo;
	struct mt_message copy;

	load(&cargo, &self->task);
	mt_put_right(&cargo.message, MT_UNUSED, MACH_MSG_TYPE_COPY_SEND);
	memcpy(&copy, &cargo.message, cargo.message.size);
	EXPECT_EQ(MACH_SEND_INVALID_RIGHT,
		  mt_send(&self->task, &cargo.message));
	EXPECT_EQ(0, memcmp(&copy, &cargo.message, cargo.message.size));
	EXPECT_ALL_DESTROYED(&cargo);
}

TEST_F(mach, K2_bad_memory)
{
	struct cargo cargo;

	load(&cargo, &self->task);
	mt_put_memory(&cargo.message, (void *)8, 1, 0);
	EXPECT_EQ(MACH_SEND_INVALID_MEMORY,
		  mt_send(&self->task, &cargo.message));
	EXPECT_ALL_DESTROYED(&cargo);
}

/* What stands behind the failing item has not been touched. */
TEST_F(mach, K2_items_behind_the_failure)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), later = mt_receive_right(task);
	char *memory = mt_map_filled(2, 1);
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, MT_UNUSED, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, later, MACH_MSG_TYPE_MOVE_RECEIVE);
	mt_put_memory(&message, memory, 2 * MT_PAGE,
		      MACH_MSG_DESC_DEALLOCATE);
	EXPECT_EQ(MACH_SEND_INVALID_RIGHT, mt_send(task, &message));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(task, later));
	EXPECT_TRUE(mt_holds(memory, 2 * MT_PAGE, 1));
}

TEST_F(mach, K2_failure_at_every_element)
{
	const struct mt_task *task = &self->task;
	__u64 ports = mt_live(task, MT_LIVE(ports));
	__u32 port = mt_port(task), names[10];

	for (int bad = 0; bad < 10; bad++) {
		struct mt_message message;

		mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
		mt_put(&message,
		       MACH_MSG_DESC(MACH_MSG_TYPE_MOVE_RECEIVE, 64, 10,
				     MACH_MSG_DESC_INLINE));
		for (int i = 0; i < 10; i++) {
			names[i] = mt_receive_right(task);
			mt_put(&message, i == bad ? MT_UNUSED : names[i]);
		}
		EXPECT_EQ(MACH_SEND_INVALID_RIGHT, mt_send(task, &message));
		for (int i = 0; i < 10; i++) {
			EXPECT_EQ(i < bad ? MACH_PORT_TYPE_NONE :
					    MACH_PORT_TYPE_RECEIVE,
				  mt_types(task, names[i]))
				TH_LOG("bad %d, name %d", bad, i);
			if (i >= bad)
				mt_must(mt_destroy(task, names[i]));
		}
	}
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(ports), ports + 1));
}

/* The same right twice: there was only one. */
TEST_F(mach, N18_one_right_twice)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), name = mt_receive_right(task);
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, name, MACH_MSG_TYPE_MOVE_RECEIVE);
	mt_put_right(&message, name, MACH_MSG_TYPE_MOVE_RECEIVE);
	EXPECT_EQ(MACH_SEND_INVALID_RIGHT, mt_send(task, &message));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, name));

	name = mt_make_send_once(task, port);
	mt_begin(&message, name, MACH_MSG_TYPE_MOVE_SEND_ONCE);
	mt_put_right(&message, name, MACH_MSG_TYPE_MOVE_SEND_ONCE);
	EXPECT_EQ(MACH_SEND_INVALID_RIGHT, mt_send(task, &message));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, name));
	EXPECT_TRUE(mt_notified(task, port, MACH_NOTIFY_SEND_ONCE, 0));
	EXPECT_TRUE(mt_empty(task, port));
}

/* The destination's receive right goes with the message: it dies with it. */
TEST_F(mach, destination_moved_in_its_own_failing_body)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, port, MACH_MSG_TYPE_MOVE_RECEIVE);
	mt_put_right(&message, MT_UNUSED, MACH_MSG_TYPE_COPY_SEND);
	EXPECT_EQ(MACH_SEND_INVALID_RIGHT, mt_send(task, &message));
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, mt_types(task, port));
}

TEST_HARNESS_MAIN
