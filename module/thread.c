// SPDX-License-Identifier: GPL-2.0
/*
 * Thread ports: see thread.h.
 */
#include <linux/list.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "kmsg.h"
#include "port.h"
#include "space.h"
#include "thread.h"

struct thread {
	struct list_head link;		/* space->threads, under its lock */
	struct pid *pid;		/* a reference */
	struct mach_port *port;		/* the receive right's reference */
};

static void release(struct thread *thread, struct mach_aftermath *after)
{
	list_del(&thread->link);
	mach_port_kill(thread->port, after);
	put_pid(thread->pid);
	kfree(thread);
}

/* Whoever joins a thread may be faster than its last steps in the kernel. */
static bool has_ended(const struct thread *thread)
{
	const struct task_struct *task;
	bool ended;

	rcu_read_lock();
	task = pid_task(thread->pid, PIDTYPE_PID);
	ended = !task || READ_ONCE(task->flags) & PF_EXITING;
	rcu_read_unlock();
	return ended;
}

static void release_ended(struct mach_space *space,
			  struct mach_aftermath *after)
{
	struct thread *thread, *next;

	list_for_each_entry_safe(thread, next, &space->threads, link)
		if (has_ended(thread))
			release(thread, after);
}

static struct thread *find(struct mach_space *space, const struct pid *pid)
{
	struct thread *thread;

	list_for_each_entry(thread, &space->threads, link)
		if (thread->pid == pid)
			return thread;
	return NULL;
}

static struct thread *create(struct mach_space *space, struct pid *pid)
{
	struct thread *thread = kzalloc(sizeof(*thread), GFP_KERNEL_ACCOUNT);

	if (!thread)
		return NULL;
	thread->port = mach_port_create(space->user);
	if (!thread->port) {
		kfree(thread);
		return NULL;
	}
	mach_port_hold_kernel(thread->port, MACH_OBJECT_THREAD, thread);
	thread->pid = get_pid(pid);
	list_add(&thread->link, &space->threads);
	return thread;
}

static int self_locked(struct mach_space *space, struct mach_carried *out,
		       struct mach_aftermath *after)
{
	struct pid *pid = task_pid(current);
	struct thread *thread;

	lockdep_assert_held(&space->lock);
	if (space->dead)
		return KERN_INVALID_TASK;
	thread = find(space, pid);
	if (!thread) {
		release_ended(space, after);
		thread = create(space, pid);
	}
	if (!thread)
		return KERN_RESOURCE_SHORTAGE;
	mach_port_make_send(thread->port);
	out->kind = MACH_CARRIED_SEND;
	out->port = thread->port;
	return KERN_SUCCESS;
}

int mach_thread_self(struct mach_space *space, struct mach_carried *out,
		     struct mach_aftermath *after)
{
	int ret;

	out->kind = MACH_CARRIED_NULL;
	mutex_lock(&space->lock);
	ret = self_locked(space, out, after);
	mutex_unlock(&space->lock);
	return ret;
}

void mach_thread_release_all(struct mach_space *space,
			     struct mach_aftermath *after)
{
	struct thread *thread, *next;

	mutex_lock(&space->lock);
	list_for_each_entry_safe(thread, next, &space->threads, link)
		release(thread, after);
	mutex_unlock(&space->lock);
}
