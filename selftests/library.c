// SPDX-License-Identifier: GPL-2.0
/*
 * libmach does what GNU Mach's functions of the same names do: mach_msg()
 * starts again after signals, and vm_deallocate() frees what was received,
 * odd addresses and all (spec 1.9; O24).  The port calls, arrays, tasks and
 * fork are in library_*.c.
 */
#include <mach/mach.h>
#include <pthread.h>
#include <signal.h>

#include "lib/fixture.h"

static mach_port_t new_port(void)
{
	mach_port_t port;

	mt_must(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE,
				   &port));
	mt_must(mach_port_insert_right(mach_task_self(), port, port,
				       MACH_MSG_TYPE_MAKE_SEND));
	return port;
}

static mach_port_type_t type_of(mach_port_t name)
{
	mach_port_type_t type = 0;

	mach_port_type(mach_task_self(), name, &type);
	return type;
}

static mach_msg_return_t send_header(mach_port_t port, mach_msg_id_t id)
{
	mach_msg_header_t header = {
		.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
		.msgh_remote_port = port,
		.msgh_id = id,
	};

	return mach_msg(&header, MACH_SEND_MSG, sizeof(header), 0,
			MACH_PORT_NULL, MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL);
}

static mach_msg_return_t receive_header(mach_port_t port,
					mach_msg_header_t *header,
					mach_msg_option_t option)
{
	return mach_msg(header, MACH_RCV_MSG | option, 0, sizeof(*header),
			port, 0, MACH_PORT_NULL);
}

TEST_F(mach, task_self_is_one_name)
{
	mach_port_urefs_t before, after;
	mach_port_t self_port = mach_task_self();

	mt_must(mach_port_get_refs(self_port, self_port, MACH_PORT_RIGHT_SEND,
				   &before));
	EXPECT_EQ(self_port, mach_task_self());
	mt_must(mach_port_get_refs(self_port, self_port, MACH_PORT_RIGHT_SEND,
				   &after));
	EXPECT_EQ(before, after);
	/* The function under the macro adds a reference, as the trap does. */
	EXPECT_EQ(self_port, (mach_task_self)());
	mt_must(mach_port_get_refs(self_port, self_port, MACH_PORT_RIGHT_SEND,
				   &after));
	EXPECT_EQ(before + 1, after);
}

TEST_F(mach, port_calls)
{
	mach_port_t task = mach_task_self(), port = new_port(), previous;
	mach_port_t notify = mach_reply_port();
	mach_port_urefs_t refs;

	EXPECT_EQ(MACH_PORT_TYPE_SEND_RECEIVE, type_of(port));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, type_of(notify));
	EXPECT_EQ(KERN_SUCCESS,
		  mach_port_mod_refs(task, port, MACH_PORT_RIGHT_SEND, 4));
	EXPECT_EQ(KERN_SUCCESS, mach_port_get_refs(task, port,
						   MACH_PORT_RIGHT_SEND,
						   &refs));
	EXPECT_EQ(5U, refs);
	EXPECT_EQ(KERN_SUCCESS, mach_port_deallocate(task, port));
	EXPECT_EQ(KERN_SUCCESS,
		  mach_port_request_notification(task, port,
						 MACH_NOTIFY_DEAD_NAME, 0,
						 notify,
						 MACH_MSG_TYPE_MAKE_SEND_ONCE,
						 &previous));
	EXPECT_EQ(MACH_PORT_NULL, previous);
	EXPECT_EQ(KERN_SUCCESS,
		  mach_port_mod_refs(task, port, MACH_PORT_RIGHT_RECEIVE,
				     -1));
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, type_of(port));
	EXPECT_EQ(KERN_SUCCESS, mach_port_destroy(task, port));
	EXPECT_EQ(KERN_INVALID_NAME, mach_port_destroy(task, port));
	EXPECT_EQ(KERN_INVALID_VALUE,
		  mach_port_allocate(task, MACH_PORT_RIGHT_SEND, &port));
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  mach_port_allocate(MACH_PORT_NULL, MACH_PORT_RIGHT_RECEIVE,
				     &port));
}

static volatile int handled;

static void count(int number)
{
	(void)number;
	handled++;
}

