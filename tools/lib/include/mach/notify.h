/* SPDX-License-Identifier: MIT */
/*
 * The messages that the kernel sends to send-once rights given to
 * mach_port_request_notification().  Ids come from <linux/mach.h>.
 */
#ifndef _MACH_NOTIFY_H_
#define _MACH_NOTIFY_H_

#include <mach/message.h>
#include <mach/port.h>

#define MACH_NOTIFY_FIRST	64
#define MACH_NOTIFY_LAST	(MACH_NOTIFY_FIRST + 13)

typedef struct {
	mach_msg_header_t	not_header;
	mach_msg_type_t		not_type;	/* MACH_MSG_TYPE_PORT_NAME */
	mach_port_name_t	not_port;
} mach_port_deleted_notification_t;

typedef struct {
	mach_msg_header_t	not_header;
	mach_msg_type_t		not_type;	/* MACH_MSG_TYPE_PORT_NAME */
	mach_port_name_t	not_port;
} mach_msg_accepted_notification_t;

typedef struct {
	mach_msg_header_t	not_header;
	mach_msg_type_t		not_type;	/* MACH_MSG_TYPE_PORT_RECEIVE */
	mach_port_t		not_port;
} mach_port_destroyed_notification_t;

typedef struct {
	mach_msg_header_t	not_header;
	mach_msg_type_t		not_type;	/* MACH_MSG_TYPE_INTEGER_32 */
	unsigned int		not_count;
} mach_no_senders_notification_t;

typedef struct {
	mach_msg_header_t	not_header;
} mach_send_once_notification_t;

typedef struct {
	mach_msg_header_t	not_header;
	mach_msg_type_t		not_type;	/* MACH_MSG_TYPE_PORT_NAME */
	mach_port_name_t	not_port;
} mach_dead_name_notification_t;

#endif /* _MACH_NOTIFY_H_ */
