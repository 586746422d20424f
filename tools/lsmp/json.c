// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* The listing as one JSON object. */
#include "lsmp.h"

/* What separates this element from the one before it. */
static const char *comma(bool *first)
{
	const char *text = *first ? "" : ",";

	*first = false;
	return text;
}

/* Bytes above 127 stand for themselves, as in Latin-1: no UTF-8 is promised. */
static void put_string(const char *text, size_t size)
{
	putchar('"');
	for (size_t i = 0; i < size && text[i]; i++) {
		unsigned char byte = text[i];

		if (byte < ' ' || byte == '"' || byte == '\\' || byte > '~')
			printf("\\u%04x", byte);
		else
			putchar(byte);
	}
	putchar('"');
}

static void put_right(const struct mach_snapshot_right *right)
{
	printf("{\"port\":%llu,\"right\":\"%s\",\"where\":\"%s\","
	       "\"index\":%u,\"slot\":%u}", right->port,
	       right_word(right->type), where_word(right->where), right->index,
	       right->slot);
}

static const char *truth(bool value)
{
	return value ? "true" : "false";
}

static void put_name(const struct name *name)
{
	const struct mach_snapshot_name *it = name->it;
	bool set = listing_names_set(name);

	printf("{\"name\":%u,\"right\":\"%s\",\"urefs\":%u,", it->name,
	       type_words(it->type), it->urefs);
	if (it->object)
		printf("\"%s\":%llu,", set ? "set" : "port",
		       it->object);
	printf("\"dead_name_request\":%s,\"msg_accepted_request\":%s",
	       truth(it->type & MACH_PORT_TYPE_DNREQUEST),
	       truth(it->type & MACH_PORT_TYPE_MAREQUEST));
	if (it->request)
		printf(",\"notify\":%llu", it->request);
	putchar('}');
}

static void put_task(const struct listing *listing, const struct wish *wish,
		     const struct task *task)
{
	const struct mach_snapshot_task *it = task->it;
	bool first = true;

	printf("{\"id\":%llu,\"port\":%llu,\"pid\":%d,"
	       "\"uid\":%u,\"gid\":%u,\"command\":", it->id, it->port, it->pid,
	       it->uid, it->gid);
	put_string(it->comm, sizeof(it->comm));
	printf(",\"name_count\":%u,\"charged\":{\"uid\":%u,\"ports\":%llu,"
	       "\"names\":%llu,\"bytes\":%llu,\"pages\":%llu,"
	       "\"send_once\":%llu},\n  \"unnamed\":[", it->names,
	       it->account, it->user_ports, it->user_names, it->user_bytes,
	       it->user_pages, it->user_send_once);
	for (size_t i = 0; i < task->unnamed_count; i++) {
		printf("%s", comma(&first));
		put_right((const void *)listing->cargo[task->unnamed + i]);
	}
	printf("],\n  \"names\":[");
	first = true;
	for (size_t i = 0; i < task->name_count; i++) {
		const struct name *name = &listing->names[task->name + i];

		if (!listing_shows(wish, name))
			continue;
		printf("%s\n   ", comma(&first));
		put_name(name);
	}
	printf("]}");
}

static void put_message(const struct listing *listing,
			const struct message *message)
{
	const struct mach_snapshot_message *it = message->it;
	bool first = true;

	printf("{\"index\":%u,\"id\":%d,\"bytes\":%u,\"to\":\"%s\","
	       "\"sender\":%llu,\"blocked\":%s,\"carries\":[",
	       it->index, (int)it->id, it->bytes, right_word(it->dest),
	       it->sender, truth(it->flags & MACH_SNAPSHOT_BLOCKED));
	for (size_t i = 0; i < message->cargo_count; i++) {
		const struct mach_snapshot_record *record =
			listing->cargo[message->cargo + i];
		const struct mach_snapshot_memory *memory =
			(const void *)record;

		printf("%s", comma(&first));
		if (record->kind == MACH_SNAPSHOT_MEMORY)
			printf("{\"memory\":%llu,\"pages\":%llu,\"slot\":%u}",
			       memory->bytes, memory->pages,
			       memory->slot);
		else
			put_right((const void *)record);
	}
	printf("]}");
}

static void put_port_details(const struct mach_snapshot_port *it)
{
	printf(",\"messages_queued\":%u,\"queue_limit\":%u,"
	       "\"blocked_senders\":%u,\"seqno\":%u,\"make_send_count\":%u,"
	       "\"send_rights\":%u,\"send_once_rights\":%u,"
	       "\"dead_name_requests\":%u", it->msgcount, it->qlimit,
	       it->blocked, it->seqno, it->mscount, it->srights, it->sorights,
	       it->dead_name_requests);
	if (it->set)
		printf(",\"set\":%llu", it->set);
	/* As text: a number of 64 bits is more than many readers can hold. */
	if (it->flags & MACH_SNAPSHOT_PAYLOAD)
		printf(",\"payload\":\"%#llx\"", it->payload);
	if (it->no_senders)
		printf(",\"no_senders_notify\":%llu", it->no_senders);
	if (it->port_destroyed)
		printf(",\"port_destroyed_notify\":%llu",
		       it->port_destroyed);
}

static void put_port(const struct listing *listing, const struct port *port)
{
	const struct mach_snapshot_port *it = port->it;
	bool first = true;

	printf("{\"id\":%llu,\"object\":\"%s\",\"state\":\"%s\"",
	       it->id, object_word(it->object), state_word(it->state));
	if (it->holder)
		printf(",\"task\":%llu", it->holder);
	if (it->name)
		printf(",\"name\":%u", it->name);
	if (!(it->flags & MACH_SNAPSHOT_PARTIAL))
		put_port_details(it);
	printf(",\"all_messages\":%s,\"messages\":[",
	       truth(!(it->flags & MACH_SNAPSHOT_MORE)));
	for (size_t i = 0; i < port->message_count; i++) {
		printf("%s\n   ", comma(&first));
		put_message(listing, &listing->messages[port->message + i]);
	}
	printf("]}");
}

static bool shows_set(const struct listing *listing, const struct wish *wish,
		      const struct mach_snapshot_set *set)
{
	const struct task *task = listing_task(listing, set->task);

	return !wish->port && task && task->shown;
}

void show_json(const struct listing *listing, const struct wish *wish)
{
	bool first = true;

	printf("{\"complete\":%s,\n", truth(listing->complete));
	if (listing->bootstrap)
		printf(" \"bootstrap\":%llu,\n", listing->bootstrap);
	printf(" \"tasks\":[");
	for (size_t i = 0; i < listing->task_count; i++) {
		if (!listing->tasks[i].shown)
			continue;
		printf("%s\n  ", comma(&first));
		put_task(listing, wish, &listing->tasks[i]);
	}
	printf("],\n \"ports\":[");
	first = true;
	for (size_t i = 0; i < listing->port_count; i++) {
		if (!listing->ports[i].shown)
			continue;
		printf("%s\n  ", comma(&first));
		put_port(listing, &listing->ports[i]);
	}
	printf("],\n \"sets\":[");
	first = true;
	for (size_t i = 0; i < listing->set_count; i++) {
		const struct mach_snapshot_set *set = listing->sets[i];

		if (!shows_set(listing, wish, set))
			continue;
		printf("%s\n  {\"id\":%llu,\"task\":%llu,\"name\":%u,"
		       "\"members\":%u}", comma(&first), set->id,
		       set->task, set->name, set->members);
	}
	printf("]}\n");
}
