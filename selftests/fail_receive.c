// SPDX-License-Identifier: GPL-2.0
/*
 * Each allocation of a receive fails: the message is received all the same,
 * and what of it found no place is destroyed, with the special bits that say
 * so (K8, K9): a name or an address of 0 and nothing else is missing.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/caller.h"
#include "lib/fail_nth.h"
#include "lib/fixture.h"

#define SEED	9
#define PAGES	64
/* More than the table of names has at first; more than two pages of slots. */
#define FEW	40
#define MANY	600

/* ---- scenes ---- */

static void begin(struct mt_trial *trial)
{
	trial->port = mt_receive_right(&trial->task);
	trial->name = mt_connect(&trial->other, &trial->task, trial->port);
	mt_begin(&trial->message, trial->name, MACH_MSG_TYPE_COPY_SEND);
}

static void finish(struct mt_trial *trial)
{
	mt_must(mt_send(&trial->other, &trial->message));
}

static void set_reply(struct mt_trial *trial)
{
	begin(trial);
	mt_reply_to(&trial->message, mt_receive_right(&trial->other),
		    trial->kind ?: MACH_MSG_TYPE_MAKE_SEND);
	finish(trial);
}

/* For what the reply port's death is to be told to. */
static void set_watch(struct mt_trial *trial)
{
	set_reply(trial);
	trial->result = mt_receive_right(&trial->task);
	trial->bytes = trial->result;
}

static void set_rights(struct mt_trial *trial)
{
	int i;

	begin(trial);
	for (i = 0; i < FEW; i++)
		mt_put_right(&trial->message, mt_receive_right(&trial->other),
			     trial->kind);
	finish(trial);
}

static void set_array(struct mt_trial *trial)
{
	static __u32 names[MANY];
	int i;

	begin(trial);
	for (i = 0; i < MANY; i++)
		names[i] = mt_receive_right(&trial->other);
	mt_put_rights_array(&trial->message, names, MANY,
			    MACH_MSG_TYPE_MAKE_SEND, 0);
	finish(trial);
}

/* @kind: MOVED huge pages, or small ones; a right before and behind it. */
static void set_memory(struct mt_trial *trial)
{
	__u32 right;

	begin(trial);
	right = mt_receive_right(&trial->other);
	trial->memory = trial->kind ? mt_map_huge(1, SEED) :
				      mt_map_filled(PAGES, SEED);
	mt_check(trial->memory);
	trial->bytes = trial->kind ? MT_HUGE : PAGES * MT_PAGE;
	mt_put_right(&trial->message, right, MACH_MSG_TYPE_MAKE_SEND);
	mt_put_memory(&trial->message, trial->memory, trial->bytes, 0);
	mt_put_right(&trial->message, mt_receive_right(&trial->other),
		     MACH_MSG_TYPE_MAKE_SEND);
	finish(trial);
}

static void end_memory(struct mt_trial *trial)
{
	mt_unmap(trial->memory, trial->bytes);
}

/* The port is in a set, from which is received. */
static void set_member(struct mt_trial *trial)
{
	__u32 set;

	set_reply(trial);
	set = mt_set(&trial->task);
	mt_must(mt_move_member(&trial->task, trial->port, set));
	trial->port = set;
}

/* ---- deeds ---- */

static __s32 receive_with(struct mt_trial *trial, struct mach_ioc_msg call)
{
	call.option |= MACH_RCV_MSG | MACH_RCV_TIMEOUT;
	call.rcv_name = trial->port;
	return mt_call(&trial->task, &trial->message, call);
}

static __s32 receive(struct mt_trial *trial)
{
	return receive_with(trial, (struct mach_ioc_msg){ });
}

static __s32 receive_watched(struct mt_trial *trial)
{
	return receive_with(trial, (struct mach_ioc_msg){
		.option = MACH_RCV_NOTIFY, .notify = trial->bytes });
}

