// SPDX-License-Identifier: GPL-2.0
/*
 * The port calls of mach_calls.h: the bare ioctls.
 */
#include <sys/mman.h>

#include "mach_calls.h"

static __s32 value_call(const struct mt_task *task, unsigned long command,
			__u32 name, __u64 *value)
{
	struct mach_ioc_value call = {
		.size = sizeof(call),
		.ret = MT_NO_RESULT,
		.task = task->self,
		.name = name,
		.value = *value,
	};

	mt_must(mt_ioctl(task, command, &call));
	*value = call.value;
	return call.ret;
}

__s32 mt_allocate_name(const struct mt_task *task, __u32 right, __u32 name)
{
	struct mach_ioc_port call = {
		.size = sizeof(call),
		.ret = MT_NO_RESULT,
		.task = task->self,
		.name = name,
		.right = right,
	};

	mt_must(mt_ioctl(task, MACH_IOC_PORT_ALLOCATE_NAME, &call));
	return call.ret;
}

__s32 mt_rename(const struct mt_task *task, __u32 name, __u32 new_name)
{
	__u64 value = new_name;

	return value_call(task, MACH_IOC_PORT_RENAME, name, &value);
}

__s32 mt_names(const struct mt_task *task, __u32 *names, __u32 *types,
	       __u32 capacity, __u32 *count)
{
	struct mach_ioc_names call = {
		.size = sizeof(call),
		.ret = MT_NO_RESULT,
		.task = task->self,
		.names = (unsigned long)names,
		.types = (unsigned long)types,
		.capacity = capacity,
	};

	mt_must(mt_ioctl(task, MACH_IOC_PORT_NAMES, &call));
	*count = call.count;
	return call.ret;
}

__s32 mt_extract(const struct mt_task *task, __u32 name, __u32 disposition,
		 __u32 *poly, __u32 *poly_type)
{
	struct mach_ioc_extract call = {
		.size = sizeof(call),
		.ret = MT_NO_RESULT,
		.task = task->self,
		.name = name,
		.disposition = disposition,
	};

	mt_must(mt_ioctl(task, MACH_IOC_PORT_EXTRACT_RIGHT, &call));
	*poly = call.poly;
	*poly_type = call.poly_type;
	return call.ret;
}

__u32 mt_set(const struct mt_task *task)
{
	__u32 name;

	mt_must(mt_allocate(task, MACH_PORT_RIGHT_PORT_SET, &name));
	return name;
}

__s32 mt_receive_status(const struct mt_task *task, __u32 name,
			struct mach_ioc_receive_status *status)
{
	struct mach_ioc_receive_status call = {
		.size = sizeof(call),
		.ret = MT_NO_RESULT,
		.task = task->self,
		.name = name,
	};

	mt_must(mt_ioctl(task, MACH_IOC_PORT_GET_RECEIVE_STATUS, &call));
	*status = call;
	return call.ret;
}

struct mach_ioc_receive_status mt_status(const struct mt_task *task,
					 __u32 name)
{
	struct mach_ioc_receive_status status;

	mt_must(mt_receive_status(task, name, &status));
	return status;
}

__s32 mt_set_qlimit(const struct mt_task *task, __u32 name, __u64 qlimit)
{
	return value_call(task, MACH_IOC_PORT_SET_QLIMIT, name, &qlimit);
}

__s32 mt_set_mscount(const struct mt_task *task, __u32 name, __u64 mscount)
{
	return value_call(task, MACH_IOC_PORT_SET_MSCOUNT, name, &mscount);
}

__s32 mt_set_seqno(const struct mt_task *task, __u32 name, __u64 seqno)
{
	return value_call(task, MACH_IOC_PORT_SET_SEQNO, name, &seqno);
}

__s32 mt_set_payload(const struct mt_task *task, __u32 name, __u64 payload)
{
	return value_call(task, MACH_IOC_PORT_SET_PAYLOAD, name, &payload);
}

__s32 mt_clear_payload(const struct mt_task *task, __u32 name)
{
	__u64 value = 0;

	return value_call(task, MACH_IOC_PORT_CLEAR_PAYLOAD, name, &value);
}

__s32 mt_srights(const struct mt_task *task, __u32 name, __u64 *count)
{
	*count = 0;
	return value_call(task, MACH_IOC_PORT_GET_SRIGHTS, name, count);
}

__s32 mt_dnrequests(const struct mt_task *task, __u32 name, __u64 *count)
{
	*count = 0;
	return value_call(task, MACH_IOC_PORT_DNREQUEST_INFO, name, count);
}

__s32 mt_move_member(const struct mt_task *task, __u32 member, __u32 after)
{
	__u64 value = after;

	return value_call(task, MACH_IOC_PORT_MOVE_MEMBER, member, &value);
}

