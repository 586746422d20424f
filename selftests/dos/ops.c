// SPDX-License-Identifier: GPL-2.0
/*
 * The victim: its operations, and what they cost in CPU time of its own.
 *
 * Client and server are real-time processes of one priority, so that nobody
 * preempts them and each wake-up goes the same way; between two samples the
 * client sleeps, and the attacker runs until it is wherever it is.  What it
 * holds then, and what it has made then, is what the next sample meets.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "dos/dos.h"
#include "lib/listing.h"
#include "lib/mach_calls.h"

#define MIB		(1UL << 20)
#define BATCH		10
#define MAX_SAMPLES	64
#define LISTING		65536

const char *const dos_op_names[DOS_OPS] = {
	[DOS_RPC] = "rpc", [DOS_INLINE] = "4 KiB", [DOS_PORT] = "port",
	[DOS_RIGHT] = "right", [DOS_DEAD_NAME] = "dead name",
	[DOS_OOL_64K] = "64 KiB", [DOS_OOL_1M] = "1 MiB", [DOS_SET] = "set",
	[DOS_SNAPSHOT] = "snapshot", [DOS_STATUS] = "status",
	[DOS_OPEN] = "open",
};

/* ---- messages without the poison of mt_receive() ---- */

static void exchange(const struct mt_task *task, void *message, __u32 size,
		     __u32 room, __u32 port)
{
	struct mach_ioc_msg call = {
		.option = MACH_SEND_MSG | MACH_RCV_MSG,
		.msg = (unsigned long)message,
		.send_size = size,
		.rcv_size = room,
		.rcv_name = port,
	};

	mt_must(mt_msg(task, &call));
}

static void receive(const struct mt_task *task, void *message, __u32 room,
		    __u32 port)
{
	struct mach_ioc_msg call = {
		.option = MACH_RCV_MSG,
		.msg = (unsigned long)message,
		.rcv_size = room,
		.rcv_name = port,
	};

	mt_must(mt_msg(task, &call));
}

static struct mach_wire_header header(__u32 remote, __u32 remote_type,
				      __u32 local, __u32 local_type)
{
	return (struct mach_wire_header) {
		.bits = MACH_MSGH_BITS(remote_type, local_type),
		.remote_port = remote,
		.local_port = local,
	};
}

/* ---- the operations ---- */

static void rpc(struct dos_victim *victim)
{
	struct mach_wire_header head =
		header(victim->server.right, MACH_MSG_TYPE_COPY_SEND,
		       victim->port, MACH_MSG_TYPE_MAKE_SEND_ONCE);

	exchange(&victim->task, &head, sizeof(head), sizeof(head),
		 victim->port);
}

static void send_inline(struct dos_victim *victim)
{
	static struct {
		struct mach_wire_header head;
		char data[4096];
	} message;

	message.head = header(victim->port, MACH_MSG_TYPE_MAKE_SEND, 0, 0);
	exchange(&victim->task, &message, sizeof(message), sizeof(message),
		 victim->port);
}

static void port(struct dos_victim *victim)
{
	__u32 name;

	mt_must(mt_allocate(&victim->task, MACH_PORT_RIGHT_RECEIVE, &name));
	mt_must(mt_destroy(&victim->task, name));
}

static void right(struct dos_victim *victim)
{
	mt_must(mt_insert(&victim->task, victim->port, victim->port,
			  MACH_MSG_TYPE_MAKE_SEND));
	mt_must(mt_deallocate(&victim->task, victim->port));
}

static void dead_name(struct dos_victim *victim)
{
	const struct mt_task *task = &victim->task;
	__u32 name = mt_port(task);
	struct {
		struct mach_wire_header head;
		__u64 words[2];
	} note;

	mt_arm(task, name, MACH_NOTIFY_DEAD_NAME, victim->notify);
	mt_must(mt_mod_refs(task, name, MACH_PORT_RIGHT_RECEIVE, -1));
	receive(task, &note, sizeof(note), victim->notify);
	mt_check(note.head.id == MACH_NOTIFY_DEAD_NAME);
	mt_must(mt_mod_refs(task, name, MACH_PORT_RIGHT_DEAD_NAME, -2));
}

static void memory(struct dos_victim *victim, unsigned long bytes)
{
	struct {
		struct mach_wire_header head;
		__u64 desc;
		char *address;
	} message;

	message.head = header(victim->port, MACH_MSG_TYPE_MAKE_SEND, 0, 0);
	message.head.bits |= MACH_MSGH_BITS_COMPLEX;
	message.desc = MACH_MSG_DESC(MACH_MSG_TYPE_BYTE, 8, bytes, 0);
	message.address = victim->memory;
	exchange(&victim->task, &message, sizeof(message), sizeof(message),
		 victim->port);
	mt_touch(message.address, bytes / MT_PAGE);
	mt_unmap(message.address, bytes);
}

