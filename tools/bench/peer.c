// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* The second process: meets the first through the bootstrap port, serves. */
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "peer.h"
#include "result.h"

union request {
	mach_msg_header_t head;
	struct memory_message memory;
	struct right_message right;
	struct step_message steps;	/* for the answer */
};

void must(kern_return_t kr, const char *what)
{
	if (kr != KERN_SUCCESS)
		fail("%s: %s", what, mach_error_string(kr));
}

/*
 * The peer's side
 */

static void touch(vm_address_t address, size_t bytes, enum touch how)
{
	volatile char *memory = (volatile char *)address;

	if (how == TOUCH_READ)
		for (size_t at = 0; at < bytes; at += vm_page_size)
			(void)memory[at];
	else if (how == TOUCH_WRITE)
		for (size_t at = 0; at < bytes; at += vm_page_size)
			memory[at] = 1;
}

static size_t bytes_of(const struct memory_message *message)
{
	return (size_t)message->type.msgt_number * message->type.msgt_size / 8;
}

static void use_memory(const struct memory_message *message)
{
	size_t bytes = bytes_of(message);

	touch(message->address, bytes, message->head.msgh_id - PEER_MEMORY);
	vm_deallocate(mach_task_self(), message->address, bytes);
}

/* Turns a received request into the head of its answer. */
static void make_answer(mach_msg_header_t *head)
{
	head->msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0);
	head->msgh_local_port = MACH_PORT_NULL;
}

/* Answers at once, then takes memory in three timed steps. */
static void step_by_step(union request *request, mach_port_t port, int go)
{
	uint64_t at[STEPS + 1];
	size_t bytes;
	char byte;

	make_answer(&request->head);
	must(mach_msg(&request->head, MACH_SEND_MSG, sizeof(request->head), 0,
		      MACH_PORT_NULL, 0, MACH_PORT_NULL), "answer");
	if (read(go, &byte, 1) != 1)
		exit(1);

	at[0] = now();
	must(mach_msg(&request->head, MACH_RCV_MSG, 0, sizeof(*request), port,
		      0, MACH_PORT_NULL), "receive");
	at[1] = now();
	bytes = bytes_of(&request->memory);
	touch(request->memory.address, bytes,
	      request->head.msgh_id - PEER_MEMORY);
	at[2] = now();
	vm_deallocate(mach_task_self(), request->memory.address, bytes);
	at[3] = now();

	make_answer(&request->head);
	request->steps.type = (mach_msg_type_t){
		.msgt_name = MACH_MSG_TYPE_INTEGER_64,
		.msgt_size = 64,
		.msgt_inline = TRUE,
		.msgt_number = STEPS,
	};
	for (int i = 0; i < STEPS; i++)
		request->steps.ticks[i] = at[i + 1] - at[i];
}

/* To the next of the chain, with the right to answer; or answers itself. */
static void forward(union request *request, mach_port_t next)
{
	struct memory_message *message = &request->memory;
	int move = message->head.msgh_id == PEER_FORWARD + CHAIN_MOVE;
	mach_port_t reply = message->head.msgh_remote_port;
	vm_address_t address = message->address;
	size_t bytes = bytes_of(message);

	touch(address, bytes, TOUCH_READ);
	if (next) {
		message->type.msgt_deallocate = move;
		message->head.msgh_bits = MACH_MSGH_BITS_COMPLEX |
			MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND,
				       MACH_MSG_TYPE_MOVE_SEND_ONCE);
		message->head.msgh_remote_port = next;
		message->head.msgh_local_port = reply;
	} else {
		make_answer(&message->head);
	}
	must(mach_msg(&message->head, MACH_SEND_MSG,
		      next ? sizeof(*message) : sizeof(message->head), 0,
		      MACH_PORT_NULL, 0, MACH_PORT_NULL), "forward");
	if (!next || !move)
		vm_deallocate(mach_task_self(), address, bytes);
}

