// SPDX-License-Identifier: GPL-2.0
/*
 * MACH_IOC_SNAPSHOT: what is listed is what the other calls say, each thing
 * once; nothing is told to who may not know; any buffer will do; and it holds
 * while everything listed comes and goes (negative tests N11, N42).
 */
#include <grp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "lib/caller.h"
#include "lib/descriptors.h"
#include "lib/fixture.h"
#include "lib/listing.h"

#define ALICE	1234U

static __u64 own_id(const struct mt_listing *listing)
{
	const struct mach_snapshot_task *own =
		(const void *)mt_next_record(listing, NULL);

	mt_check(own && own->kind == MACH_SNAPSHOT_TASK);
	return own->id;
}

static const struct mach_snapshot_name *own_name(
	const struct mt_listing *listing, __u32 name)
{
	const struct mach_snapshot_name *found =
		mt_find_name(listing, own_id(listing), name);

	mt_check(found);
	return found;
}

/* The port of a name that has a record. */
static const struct mach_snapshot_port *own_port(
	const struct mt_listing *listing, __u32 name)
{
	const struct mach_snapshot_port *found =
		mt_find_port(listing, own_name(listing, name)->object);

	mt_check(found);
	return found;
}

/* ---- one task ---- */

TEST_F(mach, task)
{
	const struct mach_snapshot_task *own;
	struct mt_listing listing;
	__u32 count;

	mt_must(prctl(PR_SET_NAME, "lister"));
	mt_port(&self->task);
	mt_dead_name(&self->task);
	mt_list(&self->task, self->task.self, &listing);
	EXPECT_EQ(1U, mt_count_records(&listing, MACH_SNAPSHOT_TASK));
	own = (const void *)mt_next_record(&listing, NULL);
	ASSERT_EQ((__u32)MACH_SNAPSHOT_TASK, own->kind);
	EXPECT_EQ(getpid(), own->pid);
	EXPECT_EQ(0U, own->uid);
	EXPECT_EQ(0U, own->gid);
	EXPECT_EQ(0U, own->account);
	EXPECT_STREQ("lister", own->comm);
	EXPECT_EQ(own->port, own_name(&listing, self->task.self)->object);
	mt_must(mt_names(&self->task, NULL, NULL, 0, &count));
	EXPECT_EQ(count, own->names);
	EXPECT_EQ(count, mt_count_records(&listing, MACH_SNAPSHOT_NAME));
	EXPECT_LE(count, own->user_names);
	EXPECT_LE(2ULL, own->user_ports);
	mt_free_listing(&listing);
}

TEST_F(mach, names)
{
	__u32 names[16], types[16], count, set = mt_set(&self->task);
	__u32 port = mt_port(&self->task), notify;
	const struct mach_snapshot_name *found;
	struct mt_listing listing;

	notify = mt_receive_right(&self->task);
	mt_dead_name(&self->task);
	mt_make_send_once(&self->task, notify);
	mt_must(mt_mod_refs(&self->task, port, MACH_PORT_RIGHT_SEND, 41));
	mt_arm(&self->task, port, MACH_NOTIFY_DEAD_NAME, notify);
	mt_must(mt_allocate_name(&self->task, MACH_PORT_RIGHT_RECEIVE,
				 0x7ffffffeU));
	mt_must(mt_names(&self->task, names, types, 16, &count));
	mt_list(&self->task, self->task.self, &listing);
	EXPECT_EQ(count, mt_count_records(&listing, MACH_SNAPSHOT_NAME));
	for (__u32 i = 0; i < count; i++) {
		found = own_name(&listing, names[i]);
		EXPECT_EQ(types[i], found->type)
			TH_LOG("name %u", names[i]);
	}
	EXPECT_EQ(42U, own_name(&listing, port)->urefs);
	EXPECT_EQ(own_name(&listing, notify)->object,
		  own_name(&listing, port)->request);
	EXPECT_EQ(0ULL, own_name(&listing, notify)->request);
	EXPECT_NE(NULL, mt_find_set(&listing,
				    own_name(&listing, set)->object));
	mt_free_listing(&listing);
}

