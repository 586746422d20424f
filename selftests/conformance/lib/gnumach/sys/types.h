/* SPDX-License-Identifier: GPL-2.0 */
/* What gnumach-dev's headers want of a C library. */
#include <stddef.h>
#include <stdint.h>
