// SPDX-License-Identifier: GPL-2.0
/*
 * Files that are polled for messages: see poll_file.h.
 */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mach.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "limits.h"
#include "poll_file.h"
#include "port.h"
#include "pset.h"
#include "receive.h"
#include "space.h"
#include "watch.h"

struct poll_file {
	struct mach_watch watch;

	/* Immutable once somebody can see the file; one of the two. */
	struct mach_port *port;		/* a reference */
	struct mach_pset *set;		/* a reference */

	struct mach_user *user;		/* pays, as for a name */
	u64 task;			/* id of who made it, for listings */
	u32 name;			/* that it had then */
};

static __poll_t poll_poll(struct file *file, struct poll_table_struct *wait)
{
	struct poll_file *poll = file->private_data;

	poll_wait(file, &poll->watch.wait, wait);
	return poll->port ? mach_port_poll(poll->port, &poll->watch) :
			    mach_pset_poll(poll->set, &poll->watch);
}

/*
 * The last descriptor is closed; epoll has left the wait queue before.  Off
 * the list under its lock, nobody finds the wait queue any more.
 */
static int poll_release(struct inode *inode, struct file *file)
{
	struct poll_file *poll = file->private_data;

	if (poll->port) {
		mach_port_unwatch(poll->port, &poll->watch);
		mach_port_put(poll->port);
	}
	if (poll->set) {
		mach_pset_unwatch(poll->set, &poll->watch);
		mach_pset_put(poll->set);
	}
	mach_uncharge(poll->user, MACH_CHARGE_NAMES, 1);
	mach_user_put(poll->user);
	kfree(poll);
	mach_live_dec(MACH_LIVE_FILES);
	return 0;
}

static void poll_show_fdinfo(struct seq_file *seq, struct file *file)
{
	struct poll_file *poll = file->private_data;

	seq_printf(seq, "mach-poll-task:\t%llu\n", poll->task);
	seq_printf(seq, "mach-poll-name:\t%u\n", poll->name);
	if (poll->port)
		seq_printf(seq, "mach-port:\t%llu\n", poll->port->id);
}

static const struct file_operations poll_fops = {
	.owner = THIS_MODULE,
	.release = poll_release,
	.poll = poll_poll,
	.show_fdinfo = poll_show_fdinfo,
};

static struct poll_file *alloc_poll(struct mach_space *space, u32 name)
{
	struct poll_file *poll;

	if (!mach_charge(space->user, MACH_CHARGE_NAMES, 1))
		return NULL;
	poll = kzalloc(sizeof(*poll), GFP_KERNEL_ACCOUNT);
	if (!poll) {
		mach_uncharge(space->user, MACH_CHARGE_NAMES, 1);
		return NULL;
	}
	mach_watch_init(&poll->watch);
	poll->user = mach_user_get(space->user);
	poll->task = space->id;
	poll->name = name;
	mach_live_inc(MACH_LIVE_FILES);
	return poll;
}

/* Watches nothing yet.  NULL: no memory, or a limit. */
static struct file *alloc_file(struct mach_space *space, u32 name)
{
	struct poll_file *poll = alloc_poll(space, name);
	struct file *file;

	if (!poll)
		return NULL;
	file = anon_inode_getfile("[mach-poll]", &poll_fops, poll, O_RDWR);
	if (!IS_ERR(file))
		return file;
	mach_uncharge(poll->user, MACH_CHARGE_NAMES, 1);
	mach_user_put(poll->user);
	kfree(poll);
	mach_live_dec(MACH_LIVE_FILES);
	return NULL;
}

/* Under the lock the space can lose neither right nor set. */
static int watch_locked(struct mach_space *space, struct poll_file *poll)
{
	lockdep_assert_held(&space->lock);
	if (!mach_space_lookup(space, poll->name))
		return KERN_INVALID_NAME;
	if (!mach_receive_source(space, poll->name, &poll->port, &poll->set))
		return KERN_INVALID_RIGHT;
	if (poll->port)
		mach_port_watch(poll->port, &poll->watch);
	else
		mach_pset_watch(poll->set, &poll->watch);
	return KERN_SUCCESS;
}

int mach_poll_file_create(struct mach_space *space, u32 name,
			  struct file **out)
{
	struct file *file = alloc_file(space, name);
	int ret;

	if (!file)
		return KERN_RESOURCE_SHORTAGE;
	mutex_lock(&space->lock);
	ret = watch_locked(space, file->private_data);
	mutex_unlock(&space->lock);
	if (ret)
		fput(file);
	else
		*out = file;
	return ret;
}
