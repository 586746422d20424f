// SPDX-License-Identifier: GPL-2.0
/*
 * mach_port_request_notification refused: whatever the reason, the send-once
 * right that came along is destroyed exactly once, and what was armed before
 * stays armed (spec 2.3; negative test N23).
 */
#include "lib/caller.h"
#include "lib/fixture.h"
#include "lib/partner.h"

#define MAKE		MACH_MSG_TYPE_MAKE_SEND_ONCE
#define MOVE		MACH_MSG_TYPE_MOVE_SEND_ONCE
#define DESTROYED	MACH_NOTIFY_PORT_DESTROYED
#define NO_SENDERS	MACH_NOTIFY_NO_SENDERS
#define DEAD_NAME	MACH_NOTIFY_DEAD_NAME

/* What a request may be made on. */
enum kind {
	NO_NAME, NULL_NAME, DEAD, SEND, ONCE, DEAD_NAME_ONE, DEAD_NAME_FULL,
	SET, DIED, RECEIVE, BOTH, KINDS
};

struct names {
	__u32 of[KINDS];
};

static void make_names(struct names *names, const struct mt_task *task)
{
	__u32 *of = names->of;
	struct mt_task other;
	__u32 dying;

	mt_open(&other);
	of[NO_NAME] = MT_UNUSED;
	of[NULL_NAME] = MACH_PORT_NULL;
	of[DEAD] = MACH_PORT_DEAD;
	of[SEND] = mt_connect(task, &other, mt_receive_right(&other));
	of[ONCE] = mt_make_send_once(task, mt_receive_right(task));
	of[DEAD_NAME_ONE] = mt_dead_name(task);
	of[DEAD_NAME_FULL] = mt_dead_name(task);
	mt_must(mt_mod_refs(task, of[DEAD_NAME_FULL],
			    MACH_PORT_RIGHT_DEAD_NAME,
			    MACH_PORT_UREFS_MAX - 1));
	of[SET] = mt_set(task);
	dying = mt_receive_right(&other);
	of[DIED] = mt_connect(task, &other, dying);
	mt_must(mt_destroy(&other, dying));
	of[RECEIVE] = mt_receive_right(task);
	of[BOTH] = mt_port(task);
}

struct row {
	enum kind kind;
	__u32 id, sync;
	__s32 ret;
};

