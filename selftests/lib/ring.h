/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An io_uring with one fixed buffer: memory that stays pinned, and that the
 * kernel writes to past the page tables.  And one that waits for a descriptor.
 */
#ifndef MACH_RING_H
#define MACH_RING_H

#include <linux/io_uring.h>

#include "mach_test.h"

struct mt_ring {
	int fd;
	unsigned int *tail, *mask, *array;	/* of the submissions */
	unsigned int *head, *end, *end_mask;	/* of the completions */
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
};

/* False: there is no io_uring here. */
bool mt_ring_start(struct mt_ring *ring);
/* Pins the memory until the call below. */
void mt_ring_pin(struct mt_ring *ring, void *address, unsigned long bytes);
void mt_ring_unpin(struct mt_ring *ring);
/* Reads from the start of a file into part of the pinned memory; waits. */
void mt_ring_read(struct mt_ring *ring, int fd, void *address,
		  unsigned long bytes);

/* The ring holds the file of @fd.  0 or -1. */
int mt_ring_register(struct mt_ring *ring, int fd);
/* Waits once for @events of @fd; at most one at a time. */
void mt_ring_poll(struct mt_ring *ring, int fd, unsigned int events);
bool mt_ring_done(const struct mt_ring *ring);
/* The events that came, or -errno. */
int mt_ring_wait(struct mt_ring *ring);

#endif /* MACH_RING_H */
