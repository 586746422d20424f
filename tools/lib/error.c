// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* Result codes in words: one table, and the special bits. */
#include <stdio.h>

#include <mach/mach_error.h>
#include <mach/message.h>
#include <mach/mig_errors.h>

#define COUNT(table)	(sizeof(table) / sizeof((table)[0]))

struct code_text {
	kern_return_t code;
	const char *text;
};

static const struct code_text codes[] = {
	{ KERN_SUCCESS, "(os/kern) success" },
	{ KERN_INVALID_ADDRESS, "(os/kern) invalid address" },
	{ KERN_PROTECTION_FAILURE, "(os/kern) protection failure" },
	{ KERN_NO_SPACE, "(os/kern) no space available" },
	{ KERN_INVALID_ARGUMENT, "(os/kern) invalid argument" },
	{ KERN_FAILURE, "(os/kern) failure" },
	{ KERN_RESOURCE_SHORTAGE, "(os/kern) resource shortage" },
	{ KERN_NOT_RECEIVER, "(os/kern) not receiver" },
	{ KERN_NO_ACCESS, "(os/kern) no access" },
	{ KERN_MEMORY_FAILURE, "(os/kern) memory failure" },
	{ KERN_MEMORY_ERROR, "(os/kern) memory error" },
	{ KERN_NOT_IN_SET, "(os/kern) not in set" },
	{ KERN_NAME_EXISTS, "(os/kern) name exists" },
	{ KERN_ABORTED, "(os/kern) aborted" },
	{ KERN_INVALID_NAME, "(os/kern) invalid name" },
	{ KERN_INVALID_TASK, "(os/kern) invalid task" },
	{ KERN_INVALID_RIGHT, "(os/kern) invalid right" },
	{ KERN_INVALID_VALUE, "(os/kern) invalid value" },
	{ KERN_UREFS_OVERFLOW, "(os/kern) user references overflow" },
	{ KERN_INVALID_CAPABILITY, "(os/kern) invalid capability" },
	{ KERN_RIGHT_EXISTS, "(os/kern) right exists under another name" },
	{ KERN_INVALID_HOST, "(os/kern) invalid host" },
	{ KERN_MEMORY_PRESENT, "(os/kern) memory present" },
	{ KERN_WRITE_PROTECTION_FAILURE,
	  "(os/kern) write protection failure" },
	{ KERN_TERMINATED, "(os/kern) object terminated" },
	{ KERN_TIMEDOUT, "(os/kern) timed out" },
	{ KERN_INTERRUPTED, "(os/kern) interrupted" },

	{ MACH_SEND_IN_PROGRESS, "(ipc/send) send in progress" },
	{ MACH_SEND_INVALID_DATA, "(ipc/send) invalid data" },
	{ MACH_SEND_INVALID_DEST, "(ipc/send) invalid destination port" },
	{ MACH_SEND_TIMED_OUT, "(ipc/send) timed out" },
	{ MACH_SEND_WILL_NOTIFY, "(ipc/send) will notify" },
	{ MACH_SEND_NOTIFY_IN_PROGRESS, "(ipc/send) notify in progress" },
	{ MACH_SEND_INTERRUPTED, "(ipc/send) interrupted" },
	{ MACH_SEND_MSG_TOO_SMALL, "(ipc/send) message too small" },
	{ MACH_SEND_INVALID_REPLY, "(ipc/send) invalid reply port" },
	{ MACH_SEND_INVALID_RIGHT, "(ipc/send) invalid port right" },
	{ MACH_SEND_INVALID_NOTIFY, "(ipc/send) invalid notify port" },
	{ MACH_SEND_INVALID_MEMORY, "(ipc/send) invalid memory" },
	{ MACH_SEND_NO_BUFFER, "(ipc/send) no message buffer" },
	{ MACH_SEND_NO_NOTIFY, "(ipc/send) no notify possible" },
	{ MACH_SEND_INVALID_TYPE, "(ipc/send) invalid message type" },
	{ MACH_SEND_INVALID_HEADER, "(ipc/send) invalid message header" },

	{ MACH_RCV_IN_PROGRESS, "(ipc/rcv) receive in progress" },
	{ MACH_RCV_INVALID_NAME, "(ipc/rcv) invalid name" },
	{ MACH_RCV_TIMED_OUT, "(ipc/rcv) timed out" },
	{ MACH_RCV_TOO_LARGE, "(ipc/rcv) message too large" },
	{ MACH_RCV_INTERRUPTED, "(ipc/rcv) interrupted" },
	{ MACH_RCV_PORT_CHANGED, "(ipc/rcv) port changed" },
	{ MACH_RCV_INVALID_NOTIFY, "(ipc/rcv) invalid notify port" },
	{ MACH_RCV_INVALID_DATA, "(ipc/rcv) invalid data" },
	{ MACH_RCV_PORT_DIED, "(ipc/rcv) port died" },
	{ MACH_RCV_IN_SET, "(ipc/rcv) port in a set" },
	{ MACH_RCV_HEADER_ERROR, "(ipc/rcv) header error" },
	{ MACH_RCV_BODY_ERROR, "(ipc/rcv) body error" },

	{ MIG_TYPE_ERROR, "(ipc/mig) client type check failure" },
	{ MIG_REPLY_MISMATCH, "(ipc/mig) wrong reply message ID" },
	{ MIG_REMOTE_ERROR, "(ipc/mig) server detected error" },
	{ MIG_BAD_ID, "(ipc/mig) bad request message ID" },
	{ MIG_BAD_ARGUMENTS, "(ipc/mig) server type check failure" },
	{ MIG_NO_REPLY, "(ipc/mig) no reply should be sent" },
	{ MIG_EXCEPTION, "(ipc/mig) server raised exception" },
	{ MIG_ARRAY_TOO_LARGE, "(ipc/mig) array not large enough" },
	{ MIG_SERVER_DIED, "(ipc/mig) server died" },
	{ MIG_DESTROY_REQUEST,
	  "(ipc/mig) destroy request with no reply" },
};