static void ool_64k(struct dos_victim *victim)
{
	memory(victim, 65536);
}

static void ool_1m(struct dos_victim *victim)
{
	memory(victim, MIB);
}

static void set(struct dos_victim *victim)
{
	struct mach_wire_header head =
		header(victim->member, MACH_MSG_TYPE_MAKE_SEND, 0, 0);

	exchange(&victim->task, &head, sizeof(head), sizeof(head),
		 victim->set);
}

static void snapshot(struct dos_victim *victim)
{
	struct mach_ioc_snapshot call = {
		.task = victim->task.self,
		.buffer = (unsigned long)victim->listing,
		.length = LISTING,
	};

	mt_must(mt_snapshot(&victim->task, &call));
	mt_must(call.ret);
}

static void status(struct dos_victim *victim)
{
	mt_status(&victim->task, victim->shown);
}

static void open_task(struct dos_victim *victim)
{
	int fd = open("/dev/mach", O_RDWR | O_CLOEXEC);

	(void)victim;
	mt_check(fd >= 0);
	close(fd);
}

static void (*const ops[DOS_OPS])(struct dos_victim *victim) = {
	[DOS_RPC] = rpc, [DOS_INLINE] = send_inline, [DOS_PORT] = port,
	[DOS_RIGHT] = right, [DOS_DEAD_NAME] = dead_name,
	[DOS_OOL_64K] = ool_64k, [DOS_OOL_1M] = ool_1m, [DOS_SET] = set,
	[DOS_SNAPSHOT] = snapshot, [DOS_STATUS] = status,
	[DOS_OPEN] = open_task,
};

/* ---- the clock ---- */

static clockid_t server_clock;

static __u64 read_clock(clockid_t clock)
{
	struct timespec now;

	mt_must(clock_gettime(clock, &now));
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static __u64 used(void)
{
	return read_clock(CLOCK_THREAD_CPUTIME_ID) + read_clock(server_clock);
}

static int compare(const void *a, const void *b)
{
	__u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return x < y ? -1 : x > y;
}

static __u64 measure(struct dos_victim *victim, enum dos_op op,
		     unsigned int samples)
{
	/* One sample is no measurement, but shows that it works. */
	int batch = samples > 1 ? BATCH : 1;
	__u64 sample[MAX_SAMPLES], before;

	mt_check(samples && samples <= MAX_SAMPLES);
	ops[op](victim);
	for (unsigned int i = 0; i < samples; i++) {
		mt_sleep(2);
		before = used();
		for (int j = 0; j < batch; j++)
			ops[op](victim);
		sample[i] = (used() - before) / batch;
	}
	qsort(sample, samples, sizeof(sample[0]), compare);
	return sample[samples / 2];
}

void dos_measure(struct dos_victim *victim, unsigned int samples,
		 __u64 ns[DOS_OPS])
{
	for (int op = 0; op < DOS_OPS; op++)
		ns[op] = measure(victim, op, samples);
}

/* ---- its processes ---- */

static void be_realtime(void)
{
	struct sched_param param = { .sched_priority = 10 };

	mt_must(sched_setscheduler(0, SCHED_FIFO, &param));
}

/* Answers every header. */
static void serve(struct mt_side *side, void *arg)
{
	struct mach_wire_header head;

	(void)arg;
	be_realtime();
	receive(&side->task, &head, sizeof(head), side->port);
	for (;;) {
		head = header(head.remote_port, MACH_MSG_TYPE_MOVE_SEND_ONCE,
			      0, 0);
		exchange(&side->task, &head, sizeof(head), sizeof(head),
			 side->port);
	}
}

void dos_victim_start(struct dos_victim *victim)
{
	const struct mt_task *task = &victim->task;

	mt_open(&victim->task);
	mt_spawn(&victim->server, task, serve, NULL);
	mt_must(clock_getcpuclockid(victim->server.pid, &server_clock));
	victim->port = mt_port(task);
	victim->notify = mt_receive_right(task);
	victim->set = mt_set(task);
	victim->member = mt_receive_right(task);
	mt_must(mt_move_member(task, victim->member, victim->set));
	victim->memory = mt_map_filled(MIB / MT_PAGE, 1);
	victim->listing = mt_map_filled(LISTING / MT_PAGE, 1);
	victim->shown = victim->port;
	be_realtime();
}
