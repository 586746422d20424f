// SPDX-License-Identifier: GPL-2.0
/*
 * libmach's calls that give arrays give memory that vm_deallocate() of its
 * length frees and nothing else remains, whatever the length (spec 2).
 */
#include <fcntl.h>
#include <mach/mach.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/fixture.h"

/* More than a page of names; the first call of the kernel has one page. */
#define MANY	2500U

/* Pages of address space; without stdio, which would make some. */
static unsigned long mapped_pages(void)
{
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	char text[128] = "";
	unsigned long pages;

	mt_check(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	mt_check(sscanf(text, "%lu", &pages) == 1);
	return pages;
}

static void free_array(void *array, mach_msg_type_number_t count)
{
	mt_must(vm_deallocate(mach_task_self(), (vm_address_t)array,
			      count * sizeof(mach_port_t)));
}

static mach_port_t allocate(mach_port_right_t right)
{
	mach_port_t name;

	mt_must(mach_port_allocate(mach_task_self(), right, &name));
	return name;
}

struct names {
	mach_port_name_array_t names;
	mach_port_type_array_t types;
	mach_msg_type_number_t count, type_count;
};

static kern_return_t get_names(struct names *got)
{
	return mach_port_names(mach_task_self(), &got->names, &got->count,
			       &got->types, &got->type_count);
}

/* The type listed for name; 0 if it is not listed exactly once. */
static mach_port_type_t listed(const struct names *got, mach_port_t name)
{
	mach_port_type_t type = 0;
	unsigned int found = 0;

	for (mach_msg_type_number_t i = 0; i < got->count; i++) {
		if (got->names[i] == name) {
			type = got->types[i];
			found++;
		}
	}
	return found == 1 ? type : 0;
}

TEST_F(mach, names_and_types)
{
	mach_port_t port = allocate(MACH_PORT_RIGHT_RECEIVE);
	mach_port_t set = allocate(MACH_PORT_RIGHT_PORT_SET);
	mach_port_t dead = allocate(MACH_PORT_RIGHT_DEAD_NAME);
	struct names got;

	ASSERT_EQ(KERN_SUCCESS, get_names(&got));
	EXPECT_EQ(4U, got.count);
	EXPECT_EQ(4U, got.type_count);
	EXPECT_EQ(MACH_PORT_TYPE_SEND, listed(&got, mach_task_self()));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, listed(&got, port));
	EXPECT_EQ(MACH_PORT_TYPE_PORT_SET, listed(&got, set));
	EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, listed(&got, dead));
	free_array(got.names, got.count);
	free_array(got.types, got.type_count);
}

TEST_F(mach, many_names)
{
	unsigned long before;
	struct names got;

	/* The task's own is one of them. */
	mt_check(mach_task_self() != MACH_PORT_NULL);
	for (unsigned int i = 1; i < MANY; i++)
		allocate(MACH_PORT_RIGHT_DEAD_NAME);
	before = mapped_pages();
	ASSERT_EQ(KERN_SUCCESS, get_names(&got));
	EXPECT_EQ(MANY, got.count);
	for (unsigned int i = 0; i < got.count; i++)
		EXPECT_NE(0U, listed(&got, got.names[i]));
	/* Whole pages of names, and as many of types. */
	EXPECT_EQ(before + 2 * 3, mapped_pages());
	free_array(got.names, got.count);
	free_array(got.types, got.type_count);
	EXPECT_EQ(before, mapped_pages());
}

static atomic_bool stop;

/* The number of names goes up and down, within the first arrays' length. */
static void *change_names(void *unused)
{
	mach_port_t names[64];

	while (!atomic_load(&stop)) {
		for (size_t i = 0; i < ARRAY_SIZE(names); i++)
			names[i] = allocate(MACH_PORT_RIGHT_DEAD_NAME);
		for (size_t i = 0; i < ARRAY_SIZE(names); i++)
			mt_must(mach_port_destroy(mach_task_self(), names[i]));
	}
	return unused;
}

