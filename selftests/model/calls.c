// SPDX-License-Identifier: GPL-2.0
/*
 * The port calls: what each answers and does (spec 2, 2.3).
 */
#include <string.h>

#include "model.h"

static bool is_name(__u32 name)
{
	return name != MACH_PORT_NULL && name != MACH_PORT_DEAD;
}

short m_target(struct model *m, short task, __u32 name, __s32 *ret)
{
	const struct m_entry *entry = m_find(m, task, name);
	short i;

	*ret = MACH_SEND_INVALID_DEST;
	if (!entry || !(entry->type & MACH_PORT_TYPE_SEND))
		return M_NULL;
	for (i = 0; i < m->tasks; i++)
		if (m->task[i].alive && m->task[i].self == entry->port)
			return i;
	*ret = KERN_INVALID_TASK;
	return M_NULL;
}

/* ---- names ---- */

static bool may_allocate(__u32 right)
{
	return right == MACH_PORT_RIGHT_RECEIVE ||
	       right == MACH_PORT_RIGHT_PORT_SET ||
	       right == MACH_PORT_RIGHT_DEAD_NAME;
}

static void allocate(struct model *m, short task, __u32 right, __u32 name)
{
	struct m_entry *entry = m_add(m, task, name, MACH_PORT_TYPE(right),
				      M_NULL);

	if (right == MACH_PORT_RIGHT_RECEIVE)
		entry->port = m_new_port(m, task, name);
	else if (right == MACH_PORT_RIGHT_PORT_SET)
		entry->set = m_new_set(m, task, name);
	else
		entry->urefs = 1;
}

__s32 m_allocate(struct model *m, short task, __u32 right, __u32 got)
{
	if (!may_allocate(right))
		return KERN_INVALID_VALUE;
	m_check_new(m, task, got);
	allocate(m, task, right, got);
	return KERN_SUCCESS;
}

__s32 m_allocate_name(struct model *m, short task, __u32 right, __u32 name)
{
	if (!is_name(name) || !may_allocate(right))
		return KERN_INVALID_VALUE;
	if (m_find(m, task, name))
		return KERN_NAME_EXISTS;
	allocate(m, task, right, name);
	return KERN_SUCCESS;
}

__s32 m_rename(struct model *m, short task, __u32 from, __u32 to)
{
	struct m_entry *entry = m_find(m, task, from);

	if (!is_name(to))
		return KERN_INVALID_VALUE;
	if (m_find(m, task, to))
		return KERN_NAME_EXISTS;
	if (!entry)
		return KERN_INVALID_NAME;
	entry->name = to;
	if (entry->type & MACH_PORT_TYPE_RECEIVE)
		m->port[entry->port].name = to;
	if (entry->set != M_NULL)
		m->set[entry->set].name = to;
	if (entry->forced != M_NULL)
		m->message[entry->forced].accepted_name = to;
	return KERN_SUCCESS;
}

__s32 m_get_refs(struct model *m, short task, __u32 name, __u32 right,
		 __u32 *refs)
{
	const struct m_entry *entry = m_find(m, task, name);

	if (right >= MACH_PORT_RIGHT_NUMBER)
		return KERN_INVALID_VALUE;
	if (!entry)
		return KERN_INVALID_NAME;
	*refs = 0;
	if (!(entry->type & MACH_PORT_TYPE(right)))
		return KERN_SUCCESS;
	*refs = 1;
	if (right == MACH_PORT_RIGHT_SEND || right == MACH_PORT_RIGHT_DEAD_NAME)
		*refs = entry->urefs;
	return KERN_SUCCESS;
}

__s32 m_type(struct model *m, short task, __u32 name, __u32 *type)
{
	const struct m_entry *entry = m_find(m, task, name);

	if (!entry)
		return KERN_INVALID_NAME;
	*type = entry->type;
	if (entry->dn != M_NULL)
		*type |= MACH_PORT_TYPE_DNREQUEST;
	if (entry->forced != M_NULL)
		*type |= MACH_PORT_TYPE_MAREQUEST;
	return KERN_SUCCESS;
}

/* ---- rights ---- */

