// SPDX-License-Identifier: GPL-2.0
/*
 * machbootd: names, subsets, services on demand, what clients that die or lie
 * can do to it, and its privileges.
 */
#include <fcntl.h>
#include <mach/mach.h>
#include <servers/bootstrap.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bootstrap_service.h"
#include "lib/fixture.h"

#define CONFIG		"/tmp/machbootd.d"
#define SERVICE		"./bootstrap_service"
#define SERVER_UID	4242
#define SERVICE_UID	1234
#define CLIENTS		32
/* As names.h has it. */
#define SERVICES_OF_USER	512
#define SUBSETS_OF_USER		128
#define SUBSET_DEPTH		16

static mach_port_t task, bp;
static pid_t server_pid;

/* ---- the server ---- */

static void configure(const char *name, const char *text)
{
	char path[256];
	FILE *file;

	mkdir(CONFIG, 0755);
	snprintf(path, sizeof(path), CONFIG "/%s.conf", name);
	file = fopen(path, "we");
	mt_check(file);
	fputs(text, file);
	mt_must(fclose(file));
	mt_must(chmod(path, 0644));
}

/* A job with one name, that is the file's too. */
static void configure_job(const char *name, const char *arguments,
			  const char *more)
{
	char text[512], folder[128];

	mt_check(getcwd(folder, sizeof(folder)));
	snprintf(text, sizeof(text),
		 "# made by bootstrap_test\n\n name = %s\n"
		 "exec=%s/" SERVICE " %s %s\n%s\n", name, folder, name,
		 arguments, more);
	configure(name, text);
}

static void forget_configuration(void)
{
	mt_must(system("rm -rf " CONFIG));
	mt_must(mkdir(CONFIG, 0755));
}

static int notify_socket(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	static const char name[] = "@machbootd-test";

	memcpy(address.sun_path, name, sizeof(name) - 1);
	address.sun_path[0] = 0;
	mt_must(bind(fd, (struct sockaddr *)&address,
		     (socklen_t)(sizeof(address.sun_family) + sizeof(name) -
				 1)));
	mt_must(setenv("NOTIFY_SOCKET", name, 1));
	return fd;
}

static void await_notice(int fd, const char *wanted)
{
	char text[256] = "";

	mt_check(read(fd, text, sizeof(text) - 1) > 0);
	mt_check(!strncmp(text, wanted, strlen(wanted)));
}

static pid_t spawn(char **words)
{
	pid_t parent = getpid(), pid = fork();

	mt_check(pid >= 0);
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(1);
	execv(words[0], words);
	_exit(127);
}

static int notices;			/* a socket */

static void start_server(void)
{
	char *words[] = { "./machbootd-static", "-d", CONFIG, "-u",
			  "4242", NULL };

	mkdir(CONFIG, 0755);
	notices = notify_socket();
	server_pid = spawn(words);
	await_notice(notices, "READY=1\n");
	task = mach_task_self();
	mt_must(task_get_bootstrap_port(task, &bp));
	mt_check(bp != MACH_PORT_NULL);
}

static int stop_server(void)
{
	int status;

	mt_must(kill(server_pid, SIGTERM));
	await_notice(notices, "STOPPING=1\n");
	status = mt_wait_pid(server_pid);
	close(notices);
	return status;
}

/* ---- clients ---- */

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
	mt_must(task_get_bootstrap_port(task, &bp));
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

static bool is_known(const char *name)
{
	mach_port_t port;
	kern_return_t kr = bootstrap_look_up(bp, name, &port);

	if (kr == KERN_SUCCESS)
		mach_port_deallocate(task, port);
	else
		mt_check(kr == BOOTSTRAP_UNKNOWN_SERVICE);
	return kr == KERN_SUCCESS;
}

/* What a death brings about comes a little later. */
static bool becomes_unknown(const char *name)
{
	for (int i = 0; i < 1000; i++) {
		if (!is_known(name))
			return true;
		mt_sleep(10);
	}
	return false;
}

static int status_of(const char *name)
{
	int status = -1;

	return bootstrap_status(bp, name, &status) ? -1 : status;
}

