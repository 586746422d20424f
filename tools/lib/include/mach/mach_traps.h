/* SPDX-License-Identifier: MIT */
/* Calls that need no right: GNU Mach's traps. */
#ifndef _MACH_MACH_TRAPS_H_
#define _MACH_MACH_TRAPS_H_

#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/port.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A new receive right, MACH_PORT_NULL when there is none to be had. */
mach_port_t mach_reply_port(void);

/*
 * One more reference to a send right for the own task.  The parentheses keep
 * it apart from the macro mach_task_self(), which adds no reference.
 */
mach_port_t (mach_task_self)(void);

/*
 * One more reference to a send right for the calling thread, and for the
 * host.  MACH_PORT_NULL when there is none to be had.
 */
mach_port_t mach_thread_self(void);
mach_port_t mach_host_self(void);

/*
 * Let other threads run.  Which ones Linux decides; with SWITCH_OPTION_WAIT
 * for option_time milliseconds.
 */
boolean_t swtch(void);
boolean_t swtch_pri(int priority);
kern_return_t thread_switch(mach_port_t new_thread, int option,
			    mach_msg_timeout_t option_time);

#ifdef __cplusplus
}
#endif

#endif /* _MACH_MACH_TRAPS_H_ */
