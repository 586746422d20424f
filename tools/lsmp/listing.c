// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* From the records of a snapshot to arrays that can be searched. */
#include <stdlib.h>
#include <string.h>

#include "lsmp.h"

/* The array with room for one more; all zero. */
static void *grow(void *array, size_t *count, size_t size)
{
	size_t old = *count;

	/* A power of two, or 0: it is full. */
	if (!(old & (old - 1))) {
		array = realloc(array, (old ? 2 * old : 1) * size);
		if (!array)
			return NULL;
	}
	memset((char *)array + old * size, 0, size);
	++*count;
	return array;
}

/* A pointer to a new last element, or NULL. */
#define ADD(array, count)						\
	({								\
		void *grown_ = grow(array, &(count), sizeof(*(array)));	\
									\
		if (grown_)						\
			(array) = grown_;				\
		grown_ ? &(array)[(count) - 1] : NULL;			\
	})

/* What the records that come are part of. */
struct parser {
	struct listing *listing;
	bool skip;		/* the own task's, or of a port seen before */
	__u64 own_task;
	bool in_port;		/* else of the task */
};

static void copy_command(char *to, const char *comm)
{
	size_t i;

	for (i = 0; i < 16 && comm[i]; i++)
		to[i] = comm[i] < ' ' || comm[i] > '~' ? '?' : comm[i];
	to[i] = '\0';
	if (!i)
		strcpy(to, "?");
}

static bool add_task(struct parser *parser,
		     const struct mach_snapshot_task *record)
{
	struct listing *listing = parser->listing;
	struct task *task;

	parser->skip = record->id == parser->own_task;
	parser->in_port = false;
	if (parser->skip)
		return true;
	task = ADD(listing->tasks, listing->task_count);
	if (!task)
		return false;
	task->it = record;
	task->name = listing->name_count;
	task->unnamed = listing->cargo_count;
	copy_command(task->command, record->comm);
	return true;
}

static bool add_name(struct parser *parser,
		     const struct mach_snapshot_name *record)
{
	struct listing *listing = parser->listing;
	struct name *name;

	if (!listing->task_count ||
	    listing->tasks[listing->task_count - 1].it->id != record->task)
		return true;
	name = ADD(listing->names, listing->name_count);
	if (!name)
		return false;
	name->it = record;
	listing->tasks[listing->task_count - 1].name_count++;
	return true;
}

static bool add_port(struct parser *parser,
		     const struct mach_snapshot_port *record)
{
	struct listing *listing = parser->listing;
	struct port *port = ADD(listing->ports, listing->port_count);

	if (!port)
		return false;
	port->it = record;
	port->message = listing->message_count;
	parser->in_port = true;
	return true;
}

static bool add_message(struct parser *parser,
			const struct mach_snapshot_message *record)
{
	struct listing *listing = parser->listing;
	struct message *message;

	if (!listing->port_count)
		return true;
	message = ADD(listing->messages, listing->message_count);
	if (!message)
		return false;
	message->it = record;
	message->cargo = listing->cargo_count;
	listing->ports[listing->port_count - 1].message_count++;
	return true;
}

/* A right or memory: of the last message, or of the task. */
static bool add_cargo(struct parser *parser,
		      const struct mach_snapshot_record *record)
{
	const struct mach_snapshot_right *right = (const void *)record;
	struct listing *listing = parser->listing;
	const struct mach_snapshot_record **cargo;

	if (record->kind == MACH_SNAPSHOT_RIGHT &&
	    right->where == MACH_SNAPSHOT_IN_INSTANCE)
		listing->bootstrap = right->port;
	cargo = ADD(listing->cargo, listing->cargo_count);
	if (!cargo)
		return false;
	*cargo = record;
	if (record->kind == MACH_SNAPSHOT_MEMORY ||
	    right->where == MACH_SNAPSHOT_IN_MESSAGE) {
		if (listing->message_count)
			listing->messages[listing->message_count - 1]
				.cargo_count++;
	} else if (right->where != MACH_SNAPSHOT_IN_INSTANCE &&
		   listing->task_count) {
		listing->tasks[listing->task_count - 1].unnamed_count++;
	}
	return true;
}

static bool add_set(struct parser *parser,
		    const struct mach_snapshot_set *record)
{
	const struct mach_snapshot_set **set =
		ADD(parser->listing->sets, parser->listing->set_count);

	if (set)
		*set = record;
	return set;
}

