// SPDX-License-Identifier: GPL-2.0
/*
 * mach_msg in phases: fetch, capture, queue; take, deliver.
 */
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/stddef.h>
#include <linux/uaccess.h>

#include "aftermath.h"
#include "copyin.h"
#include "copyout.h"
#include "kmsg.h"
#include "msg.h"
#include "port.h"
#include "right.h"
#include "space.h"
#include "task.h"
#include "trace.h"

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

/* Consumes the message, which is complete. */
static u32 send_captured(struct mach_space *space, struct mach_kmsg *kmsg,
			 const struct mach_ioc_msg *args,
			 struct mach_aftermath *after)
{
	u32 ret;

	if (kmsg->circular || kmsg->dest.kind == MACH_CARRIED_DEAD)
		return send_nowhere(kmsg, after);

	trace_mach_send(space->id, kmsg->dest.port->id, kmsg->id, kmsg->size,
			kmsg->complex);
	if (mach_port_is_kernel(kmsg->dest.port)) {
		mach_task_answer(kmsg, after);
		return MACH_MSG_SUCCESS;
	}
	ret = mach_port_send(kmsg, timeout_jiffies(args, MACH_SEND_TIMEOUT));
	switch (ret) {
	case MACH_MSG_SUCCESS:
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
	struct mach_kmsg *kmsg;
	u32 ret;

	ret = mach_copyin(space, args->msg, args->send_size, &kmsg);
	if (ret)
		return ret;
	ret = mach_copyin_header(space, kmsg, after);
	if (ret) {
		mach_kmsg_free(kmsg);
		return ret;
	}
	/* Also for a body of plain items, whose padding is cleared. */
	if (mach_kmsg_header(kmsg)->bits & MACH_MSGH_BITS_COMPLEX)
		ret = mach_copyin_body(space, kmsg, after);
	if (ret)
		mach_aftermath_doom(after, kmsg);
	else
		ret = send_captured(space, kmsg, args, after);
	if (!ret)
		mach_count(&space->stats, MACH_EVENT_SENT, 1);
	return ret;
}

/*
 * ---- receive ----
 */

/* The message stays; the receiver learns how much room it wants (spec K21). */
static u32 report_size(const struct mach_ioc_msg *args, u32 needed)
{
	u64 field = args->msg + offsetof(struct mach_wire_header, size);

	if (args->rcv_size < MACH_MSG_HEADER_SIZE)
		return MACH_RCV_TOO_LARGE;
	if (put_user(needed, (u32 __user *)u64_to_user_ptr(field)))
		return MACH_RCV_INVALID_DATA;
	return MACH_RCV_TOO_LARGE;
}

static u32 receive_from(struct mach_space *space, struct mach_port *port,
			const struct mach_ioc_msg *args,
			struct mach_aftermath *after)
{
	struct mach_receive receive = {
		.holder = space,
		.room = args->rcv_size,
		.large = args->option & MACH_RCV_LARGE,
		.timeout = timeout_jiffies(args, MACH_RCV_TIMEOUT),
	};
	struct mach_kmsg *kmsg;
	u32 ret;

	ret = mach_port_receive(port, &receive);
	if (ret == MACH_RCV_TOO_LARGE)
		return report_size(args, receive.needed);
	if (ret)
		return ret;
	kmsg = receive.kmsg;
	mach_count(&space->stats, MACH_EVENT_RECEIVED, 1);
	trace_mach_receive(space->id, port->id, kmsg->id, kmsg->size,
			   kmsg->complex);
	return mach_copyout(space, kmsg, args->msg, args->rcv_size, after);
}

static u32 receive(struct mach_space *space, const struct mach_ioc_msg *args,
		   struct mach_aftermath *after)
{
	struct mach_port *port;
	u32 ret;

	mutex_lock(&space->lock);
	port = mach_right_receive_port(space, args->rcv_name);
	mutex_unlock(&space->lock);
	if (!port)
		return MACH_RCV_INVALID_NAME;
	ret = receive_from(space, port, args, after);
	mach_port_put(port);
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
	}
	if (!ret && args->option & MACH_RCV_MSG) {
		ret = receive(space, args, &after);
		mach_aftermath_run(&after);
	}
	args->ret = ret;
}