static bool status_becomes(const char *name, int status)
{
	for (int i = 0; i < 1000; i++) {
		if (status_of(name) == status)
			return true;
		mt_sleep(10);
	}
	return false;
}

/* Sends, and receives if the id asks for an answer; its number, or 0. */
static uint64_t ask(mach_port_t port, int id, struct service_message *message)
{
	mach_port_t reply = mig_get_reply_port();
	bool answered = id == SERVICE_ASK;

	*message = (struct service_message){
		.head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND,
			answered ? MACH_MSG_TYPE_MAKE_SEND_ONCE : 0),
		.head.msgh_remote_port = port,
		.head.msgh_local_port = answered ? reply : MACH_PORT_NULL,
		.head.msgh_id = id,
	};
	mt_must(mach_msg(&message->head, MACH_SEND_MSG |
			 (answered ? MACH_RCV_MSG : 0), sizeof(*message),
			 sizeof(*message), reply, 0, MACH_PORT_NULL));
	if (!answered || message->head.msgh_id != SERVICE_ASK + 100)
		return 0;
	return message->number;
}

static bool becomes_dead(mach_port_t port)
{
	mach_port_type_t type;

	for (int i = 0; i < 1000; i++) {
		mt_must(mach_port_type(task, port, &type));
		if (type & MACH_PORT_TYPE_DEAD_NAME)
			return true;
		mt_sleep(10);
	}
	return false;
}

/* ---- names ---- */

TEST_F(mach, register_and_look_up)
{
	mach_port_t port, found, second;

	start_server();
	port = make_port();
	second = make_port();
	EXPECT_EQ(BOOTSTRAP_UNKNOWN_SERVICE,
		  bootstrap_look_up(bp, "here", &found));
	ASSERT_EQ(KERN_SUCCESS, bootstrap_register(bp, "here", port));
	ASSERT_EQ(KERN_SUCCESS, bootstrap_look_up(bp, "here", &found));
	/* The port is ours: its one name. */
	EXPECT_EQ(port, found);
	EXPECT_EQ(BOOTSTRAP_STATUS_ACTIVE, status_of("here"));
	EXPECT_EQ(BOOTSTRAP_SERVICE_ACTIVE,
		  bootstrap_register(bp, "here", second));
	EXPECT_EQ(BOOTSTRAP_UNKNOWN_SERVICE,
		  bootstrap_check_in(bp, "here", &found));
	EXPECT_EQ(KERN_INVALID_ARGUMENT, bootstrap_register(bp, "", port));
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  bootstrap_register(bp, "none", MACH_PORT_NULL));
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  bootstrap_register(bp, "none", MACH_PORT_DEAD));
	EXPECT_STREQ("(bootstrap) unknown service",
		     bootstrap_strerror(BOOTSTRAP_UNKNOWN_SERVICE));
	EXPECT_EQ(0, stop_server());
}

/* A name goes with its port; a port may have two. */
TEST_F(mach, dead_ports_lose_their_names)
{
	mach_port_t port, other;

	start_server();
	port = make_port();
	other = make_port();
	ASSERT_EQ(KERN_SUCCESS, bootstrap_register(bp, "one", port));
	ASSERT_EQ(KERN_SUCCESS, bootstrap_register(bp, "two", port));
	ASSERT_EQ(KERN_SUCCESS, bootstrap_register(bp, "other", other));
	mt_must(mach_port_destroy(task, port));
	EXPECT_TRUE(becomes_unknown("one"));
	EXPECT_TRUE(becomes_unknown("two"));
	EXPECT_TRUE(is_known("other"));
	EXPECT_EQ(KERN_SUCCESS, bootstrap_register(bp, "one", make_port()));
	EXPECT_EQ(0, stop_server());
}

static void send_id(mach_port_t port, int id)
{
	mach_msg_header_t message = {
		.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
		.msgh_remote_port = port,
		.msgh_id = id,
	};

	mt_must(mach_msg(&message, MACH_SEND_MSG, sizeof(message), 0,
			 MACH_PORT_NULL, 0, MACH_PORT_NULL));
}