_Noreturn static void serve(mach_port_t port, int go)
{
	mach_msg_option_t option = MACH_RCV_MSG;
	mach_port_t next = MACH_PORT_NULL;
	mach_msg_size_t size = 0;
	union request request;

	for (;;) {
		must(mach_msg(&request.head, option, size, sizeof(request),
			      port, 0, MACH_PORT_NULL), "serve");
		option = MACH_SEND_MSG | MACH_RCV_MSG;
		size = sizeof(request.head);
		if (request.head.msgh_id == PEER_EXIT)
			exit(0);
		if (request.head.msgh_id == PEER_STEP) {
			step_by_step(&request, port, go);
			size = sizeof(request.steps);
			continue;
		}
		if (request.head.msgh_id >= PEER_FORWARD) {
			forward(&request, next);
			option = MACH_RCV_MSG;
			size = 0;
			continue;
		}
		if (request.head.msgh_id == PEER_NEXT)
			next = (mach_port_t)request.right.name;
		if (request.head.msgh_id >= PEER_MEMORY)
			use_memory(&request.memory);
		make_answer(&request.head);
	}
}

/* Tells the first process, behind the bootstrap port, where we listen. */
_Noreturn static void run_peer(int go)
{
	mach_msg_header_t hello = {
		.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND,
					    MACH_MSG_TYPE_MAKE_SEND),
	};
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (read(go, &byte, 1) != 1)
		exit(1);
	hello.msgh_local_port = mach_reply_port();
	must(task_get_bootstrap_port(mach_task_self(),
				     &hello.msgh_remote_port), "bootstrap");
	must(mach_msg(&hello, MACH_SEND_MSG, sizeof(hello), 0, MACH_PORT_NULL,
		      0, MACH_PORT_NULL), "hello");
	serve(hello.msgh_local_port, go);
}

/*
 * The first process's side
 */

void peer_go(const struct peer *peer)
{
	if (write(peer->go, "", 1) != 1)
		fail("pipe: %m");
}

/* Our reply port is the bootstrap port until the peer has found us. */
void peer_meet(struct peer *peer)
{
	mach_port_t task = mach_task_self();
	mach_msg_header_t hello;
	mach_port_t before;

	peer->reply_port = mach_reply_port();
	must(task_get_bootstrap_port(task, &before), "bootstrap port");
	must(mach_port_insert_right(task, peer->reply_port, peer->reply_port,
				    MACH_MSG_TYPE_MAKE_SEND), "insert_right");
	must(mach_set_instance_bootstrap(peer->reply_port), "set bootstrap");
	peer_go(peer);
	must(mach_msg(&hello, MACH_RCV_MSG, 0, sizeof(hello), peer->reply_port,
		      0, MACH_PORT_NULL), "hello");
	must(mach_set_instance_bootstrap(before), "bootstrap port");
	must(mach_port_deallocate(task, peer->reply_port), "deallocate");
	peer->port = hello.msgh_remote_port;
}

void peer_fork(struct peer *peer)
{
	int go[2];

	if (pipe(go))
		fail("pipe: %m");
	fflush(stdout);
	peer->pid = fork();
	if (peer->pid < 0)
		fail("fork: %m");
	if (!peer->pid) {
		close(go[1]);
		run_peer(go[0]);
	}
	close(go[0]);
	peer->go = go[1];
}

void peer_stop(struct peer *peer)
{
	mach_msg_header_t head = peer_header(peer, PEER_EXIT);
	int status;

	must(mach_msg(&head, MACH_SEND_MSG, sizeof(head), 0, MACH_PORT_NULL,
		      0, MACH_PORT_NULL), "exit");
	if (waitpid(peer->pid, &status, 0) < 0 || status)
		fail("the second process failed");
}

mach_msg_header_t peer_header(const struct peer *peer, mach_msg_id_t id)
{
	return (mach_msg_header_t){
		.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND,
					    MACH_MSG_TYPE_MAKE_SEND_ONCE),
		.msgh_remote_port = peer->port,
		.msgh_local_port = peer->reply_port,
		.msgh_id = id,
	};
}

void peer_call(const struct peer *peer, mach_msg_id_t id)
{
	mach_msg_header_t head = peer_header(peer, id);

	must(mach_msg(&head, MACH_SEND_MSG | MACH_RCV_MSG, sizeof(head),
		      sizeof(head), peer->reply_port, 0, MACH_PORT_NULL),
	     "call");
}
