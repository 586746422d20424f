// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/*
 * Proof at compile time that the library's structs have the bytes that
 * <linux/mach.h> and Debian 13's gnumach-dev say.  No code.
 */
#include <stddef.h>

#include <mach/mach.h>

#define SAME_FIELD(ours, theirs) \
	_Static_assert(offsetof(mach_msg_header_t, ours) == \
		       offsetof(struct mach_wire_header, theirs), \
		       "offset of " #ours)

_Static_assert(sizeof(mach_msg_header_t) == sizeof(struct mach_wire_header),
	       "mach_msg_header_t");
SAME_FIELD(msgh_bits, bits);
SAME_FIELD(msgh_size, size);
SAME_FIELD(msgh_remote_port, remote_port);
SAME_FIELD(msgh_local_port, local_port);
SAME_FIELD(msgh_protected_payload, local_port);
SAME_FIELD(msgh_seqno, seqno);
SAME_FIELD(msgh_id, id);

_Static_assert(sizeof(mach_msg_type_t) == sizeof(__u64), "mach_msg_type_t");
_Static_assert(_Alignof(mach_msg_type_t) == MACH_MSG_ALIGN, "descriptor");
_Static_assert(sizeof(mach_msg_type_long_t) == sizeof(mach_msg_type_t),
	       "long form");
_Static_assert(offsetof(mach_msg_type_t, msgt_number) * 8 ==
	       MACH_MSG_DESC_NUMBER_SHIFT, "msgt_number");
_Static_assert(sizeof(mach_port_name_inlined_t) * 8 ==
	       MACH_MSG_PORT_INLINE_BITS, "in-line port");
_Static_assert(sizeof(mach_port_name_t) * 8 == MACH_MSG_PORT_OOL_BITS,
	       "out-of-line port");

_Static_assert(sizeof(mach_port_status_t) == 36, "mach_port_status_t");
_Static_assert(sizeof(mig_reply_header_t) == 48, "mig_reply_header_t");
_Static_assert(sizeof(mach_port_deleted_notification_t) == 48 &&
	       sizeof(mach_msg_accepted_notification_t) == 48 &&
	       sizeof(mach_port_destroyed_notification_t) == 48 &&
	       sizeof(mach_no_senders_notification_t) == 48 &&
	       sizeof(mach_send_once_notification_t) == 32 &&
	       sizeof(mach_dead_name_notification_t) == 48, "notifications");

/* As Debian 13's gnumach-dev has them on x86-64. */
_Static_assert(sizeof(struct host_basic_info) == 24, "host_basic_info");
_Static_assert(sizeof(struct task_basic_info) == 120, "task_basic_info");
_Static_assert(sizeof(struct task_events_info) == 56, "task_events_info");
_Static_assert(sizeof(struct task_thread_times_info) == 64,
	       "task_thread_times_info");
_Static_assert(sizeof(struct thread_basic_info) == 128, "thread_basic_info");
_Static_assert(sizeof(struct i386_thread_state) == 168, "i386_thread_state");
_Static_assert(sizeof(struct mapped_time_value) == 64, "mapped_time_value");
