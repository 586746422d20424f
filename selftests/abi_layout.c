// SPDX-License-Identifier: GPL-2.0
/*
 * The binary interface does not move: sizes and offsets of every struct of
 * <linux/mach.h> and of libmach, the bits of a descriptor and the values of
 * all constants are those of GNU Mach's x86-64 user ABI (spec 1).
 *
 * The values are written here as numbers on purpose.
 */
#include <mach/mach.h>
#include <stddef.h>
#include <string.h>

#include "kselftest_harness.h"

#define AT(type, field, offset) \
	EXPECT_EQ((size_t)(offset), offsetof(type, field))

TEST(ioctl_numbers)
{
	EXPECT_EQ(0xd400UL, (unsigned long)MACH_IOC_VERSION);
	EXPECT_EQ(0xd401UL, (unsigned long)MACH_IOC_FEATURES);
	EXPECT_EQ(0xd402UL, (unsigned long)MACH_IOC_STATS);
	EXPECT_EQ(0xd408UL, (unsigned long)MACH_IOC_MSG);
	EXPECT_EQ(0xd410UL, (unsigned long)MACH_IOC_TASK_SELF);
	EXPECT_EQ(0xd411UL, (unsigned long)MACH_IOC_REPLY_PORT);
	EXPECT_EQ(0xd412UL, (unsigned long)MACH_IOC_GET_BOOTSTRAP);
	EXPECT_EQ(0xd413UL, (unsigned long)MACH_IOC_SET_BOOTSTRAP);
	EXPECT_EQ(0xd414UL, (unsigned long)MACH_IOC_THREAD_SELF);
	EXPECT_EQ(0xd415UL, (unsigned long)MACH_IOC_HOST_SELF);
	EXPECT_EQ(0xd416UL, (unsigned long)MACH_IOC_TASK_FOR_FILE);
	EXPECT_EQ(0xd417UL, (unsigned long)MACH_IOC_INHERIT);
	EXPECT_EQ(0xd418UL, (unsigned long)MACH_IOC_TASK_GET_SPECIAL);
	EXPECT_EQ(0xd419UL, (unsigned long)MACH_IOC_TASK_SET_SPECIAL);
	EXPECT_EQ(0xd41aUL, (unsigned long)MACH_IOC_PORTS_REGISTER);
	EXPECT_EQ(0xd41bUL, (unsigned long)MACH_IOC_PORTS_LOOKUP);
	EXPECT_EQ(0xd420UL, (unsigned long)MACH_IOC_PORT_ALLOCATE);
	EXPECT_EQ(0xd421UL, (unsigned long)MACH_IOC_PORT_DESTROY);
	EXPECT_EQ(0xd422UL, (unsigned long)MACH_IOC_PORT_DEALLOCATE);
	EXPECT_EQ(0xd423UL, (unsigned long)MACH_IOC_PORT_GET_REFS);
	EXPECT_EQ(0xd424UL, (unsigned long)MACH_IOC_PORT_MOD_REFS);
	EXPECT_EQ(0xd425UL, (unsigned long)MACH_IOC_PORT_TYPE);
	EXPECT_EQ(0xd426UL, (unsigned long)MACH_IOC_PORT_INSERT_RIGHT);
	EXPECT_EQ(0xd427UL, (unsigned long)MACH_IOC_PORT_REQUEST_NOTIFICATION);
	EXPECT_EQ(0xd428UL, (unsigned long)MACH_IOC_PORT_ALLOCATE_NAME);
	EXPECT_EQ(0xd429UL, (unsigned long)MACH_IOC_PORT_RENAME);
	EXPECT_EQ(0xd42aUL, (unsigned long)MACH_IOC_PORT_NAMES);
	EXPECT_EQ(0xd42bUL, (unsigned long)MACH_IOC_PORT_EXTRACT_RIGHT);
	EXPECT_EQ(0xd42cUL, (unsigned long)MACH_IOC_PORT_GET_RECEIVE_STATUS);
	EXPECT_EQ(0xd42dUL, (unsigned long)MACH_IOC_PORT_SET_QLIMIT);
	EXPECT_EQ(0xd42eUL, (unsigned long)MACH_IOC_PORT_SET_MSCOUNT);
	EXPECT_EQ(0xd42fUL, (unsigned long)MACH_IOC_PORT_SET_SEQNO);
	EXPECT_EQ(0xd430UL, (unsigned long)MACH_IOC_PORT_MOVE_MEMBER);
	EXPECT_EQ(0xd431UL, (unsigned long)MACH_IOC_PORT_GET_SET_STATUS);
	EXPECT_EQ(0xd432UL, (unsigned long)MACH_IOC_PORT_SET_PAYLOAD);
	EXPECT_EQ(0xd433UL, (unsigned long)MACH_IOC_PORT_CLEAR_PAYLOAD);
	EXPECT_EQ(0xd434UL, (unsigned long)MACH_IOC_PORT_GET_SRIGHTS);
	EXPECT_EQ(0xd435UL, (unsigned long)MACH_IOC_PORT_DNREQUEST_INFO);
	EXPECT_EQ(0xd440UL, (unsigned long)MACH_IOC_PORT_POLL_FD);
	EXPECT_EQ(0xd441UL, (unsigned long)MACH_IOC_FILEPORT_MAKE);
	EXPECT_EQ(0xd442UL, (unsigned long)MACH_IOC_FILEPORT_FD);
	EXPECT_EQ(0xd443UL, (unsigned long)MACH_IOC_RIGHT_MAKE_FD);
	EXPECT_EQ(0xd444UL, (unsigned long)MACH_IOC_RIGHT_FROM_FD);
	EXPECT_EQ(0xd448UL, (unsigned long)MACH_IOC_TASK_IDENTITY);
	EXPECT_EQ(0xd449UL, (unsigned long)MACH_IOC_TASK_CONFIRM);
	EXPECT_EQ(0xd44aUL, (unsigned long)MACH_IOC_SNAPSHOT);
	EXPECT_EQ(1, MACH_ABI_VERSION);
}

