// SPDX-License-Identifier: GPL-2.0
/*
 * The calls that tell who is who: see identity_calls.h.
 */
#include <linux/mach.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "identity_calls.h"
#include "sender.h"
#include "space.h"
#include "task.h"

int mach_call_task_identity(struct mach_space *space, void *data)
{
	struct mach_ioc_identity *args = data;
	struct mach_trailer opener;
	struct mach_space *task;

	args->ret = mach_task_lookup(space, args->task, &task);
	if (args->ret)
		return 0;
	mach_sender_describe(task->opener, &opener);
	mach_space_put(task);
	args->task_id = opener.task_id;
	args->pid = opener.pid;
	args->uid = opener.uid;
	args->gid = opener.gid;
	return 0;
}

/*
 * Does a thread of the process run on that mm?  Any thread: the first one may
 * have exited before the others.  A kernel thread may have borrowed the mm.
 */
static bool runs_on(const struct task_struct *process,
		    const struct mm_struct *mm)
{
	const struct task_struct *thread;

	for_each_thread(process, thread)
		if (READ_ONCE(thread->mm) == mm &&
		    !(READ_ONCE(thread->flags) & PF_KTHREAD))
			return true;
	return false;
}

/*
 * What may be at that number instead of the sender, and why it is refused:
 *
 *	nobody, or a zombie		no thread has the mm any more
 *	another process, pid reused	its threads have another mm
 *	the sender after exec		likewise; and the task is dying
 *	a thread of the sender		PIDTYPE_TGID is not its kind
 *	a process that shares the mm	accepted: it is the same task, and may
 *					send in its name
 *
 * The mm that space->mm pointed to may be gone, and another one in its place,
 * but not while the space is not dying, which is why that is asked last: the
 * mapping keeps the struct until a detach, before which dying is set.
 */
static bool is_process_of(const struct mach_space *task, pid_t nr)
{
	const struct task_struct *process;
	bool is;

	rcu_read_lock();
	process = pid_task(find_vpid(nr), PIDTYPE_TGID);
	is = process && runs_on(process, task->mm);
	rcu_read_unlock();
	/* Pairs with the full barrier of test_and_set_bit() on dying. */
	smp_rmb();
	return is && !mach_space_is_dying(task);
}

int mach_call_task_confirm(struct mach_space *space, void *data)
{
	struct mach_ioc_confirm *args = data;
	struct mach_space *task = mach_space_by_id(args->task_id);

	args->ret = KERN_FAILURE;
	if (!task)
		return 0;
	if (is_process_of(task, args->pid))
		args->ret = KERN_SUCCESS;
	mach_space_put(task);
	return 0;
}
