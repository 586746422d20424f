// SPDX-License-Identifier: GPL-2.0
/*
 * The calls on port names: see port_calls.h.
 */
#include <linux/errno.h>
#include <linux/mach.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "aftermath.h"
#include "codec.h"
#include "kmsg.h"
#include "member.h"
#include "port.h"
#include "port_calls.h"
#include "receive.h"
#include "refs.h"
#include "request.h"
#include "right.h"
#include "space.h"
#include "task.h"
#include "user.h"

/*
 * ---- a name, and what it has ----
 */

/* What a call does in the task that it names, under its lock. */
typedef int (*port_operation)(struct mach_space *task,
			      struct mach_ioc_port *args,
			      struct mach_aftermath *after);

static int run_on_name(struct mach_space *space, struct mach_ioc_port *args,
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
	return mach_refs_allocate(task, args->right, &args->name, after);
}

static int allocate_name(struct mach_space *task, struct mach_ioc_port *args,
			 struct mach_aftermath *after)
{
	return mach_refs_allocate_name(task, args->right, args->name, after);
}

static int destroy(struct mach_space *task, struct mach_ioc_port *args,
		   struct mach_aftermath *after)
{
	return mach_refs_destroy(task, args->name, after);
}

static int deallocate(struct mach_space *task, struct mach_ioc_port *args,
		      struct mach_aftermath *after)
{
	return mach_refs_deallocate(task, args->name, after);
}

static int get_refs(struct mach_space *task, struct mach_ioc_port *args,
		    struct mach_aftermath *after)
{
	return mach_refs_get(task, args->name, args->right, &args->refs);
}

static int mod_refs(struct mach_space *task, struct mach_ioc_port *args,
		    struct mach_aftermath *after)
{
	return mach_refs_mod(task, args->name, args->right, args->delta,
			     after);
}

static int type(struct mach_space *task, struct mach_ioc_port *args,
		struct mach_aftermath *after)
{
	return mach_refs_type(task, args->name, &args->type);
}

int mach_call_port_allocate(struct mach_space *space, void *args)
{
	return run_on_name(space, args, allocate);
}

int mach_call_port_allocate_name(struct mach_space *space, void *args)
{
	return run_on_name(space, args, allocate_name);
}

int mach_call_port_destroy(struct mach_space *space, void *args)
{
	return run_on_name(space, args, destroy);
}

int mach_call_port_deallocate(struct mach_space *space, void *args)
{
	return run_on_name(space, args, deallocate);
}

int mach_call_port_get_refs(struct mach_space *space, void *args)
{
	return run_on_name(space, args, get_refs);
}

int mach_call_port_mod_refs(struct mach_space *space, void *args)
{
	return run_on_name(space, args, mod_refs);
}

int mach_call_port_type(struct mach_space *space, void *args)
{
	return run_on_name(space, args, type);
}

/*
 * ---- a name and a number ----
 */

typedef int (*value_operation)(struct mach_space *task, u32 name, u64 *value);

static int run_with_value(struct mach_space *space, struct mach_ioc_value *args,
			  value_operation operation)
{
	struct mach_space *task;

	args->ret = mach_task_lookup(space, args->task, &task);
	if (args->ret)
		return 0;
	mutex_lock(&task->lock);
	args->ret = operation(task, args->name, &args->value);
	mutex_unlock(&task->lock);
	mach_space_put(task);
	return 0;
}

static int rename(struct mach_space *task, u32 name, u64 *new_name)
{
	if (*new_name > U32_MAX)
		return KERN_INVALID_VALUE;
	return mach_refs_rename(task, name, *new_name);
}

static int set_qlimit(struct mach_space *task, u32 name, u64 *limit)
{
	return mach_receive_set_qlimit(task, name, *limit);
}

static int set_mscount(struct mach_space *task, u32 name, u64 *mscount)
{
	return mach_receive_set_mscount(task, name, *mscount);
}

static int set_seqno(struct mach_space *task, u32 name, u64 *seqno)
{
	return mach_receive_set_seqno(task, name, *seqno);
}

static int move_member(struct mach_space *task, u32 name, u64 *set)
{
	if (*set > U32_MAX)
		return KERN_INVALID_VALUE;
	return mach_member_move(task, name, *set);
}

static int set_payload(struct mach_space *task, u32 name, u64 *payload)
{
	return mach_receive_set_payload(task, name, true, *payload);
}

static int clear_payload(struct mach_space *task, u32 name, u64 *unused)
{
	if (*unused)
		return KERN_INVALID_VALUE;
	return mach_receive_set_payload(task, name, false, 0);
}

int mach_call_port_rename(struct mach_space *space, void *args)
{
	return run_with_value(space, args, rename);
}

