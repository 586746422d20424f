/* SPDX-License-Identifier: MIT */
/* GNU Mach's name for <mach/vm_types.h>. */
#include <mach/vm_types.h>