struct late {
	mach_port_t port;
	pthread_t target;
	bool send;
};

/* Signals first, then what the waiting call waits for. */
static void *interrupt_then_serve(void *arg)
{
	struct late *late = arg;
	mach_msg_header_t header;
	int before;

	for (int i = 0; i < 5; i++) {
		mt_sleep(20);
		before = handled;
		pthread_kill(late->target, SIGUSR1);
		/* Two that are pending would be one. */
		while (handled == before)
			mt_sleep(1);
	}
	mt_sleep(20);
	if (late->send)
		mt_must(send_header(late->port, 77));
	else
		mt_must(receive_header(late->port, &header, 0));
	return NULL;
}

static void start_late(pthread_t *thread, struct late *late)
{
	struct sigaction action = { .sa_handler = count };

	mt_must(sigaction(SIGUSR1, &action, NULL));
	mt_must(pthread_create(thread, NULL, interrupt_then_serve, late));
}

TEST_F(mach, S1_9_receive_starts_again)
{
	mach_port_t port = new_port();
	struct late late = { port, pthread_self(), true };
	mach_msg_header_t header;
	pthread_t thread;

	start_late(&thread, &late);
	EXPECT_EQ(MACH_MSG_SUCCESS, receive_header(port, &header, 0));
	EXPECT_EQ(77, header.msgh_id);
	EXPECT_EQ(5, handled);
	mt_must(pthread_join(thread, NULL));
}

TEST_F(mach, S1_9_send_starts_again)
{
	mach_port_t port = new_port();
	struct late late = { port, pthread_self(), false };
	mach_port_urefs_t refs;
	pthread_t thread;

	for (int i = 0; i < MACH_PORT_QLIMIT_DEFAULT; i++)
		mt_must(send_header(port, i));
	start_late(&thread, &late);
	EXPECT_EQ(MACH_MSG_SUCCESS, send_header(port, 5));
	mt_must(pthread_join(thread, NULL));
	/* What came back each time was sent again: nothing adds up. */
	mt_must(mach_port_get_refs(mach_task_self(), port,
				   MACH_PORT_RIGHT_SEND, &refs));
	EXPECT_EQ(1U, refs);
}

TEST_F(mach, S1_9_interrupt_option_returns)
{
	mach_port_t port = new_port();
	struct late late = { port, pthread_self(), true };
	mach_msg_header_t header;
	pthread_t thread;

	start_late(&thread, &late);
	EXPECT_EQ(MACH_RCV_INTERRUPTED,
		  receive_header(port, &header, MACH_RCV_INTERRUPT));
	mt_must(pthread_join(thread, NULL));
}

TEST_F(mach, S1_9_send_interrupt_option_returns)
{
	mach_port_t port = new_port();
	struct late late = { port, pthread_self(), false };
	mach_msg_header_t header = {
		.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
		.msgh_remote_port = port,
	};
	pthread_t thread;

	for (int i = 0; i < MACH_PORT_QLIMIT_DEFAULT; i++)
		mt_must(send_header(port, i));
	start_late(&thread, &late);
	EXPECT_EQ(MACH_SEND_INTERRUPTED,
		  mach_msg(&header, MACH_SEND_MSG | MACH_SEND_INTERRUPT,
			   sizeof(header), 0, MACH_PORT_NULL,
			   MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL));
	mt_must(pthread_join(thread, NULL));
}

TEST_F(mach, S1_9_receiving_again_does_not_send_again)
{
	mach_port_t to = new_port(), from = new_port();
	struct late late = { from, pthread_self(), true };
	mach_msg_header_t header = {
		.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
		.msgh_remote_port = to,
		.msgh_id = 5,
	};
	pthread_t thread;

	start_late(&thread, &late);
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mach_msg(&header, MACH_SEND_MSG | MACH_RCV_MSG |
			   MACH_SEND_INTERRUPT, sizeof(header), sizeof(header),
			   from, MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL));
	EXPECT_EQ(77, header.msgh_id);
	EXPECT_EQ(5, handled);
	mt_must(pthread_join(thread, NULL));
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  receive_header(to, &header, MACH_RCV_TIMEOUT));
	EXPECT_EQ(5, header.msgh_id);
	EXPECT_EQ(MACH_RCV_TIMED_OUT,
		  receive_header(to, &header, MACH_RCV_TIMEOUT));
}