static int receive_id(mach_port_t port)
{
	mach_msg_header_t message;

	if (mach_msg(&message, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0,
		     sizeof(message), port, 10000, MACH_PORT_NULL))
		return -1;
	return message.msgh_id;
}

/* The receive right, and what waits there, outlives who checks in. */
TEST_F(mach, declared_services)
{
	mach_port_t service, found, receive, again;

	start_server();
	ASSERT_EQ(KERN_SUCCESS, bootstrap_create_service(bp, "d", &service));
	EXPECT_EQ(BOOTSTRAP_NAME_IN_USE,
		  bootstrap_create_service(bp, "d", &found));
	EXPECT_EQ(BOOTSTRAP_NAME_IN_USE,
		  bootstrap_register(bp, "d", make_port()));
	EXPECT_EQ(BOOTSTRAP_STATUS_INACTIVE, status_of("d"));
	send_id(service, 1);
	send_id(service, 2);
	ASSERT_EQ(KERN_SUCCESS, bootstrap_look_up(bp, "d", &found));
	EXPECT_EQ(service, found);
	ASSERT_EQ(KERN_SUCCESS, bootstrap_check_in(bp, "d", &receive));
	EXPECT_EQ(service, receive);
	EXPECT_EQ(BOOTSTRAP_STATUS_ACTIVE, status_of("d"));
	EXPECT_EQ(BOOTSTRAP_SERVICE_ACTIVE,
		  bootstrap_check_in(bp, "d", &again));
	EXPECT_EQ(1, receive_id(receive));
	mt_must(mach_port_mod_refs(task, receive, MACH_PORT_RIGHT_RECEIVE,
				   -1));
	EXPECT_TRUE(status_becomes("d", BOOTSTRAP_STATUS_INACTIVE));
	send_id(service, 3);
	ASSERT_EQ(KERN_SUCCESS, bootstrap_check_in(bp, "d", &receive));
	EXPECT_EQ(2, receive_id(receive));
	EXPECT_EQ(3, receive_id(receive));
	EXPECT_EQ(0, stop_server());
}

/* ---- subsets ---- */

TEST_F(mach, subsets)
{
	mach_port_t requestor, root, subset, parent, found, inner;

	start_server();
	root = bp;
	requestor = make_port();
	ASSERT_EQ(KERN_SUCCESS, bootstrap_register(root, "outer", requestor));
	ASSERT_EQ(KERN_SUCCESS, bootstrap_subset(root, requestor, &subset));
	EXPECT_NE(root, subset);
	ASSERT_EQ(KERN_SUCCESS, bootstrap_parent(subset, &parent));
	EXPECT_EQ(root, parent);
	ASSERT_EQ(KERN_SUCCESS, bootstrap_parent(root, &parent));
	EXPECT_EQ(root, parent);
	inner = make_port();
	ASSERT_EQ(KERN_SUCCESS, bootstrap_register(subset, "inner", inner));
	EXPECT_EQ(BOOTSTRAP_UNKNOWN_SERVICE,
		  bootstrap_look_up(root, "inner", &found));
	ASSERT_EQ(KERN_SUCCESS, bootstrap_look_up(subset, "outer", &found));
	EXPECT_EQ(requestor, found);
	/* It may hide the parent's. */
	ASSERT_EQ(KERN_SUCCESS, bootstrap_register(subset, "outer", inner));
	ASSERT_EQ(KERN_SUCCESS, bootstrap_look_up(subset, "outer", &found));
	EXPECT_EQ(inner, found);
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  bootstrap_subset(root, MACH_PORT_NULL, &found));
	EXPECT_EQ(0, stop_server());
}

/* With its requestor a subset goes, and all below it. */
TEST_F(mach, subsets_end_with_their_requestor)
{
	mach_port_t requestor, other, subset, below, service;

	start_server();
	requestor = make_port();
	other = make_port();
	mt_must(bootstrap_subset(bp, requestor, &subset));
	mt_must(bootstrap_subset(subset, other, &below));
	mt_must(bootstrap_create_service(below, "deep", &service));
	mt_must(bootstrap_register(below, "port", other));
	mt_must(mach_port_destroy(task, requestor));
	EXPECT_TRUE(becomes_dead(subset));
	EXPECT_TRUE(becomes_dead(below));
	EXPECT_TRUE(becomes_dead(service));
	EXPECT_EQ(KERN_SUCCESS, bootstrap_register(bp, "port", other));
	EXPECT_EQ(0, stop_server());
}