static const struct row rows[] = {
	/* no such notification: seen before the name */
	{ BOTH, 0, 0, KERN_INVALID_VALUE },
	{ BOTH, 64, 0, KERN_INVALID_VALUE },
	{ BOTH, MACH_NOTIFY_PORT_DELETED, 0, KERN_INVALID_VALUE },
	{ BOTH, MACH_NOTIFY_MSG_ACCEPTED, 0, KERN_INVALID_VALUE },
	{ BOTH, 67, 0, KERN_INVALID_VALUE },
	{ BOTH, 68, 0, KERN_INVALID_VALUE },
	{ BOTH, MACH_NOTIFY_SEND_ONCE, 0, KERN_INVALID_VALUE },
	{ BOTH, 73, 0, KERN_INVALID_VALUE },
	{ BOTH, ~0U, 0, KERN_INVALID_VALUE },
	{ NO_NAME, 0, 1, KERN_INVALID_VALUE },
	{ NULL_NAME, 73, 0, KERN_INVALID_VALUE },
	{ SET, 67, 0, KERN_INVALID_VALUE },
	/* port-destroyed has no sync: likewise */
	{ BOTH, DESTROYED, 1, KERN_INVALID_VALUE },
	{ RECEIVE, DESTROYED, ~0U, KERN_INVALID_VALUE },
	{ NO_NAME, DESTROYED, 1, KERN_INVALID_VALUE },
	{ SEND, DESTROYED, 1, KERN_INVALID_VALUE },
	/* names */
	{ NO_NAME, DESTROYED, 0, KERN_INVALID_NAME },
	{ NULL_NAME, DESTROYED, 0, KERN_INVALID_NAME },
	{ DEAD, DESTROYED, 0, KERN_INVALID_NAME },
	{ NO_NAME, NO_SENDERS, 0, KERN_INVALID_NAME },
	{ NULL_NAME, NO_SENDERS, 0, KERN_INVALID_NAME },
	{ DEAD, NO_SENDERS, 5, KERN_INVALID_NAME },
	{ NO_NAME, DEAD_NAME, 0, KERN_INVALID_NAME },
	{ NULL_NAME, DEAD_NAME, 0, KERN_INVALID_NAME },
	{ DEAD, DEAD_NAME, 1, KERN_INVALID_NAME },
	/* rights */
	{ SEND, DESTROYED, 0, KERN_INVALID_RIGHT },
	{ ONCE, DESTROYED, 0, KERN_INVALID_RIGHT },
	{ DEAD_NAME_ONE, DESTROYED, 0, KERN_INVALID_RIGHT },
	{ SET, DESTROYED, 0, KERN_INVALID_RIGHT },
	{ DIED, DESTROYED, 0, KERN_INVALID_RIGHT },
	{ SEND, NO_SENDERS, 0, KERN_INVALID_RIGHT },
	{ ONCE, NO_SENDERS, 0, KERN_INVALID_RIGHT },
	{ DEAD_NAME_ONE, NO_SENDERS, 0, KERN_INVALID_RIGHT },
	{ SET, NO_SENDERS, 1, KERN_INVALID_RIGHT },
	{ DIED, NO_SENDERS, 0, KERN_INVALID_RIGHT },
	{ SET, DEAD_NAME, 0, KERN_INVALID_RIGHT },
	{ SET, DEAD_NAME, 1, KERN_INVALID_RIGHT },
	/* dead names */
	{ DEAD_NAME_ONE, DEAD_NAME, 0, KERN_INVALID_ARGUMENT },
	{ DEAD_NAME_FULL, DEAD_NAME, 0, KERN_INVALID_ARGUMENT },
	{ DIED, DEAD_NAME, 0, KERN_INVALID_ARGUMENT },
	{ DEAD_NAME_FULL, DEAD_NAME, 1, KERN_UREFS_OVERFLOW },
};

/*
 * Tries on the task that @target says.  True if the right was destroyed once
 * and nothing was returned.
 */
static bool refused(const struct mt_task *task, const struct mt_task *target,
		    __u32 name, const struct row *row, bool make)
{
	__u32 port = mt_receive_right(task), previous = 0;
	__u32 notify = make ? port : mt_make_send_once(task, port);
	__s32 ret = mt_request(target, name, row->id, row->sync, notify,
			       make ? MAKE : MOVE, &previous);
	bool right = ret == row->ret && mt_queued(task, port) == 1 &&
		     mt_once_wasted(task, port);

	if (!make)
		right &= mt_types(task, notify) == MACH_PORT_TYPE_NONE;
	mt_must(mt_destroy(task, port));
	return right;
}

TEST_F(mach, N23_every_error)
{
	const struct mt_task *task = &self->task;
	struct names names;

	make_names(&names, task);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		__u32 name = names.of[rows[i].kind];

		EXPECT_TRUE(refused(task, task, name, &rows[i], true))
			TH_LOG("row %zu, made", i);
		EXPECT_TRUE(refused(task, task, name, &rows[i], false))
			TH_LOG("row %zu, moved", i);
	}
	EXPECT_EQ(MACH_PORT_UREFS_MAX,
		  (int)mt_refs(task, names.of[DEAD_NAME_FULL],
			       MACH_PORT_RIGHT_DEAD_NAME));
	EXPECT_EQ(1U, mt_refs(task, names.of[DEAD_NAME_ONE],
			      MACH_PORT_RIGHT_DEAD_NAME));
	EXPECT_EQ(1U, mt_refs(task, names.of[DIED],
			      MACH_PORT_RIGHT_DEAD_NAME));
}

