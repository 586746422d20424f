// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/*
 * Tests of libmach itself, in TAP: bits, words, contracts, threads and fork.
 * What needs /dev/mach is skipped without it.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mach/fileport.h>
#include <mach/mach.h>

#define THREADS	8

static int number, failures;

static void report(bool ok, const char *what)
{
	printf("%sok %d - %s\n", ok ? "" : "not ", ++number, what);
	failures += !ok;
}

static void skip(const char *what)
{
	printf("ok %d - %s # SKIP no /dev/mach\n", ++number, what);
}

static __u64 word_of(const mach_msg_type_t *type)
{
	__u64 word;

	memcpy(&word, type, sizeof(word));
	return word;
}

static void test_descriptor_bits(void)
{
	mach_msg_type_t type = {
		.msgt_name = MACH_MSG_TYPE_BYTE,
		.msgt_size = 0x1234,
		.msgt_inline = TRUE,
		.msgt_number = 0x89abcdef,
	};

	report(word_of(&type) == MACH_MSG_DESC(MACH_MSG_TYPE_BYTE, 0x1234,
					       0x89abcdef,
					       MACH_MSG_DESC_INLINE),
	       "name, size, number, inline");
	type = (mach_msg_type_t){ .msgt_unused = 0x1f };
	report(word_of(&type) == MACH_MSG_DESC_UNUSED, "unused bits");
	type = (mach_msg_type_t){ .msgt_longform = TRUE };
	report(word_of(&type) == MACH_MSG_DESC_LONGFORM, "longform bit");
	type = (mach_msg_type_t){ .msgt_deallocate = TRUE };
	report(word_of(&type) == MACH_MSG_DESC_DEALLOCATE, "deallocate bit");
}

static bool known(mach_error_t code)
{
	return !strstr(mach_error_string(code), "unknown");
}

static void test_error_strings(void)
{
	bool all = true;

	for (int code = KERN_SUCCESS; code <= KERN_INTERRUPTED; code++)
		all &= known(code) == (code != 11 && code != 25);
	for (int code = MACH_SEND_IN_PROGRESS; code <= MACH_SEND_INVALID_HEADER;
	     code++)
		all &= known(code);
	for (int code = MACH_RCV_IN_PROGRESS; code <= MACH_RCV_BODY_ERROR;
	     code++)
		all &= known(code);
	for (int code = MIG_TYPE_ERROR; code >= MIG_DESTROY_REQUEST; code--)
		all &= known(code);
	report(all, "every code has its words");
	report(!known(11) && !known(0x400) && !known(MIG_DESTROY_REQUEST - 1),
	       "other numbers are unknown");
	report(!strcmp(mach_error_string(MACH_RCV_BODY_ERROR |
					 MACH_MSG_VM_SPACE),
		       "(ipc/rcv) body error, no room in the address space"),
	       "special bits are told");
	report(strstr(mach_error_string(MACH_SEND_TIMED_OUT | MACH_MSG_MASK),
		      "(ipc/send) timed out, ") != NULL,
	       "all special bits fit");
}

static bool copies(const char *src, vm_size_t len, const char *wanted)
{
	char room[10];
	vm_size_t length = strlen(wanted);

	memset(room, 'x', sizeof(room));
	if (mig_strncpy(room, src, len) != length)
		return false;
	for (vm_size_t i = length; i < len; i++)
		if (room[i])
			return false;
	return !memcmp(room, wanted, length) && room[len] == 'x';
}

static void test_strncpy(void)
{
	report(copies("abc", 8, "abc") && copies("", 3, "") &&
	       copies("abcdefg", 8, "abcdefg"), "mig_strncpy: whole strings");
	report(copies("abcdefgh", 8, "abcdefg") && copies("abc", 1, "") &&
	       mig_strncpy(NULL, "abc", 0) == 0 &&
	       __mig_strncpy == mig_strncpy, "mig_strncpy: cut");
}

static void test_no_device(void)
{
	mach_msg_header_t head = { .msgh_bits = 0 };
	mach_msg_type_number_t count;
	struct mach_snapshot_record *records;
	mach_port_type_array_t types;
	mach_port_name_array_t names;
	struct mach_trailer identity;
	mach_port_t name;
	size_t size;
	vm_address_t address;
	int fd;

	report(mach_device_fd() < 0 && mach_task_self() == MACH_PORT_NULL &&
	       mach_reply_port() == MACH_PORT_NULL, "no device: no names");
	report(mach_msg(&head, MACH_SEND_MSG | MACH_RCV_MSG, sizeof(head),
			sizeof(head), 1, 0, 0) == MACH_SEND_INVALID_DEST &&
	       mach_msg(&head, MACH_RCV_MSG, 0, sizeof(head), 1, 0, 0) ==
	       MACH_RCV_INVALID_NAME, "no device: mach_msg");
	report(vm_allocate(mach_task_self(), &address, 1, TRUE) ==
	       MACH_SEND_INVALID_DEST, "no device: vm_allocate");
	report(mach_port_names(mach_task_self(), &names, &count, &types,
			       &count) == MACH_SEND_INVALID_DEST &&
	       mach_ports_lookup(mach_task_self(), &names, &count) ==
	       MACH_SEND_INVALID_DEST &&
	       mach_ports_register(mach_task_self(), NULL, 0) ==
	       MACH_SEND_INVALID_DEST, "no device: calls with arrays");
	report(mig_get_reply_port() == MACH_PORT_NULL &&
	       mach_msg_server(NULL, 0, 1) == MACH_RCV_INVALID_NAME,
	       "no device: no server");
	mig_dealloc_reply_port(MACH_PORT_NULL);
	report(mach_task_confirm(1, 1) == KERN_FAILURE &&
	       mach_task_identity(1, &identity) == MACH_SEND_INVALID_DEST &&
	       mach_snapshot(1, 0, &records, &size) == MACH_SEND_INVALID_DEST,
	       "no device: nobody is known");
	report(mach_thread_self() == MACH_PORT_NULL &&
	       mach_host_self() == MACH_PORT_NULL &&
	       mach_task_for_file(0, &name) == MACH_SEND_INVALID_DEST &&
	       mach_inherit(0) == MACH_SEND_INVALID_DEST,
	       "no device: no other task");
	report(fileport_makeport(0, &name) == -1 &&
	       fileport_makefd(1) == -1 &&
	       mach_port_poll_fd(1, 0, &fd) == MACH_SEND_INVALID_DEST &&
	       mach_port_to_fd(1, 0, &fd) == MACH_SEND_INVALID_DEST &&
	       mach_port_from_fd(0, &name) == MACH_SEND_INVALID_DEST,
	       "no device: no descriptors");
}

