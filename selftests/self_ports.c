// SPDX-License-Identifier: GPL-2.0
/*
 * mach_task_self, mach_thread_self and mach_host_self: each call gives one
 * more reference to a true send right, which can be sent, counted, listed and
 * watched like any other (spec 2).
 */
#include <pthread.h>

#include "lib/actor.h"
#include "lib/fixture.h"
#include "lib/mach_calls.h"

typedef __u32 self_call(const struct mt_task *task);

static self_call *const calls[] = {
	mt_task_self, mt_thread_self, mt_host_self,
};

TEST_F(mach, each_call_adds_a_reference)
{
	const struct mt_task *task = &self->task;

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		__u32 name = calls[i](task), refs;

		EXPECT_EQ(MACH_PORT_TYPE_SEND, mt_types(task, name));
		refs = mt_refs(task, name, MACH_PORT_RIGHT_SEND);
		for (int more = 1; more <= 5; more++) {
			EXPECT_EQ(name, calls[i](task));
			EXPECT_EQ(refs + more,
				  mt_refs(task, name, MACH_PORT_RIGHT_SEND));
		}
	}
}

TEST_F(mach, three_ports)
{
	const struct mt_task *task = &self->task;

	EXPECT_NE(mt_task_self(task), mt_thread_self(task));
	EXPECT_NE(mt_task_self(task), mt_host_self(task));
	EXPECT_NE(mt_thread_self(task), mt_host_self(task));
}

TEST_F(mach, given_up_and_got_again)
{
	struct mt_task *task = &self->task;

	for (size_t i = 1; i < ARRAY_SIZE(calls); i++) {
		__u32 name = calls[i](task);

		mt_must(mt_destroy(task, name));
		EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, name));
		EXPECT_EQ(MACH_PORT_TYPE_SEND, mt_types(task, calls[i](task)));
	}
}

TEST_F(mach, references_peg_at_the_top)
{
	const struct mt_task *task = &self->task;

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		__u32 name = calls[i](task);
		__u32 refs = mt_refs(task, name, MACH_PORT_RIGHT_SEND);

		mt_must(mt_mod_refs(task, name, MACH_PORT_RIGHT_SEND,
				    65533 - refs));
		for (int more = 0; more < 3; more++)
			EXPECT_EQ(name, calls[i](task));
		EXPECT_EQ(65534U, mt_refs(task, name, MACH_PORT_RIGHT_SEND));
	}
}

TEST_F(mach, no_receive_right)
{
	const struct mt_task *task = &self->task;
	struct mach_ioc_receive_status status;
	struct mt_message message;

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		__u32 name = calls[i](task);

		EXPECT_EQ(KERN_INVALID_RIGHT,
			  mt_receive_status(task, name, &status));
		EXPECT_EQ(MACH_RCV_INVALID_NAME,
			  mt_receive(task, name, &message, 0));
		EXPECT_EQ(KERN_INVALID_RIGHT,
			  mt_mod_refs(task, name, MACH_PORT_RIGHT_RECEIVE,
				      -1));
	}
}

/* What gnumach's test-machmsg does. */
TEST_F(mach, moved_together_in_an_array)
{
	const struct mt_task *task = &self->task;
	const __u32 *got;
	struct mt_message message;
	struct mt_task other, remote;
	__u32 names[3], refs[3], port;

	mt_open(&other);
	port = mt_receive_right(&other);
	for (int i = 0; i < 3; i++) {
		names[i] = calls[i](task);
		refs[i] = mt_refs(task, names[i], MACH_PORT_RIGHT_SEND);
	}
	mt_begin(&message, mt_connect(task, &other, port),
		 MACH_MSG_TYPE_MOVE_SEND);
	mt_put_rights_array(&message, names, 3, MACH_MSG_TYPE_MOVE_SEND, 0);
	ASSERT_EQ(MACH_MSG_SUCCESS, mt_send(task, &message));
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(refs[i] == 1 ? MACH_PORT_TYPE_NONE :
					 MACH_PORT_TYPE_SEND,
			  mt_types(task, names[i]));
	}
	mt_must(mt_receive(&other, port, &message, 0));
	got = mt_rights_array(&message, 0, 3);
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(MACH_PORT_TYPE_SEND, mt_types(&other, got[i]));
	/* The first is the sender's task, the last everybody's host. */
	remote = other;
	remote.self = got[0];
	EXPECT_EQ(MACH_PORT_TYPE_SEND, mt_types(&remote, task->self));
	EXPECT_EQ(got[2], mt_host_self(&other));
	EXPECT_NE(got[0], mt_task_self(&other));
	/* The sender can have them again. */
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(MACH_PORT_TYPE_SEND, mt_types(task, calls[i](task)));
	mt_free_array(&message, 0);
}