TEST(ioctl_features)
{
	EXPECT_EQ(96UL, sizeof(struct mach_ioc_features));
	AT(struct mach_ioc_features, size, 0);
	AT(struct mach_ioc_features, flags, 4);
	AT(struct mach_ioc_features, features, 8);
	AT(struct mach_ioc_features, abi_version, 16);
	AT(struct mach_ioc_features, max_inline, 20);
	AT(struct mach_ioc_features, max_regions, 24);
	AT(struct mach_ioc_features, max_ports, 28);
	AT(struct mach_ioc_features, max_region_bytes, 32);
	AT(struct mach_ioc_features, max_user_ports, 40);
	AT(struct mach_ioc_features, max_user_names, 48);
	AT(struct mach_ioc_features, max_user_bytes, 56);
	AT(struct mach_ioc_features, max_user_pages, 64);
	AT(struct mach_ioc_features, max_user_send_once, 72);
	AT(struct mach_ioc_features, max_qlimit, 80);
	AT(struct mach_ioc_features, pad, 84);
	AT(struct mach_ioc_features, max_user_files, 88);
}

TEST(ioctl_stats)
{
	EXPECT_EQ(264UL, sizeof(struct mach_ioc_stats));
	AT(struct mach_ioc_stats, flags, 4);
	AT(struct mach_ioc_stats, messages_sent, 8);
	AT(struct mach_ioc_stats, messages_received, 16);
	AT(struct mach_ioc_stats, pages_shared, 24);
	AT(struct mach_ioc_stats, pages_moved, 32);
	AT(struct mach_ioc_stats, pages_hole, 40);
	AT(struct mach_ioc_stats, pages_copied, 48);
	AT(struct mach_ioc_stats, live_tasks, 176);
	AT(struct mach_ioc_stats, live_ports, 184);
	AT(struct mach_ioc_stats, live_names, 192);
	AT(struct mach_ioc_stats, live_messages, 200);
	AT(struct mach_ioc_stats, live_requests, 208);
	AT(struct mach_ioc_stats, live_objects, 216);
	AT(struct mach_ioc_stats, live_regions, 224);
	AT(struct mach_ioc_stats, live_pages, 232);
	AT(struct mach_ioc_stats, live_bytes, 240);
	AT(struct mach_ioc_stats, live_sets, 248);
	AT(struct mach_ioc_stats, live_files, 256);
}

TEST(ioctl_msg)
{
	EXPECT_EQ(56UL, sizeof(struct mach_ioc_msg));
	AT(struct mach_ioc_msg, size, 0);
	AT(struct mach_ioc_msg, flags, 4);
	AT(struct mach_ioc_msg, ret, 8);
	AT(struct mach_ioc_msg, option, 12);
	AT(struct mach_ioc_msg, msg, 16);
	AT(struct mach_ioc_msg, send_size, 24);
	AT(struct mach_ioc_msg, rcv_size, 28);
	AT(struct mach_ioc_msg, rcv_name, 32);
	AT(struct mach_ioc_msg, timeout, 36);
	AT(struct mach_ioc_msg, notify, 40);
	AT(struct mach_ioc_msg, trailer_size, 44);
	AT(struct mach_ioc_msg, trailer, 48);

	EXPECT_EQ(32UL, sizeof(struct mach_trailer));
	AT(struct mach_trailer, size, 0);
	AT(struct mach_trailer, flags, 4);
	AT(struct mach_trailer, task_id, 8);
	AT(struct mach_trailer, pid, 16);
	AT(struct mach_trailer, uid, 20);
	AT(struct mach_trailer, gid, 24);
	AT(struct mach_trailer, pad, 28);
}

