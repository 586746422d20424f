// SPDX-License-Identifier: GPL-2.0
/*
 * The calls on tasks: see task_calls.h.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/mach.h>
#include <linux/nospec.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "aftermath.h"
#include "descriptor.h"
#include "instance.h"
#include "kmsg.h"
#include "port.h"
#include "refs.h"
#include "right.h"
#include "space.h"
#include "special.h"
#include "task.h"
#include "task_calls.h"
#include "thread.h"

/* Give the right a name in the caller's space. */
static int deliver(struct mach_space *space, struct mach_carried *right,
		   u32 *name, struct mach_aftermath *after)
{
	int ret;

	mutex_lock(&space->lock);
	ret = mach_right_deliver(space, right, name, after);
	mutex_unlock(&space->lock);
	return ret;
}

/* A copy of the send right @name of the caller. */
static int copy_send(struct mach_space *space, u32 name,
		     struct mach_carried *right, struct mach_aftermath *after)
{
	int ret;

	mutex_lock(&space->lock);
	ret = mach_right_capture(space, name, MACH_MSG_TYPE_COPY_SEND, NULL,
				 right, NULL, after);
	mutex_unlock(&space->lock);
	return ret;
}

/*
 * ---- self ----
 */

int mach_call_task_self(struct mach_space *space, void *data)
{
	struct mach_ioc_name *args = data;
	struct mach_carried self;
	MACH_AFTERMATH(after);

	args->ret = mach_special_get(space, MACH_TASK_KERNEL_PORT, &self,
				     &after);
	if (!args->ret)
		args->ret = deliver(space, &self, &args->name, &after);
	mach_aftermath_run(&after);
	return 0;
}

int mach_call_thread_self(struct mach_space *space, void *data)
{
	struct mach_ioc_name *args = data;
	struct mach_carried self;
	MACH_AFTERMATH(after);

	args->ret = mach_thread_self(space, &self, &after);
	if (!args->ret)
		args->ret = deliver(space, &self, &args->name, &after);
	mach_aftermath_run(&after);
	return 0;
}

int mach_call_host_self(struct mach_space *space, void *data)
{
	struct mach_ioc_name *args = data;
	struct mach_carried host;
	MACH_AFTERMATH(after);

	mach_instance_get_host(&host);
	args->ret = deliver(space, &host, &args->name, &after);
	mach_aftermath_run(&after);
	return 0;
}

int mach_call_reply_port(struct mach_space *space, void *data)
{
	struct mach_ioc_name *args = data;
	MACH_AFTERMATH(after);

	mutex_lock(&space->lock);
	args->ret = mach_refs_allocate(space, MACH_PORT_RIGHT_RECEIVE,
				       &args->name, &after);
	mutex_unlock(&space->lock);
	mach_aftermath_run(&after);
	return 0;
}

/*
 * ---- the instance's bootstrap port ----
 */

int mach_call_get_bootstrap(struct mach_space *space, void *data)
{
	struct mach_ioc_name *args = data;
	struct mach_carried right;
	MACH_AFTERMATH(after);

	mach_instance_get_bootstrap(&right, &after);
	args->ret = deliver(space, &right, &args->name, &after);
	mach_aftermath_run(&after);
	return 0;
}

int mach_call_set_bootstrap(struct mach_space *space, void *data)
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
 * ---- another task's file ----
 */

int mach_call_task_for_file(struct mach_space *space, void *data)
{
	struct mach_ioc_file *args = data;
	struct mach_space *task = mach_descriptor_space(args->fd);
	struct mach_carried right;
	MACH_AFTERMATH(after);

	if (!task)
		return -EBADF;
	if (mach_space_is_dying(task)) {
		args->ret = KERN_FAILURE;
	} else {
		mach_special_own_port(task, &right);
		args->ret = deliver(space, &right, &args->name, &after);
	}
	/* It may die at any moment, also at this one. */
	if (!args->ret && args->name == MACH_PORT_DEAD)
		args->ret = KERN_FAILURE;
	mach_space_put(task);
	mach_aftermath_run(&after);
	return 0;
}

/* Is the process that opened @parent the caller's parent? */
static bool is_child_of(const struct mach_space *parent)
{
	bool child;

	rcu_read_lock();
	child = task_tgid(rcu_dereference(current->real_parent)) ==
		parent->opener->pid;
	rcu_read_unlock();
	return child;
}

