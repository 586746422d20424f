/* SPDX-License-Identifier: GPL-2.0 */
/*
 * GNU Mach's system calls.  On a Hurd system the C library has this header;
 * these programs have no C library.
 */
#ifndef MACH_TRAPS_H
#define MACH_TRAPS_H

#include <mach/message.h>
#include <mach/port.h>

mach_port_t mach_reply_port(void);
mach_port_t mach_thread_self(void);
mach_port_t mach_host_self(void);
/* One more reference with each call; the macro has the task's first one. */
mach_port_t (mach_task_self)(void);
mach_port_t conf_task_self(void);
#define mach_task_self()	conf_task_self()

int mach_print(const char *text);
int thread_switch(mach_port_t thread, int option, int milliseconds);

mach_msg_return_t mach_msg_trap(mach_msg_header_t *message,
				mach_msg_option_t option,
				mach_msg_size_t send_size,
				mach_msg_size_t rcv_size,
				mach_port_name_t rcv_name,
				mach_msg_timeout_t timeout,
				mach_port_name_t notify);
mach_msg_return_t mach_msg(mach_msg_header_t *message,
			   mach_msg_option_t option,
			   mach_msg_size_t send_size,
			   mach_msg_size_t rcv_size, mach_port_t rcv_name,
			   mach_msg_timeout_t timeout, mach_port_t notify);

#endif /* MACH_TRAPS_H */