int mach_call_port_set_qlimit(struct mach_space *space, void *args)
{
	return run_with_value(space, args, set_qlimit);
}

int mach_call_port_set_mscount(struct mach_space *space, void *args)
{
	return run_with_value(space, args, set_mscount);
}

int mach_call_port_set_seqno(struct mach_space *space, void *args)
{
	return run_with_value(space, args, set_seqno);
}

int mach_call_port_move_member(struct mach_space *space, void *args)
{
	return run_with_value(space, args, move_member);
}

int mach_call_port_set_payload(struct mach_space *space, void *args)
{
	return run_with_value(space, args, set_payload);
}

int mach_call_port_clear_payload(struct mach_space *space, void *args)
{
	return run_with_value(space, args, clear_payload);
}

int mach_call_port_get_srights(struct mach_space *space, void *args)
{
	return run_with_value(space, args, mach_receive_srights);
}

int mach_call_port_dnrequest_info(struct mach_space *space, void *args)
{
	return run_with_value(space, args, mach_receive_dnrequests);
}

int mach_call_port_receive_status(struct mach_space *space, void *data)
{
	struct mach_ioc_receive_status *args = data;
	struct mach_space *task;

	args->ret = mach_task_lookup(space, args->task, &task);
	if (args->ret)
		return 0;
	mutex_lock(&task->lock);
	args->ret = mach_receive_status(task, args);
	mutex_unlock(&task->lock);
	mach_space_put(task);
	return 0;
}

/*
 * ---- lists ----
 */

/*
 * Lists are made in kernel memory, since user memory is not touched under a
 * lock, and no larger than the table of names: not the caller says how much
 * memory that is.  The table may grow until it is locked, hence the loops.
 */
static u32 *alloc_list(struct mach_space *task, u32 lists, u32 *room)
{
	*room = READ_ONCE(task->count) + 16;
	return kvcalloc(*room, lists * sizeof(u32), GFP_KERNEL_ACCOUNT);
}

static int put_list(u64 to, const u32 *list, u32 count)
{
	return mach_store(u64_to_user_ptr(to), list,
			  (size_t)count * sizeof(*list)) ? -EFAULT : 0;
}

static u32 list_names_locked(struct mach_space *task, u32 *names, u32 *types)
{
	u32 count = 0;
	u32 name = 1;

	for (; mach_refs_next(task, &name, &types[count]); name++)
		names[count++] = name;
	return count;
}

/* False: there is no room for so many. */
static bool list_names(struct mach_space *task, u32 *names, u32 *types,
		       u32 room, u32 *count)
{
	bool fits;

	mutex_lock(&task->lock);
	fits = task->count <= room;
	*count = fits ? list_names_locked(task, names, types) : task->count;
	mutex_unlock(&task->lock);
	return fits;
}

static int get_names(struct mach_space *task, struct mach_ioc_names *args)
{
	u32 *names = NULL;
	u32 room;
	int err = 0;

	do {
		kvfree(names);
		names = alloc_list(task, 2, &room);
		if (!names) {
			args->ret = KERN_RESOURCE_SHORTAGE;
			return 0;
		}
	} while (!list_names(task, names, names + room, room, &args->count));

	if (args->count <= args->capacity) {
		err = put_list(args->names, names, args->count);
		if (!err)
			err = put_list(args->types, names + room, args->count);
	}
	kvfree(names);
	return err;
}

int mach_call_port_names(struct mach_space *space, void *data)
{
	struct mach_ioc_names *args = data;
	struct mach_space *task;
	int err;

	args->ret = mach_task_lookup(space, args->task, &task);
	if (args->ret)
		return 0;
	err = get_names(task, args);
	mach_space_put(task);
	return err;
}

static int list_members(struct mach_space *task, struct mach_ioc_members *args,
			u32 *members, u32 room)
{
	int ret;

	mutex_lock(&task->lock);
	ret = mach_member_list(task, args->name, members, room, &args->count);
	mutex_unlock(&task->lock);
	return ret;
}

static int get_members(struct mach_space *task, struct mach_ioc_members *args)
{
	u32 *members = NULL;
	u32 room;
	int err = 0;

	do {
		kvfree(members);
		members = alloc_list(task, 1, &room);
		if (!members) {
			args->ret = KERN_RESOURCE_SHORTAGE;
			return 0;
		}
		args->ret = list_members(task, args, members, room);
	} while (!args->ret && args->count > room);

	if (!args->ret && args->count <= args->capacity)
		err = put_list(args->members, members, args->count);
	kvfree(members);
	return err;
}

