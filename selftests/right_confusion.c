// SPDX-License-Identifier: GPL-2.0
/*
 * What only looks like a right is none, and what is one cannot be passed off
 * as something else: data with names of rights, rights with numbers that name
 * nothing, types that do not exist, bits that only the kernel may set (spec
 * 1.7, 1.8, K20; negative tests N28, N29).  Arrays out of line are
 * ool_ports.c's, headers the right matrix's.
 */
#include "lib/fixture.h"
#include "lib/mach_calls.h"

/* A name of each kind, and the task that looks at what arrives. */
struct names {
	__u32 port, receive, once, set, dead;
	struct mt_task receiver;
	__u32 to, in;		/* a port of the receiver: ours, its own */
};

#define NAMES	5

static void make_names(struct names *names, const struct mt_task *task)
{
	names->port = mt_port(task);
	names->receive = mt_receive_right(task);
	names->once = mt_make_send_once(task, names->port);
	names->set = mt_set(task);
	names->dead = mt_dead_name(task);
	mt_open(&names->receiver);
	names->in = mt_receive_right(&names->receiver);
	names->to = mt_connect(task, &names->receiver, names->in);
}

static const __u32 *all(const struct names *names)
{
	return &names->port;
}

static __u32 count_names(const struct mt_task *task)
{
	__u32 count;

	mt_must(mt_names(task, NULL, NULL, 0, &count));
	return count;
}

static bool is_port(__u32 type)
{
	return type >= MACH_MSG_TYPE_MOVE_RECEIVE &&
	       type <= MACH_MSG_TYPE_MAKE_SEND_ONCE;
}

/* Names under every type that is no port: bytes, and nothing else moves. */
TEST_F(mach, N28_names_under_data_types)
{
	const struct mt_task *task = &self->task;
	struct names names;
	__u32 mine, theirs;

	make_names(&names, task);
	mine = count_names(task);
	theirs = count_names(&names.receiver);
	for (__u32 type = 0; type < 256; type++) {
		__u64 desc = MACH_MSG_DESC(type, 64, NAMES,
					   MACH_MSG_DESC_INLINE);
		struct mt_message message, in;

		if (is_port(type))
			continue;
		mt_begin(&message, names.to, MACH_MSG_TYPE_COPY_SEND);
		mt_put(&message, desc);
		for (int i = 0; i < NAMES; i++)
			mt_put(&message, all(&names)[i] | 7ULL << 40);
		ASSERT_EQ(MACH_MSG_SUCCESS, mt_send(task, &message))
			TH_LOG("type %u", type);
		mt_must(mt_receive(&names.receiver, names.in, &in, 0));
		ASSERT_EQ(0, memcmp(&message.words[4], &in.words[4],
				    8 + 8 * NAMES))
			TH_LOG("type %u", type);
	}
	EXPECT_EQ(mine, count_names(task));
	EXPECT_EQ(theirs, count_names(&names.receiver));
	EXPECT_EQ(1U, mt_refs(task, names.port, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(1U, mt_status(task, names.port).sorights);
}

/* The same 4 bytes a name, as PORT_NAME is meant, owned or not. */
TEST_F(mach, N28_port_names)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct names names;
	__u32 theirs;

	make_names(&names, task);
	theirs = count_names(&names.receiver);
	mt_begin(&message, names.to, MACH_MSG_TYPE_COPY_SEND);
	mt_put(&message, MACH_MSG_DESC(MACH_MSG_TYPE_PORT_NAME, 32, 6,
				       MACH_MSG_DESC_INLINE));
	mt_put(&message, names.port | (__u64)names.set << 32);
	mt_put(&message, MT_UNUSED | (__u64)names.dead << 32);
	mt_put(&message, ~0ULL);
	mt_must(mt_send(task, &message));
	mt_must(mt_receive(&names.receiver, names.in, &message, 0));
	EXPECT_EQ(names.port | (__u64)names.set << 32, message.words[5]);
	EXPECT_EQ(MT_UNUSED | (__u64)names.dead << 32, message.words[6]);
	EXPECT_EQ(~0ULL, message.words[7]);
	EXPECT_EQ(theirs, count_names(&names.receiver));
	EXPECT_EQ(1U, mt_refs(task, names.port, MACH_PORT_RIGHT_SEND));
}

/* Numbers that somebody may have written there, declared as rights. */
TEST_F(mach, N28_data_as_rights)
{
	static const __u32 numbers[] = {
		MT_UNUSED, 0x41414141U, 0x7fffffffU, 0x80000000U, 0xfffffffeU,
	};
	const struct mt_task *task = &self->task;
	struct names names;
	__u32 mine;

	make_names(&names, task);
	mine = count_names(task);
	for (__u32 type = MACH_MSG_TYPE_MOVE_RECEIVE;
	     type <= MACH_MSG_TYPE_MAKE_SEND_ONCE; type++) {
		for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
			struct mt_message message;

			mt_begin(&message, names.to, MACH_MSG_TYPE_COPY_SEND);
			mt_put_right(&message, numbers[i], type);
			EXPECT_EQ(MACH_SEND_INVALID_RIGHT,
				  mt_send(task, &message))
				TH_LOG("type %u name %#x", type, numbers[i]);
		}
	}
	EXPECT_EQ(mine, count_names(task));
	EXPECT_TRUE(mt_empty(&names.receiver, names.in));
}

