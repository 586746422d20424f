// SPDX-License-Identifier: GPL-2.0
/*
 * Stubs that mig made of exercise.defs, client and server in processes of
 * their own: every form of argument, errors, 32 clients at once, clients
 * killed in mid-call.
 */
#include <mach/mach.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exercise.h"
#include "lib/fixture.h"
#include "server.h"

#define CLIENTS	32
#define MANY	5000

static mach_port_t task;		/* of this process */
static mach_port_t server;		/* a send right */
static pid_t server_pid;

/* ---- processes ---- */

/* A child that has a task of its own and dies with this process. */
static pid_t start(void (*body)(void))
{
	pid_t parent = getpid(), pid = fork();

	mt_check(pid >= 0);
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	task = mach_task_self();
	body();
	_exit(0);
}

static mach_port_t make_port(void)
{
	mach_port_t port;

	mt_must(mach_port_allocate(task, MACH_PORT_RIGHT_RECEIVE, &port));
	mt_must(mach_port_insert_right(task, port, port,
				       MACH_MSG_TYPE_MAKE_SEND));
	return port;
}

struct hello {
	mach_msg_header_t head;
	mach_msg_type_t type;
	mach_port_name_inlined_t port;
};

static void run_server(void)
{
	struct hello hello = {
		.head.msgh_bits = MACH_MSGH_BITS_COMPLEX |
				  MACH_MSG_TYPE_MOVE_SEND,
		.type.msgt_name = MACH_MSG_TYPE_MAKE_SEND,
		.type.msgt_size = 64,
		.type.msgt_inline = TRUE,
		.type.msgt_number = 1,
	};

	mt_must(task_get_bootstrap_port(task, &hello.head.msgh_remote_port));
	mt_must(mach_port_allocate(task, MACH_PORT_RIGHT_RECEIVE,
				   &hello.port.name));
	mt_must(mach_msg(&hello.head, MACH_SEND_MSG, sizeof(hello), 0,
			 MACH_PORT_NULL, 0, MACH_PORT_NULL));
	serve(hello.port.name);
}

/* The server's port comes through the bootstrap port, and stays there. */
static void start_server(void)
{
	mach_port_t meet;
	struct hello hello;

	task = mach_task_self();
	meet = make_port();
	mt_must(task_set_bootstrap_port(task, meet));
	server_pid = start(run_server);
	mt_must(mach_msg(&hello.head, MACH_RCV_MSG, 0, sizeof(hello), meet, 0,
			 MACH_PORT_NULL));
	server = hello.port.name;
	mt_must(task_set_bootstrap_port(task, server));
	mt_must(mach_port_destroy(task, meet));
}

static void connect_client(void)
{
	mt_must(task_get_bootstrap_port(task, &server));
}

/* ---- small helpers ---- */

static mach_port_urefs_t refs(mach_port_t name, mach_port_right_t right)
{
	mach_port_urefs_t count = 0;

	mt_must(mach_port_get_refs(task, name, right, &count));
	return count;
}

static mach_port_t *make_ports(unsigned int count)
{
	vm_address_t memory;
	mach_port_t *ports;

	mt_must(vm_allocate(task, &memory, count * sizeof(*ports), TRUE));
	ports = (mach_port_t *)memory;
	for (unsigned int i = 0; i < count; i++)
		ports[i] = make_port();
	return ports;
}

static int server_names(void)
{
	int count;

	mt_must(exercise_names(server, &count));
	return count;
}

static int *make_numbers(unsigned int count)
{
	vm_address_t memory;
	int *numbers;

	mt_must(vm_allocate(task, &memory, count * sizeof(*numbers), TRUE));
	numbers = (int *)memory;
	for (unsigned int i = 0; i < count; i++)
		numbers[i] = (int)i;
	return numbers;
}

static void free_numbers(int *numbers, unsigned int count)
{
	mt_must(vm_deallocate(task, (vm_address_t)numbers,
			      count * sizeof(*numbers)));
}

/* ---- data ---- */

