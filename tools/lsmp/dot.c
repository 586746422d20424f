// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/*
 * The listing as a graph for Graphviz: boxes are tasks, ellipses ports,
 * hexagons port sets.  An arrow goes the way that messages go.
 */
#include "lsmp.h"

static void put_escaped(const char *text)
{
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
}

static void put_task(const struct task *task)
{
	printf("\tt%llu [shape=box,label=\"", task->it->id);
	put_escaped(task->command);
	printf("\\npid %d\\ntask %llu\"];\n", task->it->pid,
	       task->it->id);
}

static void put_port(const struct port *port)
{
	const struct mach_snapshot_port *it = port->it;

	printf("\tp%llu [label=\"%s%s %llu", it->id,
	       object_word(it->object),
	       it->object == MACH_SNAPSHOT_PORT_PLAIN ? "" : " port", it->id);
	if (it->state == MACH_SNAPSHOT_HELD &&
	    !(it->flags & MACH_SNAPSHOT_PARTIAL))
		printf("\\n%u/%u", it->msgcount, it->qlimit);
	else
		printf("\\n%s", state_word(it->state));
	printf("\"%s];\n", it->state == MACH_SNAPSHOT_MODULE ?
	       ",style=dashed" : "");
	if (it->set)
		printf("\tp%llu -> s%llu;\n", it->id, it->set);
}

static void put_name(const struct name *name)
{
	const struct mach_snapshot_name *it = name->it;

	if (!it->object)
		return;
	if (it->type & MACH_PORT_TYPE_PORT_SET)
		printf("\ts%llu [shape=hexagon,label=\"set %llu\"];\n"
		       "\ts%llu -> t%llu [style=bold,label=\"%#x\"];\n",
		       it->object,
		       it->object, it->object, it->task, it->name);
	if (it->type & MACH_PORT_TYPE_RECEIVE)
		printf("\tp%llu -> t%llu [style=bold,label=\"%#x\"];\n",
		       it->object, it->task,
		       it->name);
	if (it->type & (MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_SEND_ONCE))
		printf("\tt%llu -> p%llu [%slabel=\"%#x (%u)\"];\n",
		       it->task, it->object,
		       it->type & MACH_PORT_TYPE_SEND_ONCE ?
		       "style=dashed," : "", it->name, it->urefs);
}

/* A right in a message is a way, too, but one that nobody can go yet. */
static void put_cargo(const struct listing *listing, const struct port *port)
{
	for (size_t i = 0; i < port->message_count; i++) {
		const struct message *message =
			&listing->messages[port->message + i];

		for (size_t j = 0; j < message->cargo_count; j++) {
			const struct mach_snapshot_right *right = (const void *)
				listing->cargo[message->cargo + j];

			if (right->kind != MACH_SNAPSHOT_RIGHT)
				continue;
			printf("\tp%llu -> p%llu [style=dotted,"
			       "label=\"%s in message %u\"];\n",
			       port->it->id, right->port,
			       right_word(right->type), right->index);
		}
	}
}

void show_dot(const struct listing *listing, const struct wish *wish)
{
	printf("digraph mach {\n\trankdir=LR;\n");
	for (size_t i = 0; i < listing->task_count; i++)
		if (listing->tasks[i].shown)
			put_task(&listing->tasks[i]);
	for (size_t i = 0; i < listing->port_count; i++) {
		if (!listing->ports[i].shown)
			continue;
		put_port(&listing->ports[i]);
		put_cargo(listing, &listing->ports[i]);
	}
	for (size_t i = 0; i < listing->name_count; i++)
		if (listing->names[i].task->shown &&
		    listing_shows(wish, &listing->names[i]))
			put_name(&listing->names[i]);
	printf("}\n");
}
