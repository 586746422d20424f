// SPDX-License-Identifier: GPL-2.0
/*
 * Dead-name requests and names: the notification says the name that the right
 * has when its port dies, once, and never the name of something else (spec
 * 2, 2.3; negative test N22).
 */
#include "lib/caller.h"
#include "lib/fixture.h"
#include "lib/partner.h"

#define DEAD		MACH_PORT_TYPE_DEAD_NAME
#define WATCHED		MACH_PORT_TYPE_DNREQUEST
#define DEAD_NAME	MACH_NOTIFY_DEAD_NAME
#define DELETED		MACH_NOTIFY_PORT_DELETED
#define MAKE		MACH_MSG_TYPE_MAKE_SEND_ONCE
/* Another name that no test creates. */
#define NEW_NAME	(MT_UNUSED + 2)

/* Another task's port, watched. */
struct scene {
	struct mt_task owner;
	__u32 port;		/* the owner's */
	__u32 right;		/* ours */
	__u32 notify;		/* ours */
};

static void make_scene(struct scene *scene, const struct mt_task *task)
{
	mt_open(&scene->owner);
	scene->port = mt_receive_right(&scene->owner);
	scene->right = mt_connect(task, &scene->owner, scene->port);
	scene->notify = mt_receive_right(task);
	mt_arm(task, scene->right, DEAD_NAME, scene->notify);
}

/* Told once, under this name, which has one reference more. */
static bool told(const struct mt_task *task, const struct scene *scene,
		 __u32 name, __u32 refs)
{
	return mt_notified(task, scene->notify, DEAD_NAME, name) &&
	       mt_silent(task, scene->notify) &&
	       mt_types(task, name) == DEAD &&
	       mt_refs(task, name, MACH_PORT_RIGHT_DEAD_NAME) == refs;
}

TEST_F(mach, one_reference_more)
{
	const struct mt_task *task = &self->task;
	struct scene scene;

	for (__u32 refs = 1; refs < 4; refs++) {
		make_scene(&scene, task);
		mt_must(mt_mod_refs(task, scene.right, MACH_PORT_RIGHT_SEND,
				    refs - 1));
		EXPECT_EQ(MACH_PORT_TYPE_SEND | WATCHED,
			  mt_types(task, scene.right));
		EXPECT_EQ(1U, mt_status(task, scene.notify).sorights);
		mt_must(mt_destroy(&scene.owner, scene.port));
		EXPECT_TRUE(told(task, &scene, scene.right, refs + 1));
	}
}

TEST_F(mach, without_a_request_no_reference_more)
{
	const struct mt_task *task = &self->task;
	struct scene scene;

	make_scene(&scene, task);
	mt_must(mt_deallocate(task, mt_cancel(task, scene.right, DEAD_NAME)));
	mt_must(mt_destroy(&scene.owner, scene.port));
	EXPECT_EQ(DEAD, mt_types(task, scene.right));
	EXPECT_EQ(1U, mt_refs(task, scene.right, MACH_PORT_RIGHT_DEAD_NAME));
	EXPECT_TRUE(mt_once_wasted(task, scene.notify));
}

/* The reference is there before the notification is read. */
TEST_F(mach, reference_before_the_notification)
{
	const struct mt_task *task = &self->task;
	struct scene scene;

	make_scene(&scene, task);
	mt_must(mt_destroy(&scene.owner, scene.port));
	mt_must(mt_deallocate(task, scene.right));
	EXPECT_EQ(DEAD, mt_types(task, scene.right));
	EXPECT_TRUE(told(task, &scene, scene.right, 1));
}

/* ---- names that change ---- */

TEST_F(mach, renamed)
{
	const struct mt_task *task = &self->task;
	struct scene scene;

	make_scene(&scene, task);
	mt_must(mt_rename(task, scene.right, NEW_NAME));
	EXPECT_EQ(MACH_PORT_TYPE_SEND | WATCHED, mt_types(task, NEW_NAME));
	mt_must(mt_destroy(&scene.owner, scene.port));
	EXPECT_TRUE(told(task, &scene, NEW_NAME, 2));
}

/* And back again, and with the old name in other hands meanwhile. */
TEST_F(mach, renamed_again)
{
	const struct mt_task *task = &self->task;
	struct scene scene, second;

	make_scene(&scene, task);
	for (__u32 i = 0; i < 20; i++)
		mt_must(mt_rename(task, i ? NEW_NAME + i - 1 : scene.right,
				  NEW_NAME + i));
	mt_must(mt_rename(task, NEW_NAME + 19, scene.right));
	mt_must(mt_destroy(&scene.owner, scene.port));
	EXPECT_TRUE(told(task, &scene, scene.right, 2));

	make_scene(&scene, task);
	make_scene(&second, task);
	mt_must(mt_rename(task, scene.right, NEW_NAME));
	mt_must(mt_rename(task, second.right, scene.right));
	mt_must(mt_rename(task, NEW_NAME, second.right));
	/* Now each has the other's name. */
	mt_must(mt_destroy(&scene.owner, scene.port));
	EXPECT_TRUE(told(task, &scene, second.right, 2));
	EXPECT_TRUE(mt_empty(task, second.notify));
	mt_must(mt_destroy(&second.owner, second.port));
	EXPECT_TRUE(told(task, &second, scene.right, 2));
}

