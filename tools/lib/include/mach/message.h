/* SPDX-License-Identifier: MIT */
/*
 * Messages and mach_msg(), as in GNU Mach for x86-64 (the ABI of Debian 13's
 * gnumach-dev and mig).
 *
 * A message is a mach_msg_header_t, and behind it items: a mach_msg_type_t,
 * then the data (msgt_inline) or an 8-byte address of it.  Every descriptor
 * and every item starts on a multiple of MACH_MSG_USER_ALIGNMENT.
 *
 * The values of MACH_MSGH_BITS_*, MACH_MSG_TYPE_*, of the options and of the
 * result codes come from <linux/mach.h>.
 */
#ifndef _MACH_MESSAGE_H_
#define _MACH_MESSAGE_H_

#include <linux/mach.h>
#include <mach/kern_return.h>
#include <mach/port.h>

typedef natural_t mach_msg_timeout_t;		/* milliseconds */
typedef unsigned int mach_msg_bits_t;
typedef unsigned int mach_msg_size_t;		/* bytes */
typedef natural_t mach_msg_seqno_t;
typedef integer_t mach_msg_id_t;
typedef integer_t mach_msg_option_t;
typedef kern_return_t mach_msg_return_t;

#define MACH_MSGH_BITS_PORTS_MASK \
	(MACH_MSGH_BITS_REMOTE_MASK | MACH_MSGH_BITS_LOCAL_MASK)
#define MACH_MSGH_BITS_PORTS(bits)	((bits) & MACH_MSGH_BITS_PORTS_MASK)
#define MACH_MSGH_BITS_OTHER(bits)	((bits) & ~MACH_MSGH_BITS_PORTS_MASK)

/* GNU Mach's kernel keeps these; a message has none of them when received. */
#define MACH_MSGH_BITS_UNUSED		0x07ff0000
#define MACH_MSGH_BITS_MIGRATED		0x08000000
#define MACH_MSGH_BITS_COMPLEX_DATA	0x10000000
#define MACH_MSGH_BITS_COMPLEX_PORTS	0x20000000
#define MACH_MSGH_BITS_CIRCULAR		0x40000000

typedef struct mach_msg_header {
	mach_msg_bits_t		msgh_bits;
	mach_msg_size_t		msgh_size;	/* ignored when sent */
	__extension__ union {
		mach_port_t	msgh_remote_port;
		rpc_uintptr_t	msgh_remote_port_do_not_use;
	};
	__extension__ union {
		mach_port_t	msgh_local_port;
		rpc_uintptr_t	msgh_protected_payload;
	};
	mach_port_seqno_t	msgh_seqno;	/* ignored when sent */
	mach_msg_id_t		msgh_id;
} mach_msg_header_t;

typedef mach_msg_header_t mach_msg_user_header_t;

/* An older name of the field, and what was sent in it. */
#define msgh_kind	msgh_seqno
#define mach_msg_kind_t	mach_port_seqno_t
#define MACH_MSGH_KIND_NORMAL		0x00000000

#define MACH_MSG_SIZE_MAX	((mach_msg_size_t)~0)
#define MACH_MSG_USER_ALIGNMENT	MACH_MSG_ALIGN
#define mach_msg_user_align(x) \
	(((x) + MACH_MSG_USER_ALIGNMENT - 1) & ~(MACH_MSG_USER_ALIGNMENT - 1))
#define mach_msg_user_is_misaligned(x)	((x) & (MACH_MSG_USER_ALIGNMENT - 1))

typedef unsigned int mach_msg_type_name_t;
typedef unsigned int mach_msg_type_size_t;
typedef natural_t mach_msg_type_number_t;

#define MACH_MSG_TYPE_POLYMORPHIC	((mach_msg_type_name_t)-1)

#define MACH_MSG_TYPE_PORT_ANY(x) \
	(((x) >= MACH_MSG_TYPE_MOVE_RECEIVE) && \
	 ((x) <= MACH_MSG_TYPE_MAKE_SEND_ONCE))
