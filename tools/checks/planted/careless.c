// SPDX-License-Identifier: GPL-2.0
/*
 * A module that sparse must complain about: a user's pointer is dereferenced.
 * tools/checks/selftest uses it for the symbol check, too.
 */
#include <linux/module.h>

static int careless_get(char *value, const struct kernel_param *param)
{
	int __user *user = (int __user *)0x1000;

	return *(int *)user;
}

static const struct kernel_param_ops careless_ops = { .get = careless_get };
module_param_cb(careless, &careless_ops, NULL, 0400);
MODULE_DESCRIPTION("Planted faults for the checks");
MODULE_LICENSE("GPL");