static void test_allocate(void)
{
	mach_port_t task = mach_task_self();
	vm_address_t address = 1, again;
	kern_return_t kr;

	kr = vm_allocate(task, &address, 0, FALSE);
	report(kr == KERN_SUCCESS && !address, "allocate nothing");
	kr = vm_allocate(task, &address, vm_page_size + 1, TRUE);
	report(kr == KERN_SUCCESS && !(address % vm_page_size) &&
	       !((char *)address)[2 * vm_page_size - 1],
	       "allocate rounds up, zero-filled");
	again = address + 5;
	report(vm_allocate(task, &again, 1, FALSE) == KERN_NO_SPACE,
	       "occupied address");
	kr = vm_deallocate(task, address + vm_page_size - 1, 2);
	report(kr == KERN_SUCCESS && vm_deallocate(task, address, 1) ==
	       KERN_SUCCESS, "odd range frees both pages, holes are fine");
	again = address + 5;
	kr = vm_allocate(task, &again, 1, FALSE);
	report(kr == KERN_SUCCESS && again == address, "fixed address");
	vm_deallocate(task, address, 1);
	report(vm_allocate(task, &address, ~0UL, TRUE) ==
	       KERN_INVALID_ARGUMENT, "size that wraps");
	again = ~0UL << 12;
	report(vm_allocate(task, &again, 1, FALSE) == KERN_INVALID_ADDRESS,
	       "kernel address");
	report(vm_deallocate(task, ~0UL - 1, 10) == KERN_INVALID_ADDRESS,
	       "deallocate that wraps");
	report(vm_deallocate(MACH_PORT_DEAD, address, 1) ==
	       MACH_SEND_INVALID_DEST && vm_deallocate(task + 1, address, 1) ==
	       MACH_SEND_INVALID_DEST, "no task");
}

static void *name_self(void *unused)
{
	(void)unused;
	return (void *)(uintptr_t)mach_task_self();
}

static bool self_refs_are(mach_port_urefs_t wanted)
{
	mach_port_t task = mach_task_self();
	mach_port_urefs_t refs = 0;

	return !mach_port_get_refs(task, task, MACH_PORT_RIGHT_SEND, &refs) &&
	       refs == wanted;
}

/* Must run before anything else names the task. */
static void test_self(void)
{
	pthread_t threads[THREADS];
	bool same = true;
	void *name;

	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, name_self, NULL);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &name);
		same &= (mach_port_t)(uintptr_t)name == mach_task_self();
	}
	report(same && mach_task_self() != MACH_PORT_NULL,
	       "threads that race open one task");
	report(self_refs_are(1), "mach_task_self() keeps one reference");
	report((mach_task_self)() == mach_task_self() && self_refs_are(2),
	       "(mach_task_self)() adds one");
}

static int use_own_task(void)
{
	mach_port_name_t name;

	if (!self_refs_are(1))
		return 1;
	if (mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE,
			       &name))
		return 2;
	return 0;
}

static void test_fork(void)
{
	int status = -1;
	pid_t child = fork();

	if (!child)
		_exit(use_own_task());
	waitpid(child, &status, 0);
	report(!status, "a forked child has its own task");
	report(self_refs_are(2), "the parent's task is untouched");
}

/* The program took the descriptor away and uses its number itself. */
static void test_fork_reused_number(void)
{
	int fd = mach_device_fd();
	int status = -1;
	pid_t child;

	if (dup2(STDOUT_FILENO, fd) < 0)
		return;
	child = fork();
	if (!child)
		_exit(fcntl(fd, F_GETFD) < 0 ? 3 : use_own_task());
	waitpid(child, &status, 0);
	report(!status, "a reused number is not closed in the child");
}

int main(void)
{
	test_descriptor_bits();
	test_error_strings();
	test_strncpy();
	if (access("/dev/mach", R_OK | W_OK)) {
		test_no_device();
		skip("self, allocate, fork");
	} else {
		test_self();
		test_allocate();
		test_fork();
		test_fork_reused_number();
	}
	printf("1..%d\n", number);
	return failures ? 1 : 0;
}
