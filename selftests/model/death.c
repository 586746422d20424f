// SPDX-License-Identifier: GPL-2.0
/*
 * Death: of ports, of messages, of tasks, and the notifications that follow
 * (spec 2.2, 2.3, K12).
 *
 * A message that dies in a queue waits in a list; what it carries is destroyed
 * when its turn comes.  So a nest of messages costs no stack, and the order is
 * GNU Mach's.
 */
#include <string.h>

#include "model.h"

/* ---- notifications ---- */

void m_enqueue(struct model *m, short message)
{
	struct m_message *msg = &m->message[message];
	struct m_port *port = &m->port[msg->remote.port];

	msg->step = m->step;
	msg->arrival = m->arrivals++;
	msg->loose = m->loose;
	msg->next = M_NULL;
	if (port->head == M_NULL)
		port->head = message;
	else
		m->message[port->tail].next = message;
	port->tail = message;
	port->count++;
}

static const char *const note_events[] = {
	[MACH_NOTIFY_PORT_DELETED - 65] = "port-deleted notification",
	[MACH_NOTIFY_MSG_ACCEPTED - 65] = "msg-accepted notification",
	[MACH_NOTIFY_PORT_DESTROYED - 65] = "port-destroyed notification",
	[MACH_NOTIFY_NO_SENDERS - 65] = "no-senders notification",
	[MACH_NOTIFY_SEND_ONCE - 65] = "send-once notification",
	[MACH_NOTIFY_DEAD_NAME - 65] = "dead-name notification",
};

static short new_note(struct model *m, short port, __u32 id)
{
	short message = m_new_message(m);
	struct m_message *msg = &m->message[message];

	m_event(m, note_events[id - MACH_NOTIFY_PORT_DELETED]);
	msg->id = id;
	msg->remote = (struct m_right){ port, MACH_MSG_TYPE_PORT_SEND_ONCE };
	if (id != MACH_NOTIFY_SEND_ONCE) {
		msg->size = M_NOTE_SIZE;
		msg->items = 1;
	}
	return message;
}

void m_note(struct model *m, short port, __u32 id, __u32 value)
{
	struct m_item *item;
	short message;

	if (!m_alive(m, port)) {
		m_event(m, "notification for a dead port");
		return;
	}
	message = new_note(m, port, id);
	item = &m->message[message].item[0];
	item->kind = M_NOTE;
	item->name = id == MACH_NOTIFY_NO_SENDERS ?
		     MACH_MSG_TYPE_INTEGER_32 : MACH_MSG_TYPE_PORT_NAME;
	item->bits = 32;
	item->number = 1;
	item->stamp = value;
	m_enqueue(m, message);
}

void m_note_port(struct model *m, short port, short receive)
{
	short message = new_note(m, port, MACH_NOTIFY_PORT_DESTROYED);
	struct m_message *msg = &m->message[message];

	msg->complex = true;
	msg->item[0].kind = M_PORT;
	msg->item[0].name = MACH_MSG_TYPE_PORT_RECEIVE;
	msg->item[0].bits = MACH_MSG_PORT_INLINE_BITS;
	msg->item[0].number = 1;
	msg->item[0].port[0] = receive;
	if (m_alive(m, port)) {
		m_enqueue(m, message);
		return;
	}
	m_event(m, "port-destroyed notification for a dead port");
	msg->remote.port = M_NULL;
	m_destroy_message(m, message);
}

/* ---- ports ---- */

bool m_is_circular(struct model *m, short port, short dest)
{
	short at;

	for (at = dest; at != M_NULL && m->port[at].alive;
	     at = m->port[at].to)
		if (at == port)
			return true;
	m->port[port].to = dest;
	return false;
}

void m_clear_receiver(struct model *m, short port)
{
	struct m_port *p = &m->port[port];

	p->set = M_NULL;
	p->mscount = 0;
	p->seqno = 0;
	p->has_payload = false;
	p->task = M_NULL;
	p->name = MACH_PORT_NULL;
	p->to = M_NULL;
}

/* The dead-name requests that a port's death fires. */
struct requests {
	int count;
	struct m_owed request[M_TASKS * M_NAMES];
};

