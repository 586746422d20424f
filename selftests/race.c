// SPDX-License-Identifier: GPL-2.0
/*
 * Two threads in each other's way: whatever the order, exactly one of them
 * has the right or the message, nothing is lost or leaked, and a message is
 * what its sender's memory was at some moment (negative tests N3, N4, N18-N22,
 * N37).
 *
 * Each test runs many short rounds; the two sides start together.
 */
#include <pthread.h>
#include <sys/mman.h>

#include "lib/fixture.h"

#define ROUNDS	400

/* What the second thread does in each round. */
typedef void act(const struct mt_task *task, void *arg);

struct partner {
	const struct mt_task *task;
	act *act;
	void *arg;
	pthread_barrier_t barrier;
	pthread_t thread;
};

static void *follow(void *arg)
{
	struct partner *partner = arg;

	mt_one_cpu(1 % sysconf(_SC_NPROCESSORS_ONLN));
	for (int round = 0; round < ROUNDS; round++) {
		pthread_barrier_wait(&partner->barrier);
		partner->act(partner->task, partner->arg);
		pthread_barrier_wait(&partner->barrier);
	}
	return NULL;
}

static void start(struct partner *partner, const struct mt_task *task,
		  act *act, void *arg)
{
	partner->task = task;
	partner->act = act;
	partner->arg = arg;
	mt_one_cpu(0);
	mt_must(pthread_barrier_init(&partner->barrier, NULL, 2));
	mt_must(pthread_create(&partner->thread, NULL, follow, partner));
}

static void meet(struct partner *partner)
{
	pthread_barrier_wait(&partner->barrier);
}

static void end(struct partner *partner)
{
	mt_must(pthread_join(partner->thread, NULL));
}

struct shared_name {
	__u32 name;
	__s32 ret;
};

static void use_send_once(const struct mt_task *task, void *arg)
{
	struct shared_name *shared = arg;

	shared->ret = mt_send_id(task, shared->name,
				 MACH_MSG_TYPE_MOVE_SEND_ONCE, 2);
}

TEST_F(mach, N18_send_once_used_twice)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	struct shared_name shared;
	struct partner partner;

	start(&partner, task, use_send_once, &shared);
	for (int round = 0; round < ROUNDS; round++) {
		struct mt_message message;
		__s32 ret;

		shared.name = mt_make_send_once(task, port);
		meet(&partner);
		ret = mt_send_id(task, shared.name,
				 MACH_MSG_TYPE_MOVE_SEND_ONCE, 1);
		meet(&partner);
		ASSERT_EQ(MACH_MSG_SUCCESS + MACH_SEND_INVALID_DEST,
			  ret + shared.ret);
		mt_must(mt_receive(task, port, &message, 0));
		ASSERT_EQ(ret ? 2U : 1U, message.head.id);
		ASSERT_TRUE(mt_empty(task, port));
	}
	end(&partner);
}

static void deallocate(const struct mt_task *task, void *arg)
{
	struct shared_name *shared = arg;

	shared->ret = mt_deallocate(task, shared->name);
}

TEST_F(mach, N19_last_reference_moved_or_deallocated)
{
	const struct mt_task *task = &self->task;
	struct shared_name shared;
	struct partner partner;
	struct mt_task other;
	__u32 port, notify;

	mt_open(&other);
	port = mt_receive_right(&other);
	notify = mt_receive_right(&other);
	start(&partner, task, deallocate, &shared);
	for (__u32 round = 0; round < ROUNDS; round++) {
		struct mt_message message;
		__s32 ret;

		shared.name = mt_connect(task, &other, port);
		mt_arm(&other, port, MACH_NOTIFY_NO_SENDERS, notify);
		meet(&partner);
		ret = mt_send_id(task, shared.name, MACH_MSG_TYPE_MOVE_SEND,
				 1);
		meet(&partner);
		ASSERT_TRUE(ret == MACH_MSG_SUCCESS ?
			    shared.ret == KERN_INVALID_NAME :
			    shared.ret == KERN_SUCCESS &&
			    ret == MACH_SEND_INVALID_DEST)
			TH_LOG("results %#x and %#x", ret, shared.ret);
		if (ret == MACH_MSG_SUCCESS)
			mt_must(mt_receive(&other, port, &message, 0));
		/* Exactly one notification in both cases. */
		ASSERT_EQ(MACH_NOTIFY_NO_SENDERS,
			  mt_notification(&other, notify).id);
		ASSERT_TRUE(mt_empty(&other, notify));
	}
	end(&partner);
}

