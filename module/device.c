// SPDX-License-Identifier: GPL-2.0
/*
 * The file operations of /dev/mach: a file is a task, an ioctl a call.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "calls.h"
#include "descriptor.h"
#include "device.h"
#include "mapping.h"
#include "space.h"
#include "trace.h"
#include "user.h"

static int device_open(struct inode *inode, struct file *file)
{
	struct mach_space *space = mach_space_create();

	if (IS_ERR(space))
		return PTR_ERR(space);
	file->private_data = space;
	return nonseekable_open(inode, file);
}

/* The last descriptor is closed: no ioctl is or comes in. */
static int device_release(struct inode *inode, struct file *file)
{
	struct mach_space *space = file->private_data;

	mach_space_detach(space);
	mach_space_put(space);
	return 0;
}

/* mach_msg's struct with a trailer, and as it was at first. */
#define MSG_SIZE	sizeof(struct mach_ioc_msg)
#define MSG_FIRST_SIZE	offsetof(struct mach_ioc_msg, trailer)

/*
 * mach_msg's struct at its usual sizes is a copy of constant size, which is
 * spared the checks of a variable one.
 */
static int copy_fields(const struct mach_call *call, void *args,
		       void __user *from, u32 size)
{
	if (size == MSG_FIRST_SIZE && call->size == MSG_SIZE) {
		memset(args + MSG_FIRST_SIZE, 0, MSG_SIZE - MSG_FIRST_SIZE);
		return mach_fetch(args, from, MSG_FIRST_SIZE) ? -EFAULT : 0;
	}
	if (size == MSG_SIZE && call->size == MSG_SIZE)
		return mach_fetch(args, from, MSG_SIZE) ? -EFAULT : 0;
	return mach_fetch_struct(args, call->size, from, size);
}

/* The size is fetched once: what the struct says later does not count. */
static int copy_in(const struct mach_call *call, void *args, void __user *from)
{
	struct mach_call_head *head = args;
	u32 size;
	int err;

	if (mach_fetch_u32(&size, from))
		return -EFAULT;
	if (size < call->first_size)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	err = copy_fields(call, args, from, size);
	if (err)
		return err;
	head->size = size;
	if (head->flags & ~call->flags)
		return -EINVAL;
	if (call->pad && *(u32 *)(args + call->pad))
		return -EINVAL;
	return 0;
}

static int copy_out(const struct mach_call *call, const void *args,
		    void __user *to)
{
	const struct mach_call_head *head = args;
	struct mach_call_head __user *user_head = to;

	if (call->only_ret)
		return mach_store_u32(head->ret,
				      (u32 __user *)&user_head->ret);
	return mach_store(to, args, min_t(u32, head->size, call->size)) ?
		-EFAULT : 0;
}

static int check_caller(struct mach_space *space)
{
	if (mach_space_is_dying(space))
		return -ESTALE;
	if (!mach_mapping_is_current(space->mapping))
		return -EPERM;
	return mach_mapping_check_doorbell(space->mapping);
}

static long run_call_with(struct mach_space *space, u32 nr,
			  const struct mach_call *call, void *args,
			  void __user *user)
{
	const struct mach_call_head *head = args;
	int err;

	err = copy_in(call, args, user);
	if (!err)
		err = call->run(space, args);
	if (err)
		return err;
	if (call->has_ret && head->ret)
		trace_mach_error(space->id, nr, head->ret);
	return copy_out(call, args, user);
}

/* On the stack: what the calls that matter for speed need, and no more. */
#define SMALL_ARGS	(sizeof(struct mach_ioc_msg) / sizeof(u64))

static long run_large_call(struct mach_space *space, u32 nr,
			   const struct mach_call *call, void __user *user)
{
	void *args = kzalloc(call->size, GFP_KERNEL_ACCOUNT);
	long err;

	if (!args)
		return -ENOMEM;
	err = run_call_with(space, nr, call, args, user);
	kfree(args);
	return err;
}

static long run_call(struct mach_space *space, u32 nr, void __user *user)
{
	const struct mach_call *call = mach_call_find(nr);
	u64 small[SMALL_ARGS];

	if (!call)
		return -ENOTTY;
	if (call->size > sizeof(small))
		return run_large_call(space, nr, call, user);
	return run_call_with(space, nr, call, small, user);
}

static long device_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct mach_space *space = file->private_data;
	int err;

	if (cmd != _IO(MACH_IOC_MAGIC, _IOC_NR(cmd)))
		return -ENOTTY;
	err = check_caller(space);
	if (err)
		return err;
	if (cmd == MACH_IOC_VERSION)
		return MACH_ABI_VERSION;
	return run_call(space, _IOC_NR(cmd), (void __user *)arg);
}

static void device_show_fdinfo(struct seq_file *seq, struct file *file)
{
	const struct mach_space *space = file->private_data;

	seq_printf(seq, "mach-task:\t%llu\n", space->id);
	seq_printf(seq, "mach-dead:\t%d\n", mach_space_is_dying(space));
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.unlocked_ioctl = device_ioctl,
	.show_fdinfo = device_show_fdinfo,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "mach",
	.mode = 0660,
	.fops = &device_fops,
};

int mach_device_init(void)
{
	mach_descriptor_fops = &device_fops;
	return misc_register(&device);
}

void mach_device_exit(void)
{
	misc_deregister(&device);
}