/* A checked-in service of a subset lives as long as its holder wants. */
TEST_F(mach, active_service_of_a_dead_subset)
{
	mach_port_t requestor, subset, service, receive;

	start_server();
	requestor = make_port();
	mt_must(bootstrap_subset(bp, requestor, &subset));
	mt_must(bootstrap_create_service(subset, "s", &service));
	mt_must(bootstrap_check_in(subset, "s", &receive));
	mt_must(mach_port_destroy(task, requestor));
	EXPECT_TRUE(becomes_dead(subset));
	send_id(service, 7);
	EXPECT_EQ(7, receive_id(receive));
	mt_must(mach_port_mod_refs(task, receive, MACH_PORT_RIGHT_RECEIVE,
				   -1));
	EXPECT_TRUE(becomes_dead(service));
	EXPECT_EQ(0, stop_server());
}

/* ---- services on demand ---- */

TEST_F(mach, started_by_a_message)
{
	struct service_message message;
	mach_port_t service;
	uint64_t pid;

	forget_configuration();
	mt_must(chmod("/dev/mach", 0666));
	configure_job("echo", "", "user = 1234\nthrottle = 0");
	start_server();
	EXPECT_EQ(BOOTSTRAP_STATUS_ON_DEMAND, status_of("echo"));
	mt_must(bootstrap_look_up(bp, "echo", &service));
	mt_sleep(100);
	EXPECT_EQ(BOOTSTRAP_STATUS_ON_DEMAND, status_of("echo"));
	ASSERT_EQ(1U, ask(service, SERVICE_ASK, &message));
	EXPECT_EQ(SERVICE_UID, message.uid);
	pid = message.pid;
	EXPECT_EQ(BOOTSTRAP_STATUS_ACTIVE, status_of("echo"));
	ASSERT_EQ(2U, ask(service, SERVICE_ASK, &message));
	EXPECT_EQ(pid, message.pid);
	/* Another one answers what came after the crash. */
	ask(service, SERVICE_CRASH, &message);
	ASSERT_EQ(1U, ask(service, SERVICE_ASK, &message));
	EXPECT_NE(pid, message.pid);
	pid = message.pid;
	ask(service, SERVICE_EXIT, &message);
	ASSERT_EQ(1U, ask(service, SERVICE_ASK, &message));
	EXPECT_NE(pid, message.pid);
	/* It ends with the server. */
	EXPECT_EQ(0, stop_server());
	EXPECT_TRUE(becomes_dead(service));
	mt_must(chmod("/dev/mach", 0660));
}

/* One message each, then it ends: no more often than every two seconds. */
TEST_F(mach, not_started_too_often)
{
	struct service_message message;
	mach_port_t service;
	uint64_t begin;

	forget_configuration();
	mt_must(chmod("/dev/mach", 0666));
	configure_job("once", "1", "throttle = 2");
	start_server();
	mt_must(bootstrap_look_up(bp, "once", &service));
	begin = mt_now();
	ASSERT_EQ(1U, ask(service, SERVICE_ASK, &message));
	EXPECT_EQ(SERVER_UID, message.uid);
	ASSERT_EQ(1U, ask(service, SERVICE_ASK, &message));
	ASSERT_EQ(1U, ask(service, SERVICE_ASK, &message));
	EXPECT_LE(4000U, mt_now() - begin);
	EXPECT_EQ(0, stop_server());
	mt_must(chmod("/dev/mach", 0660));
}

/* A program that cannot be started leaves its messages where they are. */
TEST_F(mach, program_that_does_not_start)
{
	mach_port_t service;

	forget_configuration();
	configure("bad", "name = bad\nexec = /no/such/program\nthrottle = 1\n");
	start_server();
	mt_must(bootstrap_look_up(bp, "bad", &service));
	send_id(service, 1);
	mt_sleep(2500);
	EXPECT_EQ(BOOTSTRAP_STATUS_ON_DEMAND, status_of("bad"));
	EXPECT_EQ(0, stop_server());
}

