/* SPDX-License-Identifier: MIT */
/* All of libmach. */
#ifndef _MACH_MACH_H_
#define _MACH_MACH_H_

#include <mach/boolean.h>
#include <mach/kern_return.h>
#include <mach/linux.h>
#include <mach/mach_error.h>
#include <mach/mach_init.h>
#include <mach/mach_interface.h>
#include <mach/mach_param.h>
#include <mach/mach_port.h>
#include <mach/mach_traps.h>
#include <mach/mach_types.h>
#include <mach/message.h>
#include <mach/mig_errors.h>
#include <mach/notify.h>
#include <mach/port.h>
#include <mach/std_types.h>
#include <mach/vm_types.h>
#include <mach_debug/mach_debug.h>

#endif /* _MACH_MACH_H_ */
