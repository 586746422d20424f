// SPDX-License-Identifier: GPL-2.0
/*
 * libmach's mach_port_* calls have GNU Mach's arguments and results: each
 * succeeds once and fails once here (spec 2; what the calls mean is tested
 * elsewhere, by ioctl).
 */
#include <mach/mach.h>

#include "lib/fixture.h"

#define CHOSEN	0x12345U

static mach_port_t receive_right(void)
{
	mach_port_t port;

	mt_must(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE,
				   &port));
	return port;
}

static mach_port_t port_set(void)
{
	mach_port_t set;

	mt_must(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_PORT_SET,
				   &set));
	return set;
}

static mach_port_t new_port(void)
{
	mach_port_t port = receive_right();

	mt_must(mach_port_insert_right(mach_task_self(), port, port,
				       MACH_MSG_TYPE_MAKE_SEND));
	return port;
}

static mach_port_t dead_name(void)
{
	mach_port_t name;

	mt_must(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_DEAD_NAME,
				   &name));
	return name;
}

static mach_port_type_t type_of(mach_port_t name)
{
	mach_port_type_t type = MACH_PORT_TYPE_NONE;

	mach_port_type(mach_task_self(), name, &type);
	return type;
}

static void send(mach_port_t port, mach_msg_id_t id)
{
	mach_msg_header_t header = {
		.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
		.msgh_remote_port = port,
		.msgh_id = id,
	};

	mt_must(mach_msg(&header, MACH_SEND_MSG, sizeof(header), 0,
			 MACH_PORT_NULL, MACH_MSG_TIMEOUT_NONE,
			 MACH_PORT_NULL));
}

static mach_msg_header_t receive(mach_port_t port)
{
	mach_msg_header_t header;

	mt_must(mach_msg(&header, MACH_RCV_MSG, 0, sizeof(header), port,
			 MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL));
	return header;
}

static mach_port_status_t status_of(mach_port_t port)
{
	mach_port_status_t status;

	mt_must(mach_port_get_receive_status(mach_task_self(), port,
					     &status));
	return status;
}

static void arm(mach_port_t name, mach_msg_id_t id, mach_port_t notify)
{
	mach_port_t previous;

	mt_must(mach_port_request_notification(mach_task_self(), name, id, 0,
					       notify,
					       MACH_MSG_TYPE_MAKE_SEND_ONCE,
					       &previous));
	mt_check(previous == MACH_PORT_NULL);
}

TEST_F(mach, allocate_name)
{
	mach_port_t task = mach_task_self();

	EXPECT_EQ(KERN_SUCCESS,
		  mach_port_allocate_name(task, MACH_PORT_RIGHT_RECEIVE,
					  CHOSEN));
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, type_of(CHOSEN));
	EXPECT_EQ(KERN_NAME_EXISTS,
		  mach_port_allocate_name(task, MACH_PORT_RIGHT_PORT_SET,
					  CHOSEN));
	EXPECT_EQ(KERN_INVALID_VALUE,
		  mach_port_allocate_name(task, MACH_PORT_RIGHT_RECEIVE,
					  MACH_PORT_NULL));
}

TEST_F(mach, rename)
{
	mach_port_t port = new_port();

	EXPECT_EQ(KERN_SUCCESS,
		  mach_port_rename(mach_task_self(), port, CHOSEN));
	EXPECT_EQ(MACH_PORT_TYPE_NONE, type_of(port));
	EXPECT_EQ(MACH_PORT_TYPE_SEND_RECEIVE, type_of(CHOSEN));
	EXPECT_EQ(KERN_NAME_EXISTS,
		  mach_port_rename(mach_task_self(), MT_UNUSED, CHOSEN));
	EXPECT_EQ(KERN_INVALID_NAME,
		  mach_port_rename(mach_task_self(), port, MT_UNUSED));
}

TEST_F(mach, extract_right)
{
	mach_port_t task = mach_task_self(), port = receive_right(), poly;
	mach_msg_type_name_t type;

	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mach_port_extract_right(task, port, MACH_MSG_TYPE_COPY_SEND,
					  &poly, &type));
	EXPECT_EQ(KERN_SUCCESS,
		  mach_port_extract_right(task, port, MACH_MSG_TYPE_MAKE_SEND,
					  &poly, &type));
	EXPECT_EQ(port, poly);
	EXPECT_EQ((mach_msg_type_name_t)MACH_MSG_TYPE_PORT_SEND, type);
	EXPECT_EQ(KERN_SUCCESS,
		  mach_port_extract_right(task, port,
					  MACH_MSG_TYPE_MAKE_SEND_ONCE, &poly,
					  &type));
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE, type_of(poly));
	EXPECT_EQ((mach_msg_type_name_t)MACH_MSG_TYPE_PORT_SEND_ONCE, type);
	EXPECT_EQ(KERN_SUCCESS,
		  mach_port_extract_right(task, dead_name(),
					  MACH_MSG_TYPE_COPY_SEND, &poly,
					  &type));
	EXPECT_EQ(MACH_PORT_DEAD, poly);
	EXPECT_EQ((mach_msg_type_name_t)MACH_MSG_TYPE_PORT_SEND, type);
}