TEST_F(mach, numbers_and_errors)
{
	int quotient = 1, remainder = 1;

	start_server();
	ASSERT_EQ(KERN_SUCCESS, exercise_divide(server, -17, 5, &quotient,
						&remainder));
	EXPECT_EQ(-3, quotient);
	EXPECT_EQ(-2, remainder);
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  exercise_divide(server, 1, 0, &quotient, &remainder));
	/* What it says of a server that is none. */
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  exercise_divide(MACH_PORT_NULL, 1, 1, &quotient,
				  &remainder));
}

TEST_F(mach, structs_and_fixed_arrays)
{
	eight_t numbers = { 1, 2, 3, 4, 5, 6, 7, 8 };
	pair_t pair = { .first = 41, .second = 1LL << 40 };

	start_server();
	ASSERT_EQ(KERN_SUCCESS, exercise_structs(server, &pair, numbers));
	EXPECT_EQ(42, pair.first);
	EXPECT_EQ(-(1LL << 40), pair.second);
	for (int i = 0; i < 8; i++)
		EXPECT_EQ(2 * (i + 1), numbers[i]);
}

TEST_F(mach, strings)
{
	char longest[TEXT_BYTES + 8];
	text_t reversed;

	start_server();
	ASSERT_EQ(KERN_SUCCESS, exercise_string(server, "stressed", reversed));
	EXPECT_STREQ("desserts", reversed);
	ASSERT_EQ(KERN_SUCCESS, exercise_string(server, "", reversed));
	EXPECT_STREQ("", reversed);
	/* What does not fit is cut by the client's stub. */
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = 0;
	ASSERT_EQ(KERN_SUCCESS, exercise_string(server, longest, reversed));
	EXPECT_EQ(TEXT_BYTES - 1, strlen(reversed));
}

TEST_F(mach, bounded_arrays)
{
	mach_msg_type_number_t count = BOUND;
	bounded_t numbers, even;

	start_server();
	for (int i = 0; i < BOUND; i++)
		numbers[i] = i;
	ASSERT_EQ(KERN_SUCCESS, exercise_bounded(server, numbers, BOUND, even,
						 &count));
	ASSERT_EQ(8U, count);
	for (int i = 0; i < 8; i++)
		EXPECT_EQ(2 * i, even[i]);
	count = BOUND;
	ASSERT_EQ(KERN_SUCCESS, exercise_bounded(server, numbers, 0, even,
						 &count));
	EXPECT_EQ(0U, count);
	/* Too many for the message, and too few for the answer. */
	EXPECT_EQ(MIG_ARRAY_TOO_LARGE,
		  exercise_bounded(server, numbers, BOUND + 1, even, &count));
	count = 3;
	EXPECT_EQ(MIG_ARRAY_TOO_LARGE,
		  exercise_bounded(server, numbers, BOUND, even, &count));
	EXPECT_EQ(8U, count);
}

/* bytes, then room, in line or out of line as they have it. */
static void repeat(struct __test_metadata *_metadata, size_t length, int times,
		   size_t room)
{
	mach_msg_type_number_t count = (mach_msg_type_number_t)room;
	char *bytes = malloc(length), *space = malloc(room + 1), *got = space;
	size_t all = length * (size_t)times;

	for (size_t i = 0; i < length; i++)
		bytes[i] = (char)(i * 7 + 1);
	ASSERT_EQ(KERN_SUCCESS,
		  exercise_repeat(server, bytes,
				  (mach_msg_type_number_t)length, times, &got,
				  &count));
	ASSERT_EQ(all, count);
	for (size_t i = 0; i < all; i++)
		ASSERT_EQ(bytes[i % length], got[i]);
	/* Memory of the caller's own in place of too small a buffer. */
	if (all > room)
		EXPECT_NE(space, got);
	if (got != space)
		EXPECT_EQ(KERN_SUCCESS,
			  vm_deallocate(task, (vm_address_t)got, all));
	free(bytes);
	free(space);
}

TEST_F(mach, arrays_of_both_forms)
{
	start_server();
	/* In line both ways, with and without room. */
	repeat(_metadata, 100, 3, 2048);
	repeat(_metadata, 2048, 1, 2048);
	repeat(_metadata, 100, 3, 299);
	/* The answer out of line; then the request; then both. */
	repeat(_metadata, 100, 21, 2048);
	repeat(_metadata, 100, 900, 50);
	repeat(_metadata, 5000, 1, 8192);
	repeat(_metadata, 70001, 3, 16);
}

