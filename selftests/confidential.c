// SPDX-License-Identifier: GPL-2.0
/*
 * Not one byte arrives that was not sent: the kernel's free memory and stack
 * are full of somebody's data, and so is what lies beside a region (spec 3.1
 * O22, O29; negative tests N11, N12).
 *
 * Boot with init_on_alloc=0, or the kernel itself hides what this is to find.
 */
#include <poll.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/socket.h>

#include "lib/fixture.h"
#include "lib/mach_calls.h"
#include "lib/source.h"

/* ---- somebody's data in free memory ---- */

#define FREE_PAGES	2048

static void spoil_pages(int value)
{
	char *memory = mt_map(FREE_PAGES);

	memset(memory, value, FREE_PAGES * MT_PAGE);
	mt_unmap(memory, FREE_PAGES * MT_PAGE);
}

#define OBJECTS		32
#define LARGEST		4000

/* Objects of each size of the kernel's allocator, charged and not. */
static void spoil_objects(int value)
{
	static struct {
		long type;
		char text[LARGEST];
	} message = { .type = 1 };
	int queue = msgget(IPC_PRIVATE, 0600), pair[2];

	memset(message.text, value, LARGEST);
	mt_must(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair));
	for (unsigned int bytes = 16; bytes <= LARGEST; bytes *= 2) {
		/* Both have bounds of their own: as many as go. */
		for (int i = 0; i < OBJECTS; i++) {
			if (queue >= 0)
				msgsnd(queue, &message, bytes - 8,
				       IPC_NOWAIT);
			send(pair[0], message.text, bytes, 0);
		}
		while (queue >= 0 &&
		       msgrcv(queue, &message, LARGEST, 0, IPC_NOWAIT) >= 0)
			;
		while (recv(pair[1], message.text, LARGEST, 0) > 0)
			;
	}
	if (queue >= 0)
		msgctl(queue, IPC_RMID, NULL);
	close(pair[0]);
	close(pair[1]);
}

/* poll(2) keeps what it was given on the kernel's stack. */
static void spoil_stack(int value)
{
	struct pollfd files[30];

	memset(files, value | 0x80, sizeof(files));
	poll(files, ARRAY_SIZE(files), 0);
}

static void spoil(int value)
{
	spoil_pages(value);
	spoil_objects(value);
	spoil_stack(value);
}

/* ---- memory ---- */

static struct mt_source make(unsigned long offset, unsigned long bytes)
{
	unsigned long pages = (offset + bytes + MT_PAGE - 1) / MT_PAGE;

	/* Everything beside the region is secret, too. */
	return (struct mt_source) {
		.memory = mt_map_filled(pages, 1) + offset,
		.bytes = bytes,
		.want = mt_map_filled(pages, 1) + offset,
		.reasons = MT_REASON(EDGE) | MT_REASON(SMALL) |
			   MT_REASON(REFS),
		.loose = true,
	};
}

static const struct {
	unsigned long offset, bytes;
} places[] = {
	{ 0, 1 }, { 1, 1 }, { 4095, 1 }, { 100, 200 }, { 4000, 200 },
	{ 1, 4095 }, { 2000, 3 * MT_PAGE }, { 0, 3 * MT_PAGE + 7 },
	{ 4095, 2 * MT_PAGE + 2 },
};

/* The checks are those of lib/source.c: what is beside it is zero. */
TEST_F(mach, N12_O22_edges)
{
	mt_source_begin();
	for (int i = 0; i < (int)ARRAY_SIZE(places) * 2; i++) {
		struct mt_source source;

		mt_set_param("share_min", i % 2 ? 1 << 30 : 0);
		spoil_pages(0xa5);
		source = make(places[i / 2].offset, places[i / 2].bytes);
		spoil_objects(0xa5);
		mt_source_copy(&self->task, &source);
		mt_source_move(&self->task, &source);
	}
}

/* However the receiver looks at them, and whoever inherits them. */
TEST_F(mach, N12_O22_edges_looked_at_in_all_ways)
{
	struct mt_source source;
	char *received, *page, *peeked = mt_map(3);
	pid_t pid;

	mt_source_begin();
	spoil(0xa5);
	source = make(1000, 2 * MT_PAGE);
	received = mt_source_copy(&self->task, &source);
	page = received - 1000;
	spoil_pages(0xa5);
	mt_must(madvise(page, 3 * MT_PAGE, MADV_DONTNEED));
	EXPECT_TRUE(mt_all(page, 1000, 0));
	EXPECT_TRUE(mt_all(received + source.bytes, MT_PAGE - 1000, 0));
	mt_must(madvise(page, 3 * MT_PAGE, MADV_DONTNEED));
	ASSERT_TRUE(mt_peek(getpid(), page, peeked, 3 * MT_PAGE));
	EXPECT_TRUE(mt_all(peeked, 1000, 0));
	EXPECT_TRUE(mt_all(peeked + 1000 + source.bytes, MT_PAGE - 1000, 0));
	/* A write makes a copy of a page; of all of it. */
	received[0] ^= 1;
	received[source.bytes - 1] ^= 1;
	EXPECT_TRUE(mt_all(page, 1000, 0));
	EXPECT_TRUE(mt_all(received + source.bytes, MT_PAGE - 1000, 0));
	pid = mt_fork();
	if (pid == 0) {
		received[1] ^= 1;
		_exit(!mt_all(page, 1000, 0));
	}
	EXPECT_EQ(0, mt_wait_pid(pid));
}

