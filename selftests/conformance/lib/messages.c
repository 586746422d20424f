// SPDX-License-Identifier: GPL-2.0
/* Messages: to build, to send, to receive, and lines about what arrived. */
#include "conf.h"

#define IS_PORT(name)	((name) >= MACH_MSG_TYPE_MOVE_RECEIVE && \
			 (name) <= MACH_MSG_TYPE_MAKE_SEND_ONCE)

/* A descriptor and what it describes, in a received message. */
struct item {
	mach_msg_type_t type;
	const uint64_t *data;
	unsigned long bytes;		/* in line, or of the region */
	unsigned long words;		/* up to the next item */
};

void begin(struct message *m, mach_port_t remote, int remote_type,
	   mach_port_t local, int local_type, int id)
{
	m->head = (mach_msg_header_t){
		.msgh_bits = MACH_MSGH_BITS((unsigned int)remote_type,
					    (unsigned int)local_type),
		.msgh_remote_port = remote,
		.msgh_local_port = local,
		.msgh_id = id,
	};
	m->size = sizeof(m->head);
}

void put_word(struct message *m, uint64_t word)
{
	m->body[(m->size - sizeof(m->head)) / 8] = word;
	m->size += 8;
}

void put_type(struct message *m, int name, int bits, unsigned int number,
	      int in_line, int deallocate)
{
	union {
		mach_msg_type_t type;
		uint64_t word;
	} u = {
		.type.msgt_name = (unsigned int)name,
		.type.msgt_size = (unsigned int)bits,
		.type.msgt_number = number,
		.type.msgt_inline = !!in_line,
		.type.msgt_deallocate = !!deallocate,
	};

	put_word(m, u.word);
}

void put_data(struct message *m, const void *data, unsigned int bytes)
{
	const unsigned char *from = data;

	put_type(m, MACH_MSG_TYPE_BYTE, 8, bytes, 1, 0);
	for (unsigned int done = 0; done < bytes; done += 8) {
		uint64_t word = 0;

		for (unsigned int i = 0; i < 8 && done + i < bytes; i++)
			word |= (uint64_t)from[done + i] << (8 * i);
		put_word(m, word);
	}
	m->head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
}

void put_right(struct message *m, mach_port_t name, int disposition)
{
	put_type(m, disposition, 64, 1, 1, 0);
	put_word(m, name);
	m->head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
}

void put_rights(struct message *m, const mach_port_t *names,
		unsigned int number, int disposition, int deallocate)
{
	put_type(m, disposition, 32, number, 0, deallocate);
	put_word(m, (uintptr_t)names);
	m->head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
}

void put_memory(struct message *m, const void *address, unsigned int bytes,
		int deallocate)
{
	put_type(m, MACH_MSG_TYPE_BYTE, 8, bytes, 0, deallocate);
	put_word(m, (uintptr_t)address);
	m->head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
}

int msg_send_option(struct message *m, int option, unsigned int timeout,
		mach_port_t notify)
{
	m->head.msgh_size = 0xfeedface;	/* ignored */
	return mach_msg(&m->head, MACH_SEND_MSG | option, m->size, 0,
			MACH_PORT_NULL, timeout, notify);
}

int msg_send(struct message *m)
{
	return msg_send_option(m, MACH_SEND_TIMEOUT, 0, MACH_PORT_NULL);
}

int send_id(mach_port_t to, int id)
{
	struct message m;

	begin(&m, to, MACH_MSG_TYPE_COPY_SEND, MACH_PORT_NULL, 0, id);
	return msg_send(&m);
}

/* What the kernel does not write reads as a pattern. */
static void poison(struct message *m)
{
	unsigned char *bytes = (unsigned char *)m;

	for (size_t i = 0; i < sizeof(*m); i++)
		bytes[i] = 0xa5;
}

int msg_receive_option(struct message *m, int option, mach_msg_size_t size,
		   mach_port_t from, unsigned int timeout, mach_port_t notify)
{
	int result;

	poison(m);
	result = mach_msg(&m->head, MACH_RCV_MSG | option, 0, size, from,
			  timeout, notify);
	m->size = m->head.msgh_size;
	return result;
}

