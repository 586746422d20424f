/* SPDX-License-Identifier: GPL-2.0 */
/* Where mig would put its header for mach.defs: the library has the calls. */
#include <mach/mach_interface.h>