TEST_F(mach, bootstrap)
{
	mach_port_t port = new_port(), found;

	EXPECT_EQ(KERN_SUCCESS, mach_set_instance_bootstrap(port));
	EXPECT_EQ(KERN_SUCCESS,
		  task_get_special_port(mach_task_self(), TASK_BOOTSTRAP_PORT,
					&found));
	EXPECT_EQ(port, found);
	EXPECT_EQ(KERN_SUCCESS, mach_set_instance_bootstrap(MACH_PORT_NULL));
	EXPECT_EQ(KERN_SUCCESS,
		  task_get_special_port(mach_task_self(), TASK_BOOTSTRAP_PORT,
					&found));
	EXPECT_EQ(MACH_PORT_NULL, found);
}

TEST_F(mach, vm_allocate)
{
	vm_address_t address = 0, other;

	EXPECT_EQ(KERN_SUCCESS,
		  vm_allocate(mach_task_self(), &address, 5000, TRUE));
	EXPECT_EQ(0UL, address % vm_page_size);
	EXPECT_TRUE(mt_zero((void *)address, 8192));
	memset((void *)address, 1, 8192);
	other = address + 100;
	EXPECT_EQ(KERN_NO_SPACE,
		  vm_allocate(mach_task_self(), &other, 1, FALSE));
	EXPECT_EQ(KERN_SUCCESS,
		  vm_deallocate(mach_task_self(), address + 4095, 2));
	EXPECT_FALSE(mt_mapped((void *)address));
	EXPECT_FALSE(mt_mapped((void *)(address + 4096)));
	EXPECT_EQ(KERN_SUCCESS,
		  vm_deallocate(mach_task_self(), address, 8192));
	other = 12345;
	EXPECT_EQ(KERN_SUCCESS,
		  vm_allocate(mach_task_self(), &other, 0, TRUE));
	EXPECT_EQ(0UL, other);
	EXPECT_EQ(KERN_SUCCESS, vm_deallocate(mach_task_self(), 12345, 0));
}

struct region_message {
	mach_msg_header_t head;
	mach_msg_type_t type;
	vm_address_t address;
};

/* Sends and receives one region with libmach's own types. */
static vm_address_t pass(vm_address_t address, vm_size_t size)
{
	mach_port_t port = new_port();
	struct region_message message = {
		.head = {
			.msgh_bits = MACH_MSGH_BITS_COMPLEX |
				MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0),
			.msgh_remote_port = port,
		},
		.type = {
			.msgt_name = MACH_MSG_TYPE_BYTE,
			.msgt_size = 8,
			.msgt_number = size,
		},
		.address = address,
	};

	mt_must(mach_msg(&message.head, MACH_SEND_MSG | MACH_RCV_MSG,
			 sizeof(message), sizeof(message), port, 0,
			 MACH_PORT_NULL));
	mt_must(mach_port_destroy(mach_task_self(), port));
	mt_check(message.type.msgt_deallocate);
	mt_check(message.type.msgt_number == size);
	return message.address;
}

TEST_F(mach, O24_vm_deallocate_of_odd_addresses)
{
	static const unsigned long offsets[] = { 0, 1, 4095 };
	static const unsigned long sizes[] = { 1, 2, 4096, 4097, 20000 };
	__u64 objects = mt_live(&self->task, MT_LIVE(objects));
	char *memory = mt_map_filled(8, 1);

	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(sizes); j++) {
			vm_address_t from = (vm_address_t)memory + offsets[i];
			vm_address_t to = pass(from, sizes[j]);

			EXPECT_EQ(0, memcmp((void *)from, (void *)to,
					    sizes[j]));
			EXPECT_EQ(KERN_SUCCESS,
				  vm_deallocate(mach_task_self(), to,
						sizes[j]));
			EXPECT_FALSE(mt_mapped((void *)to));
			EXPECT_FALSE(mt_mapped((void *)(to + sizes[j] - 1)));
		}
	}
	EXPECT_TRUE(mt_live_becomes(&self->task, MT_LIVE(objects), objects));
}

TEST_HARNESS_MAIN