/* What is counted is there, whatever happens meanwhile. */
TEST_F(mach, names_while_names_change)
{
	pthread_t thread;
	struct names got;

	mt_check(mach_task_self() != MACH_PORT_NULL);
	mt_must(pthread_create(&thread, NULL, change_names, NULL));
	for (int round = 0; round < 3000; round++) {
		ASSERT_EQ(KERN_SUCCESS, get_names(&got));
		ASSERT_LT(0U, got.count);
		for (unsigned int i = 0; i < got.count; i++) {
			ASSERT_NE(MACH_PORT_NULL, got.names[i]);
			ASSERT_NE(MACH_PORT_TYPE_NONE, got.types[i]);
		}
		free_array(got.names, got.count);
		free_array(got.types, got.type_count);
	}
	atomic_store(&stop, true);
	mt_must(pthread_join(thread, NULL));
}

TEST_F(mach, no_names)
{
	mach_port_t task;
	struct names got;

	/* The second task has the name of itself. */
	mt_must(mach_task_for_file(self->task.fd, &task));
	mt_must(mt_deallocate(&self->task, self->task.self));
	memset(&got, 1, sizeof(got));
	ASSERT_EQ(KERN_SUCCESS,
		  mach_port_names(task, &got.names, &got.count, &got.types,
				  &got.type_count));
	EXPECT_EQ(0U, got.count);
	EXPECT_EQ(0U, got.type_count);
	EXPECT_EQ(NULL, got.names);
	EXPECT_EQ(NULL, got.types);
}

TEST_F(mach, failure_leaves_no_memory)
{
	mach_port_t host = mach_host_self();
	unsigned long before = mapped_pages();
	mach_msg_type_number_t count;
	mach_port_t *array;

	EXPECT_EQ(KERN_INVALID_TASK,
		  mach_port_names(host, &array, &count, &array, &count));
	EXPECT_EQ(KERN_INVALID_TASK, mach_ports_lookup(host, &array, &count));
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mach_port_get_set_status(mach_task_self(), host, &array,
					   &count));
	EXPECT_EQ(before, mapped_pages());
}

TEST_F(mach, members)
{
	mach_port_t set = allocate(MACH_PORT_RIGHT_PORT_SET), *members;
	mach_msg_type_number_t count = 99;
	unsigned long before;
	mach_port_t port;

	members = &port;
	ASSERT_EQ(KERN_SUCCESS,
		  mach_port_get_set_status(mach_task_self(), set, &members,
					   &count));
	EXPECT_EQ(0U, count);
	EXPECT_EQ(NULL, members);
	for (unsigned int i = 0; i < MANY; i++) {
		port = allocate(MACH_PORT_RIGHT_RECEIVE);
		mt_must(mach_port_move_member(mach_task_self(), port, set));
	}
	before = mapped_pages();
	ASSERT_EQ(KERN_SUCCESS,
		  mach_port_get_set_status(mach_task_self(), set, &members,
					   &count));
	EXPECT_EQ(MANY, count);
	EXPECT_EQ(before + 3, mapped_pages());
	for (unsigned int i = 0; i < count; i++)
		mt_must(mach_port_move_member(mach_task_self(), members[i],
					      MACH_PORT_NULL));
	free_array(members, count);
	EXPECT_EQ(before, mapped_pages());
}

TEST_F(mach, registered_ports)
{
	mach_port_t task = mach_task_self(), *ports;
	mach_msg_type_number_t count;
	unsigned long before;

	mt_must(mach_ports_register(task, &task, 1));
	before = mapped_pages();
	ASSERT_EQ(KERN_SUCCESS, mach_ports_lookup(task, &ports, &count));
	ASSERT_EQ((mach_msg_type_number_t)TASK_PORT_REGISTER_MAX, count);
	EXPECT_EQ(task, ports[0]);
	EXPECT_EQ(MACH_PORT_NULL, ports[3]);
	free_array(ports, count);
	EXPECT_EQ(before, mapped_pages());
}

TEST_HARNESS_MAIN
