// SPDX-License-Identifier: GPL-2.0
/*
 * Tasks and the port calls: the bare ioctls.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "mach_test.h"

void mt_fail(const char *file, int line, const char *what, long value)
{
	dprintf(STDERR_FILENO, "# %s:%d: %s: %ld (%#lx), errno %d\n", file,
		line, what, value, value, errno);
	abort();
}

void mt_open(struct mt_task *task)
{
	task->self = MACH_PORT_NULL;
	task->fd = open("/dev/mach", O_RDWR | O_CLOEXEC);
	mt_check(task->fd >= 0);
	mt_must(mt_name_call(task, MACH_IOC_TASK_SELF, &task->self));
}

void mt_close(struct mt_task *task)
{
	mt_must(close(task->fd));
	task->fd = -1;
}

int mt_ioctl(const struct mt_task *task, unsigned long command, void *arg)
{
	return ioctl(task->fd, command, arg) < 0 ? -errno : 0;
}

__s32 mt_name_call(const struct mt_task *task, unsigned long command,
		   __u32 *name)
{
	struct mach_ioc_name call = {
		.size = sizeof(call),
		.ret = MT_NO_RESULT,
		.name = *name,
	};

	mt_must(mt_ioctl(task, command, &call));
	*name = call.name;
	return call.ret;
}

static __s32 port_call(const struct mt_task *task, unsigned long command,
		       struct mach_ioc_port *call)
{
	call->size = sizeof(*call);
	call->ret = MT_NO_RESULT;
	call->task = task->self;
	mt_must(mt_ioctl(task, command, call));
	return call->ret;
}

__s32 mt_allocate(const struct mt_task *task, __u32 right, __u32 *name)
{
	struct mach_ioc_port call = { .right = right };
	__s32 ret = port_call(task, MACH_IOC_PORT_ALLOCATE, &call);

	*name = call.name;
	return ret;
}

__s32 mt_destroy(const struct mt_task *task, __u32 name)
{
	struct mach_ioc_port call = { .name = name };

	return port_call(task, MACH_IOC_PORT_DESTROY, &call);
}

__s32 mt_deallocate(const struct mt_task *task, __u32 name)
{
	struct mach_ioc_port call = { .name = name };

	return port_call(task, MACH_IOC_PORT_DEALLOCATE, &call);
}

__s32 mt_get_refs(const struct mt_task *task, __u32 name, __u32 right,
		  __u32 *refs)
{
	struct mach_ioc_port call = { .name = name, .right = right };
	__s32 ret = port_call(task, MACH_IOC_PORT_GET_REFS, &call);

	*refs = call.refs;
	return ret;
}

__s32 mt_mod_refs(const struct mt_task *task, __u32 name, __u32 right,
		  __s32 delta)
{
	struct mach_ioc_port call = {
		.name = name,
		.right = right,
		.delta = delta,
	};

	return port_call(task, MACH_IOC_PORT_MOD_REFS, &call);
}

__s32 mt_get_type(const struct mt_task *task, __u32 name, __u32 *type)
{
	struct mach_ioc_port call = { .name = name };
	__s32 ret = port_call(task, MACH_IOC_PORT_TYPE, &call);

	*type = call.type;
	return ret;
}

__s32 mt_insert(const struct mt_task *task, __u32 name, __u32 poly,
		__u32 poly_type)
{
	struct mach_ioc_insert call = {
		.size = sizeof(call),
		.ret = MT_NO_RESULT,
		.task = task->self,
		.name = name,
		.poly = poly,
		.poly_type = poly_type,
	};

	mt_must(mt_ioctl(task, MACH_IOC_PORT_INSERT_RIGHT, &call));
	return call.ret;
}

__s32 mt_request(const struct mt_task *task, __u32 name, __u32 id, __u32 sync,
		 __u32 notify, __u32 notify_type, __u32 *previous)
{
	struct mach_ioc_notification call = {
		.size = sizeof(call),
		.ret = MT_NO_RESULT,
		.task = task->self,
		.name = name,
		.id = id,
		.sync = sync,
		.notify = notify,
		.notify_type = notify_type,
		.previous = MACH_PORT_DEAD,
	};

	mt_must(mt_ioctl(task, MACH_IOC_PORT_REQUEST_NOTIFICATION, &call));
	*previous = call.previous;
	return call.ret;
}

__u32 mt_receive_right(const struct mt_task *task)
{
	__u32 name;

	mt_must(mt_allocate(task, MACH_PORT_RIGHT_RECEIVE, &name));
	return name;
}

__u32 mt_dead_name(const struct mt_task *task)
{
	__u32 name;

	mt_must(mt_allocate(task, MACH_PORT_RIGHT_DEAD_NAME, &name));
	return name;
}

void mt_make_send(const struct mt_task *task, __u32 port)
{
	mt_must(mt_insert(task, port, port, MACH_MSG_TYPE_MAKE_SEND));
}

__u32 mt_port(const struct mt_task *task)
{
	__u32 name = mt_receive_right(task);

	mt_make_send(task, name);
	return name;
}

__u32 mt_refs(const struct mt_task *task, __u32 name, __u32 right)
{
	__u32 refs;

	mt_must(mt_get_refs(task, name, right, &refs));
	return refs;
}

__u32 mt_types(const struct mt_task *task, __u32 name)
{
	__u32 type;
	__s32 ret = mt_get_type(task, name, &type);

	if (ret == KERN_INVALID_NAME)
		return MACH_PORT_TYPE_NONE;
	mt_must(ret);
	return type;
}

void mt_arm(const struct mt_task *task, __u32 name, __u32 id, __u32 notify)
{
	__u32 previous;

	mt_must(mt_request(task, name, id, 0, notify,
			   MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	mt_check(previous == MACH_PORT_NULL);
}
