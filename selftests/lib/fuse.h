/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One file of a file system of our own, which answers reads when it is told to: a
 * pager that can be slow, and I/O that stays in flight.
 */
#ifndef MACH_FUSE_H
#define MACH_FUSE_H

#include <pthread.h>

#include "mach_test.h"

struct mt_fuse {
	int device;		/* /dev/fuse */
	int file;		/* the file, open for reading and writing */
	const char *content;	/* of the file */
	unsigned long bytes;
	bool direct;		/* no page cache: pages are the caller's */
	pthread_t thread;

	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool silent;		/* under lock: reads are not answered */
	unsigned int waiting;	/* under lock: reads that are waiting */
};

/*
 * With content, bytes, direct and silent set by the caller.  False: there is
 * no FUSE here.  All ends with the process.
 */
bool mt_fuse_start(struct mt_fuse *fuse);
/* Until a read waits for its answer. */
void mt_fuse_until_read(struct mt_fuse *fuse);
/* From now on reads are answered, also those that wait. */
void mt_fuse_answer(struct mt_fuse *fuse);

#endif /* MACH_FUSE_H */
