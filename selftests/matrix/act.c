// SPDX-License-Identifier: GPL-2.0
/*
 * The operations of the right matrix.  Each gives Mach's result and notes in
 * the scene what arrived, and what it finds wrong at once.
 */
#include <stddef.h>

#include "matrix.h"

#define require(scene, condition)					\
	do {								\
		if (!(condition))					\
			(scene)->wrong = #condition;			\
	} while (0)

/* What the task got under the name: one right with one reference. */
static enum gets kind_of(const struct mt_task *task, __u32 name)
{
	if (name == MACH_PORT_NULL)
		return GETS_NOTHING;
	if (name == MACH_PORT_DEAD)
		return GETS_DEAD;
	switch (mt_types(task, name)) {
	case MACH_PORT_TYPE_SEND:
		return count_refs(task, name) == 1 ? GETS_SEND : GETS_ELSE;
	case MACH_PORT_TYPE_RECEIVE:
		return GETS_RECEIVE;
	case MACH_PORT_TYPE_SEND_ONCE:
		return GETS_ONCE;
	default:
		return GETS_ELSE;
	}
}

static __u32 received_type(__u32 disposition)
{
	switch (disposition) {
	case MACH_MSG_TYPE_COPY_SEND:
	case MACH_MSG_TYPE_MAKE_SEND:
		return MACH_MSG_TYPE_PORT_SEND;
	case MACH_MSG_TYPE_MAKE_SEND_ONCE:
		return MACH_MSG_TYPE_PORT_SEND_ONCE;
	default:
		return disposition;
	}
}

/* A right that left t: who has the receive right now, if it was that. */
static void arrive(struct scene *scene, const struct mt_task *task, __u32 name)
{
	scene->got = kind_of(task, name);
	if (scene->got == GETS_RECEIVE) {
		scene->holder = task;
		scene->port = name;
	}
}

/* ---- messages ---- */

/* Gets what a message to r brought; nothing may be there after an error. */
static bool come(struct scene *scene, __s32 ret, struct mt_message *message)
{
	if (ret == MACH_MSG_SUCCESS) {
		mt_must(mt_receive(&scene->r, scene->c, message, 0));
		return true;
	}
	require(scene, mt_empty(&scene->r, scene->c));
	return false;
}

__s32 act_local(struct scene *scene, const struct cell *cell)
{
	struct mt_message message;
	__s32 ret;

	mt_begin(&message, scene->to_c, MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, scene->name, cell->argument);
	ret = mt_send_wait(&scene->t, &message, 0);
	if (!come(scene, ret, &message))
		return ret;
	require(scene, MACH_MSGH_BITS_REMOTE(message.head.bits) ==
		       received_type(cell->argument));
	require(scene, message.head.remote_port >> 32 == 0);
	arrive(scene, &scene->r, message.head.remote_port);
	return ret;
}

__s32 act_remote(struct scene *scene, const struct cell *cell)
{
	struct mt_message message;
	__s32 ret;

	mt_begin(&message, scene->name, cell->argument);
	message.head.id = MATRIX_ID;
	ret = mt_send_wait(&scene->t, &message, 0);
	if (ret != MACH_SEND_TIMED_OUT)
		return ret;
	/* Pseudo-received: the right is back, ready to be sent again. */
	require(scene, message.head.bits ==
		       MACH_MSGH_BITS(received_type(cell->argument), 0));
	require(scene, message.head.id == MATRIX_ID);
	require(scene, message.head.local_port == MACH_PORT_NULL);
	scene->new_name = message.head.remote_port;
	scene->got = GETS_RETURNED;
	return ret;
}

__s32 act_body(struct scene *scene, const struct cell *cell)
{
	struct mt_message message;
	struct mt_item item;
	__s32 ret;

	mt_begin(&message, scene->to_c, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, scene->name, cell->argument);
	ret = mt_send_wait(&scene->t, &message, 0);
	if (!come(scene, ret, &message))
		return ret;
	item = mt_item(&message, 0);
	require(scene, item.desc ==
		       MACH_MSG_DESC(received_type(cell->argument),
				     MACH_MSG_PORT_INLINE_BITS, 1,
				     MACH_MSG_DESC_INLINE));
	arrive(scene, &scene->r, mt_right(&message, 0));
	return ret;
}

