// SPDX-License-Identifier: GPL-2.0
/*
 * Bootstrap port and host port of the IPC instance: see instance.h.
 */
#include <linux/errno.h>
#include <linux/mutex.h>

#include "instance.h"
#include "kmsg.h"
#include "limits.h"
#include "port.h"

/* SEND or NULL; under bootstrap_mutex, inside which port locks are taken. */
static struct mach_carried bootstrap = { .kind = MACH_CARRIED_NULL };
static DEFINE_MUTEX(bootstrap_mutex);

/* The receive right's reference; immutable between init and exit. */
static struct mach_port *host;

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

void mach_instance_get_host(struct mach_carried *out)
{
	mach_port_make_send(host);
	out->kind = MACH_CARRIED_SEND;
	out->port = host;
}

int mach_instance_init(void)
{
	struct mach_user *user = mach_user_get_current();

	if (!user)
		return -ENOMEM;
	host = mach_port_create(user);
	mach_user_put(user);
	if (!host)
		return -ENOMEM;
	mach_port_hold_kernel(host, MACH_OBJECT_HOST, NULL);
	return 0;
}

void mach_instance_exit(struct mach_aftermath *after)
{
	mutex_lock(&bootstrap_mutex);
	mach_port_release(&bootstrap, after);
	mutex_unlock(&bootstrap_mutex);
	mach_port_kill(host, after);
}