static __s32 receive_ordinary(struct mt_trial *trial)
{
	return receive_with(trial, (struct mach_ioc_msg){
		.flags = MACH_MSG_ORDINARY });
}

static __s32 receive_trailer(struct mt_trial *trial)
{
	struct mach_trailer trailer;
	__s32 ret = receive_with(trial, (struct mach_ioc_msg){
		.trailer = (unsigned long)&trailer,
		.trailer_size = sizeof(trailer) });

	mt_check(trailer.pid == getpid() && trailer.size == sizeof(trailer));
	return ret;
}

/* A request and its answer, which the port already has, in one call. */
static __s32 send_and_receive(struct mt_trial *trial)
{
	mt_begin(&trial->message, trial->other.self, MACH_MSG_TYPE_COPY_SEND);
	trial->message.head.remote_port = trial->bytes;
	return receive_with(trial, (struct mach_ioc_msg){
		.option = MACH_SEND_MSG });
}

static void set_both(struct mt_trial *trial)
{
	set_reply(trial);
	trial->bytes = mt_connect(&trial->task, &trial->other,
				  mt_receive_right(&trial->other));
}

/* It stays in the queue, however often it is looked at. */
static __s32 look(struct mt_trial *trial)
{
	__s32 ret = receive_with(trial, (struct mach_ioc_msg){
		.option = MACH_RCV_LARGE, .rcv_size = 8 });

	return ret == MACH_RCV_TOO_LARGE ? 0 : ret;
}

/* ---- judges ---- */

/* All of the message that is there is as it was sent. */
static unsigned int missing_names(struct mt_trial *trial)
{
	unsigned int i, missing = 0;
	__u32 name;

	for (i = 0; i < FEW; i++) {
		name = mt_right(&trial->message, i);
		if (name == MACH_PORT_NULL)
			missing++;
		else
			mt_check(mt_types(&trial->task, name));
	}
	return missing;
}

static void all_rights(struct mt_trial *trial)
{
	mt_check(!missing_names(trial));
}

static bool some_rights(struct mt_trial *trial, __s32 ret)
{
	return ret == (MACH_RCV_BODY_ERROR | MACH_MSG_IPC_KERNEL) &&
	       missing_names(trial);
}

static unsigned int missing_of_array(struct mt_trial *trial)
{
	const __u32 *names = mt_rights_array(&trial->message, 0, MANY);
	unsigned int i, missing = 0;

	for (i = 0; i < MANY; i++) {
		if (names[i] == MACH_PORT_NULL)
			missing++;
		else
			mt_check(mt_types(&trial->task, names[i]));
	}
	mt_free_array(&trial->message, 0);
	return missing;
}

static void all_of_array(struct mt_trial *trial)
{
	mt_check(!missing_of_array(trial));
}

static bool is_nowhere(struct mt_trial *trial, unsigned int index)
{
	struct mt_item item = mt_item(&trial->message, index);

	return !item.data[0] && !mt_item_bits(&item);
}

/* A copy to the new memory that faults in vain loses names, and says VM. */
static bool some_of_array(struct mt_trial *trial, __s32 ret)
{
	__u32 bits = ret & MACH_MSG_MASK;

	if ((ret & ~MACH_MSG_MASK) != MACH_RCV_BODY_ERROR || !bits)
		return false;
	if (is_nowhere(trial, 0))
		return !(bits & MACH_MSG_IPC_KERNEL);
	return missing_of_array(trial) ||
	       bits & (MACH_MSG_VM_SPACE | MACH_MSG_VM_KERNEL);
}

static bool both_rights(struct mt_trial *trial)
{
	__u32 front = mt_right(&trial->message, 0);
	__u32 back = mt_right(&trial->message, 2);

	return front && back && mt_types(&trial->task, front) &&
	       mt_types(&trial->task, back);
}

static bool memory_is_there(struct mt_trial *trial)
{
	char *got = mt_memory(&trial->message, 1);
	bool same = got && !memcmp(got, trial->memory, trial->bytes);

	if (got)
		mt_unmap(got, trial->bytes);
	return same;
}

