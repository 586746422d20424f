/* SPDX-License-Identifier: MIT */
/* boolean_t, TRUE and FALSE, as in GNU Mach. */
#ifndef _MACH_BOOLEAN_H_
#define _MACH_BOOLEAN_H_

typedef int boolean_t;

#endif /* _MACH_BOOLEAN_H_ */

/*
 * Outside the guard, as in GNU Mach: a program may say NOBOOL for one
 * inclusion and not for another.
 */
#ifndef NOBOOL
#ifndef TRUE
#define TRUE	((boolean_t)1)
#endif
#ifndef FALSE
#define FALSE	((boolean_t)0)
#endif
#endif /* NOBOOL */
