// SPDX-License-Identifier: GPL-2.0
/*
 * Special and registered ports: see special.h.
 */
#include <linux/mutex.h>

#include "instance.h"
#include "kmsg.h"
#include "port.h"
#include "space.h"
#include "special.h"

/* A copy of a right that is held; the port may have died. */
static struct mach_carried copy(const struct mach_carried *held)
{
	struct mach_carried right = *held;

	if (right.kind == MACH_CARRIED_SEND && !mach_port_copy_send(right.port))
		right.kind = MACH_CARRIED_DEAD;
	return right;
}

static void replace(struct mach_carried *held, struct mach_carried *right,
		    struct mach_aftermath *after)
{
	mach_port_release(held, after);
	*held = *right;
	right->kind = MACH_CARRIED_NULL;
}

static int slot_of(u32 which)
{
	switch (which) {
	case MACH_TASK_KERNEL_PORT:
		return MACH_SPECIAL_KERNEL;
	case MACH_TASK_EXCEPTION_PORT:
		return MACH_SPECIAL_EXCEPTION;
	case MACH_TASK_BOOTSTRAP_PORT:
		return MACH_SPECIAL_BOOTSTRAP;
	default:
		return -1;
	}
}

void mach_special_own_port(struct mach_space *space, struct mach_carried *out)
{
	/* The module holds the receive right. */
	mach_port_make_send(space->self);
	out->kind = MACH_CARRIED_SEND;
	out->port = space->self;
}

/* What a task has that never set its own. */
static void get_default(struct mach_space *task, int slot,
			struct mach_carried *out, struct mach_aftermath *after)
{
	out->kind = MACH_CARRIED_NULL;
	if (slot == MACH_SPECIAL_KERNEL)
		mach_special_own_port(task, out);
	if (slot == MACH_SPECIAL_BOOTSTRAP)
		mach_instance_get_bootstrap(out, after);
}

int mach_special_get(struct mach_space *task, u32 which,
		     struct mach_carried *out, struct mach_aftermath *after)
{
	int slot = slot_of(which);
	bool dead, own;

	out->kind = MACH_CARRIED_NULL;
	if (slot < 0)
		return KERN_INVALID_ARGUMENT;
	mutex_lock(&task->lock);
	dead = task->dead || mach_space_is_dying(task);
	own = task->special_set & BIT(slot);
	if (!dead && own)
		*out = copy(&task->special[slot]);
	mutex_unlock(&task->lock);
	if (dead)
		return KERN_FAILURE;
	if (!own)
		get_default(task, slot, out, after);
	return KERN_SUCCESS;
}

int mach_special_set(struct mach_space *task, u32 which,
		     struct mach_carried *right, struct mach_aftermath *after)
{
	int slot = slot_of(which);
	int ret = KERN_SUCCESS;

	if (slot < 0)
		return KERN_INVALID_ARGUMENT;
	mutex_lock(&task->lock);
	if (task->dead) {
		ret = KERN_FAILURE;
	} else {
		replace(&task->special[slot], right, after);
		task->special_set |= BIT(slot);
	}
	mutex_unlock(&task->lock);
	return ret;
}

int mach_special_register(struct mach_space *task,
			  struct mach_carried rights[],
			  struct mach_aftermath *after)
{
	int ret = KERN_SUCCESS;
	int i;

	mutex_lock(&task->lock);
	if (task->dead)
		ret = KERN_FAILURE;
	for (i = 0; i < MACH_TASK_PORT_REGISTER_MAX; i++) {
		if (ret)
			mach_port_release(&rights[i], after);
		else
			replace(&task->registered[i], &rights[i], after);
	}
	mutex_unlock(&task->lock);
	return ret;
}

void mach_special_lookup(struct mach_space *task, struct mach_carried out[])
{
	int i;

	mutex_lock(&task->lock);
	for (i = 0; i < MACH_TASK_PORT_REGISTER_MAX; i++)
		out[i] = copy(&task->registered[i]);
	mutex_unlock(&task->lock);
}

/*
 * ---- inheritance ----
 */

/* What a task inherits, on its way. */
struct legacy {
	struct mach_carried special[MACH_SPECIALS];
	struct mach_carried registered[MACH_TASK_PORT_REGISTER_MAX];
	unsigned long special_set;
};

static int collect(struct mach_space *parent, struct legacy *legacy)
{
	int i;

	*legacy = (struct legacy){};
	mutex_lock(&parent->lock);
	if (parent->dead || mach_space_is_dying(parent)) {
		mutex_unlock(&parent->lock);
		return KERN_FAILURE;
	}
	/* A child's kernel port is its own. */
	legacy->special_set = parent->special_set & ~BIT(MACH_SPECIAL_KERNEL);
	for (i = 0; i < MACH_SPECIALS; i++)
		if (legacy->special_set & BIT(i))
			legacy->special[i] = copy(&parent->special[i]);
	for (i = 0; i < MACH_TASK_PORT_REGISTER_MAX; i++)
		legacy->registered[i] = copy(&parent->registered[i]);
	mutex_unlock(&parent->lock);
	return KERN_SUCCESS;
}

static int accept_locked(struct mach_space *child, struct legacy *legacy,
			 struct mach_aftermath *after)
{
	int i;

	lockdep_assert_held(&child->lock);
	if (child->dead)
		return KERN_FAILURE;
	if (child->inherited)
		return KERN_NO_ACCESS;
	child->inherited = true;
	child->special_set |= legacy->special_set;
	for (i = 0; i < MACH_SPECIALS; i++)
		if (legacy->special_set & BIT(i))
			replace(&child->special[i], &legacy->special[i], after);
	for (i = 0; i < MACH_TASK_PORT_REGISTER_MAX; i++)
		replace(&child->registered[i], &legacy->registered[i], after);
	return KERN_SUCCESS;
}

static void release_all(struct mach_carried rights[], int count,
			struct mach_aftermath *after)
{
	int i;

	for (i = 0; i < count; i++)
		mach_port_release(&rights[i], after);
}

int mach_special_inherit(struct mach_space *child, struct mach_space *parent,
			 struct mach_aftermath *after)
{
	struct legacy legacy;
	int ret = collect(parent, &legacy);

	if (ret)
		return ret;
	mutex_lock(&child->lock);
	ret = accept_locked(child, &legacy, after);
	mutex_unlock(&child->lock);
	release_all(legacy.special, ARRAY_SIZE(legacy.special), after);
	release_all(legacy.registered, ARRAY_SIZE(legacy.registered), after);
	return ret;
}

void mach_special_release_all(struct mach_space *space,
			      struct mach_aftermath *after)
{
	mutex_lock(&space->lock);
	release_all(space->special, ARRAY_SIZE(space->special), after);
	release_all(space->registered, ARRAY_SIZE(space->registered), after);
	mutex_unlock(&space->lock);
}
