// SPDX-License-Identifier: GPL-2.0
/*
 * The bootstrap port of the instance lets processes meet that share nothing;
 * only a privileged process sets it (issue: point 3, uapi).
 */
#include <sched.h>

#include "lib/fixture.h"

static __s32 set(const struct mt_task *task, __u32 name)
{
	return mt_name_call(task, MACH_IOC_SET_BOOTSTRAP, &name);
}

static __u32 get(const struct mt_task *task)
{
	__u32 name = 0x55555555;

	mt_must(mt_name_call(task, MACH_IOC_GET_BOOTSTRAP, &name));
	return name;
}

TEST_F(mach, none)
{
	EXPECT_EQ(KERN_SUCCESS, set(&self->task, MACH_PORT_NULL));
	EXPECT_EQ(MACH_PORT_NULL, get(&self->task));
}

TEST_F(mach, caller_keeps_the_right)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	EXPECT_EQ(KERN_SUCCESS, set(task, port));
	EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(port, get(task));
	EXPECT_EQ(2U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
}

TEST_F(mach, each_lookup_adds_a_reference)
{
	const struct mt_task *task = &self->task;
	struct mt_task other;
	__u32 name;

	mt_open(&other);
	mt_must(set(task, mt_port(task)));
	name = get(&other);
	EXPECT_EQ(name, get(&other));
	EXPECT_EQ(MACH_PORT_TYPE_SEND, mt_types(&other, name));
	EXPECT_EQ(2U, mt_refs(&other, name, MACH_PORT_RIGHT_SEND));
}

TEST_F(mach, replaced_and_removed)
{
	const struct mt_task *task = &self->task;
	__u32 first = mt_port(task), second = mt_port(task);
	__u32 notify = mt_receive_right(task);

	mt_must(set(task, first));
	mt_must(mt_deallocate(task, first));
	mt_arm(task, first, MACH_NOTIFY_NO_SENDERS, notify);
	EXPECT_TRUE(mt_empty(task, notify));
	mt_must(set(task, second));
	/* The instance's own right was the last one. */
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_NO_SENDERS, 1));
	EXPECT_EQ(second, get(task));
	mt_must(set(task, MACH_PORT_NULL));
	EXPECT_EQ(MACH_PORT_NULL, get(task));
}

TEST_F(mach, no_send_right)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), before = mt_port(task);
	const __u32 bad[] = {
		port, MT_UNUSED, MACH_PORT_DEAD, mt_dead_name(task),
		mt_make_send_once(task, port),
	};

	mt_must(set(task, before));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_NE(KERN_SUCCESS, set(task, bad[i]))
			TH_LOG("case %zu", i);
	}
	EXPECT_EQ(before, get(task));
	EXPECT_EQ(KERN_INVALID_RIGHT, set(task, port));
	EXPECT_EQ(KERN_INVALID_NAME, set(task, MT_UNUSED));
}

TEST_F(mach, privilege)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	mt_must(set(task, port));
	mt_must(setresuid(65534, 65534, 65534));
	EXPECT_EQ(KERN_NO_ACCESS, set(task, port));
	EXPECT_EQ(KERN_NO_ACCESS, set(task, MACH_PORT_NULL));
	/* Privilege is looked at first. */
	EXPECT_EQ(KERN_NO_ACCESS, set(task, MT_UNUSED));
	EXPECT_EQ(port, get(task));
}

TEST_F(mach, N39_root_of_a_user_namespace)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	if (unshare(CLONE_NEWUSER))
		SKIP(return, "no user namespaces");
	EXPECT_EQ(KERN_NO_ACCESS, set(task, port));
}

TEST_F(mach, owner_dies)
{
	const struct mt_task *task = &self->task;
	struct mt_task other;
	__u32 name;

	mt_open(&other);
	mt_must(set(&other, mt_port(&other)));
	name = get(task);
	mt_close(&other);
	for (int i = 0; i < 400; i++) {
		if (mt_types(task, name) == MACH_PORT_TYPE_DEAD_NAME)
			break;
		mt_sleep(5);
	}
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, mt_types(task, name));
	name = get(task);
	EXPECT_TRUE(name == MACH_PORT_NULL || name == MACH_PORT_DEAD);
}

/* A client looks the server up, sends a reply right and gets an answer. */
static void run_client(int result)
{
	struct mt_message message;
	struct mt_task task;
	__u32 server, reply;

	mt_open(&task);
	server = get(&task);
	reply = mt_receive_right(&task);
	mt_begin(&message, server, MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_data(&message, "who", 3);
	mt_must(mt_send(&task, &message));
	mt_must(mt_receive(&task, reply, &message, 10000));
	mt_tell(result, message.head.id);
}

TEST_F(mach, unrelated_processes_meet)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	int results[2];
	pid_t clients[3];

	mt_must(pipe(results));
	mt_must(set(task, port));
	for (int i = 0; i < 3; i++) {
		clients[i] = mt_fork();
		if (clients[i] == 0) {
			run_client(results[1]);
			_exit(0);
		}
	}
	for (int i = 0; i < 3; i++) {
		struct mt_message message;

		mt_must(mt_receive(task, port, &message, 10000));
		EXPECT_EQ(0, memcmp("who", &message.words[5], 3));
		mt_begin(&message, message.head.remote_port,
			 MACH_MSG_TYPE_MOVE_SEND_ONCE);
		message.head.id = 1000;
		mt_must(mt_send(task, &message));
		EXPECT_EQ(1000ULL, mt_await(results[0]));
	}
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(0, mt_wait_pid(clients[i]));
}

TEST_HARNESS_MAIN
