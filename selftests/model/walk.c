// SPDX-License-Identifier: GPL-2.0
/*
 * The loop: choose, do, compare; and what is said when something differs.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "walk.h"

enum {
	FEW_PORTS = 6,		/* for each task */
	FEW_NAMES = 6,		/* of one task */
	MANY_NAMES = 45,	/* of one task */
	MANY_PORTS = 120,
	MANY_MESSAGES = 250
};

static struct walk current;

/* ---- saying ---- */

void walk_say(struct walk *w, const char *format, ...)
{
	size_t length = strlen(w->text);
	va_list args;

	va_start(args, format);
	vsnprintf(w->text + length, sizeof(w->text) - length, format, args);
	va_end(args);
}

void m_differs(const struct model *m, const char *format, ...)
{
	const struct walk *w = &current;
	va_list args;

	printf("# step %u:%s\n# module's result: %#x\n# ", m->step, w->text,
	       w->got);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n# replay: model_walk -v -c 1 -s %llu -n %u -t %d\n",
	       (unsigned long long)w->options.seed, m->step,
	       w->options.tasks);
	fflush(stdout);
	_exit(1);
}

void walk_ioctl(struct walk *w, short task, unsigned long command, void *call)
{
	int error = mt_ioctl(&w->task[task], command, call);

	if (error)
		m_differs(&w->m, "the ioctl gave errno %d", -error);
	/* Third in every struct: size, flags, ret. */
	w->got = ((__s32 *)call)[2];
}

void walk_expect(struct walk *w, const char *what, __u64 got, __u64 wanted)
{
	if (got != wanted)
		m_differs(&w->m, "%s is %#llx, wanted %#llx", what,
			  (unsigned long long)got,
			  (unsigned long long)wanted);
}

/* ---- tasks ---- */

void walk_open_task(struct walk *w)
{
	struct mach_ioc_file call = { .size = sizeof(call) };
	short task = m_new_task(&w->m);
	struct m_right self = {
		.port = m_copy_send(&w->m, w->m.task[task].self),
		.type = MACH_MSG_TYPE_PORT_SEND,
	};

	mt_open(&w->task[task]);
	m_give(&w->m, task, self, w->task[task].self);
	call.fd = w->task[task].fd;
	mt_must(mt_ioctl(&w->observer, MACH_IOC_TASK_FOR_FILE, &call));
	mt_must(call.ret);
	w->seen[task] = call.name;
}

void walk_close_task(struct walk *w, short task)
{
	mt_must(mt_destroy(&w->observer, w->seen[task]));
	mt_close(&w->task[task]);
}

/* ---- steps ---- */

/* What there is of everything decides what is likely to come next. */
enum wealth { POOR, ENOUGH, CROWDED };

/* Sets w->focus to a task that has too little or too much. */
static enum wealth look_at_tasks(struct walk *w)
{
	short task;

	w->focus = M_NULL;
	for (task = 0; task < w->m.tasks; task++) {
		if (!w->m.task[task].alive)
			continue;
		w->focus = task;
		if (w->m.task[task].count > MANY_NAMES)
			return CROWDED;
		if (w->m.task[task].count < FEW_NAMES)
			return POOR;
	}
	w->focus = M_NULL;
	return ENOUGH;
}

static enum wealth look_at_wealth(struct walk *w)
{
	enum wealth wealth = look_at_tasks(w);
	short i, ports = 0, messages = 0;

	if (wealth != ENOUGH)
		return wealth;
	for (i = 0; i < M_PORTS; i++) {
		ports += w->m.port[i].alive && !w->m.port[i].kernel;
		messages += w->m.port[i].count;
	}
	if (ports > MANY_PORTS || messages > MANY_MESSAGES)
		return CROWDED;
	return ports < FEW_PORTS * w->m.tasks ? POOR : ENOUGH;
}

static const struct walk_kind *find_kind(const char *name)
{
	const struct walk_kind *kind;

	for (kind = walk_kinds; strcmp(kind->name, name); kind++)
		;
	return kind;
}

static const struct walk_kind *choose_kind(struct walk *w)
{
	static const char *const emptying[] = {
		"destroy", "destroy", "deallocate", "receive",
	};
	static const char *const filling[] = {
		"allocate", "allocate", "allocate", "insert_right",
		"task_self", "task_for_file",
	};
	static __u32 total;
	enum wealth wealth = look_at_wealth(w);
	const struct walk_kind *kind;
	__u32 at;

	if (w->doomed != M_NULL && pick_chance(w, 10))
		return find_kind("task death");
	if (wealth == CROWDED && pick_chance(w, 80))
		return find_kind(emptying[pick_below(w, 4)]);
	if (wealth == POOR && pick_chance(w, 30))
		return find_kind(filling[pick_below(w, 6)]);
	if (!total)
		for (kind = walk_kinds; kind->name; kind++)
			total += kind->weight;
	at = pick_below(w, total);
	for (kind = walk_kinds; at >= (__u32)kind->weight; kind++)
		at -= kind->weight;
	return kind;
}

static void choose(struct walk *w)
{
	do {
		memset(&w->op, 0, sizeof(w->op));
		w->op.kind = choose_kind(w);
		snprintf(w->text, sizeof(w->text), " %s", w->op.kind->name);
	} while (!w->op.kind->choose(w, &w->op));
}

static void look_around(struct walk *w)
{
	short task = pick_task(w), target;
	const struct m_task *t = &w->m.task[task];

	target = pick_target(w, w->op.task, w->op.via);
	if (w->op.name && target != M_NULL && w->m.task[w->op.task].alive)
		check_name(w, target, w->op.name);
	if (t->count)
		check_name(w, task, t->entry[pick_below(w, t->count)].name);
}

static void step(struct walk *w)
{
	__s32 ret;

	w->m.step++;
	w->got = MT_NO_RESULT;
	choose(w);
	if (w->options.verbose) {
		printf("# %u%s", w->m.step, w->text);
		fflush(stdout);
	}
	ret = w->op.kind->run(w, &w->op);
	if (w->options.verbose)
		printf(": %#x\n", ret);
	w->got = ret;
	coverage_result(w->op.kind, ret);
	look_around(w);
	if (w->m.step % w->options.interval == 0)
		check_everything(w);
}

void walk(const struct walk_options *options)
{
	struct walk *w = &current;
	__u32 none = MACH_PORT_NULL;
	short task;

	memset(w, 0, sizeof(*w));
	w->options = *options;
	w->random = options->seed;
	w->doomed = M_NULL;
	m_init(&w->m);
	mt_open(&w->observer);
	mt_must(mt_name_call(&w->observer, MACH_IOC_SET_BOOTSTRAP, &none));
	w->base = mt_stats(&w->observer, MACH_STATS_MODULE);
	for (task = 0; task < options->tasks; task++)
		walk_open_task(w);
	while (w->m.step < options->steps)
		step(w);
	check_everything(w);
	snprintf(w->text, sizeof(w->text), " the end");
	mt_must(mt_name_call(&w->observer, MACH_IOC_SET_BOOTSTRAP, &none));
	m_set_right(&w->m, &w->m.bootstrap, M_NULL);
	for (task = 0; task < w->m.tasks; task++) {
		if (!w->m.task[task].alive)
			continue;
		walk_close_task(w, task);
		m_kill_task(&w->m, task);
	}
	check_everything(w);
	mt_close(&w->observer);
}
