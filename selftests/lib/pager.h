/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory whose faults are answered by a thread of the process (userfaultfd),
 * or by nobody.
 */
#ifndef MACH_PAGER_H
#define MACH_PAGER_H

#include <linux/userfaultfd.h>
#include <pthread.h>

#include "mach_test.h"

struct mt_pager {
	int fd;
	pthread_t thread;
	int fill;		/* the byte that missing pages get */
};

/*
 * Watches the memory.  mode: UFFDIO_REGISTER_MODE_*, features: UFFD_FEATURE_*
 * that must be there.  False: not on this kernel.  Nobody answers yet.
 */
bool mt_pager_watch(struct mt_pager *pager, void *memory, unsigned long bytes,
		    __u64 mode, __u64 features);
/* From now on missing pages are filled; what else is read is dropped. */
void mt_pager_answer(struct mt_pager *pager);
/* Write-protects the memory, or not. */
void mt_pager_protect(struct mt_pager *pager, void *memory,
		      unsigned long bytes, bool protect);

#endif /* MACH_PAGER_H */
