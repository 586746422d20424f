// SPDX-License-Identifier: MIT
/* The calculator's routines: what calculator.defs says, without messages. */
#include <stdlib.h>
#include <mach/mach.h>

#include "calculator_server.h"

kern_return_t do_calculator_add(mach_port_t calculator, int a, int b, int *sum)
{
	(void)calculator;
	return __builtin_add_overflow(a, b, sum) ? KERN_INVALID_VALUE :
						   KERN_SUCCESS;
}

kern_return_t do_calculator_divide(mach_port_t calculator, int a, int b,
				   int *quotient)
{
	(void)calculator;
	if (!b || (a == INT32_MIN && b == -1))
		return KERN_INVALID_ARGUMENT;
	*quotient = a / b;
	return KERN_SUCCESS;
}

/* The stub passes on whatever count came; the bound is ours to check. */
kern_return_t do_calculator_total(mach_port_t calculator,
				  const numbers_t numbers,
				  mach_msg_type_number_t count, int64_t *total)
{
	(void)calculator;
	if (count > NUMBERS_MOST)
		return KERN_INVALID_ARGUMENT;
	*total = 0;
	for (mach_msg_type_number_t i = 0; i < count; i++)
		*total += numbers[i];
	return KERN_SUCCESS;
}

kern_return_t do_calculator_stop(mach_port_t calculator)
{
	(void)calculator;
	exit(0);
}