/* Every field has a value of its own. */
TEST_F(mach, get_receive_status)
{
	mach_port_t task = mach_task_self(), port = new_port(), once;
	mach_port_t set = port_set(), notify = receive_right();
	mach_msg_type_name_t type;
	mach_port_status_t status;

	mt_must(mach_port_set_qlimit(task, port, 7));
	mt_must(mach_port_set_mscount(task, port, 0x80000009));
	mt_must(mach_port_set_seqno(task, port, 0xfffffff0));
	send(port, 1);
	send(port, 2);
	for (int i = 0; i < 3; i++)
		mt_must(mach_port_extract_right(task, port,
						MACH_MSG_TYPE_MAKE_SEND_ONCE,
						&once, &type));
	arm(port, MACH_NOTIFY_PORT_DESTROYED, notify);
	mt_must(mach_port_move_member(task, port, set));
	EXPECT_EQ(KERN_SUCCESS,
		  mach_port_get_receive_status(task, port, &status));
	EXPECT_EQ(set, status.mps_pset);
	EXPECT_EQ(0xfffffff0U, status.mps_seqno);
	EXPECT_EQ(0x80000009U, status.mps_mscount);
	EXPECT_EQ(7U, status.mps_qlimit);
	EXPECT_EQ(2U, status.mps_msgcount);
	EXPECT_EQ(3U, status.mps_sorights);
	EXPECT_EQ(TRUE, status.mps_srights);
	EXPECT_EQ(TRUE, status.mps_pdrequest);
	EXPECT_EQ(FALSE, status.mps_nsrequest);
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mach_port_get_receive_status(task, set, &status));
}

TEST_F(mach, set_qlimit)
{
	mach_port_t port = new_port();

	EXPECT_EQ(KERN_SUCCESS, mach_port_set_qlimit(mach_task_self(), port,
						     MACH_PORT_QLIMIT_MAX));
	EXPECT_EQ(MACH_PORT_QLIMIT_MAX, status_of(port).mps_qlimit);
	/* The value is judged before the name. */
	EXPECT_EQ(KERN_INVALID_VALUE,
		  mach_port_set_qlimit(mach_task_self(), MT_UNUSED, ~0U));
	EXPECT_EQ(KERN_INVALID_NAME,
		  mach_port_set_qlimit(mach_task_self(), MT_UNUSED, 1));
}

TEST_F(mach, set_mscount)
{
	mach_port_t port = new_port();

	EXPECT_EQ(1U, status_of(port).mps_mscount);
	EXPECT_EQ(KERN_SUCCESS,
		  mach_port_set_mscount(mach_task_self(), port, ~0U));
	EXPECT_EQ(~0U, status_of(port).mps_mscount);
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mach_port_set_mscount(mach_task_self(), dead_name(), 1));
}

TEST_F(mach, set_seqno)
{
	mach_port_t port = new_port();

	send(port, 1);
	EXPECT_EQ(KERN_SUCCESS,
		  mach_port_set_seqno(mach_task_self(), port, 1000));
	EXPECT_EQ(1000U, receive(port).msgh_seqno);
	EXPECT_EQ(1001U, status_of(port).mps_seqno);
	EXPECT_EQ(KERN_INVALID_NAME,
		  mach_port_set_seqno(mach_task_self(), MT_UNUSED, 1));
}

TEST_F(mach, protected_payload)
{
	const rpc_uintptr_t payload = 0x123456789abcdef0UL;
	mach_port_t task = mach_task_self(), port = new_port();
	mach_msg_header_t header;

	EXPECT_EQ(KERN_SUCCESS,
		  mach_port_set_protected_payload(task, port, payload));
	send(port, 1);
	header = receive(port);
	EXPECT_EQ((mach_msg_bits_t)MACH_MSG_TYPE_PROTECTED_PAYLOAD,
		  MACH_MSGH_BITS_LOCAL(header.msgh_bits));
	EXPECT_EQ(payload, header.msgh_protected_payload);
	EXPECT_EQ(KERN_SUCCESS, mach_port_clear_protected_payload(task, port));
	send(port, 2);
	header = receive(port);
	EXPECT_EQ((mach_msg_bits_t)MACH_MSG_TYPE_PORT_SEND,
		  MACH_MSGH_BITS_LOCAL(header.msgh_bits));
	EXPECT_EQ(port, header.msgh_protected_payload);
	EXPECT_EQ(KERN_INVALID_NAME,
		  mach_port_set_protected_payload(task, MT_UNUSED, payload));
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mach_port_clear_protected_payload(task, dead_name()));
}