/* The same on another task: the right is the caller's. */
TEST_F(mach, N23_every_error_on_another_task)
{
	const struct mt_task *task = &self->task;
	struct mt_task other, remote;
	struct names names;

	mt_open(&other);
	make_names(&names, &other);
	remote.fd = task->fd;
	remote.self = mt_task_right(task, &other);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		__u32 name = names.of[rows[i].kind];

		EXPECT_TRUE(refused(task, &remote, name, &rows[i], true))
			TH_LOG("row %zu, made", i);
		EXPECT_TRUE(refused(task, &remote, name, &rows[i], false))
			TH_LOG("row %zu, moved", i);
	}
}

/* Without a right the errors are the same. */
TEST_F(mach, errors_of_cancelling)
{
	const struct mt_task *task = &self->task;
	struct names names;
	__u32 previous;

	make_names(&names, task);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		__s32 wanted = row->ret;

		/* Nothing to tell at once: there is no overflow. */
		if (wanted == KERN_UREFS_OVERFLOW)
			wanted = KERN_INVALID_ARGUMENT;
		EXPECT_EQ(wanted,
			  mt_request(task, names.of[row->kind], row->id,
				     row->sync, MACH_PORT_NULL, MAKE,
				     &previous)) TH_LOG("row %zu", i);
		EXPECT_EQ(wanted,
			  mt_request(task, names.of[row->kind], row->id,
				     row->sync, MACH_PORT_NULL, MOVE,
				     &previous)) TH_LOG("row %zu", i);
	}
}

/* ---- the right itself is bad ---- */

TEST_F(mach, N23_dead_right)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), dead = mt_dead_name(task), previous;
	__u32 dying = mt_receive_right(task);
	__u32 once = mt_make_send_once(task, dying);

	mt_must(mt_mod_refs(task, dead, MACH_PORT_RIGHT_DEAD_NAME, 2));
	mt_must(mt_destroy(task, dying));
	EXPECT_EQ(KERN_INVALID_CAPABILITY,
		  mt_request(task, port, DEAD_NAME, 0, MACH_PORT_DEAD, MOVE,
			     &previous));
	/* S2.1: a dead name is moved, one reference of it. */
	EXPECT_EQ(KERN_INVALID_CAPABILITY,
		  mt_request(task, port, DEAD_NAME, 0, dead, MOVE,
			     &previous));
	EXPECT_EQ(2U, mt_refs(task, dead, MACH_PORT_RIGHT_DEAD_NAME));
	EXPECT_EQ(KERN_INVALID_CAPABILITY,
		  mt_request(task, port, NO_SENDERS, 0, once, MOVE,
			     &previous));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, once));
	/* Seen before anything else. */
	EXPECT_EQ(KERN_INVALID_CAPABILITY,
		  mt_request(task, MT_UNUSED, 99, 7, MACH_PORT_DEAD, MAKE,
			     &previous));
	EXPECT_EQ(0U, mt_status(task, port).nsrequest);
	EXPECT_EQ(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE,
		  mt_types(task, port));
}

TEST_F(mach, N23_wrong_right)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), plain = mt_receive_right(task), previous;
	__u32 once = mt_make_send_once(task, plain), set = mt_set(task);
	const struct {
		__u32 notify, type;
	} wrong[] = {
		{ MT_UNUSED, MAKE }, { MT_UNUSED, MOVE },
		{ task->self, MAKE }, { task->self, MOVE },
		{ plain, MOVE }, { once, MAKE }, { set, MAKE }, { set, MOVE },
		{ plain, MACH_MSG_TYPE_MAKE_SEND },
		{ once, MACH_MSG_TYPE_COPY_SEND },
		{ plain, MACH_MSG_TYPE_PORT_NAME }, { plain, 22 },
		{ plain, 0 }, { plain, ~0U }, { plain, MAKE | 0x100 },
	};

	mt_arm(task, port, NO_SENDERS, plain);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		__s32 ret = mt_request(task, port, NO_SENDERS, 0,
				       wrong[i].notify, wrong[i].type,
				       &previous);

		EXPECT_NE(KERN_SUCCESS, ret) TH_LOG("row %zu", i);
		/* As a message with a right that the sender has not. */
		if (wrong[i].type == MAKE || wrong[i].type == MOVE) {
			EXPECT_EQ((__s32)MACH_SEND_INVALID_RIGHT, ret)
				TH_LOG("row %zu", i);
		}
	}
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE, mt_types(task, once));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(task, plain));
	EXPECT_EQ(2U, mt_status(task, plain).sorights);
	EXPECT_TRUE(mt_empty(task, plain));
	mt_must(mt_deallocate(task, port));
	EXPECT_TRUE(mt_notified(task, plain, NO_SENDERS, 1));
}

