// SPDX-License-Identifier: GPL-2.0
/*
 * Two calls on one name at the same time: exactly one of them has the right,
 * and the port's counters agree with what is left (negative tests N18, N19,
 * N42).  Sends against sends and requests are race.c's and notify_*.c's.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>

#include "lib/fixture.h"
#include "lib/mach_calls.h"
#include "lib/partner.h"

#define ROUNDS	400

#define ONCE	MACH_MSG_TYPE_MOVE_SEND_ONCE
#define MOVE	MACH_MSG_TYPE_MOVE_SEND

/* What the two calls work on, and what the partner's said. */
struct goods {
	struct mt_task owner;
	__u32 port;		/* receive right of the owner */
	__u32 carrier, to_carrier;	/* receive right of the owner; ours */
	__u32 name;		/* of the fixture's task */
	__u32 other;		/* what else the partner needs */
	__s32 ret;
};

static void make_goods(struct goods *goods, const struct mt_task *task)
{
	mt_open(&goods->owner);
	goods->port = mt_receive_right(&goods->owner);
	goods->carrier = mt_receive_right(&goods->owner);
	goods->to_carrier = mt_connect(task, &goods->owner, goods->carrier);
}

static __s32 carry(const struct mt_task *task, const struct goods *goods,
		   __u32 disposition)
{
	struct mt_message message;

	mt_begin(&message, goods->to_carrier, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, goods->name, disposition);
	return mt_send(task, &message);
}

static __u64 senders(const struct goods *goods)
{
	__u64 count;

	mt_must(mt_srights(&goods->owner, goods->port, &count));
	return count;
}

/* Gives up the right that a message to the carrier brought, if any did. */
static void unload(const struct goods *goods)
{
	struct mt_message message;
	__u32 name;

	if (mt_receive(&goods->owner, goods->carrier, &message, 0))
		return;
	name = message.head.remote_port;
	if (name == MACH_PORT_NULL)
		name = mt_right(&message, 0);
	mt_must(mt_deallocate(&goods->owner, name));
	mt_check(mt_empty(&goods->owner, goods->carrier));
}

/* ---- one send-once right, two users (N18) ---- */

static void use_in_body(const struct mt_task *task, void *arg)
{
	struct goods *goods = arg;

	goods->ret = carry(task, goods, ONCE);
}

static void use_as_reply(const struct mt_task *task, void *arg)
{
	struct goods *goods = arg;
	struct mt_message message;

	mt_begin(&message, goods->to_carrier, MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, goods->name, ONCE);
	goods->ret = mt_send(task, &message);
}

static void use_by_deallocate(const struct mt_task *task, void *arg)
{
	struct goods *goods = arg;

	goods->ret = mt_deallocate(task, goods->name);
}

static void use_by_insert(const struct mt_task *task, void *arg)
{
	struct goods *goods = arg;

	goods->ret = mt_insert(task, MT_UNUSED, goods->name, ONCE);
}

/* Whoever got it: the port hears of exactly one send-once right. */
static void race_for_send_once(struct __test_metadata *_metadata,
			       const struct mt_task *task, mt_act *act)
{
	struct mt_partner partner;
	struct goods goods;

	make_goods(&goods, task);
	mt_start_partner(&partner, task, act, &goods, ROUNDS);
	for (int round = 0; round < ROUNDS; round++) {
		struct mt_message message;
		__s32 ret;

		goods.name = mt_transfer(&goods.owner, task, goods.port,
					 MACH_MSG_TYPE_MAKE_SEND_ONCE);
		mt_meet(&partner);
		ret = mt_send_id(task, goods.name, ONCE, 1);
		mt_meet(&partner);
		ASSERT_TRUE((ret == MACH_MSG_SUCCESS) !=
			    (goods.ret == MACH_MSG_SUCCESS))
			TH_LOG("%#x and %#x", ret, goods.ret);
		ASSERT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, goods.name));
		unload(&goods);
		if (mt_types(task, MT_UNUSED))
			mt_must(mt_deallocate(task, MT_UNUSED));
		mt_must(mt_receive(&goods.owner, goods.port, &message, 0));
		ASSERT_EQ(ret ? (__u32)MACH_NOTIFY_SEND_ONCE : 1U,
			  message.head.id);
		ASSERT_TRUE(mt_empty(&goods.owner, goods.port));
		ASSERT_EQ(0U, mt_status(&goods.owner, goods.port).sorights);
	}
	mt_end_partner(&partner);
}

TEST_F(mach, N18_destination_against_body)
{
	race_for_send_once(_metadata, &self->task, use_in_body);
}

