// SPDX-License-Identifier: GPL-2.0
/*
 * Rights: taken from a task, given to a task, released, counted (spec 2,
 * 2.1, 2.2).
 */
#include <stddef.h>

#include "model.h"

#define SEND		MACH_PORT_TYPE_SEND
#define RECEIVE		MACH_PORT_TYPE_RECEIVE
#define SEND_ONCE	MACH_PORT_TYPE_SEND_ONCE
#define DEAD_NAME	MACH_PORT_TYPE_DEAD_NAME

bool m_is_disposition(__u32 disposition)
{
	return disposition >= MACH_MSG_TYPE_MOVE_RECEIVE &&
	       disposition <= MACH_MSG_TYPE_MAKE_SEND_ONCE;
}

bool m_may_send(__u32 disposition)
{
	return m_is_disposition(disposition) &&
	       disposition != MACH_MSG_TYPE_MOVE_RECEIVE;
}

short m_converted(__u32 disposition)
{
	switch (disposition) {
	case MACH_MSG_TYPE_COPY_SEND:
	case MACH_MSG_TYPE_MAKE_SEND:
		return MACH_MSG_TYPE_PORT_SEND;
	case MACH_MSG_TYPE_MAKE_SEND_ONCE:
		return MACH_MSG_TYPE_PORT_SEND_ONCE;
	default:
		return disposition;
	}
}

void m_pay(struct model *m, struct m_owed owed)
{
	if (owed.notify != M_NULL)
		m_note(m, owed.notify, MACH_NOTIFY_PORT_DELETED, owed.name);
}

/* ---- the counts of a port ---- */

/* A no-senders notification that has become due. */
struct due {
	short notify;
	__u32 mscount;
};

static struct due drop_send(struct model *m, short port)
{
	struct m_port *p = &m->port[port];
	struct due due = { .notify = M_NULL };

	if (--p->srights == 0 && p->ns != M_NULL) {
		due.notify = p->ns;
		due.mscount = p->mscount;
		p->ns = M_NULL;
	}
	return due;
}

static void tell_no_senders(struct model *m, struct due due)
{
	if (due.notify != M_NULL)
		m_note(m, due.notify, MACH_NOTIFY_NO_SENDERS, due.mscount);
}

void m_release(struct model *m, struct m_right right)
{
	if (!m_alive(m, right.port))
		return;
	switch (right.type) {
	case MACH_MSG_TYPE_PORT_SEND:
		tell_no_senders(m, drop_send(m, right.port));
		break;
	case MACH_MSG_TYPE_PORT_SEND_ONCE:
		m_note(m, right.port, MACH_NOTIFY_SEND_ONCE, 0);
		break;
	case MACH_MSG_TYPE_PORT_RECEIVE:
		m_clear_receiver(m, right.port);
		m_kill_port(m, right.port);
		break;
	}
}

short m_copy_send(struct model *m, short port)
{
	if (port < 0)
		return port;
	if (!m->port[port].alive)
		return M_DEAD;
	m->port[port].srights++;
	return port;
}

/* ---- from a task ---- */

__s32 m_may_take(struct model *m, short task, __u32 name, __u32 disposition)
{
	const struct m_entry *entry = m_find(m, task, name);
	__u32 needed;

	if (!entry)
		return KERN_INVALID_NAME;
	switch (disposition) {
	case MACH_MSG_TYPE_COPY_SEND:
	case MACH_MSG_TYPE_MOVE_SEND:
		needed = SEND | DEAD_NAME;
		break;
	case MACH_MSG_TYPE_MOVE_SEND_ONCE:
		needed = SEND_ONCE | DEAD_NAME;
		break;
	default:
		needed = RECEIVE;
	}
	return entry->type & needed ? KERN_SUCCESS : KERN_INVALID_RIGHT;
}

static struct m_owed owed_by(const struct m_entry *entry)
{
	return (struct m_owed){ .notify = entry->dn, .name = entry->name };
}

/* One reference less, or the name or its send part gone. */
static struct m_owed drop_reference(struct model *m, short task,
				    struct m_entry *entry)
{
	struct m_owed owed = M_OWES_NOTHING;

	if (entry->urefs > 1) {
		entry->urefs--;
	} else if (entry->type & RECEIVE) {
		entry->urefs = 0;
		entry->type &= ~SEND;
	} else {
		owed = owed_by(entry);
		m_remove(m, task, entry);
	}
	return owed;
}

