// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/*
 * The main thread: the routines of bootstrap.defs, and the loop around them.
 *
 * Subsets' ports are the clients' to send to.  The private port is not: only
 * the kernel's notifications and our own threads' messages arrive there, so
 * where a message came says what it may be.  Nothing here waits for a client.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include <mach/mach.h>

#include "job.h"
#include "names.h"
#include "server.h"

#include "bootstrap_server.h"

boolean_t bootstrap_server(mach_msg_header_t *in, mach_msg_header_t *out);

/* Larger than every request; what is larger still the kernel drops. */
union message {
	mach_msg_header_t head;
	mig_reply_header_t reply;
	struct helper_message helper;
	mach_dead_name_notification_t dead_name;
	struct {
		mach_msg_header_t head;
		mach_msg_type_t type;
		mach_port_name_inlined_t right;
	} port_destroyed;
	char room[512];
};

static struct {
	mach_port_t private_port;	/* receive right */
	mach_port_t requests;		/* set: the above, subsets' ports */
	mach_port_t demand;		/* set: services of jobs, inactive */
	int launcher;
	struct mach_trailer sender;	/* of the request at hand */
	bool ended;
	int status;			/* once ended */
} server;

/* ---- the routines ---- */

kern_return_t bootstrap_check_in(mach_port_t bp, const_name_t name,
				 mach_port_t *port)
{
	struct service *service = service_find(subset_find(bp), name);
	kern_return_t kr;

	if (!service || !service->declared)
		return BOOTSTRAP_UNKNOWN_SERVICE;
	if (service->job && service->uid != server.sender.uid)
		return BOOTSTRAP_NOT_PRIVILEGED;
	if (service->active)
		return BOOTSTRAP_SERVICE_ACTIVE;
	kr = service_activate(service);
	*port = service->port;
	return kr;
}

kern_return_t bootstrap_register(mach_port_t bp, const_name_t name,
				 mach_port_t port)
{
	return service_register(subset_find(bp), name, server.sender.uid,
				port);
}

kern_return_t bootstrap_look_up(mach_port_t bp, const_name_t name,
				mach_port_t *port)
{
	struct service *service = service_look_up(subset_find(bp), name);

	if (!service)
		return BOOTSTRAP_UNKNOWN_SERVICE;
	*port = service->port;
	return BOOTSTRAP_SUCCESS;
}

kern_return_t bootstrap_status(mach_port_t bp, const_name_t name, int *status)
{
	const struct service *service = service_look_up(subset_find(bp), name);

	if (!service)
		return BOOTSTRAP_UNKNOWN_SERVICE;
	if (service->active || !service->declared)
		*status = BOOTSTRAP_STATUS_ACTIVE;
	else if (service->job)
		*status = BOOTSTRAP_STATUS_ON_DEMAND;
	else
		*status = BOOTSTRAP_STATUS_INACTIVE;
	return BOOTSTRAP_SUCCESS;
}

kern_return_t bootstrap_create_service(mach_port_t bp, const_name_t name,
				       mach_port_t *port)
{
	struct service *service;
	kern_return_t kr;

	kr = service_declare(subset_find(bp), name, server.sender.uid, NULL,
			     &service);
	if (!kr)
		*port = service->port;
	return kr;
}

kern_return_t bootstrap_subset(mach_port_t bp, mach_port_t requestor,
			       mach_port_t *port)
{
	struct subset *subset;
	kern_return_t kr;

	kr = subset_make(subset_find(bp), requestor, server.sender.uid,
			 &subset);
	if (!kr)
		*port = subset->port;
	return kr;
}

kern_return_t bootstrap_parent(mach_port_t bp, mach_port_t *port)
{
	const struct subset *subset = subset_find(bp);

	*port = subset->parent ? subset->parent->port : subset->port;
	return BOOTSTRAP_SUCCESS;
}

/* ---- what comes to the private port ---- */

static void hear_private(const union message *message)
{
	struct service *service;

	switch (message->head.msgh_id) {
	case MACH_NOTIFY_DEAD_NAME:
		names_dead_name(message->dead_name.not_port);
		break;
	case MACH_NOTIFY_PORT_DESTROYED:
		service = names_receive_right(
			message->port_destroyed.right.name);
		if (service)
			jobs_service_back(service);
		break;
	case HELPER_DEMAND:
		jobs_demand();
		helpers_go_on();
		break;
	case HELPER_EVENT:
		jobs_event(&message->helper.event);
		break;
	case HELPER_END:
		server.ended = true;
		server.status = message->helper.event.status;
		break;
	default:
		/* A request that another one replaced, a name that is gone. */
		break;
	}
}

/* ---- requests ---- */

/*
 * Without waiting for anybody: a client may have given a send right to a full
 * queue for its reply.  What cannot be sent is given up, with the rights in
 * it; a receive right comes back by its port-destroyed request.
 */
