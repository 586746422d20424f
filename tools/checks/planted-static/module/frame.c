// SPDX-License-Identifier: GPL-2.0
/*
 * A module with a frame of more than 1 KiB.
 */
#include <linux/compiler.h>
#include <linux/module.h>
#include <linux/string.h>

static int planted_frame(char *value, const struct kernel_param *param)
{
	char room[1100], *at = room;

	OPTIMIZER_HIDE_VAR(at);
	memset(at, *value, sizeof(room));
	return room[*value & 15];
}

static const struct kernel_param_ops planted_ops = { .get = planted_frame };
module_param_cb(planted, &planted_ops, NULL, 0400);
MODULE_DESCRIPTION("A planted fault for the checks");
MODULE_LICENSE("GPL");
