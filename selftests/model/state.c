// SPDX-License-Identifier: GPL-2.0
/*
 * The model's tables: tasks with their names, ports, sets, messages.
 */
#include <stdlib.h>
#include <string.h>

#include "model.h"

static void no_room(const struct model *m, const char *what)
{
	m_differs(m, "not the module's fault: no room for a %s", what);
}

void m_init(struct model *m)
{
	memset(m, 0, sizeof(*m));
	m->bootstrap = M_NULL;
	m->doomed = m->doomed_tail = M_NULL;
}

/* ---- names ---- */

short m_new_task(struct model *m)
{
	struct m_task *task;
	short number, i;

	for (number = 0; number < M_TASKS; number++)
		if (!m->task[number].alive)
			break;
	if (number == M_TASKS)
		no_room(m, "task");
	if (number >= m->tasks)
		m->tasks = number + 1;
	task = &m->task[number];
	memset(task, 0, sizeof(*task));
	task->alive = true;
	for (i = 0; i < M_SPECIALS; i++)
		task->special[i] = M_NULL;
	for (i = 0; i < M_REGISTERED; i++)
		task->registered[i] = M_NULL;
	task->self = m_new_port(m, M_NULL, MACH_PORT_NULL);
	m->port[task->self].kernel = true;
	/* Its special port MACH_TASK_KERNEL_PORT is a send right for it. */
	m->port[task->self].srights = 1;
	task->special[MACH_TASK_KERNEL_PORT] = task->self;
	return number;
}

struct m_entry *m_find(struct model *m, short task, __u32 name)
{
	struct m_task *t = &m->task[task];
	short i;

	for (i = 0; i < t->count; i++)
		if (t->entry[i].name == name)
			return &t->entry[i];
	return NULL;
}

struct m_entry *m_find_port(struct model *m, short task, short port)
{
	struct m_task *t = &m->task[task];
	short i;

	for (i = 0; i < t->count; i++)
		if (t->entry[i].port == port &&
		    t->entry[i].type & (MACH_PORT_TYPE_SEND |
					MACH_PORT_TYPE_RECEIVE))
			return &t->entry[i];
	return NULL;
}

struct m_entry *m_add(struct model *m, short task, __u32 name, __u32 type,
		      short port)
{
	struct m_task *t = &m->task[task];
	struct m_entry *entry;

	if (t->count == M_NAMES)
		no_room(m, "name");
	entry = &t->entry[t->count++];
	*entry = (struct m_entry){
		.name = name,
		.type = type,
		.port = port,
		.set = M_NULL,
		.dn = M_NULL,
		.forced = M_NULL,
	};
	return entry;
}

void m_remove(struct model *m, short task, struct m_entry *entry)
{
	struct m_task *t = &m->task[task];

	/* A message that was forced in by this name forgets it. */
	if (entry->forced != M_NULL)
		m->message[entry->forced].accepted_name = MACH_PORT_NULL;
	*entry = t->entry[--t->count];
}

void m_check_new(struct model *m, short task, __u32 name)
{
	if (name == MACH_PORT_NULL || name == MACH_PORT_DEAD)
		m_differs(m, "a new name for a right is %#x", name);
	if (m_find(m, task, name))
		m_differs(m, "the new name %#x was in use", name);
}

/* ---- ports and sets ---- */

bool m_alive(const struct model *m, short port)
{
	return port >= 0 && m->port[port].alive;
}

static void mark_right(bool *mark, short port)
{
	if (port >= 0)
		mark[port] = true;
}

static void mark_message(const struct m_message *message, bool *mark)
{
	const struct m_item *item;
	__u32 i;

	mark_right(mark, message->remote.port);
	mark_right(mark, message->local.port);
	mark_right(mark, message->accepted);
	for (item = message->item; item < message->item + message->items;
	     item++) {
		if (item->kind != M_PORT && item->kind != M_PORT_ARRAY)
			continue;
		for (i = 0; i < item->number; i++)
			mark_right(mark, item->port[i]);
	}
}

static void mark_task(const struct m_task *task, bool *mark)
{
	short i;

	for (i = 0; i < task->count; i++) {
		mark_right(mark, task->entry[i].port);
		mark_right(mark, task->entry[i].dn);
	}
	for (i = 0; i < M_SPECIALS; i++)
		mark_right(mark, task->special[i]);
	for (i = 0; i < M_REGISTERED; i++)
		mark_right(mark, task->registered[i]);
}