/* Looking does not make a dead name of it; the next call does. */
TEST_F(mach, dead_names)
{
	__u32 port = mt_port(&self->task), notify;
	const struct mach_snapshot_name *found;
	struct mt_listing listing;
	struct mt_task other;
	__u32 watched, plain;

	notify = mt_receive_right(&self->task);
	plain = mt_dead_name(&self->task);
	mt_open(&other);
	watched = mt_connect(&self->task, &other, mt_receive_right(&other));
	mt_arm(&self->task, watched, MACH_NOTIFY_DEAD_NAME, notify);
	mt_close(&other);
	for (int i = 0; i < 2; i++) {
		mt_list(&self->task, self->task.self, &listing);
		found = own_name(&listing, watched);
		EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, found->type);
		EXPECT_EQ(2U, found->urefs);
		EXPECT_EQ(0ULL, found->object);
		EXPECT_EQ(0ULL, found->request);
		found = own_name(&listing, plain);
		EXPECT_EQ(MACH_PORT_TYPE_DEAD_NAME, found->type);
		EXPECT_EQ(1U, found->urefs);
		mt_free_listing(&listing);
		EXPECT_EQ(2U, mt_refs(&self->task, watched,
				      MACH_PORT_RIGHT_DEAD_NAME));
	}
	(void)port;
}

static void expect_status(struct __test_metadata *_metadata,
			  const struct mt_task *task, __u32 name,
			  const struct mach_snapshot_port *port)
{
	struct mach_ioc_receive_status status = mt_status(task, name);
	__u64 count;

	EXPECT_EQ(name, port->name);
	EXPECT_EQ((__u32)MACH_SNAPSHOT_HELD, port->state);
	EXPECT_EQ((__u32)MACH_SNAPSHOT_PORT_PLAIN, port->object);
	EXPECT_EQ(status.seqno, port->seqno);
	EXPECT_EQ(status.mscount, port->mscount);
	EXPECT_EQ(status.qlimit, port->qlimit);
	EXPECT_EQ(status.msgcount, port->msgcount);
	EXPECT_EQ(status.sorights, port->sorights);
	EXPECT_EQ(status.srights, !!port->srights);
	EXPECT_EQ(status.pdrequest, !!port->port_destroyed);
	EXPECT_EQ(status.nsrequest, !!port->no_senders);
	EXPECT_EQ(status.pset != MACH_PORT_NULL, !!port->set);
	mt_must(mt_srights(task, name, &count));
	EXPECT_EQ(count, port->srights);
	mt_must(mt_dnrequests(task, name, &count));
	EXPECT_EQ(count, port->dead_name_requests);
}

TEST_F(mach, ports)
{
	__u32 plain = mt_receive_right(&self->task), port, notify, set;
	const struct mach_snapshot_port *found;
	const struct mach_snapshot_set *found_set;
	struct mt_listing listing;
	struct mt_message message;

	port = mt_port(&self->task);
	notify = mt_receive_right(&self->task);
	set = mt_set(&self->task);
	mt_must(mt_set_qlimit(&self->task, port, 3));
	mt_must(mt_set_mscount(&self->task, port, 77));
	mt_must(mt_set_seqno(&self->task, port, 88));
	mt_must(mt_set_payload(&self->task, port, 0xffff888012345678ULL));
	mt_arm(&self->task, port, MACH_NOTIFY_NO_SENDERS, notify);
	mt_arm(&self->task, port, MACH_NOTIFY_PORT_DESTROYED, notify);
	mt_arm(&self->task, port, MACH_NOTIFY_DEAD_NAME, notify);
	mt_make_send_once(&self->task, port);
	mt_must(mt_send_id(&self->task, port, MACH_MSG_TYPE_COPY_SEND, 1));
	mt_must(mt_send_id(&self->task, port, MACH_MSG_TYPE_MAKE_SEND, 2));
	mt_must(mt_receive(&self->task, port, &message, 0));
	mt_must(mt_move_member(&self->task, port, set));

	mt_list(&self->task, self->task.self, &listing);
	found = own_port(&listing, port);
	expect_status(_metadata, &self->task, port, found);
	EXPECT_EQ(own_id(&listing), found->holder);
	EXPECT_EQ((__u32)MACH_SNAPSHOT_PAYLOAD, found->flags);
	EXPECT_EQ(0xffff888012345678ULL, found->payload);
	EXPECT_EQ(own_name(&listing, notify)->object, found->no_senders);
	EXPECT_EQ(own_name(&listing, notify)->object, found->port_destroyed);
	EXPECT_EQ(own_name(&listing, set)->object, found->set);
	expect_status(_metadata, &self->task, plain,
		      own_port(&listing, plain));
	EXPECT_EQ(0U, own_port(&listing, plain)->flags);
	found_set = mt_find_set(&listing, found->set);
	ASSERT_NE(NULL, found_set);
	EXPECT_EQ(own_id(&listing), found_set->task);
	EXPECT_EQ(set, found_set->name);
	EXPECT_EQ(1U, found_set->members);
	mt_free_listing(&listing);
}