TEST_F(mach, renamed_and_deleted)
{
	const struct mt_task *task = &self->task;
	struct scene scene;

	make_scene(&scene, task);
	mt_must(mt_rename(task, scene.right, NEW_NAME));
	mt_must(mt_deallocate(task, NEW_NAME));
	EXPECT_TRUE(mt_notified(task, scene.notify, DELETED, NEW_NAME));
	EXPECT_TRUE(mt_silent(task, scene.notify));
}

TEST_F(mach, every_kind_of_name_renamed)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task);

	for (int kind = 0; kind < 3; kind++) {
		__u32 port = mt_port(task), name = port;

		if (kind == 1)
			mt_must(mt_deallocate(task, port));
		if (kind == 2)
			name = mt_make_send_once(task, port);
		mt_arm(task, name, DEAD_NAME, notify);
		mt_must(mt_rename(task, name, NEW_NAME + kind));
		if (name == port)
			port = NEW_NAME + kind;
		mt_must(mt_mod_refs(task, port, MACH_PORT_RIGHT_RECEIVE, -1));
		EXPECT_TRUE(mt_notified(task, notify,
					kind == 1 ? DELETED : DEAD_NAME,
					NEW_NAME + kind))
			TH_LOG("kind %d", kind);
		EXPECT_TRUE(mt_silent(task, notify));
	}
}

/* N22: a name that is used for something else is not told. */
TEST_F(mach, N22_name_used_again)
{
	const struct mt_task *task = &self->task;
	struct scene scene;

	for (int way = 0; way < 3; way++) {
		make_scene(&scene, task);
		if (way == 0)
			mt_must(mt_deallocate(task, scene.right));
		else if (way == 1)
			mt_must(mt_destroy(task, scene.right));
		else
			mt_must(mt_send_id(task, scene.right,
					   MACH_MSG_TYPE_MOVE_SEND, 1));
		EXPECT_TRUE(mt_notified(task, scene.notify, DELETED,
					scene.right));
		mt_must(mt_allocate_name(task, MACH_PORT_RIGHT_RECEIVE,
					 scene.right));
		mt_make_send(task, scene.right);
		mt_must(mt_destroy(&scene.owner, scene.port));
		EXPECT_TRUE(mt_silent(task, scene.notify));
		EXPECT_EQ(1U, mt_refs(task, scene.right,
				      MACH_PORT_RIGHT_SEND));
	}
}

/* ---- dead names ---- */

TEST_F(mach, S2_3_request_on_a_dead_name)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task), previous;
	__u32 dead = mt_dead_name(task);

	for (__u32 sync = 1; sync < 4; sync++) {
		EXPECT_EQ(KERN_SUCCESS,
			  mt_request(task, dead, DEAD_NAME, sync, notify,
				     MAKE, &previous));
		EXPECT_EQ(MACH_PORT_NULL, previous);
		EXPECT_TRUE(mt_notified(task, notify, DEAD_NAME, dead));
		EXPECT_TRUE(mt_silent(task, notify));
		EXPECT_EQ(sync + 1, mt_refs(task, dead,
					    MACH_PORT_RIGHT_DEAD_NAME));
		EXPECT_EQ(DEAD, mt_types(task, dead));
	}
}

/* A right whose port has died is a dead name to this call, too. */
TEST_F(mach, request_on_a_right_whose_port_is_dead)
{
	const struct mt_task *task = &self->task;
	struct scene scene;
	__u32 previous;

	make_scene(&scene, task);
	mt_must(mt_deallocate(task, mt_cancel(task, scene.right, DEAD_NAME)));
	EXPECT_TRUE(mt_once_wasted(task, scene.notify));
	mt_must(mt_destroy(&scene.owner, scene.port));
	EXPECT_EQ(KERN_SUCCESS,
		  mt_request(task, scene.right, DEAD_NAME, 1, scene.notify,
			     MAKE, &previous));
	EXPECT_TRUE(told(task, &scene, scene.right, 2));
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  mt_request(task, scene.right, DEAD_NAME, 0, MACH_PORT_NULL,
			     MAKE, &previous));
	EXPECT_EQ(2U, mt_refs(task, scene.right, MACH_PORT_RIGHT_DEAD_NAME));
}