TEST(ioctl_identity)
{
	EXPECT_EQ(40UL, sizeof(struct mach_ioc_identity));
	AT(struct mach_ioc_identity, ret, 8);
	AT(struct mach_ioc_identity, task, 12);
	AT(struct mach_ioc_identity, task_id, 16);
	AT(struct mach_ioc_identity, pid, 24);
	AT(struct mach_ioc_identity, uid, 28);
	AT(struct mach_ioc_identity, gid, 32);
	AT(struct mach_ioc_identity, pad, 36);

	EXPECT_EQ(24UL, sizeof(struct mach_ioc_confirm));
	AT(struct mach_ioc_confirm, ret, 8);
	AT(struct mach_ioc_confirm, pid, 12);
	AT(struct mach_ioc_confirm, task_id, 16);

	EXPECT_EQ(40UL, sizeof(struct mach_ioc_snapshot));
	AT(struct mach_ioc_snapshot, ret, 8);
	AT(struct mach_ioc_snapshot, task, 12);
	AT(struct mach_ioc_snapshot, buffer, 16);
	AT(struct mach_ioc_snapshot, length, 24);
	AT(struct mach_ioc_snapshot, needed, 32);
}

TEST(snapshot_task_and_name)
{
	EXPECT_EQ(8UL, sizeof(struct mach_snapshot_record));
	EXPECT_EQ(104UL, sizeof(struct mach_snapshot_task));
	AT(struct mach_snapshot_task, id, 8);
	AT(struct mach_snapshot_task, port, 16);
	AT(struct mach_snapshot_task, pid, 24);
	AT(struct mach_snapshot_task, uid, 28);
	AT(struct mach_snapshot_task, gid, 32);
	AT(struct mach_snapshot_task, names, 36);
	AT(struct mach_snapshot_task, account, 40);
	AT(struct mach_snapshot_task, pad, 44);
	AT(struct mach_snapshot_task, user_ports, 48);
	AT(struct mach_snapshot_task, user_names, 56);
	AT(struct mach_snapshot_task, user_bytes, 64);
	AT(struct mach_snapshot_task, user_pages, 72);
	AT(struct mach_snapshot_task, user_send_once, 80);
	AT(struct mach_snapshot_task, comm, 88);

	EXPECT_EQ(48UL, sizeof(struct mach_snapshot_name));
	AT(struct mach_snapshot_name, task, 8);
	AT(struct mach_snapshot_name, name, 16);
	AT(struct mach_snapshot_name, type, 20);
	AT(struct mach_snapshot_name, urefs, 24);
	AT(struct mach_snapshot_name, pad, 28);
	AT(struct mach_snapshot_name, object, 32);
	AT(struct mach_snapshot_name, request, 40);
}

TEST(snapshot_port)
{
	EXPECT_EQ(104UL, sizeof(struct mach_snapshot_port));
	AT(struct mach_snapshot_port, id, 8);
	AT(struct mach_snapshot_port, object, 16);
	AT(struct mach_snapshot_port, state, 20);
	AT(struct mach_snapshot_port, flags, 24);
	AT(struct mach_snapshot_port, name, 28);
	AT(struct mach_snapshot_port, holder, 32);
	AT(struct mach_snapshot_port, seqno, 40);
	AT(struct mach_snapshot_port, mscount, 44);
	AT(struct mach_snapshot_port, qlimit, 48);
	AT(struct mach_snapshot_port, msgcount, 52);
	AT(struct mach_snapshot_port, blocked, 56);
	AT(struct mach_snapshot_port, srights, 60);
	AT(struct mach_snapshot_port, sorights, 64);
	AT(struct mach_snapshot_port, dead_name_requests, 68);
	AT(struct mach_snapshot_port, set, 72);
	AT(struct mach_snapshot_port, payload, 80);
	AT(struct mach_snapshot_port, no_senders, 88);
	AT(struct mach_snapshot_port, port_destroyed, 96);

	EXPECT_EQ(32UL, sizeof(struct mach_snapshot_set));
	AT(struct mach_snapshot_set, id, 8);
	AT(struct mach_snapshot_set, task, 16);
	AT(struct mach_snapshot_set, name, 24);
	AT(struct mach_snapshot_set, members, 28);
}