TEST_F(mach, N18_destination_against_reply)
{
	race_for_send_once(_metadata, &self->task, use_as_reply);
}

TEST_F(mach, N18_destination_against_deallocate)
{
	race_for_send_once(_metadata, &self->task, use_by_deallocate);
}

TEST_F(mach, N18_destination_against_insert)
{
	race_for_send_once(_metadata, &self->task, use_by_insert);
}

/* ---- the last reference of a send right (N19) ---- */

static void destroy(const struct mt_task *task, void *arg)
{
	struct goods *goods = arg;

	goods->ret = mt_destroy(task, goods->name);
}

static void rename_it(const struct mt_task *task, void *arg)
{
	struct goods *goods = arg;

	goods->ret = mt_rename(task, goods->name, MT_UNUSED);
}

static void one_less(const struct mt_task *task, void *arg)
{
	struct goods *goods = arg;

	goods->ret = mt_mod_refs(task, goods->name, MACH_PORT_RIGHT_SEND, -1);
}

static void one_more(const struct mt_task *task, void *arg)
{
	struct goods *goods = arg;

	goods->ret = mt_mod_refs(task, goods->name, MACH_PORT_RIGHT_SEND, 1);
}

/* The owner adds a right under that very name. */
static void insert(const struct mt_task *task, void *arg)
{
	struct goods *goods = arg;
	struct mt_task target = goods->owner;

	(void)task;
	target.self = goods->other;
	goods->ret = mt_insert(&target, goods->name, goods->port,
			       MACH_MSG_TYPE_MAKE_SEND);
}

static void extract(const struct mt_task *task, void *arg)
{
	struct goods *goods = arg;
	__u32 poly, poly_type;

	goods->ret = mt_extract(task, goods->name, MOVE, &poly, &poly_type);
}

/* The name that the right has now, whatever the partner did; or 0. */
static __u32 find_right(const struct mt_task *task, const struct goods *goods)
{
	__u32 names[8], types[8], count;

	mt_must(mt_names(task, names, types, 8, &count));
	mt_check(count <= 3);
	for (__u32 i = 0; i < count; i++)
		if (names[i] != task->self && names[i] != goods->to_carrier)
			return names[i];
	return MACH_PORT_NULL;
}

/*
 * MOVE_SEND of the last reference against @act, which works on the same name.
 * Afterwards the port's count is the sum of what the task and the message
 * hold, and no-senders comes once, when both are gone.
 */
static void race_for_send(struct __test_metadata *_metadata,
			  const struct mt_task *task, mt_act *act)
{
	struct mt_partner partner;
	struct goods goods;
	__u32 notify;

	make_goods(&goods, task);
	goods.other = mt_task_right(&goods.owner, task);
	notify = mt_receive_right(&goods.owner);
	mt_start_partner(&partner, task, act, &goods, ROUNDS);
	for (int round = 0; round < ROUNDS; round++) {
		__u64 carried;
		__u32 name;
		__s32 ret;

		goods.name = mt_connect(task, &goods.owner, goods.port);
		mt_meet(&partner);
		ret = carry(task, &goods, MOVE);
		mt_meet(&partner);
		ASSERT_TRUE(ret == MACH_MSG_SUCCESS ||
			    ret == MACH_SEND_INVALID_RIGHT)
			TH_LOG("%#x and %#x", ret, goods.ret);
		/* A right that the message could not have went elsewhere. */
		if (ret)
			ASSERT_EQ(KERN_SUCCESS, goods.ret);
		carried = ret == MACH_MSG_SUCCESS;
		name = find_right(task, &goods);
		ASSERT_EQ(carried + !!name, senders(&goods))
			TH_LOG("%#x and %#x", ret, goods.ret);
		if (senders(&goods)) {
			mt_arm(&goods.owner, goods.port,
			       MACH_NOTIFY_NO_SENDERS, notify);
			if (name)
				mt_must(mt_destroy(task, name));
			ASSERT_EQ(!carried, !mt_empty(&goods.owner, notify));
			unload(&goods);
			ASSERT_EQ(!carried, mt_empty(&goods.owner, notify));
		}
		ASSERT_EQ(0ULL, senders(&goods));
	}
	mt_end_partner(&partner);
}

TEST_F(mach, N19_move_against_destroy)
{
	race_for_send(_metadata, &self->task, destroy);
}

TEST_F(mach, N19_move_against_rename)
{
	race_for_send(_metadata, &self->task, rename_it);
}