int msg_receive(struct message *m, mach_port_t from)
{
	return msg_receive_option(m, MACH_RCV_TIMEOUT,
			      sizeof(m->head) + sizeof(m->body), from, 0,
			      MACH_PORT_NULL);
}

void say_header(const char *what, const struct message *m)
{
	const mach_msg_header_t *h = &m->head;
	mach_msg_bits_t bits = h->msgh_bits;
	const char *complex = bits & MACH_MSGH_BITS_COMPLEX ? " complex" : "";

	bits &= ~MACH_MSGH_BITS_COMPLEX;
	if (MACH_MSGH_BITS_LOCAL(bits) == MACH_MSG_TYPE_PROTECTED_PAYLOAD)
		say("%s: id %d, remote %n %r, payload %l, seqno %u, size %u%s",
		    what, h->msgh_id, h->msgh_remote_port,
		    (int)MACH_MSGH_BITS_REMOTE(bits), h->msgh_protected_payload,
		    h->msgh_seqno, h->msgh_size, complex);
	else
		say("%s: id %d, remote %n %r, local %n %r, seqno %u, size %u%s",
		    what, h->msgh_id, h->msgh_remote_port,
		    (int)MACH_MSGH_BITS_REMOTE(bits), h->msgh_local_port,
		    (int)MACH_MSGH_BITS_LOCAL(bits), h->msgh_seqno,
		    h->msgh_size, complex);
	if (bits & ~0xffffU)
		say("%s, more bits: 0x%x", what, bits & ~0xffffU);
}

/* The item at word position at; 0 when the message ends there. */
static int item_at(const struct message *m, unsigned long at,
		   struct item *item)
{
	unsigned long end = m->head.msgh_size;
	union {
		uint64_t word;
		mach_msg_type_t type;
	} u;

	end = end > sizeof(m->head) ? (end - sizeof(m->head)) / 8 : 0;
	if (end > ARRAY_SIZE(m->body))
		end = ARRAY_SIZE(m->body);
	if (at >= end)
		return 0;
	u.word = m->body[at];
	item->type = u.type;
	item->data = &m->body[at + 1];
	item->bytes = ((unsigned long)u.type.msgt_size * u.type.msgt_number +
		       7) / 8;
	item->words = u.type.msgt_inline ? 1 + (item->bytes + 7) / 8 : 2;
	return at + item->words <= end;
}

static void say_names(const char *what, const struct item *item)
{
	const mach_port_t *packed = (const mach_port_t *)item->data[0];

	for (unsigned int i = 0; i < item->type.msgt_number && i < 16; i++) {
		uint64_t name = item->type.msgt_inline ? item->data[i] :
							 packed[i];

		say("%s, name %u: %n%s", what, i, (mach_port_t)name,
		    name >> 32 ? " and junk above" : "");
	}
}

static void say_data(const char *what, const struct item *item)
{
	const unsigned char *data = (const unsigned char *)item->data;
	unsigned int sum = 0;

	if (!item->type.msgt_inline) {
		say("%s, address: %s", what,
		    item->data[0] ? "not null" : "null");
		data = (const unsigned char *)item->data[0];
	}
	if (item->type.msgt_name == MACH_MSG_TYPE_PORT_NAME)
		say("%s, value: %n", what, *(const mach_port_t *)data);
	else if (item->type.msgt_name == MACH_MSG_TYPE_INTEGER_32)
		say("%s, value: %u", what, *(const unsigned int *)data);
	else if (data) {
		for (unsigned long i = 0; i < item->bytes; i++)
			sum = sum * 31 + data[i];
		say("%s, %l bytes: sum %x", what, item->bytes, sum);
	}
}

