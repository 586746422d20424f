// SPDX-License-Identifier: GPL-2.0
/*
 * mach_msg_server and mach_msg_server_timeout: what becomes of request and
 * reply, and that no client can end a server (spec 5; 6.27).
 */
#include <mach/mach.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fixture.h"

#define CODE_ID		1000	/* replies with the code in the request */
#define SILENT_ID	1001	/* returns TRUE, makes no reply */
#define LENGTH_ID	1002	/* replies with the request's size */
#define MEMORY_ID	1003	/* a complex reply */
#define STOP_ID		1004
#define SMALL		128

static mach_port_t service;
static _Atomic int served;
static vm_address_t given;	/* memory of the last reply that had some */

struct request {
	mach_msg_header_t head;
	mach_msg_type_t type;
	mach_port_name_inlined_t right;
	int code;
	char more[8192];
};

struct memory_reply {
	mach_msg_header_t head;
	mach_msg_type_t code_type;
	kern_return_t code;
	char pad[4];
	mach_msg_type_t type;
	vm_address_t memory;
};

union answer {
	mach_msg_header_t head;
	mig_reply_header_t mig;
	struct memory_reply memory;
	char room[256];
};

static void reply_memory(const mach_msg_header_t *in, mach_msg_header_t *out)
{
	struct memory_reply *reply = (struct memory_reply *)out;

	mig_reply_setup(in, out);
	out->msgh_bits |= MACH_MSGH_BITS_COMPLEX;
	out->msgh_size = sizeof(*reply);
	reply->code = KERN_SUCCESS;
	reply->type = (mach_msg_type_t){
		.msgt_name = MACH_MSG_TYPE_BYTE, .msgt_size = 8,
		.msgt_number = 4096, .msgt_deallocate = TRUE,
	};
	mig_allocate(&reply->memory, 4096);
	given = reply->memory;
}

static boolean_t demux(mach_msg_header_t *in, mach_msg_header_t *out)
{
	mig_reply_header_t *reply = (mig_reply_header_t *)out;
	struct request *request = (struct request *)in;

	served++;
	switch (in->msgh_id) {
	case CODE_ID:
		mig_reply_setup(in, out);
		reply->RetCode = request->code;
		return TRUE;
	case LENGTH_ID:
		mig_reply_setup(in, out);
		reply->RetCode = KERN_SUCCESS;
		out->msgh_id = (mach_msg_id_t)in->msgh_size;
		return TRUE;
	case MEMORY_ID:
		reply_memory(in, out);
		return TRUE;
	case SILENT_ID:
		return TRUE;
	case STOP_ID:
		mach_port_destroy(mach_task_self(), service);
		return TRUE;
	}
	return FALSE;
}

struct options {
	mach_msg_option_t option;
	mach_msg_timeout_t timeout;
	mach_msg_return_t result;
	pthread_t thread;
};

static void *serve(void *arg)
{
	struct options *options = arg;

	if (options->option)
		options->result = mach_msg_server_timeout(demux, SMALL, service,
							  options->option,
							  options->timeout);
	else
		options->result = mach_msg_server(demux, SMALL, service);
	return NULL;
}

static mach_port_t new_port(void)
{
	mach_port_t port;

	mt_must(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE,
				   &port));
	mt_must(mach_port_insert_right(mach_task_self(), port, port,
				       MACH_MSG_TYPE_MAKE_SEND));
	return port;
}

static mach_port_urefs_t send_refs(mach_port_t name)
{
	mach_port_urefs_t refs = 0;

	mach_port_get_refs(mach_task_self(), name, MACH_PORT_RIGHT_SEND,
			   &refs);
	return refs;
}

static void start(struct options *options)
{
	service = new_port();
	mt_must(pthread_create(&options->thread, NULL, serve, options));
}

static mach_msg_return_t stop(struct options *options)
{
	mach_msg_header_t head = {
		.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
		.msgh_remote_port = service,
		.msgh_size = sizeof(head),
		.msgh_id = STOP_ID,
	};

	mt_must(mach_msg_send(&head));
	mt_must(pthread_join(options->thread, NULL));
	return options->result;
}

