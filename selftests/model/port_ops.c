// SPDX-License-Identifier: GPL-2.0
/*
 * The steps of the walk that are port calls.
 */
#include <string.h>

#include "ops.h"

#define RIGHTS	(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE | \
		 MACH_PORT_TYPE_SEND_ONCE)

/* Who calls, on which task, on which name there. */
static short choose_target(struct walk *w, struct walk_op *op)
{
	short target;

	op->task = pick_task(w);
	op->via = pick_via(w, op->task);
	target = pick_target(w, op->task, op->via);
	walk_say(w, " task %d via %#x (task %d)", op->task, op->via, target);
	/* Calls for no task are all alike. */
	if (target == M_NULL && !pick_chance(w, 5))
		return M_NULL;
	return target == M_NULL ? op->task : target;
}

static bool choose_name(struct walk *w, struct walk_op *op, __u32 types)
{
	short target = choose_target(w, op);

	if (target == M_NULL)
		return false;
	op->name = pick_name(w, target, types);
	walk_say(w, " name %#x", op->name);
	return true;
}

static short target_of(struct walk *w, const struct walk_op *op, __s32 *ret)
{
	return m_target(&w->m, op->task, op->via, ret);
}

/* The common shape: a result, which the model must have as well. */
static __s32 same(struct walk *w, __s32 got, __s32 wanted)
{
	walk_expect(w, "result", (__u32)got, (__u32)wanted);
	return got;
}

static void port_call(struct walk *w, const struct walk_op *op,
		      unsigned long command, struct mach_ioc_port *call)
{
	call->size = sizeof(*call);
	call->ret = MT_NO_RESULT;
	call->task = op->via;
	call->right = op->right;
	call->delta = op->delta;
	if (command != MACH_IOC_PORT_ALLOCATE)
		call->name = op->name;
	walk_ioctl(w, op->task, command, call);
}

/* ---- allocate, rename ---- */

static __u32 choose_kind(struct walk *w)
{
	static const __u8 kinds[] = {
		MACH_PORT_RIGHT_RECEIVE, MACH_PORT_RIGHT_RECEIVE,
		MACH_PORT_RIGHT_RECEIVE, MACH_PORT_RIGHT_PORT_SET,
		MACH_PORT_RIGHT_DEAD_NAME,
	};

	if (pick_chance(w, 4))
		return pick_below(w, 8);
	return kinds[pick_below(w, sizeof(kinds))];
}

bool choose_allocate(struct walk *w, struct walk_op *op)
{
	if (choose_target(w, op) == M_NULL)
		return false;
	op->right = choose_kind(w);
	walk_say(w, " right %u", op->right);
	return true;
}

__s32 run_allocate(struct walk *w, struct walk_op *op)
{
	struct mach_ioc_port call = { 0 };
	__s32 ret;
	short target = target_of(w, op, &ret);

	port_call(w, op, MACH_IOC_PORT_ALLOCATE, &call);
	op->name = call.name;
	if (target != M_NULL)
		ret = m_allocate(&w->m, target, op->right, call.name);
	return same(w, call.ret, ret);
}

bool choose_allocate_name(struct walk *w, struct walk_op *op)
{
	if (choose_target(w, op) == M_NULL)
		return false;
	op->right = choose_kind(w);
	op->name = pick_new_name(w);
	walk_say(w, " right %u name %#x", op->right, op->name);
	return true;
}

__s32 run_allocate_name(struct walk *w, struct walk_op *op)
{
	struct mach_ioc_port call = { 0 };
	__s32 ret;
	short target = target_of(w, op, &ret);

	port_call(w, op, MACH_IOC_PORT_ALLOCATE_NAME, &call);
	if (target != M_NULL)
		ret = m_allocate_name(&w->m, target, op->right, op->name);
	return same(w, call.ret, ret);
}

bool choose_rename(struct walk *w, struct walk_op *op)
{
	if (!choose_name(w, op, ~0U))
		return false;
	op->value = pick_new_name(w);
	if (pick_chance(w, 10))
		op->value = pick_name(w, op->task, ~0U);
	walk_say(w, " to %#llx", op->value);
	return true;
}

/* ---- references ---- */

