/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Received memory of every origin, to be used in every way.
 */
#ifndef MACH_RECEIVER_H
#define MACH_RECEIVER_H

#include "mach_test.h"

/* How the pages of a region came to its receiver. */
enum mt_origin {
	MT_SHARED,		/* by reference; the sender has them, too */
	MT_MOVED,		/* by reference; nobody else has them */
	MT_COPIED,		/* copied by the module */
	MT_HOLES,		/* never touched by the sender */
	MT_ORIGINS
};

/* What the receiver did with them first. */
enum mt_touch {
	MT_UNTOUCHED,
	MT_READ,
	MT_READ_HALF,
	MT_WRITTEN,		/* with what was in them */
	MT_WRITTEN_HALF,
	MT_TOUCHES
};

struct mt_region {
	enum mt_origin origin;
	char *memory;
	char *source;		/* what was sent; NULL if moved */
	unsigned long pages;
	unsigned int seed;	/* of each page's content; not of holes */
};

/* Page @i is filled with seed @seed + i. */
void mt_region_receive(struct mt_region *region, const struct mt_task *task,
		       enum mt_origin origin, unsigned long pages,
		       unsigned int seed);
void mt_region_touch(const struct mt_region *region, enum mt_touch touch);
/* The content of @pages pages from page @first on, wherever they are now. */
bool mt_region_holds(const struct mt_region *region, const char *memory,
		     unsigned long first, unsigned long pages);
bool mt_region_intact(const struct mt_region *region);
/* Does the sender still have what it sent? */
bool mt_region_source_intact(const struct mt_region *region);
/* Unmaps both. */
void mt_region_drop(struct mt_region *region);

/* The signal that reading or writing a byte there gives; 0: none. */
int mt_read_signal(const void *address);
int mt_write_signal(void *address);

/* The debug kernel has no IPv4. */
bool mt_has_inet(void);

#endif /* MACH_RECEIVER_H */