TEST_F(mach, only_the_right_user_checks_in)
{
	mach_port_t receive;

	forget_configuration();
	configure_job("mine", "", "user = 1234");
	start_server();
	EXPECT_EQ(BOOTSTRAP_NOT_PRIVILEGED,
		  bootstrap_check_in(bp, "mine", &receive));
	EXPECT_EQ(BOOTSTRAP_STATUS_ON_DEMAND, status_of("mine"));
	mt_must(seteuid(SERVICE_UID));
	EXPECT_EQ(KERN_SUCCESS, bootstrap_check_in(bp, "mine", &receive));
	mt_must(seteuid(0));
	EXPECT_EQ(0, stop_server());
}

static int run_with(const char *name, const char *text)
{
	char *words[] = { "./machbootd-static", "-d", CONFIG, NULL };
	int status;

	forget_configuration();
	configure(name, text);
	status = mt_wait_pid(spawn(words));
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(mach, wrong_configurations)
{
	EXPECT_EQ(1, run_with("a", "name = a\n"));
	EXPECT_EQ(1, run_with("a", "exec = /bin/true\n"));
	EXPECT_EQ(1, run_with("a", "name = a\nexec = true\n"));
	EXPECT_EQ(1, run_with("a", "name = a\nname = a\nexec = /bin/true\n"));
	EXPECT_EQ(1, run_with("a", "name = a\nexec = /bin/true\nx = y\n"));
	EXPECT_EQ(1, run_with("a", "name = a\nexec = /bin/true\nuser = hal\n"));
	EXPECT_EQ(1, run_with("a", "name = a\nexec = /a\nthrottle = -1\n"));
	EXPECT_EQ(1, run_with("a", "name\n"));
	forget_configuration();
}

/* ---- privileges ---- */

static bool says(pid_t pid, const char *line)
{
	char path[64], text[256];
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	mt_check(file);
	while (fgets(text, sizeof(text), file))
		found |= !strcmp(text, line);
	fclose(file);
	return found;
}

TEST_F(mach, gives_up_privileges)
{
	start_server();
	EXPECT_TRUE(says(server_pid, "Uid:\t4242\t4242\t4242\t4242\n"));
	EXPECT_TRUE(says(server_pid, "Gid:\t4242\t4242\t4242\t4242\n"));
	EXPECT_TRUE(says(server_pid, "CapEff:\t0000000000000000\n"));
	EXPECT_TRUE(says(server_pid, "CapPrm:\t0000000000000000\n"));
	EXPECT_TRUE(says(server_pid, "NoNewPrivs:\t1\n"));
	EXPECT_EQ(0, stop_server());
}

/* Started without the privilege it says so and ends. */
TEST_F(mach, needs_its_privilege)
{
	char *words[] = { "./machbootd-static", "-d", CONFIG, NULL };
	pid_t pid;

	forget_configuration();
	mt_must(chmod("/dev/mach", 0666));
	pid = fork();
	if (pid == 0) {
		if (setresuid(777, 777, 777))
			_exit(99);
		execv(words[0], words);
		_exit(127);
	}
	EXPECT_EQ(1 << 8, mt_wait_pid(pid));
	mt_must(chmod("/dev/mach", 0660));
}

/* ---- hostile and dying clients ---- */

TEST_F(mach, limits)
{
	mach_port_t port, subset, deeper, found;
	char name[32];
	int made;

	start_server();
	port = make_port();
	for (made = 0; made < 2 * SERVICES_OF_USER; made++) {
		snprintf(name, sizeof(name), "n%d", made);
		if (bootstrap_register(bp, name, port))
			break;
	}
	EXPECT_EQ(SERVICES_OF_USER, made);
	EXPECT_EQ(BOOTSTRAP_NO_MEMORY, bootstrap_register(bp, "more", port));
	EXPECT_EQ(BOOTSTRAP_NO_MEMORY,
		  bootstrap_create_service(bp, "more", &found));
	/* Another user has a share of his own. */
	mt_must(seteuid(SERVICE_UID));
	EXPECT_EQ(KERN_SUCCESS, bootstrap_create_service(bp, "more", &found));
	mt_must(seteuid(0));
	for (subset = bp, made = 0; made < 2 * SUBSET_DEPTH; made++) {
		if (bootstrap_subset(subset, port, &deeper))
			break;
		subset = deeper;
	}
	EXPECT_EQ(SUBSET_DEPTH, made);
	while (made < 2 * SUBSETS_OF_USER &&
	       !bootstrap_subset(bp, port, &deeper))
		made++;
	EXPECT_EQ(SUBSETS_OF_USER, made);
	/* All of it goes with the port. */
	mt_must(mach_port_destroy(task, port));
	EXPECT_TRUE(becomes_unknown("n0"));
	EXPECT_TRUE(becomes_unknown("n511"));
	EXPECT_EQ(KERN_SUCCESS, bootstrap_register(bp, "again", make_port()));
	EXPECT_EQ(0, stop_server());
}

union forged {
	mach_msg_header_t head;
	mig_reply_header_t reply;
	struct {
		mach_msg_header_t head;
		mach_msg_type_t name_type;
		char name[128];
		mach_msg_type_t port_type;
		uint64_t port;
	} register_port;
	char room[4096];
};

static void forge(union forged *forged, int id)
{
	memset(forged, 0, sizeof(*forged));
	forged->head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND,
						MACH_MSG_TYPE_MAKE_SEND_ONCE);
	forged->head.msgh_remote_port = bp;
	forged->head.msgh_local_port = mig_get_reply_port();
	forged->head.msgh_id = id;
	forged->register_port.name_type = (mach_msg_type_t){
		.msgt_name = MACH_MSG_TYPE_STRING_C,
		.msgt_size = 8,
		.msgt_inline = TRUE,
		.msgt_number = 128,
	};
	memset(forged->register_port.name, 'x', 128);
	forged->register_port.port_type = (mach_msg_type_t){
		.msgt_name = MACH_MSG_TYPE_MOVE_SEND,
		.msgt_size = 64,
		.msgt_inline = TRUE,
		.msgt_number = 1,
	};
}

