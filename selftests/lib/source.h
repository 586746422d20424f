/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory of one kind as the source of a message, and what must hold whatever
 * the kind is: the counters tell the truth, the content arrives, the source
 * stays as it was or is gone, and what arrived is plain memory that nobody
 * else's writes reach.
 *
 * All of these end the process when something does not hold.
 */
#ifndef MACH_SOURCE_H
#define MACH_SOURCE_H

#include "mach_test.h"

#define MT_REASON(name)		(1U << MACH_COPY_##name)

struct mt_source {
	const char *name;	/* said when something does not hold */
	char *memory;
	unsigned long bytes;
	const char *want;	/* the content; NULL: zeroes */

	/*
	 * How its pages travel: so many by reference, so many as holes, the
	 * rest is copied for one of the reasons.  loose: by reference or
	 * copied, as it happens.
	 */
	unsigned long shared;
	unsigned long holes;
	unsigned int reasons;
	bool loose;
};

/* One CPU, so that no page waits in another's LRU batch; nothing is small. */
void mt_source_begin(void);

/* Sends a copy and receives it; what arrived is not written to. */
char *mt_source_copy(const struct mt_task *task,
		     const struct mt_source *source);
/* The same of a move: the source is gone afterwards. */
char *mt_source_move(const struct mt_task *task,
		     const struct mt_source *source);
/* Neither side sees what the other writes; both are then full of it ... */
void mt_source_apart(const struct mt_source *source, char *received);
/* ... that is, of one of these. */
#define MT_BY_SENDER	's'
#define MT_BY_RECEIVER	'r'
/* Are all bytes this one? */
bool mt_all(const void *address, unsigned long bytes, int value);
/* What arrives is as it was before @change happened to the source. */
void mt_source_in_flight(const struct mt_task *task,
			 const struct mt_source *source,
			 void (*change)(const struct mt_source *source));
/* Changes for it. */
void mt_source_overwrite(const struct mt_source *source);
void mt_source_unmap(const struct mt_source *source);

/*
 * All of it, each time with a source that @make has just made: sent twice and
 * written on both sides, changed and unmapped in flight, moved.
 */
void mt_source_all_ways(const struct mt_task *task,
			void (*make)(struct mt_source *source, void *arg),
			void *arg);

/* Is the content of what arrived as it should be? */
bool mt_source_arrived(const struct mt_source *source, const char *received);
/* Is it memory as everybody gets it, whatever the source was? */
bool mt_plain(const struct mt_task *task, const char *received);

/* Writes a value to a file under /proc or /sys; false if it cannot. */
bool mt_set_kernel(const char *path, const char *value);
/* The number in such a file, or behind the word @key in it; -1: none. */
long mt_get_kernel(const char *path, const char *key);

#endif /* MACH_SOURCE_H */
