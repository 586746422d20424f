// SPDX-License-Identifier: GPL-2.0
/*
 * Each allocation of a send fails.  Before the first right or region of the
 * body is taken that is MACH_SEND_NO_BUFFER and nothing has happened; after it,
 * what was taken is destroyed (K2) and nothing is queued; where it does not
 * matter, the message arrives.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/caller.h"
#include "lib/fail_nth.h"
#include "lib/fixture.h"

#define SEED	7
#define ARRAY	1500
#define STRANGER 12345

/* ---- scenes ---- */

/* The other task's port, for which we have a send right. */
static void set_dest(struct mt_trial *trial)
{
	trial->port = mt_receive_right(&trial->other);
	trial->name = mt_connect(&trial->task, &trial->other, trial->port);
	mt_begin(&trial->message, trial->name, MACH_MSG_TYPE_COPY_SEND);
}

static void set_reply(struct mt_trial *trial)
{
	set_dest(trial);
	mt_reply_to(&trial->message, mt_receive_right(&trial->task),
		    MACH_MSG_TYPE_MAKE_SEND_ONCE);
}

/* The reply port is another user's: who makes the right pays for it. */
static void set_foreign_reply(struct mt_trial *trial)
{
	struct mt_task maker;
	__u32 port;

	mt_must(setresuid(STRANGER, -1, -1));
	mt_open(&maker);
	mt_must(setresuid(0, -1, -1));
	port = mt_transfer(&maker, &trial->task, mt_receive_right(&maker),
			   MACH_MSG_TYPE_MOVE_RECEIVE);
	mt_close(&maker);
	set_dest(trial);
	mt_reply_to(&trial->message, port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
}

/* @kind bytes in line. */
static void set_data(struct mt_trial *trial)
{
	static char data[MT_ROOM];

	set_dest(trial);
	mt_put_data(&trial->message, data, trial->kind);
}

static void put_rights(struct mt_trial *trial)
{
	const struct mt_task *task = &trial->task;
	__u32 port = mt_port(task);

	mt_put_right(&trial->message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&trial->message, port, MACH_MSG_TYPE_MAKE_SEND);
	mt_put_right(&trial->message, port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_right(&trial->message, mt_port(task), MACH_MSG_TYPE_MOVE_SEND);
	mt_put_right(&trial->message, mt_make_send_once(task, port),
		     MACH_MSG_TYPE_MOVE_SEND_ONCE);
	mt_put_right(&trial->message, mt_receive_right(task),
		     MACH_MSG_TYPE_MOVE_RECEIVE);
}

static void set_rights(struct mt_trial *trial)
{
	set_dest(trial);
	put_rights(trial);
}

static void set_array(struct mt_trial *trial)
{
	static __u32 *names;
	__u32 port, i;

	names = (void *)mt_map(2);
	trial->memory = (void *)names;
	trial->bytes = 2 * MT_PAGE;
	set_dest(trial);
	port = mt_port(&trial->task);
	for (i = 0; i < ARRAY; i++)
		names[i] = port;
	mt_put_rights_array(&trial->message, names, ARRAY,
			    MACH_MSG_TYPE_COPY_SEND, trial->kind);
}

/* ---- memory ---- */

enum source {
	SMALL = 1,		/* below the threshold */
	PAGES,
	UNALIGNED,
	HOLES,
	HUGE,
	HUGE_PART,
	FILE_PAGES,
	RECEIVED,
	MOVED = 0x100,
};

static void make_file(struct mt_trial *trial)
{
	int fd = open("/tmp/fail_send", O_RDWR | O_CREAT | O_TRUNC, 0600);

	mt_check(fd >= 0);
	mt_must(ftruncate(fd, trial->bytes));
	trial->memory = mmap(NULL, trial->bytes, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE, fd, 0);
	mt_check(trial->memory != MAP_FAILED);
	close(fd);
}

static void make_source(struct mt_trial *trial)
{
	char *own;

	trial->bytes = 64 * MT_PAGE;
	switch (trial->kind & 0xff) {
	case SMALL:
		trial->bytes = MT_PAGE;
		/* fallthrough */
	case PAGES:
	case UNALIGNED:
		trial->memory = mt_map_filled(trial->bytes / MT_PAGE, SEED);
		break;
	case HOLES:
		trial->bytes = 600 * MT_PAGE;
		trial->memory = mt_map(600);
		/* One page in the middle is there. */
		trial->memory[300 * MT_PAGE] = 1;
		break;
	case HUGE:
	case HUGE_PART:
		trial->bytes = 2 * MT_HUGE;
		trial->memory = mt_map_huge(2, SEED);
		mt_check(trial->memory);
		break;
	case FILE_PAGES:
		make_file(trial);
		break;
	case RECEIVED:
		own = mt_map_filled(64, SEED);
		trial->memory = mt_pass_memory(&trial->task, own,
					       trial->bytes,
					       MACH_MSG_DESC_DEALLOCATE);
		break;
	}
}

/* What of the source is sent. */
static char *sent(const struct mt_trial *trial, unsigned long *bytes)
{
	switch (trial->kind & 0xff) {
	case UNALIGNED:
		*bytes = trial->bytes - 1000;
		return trial->memory + 100;
	case HUGE_PART:
		*bytes = trial->bytes - 20 * MT_PAGE;
		return trial->memory + 10 * MT_PAGE;
	default:
		*bytes = trial->bytes;
		return trial->memory;
	}
}

/* What was sent. */
static char want[2 * MT_HUGE];

static void set_memory(struct mt_trial *trial)
{
	unsigned long bytes;
	char *memory;

	set_dest(trial);
	make_source(trial);
	memory = sent(trial, &bytes);
	memcpy(want, memory, bytes);
	mt_put_memory(&trial->message, memory, bytes,
		      trial->kind & MOVED ? MACH_MSG_DESC_DEALLOCATE : 0);
}

static void end_memory(struct mt_trial *trial)
{
	/* Some of it may be gone. */
	munmap(trial->memory, trial->bytes);
}

/* Rights before and behind memory, for which there is no room. */
static void set_mixed(struct mt_trial *trial)
{
	set_memory(trial);
	put_rights(trial);
}

/* ---- queues ---- */

static void set_full_queue(struct mt_trial *trial)
{
	struct mt_message keep;

	trial->kind = PAGES;
	set_mixed(trial);
	keep = trial->message;
	mt_must(mt_set_qlimit(&trial->other, trial->port, 1));
	mt_must(mt_send_id(&trial->task, trial->name, MACH_MSG_TYPE_COPY_SEND,
			   1));
	trial->message = keep;
}

static pthread_t room_maker;
static bool has_room_maker;

/* Receives what fills the queue, when the sender had time to wait for it. */
static void *make_room(void *arg)
{
	const struct mt_trial *trial = arg;
	struct mt_message message;

	mt_sleep(3);
	mt_must(mt_receive(&trial->other, trial->port, &message, MT_LONG));
	mt_check(message.head.id == 1);
	return NULL;
}

static void start_room_maker(struct mt_trial *trial)
{
	mt_check(!pthread_create(&room_maker, NULL, make_room, trial));
	has_room_maker = true;
}

static void await_room(void)
{
	if (has_room_maker)
		mt_check(!pthread_join(room_maker, NULL));
	has_room_maker = false;
}

static void set_notify(struct mt_trial *trial)
{
	set_dest(trial);
	mt_must(mt_set_qlimit(&trial->other, trial->port, 1));
	mt_must(mt_send_id(&trial->task, trial->name, MACH_MSG_TYPE_COPY_SEND,
			   1));
	trial->result = mt_receive_right(&trial->task);
	trial->bytes = trial->result;
}

/* ---- deeds ---- */

static __s32 send(struct mt_trial *trial)
{
	return mt_send_wait(&trial->task, &trial->message, 0);
}

/* There is no room: the message comes back. */
static __s32 send_in_vain(struct mt_trial *trial)
{
	__s32 ret = send(trial);

	return ret == MACH_SEND_TIMED_OUT ? 0 : ret;
}

static __s32 send_blocked(struct mt_trial *trial)
{
	return mt_send_wait(&trial->task, &trial->message, MT_LONG);
}

static __s32 send_notified(struct mt_trial *trial)
{
	struct mach_ioc_msg call = {
		.option = MACH_SEND_MSG | MACH_SEND_NOTIFY,
		.notify = trial->bytes,
		.msg = (unsigned long)trial->message.bytes,
		.send_size = trial->message.size,
	};
	__s32 ret = mt_msg(&trial->task, &call);

	return ret == MACH_SEND_WILL_NOTIFY ? 0 : ret;
}

/* The sender is not who it was at its last message. */
static void other_group(struct mt_trial *trial)
{
	(void)trial;
	mt_must(setegid(getegid() ? 0 : 1));
}

static void own_group(struct mt_trial *trial)
{
	(void)trial;
	mt_must(setegid(0));
}

/* To a task port, which answers. */
static void set_kernel_port(struct mt_trial *trial)
{
	mt_begin(&trial->message, trial->task.self, MACH_MSG_TYPE_COPY_SEND);
	trial->name = mt_receive_right(&trial->task);
	mt_reply_to(&trial->message, trial->name, MACH_MSG_TYPE_MAKE_SEND_ONCE);
}

static void answered(struct mt_trial *trial)
{
	struct mt_message answer;

	mt_must(mt_receive(&trial->task, trial->name, &answer, MT_LONG));
}

/* ---- judges ---- */

/* It is in the queue, and stays there until the port dies. */
static void queued(struct mt_trial *trial)
{
	mt_check(mt_queued(&trial->other, trial->port) == 1);
}

static void queued_after_all(struct mt_trial *trial)
{
	await_room();
	queued(trial);
}

/* The region that arrives is what was sent. */
static void memory_arrived(struct mt_trial *trial)
{
	struct mt_message message;
	unsigned long bytes;
	char *source = sent(trial, &bytes), *got;

	if (trial->kind < MOVED)
		mt_check(!memcmp(source, want, bytes));
	mt_must(mt_receive(&trial->other, trial->port, &message, MT_LONG));
	got = mt_memory(&message, 0);
	mt_check(!memcmp(got, want, bytes));
	munmap((void *)((unsigned long)got & -MT_PAGE), trial->bytes);
}

/* Nothing is queued; what is only copied is still there. */
static bool not_queued(struct mt_trial *trial, __s32 ret)
{
	return (ret == MACH_SEND_NO_BUFFER ||
		ret == MACH_SEND_INVALID_MEMORY) &&
	       !mt_queued(&trial->other, trial->port);
}

static bool not_queued_after_all(struct mt_trial *trial, __s32 ret)
{
	await_room();
	return not_queued(trial, ret);
}

static bool memory_not_sent(struct mt_trial *trial, __s32 ret)
{
	unsigned long bytes;

	if (!not_queued(trial, ret))
		return false;
	if (trial->kind >= MOVED)
		return true;
	sent(trial, &bytes);
	return send(trial) == 0 && (memory_arrived(trial), true);
}

/* Some of what came back found no place. */
static bool not_all_returned(struct mt_trial *trial, __s32 ret)
{
	if ((ret & ~MACH_MSG_MASK) == MACH_SEND_TIMED_OUT)
		return true;
	return not_queued(trial, ret) || ret == MACH_SEND_NO_BUFFER;
}

static bool no_request(struct mt_trial *trial, __s32 ret)
{
	return (ret & ~MACH_MSG_MASK) == MACH_SEND_NO_NOTIFY &&
	       mt_queued(&trial->other, trial->port) == 1;
}

static void end_blocked(struct mt_trial *trial)
{
	await_room();
	end_memory(trial);
}

/* What came back of the memory is at a place of its own. */
static void end_returned(struct mt_trial *trial)
{
	struct mt_item item = mt_item(&trial->message, 0);

	if (*item.data && *item.data != (unsigned long)trial->memory)
		munmap((void *)item.data[0], trial->bytes);
	end_memory(trial);
}

#define PLAIN	.act = send, .done = queued, .clean = MACH_SEND_NO_BUFFER
#define RIGHTS	.act = send, .done = queued, .clean = MT_NO_RESULT,	\
		.broken = not_queued
#define MEMORY(source, more...)						\
	{ .what = #source, .kind = source, .set = set_memory,		\
	  .act = send, .done = memory_arrived, .end = end_memory,	\
	  .clean = MT_NO_RESULT, .broken = memory_not_sent, .least = 2, more }

static struct mt_trial trials[] = {
	{ .what = "header", .set = set_dest, PLAIN, .least = 1 },
	{ .what = "reply", .set = set_reply, PLAIN, .least = 1 },
	{ .what = "foreign reply", .set = set_foreign_reply, PLAIN, .least = 2 },
	{ .what = "data", .set = set_data, .kind = 1000, PLAIN, .least = 1 },
	{ .what = "much data", .set = set_data, .kind = 12000, PLAIN,
	  .least = 1 },
	{ .what = "another sender", .set = set_reply, .ready = other_group,
	  .end = own_group, PLAIN, .least = 2 },
	{ .what = "kernel port", .set = set_kernel_port, .act = send,
	  .done = answered, .clean = MACH_SEND_NO_BUFFER, .least = 1 },
	{ .what = "rights", .set = set_rights, RIGHTS, .least = 2 },
	{ .what = "array", .set = set_array, .end = end_memory, RIGHTS,
	  .least = 3 },
	{ .what = "deallocated array", .set = set_array, .end = end_memory,
	  .kind = MACH_MSG_DESC_DEALLOCATE, RIGHTS, .least = 3 },
	MEMORY(SMALL),
	MEMORY(PAGES),
	MEMORY(UNALIGNED),
	MEMORY(HOLES),
	MEMORY(HUGE),
	MEMORY(HUGE_PART),
	MEMORY(FILE_PAGES),
	MEMORY(RECEIVED),
	MEMORY(MOVED + SMALL),
	MEMORY(MOVED + PAGES),
	MEMORY(MOVED + UNALIGNED),
	MEMORY(MOVED + HOLES),
	MEMORY(MOVED + HUGE),
	MEMORY(MOVED + HUGE_PART),
	MEMORY(MOVED + FILE_PAGES),
	MEMORY(MOVED + RECEIVED),
	{ .what = "rights and memory", .set = set_mixed, .kind = PAGES,
	  .end = end_memory, RIGHTS, .least = 3 },
	{ .what = "no room", .set = set_full_queue, .act = send_in_vain,
	  .end = end_returned, .clean = MT_NO_RESULT,
	  .broken = not_all_returned, .least = 3 },
	{ .what = "blocked", .set = set_full_queue, .ready = start_room_maker,
	  .act = send_blocked, .done = queued_after_all,
	  .broken = not_queued_after_all, .end = end_blocked,
	  .clean = MT_NO_RESULT, .least = 3 },
	{ .what = "notify", .set = set_notify, .act = send_notified,
	  .clean = MACH_SEND_NO_BUFFER, .broken = no_request, .least = 2 },
};

static void *do_nothing(void *unused)
{
	return unused;
}

TEST_F(mach, each_allocation_of_a_send)
{
	if (!mt_can_fail())
		SKIP(return, "no fault injection here");
	/* No page waits in another processor's batch, which would pin it. */
	mt_one_cpu(0);
	/* The room maker's stack is there from now on. */
	mt_check(!pthread_create(&room_maker, NULL, do_nothing, NULL));
	mt_check(!pthread_join(room_maker, NULL));
	EXPECT_TRUE(mt_try_all(trials, sizeof(trials) / sizeof(trials[0])));
}

TEST_HARNESS_MAIN