/* ---- messages ---- */

TEST_F(mach, messages)
{
	__u32 port = mt_port(&self->task), reply = mt_receive_right(&self->task);
	__u32 moved = mt_receive_right(&self->task);
	const struct mach_snapshot_message *queued;
	const struct mach_snapshot_memory *memory;
	const struct mach_snapshot_right *right;
	struct mt_listing listing;
	struct mt_message message;
	__u64 moved_id, id;

	moved_id = mt_object(&self->task, moved);
	mt_must(mt_send_id(&self->task, port, MACH_MSG_TYPE_COPY_SEND, 100));
	mt_begin(&message, port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	message.head.id = 101;
	mt_reply_to(&message, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_right(&message, moved, MACH_MSG_TYPE_MOVE_RECEIVE);
	mt_put_memory(&message, mt_map_filled(5, 1), 5 * MT_PAGE - 7, 0);
	mt_put_right(&message, MACH_PORT_NULL, MACH_MSG_TYPE_MOVE_SEND);
	mt_put_right(&message, reply, MACH_MSG_TYPE_MAKE_SEND);
	mt_must(mt_send(&self->task, &message));

	mt_list(&self->task, self->task.self, &listing);
	id = own_name(&listing, port)->object;
	EXPECT_EQ(2U, mt_count_records(&listing, MACH_SNAPSHOT_MESSAGE));
	queued = mt_find_message(&listing, id, 0);
	ASSERT_NE(NULL, queued);
	EXPECT_EQ(100U, queued->id);
	EXPECT_EQ(32U, queued->bytes);
	EXPECT_EQ(own_id(&listing), queued->sender);
	EXPECT_EQ((__u32)MACH_MSG_TYPE_PORT_SEND, queued->dest);
	EXPECT_EQ(0U, queued->flags);
	queued = mt_find_message(&listing, id, 1);
	ASSERT_NE(NULL, queued);
	EXPECT_EQ(101U, queued->id);
	EXPECT_EQ(message.size, queued->bytes);
	EXPECT_EQ((__u32)MACH_MSG_TYPE_PORT_SEND_ONCE, queued->dest);

	EXPECT_EQ(3U, mt_count_records(&listing, MACH_SNAPSHOT_RIGHT));
	right = mt_find_right(&listing, MACH_SNAPSHOT_IN_MESSAGE, id, 1, 0);
	ASSERT_NE(NULL, right);
	EXPECT_EQ(own_name(&listing, reply)->object, right->port);
	EXPECT_EQ((__u32)MACH_MSG_TYPE_PORT_SEND_ONCE, right->type);
	right = mt_find_right(&listing, MACH_SNAPSHOT_IN_MESSAGE, id, 1, 1);
	ASSERT_NE(NULL, right);
	EXPECT_EQ(moved_id, right->port);
	EXPECT_EQ((__u32)MACH_MSG_TYPE_PORT_RECEIVE, right->type);
	right = mt_find_right(&listing, MACH_SNAPSHOT_IN_MESSAGE, id, 1, 4);
	ASSERT_NE(NULL, right);
	EXPECT_EQ(own_name(&listing, reply)->object, right->port);
	EXPECT_EQ((__u32)MACH_MSG_TYPE_PORT_SEND, right->type);
	EXPECT_EQ(1U, mt_count_records(&listing, MACH_SNAPSHOT_MEMORY));
	memory = mt_find_memory(&listing, id, 1);
	ASSERT_NE(NULL, memory);
	EXPECT_EQ(2U, memory->slot);
	EXPECT_EQ(5 * MT_PAGE - 7, memory->bytes);
	EXPECT_EQ(5ULL, memory->pages);
	mt_free_listing(&listing);
}

TEST_F(mach, blocked_sender)
{
	__u32 port = mt_port(&self->task);
	const struct mach_snapshot_message *queued;
	struct mt_caller sender = { .done = false };
	struct mt_listing listing;
	__u64 id;

	mt_must(mt_set_qlimit(&self->task, port, 0));
	mt_start_sender(&sender, &self->task, port, 55);
	mt_list(&self->task, self->task.self, &listing);
	id = own_name(&listing, port)->object;
	EXPECT_EQ(0U, own_port(&listing, port)->msgcount);
	EXPECT_EQ(1U, own_port(&listing, port)->blocked);
	queued = mt_find_message(&listing, id, 0);
	ASSERT_NE(NULL, queued);
	EXPECT_EQ(55U, queued->id);
	EXPECT_EQ((__u32)MACH_SNAPSHOT_BLOCKED, queued->flags);
	mt_free_listing(&listing);
	mt_must(mt_set_qlimit(&self->task, port, 1));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&sender));
}