/* In the middle of others, which must not matter. */
__s32 act_array(struct scene *scene, const struct cell *cell)
{
	const __u32 names[] = { MACH_PORT_NULL, scene->name, MACH_PORT_DEAD };
	struct mt_message message;
	const __u32 *got;
	__s32 ret;

	mt_begin(&message, scene->to_c, MACH_MSG_TYPE_COPY_SEND);
	mt_put_rights_array(&message, names, 3, cell->argument, 0);
	ret = mt_send_wait(&scene->t, &message, 0);
	if (!come(scene, ret, &message))
		return ret;
	require(scene, mt_item(&message, 0).desc ==
		       MACH_MSG_DESC(received_type(cell->argument),
				     MACH_MSG_PORT_OOL_BITS, 3,
				     MACH_MSG_DESC_DEALLOCATE));
	got = mt_rights_array(&message, 0, 3);
	require(scene, got[0] == MACH_PORT_NULL);
	require(scene, got[2] == MACH_PORT_DEAD);
	arrive(scene, &scene->r, got[1]);
	mt_free_array(&message, 0);
	return ret;
}

__s32 act_receive(struct scene *scene, const struct cell *cell)
{
	struct mt_message message;
	__s32 ret = mt_receive(&scene->t, scene->name, &message, 0);

	(void)cell;
	if (ret == MACH_MSG_SUCCESS) {
		require(scene, message.head.id == 0);
		require(scene, message.head.local_port == scene->port);
	}
	return ret;
}

/* ---- rights into and out of tasks ---- */

__s32 act_insert(struct scene *scene, const struct cell *cell)
{
	__s32 ret = mt_insert(&scene->t, scene->x, scene->name, cell->argument);

	if (mt_types(&scene->t, scene->x)) {
		scene->added++;
		arrive(scene, &scene->t, scene->x);
	}
	return ret;
}

__s32 act_extract(struct scene *scene, const struct cell *cell)
{
	__u32 poly, poly_type;
	__s32 ret = mt_extract(&scene->t_by_r, scene->name, cell->argument,
			       &poly, &poly_type);

	if (ret != KERN_SUCCESS)
		return ret;
	require(scene, poly_type == received_type(cell->argument));
	arrive(scene, &scene->r, poly);
	return ret;
}

__s32 act_over(struct scene *scene, const struct cell *cell)
{
	__u32 port = mt_receive_right(&scene->r);

	return mt_insert(&scene->t_by_r, scene->name, port, cell->argument);
}

__s32 act_join(struct scene *scene, const struct cell *cell)
{
	struct mt_task t_by_holder = *scene->holder;
	__s32 ret;

	if (scene->holder != &scene->t)
		t_by_holder.self = mt_task_right(scene->holder, &scene->t);
	ret = mt_insert(&t_by_holder, scene->name, scene->port, cell->argument);
	if (ret == KERN_SUCCESS &&
	    cell->argument == MACH_MSG_TYPE_MOVE_RECEIVE) {
		scene->holder = &scene->t;
		scene->port = scene->name;
	}
	return ret;
}

/* ---- references ---- */

__s32 act_deallocate(struct scene *scene, const struct cell *cell)
{
	(void)cell;
	return mt_deallocate(&scene->t, scene->name);
}

__s32 act_destroy(struct scene *scene, const struct cell *cell)
{
	(void)cell;
	return mt_destroy(&scene->t, scene->name);
}

__s32 act_mod_refs(struct scene *scene, const struct cell *cell)
{
	return mt_mod_refs(&scene->t, scene->name, cell->argument,
			   cell->number);
}

__s32 act_get_refs(struct scene *scene, const struct cell *cell)
{
	__s32 ret = mt_get_refs(&scene->t, scene->name, cell->argument,
				&scene->value);

	if (ret == KERN_SUCCESS)
		scene->got = GETS_NUMBER;
	return ret;
}

__s32 act_type(struct scene *scene, const struct cell *cell)
{
	__u32 types;

	(void)cell;
	return mt_get_type(&scene->t, scene->name, &types);
}

/* ---- requests ---- */

static __s32 request(struct scene *scene, __u32 id, __u32 sync, __u32 notify)
{
	__u32 previous;
	__s32 ret = mt_request(&scene->t, scene->name, id, sync, notify,
			       MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous);

	if (ret != KERN_SUCCESS || previous == MACH_PORT_NULL)
		return ret;
	scene->added++;
	scene->got = kind_of(&scene->t, previous) == GETS_ONCE ?
			GETS_PREVIOUS : GETS_ELSE;
	return ret;
}

__s32 act_request(struct scene *scene, const struct cell *cell)
{
	return request(scene, cell->argument, cell->number,
		       scene->watch[WATCH_E]);
}

__s32 act_cancel(struct scene *scene, const struct cell *cell)
{
	return request(scene, cell->argument, 0, MACH_PORT_NULL);
}

