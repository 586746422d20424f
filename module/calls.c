// SPDX-License-Identifier: GPL-2.0
/*
 * The table of the calls, and those about the module itself: see calls.h.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/nospec.h>

#include "calls.h"
#include "fd_calls.h"
#include "identity_calls.h"
#include "limits.h"
#include "memory_calls.h"
#include "msg.h"
#include "port_calls.h"
#include "snapshot.h"
#include "space.h"
#include "stats.h"
#include "task_calls.h"

/*
 * ---- about the module ----
 */

static int call_features(struct mach_space *space, void *data)
{
	struct mach_ioc_features *out = data;

	out->features = MACH_FEATURE_OOL_COPY | MACH_FEATURE_OOL_MOVE |
			MACH_FEATURE_ORDINARY | MACH_FEATURE_FDS |
			MACH_FEATURE_IDENTITY | MACH_FEATURE_SNAPSHOT;
	out->abi_version = MACH_ABI_VERSION;
	out->max_inline = mach_limits.max_inline;
	out->max_regions = mach_limits.max_regions;
	out->max_ports = mach_limits.max_ports;
	out->max_region_bytes = mach_limits.max_region_bytes;
	out->max_user_ports = mach_charge_limit(MACH_CHARGE_PORTS);
	out->max_user_names = mach_charge_limit(MACH_CHARGE_NAMES);
	out->max_user_bytes = mach_charge_limit(MACH_CHARGE_BYTES);
	out->max_user_pages = mach_charge_limit(MACH_CHARGE_PAGES);
	out->max_user_send_once = mach_charge_limit(MACH_CHARGE_SEND_ONCE);
	out->max_qlimit = mach_limit_qlimit();
	out->max_user_files = mach_charge_limit(MACH_CHARGE_FILES);
	return 0;
}