/* A notification in the queue is nobody's. */
TEST_F(mach, message_of_the_module)
{
	__u32 port = mt_receive_right(&self->task);
	const struct mach_snapshot_message *queued;
	struct mt_listing listing;

	mt_must(mt_deallocate(&self->task,
			      mt_make_send_once(&self->task, port)));
	mt_list(&self->task, self->task.self, &listing);
	queued = mt_find_message(&listing, own_name(&listing, port)->object,
				 0);
	ASSERT_NE(NULL, queued);
	EXPECT_EQ((__u32)MACH_NOTIFY_SEND_ONCE, queued->id);
	EXPECT_EQ(0ULL, queued->sender);
	mt_free_listing(&listing);
}

#define MANY_RIGHTS	4000

/* More records than one go takes, all of one message: each just once. */
TEST_F(mach, many_rights_in_a_message)
{
	__u32 port = mt_port(&self->task), i = 0;
	static __u32 names[MANY_RIGHTS];
	static bool seen[MANY_RIGHTS];
	struct mt_listing listing;
	struct mt_message message;

	for (i = 0; i < MANY_RIGHTS; i++)
		names[i] = i % 3 ? port : MACH_PORT_NULL;
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_rights_array(&message, names, MANY_RIGHTS,
			    MACH_MSG_TYPE_COPY_SEND, 0);
	for (int messages = 0; messages < 3; messages++) {
		struct mt_message copy = message;

		mt_must(mt_send(&self->task, &copy));
	}
	mt_list(&self->task, self->task.self, &listing);
	EXPECT_EQ(3U, mt_count_records(&listing, MACH_SNAPSHOT_MESSAGE));
	mt_each_record(&listing, record) {
		const struct mach_snapshot_right *right = (const void *)record;

		if (record->kind != MACH_SNAPSHOT_RIGHT || right->index != 1)
			continue;
		ASSERT_TRUE(right->slot >= 1 && right->slot <= MANY_RIGHTS);
		EXPECT_FALSE(seen[right->slot - 1]);
		seen[right->slot - 1] = true;
	}
	for (i = 0; i < MANY_RIGHTS; i++)
		EXPECT_EQ(i % 3 != 0, seen[i]);
	mt_free_listing(&listing);
}

