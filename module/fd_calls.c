// SPDX-License-Identifier: GPL-2.0
/*
 * The calls between names and descriptors: see fd_calls.h.
 *
 * The caller's ioctl has borrowed its descriptor of /dev/mach, perhaps without
 * a reference (fdget).  So nothing here closes or replaces a descriptor: new
 * ones are added, and that is all (CVE-2019-2000 was a close).
 */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mach.h>

#include "aftermath.h"
#include "compat/fs.h"
#include "fd_calls.h"
#include "fileport.h"
#include "kmsg.h"
#include "poll_file.h"
#include "port.h"
#include "right.h"
#include "right_file.h"
#include "space.h"

static int open_flags(const struct mach_ioc_descriptor *args)
{
	return args->flags & MACH_FD_CLOEXEC ? O_CLOEXEC : 0;
}

/* @fd was reserved for @file, which exists if the call has succeeded. */
static void settle_fd(struct mach_ioc_descriptor *args, int fd,
		      struct file *file)
{
	if (args->ret) {
		put_unused_fd(fd);
		return;
	}
	args->fd = fd;
	fd_install(fd, file);
}

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

int mach_call_port_poll_fd(struct mach_space *space, void *data)
{
	struct mach_ioc_descriptor *args = data;
	int fd = get_unused_fd_flags(open_flags(args));
	struct file *file = NULL;

	if (fd < 0) {
		args->ret = KERN_RESOURCE_SHORTAGE;
		return 0;
	}
	args->ret = mach_poll_file_create(space, args->name, &file);
	settle_fd(args, fd, file);
	return 0;
}

/*
 * ---- fileports ----
 */

int mach_call_fileport_make(struct mach_space *space, void *data)
{
	struct mach_ioc_descriptor *args = data;
	/* As with SCM_RIGHTS, one that was opened with O_PATH will do. */
	struct file *file = fget_raw(args->fd);
	struct mach_carried right;
	MACH_AFTERMATH(after);

	if (!file)
		return -EBADF;
	args->ret = mach_fileport_create(space->user, file, &right);
	fput(file);
	if (!args->ret)
		args->ret = deliver(space, &right, &args->name, &after);
	mach_aftermath_run(&after);
	return 0;
}

/* The file of the fileport that @name denotes, with a reference. */
static int find_file(struct mach_space *space, u32 name, struct file **out)
{
	struct mach_entry *entry;
	int ret;

	mutex_lock(&space->lock);
	ret = mach_right_check(space, name, MACH_MSG_TYPE_COPY_SEND, false,
			       &entry);
	if (!ret) {
		*out = mach_port_get_file(entry->port);
		if (!*out)
			ret = KERN_INVALID_CAPABILITY;
	}
	mutex_unlock(&space->lock);
	return ret;
}

int mach_call_fileport_fd(struct mach_space *space, void *data)
{
	struct mach_ioc_descriptor *args = data;
	struct file *file;
	int fd;

	args->ret = find_file(space, args->name, &file);
	if (args->ret)
		return 0;
	/* Asks the security modules, as for a descriptor from a socket. */
	fd = mach_receive_fd(file, open_flags(args));
	fput(file);
	if (fd >= 0)
		args->fd = fd;
	else if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM)
		args->ret = KERN_RESOURCE_SHORTAGE;
	else
		args->ret = KERN_NO_ACCESS;
	return 0;
}

/*
 * ---- send rights ----
 */

int mach_call_right_make_fd(struct mach_space *space, void *data)
{
	struct mach_ioc_descriptor *args = data;
	int fd = get_unused_fd_flags(open_flags(args));
	struct file *file = NULL;
	MACH_AFTERMATH(after);

	if (fd < 0) {
		args->ret = KERN_RESOURCE_SHORTAGE;
		return 0;
	}
	args->ret = mach_right_file_create(space, args->name,
					   args->flags & MACH_FD_MOVE, &file,
					   &after);
	settle_fd(args, fd, file);
	mach_aftermath_run(&after);
	return 0;
}

int mach_call_right_from_fd(struct mach_space *space, void *data)
{
	struct mach_ioc_descriptor *args = data;
	struct file *file = fget(args->fd);
	struct mach_carried right;
	bool found;
	MACH_AFTERMATH(after);

	if (!file)
		return -EBADF;
	found = mach_right_file_copy(file, &right);
	fput(file);
	if (!found) {
		args->ret = KERN_INVALID_ARGUMENT;
		return 0;
	}
	args->ret = deliver(space, &right, &args->name, &after);
	/* Dead, before or at this moment: as mach_port_insert_right(). */
	if (!args->ret && args->name == MACH_PORT_DEAD) {
		args->name = MACH_PORT_NULL;
		args->ret = KERN_INVALID_CAPABILITY;
	}
	mach_aftermath_run(&after);
	return 0;
}