/* ---- the task argument is bad ---- */

/* As a message that cannot be sent: nothing has happened. */
TEST_F(mach, N23_no_task)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), notify = mt_receive_right(task), previous;
	__u32 once = mt_make_send_once(task, notify);
	const __u32 tasks[] = {
		MACH_PORT_NULL, MACH_PORT_DEAD, MT_UNUSED,
		mt_dead_name(task), notify, once,
	};
	struct mt_task wrong = { .fd = task->fd };

	for (size_t i = 0; i < ARRAY_SIZE(tasks); i++) {
		wrong.self = tasks[i];
		EXPECT_EQ((__s32)MACH_SEND_INVALID_DEST,
			  mt_request(&wrong, port, DEAD_NAME, 0, once, MOVE,
				     &previous)) TH_LOG("row %zu", i);
		EXPECT_EQ((__s32)MACH_SEND_INVALID_DEST,
			  mt_request(&wrong, port, DEAD_NAME, 0, notify, MAKE,
				     &previous)) TH_LOG("row %zu", i);
	}
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE, mt_types(task, once));
	EXPECT_EQ(1U, mt_status(task, notify).sorights);
	EXPECT_TRUE(mt_empty(task, notify));
}

/* The call has reached somebody, and was refused there. */
TEST_F(mach, N23_right_for_something_else)
{
	const struct mt_task *task = &self->task;
	const __u32 tasks[] = { mt_host_self(task), mt_thread_self(task) };
	struct row row = { BOTH, DEAD_NAME, 0, KERN_INVALID_TASK };
	struct mt_task wrong = { .fd = task->fd };
	__u32 port = mt_port(task);

	for (size_t i = 0; i < ARRAY_SIZE(tasks); i++) {
		wrong.self = tasks[i];
		EXPECT_TRUE(refused(task, &wrong, port, &row, true))
			TH_LOG("row %zu", i);
		EXPECT_TRUE(refused(task, &wrong, port, &row, false))
			TH_LOG("row %zu", i);
	}
	EXPECT_EQ(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE,
		  mt_types(task, port));
}

TEST_F(mach, N23_task_that_died)
{
	const struct mt_task *task = &self->task;
	struct mt_task other, remote;
	__u32 port, previous, notify = mt_receive_right(task);

	mt_open(&other);
	port = mt_receive_right(&other);
	remote.fd = task->fd;
	remote.self = mt_task_right(task, &other);
	mt_arm(task, remote.self, DEAD_NAME, notify);
	mt_close(&other);
	EXPECT_TRUE(mt_notified(task, notify, DEAD_NAME, remote.self));
	EXPECT_EQ((__s32)MACH_SEND_INVALID_DEST,
		  mt_request(&remote, port, DEAD_NAME, 0, notify, MAKE,
			     &previous));
	EXPECT_TRUE(mt_silent(task, notify));
}

/* ---- what was armed stays armed ---- */

TEST_F(mach, N23_errors_leave_requests_alone)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), first = mt_receive_right(task), previous;
	__u32 second = mt_receive_right(task);

	mt_arm(task, port, DESTROYED, first);
	mt_arm(task, port, DEAD_NAME, first);
	EXPECT_EQ(KERN_INVALID_VALUE,
		  mt_request(task, port, DESTROYED, 1, second, MAKE,
			     &previous));
	EXPECT_TRUE(mt_once_wasted(task, second));
	EXPECT_EQ(KERN_INVALID_CAPABILITY,
		  mt_request(task, port, DESTROYED, 0, MACH_PORT_DEAD, MAKE,
			     &previous));
	EXPECT_EQ(KERN_INVALID_CAPABILITY,
		  mt_request(task, port, DEAD_NAME, 0, MACH_PORT_DEAD, MAKE,
			     &previous));
	EXPECT_EQ(2U, mt_status(task, first).sorights);
	EXPECT_EQ(1U, mt_status(task, port).pdrequest);
	mt_must(mt_destroy(task, port));
	previous = mt_destroyed(task, first);
	EXPECT_TRUE(mt_notified(task, first, MACH_NOTIFY_PORT_DELETED, port));
	EXPECT_TRUE(mt_silent(task, first));
}