TEST_F(mach, N19_move_against_one_less)
{
	race_for_send(_metadata, &self->task, one_less);
}

TEST_F(mach, N19_move_against_one_more)
{
	race_for_send(_metadata, &self->task, one_more);
}

TEST_F(mach, N19_move_against_insert)
{
	race_for_send(_metadata, &self->task, insert);
}

TEST_F(mach, N19_move_against_extract)
{
	race_for_send(_metadata, &self->task, extract);
}

/* ---- a receive right with two takers ---- */

static void move_receive(const struct mt_task *task, void *arg)
{
	struct goods *goods = arg;

	goods->ret = carry(task, goods, MACH_MSG_TYPE_MOVE_RECEIVE);
}

TEST_F(mach, N19_receive_right_moved_twice)
{
	const struct mt_task *task = &self->task;
	__u64 ports = mt_live(task, MT_LIVE(ports)) + 3;
	struct mt_partner partner;
	struct goods goods;

	make_goods(&goods, task);
	mt_start_partner(&partner, task, move_receive, &goods, ROUNDS);
	for (int round = 0; round < ROUNDS; round++) {
		struct mt_message message;
		__s32 ret;

		goods.name = mt_receive_right(task);
		mt_meet(&partner);
		ret = carry(task, &goods, MACH_MSG_TYPE_MOVE_RECEIVE);
		mt_meet(&partner);
		ASSERT_EQ(MACH_SEND_INVALID_RIGHT, ret + goods.ret);
		mt_must(mt_receive(&goods.owner, goods.carrier, &message, 0));
		mt_must(mt_destroy(&goods.owner, mt_right(&message, 0)));
		ASSERT_TRUE(mt_empty(&goods.owner, goods.carrier));
	}
	mt_end_partner(&partner);
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(ports), ports));
}

/* ---- lists of what is dying (N42) ---- */

#define DEBUGFS	"/sys/kernel/debug/"

/* Reads every file of the folder to its end. */
static void read_debugfs(void)
{
	DIR *dir = opendir(DEBUGFS "mach");
	struct dirent *entry;
	char text[4096];

	mt_check(dir);
	while ((entry = readdir(dir))) {
		int fd = openat(dirfd(dir), entry->d_name, O_RDONLY);

		if (entry->d_type == DT_REG)
			while (read(fd, text, sizeof(text)) > 0)
				;
		close(fd);
	}
	closedir(dir);
}

/* Ports, sets and messages, which then all die with their task. */
static void live_and_die(const struct mt_task *task, void *arg)
{
	struct goods *goods = arg;
	struct mt_task other;
	__u32 set;

	(void)task;
	mt_open(&other);
	__atomic_store_n(&goods->other, other.fd, __ATOMIC_RELEASE);
	set = mt_set(&other);
	for (int i = 0; i < 20; i++) {
		__u32 port = mt_port(&other);

		mt_must(mt_move_member(&other, port, set));
		mt_must(mt_send_id(&other, port, MACH_MSG_TYPE_MOVE_SEND, i));
		if (i % 3 == 0)
			mt_must(mt_destroy(&other, port));
	}
	mt_close(&other);
}

TEST_F(mach, N42_lists_while_ports_die)
{
	const struct mt_task *task = &self->task;
	static __u32 names[64], types[64];
	struct mt_partner partner;
	struct goods goods = { 0 };

	if (access(DEBUGFS "mach", F_OK))
		mount("debugfs", DEBUGFS, "debugfs", 0, NULL);
	mt_start_partner(&partner, task, live_and_die, &goods, ROUNDS / 4);
	for (int round = 0; round < ROUNDS / 4; round++) {
		mt_meet(&partner);
		for (int look = 0; look < 10; look++) {
			struct mach_ioc_file call = { .size = sizeof(call) };
			struct mt_task other = *task;
			__u32 count;

			read_debugfs();
			mt_stats(task, MACH_STATS_MODULE);
			call.fd = __atomic_load_n(&goods.other,
						  __ATOMIC_ACQUIRE);
			/* It may be closed by now, or dying at this moment. */
			if (mt_ioctl(task, MACH_IOC_TASK_FOR_FILE, &call) ||
			    call.ret || call.name == MACH_PORT_DEAD)
				continue;
			other.self = call.name;
			if (mt_names(&other, names, types, 64, &count) ==
			    KERN_SUCCESS)
				ASSERT_GE(64U, count);
			mt_must(mt_destroy(task, call.name));
		}
		mt_meet(&partner);
	}
	mt_end_partner(&partner);
}

TEST_HARNESS_MAIN
