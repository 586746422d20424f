// SPDX-License-Identifier: GPL-2.0
/*
 * The server's routines.  Rights and memory that a successful routine got
 * are its own; those of one that fails are destroyed with the request, by
 * mach_msg_server.
 */
#include <mach/mach.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "exercise_server.h"
#include "notify_server.h"
#include "server.h"

static struct {
	mach_port_t notify;		/* where dead names are told */
	int values, alive, dead;
	int64_t sum;
} state;

static void free_memory(const void *address, size_t bytes)
{
	vm_deallocate(mach_task_self(), (vm_address_t)address, bytes);
}

static void *new_memory(size_t bytes)
{
	vm_address_t address;

	if (vm_allocate(mach_task_self(), &address, bytes, TRUE))
		return NULL;
	return (void *)address;
}

kern_return_t S_exercise_divide(mach_port_t server, int dividend, int divisor,
				int *quotient, int *remainder)
{
	(void)server;
	if (!divisor)
		return KERN_INVALID_ARGUMENT;
	*quotient = dividend / divisor;
	*remainder = dividend % divisor;
	return KERN_SUCCESS;
}

kern_return_t S_exercise_structs(mach_port_t server, pair_t *pair,
				 eight_t numbers)
{
	(void)server;
	pair->first++;
	pair->second = -pair->second;
	for (int i = 0; i < 8; i++)
		numbers[i] *= 2;
	return KERN_SUCCESS;
}

kern_return_t S_exercise_string(mach_port_t server, const_text_t text,
				text_t reversed)
{
	size_t length = strlen(text);

	(void)server;
	memset(reversed, 0, TEXT_BYTES);
	for (size_t i = 0; i < length; i++)
		reversed[i] = text[length - 1 - i];
	return KERN_SUCCESS;
}

kern_return_t S_exercise_bounded(mach_port_t server, const bounded_t numbers,
				 mach_msg_type_number_t count, bounded_t even,
				 mach_msg_type_number_t *even_count)
{
	mach_msg_type_number_t found = 0;

	(void)server;
	/* The stub does not look. */
	if (count > BOUND)
		return KERN_INVALID_ARGUMENT;
	for (mach_msg_type_number_t i = 0; i < count; i++)
		if (numbers[i] % 2 == 0)
			even[found++] = numbers[i];
	*even_count = found;
	return KERN_SUCCESS;
}

/*
 * *result has room for *result_count bytes; more needs memory of our own.
 * The stub frees bytes if they came out of line.
 */
kern_return_t S_exercise_repeat(mach_port_t server, const_bytes_t bytes,
				mach_msg_type_number_t length, int count,
				bytes_t *result,
				mach_msg_type_number_t *result_count)
{
	size_t needed = (size_t)length * (size_t)count;

	(void)server;
	if (needed > *result_count)
		*result = new_memory(needed);
	if (!*result)
		return KERN_RESOURCE_SHORTAGE;
	for (int i = 0; i < count; i++)
		memcpy(*result + (size_t)i * length, bytes, length);
	*result_count = (mach_msg_type_number_t)needed;
	return KERN_SUCCESS;
}

kern_return_t S_exercise_region(mach_port_t server, region_t numbers,
				mach_msg_type_number_t count, region_t *result,
				mach_msg_type_number_t *result_count)
{
	(void)server;
	for (mach_msg_type_number_t i = 0; i < count; i++)
		numbers[i]++;
	*result = numbers;
	*result_count = count;
	return KERN_SUCCESS;
}

kern_return_t S_exercise_consume(mach_port_t server, region_t numbers,
				 mach_msg_type_number_t count, int64_t *sum)
{
	(void)server;
	*sum = 0;
	for (mach_msg_type_number_t i = 0; i < count; i++)
		*sum += numbers[i];
	free_memory(numbers, count * sizeof(*numbers));
	return KERN_SUCCESS;
}