static kern_return_t call(union forged *forged, size_t size)
{
	mt_must(mach_msg(&forged->head, MACH_SEND_MSG | MACH_RCV_MSG,
			 (mach_msg_size_t)size, sizeof(*forged),
			 forged->head.msgh_local_port, 0, MACH_PORT_NULL));
	if (forged->head.msgh_id == MACH_NOTIFY_SEND_ONCE)
		return MIG_SERVER_DIED;
	return forged->reply.RetCode;
}

/* What no stub sends gets an error, and the server goes on. */
TEST_F(mach, forged_requests)
{
	size_t whole = sizeof(((union forged *)0)->register_port);
	union forged forged;

	start_server();
	for (int id = 399; id <= 412; id++) {
		kern_return_t kr;

		forge(&forged, id);
		kr = call(&forged, sizeof(forged.head));
		/* Only parent has nothing behind its header. */
		EXPECT_TRUE(id == 406 ? kr == KERN_SUCCESS :
			    kr == MIG_BAD_ID || kr == MIG_BAD_ARGUMENTS);
	}
	/* A right in a simple message is a number. */
	forge(&forged, 403);
	forged.register_port.port = 0x12345;
	EXPECT_EQ(MIG_BAD_ARGUMENTS, call(&forged, whole));
	/* Notifications and threads' messages are not for clients to send. */
	for (int id = 64; id <= 72; id++) {
		forge(&forged, id);
		EXPECT_EQ(MIG_BAD_ID, call(&forged, sizeof(forged.head)));
	}
	for (int id = 9000; id <= 9002; id++) {
		forge(&forged, id);
		EXPECT_EQ(MIG_BAD_ID, call(&forged, sizeof(forged.head)));
	}
	/* Larger than any request: dropped, and the reply right with it. */
	forge(&forged, 403);
	EXPECT_EQ(MIG_SERVER_DIED, call(&forged, 2048));
	EXPECT_FALSE(is_known("anything"));
	EXPECT_EQ(0, stop_server());
}

