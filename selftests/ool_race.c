// SPDX-License-Identifier: GPL-2.0
/*
 * Another thread takes the memory away, replaces, protects, writes or sends
 * it while it is being sent: a page of what arrives is one of those that were
 * there, and nobody writes to it any more (negative tests N4, N47).
 */
#include <pthread.h>
#include <sys/mman.h>

#include "lib/fixture.h"
#include "lib/source.h"

#define PAGES	32UL
#define ROUNDS	40

static char *memory;		/* of one round */
static unsigned long bytes;
static const struct mt_task *task;
static __u32 other_port;	/* what the other thread sends goes there */
static __s32 other_result;

/* ---- what the other thread does, once in a round ---- */

static void unmap_middle(void)
{
	mt_unmap(memory + bytes / 4, bytes / 2);
}

static void unmap_all(void)
{
	mt_unmap(memory, bytes);
}

static void map_over(void)
{
	mt_check(mmap(memory, bytes, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
		 memory);
	memset(memory, 'n', bytes);
}

static void map_file_over(void)
{
	int fd = memfd_create("over", MFD_CLOEXEC);

	mt_must(ftruncate(fd, bytes));
	mt_check(mmap(memory, bytes, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_FIXED, fd, 0) == memory);
	memset(memory, 'n', bytes);
	mt_must(ftruncate(fd, 0));
	close(fd);
}

static void protect_and_back(void)
{
	mt_must(mprotect(memory + bytes / 4, bytes / 2, PROT_NONE));
	mt_must(mprotect(memory + bytes / 4, bytes / 2,
			 PROT_READ | PROT_WRITE));
}

static void discard(void)
{
	mt_must(madvise(memory, bytes, MADV_DONTNEED));
}

static void move_away(void)
{
	char *place = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	mt_check(mremap(memory, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED,
			place) == place);
	memset(place, 'n', bytes);
}

static void overwrite(void)
{
	memset(memory, 'n', bytes);
}

static void overwrite_by_poke(void)
{
	static char new[512 * MT_PAGE];

	memset(new, 'n', sizeof(new));
	mt_check(mt_poke(getpid(), memory, new, bytes));
}

static void fork_and_write(void)
{
	pid_t pid = mt_fork();

	if (pid == 0) {
		memset(memory, 'c', bytes);
		_exit(0);
	}
	memset(memory, 'n', bytes);
	mt_wait_pid(pid);
}

static void page_out(void)
{
	madvise(memory, bytes, MADV_PAGEOUT);
}

static void collapse(void)
{
	madvise(memory, bytes, 25 /* MADV_COLLAPSE */);
}

static void send_copy(void)
{
	other_result = mt_send_memory(task, other_port,
				      MACH_MSG_TYPE_COPY_SEND, memory, bytes,
				      0);
}

static void send_away(void)
{
	other_result = mt_send_memory(task, other_port,
				      MACH_MSG_TYPE_COPY_SEND, memory, bytes,
				      MACH_MSG_DESC_DEALLOCATE);
}

static const struct disturbance {
	const char *name;
	void (*act)(void);
	/* What can be there before, meanwhile and afterwards. */
	const char *content;
	/* The memory stays: a send of a copy cannot fail. */
	bool harmless;
} disturbances[] = {
	{ "unmapped in part", unmap_middle, "o", false },
	{ "unmapped", unmap_all, "o", false },
	{ "replaced", map_over, "on", false },
	{ "replaced by a file", map_file_over, "on", false },
	{ "protected", protect_and_back, "o", false },
	{ "discarded", discard, "o", true },
	{ "moved elsewhere", move_away, "o", false },
	{ "written", overwrite, "on", true },
	{ "poked", overwrite_by_poke, "on", true },
	{ "forked", fork_and_write, "on", true },
	{ "paged out", page_out, "o", true },
	{ "collapsed", collapse, "o", true },
	{ "sent", send_copy, "o", true },
	{ "moved", send_away, "o", false },
};

/* ---- both threads ---- */

static pthread_barrier_t barrier;
static const struct disturbance *disturbance;

static void *disturb(void *arg)
{
	(void)arg;
	for (;;) {
		pthread_barrier_wait(&barrier);
		if (!disturbance)
			return NULL;
		disturbance->act();
		pthread_barrier_wait(&barrier);
	}
}

/* Zero is always possible: what is mapped anew. */
static void check_content(const char *received)
{
	for (unsigned long at = 0; at < bytes; at += 64) {
		if (!received[at] || strchr(disturbance->content, received[at]))
			continue;
		fprintf(stderr, "# %s: byte %lu is %d\n", disturbance->name,
			at, received[at]);
		mt_check(false);
	}
}

/* Whatever is written where the memory was: not here. */
static void check_snapshot(const char *received)
{
	static char before[512 * MT_PAGE], new[512 * MT_PAGE];

	memcpy(before, received, bytes);
	memset(new, 'x', bytes);
	/* Fails where there is no page behind it. */
	mt_poke(getpid(), memory, new, bytes);
	mt_check(!memcmp(before, received, bytes));
}

/* So that nothing that is received comes to lie where the memory was. */
static void fill_holes(void)
{
	for (unsigned long at = 0; at < bytes; at += MT_PAGE)
		if (!mt_mapped(memory + at))
			mt_check(mmap(memory + at, MT_PAGE,
				      PROT_READ | PROT_WRITE,
				      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
				      -1, 0) == memory + at);
}

static char *receive_other(void)
{
	char *received;

	if (disturbance->act != send_copy && disturbance->act != send_away)
		return NULL;
	if (other_result == MACH_SEND_INVALID_MEMORY)
		return NULL;
	mt_must(other_result);
	received = mt_receive_memory(task, other_port);
	check_content(received);
	return received;
}

static void finish_round(__u32 port, __s32 ret, bool move)
{
	char *other, *received;

	fill_holes();
	other = receive_other();
	if (ret) {
		mt_check(ret == MACH_SEND_INVALID_MEMORY);
		mt_check(!disturbance->harmless);
	} else {
		received = mt_receive_memory(task, port);
		check_content(received);
		if (!move)
			check_snapshot(received);
		/* Each has its own, also if both gave the same away. */
		memset(received, 'r', bytes);
		if (other)
			check_content(other);
		mt_unmap(received, bytes);
	}
	if (other)
		mt_unmap(other, bytes);
}

/* A region of one round. */
static void map_region(bool huge)
{
	memory = huge ? mt_map_huge(1, 0) : mt_map(PAGES);
	if (!memory)
		memory = mt_map(512);
	bytes = huge ? MT_HUGE : PAGES * MT_PAGE;
	memset(memory, 'o', bytes);
}

static void race(const struct disturbance *with, bool huge, bool move,
		 int rounds)
{
	__u64 objects = mt_live(task, MT_LIVE(objects));
	__u32 port = mt_port(task);
	pthread_t thread;
	__s32 ret;

	disturbance = with;
	pthread_barrier_init(&barrier, NULL, 2);
	mt_must(pthread_create(&thread, NULL, disturb, NULL));
	for (int round = 0; round < rounds; round++) {
		map_region(huge);
		pthread_barrier_wait(&barrier);
		ret = mt_send_memory(task, port, MACH_MSG_TYPE_COPY_SEND,
				     memory, bytes,
				     move ? MACH_MSG_DESC_DEALLOCATE : 0);
		pthread_barrier_wait(&barrier);
		finish_round(port, ret, move);
		mt_unmap(memory, bytes);
	}
	disturbance = NULL;
	pthread_barrier_wait(&barrier);
	mt_must(pthread_join(thread, NULL));
	mt_must(mt_destroy(task, port));
	mt_check(mt_live_becomes(task, MT_LIVE(objects), objects));
}

static void race_all(const struct mt_task *of, bool huge, int rounds)
{
	task = of;
	mt_share_all();
	other_port = mt_port(task);
	for (size_t i = 0; i < ARRAY_SIZE(disturbances); i++)
		race(&disturbances[i], huge, false, rounds);
}

TEST_F_TIMEOUT(mach, N4_small_pages, 200)
{
	race_all(&self->task, false, ROUNDS);
}

TEST_F_TIMEOUT(mach, N4_huge_pages, 200)
{
	race_all(&self->task, true, ROUNDS / 8);
}

/*
 * While it is given away, only what does not touch it afterwards: the place
 * may be anybody's by then.
 */
TEST_F_TIMEOUT(mach, N4_moved, 200)
{
	task = &self->task;
	mt_share_all();
	other_port = mt_port(task);
	for (size_t i = 0; i < ARRAY_SIZE(disturbances); i++) {
		if (disturbances[i].act == page_out ||
		    disturbances[i].act == collapse ||
		    disturbances[i].act == send_copy ||
		    disturbances[i].act == send_away)
			race(&disturbances[i], false, true, ROUNDS);
	}
}

/* ---- buffers in the memory that goes ---- */

static void *give_away(void *arg)
{
	(void)arg;
	for (;;) {
		pthread_barrier_wait(&barrier);
		if (!memory)
			return NULL;
		mt_must(mt_send_memory(task, other_port,
				       MACH_MSG_TYPE_COPY_SEND, memory, bytes,
				       MACH_MSG_DESC_DEALLOCATE));
		pthread_barrier_wait(&barrier);
	}
}

TEST_F(mach, N47_receive_buffer_given_away_by_another_thread)
{
	__u32 port = mt_port(&self->task), right = mt_port(&self->task);
	struct mt_message message;
	pthread_t thread;
	__s32 ret;

	task = &self->task;
	mt_share_all();
	other_port = mt_port(task);
	map_region(false);
	pthread_barrier_init(&barrier, NULL, 2);
	mt_must(pthread_create(&thread, NULL, give_away, NULL));
	for (int round = 0; round < ROUNDS; round++) {
		struct mach_ioc_msg call = {
			.option = MACH_RCV_MSG,
			.msg = (unsigned long)memory + bytes / 2 - 40,
			.rcv_size = 256,
			.rcv_name = port,
		};

		mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
		mt_put_right(&message, right, MACH_MSG_TYPE_COPY_SEND);
		mt_must(mt_send(task, &message));
		pthread_barrier_wait(&barrier);
		ret = mt_msg(task, &call);
		pthread_barrier_wait(&barrier);
		ASSERT_TRUE(ret == MACH_MSG_SUCCESS ||
			    ret == MACH_RCV_INVALID_DATA);
		/* The right arrived, wherever its name was written to. */
		ASSERT_EQ(round + 2U,
			  mt_refs(task, right, MACH_PORT_RIGHT_SEND));
		mt_unmap(mt_receive_memory(task, other_port), bytes);
		map_region(false);
	}
	memory = NULL;
	pthread_barrier_wait(&barrier);
	mt_must(pthread_join(thread, NULL));
}

/*
 * One call sends the memory that its answer is to be written to.  What
 * arrives may come to lie there: then the buffer is good again.
 */
TEST_F(mach, N47_answer_into_memory_that_the_call_gave_away)
{
	__u32 port = mt_port(&self->task);
	struct mt_message *message;
	__s32 ret;
	struct mach_ioc_msg call = {
		.option = MACH_SEND_MSG | MACH_RCV_MSG,
		.rcv_size = 256,
		.rcv_name = port,
	};

	task = &self->task;
	map_region(false);
	message = (void *)memory;
	mt_begin(message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_memory(message, memory, bytes, MACH_MSG_DESC_DEALLOCATE);
	call.msg = (unsigned long)message->bytes;
	call.send_size = message->size;
	ret = mt_msg(task, &call);
	if (mt_mapped(memory)) {
		EXPECT_EQ(MACH_MSG_SUCCESS, ret);
		EXPECT_EQ(port, message->head.local_port);
	} else {
		EXPECT_EQ(MACH_RCV_INVALID_DATA, ret);
	}
	EXPECT_TRUE(mt_empty(task, port));
}

/* The message lies in the region that it describes, twice over. */
TEST_F(mach, N47_message_and_regions_overlap)
{
	__u32 port = mt_port(&self->task);
	struct mt_message *message, in;
	char *received;

	task = &self->task;
	for (int share = 0; share < 2; share++) {
		mt_set_param("share_min", share ? 0 : 1 << 30);
		map_region(false);
		message = (void *)(memory + 2 * MT_PAGE - 40);
		mt_begin(message, port, MACH_MSG_TYPE_COPY_SEND);
		mt_put_memory(message, message, 4 * MT_PAGE, 0);
		mt_put_memory(message, memory, bytes,
			      MACH_MSG_DESC_DEALLOCATE);
		mt_must(mt_send(task, message));
		EXPECT_FALSE(mt_mapped(memory));
		mt_must(mt_receive(task, port, &in, 0));
		received = mt_memory(&in, 0);
		message = (void *)received;
		EXPECT_EQ(port, message->head.remote_port);
		received = mt_memory(&in, 1);
		message = (void *)(received + 2 * MT_PAGE - 40);
		EXPECT_EQ(port, message->head.remote_port);
		EXPECT_EQ('o', received[bytes - 1]);
	}
}

TEST_HARNESS_MAIN
