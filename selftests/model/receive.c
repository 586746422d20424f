// SPDX-License-Identifier: GPL-2.0
/*
 * Receiving: which message may come, what its receiver sees, what follows
 * (spec 1.10, 2.4, K14, K16, K18, K21).
 *
 * The order of what the death of a task queues is the module's choice, and the
 * model follows what it sees.
 */
#include <stddef.h>

#include "model.h"

/* The messages of a queue that may be the first one. */
static void add_first(const struct model *m, short port,
		      struct m_choice *choice)
{
	const struct m_message *first, *msg;
	short at = m->port[port].head;

	if (at == M_NULL)
		return;
	first = &m->message[at];
	choice->message[choice->count++] = at;
	for (at = first->next; at != M_NULL; at = msg->next) {
		msg = &m->message[at];
		if (msg->step != first->step || !msg->loose || !first->loose)
			break;
		choice->message[choice->count++] = at;
	}
}

/* A set is one queue: what came first, or in the same step. */
static void add_member(const struct model *m, short set,
		       struct m_choice *choice)
{
	const struct m_message *first = NULL, *msg;
	short i;

	for (i = 0; i < M_PORTS; i++) {
		if (!m->port[i].alive || m->port[i].set != set ||
		    m->port[i].head == M_NULL)
			continue;
		msg = &m->message[m->port[i].head];
		if (!first || msg->arrival < first->arrival)
			first = msg;
	}
	for (i = 0; first && i < M_PORTS; i++) {
		if (!m->port[i].alive || m->port[i].set != set ||
		    m->port[i].head == M_NULL)
			continue;
		msg = &m->message[m->port[i].head];
		if (msg == first || (msg->loose && first->loose &&
				     msg->step == first->step))
			add_first(m, i, choice);
	}
}

__s32 m_look(struct model *m, short task, __u32 name, struct m_choice *choice)
{
	const struct m_entry *entry = m_find(m, task, name);

	choice->count = 0;
	if (!entry || !(entry->type & (MACH_PORT_TYPE_RECEIVE |
				       MACH_PORT_TYPE_PORT_SET)))
		return MACH_RCV_INVALID_NAME;
	if (entry->type & MACH_PORT_TYPE_RECEIVE) {
		if (m->port[entry->port].set != M_NULL)
			return MACH_RCV_IN_SET;
		add_first(m, entry->port, choice);
	} else {
		add_member(m, entry->set, choice);
	}
	return choice->count ? MACH_MSG_SUCCESS : MACH_RCV_TIMED_OUT;
}

/* ---- what the receiver sees ---- */

static __s32 result_for(struct model *m, short task,
			const struct m_message *msg,
			const struct m_receive_plan *plan)
{
	const struct m_entry *notify = m_find(m, task, plan->notify);

	if (msg->size > plan->room)
		return MACH_RCV_TOO_LARGE;
	if (plan->option & MACH_RCV_NOTIFY &&
	    (!notify || !(notify->type & MACH_PORT_TYPE_RECEIVE)))
		return MACH_RCV_INVALID_NOTIFY;
	return MACH_MSG_SUCCESS;
}

/* After an error of class X: the message is gone, its header is seen. */
static bool ruined_header_fits(const struct m_message *msg,
			       const struct m_port *port,
			       const struct mach_wire_header *head)
{
	__u32 bits = MACH_MSGH_BITS(msg->local.type, msg->remote.type) |
		     (msg->complex ? MACH_MSGH_BITS_COMPLEX : 0);
	__u32 remote = msg->local.port == M_DEAD ? MACH_PORT_DEAD
						 : MACH_PORT_NULL;

	return head->bits == bits && head->size == msg->size &&
	       head->id == msg->id && head->seqno == port->seqno &&
	       head->remote_port == remote && head->local_port == port->name;
}

static bool header_fits(struct model *m, short task,
			const struct m_message *msg,
			const struct m_port *port,
			const struct mach_wire_header *head)
{
	__u32 local = port->has_payload ? MACH_MSG_TYPE_PROTECTED_PAYLOAD
					: (__u32)msg->remote.type;
	__u32 bits = MACH_MSGH_BITS(msg->local.type, local) |
		     (msg->complex ? MACH_MSGH_BITS_COMPLEX : 0);
	__u32 reply = m_given_name(m, task, msg->local);

	if (!reply && m_alive(m, msg->local.port))
		reply = head->remote_port;	/* a new name */
	return head->bits == bits && head->size == msg->size &&
	       head->id == msg->id && head->seqno == port->seqno &&
	       head->remote_port == reply &&
	       head->local_port == (port->has_payload ? port->payload
						      : port->name);
}