#define MANY_MESSAGES	1100
#define LISTED_MESSAGES	1024

TEST_F(mach, many_messages)
{
	__u32 port = mt_receive_right(&self->task);
	struct mt_listing listing;

	for (__u32 i = 0; i < MANY_MESSAGES; i++)
		mt_must(mt_send_id(&self->task, port,
				   MACH_MSG_TYPE_MAKE_SEND_ONCE, i));
	mt_list(&self->task, self->task.self, &listing);
	EXPECT_EQ((__u32)MANY_MESSAGES, own_port(&listing, port)->msgcount);
	EXPECT_EQ((__u32)MACH_SNAPSHOT_MORE, own_port(&listing, port)->flags);
	EXPECT_EQ((__u32)LISTED_MESSAGES,
		  mt_count_records(&listing, MACH_SNAPSHOT_MESSAGE));
	mt_free_listing(&listing);
}

#define MANY_NAMES	5000

/* Many goes: each name just once, and none is missing. */
TEST_F(mach, many_names)
{
	__u32 *names = calloc(MANY_NAMES, sizeof(*names)), last = 0;
	struct mt_listing listing;

	for (int i = 0; i < MANY_NAMES; i++)
		names[i] = mt_receive_right(&self->task);
	mt_list(&self->task, self->task.self, &listing);
	EXPECT_EQ((__u32)MANY_NAMES + 1,
		  mt_count_records(&listing, MACH_SNAPSHOT_NAME));
	EXPECT_EQ((__u32)MANY_NAMES + 1,
		  mt_count_records(&listing, MACH_SNAPSHOT_PORT));
	mt_each_record(&listing, record) {
		const struct mach_snapshot_name *name = (const void *)record;

		if (record->kind != MACH_SNAPSHOT_NAME)
			continue;
		EXPECT_LT(last, name->name);
		last = name->name;
	}
	mt_free_listing(&listing);
	free(names);
}

/* ---- rights without a name ---- */

TEST_F(mach, special_ports)
{
	__u32 port = mt_port(&self->task), other = mt_port(&self->task);
	__u32 offered = port, ports[MACH_TASK_PORT_REGISTER_MAX] = {
		0, other, 0, port
	};
	const struct mach_snapshot_right *right;
	struct mt_listing listing;
	__u64 id;

	mt_must(mt_set_special(&self->task, MACH_TASK_EXCEPTION_PORT, port));
	mt_must(mt_register(&self->task, ports, 4));
	mt_must(mt_name_call(&self->task, MACH_IOC_SET_BOOTSTRAP, &offered));
	mt_list_all(&self->task, &listing);
	id = mt_find_task(&listing, getpid())->id;
	right = mt_find_right(&listing, MACH_SNAPSHOT_IN_SPECIAL, id,
			      MACH_TASK_EXCEPTION_PORT, 0);
	ASSERT_NE(NULL, right);
	EXPECT_EQ(mt_object(&self->task, port), right->port);
	EXPECT_EQ((__u32)MACH_MSG_TYPE_PORT_SEND, right->type);
	right = mt_find_right(&listing, MACH_SNAPSHOT_IN_REGISTERED, id, 0, 1);
	ASSERT_NE(NULL, right);
	EXPECT_EQ(mt_object(&self->task, other), right->port);
	right = mt_find_right(&listing, MACH_SNAPSHOT_IN_REGISTERED, id, 0, 3);
	ASSERT_NE(NULL, right);
	EXPECT_EQ(mt_object(&self->task, port), right->port);
	right = mt_find_right(&listing, MACH_SNAPSHOT_IN_INSTANCE, 0, 0, 0);
	ASSERT_NE(NULL, right);
	EXPECT_EQ(mt_object(&self->task, port), right->port);
	mt_free_listing(&listing);
}

/* ---- what is not told ---- */

static void hold_right(struct mt_side *side, void *arg)
{
	(void)arg;
	mt_tell(side->to, mt_object(&side->task, side->port));
	mt_await(side->from);
}

