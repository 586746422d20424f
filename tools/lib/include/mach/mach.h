/* SPDX-License-Identifier: MIT */
/* All of libmach. */
#ifndef _MACH_MACH_H_
#define _MACH_MACH_H_

#include <mach/boolean.h>
#include <mach/gnumach.h>
#include <mach/kern_return.h>
#include <mach/linux.h>
#include <mach/mach_error.h>
#include <mach/mach_host.h>
#include <mach/mach_init.h>
#include <mach/mach_interface.h>
#include <mach/mach_param.h>
#include <mach/mach_port.h>
#include <mach/mach_traps.h>
#include <mach/mach_types.h>
#include <mach/message.h>
#include <mach/mig_errors.h>
#include <mach/mig_support.h>
#include <mach/notify.h>
#include <mach/port.h>
#include <mach/std_types.h>
#include <mach/vm_ordinary.h>
#include <mach/vm_types.h>
#include <mach_debug/mach_debug.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Receives requests from rcv_name, a port or a set, in buffers of max_size
 * bytes, calls demux, a server function of mig's kind, for each, and sends
 * its reply.  Returns when receiving fails, but not for what a client did: a
 * request that is too large (with MACH_RCV_LARGE the buffers grow instead), or
 * whose rights or memory find no room here, or whose reply port is dead or
 * full, is dropped with all it carries.
 *
 * A simple reply's RetCode is obeyed: MIG_NO_REPLY sends none; with any other
 * error the request is destroyed.  If demux gives FALSE and has made no reply,
 * the client gets MIG_BAD_ID.
 */
mach_msg_return_t mach_msg_server(boolean_t (*demux)(mach_msg_header_t *in,
						     mach_msg_header_t *out),
				  mach_msg_size_t max_size,
				  mach_port_t rcv_name);
/*
 * The same with options for mach_msg(): MACH_RCV_TIMEOUT ends it when nothing
 * came for timeout milliseconds; MACH_SEND_TIMEOUT lets it wait so long for
 * room in a reply port's queue, for which it does not wait otherwise.
 */
mach_msg_return_t mach_msg_server_timeout(
	boolean_t (*demux)(mach_msg_header_t *in, mach_msg_header_t *out),
	mach_msg_size_t max_size, mach_port_t rcv_name,
	mach_msg_option_t option, mach_msg_timeout_t timeout);

#ifdef __cplusplus
}
#endif

#endif /* _MACH_MACH_H_ */
