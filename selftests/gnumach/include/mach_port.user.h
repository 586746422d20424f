/* SPDX-License-Identifier: GPL-2.0 */
/* Where mig would put its header for mach_port.defs: the library has the calls. */
#include <mach/mach_port.h>