static void send_reply(union message *reply)
{
	mach_msg_return_t mr;

	if (!MACH_PORT_VALID(reply->head.msgh_remote_port)) {
		mach_msg_destroy(&reply->head);
		return;
	}
	mr = mach_msg(&reply->head, MACH_SEND_MSG | MACH_SEND_TIMEOUT,
		      reply->head.msgh_size, 0, MACH_PORT_NULL, 0,
		      MACH_PORT_NULL);
	if (mr != MACH_MSG_SUCCESS)
		mach_msg_destroy(&reply->head);
}

/* A routine that fails has kept nothing of the request. */
static void answer(union message *request)
{
	union message reply;

	mig_reply_setup(&request->head, &reply.head);
	if (!mach_msg_well_typed(&request->head))
		reply.reply.RetCode = MIG_BAD_ARGUMENTS;
	else
		bootstrap_server(&request->head, &reply.head);
	if (!(reply.head.msgh_bits & MACH_MSGH_BITS_COMPLEX) &&
	    reply.reply.RetCode != KERN_SUCCESS) {
		/* The right to reply is the reply's. */
		request->head.msgh_remote_port = MACH_PORT_NULL;
		mach_msg_destroy(&request->head);
	}
	send_reply(&reply);
}

/* With the trailer, which says who sent it. */
static mach_msg_return_t receive(union message *message, int timeout)
{
	struct mach_ioc_msg call = {
		.size = sizeof(call),
		.option = MACH_RCV_MSG | (timeout >= 0 ? MACH_RCV_TIMEOUT : 0),
		.msg = (uintptr_t)message,
		.rcv_size = sizeof(*message),
		.rcv_name = server.requests,
		.timeout = timeout >= 0 ? (__u32)timeout : 0,
		.trailer = (uintptr_t)&server.sender,
		.trailer_size = sizeof(server.sender),
	};

	if (ioctl(mach_device_fd(), MACH_IOC_MSG, &call))
		return MACH_RCV_INVALID_DATA;
	return call.ret;
}

/* False when there will be no more. */
static bool serve_one(void)
{
	union message message;
	mach_msg_return_t mr = receive(&message, jobs_run());

	switch (mr & ~MACH_MSG_MASK) {
	case MACH_MSG_SUCCESS:
		if (message.head.msgh_local_port == server.private_port)
			hear_private(&message);
		else
			answer(&message);
		return !server.ended;
	case MACH_RCV_BODY_ERROR:
		mach_msg_destroy(&message.head);
		return true;
	case MACH_RCV_TIMED_OUT:
	case MACH_RCV_INTERRUPTED:
	case MACH_RCV_TOO_LARGE:
	case MACH_RCV_HEADER_ERROR:
		return true;
	default:
		fprintf(stderr, "machbootd: receiving: %s\n",
			mach_error_string(mr));
		return false;
	}
}

/* ---- start ---- */

static bool make_ports(void)
{
	mach_port_t task = mach_task_self();

	return !mach_port_allocate(task, MACH_PORT_RIGHT_PORT_SET,
				   &server.requests) &&
	       !mach_port_allocate(task, MACH_PORT_RIGHT_PORT_SET,
				   &server.demand) &&
	       !mach_port_allocate(task, MACH_PORT_RIGHT_RECEIVE,
				   &server.private_port) &&
	       !mach_port_move_member(task, server.private_port,
				      server.requests) &&
	       !mach_port_insert_right(task, server.private_port,
				       server.private_port,
				       MACH_MSG_TYPE_MAKE_SEND);
}

mach_port_t server_init(const struct config *config, int launcher)
{
	struct mach_ioc_features features = { .size = sizeof(features) };
	struct name_ports ports;

	if (mach_task_self() == MACH_PORT_NULL)
		return MACH_PORT_NULL;
	if (ioctl(mach_device_fd(), MACH_IOC_FEATURES, &features) ||
	    !(features.features & MACH_FEATURE_IDENTITY)) {
		fprintf(stderr, "machbootd: the module does not tell who sent"
				" a message\n");
		return MACH_PORT_NULL;
	}
	server.launcher = launcher;
	if (make_ports()) {
		ports.requests = server.requests;
		ports.demand = server.demand;
		ports.notify = server.private_port;
		if (names_init(&ports) && jobs_init(config, launcher))
			return names_root()->port;
	}
	fprintf(stderr, "machbootd: no ports\n");
	return MACH_PORT_NULL;
}

int server_run(void (*ready)(void))
{
	if (!helpers_start(server.private_port, server.demand,
			   server.launcher)) {
		perror("machbootd: threads");
		return 1;
	}
	ready();
	while (serve_one())
		;
	return server.ended ? server.status : 1;
}
