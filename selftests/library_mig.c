// SPDX-License-Identifier: GPL-2.0
/*
 * What libmach has for stubs of mig: reply ports, memory, strings, and
 * mach_msg_destroy (spec 5).
 */
#include <mach/mach.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/fixture.h"

#define THREADS	8

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
	mach_port_type_t type = MACH_PORT_TYPE_NONE;

	mach_port_type(mach_task_self(), name, &type);
	return type;
}

static mach_port_urefs_t send_refs(mach_port_t name)
{
	mach_port_urefs_t refs = 0;

	mach_port_get_refs(mach_task_self(), name, MACH_PORT_RIGHT_SEND,
			   &refs);
	return refs;
}

static mach_port_t send_once(mach_port_t port)
{
	mach_msg_type_name_t type;
	mach_port_t right;

	mt_must(mach_port_extract_right(mach_task_self(), port,
					MACH_MSG_TYPE_MAKE_SEND_ONCE, &right,
					&type));
	return right;
}

/* ---- reply ports ---- */

TEST_F(mach, reply_port_stays_the_threads)
{
	mach_port_t port = mig_get_reply_port();

	ASSERT_EQ(MACH_PORT_TYPE_RECEIVE, type_of(port));
	mig_put_reply_port(port);
	EXPECT_EQ(port, mig_get_reply_port());
	EXPECT_EQ(port, __mig_get_reply_port());
	mig_dealloc_reply_port(port);
	EXPECT_EQ(MACH_PORT_TYPE_NONE, type_of(port));
	port = mig_get_reply_port();
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, type_of(port));
	/* What the message says of it may have been overwritten. */
	mig_dealloc_reply_port(MACH_PORT_DEAD);
	EXPECT_EQ(MACH_PORT_TYPE_NONE, type_of(port));
	mig_dealloc_reply_port(MACH_PORT_NULL);
}

struct thread {
	pthread_t id;
	pthread_barrier_t *barrier;
	mach_port_t port;
};

static void *have_port(void *arg)
{
	struct thread *thread = arg;

	thread->port = mig_get_reply_port();
	pthread_barrier_wait(thread->barrier);
	return NULL;
}

TEST_F(mach, each_thread_has_its_own_while_it_lives)
{
	struct thread threads[THREADS];
	mach_port_t mine = mig_get_reply_port();
	pthread_barrier_t barrier;
	__u64 before;

	mach_task_self();
	before = mt_live(&self->task, MT_LIVE(ports));
	pthread_barrier_init(&barrier, NULL, THREADS);
	for (int i = 0; i < THREADS; i++) {
		threads[i].barrier = &barrier;
		mt_must(pthread_create(&threads[i].id, NULL, have_port,
				       &threads[i]));
	}
	for (int i = 0; i < THREADS; i++)
		mt_must(pthread_join(threads[i].id, NULL));
	for (int i = 0; i < THREADS; i++) {
		EXPECT_NE(mine, threads[i].port);
		EXPECT_NE(MACH_PORT_NULL, threads[i].port);
		for (int j = 0; j < i; j++)
			EXPECT_NE(threads[j].port, threads[i].port);
		EXPECT_EQ(MACH_PORT_TYPE_NONE, type_of(threads[i].port));
	}
	EXPECT_TRUE(mt_live_becomes(&self->task, MT_LIVE(ports), before));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, type_of(mine));
}

TEST_F(mach, forked_child_makes_its_own)
{
	mach_port_t mine = mig_get_reply_port();
	pid_t child = fork();

	if (!child) {
		/* Shift the child's names: the same number would fool us. */
		mach_port_t port;

		for (int i = 0; i < 100; i++)
			mt_must(mach_port_allocate(mach_task_self(),
						   MACH_PORT_RIGHT_DEAD_NAME,
						   &port));
		port = mig_get_reply_port();
		_exit(type_of(port) != MACH_PORT_TYPE_RECEIVE);
	}
	EXPECT_EQ(0, mt_wait_pid(child));
	EXPECT_EQ(mine, mig_get_reply_port());
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, type_of(mine));
}

/* ---- the small ones ---- */