TEST_F(mach, ports_of_others)
{
	const struct mach_snapshot_port *found;
	struct mt_listing listing;
	struct mt_peer peer;
	__u64 id;

	mt_spawn(&peer, &self->task, hold_right, NULL);
	id = mt_await(peer.from);
	mt_list(&self->task, self->task.self, &listing);
	EXPECT_EQ(id, own_name(&listing, peer.right)->object);
	EXPECT_EQ(NULL, mt_find_port(&listing, id));
	mt_free_listing(&listing);

	mt_list_all(&self->task, &listing);
	found = mt_find_port(&listing, id);
	ASSERT_NE(NULL, found);
	EXPECT_EQ(mt_find_task(&listing, peer.pid)->id, found->holder);
	EXPECT_EQ(1U, found->srights);
	mt_free_listing(&listing);
	mt_tell(peer.to, 0);
	EXPECT_EQ(0, mt_join(&peer));
}

TEST_F(mach, ports_of_the_module)
{
	__u32 host = mt_host_self(&self->task);
	__u32 thread = mt_thread_self(&self->task);
	const struct mach_snapshot_port *found;
	struct mt_listing listing;

	mt_list(&self->task, self->task.self, &listing);
	found = own_port(&listing, self->task.self);
	EXPECT_EQ((__u32)MACH_SNAPSHOT_PORT_TASK, found->object);
	EXPECT_EQ((__u32)MACH_SNAPSHOT_MODULE, found->state);
	EXPECT_EQ((__u32)MACH_SNAPSHOT_PARTIAL, found->flags);
	EXPECT_EQ(own_id(&listing), found->holder);
	EXPECT_EQ(0U, found->srights);
	found = own_port(&listing, host);
	EXPECT_EQ((__u32)MACH_SNAPSHOT_PORT_HOST, found->object);
	EXPECT_EQ(0ULL, found->holder);
	found = own_port(&listing, thread);
	EXPECT_EQ((__u32)MACH_SNAPSHOT_PORT_THREAD, found->object);
	mt_free_listing(&listing);
	mt_list_all(&self->task, &listing);
	found = own_port(&listing, self->task.self);
	EXPECT_EQ(0U, found->flags);
	EXPECT_EQ(1U, found->srights);
	mt_free_listing(&listing);
}

/*
 * Its no-senders note goes to no port; listing all read one (found by
 * fuzz_ioctl).
 */
TEST_F(mach, fileport)
{
	__u32 name = mt_new_fileport(&self->task, STDERR_FILENO);
	const struct mach_snapshot_port *port;
	struct mt_listing listing;

	mt_list_all(&self->task, &listing);
	port = mt_find_port(&listing, mt_object(&self->task, name));
	ASSERT_NE(NULL, port);
	EXPECT_EQ((__u32)MACH_SNAPSHOT_PORT_FILE, port->object);
	EXPECT_EQ((__u32)MACH_SNAPSHOT_MODULE, port->state);
	EXPECT_EQ(1U, port->srights);
	EXPECT_EQ(0ULL, port->no_senders);
	mt_free_listing(&listing);
}

/* The receive right travels: only who sees all is told. */
TEST_F(mach, port_in_transit)
{
	__u32 port = mt_port(&self->task), moved = mt_port(&self->task);
	const struct mach_snapshot_port *found;
	struct mt_listing listing;
	__u64 id = mt_object(&self->task, moved);

	mt_must(mt_carry(&self->task, port, moved));
	mt_list(&self->task, self->task.self, &listing);
	EXPECT_EQ(id, own_name(&listing, moved)->object);
	EXPECT_EQ(NULL, mt_find_port(&listing, id));
	mt_free_listing(&listing);
	mt_list_all(&self->task, &listing);
	found = mt_find_port(&listing, id);
	ASSERT_NE(NULL, found);
	EXPECT_EQ((__u32)MACH_SNAPSHOT_TRANSIT, found->state);
	EXPECT_EQ(0ULL, found->holder);
	EXPECT_EQ(1U, found->srights);
	mt_free_listing(&listing);
}

