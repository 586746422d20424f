// SPDX-License-Identifier: GPL-2.0
/*
 * mach_msg in phases: fetch, capture, queue; take, deliver.
 */
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/stddef.h>

#include "aftermath.h"
#include "copyin.h"
#include "copyout.h"
#include "kmsg.h"
#include "marequest.h"
#include "mqueue.h"
#include "msg.h"
#include "port.h"
#include "pset.h"
#include "receive.h"
#include "request.h"
#include "sender.h"
#include "space.h"
#include "task.h"
#include "trace.h"
#include "user.h"

/* 0 only polls; anything else lasts no less than was asked for. */
static long timeout_jiffies(const struct mach_ioc_msg *args, u32 option)
{
	if (!(args->option & option))
		return MAX_SCHEDULE_TIMEOUT;
	if (!args->timeout)
		return 0;
	/* The jiffy that has begun does not count. */
	return msecs_to_jiffies(args->timeout) + 1;
}

/*
 * ---- send ----
 */

/* The port was dead, or died in the wait, or must never get the message. */
static u32 send_nowhere(struct mach_kmsg *kmsg, struct mach_aftermath *after)
{
	mach_aftermath_doom(after, kmsg);
	return MACH_MSG_SUCCESS;
}

/*
 * MACH_SEND_NOTIFY, and no room: the message goes in all the same, once per
 * name, and its acceptance is reported (spec K14).
 */
static u32 send_forced(struct mach_space *space, struct mach_kmsg *kmsg,
		       const struct mach_ioc_msg *args,
		       struct mach_aftermath *after)
{
	u32 ret;

	/* Even if the name has a request already [conformance]. */
	if (args->notify == MACH_PORT_NULL)
		return MACH_SEND_INVALID_NOTIFY;
	mutex_lock(&space->lock);
	ret = mach_request_accept(space, kmsg->dest.port, args->notify,
				  &kmsg->marequest);
	mutex_unlock(&space->lock);
	if (ret)
		return ret;
	if (mach_mqueue_send_always(kmsg))
		send_nowhere(kmsg, after);
	return MACH_SEND_WILL_NOTIFY;
}

/* As mach_mqueue_send(); also MACH_SEND_WILL_NOTIFY, which consumes. */
static u32 send_to_queue(struct mach_space *space, struct mach_kmsg *kmsg,
			 const struct mach_ioc_msg *args,
			 struct mach_aftermath *after)
{
	bool notify = args->option & MACH_SEND_NOTIFY;
	long timeout = timeout_jiffies(args, MACH_SEND_TIMEOUT);
	u32 ret;

	/* Without a time-out of its own it does not wait at all. */
	if (notify && timeout == MAX_SCHEDULE_TIMEOUT)
		timeout = 0;
	ret = mach_mqueue_send(kmsg, timeout);
	if (notify && ret == MACH_SEND_TIMED_OUT)
		ret = send_forced(space, kmsg, args, after);
	return ret;
}

/* Consumes the message, which is complete. */
static u32 send_captured(struct mach_space *space, struct mach_kmsg *kmsg,
			 const struct mach_ioc_msg *args,
			 struct mach_aftermath *after)
{
	u32 ret;

	if (kmsg->dest.kind == MACH_CARRIED_DEAD)
		return send_nowhere(kmsg, after);
	/* What the taking of its rights caused comes before the message. */
	mach_aftermath_run(after);

	trace_mach_send(space->id, kmsg->dest.port->id, kmsg->id, kmsg->size,
			kmsg->complex);
	if (mach_port_is_kernel(kmsg->dest.port)) {
		mach_task_answer(kmsg, after);
		return MACH_MSG_SUCCESS;
	}
	ret = send_to_queue(space, kmsg, args, after);
	switch (ret) {
	case MACH_MSG_SUCCESS:
	case MACH_SEND_WILL_NOTIFY:
		trace_mach_stage(MACH_STAGE_ACCEPTED);
		return ret;
	case MACH_SEND_INVALID_DEST:
		return send_nowhere(kmsg, after);
	default:
		return mach_copyout_return(space, kmsg, args->msg, ret, after);
	}
}

static u32 send(struct mach_space *space, const struct mach_ioc_msg *args,
		struct mach_aftermath *after)
{
	struct mach_cancel cancel = {
		.wanted = args->option & MACH_SEND_CANCEL,
		.notify = args->notify,
	};
	struct mach_kmsg *kmsg;
	u32 ret;

