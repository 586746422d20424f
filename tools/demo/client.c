// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* A client: asks for the memory, reads every page, proves what it sees. */
#include "demo.h"
#include "pages.h"

/* Sends the call to the server and waits for its answer. */
static struct server_reply ask(mach_port_t server, mach_port_t reply_port,
			       struct client_call *call)
{
	union {
		struct client_call call;
		struct server_reply reply;
	} message = { .call = *call };

	message.call.head = (mach_msg_header_t){
		.msgh_bits = MACH_MSGH_BITS_COMPLEX |
			     MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND,
					    MACH_MSG_TYPE_MAKE_SEND_ONCE),
		.msgh_remote_port = server,
		.msgh_local_port = reply_port,
	};
	must(mach_msg(&message.call.head, MACH_SEND_MSG | MACH_RCV_MSG,
		      sizeof(message.call), sizeof(message), reply_port,
		      MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL),
	     "asking the server");
	if (message.reply.head.msgh_size != sizeof(message.reply))
		fail("the server answered %u bytes",
		     message.reply.head.msgh_size);
	return message.reply;
}

static struct client_call new_call(uint32_t who)
{
	return (struct client_call){
		.who_type = {
			.msgt_name = MACH_MSG_TYPE_INTEGER_32,
			.msgt_size = 32,
			.msgt_inline = TRUE,
			.msgt_number = 1,
		},
		.who = who,
		.digest_type = {
			.msgt_name = MACH_MSG_TYPE_BYTE,
			.msgt_size = 8,
			.msgt_inline = TRUE,
			.msgt_number = DIGEST_BYTES,
		},
		.frames_type = {
			.msgt_name = MACH_MSG_TYPE_INTEGER_64,
			.msgt_size = 64,
			.msgt_deallocate = TRUE,
		},
	};
}

/* Reads every byte and sends the proof; returns when the server says so. */
static void report(mach_port_t server, mach_port_t reply_port, uint32_t who,
		   const void *memory)
{
	struct client_call call = new_call(who);

	hash(memory, DEMO_BYTES, call.digest);
	call.frames = (vm_address_t)page_frames(memory, DEMO_BYTES);
	call.frames_type.msgt_number = DEMO_BYTES / vm_page_size;
	ask(server, reply_port, &call);
}

void run_client(uint32_t who)
{
	struct client_call request = new_call(who);
	mach_port_t task = mach_task_self();
	mach_port_t reply_port = mach_reply_port();
	struct server_reply reply;
	mach_port_t server;

	must(task_get_bootstrap_port(task, &server), "bootstrap port");
	reply = ask(server, reply_port, &request);
	if (reply.memory_type.msgt_inline ||
	    reply.memory_type.msgt_number != DEMO_BYTES)
		fail("the memory did not arrive");

	report(server, reply_port, who, (void *)reply.memory);
	report(server, reply_port, who, (void *)reply.memory);
	must(vm_deallocate(task, reply.memory, DEMO_BYTES), "vm_deallocate");
}