static mach_msg_type_t random_type(unsigned int *seed)
{
	static const unsigned char names[] = {
		MACH_MSG_TYPE_STRING_C, MACH_MSG_TYPE_STRING_C,
		MACH_MSG_TYPE_STRING_C, MACH_MSG_TYPE_BYTE,
		MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND,
		MACH_MSG_TYPE_MAKE_SEND_ONCE, MACH_MSG_TYPE_MOVE_RECEIVE,
	};
	mach_msg_type_t type = {
		.msgt_name = names[rand_r(seed) % sizeof(names)],
		.msgt_inline = rand_r(seed) % 4 != 0,
		.msgt_longform = rand_r(seed) % 8 == 0,
		.msgt_number = (unsigned int)rand_r(seed) % 3,
	};

	if (!MACH_MSG_TYPE_PORT_ANY(type.msgt_name)) {
		type.msgt_size = 8;
		if (rand_r(seed) % 8)
			type.msgt_number = 128;
	} else {
		type.msgt_size = type.msgt_inline ? 64 : 32;
	}
	return type;
}

/* What a descriptor announces, or in a simple message only seems to. */
static size_t put_random(char *at, unsigned int *seed)
{
	static mach_port_t right;
	mach_msg_type_t type = random_type(seed);
	uint64_t *data = (uint64_t *)(at + sizeof(type));
	bool ports = MACH_MSG_TYPE_PORT_ANY(type.msgt_name);
	size_t words = type.msgt_inline ?
		((size_t)type.msgt_size * type.msgt_number + 63) / 64 : 1;

	memcpy(at, &type, sizeof(type));
	memset(data, rand_r(seed) % 2 ? 'a' : 0, words * 8);
	if (ports && type.msgt_inline) {
		for (size_t i = 0; i < words; i++)
			data[i] = make_port();
	} else if (ports) {
		right = make_port();
		type.msgt_number = !!type.msgt_number;
		memcpy(at, &type, sizeof(type));
		data[0] = (uintptr_t)&right;
	} else if (!type.msgt_inline) {
		data[0] = (uintptr_t)CONFIG;
	}
	return sizeof(type) + words * 8;
}

/*
 * Requests of right and wrong items in any order; what they bring is gone
 * again when this process' ports are.
 */
static void send_random(void)
{
	unsigned int seed = 1;
	union forged forged;

	for (int i = 0; i < 2000; i++) {
		char *at = forged.room + sizeof(forged.head);

		forge(&forged, 399 + rand_r(&seed) % 14);
		for (int items = rand_r(&seed) % 3; items; items--)
			at += put_random(at, &seed);
		if (rand_r(&seed) % 2)
			forged.head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
		if (!mach_msg(&forged.head,
			      MACH_SEND_MSG | MACH_RCV_MSG | MACH_RCV_TIMEOUT,
			      (mach_msg_size_t)(at - forged.room),
			      sizeof(forged), forged.head.msgh_local_port,
			      60000, MACH_PORT_NULL))
			mach_msg_destroy(&forged.head);
	}
}

TEST_F(mach, random_requests)
{
	__u64 names, ports, requests;
	name_t name = "";

	start_server();
	EXPECT_FALSE(is_known("anything"));
	names = mt_live(&self->task, MT_LIVE(names));
	ports = mt_live(&self->task, MT_LIVE(ports));
	requests = mt_live(&self->task, MT_LIVE(requests));
	EXPECT_EQ(0, mt_wait_pid(start(send_random)));
	EXPECT_FALSE(is_known("anything"));
	/* One was declared, and is nobody's but the server's. */
	memset(name, 'a', sizeof(name) - 1);
	EXPECT_EQ(BOOTSTRAP_STATUS_INACTIVE, status_of(name));
	EXPECT_TRUE(mt_live_becomes(&self->task, MT_LIVE(ports), ports + 1));
	EXPECT_TRUE(mt_live_becomes(&self->task, MT_LIVE(names), names + 1));
	EXPECT_TRUE(mt_live_becomes(&self->task, MT_LIVE(requests),
				    requests));
	EXPECT_EQ(0, stop_server());
}