static struct m_owed move_receive(struct model *m, short task,
				  struct m_entry *entry)
{
	struct m_owed owed = M_OWES_NOTHING;
	short port = entry->port;

	if (entry->type & SEND) {
		entry->type &= ~RECEIVE;
	} else {
		owed = owed_by(entry);
		m_remove(m, task, entry);
	}
	m_clear_receiver(m, port);
	return owed;
}

struct m_right m_take(struct model *m, short task, __u32 name,
		      __u32 disposition, struct m_owed *owed)
{
	struct m_entry *entry = m_find(m, task, name);
	struct m_right right = { entry->port, m_converted(disposition) };
	bool dead = entry->type == DEAD_NAME;
	struct m_port *port = dead ? NULL : &m->port[entry->port];

	if (dead)
		right.port = M_DEAD;
	*owed = M_OWES_NOTHING;
	switch (disposition) {
	case MACH_MSG_TYPE_MAKE_SEND:
		port->mscount++;
		port->srights++;
		break;
	case MACH_MSG_TYPE_MAKE_SEND_ONCE:
		port->sorights++;
		break;
	case MACH_MSG_TYPE_COPY_SEND:
		if (!dead)
			port->srights++;
		break;
	case MACH_MSG_TYPE_MOVE_SEND:
		if (!dead && entry->urefs > 1)
			port->srights++;
		*owed = drop_reference(m, task, entry);
		break;
	case MACH_MSG_TYPE_MOVE_SEND_ONCE:
		*owed = drop_reference(m, task, entry);
		break;
	case MACH_MSG_TYPE_MOVE_RECEIVE:
		*owed = move_receive(m, task, entry);
		break;
	}
	return right;
}

__s32 m_take_any(struct model *m, short task, __u32 name, __u32 disposition,
		 struct m_right *right)
{
	struct m_owed owed;
	__s32 ret;

	right->type = m_converted(disposition);
	right->port = name == MACH_PORT_NULL ? M_NULL : M_DEAD;
	if (name == MACH_PORT_NULL || name == MACH_PORT_DEAD)
		return KERN_SUCCESS;
	right->port = M_NULL;
	ret = m_may_take(m, task, name, disposition);
	if (ret == KERN_SUCCESS) {
		*right = m_take(m, task, name, disposition, &owed);
		m_pay(m, owed);
	}
	return ret;
}

/* ---- to a task ---- */

__u32 m_given_name(struct model *m, short task, struct m_right right)
{
	const struct m_entry *entry;

	if (right.port == M_NULL)
		return MACH_PORT_NULL;
	if (!m_alive(m, right.port))
		return MACH_PORT_DEAD;
	if (right.type == MACH_MSG_TYPE_PORT_SEND_ONCE)
		return MACH_PORT_NULL;
	entry = m_find_port(m, task, right.port);
	return entry ? entry->name : MACH_PORT_NULL;
}

void m_merge(struct model *m, struct m_entry *entry, struct m_right right)
{
	struct m_port *port = &m->port[right.port];

	switch (right.type) {
	case MACH_MSG_TYPE_PORT_SEND:
		if (entry->urefs)
			port->srights--;
		if (entry->urefs == MACH_PORT_UREFS_SEND_MAX)
			m_event(m, "references pegged");
		else
			entry->urefs++;
		entry->type |= SEND;
		break;
	case MACH_MSG_TYPE_PORT_SEND_ONCE:
		entry->type = SEND_ONCE;
		entry->urefs = 1;
		break;
	case MACH_MSG_TYPE_PORT_RECEIVE:
		entry->type |= RECEIVE;
		port->name = entry->name;
		port->to = M_NULL;
		port->has_payload = false;
		break;
	}
}

static void give(struct model *m, short task, struct m_right right,
		 __u32 name)
{
	struct m_entry *entry = NULL;

	if (right.type != MACH_MSG_TYPE_PORT_SEND_ONCE)
		entry = m_find_port(m, task, right.port);
	if (entry) {
		if (name != entry->name)
			m_differs(m, "a right that task %d has as %#x arrived as %#x",
				  task, entry->name, name);
		m_event(m, "right joined another");
	} else {
		m_check_new(m, task, name);
		entry = m_add(m, task, name, 0, right.port);
	}
	if (right.type == MACH_MSG_TYPE_PORT_RECEIVE)
		m->port[right.port].task = task;
	m_merge(m, entry, right);
}