static void say_item(const char *what, const struct item *item)
{
	mach_msg_type_t t = item->type;

	say("%s: type %r, bits %u, number %u%s%s%s%s", what, (int)t.msgt_name,
	    t.msgt_size, t.msgt_number, t.msgt_inline ? ", in line" : "",
	    t.msgt_longform ? ", long form" : "",
	    t.msgt_deallocate ? ", deallocate" : "",
	    t.msgt_unused ? ", unused bits" : "");
	if (!t.msgt_number)
		return;
	if (IS_PORT(t.msgt_name))
		say_names(what, item);
	else
		say_data(what, item);
}

void say_message(const char *what, const struct message *m)
{
	char label[] = "item 0";
	struct item item;
	unsigned long at = 0;

	say_header(what, m);
	if (!(m->head.msgh_bits & MACH_MSGH_BITS_COMPLEX) &&
	    (m->head.msgh_id < MACH_NOTIFY_FIRST ||
	     m->head.msgh_id > MACH_NOTIFY_LAST))
		return;
	for (; item_at(m, at, &item); at += item.words) {
		say_item(label, &item);
		label[5]++;
	}
}

mach_port_t first_right(const struct message *m)
{
	struct item item;

	if (!item_at(m, 0, &item) || !IS_PORT(item.type.msgt_name) ||
	    !item.type.msgt_number)
		return MACH_PORT_NULL;
	if (item.type.msgt_inline)
		return (mach_port_t)item.data[0];
	return *(const mach_port_t *)item.data[0];
}

void *first_memory(const struct message *m)
{
	struct item item;

	return item_at(m, 0, &item) && !item.type.msgt_inline ?
	       (void *)item.data[0] : NULL;
}

static const char *notification(int id)
{
	switch (id) {
	case MACH_NOTIFY_PORT_DELETED:	return "port-deleted";
	case MACH_NOTIFY_MSG_ACCEPTED:	return "msg-accepted";
	case MACH_NOTIFY_PORT_DESTROYED: return "port-destroyed";
	case MACH_NOTIFY_NO_SENDERS:	return "no-senders";
	case MACH_NOTIFY_SEND_ONCE:	return "send-once";
	case MACH_NOTIFY_DEAD_NAME:	return "dead-name";
	}
	return NULL;
}

/* A line of its own for each message: short, for orders and counts. */
static void say_drained(mach_port_t from, const struct message *m)
{
	const char *note = notification(m->head.msgh_id);
	struct item item;

	if (!note) {
		say("%n holds: message %d at %n, seqno %u", from,
		    m->head.msgh_id, m->head.msgh_local_port,
		    m->head.msgh_seqno);
		return;
	}
	if (!item_at(m, 0, &item))
		say("%n holds: %s", from, note);
	else if (m->head.msgh_id == MACH_NOTIFY_NO_SENDERS)
		say("%n holds: %s, %u", from, note,
		    *(const unsigned int *)item.data);
	else
		say("%n holds: %s, %n", from, note,
		    *(const mach_port_t *)item.data);
}

void drain(mach_port_t from)
{
	struct message m;
	unsigned int number = 0;
	int mr;

	while ((mr = msg_receive(&m, from)) == MACH_MSG_SUCCESS && number++ < 64)
		say_drained(from, &m);
	if (mr != MACH_RCV_TIMED_OUT)
		say("%n ends with: %k", from, mr);
	else if (!number)
		say("%n holds: nothing", from);
}

void drain_number(mach_port_t from)
{
	struct message m;
	unsigned int number = 0;

	while (!msg_receive(&m, from))
		number++;
	say("%n holds: %u messages", from, number);
}

int ask(mach_port_t name, int id, unsigned int sync, mach_port_t port)
{
	mach_port_t previous = MACH_PORT_NULL;
	kern_return_t kr;

	kr = mach_port_request_notification(mach_task_self(), name, id, sync,
					    port, MACH_MSG_TYPE_MAKE_SEND_ONCE,
					    &previous);
	if (!kr && previous != MACH_PORT_NULL) {
		say("%s request for %n gives back: %n", notification(id), name,
		    previous);
		if (previous != MACH_PORT_DEAD)
			mach_port_deallocate(mach_task_self(), previous);
	}
	return kr;
}

void arm(mach_port_t name, int id, mach_port_t port)
{
	must("arm", ask(name, id, 0, port));
}