bool choose_destroy(struct walk *w, struct walk_op *op)
{
	return choose_name(w, op, ~0U);
}

__s32 run_destroy(struct walk *w, struct walk_op *op)
{
	struct mach_ioc_port call = { 0 };
	struct m_entry *entry;
	__s32 ret;
	short target = target_of(w, op, &ret);

	port_call(w, op, MACH_IOC_PORT_DESTROY, &call);
	if (target != M_NULL) {
		entry = m_find(&w->m, target, op->name);
		ret = entry ? KERN_SUCCESS : KERN_INVALID_NAME;
		if (entry)
			m_destroy_name(&w->m, target, entry);
	}
	return same(w, call.ret, ret);
}

bool choose_deallocate(struct walk *w, struct walk_op *op)
{
	return choose_name(w, op, MACH_PORT_TYPE_SEND |
				  MACH_PORT_TYPE_SEND_ONCE |
				  MACH_PORT_TYPE_DEAD_NAME);
}

__s32 run_deallocate(struct walk *w, struct walk_op *op)
{
	struct mach_ioc_port call = { 0 };
	__s32 ret;
	short target = target_of(w, op, &ret);

	port_call(w, op, MACH_IOC_PORT_DEALLOCATE, &call);
	if (target != M_NULL)
		ret = m_deallocate(&w->m, target, op->name);
	return same(w, call.ret, ret);
}

/* A right that the name has, now and then another. */
static __u32 choose_right(struct walk *w, const struct walk_op *op)
{
	short target = pick_target(w, op->task, op->via);
	const struct m_entry *entry = NULL;
	__u32 right = pick_below(w, MACH_PORT_RIGHT_NUMBER);

	if (pick_chance(w, 3))
		return pick_chance(w, 50) ? right : MACH_PORT_RIGHT_NUMBER +
						    pick_below(w, 3);
	if (target != M_NULL)
		entry = m_find(&w->m, target, op->name);
	while (entry && !(entry->type & MACH_PORT_TYPE(right)))
		right = (right + 1) % MACH_PORT_RIGHT_NUMBER;
	return right;
}

static __s32 choose_delta(struct walk *w, const struct walk_op *op)
{
	static const __s32 odd[] = {
		65533, 65534, 65535, -65533, 0x7fffffff, -0x7fffffff - 1,
		32767, -32767, 65500,
	};

	if (pick_chance(w, 12))
		return odd[pick_below(w, sizeof(odd) / sizeof(odd[0]))];
	if (op->right == MACH_PORT_RIGHT_SEND ||
	    op->right == MACH_PORT_RIGHT_DEAD_NAME)
		return (__s32)pick_below(w, 5) - 2;
	return -(__s32)pick_below(w, 2);
}

bool choose_mod_refs(struct walk *w, struct walk_op *op)
{
	if (!choose_name(w, op, ~0U))
		return false;
	op->right = choose_right(w, op);
	op->delta = choose_delta(w, op);
	walk_say(w, " right %u delta %d", op->right, op->delta);
	return true;
}

__s32 run_mod_refs(struct walk *w, struct walk_op *op)
{
	struct mach_ioc_port call = { 0 };
	__s32 ret;
	short target = target_of(w, op, &ret);

	port_call(w, op, MACH_IOC_PORT_MOD_REFS, &call);
	if (target != M_NULL)
		ret = m_mod_refs(&w->m, target, op->name, op->right,
				 op->delta);
	return same(w, call.ret, ret);
}

bool choose_get_refs(struct walk *w, struct walk_op *op)
{
	if (!choose_name(w, op, ~0U))
		return false;
	op->right = pick_below(w, MACH_PORT_RIGHT_NUMBER + 1);
	walk_say(w, " right %u", op->right);
	return true;
}

__s32 run_get_refs(struct walk *w, struct walk_op *op)
{
	struct mach_ioc_port call = { 0 };
	__u32 refs = 0;
	__s32 ret;
	short target = target_of(w, op, &ret);

	port_call(w, op, MACH_IOC_PORT_GET_REFS, &call);
	if (target != M_NULL)
		ret = m_get_refs(&w->m, target, op->name, op->right, &refs);
	if (ret == KERN_SUCCESS)
		walk_expect(w, "references", call.refs, refs);
	return same(w, call.ret, ret);
}