void m_give(struct model *m, short task, struct m_right right, __u32 name)
{
	if (m_alive(m, right.port)) {
		give(m, task, right, name);
		return;
	}
	if (right.port >= 0)
		m_event(m, "right whose port died on the way");
	if (name != m_given_name(m, task, right))
		m_differs(m, "instead of name %#x for no right came %#x",
			  m_given_name(m, task, right), name);
}

/* ---- the calls that end rights ---- */

void m_destroy_name(struct model *m, short task, struct m_entry *entry)
{
	struct m_owed owed = owed_by(entry);
	struct due due = { .notify = M_NULL };
	__u32 type = entry->type;
	short port = entry->port, set = entry->set, i;

	m_remove(m, task, entry);
	if (type & MACH_PORT_TYPE_PORT_SET) {
		for (i = 0; i < M_PORTS; i++)
			if (m->port[i].alive && m->port[i].set == set)
				m->port[i].set = M_NULL;
		m->set[set].used = false;
	}
	if (type & SEND)
		due = drop_send(m, port);
	if (type & RECEIVE) {
		m_clear_receiver(m, port);
		m_kill_port(m, port);
	}
	if (type & SEND_ONCE)
		m_note(m, port, MACH_NOTIFY_SEND_ONCE, 0);
	tell_no_senders(m, due);
	m_pay(m, owed);
}

/* Takes references from a send right, or adds them. */
static __s32 change_send(struct model *m, short task, struct m_entry *entry,
			 long long urefs)
{
	struct m_owed owed = M_OWES_NOTHING;
	struct due due;

	if (urefs < 0)
		return KERN_INVALID_VALUE;
	if (urefs > MACH_PORT_UREFS_SEND_MAX)
		return KERN_UREFS_OVERFLOW;
	if (urefs) {
		entry->urefs = urefs;
		return KERN_SUCCESS;
	}
	due = drop_send(m, entry->port);
	entry->urefs = 1;
	owed = drop_reference(m, task, entry);
	tell_no_senders(m, due);
	m_pay(m, owed);
	return KERN_SUCCESS;
}

static __s32 change_dead(struct model *m, short task, struct m_entry *entry,
			 long long urefs)
{
	if (urefs < 0)
		return KERN_INVALID_VALUE;
	if (urefs > MACH_PORT_UREFS_MAX)
		return KERN_UREFS_OVERFLOW;
	entry->urefs = urefs;
	if (!urefs)
		m_remove(m, task, entry);
	return KERN_SUCCESS;
}

__s32 m_deallocate(struct model *m, short task, __u32 name)
{
	struct m_entry *entry = m_find(m, task, name);

	if (!entry)
		return KERN_INVALID_NAME;
	if (entry->type & SEND)
		return change_send(m, task, entry, entry->urefs - 1LL);
	if (entry->type & DEAD_NAME)
		return change_dead(m, task, entry, entry->urefs - 1LL);
	if (!(entry->type & SEND_ONCE))
		return KERN_INVALID_RIGHT;
	m_destroy_name(m, task, entry);
	return KERN_SUCCESS;
}

/* What remains of a name that loses its receive right becomes dead with it. */
static void end_receive(struct model *m, short task, struct m_entry *entry)
{
	short port = entry->port;
	struct m_owed owed = move_receive(m, task, entry);

	m_kill_port(m, port);
	m_pay(m, owed);
}

__s32 m_mod_refs(struct model *m, short task, __u32 name, __u32 right,
		 __s32 delta)
{
	struct m_entry *entry = m_find(m, task, name);

	if (right >= MACH_PORT_RIGHT_NUMBER)
		return KERN_INVALID_VALUE;
	if (!entry)
		return KERN_INVALID_NAME;
	if (!(entry->type & MACH_PORT_TYPE(right)))
		return KERN_INVALID_RIGHT;
	if (right == MACH_PORT_RIGHT_SEND)
		return change_send(m, task, entry,
				   (long long)entry->urefs + delta);
	if (right == MACH_PORT_RIGHT_DEAD_NAME)
		return change_dead(m, task, entry,
				   (long long)entry->urefs + delta);
	if (delta != 0 && delta != -1)
		return KERN_INVALID_VALUE;
	if (delta == 0)
		return KERN_SUCCESS;
	if (right == MACH_PORT_RIGHT_RECEIVE)
		end_receive(m, task, entry);
	else
		m_destroy_name(m, task, entry);
	return KERN_SUCCESS;
}
