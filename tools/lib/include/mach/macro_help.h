/* SPDX-License-Identifier: MIT */
/* Brackets for macros that are statements, as in GNU Mach. */
#ifndef _MACRO_HELP_H_
#define _MACRO_HELP_H_

#define MACRO_BEGIN	do {
#define MACRO_END	} while (0)
#define MACRO_RETURN	if (1) return

#endif /* _MACRO_HELP_H_ */