TEST_F(mach, allocate_and_deallocate)
{
	vm_address_t address = 1;

	mig_init(NULL);
	mig_allocate(&address, 5000);
	ASSERT_NE(0UL, address);
	EXPECT_TRUE(mt_zero((void *)address, 8192));
	mig_deallocate(address, 5000);
	EXPECT_FALSE(mt_mapped((void *)address));
	mig_allocate(&address, ~0UL);
	EXPECT_EQ(0UL, address);
}

TEST_F(mach, reply_setup)
{
	mach_msg_header_t request = {
		.msgh_bits = MACH_MSGH_BITS_COMPLEX |
			MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE,
				       MACH_MSG_TYPE_MOVE_SEND),
		.msgh_remote_port = 77,
		.msgh_local_port = 88,
		.msgh_id = 4000,
	};
	mig_reply_header_t reply;
	__u64 word;

	memset(&reply, 0xff, sizeof(reply));
	mig_reply_setup(&request, &reply.Head);
	EXPECT_EQ(MACH_MSG_TYPE_MOVE_SEND_ONCE, reply.Head.msgh_bits);
	EXPECT_EQ(48U, reply.Head.msgh_size);
	EXPECT_EQ(77U, reply.Head.msgh_remote_port);
	EXPECT_EQ(MACH_PORT_NULL, reply.Head.msgh_local_port);
	EXPECT_EQ(4100, reply.Head.msgh_id);
	EXPECT_EQ(MIG_BAD_ID, reply.RetCode);
	memcpy(&word, &reply.RetCodeType, sizeof(word));
	EXPECT_EQ(MACH_MSG_DESC(MACH_MSG_TYPE_INTEGER_32, 32, 1,
				MACH_MSG_DESC_INLINE), word);
}

/* ---- mach_msg_destroy ---- */

struct letter {
	mach_msg_header_t head;
	mach_msg_type_t rights_type;
	mach_port_name_inlined_t rights[3];
	mach_msg_type_t bytes_type;
	char bytes[5], pad[3];
	mach_msg_type_t memory_type;
	vm_address_t memory;
	mach_msg_type_t array_type;
	vm_address_t array;
};

static mach_msg_type_t of_type(mach_msg_type_name_t name, unsigned int bits,
			       mach_msg_type_number_t number, boolean_t in)
{
	return (mach_msg_type_t){
		.msgt_name = name, .msgt_size = bits, .msgt_inline = in,
		.msgt_longform = number % 2, .msgt_number = number,
	};
}

/* Rights and memory, in line and out of line, from the task to itself. */
static void send_letter(mach_port_t port, mach_port_t carried,
			mach_port_t *array)
{
	struct letter letter = {
		.head.msgh_bits = MACH_MSGH_BITS_COMPLEX |
			MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND,
				       MACH_MSG_TYPE_MAKE_SEND_ONCE),
		.head.msgh_remote_port = port,
		.head.msgh_local_port = port,
		.rights_type = of_type(MACH_MSG_TYPE_COPY_SEND, 64, 3, TRUE),
		.rights = { { { carried } }, { { MACH_PORT_DEAD } },
			    { { carried } } },
		.bytes_type = of_type(MACH_MSG_TYPE_CHAR, 8, 5, TRUE),
		.memory_type = of_type(MACH_MSG_TYPE_BYTE, 8, 5000, FALSE),
		.array_type = of_type(MACH_MSG_TYPE_MOVE_RECEIVE, 32, 2,
				      FALSE),
		.array = (vm_address_t)array,
	};
	char room[8192];

	memset(room, 'r', sizeof(room));
	letter.memory = (vm_address_t)room;
	mt_must(mach_msg(&letter.head, MACH_SEND_MSG, sizeof(letter), 0,
			 MACH_PORT_NULL, MACH_MSG_TIMEOUT_NONE,
			 MACH_PORT_NULL));
}

