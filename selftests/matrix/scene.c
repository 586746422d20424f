// SPDX-License-Identifier: GPL-2.0
/*
 * The scene of a cell: three tasks, a name in one of the states, and ports
 * that watch.
 */
#include <string.h>

#include "matrix.h"

static struct mach_ioc_receive_status status_of(const struct scene *scene)
{
	return mt_status(scene->holder, scene->port);
}

struct counters count_port(const struct scene *scene)
{
	struct mach_ioc_receive_status status = status_of(scene);
	struct counters counters = {
		.mscount = status.mscount,
		.sorights = status.sorights,
		.msgcount = status.msgcount,
		.pdrequest = status.pdrequest,
	};
	__u64 srights;

	mt_must(mt_srights(scene->holder, scene->port, &srights));
	mt_check(!srights == !status.srights);
	counters.srights = srights;
	return counters;
}

__u32 count_names(const struct mt_task *task)
{
	__u32 count;

	mt_must(mt_names(task, NULL, NULL, 0, &count));
	return count;
}

__u32 count_refs(const struct mt_task *task, __u32 name)
{
	return mt_refs(task, name, MACH_PORT_RIGHT_SEND) +
	       mt_refs(task, name, MACH_PORT_RIGHT_DEAD_NAME);
}

/* The right alone; nothing has happened to it. */
static void make_right(struct scene *scene, enum kind kind)
{
	struct mt_task *t = &scene->t, *o = &scene->o;

	scene->holder = kind == KIND_RECEIVE || kind == KIND_BOTH ||
			kind == KIND_SET ? t : o;
	if (kind != KIND_DEAD)
		scene->port = mt_receive_right(scene->holder);
	scene->name = scene->port;
	switch (kind) {
	case KIND_SEND:
	case KIND_LAST:
		scene->name = mt_connect(t, o, scene->port);
		if (kind == KIND_SEND)
			mt_must(mt_mod_refs(t, scene->name,
					    MACH_PORT_RIGHT_SEND, 1));
		break;
	case KIND_BOTH:
		mt_make_send(t, scene->port);
		break;
	case KIND_ONCE:
		scene->name = mt_transfer(o, t, scene->port,
					  MACH_MSG_TYPE_MAKE_SEND_ONCE);
		break;
	case KIND_SET:
		scene->name = mt_set(t);
		mt_must(mt_move_member(t, scene->port, scene->name));
		break;
	case KIND_DEAD:
		scene->name = mt_dead_name(t);
		scene->holder = NULL;
		break;
	case KIND_RECEIVE:
		break;
	}
	/* So that a move of the receive right, which resets it, shows. */
	if (scene->holder)
		mt_must(mt_set_mscount(scene->holder, scene->port, 40));
}

/* Arms the requests whose notifications go to D and S. */
static void arm(struct scene *scene, enum kind kind)
{
	__u32 previous;

	scene->watcher[WATCH_D] = &scene->t;
	scene->watcher[WATCH_S] = scene->holder ? scene->holder : &scene->t;
	scene->watcher[WATCH_E] = &scene->t;
	for (int i = 0; i < WATCHES; i++)
		scene->watch[i] = mt_receive_right(scene->watcher[i]);
	if (kind != KIND_SET && kind != KIND_DEAD)
		mt_arm(&scene->t, scene->name, MACH_NOTIFY_DEAD_NAME,
		       scene->watch[WATCH_D]);
	if (!scene->holder || kind == KIND_SET)
		return;
	scene->before = count_port(scene);
	mt_must(mt_request(scene->holder, scene->port, MACH_NOTIFY_NO_SENDERS,
			   scene->before.srights ? 0 :
						   scene->before.mscount + 1,
			   scene->watch[WATCH_S],
			   MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
}

static void let_die(struct scene *scene, enum kind kind)
{
	if (kind == KIND_SET) {
		mt_must(mt_destroy(&scene->t, scene->name));
		return;
	}
	mt_must(mt_mod_refs(scene->holder, scene->port,
			    MACH_PORT_RIGHT_RECEIVE, -1));
	scene->holder = NULL;
}

static void start_transit(struct scene *scene)
{
	struct mt_message message;
	__u32 carrier = mt_receive_right(&scene->o);

	if (scene->holder == &scene->o)
		mt_begin(&message, carrier, MACH_MSG_TYPE_MAKE_SEND);
	else
		mt_begin(&message,
			 mt_connect(scene->holder, &scene->o, carrier),
			 MACH_MSG_TYPE_MOVE_SEND);
	mt_put_right(&message, scene->port, MACH_MSG_TYPE_MOVE_RECEIVE);
	mt_must(mt_send(scene->holder, &message));
	scene->carrier = carrier;
	scene->holder = &scene->o;
	scene->before.mscount = 0;
}

void end_transit(struct scene *scene)
{
	struct mt_message message;

	if (!scene->carrier)
		return;
	mt_must(mt_receive(&scene->o, scene->carrier, &message, 0));
	scene->port = mt_right(&message, 0);
	scene->carrier = MACH_PORT_NULL;
}

static void fill(struct scene *scene)
{
	for (__u32 i = 0; i < MACH_PORT_QLIMIT_DEFAULT; i++)
		mt_must(mt_send_id(scene->holder, scene->port,
				   MACH_MSG_TYPE_MAKE_SEND_ONCE, i));
	scene->before = count_port(scene);
}

/* What came until now is not the operation's doing. */
static void forget_notifications(struct scene *scene)
{
	for (int i = 0; i < WATCHES; i++)
		while (!mt_empty(scene->watcher[i], scene->watch[i]))
			;
}

static void make_tools(struct scene *scene)
{
	scene->c = mt_receive_right(&scene->r);
	scene->to_c = mt_connect(&scene->t, &scene->r, scene->c);
	scene->t_by_r = scene->r;
	scene->t_by_r.self = mt_task_right(&scene->r, &scene->t);
	scene->x = MT_UNUSED;
	scene->a = mt_set(&scene->t);
}

void open_scene(struct scene *scene, const struct state *state)
{
	memset(scene, 0, sizeof(*scene));
	mt_open(&scene->t);
	mt_open(&scene->o);
	mt_open(&scene->r);
	make_tools(scene);
	make_right(scene, state->kind);
	if (scene->holder)
		scene->before = count_port(scene);
	arm(scene, state->kind);
	switch (state->condition) {
	case PORT_DEAD:
		let_die(scene, state->kind);
		break;
	case PORT_TRANSIT:
		start_transit(scene);
		break;
	case PORT_FULL:
		fill(scene);
		break;
	default:
		break;
	}
	forget_notifications(scene);
	scene->alive = scene->holder;
	scene->types = mt_types(&scene->t, scene->name);
	scene->refs = scene->types ? count_refs(&scene->t, scene->name) : 0;
	scene->names = count_names(&scene->t);
}

void close_scene(struct scene *scene)
{
	mt_close(&scene->t);
	mt_close(&scene->o);
	mt_close(&scene->r);
}