static __s32 insert(struct model *m, short task, __u32 name,
		    struct m_right right)
{
	struct m_entry *entry = m_find(m, task, name), *known = NULL;

	if (right.type != MACH_MSG_TYPE_PORT_SEND_ONCE)
		known = m_find_port(m, task, right.port);
	if (known && known != entry)
		return KERN_RIGHT_EXISTS;
	if (entry && !known)
		return KERN_NAME_EXISTS;
	if (right.type == MACH_MSG_TYPE_PORT_SEND && entry &&
	    entry->urefs == MACH_PORT_UREFS_SEND_MAX)
		return KERN_UREFS_OVERFLOW;
	if (!entry)
		entry = m_add(m, task, name, 0, right.port);
	if (right.type == MACH_MSG_TYPE_PORT_RECEIVE)
		m->port[right.port].task = task;
	m_merge(m, entry, right);
	return KERN_SUCCESS;
}

__s32 m_insert(struct model *m, short task, short caller, __u32 name,
	       __u32 poly, __u32 disposition)
{
	struct m_right right;
	__s32 ret;

	if (!m_is_disposition(disposition))
		return KERN_INVALID_VALUE;
	ret = m_take_any(m, caller, poly, disposition, &right);
	if (ret != KERN_SUCCESS)
		return ret;
	if (!is_name(name))
		ret = KERN_INVALID_VALUE;
	else if (right.port < 0)
		ret = KERN_INVALID_CAPABILITY;
	else
		ret = insert(m, task, name, right);
	if (ret != KERN_SUCCESS)
		m_release(m, right);
	return ret;
}

__s32 m_extract(struct model *m, short task, short caller, __u32 name,
		__u32 disposition, __u32 got, __u32 *type)
{
	struct m_right right;
	struct m_owed owed;
	__s32 ret;

	if (!m_is_disposition(disposition))
		return KERN_INVALID_VALUE;
	ret = m_may_take(m, task, name, disposition);
	if (ret != KERN_SUCCESS)
		return ret;
	right = m_take(m, task, name, disposition, &owed);
	m_pay(m, owed);
	*type = right.type;
	m_give(m, caller, right, got);
	return KERN_SUCCESS;
}

/* ---- notification requests ---- */

static __s32 request_no_senders(struct model *m, short port, __u32 sync,
				short notify, short *previous)
{
	struct m_port *p = &m->port[port];

	*previous = p->ns;
	if (notify != M_NULL && !p->srights && sync <= p->mscount) {
		p->ns = M_NULL;
		m_note(m, notify, MACH_NOTIFY_NO_SENDERS, p->mscount);
	} else {
		p->ns = notify;
	}
	return KERN_SUCCESS;
}

static __s32 request_dead_name(struct model *m, struct m_entry *entry,
			       __u32 sync, short notify, short *previous)
{
	*previous = M_NULL;
	if (entry->type & MACH_PORT_TYPE_PORT_SET)
		return KERN_INVALID_RIGHT;
	if (!(entry->type & MACH_PORT_TYPE_DEAD_NAME)) {
		*previous = entry->dn;
		entry->dn = notify;
		return KERN_SUCCESS;
	}
	if (!sync || notify == M_NULL)
		return KERN_INVALID_ARGUMENT;
	if (entry->urefs == MACH_PORT_UREFS_MAX)
		return KERN_UREFS_OVERFLOW;
	entry->urefs++;
	m_note(m, notify, MACH_NOTIFY_DEAD_NAME, entry->name);
	return KERN_SUCCESS;
}

static __s32 request(struct model *m, short task,
		     const struct m_request *request, short notify,
		     short *previous)
{
	struct m_entry *entry;
	short port;
	__s32 ret;

	switch (request->id) {
	case MACH_NOTIFY_PORT_DESTROYED:
		if (request->sync)
			return KERN_INVALID_VALUE;
		port = m_receiver(m, task, request->name, &ret);
		if (port == M_NULL)
			return ret;
		*previous = m->port[port].pd;
		m->port[port].pd = notify;
		return KERN_SUCCESS;
	case MACH_NOTIFY_NO_SENDERS:
		port = m_receiver(m, task, request->name, &ret);
		if (port == M_NULL)
			return ret;
		return request_no_senders(m, port, request->sync, notify,
					  previous);
	case MACH_NOTIFY_DEAD_NAME:
		entry = m_find(m, task, request->name);
		if (!entry)
			return KERN_INVALID_NAME;
		return request_dead_name(m, entry, request->sync, notify,
					 previous);
	default:
		return KERN_INVALID_VALUE;
	}
}