static void list_as_alice(struct mt_side *side, void *arg)
{
	struct mach_ioc_snapshot call = { .flags = MACH_SNAPSHOT_ALL };
	struct mt_listing listing;

	(void)arg;
	mt_must(setgroups(0, NULL));
	mt_must(setresgid(ALICE, ALICE, ALICE));
	mt_must(setresuid(ALICE, ALICE, ALICE));
	mt_check(mt_snapshot(&side->task, &call) == -EPERM);
	mt_list(&side->task, side->task.self, &listing);
	mt_check(mt_count_records(&listing, MACH_SNAPSHOT_TASK) == 1);
	mt_free_listing(&listing);
}

TEST_F(mach, N39_all_needs_privilege)
{
	struct mt_peer peer;

	mt_spawn(&peer, &self->task, list_as_alice, NULL);
	EXPECT_EQ(0, mt_join(&peer));
}

static void send_task_right(struct mt_side *side, void *arg)
{
	struct mt_message message;

	(void)arg;
	mt_begin(&message, side->up, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, side->task.self, MACH_MSG_TYPE_COPY_SEND);
	mt_must(mt_send(&side->task, &message));
	mt_await(side->from);
}

/* Who has a task's right may list it, as he may call it. */
TEST_F(mach, other_task)
{
	struct mach_ioc_snapshot call = { .task = MACH_PORT_NULL };
	struct mt_listing listing;
	struct mt_message message;
	struct mt_peer peer;

	mt_spawn(&peer, &self->task, send_task_right, NULL);
	mt_must(mt_receive(&self->task, peer.port, &message, MT_LONG));
	mt_list(&self->task, mt_right(&message, 0), &listing);
	EXPECT_NE(NULL, mt_find_task(&listing, peer.pid));
	EXPECT_EQ(1U, mt_count_records(&listing, MACH_SNAPSHOT_TASK));
	mt_free_listing(&listing);
	mt_tell(peer.to, 0);
	EXPECT_EQ(0, mt_join(&peer));
	mt_must(mt_snapshot(&self->task, &call));
	EXPECT_EQ(MACH_SEND_INVALID_DEST, call.ret);
	call.task = mt_port(&self->task);
	mt_must(mt_snapshot(&self->task, &call));
	EXPECT_EQ(KERN_INVALID_TASK, call.ret);
	EXPECT_EQ(0ULL, call.needed);
}

/* ---- buffers ---- */

TEST_F(mach, lengths)
{
	static __u8 buffer[65536];
	struct mach_ioc_snapshot call = {
		.task = self->task.self,
		.buffer = (uintptr_t)buffer,
	};
	__u64 needed, i;

	mt_port(&self->task);
	mt_must(mt_snapshot(&self->task, &call));
	EXPECT_EQ(KERN_NO_SPACE, call.ret);
	needed = call.needed;
	ASSERT_LT(needed, sizeof(buffer));
	for (call.length = 0; call.length < needed; call.length += 5) {
		memset(buffer, MT_POISON, sizeof(buffer));
		mt_must(mt_snapshot(&self->task, &call));
		EXPECT_EQ(KERN_NO_SPACE, call.ret);
		EXPECT_EQ(needed, call.needed);
		for (i = call.length; i < sizeof(buffer); i++)
			mt_check(buffer[i] == MT_POISON);
	}
	call.length = needed;
	memset(buffer, MT_POISON, sizeof(buffer));
	mt_must(mt_snapshot(&self->task, &call));
	EXPECT_EQ(KERN_SUCCESS, call.ret);
	for (i = needed; i < sizeof(buffer); i++)
		mt_check(buffer[i] == MT_POISON);
	/* Any length is good, as long as what is written can be. */
	call.length = ~0ULL;
	mt_must(mt_snapshot(&self->task, &call));
	EXPECT_EQ(KERN_SUCCESS, call.ret);
	EXPECT_EQ(needed, call.needed);
}