/* ---- sets ---- */

__s32 act_member(struct scene *scene, const struct cell *cell)
{
	__u32 other;
	__s32 ret;

	switch (cell->argument) {
	case ARG_INTO:
		ret = mt_move_member(&scene->t, scene->name, scene->a);
		if (ret == KERN_SUCCESS)
			require(scene, mt_status(&scene->t, scene->name).pset
				       == scene->a);
		return ret;
	case ARG_OUT:
		return mt_move_member(&scene->t, scene->name, MACH_PORT_NULL);
	default:
		other = mt_receive_right(&scene->t);
		scene->added++;
		ret = mt_move_member(&scene->t, other, scene->name);
		require(scene, mt_status(&scene->t, other).pset ==
			       (ret ? MACH_PORT_NULL : scene->name));
		return ret;
	}
}

__s32 act_members(struct scene *scene, const struct cell *cell)
{
	__u32 member;
	__s32 ret = mt_set_members(&scene->t, scene->name, &member, 1,
				   &scene->value);

	(void)cell;
	if (ret != KERN_SUCCESS)
		return ret;
	scene->got = GETS_NUMBER;
	if (scene->value == 1)
		require(scene, member == scene->port);
	return ret;
}

/* ---- attributes of a receive right: changed, seen, put back ---- */

__s32 act_status(struct scene *scene, const struct cell *cell)
{
	struct mach_ioc_receive_status status;

	(void)cell;
	return mt_receive_status(&scene->t, scene->name, &status);
}

__s32 act_qlimit(struct scene *scene, const struct cell *cell)
{
	__s32 ret = mt_set_qlimit(&scene->t, scene->name, 3);

	(void)cell;
	if (ret == KERN_SUCCESS)
		require(scene, mt_status(&scene->t, scene->name).qlimit == 3);
	return ret;
}

__s32 act_qlimit_bad(struct scene *scene, const struct cell *cell)
{
	(void)cell;
	return mt_set_qlimit(&scene->t, scene->name, 1U << 31);
}

__s32 act_mscount(struct scene *scene, const struct cell *cell)
{
	__s32 ret = mt_set_mscount(&scene->t, scene->name, 77);

	(void)cell;
	if (ret != KERN_SUCCESS)
		return ret;
	require(scene, mt_status(&scene->t, scene->name).mscount == 77);
	return mt_set_mscount(&scene->t, scene->name, scene->before.mscount);
}

__s32 act_seqno(struct scene *scene, const struct cell *cell)
{
	__s32 ret = mt_set_seqno(&scene->t, scene->name, 78);

	(void)cell;
	if (ret == KERN_SUCCESS)
		require(scene, mt_status(&scene->t, scene->name).seqno == 78);
	return ret;
}

__s32 act_payload(struct scene *scene, const struct cell *cell)
{
	(void)cell;
	return mt_set_payload(&scene->t, scene->name, 1ULL << 63 | 5);
}

__s32 act_clear_payload(struct scene *scene, const struct cell *cell)
{
	(void)cell;
	return mt_clear_payload(&scene->t, scene->name);
}

__s32 act_srights(struct scene *scene, const struct cell *cell)
{
	__u64 count;

	(void)cell;
	return mt_srights(&scene->t, scene->name, &count);
}

__s32 act_dnrequests(struct scene *scene, const struct cell *cell)
{
	__u64 count;
	__s32 ret = mt_dnrequests(&scene->t, scene->name, &count);

	(void)cell;
	if (ret == KERN_SUCCESS)
		require(scene, count == 1);
	return ret;
}

/* ---- names ---- */

__s32 act_rename(struct scene *scene, const struct cell *cell)
{
	__s32 ret;

	switch (cell->argument) {
	case ARG_FREE:
		ret = mt_rename(&scene->t, scene->name, scene->x);
		if (ret != KERN_SUCCESS)
			return ret;
		scene->new_name = scene->x;
		if (scene->holder == &scene->t && scene->port == scene->name)
			scene->port = scene->x;
		return ret;
	case ARG_USED:
		return mt_rename(&scene->t, scene->name, scene->a);
	case ARG_ITSELF:
		return mt_rename(&scene->t, scene->name, scene->name);
	case ARG_NULL:
		return mt_rename(&scene->t, scene->name, MACH_PORT_NULL);
	default:
		return mt_rename(&scene->t, scene->name, MACH_PORT_DEAD);
	}
}

__s32 act_allocate_name(struct scene *scene, const struct cell *cell)
{
	return mt_allocate_name(&scene->t, cell->argument, scene->name);
}