static bool add_record(struct parser *parser,
		       const struct mach_snapshot_record *record)
{
	if (record->kind == MACH_SNAPSHOT_TASK)
		return add_task(parser, (const void *)record);
	/* Behind the tasks comes what is the instance's. */
	if (record->kind == MACH_SNAPSHOT_RIGHT &&
	    ((const struct mach_snapshot_right *)record)->where ==
	    MACH_SNAPSHOT_IN_INSTANCE)
		return add_cargo(parser, record);
	if (parser->skip)
		return true;
	switch (record->kind) {
	case MACH_SNAPSHOT_NAME:
		return add_name(parser, (const void *)record);
	case MACH_SNAPSHOT_PORT:
		return add_port(parser, (const void *)record);
	case MACH_SNAPSHOT_SET:
		return add_set(parser, (const void *)record);
	case MACH_SNAPSHOT_MESSAGE:
		return add_message(parser, (const void *)record);
	case MACH_SNAPSHOT_RIGHT:
	case MACH_SNAPSHOT_MEMORY:
		return add_cargo(parser, record);
	default:
		return true;
	}
}

/* ---- indexes ---- */

static int order(__u64 a, __u64 b)
{
	return a < b ? -1 : a > b;
}

static int by_port_id(const void *a, const void *b)
{
	const struct port *one = a, *other = b;

	return order(one->it->id, other->it->id);
}

static int by_object(const void *a, const void *b)
{
	const struct holding *one = a, *other = b;

	return order(one->object, other->object) ?:
	       (int)one->set - (int)other->set;
}

/* A port that nobody has the receive right of is listed more than once. */
static void drop_duplicates(struct listing *listing)
{
	size_t kept = 0;

	if (listing->port_count)
		qsort(listing->ports, listing->port_count,
		      sizeof(*listing->ports), by_port_id);
	for (size_t i = 0; i < listing->port_count; i++) {
		if (kept && listing->ports[kept - 1].it->id ==
			    listing->ports[i].it->id)
			continue;
		listing->ports[kept++] = listing->ports[i];
	}
	listing->port_count = kept;
}

static bool add_holding(struct listing *listing, __u64 object, bool set,
			const struct name *name,
			const struct mach_snapshot_right *right)
{
	struct holding *holding = ADD(listing->holdings,
				      listing->holding_count);

	if (!holding)
		return false;
	*holding = (struct holding){ object, set, name, right };
	return true;
}

static bool build_holdings(struct listing *listing)
{
	for (size_t i = 0; i < listing->task_count; i++) {
		const struct task *task = &listing->tasks[i];

		for (size_t j = 0; j < task->name_count; j++) {
			struct name *name = &listing->names[task->name + j];

			name->task = task;
			if (name->it->object &&
			    !add_holding(listing, name->it->object,
					 listing_names_set(name), name, NULL))
				return false;
		}
	}
	for (size_t i = 0; i < listing->cargo_count; i++) {
		const struct mach_snapshot_right *right =
			(const void *)listing->cargo[i];

		if (right->kind == MACH_SNAPSHOT_RIGHT &&
		    !add_holding(listing, right->port, false, NULL, right))
			return false;
	}
	if (listing->holding_count)
		qsort(listing->holdings, listing->holding_count,
		      sizeof(*listing->holdings), by_object);
	return true;
}

bool listing_build(struct listing *listing,
		   const struct mach_snapshot_record *records, size_t size,
		   __u64 own_task)
{
	struct parser parser = { .listing = listing, .own_task = own_task };
	const char *at = (const char *)records, *end = at + size;

	while (at < end) {
		const struct mach_snapshot_record *record = (const void *)at;

		if (record->size < sizeof(*record))
			return false;
		if (!add_record(&parser, record))
			return false;
		at += record->size;
	}
	drop_duplicates(listing);
	return build_holdings(listing);
}

/* ---- looking ---- */

const struct task *listing_task(const struct listing *listing, __u64 id)
{
	for (size_t i = 0; id && i < listing->task_count; i++)
		if (listing->tasks[i].it->id == id)
			return &listing->tasks[i];
	return NULL;
}

const struct port *listing_port(const struct listing *listing, __u64 id)
{
	const struct mach_snapshot_port wanted = { .id = id };
	const struct port key = { .it = &wanted };

	if (!listing->port_count)
		return NULL;
	return bsearch(&key, listing->ports, listing->port_count, sizeof(key),
		       by_port_id);
}

const struct mach_snapshot_set *listing_set(const struct listing *listing,
					    __u64 id)
{
	for (size_t i = 0; id && i < listing->set_count; i++)
		if (listing->sets[i]->id == id)
			return listing->sets[i];
	return NULL;
}

