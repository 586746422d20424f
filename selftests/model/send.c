// SPDX-License-Identifier: GPL-2.0
/*
 * Sending: header, body, queue, and the way back (spec 1.10, 2.1, 2.4, K1,
 * K2, K12-K15, K17).
 */
#include <stddef.h>
#include <string.h>

#include "model.h"

static struct m_result just(__s32 ret)
{
	return (struct m_result){ .ret = ret, .also = ret };
}

/* ---- header ---- */

static bool is_name(__u32 name)
{
	return name != MACH_PORT_NULL && name != MACH_PORT_DEAD;
}

static bool is_receive(struct model *m, short task, __u32 name)
{
	const struct m_entry *entry = m_find(m, task, name);

	return entry && entry->type & MACH_PORT_TYPE_RECEIVE;
}

static bool bad_types(const struct m_send_plan *plan)
{
	if (!m_may_send(plan->dest_type))
		return true;
	if (plan->reply_type)
		return !m_may_send(plan->reply_type);
	return plan->reply != MACH_PORT_NULL;
}

/* A destination must be alive; a reply port may be a dead name. */
static bool bad_dest(struct model *m, short task,
		     const struct m_send_plan *plan)
{
	const struct m_entry *entry = m_find(m, task, plan->dest);

	if (m_may_take(m, task, plan->dest, plan->dest_type) != KERN_SUCCESS ||
	    entry->type & MACH_PORT_TYPE_DEAD_NAME)
		return true;
	if (plan->dest != plan->reply)
		return false;
	/*
	 * K17: a send-once right cannot be both, nor can one reference be
	 * moved twice.
	 */
	return plan->dest_type == MACH_MSG_TYPE_MOVE_SEND_ONCE ||
	       plan->reply_type == MACH_MSG_TYPE_MOVE_SEND_ONCE ||
	       (plan->dest_type == MACH_MSG_TYPE_MOVE_SEND &&
		plan->reply_type == MACH_MSG_TYPE_MOVE_SEND &&
		entry->urefs < 2);
}

/* The results of class N, where nothing has happened, in GNU Mach's order. */
static __s32 check_header(struct model *m, short task,
			  const struct m_send_plan *plan)
{
	if (plan->option & MACH_SEND_CANCEL &&
	    !is_receive(m, task, plan->notify))
		return MACH_SEND_INVALID_NOTIFY;
	if (bad_types(plan))
		return MACH_SEND_INVALID_HEADER;
	if (!m_find(m, task, plan->dest))
		return MACH_SEND_INVALID_DEST;
	if (is_name(plan->reply) &&
	    m_may_take(m, task, plan->reply, plan->reply_type) != KERN_SUCCESS)
		return MACH_SEND_INVALID_REPLY;
	if (bad_dest(m, task, plan))
		return MACH_SEND_INVALID_DEST;
	return MACH_MSG_SUCCESS;
}

static bool is_copy(__u32 disposition)
{
	return disposition == MACH_MSG_TYPE_COPY_SEND;
}

/* K15: a port-deleted notification that the sender does not want. */
static void cancel_owed(struct model *m, short task,
			const struct m_send_plan *plan, struct m_owed *owed)
{
	const struct m_entry *notify = m_find(m, task, plan->notify);

	if (!(plan->option & MACH_SEND_CANCEL) ||
	    owed->notify == M_NULL || owed->notify != notify->port)
		return;
	m_event(m, "port-deleted notification cancelled");
	m->port[owed->notify].sorights--;
	*owed = M_OWES_NOTHING;
}