/* The port calls, with arguments that are wrong in every other way. */
static __s32 all_calls(const struct mt_task *task)
{
	const __u32 ports[MACH_TASK_PORT_REGISTER_MAX] = { 0 };
	struct mach_ioc_receive_status status;
	__u32 out, out2, four[MACH_TASK_PORT_REGISTER_MAX];
	__u64 wide;
	const __s32 results[] = {
		mt_allocate(task, 99, &out),
		mt_allocate_name(task, 99, 0),
		mt_destroy(task, MT_UNUSED),
		mt_deallocate(task, MT_UNUSED),
		mt_get_refs(task, MT_UNUSED, 99, &out),
		mt_mod_refs(task, MT_UNUSED, 99, 0),
		mt_get_type(task, MT_UNUSED, &out),
		mt_insert(task, 0, MT_UNUSED, 99),
		mt_extract(task, MT_UNUSED, 99, &out, &out2),
		mt_request(task, MT_UNUSED, 99, 0, 0,
			   MACH_MSG_TYPE_MAKE_SEND_ONCE, &out),
		mt_rename(task, MT_UNUSED, 0),
		mt_names(task, NULL, NULL, 0, &out),
		mt_receive_status(task, MT_UNUSED, &status),
		mt_set_qlimit(task, MT_UNUSED, ~0U),
		mt_set_mscount(task, MT_UNUSED, 1ULL << 32),
		mt_set_seqno(task, MT_UNUSED, 1ULL << 32),
		mt_set_payload(task, MT_UNUSED, 0),
		mt_clear_payload(task, MT_UNUSED),
		mt_srights(task, MT_UNUSED, &wide),
		mt_dnrequests(task, MT_UNUSED, &wide),
		mt_move_member(task, MT_UNUSED, MT_UNUSED),
		mt_set_members(task, MT_UNUSED, NULL, 0, &out),
		mt_register(task, ports, 99),
		mt_lookup(task, four, &out),
		mt_get_special(task, 99, &out),
		mt_set_special(task, 99, MT_UNUSED),
	};

	for (size_t i = 1; i < ARRAY_SIZE(results); i++) {
		if (results[i] != results[0]) {
			fprintf(stderr, "# call %zu: %#x, not %#x\n", i,
				results[i], results[0]);
			return MT_NO_RESULT;
		}
	}
	return results[0];
}

TEST_F(mach, S1_11_thread_and_host_are_no_tasks)
{
	struct mt_task task = self->task;

	task.self = mt_thread_self(&self->task);
	EXPECT_EQ(KERN_INVALID_TASK, all_calls(&task));
	task.self = mt_host_self(&self->task);
	EXPECT_EQ(KERN_INVALID_TASK, all_calls(&task));
	task.self = mt_port(&self->task);
	EXPECT_EQ(KERN_INVALID_TASK, all_calls(&task));
}

