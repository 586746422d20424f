/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trace events of subsystem "mach".  Ports and tasks appear by their ids,
 * which are numbers of this module's own; no kernel address is traced.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM mach

#if !defined(MACH_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define MACH_TRACE_H

#include <linux/tracepoint.h>

DECLARE_EVENT_CLASS(mach_message,
	TP_PROTO(u64 task, u64 port, u32 id, u32 size, bool complex),
	TP_ARGS(task, port, id, size, complex),
	TP_STRUCT__entry(
		__field(u64, task)
		__field(u64, port)
		__field(u32, id)
		__field(u32, size)
		__field(bool, complex)
	),
	TP_fast_assign(
		__entry->task = task;
		__entry->port = port;
		__entry->id = id;
		__entry->size = size;
		__entry->complex = complex;
	),
	TP_printk("task=%llu port=%llu id=%u size=%u%s",
		  __entry->task, __entry->port, __entry->id, __entry->size,
		  __entry->complex ? " complex" : "")
);

#ifndef MACH_STAGES
#define MACH_STAGES
/*
 * Where a send or a receive of current is: each stage is told of when it is
 * done, but for those that say otherwise.
 */
enum mach_stage {
	MACH_STAGE_FETCHED,		/* copied in and checked */
	MACH_STAGE_HEADER_TAKEN,
	MACH_STAGE_ARRAY_READ,		/* none of its rights taken yet */
	MACH_STAGE_ITEM_TAKEN,		/* of the body */
	MACH_STAGE_BLOCKED,		/* about to sleep */
	MACH_STAGE_WOKEN,		/* does not know yet why */
	MACH_STAGE_ACCEPTED,		/* no longer the sender's */
	MACH_STAGE_RETURNING,		/* about to be given back */
	MACH_STAGE_DESTROYING,		/* about to be */
	MACH_STAGE_FOUND,		/* what to receive from */
	MACH_STAGE_HEADER_GIVEN,
	MACH_STAGE_ARRAY_MAPPED,	/* none of its rights given yet */
	MACH_STAGE_ITEM_GIVEN,		/* of the body */
	MACH_STAGE_WRITTEN,		/* copied out */
	MACH_STAGE_DONE,		/* a send or a receive */
};
#endif

/* For programs that read the format of the event. */
TRACE_DEFINE_ENUM(MACH_STAGE_FETCHED);
TRACE_DEFINE_ENUM(MACH_STAGE_HEADER_TAKEN);
TRACE_DEFINE_ENUM(MACH_STAGE_ARRAY_READ);
TRACE_DEFINE_ENUM(MACH_STAGE_ITEM_TAKEN);
TRACE_DEFINE_ENUM(MACH_STAGE_BLOCKED);
TRACE_DEFINE_ENUM(MACH_STAGE_WOKEN);
TRACE_DEFINE_ENUM(MACH_STAGE_ACCEPTED);
TRACE_DEFINE_ENUM(MACH_STAGE_RETURNING);
TRACE_DEFINE_ENUM(MACH_STAGE_DESTROYING);
TRACE_DEFINE_ENUM(MACH_STAGE_FOUND);
TRACE_DEFINE_ENUM(MACH_STAGE_HEADER_GIVEN);
TRACE_DEFINE_ENUM(MACH_STAGE_ARRAY_MAPPED);
TRACE_DEFINE_ENUM(MACH_STAGE_ITEM_GIVEN);
TRACE_DEFINE_ENUM(MACH_STAGE_WRITTEN);
TRACE_DEFINE_ENUM(MACH_STAGE_DONE);