/* Cannot fail any more.  With one name for both a copy comes before a move. */
static void take_header(struct model *m, short task,
			const struct m_send_plan *plan, struct m_message *msg)
{
	struct m_owed dest = M_OWES_NOTHING, reply = M_OWES_NOTHING;
	bool reply_first = plan->dest == plan->reply &&
			   is_copy(plan->reply_type);

	msg->local.type = m_converted(plan->reply_type);
	msg->local.port = plan->reply == MACH_PORT_NULL ? M_NULL : M_DEAD;
	if (is_name(plan->reply) && reply_first)
		msg->local = m_take(m, task, plan->reply, plan->reply_type,
				    &reply);
	msg->remote = m_take(m, task, plan->dest, plan->dest_type, &dest);
	if (is_name(plan->reply) && !reply_first)
		msg->local = m_take(m, task, plan->reply, plan->reply_type,
				    &reply);
	/* Both moved: what the name owed was the destination's. */
	if (plan->dest == plan->reply && reply.notify != M_NULL &&
	    plan->dest_type == MACH_MSG_TYPE_MOVE_SEND) {
		dest = reply;
		reply = M_OWES_NOTHING;
	}
	cancel_owed(m, task, plan, &dest);
	m_pay(m, dest);
	m_pay(m, reply);
}

/* ---- body ---- */

static __s32 take_rights(struct model *m, short task, short message,
			 const struct m_item_plan *plan, struct m_item *item)
{
	short dest = m->message[message].remote.port;
	struct m_right right;
	__u32 i;

	item->number = 0;	/* of those that are in the message */
	for (i = 0; i < plan->item.number; i++) {
		if (m_take_any(m, task, plan->names[i], plan->item.name,
			       &right) != KERN_SUCCESS)
			return MACH_SEND_INVALID_RIGHT;
		item->port[item->number++] = right.port;
		if (right.type == MACH_MSG_TYPE_PORT_RECEIVE &&
		    right.port >= 0 && m_is_circular(m, right.port, dest)) {
			m_event(m, "circular message");
			m->message[message].circular = true;
		}
	}
	return MACH_MSG_SUCCESS;
}

static struct m_result take_body(struct model *m, short task, short message,
				 const struct m_send_plan *plan)
{
	struct m_message *msg = &m->message[message];
	struct m_result result = just(MACH_MSG_SUCCESS);
	const struct m_item_plan *item;
	struct m_item *to;

	for (item = plan->item; item < plan->item + plan->items; item++) {
		if (item->bad_address) {
			result.ret = MACH_SEND_INVALID_MEMORY;
			break;
		}
		result.taken++;		/* K1: before the rights */
		to = &msg->item[msg->items++];
		*to = item->item;
		if (to->kind != M_DATA)
			msg->complex = true;
		if (to->kind != M_PORT && to->kind != M_PORT_ARRAY)
			continue;
		to->name = m_converted(to->name);
		result.ret = take_rights(m, task, message, item, to);
		if (result.ret != MACH_MSG_SUCCESS)
			break;
	}
	result.also = result.ret;
	return result;
}

/* ---- queue ---- */

/* A message for a task's own port: answered like an unknown request. */
static void answer(struct model *m, short message)
{
	struct m_message request = m->message[message], *msg;
	short reply;

	m_event(m, "message to a task port");
	m->message[message].local.port = M_NULL;
	m_destroy_message(m, message);
	if (!m_alive(m, request.local.port) ||
	    m->port[request.local.port].kernel) {
		m_release(m, request.local);
		return;
	}
	reply = m_new_message(m);
	msg = &m->message[reply];
	msg->remote = request.local;
	msg->id = request.id + 100;
	msg->size = M_NOTE_SIZE;
	msg->items = 1;
	msg->item[0] = (struct m_item){
		.kind = M_NOTE,
		.name = MACH_MSG_TYPE_INTEGER_32,
		.bits = 32,
		.number = 1,
		.stamp = MIG_BAD_ID,
	};
	m_enqueue(m, reply);
}

