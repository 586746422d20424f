// SPDX-License-Identifier: GPL-2.0
/*
 * A module that static checks must complain about: memory used after it was
 * freed (clang-tidy, coccinelle), a variable that is not always set (clang),
 * and a blank that is missing (checkpatch).
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>

static noinline int planted_free(int value)
{
	int *number = kmalloc(sizeof(*number), GFP_KERNEL);

	if (!number)
		return 0;
	*number = value;
	kfree(number);
	return *number;
}

static noinline int planted_unset(int value)
{
	int unset;

	if (value > 1)
		unset = 1;
	return unset;
}

static int planted_style(char *value, const struct kernel_param *param)
{
	if(!value) {
		return 0; }
	return planted_free(*value) + planted_unset(*value);
}

static const struct kernel_param_ops planted_ops = { .get = planted_style };
module_param_cb(planted, &planted_ops, NULL, 0400);
MODULE_DESCRIPTION("Planted faults for the checks");
MODULE_LICENSE("GPL");
