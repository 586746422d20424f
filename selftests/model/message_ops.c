// SPDX-License-Identifier: GPL-2.0
/*
 * The steps of the walk that are mach_msg: send, receive, both, neither.
 */
#include <string.h>
#include <sys/mman.h>

#include "ops.h"

/* ---- choosing ---- */

bool choose_send(struct walk *w, struct walk_op *op)
{
	op->task = pick_task(w);
	op->sends = true;
	compose(w, op->task, &op->send);
	walk_say(w, " task %d", op->task);
	compose_say(w, &op->send);
	return true;
}

/* Room that is too small, for exactly this message or for any. */
static __u32 small_room(struct walk *w, __u32 size)
{
	__u32 rooms[] = { 0, 31, 32, 40, size - 8, size - 1, size };

	return rooms[pick_below(w, sizeof(rooms) / sizeof(rooms[0]))];
}

static void choose_room(struct walk *w, struct walk_op *op)
{
	struct m_receive_plan *plan = &op->receive;
	struct m_choice choice;

	plan->room = M_ROOM;
	if (m_look(&w->m, op->task, plan->name, &choice) != MACH_MSG_SUCCESS)
		return;
	if (pick_chance(w, 8))
		plan->option |= MACH_RCV_NOTIFY;
	plan->notify = pick_exact(w, op->task, MACH_PORT_TYPE_RECEIVE);
	/*
	 * A message that is destroyed unseen must be the only one possible,
	 * or nobody could tell which one it was.
	 */
	if (!(plan->option & MACH_RCV_LARGE) && choice.count > 1)
		return;
	if (pick_chance(w, 12))
		plan->room = small_room(w,
			w->m.message[choice.message[0]].size);
	if (choice.count == 1 && pick_chance(w, 5))
		plan->notify = pick_name(w, op->task, ~0U);
}

bool choose_receive(struct walk *w, struct walk_op *op)
{
	struct m_receive_plan *plan = &op->receive;

	op->task = pick_task(w);
	op->receives = true;
	plan->option = MACH_RCV_MSG | MACH_RCV_TIMEOUT;
	if (pick_chance(w, 20))
		plan->option |= MACH_RCV_LARGE;
	plan->name = pick_full(w, op->task);
	if (plan->name == MACH_PORT_NULL && !pick_chance(w, 10))
		return false;
	if (plan->name == MACH_PORT_NULL || pick_chance(w, 3))
		plan->name = pick_name(w, op->task, MACH_PORT_TYPE_RECEIVE |
						    MACH_PORT_TYPE_PORT_SET);
	choose_room(w, op);
	walk_say(w, " task %d receive on %#x room %u%s", op->task, plan->name,
		 plan->room, plan->option & MACH_RCV_LARGE ? " LARGE" : "");
	if (plan->option & MACH_RCV_NOTIFY)
		walk_say(w, " NOTIFY %#x", plan->notify);
	return true;
}

/* The argument notify is one for both halves. */
bool choose_both(struct walk *w, struct walk_op *op)
{
	struct m_receive_plan *plan = &op->receive;

	choose_send(w, op);
	op->receives = true;
	plan->option = MACH_RCV_MSG | MACH_RCV_TIMEOUT;
	plan->name = pick_chance(w, 50) ? pick_full(w, op->task) :
		pick_name(w, op->task, MACH_PORT_TYPE_RECEIVE |
				       MACH_PORT_TYPE_PORT_SET);
	plan->room = M_ROOM;
	plan->notify = op->send.notify;
	walk_say(w, ", receive on %#x", plan->name);
	return true;
}

bool choose_nothing(struct walk *w, struct walk_op *op)
{
	op->task = pick_task(w);
	compose(w, op->task, &op->send);
	op->send.option &= ~MACH_SEND_MSG;
	return true;
}

/* ---- doing ---- */

static __u8 buffer[M_ROOM] __attribute__((aligned(8)));
static __u8 before[M_ROOM] __attribute__((aligned(8)));