/* K14: may a full queue take this message all the same? */
static __s32 force(struct model *m, short task, short message,
		   const struct m_send_plan *plan)
{
	struct m_message *msg = &m->message[message];
	struct m_entry *entry = m_find_port(m, task, msg->remote.port);
	const struct m_entry *notify;

	if (plan->notify == MACH_PORT_NULL)
		return MACH_SEND_INVALID_NOTIFY;
	if (entry && entry->forced != M_NULL)
		return MACH_SEND_NOTIFY_IN_PROGRESS;
	if (!is_receive(m, task, plan->notify))
		return MACH_SEND_INVALID_NOTIFY;
	notify = m_find(m, task, plan->notify);
	m->port[notify->port].sorights++;
	msg->accepted = notify->port;
	msg->accepted_task = task;
	msg->accepted_name = MACH_PORT_NULL;
	if (entry) {
		entry->forced = message;
		msg->accepted_name = entry->name;
	}
	return MACH_SEND_WILL_NOTIFY;
}

/* K13: the rights go back as if they had been in the body. */
static void give_back(struct model *m, short task, short message,
		      const void *buffer)
{
	const struct m_message *msg = &m->message[message];
	const struct m_port *port = &m->port[msg->remote.port];
	const struct mach_wire_header *head = buffer;
	__u32 bits = MACH_MSGH_BITS(msg->remote.type, msg->local.type) |
		     (msg->complex ? MACH_MSGH_BITS_COMPLEX : 0);

	if (head->bits != bits || head->size != msg->size ||
	    head->id != msg->id)
		m_differs(m,
			  "the queue of port %d (task %d, in transit to %d) has %u of %u messages, so the message comes back; but bits %#x size %u id %#x, not %#x %u %#x",
			  msg->remote.port, port->task, port->to, port->count,
			  port->qlimit, head->bits, head->size, head->id,
			  bits, msg->size, msg->id);
	if (head->remote_port >> 32 || head->local_port >> 32)
		m_differs(m, "returned header with high bits");
	if (!m_body_fits(msg, buffer))
		m_differs(m, "returned with another body");
	m_give(m, task, msg->remote, head->remote_port);
	m_give(m, task, msg->local, head->local_port);
	m_give_body(m, task, message, buffer);
	m_free_message(m, message);
}

static bool comes_back(__s32 ret)
{
	return ret == MACH_SEND_TIMED_OUT ||
	       ret == MACH_SEND_NOTIFY_IN_PROGRESS ||
	       ret == MACH_SEND_INVALID_NOTIFY;
}

static __s32 queue(struct model *m, short task, short message,
		   const struct m_send_plan *plan, const void *buffer)
{
	struct m_message *msg = &m->message[message];
	const struct m_port *port = &m->port[msg->remote.port];
	__s32 ret = MACH_MSG_SUCCESS;

	if (port->kernel) {
		answer(m, message);
		return ret;
	}
	if (msg->remote.type != MACH_MSG_TYPE_PORT_SEND_ONCE &&
	    port->count >= port->qlimit) {
		ret = MACH_SEND_TIMED_OUT;
		if (plan->option & MACH_SEND_NOTIFY)
			ret = force(m, task, message, plan);
	}
	if (comes_back(ret))
		give_back(m, task, message, buffer);
	else if (msg->circular)
		m_destroy_message(m, message);
	else
		m_enqueue(m, message);
	return ret;
}

struct m_result m_send(struct model *m, short task,
		       const struct m_send_plan *plan, const void *buffer)
{
	struct m_result result = just(check_header(m, task, plan));
	short message;

	if (plan->malformed) {
		if (result.ret == MACH_MSG_SUCCESS)
			return just(plan->malformed);
		result.also = plan->malformed;
	}
	if (result.ret != MACH_MSG_SUCCESS)
		return result;
	message = m_new_message(m);
	m->message[message].id = plan->id;
	m->message[message].size = plan->size;
	take_header(m, task, plan, &m->message[message]);
	if (plan->complex)
		result = take_body(m, task, message, plan);
	else
		m->message[message].item[0].stamp = plan->item[0].item.stamp;
	if (result.ret == MACH_MSG_SUCCESS) {
		result.ret = queue(m, task, message, plan, buffer);
		result.also = result.ret;
		result.returned = comes_back(result.ret);
	} else {
		m_event(m, "message destroyed in the middle of its body");
		m_clean_message(m, message);
	}
	return result;
}
