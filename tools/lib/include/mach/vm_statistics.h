/* SPDX-License-Identifier: MIT */
/*
 * What vm_statistics() gives: pages and events, modulo 2^32, as in GNU Mach.
 * Linux counts no zero fills, no copies on write and no object cache: 0.
 */
#ifndef _MACH_VM_STATISTICS_H_
#define _MACH_VM_STATISTICS_H_

#include <mach/machine/vm_types.h>

struct vm_statistics {
	integer_t pagesize;		/* bytes */
	integer_t free_count;
	integer_t active_count;
	integer_t inactive_count;
	integer_t wire_count;
	integer_t zero_fill_count;
	integer_t reactivations;
	integer_t pageins;		/* faults that waited for a disk */
	integer_t pageouts;		/* pages swapped out */
	integer_t faults;
	integer_t cow_faults;
	integer_t lookups;
	integer_t hits;
};

typedef struct vm_statistics *vm_statistics_t;
typedef struct vm_statistics vm_statistics_data_t;

struct pmap_statistics {
	integer_t resident_count;
	integer_t wired_count;
};

typedef struct pmap_statistics *pmap_statistics_t;

#endif /* _MACH_VM_STATISTICS_H_ */
