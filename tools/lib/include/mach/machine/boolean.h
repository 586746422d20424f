/* SPDX-License-Identifier: MIT */
/* GNU Mach's name for <mach/boolean.h>. */
#include <mach/boolean.h>
