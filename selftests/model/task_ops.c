// SPDX-License-Identifier: GPL-2.0
/*
 * The steps of the walk that concern tasks: their special, registered and
 * bootstrap ports, their death and birth.
 */
#include <string.h>

#include "ops.h"

bool choose_caller(struct walk *w, struct walk_op *op)
{
	op->task = pick_task(w);
	walk_say(w, " task %d", op->task);
	return true;
}

/* A copy of a send right that somebody holds, for the caller. */
static void give_copy(struct walk *w, short task, short port, __u32 name)
{
	struct m_right right = {
		.port = m_copy_send(&w->m, port),
		.type = MACH_MSG_TYPE_PORT_SEND,
	};

	m_give(&w->m, task, right, name);
}

static __s32 name_call(struct walk *w, const struct walk_op *op,
		       unsigned long command, __u32 *name)
{
	struct mach_ioc_name call = {
		.size = sizeof(call),
		.ret = MT_NO_RESULT,
		.name = *name,
	};

	walk_ioctl(w, op->task, command, &call);
	*name = call.name;
	return call.ret;
}

__s32 run_task_self(struct walk *w, struct walk_op *op)
{
	__s32 ret = name_call(w, op, MACH_IOC_TASK_SELF, &op->name);

	walk_expect(w, "result", (__u32)ret, KERN_SUCCESS);
	give_copy(w, op->task,
		  w->m.task[op->task].special[MACH_TASK_KERNEL_PORT],
		  op->name);
	return ret;
}

__s32 run_reply_port(struct walk *w, struct walk_op *op)
{
	__s32 ret = name_call(w, op, MACH_IOC_REPLY_PORT, &op->name);

	walk_expect(w, "result", (__u32)ret, KERN_SUCCESS);
	m_allocate(&w->m, op->task, MACH_PORT_RIGHT_RECEIVE, op->name);
	return ret;
}

bool choose_file(struct walk *w, struct walk_op *op)
{
	op->task = pick_task(w);
	op->whose = pick_task(w);
	walk_say(w, " task %d whose %d", op->task, op->whose);
	return true;
}

__s32 run_task_for_file(struct walk *w, struct walk_op *op)
{
	struct mach_ioc_file call = {
		.size = sizeof(call),
		.ret = MT_NO_RESULT,
		.fd = w->task[op->whose].fd,
	};

	walk_ioctl(w, op->task, MACH_IOC_TASK_FOR_FILE, &call);
	walk_expect(w, "result", (__u32)call.ret, KERN_SUCCESS);
	op->name = call.name;
	give_copy(w, op->task, w->m.task[op->whose].self, call.name);
	return call.ret;
}

/* ---- the instance's bootstrap port ---- */

bool choose_bootstrap(struct walk *w, struct walk_op *op)
{
	op->task = pick_task(w);
	if (pick_chance(w, 70))
		op->name = pick_name(w, op->task, MACH_PORT_TYPE_SEND);
	walk_say(w, " task %d name %#x", op->task, op->name);
	return true;
}

/* A bootstrap port that died counts as none. */
static void give_bootstrap(struct walk *w, short task, __u32 name)
{
	if (!m_alive(&w->m, w->m.bootstrap))
		w->m.bootstrap = M_NULL;
	give_copy(w, task, w->m.bootstrap, name);
}

__s32 run_get_bootstrap(struct walk *w, struct walk_op *op)
{
	__s32 ret = name_call(w, op, MACH_IOC_GET_BOOTSTRAP, &op->name);

	walk_expect(w, "result", (__u32)ret, KERN_SUCCESS);
	give_bootstrap(w, op->task, op->name);
	return ret;
}

__s32 run_set_bootstrap(struct walk *w, struct walk_op *op)
{
	__u32 name = op->name;
	__s32 got = name_call(w, op, MACH_IOC_SET_BOOTSTRAP, &name), ret;
	short port;

	ret = m_send_right(&w->m, op->task, op->name, &port);
	if (ret == KERN_SUCCESS && port == M_DEAD)
		ret = KERN_INVALID_CAPABILITY;
	if (ret == KERN_SUCCESS)
		m_set_right(&w->m, &w->m.bootstrap, port);
	walk_expect(w, "result", (__u32)got, (__u32)ret);
	return got;
}

/* ---- special ports ---- */