__s32 run_type(struct walk *w, struct walk_op *op)
{
	struct mach_ioc_port call = { 0 };
	__u32 type = 0;
	__s32 ret;
	short target = target_of(w, op, &ret);

	port_call(w, op, MACH_IOC_PORT_TYPE, &call);
	if (target != M_NULL)
		ret = m_type(&w->m, target, op->name, &type);
	if (ret == KERN_SUCCESS)
		walk_expect(w, "type", call.type, type);
	return same(w, call.ret, ret);
}

/* ---- insert, extract ---- */

/* A right that came with a request for no task has come for nothing. */
static void lose_right(struct walk *w, short task, __u32 name,
		       __u32 disposition)
{
	struct m_right right;

	if (m_is_disposition(disposition) &&
	    m_take_any(&w->m, task, name, disposition, &right) == KERN_SUCCESS)
		m_release(&w->m, right);
}

bool choose_insert(struct walk *w, struct walk_op *op)
{
	__u32 which = pick_below(w, 100);
	short target = choose_target(w, op);
	const struct m_entry *entry, *known = NULL;

	if (target == M_NULL)
		return false;
	op->other = pick_right(w, op->task, &op->disposition);
	entry = m_find(&w->m, op->task, op->other);
	if (entry && entry->port != M_NULL)
		known = m_find_port(&w->m, target, entry->port);
	/* Mostly where it fits. */
	if (known && which < 60)
		op->name = known->name;
	else if (which < 90)
		op->name = pick_new_name(w);
	else
		op->name = pick_name(w, target, ~0U);
	if (pick_chance(w, 2))
		op->disposition = pick_below(w, 26);
	walk_say(w, " name %#x right %#x as %u", op->name, op->other,
		 op->disposition);
	return true;
}

__s32 run_insert(struct walk *w, struct walk_op *op)
{
	struct mach_ioc_insert call = {
		.size = sizeof(call),
		.ret = MT_NO_RESULT,
		.task = op->via,
		.name = op->name,
		.poly = op->other,
		.poly_type = op->disposition,
	};
	__s32 ret;
	short target = target_of(w, op, &ret);

	walk_ioctl(w, op->task, MACH_IOC_PORT_INSERT_RIGHT, &call);
	if (target != M_NULL)
		ret = m_insert(&w->m, target, op->task, op->name, op->other,
			       op->disposition);
	else if (ret == KERN_INVALID_TASK)
		lose_right(w, op->task, op->other, op->disposition);
	return same(w, call.ret, ret);
}

bool choose_extract(struct walk *w, struct walk_op *op)
{
	short target = choose_target(w, op);

	if (target == M_NULL)
		return false;
	op->name = pick_right(w, target, &op->disposition);
	if (pick_chance(w, 2))
		op->disposition = pick_below(w, 26);
	walk_say(w, " name %#x as %u", op->name, op->disposition);
	return true;
}

__s32 run_extract(struct walk *w, struct walk_op *op)
{
	struct mach_ioc_extract call = {
		.size = sizeof(call),
		.ret = MT_NO_RESULT,
		.task = op->via,
		.name = op->name,
		.disposition = op->disposition,
	};
	__u32 type = 0;
	__s32 ret;
	short target = target_of(w, op, &ret);

	walk_ioctl(w, op->task, MACH_IOC_PORT_EXTRACT_RIGHT, &call);
	if (target != M_NULL)
		ret = m_extract(&w->m, target, op->task, op->name,
				op->disposition, call.poly, &type);
	if (ret == KERN_SUCCESS)
		walk_expect(w, "type of the extracted right", call.poly_type,
			    type);
	return same(w, call.ret, ret);
}

/* ---- notification requests ---- */

static void choose_notify(struct walk *w, const struct walk_op *op,
			  struct m_request *request)
{
	__u32 which = pick_below(w, 100);