static void all_memory(struct mt_trial *trial)
{
	mt_check(both_rights(trial));
	mt_check(memory_is_there(trial));
}

static bool some_memory(struct mt_trial *trial, __s32 ret)
{
	__u32 bits = ret & MACH_MSG_MASK;
	bool lost;

	if ((ret & ~MACH_MSG_MASK) != MACH_RCV_BODY_ERROR || !bits)
		return false;
	lost = is_nowhere(trial, 1);
	if (lost != !!(bits & (MACH_MSG_VM_SPACE | MACH_MSG_VM_KERNEL)) ||
	    (!lost && !memory_is_there(trial)))
		return false;
	return both_rights(trial) == !(bits & MACH_MSG_IPC_KERNEL);
}

/* The message is lost; its header says so. */
static bool no_reply(struct mt_trial *trial, __s32 ret)
{
	return ret == (MACH_RCV_HEADER_ERROR | MACH_MSG_IPC_KERNEL) &&
	       trial->message.head.remote_port == MACH_PORT_NULL &&
	       mt_empty(&trial->task, trial->port);
}

/* It is not known whether the request went out. */
static bool half_done(struct mt_trial *trial, __s32 ret)
{
	return ret == MACH_SEND_NO_BUFFER || no_reply(trial, ret);
}

static void replied(struct mt_trial *trial)
{
	mt_check(mt_types(&trial->task, trial->message.head.remote_port));
}

#define REPLY	.done = replied, .clean = MT_NO_RESULT, .broken = no_reply, \
		.least = 1
#define MEMORY	.set = set_memory, .done = all_memory, .end = end_memory, \
		.clean = MT_NO_RESULT, .broken = some_memory, .least = 4

static struct mt_trial trials[] = {
	{ .what = "reply", .set = set_reply, .act = receive, REPLY },
	{ .what = "reply once", .set = set_reply, .act = receive,
	  .kind = MACH_MSG_TYPE_MAKE_SEND_ONCE, REPLY },
	{ .what = "watched reply", .set = set_watch, .act = receive_watched,
	  REPLY },
	{ .what = "trailer", .set = set_reply, .act = receive_trailer, REPLY },
	{ .what = "from a set", .set = set_member, .act = receive, REPLY },
	{ .what = "too large", .set = set_reply, .act = look },
	{ .what = "send and receive", .set = set_both, .act = send_and_receive,
	  .done = replied, .clean = MT_NO_RESULT, .broken = half_done,
	  .least = 2 },
	{ .what = "send rights", .set = set_rights, .act = receive,
	  .kind = MACH_MSG_TYPE_MAKE_SEND, .done = all_rights,
	  .clean = MT_NO_RESULT, .broken = some_rights, .least = FEW },
	{ .what = "receive rights", .set = set_rights, .act = receive,
	  .kind = MACH_MSG_TYPE_MOVE_RECEIVE, .done = all_rights,
	  .clean = MT_NO_RESULT, .broken = some_rights, .least = FEW },
	{ .what = "array", .set = set_array, .act = receive,
	  .done = all_of_array, .clean = MT_NO_RESULT,
	  .broken = some_of_array, .dense = 10, .least = 10 },
	{ .what = "memory", MEMORY, .act = receive },
	{ .what = "huge memory", MEMORY, .act = receive, .kind = 1 },
	/*
	 * Without memory the mapping that could not be filled cannot be
	 * unmapped either, if it was merged with another: the core splits it.
	 */
	{ .what = "ordinary memory", MEMORY, .act = receive_ordinary,
	  .only_pages = true, .may_stay = true },
};

TEST_F(mach, each_allocation_of_a_receive)
{
	if (!mt_can_fail())
		SKIP(return, "no fault injection here");
	EXPECT_TRUE(mt_try_all(trials, sizeof(trials) / sizeof(trials[0])));
}

TEST_HARNESS_MAIN