TEST(snapshot_message)
{
	EXPECT_EQ(48UL, sizeof(struct mach_snapshot_message));
	AT(struct mach_snapshot_message, port, 8);
	AT(struct mach_snapshot_message, sender, 16);
	AT(struct mach_snapshot_message, index, 24);
	AT(struct mach_snapshot_message, id, 28);
	AT(struct mach_snapshot_message, bytes, 32);
	AT(struct mach_snapshot_message, dest, 36);
	AT(struct mach_snapshot_message, flags, 40);
	AT(struct mach_snapshot_message, pad, 44);

	EXPECT_EQ(40UL, sizeof(struct mach_snapshot_right));
	AT(struct mach_snapshot_right, port, 8);
	AT(struct mach_snapshot_right, holder, 16);
	AT(struct mach_snapshot_right, where, 24);
	AT(struct mach_snapshot_right, type, 28);
	AT(struct mach_snapshot_right, index, 32);
	AT(struct mach_snapshot_right, slot, 36);

	EXPECT_EQ(40UL, sizeof(struct mach_snapshot_memory));
	AT(struct mach_snapshot_memory, port, 8);
	AT(struct mach_snapshot_memory, index, 16);
	AT(struct mach_snapshot_memory, slot, 20);
	AT(struct mach_snapshot_memory, bytes, 24);
	AT(struct mach_snapshot_memory, pages, 32);
}

TEST(ioctl_range)
{
	EXPECT_EQ(32UL, sizeof(struct mach_ioc_range));
	AT(struct mach_ioc_range, size, 0);
	AT(struct mach_ioc_range, flags, 4);
	AT(struct mach_ioc_range, ret, 8);
	AT(struct mach_ioc_range, pad, 12);
	AT(struct mach_ioc_range, address, 16);
	AT(struct mach_ioc_range, length, 24);
}

TEST(ioctl_calls)
{
	EXPECT_EQ(16UL, sizeof(struct mach_ioc_name));
	AT(struct mach_ioc_name, ret, 8);
	AT(struct mach_ioc_name, name, 12);

	EXPECT_EQ(40UL, sizeof(struct mach_ioc_port));
	AT(struct mach_ioc_port, ret, 8);
	AT(struct mach_ioc_port, task, 12);
	AT(struct mach_ioc_port, name, 16);
	AT(struct mach_ioc_port, right, 20);
	AT(struct mach_ioc_port, delta, 24);
	AT(struct mach_ioc_port, refs, 28);
	AT(struct mach_ioc_port, type, 32);
	AT(struct mach_ioc_port, pad, 36);

	EXPECT_EQ(32UL, sizeof(struct mach_ioc_insert));
	AT(struct mach_ioc_insert, task, 12);
	AT(struct mach_ioc_insert, name, 16);
	AT(struct mach_ioc_insert, poly, 20);
	AT(struct mach_ioc_insert, poly_type, 24);
	AT(struct mach_ioc_insert, pad, 28);

	EXPECT_EQ(40UL, sizeof(struct mach_ioc_notification));
	AT(struct mach_ioc_notification, task, 12);
	AT(struct mach_ioc_notification, name, 16);
	AT(struct mach_ioc_notification, id, 20);
	AT(struct mach_ioc_notification, sync, 24);
	AT(struct mach_ioc_notification, notify, 28);
	AT(struct mach_ioc_notification, notify_type, 32);
	AT(struct mach_ioc_notification, previous, 36);
}

TEST(ioctl_task_calls)
{
	EXPECT_EQ(24UL, sizeof(struct mach_ioc_file));
	AT(struct mach_ioc_file, ret, 8);
	AT(struct mach_ioc_file, fd, 12);
	AT(struct mach_ioc_file, name, 16);
	AT(struct mach_ioc_file, pad, 20);

	EXPECT_EQ(24UL, sizeof(struct mach_ioc_special));
	AT(struct mach_ioc_special, ret, 8);
	AT(struct mach_ioc_special, task, 12);
	AT(struct mach_ioc_special, which, 16);
	AT(struct mach_ioc_special, name, 20);

	EXPECT_EQ(40UL, sizeof(struct mach_ioc_registered));
	AT(struct mach_ioc_registered, ret, 8);
	AT(struct mach_ioc_registered, task, 12);
	AT(struct mach_ioc_registered, ports, 16);
	AT(struct mach_ioc_registered, count, 32);
	AT(struct mach_ioc_registered, pad, 36);
}

