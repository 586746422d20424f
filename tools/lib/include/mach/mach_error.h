/* SPDX-License-Identifier: MIT */
/* Result codes in words. */
#ifndef _MACH_MACH_ERROR_H_
#define _MACH_MACH_ERROR_H_

#include <mach/kern_return.h>

typedef kern_return_t mach_error_t;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The meaning of any KERN_*, MACH_SEND_*, MACH_RCV_* (special bits are told
 * too) or MIG_* code.  Valid until the thread's next call.
 */
const char *mach_error_string(mach_error_t error_value);

/* Prints string and the meaning on standard error. */
void mach_error(const char *string, mach_error_t error_value);

#ifdef __cplusplus
}
#endif

#endif /* _MACH_MACH_ERROR_H_ */