TRACE_EVENT(mach_stage,
	TP_PROTO(u32 stage),
	TP_ARGS(stage),
	TP_STRUCT__entry(
		__field(u32, stage)
	),
	TP_fast_assign(
		__entry->stage = stage;
	),
	TP_printk("%s", __print_symbolic(__entry->stage,
			{ MACH_STAGE_FETCHED, "fetched" },
			{ MACH_STAGE_HEADER_TAKEN, "header-taken" },
			{ MACH_STAGE_ARRAY_READ, "array-read" },
			{ MACH_STAGE_ITEM_TAKEN, "item-taken" },
			{ MACH_STAGE_BLOCKED, "blocked" },
			{ MACH_STAGE_WOKEN, "woken" },
			{ MACH_STAGE_ACCEPTED, "accepted" },
			{ MACH_STAGE_RETURNING, "returning" },
			{ MACH_STAGE_DESTROYING, "destroying" },
			{ MACH_STAGE_FOUND, "found" },
			{ MACH_STAGE_HEADER_GIVEN, "header-given" },
			{ MACH_STAGE_ARRAY_MAPPED, "array-mapped" },
			{ MACH_STAGE_ITEM_GIVEN, "item-given" },
			{ MACH_STAGE_WRITTEN, "written" },
			{ MACH_STAGE_DONE, "done" }))
);/* A message was queued on a port or handed to a receiver. */
DEFINE_EVENT(mach_message, mach_send,
	TP_PROTO(u64 task, u64 port, u32 id, u32 size, bool complex),
	TP_ARGS(task, port, id, size, complex));

/* A message was taken from a port by a task. */
DEFINE_EVENT(mach_message, mach_receive,
	TP_PROTO(u64 task, u64 port, u32 id, u32 size, bool complex),
	TP_ARGS(task, port, id, size, complex));

/* A right left (in=0) or entered (in=1) a task's name space. */
TRACE_EVENT(mach_right,
	TP_PROTO(u64 task, u64 port, u32 name, u32 type, bool in),
	TP_ARGS(task, port, name, type, in),
	TP_STRUCT__entry(
		__field(u64, task)
		__field(u64, port)
		__field(u32, name)
		__field(u32, type)
		__field(bool, in)
	),
	TP_fast_assign(
		__entry->task = task;
		__entry->port = port;
		__entry->name = name;
		__entry->type = type;
		__entry->in = in;
	),
	TP_printk("task=%llu port=%llu name=%u type=%u %s",
		  __entry->task, __entry->port, __entry->name, __entry->type,
		  __entry->in ? "in" : "out")
);

/* A notification was sent to a send-once right. */
TRACE_EVENT(mach_notify,
	TP_PROTO(u64 port, u32 id),
	TP_ARGS(port, id),
	TP_STRUCT__entry(
		__field(u64, port)
		__field(u32, id)
	),
	TP_fast_assign(
		__entry->port = port;
		__entry->id = id;
	),
	TP_printk("port=%llu id=%u", __entry->port, __entry->id)
);

/* Memory was taken from a sender; the counts are pages. */
TRACE_EVENT(mach_capture,
	TP_PROTO(u64 addr, u64 len, bool move, u64 shared, u64 copied, int err),
	TP_ARGS(addr, len, move, shared, copied, err),
	TP_STRUCT__entry(
		__field(u64, addr)
		__field(u64, len)
		__field(u64, shared)
		__field(u64, copied)
		__field(int, err)
		__field(bool, move)
	),
	TP_fast_assign(
		__entry->addr = addr;
		__entry->len = len;
		__entry->shared = shared;
		__entry->copied = copied;
		__entry->err = err;
		__entry->move = move;
	),
	TP_printk("addr=%#llx len=%llu %s shared=%llu copied=%llu err=%d",
		  __entry->addr, __entry->len, __entry->move ? "move" : "copy",
		  __entry->shared, __entry->copied, __entry->err)
);

/* Memory was mapped into a receiver. */
TRACE_EVENT(mach_map,
	TP_PROTO(u64 addr, u64 len, int err),
	TP_ARGS(addr, len, err),
	TP_STRUCT__entry(
		__field(u64, addr)
		__field(u64, len)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->addr = addr;
		__entry->len = len;
		__entry->err = err;
	),
	TP_printk("addr=%#llx len=%llu err=%d",
		  __entry->addr, __entry->len, __entry->err)
);

/* A call ended with something else than success. */
TRACE_EVENT(mach_error,
	TP_PROTO(u64 task, u32 nr, int ret),
	TP_ARGS(task, nr, ret),
	TP_STRUCT__entry(
		__field(u64, task)
		__field(u32, nr)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->task = task;
		__entry->nr = nr;
		__entry->ret = ret;
	),
	TP_printk("task=%llu ioctl=%#x ret=%#x",
		  __entry->task, __entry->nr, __entry->ret)
);

#endif /* MACH_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