static kern_return_t drop_ports(mach_port_array_t ports, unsigned int count,
				mach_port_right_t right, int *alive)
{
	mach_port_urefs_t refs;

	*alive = 0;
	for (unsigned int i = 0; i < count; i++) {
		if (!mach_port_get_refs(mach_task_self(), ports[i], right,
					&refs) && refs)
			(*alive)++;
		if (right == MACH_PORT_RIGHT_RECEIVE)
			mach_port_mod_refs(mach_task_self(), ports[i], right,
					   -1);
		else
			mach_port_deallocate(mach_task_self(), ports[i]);
	}
	free_memory(ports, count * sizeof(*ports));
	return KERN_SUCCESS;
}

kern_return_t S_exercise_move(mach_port_t server, mach_port_array_t ports,
			      mach_msg_type_number_t count, int *alive)
{
	(void)server;
	return drop_ports(ports, count, MACH_PORT_RIGHT_SEND, alive);
}

kern_return_t S_exercise_copy(mach_port_t server, mach_port_array_t ports,
			      mach_msg_type_number_t count, int *alive)
{
	(void)server;
	return drop_ports(ports, count, MACH_PORT_RIGHT_SEND, alive);
}

kern_return_t S_exercise_make(mach_port_t server, mach_port_array_t ports,
			      mach_msg_type_number_t count, int *alive)
{
	(void)server;
	return drop_ports(ports, count, MACH_PORT_RIGHT_SEND, alive);
}

kern_return_t S_exercise_receive(mach_port_t server, mach_port_array_t ports,
				 mach_msg_type_number_t count, int *alive)
{
	(void)server;
	return drop_ports(ports, count, MACH_PORT_RIGHT_RECEIVE, alive);
}

kern_return_t S_exercise_refuse(mach_port_t server, mach_port_t port,
				mach_port_array_t ports,
				mach_msg_type_number_t count, region_t region,
				mach_msg_type_number_t region_count, int code)
{
	int alive;

	(void)server;
	if (code == KERN_SUCCESS) {
		drop_ports(ports, count, MACH_PORT_RIGHT_SEND, &alive);
		mach_port_deallocate(mach_task_self(), port);
		free_memory(region, region_count * sizeof(*region));
	}
	return code;
}

/* A receive right with one message in its queue. */
static mach_port_t port_with_message(int id)
{
	mach_msg_header_t message = {
		.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0),
		.msgh_id = id,
	};
	mach_port_t port = MACH_PORT_NULL;

	mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port);
	message.msgh_remote_port = port;
	mach_msg(&message, MACH_SEND_MSG, sizeof(message), 0, MACH_PORT_NULL,
		 MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL);
	return port;
}

kern_return_t S_exercise_ports(mach_port_t server, int count,
			       mach_port_array_t *ports,
			       mach_msg_type_number_t *ports_count)
{
	(void)server;
	*ports = new_memory((size_t)count * sizeof(**ports));
	for (int i = 0; i < count; i++)
		(*ports)[i] = port_with_message(i);
	*ports_count = (mach_msg_type_number_t)count;
	return KERN_SUCCESS;
}

kern_return_t S_exercise_return(mach_port_t server,
				const_mach_port_array_t ports,
				mach_msg_type_number_t count,
				mach_port_array_t *back,
				mach_msg_type_number_t *back_count)
{
	(void)server;
	if (count > *back_count)
		*back = new_memory(count * sizeof(**back));
	if (!*back)
		return KERN_RESOURCE_SHORTAGE;
	memcpy(*back, ports, count * sizeof(**back));
	*back_count = count;
	return KERN_SUCCESS;
}

kern_return_t S_exercise_poly(mach_port_t server, mach_port_t port,
			      mach_msg_type_name_t type, int *kind)
{
	(void)server;
	*kind = (int)type;
	if (type == MACH_MSG_TYPE_PORT_RECEIVE)
		mach_port_mod_refs(mach_task_self(), port,
				   MACH_PORT_RIGHT_RECEIVE, -1);
	else
		mach_port_deallocate(mach_task_self(), port);
	return KERN_SUCCESS;
}

kern_return_t S_exercise_tell(mach_port_t server, int value)
{
	(void)server;
	if (value < 0)
		return KERN_INVALID_ARGUMENT;
	state.values++;
	state.sum += value;
	return KERN_SUCCESS;
}

kern_return_t S_exercise_told(mach_port_t server, int *values, int64_t *sum)
{
	(void)server;
	*values = state.values;
	*sum = state.sum;
	return KERN_SUCCESS;
}