TEST_F(mach, destroy_what_was_received)
{
	mach_port_t port = new_port(), carried = new_port();
	mach_port_t array[2] = { mach_reply_port(), mach_reply_port() };
	struct letter letter = { .head.msgh_size = sizeof(letter) };
	__u64 ports = mt_live(&self->task, MT_LIVE(ports));

	send_letter(port, carried, array);
	letter.head.msgh_local_port = port;
	ASSERT_EQ(MACH_MSG_SUCCESS, mach_msg_receive(&letter.head));
	EXPECT_EQ(3U, send_refs(carried));
	EXPECT_EQ(ports, mt_live(&self->task, MT_LIVE(ports)));
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE,
		  type_of(letter.head.msgh_remote_port));
	mach_msg_destroy(&letter.head);
	EXPECT_EQ(1U, send_refs(carried));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, type_of(letter.head.msgh_remote_port));
	EXPECT_EQ(MACH_PORT_TYPE_SEND_RECEIVE, type_of(port));
	EXPECT_FALSE(mt_mapped((void *)letter.memory));
	EXPECT_FALSE(mt_mapped((void *)letter.array));
	EXPECT_TRUE(mt_live_becomes(&self->task, MT_LIVE(ports), ports - 2));
	/* The send-once right that was destroyed has said so. */
	ASSERT_EQ(MACH_MSG_SUCCESS,
		  mach_msg(&letter.head, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0,
			   sizeof(letter), port, 0, MACH_PORT_NULL));
	EXPECT_EQ(MACH_NOTIFY_SEND_ONCE, letter.head.msgh_id);
	mach_msg_destroy(&letter.head);
}

/* Lent memory and copied rights stay; moved and made ones go. */
TEST_F(mach, destroy_what_was_not_sent)
{
	mach_port_t port = new_port(), lent = new_port();
	mach_port_t once = send_once(port), moved = new_port();
	mach_port_status_t status;
	char *room = mt_map(2), *given = mt_map(1);
	struct letter letter = {
		.head.msgh_size = sizeof(letter),
		.head.msgh_bits = MACH_MSGH_BITS_COMPLEX |
			MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0),
		.head.msgh_remote_port = once,
		.rights_type = of_type(MACH_MSG_TYPE_COPY_SEND, 64, 3, TRUE),
		.rights = { { { lent } }, { { lent } }, { { 0 } } },
		.bytes_type = of_type(MACH_MSG_TYPE_CHAR, 8, 5, TRUE),
		.memory_type = of_type(MACH_MSG_TYPE_BYTE, 8, 5000, FALSE),
		.memory = (vm_address_t)room,
		.array_type = of_type(MACH_MSG_TYPE_MOVE_SEND, 32, 1, FALSE),
		.array = (vm_address_t)given,
	};

	letter.array_type.msgt_deallocate = TRUE;
	*(mach_port_t *)given = moved;
	mach_msg_destroy(&letter.head);
	EXPECT_EQ(MACH_PORT_TYPE_NONE, type_of(once));
	EXPECT_EQ(1U, send_refs(lent));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, type_of(moved));
	EXPECT_TRUE(mt_mapped(room));
	EXPECT_FALSE(mt_mapped(given));
	/* A right that was to be made counts as made and lost. */
	letter.head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0);
	letter.head.msgh_remote_port = moved;
	mach_msg_destroy(&letter.head);
	mt_must(mach_port_get_receive_status(mach_task_self(), moved,
					     &status));
	EXPECT_EQ(2U, status.mps_mscount);
	EXPECT_FALSE(status.mps_srights);
}

TEST_F(mach, destroy_stops_at_the_end)
{
	mach_port_t port = new_port();
	struct letter letter = {
		.head.msgh_bits = MACH_MSGH_BITS_COMPLEX,
		.rights_type = of_type(MACH_MSG_TYPE_MOVE_SEND, 64, 3, TRUE),
		.rights = { { { port } }, { { port } }, { { port } } },
	};

	for (letter.head.msgh_size = 0; letter.head.msgh_size < 64;
	     letter.head.msgh_size++)
		mach_msg_destroy(&letter.head);
	EXPECT_EQ(1U, send_refs(port));
	letter.head.msgh_size = 64;
	mach_msg_destroy(&letter.head);
	EXPECT_EQ(0U, send_refs(port));
}

TEST_HARNESS_MAIN
