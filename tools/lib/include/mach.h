/* SPDX-License-Identifier: MIT */
/* The name that GNU's C library has for <mach/mach.h>. */
#include <mach/mach.h>