static const struct code_text special_bits[] = {
	{ MACH_MSG_IPC_SPACE, "no room for another name" },
	{ MACH_MSG_VM_SPACE, "no room in the address space" },
	{ MACH_MSG_IPC_KERNEL, "kernel resource shortage (rights)" },
	{ MACH_MSG_VM_KERNEL, "kernel resource shortage (memory)" },
};

static const char *find_text(mach_error_t code)
{
	for (size_t i = 0; i < COUNT(codes); i++)
		if (codes[i].code == code)
			return codes[i].text;
	return NULL;
}

/* Codes of message calls only carry special bits. */
static int is_message_code(mach_error_t code)
{
	return (code & ~(MACH_MSG_MASK | 0x43ff)) == 0x10000000;
}

const char *mach_error_string(mach_error_t error_value)
{
	static __thread char buffer[192];
	const char *text = find_text(error_value);
	size_t used;

	if (text)
		return text;
	if (is_message_code(error_value))
		text = find_text(error_value & ~MACH_MSG_MASK);
	if (!text) {
		snprintf(buffer, sizeof(buffer), "unknown error code %#x",
			 (unsigned int)error_value);
		return buffer;
	}
	used = (size_t)snprintf(buffer, sizeof(buffer), "%s", text);
	for (size_t i = 0; i < COUNT(special_bits); i++)
		if (error_value & special_bits[i].code)
			used += (size_t)snprintf(buffer + used,
						 sizeof(buffer) - used, ", %s",
						 special_bits[i].text);
	return buffer;
}

void mach_error(const char *string, mach_error_t error_value)
{
	fprintf(stderr, "%s: %s\n", string, mach_error_string(error_value));
}
