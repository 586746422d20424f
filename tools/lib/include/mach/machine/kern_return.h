/* SPDX-License-Identifier: MIT */
/* GNU Mach's name for <mach/kern_return.h>. */
#include <mach/kern_return.h>
