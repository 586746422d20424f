// SPDX-License-Identifier: GPL-2.0
/*
 * What a call reads from user memory changes in the middle of its reading: the
 * second page of it is missing, and who fills it (userfaultfd) first rewrites
 * what lies before it.  The call then takes what it has read, once, and nothing
 * of what came after (negative test N3; races by chance are race.c's).
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "lib/fixture.h"
#include "lib/listing.h"
#include "lib/mach_calls.h"
#include "lib/pager.h"

/* Two pages; the second one is not there until the first has been rewritten. */
struct trap {
	struct mt_pager pager;
	char *pages;
	char second[MT_PAGE];	/* what is found there */
	size_t at;		/* rewritten: bytes from there to the boundary */
	char rewritten[256];
	bool sprung;
	pthread_t thread;
};

static void *spring(void *arg)
{
	struct trap *trap = arg;
	struct pollfd ready = { .fd = trap->pager.fd, .events = POLLIN };
	struct uffdio_copy copy = {
		.dst = (unsigned long)trap->pages + MT_PAGE,
		.src = (unsigned long)trap->second,
		.len = MT_PAGE,
	};
	struct uffd_msg event;

	if (poll(&ready, 1, MT_FOREVER / 2) == 1 &&
	    read(trap->pager.fd, &event, sizeof(event)) == sizeof(event)) {
		memcpy(trap->pages + trap->at, trap->rewritten,
		       MT_PAGE - trap->at);
		trap->sprung = true;
	}
	mt_must(ioctl(trap->pager.fd, UFFDIO_COPY, &copy));
	return NULL;
}

/*
 * @bytes lie across the boundary, @before of them before it; those are what
 * @changed says afterwards.  False: there is no userfaultfd.
 */
static void *set_trap(struct trap *trap, const void *bytes, size_t size,
		      size_t before, const void *changed)
{
	static char zero[MT_PAGE];

	trap->pages = mt_map(2);
	trap->at = MT_PAGE - before;
	trap->sprung = false;
	mt_check(before <= sizeof(trap->rewritten));
	memcpy(trap->pages + trap->at, bytes, before);
	memcpy(trap->rewritten, changed, before);
	memcpy(trap->second, zero, MT_PAGE);
	memcpy(trap->second, (const char *)bytes + before, size - before);
	if (!mt_pager_watch(&trap->pager, trap->pages + MT_PAGE, MT_PAGE,
			    UFFDIO_REGISTER_MODE_MISSING, 0))
		return NULL;
	mt_must(pthread_create(&trap->thread, NULL, spring, trap));
	return trap->pages + trap->at;
}

static bool was_sprung(struct trap *trap)
{
	mt_must(pthread_join(trap->thread, NULL));
	close(trap->pager.fd);
	mt_unmap(trap->pages, 2 * MT_PAGE);
	return trap->sprung;
}

/* ---- the struct of a call ---- */

/* Each kind of struct; all of them go through the same function. */
static const struct {
	unsigned long command;
	__u32 size;
	bool only_ret;		/* nothing else is written back */
} commands[] = {
	{ MACH_IOC_FEATURES, sizeof(struct mach_ioc_features), false },
	{ MACH_IOC_STATS, sizeof(struct mach_ioc_stats), false },
	{ MACH_IOC_MSG, sizeof(struct mach_ioc_msg), true },
	{ MACH_IOC_PORT_TYPE, sizeof(struct mach_ioc_port), false },
	{ MACH_IOC_PORT_GET_SRIGHTS, sizeof(struct mach_ioc_value), false },
	{ MACH_IOC_PORT_NAMES, sizeof(struct mach_ioc_names), false },
	{ MACH_IOC_PORT_GET_SET_STATUS, sizeof(struct mach_ioc_members),
	  false },
	{ MACH_IOC_PORT_GET_RECEIVE_STATUS,
	  sizeof(struct mach_ioc_receive_status), false },
	{ MACH_IOC_PORT_EXTRACT_RIGHT, sizeof(struct mach_ioc_extract), false },
	{ MACH_IOC_PORT_INSERT_RIGHT, sizeof(struct mach_ioc_insert), false },
	{ MACH_IOC_PORT_REQUEST_NOTIFICATION,
	  sizeof(struct mach_ioc_notification), false },
	{ MACH_IOC_PORTS_REGISTER, sizeof(struct mach_ioc_registered), false },
	{ MACH_IOC_TASK_IDENTITY, sizeof(struct mach_ioc_identity), false },
	{ MACH_IOC_SNAPSHOT, sizeof(struct mach_ioc_snapshot), false },
	{ MACH_IOC_MEMORY_ORDINARY, sizeof(struct mach_ioc_range), true },
};