/* Pages that were never touched show zeroes, also those next to a write. */
TEST_F(mach, N12_never_touched)
{
	unsigned long pages = 64;
	char *received;

	for (int i = 0; i < 4; i++) {
		mt_set_param("share_min", i / 2 ? 1 << 30 : 0);
		spoil(0xa5);
		received = i % 2 ?
			mt_move_memory(&self->task, mt_map(pages),
				       pages * MT_PAGE) :
			mt_pass_memory(&self->task, mt_map(pages),
				       pages * MT_PAGE, 0);
		for (unsigned long page = 0; page < pages; page += 2)
			received[page * MT_PAGE + 7] = 1;
		for (unsigned long page = 0; page < pages; page++) {
			char *start = received + page * MT_PAGE;

			ASSERT_EQ(page % 2 == 0, start[7]);
			ASSERT_TRUE(mt_all(start, 7, 0));
			ASSERT_TRUE(mt_all(start + 8, MT_PAGE - 8, 0));
		}
	}
}

/* Bits that make no whole byte, and the bytes behind them. */
TEST_F(mach, N12_size_in_bits)
{
	__u32 port = mt_port(&self->task);

	mt_source_begin();
	for (__u32 number = 1; number < 40; number += 3) {
		__u64 bytes = (number + 7) / 8;
		char *memory = mt_map_filled(1, 1), *received;
		struct mt_message message;

		spoil_pages(0xa5);
		mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
		mt_put(&message, MACH_MSG_DESC(MACH_MSG_TYPE_BIT, 1, number,
					       0));
		mt_put(&message, (unsigned long)memory);
		mt_must(mt_send(&self->task, &message));
		received = mt_receive_memory(&self->task, port);
		EXPECT_EQ(0, memcmp(memory, received, bytes));
		EXPECT_TRUE(mt_all(received + bytes, MT_PAGE - bytes, 0))
			TH_LOG("%u bits", number);
	}
}

/* ---- messages ---- */

/* Sent with whatever the sender left in its buffer. */
TEST_F(mach, N11_in_line_padding)
{
	__u32 port = mt_port(&self->task);
	struct mt_message message;

	for (__u32 bytes = 1; bytes <= 40; bytes++) {
		__u32 end = 40 + bytes, padded = (end + 7) & -8U;
		struct mach_ioc_msg call = {
			.option = MACH_SEND_MSG,
			.msg = (unsigned long)message.bytes,
			.send_size = padded,
		};

		spoil_objects(0xa5);
		memset(&message, 0x5a, sizeof(message));
		mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
		message.head.bits |= MACH_MSGH_BITS_COMPLEX;
		message.words[4] = MACH_MSG_DESC(MACH_MSG_TYPE_BYTE, 8, bytes,
						 MACH_MSG_DESC_INLINE);
		mt_must(mt_msg(&self->task, &call));
		mt_must(mt_receive(&self->task, port, &message, 0));
		ASSERT_EQ(padded, message.size);
		EXPECT_TRUE(mt_all(message.bytes + 40, bytes, 0x5a));
		EXPECT_TRUE(mt_all(message.bytes + end, padded - end, 0))
			TH_LOG("%u bytes", bytes);
		/* Nor is more written than there is. */
		EXPECT_TRUE(mt_all(message.bytes + padded, 64, MT_POISON));
	}
}

/* Each field of the header is accounted for. */
TEST_F(mach, N11_header)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mach_wire_header want = {
		.bits = MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND),
		.size = 32,
		.local_port = port,
		.id = 77,
	};
	struct mt_message message;
	struct mach_ioc_msg call = {
		.option = MACH_RCV_MSG,
		.msg = (unsigned long)message.bytes,
		.rcv_name = port,
		.rcv_size = 32,
	};

	for (want.seqno = 0; want.seqno < 3; want.seqno++) {
		mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 77));
		spoil_stack(0xa5);
		mt_must(mt_receive(task, port, &message, 0));
		EXPECT_EQ(0, memcmp(&want, &message.head, sizeof(want)));
	}
	/* Of a message that is lost because it is too large. */
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_data(&message, "too large", 9);
	message.head.id = 77;
	want.size = message.size;
	mt_must(mt_send(task, &message));
	memset(&message, MT_POISON, sizeof(message));
	spoil_stack(0xa5);
	EXPECT_EQ(MACH_RCV_TOO_LARGE, mt_msg(task, &call));
	EXPECT_EQ(0, memcmp(&want, &message.head, sizeof(want)));
	EXPECT_TRUE(mt_all(message.bytes + 32, 64, MT_POISON));
}