/* The right has reached something, which cannot use it: it is destroyed. */
TEST_F(mach, S1_11_right_given_to_no_task)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), once, previous;
	struct mt_task host = *task;

	host.self = mt_host_self(task);
	once = mt_make_send_once(task, port);
	EXPECT_EQ(KERN_INVALID_TASK,
		  mt_insert(&host, MT_UNUSED, once,
			    MACH_MSG_TYPE_MOVE_SEND_ONCE));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, once));
	EXPECT_TRUE(mt_notified(task, port, MACH_NOTIFY_SEND_ONCE, 0));
	EXPECT_EQ(KERN_INVALID_TASK,
		  mt_request(&host, port, MACH_NOTIFY_NO_SENDERS, 0, port,
			     MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	EXPECT_TRUE(mt_notified(task, port, MACH_NOTIFY_SEND_ONCE, 0));
	/* Without a task nothing is taken. */
	host.self = MT_UNUSED;
	once = mt_make_send_once(task, port);
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  mt_insert(&host, MT_UNUSED, once,
			    MACH_MSG_TYPE_MOVE_SEND_ONCE));
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE, mt_types(task, once));
	EXPECT_TRUE(mt_empty(task, port));
}

TEST_F(mach, S1_11_no_task_at_all)
{
	struct mt_task task = self->task;
	__u32 port = mt_receive_right(&self->task);
	const __u32 names[] = {
		MACH_PORT_NULL, MACH_PORT_DEAD, MT_UNUSED, port,
		mt_set(&self->task), mt_dead_name(&self->task),
		mt_make_send_once(&self->task, port),
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		task.self = names[i];
		EXPECT_EQ(MACH_SEND_INVALID_DEST, all_calls(&task))
			TH_LOG("case %zu", i);
	}
}

/* Nobody receives there, so the kernel answers, and nobody hangs. */
TEST_F(mach, message_is_answered)
{
	const struct mt_task *task = &self->task;
	__u32 reply = mt_receive_right(task);
	struct mt_message message;

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		mt_begin(&message, calls[i](task), MACH_MSG_TYPE_COPY_SEND);
		mt_reply_to(&message, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
		message.head.id = 4242;
		mt_must(mt_send(task, &message));
		mt_must(mt_receive(task, reply, &message, 10000));
		EXPECT_EQ(4342U, message.head.id);
		EXPECT_EQ(48U, message.head.size);
		EXPECT_EQ(MIG_BAD_ID, (int)message.words[5]);
	}
}

TEST_F(mach, what_a_message_carries_is_destroyed)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	__u64 messages = mt_live(task, MT_LIVE(messages));
	struct mt_message message;

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		mt_begin(&message, calls[i](task), MACH_MSG_TYPE_MOVE_SEND);
		mt_put_right(&message, port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
		mt_must(mt_send(task, &message));
		EXPECT_TRUE(mt_notified(task, port, MACH_NOTIFY_SEND_ONCE,
					0));
	}
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(messages), messages));
}

struct thread {
	const struct mt_task *task;
	__u32 name, again;
	int go[2];		/* a pipe: when to end */
	int told[2];
	pthread_t thread;
};

static void *know_thyself(void *arg)
{
	struct thread *thread = arg;

	thread->name = mt_thread_self(thread->task);
	thread->again = mt_thread_self(thread->task);
	mt_tell(thread->told[1], 1);
	mt_await(thread->go[0]);
	return NULL;
}

static void start_thread(struct thread *thread, const struct mt_task *task)
{
	thread->task = task;
	mt_must(pipe(thread->go));
	mt_must(pipe(thread->told));
	mt_must(pthread_create(&thread->thread, NULL, know_thyself, thread));
	mt_await(thread->told[0]);
}

static void end_thread(struct thread *thread)
{
	mt_tell(thread->go[1], 1);
	mt_must(pthread_join(thread->thread, NULL));
}

TEST_F(mach, each_thread_has_its_port)
{
	const struct mt_task *task = &self->task;
	struct thread first, second;

	start_thread(&first, task);
	start_thread(&second, task);
	EXPECT_EQ(first.name, first.again);
	EXPECT_EQ(second.name, second.again);
	EXPECT_NE(first.name, second.name);
	EXPECT_NE(first.name, mt_thread_self(task));
	end_thread(&first);
	end_thread(&second);
}