#define MACH_MSG_TYPE_PORT_ANY_SEND(x) \
	(((x) >= MACH_MSG_TYPE_MOVE_SEND) && \
	 ((x) <= MACH_MSG_TYPE_MAKE_SEND_ONCE))
#define MACH_MSG_TYPE_PORT_ANY_RIGHT(x) \
	(((x) >= MACH_MSG_TYPE_MOVE_RECEIVE) && \
	 ((x) <= MACH_MSG_TYPE_MOVE_SEND_ONCE))

/*
 * A port right in line takes 8 bytes (msgt_size 64); an out-of-line array of
 * rights is an array of mach_port_name_t (msgt_size 32).
 */
__extension__ typedef struct {
	union {
		mach_port_name_t name;
		uintptr_t kernel_port_do_not_use;
	};
} mach_port_name_inlined_t;

typedef struct {
	unsigned int		msgt_name : 8,
				msgt_size : 16,	/* bits per element */
				msgt_unused : 5, /* must be 0 */
				msgt_inline : 1,
				msgt_longform : 1,
				msgt_deallocate : 1;
	mach_msg_type_number_t	msgt_number;	/* elements */
} __attribute__((aligned(8))) mach_msg_type_t;

/* On 64-bit machines the long form is the short form with other names. */
__extension__ typedef struct {
	union {
		mach_msg_type_t msgtl_header;
		struct {
			unsigned int	msgtl_name : 8,
					msgtl_size : 16,
					msgtl_unused : 5,
					msgtl_inline : 1,
					msgtl_longform : 1,
					msgtl_deallocate : 1;
			mach_msg_type_number_t msgtl_number;
		};
	};
} __attribute__((aligned(8))) mach_msg_type_long_t;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Send, receive, or send and then receive one message.  A signal does not
 * end it: the call starts again, with the whole timeout, unless option has
 * MACH_SEND_INTERRUPT or MACH_RCV_INTERRUPT.
 */
mach_msg_return_t mach_msg(mach_msg_header_t *msg, mach_msg_option_t option,
			   mach_msg_size_t send_size, mach_msg_size_t rcv_size,
			   mach_port_t rcv_name, mach_msg_timeout_t timeout,
			   mach_port_t notify);

/* The same without the restart: one call of the kernel. */
mach_msg_return_t mach_msg_trap(mach_msg_user_header_t *msg,
				mach_msg_option_t option,
				mach_msg_size_t send_size,
				mach_msg_size_t rcv_size,
				mach_port_name_t rcv_name,
				mach_msg_timeout_t timeout,
				mach_port_name_t notify);

/* The names that GNU's C library has for them inside. */
mach_msg_return_t __mach_msg(mach_msg_header_t *msg, mach_msg_option_t option,
			     mach_msg_size_t send_size,
			     mach_msg_size_t rcv_size, mach_port_t rcv_name,
			     mach_msg_timeout_t timeout, mach_port_t notify);
mach_msg_return_t __mach_msg_trap(mach_msg_user_header_t *msg,
				  mach_msg_option_t option,
				  mach_msg_size_t send_size,
				  mach_msg_size_t rcv_size,
				  mach_port_name_t rcv_name,
				  mach_msg_timeout_t timeout,
				  mach_port_name_t notify);

/* Sends msgh_size bytes; receives at most so many from msgh_local_port. */
mach_msg_return_t mach_msg_send(mach_msg_header_t *msg);
mach_msg_return_t mach_msg_receive(mach_msg_header_t *msg);

/*
 * Gives up all that a message carries, one received or one not sent: the
 * right of the remote port, the rights and the memory in its body.  What an
 * unsent message only lends (MACH_MSG_TYPE_COPY_SEND, memory without
 * msgt_deallocate) stays.
 */
void mach_msg_destroy(mach_msg_header_t *msg);

#ifdef __cplusplus
}
#endif

#endif /* _MACH_MESSAGE_H_ */
