// SPDX-License-Identifier: GPL-2.0
/*
 * The calls, one function each, and their table: see calls.h.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/nospec.h>

#include "aftermath.h"
#include "calls.h"
#include "codec.h"
#include "instance.h"
#include "kmsg.h"
#include "limits.h"
#include "msg.h"
#include "port.h"
#include "request.h"
#include "right.h"
#include "space.h"
#include "stats.h"
#include "task.h"

/*
 * ---- about the module ----
 */

static int call_features(struct mach_space *space, void *data)
{
	struct mach_ioc_features *out = data;

	out->features = MACH_FEATURE_OOL_COPY | MACH_FEATURE_OOL_MOVE;
	out->abi_version = MACH_ABI_VERSION;
	out->max_inline = mach_limits.max_inline;
	out->max_regions = mach_limits.max_regions;
	out->max_ports = mach_limits.max_ports;
	out->max_region_bytes = mach_limits.max_region_bytes;
	out->max_user_ports = mach_charge_limit(MACH_CHARGE_PORTS);
	out->max_user_names = mach_charge_limit(MACH_CHARGE_NAMES);
	out->max_user_bytes = mach_charge_limit(MACH_CHARGE_BYTES);
	out->max_user_pages = mach_charge_limit(MACH_CHARGE_PAGES);
	out->max_user_send_once = mach_charge_limit(MACH_CHARGE_SEND_ONCE);
	return 0;
}