static short choose_target(struct walk *w, struct walk_op *op)
{
	op->task = pick_task(w);
	op->via = pick_via(w, op->task);
	walk_say(w, " task %d via %#x (task %d)", op->task, op->via,
		 pick_target(w, op->task, op->via));
	if (pick_target(w, op->task, op->via) == M_NULL &&
	    !pick_chance(w, 5))
		return M_NULL;
	return op->task;
}

static __u32 choose_which(struct walk *w)
{
	static const __u8 which[] = {
		MACH_TASK_EXCEPTION_PORT, MACH_TASK_EXCEPTION_PORT,
		MACH_TASK_BOOTSTRAP_PORT, MACH_TASK_BOOTSTRAP_PORT,
		MACH_TASK_KERNEL_PORT, 0, 2, 5,
	};

	return which[pick_below(w, sizeof(which))];
}

static bool is_special(__u32 which)
{
	return which == MACH_TASK_KERNEL_PORT ||
	       which == MACH_TASK_EXCEPTION_PORT ||
	       which == MACH_TASK_BOOTSTRAP_PORT;
}

bool choose_special(struct walk *w, struct walk_op *op)
{
	if (choose_target(w, op) == M_NULL)
		return false;
	op->right = choose_which(w);
	walk_say(w, " which %u", op->right);
	return true;
}

bool choose_set_special(struct walk *w, struct walk_op *op)
{
	if (!choose_special(w, op))
		return false;
	op->name = pick_chance(w, 20) ? MACH_PORT_NULL :
		   pick_name(w, op->task, MACH_PORT_TYPE_SEND);
	walk_say(w, " name %#x", op->name);
	return true;
}

static __s32 special_call(struct walk *w, struct walk_op *op,
			  unsigned long command)
{
	struct mach_ioc_special call = {
		.size = sizeof(call),
		.ret = MT_NO_RESULT,
		.task = op->via,
		.which = op->right,
		.name = op->name,
	};

	walk_ioctl(w, op->task, command, &call);
	op->name = call.name;
	return call.ret;
}

__s32 run_get_special(struct walk *w, struct walk_op *op)
{
	__s32 ret, got = special_call(w, op, MACH_IOC_TASK_GET_SPECIAL);
	short target = m_target(&w->m, op->task, op->via, &ret);
	const struct m_task *task = &w->m.task[target];

	if (target != M_NULL)
		ret = is_special(op->right) ? KERN_SUCCESS
					    : KERN_INVALID_ARGUMENT;
	walk_expect(w, "result", (__u32)got, (__u32)ret);
	if (ret != KERN_SUCCESS)
		return got;
	if (op->right == MACH_TASK_BOOTSTRAP_PORT && !task->own_bootstrap)
		give_bootstrap(w, op->task, op->name);
	else
		give_copy(w, op->task, task->special[op->right], op->name);
	return got;
}

/* The right comes with the request, so it is looked at first. */
static __s32 m_set_special(struct walk *w, short target,
			   const struct walk_op *op, __u32 name)
{
	struct m_task *task = &w->m.task[target];
	short port;

	__s32 ret = m_send_right(&w->m, op->task, name, &port);

	if (ret != KERN_SUCCESS)
		return ret;
	if (!is_special(op->right)) {
		m_release(&w->m, (struct m_right){
				 port, MACH_MSG_TYPE_PORT_SEND });
		return KERN_INVALID_ARGUMENT;
	}
	m_set_right(&w->m, &task->special[op->right], port);
	if (op->right == MACH_TASK_BOOTSTRAP_PORT)
		task->own_bootstrap = true;
	return KERN_SUCCESS;
}

__s32 run_set_special(struct walk *w, struct walk_op *op)
{
	__u32 name = op->name;
	__s32 ret, got = special_call(w, op, MACH_IOC_TASK_SET_SPECIAL);
	short target = m_target(&w->m, op->task, op->via, &ret);

	op->name = name;
	if (target != M_NULL)
		ret = m_set_special(w, target, op, name);
	walk_expect(w, "result", (__u32)got, (__u32)ret);
	return got;
}

/* ---- registered ports ---- */

