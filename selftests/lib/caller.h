/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One mach_msg call with any of its options, here or in a thread of its own
 * that is known to be blocked in it, and short forms of what tests of port
 * sets, notifications and death do again and again.
 */
#ifndef MACH_CALLER_H
#define MACH_CALLER_H

#include <pthread.h>

#include "mach_calls.h"

/* What mt_next() says of an empty queue. */
#define MT_NOTHING	0xdeadbeefU
/* Milliseconds: plenty, also for an emulator on a busy machine. */
#define MT_LONG		20000U

/*
 * One call.  The message is filled in: its size to send, room for all that
 * fits to receive unless rcv_size says another; a buffer that is only received
 * into is poisoned first.
 */
__s32 mt_call(const struct mt_task *task, struct mt_message *message,
	      struct mach_ioc_msg call);

struct mt_caller {
	const struct mt_task *task;
	struct mach_ioc_msg call;
	pthread_t thread;
	pid_t tid;
	bool done;
	__s32 ret;
	struct mt_message message;	/* built by the test, or received */
};

/* caller->call and, to send, caller->message are the test's. */
void mt_start_call(struct mt_caller *caller, const struct mt_task *task);
/* Blocked in a plain receive. */
void mt_start_receiver(struct mt_caller *caller, const struct mt_task *task,
		       __u32 name);
/* Blocked in sending just a header, by COPY_SEND. */
void mt_start_sender(struct mt_caller *caller, const struct mt_task *task,
		     __u32 dest, __u32 id);
__s32 mt_finish_call(struct mt_caller *caller);
/* Is it still blocked, even after it had time to be woken? */
bool mt_still_blocked(struct mt_caller *caller);

/* The id of the next message, or MT_NOTHING; waits for nothing. */
__u32 mt_next(const struct mt_task *task, __u32 name);
/* The same, but waits for one and also says which port it came by. */
__u32 mt_next_of(const struct mt_task *task, __u32 name, __u32 *port);
/* Messages in the queue of a receive right. */
__u32 mt_queued(const struct mt_task *task, __u32 port);
/* Send rights that exist for the port, wherever they are. */
__u64 mt_senders(const struct mt_task *task, __u32 port);
/* Nothing was sent to @port, and no send-once right for it exists. */
bool mt_silent(const struct mt_task *task, __u32 port);
/* Exactly one more, a send-once notification. */
bool mt_once_wasted(const struct mt_task *task, __u32 port);

/* Sends the receive right @carried to the port that @dest is a right for. */
__s32 mt_carry(const struct mt_task *task, __u32 dest, __u32 carried);
/* Waits for a port-destroyed notification on @port; the right it brings. */
__u32 mt_destroyed(const struct mt_task *task, __u32 port);
/*
 * Spends a little time, from none to that of many calls, another in each
 * round: for races that one side would always win.
 */
void mt_lag(unsigned int round);
/* Cancels a request; the send-once right that it had, or 0. */
__u32 mt_cancel(const struct mt_task *task, __u32 name, __u32 id);

#endif /* MACH_CALLER_H */