const struct holding *listing_holdings(const struct listing *listing,
				       __u64 object, bool set,
				       size_t *count)
{
	const struct holding key = { .object = object, .set = set };
	const struct holding *found = NULL, *end;

	*count = 0;
	if (listing->holding_count)
		found = bsearch(&key, listing->holdings, listing->holding_count,
				sizeof(key), by_object);
	if (!found)
		return NULL;
	while (found > listing->holdings && !by_object(found - 1, &key))
		found--;
	end = listing->holdings + listing->holding_count;
	while (found + *count < end && !by_object(found + *count, &key))
		++*count;
	return found;
}

bool listing_names_set(const struct name *name)
{
	return name->it->type & MACH_PORT_TYPE_PORT_SET;
}

bool listing_shows(const struct wish *wish, const struct name *name)
{
	return !wish->port || (!listing_names_set(name) &&
			       name->it->object == wish->port);
}

static bool choose_task(struct listing *listing, const struct wish *wish,
			struct task *task)
{
	bool named = !wish->port;

	if (wish->pid && task->it->pid != wish->pid)
		return false;
	for (size_t i = 0; i < task->name_count && !named; i++)
		named = listing_shows(wish, &listing->names[task->name + i]);
	return named;
}

/* One that a task that is shown has a name for; or the one asked for. */
static bool choose_port(const struct listing *listing, const struct wish *wish,
			const struct port *port)
{
	const struct holding *holding;
	size_t count;

	if (wish->port)
		return port->it->id == wish->port;
	if (!wish->pid)
		return true;
	holding = listing_holdings(listing, port->it->id, false, &count);
	for (; count; count--, holding++)
		if (holding->name && holding->name->task->shown)
			return true;
	return false;
}

bool listing_choose(struct listing *listing, const struct wish *wish)
{
	bool any = false;

	for (size_t i = 0; i < listing->task_count; i++) {
		struct task *task = &listing->tasks[i];

		task->shown = choose_task(listing, wish, task);
		any |= task->shown;
	}
	for (size_t i = 0; i < listing->port_count; i++) {
		struct port *port = &listing->ports[i];

		port->shown = choose_port(listing, wish, port);
		any |= port->shown;
	}
	return any;
}

/* ---- words ---- */

const char *type_words(uint32_t type)
{
	switch (type & (MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE |
			MACH_PORT_TYPE_SEND_ONCE | MACH_PORT_TYPE_PORT_SET |
			MACH_PORT_TYPE_DEAD_NAME)) {
	case MACH_PORT_TYPE_SEND:
		return "send";
	case MACH_PORT_TYPE_RECEIVE:
		return "recv";
	case MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE:
		return "recv+send";
	case MACH_PORT_TYPE_SEND_ONCE:
		return "send-once";
	case MACH_PORT_TYPE_PORT_SET:
		return "set";
	case MACH_PORT_TYPE_DEAD_NAME:
		return "dead";
	default:
		return "none";
	}
}

const char *right_word(uint32_t type)
{
	switch (type) {
	case MACH_MSG_TYPE_PORT_RECEIVE:
		return "recv";
	case MACH_MSG_TYPE_PORT_SEND:
		return "send";
	case MACH_MSG_TYPE_PORT_SEND_ONCE:
		return "send-once";
	default:
		return "none";
	}
}

const char *object_word(uint32_t object)
{
	static const char *const words[] = {
		[MACH_SNAPSHOT_PORT_PLAIN] = "port",
		[MACH_SNAPSHOT_PORT_TASK] = "task",
		[MACH_SNAPSHOT_PORT_THREAD] = "thread",
		[MACH_SNAPSHOT_PORT_HOST] = "host",
	};

	return object < sizeof(words) / sizeof(words[0]) ? words[object] : "?";
}

const char *state_word(uint32_t state)
{
	static const char *const words[] = {
		[MACH_SNAPSHOT_HELD] = "held",
		[MACH_SNAPSHOT_TRANSIT] = "transit",
		[MACH_SNAPSHOT_MODULE] = "module",
		[MACH_SNAPSHOT_DEAD] = "dead",
	};

	return state < sizeof(words) / sizeof(words[0]) ? words[state] : "?";
}

const char *where_word(uint32_t where)
{
	static const char *const words[] = {
		[MACH_SNAPSHOT_IN_MESSAGE] = "message",
		[MACH_SNAPSHOT_IN_SPECIAL] = "special",
		[MACH_SNAPSHOT_IN_REGISTERED] = "registered",
		[MACH_SNAPSHOT_IN_INSTANCE] = "bootstrap",
	};

	return where < sizeof(words) / sizeof(words[0]) ? words[where] : "?";
}