/* ---- structs: the same whatever lay in the kernel's memory before ---- */

#define ROOM	512

struct question {
	const char *name;
	unsigned long command;
	__u32 bytes;
	__u32 flags;
};

#define ASK(command, type)	{ #command, MACH_IOC_##command, sizeof(type), 0 }

static const struct question questions[] = {
	ASK(FEATURES, struct mach_ioc_features),
	ASK(STATS, struct mach_ioc_stats),
	{ "STATS of all", MACH_IOC_STATS, sizeof(struct mach_ioc_stats),
	  MACH_STATS_MODULE },
	ASK(PORT_TYPE, struct mach_ioc_port),
	ASK(PORT_GET_REFS, struct mach_ioc_port),
	ASK(PORT_GET_RECEIVE_STATUS, struct mach_ioc_receive_status),
	ASK(PORT_GET_SRIGHTS, struct mach_ioc_value),
	ASK(PORT_DNREQUEST_INFO, struct mach_ioc_value),
	ASK(PORT_GET_SET_STATUS, struct mach_ioc_members),
	ASK(PORT_NAMES, struct mach_ioc_names),
	ASK(PORTS_LOOKUP, struct mach_ioc_registered),
	ASK(TASK_GET_SPECIAL, struct mach_ioc_special),
	ASK(MSG, struct mach_ioc_msg),
};

/* Sets the fields that most of these structs have at the same places. */
static void fill_in(const struct mt_task *task, __u32 port,
		    const struct question *question, char *buffer)
{
	struct mach_ioc_port *call = (void *)buffer;

	memset(buffer, 0, question->bytes);
	memset(buffer + question->bytes, MT_POISON, ROOM - question->bytes);
	call->size = question->bytes;
	call->flags = question->flags;
	if (question->bytes == sizeof(struct mach_ioc_features) ||
	    question->bytes == sizeof(struct mach_ioc_stats) ||
	    question->command == MACH_IOC_MSG)
		return;
	call->task = task->self;
	if (question->command != MACH_IOC_PORTS_LOOKUP &&
	    question->command != MACH_IOC_PORT_NAMES &&
	    question->command != MACH_IOC_PORT_GET_SET_STATUS)
		call->name = port;
}

/* The layout that fill_in() relies on. */
_Static_assert(offsetof(struct mach_ioc_port, task) ==
	       offsetof(struct mach_ioc_receive_status, task), "task");
_Static_assert(offsetof(struct mach_ioc_port, name) ==
	       offsetof(struct mach_ioc_receive_status, name), "name");
_Static_assert(offsetof(struct mach_ioc_port, task) ==
	       offsetof(struct mach_ioc_value, task), "task");
_Static_assert(offsetof(struct mach_ioc_port, name) ==
	       offsetof(struct mach_ioc_value, name), "name");
_Static_assert(sizeof(struct mach_ioc_stats) <= ROOM - 64, "room");

TEST_F(mach, N11_structs)
{
	__u32 port = mt_port(&self->task);
	char first[ROOM], second[ROOM];

	for (size_t i = 0; i < ARRAY_SIZE(questions); i++) {
		const struct question *question = &questions[i];
		int error;

		fill_in(&self->task, port, question, first);
		fill_in(&self->task, port, question, second);
		spoil(0xa5);
		error = mt_ioctl(&self->task, question->command, first);
		spoil(0x5a);
		EXPECT_EQ(error, mt_ioctl(&self->task, question->command,
					  second));
		EXPECT_EQ(0, error) TH_LOG("%s", question->name);
		EXPECT_EQ(0, memcmp(first, second, ROOM))
			TH_LOG("%s", question->name);
		EXPECT_TRUE(mt_all(first + question->bytes,
				   ROOM - question->bytes, MT_POISON))
			TH_LOG("%s", question->name);
	}
}

/* Slots for reasons that do not exist yet. */
TEST_F(mach, N11_unused_slots)
{
	struct mach_ioc_stats stats;

	spoil(0xa5);
	stats = mt_stats(&self->task, MACH_STATS_MODULE);
	for (int i = MACH_COPY_RETRY + 1; i < MACH_COPY_REASONS; i++)
		EXPECT_EQ(0ULL, stats.pages_copied[i]);
	stats = mt_stats(&self->task, 0);
	EXPECT_TRUE(mt_all(&stats.live_tasks, sizeof(stats) -
			   offsetof(struct mach_ioc_stats, live_tasks), 0));
}

/* Lists end where the count says. */
TEST_F(mach, N11_lists)
{
	__u32 names[16], types[16], count;

	mt_port(&self->task);
	memset(names, MT_POISON, sizeof(names));
	memset(types, MT_POISON, sizeof(types));
	spoil(0x5a);
	mt_must(mt_names(&self->task, names, types, 16, &count));
	ASSERT_LT(count, 16U);
	EXPECT_TRUE(mt_all(names + count, 4 * (16 - count), MT_POISON));
	EXPECT_TRUE(mt_all(types + count, 4 * (16 - count), MT_POISON));
}

TEST_HARNESS_MAIN
