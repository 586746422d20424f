// SPDX-License-Identifier: GPL-2.0
/*
 * Processes that die at any point of any call: killed, by exit of another
 * thread, by exec, or with their file closed under them; while they send and
 * receive, copy and move, wait, fork, read and write.  Nothing is left of them
 * (the supervisor counts), and those whom they wrote to are served on
 * (negative tests N35, N36).
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/hammer.h"

#define PAGES		64
#define BYTES		(PAGES * MT_PAGE)
#define THREADS		3

enum end {
	KILL,
	EXIT,
	EXEC,
	CLOSE,
};

struct victim {
	struct mt_side *side;
	pthread_t threads[THREADS];
};

/* ---- what the dying do ---- */

static void send_to_parent(struct mt_side *side, bool move)
{
	char *memory = mt_map(PAGES);
	struct mt_message message;
	struct mach_ioc_msg call = {
		.size = sizeof(call),
		.option = MACH_SEND_MSG,
		.msg = (unsigned long)message.bytes,
	};

	memset(memory, 1, BYTES);
	mt_begin(&message, side->up, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, side->port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_memory(&message, memory, BYTES,
		      move ? MACH_MSG_DESC_DEALLOCATE : 0);
	call.send_size = message.size;
	/* CLOSE takes the file away at any moment: no result is wrong. */
	mt_ioctl(&side->task, MACH_IOC_MSG, &call);
	/* What was moved may be another thread's by now. */
	if (!move)
		munmap(memory, BYTES);
}

/* To itself, through a port of its own; used and unmapped at random. */
static void receive_and_use(struct mt_side *side)
{
	struct mt_message message;
	struct mach_ioc_msg call = {
		.size = sizeof(call),
		.option = MACH_RCV_MSG,
		.msg = (unsigned long)message.bytes,
		.rcv_size = MT_ROOM,
		.rcv_name = side->port,
	};
	char *memory;

	if (mt_ioctl(&side->task, MACH_IOC_MSG, &call) ||
	    call.ret != MACH_MSG_SUCCESS ||
	    !(message.head.bits & MACH_MSGH_BITS_COMPLEX))
		return;
	message.size = message.head.size;
	memory = mt_memory(&message, 0);
	mt_touch(memory, PAGES);
	memset(memory, 2, BYTES / 2);
	if (mt_random(2))
		munmap(memory, BYTES);
}

static void fork_once(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		mt_sleep(mt_random(5));
		_exit(0);
	}
	mt_wait_pid(pid);
}

static void *be_busy(void *arg)
{
	struct victim *victim = arg;

	for (;;) {
		switch (mt_random(4)) {
		case 0:
			send_to_parent(victim->side, false);
			break;
		case 1:
			send_to_parent(victim->side, true);
			break;
		case 2:
			receive_and_use(victim->side);
			break;
		case 3:
			fork_once();
			break;
		}
	}
	return NULL;
}

static void live(struct mt_side *side, void *arg)
{
	struct victim victim = { .side = side };
	enum end end = *(enum end *)arg;

	for (int i = 0; i < THREADS; i++)
		mt_must(pthread_create(&victim.threads[i], NULL, be_busy,
				       &victim));
	mt_tell(side->to, 0);
	mt_sleep(mt_random(20));
	switch (end) {
	case EXIT:
		_exit(0);
	case EXEC:
		execlp("sleep", "sleep", "100", NULL);
		break;
	case CLOSE:
		close(side->task.fd);
		break;
	default:
		break;
	}
	for (;;)
		pause();
}

/* ---- who survives them ---- */

/* What has come: looked at, answered with memory, and thrown away. */
static void serve(const struct mt_task *task, __u32 port,
		  const char *answer)
{
	struct mt_message message;

	while (mt_receive(task, port, &message, 0) == MACH_MSG_SUCCESS) {
		char *memory;
		__u32 once;

		if (!(message.head.bits & MACH_MSGH_BITS_COMPLEX))
			continue;
		once = mt_right(&message, 0);
		memory = mt_memory(&message, 1);
		for (unsigned long page = 0; page < PAGES; page++)
			if (memory[page * MT_PAGE + 9] != 1)
				mt_violation("page %lu has %d", page,
					     memory[page * MT_PAGE + 9]);
		mt_unmap(memory, BYTES);
		if (once == MACH_PORT_DEAD)
			continue;
		mt_begin(&message, once, MACH_MSG_TYPE_MOVE_SEND_ONCE);
		mt_put_memory(&message, answer, BYTES, 0);
		if (mt_send(task, &message) != MACH_MSG_SUCCESS)
			mt_deallocate(task, once);
	}
}

static void end_one(const struct mt_task *task, enum end end,
		    const char *answer)
{
	struct mt_peer peer;

	mt_spawn(&peer, task, live, &end);
	mt_await(peer.from);
	for (int i = mt_random(20); i >= 0; i--) {
		serve(task, peer.port, answer);
		mt_sleep(1);
	}
	mt_kill(&peer);
	serve(task, peer.port, answer);
	mt_must(mt_destroy(task, peer.port));
	mt_deallocate(task, peer.right);
	close(peer.to);
	close(peer.from);
}

static int run(const struct mt_scenario *scenario)
{
	char *answer = mt_map_filled(PAGES, 3);
	unsigned long count = 0;
	struct mt_task task;

	mt_open(&task);
	for (; mt_hammer_on(5); count++)
		end_one(&task, scenario->kind, answer);
	printf("# %lu processes\n", count);
	return KSFT_PASS;
}

static const struct mt_scenario scenarios[] = {
	{ "kill", run, KILL },
	{ "exit", run, EXIT },
	{ "exec", run, EXEC },
	{ "close", run, CLOSE },
};

int main(int argc, char **argv)
{
	return mt_hammer_main(argc, argv, scenarios, ARRAY_SIZE(scenarios));
}
