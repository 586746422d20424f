/* SPDX-License-Identifier: MIT */
/* The C side of the types in calculator.defs. */
#ifndef CALCULATOR_TYPES_H
#define CALCULATOR_TYPES_H

#include <mach/message.h>

#define NUMBERS_MOST	256
typedef int numbers_t[NUMBERS_MOST];

boolean_t calculator_server(mach_msg_header_t *in, mach_msg_header_t *out);

#endif /* CALCULATOR_TYPES_H */