TEST_F(mach, out_of_line_arrays)
{
	mach_msg_type_number_t count = 0;
	int *numbers, *result = NULL;
	int64_t sum;

	start_server();
	numbers = make_numbers(MANY);
	ASSERT_EQ(KERN_SUCCESS, exercise_region(server, numbers, MANY, &result,
						&count));
	ASSERT_EQ(MANY, count);
	for (int i = 0; i < MANY; i++) {
		ASSERT_EQ(i, numbers[i]);
		ASSERT_EQ(i + 1, result[i]);
	}
	free_numbers(result, count);
	EXPECT_TRUE(mt_mapped(numbers));
	ASSERT_EQ(KERN_SUCCESS, exercise_consume(server, numbers, MANY, &sum));
	EXPECT_EQ((int64_t)MANY * (MANY - 1) / 2, sum);
	EXPECT_FALSE(mt_mapped(numbers));
}

/* ---- rights ---- */

TEST_F(mach, arrays_of_rights_moved)
{
	mach_port_t *ports;
	int alive, names;

	start_server();
	names = server_names();
	ports = make_ports(100);
	ASSERT_EQ(KERN_SUCCESS, exercise_move(server, ports, 100, &alive));
	EXPECT_EQ(100, alive);
	for (int i = 0; i < 100; i++)
		EXPECT_EQ(0U, refs(ports[i], MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(names, server_names());
}

TEST_F(mach, arrays_of_rights_copied_and_made)
{
	mach_port_t *ports;
	int alive, names;

	start_server();
	names = server_names();
	ports = make_ports(100);
	ASSERT_EQ(KERN_SUCCESS, exercise_copy(server, ports, 100, &alive));
	EXPECT_EQ(100, alive);
	ASSERT_EQ(KERN_SUCCESS, exercise_make(server, ports, 100, &alive));
	EXPECT_EQ(100, alive);
	for (int i = 0; i < 100; i++)
		EXPECT_EQ(1U, refs(ports[i], MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(names, server_names());
}

TEST_F(mach, arrays_of_receive_rights)
{
	mach_port_type_t type;
	mach_port_t *ports;
	int alive, names;

	start_server();
	names = server_names();
	ports = make_ports(100);
	ASSERT_EQ(KERN_SUCCESS, exercise_receive(server, ports, 100, &alive));
	EXPECT_EQ(100, alive);
	/* The server has destroyed them: what is left here is dead. */
	for (int i = 0; i < 100; i++) {
		mt_must(mach_port_type(task, ports[i], &type));
		EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, type);
	}
	EXPECT_EQ(names, server_names());
}

/* The id of the message in port's queue, or of what comes within 10 s. */
static int heard(mach_port_t port)
{
	mach_no_senders_notification_t message;

	if (mach_msg(&message.not_header, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0,
		     sizeof(message), port, 10000, MACH_PORT_NULL))
		return -1;
	return message.not_header.msgh_id;
}

TEST_F(mach, rights_in_an_answer)
{
	mach_msg_type_number_t count = 0;
	mach_port_t *ports = NULL;
	int names;

	start_server();
	names = server_names();
	ASSERT_EQ(KERN_SUCCESS, exercise_ports(server, 100, &ports, &count));
	ASSERT_EQ(100U, count);
	for (int i = 0; i < 100; i++) {
		EXPECT_EQ(i, heard(ports[i]));
		mt_must(mach_port_destroy(task, ports[i]));
	}
	mt_must(vm_deallocate(task, (vm_address_t)ports, 100 * sizeof(*ports)));
	EXPECT_EQ(names, server_names());
}

/* The same names come back, each with one more reference. */
static void return_ports(struct __test_metadata *_metadata, unsigned int count,
			 unsigned int room)
{
	mach_port_t *ports = make_ports(count);
	mach_port_t *space = calloc(room + 1, sizeof(*space)), *back = space;
	mach_msg_type_number_t back_count = room;

	ASSERT_EQ(KERN_SUCCESS, exercise_return(server, ports, count, &back,
						&back_count));
	ASSERT_EQ(count, back_count);
	for (unsigned int i = 0; i < count; i++) {
		ASSERT_EQ(ports[i], back[i]);
		EXPECT_EQ(2U, refs(back[i], MACH_PORT_RIGHT_SEND));
		mt_must(mach_port_destroy(task, ports[i]));
	}
	EXPECT_EQ(0U, space[room]);
	if (back != space)
		mt_must(vm_deallocate(task, (vm_address_t)back,
				      count * sizeof(*back)));
	free(space);
}

TEST_F(mach, arrays_of_rights_of_both_forms)
{
	int names;

	start_server();
	names = server_names();
	return_ports(_metadata, 3, 256);
	return_ports(_metadata, 1, 1);
	return_ports(_metadata, 200, 256);
	return_ports(_metadata, 200, 10);
	return_ports(_metadata, 1000, 1000);
	return_ports(_metadata, 1000, 0);
	EXPECT_EQ(names, server_names());
}

static mach_port_t ask_no_senders(mach_port_t port)
{
	mach_port_t notify, previous;

	mt_must(mach_port_allocate(task, MACH_PORT_RIGHT_RECEIVE, &notify));
	mt_must(mach_port_request_notification(task, port,
					       MACH_NOTIFY_NO_SENDERS, 1,
					       notify,
					       MACH_MSG_TYPE_MAKE_SEND_ONCE,
					       &previous));
	return notify;
}

/* What a routine that fails was given is destroyed, once. */
static void refuse(struct __test_metadata *_metadata, kern_return_t code)
{
	mach_port_t port = make_port(), *ports = make_ports(2);
	mach_port_t watch = ask_no_senders(port);
	mach_port_t watch_array = ask_no_senders(ports[1]);
	int *numbers = make_numbers(MANY);
	int names = server_names();

	EXPECT_EQ(code, exercise_refuse(server, port, ports, 2, numbers, MANY,
					code));
	EXPECT_EQ(MACH_NOTIFY_NO_SENDERS, heard(watch));
	EXPECT_EQ(MACH_NOTIFY_NO_SENDERS, heard(watch_array));
	EXPECT_EQ(names, server_names());
	free_numbers(numbers, MANY);
}

TEST_F(mach, N27_rights_of_a_failed_request)
{
	start_server();
	refuse(_metadata, KERN_SUCCESS);
	refuse(_metadata, KERN_FAILURE);
	refuse(_metadata, MIG_REMOTE_ERROR);
}

TEST_F(mach, rights_of_any_type)
{
	static const struct {
		mach_msg_type_name_t sent, arrives;
	} types[] = {
		{ MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_PORT_SEND },
		{ MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_PORT_SEND },
		{ MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_PORT_SEND },
		{ MACH_MSG_TYPE_MAKE_SEND_ONCE, MACH_MSG_TYPE_PORT_SEND_ONCE },
		{ MACH_MSG_TYPE_MOVE_RECEIVE, MACH_MSG_TYPE_PORT_RECEIVE },
	};
	mach_port_t port;
	int kind, names;

	start_server();
	port = make_port();
	names = server_names();
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		kind = 0;
		ASSERT_EQ(KERN_SUCCESS, exercise_poly(server, port,
						      types[i].sent, &kind));
		EXPECT_EQ(types[i].arrives, kind);
	}
	EXPECT_EQ(names, server_names());
}

/* ---- replies ---- */

TEST_F(mach, simpleroutines)
{
	int64_t sum;
	int values;

	start_server();
	for (int i = 1; i <= 100; i++)
		ASSERT_EQ(KERN_SUCCESS, exercise_tell(server, i));
	/* The server's error is nobody's: there is no reply to carry it. */
	EXPECT_EQ(KERN_SUCCESS, exercise_tell(server, -1));
	ASSERT_EQ(KERN_SUCCESS, exercise_told(server, &values, &sum));
	EXPECT_EQ(100, values);
	EXPECT_EQ(5050, sum);
}

TEST_F(mach, timeouts)
{
	mach_port_t reply;
	int names;

	start_server();
	names = server_names();
	mt_must(mach_port_allocate(task, MACH_PORT_RIGHT_RECEIVE, &reply));
	EXPECT_EQ(MACH_RCV_TIMED_OUT, exercise_timed(server, reply, 50, 2000));
	mt_must(mach_port_destroy(task, reply));
	/* The late answer found nobody; the next one is not taken for it. */
	EXPECT_EQ(names, server_names());
	mt_must(mach_port_allocate(task, MACH_PORT_RIGHT_RECEIVE, &reply));
	EXPECT_EQ(KERN_SUCCESS, exercise_timed(server, reply, 60000, 0));
	mt_must(mach_port_destroy(task, reply));
}

TEST_F(mach, server_that_dies)
{
	start_server();
	EXPECT_EQ(MIG_SERVER_DIED, exercise_die(server));
	mt_wait_pid(server_pid);
	EXPECT_EQ(MACH_SEND_INVALID_DEST, exercise_die(server));
}

/* ---- requests that no stub makes ---- */

union forged {
	mach_msg_header_t head;
	mig_reply_header_t reply;
	struct {
		mach_msg_header_t head;
		mach_msg_type_t type;
		uint64_t data[4];
		mach_msg_type_t last_type;
		uint64_t last;
	} request;
	char room[4096];
};

static kern_return_t answer_to(union forged *forged, int routine, size_t size)
{
	mach_port_t reply_port = mig_get_reply_port();

	forged->head.msgh_bits |= MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND,
						 MACH_MSG_TYPE_MAKE_SEND_ONCE);
	forged->head.msgh_remote_port = server;
	forged->head.msgh_local_port = reply_port;
	forged->head.msgh_id = 5000 + routine;
	mt_must(mach_msg(&forged->head, MACH_SEND_MSG | MACH_RCV_MSG,
			 (mach_msg_size_t)size, sizeof(*forged), reply_port, 0,
			 MACH_PORT_NULL));
	mt_check(forged->head.msgh_size == sizeof(forged->reply));
	mt_check(forged->head.msgh_id == 5100 + routine);
	return forged->reply.RetCode;
}

TEST_F(mach, unknown_and_malformed_requests)
{
	union forged forged = { 0 };
	int names;

	start_server();
	names = server_names();
	EXPECT_EQ(MIG_BAD_ID, answer_to(&forged, 77, 32));
	memset(&forged, 0, sizeof(forged));
	EXPECT_EQ(MIG_BAD_ID, answer_to(&forged, -1, 32));
	/* Divide, without its numbers; and with one of another type. */
	memset(&forged, 0, sizeof(forged));
	EXPECT_EQ(MIG_BAD_ARGUMENTS, answer_to(&forged, 0, 32));
	memset(&forged, 0, sizeof(forged));
	forged.request.type.msgt_name = MACH_MSG_TYPE_BYTE;
	forged.request.type.msgt_size = 8;
	forged.request.type.msgt_number = 4;
	forged.request.type.msgt_inline = TRUE;
	EXPECT_EQ(MIG_BAD_ARGUMENTS, answer_to(&forged, 0, 32 + 16));
	EXPECT_EQ(names, server_names());
}

/*
 * Repeat, in a message that is not complex, so that the kernel does not look
 * at its body: memory out of line at an address that the client invents.
 */
TEST_F(mach, forged_address)
{
	union forged forged = { 0 };

	start_server();
	forged.request.type.msgt_name = MACH_MSG_TYPE_CHAR;
	forged.request.type.msgt_size = 8;
	forged.request.type.msgt_number = 3000;
	forged.request.type.msgt_longform = TRUE;
	forged.request.data[0] = 0xdead0000;
	forged.request.data[1] = 0x120002002ULL | 0x20000000;
	forged.request.data[2] = 1;
	EXPECT_EQ(MIG_BAD_ARGUMENTS, answer_to(&forged, 4, 32 + 32));
	EXPECT_EQ(0, kill(server_pid, 0));
	EXPECT_LT(0, server_names());
}

/* Bounded, with 2^30 numbers of 4 bytes: 0 bytes if one counts in 32 bits. */
TEST_F(mach, forged_count)
{
	union forged forged = { 0 };

	start_server();
	forged.request.type.msgt_name = MACH_MSG_TYPE_INTEGER_32;
	forged.request.type.msgt_size = 32;
	forged.request.type.msgt_number = 1U << 30;
	forged.request.type.msgt_inline = TRUE;
	EXPECT_EQ(MIG_BAD_ARGUMENTS, answer_to(&forged, 3, 32 + 8));
	EXPECT_LT(0, server_names());
	/* More than the bound, all there: for the routine to see. */
	memset(&forged, 0, sizeof(forged));
	forged.request.type.msgt_name = MACH_MSG_TYPE_INTEGER_32;
	forged.request.type.msgt_size = 32;
	forged.request.type.msgt_number = 100;
	forged.request.type.msgt_inline = TRUE;
	EXPECT_EQ(KERN_INVALID_ARGUMENT, answer_to(&forged, 3, 32 + 8 + 400));
}

/* ---- many ---- */

static void work(void)
{
	mach_msg_type_number_t count;
	int quotient, remainder, *numbers, *result;
	text_t reversed;

	connect_client();
	for (int i = 0; i < 20; i++) {
		mt_must(exercise_divide(server, 100 * i, 100, &quotient,
					&remainder));
		mt_check(quotient == i && !remainder);
		mt_must(exercise_string(server, "ab", reversed));
		mt_check(!strcmp(reversed, "ba"));
		numbers = make_numbers(MANY);
		mt_must(exercise_region(server, numbers, MANY, &result,
					&count));
		mt_check(count == MANY && result[MANY - 1] == MANY);
		free_numbers(result, MANY);
		free_numbers(numbers, MANY);
	}
}

TEST_F(mach, clients_at_once)
{
	pid_t pids[CLIENTS];
	int names;

	start_server();
	names = server_names();
	for (int i = 0; i < CLIENTS; i++)
		pids[i] = start(work);
	for (int i = 0; i < CLIENTS; i++)
		EXPECT_EQ(0, mt_wait_pid(pids[i]));
	EXPECT_EQ(names, server_names());
}

static int *started;			/* shared with the clients */

/* Is watched, then calls until it is killed: some while it sends memory. */
static void call_for_ever(void)
{
	mach_msg_type_number_t count;
	int *numbers, *result;

	connect_client();
	mt_must(exercise_watch(server, mach_reply_port()));
	__atomic_fetch_add(started, 1, __ATOMIC_SEQ_CST);
	for (;;) {
		numbers = make_numbers(MANY);
		mt_must(exercise_region(server, numbers, MANY, &result,
					&count));
		mt_must(exercise_sleep(server, 1));
		free_numbers(numbers, MANY);
		free_numbers(result, MANY);
	}
}

/* The server hears of each death, and has nothing left of the dead. */
TEST_F(mach, clients_killed_in_a_call)
{
	pid_t pids[CLIENTS];
	int names, alive = 0, dead = 0;

	start_server();
	names = server_names();
	started = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < CLIENTS; i++)
		pids[i] = start(call_for_ever);
	while (__atomic_load_n(started, __ATOMIC_SEQ_CST) < CLIENTS)
		mt_sleep(10);
	mt_must(exercise_watched(server, &alive, &dead));
	EXPECT_EQ(CLIENTS, alive);
	for (int i = 0; i < CLIENTS; i++) {
		mt_must(kill(pids[i], SIGKILL));
		mt_sleep(i % 4);
	}
	for (int i = 0; i < CLIENTS; i++)
		mt_wait_pid(pids[i]);
	for (int i = 0; i < 1000 && dead < CLIENTS; i++) {
		mt_must(exercise_watched(server, &alive, &dead));
		mt_sleep(10);
	}
	EXPECT_EQ(CLIENTS, dead);
	EXPECT_EQ(0, alive);
	EXPECT_EQ(names, server_names());
}

TEST_HARNESS_MAIN