int mach_call_port_set_status(struct mach_space *space, void *data)
{
	struct mach_ioc_members *args = data;
	struct mach_space *task;
	int err;

	args->ret = mach_task_lookup(space, args->task, &task);
	if (args->ret)
		return 0;
	err = get_members(task, args);
	mach_space_put(task);
	return err;
}

/*
 * ---- rights from one task to another ----
 */

/* Take @name out of @from. */
static int capture(struct mach_space *from, u32 name, u32 disposition,
		   struct mach_carried *right, struct mach_aftermath *after)
{
	int ret;

	mutex_lock(&from->lock);
	ret = mach_right_capture(from, name, disposition, NULL, right, NULL,
				 after);
	mutex_unlock(&from->lock);
	return ret;
}

static int deliver(struct mach_space *to, struct mach_carried *right,
		   u32 *name, struct mach_aftermath *after)
{
	int ret;

	mutex_lock(&to->lock);
	ret = mach_right_deliver(to, right, name, after);
	mutex_unlock(&to->lock);
	return ret;
}

static bool is_disposition(u32 type)
{
	return type <= MACH_MSG_TYPE_LAST && mach_type_is_port(type);
}

/*
 * In Mach the call is a message to @args->task: a task port takes its right
 * and destroys it when the call fails, and so does a port that is no task's.
 */
static void consume(struct mach_space *space, u32 name, u32 disposition,
		    int ret, struct mach_aftermath *after)
{
	struct mach_carried right;

	if (ret == KERN_INVALID_TASK && is_disposition(disposition) &&
	    !capture(space, name, disposition, &right, after))
		mach_port_release(&right, after);
}

static int insert(struct mach_space *space, struct mach_space *task,
		  struct mach_ioc_insert *args, struct mach_aftermath *after)
{
	struct mach_carried right;
	int ret;

	if (!is_disposition(args->poly_type))
		return KERN_INVALID_VALUE;
	ret = capture(space, args->poly, args->poly_type, &right, after);
	if (ret)
		return ret;
	/* From here on the right is consumed, whatever comes of it. */
	if (!mach_is_name(args->name)) {
		mach_port_release(&right, after);
		return KERN_INVALID_VALUE;
	}
	mutex_lock(&task->lock);
	ret = mach_right_deliver_as(task, &right, args->name, after);
	mutex_unlock(&task->lock);
	return ret;
}

int mach_call_port_insert_right(struct mach_space *space, void *data)
{
	struct mach_ioc_insert *args = data;
	struct mach_space *task;
	MACH_AFTERMATH(after);

	args->ret = mach_task_lookup(space, args->task, &task);
	if (args->ret) {
		consume(space, args->poly, args->poly_type, args->ret, &after);
	} else {
		args->ret = insert(space, task, args, &after);
		mach_space_put(task);
	}
	mach_aftermath_run(&after);
	return 0;
}

static int extract(struct mach_space *space, struct mach_space *task,
		   struct mach_ioc_extract *args, struct mach_aftermath *after)
{
	struct mach_carried right;
	int ret;

	if (!is_disposition(args->disposition))
		return KERN_INVALID_VALUE;
	if (!mach_is_name(args->name))
		return KERN_INVALID_NAME;
	ret = capture(task, args->name, args->disposition, &right, after);
	if (ret)
		return ret;
	args->poly_type = mach_received_type(args->disposition);
	return deliver(space, &right, &args->poly, after);
}

int mach_call_port_extract_right(struct mach_space *space, void *data)
{
	struct mach_ioc_extract *args = data;
	struct mach_space *task;
	MACH_AFTERMATH(after);

	args->ret = mach_task_lookup(space, args->task, &task);
	if (args->ret)
		return 0;
	args->ret = extract(space, task, args, &after);
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
	/* Only ever a message in GNU Mach: a bad right is one in its body. */
	ret = capture(space, args->notify, args->notify_type, &notify, after);
	if (ret)
		return ret == KERN_RESOURCE_SHORTAGE ? ret :
						       MACH_SEND_INVALID_RIGHT;
	mutex_lock(&task->lock);
	ret = mach_request_arm(task, args->name, args->id, args->sync,
			       &notify, &previous, after);
	mutex_unlock(&task->lock);
	if (ret)
		return ret;
	return deliver(space, &previous, &args->previous, after);
}

int mach_call_port_request_notification(struct mach_space *space, void *data)
{
	struct mach_ioc_notification *args = data;
	struct mach_space *task;
	MACH_AFTERMATH(after);

	args->ret = mach_task_lookup(space, args->task, &task);
	if (args->ret) {
		consume(space, args->notify, args->notify_type, args->ret,
			&after);
	} else {
		args->ret = request(space, task, args, &after);
		mach_space_put(task);
	}
	mach_aftermath_run(&after);
	return 0;
}