int mach_call_inherit(struct mach_space *space, void *data)
{
	struct mach_ioc_file *args = data;
	struct mach_space *parent = mach_descriptor_space(args->fd);
	MACH_AFTERMATH(after);

	if (!parent)
		return -EBADF;
	if (is_child_of(parent))
		args->ret = mach_special_inherit(space, parent, &after);
	else
		args->ret = KERN_NO_ACCESS;
	mach_space_put(parent);
	mach_aftermath_run(&after);
	return 0;
}

/*
 * ---- special and registered ports ----
 */

int mach_call_task_get_special(struct mach_space *space, void *data)
{
	struct mach_ioc_special *args = data;
	struct mach_carried right;
	struct mach_space *task;
	MACH_AFTERMATH(after);

	args->ret = mach_task_lookup(space, args->task, &task);
	if (args->ret)
		return 0;
	args->ret = mach_special_get(task, args->which, &right, &after);
	mach_space_put(task);
	if (!args->ret)
		args->ret = deliver(space, &right, &args->name, &after);
	mach_aftermath_run(&after);
	return 0;
}

static int set_special(struct mach_space *space, struct mach_space *task,
		       const struct mach_ioc_special *args,
		       struct mach_aftermath *after)
{
	struct mach_carried right;
	int ret = copy_send(space, args->name, &right, after);

	if (ret)
		return ret;
	ret = mach_special_set(task, args->which, &right, after);
	mach_port_release(&right, after);
	return ret;
}

int mach_call_task_set_special(struct mach_space *space, void *data)
{
	struct mach_ioc_special *args = data;
	struct mach_space *task;
	MACH_AFTERMATH(after);

	args->ret = mach_task_lookup(space, args->task, &task);
	if (args->ret)
		return 0;
	args->ret = set_special(space, task, args, &after);
	mach_space_put(task);
	mach_aftermath_run(&after);
	return 0;
}

static int register_ports(struct mach_space *space, struct mach_space *task,
			  const struct mach_ioc_registered *args,
			  struct mach_aftermath *after)
{
	struct mach_carried rights[MACH_TASK_PORT_REGISTER_MAX] = {};
	int ret = KERN_SUCCESS;
	u32 i, count;

	if (args->count > MACH_TASK_PORT_REGISTER_MAX)
		return KERN_INVALID_ARGUMENT;
	count = array_index_nospec(args->count,
				   MACH_TASK_PORT_REGISTER_MAX + 1);
	for (i = 0; i < count && !ret; i++)
		ret = copy_send(space, args->ports[i], &rights[i], after);
	if (!ret)
		return mach_special_register(task, rights, after);
	while (i--)
		mach_port_release(&rights[i], after);
	/* In GNU Mach always a message, whose body the rights are in. */
	return MACH_SEND_INVALID_RIGHT;
}

int mach_call_ports_register(struct mach_space *space, void *data)
{
	struct mach_ioc_registered *args = data;
	struct mach_space *task;
	MACH_AFTERMATH(after);

	args->ret = mach_task_lookup(space, args->task, &task);
	if (args->ret)
		return 0;
	args->ret = register_ports(space, task, args, &after);
	mach_space_put(task);
	mach_aftermath_run(&after);
	return 0;
}

/* All or none: the caller is told of no name when one cannot be had. */
static int deliver_all(struct mach_space *space, struct mach_carried rights[],
		       u32 names[], struct mach_aftermath *after)
{
	int ret = KERN_SUCCESS;
	int i;

	for (i = 0; i < MACH_TASK_PORT_REGISTER_MAX; i++) {
		if (!ret)
			ret = deliver(space, &rights[i], &names[i], after);
		mach_port_release(&rights[i], after);
	}
	for (i = 0; ret && i < MACH_TASK_PORT_REGISTER_MAX; i++) {
		mutex_lock(&space->lock);
		mach_refs_deallocate(space, names[i], after);
		mutex_unlock(&space->lock);
		names[i] = MACH_PORT_NULL;
	}
	return ret;
}

int mach_call_ports_lookup(struct mach_space *space, void *data)
{
	struct mach_carried rights[MACH_TASK_PORT_REGISTER_MAX];
	struct mach_ioc_registered *args = data;
	struct mach_space *task;
	MACH_AFTERMATH(after);

	args->ret = mach_task_lookup(space, args->task, &task);
	if (args->ret)
		return 0;
	mach_special_lookup(task, rights);
	mach_space_put(task);
	memset(args->ports, 0, sizeof(args->ports));
	args->count = MACH_TASK_PORT_REGISTER_MAX;
	args->ret = deliver_all(space, rights, args->ports, &after);
	mach_aftermath_run(&after);
	return 0;
}
