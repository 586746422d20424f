/* SPDX-License-Identifier: GPL-2.0 */
/* The C side of the types in exercise.defs. */
#ifndef EXERCISE_TYPES_H
#define EXERCISE_TYPES_H

#include <mach/mach_types.h>
#include <mach/message.h>

#define TEXT_BYTES	128
#define BOUND		16

typedef char text_t[TEXT_BYTES];
typedef const char *const_text_t;
typedef int eight_t[8];
typedef int bounded_t[BOUND];
typedef char *bytes_t;
typedef const char *const_bytes_t;
typedef int *region_t;

typedef struct {
	int first;
	int64_t second;
} pair_t;

#endif /* EXERCISE_TYPES_H */