__s32 mt_set_members(const struct mt_task *task, __u32 set, __u32 *members,
		     __u32 capacity, __u32 *count)
{
	struct mach_ioc_members call = {
		.size = sizeof(call),
		.ret = MT_NO_RESULT,
		.task = task->self,
		.members = (unsigned long)members,
		.name = set,
		.capacity = capacity,
	};

	mt_must(mt_ioctl(task, MACH_IOC_PORT_GET_SET_STATUS, &call));
	*count = call.count;
	return call.ret;
}

__s32 mt_register(const struct mt_task *task,
		  const __u32 ports[MACH_TASK_PORT_REGISTER_MAX], __u32 count)
{
	struct mach_ioc_registered call = {
		.size = sizeof(call),
		.ret = MT_NO_RESULT,
		.task = task->self,
		.count = count,
	};
	int i;

	for (i = 0; i < MACH_TASK_PORT_REGISTER_MAX; i++)
		call.ports[i] = ports[i];
	mt_must(mt_ioctl(task, MACH_IOC_PORTS_REGISTER, &call));
	return call.ret;
}

__s32 mt_lookup(const struct mt_task *task,
		__u32 ports[MACH_TASK_PORT_REGISTER_MAX], __u32 *count)
{
	struct mach_ioc_registered call = {
		.size = sizeof(call),
		.ret = MT_NO_RESULT,
		.task = task->self,
	};
	int i;

	mt_must(mt_ioctl(task, MACH_IOC_PORTS_LOOKUP, &call));
	for (i = 0; i < MACH_TASK_PORT_REGISTER_MAX; i++)
		ports[i] = call.ports[i];
	*count = call.count;
	return call.ret;
}

static __s32 special_call(const struct mt_task *task, unsigned long command,
			  __u32 which, __u32 *name)
{
	struct mach_ioc_special call = {
		.size = sizeof(call),
		.ret = MT_NO_RESULT,
		.task = task->self,
		.which = which,
		.name = *name,
	};

	mt_must(mt_ioctl(task, command, &call));
	*name = call.name;
	return call.ret;
}

__s32 mt_get_special(const struct mt_task *task, __u32 which, __u32 *name)
{
	*name = MACH_PORT_NULL;
	return special_call(task, MACH_IOC_TASK_GET_SPECIAL, which, name);
}

__s32 mt_set_special(const struct mt_task *task, __u32 which, __u32 name)
{
	return special_call(task, MACH_IOC_TASK_SET_SPECIAL, which, &name);
}

static __s32 file_call(const struct mt_task *task, unsigned long command,
		       int fd, __u32 *name)
{
	struct mach_ioc_file call = {
		.size = sizeof(call),
		.ret = MT_NO_RESULT,
		.fd = fd,
	};

	mt_must(mt_ioctl(task, command, &call));
	*name = call.name;
	return call.ret;
}

__s32 mt_task_for_file(const struct mt_task *task, int fd, __u32 *name)
{
	return file_call(task, MACH_IOC_TASK_FOR_FILE, fd, name);
}

__s32 mt_inherit(const struct mt_task *task, int fd)
{
	__u32 unused;

	return file_call(task, MACH_IOC_INHERIT, fd, &unused);
}

static __u32 self_call(const struct mt_task *task, unsigned long command)
{
	__u32 name = MACH_PORT_NULL;

	mt_must(mt_name_call(task, command, &name));
	return name;
}

__u32 mt_task_self(const struct mt_task *task)
{
	return self_call(task, MACH_IOC_TASK_SELF);
}

__u32 mt_thread_self(const struct mt_task *task)
{
	return self_call(task, MACH_IOC_THREAD_SELF);
}

__u32 mt_host_self(const struct mt_task *task)
{
	return self_call(task, MACH_IOC_HOST_SELF);
}

void mt_put_rights_array(struct mt_message *message, const __u32 *names,
			 __u32 number, __u32 disposition, __u64 flags)
{
	mt_put(message, MACH_MSG_DESC(disposition, MACH_MSG_PORT_OOL_BITS,
				      number, flags));
	mt_put(message, (unsigned long)names);
}

const __u32 *mt_rights_array(struct mt_message *message, unsigned int index,
			     __u32 number)
{
	struct mt_item item = mt_item(message, index);

	mt_check(mt_item_name(&item) >= MACH_MSG_TYPE_PORT_RECEIVE);
	mt_check(mt_item_name(&item) <= MACH_MSG_TYPE_PORT_SEND_ONCE);
	mt_check(mt_item_bits(&item) == MACH_MSG_PORT_OOL_BITS);
	mt_check(mt_item_number(&item) >= number);
	mt_check(!(item.desc & MACH_MSG_DESC_INLINE));
	mt_check(item.desc & MACH_MSG_DESC_DEALLOCATE);
	return (const __u32 *)(unsigned long)item.data[0];
}

void mt_free_array(struct mt_message *message, unsigned int index)
{
	struct mt_item item = mt_item(message, index);
	unsigned long start = item.data[0];
	unsigned long end = start + 4UL * mt_item_number(&item);

	start &= -MT_PAGE;
	end = (end + MT_PAGE - 1) & -MT_PAGE;
	mt_must(munmap((void *)start, end - start));
}