/* Port descriptors of any size but the one. */
TEST_F(mach, N28_sizes_of_rights)
{
	const struct mt_task *task = &self->task;
	struct names names;

	make_names(&names, task);
	for (__u32 bits = 0; bits < 0x10000; bits = bits * 5 / 4 + 1) {
		struct mt_message message;

		if (bits == 64)
			continue;
		for (__u32 number = 0; number < 2; number++) {
			mt_begin(&message, names.to,
				 MACH_MSG_TYPE_COPY_SEND);
			mt_put(&message,
			       MACH_MSG_DESC(MACH_MSG_TYPE_MOVE_SEND, bits,
					     number, MACH_MSG_DESC_INLINE));
			mt_put(&message, names.port);
			message.size = MT_ROOM;
			EXPECT_EQ(MACH_SEND_INVALID_TYPE,
				  mt_send_wait(task, &message, 0))
				TH_LOG("%u bits", bits);
		}
	}
	EXPECT_EQ(1U, mt_refs(task, names.port, MACH_PORT_RIGHT_SEND));
}

/*
 * N29: a message that is not complex carries nothing, whatever its body says
 * and whichever of the kernel's own bits come with it.
 */
TEST_F(mach, N29_simple_message)
{
	const struct mt_task *task = &self->task;
	char *memory = mt_map_filled(2, 1);
	struct names names;

	make_names(&names, task);
	for (int bit = -1; bit < 31; bit++) {
		struct mt_message message, in;

		if (bit >= 0 && bit < 16)
			continue;
		mt_begin(&message, names.to, MACH_MSG_TYPE_COPY_SEND);
		mt_put_right(&message, names.port, MACH_MSG_TYPE_MOVE_SEND);
		mt_put_right(&message, names.receive,
			     MACH_MSG_TYPE_MOVE_RECEIVE);
		mt_put_right(&message, names.once,
			     MACH_MSG_TYPE_MOVE_SEND_ONCE);
		mt_put_memory(&message, memory, 2 * MT_PAGE,
			      MACH_MSG_DESC_DEALLOCATE);
		message.head.bits &= ~MACH_MSGH_BITS_COMPLEX;
		if (bit >= 0)
			message.head.bits |= 1U << bit;
		ASSERT_EQ(MACH_MSG_SUCCESS, mt_send(task, &message));
		mt_must(mt_receive(&names.receiver, names.in, &in, 0));
		EXPECT_EQ(MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND),
			  in.head.bits)
			TH_LOG("bit %d", bit);
		EXPECT_EQ(0, memcmp(message.bytes + 32, in.bytes + 32,
				    message.size - 32));
	}
	EXPECT_EQ(1U, mt_refs(task, names.port, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(task, names.receive));
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE, mt_types(task, names.once));
	EXPECT_TRUE(mt_holds(memory, 2 * MT_PAGE, 1));
	EXPECT_EQ(2U, count_names(&names.receiver));
}

/* The same bits with a body that does carry something (1.7). */
TEST_F(mach, N29_kernel_bits_of_a_complex_message)
{
	const struct mt_task *task = &self->task;
	struct names names;

	make_names(&names, task);
	for (int bit = 16; bit < 31; bit++) {
		struct mt_message message;

		mt_begin(&message, names.to, MACH_MSG_TYPE_COPY_SEND);
		mt_put_right(&message, names.port, MACH_MSG_TYPE_MAKE_SEND);
		message.head.bits |= 1U << bit;
		ASSERT_EQ(MACH_MSG_SUCCESS, mt_send(task, &message));
		mt_must(mt_receive(&names.receiver, names.in, &message, 0));
		EXPECT_EQ(MACH_MSGH_BITS_COMPLEX |
				  MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND),
			  message.head.bits)
			TH_LOG("bit %d", bit);
		EXPECT_EQ(MACH_PORT_TYPE_SEND,
			  mt_types(&names.receiver, mt_right(&message, 0)));
	}
}

/* A message that comes back is as it was sent, but for the kernel's bits. */
TEST_F(mach, N29_kernel_bits_come_not_back)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct names names;

	make_names(&names, task);
	mt_must(mt_set_qlimit(&names.receiver, names.in, 0));
	mt_begin(&message, names.to, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, names.port, MACH_MSG_TYPE_MAKE_SEND);
	message.head.bits |= 0x7fff0000;
	ASSERT_EQ(MACH_SEND_TIMED_OUT, mt_send_wait(task, &message, 0));
	EXPECT_EQ(MACH_MSGH_BITS_COMPLEX |
			  MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND, 0),
		  message.head.bits);
	EXPECT_EQ(names.port, mt_right(&message, 0));
}

TEST_HARNESS_MAIN
