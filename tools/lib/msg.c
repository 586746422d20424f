// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* mach_msg: one ioctl, and the restart after a signal. */
#include <errno.h>
#include <stddef.h>

#include <mach/linux.h>
#include <mach/message.h>

#include "internal.h"

/* Without a trailer the first version of the struct says it all. */
static inline mach_msg_return_t trap(mach_msg_user_header_t *msg,
				     mach_msg_option_t option,
				     mach_msg_size_t send_size,
				     mach_msg_size_t rcv_size,
				     mach_port_name_t rcv_name,
				     mach_msg_timeout_t timeout,
				     mach_port_name_t notify,
				     struct mach_trailer *trailer)
{
	struct mach_ioc_msg call = {
		.size = trailer ? sizeof(call) :
				  offsetof(struct mach_ioc_msg, trailer),
		.option = (__u32)option,
		.msg = (uintptr_t)msg,
		.send_size = send_size,
		.rcv_size = rcv_size,
		.rcv_name = rcv_name,
		.timeout = timeout,
		.notify = notify,
		.trailer_size = trailer ? sizeof(*trailer) : 0,
		.trailer = (uintptr_t)trailer,
	};

	if (__builtin_expect(!libmach_call(MACH_IOC_MSG, &call), 1))
		return call.ret;
	if (errno == ENOMEM && (option & MACH_SEND_MSG))
		return MACH_SEND_NO_BUFFER;
	/* Without a task no name denotes anything. */
	return option & MACH_SEND_MSG ? MACH_SEND_INVALID_DEST :
					MACH_RCV_INVALID_NAME;
}

mach_msg_return_t mach_msg_trap(mach_msg_user_header_t *msg,
				mach_msg_option_t option,
				mach_msg_size_t send_size,
				mach_msg_size_t rcv_size,
				mach_port_name_t rcv_name,
				mach_msg_timeout_t timeout,
				mach_port_name_t notify)
{
	return trap(msg, option, send_size, rcv_size, rcv_name, timeout, notify,
		    NULL);
}

/*
 * An interrupted send came back to the buffer and is sent again from there;
 * an interrupted receive must not send a second time.  Codes with special
 * bits stop both loops: then the buffer is not what it was.
 */
static mach_msg_return_t restart(mach_msg_return_t mr, mach_msg_header_t *msg,
				 mach_msg_option_t option,
				 mach_msg_size_t send_size,
				 mach_msg_size_t rcv_size,
				 mach_port_t rcv_name,
				 mach_msg_timeout_t timeout,
				 mach_port_t notify,
				 struct mach_trailer *trailer)
{
	while (mr == MACH_SEND_INTERRUPTED && !(option & MACH_SEND_INTERRUPT))
		mr = trap(msg, option, send_size, rcv_size, rcv_name, timeout,
			  notify, trailer);
	while (mr == MACH_RCV_INTERRUPTED && !(option & MACH_RCV_INTERRUPT))
		mr = trap(msg, option & ~MACH_SEND_MSG, 0, rcv_size, rcv_name,
			  timeout, notify, trailer);
	return mr;
}

mach_msg_return_t mach_msg(mach_msg_header_t *msg, mach_msg_option_t option,
			   mach_msg_size_t send_size, mach_msg_size_t rcv_size,
			   mach_port_t rcv_name, mach_msg_timeout_t timeout,
			   mach_port_t notify)
{
	mach_msg_return_t mr;

	mr = mach_msg_trap(msg, option, send_size, rcv_size, rcv_name, timeout,
			   notify);
	if (__builtin_expect(mr == MACH_MSG_SUCCESS, 1))
		return mr;
	return restart(mr, msg, option, send_size, rcv_size, rcv_name, timeout,
		       notify, NULL);
}

mach_msg_return_t mach_msg_trailer(mach_msg_header_t *msg,
				   mach_msg_option_t option,
				   mach_msg_size_t send_size,
				   mach_msg_size_t rcv_size,
				   mach_port_t rcv_name,
				   mach_msg_timeout_t timeout,
				   mach_port_t notify,
				   struct mach_trailer *trailer)
{
	mach_msg_return_t mr;

	mr = trap(msg, option, send_size, rcv_size, rcv_name, timeout, notify,
		  trailer);
	return restart(mr, msg, option, send_size, rcv_size, rcv_name, timeout,
		       notify, trailer);
}

extern __typeof__(mach_msg) __mach_msg __attribute__((alias("mach_msg")));
extern __typeof__(mach_msg_trap) __mach_msg_trap
	__attribute__((alias("mach_msg_trap")));

mach_msg_return_t mach_msg_send(mach_msg_header_t *msg)
{
	return mach_msg(msg, MACH_SEND_MSG, msg->msgh_size, 0, MACH_PORT_NULL,
			MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL);
}

mach_msg_return_t mach_msg_receive(mach_msg_header_t *msg)
{
	return mach_msg(msg, MACH_RCV_MSG, 0, msg->msgh_size,
			msg->msgh_local_port, MACH_MSG_TIMEOUT_NONE,
			MACH_PORT_NULL);
}
