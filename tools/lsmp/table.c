// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* The listing as text for people. */
#include "lsmp.h"

/* "12:server", or "12" when nothing more is known. */
static void print_task(const struct listing *listing, __u64 id)
{
	const struct task *task = listing_task(listing, id);

	printf("%llu", id);
	if (task)
		printf(":%s", task->command);
}

static unsigned int count_type(const struct listing *listing,
			       const struct task *task, uint32_t type)
{
	unsigned int count = 0;

	for (size_t i = 0; i < task->name_count; i++)
		count += !!(listing->names[task->name + i].it->type & type);
	return count;
}

static uint32_t queued_by_task(const struct listing *listing,
			       const struct task *task)
{
	uint32_t messages = 0;

	for (size_t i = 0; i < task->name_count; i++) {
		const struct mach_snapshot_name *name =
			listing->names[task->name + i].it;
		const struct port *port;

		if (!(name->type & MACH_PORT_TYPE_RECEIVE))
			continue;
		port = listing_port(listing, name->object);
		if (port)
			messages += port->it->msgcount;
	}
	return messages;
}

static void show_summary(const struct listing *listing)
{
	printf("%6s %7s %6s %6s %5s %5s %5s %5s %5s %7s %11s %9s  %s\n", "TASK",
	       "PID", "UID", "NAMES", "RECV", "SEND", "ONCE", "SETS", "DEAD",
	       "QUEUED", "USER-BYTES", "PAGES", "COMMAND");
	for (size_t i = 0; i < listing->task_count; i++) {
		const struct task *task = &listing->tasks[i];
		const struct mach_snapshot_task *it = task->it;

		if (!task->shown)
			continue;
		printf("%6llu %7d %6u %6u %5u %5u %5u %5u %5u %7u %11llu %9llu"
		       "  %s\n", it->id, it->pid, it->uid,
		       it->names,
		       count_type(listing, task, MACH_PORT_TYPE_RECEIVE),
		       count_type(listing, task, MACH_PORT_TYPE_SEND),
		       count_type(listing, task, MACH_PORT_TYPE_SEND_ONCE),
		       count_type(listing, task, MACH_PORT_TYPE_PORT_SET),
		       count_type(listing, task, MACH_PORT_TYPE_DEAD_NAME),
		       queued_by_task(listing, task), it->user_bytes,
		       it->user_pages, task->command);
	}
}

/* Where else rights for a port are; @self is the name that is shown. */
static void print_others(const struct listing *listing, __u64 port,
			 const struct name *self)
{
	const struct holding *holding;
	size_t count;

	holding = listing_holdings(listing, port, false, &count);
	for (; count; count--, holding++) {
		if (holding->name) {
			if (holding->name == self)
				continue;
			printf(" %s:", type_words(holding->name->it->type));
			print_task(listing, holding->name->task->it->id);
		} else if (holding->right->where == MACH_SNAPSHOT_IN_MESSAGE) {
			printf(" %s:message:port-%llu",
			       right_word(holding->right->type),
			       holding->right->holder);
		} else {
			printf(" %s:%s", right_word(holding->right->type),
			       where_word(holding->right->where));
			if (holding->right->holder) {
				putchar(':');
				print_task(listing, holding->right->holder);
			}
		}
	}
}

/* For the holder of the receive right: who can send; else: who receives. */
static void print_whose(const struct listing *listing, const struct name *name)
{
	const struct port *port = listing_port(listing, name->it->object);

	if (listing_names_set(name) || !name->it->object)
		return;
	if (name->it->type & MACH_PORT_TYPE_RECEIVE) {
		printf("  <-");
		print_others(listing, name->it->object, name);
		return;
	}
	printf("  ->");
	if (!port) {
		printf(" %s", listing->complete ? "?" : "(another task)");
	} else if (port->it->state == MACH_SNAPSHOT_MODULE) {
		printf(" the module, for %s", object_word(port->it->object));
		if (port->it->holder) {
			putchar(' ');
			print_task(listing, port->it->holder);
		}
	} else if (port->it->state == MACH_SNAPSHOT_HELD) {
		printf(" recv:");
		print_task(listing, port->it->holder);
	} else if (port->it->state == MACH_SNAPSHOT_TRANSIT) {
		print_others(listing, name->it->object, name);
	} else {
		printf(" %s", state_word(port->it->state));
	}
}

/* r: dead-name request, m: msg-accepted, n: no-senders, d: port-destroyed. */
static void print_flags(const struct name *name, const struct port *port)
{
	bool receive = name->it->type & MACH_PORT_TYPE_RECEIVE;
	char flags[] = "----";

	if (name->it->type & MACH_PORT_TYPE_DNREQUEST)
		flags[0] = 'r';
	if (name->it->type & MACH_PORT_TYPE_MAREQUEST)
		flags[1] = 'm';
	if (receive && port && port->it->no_senders)
		flags[2] = 'n';
	if (receive && port && port->it->port_destroyed)
		flags[3] = 'd';
	printf(" %s", flags);
}

static void print_object(const struct name *name)
{
	char text[32] = "-";

	if (listing_names_set(name))
		snprintf(text, sizeof(text), "set-%llu", name->it->object);
	else if (name->it->object)
		snprintf(text, sizeof(text), "%llu", name->it->object);
	printf(" %8s", text);
}

static void print_queue(const struct listing *listing, const struct name *name,
			const struct port *port)
{
	const struct mach_snapshot_set *set;
	char queue[32] = "-", member[32] = "-";

	if (port && name->it->type & MACH_PORT_TYPE_RECEIVE) {
		snprintf(queue, sizeof(queue), "%u/%u%s", port->it->msgcount,
			 port->it->qlimit, port->it->blocked ? "!" : "");
		if (port->it->set)
			snprintf(member, sizeof(member), "set-%llu",
				 port->it->set);
	} else if (listing_names_set(name)) {
		set = listing_set(listing, name->it->object);
		if (set)
			snprintf(member, sizeof(member), "(%u)", set->members);
	}
	printf(" %9s %8s", queue, member);
}