	ret = mach_copyin(space, args->msg, args->send_size, cancel, &kmsg);
	if (ret)
		return ret;
	trace_mach_stage(MACH_STAGE_FETCHED);
	ret = mach_copyin_header(space, kmsg, cancel, after);
	if (ret) {
		mach_kmsg_free(kmsg);
		return ret;
	}
	trace_mach_stage(MACH_STAGE_HEADER_TAKEN);
	/* Also for a body of plain items, whose padding is cleared. */
	if (mach_kmsg_header(kmsg)->bits & MACH_MSGH_BITS_COMPLEX)
		ret = mach_copyin_body(space, kmsg, after);
	if (ret)
		mach_aftermath_fail(after, kmsg);
	else
		ret = send_captured(space, kmsg, args, after);
	if (!ret || ret == MACH_SEND_WILL_NOTIFY)
		mach_count(&space->stats, MACH_EVENT_SENT, 1);
	return ret;
}

/*
 * ---- receive ----
 */

/*
 * The message stays; the receiver learns how much room it wants, if it can be
 * told (spec K21).
 */
static void report_size(const struct mach_ioc_msg *args, u32 needed)
{
	u64 field = args->msg + offsetof(struct mach_wire_header, size);

	if (args->rcv_size >= MACH_MSG_HEADER_SIZE)
		(void)mach_store_u32(needed, u64_to_user_ptr(field));
}

/*
 * Who sent it; to where the caller wants it, and as much as he knows.  Out of
 * the way of those who do not ask.
 */
static noinline bool write_trailer(const struct mach_kmsg *kmsg,
				   const struct mach_ioc_msg *args)
{
	struct mach_trailer trailer;

	mach_sender_describe(kmsg->sender, &trailer);
	trailer.size = min_t(u32, args->trailer_size, sizeof(trailer));
	return !mach_store(u64_to_user_ptr(args->trailer), &trailer,
			   trailer.size);
}

static u32 deliver(struct mach_space *space, struct mach_kmsg *kmsg,
		   const struct mach_ioc_msg *args,
		   struct mach_aftermath *after)
{
	struct mach_copyout to = {
		.msg = args->msg,
		.room = args->rcv_size,
		.ordinary = args->flags & MACH_MSG_ORDINARY,
		.watch = args->option & MACH_RCV_NOTIFY,
		.notify = args->notify,
	};
	bool told = true;
	u32 ret;

	mach_count(&space->stats, MACH_EVENT_RECEIVED, 1);
	trace_mach_receive(space->id, kmsg->dest.port->id, kmsg->id, kmsg->size,
			   kmsg->complex);
	if (kmsg->marequest) {
		mach_marequest_accept(kmsg->marequest, after);
		kmsg->marequest = NULL;
	}
	if (args->trailer)
		told = write_trailer(kmsg, args);
	ret = mach_copyout(space, kmsg, &to, after);
	return told ? ret : MACH_RCV_INVALID_DATA;
}

static u32 receive_from(struct mach_space *space,
			struct mach_receive *receive,
			const struct mach_ioc_msg *args,
			struct mach_aftermath *after)
{
	u32 ret;

	receive->holder = space;
	receive->room = args->rcv_size;
	receive->large = args->option & MACH_RCV_LARGE;
	receive->timeout = timeout_jiffies(args, MACH_RCV_TIMEOUT);
	ret = mach_mqueue_receive(receive);
	if (ret == MACH_RCV_TOO_LARGE)
		report_size(args, receive->needed);
	if (ret)
		return ret;
	return deliver(space, receive->kmsg, args, after);
}

static u32 receive(struct mach_space *space, const struct mach_ioc_msg *args,
		   struct mach_aftermath *after)
{
	struct mach_receive receive = {};
	bool found;
	u32 ret;

	mutex_lock(&space->lock);
	found = mach_receive_source(space, args->rcv_name, &receive.port,
				    &receive.set);
	mutex_unlock(&space->lock);
	if (!found)
		return MACH_RCV_INVALID_NAME;
	trace_mach_stage(MACH_STAGE_FOUND);
	ret = receive_from(space, &receive, args, after);
	if (receive.port)
		mach_port_put(receive.port);
	else
		mach_pset_put(receive.set);
	return ret;
}

void mach_msg(struct mach_space *space, struct mach_ioc_msg *args)
{
	MACH_AFTERMATH(after);
	u32 ret = MACH_MSG_SUCCESS;

	if (args->option & MACH_SEND_MSG) {
		ret = send(space, args, &after);
		/* Before the wait: a reply may hang on what is listed. */
		mach_aftermath_run(&after);
		trace_mach_stage(MACH_STAGE_DONE);
	}
	if (!ret && args->option & MACH_RCV_MSG) {
		ret = receive(space, args, &after);
		mach_aftermath_run(&after);
		trace_mach_stage(MACH_STAGE_DONE);
	}
	args->ret = ret;
}
