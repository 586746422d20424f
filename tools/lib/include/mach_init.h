/* SPDX-License-Identifier: MIT */
/* The name that GNU's C library has for <mach/mach_init.h>. */
#include <mach/mach_init.h>