/* ---- one right, two requests ---- */

#define ROUNDS	200

struct rival {
	__u32 port, once;
	__s32 ret;
};

static void arm_too(const struct mt_task *task, void *arg)
{
	struct rival *rival = arg;
	__u32 previous;

	rival->ret = mt_request(task, rival->port, DESTROYED, 0, rival->once,
				MOVE, &previous);
}

TEST_F(mach, N18_N23_one_right_for_two_requests)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task), previous;
	struct mt_partner partner;
	struct rival rival;

	mt_start_partner(&partner, task, arm_too, &rival, ROUNDS);
	for (int round = 0; round < ROUNDS; round++) {
		__s32 ret;

		rival.port = mt_port(task);
		rival.once = mt_make_send_once(task, notify);
		mt_meet(&partner);
		ret = mt_request(task, rival.port, DEAD_NAME, 0, rival.once,
				 MOVE, &previous);
		mt_meet(&partner);
		ASSERT_NE(ret == KERN_SUCCESS, rival.ret == KERN_SUCCESS)
			TH_LOG("results %#x and %#x", ret, rival.ret);
		ASSERT_EQ(1U, mt_status(task, notify).sorights);
		mt_must(mt_deallocate(task, rival.port));
		mt_must(mt_destroy(task, rival.port));
		if (ret == KERN_SUCCESS) {
			ASSERT_TRUE(mt_notified(task, notify,
						MACH_NOTIFY_PORT_DELETED,
						rival.port));
		} else {
			mt_must(mt_destroy(task, mt_destroyed(task, notify)));
		}
		ASSERT_TRUE(mt_silent(task, notify));
	}
	mt_end_partner(&partner);
}

/* ---- no names left for what is returned ---- */

FIXTURE(user) {
	struct mt_task task;
};

FIXTURE_SETUP(user)
{
	const char *reason = mt_unavailable();

	if (reason)
		SKIP(_exit(MT_EXIT_SKIP), "%s", reason);
	mt_supervise();
	mt_become_fresh_user();
	mt_open(&self->task);
}

FIXTURE_TEARDOWN(user)
{
}

TEST_F(user, N23_no_name_for_the_previous_right)
{
	static const __u32 ids[] = { DESTROYED, NO_SENDERS, DEAD_NAME };
	const struct mt_task *task = &self->task;
	__u64 names = mt_param("max_user_names");

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		__u32 port = mt_port(task), first = mt_receive_right(task);
		__u32 second = mt_receive_right(task), previous;
		__u32 waste[2], armed;

		mt_arm(task, port, ids[i], first);
		mt_set_param("max_user_names", 1);
		mt_request(task, port, ids[i], 0, second, MAKE, &previous);
		mt_set_param("max_user_names", names);
		/* Each right is armed, was returned, or was destroyed. */
		waste[0] = mt_queued(task, first);
		waste[1] = mt_queued(task, second);
		armed = mt_cancel(task, port, ids[i]);
		ASSERT_NE(MACH_PORT_NULL, armed);
		mt_must(mt_deallocate(task, armed));
		if (mt_types(task, previous) == MACH_PORT_TYPE_SEND_ONCE)
			mt_must(mt_deallocate(task, previous));
		EXPECT_GE(1U, waste[0] + waste[1]);
		EXPECT_TRUE(mt_once_wasted(task, first));
		EXPECT_TRUE(mt_once_wasted(task, second));
		mt_must(mt_destroy(task, port));
	}
}

TEST_HARNESS_MAIN