TEST(ioctl_port_calls)
{
	EXPECT_EQ(32UL, sizeof(struct mach_ioc_value));
	AT(struct mach_ioc_value, ret, 8);
	AT(struct mach_ioc_value, task, 12);
	AT(struct mach_ioc_value, name, 16);
	AT(struct mach_ioc_value, pad, 20);
	AT(struct mach_ioc_value, value, 24);

	EXPECT_EQ(40UL, sizeof(struct mach_ioc_names));
	AT(struct mach_ioc_names, task, 12);
	AT(struct mach_ioc_names, names, 16);
	AT(struct mach_ioc_names, types, 24);
	AT(struct mach_ioc_names, capacity, 32);
	AT(struct mach_ioc_names, count, 36);

	EXPECT_EQ(40UL, sizeof(struct mach_ioc_members));
	AT(struct mach_ioc_members, task, 12);
	AT(struct mach_ioc_members, members, 16);
	AT(struct mach_ioc_members, name, 24);
	AT(struct mach_ioc_members, capacity, 28);
	AT(struct mach_ioc_members, count, 32);
	AT(struct mach_ioc_members, pad, 36);

	EXPECT_EQ(32UL, sizeof(struct mach_ioc_extract));
	AT(struct mach_ioc_extract, task, 12);
	AT(struct mach_ioc_extract, name, 16);
	AT(struct mach_ioc_extract, disposition, 20);
	AT(struct mach_ioc_extract, poly, 24);
	AT(struct mach_ioc_extract, poly_type, 28);
}

TEST(ioctl_descriptor)
{
	EXPECT_EQ(24UL, sizeof(struct mach_ioc_descriptor));
	AT(struct mach_ioc_descriptor, flags, 4);
	AT(struct mach_ioc_descriptor, ret, 8);
	AT(struct mach_ioc_descriptor, name, 12);
	AT(struct mach_ioc_descriptor, fd, 16);
	AT(struct mach_ioc_descriptor, pad, 20);
	EXPECT_EQ(1, MACH_FD_CLOEXEC);
	EXPECT_EQ(2, MACH_FD_MOVE);
}

/* Behind the name it is GNU Mach's mach_port_status_t. */
TEST(ioctl_receive_status)
{
	EXPECT_EQ(56UL, sizeof(struct mach_ioc_receive_status));
	AT(struct mach_ioc_receive_status, task, 12);
	AT(struct mach_ioc_receive_status, name, 16);
	AT(struct mach_ioc_receive_status, pset, 20);
	AT(struct mach_ioc_receive_status, seqno, 24);
	AT(struct mach_ioc_receive_status, mscount, 28);
	AT(struct mach_ioc_receive_status, qlimit, 32);
	AT(struct mach_ioc_receive_status, msgcount, 36);
	AT(struct mach_ioc_receive_status, sorights, 40);
	AT(struct mach_ioc_receive_status, srights, 44);
	AT(struct mach_ioc_receive_status, pdrequest, 48);
	AT(struct mach_ioc_receive_status, nsrequest, 52);
}

TEST(S1_1_scalar_sizes)
{
	EXPECT_EQ(4UL, sizeof(natural_t));
	EXPECT_EQ(4UL, sizeof(integer_t));
	EXPECT_EQ(4UL, sizeof(boolean_t));
	EXPECT_EQ(4UL, sizeof(kern_return_t));
	EXPECT_EQ(4UL, sizeof(mach_msg_return_t));
	EXPECT_EQ(4UL, sizeof(mach_msg_option_t));
	EXPECT_EQ(4UL, sizeof(mach_msg_timeout_t));
	EXPECT_EQ(4UL, sizeof(mach_port_t));
	EXPECT_EQ(4UL, sizeof(mach_port_name_t));
	EXPECT_EQ(4UL, sizeof(mach_msg_bits_t));
	EXPECT_EQ(4UL, sizeof(mach_msg_size_t));
	EXPECT_EQ(4UL, sizeof(mach_msg_id_t));
	EXPECT_EQ(4UL, sizeof(mach_port_seqno_t));
	EXPECT_EQ(4UL, sizeof(mach_port_mscount_t));
	EXPECT_EQ(4UL, sizeof(mach_port_urefs_t));
	EXPECT_EQ(4UL, sizeof(mach_port_delta_t));
	EXPECT_EQ(4UL, sizeof(mach_port_type_t));
	EXPECT_EQ(4UL, sizeof(mach_port_right_t));
	EXPECT_EQ(4UL, sizeof(mach_msg_type_number_t));
	EXPECT_EQ(8UL, sizeof(vm_offset_t));
	EXPECT_EQ(8UL, sizeof(vm_address_t));
	EXPECT_EQ(8UL, sizeof(vm_size_t));
	EXPECT_EQ(36UL, sizeof(mach_port_status_t));
}

TEST(S1_2_header)
{
	EXPECT_EQ(32UL, sizeof(struct mach_wire_header));
	EXPECT_EQ(32UL, sizeof(mach_msg_header_t));
	EXPECT_EQ(8UL, _Alignof(mach_msg_header_t));
	AT(mach_msg_header_t, msgh_bits, 0);
	AT(mach_msg_header_t, msgh_size, 4);
	AT(mach_msg_header_t, msgh_remote_port, 8);
	AT(mach_msg_header_t, msgh_local_port, 16);
	AT(mach_msg_header_t, msgh_protected_payload, 16);
	AT(mach_msg_header_t, msgh_seqno, 24);
	AT(mach_msg_header_t, msgh_id, 28);
	AT(struct mach_wire_header, bits, 0);
	AT(struct mach_wire_header, size, 4);
	AT(struct mach_wire_header, remote_port, 8);
	AT(struct mach_wire_header, local_port, 16);
	AT(struct mach_wire_header, seqno, 24);
	AT(struct mach_wire_header, id, 28);
}