static void destroy(const struct mt_task *task, void *arg)
{
	struct shared_name *shared = arg;

	shared->ret = mt_destroy(task, shared->name);
}

TEST_F(mach, N20_N37_port_dies_under_a_receive)
{
	const struct mt_task *task = &self->task;
	__u64 messages = mt_live(task, MT_LIVE(messages));
	struct shared_name shared;
	struct partner partner;

	start(&partner, task, destroy, &shared);
	for (int round = 0; round < ROUNDS; round++) {
		struct mt_message message;
		__s32 ret;

		shared.name = mt_port(task);
		if (round % 2)
			mt_must(mt_send_id(task, shared.name,
					   MACH_MSG_TYPE_COPY_SEND, 1));
		meet(&partner);
		ret = mt_receive(task, shared.name, &message, 100);
		meet(&partner);
		ASSERT_EQ(KERN_SUCCESS, shared.ret);
		ASSERT_TRUE(ret == MACH_RCV_PORT_DIED ||
			    ret == MACH_RCV_INVALID_NAME ||
			    (ret == MACH_MSG_SUCCESS && round % 2))
			TH_LOG("result %#x", ret);
	}
	end(&partner);
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(messages), messages));
}

TEST_F(mach, N20_port_dies_under_a_send)
{
	const struct mt_task *task = &self->task;
	__u64 messages = mt_live(task, MT_LIVE(messages));
	__u32 watched = mt_receive_right(task);
	struct shared_name shared;
	struct partner partner;

	start(&partner, task, destroy, &shared);
	for (int round = 0; round < ROUNDS; round++) {
		struct mt_message message;
		__s32 ret;

		shared.name = mt_port(task);
		mt_begin(&message, shared.name, MACH_MSG_TYPE_COPY_SEND);
		mt_put_right(&message, watched, MACH_MSG_TYPE_MAKE_SEND_ONCE);
		meet(&partner);
		ret = mt_send(task, &message);
		meet(&partner);
		ASSERT_TRUE(ret == MACH_MSG_SUCCESS ||
			    ret == MACH_SEND_INVALID_DEST)
			TH_LOG("result %#x", ret);
		if (ret == MACH_MSG_SUCCESS)
			ASSERT_TRUE(mt_notified(task, watched,
						MACH_NOTIFY_SEND_ONCE, 0));
		ASSERT_TRUE(mt_empty(task, watched));
	}
	end(&partner);
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(messages), messages));
}

/* N22: armed, fired or refused, never two and never none. */
TEST_F(mach, N22_request_against_death)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task), previous;
	struct shared_name shared;
	struct partner partner;
	struct mt_task other;

	mt_open(&other);
	start(&partner, &other, destroy, &shared);
	for (int round = 0; round < ROUNDS; round++) {
		struct mt_note note;
		__u32 name;
		__s32 ret;

		shared.name = mt_receive_right(&other);
		name = mt_connect(task, &other, shared.name);
		meet(&partner);
		ret = mt_request(task, name, MACH_NOTIFY_DEAD_NAME, 0, notify,
				 MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous);
		meet(&partner);
		note = mt_notification(task, notify);
		if (ret == KERN_SUCCESS) {
			ASSERT_EQ(MACH_NOTIFY_DEAD_NAME, note.id);
			ASSERT_EQ(name, note.value);
		} else {
			ASSERT_EQ(KERN_INVALID_ARGUMENT, ret);
			ASSERT_EQ(MACH_NOTIFY_SEND_ONCE, note.id);
		}
		ASSERT_EQ(ret == KERN_SUCCESS ? 2U : 1U,
			  mt_refs(task, name, MACH_PORT_RIGHT_DEAD_NAME));
		ASSERT_TRUE(mt_empty(task, notify));
		mt_must(mt_destroy(task, name));
	}
	end(&partner);
}

/* ---- the sender's memory changes under the send ---- */

struct rewriter {
	struct mt_message *message;
	__u32 own;		/* a right that the sender has */
	char *memory;
};