/* Every right for the port becomes a dead name. */
static void bury_names(struct model *m, short port, struct requests *fire)
{
	struct m_entry *entry;
	short task;

	for (task = 0; task < m->tasks; task++) {
		if (!m->task[task].alive)
			continue;
		for (entry = m->task[task].entry;
		     entry < m->task[task].entry + m->task[task].count;
		     entry++) {
			if (entry->port != port)
				continue;
			entry->type = MACH_PORT_TYPE_DEAD_NAME;
			entry->port = M_NULL;
			if (entry->forced != M_NULL)
				m->message[entry->forced].accepted_name = 0;
			entry->forced = M_NULL;
			if (entry->dn == M_NULL)
				continue;
			fire->request[fire->count++] = (struct m_owed){
				.notify = entry->dn,
				.name = entry->name,
			};
			entry->dn = M_NULL;
			entry->urefs++;
		}
	}
}

/* In the order of spec 2.2. */
static void die(struct model *m, short port)
{
	struct m_port *p = &m->port[port];
	struct requests fire = { .count = 0 };
	short message, ns = p->ns;
	bool loose = m->loose;
	int i;

	m_event(m, "port died");
	p->alive = false;
	p->ns = M_NULL;
	bury_names(m, port, &fire);
	if (ns != M_NULL)
		m_note(m, ns, MACH_NOTIFY_SEND_ONCE, 0);
	while ((message = p->head) != M_NULL) {
		p->head = m->message[message].next;
		p->count--;
		m->message[message].remote.port = M_NULL;
		m_destroy_message(m, message);
	}
	/* Which of several requests comes first is nowhere said. */
	m->loose |= fire.count > 1;
	for (i = 0; i < fire.count; i++)
		m_note(m, fire.request[i].notify, MACH_NOTIFY_DEAD_NAME,
		       fire.request[i].name);
	m->loose = loose;
}

void m_kill_port(struct model *m, short port)
{
	struct m_port *p = &m->port[port];
	short pd = p->pd;

	p->pd = M_NULL;
	if (pd == M_NULL) {
		die(m, port);
	} else if (!m_is_circular(m, port, pd)) {
		m_note_port(m, pd, port);
	} else {
		m_event(m, "port-destroyed notification would be circular");
		m->port[pd].sorights--;
		die(m, port);
	}
}

/* ---- messages ---- */

/* Decision (spec 7): a forced message that is destroyed was not accepted. */
static void refuse(struct model *m, struct m_message *msg)
{
	struct m_entry *entry;

	if (msg->accepted == M_NULL)
		return;
	entry = msg->accepted_name ? m_find(m, msg->accepted_task,
					    msg->accepted_name) : NULL;
	if (entry)
		entry->forced = M_NULL;
	m_event(m, "forced message destroyed");
	m_note(m, msg->accepted, MACH_NOTIFY_SEND_ONCE, 0);
}

void m_clean_message(struct model *m, short message)
{
	struct m_message *msg = &m->message[message];
	struct m_item *item;
	__u32 i;

	refuse(m, msg);
	m_release(m, msg->remote);
	m_release(m, msg->local);
	for (item = msg->item; item < msg->item + msg->items; item++) {
		if (item->kind != M_PORT && item->kind != M_PORT_ARRAY)
			continue;
		for (i = 0; i < item->number; i++)
			m_release(m, (struct m_right){ item->port[i],
						       item->name });
	}
	m_free_message(m, message);
}

static void drain(struct model *m)
{
	short message;

	m->draining = true;
	while ((message = m->doomed) != M_NULL) {
		m->doomed = m->message[message].next;
		m_clean_message(m, message);
	}
	m->draining = false;
}

void m_destroy_message(struct model *m, short message)
{
	m->message[message].next = M_NULL;
	if (m->doomed == M_NULL)
		m->doomed = message;
	else
		m->message[m->doomed_tail].next = message;
	m->doomed_tail = message;
	if (!m->draining)
		drain(m);
}

/* ---- tasks ---- */

/*
 * The orders in which a task's rights may end: names upwards or downwards; its
 * own port first or last; what is in its ports' queues with each port or after
 * all names.
 */
enum order { UPWARDS, DOWNWARDS, SELF_LAST, QUEUES_LAST, ORDERS };

static struct m_entry *next_name(struct m_task *task, enum order order)
{
	struct m_entry *best = NULL, *entry;

	for (entry = task->entry; entry < task->entry + task->count; entry++)
		if (!best || (entry->name < best->name) !=
			     (order == DOWNWARDS))
			best = entry;
	return best;
}