static const __u32 sizes[] = { 0, 8, 4096, ~0U };

TEST_F(mach, N3_size_of_a_struct)
{
	struct mt_task *task = &self->task;
	char first[512], changed[8];
	struct trap trap;
	char *argument;
	int ret;

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		for (size_t n = 0; n < ARRAY_SIZE(sizes); n++) {
			memset(first, 0, sizeof(first));
			memcpy(first, &commands[i].size, 4);
			memset(changed, 0, sizeof(changed));
			memcpy(changed, &sizes[n], 4);
			argument = set_trap(&trap, first, commands[i].size, 8,
					    changed);
			if (!argument)
				SKIP(return, "no userfaultfd");
			/* Behind the struct nothing is written. */
			memset(trap.second + commands[i].size - 8, 0,
			       sizeof(trap.second) - commands[i].size + 8);
			ret = ioctl(task->fd, commands[i].command, argument);
			EXPECT_EQ(0, ret) TH_LOG("case %zu, %zu", i, n);
			/* What is written back is as long as was read first. */
			if (!commands[i].only_ret)
				EXPECT_EQ(0, memcmp(argument, first, 4));
			EXPECT_TRUE(mt_zero(argument + commands[i].size,
					    MT_PAGE - commands[i].size));
			EXPECT_TRUE(was_sprung(&trap));
		}
	}
}

/* ---- a message ---- */

/* The header says one thing when it is read, another when the body is. */
TEST_F(mach, N3_header_of_a_message)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), other = mt_port(task);
	struct mt_message message, seen;
	struct mach_wire_header changed;
	struct mach_ioc_msg call = {
		.option = MACH_SEND_MSG | MACH_SEND_TIMEOUT,
	};
	struct trap trap;

	for (int complex = 0; complex < 2; complex++) {
		mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
		mt_put_right(&message, other, MACH_MSG_TYPE_COPY_SEND);
		message.head.id = 1;
		if (!complex)
			message.head.bits &= ~MACH_MSGH_BITS_COMPLEX;
		changed = message.head;
		changed.remote_port = other;
		changed.bits ^= MACH_MSGH_BITS_COMPLEX;
		changed.id = 2;
		call.msg = (unsigned long)set_trap(&trap, message.bytes,
						   message.size,
						   sizeof(changed), &changed);
		if (!call.msg)
			SKIP(return, "no userfaultfd");
		call.send_size = message.size;
		EXPECT_EQ(MACH_MSG_SUCCESS, mt_msg(task, &call));
		EXPECT_TRUE(was_sprung(&trap));
		EXPECT_TRUE(mt_empty(task, other));
		EXPECT_EQ(MACH_MSG_SUCCESS, mt_receive(task, port, &seen, 0));
		EXPECT_EQ(1U, seen.head.id);
		EXPECT_EQ(complex, !!(seen.head.bits & MACH_MSGH_BITS_COMPLEX));
		EXPECT_EQ(1U + complex,
			  mt_refs(task, other, MACH_PORT_RIGHT_SEND));
	}
}

/* A descriptor in the body, after which its names or data are read. */
TEST_F(mach, N3_descriptor_of_an_item)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), other = mt_port(task);
	struct mt_message message, seen;
	struct mach_ioc_msg call = {
		.option = MACH_SEND_MSG | MACH_SEND_TIMEOUT,
	};
	struct {
		struct mach_wire_header head;
		__u64 desc;
	} changed;
	struct trap trap;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, other, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, other, MACH_MSG_TYPE_COPY_SEND);
	memcpy(&changed, message.bytes, sizeof(changed));
	changed.desc = MACH_MSG_DESC(MACH_MSG_TYPE_MOVE_RECEIVE,
				     MACH_MSG_PORT_INLINE_BITS, 4095,
				     MACH_MSG_DESC_INLINE);
	call.msg = (unsigned long)set_trap(&trap, message.bytes, message.size,
					   sizeof(changed), &changed);
	if (!call.msg)
		SKIP(return, "no userfaultfd");
	call.send_size = message.size;
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_msg(task, &call));
	EXPECT_TRUE(was_sprung(&trap));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_receive(task, port, &seen, 0));
	EXPECT_EQ(message.size, seen.size);
	EXPECT_EQ(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE,
		  mt_types(task, other));
	EXPECT_EQ(3U, mt_refs(task, other, MACH_PORT_RIGHT_SEND));
}

TEST_HARNESS_MAIN
