/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The wire format once more, from its documentation (uapi/linux/mach.h) and
 * without the codec's code, to compare with.
 */
#ifndef ORACLE_H
#define ORACLE_H

#include <linux/mach.h>
#include <stdbool.h>

struct oracle_totals {
	unsigned __int128 ports, send_once, regions, region_bytes,
			  region_pages;
	bool complex;
};

__u32 oracle_header(const __u8 *header);
__u32 oracle_body(const __u8 *body, __u32 size, __u32 page_size,
		  struct oracle_totals *totals);

#endif /* ORACLE_H */
