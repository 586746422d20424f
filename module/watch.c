// SPDX-License-Identifier: GPL-2.0
/*
 * Telling and ending watches: see watch.h.
 */
#include "watch.h"

void mach_watch_init(struct mach_watch *watch)
{
	INIT_LIST_HEAD(&watch->link);
	init_waitqueue_head(&watch->wait);
}

void mach_watches_tell(struct list_head *watches)
{
	struct mach_watch *watch;

	list_for_each_entry(watch, watches, link)
		wake_up_poll(&watch->wait, MACH_POLL_MESSAGE);
}

/* Exclusive waiters (EPOLLEXCLUSIVE), too: no other news may ever come. */
static void wake_all(struct mach_watch *watch, __poll_t events)
{
	__wake_up(&watch->wait, TASK_NORMAL, 0, poll_to_key(events));
}

void mach_watches_warn(struct list_head *watches)
{
	struct mach_watch *watch;

	list_for_each_entry(watch, watches, link)
		wake_all(watch, EPOLLERR);
}

void mach_watches_end(struct list_head *watches)
{
	struct mach_watch *watch, *next;

	list_for_each_entry_safe(watch, next, watches, link) {
		list_del_init(&watch->link);
		wake_all(watch, EPOLLHUP);
	}
}
