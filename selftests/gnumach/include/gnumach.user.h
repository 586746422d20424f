/* SPDX-License-Identifier: GPL-2.0 */
/* Where mig would put its header for gnumach.defs: the library has the calls. */
#include <mach/gnumach.h>