static void show_cargo(const struct listing *listing,
		       const struct message *message)
{
	for (size_t i = 0; i < message->cargo_count; i++) {
		const struct mach_snapshot_record *record =
			listing->cargo[message->cargo + i];
		const struct mach_snapshot_memory *memory =
			(const void *)record;
		const struct mach_snapshot_right *right = (const void *)record;

		if (record->kind == MACH_SNAPSHOT_MEMORY)
			printf("%14smemory: %llu bytes, %llu pages\n", "",
			       memory->bytes, memory->pages);
		else
			printf("%14s%s right for port %llu%s\n", "",
			       right_word(right->type), right->port,
			       right->slot ? "" : ", to reply");
	}
}

static void show_messages(const struct listing *listing,
			  const struct port *port)
{
	for (size_t i = 0; i < port->message_count; i++) {
		const struct message *message =
			&listing->messages[port->message + i];
		const struct mach_snapshot_message *it = message->it;

		printf("%12smessage %u: id %d, %u bytes, to a %s right, from ",
		       "", it->index, (int)it->id, it->bytes,
		       right_word(it->dest));
		if (it->sender)
			print_task(listing, it->sender);
		else
			printf("the module");
		printf("%s\n", it->flags & MACH_SNAPSHOT_BLOCKED ?
		       ", waits for room" : "");
		show_cargo(listing, message);
	}
	if (port->it->flags & MACH_SNAPSHOT_MORE)
		printf("%12s... and more\n", "");
}

static void show_name(const struct listing *listing, const struct wish *wish,
		      const struct name *name)
{
	const struct port *port = listing_names_set(name) ? NULL :
		listing_port(listing, name->it->object);

	printf("  %#10x  %-9s %6u", name->it->name,
	       type_words(name->it->type), name->it->urefs);
	print_object(name);
	print_queue(listing, name, port);
	print_flags(name, port);
	print_whose(listing, name);
	putchar('\n');
	if (wish->messages && port && port->message_count &&
	    name->it->type & MACH_PORT_TYPE_RECEIVE)
		show_messages(listing, port);
}

static void show_unnamed(const struct listing *listing,
			 const struct task *task)
{
	for (size_t i = 0; i < task->unnamed_count; i++) {
		const struct mach_snapshot_right *right =
			(const void *)listing->cargo[task->unnamed + i];

		printf("  %s port %u: %s right for port %llu\n",
		       where_word(right->where),
		       right->where == MACH_SNAPSHOT_IN_SPECIAL ?
		       right->index : right->slot, right_word(right->type),
		       right->port);
	}
}

static void show_task(const struct listing *listing, const struct wish *wish,
		      const struct task *task)
{
	const struct mach_snapshot_task *it = task->it;

	printf("task %llu: pid %d (%s), uid %u, gid %u, %u names\n",
	       it->id, it->pid, task->command, it->uid, it->gid, it->names);
	printf("  charged to user %u: %llu ports, %llu names, %llu send-once, "
	       "%llu bytes queued, %llu pages\n", it->account, it->user_ports,
	       it->user_names,
	       it->user_send_once, it->user_bytes, it->user_pages);
	show_unnamed(listing, task);
	printf("  %10s  %-9s %6s %8s %9s %8s %-5s %s\n", "NAME", "RIGHT",
	       "UREFS", "PORT", "QUEUE", "SET", "FLAGS", "WHOSE");
	for (size_t i = 0; i < task->name_count; i++) {
		const struct name *name = &listing->names[task->name + i];

		if (listing_shows(wish, name))
			show_name(listing, wish, name);
	}
	putchar('\n');
}

static void show_port(const struct listing *listing, const struct port *port)
{
	const struct mach_snapshot_port *it = port->it;

	printf("port %llu: %s, %s", it->id, object_word(it->object),
	       state_word(it->state));
	if (it->holder) {
		printf(", task ");
		print_task(listing, it->holder);
	}
	if (it->name)
		printf(", name %#x", it->name);
	putchar('\n');
	if (it->flags & MACH_SNAPSHOT_PARTIAL)
		return;
	printf("  %u of %u messages, %u blocked senders, seqno %u\n",
	       it->msgcount, it->qlimit, it->blocked, it->seqno);
	printf("  %u send rights, %u send-once rights, make-send count %u, "
	       "%u dead-name requests\n", it->srights, it->sorights,
	       it->mscount, it->dead_name_requests);
	if (it->set)
		printf("  in set-%llu\n", it->set);
	if (it->flags & MACH_SNAPSHOT_PAYLOAD)
		printf("  payload %#llx\n", it->payload);
	if (it->no_senders)
		printf("  no-senders notification to port %llu\n",
		       it->no_senders);
	if (it->port_destroyed)
		printf("  port-destroyed notification to port %llu\n",
		       it->port_destroyed);
	printf("  rights:");
	print_others(listing, it->id, NULL);
	putchar('\n');
	show_messages(listing, port);
	putchar('\n');
}

void show_tasks(const struct listing *listing, const struct wish *wish)
{
	if (!wish->names) {
		show_summary(listing);
		return;
	}
	for (size_t i = 0; i < listing->port_count && wish->port; i++)
		if (listing->ports[i].shown)
			show_port(listing, &listing->ports[i]);
	for (size_t i = 0; i < listing->task_count; i++)
		if (listing->tasks[i].shown)
			show_task(listing, wish, &listing->tasks[i]);
}