	request->notify_type = MACH_MSG_TYPE_MAKE_SEND_ONCE;
	if (which < 15) {
		request->notify = MACH_PORT_NULL;
	} else if (which < 60) {
		request->notify = pick_exact(w, op->task,
					     MACH_PORT_TYPE_RECEIVE);
	} else if (which < 97) {
		request->notify_type = MACH_MSG_TYPE_MOVE_SEND_ONCE;
		request->notify = pick_exact(w, op->task,
					     MACH_PORT_TYPE_SEND_ONCE |
					     MACH_PORT_TYPE_DEAD_NAME);
	} else {
		request->notify = pick_name(w, op->task, ~0U);
	}
}

bool choose_request(struct walk *w, struct walk_op *op)
{
	static const __u8 ids[] = {
		MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_DEAD_NAME,
		MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_NO_SENDERS,
		MACH_NOTIFY_NO_SENDERS, MACH_NOTIFY_PORT_DESTROYED,
		MACH_NOTIFY_PORT_DESTROYED,
	};
	struct m_request *request = &op->request;
	__u32 types = ~MACH_PORT_TYPE_PORT_SET;

	request->id = ids[pick_below(w, sizeof(ids))];
	if (request->id != MACH_NOTIFY_DEAD_NAME)
		types = MACH_PORT_TYPE_RECEIVE;
	else if (pick_chance(w, 75))
		types = MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_SEND_ONCE;
	if (!choose_name(w, op, types))
		return false;
	if (pick_chance(w, 3))
		request->id = 64 + pick_below(w, 10);
	request->name = op->name;
	if (request->id != MACH_NOTIFY_PORT_DESTROYED || pick_chance(w, 5))
		request->sync = pick_below(w, 3);
	choose_notify(w, op, request);
	walk_say(w, " id %u sync %u notify %#x as %u", request->id,
		 request->sync, request->notify, request->notify_type);
	return true;
}

__s32 run_request(struct walk *w, struct walk_op *op)
{
	struct m_request *request = &op->request;
	struct mach_ioc_notification call = {
		.size = sizeof(call),
		.ret = MT_NO_RESULT,
		.task = op->via,
		.name = request->name,
		.id = request->id,
		.sync = request->sync,
		.notify = request->notify,
		.notify_type = request->notify_type,
	};
	__s32 ret;
	short target = target_of(w, op, &ret);

	walk_ioctl(w, op->task, MACH_IOC_PORT_REQUEST_NOTIFICATION, &call);
	request->previous = call.previous;
	if (target != M_NULL)
		ret = m_request(&w->m, target, op->task, request);
	else if (ret == KERN_INVALID_TASK)
		lose_right(w, op->task, request->notify,
			   request->notify_type);
	return same(w, call.ret, ret);
}

/* ---- a name and a number ---- */

static __s32 value_call(struct walk *w, struct walk_op *op,
			unsigned long command)
{
	struct mach_ioc_value call = {
		.size = sizeof(call),
		.ret = MT_NO_RESULT,
		.task = op->via,
		.name = op->name,
		.value = op->value,
	};

	walk_ioctl(w, op->task, command, &call);
	op->value = call.value;
	return call.ret;
}

__s32 run_rename(struct walk *w, struct walk_op *op)
{
	__s32 ret, got = value_call(w, op, MACH_IOC_PORT_RENAME);
	short target = target_of(w, op, &ret);

	if (target != M_NULL)
		ret = m_rename(&w->m, target, op->name, op->value);
	if (ret == KERN_SUCCESS)
		op->name = op->value;
	return same(w, got, ret);
}

bool choose_member(struct walk *w, struct walk_op *op)
{
	short target = choose_target(w, op);

	if (target == M_NULL)
		return false;
	op->name = pick_name(w, target, MACH_PORT_TYPE_RECEIVE);
	if (pick_chance(w, 80))
		op->value = pick_name(w, target, MACH_PORT_TYPE_PORT_SET);
	walk_say(w, " name %#x to set %#llx", op->name, op->value);
	return true;
}

__s32 run_move_member(struct walk *w, struct walk_op *op)
{
	__s32 ret, got = value_call(w, op, MACH_IOC_PORT_MOVE_MEMBER);
	short target = target_of(w, op, &ret);

	if (target != M_NULL)
		ret = m_move_member(&w->m, target, op->name, op->value);
	return same(w, got, ret);
}