__s32 m_request(struct model *m, short task, short caller,
		const struct m_request *asked)
{
	struct m_right notify, old = {
		.port = M_NULL,
		.type = MACH_MSG_TYPE_PORT_SEND_ONCE,
	};
	__s32 ret;

	if (asked->notify == MACH_PORT_DEAD)
		return KERN_INVALID_CAPABILITY;
	ret = m_take_any(m, caller, asked->notify, asked->notify_type,
			 &notify);
	if (ret != KERN_SUCCESS)
		return MACH_SEND_INVALID_RIGHT;
	if (notify.port == M_DEAD)
		return KERN_INVALID_CAPABILITY;
	ret = request(m, task, asked, notify.port, &old.port);
	if (ret == KERN_SUCCESS)
		m_give(m, caller, old, asked->previous);
	else
		m_release(m, notify);
	return ret;
}

/* ---- ports and sets ---- */

short m_receiver(struct model *m, short task, __u32 name, __s32 *ret)
{
	const struct m_entry *entry = m_find(m, task, name);

	*ret = KERN_INVALID_NAME;
	if (!entry)
		return M_NULL;
	*ret = KERN_INVALID_RIGHT;
	if (!(entry->type & MACH_PORT_TYPE_RECEIVE))
		return M_NULL;
	*ret = KERN_SUCCESS;
	return entry->port;
}

__s32 m_move_member(struct model *m, short task, __u32 name, __u32 set)
{
	const struct m_entry *entry;
	short port, to = M_NULL;
	__s32 ret;

	port = m_receiver(m, task, name, &ret);
	if (port == M_NULL)
		return ret;
	if (set != MACH_PORT_NULL) {
		entry = m_find(m, task, set);
		if (!entry)
			return KERN_INVALID_NAME;
		if (!(entry->type & MACH_PORT_TYPE_PORT_SET))
			return KERN_INVALID_RIGHT;
		to = entry->set;
	} else if (m->port[port].set == M_NULL) {
		return KERN_NOT_IN_SET;
	}
	if (m->port[port].set != to)
		m_join_set(m, port, to);
	return KERN_SUCCESS;
}

void m_status(struct model *m, short port,
	      struct mach_ioc_receive_status *status)
{
	const struct m_port *p = &m->port[port];

	memset(status, 0, sizeof(*status));
	status->name = p->name;
	if (p->set != M_NULL)
		status->pset = m->set[p->set].name;
	status->seqno = p->seqno;
	status->mscount = p->mscount;
	status->qlimit = p->qlimit;
	status->msgcount = p->count;
	status->sorights = p->sorights;
	status->srights = p->srights != 0;
	status->pdrequest = p->pd != M_NULL;
	status->nsrequest = p->ns != M_NULL;
}

__u32 m_armed(const struct model *m, short port)
{
	const struct m_task *task;
	__u32 count = 0;
	short i;

	for (task = m->task; task < m->task + m->tasks; task++)
		for (i = 0; task->alive && i < task->count; i++)
			count += task->entry[i].port == port &&
				 task->entry[i].dn != M_NULL;
	return count;
}

/* ---- send rights that a task or the instance holds without a name ---- */

__s32 m_send_right(struct model *m, short task, __u32 name, short *port)
{
	struct m_right right;
	__s32 ret = m_take_any(m, task, name, MACH_MSG_TYPE_COPY_SEND,
			       &right);

	*port = right.port;
	return ret;
}

void m_set_right(struct model *m, short *slot, short port)
{
	struct m_right old = { *slot, MACH_MSG_TYPE_PORT_SEND };

	*slot = port;
	m_release(m, old);
}