/* If the client is dead by now its right has arrived as a dead name. */
kern_return_t S_exercise_watch(mach_port_t server, mach_port_t port)
{
	mach_port_t previous;

	(void)server;
	if (port == MACH_PORT_DEAD) {
		state.dead++;
		return KERN_SUCCESS;
	}
	if (mach_port_request_notification(mach_task_self(), port,
					   MACH_NOTIFY_DEAD_NAME, 1,
					   state.notify,
					   MACH_MSG_TYPE_MAKE_SEND_ONCE,
					   &previous))
		return KERN_FAILURE;
	state.alive++;
	return KERN_SUCCESS;
}

/* The notification brings a reference to the dead name, beside our own. */
kern_return_t do_mach_notify_dead_name(mach_port_t notify,
				       mach_port_name_t name)
{
	(void)notify;
	mach_port_mod_refs(mach_task_self(), name, MACH_PORT_RIGHT_DEAD_NAME,
			   -2);
	state.alive--;
	state.dead++;
	return KERN_SUCCESS;
}

kern_return_t S_exercise_watched(mach_port_t server, int *alive, int *dead)
{
	(void)server;
	*alive = state.alive;
	*dead = state.dead;
	return KERN_SUCCESS;
}

kern_return_t S_exercise_names(mach_port_t server, int *count)
{
	mach_msg_type_number_t names_count, types_count;
	mach_port_name_array_t names;
	mach_port_type_array_t types;
	kern_return_t kr;

	(void)server;
	kr = mach_port_names(mach_task_self(), &names, &names_count, &types,
			     &types_count);
	if (kr)
		return kr;
	free_memory(names, names_count * sizeof(*names));
	free_memory(types, types_count * sizeof(*types));
	*count = (int)names_count;
	return KERN_SUCCESS;
}

kern_return_t S_exercise_sleep(mach_port_t server, int milliseconds)
{
	struct timespec time = {
		.tv_sec = milliseconds / 1000,
		.tv_nsec = milliseconds % 1000 * 1000000L,
	};

	(void)server;
	nanosleep(&time, NULL);
	return KERN_SUCCESS;
}

kern_return_t S_exercise_timed(mach_port_t server, mach_port_t reply,
			       int milliseconds)
{
	(void)reply;
	return S_exercise_sleep(server, milliseconds);
}

kern_return_t S_exercise_die(mach_port_t server)
{
	(void)server;
	_exit(0);
}

/* Only dead names are asked for. */
kern_return_t do_mach_notify_port_deleted(mach_port_t notify,
					  mach_port_name_t name)
{
	(void)notify;
	(void)name;
	return KERN_FAILURE;
}

kern_return_t do_mach_notify_msg_accepted(mach_port_t notify,
					  mach_port_name_t name)
{
	(void)notify;
	(void)name;
	return KERN_FAILURE;
}

kern_return_t do_mach_notify_port_destroyed(mach_port_t notify,
					    mach_port_t rights)
{
	(void)notify;
	(void)rights;
	return KERN_FAILURE;
}

kern_return_t do_mach_notify_no_senders(mach_port_t notify,
					mach_port_mscount_t mscount)
{
	(void)notify;
	(void)mscount;
	return KERN_FAILURE;
}

kern_return_t do_mach_notify_send_once(mach_port_t notify)
{
	(void)notify;
	return KERN_FAILURE;
}

static boolean_t demux(mach_msg_header_t *in, mach_msg_header_t *out)
{
	if (!mach_msg_well_typed(in)) {
		((mig_reply_header_t *)out)->RetCode = MIG_BAD_ARGUMENTS;
		return TRUE;
	}
	return exercise_server(in, out) || notify_server(in, out);
}

void serve(mach_port_t port)
{
	mach_port_t set;

	if (mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_PORT_SET,
			       &set) ||
	    mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE,
			       &state.notify) ||
	    mach_port_move_member(mach_task_self(), port, set) ||
	    mach_port_move_member(mach_task_self(), state.notify, set))
		_exit(1);
	mach_msg_server_timeout(demux, 8192, set, MACH_RCV_LARGE, 0);
	_exit(2);
}