TEST_F(mach, bad_buffers)
{
	char *page = mt_map(2);
	struct mach_ioc_snapshot call = {
		.task = self->task.self,
		.length = 1 << 20,
	};
	const __u64 bad[] = {
		0, 8, (__u64)-8, 1ULL << 63, 0xffffffffff600000ULL,
		(uintptr_t)page + MT_PAGE, (uintptr_t)page + MT_PAGE - 8,
		(uintptr_t)mmap(NULL, MT_PAGE, PROT_READ,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
	};

	mt_unmap(page + MT_PAGE, MT_PAGE);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		call.buffer = bad[i];
		EXPECT_EQ(-EFAULT, mt_snapshot(&self->task, &call));
	}
}

/* ---- while everything comes and goes ---- */

#define HAMMERS		3
#define LISTINGS	60

struct hammer {
	bool stop;
	pthread_t threads[HAMMERS];
	const struct mt_task *task;
};

/* Ports with messages, sets, tasks, requests: made and destroyed. */
static void churn(const struct mt_task *task, unsigned int round)
{
	__u32 port = mt_port(task), set = mt_set(task), notify, moved;
	struct mt_message message;
	struct mt_task other;

	notify = mt_receive_right(task);
	moved = mt_port(task);
	mt_arm(task, port, MACH_NOTIFY_DEAD_NAME, notify);
	mt_arm(task, port, MACH_NOTIFY_NO_SENDERS, notify);
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, moved, MACH_MSG_TYPE_MOVE_RECEIVE);
	mt_put_right(&message, notify, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_memory(&message, &churn, 64, 0);
	mt_must(mt_send(task, &message));
	mt_must(mt_move_member(task, port, set));
	if (round % 4 == 0) {
		mt_open(&other);
		mt_must(mt_destroy(task, mt_transfer(&other, task,
						     mt_receive_right(&other),
						     MACH_MSG_TYPE_MOVE_RECEIVE)));
		mt_close(&other);
	}
	mt_must(mt_destroy(task, round % 2 ? port : set));
	mt_must(mt_destroy(task, round % 2 ? set : port));
	mt_must(mt_destroy(task, moved));
	mt_must(mt_destroy(task, notify));
}

static void *hammer(void *arg)
{
	struct hammer *hammer = arg;

	for (unsigned int round = 0;
	     !__atomic_load_n(&hammer->stop, __ATOMIC_RELAXED); round++)
		churn(hammer->task, round);
	return NULL;
}

/* Every listing is well-formed (mt_list_all), and what stays is in it. */
static void list_once(struct __test_metadata *_metadata,
		      const struct mt_task *task, __u32 steady)
{
	const struct mach_snapshot_task *own;
	struct mt_listing listing;
	unsigned int seen = 0;

	mt_list_all(task, &listing);
	own = mt_find_task(&listing, getpid());
	ASSERT_NE(NULL, own);
	mt_each_record(&listing, record) {
		const struct mach_snapshot_name *name = (const void *)record;

		seen += record->kind == MACH_SNAPSHOT_NAME &&
			name->task == own->id && name->name == steady;
	}
	EXPECT_EQ(1U, seen);
	mt_free_listing(&listing);
}

TEST_F(mach, N42_ports_die_meanwhile)
{
	__u32 steady = mt_port(&self->task);
	struct hammer state = { .task = &self->task };

	/* So many names that one go does not do. */
	for (int i = 0; i < 1000; i++)
		mt_port(&self->task);
	for (int i = 0; i < HAMMERS; i++)
		mt_check(!pthread_create(&state.threads[i], NULL, hammer,
					 &state));
	for (int i = 0; i < LISTINGS; i++)
		list_once(_metadata, &self->task, steady);
	__atomic_store_n(&state.stop, true, __ATOMIC_RELAXED);
	for (int i = 0; i < HAMMERS; i++)
		mt_check(!pthread_join(state.threads[i], NULL));
}

TEST_HARNESS_MAIN
