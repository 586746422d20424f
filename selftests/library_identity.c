// SPDX-License-Identifier: GPL-2.0
/*
 * libmach's calls about who is who: the trailer, the pidfd of a sender that is
 * nobody else's, and the snapshot.
 */
#include <mach/mach.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "lib/fixture.h"

struct message {
	mach_msg_header_t head;
	char room[64];
};

static mach_msg_return_t receive(mach_port_t port, struct message *message,
				 struct mach_trailer *trailer)
{
	memset(trailer, MT_POISON, sizeof(*trailer));
	return mach_msg_trailer(&message->head, MACH_RCV_MSG, 0,
				sizeof(*message), port, MACH_MSG_TIMEOUT_NONE,
				MACH_PORT_NULL, trailer);
}

static void send_to(mach_port_t port, mach_msg_bits_t disposition)
{
	mach_msg_header_t head = {
		.msgh_bits = MACH_MSGH_BITS(disposition, 0),
		.msgh_remote_port = port,
	};

	mt_must(mach_msg(&head, MACH_SEND_MSG, sizeof(head), 0, MACH_PORT_NULL,
			 MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL));
}

/* The number behind "Pid:" of a pidfd: -1 when the process is gone. */
static int pid_of(int pidfd)
{
	char path[64], line[128];
	int pid = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	file = fopen(path, "re");
	mt_check(file);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "Pid: %d", &pid) == 1)
			break;
	fclose(file);
	return pid;
}

TEST_F(mach, own_message)
{
	mach_port_t port = mach_reply_port();
	struct mach_trailer trailer, own;
	struct message message;
	int pidfd;

	send_to(port, MACH_MSG_TYPE_MAKE_SEND);
	ASSERT_EQ(MACH_MSG_SUCCESS, receive(port, &message, &trailer));
	ASSERT_EQ(KERN_SUCCESS, mach_task_identity(mach_task_self(), &own));
	EXPECT_EQ(0, memcmp(&own, &trailer, sizeof(own)));
	EXPECT_EQ(getpid(), trailer.pid);
	EXPECT_EQ(geteuid(), trailer.uid);
	EXPECT_EQ(KERN_SUCCESS, mach_task_confirm(own.task_id, own.pid));
	EXPECT_EQ(KERN_FAILURE, mach_task_confirm(own.task_id, own.pid + 1));
	pidfd = mach_sender_pidfd(&trailer);
	ASSERT_LE(0, pidfd);
	EXPECT_EQ(getpid(), pid_of(pidfd));
	close(pidfd);
}

/* In a child, which has a task of its own and inherits the bootstrap port. */
static void be_client(void)
{
	mach_port_t port;

	mt_must(task_get_bootstrap_port(mach_task_self(), &port));
	send_to(port, MACH_MSG_TYPE_COPY_SEND);
	for (;;)
		pause();
}

TEST_F(mach, pidfd_of_another)
{
	mach_port_t port = mach_reply_port();
	struct mach_trailer trailer;
	struct message message;
	int pidfd;
	pid_t pid;

	mt_must(mach_port_insert_right(mach_task_self(), port, port,
				       MACH_MSG_TYPE_MAKE_SEND));
	mt_must(task_set_bootstrap_port(mach_task_self(), port));
	pid = fork();
	if (pid == 0)
		be_client();
	ASSERT_EQ(MACH_MSG_SUCCESS, receive(port, &message, &trailer));
	EXPECT_EQ(pid, trailer.pid);
	pidfd = mach_sender_pidfd(&trailer);
	ASSERT_LE(0, pidfd);
	EXPECT_EQ(pid, pid_of(pidfd));
	/* It is his: a signal through it ends him. */
	EXPECT_EQ(0, syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0));
	mt_wait_pid(pid);
	close(pidfd);
	errno = 0;
	EXPECT_EQ(-1, mach_sender_pidfd(&trailer));
	EXPECT_EQ(ESRCH, errno);
}

/* A process lives at that pid, but it is not the sender. */
TEST_F(mach, pidfd_of_nobody)
{
	struct mach_trailer trailer;

	mt_must(mach_task_identity(mach_task_self(), &trailer));
	trailer.pid = getppid();
	errno = 0;
	EXPECT_EQ(-1, mach_sender_pidfd(&trailer));
	EXPECT_EQ(ESRCH, errno);
	trailer.pid = 0;
	errno = 0;
	EXPECT_EQ(-1, mach_sender_pidfd(&trailer));
	EXPECT_EQ(ESRCH, errno);
}

static void on_alarm(int signal)
{
	(void)signal;
}

static void *send_later(void *port)
{
	mt_sleep(100);
	send_to((mach_port_t)(uintptr_t)port, MACH_MSG_TYPE_COPY_SEND);
	return NULL;
}

/* A signal handler in between changes nothing. */
TEST_F(mach, restart)
{
	const struct itimerval often = { { 0, 5000 }, { 0, 5000 } };
	const struct itimerval never = { { 0, 0 }, { 0, 0 } };
	const struct sigaction action = { .sa_handler = on_alarm };
	mach_port_t port = mach_reply_port();
	struct mach_trailer trailer;
	struct message message;
	pthread_t thread;

	mt_must(mach_port_insert_right(mach_task_self(), port, port,
				       MACH_MSG_TYPE_MAKE_SEND));
	mt_check(!pthread_create(&thread, NULL, send_later,
				 (void *)(uintptr_t)port));
	mt_must(sigaction(SIGALRM, &action, NULL));
	mt_must(setitimer(ITIMER_REAL, &often, NULL));
	EXPECT_EQ(MACH_MSG_SUCCESS, receive(port, &message, &trailer));
	mt_must(setitimer(ITIMER_REAL, &never, NULL));
	EXPECT_EQ(getpid(), trailer.pid);
	mt_check(!pthread_join(thread, NULL));
}

TEST_F(mach, listing)
{
	const struct mach_snapshot_task *own;
	struct mach_snapshot_record *records;
	struct mach_trailer identity;
	size_t size;

	mt_must(mach_task_identity(mach_task_self(), &identity));
	ASSERT_EQ(KERN_SUCCESS,
		  mach_snapshot(mach_task_self(), 0, &records, &size));
	own = (const void *)records;
	EXPECT_EQ((__u32)MACH_SNAPSHOT_TASK, own->kind);
	EXPECT_EQ(identity.task_id, own->id);
	EXPECT_LT(sizeof(*own), size);
	free(records);
	/* More than the first buffer holds. */
	for (int i = 0; i < 2000; i++)
		mach_reply_port();
	ASSERT_EQ(KERN_SUCCESS, mach_snapshot(MACH_PORT_NULL,
					      MACH_SNAPSHOT_ALL, &records,
					      &size));
	EXPECT_LT(2000 * sizeof(struct mach_snapshot_port), size);
	free(records);
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  mach_snapshot(MACH_PORT_NULL, 0, &records, &size));
}

TEST_HARNESS_MAIN