/* The port that the target's receive right op->name stands for. */
static short receiver_of(struct walk *w, struct walk_op *op, __s32 *ret)
{
	short target = target_of(w, op, ret);

	return target == M_NULL ? M_NULL
				: m_receiver(&w->m, target, op->name, ret);
}

static bool choose_number(struct walk *w, struct walk_op *op, __u64 value)
{
	if (!choose_name(w, op, MACH_PORT_TYPE_RECEIVE))
		return false;
	op->value = value;
	walk_say(w, " value %#llx", op->value);
	return true;
}

bool choose_qlimit(struct walk *w, struct walk_op *op)
{
	__u32 value = pick_below(w, 4);

	if (pick_chance(w, 20))
		value = pick_below(w, 18);
	return choose_number(w, op, value);
}

__s32 run_set_qlimit(struct walk *w, struct walk_op *op)
{
	__u64 value = op->value;
	__s32 ret, got = value_call(w, op, MACH_IOC_PORT_SET_QLIMIT);
	short port = receiver_of(w, op, &ret);

	/* Spec 7: the value is looked at before the name. */
	if (value > MACH_PORT_QLIMIT_MAX &&
	    target_of(w, op, &ret) != M_NULL)
		ret = KERN_INVALID_VALUE;
	else if (port != M_NULL)
		w->m.port[port].qlimit = value;
	return same(w, got, ret);
}

bool choose_mscount(struct walk *w, struct walk_op *op)
{
	__u32 value = pick_below(w, 4);

	if (pick_chance(w, 10))
		value = ~0U - pick_below(w, 2);
	return choose_number(w, op, value);
}

__s32 run_set_mscount(struct walk *w, struct walk_op *op)
{
	__u32 value = op->value;
	__s32 ret, got = value_call(w, op, MACH_IOC_PORT_SET_MSCOUNT);
	short port = receiver_of(w, op, &ret);

	if (port != M_NULL)
		w->m.port[port].mscount = value;
	return same(w, got, ret);
}

bool choose_seqno(struct walk *w, struct walk_op *op)
{
	return choose_number(w, op, (__u32)pick_random(w));
}

__s32 run_set_seqno(struct walk *w, struct walk_op *op)
{
	__u32 value = op->value;
	__s32 ret, got = value_call(w, op, MACH_IOC_PORT_SET_SEQNO);
	short port = receiver_of(w, op, &ret);

	if (port != M_NULL)
		w->m.port[port].seqno = value;
	return same(w, got, ret);
}

bool choose_payload(struct walk *w, struct walk_op *op)
{
	return choose_number(w, op, pick_random(w));
}

__s32 run_set_payload(struct walk *w, struct walk_op *op)
{
	__u64 value = op->value;
	__s32 ret, got = value_call(w, op, MACH_IOC_PORT_SET_PAYLOAD);
	short port = receiver_of(w, op, &ret);

	if (port != M_NULL) {
		w->m.port[port].has_payload = true;
		w->m.port[port].payload = value;
	}
	return same(w, got, ret);
}

bool choose_receiver(struct walk *w, struct walk_op *op)
{
	return choose_name(w, op, MACH_PORT_TYPE_RECEIVE);
}

__s32 run_clear_payload(struct walk *w, struct walk_op *op)
{
	__s32 ret, got = value_call(w, op, MACH_IOC_PORT_CLEAR_PAYLOAD);
	short port = receiver_of(w, op, &ret);

	if (port != M_NULL)
		w->m.port[port].has_payload = false;
	return same(w, got, ret);
}

__s32 run_get_srights(struct walk *w, struct walk_op *op)
{
	__s32 ret, got = value_call(w, op, MACH_IOC_PORT_GET_SRIGHTS);
	short port = receiver_of(w, op, &ret);

	if (port != M_NULL)
		walk_expect(w, "send rights", op->value,
			    w->m.port[port].srights);
	return same(w, got, ret);
}

__s32 run_dnrequest_info(struct walk *w, struct walk_op *op)
{
	__s32 ret, got = value_call(w, op, MACH_IOC_PORT_DNREQUEST_INFO);
	short port = receiver_of(w, op, &ret);

	if (port != M_NULL)
		walk_expect(w, "dead-name requests", op->value,
			    m_armed(&w->m, port));
	return same(w, got, ret);
}