/* Asks with @right in the request; @size bytes of it. */
static mach_msg_return_t ask(mach_msg_id_t id, int code, mach_port_t right,
			     mach_msg_size_t size, union answer *answer)
{
	mach_port_t reply_port = mig_get_reply_port();
	struct request request = {
		.head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND,
						 MACH_MSG_TYPE_MAKE_SEND_ONCE),
		.head.msgh_remote_port = service,
		.head.msgh_local_port = reply_port,
		.head.msgh_id = id,
		.type.msgt_name = MACH_MSG_TYPE_COPY_SEND,
		.type.msgt_size = 64,
		.type.msgt_inline = TRUE,
		.type.msgt_number = 1,
		.right.name = right,
		.code = code,
	};

	if (right) {
		request.head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
		size = offsetof(struct request, code);
	}
	mt_must(mach_msg(&request.head, MACH_SEND_MSG, size, 0, MACH_PORT_NULL,
			 MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL));
	return mach_msg(&answer->head, MACH_RCV_MSG, 0, sizeof(*answer),
			reply_port, MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL);
}

#define PLAIN	56	/* with the code */

TEST_F(mach, replies)
{
	struct options options = { .option = 0 };
	union answer answer;

	start(&options);
	ASSERT_EQ(MACH_MSG_SUCCESS, ask(CODE_ID, 0, 0, PLAIN, &answer));
	EXPECT_EQ(CODE_ID + 100, answer.head.msgh_id);
	EXPECT_EQ(48U, answer.head.msgh_size);
	EXPECT_EQ(KERN_SUCCESS, answer.mig.RetCode);
	ASSERT_EQ(MACH_MSG_SUCCESS, ask(CODE_ID, 5, 0, PLAIN, &answer));
	EXPECT_EQ(5, answer.mig.RetCode);
	/* FALSE and no reply; TRUE and none; a routine that says none. */
	ASSERT_EQ(MACH_MSG_SUCCESS, ask(7, 0, 0, PLAIN, &answer));
	EXPECT_EQ(107, answer.head.msgh_id);
	EXPECT_EQ(MIG_BAD_ID, answer.mig.RetCode);
	ASSERT_EQ(MACH_MSG_SUCCESS, ask(MEMORY_ID, 0, 0, PLAIN, &answer));
	EXPECT_TRUE(mt_zero((void *)answer.memory.memory, 4096));
	mach_msg_destroy(&answer.head);
	EXPECT_EQ(MACH_RCV_INVALID_NAME, stop(&options));
	EXPECT_EQ(5, served);
}

/* The rights of a request are the routine's only if it succeeds. */
TEST_F(mach, N27_failed_request_is_destroyed)
{
	struct options options = { .option = 0 };
	mach_port_t right = new_port();
	union answer answer;

	start(&options);
	/* (The size of a request with a right leaves no code: 0.) */
	ASSERT_EQ(MACH_MSG_SUCCESS, ask(LENGTH_ID, 0, right, 0, &answer));
	EXPECT_EQ(2U, send_refs(right));
	ASSERT_EQ(MACH_MSG_SUCCESS, ask(7, 0, right, 0, &answer));
	EXPECT_EQ(MIG_BAD_ID, answer.mig.RetCode);
	EXPECT_EQ(2U, send_refs(right));
	EXPECT_EQ(MACH_RCV_INVALID_NAME, stop(&options));
}

TEST_F(mach, too_large_is_dropped_or_makes_room)
{
	struct options options = { .option = 0 };
	struct options large = { .option = MACH_RCV_LARGE };
	union answer answer;

	start(&options);
	ASSERT_EQ(MACH_MSG_SUCCESS,
		  ask(LENGTH_ID, 0, 0, sizeof(struct request), &answer));
	EXPECT_EQ(MACH_NOTIFY_SEND_ONCE, answer.head.msgh_id);
	ASSERT_EQ(MACH_MSG_SUCCESS, ask(LENGTH_ID, 0, 0, SMALL, &answer));
	EXPECT_EQ(SMALL, answer.head.msgh_id);
	EXPECT_EQ(MACH_RCV_INVALID_NAME, stop(&options));
	start(&large);
	ASSERT_EQ(MACH_MSG_SUCCESS, ask(LENGTH_ID, 0, 0, 4096, &answer));
	EXPECT_EQ(4096, answer.head.msgh_id);
	ASSERT_EQ(MACH_MSG_SUCCESS,
		  ask(LENGTH_ID, 0, 0, sizeof(struct request), &answer));
	EXPECT_EQ((int)sizeof(struct request), answer.head.msgh_id);
	EXPECT_EQ(MACH_RCV_INVALID_NAME, stop(&large));
}