static int call_stats(struct mach_space *space, void *data)
{
	struct mach_ioc_stats *out = data;
	bool module = out->flags & MACH_STATS_MODULE;

	if (module && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	*out = (struct mach_ioc_stats){ .size = out->size,
					.flags = out->flags };
	mach_stats_read(module ? &mach_module_stats : &space->stats, module,
			out);
	return 0;
}

static int call_msg(struct mach_space *space, void *data)
{
	mach_msg(space, data);
	return 0;
}

/*
 * ---- calls that give a name ----
 */

static int deliver(struct mach_space *space, struct mach_carried *right,
		   u32 *name, struct mach_aftermath *after)
{
	int ret;

	mutex_lock(&space->lock);
	ret = mach_right_deliver(space, right, name, after);
	mutex_unlock(&space->lock);
	return ret;
}

static int call_task_self(struct mach_space *space, void *data)
{
	struct mach_ioc_name *args = data;
	struct mach_carried self;
	MACH_AFTERMATH(after);

	mach_task_self(space, &self);
	args->ret = deliver(space, &self, &args->name, &after);
	mach_aftermath_run(&after);
	return 0;
}

static int call_reply_port(struct mach_space *space, void *data)
{
	struct mach_ioc_name *args = data;
	MACH_AFTERMATH(after);

	mutex_lock(&space->lock);
	args->ret = mach_right_allocate(space, MACH_PORT_RIGHT_RECEIVE,
					&args->name, &after);
	mutex_unlock(&space->lock);
	mach_aftermath_run(&after);
	return 0;
}

static int call_get_bootstrap(struct mach_space *space, void *data)
{
	struct mach_ioc_name *args = data;
	struct mach_carried right;
	MACH_AFTERMATH(after);

	mach_instance_get_bootstrap(&right, &after);
	args->ret = deliver(space, &right, &args->name, &after);
	mach_aftermath_run(&after);
	return 0;
}

static int call_set_bootstrap(struct mach_space *space, void *data)
{
	struct mach_ioc_name *args = data;
	struct mach_carried right;
	MACH_AFTERMATH(after);

	if (!capable(CAP_SYS_ADMIN)) {
		args->ret = KERN_NO_ACCESS;
		return 0;
	}
	mutex_lock(&space->lock);
	args->ret = mach_right_capture(space, args->name,
				       MACH_MSG_TYPE_COPY_SEND, NULL,
				       &right, NULL, &after);
	mutex_unlock(&space->lock);
	if (right.kind == MACH_CARRIED_DEAD)
		args->ret = KERN_INVALID_CAPABILITY;
	if (!args->ret)
		mach_instance_set_bootstrap(&right, &after);
	mach_aftermath_run(&after);
	return 0;
}

/*
 * ---- port calls ----
 */

/* What a port call does in the task that it names, under its lock. */
typedef int (*port_operation)(struct mach_space *task,
			      struct mach_ioc_port *args,
			      struct mach_aftermath *after);

static int run_on_task(struct mach_space *space, struct mach_ioc_port *args,
		       port_operation operation)
{
	struct mach_space *task;
	MACH_AFTERMATH(after);

	args->ret = mach_task_lookup(space, args->task, &task);
	if (args->ret)
		return 0;
	mutex_lock(&task->lock);
	args->ret = operation(task, args, &after);
	mutex_unlock(&task->lock);
	mach_space_put(task);
	mach_aftermath_run(&after);
	return 0;
}

static int allocate(struct mach_space *task, struct mach_ioc_port *args,
		    struct mach_aftermath *after)
{
	return mach_right_allocate(task, args->right, &args->name, after);
}

static int destroy(struct mach_space *task, struct mach_ioc_port *args,
		   struct mach_aftermath *after)
{
	return mach_right_destroy(task, args->name, after);
}

static int deallocate(struct mach_space *task, struct mach_ioc_port *args,
		      struct mach_aftermath *after)
{
	return mach_right_deallocate(task, args->name, after);
}

static int get_refs(struct mach_space *task, struct mach_ioc_port *args,
		    struct mach_aftermath *after)
{
	return mach_right_get_refs(task, args->name, args->right, &args->refs);
}

static int mod_refs(struct mach_space *task, struct mach_ioc_port *args,
		    struct mach_aftermath *after)
{
	return mach_right_mod_refs(task, args->name, args->right, args->delta,
				   after);
}

static int type(struct mach_space *task, struct mach_ioc_port *args,
		struct mach_aftermath *after)
{
	return mach_right_type(task, args->name, &args->type);
}

static int call_port_allocate(struct mach_space *space, void *data)
{
	return run_on_task(space, data, allocate);
}

static int call_port_destroy(struct mach_space *space, void *data)
{
	return run_on_task(space, data, destroy);
}

static int call_port_deallocate(struct mach_space *space, void *data)
{
	return run_on_task(space, data, deallocate);
}

static int call_port_get_refs(struct mach_space *space, void *data)
{
	return run_on_task(space, data, get_refs);
}

static int call_port_mod_refs(struct mach_space *space, void *data)
{
	return run_on_task(space, data, mod_refs);
}

static int call_port_type(struct mach_space *space, void *data)
{
	return run_on_task(space, data, type);
}

/*
 * ---- calls that carry a right from the caller to the task ----
 */

/* Take @name out of the caller's space, for a task. */
static int capture(struct mach_space *space, u32 name, u32 disposition,
		   struct mach_carried *right, struct mach_aftermath *after)
{
	int ret;

	mutex_lock(&space->lock);
	ret = mach_right_capture(space, name, disposition, NULL, right, NULL,
				 after);
	mutex_unlock(&space->lock);
	return ret;
}

static int insert(struct mach_space *space, struct mach_space *task,
		  struct mach_ioc_insert *args, struct mach_aftermath *after)
{
	struct mach_carried right;
	int ret;

	if (!mach_is_name(args->name) || args->poly_type > MACH_MSG_TYPE_LAST ||
	    !mach_type_is_port(args->poly_type))
		return KERN_INVALID_VALUE;
	ret = capture(space, args->poly, args->poly_type, &right, after);
	if (ret)
		return ret;
	mutex_lock(&task->lock);
	ret = mach_right_deliver_as(task, &right, args->name, after);
	mutex_unlock(&task->lock);
	return ret;
}

static int call_port_insert_right(struct mach_space *space, void *data)
{
	struct mach_ioc_insert *args = data;
	struct mach_space *task;
	MACH_AFTERMATH(after);

	args->ret = mach_task_lookup(space, args->task, &task);
	if (args->ret)
		return 0;
	args->ret = insert(space, task, args, &after);
	mach_space_put(task);
	mach_aftermath_run(&after);
	return 0;
}

static int request(struct mach_space *space, struct mach_space *task,
		   struct mach_ioc_notification *args,
		   struct mach_aftermath *after)
{
	struct mach_carried notify, previous;
	int ret;

	if (args->notify_type != MACH_MSG_TYPE_MAKE_SEND_ONCE &&
	    args->notify_type != MACH_MSG_TYPE_MOVE_SEND_ONCE)
		return KERN_INVALID_VALUE;
	ret = capture(space, args->notify, args->notify_type, &notify, after);
	if (ret)
		return ret;
	mutex_lock(&task->lock);
	ret = mach_request_arm(task, args->name, args->id, args->sync,
			       &notify, &previous, after);
	mutex_unlock(&task->lock);
	if (ret)
		return ret;
	return deliver(space, &previous, &args->previous, after);
}

static int call_port_request_notification(struct mach_space *space, void *data)
{
	struct mach_ioc_notification *args = data;
	struct mach_space *task;
	MACH_AFTERMATH(after);

	args->ret = mach_task_lookup(space, args->task, &task);
	if (args->ret)
		return 0;
	args->ret = request(space, task, args, &after);
	mach_space_put(task);
	mach_aftermath_run(&after);
	return 0;
}

/*
 * ---- the table ----
 */

#define CALL(type, function, more...)					\
	{								\
		.run = function,					\
		.size = sizeof(struct type),				\
		.first_size = sizeof(struct type),			\
		more							\
	}

#define PAD(type)	.pad = offsetof(struct type, pad)
#define RET		.has_ret = true
#define ONLY_RET	.has_ret = true, .only_ret = true

static const struct mach_call calls[] = {
	[MACH_IOC_NR_FEATURES] = CALL(mach_ioc_features, call_features),
	[MACH_IOC_NR_STATS] = CALL(mach_ioc_stats, call_stats,
				   .flags = MACH_STATS_MODULE),
	[MACH_IOC_NR_MSG] = CALL(mach_ioc_msg, call_msg, ONLY_RET,
				 PAD(mach_ioc_msg)),
	[MACH_IOC_NR_TASK_SELF] = CALL(mach_ioc_name, call_task_self, RET),
	[MACH_IOC_NR_REPLY_PORT] = CALL(mach_ioc_name, call_reply_port, RET),
	[MACH_IOC_NR_GET_BOOTSTRAP] = CALL(mach_ioc_name, call_get_bootstrap,
					   RET),
	[MACH_IOC_NR_SET_BOOTSTRAP] = CALL(mach_ioc_name, call_set_bootstrap,
					   RET),
	[MACH_IOC_NR_PORT_ALLOCATE] = CALL(mach_ioc_port, call_port_allocate,
					   RET, PAD(mach_ioc_port)),
	[MACH_IOC_NR_PORT_DESTROY] = CALL(mach_ioc_port, call_port_destroy,
					  RET, PAD(mach_ioc_port)),
	[MACH_IOC_NR_PORT_DEALLOCATE] = CALL(mach_ioc_port,
					     call_port_deallocate, RET,
					     PAD(mach_ioc_port)),
	[MACH_IOC_NR_PORT_GET_REFS] = CALL(mach_ioc_port, call_port_get_refs,
					   RET, PAD(mach_ioc_port)),
	[MACH_IOC_NR_PORT_MOD_REFS] = CALL(mach_ioc_port, call_port_mod_refs,
					   RET, PAD(mach_ioc_port)),
	[MACH_IOC_NR_PORT_TYPE] = CALL(mach_ioc_port, call_port_type, RET,
				       PAD(mach_ioc_port)),
	[MACH_IOC_NR_PORT_INSERT_RIGHT] = CALL(mach_ioc_insert,
					       call_port_insert_right, RET,
					       PAD(mach_ioc_insert)),
	[MACH_IOC_NR_PORT_REQUEST_NOTIFICATION] =
		CALL(mach_ioc_notification, call_port_request_notification,
		     RET),
};

const struct mach_call *mach_call_find(u32 nr)
{
	if (nr >= ARRAY_SIZE(calls))
		return NULL;
	nr = array_index_nospec(nr, ARRAY_SIZE(calls));
	return calls[nr].run ? &calls[nr] : NULL;
}