TEST_F(mach, move_member)
{
	mach_port_t task = mach_task_self(), port = new_port();
	mach_port_t set = port_set();

	EXPECT_EQ(KERN_SUCCESS, mach_port_move_member(task, port, set));
	send(port, 5);
	EXPECT_EQ(5, receive(set).msgh_id);
	EXPECT_EQ(KERN_SUCCESS,
		  mach_port_move_member(task, port, MACH_PORT_NULL));
	EXPECT_EQ(KERN_NOT_IN_SET,
		  mach_port_move_member(task, port, MACH_PORT_NULL));
	EXPECT_EQ(KERN_INVALID_RIGHT, mach_port_move_member(task, port, port));
}

TEST_F(mach, get_srights)
{
	mach_port_t task = mach_task_self(), port = receive_right();
	mach_port_rights_t rights = 99;

	EXPECT_EQ(KERN_SUCCESS, mach_port_get_srights(task, port, &rights));
	EXPECT_EQ(0U, rights);
	mt_must(mach_port_insert_right(task, port, port,
				       MACH_MSG_TYPE_MAKE_SEND));
	EXPECT_EQ(KERN_SUCCESS, mach_port_get_srights(task, port, &rights));
	EXPECT_EQ(1U, rights);
	rights = 99;
	EXPECT_EQ(KERN_INVALID_RIGHT,
		  mach_port_get_srights(task, dead_name(), &rights));
	EXPECT_EQ(99U, rights);
}

TEST_F(mach, dnrequest_info)
{
	mach_port_t task = mach_task_self(), port = new_port();
	mach_port_t notify = receive_right();
	unsigned int total = 99, used = 99;

	arm(port, MACH_NOTIFY_DEAD_NAME, notify);
	EXPECT_EQ(KERN_SUCCESS,
		  mach_port_dnrequest_info(task, port, &total, &used));
	EXPECT_EQ(1U, used);
	EXPECT_EQ(1U, total);
	EXPECT_EQ(KERN_INVALID_NAME,
		  mach_port_dnrequest_info(task, MT_UNUSED, &total, &used));
}

/* Spec 1.11: what every call answers when task is no task. */
static void expect_everywhere(struct __test_metadata *_metadata,
			      mach_port_t task, kern_return_t kr)
{
	mach_msg_type_number_t count;
	mach_port_status_t status;
	mach_msg_type_name_t type;
	unsigned int number;
	mach_port_t *names;
	mach_port_t name;

	EXPECT_EQ(kr, mach_port_names(task, &names, &count, &names, &count));
	EXPECT_EQ(kr, mach_port_type(task, 1, &number));
	EXPECT_EQ(kr, mach_port_rename(task, 1, 2));
	EXPECT_EQ(kr, mach_port_allocate_name(task, 1, 2));
	EXPECT_EQ(kr, mach_port_allocate(task, 1, &name));
	EXPECT_EQ(kr, mach_port_destroy(task, 1));
	EXPECT_EQ(kr, mach_port_deallocate(task, 1));
	EXPECT_EQ(kr, mach_port_get_refs(task, 1, 1, &number));
	EXPECT_EQ(kr, mach_port_mod_refs(task, 1, 1, 0));
	EXPECT_EQ(kr, mach_port_set_qlimit(task, 1, 1));
	EXPECT_EQ(kr, mach_port_set_mscount(task, 1, 1));
	EXPECT_EQ(kr, mach_port_get_set_status(task, 1, &names, &count));
	EXPECT_EQ(kr, mach_port_move_member(task, 1, 0));
	EXPECT_EQ(kr, mach_port_extract_right(task, 1, MACH_MSG_TYPE_MAKE_SEND,
					      &name, &type));
	EXPECT_EQ(kr, mach_port_get_receive_status(task, 1, &status));
	EXPECT_EQ(kr, mach_port_set_seqno(task, 1, 1));
	EXPECT_EQ(kr, mach_port_set_protected_payload(task, 1, 1));
	EXPECT_EQ(kr, mach_port_clear_protected_payload(task, 1));
	EXPECT_EQ(kr, mach_port_get_srights(task, 1, &number));
	EXPECT_EQ(kr, mach_port_dnrequest_info(task, 1, &number, &number));
	EXPECT_EQ(kr, mach_port_insert_right(task, 3, mach_task_self(),
					     MACH_MSG_TYPE_COPY_SEND));
	EXPECT_EQ(kr, mach_port_request_notification(task, 1,
						     MACH_NOTIFY_DEAD_NAME, 0,
						     MACH_PORT_NULL,
						     MACH_MSG_TYPE_PORT_SEND_ONCE,
						     &name));
}

TEST_F(mach, S1_11_null_task)
{
	expect_everywhere(_metadata, MACH_PORT_NULL, MACH_SEND_INVALID_DEST);
}

TEST_F(mach, S1_11_dead_task)
{
	expect_everywhere(_metadata, MACH_PORT_DEAD, MACH_SEND_INVALID_DEST);
}

TEST_F(mach, S1_11_send_right_of_another_kernel_object)
{
	expect_everywhere(_metadata, mach_host_self(), KERN_INVALID_TASK);
}

TEST_HARNESS_MAIN