/* The client has gone when the reply, with memory, comes. */
static void ask_and_go(mach_port_t reply, mach_msg_type_name_t disposition,
		       mach_msg_id_t id)
{
	mach_msg_header_t head = {
		.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND,
					    disposition),
		.msgh_remote_port = service,
		.msgh_local_port = reply,
		.msgh_size = sizeof(head),
		.msgh_id = id,
	};

	mt_must(mach_msg_send(&head));
}

TEST_F(mach, dead_reply_ports)
{
	struct options options = { .option = 0 };
	union answer answer;
	mach_port_t port;
	__u64 names;

	/* Before the server starts, so that they are dead when it comes. */
	service = new_port();
	port = new_port();
	ask_and_go(port, MACH_MSG_TYPE_MAKE_SEND_ONCE, MEMORY_ID);
	ask_and_go(port, MACH_MSG_TYPE_MAKE_SEND, MEMORY_ID);
	mt_must(mach_port_destroy(mach_task_self(), port));
	names = mt_live(&self->task, MT_LIVE(names));
	mt_must(pthread_create(&options.thread, NULL, serve, &options));
	ASSERT_EQ(MACH_MSG_SUCCESS, ask(CODE_ID, 0, 0, PLAIN, &answer));
	EXPECT_EQ(3, served);
	EXPECT_NE(0UL, given);
	EXPECT_FALSE(mt_mapped((void *)given));
	/* One more: our reply port. */
	EXPECT_EQ(names + 1, mt_live(&self->task, MT_LIVE(names)));
	EXPECT_EQ(MACH_RCV_INVALID_NAME, stop(&options));
}

/* A client that asks and does not listen. */
TEST_F(mach, full_reply_port_does_not_stop_it)
{
	struct options options = { .option = 0 };
	mach_port_t port = new_port();
	mach_port_status_t status;
	union answer answer;

	start(&options);
	for (int i = 0; i < MACH_PORT_QLIMIT_DEFAULT + 3; i++)
		ask_and_go(port, MACH_MSG_TYPE_MAKE_SEND, MEMORY_ID);
	ASSERT_EQ(MACH_MSG_SUCCESS, ask(CODE_ID, 0, 0, PLAIN, &answer));
	EXPECT_EQ(MACH_PORT_QLIMIT_DEFAULT + 4, served);
	mt_must(mach_port_get_receive_status(mach_task_self(), port, &status));
	EXPECT_EQ(MACH_PORT_QLIMIT_DEFAULT, status.mps_msgcount);
	EXPECT_EQ(1U, send_refs(port));
	EXPECT_EQ(MACH_RCV_INVALID_NAME, stop(&options));
	mt_must(mach_port_destroy(mach_task_self(), port));
}

TEST_F(mach, silence_is_no_reply)
{
	struct options options = { .option = 0 };
	mach_port_t port = new_port();
	mach_port_status_t status;
	union answer answer;

	start(&options);
	ask_and_go(port, MACH_MSG_TYPE_MAKE_SEND, SILENT_ID);
	ASSERT_EQ(MACH_MSG_SUCCESS, ask(CODE_ID, MIG_NO_REPLY + 1, 0, PLAIN,
					&answer));
	EXPECT_EQ(MIG_NO_REPLY + 1, answer.mig.RetCode);
	mt_must(mach_port_get_receive_status(mach_task_self(), port, &status));
	EXPECT_EQ(0U, status.mps_msgcount);
	EXPECT_EQ(MACH_RCV_INVALID_NAME, stop(&options));
}

TEST_F(mach, time_out_and_bad_name)
{
	struct options options = {
		.option = MACH_RCV_TIMEOUT, .timeout = 50,
	};

	service = new_port();
	EXPECT_EQ(MACH_RCV_TIMED_OUT,
		  mach_msg_server_timeout(demux, 0, service, MACH_RCV_TIMEOUT,
					  0));
	mt_must(pthread_create(&options.thread, NULL, serve, &options));
	mt_must(pthread_join(options.thread, NULL));
	EXPECT_EQ(MACH_RCV_TIMED_OUT, options.result);
	EXPECT_EQ(MACH_RCV_INVALID_NAME,
		  mach_msg_server(demux, SMALL, MT_UNUSED));
}

TEST_HARNESS_MAIN
