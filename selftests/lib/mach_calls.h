/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The port calls that mach_test.h does not have: one function per ioctl, and
 * messages with out-of-line arrays of rights.
 *
 * As there: __s32 is Mach's result, a failing ioctl ends the process, and
 * task->self is the task that a call works on.
 */
#ifndef MACH_CALLS_H
#define MACH_CALLS_H

#include "mach_test.h"

/* ---- name space ---- */

__s32 mt_allocate_name(const struct mt_task *task, __u32 right, __u32 name);
__s32 mt_rename(const struct mt_task *task, __u32 name, __u32 new_name);
/* At most @capacity of each are written; @count is how many there are. */
__s32 mt_names(const struct mt_task *task, __u32 *names, __u32 *types,
	       __u32 capacity, __u32 *count);
__s32 mt_extract(const struct mt_task *task, __u32 name, __u32 disposition,
		 __u32 *poly, __u32 *poly_type);
/* A new, empty port set. */
__u32 mt_set(const struct mt_task *task);

/* ---- receive rights ---- */

__s32 mt_receive_status(const struct mt_task *task, __u32 name,
			struct mach_ioc_receive_status *status);
/* The same of a name that must be a receive right. */
struct mach_ioc_receive_status mt_status(const struct mt_task *task,
					 __u32 name);
__s32 mt_set_qlimit(const struct mt_task *task, __u32 name, __u64 qlimit);
__s32 mt_set_mscount(const struct mt_task *task, __u32 name, __u64 mscount);
__s32 mt_set_seqno(const struct mt_task *task, __u32 name, __u64 seqno);
__s32 mt_set_payload(const struct mt_task *task, __u32 name, __u64 payload);
__s32 mt_clear_payload(const struct mt_task *task, __u32 name);
__s32 mt_srights(const struct mt_task *task, __u32 name, __u64 *count);
__s32 mt_dnrequests(const struct mt_task *task, __u32 name, __u64 *count);

/* ---- port sets ---- */

__s32 mt_move_member(const struct mt_task *task, __u32 member, __u32 after);
/* The members of @set: at most @capacity are written. */
__s32 mt_set_members(const struct mt_task *task, __u32 set, __u32 *members,
		     __u32 capacity, __u32 *count);

/* ---- tasks ---- */

/* Always pass MACH_TASK_PORT_REGISTER_MAX ports; @count may lie. */
__s32 mt_register(const struct mt_task *task,
		  const __u32 ports[MACH_TASK_PORT_REGISTER_MAX], __u32 count);
__s32 mt_lookup(const struct mt_task *task,
		__u32 ports[MACH_TASK_PORT_REGISTER_MAX], __u32 *count);
__s32 mt_get_special(const struct mt_task *task, __u32 which, __u32 *name);
__s32 mt_set_special(const struct mt_task *task, __u32 which, __u32 name);
/* @fd is another task's file; these two must not fail as an ioctl. */
__s32 mt_task_for_file(const struct mt_task *task, int fd, __u32 *name);
__s32 mt_inherit(const struct mt_task *task, int fd);
/* One more send right each; end the process when they fail. */
__u32 mt_task_self(const struct mt_task *task);
__u32 mt_thread_self(const struct mt_task *task);
__u32 mt_host_self(const struct mt_task *task);

/* ---- messages ---- */

/*
 * An out-of-line array of @number rights of one disposition.  @names is read
 * when the message is sent.  @flags: MACH_MSG_DESC_DEALLOCATE and the like.
 */
void mt_put_rights_array(struct mt_message *message, const __u32 *names,
			 __u32 number, __u32 disposition, __u64 flags);
/* The received array of item @index, which has at least @number rights. */
const __u32 *mt_rights_array(struct mt_message *message, unsigned int index,
			     __u32 number);
/* Frees the memory of the array in item @index. */
void mt_free_array(struct mt_message *message, unsigned int index);

#endif /* MACH_CALLS_H */