/* Replies to a port whose queue is full are dropped, nobody waits. */
TEST_F(mach, reply_port_that_is_full)
{
	union forged forged;
	mach_port_t full;

	start_server();
	full = make_port();
	mt_must(mach_port_set_qlimit(task, full, 1));
	send_id(full, 1);
	for (int i = 0; i < 20; i++) {
		forge(&forged, 406);
		forged.head.msgh_bits = MACH_MSGH_BITS(
			MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_COPY_SEND);
		forged.head.msgh_local_port = full;
		mt_must(mach_msg(&forged.head, MACH_SEND_MSG,
				 sizeof(forged.head), 0, MACH_PORT_NULL, 0,
				 MACH_PORT_NULL));
	}
	EXPECT_FALSE(is_known("anything"));
	EXPECT_EQ(0, stop_server());
}

/* The answer with the receive right finds nobody: the right goes back. */
TEST_F(mach, check_in_of_a_dead_client)
{
	mach_port_t service, receive, reply;
	union forged forged;

	start_server();
	mt_must(bootstrap_create_service(bp, "x", &service));
	forge(&forged, 402);
	memset(forged.register_port.name, 0, 128);
	forged.register_port.name[0] = 'x';
	reply = mach_reply_port();
	forged.head.msgh_local_port = reply;
	/* Stopped, so that the reply port is dead when it looks. */
	mt_must(kill(server_pid, SIGSTOP));
	mt_must(mach_msg(&forged.head, MACH_SEND_MSG, 32 + 8 + 128, 0,
			 MACH_PORT_NULL, 0, MACH_PORT_NULL));
	mt_must(mach_port_destroy(task, reply));
	mt_must(kill(server_pid, SIGCONT));
	EXPECT_TRUE(status_becomes("x", BOOTSTRAP_STATUS_INACTIVE));
	EXPECT_EQ(KERN_SUCCESS, bootstrap_check_in(bp, "x", &receive));
	EXPECT_EQ(0, stop_server());
}

static int *rounds;			/* shared with the clients */

/* Names and subsets of its own, looked up, given up, until it is killed. */
static void live_and_die(void)
{
	mach_port_t port, subset, service, found;
	char name[32];

	for (int i = 0;; i++) {
		port = make_port();
		snprintf(name, sizeof(name), "%d-%d", getpid(), i);
		mt_must(bootstrap_register(bp, name, port));
		mt_must(bootstrap_subset(bp, port, &subset));
		mt_must(bootstrap_create_service(subset, name, &service));
		mt_must(bootstrap_check_in(subset, name, &found));
		mt_must(bootstrap_look_up(subset, name, &found));
		mt_must(mach_port_destroy(task, port));
		mt_must(mach_port_destroy(task, service));
		mt_must(mach_port_destroy(task, subset));
		__atomic_fetch_add(rounds, 1, __ATOMIC_SEQ_CST);
	}
}

/* The server has nothing left of them: no name, no port, no request. */
TEST_F(mach, clients_killed_in_a_call)
{
	__u64 names, ports, requests;
	pid_t pids[CLIENTS];

	start_server();
	rounds = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	EXPECT_FALSE(is_known("anything"));
	names = mt_live(&self->task, MT_LIVE(names));
	ports = mt_live(&self->task, MT_LIVE(ports));
	requests = mt_live(&self->task, MT_LIVE(requests));
	for (int i = 0; i < CLIENTS; i++)
		pids[i] = start(live_and_die);
	while (__atomic_load_n(rounds, __ATOMIC_SEQ_CST) < 4 * CLIENTS)
		mt_sleep(10);
	for (int i = 0; i < CLIENTS; i++) {
		mt_must(kill(pids[i], SIGKILL));
		mt_sleep(i % 4);
	}
	for (int i = 0; i < CLIENTS; i++)
		mt_wait_pid(pids[i]);
	EXPECT_TRUE(mt_live_becomes(&self->task, MT_LIVE(ports), ports));
	EXPECT_TRUE(mt_live_becomes(&self->task, MT_LIVE(names), names));
	EXPECT_TRUE(mt_live_becomes(&self->task, MT_LIVE(requests),
				    requests));
	EXPECT_EQ(0, stop_server());
}

TEST_HARNESS_MAIN