bool choose_register(struct walk *w, struct walk_op *op)
{
	__u32 i;

	if (choose_target(w, op) == M_NULL)
		return false;
	op->count = pick_below(w, M_REGISTERED + 1);
	if (pick_chance(w, 3))
		op->count = M_REGISTERED + 1 + pick_below(w, 3);
	for (i = 0; i < M_REGISTERED && i < op->count; i++) {
		op->names[i] = pick_chance(w, 10) ? MACH_PORT_NULL :
			       pick_exact(w, op->task, MACH_PORT_TYPE_SEND);
		if (pick_chance(w, 3))
			op->names[i] = pick_name(w, op->task, ~0U);
	}
	walk_say(w, " count %u: %#x %#x %#x %#x", op->count, op->names[0],
		 op->names[1], op->names[2], op->names[3]);
	return true;
}

static __s32 registered_call(struct walk *w, struct walk_op *op,
			     unsigned long command)
{
	struct mach_ioc_registered call = {
		.size = sizeof(call),
		.ret = MT_NO_RESULT,
		.task = op->via,
		.count = op->count,
	};

	memcpy(call.ports, op->names, sizeof(call.ports));
	walk_ioctl(w, op->task, command, &call);
	memcpy(op->names, call.ports, sizeof(call.ports));
	op->count = call.count;
	return call.ret;
}

/* All or none; the rights are copies. */
static __s32 m_register(struct walk *w, short target, short task,
			const __u32 *names, __u32 count)
{
	short port[M_REGISTERED] = { M_NULL, M_NULL, M_NULL, M_NULL };
	__u32 i;

	if (count > M_REGISTERED)
		return KERN_INVALID_ARGUMENT;
	for (i = 0; i < count; i++)
		if (m_send_right(&w->m, task, names[i], &port[i]) !=
		    KERN_SUCCESS)
			break;
	if (i == count) {
		for (i = 0; i < M_REGISTERED; i++)
			m_set_right(&w->m, &w->m.task[target].registered[i],
				    port[i]);
		return KERN_SUCCESS;
	}
	while (i--)
		m_release(&w->m, (struct m_right){ port[i],
						   MACH_MSG_TYPE_PORT_SEND });
	return MACH_SEND_INVALID_RIGHT;
}

__s32 run_register(struct walk *w, struct walk_op *op)
{
	__u32 names[M_REGISTERED], count = op->count;
	__s32 ret, got;
	short target;

	memcpy(names, op->names, sizeof(names));
	got = registered_call(w, op, MACH_IOC_PORTS_REGISTER);
	target = m_target(&w->m, op->task, op->via, &ret);
	if (target != M_NULL)
		ret = m_register(w, target, op->task, names, count);
	walk_expect(w, "result", (__u32)got, (__u32)ret);
	return got;
}

bool choose_lookup(struct walk *w, struct walk_op *op)
{
	return choose_target(w, op) != M_NULL;
}

__s32 run_lookup(struct walk *w, struct walk_op *op)
{
	__s32 ret, got = registered_call(w, op, MACH_IOC_PORTS_LOOKUP);
	short i, target = m_target(&w->m, op->task, op->via, &ret);

	if (target != M_NULL)
		ret = KERN_SUCCESS;
	walk_expect(w, "result", (__u32)got, (__u32)ret);
	if (ret != KERN_SUCCESS)
		return got;
	walk_expect(w, "count", op->count, M_REGISTERED);
	for (i = 0; i < M_REGISTERED; i++)
		give_copy(w, op->task, w->m.task[target].registered[i],
			  op->names[i]);
	return got;
}

/* ---- death ---- */

/*
 * Nobody says in which order the rights of a dying task end.  Where it would
 * make a difference the task is doomed: it destroys names of its own until
 * the order does not matter.
 */
bool choose_death(struct walk *w, struct walk_op *op)
{
	op->task = w->doomed == M_NULL ? pick_task(w) : w->doomed;
	if (m_order_matters(&w->m, op->task)) {
		if (w->doomed == M_NULL)
			w->patience = 100;
		w->doomed = --w->patience ? op->task : M_NULL;
		return false;
	}
	w->doomed = M_NULL;
	walk_say(w, " task %d", op->task);
	return true;
}

__s32 run_death(struct walk *w, struct walk_op *op)
{
	m_kill_task(&w->m, op->task);
	walk_close_task(w, op->task);
	check_settled(w);
	walk_open_task(w);
	return KERN_SUCCESS;
}
