// SPDX-License-Identifier: GPL-2.0
/*
 * Calls with any option, and threads that block in them: see caller.h.
 */
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "caller.h"

__s32 mt_call(const struct mt_task *task, struct mt_message *message,
	      struct mach_ioc_msg call)
{
	__s32 ret;

	call.msg = (unsigned long)message->bytes;
	if (call.option & MACH_SEND_MSG)
		call.send_size = message->size;
	else
		memset(message->bytes, MT_POISON, sizeof(message->bytes));
	if (call.option & MACH_RCV_MSG && !call.rcv_size)
		call.rcv_size = MT_ROOM;
	ret = mt_msg(task, &call);
	if (ret == MACH_MSG_SUCCESS && call.option & MACH_RCV_MSG)
		message->size = message->head.size;
	return ret;
}

static void *run_call(void *arg)
{
	struct mt_caller *caller = arg;

	__atomic_store_n(&caller->tid, syscall(SYS_gettid), __ATOMIC_RELEASE);
	caller->ret = mt_call(caller->task, &caller->message, caller->call);
	__atomic_store_n(&caller->done, true, __ATOMIC_RELEASE);
	return NULL;
}

void mt_start_call(struct mt_caller *caller, const struct mt_task *task)
{
	caller->task = task;
	caller->tid = 0;
	caller->done = false;
	mt_must(pthread_create(&caller->thread, NULL, run_call, caller));
	while (!__atomic_load_n(&caller->tid, __ATOMIC_ACQUIRE))
		mt_sleep(1);
	mt_until_asleep(caller->tid);
}

void mt_start_receiver(struct mt_caller *caller, const struct mt_task *task,
		       __u32 name)
{
	caller->call = (struct mach_ioc_msg) {
		.option = MACH_RCV_MSG,
		.rcv_name = name,
	};
	mt_start_call(caller, task);
}

void mt_start_sender(struct mt_caller *caller, const struct mt_task *task,
		     __u32 dest, __u32 id)
{
	caller->call = (struct mach_ioc_msg) { .option = MACH_SEND_MSG };
	mt_begin(&caller->message, dest, MACH_MSG_TYPE_COPY_SEND);
	caller->message.head.id = id;
	mt_start_call(caller, task);
}

__s32 mt_finish_call(struct mt_caller *caller)
{
	mt_must(pthread_join(caller->thread, NULL));
	return caller->ret;
}

bool mt_still_blocked(struct mt_caller *caller)
{
	mt_sleep(30);
	return !__atomic_load_n(&caller->done, __ATOMIC_ACQUIRE);
}

__u32 mt_next(const struct mt_task *task, __u32 name)
{
	struct mt_message message;
	__s32 ret = mt_receive(task, name, &message, 0);

	if (ret == MACH_RCV_TIMED_OUT)
		return MT_NOTHING;
	mt_must(ret);
	return message.head.id;
}

__u32 mt_next_of(const struct mt_task *task, __u32 name, __u32 *port)
{
	struct mt_message message;

	mt_must(mt_receive(task, name, &message, MT_LONG));
	*port = message.head.local_port;
	return message.head.id;
}

__u32 mt_queued(const struct mt_task *task, __u32 port)
{
	return mt_status(task, port).msgcount;
}

__u64 mt_senders(const struct mt_task *task, __u32 port)
{
	__u64 count;

	mt_must(mt_srights(task, port, &count));
	return count;
}

bool mt_silent(const struct mt_task *task, __u32 port)
{
	struct mach_ioc_receive_status status = mt_status(task, port);

	return !status.msgcount && !status.sorights;
}

bool mt_once_wasted(const struct mt_task *task, __u32 port)
{
	return mt_notified(task, port, MACH_NOTIFY_SEND_ONCE, 0) &&
	       mt_silent(task, port);
}

__s32 mt_carry(const struct mt_task *task, __u32 dest, __u32 carried)
{
	struct mt_message message;

	mt_begin(&message, dest, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, carried, MACH_MSG_TYPE_MOVE_RECEIVE);
	return mt_send_wait(task, &message, 0);
}

__u32 mt_destroyed(const struct mt_task *task, __u32 port)
{
	struct mt_message message;
	struct mt_item item;

	mt_must(mt_receive(task, port, &message, MT_LONG));
	mt_check(message.head.id == MACH_NOTIFY_PORT_DESTROYED);
	mt_check(message.head.bits ==
		 (MACH_MSGH_BITS_COMPLEX |
		  MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND_ONCE)));
	mt_check(message.head.remote_port == MACH_PORT_NULL);
	mt_check(message.head.local_port == port);
	mt_check(message.head.size == 48);
	item = mt_item(&message, 0);
	mt_check(item.desc == MACH_MSG_DESC(MACH_MSG_TYPE_PORT_RECEIVE,
					    MACH_MSG_PORT_INLINE_BITS, 1,
					    MACH_MSG_DESC_INLINE));
	return mt_right(&message, 0);
}

void mt_lag(unsigned int round)
{
	unsigned int steps = round * 61 % 64 * 1024;
	volatile unsigned int step;

	for (step = 0; step < steps; step++)
		;
}

__u32 mt_cancel(const struct mt_task *task, __u32 name, __u32 id)
{
	__u32 previous;

	mt_must(mt_request(task, name, id, 0, MACH_PORT_NULL,
			   MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	return previous;
}
