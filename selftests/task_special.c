// SPDX-License-Identifier: GPL-2.0
/*
 * The special ports of a task: kernel, exception and bootstrap port are send
 * rights that a task has, gives copies of, and exchanges (spec 1.12, 2).
 */
#include "lib/fixture.h"
#include "lib/mach_calls.h"

static const __u32 indices[] = {
	MACH_TASK_KERNEL_PORT, MACH_TASK_EXCEPTION_PORT,
	MACH_TASK_BOOTSTRAP_PORT,
};

static __u32 get(const struct mt_task *task, __u32 which)
{
	__u32 name = 0x55555555;

	mt_must(mt_get_special(task, which, &name));
	return name;
}

TEST_F(mach, new_task)
{
	const struct mt_task *task = &self->task;

	EXPECT_EQ(task->self, get(task, MACH_TASK_KERNEL_PORT));
	EXPECT_EQ(2U, mt_refs(task, task->self, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(MACH_PORT_NULL, get(task, MACH_TASK_EXCEPTION_PORT));
}

TEST_F(mach, set_and_get)
{
	const struct mt_task *task = &self->task;

	/* The kernel port comes first: the others work through the old. */
	for (size_t i = 0; i < ARRAY_SIZE(indices); i++) {
		__u32 port = mt_port(task);

		ASSERT_EQ(KERN_SUCCESS,
			  mt_set_special(task, indices[i], port));
		/* The caller keeps its right, each look-up adds one. */
		EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
		EXPECT_EQ(port, get(task, indices[i]));
		EXPECT_EQ(port, get(task, indices[i]));
		EXPECT_EQ(3U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
	}
}

TEST_F(mach, each_has_its_own)
{
	const struct mt_task *task = &self->task;
	__u32 exception = mt_port(task), bootstrap = mt_port(task);

	mt_must(mt_set_special(task, MACH_TASK_EXCEPTION_PORT, exception));
	mt_must(mt_set_special(task, MACH_TASK_BOOTSTRAP_PORT, bootstrap));
	EXPECT_EQ(exception, get(task, MACH_TASK_EXCEPTION_PORT));
	EXPECT_EQ(bootstrap, get(task, MACH_TASK_BOOTSTRAP_PORT));
	EXPECT_EQ(task->self, get(task, MACH_TASK_KERNEL_PORT));
}

TEST_F(mach, null)
{
	const struct mt_task *task = &self->task;

	for (size_t i = 1; i < ARRAY_SIZE(indices); i++) {
		mt_must(mt_set_special(task, indices[i], mt_port(task)));
		EXPECT_EQ(KERN_SUCCESS, mt_set_special(task, indices[i],
						       MACH_PORT_NULL));
		EXPECT_EQ(MACH_PORT_NULL, get(task, indices[i]));
	}
}

TEST_F(mach, old_right_is_released)
{
	const struct mt_task *task = &self->task;

	for (size_t i = 0; i < ARRAY_SIZE(indices); i++) {
		__u32 first = mt_port(task), second = mt_port(task);
		__u32 notify = mt_receive_right(task);

		mt_must(mt_set_special(task, indices[i], first));
		mt_must(mt_deallocate(task, first));
		mt_arm(task, first, MACH_NOTIFY_NO_SENDERS, notify);
		EXPECT_TRUE(mt_empty(task, notify));
		mt_must(mt_set_special(task, indices[i], second));
		EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_NO_SENDERS,
					1));
	}
}

TEST_F(mach, right_is_released_by_the_death_of_the_task)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), notify = mt_receive_right(task);
	struct mt_task other;
	__u32 right;

	mt_open(&other);
	right = mt_connect(&other, task, port);
	for (size_t i = 0; i < ARRAY_SIZE(indices); i++)
		mt_must(mt_set_special(&other, indices[i], right));
	mt_arm(task, port, MACH_NOTIFY_NO_SENDERS, notify);
	mt_must(mt_deallocate(&other, right));
	EXPECT_TRUE(mt_empty(task, notify));
	mt_close(&other);
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_NO_SENDERS, 1));
}

