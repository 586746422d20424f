/* SPDX-License-Identifier: MIT */
/* Where Darwin has them. */
#ifndef _SYS_FILEPORT_H_
#define _SYS_FILEPORT_H_

#include <mach/fileport.h>

#endif /* _SYS_FILEPORT_H_ */