TEST_F(mach, references_to_the_top)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task), previous;
	__u32 dead = mt_dead_name(task);

	mt_must(mt_mod_refs(task, dead, MACH_PORT_RIGHT_DEAD_NAME,
			    MACH_PORT_UREFS_MAX - 2));
	EXPECT_EQ(KERN_SUCCESS, mt_request(task, dead, DEAD_NAME, 1, notify,
					   MAKE, &previous));
	EXPECT_TRUE(mt_notified(task, notify, DEAD_NAME, dead));
	EXPECT_EQ(MACH_PORT_UREFS_MAX,
		  (int)mt_refs(task, dead, MACH_PORT_RIGHT_DEAD_NAME));
	EXPECT_EQ(KERN_UREFS_OVERFLOW,
		  mt_request(task, dead, DEAD_NAME, 1, notify, MAKE,
			     &previous));
	EXPECT_TRUE(mt_once_wasted(task, notify));
	/* Not asked to tell at once: the other error. */
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  mt_request(task, dead, DEAD_NAME, 0, notify, MAKE,
			     &previous));
	EXPECT_TRUE(mt_once_wasted(task, notify));
	EXPECT_EQ(MACH_PORT_UREFS_MAX,
		  (int)mt_refs(task, dead, MACH_PORT_RIGHT_DEAD_NAME));
}

/* ---- many ---- */

TEST_F(mach, many_tasks_watch_one_port)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task);
	struct scene watcher[20];
	__u64 requests;

	for (int i = 0; i < 20; i++) {
		struct mt_task *other = &watcher[i].owner;

		mt_open(other);
		watcher[i].right = mt_connect(other, task, port);
		watcher[i].notify = mt_receive_right(other);
		mt_arm(other, watcher[i].right, DEAD_NAME, watcher[i].notify);
	}
	mt_must(mt_dnrequests(task, port, &requests));
	EXPECT_EQ(20ULL, requests);
	/* Some leave, some cancel. */
	mt_close(&watcher[0].owner);
	mt_must(mt_deallocate(&watcher[1].owner, watcher[1].right));
	EXPECT_TRUE(mt_notified(&watcher[1].owner, watcher[1].notify, DELETED,
				watcher[1].right));
	mt_cancel(&watcher[2].owner, watcher[2].right, DEAD_NAME);
	for (int i = 0; i < 400 && requests != 17; i++) {
		mt_sleep(5);
		mt_must(mt_dnrequests(task, port, &requests));
	}
	EXPECT_EQ(17ULL, requests);
	mt_must(mt_destroy(task, port));
	for (int i = 3; i < 20; i++) {
		EXPECT_TRUE(told(&watcher[i].owner, &watcher[i],
				 watcher[i].right, 2));
	}
	EXPECT_TRUE(mt_empty(&watcher[2].owner, watcher[2].notify));
}

TEST_F(mach, many_send_once_rights_of_one_port)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_receive_right(task), notify = mt_receive_right(task);
	static bool seen[500];
	__u32 once[500];

	for (int i = 0; i < 500; i++) {
		once[i] = mt_make_send_once(task, port);
		mt_arm(task, once[i], DEAD_NAME, notify);
	}
	mt_must(mt_destroy(task, port));
	for (int i = 0; i < 500; i++) {
		struct mt_note note = mt_notification(task, notify);
		int j = 0;

		ASSERT_EQ(DEAD_NAME, note.id);
		while (j < 500 && once[j] != note.value)
			j++;
		ASSERT_GT(500, j);
		ASSERT_FALSE(seen[j]);
		seen[j] = true;
	}
	EXPECT_TRUE(mt_silent(task, notify));
}

/* ---- against each other ---- */

#define ROUNDS	200

static void kill_port(const struct mt_task *task, void *arg)
{
	const struct scene *scene = arg;

	mt_must(mt_destroy(task, scene->port));
}

static void start_killer(struct mt_partner *killer, struct scene *scene,
			 const struct mt_task *task)
{
	mt_open(&scene->owner);
	scene->notify = mt_receive_right(task);
	mt_start_partner(killer, &scene->owner, kill_port, scene, ROUNDS);
}

static void next_round(struct scene *scene, const struct mt_task *task)
{
	scene->port = mt_receive_right(&scene->owner);
	scene->right = mt_connect(task, &scene->owner, scene->port);
	mt_arm(task, scene->right, DEAD_NAME, scene->notify);
}