static bool fits(struct model *m, short task, short message,
		 const struct m_receive_plan *plan, __s32 ret,
		 const void *buffer)
{
	const struct m_message *msg = &m->message[message];
	const struct m_port *port = &m->port[msg->remote.port];
	const struct mach_wire_header *head = buffer;

	if (ret != result_for(m, task, msg, plan))
		return false;
	if (ret == MACH_MSG_SUCCESS)
		return header_fits(m, task, msg, port, head) &&
		       m_body_fits(msg, buffer) &&
		       m_names_fit(m, task, message, buffer);
	if (plan->room < MACH_MSG_HEADER_SIZE)
		return true;	/* nothing is written */
	if (ret == MACH_RCV_TOO_LARGE && plan->option & MACH_RCV_LARGE)
		return head->size == msg->size;
	return ruined_header_fits(msg, port, head);
}

/* ---- what follows ---- */

static void unlink_message(struct model *m, struct m_port *port,
			   short message)
{
	short *at = &port->head, before = M_NULL;

	for (; *at != message; at = &m->message[*at].next)
		before = *at;
	*at = m->message[message].next;
	if (port->tail == message)
		port->tail = before;
	port->count--;
}

/* K14: the one forced message is accepted. */
static void accept(struct model *m, struct m_message *msg)
{
	struct m_entry *entry;

	if (msg->accepted == M_NULL)
		return;
	entry = msg->accepted_name ? m_find(m, msg->accepted_task,
					    msg->accepted_name) : NULL;
	if (entry)
		entry->forced = M_NULL;
	m_note(m, msg->accepted, MACH_NOTIFY_MSG_ACCEPTED,
	       msg->accepted_name);
	msg->accepted = M_NULL;
}

/* K18: receiving uses the destination's right up. */
static void use_up(struct model *m, struct m_message *msg)
{
	if (msg->remote.type == MACH_MSG_TYPE_PORT_SEND_ONCE)
		m->port[msg->remote.port].sorights--;
	else
		m_release(m, msg->remote);
	msg->remote.port = M_NULL;
}

/* K16 is about a reply right that is new to the receiver. */
static void give_reply(struct model *m, short task,
		       const struct m_message *msg,
		       const struct m_receive_plan *plan,
		       const struct mach_wire_header *head)
{
	bool is_new = m_alive(m, msg->local.port) &&
		      !m_given_name(m, task, msg->local);
	const struct m_entry *notify;

	m_give(m, task, msg->local, head->remote_port);
	if (!is_new || !(plan->option & MACH_RCV_NOTIFY))
		return;
	m_event(m, "request made by RCV_NOTIFY");
	notify = m_find(m, task, plan->notify);
	m->port[notify->port].sorights++;
	m_find(m, task, head->remote_port)->dn = notify->port;
}

static void take(struct model *m, short task, short message,
		 const struct m_receive_plan *plan, __s32 ret,
		 const void *buffer)
{
	struct m_message *msg = &m->message[message];
	struct m_port *port = &m->port[msg->remote.port];

	if (ret == MACH_RCV_TOO_LARGE && plan->option & MACH_RCV_LARGE)
		return;
	if (port->head != message)
		m_event(m, "another order at the death of a task");
	unlink_message(m, port, message);
	if (port->set != M_NULL)
		m_event(m, "message received from a set");
	port->seqno++;
	accept(m, msg);
	if (ret != MACH_MSG_SUCCESS) {
		use_up(m, msg);
		m_clean_message(m, message);
		return;
	}
	give_reply(m, task, msg, plan, buffer);
	use_up(m, msg);
	m_give_body(m, task, message, buffer);
	m_free_message(m, message);
}

static void refuse(struct model *m, short task,
		   const struct m_receive_plan *plan, __s32 ret,
		   const struct m_choice *choice, const void *buffer)
{
	const struct m_message *msg = &m->message[choice->message[0]];
	const struct m_port *port = &m->port[msg->remote.port];
	const struct mach_wire_header *head = buffer;

	m_differs(m,
		  "receive gave %#x, bits %#x size %u remote %#llx local %#llx seqno %u id %#x; wanted %#x, complex %d size %u reply type %d port %d, local type %d port %#x, seqno %u id %#x, queued in step %u (one of %d messages)",
		  ret, head->bits, head->size, head->remote_port,
		  head->local_port, head->seqno, head->id,
		  result_for(m, task, msg, plan), msg->complex, msg->size,
		  msg->local.type, msg->local.port, msg->remote.type,
		  port->name, port->seqno, msg->id, msg->step,
		  choice->count);
}

void m_receive(struct model *m, short task, const struct m_receive_plan *plan,
	       __s32 ret, const void *buffer)
{
	struct m_choice choice;
	__s32 wanted = m_look(m, task, plan->name, &choice);
	short i;

	if (wanted != MACH_MSG_SUCCESS) {
		if (ret != wanted)
			m_differs(m, "receive gave %#x, wanted %#x", ret,
				  wanted);
		return;
	}
	for (i = 0; i < choice.count; i++)
		if (fits(m, task, choice.message[i], plan, ret, buffer))
			break;
	if (i == choice.count)
		refuse(m, task, plan, ret, &choice, buffer);
	take(m, task, choice.message[i], plan, ret, buffer);
}
