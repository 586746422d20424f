// SPDX-License-Identifier: GPL-2.0
/*
 * The bootstrap port of the IPC instance: see instance.h.
 */
#include <linux/mutex.h>

#include "instance.h"
#include "kmsg.h"
#include "port.h"

/* SEND or NULL; under bootstrap_mutex, inside which port locks are taken. */
static struct mach_carried bootstrap = { .kind = MACH_CARRIED_NULL };
static DEFINE_MUTEX(bootstrap_mutex);

void mach_instance_get_bootstrap(struct mach_carried *out,
				 struct mach_aftermath *after)
{
	out->kind = MACH_CARRIED_NULL;
	mutex_lock(&bootstrap_mutex);
	if (bootstrap.kind == MACH_CARRIED_SEND) {
		if (mach_port_copy_send(bootstrap.port))
			*out = bootstrap;
		else
			mach_port_release(&bootstrap, after);
	}
	mutex_unlock(&bootstrap_mutex);
}

void mach_instance_set_bootstrap(struct mach_carried *right,
				 struct mach_aftermath *after)
{
	mutex_lock(&bootstrap_mutex);
	mach_port_release(&bootstrap, after);
	bootstrap = *right;
	right->kind = MACH_CARRIED_NULL;
	mutex_unlock(&bootstrap_mutex);
}