TEST_F(mach, N22_rename_against_death)
{
	const struct mt_task *task = &self->task;
	struct mt_partner killer;
	struct scene scene;

	start_killer(&killer, &scene, task);
	for (int round = 0; round < ROUNDS; round++) {
		struct mt_note note;

		next_round(&scene, task);
		mt_meet(&killer);
		mt_must(mt_rename(task, scene.right, NEW_NAME));
		mt_meet(&killer);
		note = mt_notification(task, scene.notify);
		ASSERT_EQ(DEAD_NAME, note.id);
		ASSERT_TRUE(note.value == scene.right ||
			    note.value == NEW_NAME);
		ASSERT_TRUE(mt_silent(task, scene.notify));
		ASSERT_EQ(MACH_PORT_TYPE_NONE, mt_types(task, scene.right));
		ASSERT_EQ(2U, mt_refs(task, NEW_NAME,
				      MACH_PORT_RIGHT_DEAD_NAME));
		mt_must(mt_destroy(task, NEW_NAME));
	}
	mt_end_partner(&killer);
}

TEST_F(mach, N22_cancel_against_death)
{
	const struct mt_task *task = &self->task;
	struct mt_partner killer;
	struct scene scene;

	start_killer(&killer, &scene, task);
	for (int round = 0; round < ROUNDS; round++) {
		__u32 previous = MACH_PORT_NULL;
		bool cancelled;
		__s32 ret;

		next_round(&scene, task);
		mt_meet(&killer);
		ret = mt_request(task, scene.right, DEAD_NAME, 0,
				 MACH_PORT_NULL, MAKE, &previous);
		mt_meet(&killer);
		cancelled = ret == KERN_SUCCESS;
		ASSERT_TRUE(cancelled || ret == KERN_INVALID_ARGUMENT);
		if (cancelled) {
			mt_must(mt_deallocate(task, previous));
			ASSERT_TRUE(mt_once_wasted(task, scene.notify));
		} else {
			ASSERT_TRUE(mt_notified(task, scene.notify, DEAD_NAME,
						scene.right));
			ASSERT_TRUE(mt_silent(task, scene.notify));
		}
		ASSERT_EQ(cancelled ? 1U : 2U,
			  mt_refs(task, scene.right,
				  MACH_PORT_RIGHT_DEAD_NAME));
		mt_must(mt_destroy(task, scene.right));
	}
	mt_end_partner(&killer);
}

/* The old name's end is told, and the new right of that name is left alone. */
TEST_F(mach, N22_name_used_again_against_death)
{
	const struct mt_task *task = &self->task;
	struct mt_partner killer;
	struct scene scene;

	start_killer(&killer, &scene, task);
	for (int round = 0; round < ROUNDS; round++) {
		struct mt_note note;

		next_round(&scene, task);
		mt_meet(&killer);
		mt_must(mt_destroy(task, scene.right));
		mt_must(mt_allocate_name(task, MACH_PORT_RIGHT_DEAD_NAME,
					 scene.right));
		mt_meet(&killer);
		note = mt_notification(task, scene.notify);
		ASSERT_TRUE(note.id == DEAD_NAME || note.id == DELETED);
		ASSERT_EQ(scene.right, note.value);
		ASSERT_TRUE(mt_silent(task, scene.notify));
		ASSERT_EQ(1U, mt_refs(task, scene.right,
				      MACH_PORT_RIGHT_DEAD_NAME));
		mt_must(mt_destroy(task, scene.right));
	}
	mt_end_partner(&killer);
}

/* Two swap the request while the port dies: both rights are accounted for. */
TEST_F(mach, N22_swap_against_death)
{
	const struct mt_task *task = &self->task;
	__u32 second = mt_receive_right(task);
	struct mt_partner killer;
	struct scene scene;

	start_killer(&killer, &scene, task);
	for (int round = 0; round < ROUNDS; round++) {
		__u32 previous;
		__s32 ret;

		next_round(&scene, task);
		mt_meet(&killer);
		ret = mt_request(task, scene.right, DEAD_NAME, 0, second,
				 MAKE, &previous);
		mt_meet(&killer);
		if (ret == KERN_SUCCESS) {
			mt_must(mt_deallocate(task, previous));
			ASSERT_TRUE(mt_once_wasted(task, scene.notify));
			ASSERT_TRUE(mt_notified(task, second, DEAD_NAME,
						scene.right));
		} else {
			ASSERT_EQ(KERN_INVALID_ARGUMENT, ret);
			ASSERT_TRUE(mt_once_wasted(task, second));
			ASSERT_TRUE(mt_notified(task, scene.notify, DEAD_NAME,
						scene.right));
		}
		ASSERT_TRUE(mt_silent(task, scene.notify));
		ASSERT_TRUE(mt_silent(task, second));
		ASSERT_EQ(2U, mt_refs(task, scene.right,
				      MACH_PORT_RIGHT_DEAD_NAME));
		mt_must(mt_destroy(task, scene.right));
	}
	mt_end_partner(&killer);
}

TEST_HARNESS_MAIN