static unsigned long word_of(mach_msg_type_t type)
{
	unsigned long word;

	memcpy(&word, &type, sizeof(word));
	return word;
}

TEST(S1_3_descriptor)
{
	mach_msg_type_long_t longform = { .msgtl_name = 11, .msgtl_number = 7 };

	EXPECT_EQ(8UL, sizeof(mach_msg_type_t));
	EXPECT_EQ(8UL, sizeof(mach_msg_type_long_t));
	EXPECT_EQ(8UL, _Alignof(mach_msg_type_t));
	EXPECT_EQ(0x00000000000000ffUL,
		  word_of((mach_msg_type_t){ .msgt_name = 0xff }));
	EXPECT_EQ(0x0000000000ffff00UL,
		  word_of((mach_msg_type_t){ .msgt_size = 0xffff }));
	EXPECT_EQ(0x000000001f000000UL,
		  word_of((mach_msg_type_t){ .msgt_unused = 0x1f }));
	EXPECT_EQ(0x0000000020000000UL,
		  word_of((mach_msg_type_t){ .msgt_inline = 1 }));
	EXPECT_EQ(0x0000000040000000UL,
		  word_of((mach_msg_type_t){ .msgt_longform = 1 }));
	EXPECT_EQ(0x0000000080000000UL,
		  word_of((mach_msg_type_t){ .msgt_deallocate = 1 }));
	EXPECT_EQ(0xffffffff00000000UL,
		  word_of((mach_msg_type_t){ .msgt_number = ~0U }));
	EXPECT_EQ(word_of((mach_msg_type_t){ .msgt_name = 11,
					     .msgt_number = 7 }),
		  word_of(longform.msgtl_header));
	EXPECT_EQ(0x0000000320004011UL,
		  MACH_MSG_DESC(MACH_MSG_TYPE_PORT_SEND, 64, 3,
				MACH_MSG_DESC_INLINE));
	EXPECT_EQ(0x1f000000UL, MACH_MSG_DESC_UNUSED);
	EXPECT_EQ(0x40000000UL, MACH_MSG_DESC_LONGFORM);
	EXPECT_EQ(0x80000000UL, MACH_MSG_DESC_DEALLOCATE);
}

TEST(S1_4_port_names)
{
	EXPECT_EQ(8UL, sizeof(mach_port_name_inlined_t));
	EXPECT_EQ(64, MACH_MSG_PORT_INLINE_BITS);
	EXPECT_EQ(32, MACH_MSG_PORT_OOL_BITS);
	EXPECT_EQ(8, MACH_MSG_USER_ALIGNMENT);
}

TEST(S1_6_notifications)
{
	EXPECT_EQ(48UL, sizeof(mach_port_deleted_notification_t));
	EXPECT_EQ(48UL, sizeof(mach_port_destroyed_notification_t));
	EXPECT_EQ(48UL, sizeof(mach_no_senders_notification_t));
	EXPECT_EQ(32UL, sizeof(mach_send_once_notification_t));
	EXPECT_EQ(48UL, sizeof(mach_dead_name_notification_t));
	AT(mach_dead_name_notification_t, not_port, 40);
	AT(mach_no_senders_notification_t, not_count, 40);
	EXPECT_EQ(48UL, sizeof(mig_reply_header_t));
}

TEST(S1_7_header_bits)
{
	EXPECT_EQ(0xffU, MACH_MSGH_BITS_REMOTE_MASK);
	EXPECT_EQ(0xff00U, MACH_MSGH_BITS_LOCAL_MASK);
	EXPECT_EQ(0x80000000U, MACH_MSGH_BITS_COMPLEX);
	EXPECT_EQ(0x1213, MACH_MSGH_BITS(0x13, 0x12));
	EXPECT_EQ(0x13, MACH_MSGH_BITS_REMOTE(0x1213));
	EXPECT_EQ(0x12, MACH_MSGH_BITS_LOCAL(0x1213));
}

struct constant {
	const char *name;
	long value, wanted;
};

#define IS(name, wanted)	{ #name, name, wanted }