/* At the latest when the next new thread asks for its own. */
TEST_F(mach, thread_port_dies_with_the_thread)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task);
	struct thread thread, next;

	start_thread(&thread, task);
	mt_arm(task, thread.name, MACH_NOTIFY_DEAD_NAME, notify);
	EXPECT_EQ(MACH_PORT_TYPE_SEND, mt_types(task, mt_thread_self(task)));
	EXPECT_TRUE(mt_empty(task, notify));
	end_thread(&thread);
	start_thread(&next, task);
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_DEAD_NAME,
				thread.name));
	EXPECT_EQ(3U, mt_refs(task, thread.name, MACH_PORT_RIGHT_DEAD_NAME));
	/* The others are alive. */
	EXPECT_EQ(MACH_PORT_TYPE_SEND, mt_types(task, next.name));
	EXPECT_EQ(MACH_PORT_TYPE_SEND, mt_types(task, mt_thread_self(task)));
	end_thread(&next);
}

TEST_F(mach, many_threads_leave_no_ports)
{
	const struct mt_task *task = &self->task;
	__u64 ports = mt_live(task, MT_LIVE(ports));
	struct thread thread;

	for (int i = 0; i < 30; i++) {
		start_thread(&thread, task);
		end_thread(&thread);
		mt_must(mt_destroy(task, thread.name));
		for (int end = 0; end < 2; end++) {
			close(thread.go[end]);
			close(thread.told[end]);
		}
	}
	/* The last one's may still be there. */
	EXPECT_GE(ports + 1, mt_live(task, MT_LIVE(ports)));
}

/* Two tasks of one process: two task ports, one thread, one host. */
TEST_F(mach, two_tasks_of_one_process)
{
	const struct mt_task *task = &self->task;
	struct mt_task other;
	__u32 theirs;

	mt_open(&other);
	theirs = mt_transfer(task, &other, mt_host_self(task),
			     MACH_MSG_TYPE_COPY_SEND);
	EXPECT_EQ(mt_host_self(&other), theirs);
	theirs = mt_transfer(task, &other, task->self,
			     MACH_MSG_TYPE_COPY_SEND);
	EXPECT_NE(mt_task_self(&other), theirs);
}

static void send_selves(struct mt_side *side, void *arg)
{
	struct mt_message message;

	(void)arg;
	mt_begin(&message, side->up, MACH_MSG_TYPE_COPY_SEND);
	for (int i = 0; i < 3; i++)
		mt_put_right(&message, calls[i](&side->task),
			     MACH_MSG_TYPE_MOVE_SEND);
	mt_must(mt_send(&side->task, &message));
	mt_await(side->from);
}

TEST_F(mach, another_process)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task), names[3];
	struct mt_message message;
	struct mt_peer peer;

	mt_spawn(&peer, task, send_selves, NULL);
	mt_must(mt_receive(task, peer.port, &message, 10000));
	for (int i = 0; i < 3; i++)
		names[i] = mt_right(&message, i);
	EXPECT_NE(mt_task_self(task), names[0]);
	EXPECT_NE(mt_thread_self(task), names[1]);
	EXPECT_EQ(mt_host_self(task), names[2]);
	/* Task and thread die with the process, the host does not. */
	mt_arm(task, names[0], MACH_NOTIFY_DEAD_NAME, notify);
	mt_kill(&peer);
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_DEAD_NAME,
				names[0]));
	for (int tries = 0; tries < 2000; tries++) {
		if (mt_types(task, names[1]) == MACH_PORT_TYPE_DEAD_NAME)
			break;
		mt_sleep(5);
	}
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, mt_types(task, names[1]));
	EXPECT_EQ(MACH_PORT_TYPE_SEND, mt_types(task, names[2]));
}

TEST_HARNESS_MAIN