static void end_holdings(struct model *m, short task)
{
	struct m_task *t = &m->task[task];
	short i;

	for (i = 0; i < M_SPECIALS; i++)
		m_set_right(m, &t->special[i], M_NULL);
	for (i = 0; i < M_REGISTERED; i++)
		m_set_right(m, &t->registered[i], M_NULL);
}

static void end_task(struct model *m, short task, enum order order)
{
	bool self_last = order == DOWNWARDS || order == SELF_LAST;
	struct m_task *t = &m->task[task];
	struct m_entry *entry;

	if (self_last)
		end_holdings(m, task);
	else
		m_kill_port(m, t->self);
	m->draining = order == QUEUES_LAST;
	while ((entry = next_name(t, order)))
		m_destroy_name(m, task, entry);
	m->draining = false;
	drain(m);
	if (self_last)
		m_kill_port(m, t->self);
	else
		end_holdings(m, task);
	t->alive = false;
}

void m_kill_task(struct model *m, short task)
{
	m_event(m, "task died");
	m->loose = true;
	end_task(m, task, UPWARDS);
	m->loose = false;
}

static bool same_entry(const struct m_entry *a, const struct m_entry *b)
{
	return a->type == b->type && a->urefs == b->urefs &&
	       a->port == b->port && a->set == b->set && a->dn == b->dn &&
	       (a->forced == M_NULL) == (b->forced == M_NULL);
}

static bool same_names(struct model *a, struct model *b, short task)
{
	struct m_task *ta = &a->task[task];
	const struct m_entry *other;
	short i;

	if (ta->alive != b->task[task].alive || !ta->alive)
		return ta->alive == b->task[task].alive;
	if (ta->count != b->task[task].count)
		return false;
	for (i = 0; i < ta->count; i++) {
		other = m_find(b, task, ta->entry[i].name);
		if (!other || !same_entry(&ta->entry[i], other))
			return false;
	}
	return true;
}

static bool same_note(const struct m_message *a, const struct m_message *b)
{
	return a->id == b->id && a->size == b->size &&
	       a->item[0].stamp == b->item[0].stamp &&
	       a->item[0].port[0] == b->item[0].port[0];
}

/* How often @note is among the new messages of a queue. */
static int count_notes(const struct model *m, short port,
		       const struct m_message *note)
{
	const struct m_message *msg;
	int count = 0;
	short at;

	for (at = m->port[port].head; at != M_NULL; at = msg->next) {
		msg = &m->message[at];
		count += msg->step == m->step && same_note(msg, note);
	}
	return count;
}

/* Old messages in their order, new ones in any. */
static bool same_queue(const struct model *a, const struct model *b,
		       short port)
{
	const struct m_message *msg;
	short at, other = b->port[port].head;

	for (at = a->port[port].head; at != M_NULL; at = msg->next) {
		msg = &a->message[at];
		if (msg->step != a->step) {
			if (other != at)
				return false;
			other = b->message[other].next;
		} else if (count_notes(a, port, msg) !=
			   count_notes(b, port, msg)) {
			return false;
		}
	}
	return true;
}

static bool same_port(const struct model *a, const struct model *b,
		      short port)
{
	const struct m_port *p = &a->port[port], *q = &b->port[port];

	if (p->alive != q->alive || !p->alive)
		return p->alive == q->alive;
	return p->task == q->task && p->name == q->name && p->to == q->to &&
	       p->set == q->set && p->pd == q->pd && p->ns == q->ns &&
	       p->srights == q->srights && p->sorights == q->sorights &&
	       p->mscount == q->mscount && p->seqno == q->seqno &&
	       p->count == q->count && p->has_payload == q->has_payload &&
	       same_queue(a, b, port);
}

static bool same_outcome(struct model *a, struct model *b)
{
	short i;

	for (i = 0; i < M_TASKS; i++)
		if (!same_names(a, b, i))
			return false;
	for (i = 0; i < M_PORTS; i++)
		if (!same_port(a, b, i))
			return false;
	return true;
}

bool m_order_matters(const struct model *m, short task)
{
	static struct model tried[ORDERS];
	int order;

	for (order = 0; order < ORDERS; order++) {
		tried[order] = *m;
		tried[order].trial = true;
		end_task(&tried[order], task, order);
		if (order && !same_outcome(&tried[0], &tried[order]))
			return true;
	}
	return false;
}