static int call_stats(struct mach_space *space, void *data)
{
	struct mach_ioc_stats *out = data;
	bool module = out->flags & MACH_STATS_MODULE;

	if (module && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	*out = (struct mach_ioc_stats){ .size = out->size,
					.flags = out->flags };
	mach_stats_read(module ? &mach_module_stats : &space->stats, module,
			out);
	return 0;
}

static bool is_bad_trailer(const struct mach_ioc_msg *args)
{
	if (!args->trailer)
		return args->trailer_size;
	return args->trailer_size < sizeof(struct mach_trailer);
}

static int call_msg(struct mach_space *space, void *data)
{
	if (is_bad_trailer(data))
		return -EINVAL;
	mach_msg(space, data);
	return 0;
}

/*
 * ---- the table ----
 */

#define CALL(type, function, more...)					\
	{								\
		.run = function,					\
		.size = sizeof(struct type),				\
		.first_size = sizeof(struct type),			\
		more							\
	}

/* The same for a struct that grew: @last was the last field at first. */
#define GROWN_CALL(type, last, function, more...)			\
	{								\
		.run = function,					\
		.size = sizeof(struct type),				\
		.first_size = offsetofend(struct type, last),		\
		more							\
	}

#define PAD(type)	.pad = offsetof(struct type, pad)
#define RET		.has_ret = true
#define ONLY_RET	.has_ret = true, .only_ret = true

#define NAME_CALL(function)						\
	CALL(mach_ioc_name, function, RET)
#define PORT_CALL(function)						\
	CALL(mach_ioc_port, function, RET, PAD(mach_ioc_port))
#define VALUE_CALL(function)						\
	CALL(mach_ioc_value, function, RET, PAD(mach_ioc_value))
#define FILE_CALL(function)						\
	CALL(mach_ioc_file, function, RET, PAD(mach_ioc_file))
#define SPECIAL_CALL(function)						\
	CALL(mach_ioc_special, function, RET)
/* @known: bits of flags */
#define DESCRIPTOR_CALL(function, known)				\
	CALL(mach_ioc_descriptor, function, RET,			\
	     PAD(mach_ioc_descriptor), .flags = known)
#define REGISTERED_CALL(function)					\
	CALL(mach_ioc_registered, function, RET, PAD(mach_ioc_registered))

static const struct mach_call calls[] = {
	[MACH_IOC_NR_FEATURES] =
		GROWN_CALL(mach_ioc_features, max_user_send_once, call_features,
			   PAD(mach_ioc_features)),
	[MACH_IOC_NR_STATS] = GROWN_CALL(mach_ioc_stats, live_bytes, call_stats,
					 .flags = MACH_STATS_MODULE),
	[MACH_IOC_NR_MSG] = GROWN_CALL(mach_ioc_msg, trailer_size, call_msg,
				       ONLY_RET, .flags = MACH_MSG_ORDINARY),
	[MACH_IOC_NR_MEMORY_ORDINARY] =
		CALL(mach_ioc_range, mach_call_memory_ordinary, ONLY_RET,
		     PAD(mach_ioc_range)),

	[MACH_IOC_NR_TASK_SELF] = NAME_CALL(mach_call_task_self),
	[MACH_IOC_NR_REPLY_PORT] = NAME_CALL(mach_call_reply_port),
	[MACH_IOC_NR_GET_BOOTSTRAP] = NAME_CALL(mach_call_get_bootstrap),
	[MACH_IOC_NR_SET_BOOTSTRAP] = NAME_CALL(mach_call_set_bootstrap),
	[MACH_IOC_NR_THREAD_SELF] = NAME_CALL(mach_call_thread_self),
	[MACH_IOC_NR_HOST_SELF] = NAME_CALL(mach_call_host_self),
	[MACH_IOC_NR_TASK_FOR_FILE] = FILE_CALL(mach_call_task_for_file),
	[MACH_IOC_NR_INHERIT] = FILE_CALL(mach_call_inherit),
	[MACH_IOC_NR_TASK_GET_SPECIAL] =
		SPECIAL_CALL(mach_call_task_get_special),
	[MACH_IOC_NR_TASK_SET_SPECIAL] =
		SPECIAL_CALL(mach_call_task_set_special),
	[MACH_IOC_NR_PORTS_REGISTER] =
		REGISTERED_CALL(mach_call_ports_register),
	[MACH_IOC_NR_PORTS_LOOKUP] = REGISTERED_CALL(mach_call_ports_lookup),

	[MACH_IOC_NR_PORT_ALLOCATE] = PORT_CALL(mach_call_port_allocate),
	[MACH_IOC_NR_PORT_ALLOCATE_NAME] =
		PORT_CALL(mach_call_port_allocate_name),
	[MACH_IOC_NR_PORT_DESTROY] = PORT_CALL(mach_call_port_destroy),
	[MACH_IOC_NR_PORT_DEALLOCATE] = PORT_CALL(mach_call_port_deallocate),
	[MACH_IOC_NR_PORT_GET_REFS] = PORT_CALL(mach_call_port_get_refs),
	[MACH_IOC_NR_PORT_MOD_REFS] = PORT_CALL(mach_call_port_mod_refs),
	[MACH_IOC_NR_PORT_TYPE] = PORT_CALL(mach_call_port_type),

	[MACH_IOC_NR_PORT_RENAME] = VALUE_CALL(mach_call_port_rename),
	[MACH_IOC_NR_PORT_SET_QLIMIT] = VALUE_CALL(mach_call_port_set_qlimit),
	[MACH_IOC_NR_PORT_SET_MSCOUNT] = VALUE_CALL(mach_call_port_set_mscount),
	[MACH_IOC_NR_PORT_SET_SEQNO] = VALUE_CALL(mach_call_port_set_seqno),
	[MACH_IOC_NR_PORT_MOVE_MEMBER] = VALUE_CALL(mach_call_port_move_member),
	[MACH_IOC_NR_PORT_SET_PAYLOAD] = VALUE_CALL(mach_call_port_set_payload),
	[MACH_IOC_NR_PORT_CLEAR_PAYLOAD] =
		VALUE_CALL(mach_call_port_clear_payload),
	[MACH_IOC_NR_PORT_GET_SRIGHTS] = VALUE_CALL(mach_call_port_get_srights),
	[MACH_IOC_NR_PORT_DNREQUEST_INFO] =
		VALUE_CALL(mach_call_port_dnrequest_info),

	[MACH_IOC_NR_PORT_INSERT_RIGHT] = CALL(mach_ioc_insert,
					       mach_call_port_insert_right, RET,
					       PAD(mach_ioc_insert)),
	[MACH_IOC_NR_PORT_EXTRACT_RIGHT] =
		CALL(mach_ioc_extract, mach_call_port_extract_right, RET),
	[MACH_IOC_NR_PORT_REQUEST_NOTIFICATION] =
		CALL(mach_ioc_notification, mach_call_port_request_notification,
		     RET),
	[MACH_IOC_NR_PORT_NAMES] = CALL(mach_ioc_names, mach_call_port_names,
					RET),
	[MACH_IOC_NR_PORT_GET_SET_STATUS] =
		CALL(mach_ioc_members, mach_call_port_set_status, RET,
		     PAD(mach_ioc_members)),
	[MACH_IOC_NR_PORT_GET_RECEIVE_STATUS] =
		CALL(mach_ioc_receive_status, mach_call_port_receive_status,
		     RET),

	[MACH_IOC_NR_PORT_POLL_FD] =
		DESCRIPTOR_CALL(mach_call_port_poll_fd, MACH_FD_CLOEXEC),
	[MACH_IOC_NR_FILEPORT_MAKE] =
		DESCRIPTOR_CALL(mach_call_fileport_make, 0),
	[MACH_IOC_NR_FILEPORT_FD] =
		DESCRIPTOR_CALL(mach_call_fileport_fd, MACH_FD_CLOEXEC),
	[MACH_IOC_NR_RIGHT_MAKE_FD] =
		DESCRIPTOR_CALL(mach_call_right_make_fd,
				MACH_FD_CLOEXEC | MACH_FD_MOVE),
	[MACH_IOC_NR_RIGHT_FROM_FD] =
		DESCRIPTOR_CALL(mach_call_right_from_fd, 0),
	[MACH_IOC_NR_TASK_IDENTITY] =
		CALL(mach_ioc_identity, mach_call_task_identity, RET,
		     PAD(mach_ioc_identity)),
	[MACH_IOC_NR_TASK_CONFIRM] =
		CALL(mach_ioc_confirm, mach_call_task_confirm, ONLY_RET),
	[MACH_IOC_NR_SNAPSHOT] = CALL(mach_ioc_snapshot, mach_call_snapshot,
				      RET, .flags = MACH_SNAPSHOT_ALL),
};

const struct mach_call *mach_call_find(u32 nr)
{
	if (nr >= ARRAY_SIZE(calls))
		return NULL;
	nr = array_index_nospec(nr, ARRAY_SIZE(calls));
	return calls[nr].run ? &calls[nr] : NULL;
}
