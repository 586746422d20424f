// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/*
 * mach_msg_server: receives requests, hands them to a server function of mig's
 * kind, sends its replies.
 *
 * A client must not be able to end a server: what it can bring about (a reply
 * port that is dead or full, a request whose rights find no room here) costs
 * it its reply and nothing else.
 */
#include <stdbool.h>
#include <stdlib.h>

#include <mach/mach.h>

#include "internal.h"

typedef boolean_t demux_fn(mach_msg_header_t *in, mach_msg_header_t *out);

struct server {
	demux_fn *demux;
	mach_msg_header_t *request;	/* room for size bytes */
	mach_msg_header_t *reply;	/* room for size bytes */
	mach_msg_size_t size;
	mach_port_t port;
	mach_msg_option_t option;
	mach_msg_timeout_t timeout;
};

static bool make_buffers(struct server *server, mach_msg_size_t size)
{
	if (size < sizeof(mig_reply_header_t))
		size = sizeof(mig_reply_header_t);
	server->request = malloc(size);
	server->reply = malloc(size);
	server->size = size;
	return server->request && server->reply;
}

static void free_buffers(struct server *server)
{
	free(server->request);
	free(server->reply);
}

/* A request that does not fit stays in the queue: MACH_RCV_LARGE. */
static bool grow_buffers(struct server *server)
{
	mach_msg_size_t size = server->request->msgh_size;

	free_buffers(server);
	return make_buffers(server, size);
}

static mach_msg_return_t receive(struct server *server)
{
	return mach_msg(server->request, MACH_RCV_MSG | server->option, 0,
			server->size, server->port, server->timeout,
			MACH_PORT_NULL);
}

/*
 * Goes on until there is a request, or an error that is the caller's.  Who
 * sent what had to be dropped is told by his reply right, which dies.
 */
static mach_msg_return_t settle(struct server *server, mach_msg_return_t mr)
{
	for (;; mr = receive(server)) {
		switch (mr & ~MACH_MSG_MASK) {
		case MACH_RCV_TOO_LARGE:
			if ((server->option & MACH_RCV_LARGE) &&
			    !grow_buffers(server))
				return KERN_RESOURCE_SHORTAGE;
			break;
		case MACH_RCV_BODY_ERROR:
			mach_msg_destroy(server->request);
			break;
		case MACH_RCV_HEADER_ERROR:
			break;
		default:
			return mr;
		}
	}
}

/*
 * Makes the reply, and gives up the request if that is mig's rule: a routine
 * that fails has consumed nothing.  A function that says FALSE and has made
 * no reply gets mig's for it.
 */
static void answer(struct server *server)
{
	mig_reply_header_t *reply = (mig_reply_header_t *)server->reply;
	mach_msg_header_t *request = server->request;
	boolean_t known;

	mig_reply_setup(request, &reply->Head);
	reply->RetCode = MIG_NO_REPLY;
	known = server->demux(request, &reply->Head);
	if (reply->Head.msgh_bits & MACH_MSGH_BITS_COMPLEX)
		return;
	if (!known && reply->RetCode == MIG_NO_REPLY)
		mig_reply_setup(request, &reply->Head);
	if (reply->RetCode == MIG_NO_REPLY)
		reply->Head.msgh_remote_port = MACH_PORT_NULL;
	else if (reply->RetCode != KERN_SUCCESS) {
		request->msgh_remote_port = MACH_PORT_NULL;
		mach_msg_destroy(request);
	}
}

/* After a send that failed: what to return, or MACH_MSG_SUCCESS to go on. */
static mach_msg_return_t drop_reply(struct server *server,
				    mach_msg_return_t mr)
{
	switch (mr & ~MACH_MSG_MASK) {
	case MACH_SEND_INVALID_DEST:
	case MACH_SEND_TIMED_OUT:
	case MACH_SEND_NO_BUFFER:
		mach_msg_destroy(server->reply);
		return MACH_MSG_SUCCESS;
	case MACH_SEND_INTERRUPTED:
		mach_msg_destroy(server->reply);
		return mr;
	default:
		return mr;
	}
}

static bool is_send_error(mach_msg_return_t mr)
{
	return mr >= MACH_SEND_IN_PROGRESS && mr < MACH_RCV_IN_PROGRESS;
}

/*
 * To a send right, in whose queue there may be no room: the server waits only
 * if its caller said how long.
 */
static mach_msg_return_t send_apart(struct server *server)
{
	mach_msg_timeout_t timeout = 0;

	if (server->option & MACH_SEND_TIMEOUT)
		timeout = server->timeout;
	return mach_msg(server->reply, MACH_SEND_MSG | MACH_SEND_TIMEOUT |
			server->option, server->reply->msgh_size, 0,
			MACH_PORT_NULL, timeout, MACH_PORT_NULL);
}

static void swap_buffers(struct server *server)
{
	mach_msg_header_t *request = server->request;

	server->request = server->reply;
	server->reply = request;
}

/* In one call: the next request comes to where the reply was. */
static mach_msg_return_t send_and_receive(struct server *server)
{
	mach_msg_return_t mr;

	swap_buffers(server);
	mr = mach_msg(server->request,
		      MACH_SEND_MSG | MACH_RCV_MSG | server->option,
		      server->request->msgh_size, server->size, server->port,
		      server->timeout, MACH_PORT_NULL);
	if (is_send_error(mr))
		swap_buffers(server);
	return mr;
}

/* Sends the reply, if there is any; the result of receiving, or an error. */
static mach_msg_return_t send_reply(struct server *server)
{
	mach_msg_bits_t bits = server->reply->msgh_bits;
	mach_msg_return_t mr = MACH_MSG_SUCCESS;

	if (server->reply->msgh_remote_port == MACH_PORT_NULL)
		mach_msg_destroy(server->reply);
	else if (MACH_MSGH_BITS_REMOTE(bits) != MACH_MSG_TYPE_MOVE_SEND_ONCE)
		mr = send_apart(server);
	else {
		mr = send_and_receive(server);
		if (!is_send_error(mr))
			return mr;
	}
	if (is_send_error(mr))
		mr = drop_reply(server, mr);
	return mr == MACH_MSG_SUCCESS ? receive(server) : mr;
}

mach_msg_return_t mach_msg_server_timeout(demux_fn *demux,
					  mach_msg_size_t max_size,
					  mach_port_t rcv_name,
					  mach_msg_option_t option,
					  mach_msg_timeout_t timeout)
{
	struct server server = {
		.demux = demux,
		.port = rcv_name,
		.option = option & ~(MACH_SEND_MSG | MACH_RCV_MSG),
		.timeout = timeout,
	};
	mach_msg_return_t mr = KERN_RESOURCE_SHORTAGE;

	if (make_buffers(&server, max_size)) {
		mr = settle(&server, receive(&server));
		while (mr == MACH_MSG_SUCCESS) {
			answer(&server);
			mr = settle(&server, send_reply(&server));
		}
	}
	free_buffers(&server);
	return mr;
}

mach_msg_return_t mach_msg_server(demux_fn *demux, mach_msg_size_t max_size,
				  mach_port_t rcv_name)
{
	return mach_msg_server_timeout(demux, max_size, rcv_name,
				       MACH_MSG_OPTION_NONE,
				       MACH_MSG_TIMEOUT_NONE);
}
