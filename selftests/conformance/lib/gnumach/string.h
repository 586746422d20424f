/* SPDX-License-Identifier: GPL-2.0 */
/* What the programs want of a C library; see start.c. */
#include <stddef.h>

void *memcpy(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