static const struct constant type_names[] = {
	IS(MACH_MSG_TYPE_UNSTRUCTURED, 0), IS(MACH_MSG_TYPE_BIT, 0),
	IS(MACH_MSG_TYPE_BOOLEAN, 0), IS(MACH_MSG_TYPE_INTEGER_16, 1),
	IS(MACH_MSG_TYPE_INTEGER_32, 2), IS(MACH_MSG_TYPE_CHAR, 8),
	IS(MACH_MSG_TYPE_BYTE, 9), IS(MACH_MSG_TYPE_INTEGER_8, 9),
	IS(MACH_MSG_TYPE_REAL, 10), IS(MACH_MSG_TYPE_INTEGER_64, 11),
	IS(MACH_MSG_TYPE_STRING, 12), IS(MACH_MSG_TYPE_STRING_C, 12),
	IS(MACH_MSG_TYPE_PORT_NAME, 15), IS(MACH_MSG_TYPE_MOVE_RECEIVE, 16),
	IS(MACH_MSG_TYPE_PORT_RECEIVE, 16), IS(MACH_MSG_TYPE_MOVE_SEND, 17),
	IS(MACH_MSG_TYPE_PORT_SEND, 17), IS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 18),
	IS(MACH_MSG_TYPE_PORT_SEND_ONCE, 18), IS(MACH_MSG_TYPE_COPY_SEND, 19),
	IS(MACH_MSG_TYPE_MAKE_SEND, 20), IS(MACH_MSG_TYPE_MAKE_SEND_ONCE, 21),
	IS(MACH_MSG_TYPE_PROTECTED_PAYLOAD, 23), IS(MACH_MSG_TYPE_LAST, 23),
};

static const struct constant options[] = {
	IS(MACH_MSG_OPTION_NONE, 0), IS(MACH_SEND_MSG, 1), IS(MACH_RCV_MSG, 2),
	IS(MACH_SEND_TIMEOUT, 0x10), IS(MACH_SEND_NOTIFY, 0x20),
	IS(MACH_SEND_INTERRUPT, 0x40), IS(MACH_SEND_CANCEL, 0x80),
	IS(MACH_RCV_TIMEOUT, 0x100), IS(MACH_RCV_NOTIFY, 0x200),
	IS(MACH_RCV_INTERRUPT, 0x400), IS(MACH_RCV_LARGE, 0x800),
	IS(MACH_MSG_TIMEOUT_NONE, 0),
};

static const struct constant results[] = {
	IS(MACH_MSG_MASK, 0x3c00), IS(MACH_MSG_IPC_SPACE, 0x2000),
	IS(MACH_MSG_VM_SPACE, 0x1000), IS(MACH_MSG_IPC_KERNEL, 0x800),
	IS(MACH_MSG_VM_KERNEL, 0x400), IS(MACH_MSG_SUCCESS, 0),
	IS(MACH_SEND_IN_PROGRESS, 0x10000001),
	IS(MACH_SEND_INVALID_DATA, 0x10000002),
	IS(MACH_SEND_INVALID_DEST, 0x10000003),
	IS(MACH_SEND_TIMED_OUT, 0x10000004),
	IS(MACH_SEND_WILL_NOTIFY, 0x10000005),
	IS(MACH_SEND_NOTIFY_IN_PROGRESS, 0x10000006),
	IS(MACH_SEND_INTERRUPTED, 0x10000007),
	IS(MACH_SEND_MSG_TOO_SMALL, 0x10000008),
	IS(MACH_SEND_INVALID_REPLY, 0x10000009),
	IS(MACH_SEND_INVALID_RIGHT, 0x1000000a),
	IS(MACH_SEND_INVALID_NOTIFY, 0x1000000b),
	IS(MACH_SEND_INVALID_MEMORY, 0x1000000c),
	IS(MACH_SEND_NO_BUFFER, 0x1000000d),
	IS(MACH_SEND_NO_NOTIFY, 0x1000000e),
	IS(MACH_SEND_INVALID_TYPE, 0x1000000f),
	IS(MACH_SEND_INVALID_HEADER, 0x10000010),
	IS(MACH_RCV_IN_PROGRESS, 0x10004001),
	IS(MACH_RCV_INVALID_NAME, 0x10004002),
	IS(MACH_RCV_TIMED_OUT, 0x10004003),
	IS(MACH_RCV_TOO_LARGE, 0x10004004),
	IS(MACH_RCV_INTERRUPTED, 0x10004005),
	IS(MACH_RCV_PORT_CHANGED, 0x10004006),
	IS(MACH_RCV_INVALID_NOTIFY, 0x10004007),
	IS(MACH_RCV_INVALID_DATA, 0x10004008),
	IS(MACH_RCV_PORT_DIED, 0x10004009),
	IS(MACH_RCV_IN_SET, 0x1000400a),
	IS(MACH_RCV_HEADER_ERROR, 0x1000400b),
	IS(MACH_RCV_BODY_ERROR, 0x1000400c),
	IS(KERN_SUCCESS, 0), IS(KERN_INVALID_ADDRESS, 1),
	IS(KERN_PROTECTION_FAILURE, 2), IS(KERN_NO_SPACE, 3),
	IS(KERN_INVALID_ARGUMENT, 4), IS(KERN_FAILURE, 5),
	IS(KERN_RESOURCE_SHORTAGE, 6), IS(KERN_NOT_RECEIVER, 7),
	IS(KERN_NO_ACCESS, 8), IS(KERN_MEMORY_FAILURE, 9),
	IS(KERN_MEMORY_ERROR, 10), IS(KERN_NOT_IN_SET, 12),
	IS(KERN_NAME_EXISTS, 13), IS(KERN_ABORTED, 14),
	IS(KERN_INVALID_NAME, 15), IS(KERN_INVALID_TASK, 16),
	IS(KERN_INVALID_RIGHT, 17), IS(KERN_INVALID_VALUE, 18),
	IS(KERN_UREFS_OVERFLOW, 19), IS(KERN_INVALID_CAPABILITY, 20),
	IS(KERN_RIGHT_EXISTS, 21), IS(KERN_INVALID_HOST, 22),
	IS(KERN_MEMORY_PRESENT, 23), IS(KERN_WRITE_PROTECTION_FAILURE, 24),
	IS(KERN_TERMINATED, 26), IS(KERN_TIMEDOUT, 27),
	IS(KERN_INTERRUPTED, 28),
	IS(MIG_TYPE_ERROR, -300), IS(MIG_REPLY_MISMATCH, -301),
	IS(MIG_REMOTE_ERROR, -302), IS(MIG_BAD_ID, -303),
	IS(MIG_BAD_ARGUMENTS, -304), IS(MIG_NO_REPLY, -305),
	IS(MIG_EXCEPTION, -306), IS(MIG_ARRAY_TOO_LARGE, -307),
	IS(MIG_SERVER_DIED, -308), IS(MIG_DESTROY_REQUEST, -309),
};

