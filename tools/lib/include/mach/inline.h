/* SPDX-License-Identifier: MIT */
/* For functions in headers, as in GNU Mach. */
#ifndef _MACH_INLINE_H_
#define _MACH_INLINE_H_

#ifndef MACH_INLINE
#define MACH_INLINE	extern __inline
#endif

#endif /* _MACH_INLINE_H_ */
