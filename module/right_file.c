// SPDX-License-Identifier: GPL-2.0
/*
 * Files that hold a send right: see right_file.h.
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

#include "aftermath.h"
#include "kmsg.h"
#include "limits.h"
#include "port.h"
#include "right.h"
#include "right_file.h"
#include "space.h"

struct right_file {
	/* SEND; NULL only in a file that nobody has seen. */
	struct mach_carried right;
	struct mach_user *user;		/* pays, as for a name */
};

static void free_right(struct right_file *held)
{
	mach_uncharge(held->user, MACH_CHARGE_NAMES, 1);
	mach_user_put(held->user);
	kfree(held);
	mach_live_dec(MACH_LIVE_FILES);
}

static int right_release(struct inode *inode, struct file *file)
{
	struct right_file *held = file->private_data;
	MACH_AFTERMATH(after);

	mach_port_release(&held->right, &after);
	free_right(held);
	mach_aftermath_run(&after);
	return 0;
}

static void right_show_fdinfo(struct seq_file *seq, struct file *file)
{
	struct right_file *held = file->private_data;
	struct mach_port *port = held->right.port;

	seq_printf(seq, "mach-port:\t%llu\n", port->id);
	seq_printf(seq, "mach-dead:\t%d\n", mach_port_is_dead(port));
}

static const struct file_operations right_fops = {
	.owner = THIS_MODULE,
	.release = right_release,
	.show_fdinfo = right_show_fdinfo,
};

static struct right_file *alloc_right(struct mach_user *user)
{
	struct right_file *held;

	if (!mach_charge(user, MACH_CHARGE_NAMES, 1))
		return NULL;
	held = kzalloc(sizeof(*held), GFP_KERNEL_ACCOUNT);
	if (!held) {
		mach_uncharge(user, MACH_CHARGE_NAMES, 1);
		return NULL;
	}
	held->user = mach_user_get(user);
	mach_live_inc(MACH_LIVE_FILES);
	return held;
}

/* Holds no right yet.  NULL: no memory, or a limit. */
static struct file *alloc_file(struct mach_user *user)
{
	struct right_file *held = alloc_right(user);
	struct file *file;

	if (!held)
		return NULL;
	file = anon_inode_getfile("[mach-right]", &right_fops, held, O_RDWR);
	if (!IS_ERR(file))
		return file;
	free_right(held);
	return NULL;
}

/* The last step, and the only one that cannot be undone. */
static int capture_locked(struct mach_space *space, u32 name, bool move,
			  struct mach_carried *right,
			  struct mach_aftermath *after)
{
	u8 disposition = move ? MACH_MSG_TYPE_MOVE_SEND :
				MACH_MSG_TYPE_COPY_SEND;
	struct mach_entry *entry;
	int ret;

	lockdep_assert_held(&space->lock);
	ret = mach_right_check(space, name, disposition, false, &entry);
	if (ret)
		return ret;
	if (mach_port_is_fileport(entry->port))
		return KERN_INVALID_ARGUMENT;
	ret = mach_right_capture_entry(space, entry, disposition, NULL, right,
				       NULL, after);
	/* The port has died since it was checked. */
	if (right->kind == MACH_CARRIED_DEAD) {
		right->kind = MACH_CARRIED_NULL;
		ret = KERN_INVALID_RIGHT;
	}
	return ret;
}

int mach_right_file_create(struct mach_space *space, u32 name, bool move,
			   struct file **out, struct mach_aftermath *after)
{
	struct file *file = alloc_file(space->user);
	struct right_file *held;
	int ret;

	if (!file)
		return KERN_RESOURCE_SHORTAGE;
	held = file->private_data;
	mutex_lock(&space->lock);
	ret = capture_locked(space, name, move, &held->right, after);
	mutex_unlock(&space->lock);
	if (ret)
		fput(file);
	else
		*out = file;
	return ret;
}

bool mach_right_file_copy(const struct file *file, struct mach_carried *out)
{
	const struct right_file *held = file->private_data;

	if (file->f_op != &right_fops)
		return false;
	*out = held->right;
	if (!mach_port_copy_send(out->port))
		out->kind = MACH_CARRIED_DEAD;
	return true;
}