void m_mark(const struct model *m, bool *mark)
{
	short i;

	memset(mark, 0, M_PORTS * sizeof(*mark));
	mark_right(mark, m->bootstrap);
	for (i = 0; i < M_TASKS; i++)
		if (m->task[i].alive)
			mark_task(&m->task[i], mark);
	for (i = 0; i < M_MESSAGES; i++)
		if (m->message[i].used)
			mark_message(&m->message[i], mark);
	for (i = 0; i < M_PORTS; i++) {
		if (!m->port[i].alive)
			continue;
		mark_right(mark, m->port[i].pd);
		mark_right(mark, m->port[i].ns);
	}
}

/* Dead ports go when the last right for them has gone. */
static void sweep(struct model *m)
{
	bool mark[M_PORTS];
	short i;

	m_mark(m, mark);
	for (i = 0; i < M_PORTS; i++)
		if (!m->port[i].alive && !mark[i])
			m->port[i].used = false;
}

static short free_port(const struct model *m)
{
	short i;

	for (i = 0; i < M_PORTS; i++)
		if (!m->port[i].used)
			return i;
	return M_NULL;
}

short m_new_port(struct model *m, short task, __u32 name)
{
	short port = free_port(m);

	if (port == M_NULL) {
		sweep(m);
		port = free_port(m);
	}
	if (port == M_NULL)
		no_room(m, "port");
	m->port[port] = (struct m_port){
		.used = true,
		.alive = true,
		.task = task,
		.name = name,
		.to = M_NULL,
		.set = M_NULL,
		.pd = M_NULL,
		.ns = M_NULL,
		.head = M_NULL,
		.tail = M_NULL,
		.qlimit = MACH_PORT_QLIMIT_DEFAULT,
	};
	return port;
}

short m_new_set(struct model *m, short task, __u32 name)
{
	short set;

	for (set = 0; set < M_SETS; set++)
		if (!m->set[set].used)
			break;
	if (set == M_SETS)
		no_room(m, "set");
	m->set[set] = (struct m_set){
		.used = true,
		.task = task,
		.name = name,
	};
	return set;
}

/* What is queued goes to the end of the set's queue. */
void m_join_set(struct model *m, short port, short set)
{
	short at;

	m->port[port].set = set;
	for (at = m->port[port].head; at != M_NULL; at = m->message[at].next)
		m->message[at].arrival = m->arrivals++;
}

/* ---- messages ---- */

short m_new_message(struct model *m)
{
	short i;

	for (i = 0; i < M_MESSAGES; i++)
		if (!m->message[i].used)
			break;
	if (i == M_MESSAGES)
		no_room(m, "message");
	memset(&m->message[i], 0, sizeof(m->message[i]));
	m->message[i].used = true;
	m->message[i].next = M_NULL;
	m->message[i].step = m->step;
	m->message[i].remote.port = M_NULL;
	m->message[i].local.port = M_NULL;
	m->message[i].accepted = M_NULL;
	m->message[i].size = MACH_MSG_HEADER_SIZE;
	return i;
}

void m_free_message(struct model *m, short message)
{
	m->message[message].used = false;
}

/* ---- counting ---- */

static void count_task(const struct m_task *task, struct m_census *census)
{
	short i;

	census->names += task->count;
	for (i = 0; i < task->count; i++)
		if (task->entry[i].dn != M_NULL)
			census->requests++;
}

static void count_port(const struct m_port *port, struct m_census *census)
{
	census->ports++;
	census->messages += port->count;
	if (port->pd != M_NULL)
		census->requests++;
	if (port->ns != M_NULL)
		census->requests++;
}

struct m_census m_count(const struct model *m)
{
	struct m_census census = { 0 };
	bool mark[M_PORTS];
	short i;

	m_mark(m, mark);
	for (i = 0; i < M_TASKS; i++)
		if (m->task[i].alive)
			count_task(&m->task[i], &census);
	for (i = 0; i < M_PORTS; i++) {
		if (m->port[i].alive)
			count_port(&m->port[i], &census);
		else if (mark[i])
			census.dead_ports++;
	}
	for (i = 0; i < M_SETS; i++)
		census.sets += m->set[i].used;
	for (i = 0; i < M_MESSAGES; i++)
		census.forced += m->message[i].used &&
				 m->message[i].accepted != M_NULL;
	return census;
}