static __s32 call(struct walk *w, const struct walk_op *op)
{
	struct mach_ioc_msg call = {
		.size = sizeof(call),
		.ret = MT_NO_RESULT,
		.option = op->send.option | op->receive.option,
		.msg = (unsigned long)buffer,
		.send_size = op->send.size,
		.rcv_size = op->receive.room,
		.rcv_name = op->receive.name,
		.notify = op->sends ? op->send.notify : op->receive.notify,
	};

	memcpy(before, buffer, M_ROOM);
	walk_ioctl(w, op->task, MACH_IOC_MSG, &call);
	return call.ret;
}

/* The module has written nothing from @from on. */
static void expect_untouched(struct walk *w, __u32 from)
{
	__u32 i;

	if (from > M_ROOM)
		m_differs(&w->m, "size %u", from);
	if (!memcmp(buffer + from, before + from, M_ROOM - from))
		return;
	for (i = from; buffer[i] == before[i]; i++)
		;
	m_differs(&w->m, "byte %u of the buffer was written", i);
}

static bool is_gone(const void *page)
{
	unsigned char vector[16];

	return mincore((void *)page, MT_PAGE, vector) != 0;
}

/* Moved memory has left; what has not is ours to free. */
static void settle_memory(struct walk *w, const struct compose_memory *memory,
			  short taken)
{
	short i;

	for (i = 0; i < M_ITEMS; i++) {
		if (!memory->page[i])
			continue;
		if (is_gone(memory->page[i]) != (i < taken))
			m_differs(&w->m, "memory of item %d is %s", i,
				  i < taken ? "still there" : "gone");
		if (i >= taken)
			munmap(memory->page[i], memory->bytes[i]);
	}
}

static void finish_receive(struct walk *w, const struct walk_op *op,
			   __s32 ret)
{
	const struct mach_wire_header *head = (const void *)buffer;
	__u32 room = op->receive.room;

	switch (ret) {
	case MACH_MSG_SUCCESS:
		expect_untouched(w, head->size);
		compose_unmap(buffer);
		break;
	case MACH_RCV_TOO_LARGE:
	case MACH_RCV_INVALID_NOTIFY:
		if (room < sizeof(*head))
			;
		else if (op->receive.option & MACH_RCV_LARGE &&
			 ret == MACH_RCV_TOO_LARGE)
			memcpy(before + 4, &head->size, sizeof(head->size));
		else
			memcpy(before, buffer, sizeof(*head));
		expect_untouched(w, 0);
		break;
	default:
		expect_untouched(w, 0);
	}
}

static void finish_send(struct walk *w, const struct m_result *result)
{
	const struct mach_wire_header *head = (const void *)buffer;

	if (result->returned) {
		expect_untouched(w, head->size);
		compose_unmap(buffer);
	} else {
		expect_untouched(w, 0);
	}
}

static __s32 run_send(struct walk *w, struct walk_op *op)
{
	struct compose_memory memory;
	struct m_result result;
	__s32 ret;

	compose_bytes(w, &op->send, &memory, buffer);
	ret = call(w, op);
	result = m_send(&w->m, op->task, &op->send, buffer);
	if (op->receives && result.ret == MACH_MSG_SUCCESS) {
		m_receive(&w->m, op->task, &op->receive, ret, buffer);
		finish_receive(w, op, ret);
	} else {
		if (ret != result.ret && ret != result.also)
			walk_expect(w, "result", (__u32)ret,
				    (__u32)result.ret);
		finish_send(w, &result);
	}
	settle_memory(w, &memory, result.taken);
	return ret;
}

__s32 run_message(struct walk *w, struct walk_op *op)
{
	__s32 ret;

	if (op->sends)
		return run_send(w, op);
	memset(buffer, MT_POISON, M_ROOM);
	ret = call(w, op);
	m_receive(&w->m, op->task, &op->receive, ret, buffer);
	finish_receive(w, op, ret);
	return ret;
}

__s32 run_nothing(struct walk *w, struct walk_op *op)
{
	struct compose_memory memory;
	__s32 ret;

	compose_bytes(w, &op->send, &memory, buffer);
	ret = call(w, op);
	walk_expect(w, "result", (__u32)ret, MACH_MSG_SUCCESS);
	expect_untouched(w, 0);
	settle_memory(w, &memory, 0);
	return ret;
}