/* In-line becomes out of line, data become rights, and back. */
static void rewrite(const struct mt_task *task, void *arg)
{
	struct rewriter *rewriter = arg;
	volatile __u64 *word = rewriter->message->words;

	(void)task;
	for (int i = 0; i < 20; i++) {
		word[4] = MACH_MSG_DESC(MACH_MSG_TYPE_MOVE_RECEIVE, 64, 1,
					MACH_MSG_DESC_INLINE);
		word[5] = rewriter->own;
		word[4] = MACH_MSG_DESC(MACH_MSG_TYPE_BYTE, 8, ~0U, 0);
		word[5] = ~0ULL;
		word[0] &= ~(__u64)MACH_MSGH_BITS_COMPLEX;
		word[4] = MACH_MSG_DESC(MACH_MSG_TYPE_BYTE, 8, MT_PAGE, 0);
		word[5] = (unsigned long)rewriter->memory;
		word[0] |= MACH_MSGH_BITS_COMPLEX;
		word[4] = MACH_MSG_DESC(MACH_MSG_TYPE_BYTE, 8, 8,
					MACH_MSG_DESC_INLINE);
	}
}

TEST_F(mach, N3_message_rewritten_during_the_send)
{
	const struct mt_task *task = &self->task;
	struct mt_message *message = mt_map(8), in;
	struct rewriter rewriter = { .message = message };
	__u32 port = mt_port(task);
	struct partner partner;

	rewriter.memory = mt_map_filled(1, 1);
	start(&partner, task, rewrite, &rewriter);
	for (int round = 0; round < ROUNDS; round++) {
		__s32 ret;

		rewriter.own = mt_receive_right(task);
		mt_begin(message, port, MACH_MSG_TYPE_COPY_SEND);
		mt_put_data(message, "harmless", 8);
		meet(&partner);
		ret = mt_send_wait(task, message, 0);
		meet(&partner);
		ASSERT_TRUE(ret == MACH_MSG_SUCCESS ||
			    ret == MACH_SEND_INVALID_MEMORY ||
			    ret == MACH_SEND_MSG_TOO_SMALL ||
			    ret == MACH_SEND_INVALID_RIGHT)
			TH_LOG("result %#x", ret);
		if (ret == MACH_MSG_SUCCESS)
			mt_must(mt_receive(task, port, &in, 0));
		mt_must(mt_destroy(task, rewriter.own));
	}
	end(&partner);
}

#define PAGES	32
#define BYTES	(PAGES * MT_PAGE)

/* Takes the middle of the region away and puts other memory there. */
static void remap(const struct mt_task *task, void *arg)
{
	char *middle = (char *)arg + BYTES / 4;

	(void)task;
	mt_unmap(middle, BYTES / 2);
	mt_check(mmap(middle, BYTES / 2, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
		 middle);
	memset(middle, 'n', BYTES / 2);
}

TEST_F(mach, N4_source_remapped_during_the_send)
{
	const struct mt_task *task = &self->task;
	__u64 objects = mt_live(task, MT_LIVE(objects));
	char *memory = mt_map(PAGES), *received;
	__u32 port = mt_port(task);
	struct partner partner;

	mt_share_all();
	start(&partner, task, remap, memory);
	for (int round = 0; round < ROUNDS; round++) {
		__s32 ret;

		memset(memory, 'o', BYTES);
		meet(&partner);
		ret = mt_send_memory(task, port, MACH_MSG_TYPE_COPY_SEND,
				     memory, BYTES, 0);
		meet(&partner);
		if (ret == MACH_SEND_INVALID_MEMORY)
			continue;
		ASSERT_EQ(MACH_MSG_SUCCESS, ret);
		received = mt_receive_memory(task, port);
		memset(memory, 'x', BYTES);
		for (unsigned long at = 0; at < BYTES; at += 512) {
			ASSERT_TRUE(received[at] == 'o' ||
				    received[at] == 'n' || !received[at])
				TH_LOG("byte %lu is %d", at, received[at]);
		}
		mt_unmap(received, BYTES);
	}
	end(&partner);
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(objects), objects));
}

/* The receiver's region goes while it is being filled. */
static void discard(const struct mt_task *task, void *arg)
{
	char **received = arg;

	(void)task;
	if (*received)
		madvise(*received, BYTES, MADV_DONTNEED);
}

TEST_F(mach, N5_faults_against_dontneed)
{
	const struct mt_task *task = &self->task;
	char *memory = mt_map_filled(PAGES, 1), *received = NULL;
	struct partner partner;

	mt_share_all();
	start(&partner, task, discard, &received);
	for (int round = 0; round < ROUNDS; round++) {
		received = mt_pass_memory(task, memory, BYTES, 0);
		meet(&partner);
		for (int page = 0; page < PAGES; page++)
			ASSERT_EQ(memory[page * MT_PAGE + 1],
				  received[page * MT_PAGE + 1]);
		meet(&partner);
		mt_unmap(received, BYTES);
	}
	end(&partner);
}

TEST_HARNESS_MAIN
