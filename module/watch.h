/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Watches: files that are polled for messages on a port or a port set.
 *
 * The wait queue is part of the watch, and the watch of its file: whoever
 * waits on it (epoll, poll, select, io_uring) holds that file or is told
 * before the file goes, and never knows of the port.  (A wait queue in the
 * polled object, which may die before the file, was CVE-2019-2215.)
 *
 * A watch is on the list of what it watches.  It leaves the list when its
 * file goes, or for ever when there will be nothing to receive any more; which
 * it was is all that a poll has to know.
 *
 * Locks: the spinlock of the port or set that is watched guards its list and
 * the link of everyone on it; the wait queue's own lock is taken inside.
 */
#ifndef MACH_WATCH_H
#define MACH_WATCH_H

#include <linux/list.h>
#include <linux/poll.h>
#include <linux/wait.h>

struct mach_watch {
	struct list_head link;		/* empty: nothing to wait for */
	struct wait_queue_head wait;
};

#define MACH_POLL_MESSAGE	(EPOLLIN | EPOLLRDNORM)

void mach_watch_init(struct mach_watch *watch);

/* A message can be received: of those who wait exclusively one is enough. */
void mach_watches_tell(struct list_head *watches);

/* Nothing can be received for now; everybody must hear of that. */
void mach_watches_warn(struct list_head *watches);

/* Nothing can be received here any more: all of them hang up. */
void mach_watches_end(struct list_head *watches);

/* What a poll sees, if the watch is still on its list. */
static inline __poll_t mach_watch_poll(const struct mach_watch *watch,
				       bool message)
{
	if (list_empty(&watch->link))
		return EPOLLHUP;
	return message ? MACH_POLL_MESSAGE : 0;
}

#endif /* MACH_WATCH_H */
