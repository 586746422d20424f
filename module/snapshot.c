// SPDX-License-Identifier: GPL-2.0
/*
 * The snapshot of one task, or of all: see snapshot.h.
 *
 * With a task's lock held, records are collected until the buffer is full;
 * with no lock held they are copied out.  So the kernel's memory is bounded,
 * and no user page is touched under a lock.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/mach.h>
#include <linux/mutex.h>

#include "aftermath.h"
#include "instance.h"
#include "kmsg.h"
#include "listing.h"
#include "port.h"
#include "record.h"
#include "snapshot.h"
#include "space.h"
#include "task.h"

/* The whole task, in as many goes as it takes. */
static int list_task(struct mach_listing *listing, struct mach_space *task,
		     bool all)
{
	struct mach_place place = {};
	bool done;
	int err;

	/* So that a task of up to a buffer's size is of one moment. */
	err = mach_listing_flush(listing);
	while (!err) {
		if (mutex_lock_killable(&task->lock))
			return -EINTR;
		done = mach_record_space(listing, task, all, &place);
		mutex_unlock(&task->lock);
		err = mach_listing_flush(listing);
		if (done)
			break;
	}
	return err;
}

static int list_bootstrap(struct mach_listing *listing)
{
	struct mach_carried right;
	MACH_AFTERMATH(after);

	mach_instance_get_bootstrap(&right, &after);
	/* The listing is empty: there is room. */
	mach_record_bootstrap(listing, &right);
	mach_port_release(&right, &after);
	mach_aftermath_run(&after);
	return mach_listing_flush(listing);
}

/* Tasks that come while we list are left out, or it might never end. */
static int list_all(struct mach_listing *listing)
{
	u64 last = mach_space_last_id();
	struct mach_space *task;
	int err = 0;
	u64 id;

	for (id = 0; !err && id <= last; id++) {
		task = mach_space_next(&id);
		if (!task)
			break;
		if (id <= last && !mach_space_is_dying(task))
			err = list_task(listing, task, true);
		mach_space_put(task);
	}
	return err ?: list_bootstrap(listing);
}

static int list_one(struct mach_listing *listing, struct mach_space *space,
		    struct mach_ioc_snapshot *args)
{
	struct mach_space *task;
	int err;

	args->ret = mach_task_lookup(space, args->task, &task);
	if (args->ret)
		return 0;
	err = list_task(listing, task, false);
	mach_space_put(task);
	return err;
}

int mach_call_snapshot(struct mach_space *space, void *data)
{
	struct mach_ioc_snapshot *args = data;
	bool all = args->flags & MACH_SNAPSHOT_ALL;
	struct mach_listing listing;
	int err;

	if (all && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	err = mach_listing_begin(&listing, args->buffer, args->length);
	if (err)
		return err;
	args->ret = KERN_SUCCESS;
	err = all ? list_all(&listing) : list_one(&listing, space, args);
	args->needed = listing.total;
	if (!args->ret && listing.total > args->length)
		args->ret = KERN_NO_SPACE;
	mach_listing_end(&listing);
	return err;
}