static const struct constant port_values[] = {
	IS(MACH_PORT_NULL, 0), IS(MACH_PORT_DEAD, 0xffffffffL),
	IS(MACH_PORT_RIGHT_SEND, 0), IS(MACH_PORT_RIGHT_RECEIVE, 1),
	IS(MACH_PORT_RIGHT_SEND_ONCE, 2), IS(MACH_PORT_RIGHT_PORT_SET, 3),
	IS(MACH_PORT_RIGHT_DEAD_NAME, 4), IS(MACH_PORT_RIGHT_NUMBER, 5),
	IS(MACH_PORT_TYPE_NONE, 0), IS(MACH_PORT_TYPE_SEND, 0x10000),
	IS(MACH_PORT_TYPE_RECEIVE, 0x20000),
	IS(MACH_PORT_TYPE_SEND_ONCE, 0x40000),
	IS(MACH_PORT_TYPE_PORT_SET, 0x80000),
	IS(MACH_PORT_TYPE_DEAD_NAME, 0x100000),
	IS(MACH_PORT_TYPE_DNREQUEST, 0x80000000L),
	IS(MACH_PORT_TYPE_MAREQUEST, 0x40000000),
	IS(MACH_PORT_QLIMIT_DEFAULT, 5), IS(MACH_PORT_QLIMIT_MAX, 16),
	IS(MACH_PORT_UREFS_MAX, 65535), IS(MACH_PORT_UREFS_SEND_MAX, 65534),
	IS(MACH_TASK_PORT_REGISTER_MAX, 4),
	IS(MACH_TASK_KERNEL_PORT, 1), IS(MACH_TASK_EXCEPTION_PORT, 3),
	IS(MACH_TASK_BOOTSTRAP_PORT, 4),
	IS(MACH_NOTIFY_PORT_DELETED, 65), IS(MACH_NOTIFY_MSG_ACCEPTED, 66),
	IS(MACH_NOTIFY_PORT_DESTROYED, 69), IS(MACH_NOTIFY_NO_SENDERS, 70),
	IS(MACH_NOTIFY_SEND_ONCE, 71), IS(MACH_NOTIFY_DEAD_NAME, 72),
};

#define EXPECT_CONSTANTS(table)						\
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {		\
		EXPECT_EQ((table)[i].wanted, (table)[i].value)		\
			TH_LOG("%s", (table)[i].name);			\
	}

TEST(S1_8_type_names)
{
	EXPECT_CONSTANTS(type_names)
}

TEST(S1_9_options)
{
	EXPECT_CONSTANTS(options)
}

TEST(S1_10_results)
{
	EXPECT_CONSTANTS(results)
}

TEST(S1_12_ports)
{
	EXPECT_CONSTANTS(port_values)
}

TEST_HARNESS_MAIN