/* TASK_SELF gives the kernel port, whatever that is: an interposer's port. */
TEST_F(mach, kernel_port_is_what_task_self_gives)
{
	struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	mt_must(mt_set_special(task, MACH_TASK_KERNEL_PORT, port));
	EXPECT_EQ(port, mt_task_self(task));
	EXPECT_EQ(2U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
	/* The old right works as before, the new one is no task. */
	EXPECT_EQ(MACH_PORT_TYPE_SEND, mt_types(task, task->self));
	mt_must(mt_set_special(task, MACH_TASK_KERNEL_PORT, task->self));
	EXPECT_EQ(task->self, mt_task_self(task));
}

TEST_F(mach, bootstrap_port_of_the_instance)
{
	const struct mt_task *task = &self->task;
	__u32 instance = mt_port(task), own = mt_port(task);
	struct mt_task other;

	mt_must(mt_name_call(task, MACH_IOC_SET_BOOTSTRAP, &instance));
	EXPECT_EQ(instance, get(task, MACH_TASK_BOOTSTRAP_PORT));
	mt_open(&other);
	EXPECT_EQ(MACH_PORT_TYPE_SEND,
		  mt_types(&other, get(&other, MACH_TASK_BOOTSTRAP_PORT)));
	/* A task that has set one has its own, also if that is none. */
	mt_must(mt_set_special(task, MACH_TASK_BOOTSTRAP_PORT, own));
	EXPECT_EQ(own, get(task, MACH_TASK_BOOTSTRAP_PORT));
	mt_must(mt_set_special(task, MACH_TASK_BOOTSTRAP_PORT,
			       MACH_PORT_NULL));
	EXPECT_EQ(MACH_PORT_NULL, get(task, MACH_TASK_BOOTSTRAP_PORT));
	/* The instance's, and other tasks', are not touched. */
	own = MACH_PORT_NULL;
	mt_must(mt_name_call(task, MACH_IOC_GET_BOOTSTRAP, &own));
	EXPECT_EQ(instance, own);
	EXPECT_NE(MACH_PORT_NULL, get(&other, MACH_TASK_BOOTSTRAP_PORT));
}

/* Dead or dying, it is there: the name is ~0, not 0. */
TEST_F(mach, port_that_dies)
{
	const struct mt_task *task = &self->task;

	for (size_t i = 0; i < ARRAY_SIZE(indices); i++) {
		__u32 port = mt_port(task);

		mt_must(mt_set_special(task, indices[i], port));
		mt_must(mt_destroy(task, port));
		EXPECT_EQ(MACH_PORT_DEAD, get(task, indices[i]));
	}
}

TEST_F(mach, dead_names)
{
	const struct mt_task *task = &self->task;
	__u32 dead = mt_dead_name(task);

	EXPECT_EQ(KERN_SUCCESS,
		  mt_set_special(task, MACH_TASK_EXCEPTION_PORT, dead));
	EXPECT_EQ(MACH_PORT_DEAD, get(task, MACH_TASK_EXCEPTION_PORT));
	EXPECT_EQ(1U, mt_refs(task, dead, MACH_PORT_RIGHT_DEAD_NAME));
	mt_must(mt_set_special(task, MACH_TASK_EXCEPTION_PORT,
			       MACH_PORT_NULL));
	EXPECT_EQ(KERN_SUCCESS,
		  mt_set_special(task, MACH_TASK_EXCEPTION_PORT,
				 MACH_PORT_DEAD));
	EXPECT_EQ(MACH_PORT_DEAD, get(task, MACH_TASK_EXCEPTION_PORT));
}

TEST_F(mach, another_task)
{
	const struct mt_task *task = &self->task;
	struct mt_task other, remote = *task;
	__u32 port = mt_port(task), theirs;
	struct mt_message message;

	mt_open(&other);
	remote.self = mt_task_right(task, &other);
	EXPECT_EQ(remote.self, get(&remote, MACH_TASK_KERNEL_PORT));
	EXPECT_EQ(KERN_SUCCESS,
		  mt_set_special(&remote, MACH_TASK_EXCEPTION_PORT, port));
	/* The name was the caller's; the owner finds a name of its own. */
	EXPECT_EQ(port, get(&remote, MACH_TASK_EXCEPTION_PORT));
	EXPECT_EQ(MACH_PORT_NULL, get(task, MACH_TASK_EXCEPTION_PORT));
	theirs = get(&other, MACH_TASK_EXCEPTION_PORT);
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mt_send_id(&other, theirs, MACH_MSG_TYPE_COPY_SEND, 7));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(7U, message.head.id);
}

TEST_F(mach, no_such_port)
{
	static const __u32 bad[] = { 0, 2, 5, 6, 100, 0x80000000U, ~0U };
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), name;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(KERN_INVALID_ARGUMENT,
			  mt_get_special(task, bad[i], &name))
			TH_LOG("%u", bad[i]);
		EXPECT_EQ(KERN_INVALID_ARGUMENT,
			  mt_set_special(task, bad[i], port))
			TH_LOG("%u", bad[i]);
		EXPECT_EQ(KERN_INVALID_ARGUMENT,
			  mt_set_special(task, bad[i], MACH_PORT_NULL));
	}
	EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
}

/* There is no system call for this in Mach: as a message says it (1.11). */
/* As the system call of GNU Mach has it; its message would say it otherwise. */
TEST_F(mach, S1_11_no_send_right)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), before = mt_port(task);
	__u32 once = mt_make_send_once(task, port);

	mt_must(mt_set_special(task, MACH_TASK_EXCEPTION_PORT, before));
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mt_set_special(task, MACH_TASK_EXCEPTION_PORT, port));
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mt_set_special(task, MACH_TASK_EXCEPTION_PORT, once));
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mt_set_special(task, MACH_TASK_EXCEPTION_PORT,
				 mt_set(task)));
	EXPECT_EQ(KERN_INVALID_NAME,
		  mt_set_special(task, MACH_TASK_EXCEPTION_PORT, MT_UNUSED));
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE, mt_types(task, once));
	EXPECT_EQ(before, get(task, MACH_TASK_EXCEPTION_PORT));
}

TEST_F(mach, task_argument)
{
	struct mt_task wrong = self->task;
	__u32 port = mt_port(&self->task), name;

	wrong.self = port;
	EXPECT_EQ(KERN_INVALID_TASK,
		  mt_get_special(&wrong, MACH_TASK_KERNEL_PORT, &name));
	EXPECT_EQ(KERN_INVALID_TASK,
		  mt_set_special(&wrong, MACH_TASK_KERNEL_PORT, port));
	wrong.self = MT_UNUSED;
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  mt_get_special(&wrong, MACH_TASK_KERNEL_PORT, &name));
	EXPECT_EQ(MACH_SEND_INVALID_DEST, mt_set_special(&wrong, 99, port));
}

TEST_HARNESS_MAIN
