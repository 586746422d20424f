// SPDX-License-Identifier: GPL-2.0
/*
 * Random choices from the model's state: mostly what makes sense, now and
 * then what does not.
 */
#include "walk.h"

/* splitmix64 */
__u64 pick_random(struct walk *w)
{
	__u64 z = w->random += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

__u32 pick_below(struct walk *w, __u32 bound)
{
	return (pick_random(w) >> 32) * bound >> 32;
}

bool pick_chance(struct walk *w, __u32 percent)
{
	return pick_below(w, 100) < percent;
}

short pick_task(struct walk *w)
{
	short task = w->doomed != M_NULL ? w->doomed : w->focus;

	if (task != M_NULL && pick_chance(w, 50))
		return task;
	do
		task = pick_below(w, w->m.tasks);
	while (!w->m.task[task].alive);
	return task;
}

/* ---- names ---- */

static bool is_task_right(const struct walk *w, const struct m_entry *entry)
{
	return entry->port != M_NULL && w->m.port[entry->port].kernel;
}

__u32 pick_exact(struct walk *w, short task, __u32 types)
{
	/* Task rights are many and do little. */
	bool task_rights = pick_chance(w, 15);
	const struct m_task *t = &w->m.task[task];
	__u32 seen = 0, name = MACH_PORT_NULL;
	short i;

	for (i = 0; i < t->count; i++)
		if (t->entry[i].type & types &&
		    (task_rights || !is_task_right(w, &t->entry[i])) &&
		    !pick_below(w, ++seen))
			name = t->entry[i].name;
	return name;
}

__u32 pick_new_name(struct walk *w)
{
	static const __u32 extreme[] = {
		0x80000000U, 0x7fffffffU, 0xfffffffeU, 0x00010000U,
	};
	__u32 which = pick_below(w, 100);

	if (which < 2)
		return MACH_PORT_NULL;
	if (which < 4)
		return MACH_PORT_DEAD;
	if (which < 12)
		return extreme[which % 4];
	/* Here the module's own choices lie ... */
	if (which < 50)
		return 1 + pick_below(w, 64);
	/* ... and here they do not. */
	return 0x00c0ffee + pick_below(w, 24);
}

__u32 pick_name(struct walk *w, short task, __u32 types)
{
	__u32 which = pick_below(w, 100), name = MACH_PORT_NULL;

	if (which < 2)
		return pick_new_name(w);
	if (which >= 7)
		name = pick_exact(w, task, types);
	if (name == MACH_PORT_NULL)
		name = pick_exact(w, task, ~0U);
	if (name == MACH_PORT_NULL && w->m.task[task].count)
		name = w->m.task[task].entry[0].name;
	return name;
}

static __u32 types_for(__u32 disposition)
{
	switch (disposition) {
	case MACH_MSG_TYPE_COPY_SEND:
	case MACH_MSG_TYPE_MOVE_SEND:
		return MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_DEAD_NAME;
	case MACH_MSG_TYPE_MOVE_SEND_ONCE:
		return MACH_PORT_TYPE_SEND_ONCE;
	default:
		return MACH_PORT_TYPE_RECEIVE;
	}
}

__u32 pick_right(struct walk *w, short task, __u32 *disposition)
{
	static const __u8 likely[] = {
		MACH_MSG_TYPE_MOVE_RECEIVE, MACH_MSG_TYPE_MOVE_RECEIVE,
		MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_MOVE_SEND,
		MACH_MSG_TYPE_MOVE_SEND_ONCE, MACH_MSG_TYPE_MOVE_SEND_ONCE,
		MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_COPY_SEND,
		MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND,
		MACH_MSG_TYPE_MAKE_SEND_ONCE,
	};
	__u32 name;
	int try;

	/* Rather a right that is there than this very disposition. */
	for (try = 0; try < 4; try++) {
		*disposition = likely[pick_below(w, sizeof(likely))];
		name = pick_exact(w, task, types_for(*disposition));
		if (name != MACH_PORT_NULL)
			break;
	}
	if (pick_chance(w, 2))
		return pick_name(w, task, ~0U);
	return name;
}

/* ---- tasks ---- */

short pick_target(struct walk *w, short task, __u32 via)
{
	__s32 ret;

	return m_target(&w->m, task, via, &ret);
}

__u32 pick_via(struct walk *w, short task)
{
	const struct m_task *t = &w->m.task[task];
	__u32 seen = 0, name = MACH_PORT_NULL;
	short i, whose;

	if (pick_chance(w, 1))
		return pick_name(w, task, ~0U);
	for (i = 0; i < t->count; i++) {
		if (!is_task_right(w, &t->entry[i]))
			continue;
		whose = pick_target(w, task, t->entry[i].name);
		/* The own task twice as often as any other. */
		seen++;
		if (!pick_below(w, seen))
			name = t->entry[i].name;
		if (whose == task && !pick_below(w, ++seen))
			name = t->entry[i].name;
	}
	return name;
}

__u32 pick_full(struct walk *w, short task)
{
	const struct m_task *t = &w->m.task[task];
	__u32 seen = 0, name = MACH_PORT_NULL;
	struct m_choice choice;
	short i;

	for (i = 0; i < t->count; i++) {
		if (m_look(&w->m, task, t->entry[i].name, &choice) !=
		    MACH_MSG_SUCCESS)
			continue;
		if (!pick_below(w, ++seen))
			name = t->entry[i].name;
	}
	return name;
}
