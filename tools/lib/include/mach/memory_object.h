/* SPDX-License-Identifier: MIT */
/* Names for memory objects.  There is none to be had but the null object. */
#ifndef _MACH_MEMORY_OBJECT_H_
#define _MACH_MEMORY_OBJECT_H_

#include <mach/port.h>

typedef mach_port_t memory_object_t;
typedef mach_port_t memory_object_name_t;

#define MEMORY_OBJECT_NULL		MACH_PORT_NULL
#define MEMORY_OBJECT_NAME_NULL		MACH_PORT_NULL

#endif /* _MACH_MEMORY_OBJECT_H_ */
